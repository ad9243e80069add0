import BureauTestSupport
import Crypto
import Exchange
import Journal
import TestSupport
import Testing

@testable import Bureau

@Suite("JOURNAL.md 10: backup and restore")
struct BackupTests {
    private struct Place {
        let disk = SimulatedDisk(seed: 1)
        var data: any Storage { get throws { try disk.root.subdirectory("data") } }
        var keys: any Storage { get throws { try disk.root.subdirectory("keys") } }
    }

    private func backup(_ town: SnapshotTown) throws -> (Place, Backups.Proof) {
        let place = Place()
        let proof = try Backups.make(
            town.disk.root, keys: try town.keys, to: try place.data, keys: try place.keys)
        return (place, proof)
    }

    @Test(arguments: [false, true])
    func aBackupBesideAServerIsRestoredToTheSameState(_ hasSnapshot: Bool) throws {
        var town = try SnapshotTown(seed: 41)
        try town.play(60)
        if hasSnapshot { try town.snapshot() }
        try town.play(5)
        let live = try StateHash.of(town.desk.engine.state)
        // Not closed: the server goes on, and so does its journal.
        let (place, proof) = try backup(town)
        #expect(proof.stateHash == live && proof.sequence == town.desk.log.durable.sequence)
        try town.play(20)
        let new = Place()
        let restored = try Backups.restore(
            try place.data, to: try new.data, keys: try new.keys, backupKeys: try place.keys)
        #expect(restored == proof)
        let store = try Store.open(
            try new.data, keys: try new.keys,
            options: town.world.options(segmentSize: SnapshotTown.segmentSize))
        #expect(try StateHash.of(store.state) == live)
        #expect((store.snapshot != nil) == hasSnapshot)
        #expect(Journal.verify(try new.data, keys: try new.keys).problem == nil)
    }

    /// What was acknowledged and what is in the making: only the first is copied.
    @Test func aGroupInTheMakingIsNotCopied() throws {
        var town = try SnapshotTown(seed: 43)
        try town.play(30)
        let segment = try #require(
            try town.disk.root.list().filter { $0.hasPrefix("journal-") }.max())
        var bytes = try #require(town.disk.bytes(of: segment))
        let end = try #require(bytes.lastIndex { $0 != 0 })
        let from = (end / 4096 + 1) * 4096
        for at in from..<(from + 100) { bytes[at] = 0xA5 }
        town.disk.replace(segment, bytes)
        let (place, proof) = try backup(town)
        #expect(proof.stateHash == (try StateHash.of(town.desk.engine.state)))
        #expect(Journal.verify(try place.data, keys: try place.keys).unfinishedBytes == 0)
    }

    /// HEAD says what was acknowledged; a whole group behind it is in the making still.
    @Test func nothingBehindHeadIsCopied() throws {
        var town = try SnapshotTown(seed: 44)
        try town.play(20)
        let head = try #require(town.disk.bytes(of: "HEAD"))
        let (hash, sequence) = (
            try StateHash.of(town.desk.engine.state), town.desk.log.durable.sequence
        )
        try town.play(3)
        town.disk.replace("HEAD", head)
        let (_, proof) = try backup(town)
        #expect(proof.sequence == sequence && proof.stateHash == hash)
    }

    @Test func withTheKeysOfNowWhatWasErasedStaysErased() throws {
        var town = try SnapshotTown(seed: 47)
        try town.play(30)
        let (place, proof) = try backup(town)
        let target = try #require(town.targets.first { town.desk.version(of: $0) > 0 })
        #expect(try town.desk.log.destroyKey(try #require(ID128(target))))
        let new = Place()
        let restored = try Backups.restore(
            try place.data, to: try new.data, keys: try town.keys, backupKeys: nil)
        #expect(restored == proof, "the hash is over sealed bytes")
        let store = try Store.open(
            try new.data, keys: try town.keys,
            options: town.world.options(segmentSize: SnapshotTown.segmentSize))
        let shown =
            store.state.requests.filter { $0.id.bytes == target }.map(\.text.title.shown)
            + store.state.cases.filter { $0.id.bytes == target }.map(\.family.name.shown)
        #expect(shown == [PersonalText.erasedText])
    }

    @Test func nothingIsOverwritten() throws {
        var town = try SnapshotTown(seed: 53)
        try town.play(10)
        let (place, _) = try backup(town)
        #expect(throws: JournalError.self, "into a directory with a backup") {
            try Backups.make(town.disk.root, keys: try town.keys, to: try place.data, keys: try place.keys)
        }
        #expect(throws: JournalError.self, "over a store") {
            try Backups.restore(
                try place.data, to: town.disk.root, keys: try town.keys, backupKeys: nil)
        }
        #expect(throws: JournalError.self, "over keys") {
            try Backups.restore(
                try place.data, to: try Place().data, keys: try town.keys, backupKeys: try place.keys)
        }
    }

    @Test func aChangedOrHalfBackupIsRefused() throws {
        var town = try SnapshotTown(seed: 59)
        try town.play(40)
        let (place, _) = try backup(town)
        let names = try place.data.list()
        #expect(names.contains("HEAD") && names.contains(Backups.manifestName))
        for name in names where !name.hasPrefix("snapshot") {
            let whole = try #require(place.disk.bytes(of: name, in: "data"))
            var bytes = whole
            bytes[bytes.count / 3] ^= 0x10
            for changed in [bytes, [], Array(whole.prefix(whole.count / 2))] {
                // HEAD has two copies and spare room: one bit of it may be wrong without harm.
                if name == "HEAD" && !changed.isEmpty { continue }
                place.disk.replace(name, in: "data", changed)
                let new = Place()
                #expect(throws: (any Error).self, "\(name), \(changed.count) bytes") {
                    try Backups.restore(
                        try place.data, to: try new.data, keys: try new.keys, backupKeys: try place.keys)
                }
            }
            place.disk.replace(name, in: "data", whole)
        }
    }

    @Test func theDataPartHoldsNoKeyAndNoPersonalText() throws {
        var town = try SnapshotTown(seed: 61)
        try town.play(30)
        try town.snapshot()
        let (place, _) = try backup(town)
        for name in try place.data.list() {
            #expect(name != "subjects.tlk")
            let bytes = try #require(place.disk.bytes(of: name, in: "data"))
            for text in Filings.personalTexts {
                let found = bytes.indices.contains { at in
                    bytes[at...].starts(with: text.utf8)
                }
                #expect(!found, "\(text) in \(name)")
            }
        }
    }
}
