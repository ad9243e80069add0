import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("DESIGN.md 8 destroying a key erases")
struct ErasureTests {
    private let world = World(seed: 81)
    private let disk: SimulatedDisk

    init() throws { disk = try TownDisk.make(seed: 81, world: world) }

    private func open(keyBackupDays: Int64 = Limits.keyBackupDays) throws -> Desk {
        try Desk(
            disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world,
            keyBackupDays: keyBackupDays)
    }

    /// A request closed with every field filled, and a case.
    private func ended(_ desk: Desk) throws -> (request: [UInt8], case: [UInt8]) {
        let (request, held) = (world.target(), world.target())
        for kind in [
            CommandKind.submitRequest, .returnRequest, .amendRequest, .acceptRequest, .decideRequest,
            .assignRequest,
            .acknowledgeRequest, .reportProgress, .reportResult, .confirmRequest,
        ] { try desk.give(kind, on: request) }
        for kind in [CommandKind.fileCase, .reviewCase, .concludeCase, .confirmCase] {
            try desk.give(kind, on: held)
        }
        return (request, held)
    }

    /// Whether the key file still has the subject's key; nil: it never had one.
    private func hasKey(_ target: [UInt8]) throws -> Bool? {
        var keys = KeysSeen(subject: try #require(ID128(target)))
        try Journal.read(disk.root, keys: try disk.root.subdirectory("keys"), visitor: &keys)
        return keys.isLive
    }

    private struct KeysSeen: JournalVisitor {
        let subject: ID128
        var isLive: Bool?
        mutating func key(_ key: KeyEntry) throws(JournalError) {
            if key.subject == subject { isLive = !key.isDestroyed }
        }
        mutating func record(_ record: RecordView) throws(JournalError) {}
    }

    /// Every text in clear that a value holds, however deep.
    private func clearTexts(_ value: Any) -> [String] {
        if let text = value as? PersonalText { return text.clear.map { [$0] } ?? [] }
        return Mirror(reflecting: value).children.flatMap { clearTexts($0.value) }
    }

    private func clearTexts(_ desk: Desk, _ target: [UInt8]) throws -> [String] {
        let state = desk.engine.state
        let viewer = try #require(state.viewer(officer: "b1s2", party: "bureau/421300"))
        let id = try #require(EntityID(target))
        let matter = try #require(state.matter(id, for: viewer))
        let rows = state.changes.rows.filter { $0.matter == matter }
        let held: [String] =
            matter.isCase ? clearTexts(state.cases[matter.slot]) : clearTexts(state.requests[matter.slot])
        return held + rows.flatMap { clearTexts($0) }
    }

    @Test("no text is left in the state, and the key goes when the record is durable, not before")
    func erased() throws {
        let desk = try open()
        let (request, held) = try ended(desk)
        for (target, kind) in [(request, CommandKind.eraseRequest), (held, .eraseCase)] {
            #expect(try clearTexts(desk, target).count >= 9)
            let version = desk.version(of: target)
            let call = desk.submit(
                desk.envelope(Filings.body(kind), by: "b1s2", on: target, expecting: version), by: "b1s2")
            let reply = desk.turn([call])[0]
            #expect(try clearTexts(desk, target).isEmpty)
            desk.engine.turn([])
            #expect(try hasKey(target) == true && reply.status == nil)
            desk.log.step()
            let answer = try Desk.answer(reply)
            #expect(answer.outcome?.refusal == .unspecified)
            #expect(answer.completesAt == answer.recordedAt + Limits.keyBackupDays * 86_400_000_000_000)
            desk.engine.turn([])
            #expect(try hasKey(target) == false)
        }
    }

    @Test(
        "the date of completion follows the days that backups of the keys are kept: the least, the standard, the most"
    )
    func backupDays() throws {
        for days in [
            Limits.keyBackupDaysChoice.lowerBound, Limits.keyBackupDays,
            Limits.keyBackupDaysChoice.upperBound,
        ] {
            let desk = try open(keyBackupDays: days)
            let (request, held) = try ended(desk)
            for (target, kind) in [(request, CommandKind.eraseRequest), (held, .eraseCase)] {
                let answer = try desk.give(kind, on: target)
                #expect(answer.completesAt == answer.recordedAt + days * 86_400_000_000_000)
            }
            desk.log.close()
        }
    }

    @Test("a crash between record and key: the next start destroys it before anything is served")
    func crashBetween() throws {
        let desk = try open()
        let (request, _) = try ended(desk)
        try desk.give(.eraseRequest, on: request)
        #expect(try hasKey(request) == true)
        let before = try StateHash.of(desk.engine.state)
        disk.crash()
        let again = try open()
        #expect(try hasKey(request) == false)
        #expect(try clearTexts(again, request).isEmpty)
        #expect(try StateHash.of(again.engine.state) == before)
    }

    @Test("replay after an erasure gives the same state, and what was filed is in no file in clear")
    func replay() throws {
        let desk = try open()
        let (request, held) = try ended(desk)
        try desk.give(.eraseRequest, on: request)
        try desk.give(.eraseCase, on: held)
        desk.engine.turn([])
        // A refused command on what is erased brings a key of its own; it opens nothing that was erased.
        #expect(try desk.give(.withdrawRequest, on: request).outcome?.refusal == .wrongState)
        let before = try StateHash.of(desk.engine.state)
        desk.log.close()
        let again = try open()
        #expect(try StateHash.of(again.engine.state) == before)
        #expect(try clearTexts(again, request).isEmpty && clearTexts(again, held).isEmpty)
        let state = again.engine.state
        let viewer = try #require(state.viewer(officer: "b1s2", party: "bureau/421300"))
        let id = try #require(EntityID(held))
        let matter = try #require(state.matter(id, for: viewer))
        let view = try #require(state.caseView(matter, for: viewer))
        #expect(view.family?.name == "已删除" && view.family?.idNumber == "已删除" && view.wish == "已删除")
        #expect(view.summary?.familyName == "已删除" && view.conclusion?.employer == "已删除")
        #expect(view.summary?.number == "随双2026-后院-0001")
    }

    @Test("only what has ended, once, by the bureau's approver, with a basis")
    func refused() throws {
        let desk = try open()
        let open = world.target()
        try desk.give(.submitRequest, on: open)
        #expect(try desk.give(.eraseRequest, on: open).outcome?.refusal == .wrongState)
        let (request, held) = try ended(desk)
        for officer in ["b1a1", "u7l1", "k7f2"] {
            let answer = try desk.give(.eraseRequest(EraseRequest(basis: "七号")), by: officer, on: request)
            #expect(answer.outcome?.refusal == .notPermitted, "\(officer)")
        }
        for basis in ["", " ", String(repeating: "号", count: Limits.basisCharacters + 1)] {
            let answer = try desk.give(.eraseCase(EraseCase(basis: basis)), by: "b1s2", on: held)
            #expect(answer.outcome?.refusal != .unspecified && answer.completesAt == 0)
        }
        #expect(try !clearTexts(desk, held).isEmpty)
        let longest = String(repeating: "号", count: Limits.basisCharacters)
        #expect(try desk.give(.eraseCase(EraseCase(basis: longest)), by: "b1s2", on: held).completesAt > 0)
        #expect(try desk.give(.eraseCase, on: held).outcome?.refusal == .fieldInvalid)
    }

    @Test("a repeated answer after an erasure has no salt, live as after a restart")
    func noSalt() throws {
        let desk = try open()
        let target = world.target()
        let filing = desk.envelope(Filings.body(.submitRequest), by: "u7l1", on: target, expecting: 0)
        #expect(try desk.send(filing, by: "u7l1").salt.count == EngineLimits.saltBytes)
        try desk.give(.withdrawRequest, on: target)
        try desk.give(.eraseRequest, on: target)
        var live = try desk.send(filing, by: "u7l1")
        #expect(live.repeated && live.salt.isEmpty)
        desk.engine.turn([])
        desk.log.close()
        let again = try open()
        var told = try again.send(filing, by: "u7l1")
        // Of a newer checkpoint.
        #expect(told.receipt != nil && live.receipt != nil)
        (told.receipt, live.receipt) = (nil, nil)
        #expect(told == live)
    }
}
