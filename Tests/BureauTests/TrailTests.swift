import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// A desk with an auditor on the register and the trail's service, all turned by the test.
private struct Audited {
    let desk: Desk
    private let handle = EngineHandle()
    private let worker = TrailWorker()
    private let service: TrailHandler
    static let auditor = ActorIdentity(
        city: TownRoster.city, party: "bureau/421300", officer: "b5u5", serial: [5])

    init(seed: UInt64) throws {
        let world = World(seed: seed)
        let disk = try TownDisk.make(seed: seed, world: world)
        desk = try Desk(disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world)
        service = TrailHandler(
            engine: handle, worker: worker,
            source: TrailSource(
                storage: desk.store.journal.storage, log: desk.log, receipts: desk.receipts))
        let registration = RegisterOfficer(
            officer: "b5u5", party: "bureau/421300", roles: [.auditor], name: "测试戊", post: "审计员")
        let target = RosterTarget.officer("b5u5").bytes
        let answer = try desk.send(
            desk.envelope(.registerOfficer(registration), by: "b1q4", on: target, expecting: 0), by: "b1q4")
        try #require(answer.outcome?.refusal == .unspecified)
    }

    /// One call by an officer, through loop, engine and trail in turn.
    func call<Reply: Message>(
        _ method: TrailService.Method, _ query: some Message, by actor: ActorIdentity = auditor
    ) throws -> Reply {
        let reply = CaughtReply()
        let uri = "twolists://\(actor.city)/\(actor.party)/officer/\(actor.officer)"
        let peer = PeerIdentity(
            uri: [UInt8](uri.utf8), serial: actor.serial, certificate: [], notAfter: 0, address: "127.0.0.1:2"
        )
        let info = CallInfo(
            service: service.name, method: method.rawValue, peer: peer, metadata: [], deadline: nil,
            connection: 1, stream: 1)
        #expect(service.open(info, request: query.encoded(), reply: reply) == nil)
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        desk.turn(inputs.map { ($0, reply) })
        desk.log.step()
        var jobs: [TrailJob] = []
        worker.performWaiting(&jobs)
        #expect(reply.answerCount == 1)
        let status = try #require(reply.status)
        guard status.isOK else { throw status }
        return try Reply(decoding: try #require(reply.payload))
    }

    func list(_ query: TrailQuery = TrailQuery(pageSize: 200)) throws -> [TrailEntry] {
        var (query, found) = (query, [TrailEntry]())
        while true {
            let page: TrailPage = try call(.list, query)
            found += page.entries
            query.cursor = page.nextCursor
            if page.nextCursor.isEmpty { return found }
        }
    }
}

@Suite("DESIGN.md 7 the audit trail")
struct TrailTests {
    @Test("changes of the server stand in it among the commands, and alone where they are asked for")
    func administration() throws {
        let audited = try Audited(seed: 63)
        try audited.desk.give(.submitRequest, on: audited.desk.world.target())
        let actor = ActorIdentity(
            city: TownRoster.city, party: "bureau/421300", officer: "b1y3", serial: [9])
        for faults in [[], ["the list ended"]] {
            let note = AdminNote(action: "reload", actor: actor, address: "10.0.0.7:9", faults: faults)
            audited.desk.turn([(.administration(note), CaughtReply())])
        }
        // The small log of this test has no room for a third group: it goes with the one that waits.
        audited.desk.turn([(.administration(.reloadBySignal(nil)), CaughtReply())])
        for _ in 0..<2 {
            audited.desk.log.step()
            audited.desk.turn([])
        }
        let all = try audited.list()
        let admin = try audited.list(TrailQuery(pageSize: 200, command: "admin reload"))
        #expect(all.suffix(3) == admin[...] && all.count > 3)
        try #require(admin.map { $0.admin?.done } == [true, false, true])
        #expect(
            admin.map(\.officer) == ["b1y3", "b1y3", ""] && admin.map(\.path) == ["line", "line", "signal"])
        #expect(
            admin.map(\.address) == ["10.0.0.7:9", "10.0.0.7:9", ""] && admin[0].certificateSerial == [9])
        #expect(admin[1].admin?.faults == ["the list ended"])
        #expect(admin.allSatisfy { $0.command == "admin reload" && $0.target.isEmpty && $0.outcome == nil })
        #expect(try audited.list(TrailQuery(pageSize: 200, officer: "b1y3")).count == 2)
        let refused = try audited.list(TrailQuery(pageSize: 200, officer: "b1y3", refusedOnly: true))
        #expect(refused == [admin[1]])
        #expect(
            try audited.list(TrailQuery(pageSize: 200, command: "submit_request")).allSatisfy {
                $0.admin == nil
            })
        #expect(throws: Status.self) { try audited.list(TrailQuery(command: "admin stop")) }
    }

    @Test("every judged command stands in it, done or refused, with who, from where and what came of it")
    func everyCommand() throws {
        let audited = try Audited(seed: 61)
        let target = audited.desk.world.target()
        try audited.desk.give(.submitRequest, on: target)
        // A liaison officer may not accept: refused for lack of right.
        try audited.desk.give(.acceptRequest(AcceptRequest()), by: "u7l1", on: target)
        try audited.desk.give(.acceptRequest, on: target)
        let entries = try audited.list()
        let (submitted, refused, accepted) = (
            entries[entries.count - 3], entries[entries.count - 2], entries[entries.count - 1]
        )
        #expect(submitted.command == "submit_request" && submitted.officer == "u7l1")
        #expect(submitted.party == "unit/LU-07" && submitted.address == "127.0.0.1:1")
        #expect(submitted.path == "line" && submitted.target == target && submitted.version == 1)
        #expect(submitted.certificateSerial == TownRoster.actor("u7l1").serial)
        #expect(refused.outcome?.refusal == .notPermitted && refused.officer == "u7l1")
        #expect(accepted.outcome?.refusal == .unspecified && accepted.officer == "b1a1")
        #expect(accepted.number == "随双2026-军提-0001")
        #expect(entries.map(\.sequence) == entries.map(\.sequence).sorted())
        let recorded = try Self.recorded(audited)
        #expect(entries.map(\.commandId) == recorded.map(\.id.bytes))
    }

    private static func recorded(_ audited: Audited) throws -> [Recorded.Entry] {
        var visitor = Recorded()
        try Journal.read(audited.desk.store.journal.storage, keys: nil, visitor: &visitor)
        return visitor.commands
    }

    @Test("for an auditor alone: every other officer of the town is refused, whatever the roles")
    func auditorAlone() throws {
        let audited = try Audited(seed: 62)
        for (officer, _) in TownRoster.officers {
            let status = #expect(throws: Status.self) {
                let _: TrailPage = try audited.call(.list, TrailQuery(), by: TownRoster.actor(officer))
            }
            #expect(status?.code == .permissionDenied, "\(officer)")
        }
        for method in [TrailService.Method.head, .records] {
            let status = #expect(throws: Status.self) {
                let _: TrailHead = try audited.call(method, TrailHeadQuery(), by: TownRoster.actor("b1s2"))
            }
            #expect(status?.code == .permissionDenied)
        }
    }

    @Test("filters: party, officer, target by id and number, command, refused, time")
    func filters() throws {
        let audited = try Audited(seed: 63)
        let (first, second) = (audited.desk.world.target(), audited.desk.world.target())
        try audited.desk.give(.submitRequest, on: first)
        try audited.desk.give(.submitRequest, on: second)
        audited.desk.world.advance(3_600_000_000_000)
        try audited.desk.give(.acceptRequest(AcceptRequest()), by: "u7l1", on: first)
        try audited.desk.give(.acceptRequest, on: first)
        let late = audited.desk.world.now
        func count(_ query: TrailQuery) throws -> Int { try audited.list(query).count }
        #expect(try count(TrailQuery(party: "unit/LU-07")) == 3)
        #expect(try count(TrailQuery(officer: "b1a1")) == 1)
        #expect(try count(TrailQuery(target: EntityID(first)?.hex ?? "")) == 3)
        #expect(try count(TrailQuery(target: "随双2026-军提-0001")) == 3)
        #expect(try count(TrailQuery(command: "submit_request")) == 2)
        #expect(try count(TrailQuery(refusedOnly: true)) == 1)
        #expect(try count(TrailQuery(since: late)) == 2)
        #expect(try count(TrailQuery(until: late, command: "accept_request")) == 0)
        #expect(try count(TrailQuery(party: "unit/LU-07", refusedOnly: true)) == 1)
        #expect(try count(TrailQuery(officer: "b1a1", refusedOnly: true)) == 0)
    }

    @Test("pages of every size give the same entries once")
    func pages() throws {
        let audited = try Audited(seed: 64)
        for _ in 0..<20 { try audited.desk.give(.submitRequest, on: audited.desk.world.target()) }
        let all = try audited.list()
        for size in [Int32(1), 2, 7, 199, 200] {
            #expect(try audited.list(TrailQuery(pageSize: size)).map(\.sequence) == all.map(\.sequence))
        }
    }

    @Test("page size, cursor, command and target that are none are told by field")
    func wrongQueries() throws {
        let audited = try Audited(seed: 65)
        let wrong: [(TrailQuery, StatusCode)] = [
            (TrailQuery(pageSize: 201), .invalidArgument), (TrailQuery(pageSize: -1), .invalidArgument),
            (TrailQuery(cursor: [1, 2]), .invalidArgument),
            (TrailQuery(cursor: [2] + [UInt8](repeating: 0, count: 8)), .invalidArgument),
            (TrailQuery(command: "no_such"), .invalidArgument),
            (TrailQuery(target: "随双2099-军提-1"), .notFound),
        ]
        for (query, code) in wrong {
            let status = #expect(throws: Status.self) { let _: TrailPage = try audited.call(.list, query) }
            #expect(status?.code == code, "\(query)")
        }
        // A cursor beyond the end is a page without entries.
        let end: TrailPage = try audited.call(
            .list, TrailQuery(cursor: [1] + [UInt8](repeating: 0xFF, count: 8)))
        #expect(end.entries.isEmpty && end.nextCursor.isEmpty)
    }

    @Test("an export of any range proves itself against its checkpoint; a changed record does not")
    func export() throws {
        let audited = try Audited(seed: 66)
        for _ in 0..<12 { try audited.desk.give(.submitRequest, on: audited.desk.world.target()) }
        let size = audited.desk.log.durable.sequence
        for (first, last) in [(UInt64(0), UInt64(0)), (1, 1), (5, 11), (size, size), (2, size)] {
            let head: TrailHead = try audited.call(.head, TrailHeadQuery(first: first, last: last))
            var records = try Self.records(audited, head)
            #expect(records.map(\.sequence) == Array(head.first...head.last))
            #expect(Self.root(audited, head, records) == Array(head.checkpoint[56..<88]))
            records[records.count / 2].outcome ^= 1
            #expect(Self.root(audited, head, records) != Array(head.checkpoint[56..<88]))
        }
        for (first, last) in [(size + 1, 0), (1, size + 1), (7, 6)] as [(UInt64, UInt64)] {
            let status = #expect(throws: Status.self) {
                let _: TrailHead = try audited.call(.head, TrailHeadQuery(first: first, last: last))
            }
            #expect(status?.code == .invalidArgument)
        }
    }

    private static func records(_ audited: Audited, _ head: TrailHead) throws -> [TrailRecord] {
        var (next, found) = (head.first, [TrailRecord]())
        while next <= head.last {
            let some: TrailRecords = try audited.call(
                .records, TrailRecordsQuery(first: next, last: head.last))
            found += some.records
            next = try #require(some.records.last?.sequence) + 1
        }
        return found
    }

    /// The root from the leaf statements, built from what an export tells.
    private static func root(_ audited: Audited, _ head: TrailHead, _ records: [TrailRecord]) -> [UInt8] {
        let leaves = records.map { record in
            let statement = LeafStatement(
                algorithm: .sha256, type: RecordType(rawValue: UInt16(record.type)) ?? .command,
                storeID: audited.desk.store.journal.storeID, sequence: record.sequence, time: record.time,
                commandID: ID128(record.commandId) ?? .zero, outcome: record.outcome,
                envelopeDigest: Digest(bytes: record.envelopeDigest) ?? Digest(of: []),
                bodyDigest: Digest(of: record.body))
            return MerkleHasher().leaf(statement.bytes)
        }
        let size = head.checkpoint[40..<48].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let root = MerkleProof.rangeRoot(
            size: size, first: head.first - 1, leaves: leaves,
            firstPath: head.firstPath.compactMap { Digest(bytes: $0) },
            lastPath: head.lastPath.compactMap { Digest(bytes: $0) })
        return root?.bytes ?? []
    }

    @Test("personal data stays sealed: no filed text is in an answer")
    func sealed() throws {
        let audited = try Audited(seed: 67)
        try audited.desk.give(.submitRequest, on: audited.desk.world.target())
        let head: TrailHead = try audited.call(.head, TrailHeadQuery())
        let entries = try audited.list().flatMap { $0.encoded() }
        let bytes = entries + (try Self.records(audited, head)).flatMap(\.body)
        for text in Filings.personalTexts {
            #expect(!Self.contains(bytes, [UInt8](text.utf8)), "\(text)")
        }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.dropLast(part.count - 1).contains { bytes[$0...].starts(with: part) }
    }
}
