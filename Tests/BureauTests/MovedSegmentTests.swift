import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// A town with several segments and two snapshots, closed; its first segments moved to `offline`.
private struct MovedTown {
    let town: SnapshotTown
    let before: VerifyReport
    let live: Digest
    let moved: [String]

    /// - Parameter short: segments that stay although they could go, counted from the older snapshot's; below 0: that should have stayed.
    init(seed: UInt64, short: Int = 0) throws {
        var town = try SnapshotTown(seed: seed)
        try town.play(120)
        try town.snapshot()
        try town.play(60)
        try town.snapshot()
        try town.play(20)
        live = try StateHash.of(town.desk.engine.state)
        town.desk.log.close()
        before = Journal.verify(town.disk.root, keys: try town.keys)
        let older = try #require(try town.snapshotNames.last.flatMap { SnapshotFile.sequence(name: $0) })
        let names = try town.disk.root.list().filter { $0.hasPrefix("journal-") }.sorted()
        // The one in which the snapshot's record lies begins at or before it.
        let starts = names.compactMap { UInt64($0.dropFirst(8).dropLast(4), radix: 16) }
        let needed = try #require(starts.lastIndex { $0 <= older })
        moved = Array(names.prefix(needed - short))
        #expect(moved.count >= 2)
        let offline = try town.disk.root.subdirectory("offline")
        #expect(try offline.list().isEmpty)
        for name in moved {
            town.disk.replace(name, in: "offline", try #require(town.disk.bytes(of: name)))
            try town.disk.root.unlink(name)
        }
        self.town = town
    }

    var offline: any Storage { get throws { try town.disk.root.subdirectory("offline") } }
    var joined: JoinedStorage { get throws { JoinedStorage(town.disk.root, offline: try offline) } }
    var options: JournalOptions { town.world.options(segmentSize: SnapshotTown.segmentSize) }

    func open(_ storage: any Storage, snapshots: Bool = true) throws -> Store {
        try Store.open(storage, keys: try town.keys, options: options, snapshots: snapshots)
    }
}

private func isMissing(_ error: (any Error)?) -> Bool {
    if case .segmentMissing? = error as? JournalError { true } else { false }
}

@Suite("JOURNAL.md 11: old segments moved off-line")
struct MovedSegmentTests {
    @Test("verify names what is missing, and with the folder finds what it found before they were moved")
    func verify() throws {
        let moved = try MovedTown(seed: 201)
        let keys = try moved.town.keys
        #expect(isMissing(Journal.verify(moved.town.disk.root, keys: keys).problem))
        let report = Journal.verify(try moved.joined, keys: keys)
        #expect(report.problem == nil && report.checkpoint == moved.before.checkpoint)
        #expect(report.records == moved.before.records && report.segments == moved.before.segments)
        #expect(report.liveKeys == moved.before.liveKeys && report.groups == moved.before.groups)
        let snapshots = try Snapshots.verify(try moved.joined, keys: keys)
        #expect(snapshots.count == 2 && snapshots.faults.isEmpty)
        // One bit of what was moved: it is read, not believed.
        let name = moved.moved[1]
        var bytes = try #require(moved.town.disk.bytes(of: name, in: "offline"))
        bytes[9_000] ^= 4
        moved.town.disk.replace(name, in: "offline", bytes)
        #expect(Journal.verify(try moved.joined, keys: keys).problem != nil)
    }

    @Test("one segment short in the middle, or another store's: refused with and without the folder")
    func wrong() throws {
        let moved = try MovedTown(seed: 203)
        let keys = try moved.town.keys
        try moved.offline.unlink(moved.moved[1])
        #expect(isMissing(Journal.verify(try moved.joined, keys: keys).problem))
        let other = try MovedTown(seed: 205)
        for name in moved.moved {
            let bytes = other.town.disk.bytes(of: other.moved[0], in: "offline") ?? []
            moved.town.disk.replace(name, in: "offline", bytes)
        }
        #expect(Journal.verify(try moved.joined, keys: keys).problem != nil)
    }

    @Test("a server starts from its snapshot without them, says so, goes on, and proves old records still")
    func serves() throws {
        var town = try MovedTown(seed: 207)
        let store = try town.open(town.town.disk.root)
        #expect(store.snapshot != nil && store.journal.notices.contains { $0.contains("--offline") })
        #expect(try StateHash.of(store.state) == town.live)
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        store.log.close()
        let desk = try TownDisk.open(
            town.town.disk, town.town.world, segmentSize: SnapshotTown.segmentSize)
        let new = try desk.give(.submitRequest(Filings.submitUnit), by: "u7l1", on: town.town.world.target())
        #expect(new.outcome?.refusal == .unspecified)
        let old = try #require(town.town.given.first { !$0.answer.leaf.isEmpty })
        #expect(old.answer.sequence < 100)
        let receipt = try desk.receipts.receipt(ReceiptQuery(leaf: old.answer.leaf))
        #expect(!receipt.path.isEmpty)
        let newest = desk.log.durable.sequence
        #expect(try desk.receipts.consistency(ConsistencyQuery(older: 3, newer: newest)).newer == newest)
        #expect(try desk.send(old.envelope, by: old.officer).repeated)
        // The next snapshot needs them no more than the start did.
        #expect(try town.town.snapshotAt(newest) != nil)
        town = try MovedTown(seed: 207)
        let joined = try town.open(try town.joined)
        #expect(joined.journal.notices.allSatisfy { !$0.contains("--offline") })
        #expect(try StateHash.of(joined.state) == town.live)
    }

    @Test(
        "without a snapshot that reaches them it does not start, and says what to give it; with the folder it does"
    )
    func replay() throws {
        let moved = try MovedTown(seed: 209)
        #expect(
            isMissing(
                #expect(throws: JournalError.self) { try moved.open(moved.town.disk.root, snapshots: false) })
        )
        let store = try moved.open(try moved.joined, snapshots: false)
        #expect(store.snapshot == nil)
        #expect(try StateHash.of(store.state) == moved.live)
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        store.log.close()
        // The older snapshot's own segment is gone: that one is passed over, the newer serves; without it nothing does.
        let more = try MovedTown(seed: 211, short: -1)
        let newer = try more.open(more.town.disk.root)
        #expect(
            newer.snapshot == (try more.town.snapshotNames.first.flatMap { SnapshotFile.sequence(name: $0) }))
        newer.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        newer.log.close()
        try more.town.disk.root.unlink(try #require(try more.town.snapshotNames.first))
        #expect(isMissing(#expect(throws: JournalError.self) { try more.open(more.town.disk.root) }))
    }

    @Test("a backup holds them again, or is refused; nothing in the folder is ever changed")
    func backup() throws {
        let moved = try MovedTown(seed: 213)
        let keys = try moved.town.keys
        let files = try moved.offline.list().sorted().map { (moved.town.disk.bytes(of: $0, in: "offline")) }
        let disk = SimulatedDisk(seed: 214)
        let folders = try ["a", "b", "c", "d"].map { try disk.root.subdirectory($0) }
        #expect(
            isMissing(
                #expect(throws: JournalError.self) {
                    try Backups.make(moved.town.disk.root, keys: keys, to: folders[0], keys: folders[1])
                }))
        #expect(
            isMissing(
                #expect(throws: JournalError.self) {
                    try Journal.copyPlan(
                        moved.town.disk.root, upTo: try Journal.acknowledged(moved.town.disk.root))
                }))
        let proof = try Backups.make(try moved.joined, keys: keys, to: folders[2], keys: folders[3])
        #expect(proof.stateHash == moved.live)
        #expect(Journal.verify(folders[2], keys: folders[3]).problem == nil)
        let desk = try Desk(try moved.joined, keys: keys, moved.options, moved.town.world)
        for _ in 0..<30 {
            _ = try desk.give(
                .submitRequest(Filings.submitUnit), by: "u7l1", on: moved.town.world.target())
        }
        desk.log.close()
        #expect(
            try moved.offline.list().sorted().map { moved.town.disk.bytes(of: $0, in: "offline") } == files)
    }

    @Test("the trail reads what is there, and names what is not")
    func trail() throws {
        let moved = try MovedTown(seed: 215)
        let desk = try TownDisk.open(
            moved.town.disk, moved.town.world, segmentSize: SnapshotTown.segmentSize)
        let durable = desk.log.durable.sequence
        var late = RecordReader(moved.town.disk.root, from: durable - 10)
        var count = 0
        while try late.step(
            upTo: durable,
            { _ in
                count += 1
                return true
            })
        {}
        #expect(count == 11)
        var early = RecordReader(moved.town.disk.root, from: 1)
        #expect(
            isMissing(#expect(throws: JournalError.self) { _ = try early.step(upTo: durable) { _ in true } }))
    }
}
