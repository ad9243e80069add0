import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

/// A town whose parties send batches, on a simulated disk: engine, log and the batches' thread turned by the test.
final class BatchTown {
    static let kindText = """
        # 测试表样
        version,1
        kind,relief,困难帮扶
        form,flow
        period,field,paid
        key,id_number|paid
        person,id_number
        sum,amount
        field,heading,aliases,format,required,values,unit,personal,carry
        name,姓名,,name(40),yes,,,yes,
        id_number,身份证号,,id-number,yes,,,yes,
        paid,发放日期,,date,yes,,,,
        amount,金额,,money,yes,0.01..1000000,元,yes,

        """
    static let files = TownRoster.files + [SeedFile(path: "batches/relief.csv", text: kindText)]

    let world: World
    let disk: SimulatedDisk
    private(set) var desk: Desk
    private(set) var batches: BatchDesk
    private(set) var handle: EngineHandle
    var thread: BatchThread
    let notices: HeardNotices

    /// - Parameter more: tables beside the town's own.
    init(seed: UInt64, more: [SeedFile] = []) throws {
        world = World(seed: seed)
        disk = try TownDisk.make(seed: seed, world: world, segmentSize: 1 << 20, files: Self.files + more)
        (batches, handle) = (BatchDesk(), EngineHandle())
        desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
        notices = HeardNotices()
        thread = try Self.made(disk, world, desk, batches, handle, notices)
    }

    private static func made(
        _ disk: SimulatedDisk, _ world: World, _ desk: Desk, _ batches: BatchDesk, _ handle: EngineHandle,
        _ notices: HeardNotices
    ) throws -> BatchThread {
        let storeID = desk.store.journal.storeID
        return BatchThread(
            try BatchMemory.open(
                disk.root, keys: try disk.root.subdirectory("keys"), storeID: storeID, entropy: world.entropy),
            batches, handle, TrailSource(storage: disk.root, log: desk.log, receipts: desk.receipts), storeID,
            world.clock, notices.hear)
    }

    /// The power is cut, and a new process begins.
    func crash() throws {
        desk.abandon()
        disk.crash()
        disk.clearFaults()
        (batches, handle) = (BatchDesk(), EngineHandle())
        desk = try TownDisk.open(disk, world, segmentSize: 1 << 20)
        thread = try Self.made(disk, world, desk, batches, handle, notices)
    }

    /// The engine has no room for the record DONE, as on a full disk.
    var refusesDone = false

    private func refuse(_ input: EngineInput) -> Bool {
        guard case .check(let note) = input, case .done(let slot, _) = note.work else { return false }
        batches.mailbox.post(.written(slot: slot, .journalBehind), urgent: true)
        return true
    }

    /// One round of everything.
    func turn() {
        thread.turn(longest: 0)
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        if refusesDone { inputs.removeAll { refuse($0) } }
        desk.engine.turn(inputs)
        while desk.log.step() {}
    }

    func settle(_ rounds: Int = 20) { for _ in 0..<rounds { turn() } }

    /// A call of the service, answered after some rounds.
    func call(_ method: BatchesService.Method, _ message: some Message, by officer: String, rounds: Int = 6)
        -> CaughtReply
    {
        let reply = CaughtReply()
        let handler = BatchHandler(engine: handle, desk: batches)
        let call = Desk.call(officer, service: BatchesService.name, method: method.rawValue)
        _ = handler.open(call, request: message.encoded(), reply: reply)
        settle(rounds)
        return reply
    }

    func put(
        _ data: [UInt8], manifest: Bool = false, of batch: [UInt8], by officer: String, rounds: Int = 6
    ) -> Status? {
        call(
            .putChunk, PutChunkQuery(batch: batch, data: data, isManifest: manifest), by: officer,
            rounds: rounds
        ).status
    }

    func submit(_ command: SubmitBatch, as batch: [UInt8], by officer: String, id: ID128? = nil)
        -> CaughtReply
    {
        let envelope = desk.envelope(.submitBatch(command), by: officer, on: batch, expecting: 0, id: id)
        let reply = CaughtReply()
        let reader = EnvelopeReader(
            city: TownRoster.city, signatures: TrustingChecker(), algorithm: .sha256, receipts: desk.receipts,
            desk: batches, entropy: world.entropy)
        do throws(Status) {
            let submission = try reader.line(
                SignedEnvelope(envelope: envelope), call: Desk.call(officer),
                actor: TownRoster.actor(officer),
                reply: reply)
            handle.post(.command(submission))
        } catch { reply.finish(error, payload: []) }
        settle(3)
        return reply
    }

    func view(_ number: String, by officer: String) -> BatchView? {
        let actor = TownRoster.actor(officer)
        guard let viewer = desk.engine.state.viewer(officer: officer, party: actor.party),
            let slot = desk.engine.state.findBatch(number, party: "", for: viewer)
        else { return nil }
        return desk.engine.state.batchView(slot)
    }
}

/// Rows of the town's kind, and what is sent of them.
struct SentRows {
    var rows: [[UInt8]] = []
    var sum: Int64 = 0
    var chunks: [[UInt8]] = []
    var counts: [Int] = []

    /// `count` persons from `first` on, each paid once; `perChunk` rows in a chunk.
    init(_ count: Int, first: Int = 0, day: String = "2022-03-01", fen: Int64 = 10_000, perChunk: Int = 5) {
        for number in first..<(first + count) {
            rows.append(Self.row(number, day, fen + Int64(number)))
            sum += fen + Int64(number)
        }
        cut(perChunk)
    }

    static func row(_ number: Int, _ day: String, _ fen: Int64) -> [UInt8] {
        var row = [CanonicalRow.form]
        for text in ["测试\(number)", identity(number), day, "\(fen)"] {
            CanonicalRow.append(ArraySlice(Array(text.utf8)), to: &row)
        }
        return row
    }

    /// A valid ID number of nobody.
    static func identity(_ number: Int) -> String {
        let serial = String(1000 + number % 900).suffix(3)
        let day = String(1001 + number / 900 % 28).suffix(2)
        let head = Array("421321198501\(day)\(serial)".utf8)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(head, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return String(decoding: head + [Array("10X98765432".utf8)[sum % 11]], as: UTF8.self)
    }

    mutating func cut(_ perChunk: Int) {
        counts = stride(from: 0, to: rows.count, by: perChunk).map { min(perChunk, rows.count - $0) }
        chunks = stride(from: 0, to: rows.count, by: perChunk).map { first in
            rows[first..<min(first + perChunk, rows.count)].flatMap { row in
                withUnsafeBytes(of: UInt32(row.count).littleEndian) { Array($0) } + row
            }
        }
    }

    var manifest: [UInt8] {
        BatchManifest(
            chunks: zip(chunks, counts).map { chunk, count in
                BatchChunk(sha256: Digest(of: chunk).bytes, bytes: UInt32(chunk.count), rows: UInt32(count))
            }
        ).encoded()
    }

    func command(
        _ number: String, mode: BatchMode = .whole, kind: String = "relief", period: String = ""
    ) -> SubmitBatch {
        SubmitBatch(
            kind: kind, version: "1", mode: mode, number: number, period: period,
            manifest: Digest(of: manifest).bytes,
            rows: UInt64(rows.count), bytes: UInt64(rows.reduce(0) { $0 + $1.count }),
            sums: [ControlSum(field: "amount", sum: sum)], fileName: "三月发放表.csv")
    }
}
