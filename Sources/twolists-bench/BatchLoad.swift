import CLinux
import Exchange
import Foundation
import Office
import RPC
import Schema
import Wire

/// `batch-sender --port N --certs DIR --folder DIR --seconds N`: reads a file, checks it, sends it and waits until it is done, again and again, as a
/// client does (BATCH.md 2). The first line says that a chunk is on its way; the last, when the time is over and the batch under way done, how many there were.
final class BatchLoad {
    /// Files in the folder, sent in turn: the same people, other contents, so that rows are replaced.
    static let editions = 2
    static func path(_ folder: String, _ edition: Int) -> String { "\(folder)/edition-\(edition).csv" }

    private let loop: EventLoop
    private let folder: String
    private let kinds: BatchKinds
    private let until: Int64
    private let desk = FilingDesk(receipts: false)
    private var connection: ClientConnection?
    private var batches = 0
    private var times: [Double] = []

    private var prepared: PreparedBatch?
    private var id: [UInt8] = []
    private var number = ""
    private var nextChunk = 0
    private var open = 0
    private var began: Int64 = 0
    private var hasTold = false

    static func run(_ options: Options) throws {
        clinux_all_work_in_pieces(150_000)
        let context = try Certificates(options).context(.client)
        let configuration = ClientConfiguration(
            host: "127.0.0.1", port: UInt16(options.count("port", 0)), server: "twolists://421300/server")
        let kinds: BatchKinds
        do throws(FileError) { kinds = try BatchKinds.seeds(options.text("seeds") ?? "seeds") } catch {
            throw BenchError(error.text(.en))
        }
        try LoopHandle.runHere { loop in
            let load = BatchLoad(loop, kinds, options)
            let connection = ClientConnection(loop: loop, configuration, context: context) { state in
                switch state {
                case .ready: load.begin()
                case .ended(let end): EchoClient.lost(end.description)
                default: break
                }
            }
            load.connection = connection
            connection.start()
        }
    }

    private init(_ loop: EventLoop, _ kinds: BatchKinds, _ options: Options) {
        self.loop = loop
        self.kinds = kinds
        folder = options.text("folder") ?? "."
        until = MonotonicTime.now() + Int64(options.number("seconds", 6) * 1e9)
    }

    private func begin() {
        began = MonotonicTime.now()
        guard began < until else { return finish() }
        guard let kind = kinds.kind("dossier") else { EchoClient.lost("no kind dossier") }
        do {
            let file = try BatchFile.open(Self.path(folder, batches % Self.editions))
            prepared = try PreparedBatch(try file.chunks(kind, lists: kinds.lists), hold: .max)
        } catch { EchoClient.lost("the file cannot be read: \(error)") }
        id = desk.newID()
        number = "bench-\(getpid())-\(batches)"
        nextChunk = 0
        putMore()
    }

    private func putMore() {
        guard let prepared, let held = prepared.held else { EchoClient.lost("chunks are not held") }
        while open < BatchSendLimits.inFlight, nextChunk < held.count {
            put(held[nextChunk].bytes, isManifest: false)
            nextChunk += 1
        }
        if !hasTold {
            hasTold = true
            Output.line(JSONLine.text([("chunks", held.count)]))
        }
        guard open == 0 else { return }
        put(prepared.manifestBytes, isManifest: true)
    }

    private func put(_ data: [UInt8], isManifest: Bool) {
        open += 1
        call(.putChunk, PutChunkQuery(batch: id, data: data, isManifest: isManifest)) { [self] _ in
            open -= 1
            if isManifest { submit() } else { putMore() }
        }
    }

    private func submit() {
        guard let prepared else { return }
        let report = prepared.report
        let command = Command(
            body: .submitBatch(
                SubmitBatch(
                    kind: prepared.kind.code, version: prepared.kind.version, mode: .whole, number: number,
                    manifest: prepared.manifestDigest, rows: report.totals.rows, bytes: report.totals.bytes,
                    fileName: "edition.csv")))
        let envelope = Envelope(
            id: desk.newID(), city: "421300", party: "county/421321", officer: "k7f2",
            issuedAt: clinux_wall_ns(), target: id, command: command)
        let message = SignedEnvelope(envelope: envelope.encoded(), omitReceipt: true)
        send(FilingLoad.execute, message.encoded()) { [self] payload in
            guard let answer = try? CommandAnswer(decoding: payload),
                (answer.outcome ?? Outcome()).refusal == .unspecified
            else {
                EchoClient.lost(
                    "the batch was refused: \((try? CommandAnswer(decoding: payload))?.outcome ?? Outcome())")
            }
            look()
        }
    }

    private func look() {
        call(.getBatch, GetBatchQuery(key: number)) { [self] payload in
            guard let view = try? BatchView(decoding: payload) else { EchoClient.lost("no batch") }
            guard view.stage == .done else { return loop.after(20 * .millisecond) { self.look() } }
            guard view.verdict == .all else { EchoClient.lost("the batch was not taken whole") }
            batches += 1
            times.append(Double(MonotonicTime.now() - began) / 1e9)
            begin()
        }
    }

    private func finish() {
        times.sort()
        Output.line(
            JSONLine.text([
                ("sent", batches), ("median_s", times.isEmpty ? 0 : times[times.count / 2]),
                ("longest_s", times.last ?? 0),
            ]))
        exit(0)
    }

    private func call(
        _ method: BatchesService.Method, _ message: some Message, _ then: @escaping ([UInt8]) -> Void
    ) {
        send(
            MethodReference(service: BatchesService.name, method: method.rawValue), message.encoded(), then)
    }

    private func send(_ method: MethodReference, _ payload: [UInt8], _ then: @escaping ([UInt8]) -> Void) {
        do {
            _ = try connection?.open(
                method, payload: payload, handler: BatchAnswerHandler(method.method, then))
        } catch { EchoClient.lost("open: \(error)") }
    }
}

private final class BatchAnswerHandler: ClientCallHandler {
    private let what: String
    private let then: ([UInt8]) -> Void

    init(_ what: String, _ then: @escaping ([UInt8]) -> Void) {
        self.what = what
        self.then = then
    }

    func ended(_ status: Status, payload: [UInt8]) {
        guard status.isOK else { EchoClient.lost("\(what): \(status)") }
        then(payload)
    }
}
