import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

/// Every key that a store's groups name, and every origin with what it was sealed for.
private struct Contents: JournalVisitor {
    var keys: [KeyEntry] = []
    var origins: [(subject: ID128, command: ID128, sealed: [UInt8])] = []

    init(_ storage: any Storage, _ keys: any Storage) throws {
        try Journal.read(storage, keys: keys, visitor: &self)
    }

    mutating func key(_ key: KeyEntry) throws(JournalError) { keys.append(key) }
    mutating func record(_ view: RecordView) throws(JournalError) {
        guard view.type == .command, let record = try? EventV1.Record(decoding: [UInt8](view.body)),
            let subject = ID128(record.subject)
        else { return }
        origins.append((subject, view.commandID, record.origin))
    }
}

@Suite("DESIGN.md 8: an old data backup with the keys of now opens nothing that was erased since")
struct ErasureBackupTests {
    private let world = World(seed: 87)
    private let disk: SimulatedDisk

    init() throws { disk = try TownDisk.make(seed: 87, world: world) }

    private func folder(_ name: String) throws -> any Storage { try disk.root.subdirectory(name) }

    /// Names of the files of a folder that hold `bytes` somewhere.
    private func holding(_ bytes: [UInt8], in name: String?) throws -> [String] {
        let storage = try name.map { try folder($0) } ?? disk.root
        return try storage.list().filter { file in
            let content = disk.bytes(of: file, in: name) ?? []
            return content.indices.contains { content[$0] == bytes[0] && content[$0...].starts(with: bytes) }
        }
    }

    /// A request and a case, closed.
    private func ended(_ desk: Desk) throws -> [[UInt8]] {
        let (request, held) = (world.target(), world.target())
        for kind in [
            CommandKind.submitRequest, .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest,
            .reportProgress, .reportResult, .confirmRequest,
        ] { try desk.give(kind, on: request) }
        for kind in [CommandKind.fileCase, .reviewCase, .concludeCase, .confirmCase] {
            try desk.give(kind, on: held)
        }
        return [request, held]
    }

    @Test("neither by replay, nor by any key on any record, nor is a key of it in any file: grep")
    func opensNothing() throws {
        var desk = try Desk(disk.root, keys: try folder("keys"), world.options(), world)
        let (gone, stays) = (try ended(desk), try ended(desk))
        let subjects = Set(gone.compactMap { ID128($0) })
        let keysOfGone = try Contents(disk.root, try folder("keys")).keys.filter {
            subjects.contains($0.subject)
        }
        #expect(keysOfGone.count == 2 && keysOfGone.allSatisfy { !$0.isDestroyed })
        // A snapshot and a backup from before; the backup of the keys has not expired yet.
        _ = try Snapshots.make(
            disk.root, keys: try folder("keys"), upTo: desk.log.durable.sequence, entropy: world.entropy,
            roomLeft: 0)
        _ = try Backups.make(
            disk.root, keys: try folder("keys"), to: try folder("backup"), keys: try folder("backup-keys"))
        for (target, kind) in zip(gone, [CommandKind.eraseRequest, .eraseCase]) {
            #expect(try desk.give(kind, on: target).outcome?.refusal == .unspecified)
        }
        desk.engine.turn([])
        desk.log.close()

        _ = try Backups.restore(
            try folder("backup"), to: try folder("restored"), keys: try folder("keys"), backupKeys: nil)
        for name in [nil, "keys", "backup", "restored"] as [String?] {
            for key in keysOfGone { #expect(try holding(key.key, in: name) == [], "\(name ?? "data")") }
        }
        // The search finds what is there: in the keys' backup, whose expiry completes the erasure.
        for key in keysOfGone { #expect(try holding(key.key, in: "backup-keys") == ["subjects.tlk"]) }

        let found = try Contents(try folder("restored"), try folder("keys"))
        let live = try found.keys.filter { !$0.isDestroyed }.map { try SealKey(bytes: $0.key) }
        #expect(live.count > 2)
        var (opened, tried) = (0, 0)
        for (subject, command, sealed) in found.origins {
            let opens = live.contains {
                (try? Sealer().open(origin: sealed, command: command, key: $0)) != nil
            }
            if subjects.contains(subject) {
                tried += 1
                #expect(!opens)
            } else if opens {
                opened += 1
            }
        }
        #expect(tried >= 12 && opened >= 12)

        for snapshots in [true, false] {
            desk = try Desk(try folder("restored"), keys: try folder("keys"), world.options(), world)
            #expect(try !folder("restored").list().filter { $0.hasPrefix("snapshot-") }.isEmpty == snapshots)
            let state = desk.engine.state
            let viewer = try #require(state.viewer(officer: "b1s2", party: "bureau/421300"))
            for (target, reads) in [(gone, false), (stays, true)] {
                let ids = try target.map { try #require(EntityID($0)) }
                let request = try #require(state.matter(ids[0], for: viewer))
                let view = try #require(state.requestView(request, for: viewer))
                #expect((view.text?.content == Filings.content) == reads)
                #expect((view.text?.content == "已删除") == !reads)
                let held = try #require(state.matter(ids[1], for: viewer))
                let shown = try #require(state.caseView(held, for: viewer))
                #expect((shown.wish == Filings.wish) == reads && (shown.wish == "已删除") == !reads)
            }
            desk.log.close()
            for name in try folder("restored").list() where name.hasPrefix("snapshot-") {
                try folder("restored").unlink(name)
            }
        }
    }
}
