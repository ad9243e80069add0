import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// A town, its backup, and the store that a restore of it makes.
private struct CutTown {
    let town: SnapshotTown
    let disk = SimulatedDisk(seed: 2)
    let whole: Backups.Proof
    /// The state's hash at each record that a command's group ended with, live.
    let hashes: [UInt64: Digest]

    init(seed: UInt64, commands: Int = 60) throws {
        var town = try SnapshotTown(seed: seed)
        var hashes: [UInt64: Digest] = [:]
        for command in 0..<commands {
            try town.play(1)
            hashes[town.desk.log.durable.sequence] = try StateHash.of(town.desk.engine.state)
            // Later epochs in what is cut than in what is kept.
            guard command == commands * 3 / 4 else { continue }
            town.desk.log.close()
            town.desk = try TownDisk.open(town.disk, town.world, segmentSize: SnapshotTown.segmentSize)
        }
        self.hashes = hashes
        whole = try Backups.make(
            town.disk.root, keys: try town.keys, to: try disk.root.subdirectory("backup"),
            keys: try disk.root.subdirectory("backup-keys"))
        self.town = town
    }

    var backup: any Storage { get throws { try disk.root.subdirectory("backup") } }
    var data: any Storage { get throws { try disk.root.subdirectory("data") } }
    var keys: any Storage { get throws { try disk.root.subdirectory("keys") } }
    var options: JournalOptions { town.world.options(segmentSize: SnapshotTown.segmentSize) }

    func restore(_ cut: Backups.Cut) throws -> (Backups.Proof, Restored?) {
        try Backups.restore(
            try backup, to: try data, keys: try keys,
            backupKeys: try disk.root.subdirectory("backup-keys"), cutting: cut, options)
    }

    func open() throws -> Desk { try Desk(try data, keys: try keys, options, town.world) }
}

@Suite("JOURNAL.md 10: a restore that cuts acknowledged records declares it")
struct RestoreTests {
    private struct Found: JournalVisitor {
        var records: [(sequence: UInt64, time: Int64, epoch: UInt32, restored: Restored?)] = []
        mutating func record(_ view: RecordView) throws(JournalError) {
            var restored: Restored?
            if case .restored(let found)? = SystemRecord(view) { restored = found }
            records.append((view.sequence, view.time, view.epoch, restored))
        }
    }

    private func records(_ cut: CutTown) throws -> Found {
        var found = Found()
        try Journal.read(try cut.data, keys: try cut.keys, visitor: &found)
        return found
    }

    @Test("to a record: the state of that moment, and a RESTORED record of a new epoch and a later time")
    func toARecord() throws {
        let cut = try CutTown(seed: 71)
        let kept = try #require(cut.hashes.keys.sorted().dropFirst(25).first)
        // The restoring machine's clock is behind.
        cut.town.world.setWall(World.morning)
        let (proof, restored) = try cut.restore(Backups.Cut(sequence: kept, reason: "误导入，恢复"))
        #expect(proof.sequence == kept && proof.stateHash == cut.hashes[kept])
        let found = try records(cut).records
        let record = try #require(found.first { $0.restored != nil })
        #expect(record.restored == restored && record.sequence == kept + 2 && found.count >= Int(kept) + 2)
        #expect(restored?.reason == "误导入，恢复" && restored?.cutSize == cut.whole.sequence)
        #expect(restored?.cutRoot == cut.whole.root && restored?.keptRoot == proof.root)
        #expect(record.epoch > (restored?.cutEpoch ?? .max))
        #expect(record.time > cut.whole.time)
        #expect(Journal.verify(try cut.data, keys: try cut.keys).problem == nil)
        let desk = try cut.open()
        #expect(desk.engine.state.restorations.map(\.sequence) == [kept + 2])
        #expect(desk.engine.state.restorations.first?.confirmedAt == 0)
        #expect(try !cut.data.list().contains("RESTORING"))
    }

    @Test("to a record inside a group, or to a time: the last group before it")
    func toATime() throws {
        let cut = try CutTown(seed: 73)
        var found = Found()
        try Journal.read(try cut.backup, keys: nil, visitor: &found)
        let middle = found.records[found.records.count / 2]
        let (proof, restored) = try cut.restore(Backups.Cut(time: middle.time, reason: "r"))
        #expect(proof.time <= middle.time && restored?.keptTime == proof.time)
        #expect(proof.stateHash == cut.hashes[proof.sequence])
        let next = try #require(found.records.first { $0.sequence == proof.sequence + 1 })
        #expect(next.time > middle.time)
    }

    @Test("nothing to cut, nothing to declare; nothing to keep is refused")
    func nothing() throws {
        let cut = try CutTown(seed: 79)
        let (proof, restored) = try cut.restore(Backups.Cut(reason: "r"))
        #expect(restored == nil && proof == cut.whole)
        #expect(try records(cut).records.allSatisfy { $0.restored == nil })
        let other = try CutTown(seed: 79)
        #expect(throws: Backups.Failed.self) { try other.restore(Backups.Cut(time: 5, reason: "r")) }
    }

    @Test(
        "a restore that was interrupted before its record is not taken for a store, with or without snapshots"
    )
    func interrupted() throws {
        for snapshot in [false, true] {
            let cut = try CutTown(seed: 83)
            let (proof, _) = try cut.restore(Backups.Cut(sequence: cut.whole.sequence - 9, reason: "r"))
            // What was there just before: the copy with its mark.
            let whole = try Snapshots.stateHash(
                try cut.backup, keys: try cut.keys, upTo: cut.whole.sequence)
            let kept = try Snapshots.stateHash(try cut.backup, keys: try cut.keys, upTo: proof.sequence)
            let half = try cut.disk.root.subdirectory("half")
            _ = try Journal.copyKept(try cut.backup, to: half, kept.end.point, whole.end, reason: "r")
            if snapshot {
                _ = try Snapshots.make(
                    half, keys: try cut.keys, upTo: proof.sequence, entropy: cut.town.world.entropy,
                    roomLeft: 0)
            }
            let error = #expect(throws: JournalError.self) {
                _ = try Store.open(half, keys: try cut.keys, options: cut.options)
            }
            guard case .restoreUnfinished? = error else { throw try #require(error) }
        }
    }

    @Test("a record that names records the journal does not have is damage")
    func wrongRecord() throws {
        let cut = try CutTown(seed: 89)
        let whole = try Snapshots.stateHash(
            try cut.backup, keys: try cut.disk.root.subdirectory("backup-keys"), upTo: cut.whole.sequence)
        try Journal.copyKeys(try cut.disk.root.subdirectory("backup-keys"), to: try cut.keys)
        let sequence = try #require(try Journal.lastGroup(try cut.backup, upTo: 60, time: .max))
        let kept = try Snapshots.stateHash(try cut.backup, keys: try cut.keys, upTo: sequence)
        var restored = try Journal.copyKept(
            try cut.backup, to: try cut.data, kept.end.point, whole.end, reason: "r")
        restored.keptRoot = whole.end.point.root
        _ = try Journal.declare(restored, in: try cut.data, keys: try cut.keys, cut.options)
        guard case .damaged? = Journal.verify(try cut.data, keys: try cut.keys).problem else {
            Issue.record("it was believed")
            return
        }
    }

    @Test("the body reads as it was written; a reason at its limit and one beyond")
    func body() throws {
        let cut = try CutTown(seed: 97, commands: 5)
        let whole = try Snapshots.stateHash(
            try cut.backup, keys: try cut.disk.root.subdirectory("backup-keys"), upTo: cut.whole.sequence)
        var earlier = whole.end.point
        earlier.sequence -= 1
        var restored = Restored(
            kept: earlier, cut: whole.end.point,
            reason: String(repeating: "a", count: JournalLimits.restoredReason))
        #expect(Restored(restored.body) == restored)
        for length in 0..<restored.body.count {
            #expect(Restored(Array(restored.body.prefix(length))) == nil)
        }
        restored.reason += "a"
        #expect(Restored(restored.body) == nil)
        var random = SplitMix64(seed: 97)
        for _ in 0..<2_000 { _ = Restored(random.bytes(Int(random.next() % 300))) }
    }

    // MARK: confirming

    private func confirmation(_ desk: Desk) throws -> (ConfirmRestoration, [UInt8]) {
        let one = try #require(desk.engine.state.restorations.first)
        return (
            ConfirmRestoration(
                sequence: one.sequence, keptRecords: one.keptRecords, cutRecords: one.cutRecords),
            RosterTarget.restoration(one.sequence).bytes
        )
    }

    @Test(
        "confirmed by the security administrator alone, once, naming what it is; and it outlives restart and snapshot"
    )
    func confirmed() throws {
        let cut = try CutTown(seed: 101)
        _ = try cut.restore(Backups.Cut(sequence: cut.whole.sequence - 20, reason: "r"))
        var desk = try cut.open()
        let (body, target) = try confirmation(desk)
        for officer in ["b1a1", "b1s2", "k7f2", "u7l1"] {
            #expect(
                try desk.give(.confirmRestoration(body), by: officer, on: target).outcome?.refusal
                    == .notPermitted)
        }
        var wrong = body
        wrong.cutRecords -= 1
        #expect(
            try desk.give(.confirmRestoration(wrong), by: "b1q4", on: target).outcome?.refusal
                == .fieldInvalid)
        wrong = body
        wrong.sequence += 1
        let elsewhere = RosterTarget.restoration(wrong.sequence).bytes
        #expect(
            try desk.give(.confirmRestoration(wrong), by: "b1q4", on: elsewhere).outcome?.refusal == .notFound
        )
        #expect(desk.engine.state.restorations.first?.confirmedAt == 0)
        let answer = try desk.give(.confirmRestoration(body), by: "b1q4", on: target)
        #expect(answer.outcome?.refusal == .unspecified)
        #expect(desk.engine.state.restorations.first?.confirmedAt == answer.recordedAt)
        #expect(
            try desk.give(.confirmRestoration(body), by: "b1q4", on: target).outcome?.refusal
                == .alreadyExists)
        let live = desk.engine.state
        desk.log.close()
        _ = try Snapshots.make(
            try cut.data, keys: try cut.keys, upTo: try Journal.acknowledged(try cut.data),
            entropy: cut.town.world.entropy, roomLeft: 0)
        for snapshots in [false, true] {
            let store = try Store.open(
                try cut.data, keys: try cut.keys, options: cut.options, snapshots: snapshots)
            #expect((store.snapshot != nil) == snapshots)
            #expect(store.state.restorations == live.restorations)
            #expect(try StateHash.of(store.state) == StateHash.of(live))
            store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
            store.log.close()
        }
        desk = try cut.open()
        #expect(desk.engine.state.restorations.count == 1)
    }

    @Test("what was cut can be filed again under its id, in its order, and is done as it was")
    func refiled() throws {
        let cut = try CutTown(seed: 103)
        let kept = try #require(cut.hashes.keys.sorted().dropFirst(30).first)
        _ = try cut.restore(Backups.Cut(sequence: kept, reason: "r"))
        let desk = try cut.open()
        let lost = cut.town.given.filter { $0.answer.sequence > kept }
        #expect(lost.count > 10)
        for (envelope, officer, old) in lost {
            let new = try desk.send(envelope, by: officer)
            #expect(new.commandId == old.commandId && !new.repeated && new.sequence != old.sequence)
            #expect(new.outcome?.refusal == old.outcome?.refusal && new.version == old.version)
        }
        // And once: what came again is known.
        #expect(try desk.send(lost[0].envelope, by: lost[0].officer).repeated)
        // What was kept is known, too: it is not done again.
        let before = try #require(cut.town.given.first { $0.answer.sequence <= kept })
        #expect(try desk.send(before.envelope, by: before.officer).repeated)
    }

    @Test(
        "filed again on what has changed meanwhile, it is refused as a conflict that tells the version to file anew on"
    )
    func refiledLate() throws {
        let cut = try CutTown(seed: 107)
        let kept = try #require(cut.hashes.keys.sorted().dropFirst(20).first)
        let lost = try #require(
            cut.town.given.first {
                $0.answer.sequence > kept && $0.answer.outcome?.refusal == .unspecified
                    && $0.answer.version > 1
            })
        _ = try cut.restore(Backups.Cut(sequence: lost.answer.sequence - 1, reason: "r"))
        let desk = try cut.open()
        let envelope = try Envelope(decoding: lost.envelope)
        // Somebody else was faster, with the same act.
        let first = try desk.send(
            desk.envelope(
                envelope.command?.body, by: lost.officer, on: envelope.target,
                expecting: envelope.expectedVersion), by: lost.officer)
        #expect(first.outcome?.refusal == .unspecified)
        let answer = try desk.send(lost.envelope, by: lost.officer)
        #expect(answer.outcome?.refusal == .versionConflict)
        #expect(
            answer.outcome?.arguments.first { $0.name == "current" }?.value
                == String(envelope.expectedVersion + 1))
    }
}
