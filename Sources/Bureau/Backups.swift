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
        package var text: String { textWithoutState + "state \(stateHash.hex)\n" }

        /// As a running server writes it, which does not replay for a copy: the root alone fixes every record, and the records the state.
        package var textWithoutState: String {
            """
            twolists-backup 1
            city \(city)
            store \(hex(storeID.bytes))
            group \(group)
            sequence \(sequence)
            time \(time)
            root \(root.hex)

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
        try Journal.copy(storage, to: target, upTo: found.end.point)
        // Behind the journal: whatever it names was there before.
        try SideFiles.copy(storage, to: target, folders: SideFiles.data)
        try Journal.copyKeys(keys, to: targetKeys)
        let proof = Proof(found.end.point, found.hash)
        try check(target, keys: targetKeys, against: proof)
        try write(proof, target)
        return proof
    }

    /// The way back, into an empty directory: copies, then checks as `make` does. `backupKeys` nil: the keys that lie in `keys` are
    /// used, so what was erased since the backup stays erased.
    package static func restore(
        _ backup: any Storage, to storage: any Storage, keys: any Storage, backupKeys: (any Storage)?
    ) throws -> Proof {
        let proof = try prepare(backup, storage, keys, backupKeys)
        try SideFiles.copy(backup, to: storage, folders: SideFiles.data)
        try Journal.copy(backup, to: storage, upTo: proof.end.point)
        try check(storage, keys: keys, against: proof.of)
        return proof.of
    }

    /// What to keep of a backup: everything up to a record, and up to a time (ns UTC).
    package struct Cut: Sendable {
        package var sequence: UInt64
        package var time: Int64
        /// For everybody to read.
        package var reason: String

        package init(sequence: UInt64 = .max, time: Int64 = .max, reason: String) {
            self.sequence = sequence
            self.time = time
            self.reason = reason
        }
    }

    /// Restores what is kept and declares the rest as cut, in a RESTORED record that `options` sign. Without anything to cut it is `restore`, and
    /// nothing is declared (nil).
    package static func restore(
        _ backup: any Storage, to storage: any Storage, keys: any Storage, backupKeys: (any Storage)?,
        cutting cut: Cut, _ options: JournalOptions
    ) throws -> (Proof, Restored?) {
        let whole = try prepare(backup, storage, keys, backupKeys)
        guard let kept = try Journal.lastGroup(backup, upTo: cut.sequence, time: cut.time), kept > 0 else {
            throw Failed(description: "\(backup.path) has no record that early: nothing would be left")
        }
        guard kept < whole.of.sequence else {
            try SideFiles.copy(backup, to: storage, folders: SideFiles.data)
            try Journal.copy(backup, to: storage, upTo: whole.end.point)
            try check(storage, keys: keys, against: whole.of)
            return (whole.of, nil)
        }
        let found = try Snapshots.stateHash(backup, keys: keys, upTo: kept)
        try SideFiles.copy(backup, to: storage, folders: SideFiles.data)
        let restored = try Journal.copyKept(
            backup, to: storage, found.end.point, whole.end, reason: cut.reason)
        let proof = Proof(found.end.point, found.hash)
        try check(storage, keys: keys, against: proof)
        _ = try Journal.declare(restored, in: storage, keys: keys, options)
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        return (proof, restored)
    }

    /// The backup read whole and compared with its page, its keys copied.
    private static func prepare(
        _ backup: any Storage, _ storage: any Storage, _ keys: any Storage, _ backupKeys: (any Storage)?
    ) throws -> (of: Proof, end: JournalStart) {
        let promised = try manifest(backup)
        try Journal.requireNoJournal(storage)
        if let backupKeys { try Journal.copyKeys(backupKeys, to: keys) }
        let found = try Snapshots.stateHash(backup, keys: keys, upTo: try Journal.acknowledged(backup))
        let proof = Proof(found.end.point, found.hash)
        guard proof.text == promised || proof.textWithoutState == promised else {
            throw Failed(
                description:
                    "\(backup.path) does not give what its page \(manifestName) says: it was changed. Take another backup."
            )
        }
        return (proof, found.end)
    }

    private static func check(_ storage: any Storage, keys: any Storage, against proof: Proof) throws {
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        let again = try Snapshots.stateHash(storage, keys: keys, upTo: proof.sequence)
        guard report.checkpoint?.checkpoint.root == proof.root, Proof(again.end.point, again.hash) == proof
        else {
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

    /// Whether the page names the state's hash; one that came over the line names the root alone.
    package static func namesState(_ backup: any Storage) throws -> Bool {
        try manifest(backup).contains("\nstate ")
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
