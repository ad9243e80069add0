import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("REGISTRY.md 3: removing a name destroys the officer's key, and nothing brings it back")
struct NameErasureTests {
    private let world = World(seed: 89)
    private let disk: SimulatedDisk
    private let target = RosterTarget.officer("k7f2").bytes

    init() throws { disk = try TownDisk.make(seed: 89, world: world) }

    private func open() throws -> Desk {
        try Desk(disk.root, keys: try disk.root.subdirectory("keys"), world.options(), world)
    }

    private static let erase = Command.OneOf_Body.eraseOfficer(EraseOfficer(officer: "k7f2", basis: "七号"))

    private static func suspend(_ suspended: Bool) -> Command.OneOf_Body {
        .suspendOfficer(SuspendOfficer(officer: "k7f2", suspended: suspended))
    }

    /// Of each key that the key file names for the officer, whether it is still there.
    private func keys() throws -> [Bool] {
        var seen = KeysSeen(subject: try #require(ID128(target)))
        try Journal.read(disk.root, keys: try disk.root.subdirectory("keys"), visitor: &seen)
        return seen.live
    }

    private struct KeysSeen: JournalVisitor {
        let subject: ID128
        var live: [Bool] = []
        mutating func key(_ key: KeyEntry) throws(JournalError) {
            if key.subject == subject { live.append(!key.isDestroyed) }
        }
        mutating func record(_ record: RecordView) throws(JournalError) {}
    }

    private func name(_ desk: Desk) -> String? { desk.engine.state.officer("k7f2")?.name.shown }

    @Test("the key goes when the record is durable, not before; the answer says when that is complete")
    func key() throws {
        let desk = try open()
        #expect(name(desk)?.hasPrefix(Filings.officerNames) == true)
        #expect(try desk.give(Self.erase, by: "b1q4", on: target).outcome?.refusal == .accountActive)
        try desk.give(Self.suspend(true), by: "b1q4", on: target)
        let call = desk.submit(
            desk.envelope(Self.erase, by: "b1q4", on: target, expecting: desk.version(of: target)), by: "b1q4"
        )
        let reply = desk.turn([call])[0]
        #expect(name(desk) == "已删除")
        desk.engine.turn([])
        #expect(try keys() == [true] && reply.status == nil)
        desk.log.step()
        let answer = try Desk.answer(reply)
        #expect(answer.completesAt == answer.recordedAt + Limits.keyBackupDays * 86_400_000_000_000)
        desk.engine.turn([])
        #expect(try keys() == [false])
    }

    @Test("a crash between record and key: the next start destroys it before anything is served")
    func crash() throws {
        let desk = try open()
        try desk.give(Self.suspend(true), by: "b1q4", on: target)
        try desk.give(Self.erase, by: "b1q4", on: target)
        #expect(try keys() == [true])
        let before = try StateHash.of(desk.engine.state)
        disk.crash()
        let again = try open()
        #expect(try keys() == [false] && name(again) == "已删除")
        #expect(try StateHash.of(again.engine.state) == before)
    }

    @Test(
        "a refused command afterwards brings a key of its own, which opens nothing; the same from a snapshot as from the journal"
    )
    func snapshot() throws {
        var town = try SnapshotTown(seed: 31)
        try town.play(20)
        let desk = town.desk
        try desk.give(Self.suspend(true), by: "b1q4", on: target)
        try town.snapshot()
        #expect(try desk.give(Self.erase, by: "b1q4", on: target).outcome == Outcome())
        desk.engine.turn([])
        #expect(try desk.give(Self.suspend(false), by: "b1q4", on: target).outcome?.refusal == .fieldInvalid)
        for round in 0..<2 {
            let stores = [try town.opened(), try town.opened(snapshots: false)]
            #expect(stores[0].snapshot != nil)
            for store in stores {
                #expect(try StateHash.of(store.state) == StateHash.of(desk.engine.state), "\(round)")
                #expect(store.state.officer("k7f2")?.name.clear == nil)
            }
            #expect(try town.bytes(snapshots: true) == town.bytes(snapshots: false))
            try town.snapshot()
        }
    }
}
