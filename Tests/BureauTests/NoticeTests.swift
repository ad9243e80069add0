import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// A town whose ledger, import and trail are called as officers do, turned by the test.
private struct Window {
    let desk: Desk
    let disk: SimulatedDisk
    private let handle = EngineHandle()

    init(seed: UInt64) throws {
        let world = World(seed: seed)
        disk = try TownDisk.make(seed: seed, world: world)
        desk = try TownDisk.open(disk, world)
    }

    func opened(_ handler: any ServiceHandler, _ method: String, _ request: [UInt8], _ officer: String)
        -> CaughtReply
    {
        let reply = CaughtReply()
        var call = Desk.call(officer)
        (call.service, call.method) = (handler.name, method)
        _ = handler.open(call, request: request, reply: reply)
        var inputs: [EngineInput] = []
        handle.mailbox.take(into: &inputs)
        desk.engine.turn(inputs)
        return reply
    }

    func status(_ reply: CaughtReply) throws -> Status {
        desk.log.step()
        #expect(reply.answerCount == 1)
        return try #require(reply.status)
    }

    var ledger: LedgerHandler { LedgerHandler(engine: handle, receipts: desk.receipts) }
    var exchange: ExchangeHandler { ExchangeHandler(engine: handle, reader: desk.reader) }
    var trail: TrailHandler {
        TrailHandler(engine: handle, worker: TrailWorker(), source: source)
    }
    private var source: TrailSource {
        TrailSource(storage: desk.store.journal.storage, log: desk.log, receipts: desk.receipts)
    }

    func look(_ key: String, by officer: String) throws -> Status {
        try status(opened(ledger, "GetRequest", GetRequestQuery(key: key).encoded(), officer))
    }

    /// What the trail tells of calls that were no commands.
    func notices(_ query: TrailQuery = TrailQuery(pageSize: 200)) throws -> [TrailEntry] {
        try TrailFilter(query).page(source).entries.filter { !$0.call.isEmpty }
    }

    /// What another thread tells of a call that it has carried out.
    func noticed(_ call: NoticedCall) {
        desk.engine.turn([.notice(call)])
        desk.log.step()
    }

    /// A turn without anybody's call, as the engine has one a second.
    func idle() {
        desk.engine.turn([])
        desk.log.step()
    }
}

@Suite("DESIGN.md 7 refusals for lack of right outside a command stand in the trail")
struct NoticeTests {
    private static let second: Int64 = 1_000_000_000

    @Test(
        "a read of what is not the asker's: who, what, when, from where, outcome; in words that tell nothing")
    func read() throws {
        let window = try Window(seed: 81)
        let target = window.desk.world.target()
        try window.desk.give(.submitRequest, on: target)
        let key = EntityID(target)?.hex ?? ""
        #expect(try window.look(key, by: "u7l1").isOK)
        #expect(try window.notices().isEmpty)
        let theirs = try window.look(key, by: "u2l4")
        let nothing = try window.look("随双2099-军提-0009", by: "u2l4")
        #expect(theirs == nothing && theirs.code == .notFound)
        let entries = try window.notices()
        #expect(entries.map(\.officer) == ["u2l4", "u2l4"])
        #expect(entries.map(\.target) == [target, []])
        let one = try #require(entries.first)
        #expect(one.call == "twolists.v1.Ledger/GetRequest" && one.reason == "NOT_FOUND")
        #expect(one.party == "unit/LU-02" && one.address == "127.0.0.1:1" && one.path == "line")
        #expect(one.certificateSerial == TownRoster.actor("u2l4").serial && one.roles == [.clerk, .approver])
        #expect(one.outcome?.refusal == .notFound && one.commandId.isEmpty)
        #expect(abs(one.time - window.desk.world.now) < Self.second)
    }

    /// What somebody searches for may be anything; neither the journal nor the trail learns of it, done or refused.
    @Test("what is searched for is kept nowhere")
    func search() throws {
        let window = try Window(seed: 90)
        try window.desk.give(.submitRequest, on: window.desk.world.target())
        let words = "寻找某位家属的姓名"
        for query in [ListRequestsQuery(search: words), ListRequestsQuery(similarTo: words)] {
            for officer in ["u7l1", "b1q4", "x9x9"] {
                let status = try window.status(
                    window.opened(window.ledger, "ListRequests", query.encoded(), officer))
                #expect(status.isOK == (officer != "x9x9"))
                #expect(!"\(status)".contains(words))
            }
        }
        #expect(try window.notices().count == 2)
        let records = try window.desk.store.journal.storage.list().filter { $0.hasPrefix("journal-") }
        #expect(!records.isEmpty)
        let all = try records.map { try #require(window.disk.bytes(of: $0)) }
        for bytes in all { #expect(!bytes.contains([UInt8](words.utf8))) }
        // The finder finds: that somebody asked stands there.
        #expect(all.contains { $0.contains([UInt8]("ListRequests".utf8)) })
    }

    @Test("every reader of a matter, the trail, a file handed in, a watch: each by its method and reason")
    func everywhere() throws {
        let window = try Window(seed: 82)
        for method in ["GetRequest", "RequestHistory", "GetCase", "CaseHistory"] {
            let reply = window.opened(
                window.ledger, method, GetRequestQuery(key: "随双2099-军提-0009").encoded(), "u2l4")
            #expect(try window.status(reply).code == .notFound, "\(method)")
        }
        for method in ["List", "Head", "Records"] {
            let reply = window.opened(window.trail, method, [], "b1s2")
            #expect(try window.status(reply).errorReason == "AUDITOR_ONLY")
        }
        let file = window.opened(window.exchange, "Import", SignedEnvelope().encoded(), "k7f2")
        #expect(try window.status(file).errorReason == "IMPORT_NOT_PERMITTED")
        for method in ["Watch", "ListRequests"] {
            let reply = window.opened(window.ledger, method, [], "x9x9")
            #expect(try window.status(reply).errorReason == "OFFICER_NOT_ACTIVE")
        }
        let told = try window.notices().map {
            "\($0.officer) \($0.call.split(separator: ".").last ?? "") \($0.reason)"
        }
        #expect(
            told == [
                "u2l4 Ledger/GetRequest NOT_FOUND", "u2l4 Ledger/RequestHistory NOT_FOUND",
                "u2l4 Ledger/GetCase NOT_FOUND", "u2l4 Ledger/CaseHistory NOT_FOUND",
                "b1s2 Trail/List AUDITOR_ONLY", "b1s2 Trail/Head AUDITOR_ONLY",
                "b1s2 Trail/Records AUDITOR_ONLY", "k7f2 Exchange/Import IMPORT_NOT_PERMITTED",
                "x9x9 Ledger/Watch OFFICER_NOT_ACTIVE", "x9x9 Ledger/ListRequests OFFICER_NOT_ACTIVE",
            ])
        // What is wrong, but no lack of right, is not there.
        let before = try window.notices().count
        for (method, request) in [
            ("ListCodes", ListCodesQuery(list: "none").encoded()), ("ListRequests", [0xFF]),
            ("GetReceipt", ReceiptQuery(leaf: [1]).encoded()), ("Nothing", []),
        ] {
            let reply = window.opened(window.ledger, method, request, "u2l4")
            #expect(try !window.status(reply).isOK, "\(method)")
        }
        #expect(try window.notices().count == before)
    }

    @Test("a right that was used outside a command is told as done, and no limit of refusals counts it")
    func used() throws {
        let window = try Window(seed: 90)
        let asked = Asked("twolists.v1.Admin", "Reload", from: "127.0.0.1:1")
        let reply = CaughtReply()
        let call = NoticedCall(
            actor: TownRoster.actor("b1a1"), asked: asked, status: .ok, reply: reply, payload: [7])
        window.desk.engine.turn([.notice(call)])
        #expect(reply.status == nil)
        #expect(try window.status(reply).isOK && reply.payload == [7])
        let one = try #require(try window.notices().first)
        #expect(
            one.call == "twolists.v1.Admin/Reload" && one.outcome?.refusal == .unspecified && one.reason == ""
        )
        #expect(try window.notices(TrailQuery(refusedOnly: true)).isEmpty)
        for _ in 0..<EngineLimits.noticeBurstOfOfficer {
            window.noticed(
                NoticedCall(actor: TownRoster.actor("b1a1"), asked: asked, status: .ok, reply: nil))
        }
        #expect(try window.look("随双2099-军提-0009", by: "b1a1").code == .notFound)
        #expect(try window.notices(TrailQuery(refusedOnly: true)).map(\.unrecorded) == [0])
    }

    @Test("filters: officer, party, target, refused; a filter by command leaves them out")
    func filters() throws {
        let window = try Window(seed: 83)
        let target = window.desk.world.target()
        try window.desk.give(.submitRequest, on: target)
        _ = try window.look(EntityID(target)?.hex ?? "", by: "u2l4")
        _ = try window.look("随双2099-军提-0009", by: "k7f2")
        func count(_ query: TrailQuery) throws -> Int { try window.notices(query).count }
        #expect(try count(TrailQuery(officer: "k7f2")) == 1 && count(TrailQuery(party: "unit/LU-02")) == 1)
        #expect(try count(TrailQuery(refusedOnly: true)) == 2)
        #expect(try count(TrailQuery(command: "submit_request")) == 0)
        var filter = try TrailFilter(TrailQuery())
        filter.target = target
        let source = TrailSource(
            storage: window.desk.store.journal.storage, log: window.desk.log,
            receipts: window.desk.receipts)
        #expect(try filter.page(source).entries.map(\.call) == ["", "twolists.v1.Ledger/GetRequest"])
    }

    @Test("what somebody typed is nowhere in the journal, and dump prints the record")
    func typed() throws {
        let window = try Window(seed: 84)
        _ = try window.look("11010519491231002X", by: "u2l4")
        #expect(try window.notices().count == 1)
        var lines: [String] = []
        var reader = RecordReader(window.desk.store.journal.storage, from: 1)
        var more = true
        while more {
            more = try reader.step(upTo: window.desk.log.durable.sequence) { view in
                if view.type == .notice { lines += RecordDump.lines(view) }
                return true
            }
        }
        #expect(
            lines.count == 1 && lines[0].contains("notice ") && lines[0].contains("method:\"GetRequest\""))
        for (_, bytes) in try TownDisk.files(window.disk) {
            #expect(!contains(bytes, Array("11010519491231002X".utf8)))
        }
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
    }

    @Test("the answer waits for its record; a replay gives the same state")
    func durable() throws {
        let window = try Window(seed: 85)
        let reply = window.opened(
            window.ledger, "GetRequest", GetRequestQuery(key: "随双2099-军提-0009").encoded(), "u2l4")
        #expect(reply.status == nil)
        #expect(try window.status(reply).code == .notFound)
        try window.desk.give(.submitRequest, on: window.desk.world.target())
        let again = try TownDisk.open(try TownDisk.copy(window.disk, seed: 86), window.desk.world)
        #expect(try StateHash.of(again.engine.state) == StateHash.of(window.desk.engine.state))
    }

    @Test("a burst is recorded, the one beyond it counted; the next that is recorded tells how many")
    func burst() throws {
        let window = try Window(seed: 87)
        let burst = EngineLimits.noticeBurstOfOfficer
        for _ in 0..<burst + 5 { #expect(try window.look("随双2099-军提-0009", by: "u2l4").code == .notFound) }
        #expect(try window.notices().map(\.unrecorded) == Array(repeating: 0, count: burst))
        // Nobody pays for another's.
        #expect(try window.look("随双2099-军提-0009", by: "k7f2").code == .notFound)
        #expect(try window.notices().count == burst + 1)
        window.desk.world.advance(EngineLimits.noticeIntervalOfOfficer - Self.second)
        window.idle()
        #expect(try window.notices().count == burst + 1)
        window.desk.world.advance(Self.second)
        #expect(try window.look("随双2099-军提-0009", by: "u2l4").code == .notFound)
        let last = try #require(try window.notices().last)
        // The last of the five counted, told before the new one is looked at; that one is counted again.
        #expect(last.officer == "u2l4" && last.unrecorded == 4)
        window.desk.world.advance(EngineLimits.noticeIntervalOfOfficer)
        window.idle()
        #expect(try window.notices().last?.unrecorded == 0)
    }

    @Test("when no more come, the count is told by itself")
    func flush() throws {
        let window = try Window(seed: 88)
        let burst = EngineLimits.noticeBurstOfOfficer
        for _ in 0..<burst + 3 { _ = try window.look("随双2099-军提-0009", by: "u2l4") }
        window.desk.world.advance(EngineLimits.noticeIntervalOfOfficer)
        window.idle()
        let entries = try window.notices()
        #expect(entries.count == burst + 1 && entries.last?.unrecorded == 2)
        window.desk.world.advance(10 * EngineLimits.noticeIntervalOfOfficer)
        window.idle()
        #expect(try window.notices().count == burst + 1)
    }

    @Test("with the disk full, refused all the same and counted; told when there is room again")
    func diskFull() throws {
        let window = try Window(seed: 89)
        window.disk.setCapacity(0)
        var isFull = false
        for _ in 0..<60 where !isFull {
            do throws(Status) {
                try window.desk.give(.submitRequest, on: window.desk.world.target())
            } catch { isFull = error.code == .unavailable }
        }
        try #require(isFull)
        for _ in 0..<3 { #expect(try window.look("随双2099-军提-0009", by: "u2l4").code == .notFound) }
        #expect(try window.notices().isEmpty)
        window.disk.setCapacity(.max)
        window.desk.world.advance(10 * Self.second)
        window.desk.log.step()
        window.idle()
        #expect(try window.notices().map(\.unrecorded) == [2])
    }

    @Test("all officers together: the burst at its limit, one beyond it counted, one more each interval")
    func together() {
        var limiter = NoticeLimiter(now: 0)
        func admitted(_ number: Int, now: Int64) -> EventV1.Notice? {
            limiter.admits(
                EventV1.Notice(actor: EventV1.Actor(officer: "o\(number)")), isOpen: true, now: now)
        }
        for number in 0..<EngineLimits.noticeBurst { #expect(admitted(number, now: 0) != nil) }
        #expect(admitted(-1, now: EngineLimits.noticeInterval - 1) == nil)
        #expect(admitted(-2, now: EngineLimits.noticeInterval) != nil)
        #expect(admitted(-3, now: EngineLimits.noticeInterval) == nil)
        // The two that were counted are told one by one, as the bucket lets.
        let later = 2 * EngineLimits.noticeInterval
        #expect(limiter.due(now: later).map { $0.actor?.officer } == ["o-1"])
        #expect(limiter.due(now: later + EngineLimits.noticeFlush).isEmpty)
        #expect(limiter.due(now: 2 * later).map { $0.actor?.officer } == ["o-3"])
    }

    @Test(
        "officers counted apart: at the limit each has a burst, newcomers beyond it share one, until others are idle"
    )
    func manyOfficers() {
        var limiter = NoticeLimiter(now: 0)
        func admitted(_ officer: String, now: Int64) -> EventV1.Notice? {
            limiter.admits(EventV1.Notice(actor: EventV1.Actor(officer: officer)), isOpen: true, now: now)
        }
        // Closed, so that each has a surplus and none may be forgotten.
        for number in 0..<EngineLimits.noticeOfficers - 1 {
            _ = limiter.admits(
                EventV1.Notice(actor: EventV1.Actor(officer: "o\(number)")), isOpen: false, now: 0)
        }
        #expect(admitted("last", now: 0)?.unrecorded == 0)
        for _ in 0..<EngineLimits.noticeBurstOfOfficer { #expect(admitted("new1", now: 0) != nil) }
        #expect(admitted("new2", now: 0) == nil)
        // "last" is idle by then, and forgotten: there is a place for one.
        let later = EngineLimits.noticeIntervalOfOfficer
        #expect(admitted("new3", now: later)?.unrecorded == 0)
    }
}
