package import Crypto
internal import Exchange
package import Journal

/// Backups of a store and their way back. A backup is a journal that ends with an acknowledged group, and a page that says what it must
/// give; the keys lie apart, because their backups expire (JOURNAL.md 7).
package enum Backups {
    /// Name of the page, in the backup's directory.
    package static let manifestName = "BACKUP"
    private static let manifestBytes = 4096

    /// What a backup holds, and the proof of it.
    package struct Proof: Sendable, Equatable {
        package var city: String
        package var storeID: ID128
        package var group: UInt64
        package var sequence: UInt64
        /// Of the last record, ns UTC.
        package var time: Int64
        package var root: Digest
        package var stateHash: Digest

        /// One `name value` a line.
        package var text: String {
            """
            twolists-backup 1
            city \(city)
            store \(hex(storeID.bytes))
            group \(group)
            sequence \(sequence)
            time \(time)
            root \(root.hex)
            state \(stateHash.hex)

            """
        }
    }

    package struct Failed: Error, CustomStringConvertible {
        package var description: String
    }

    /// Copies what is acknowledged, beside a running server or without one, then reads the copy as a stranger would: every checksum and
    /// link, the tree's root, the state's hash by full replay.
    package static func make(
        _ storage: any Storage, keys: any Storage, to target: any Storage, keys targetKeys: any Storage
    ) throws -> Proof {
        // Looked at first: what is asked for before is durable, with its keys, in everything read after.
        let sequence = try Journal.acknowledged(storage)
        try Journal.requireNoJournal(target)
        let found = try Snapshots.stateHash(storage, keys: keys, upTo: sequence)
        try Journal.copy(storage, to: target, upTo: found.point)
        try Journal.copyKeys(keys, to: targetKeys)
        let proof = Proof(found.point, found.hash)
        try check(target, keys: targetKeys, against: proof)
        try write(proof, target)
        return proof
    }

    /// The way back, into an empty directory: copies, then checks as `make` does. `backupKeys` nil: the keys that lie in `keys` are
    /// used, so what was erased since the backup stays erased.
    package static func restore(
        _ backup: any Storage, to storage: any Storage, keys: any Storage, backupKeys: (any Storage)?
    ) throws -> Proof {
        let promised = try manifest(backup)
        try Journal.requireNoJournal(storage)
        if let backupKeys { try Journal.copyKeys(backupKeys, to: keys) }
        let found = try Snapshots.stateHash(backup, keys: keys, upTo: try Journal.acknowledged(backup))
        guard Proof(found.point, found.hash).text == promised else {
            throw Failed(
                description:
                    "\(backup.path) does not give what its page \(manifestName) says: it was changed. Take another backup."
            )
        }
        try Journal.copy(backup, to: storage, upTo: found.point)
        let proof = Proof(found.point, found.hash)
        try check(storage, keys: keys, against: proof)
        return proof
    }

    private static func check(_ storage: any Storage, keys: any Storage, against proof: Proof) throws {
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        let again = try Snapshots.stateHash(storage, keys: keys, upTo: proof.sequence)
        guard report.checkpoint?.checkpoint.root == proof.root, Proof(again.point, again.hash) == proof else {
            throw Failed(description: "\(storage.path): the copy does not give the state of what was copied")
        }
    }

    private static func write(_ proof: Proof, _ target: any Storage) throws(StorageError) {
        let file = try target.open(manifestName, .create)
        defer { target.close(file) }
        try target.writeAll(file, [UInt8](proof.text.utf8), at: 0)
        try target.sync(file)
        try target.syncDirectory()
    }

    private static func manifest(_ backup: any Storage) throws -> String {
        do throws(StorageError) {
            let file = try backup.open(manifestName, .read)
            defer { backup.close(file) }
            return String(decoding: try backup.readAll(file, count: manifestBytes, at: 0), as: UTF8.self)
        } catch {
            throw Failed(
                description:
                    "\(backup.path)/\(manifestName) cannot be read (\(error.reason)): this is no whole backup"
            )
        }
    }
}

extension Backups.Proof {
    init(_ point: SnapshotPoint, _ hash: Digest) {
        self.init(
            city: point.city, storeID: point.storeID, group: point.group, sequence: point.sequence,
            time: point.time, root: point.root, stateHash: hash)
    }
}

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
