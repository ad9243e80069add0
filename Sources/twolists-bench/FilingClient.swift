import CLinux
import Crypto
import Exchange
import Foundation
import RPC
import Schema
import Wire

/// `filing-client --port N --certs DIR --connections N --inflight N --seconds N [--receipts 0] [--rate N]`: requests filed in a closed loop, or
/// with a rate in an open one: each begins when it is due, whether or not the server keeps up, and its time counts from when it was due. A call
/// counts when its judged answer (done) has come back: then it is on disc.
enum FilingClient {
    static func run(_ options: Options) throws {
        let context = try Certificates(options).context(.client)
        let configuration = ClientConfiguration(
            host: "127.0.0.1", port: UInt16(options.count("port", 0)), server: "twolists://421300/server")
        try LoopHandle.runHere { loop in FilingLoad(loop, configuration, context, options).start() }
    }
}

final class FilingLoad {
    private let loop: EventLoop
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let connectionCount: Int
    private let inflight: Int
    private let duration: Int64
    private var connections: [ClientConnection] = []
    private var ready = 0
    private var countFrom: Int64 = 0
    private var countTo: Int64 = 0
    private var live = 0
    private var latencies: [Int64] = []
    /// Since counting began.
    private var slowest: (at: Int64, took: Int64) = (0, 0)
    /// Filings a second of the open loop; 0: a closed one.
    private let rate: Double
    private var free: [FilingSlot] = []
    /// Of the open loop: due, and every slot was busy. They wait here, and their time counts.
    private var overdue: [Int64] = []
    private var launched = 0
    private var openedAt: Int64 = 0
    let desk: FilingDesk

    static let execute = MethodReference(
        service: ExchangeService.name, method: ExchangeService.Method.execute.rawValue)
    private static let warmUp: Int64 = 500 * .millisecond

    init(_ loop: EventLoop, _ configuration: ClientConfiguration, _ context: TLSContext, _ options: Options) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        connectionCount = options.count("connections", 8)
        inflight = options.count("inflight", 32)
        duration = Int64(options.number("seconds", 2) * 1e9)
        rate = options.number("rate", 0)
        desk = FilingDesk(receipts: options.count("receipts", 1) != 0)
    }

    func start() {
        for _ in 0..<connectionCount {
            let connection = ClientConnection(loop: loop, configuration, context: context) { state in
                switch state {
                case .ready: self.connectionReady()
                case .ended(let end): EchoClient.lost(end.description)
                default: break
                }
            }
            connections.append(connection)
            connection.start()
        }
    }

    private func connectionReady() {
        ready += 1
        guard ready == connectionCount else { return }
        countFrom = MonotonicTime.now() + FilingLoad.warmUp
        countTo = countFrom + duration
        // Of each connection one after the other, so that an open loop uses all of them.
        let slots = (0..<inflight).flatMap { _ in connections.map { FilingSlot(self, $0) } }
        guard rate > 0 else {
            live = slots.count
            for slot in slots { slot.ask(MonotonicTime.now()) }
            return
        }
        free = slots.reversed()
        openedAt = MonotonicTime.now()
        launch()
    }

    /// Begins what is due, and comes back when the next is.
    private func launch() {
        while true {
            let due = openedAt + Int64(Double(launched) * 1e9 / rate)
            let now = MonotonicTime.now()
            guard due < countTo else {
                if live == 0 { finish() }
                launched = .max
                return
            }
            guard due <= now else { return loop.after(due - now) { self.launch() } }
            launched += 1
            live += 1
            guard let slot = free.popLast() else {
                overdue.append(due)
                continue
            }
            slot.ask(due)
        }
    }

    /// The slot's next filing of the open loop: one that is overdue, or none.
    private func next(_ slot: FilingSlot) {
        live -= 1
        if !overdue.isEmpty {
            slot.ask(overdue.removeFirst())
        } else {
            // Taken again last: all connections have their turn.
            free.insert(slot, at: 0)
        }
        if launched == .max, live == 0 { finish() }
    }

    /// True: file another.
    func answered(_ slot: FilingSlot, began: Int64, now: Int64) -> Bool {
        if began >= countFrom, began < countTo {
            latencies.append(now - began)
            if now - began > slowest.took { slowest = (began - countFrom, now - began) }
        }
        guard rate == 0 else {
            next(slot)
            return false
        }
        if now < countTo { return true }
        live -= 1
        if live == 0 { finish() }
        return false
    }

    private func finish() {
        latencies.sort()
        guard let last = latencies.last else { EchoClient.lost("no filing was counted") }
        Output.line(
            JSONLine.text([
                ("filed", latencies.count),
                ("per_second", Double(latencies.count) / (Double(duration) / 1e9)),
                ("p50_us", Double(latencies[latencies.count / 2]) / 1e3),
                ("p99_us", Double(latencies[latencies.count * 99 / 100]) / 1e3),
                ("p999_us", Double(latencies[latencies.count * 999 / 1000]) / 1e3),
                ("max_us", Double(last) / 1e3), ("max_at_s", Double(slowest.at) / 1e9),
            ]))
        exit(0)
    }
}

final class FilingSlot: ClientCallHandler {
    private let load: FilingLoad
    private let connection: ClientConnection
    private var began: Int64 = 0

    init(_ load: FilingLoad, _ connection: ClientConnection) {
        self.load = load
        self.connection = connection
    }

    func ask(_ time: Int64) {
        began = time
        do {
            _ = try connection.open(FilingLoad.execute, payload: load.desk.envelope(), handler: self)
        } catch {
            EchoClient.lost("open: \(error)")
        }
    }

    func ended(_ status: Status, payload: [UInt8]) {
        guard status.isOK, let answer = try? CommandAnswer(decoding: payload), answer.sequence > 0,
            (answer.outcome ?? Outcome()).refusal == .unspecified
        else { EchoClient.lost("filing: \(status)") }
        let now = MonotonicTime.now()
        if load.answered(self, began: began, now: now) { ask(now) }
    }
}

/// Makes the requests that are filed. Confined to its thread.
final class FilingDesk {
    /// Random words, drawn a page at a time: the system's generator asks the kernel for each, at the server's cost.
    private var randomWords: [UInt64] = []

    /// A county's request to a unit, about 500 bytes, with ids of its own. The rest is encoded once: the client must not cost the
    /// server's processors more than a request has to.
    func envelope() -> [UInt8] {
        let now = clinux_wall_ns()
        var request = template
        put(uuid(now), at: places.id, in: &request)
        put(uuid(now), at: places.target, in: &request)
        return request
    }

    private static let placeholders: (id: [UInt8], target: [UInt8]) = (
        Array(repeating: 0xfd, count: 16), Array(repeating: 0xfe, count: 16)
    )
    private let template: [UInt8]
    private lazy var places = (
        id: FilingDesk.place(of: FilingDesk.placeholders.id, in: template),
        target: FilingDesk.place(of: FilingDesk.placeholders.target, in: template)
    )

    /// - Parameter receipts: whether answers bring theirs, as they do unless a client says otherwise.
    init(receipts: Bool) { template = FilingDesk.request(receipts: receipts) }

    private static func request(receipts: Bool) -> [UInt8] {
        let text = RequestText(
            title: "烈士纪念日仪仗", content: "请派仪仗参加烈士纪念日公祭，时间地点另行通知，请提前一周确认人数。", category: "honour-guard",
            contact: Contact(name: "示例联系人", phone: "0722-0000000"))
        // The server takes filings for the years around its own.
        let year = Int32(truncatingIfNeeded: CivilDay(nanoseconds: clinux_wall_ns()).year)
        let command = Command(
            body: .submitRequest(
                SubmitRequest(direction: .localToUnit, year: year, wave: .anytime, text: text)))
        let envelope = Envelope(
            id: placeholders.id, city: "421300", party: "county/421321", officer: "k7f2",
            issuedAt: clinux_wall_ns(), target: placeholders.target, command: command)
        return SignedEnvelope(envelope: envelope.encoded(), omitReceipt: !receipts).encoded()
    }

    private static func place(of id: [UInt8], in request: [UInt8]) -> Int {
        (0...(request.count - id.count)).first { request[$0..<($0 + id.count)].elementsEqual(id) } ?? 0
    }

    /// An id of its own: of a batch, or of a command.
    func newID() -> [UInt8] {
        let id = uuid(clinux_wall_ns())
        return [id.0, id.1].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }

    private func put(_ id: (UInt64, UInt64), at place: Int, in request: inout [UInt8]) {
        request.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: id.0.bigEndian, toByteOffset: place, as: UInt64.self)
            raw.storeBytes(of: id.1.bigEndian, toByteOffset: place + 8, as: UInt64.self)
        }
    }

    private func randomWord() -> UInt64 {
        if randomWords.isEmpty, let page = try? RandomBytes.make(4096) {
            page.withUnsafeBytes { randomWords = Array($0.bindMemory(to: UInt64.self)) }
        }
        return randomWords.popLast() ?? UInt64.random(in: .min ... .max)
    }

    /// UUIDv7.
    private func uuid(_ now: Int64) -> (UInt64, UInt64) {
        let milliseconds = UInt64(truncatingIfNeeded: now / 1_000_000)
        let high = milliseconds << 16 | 0x7000 | randomWord() & 0xfff
        let low = randomWord() >> 2 | 1 << 63
        return (high, low)
    }
}
