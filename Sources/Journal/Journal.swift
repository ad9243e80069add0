package import Crypto
import Glibc

/// The journal as a whole: making one, recovering one. Checking one without the server is in Verify.swift.
package enum Journal {
    /// The file whose lock says that a server runs on the directory.
    static let lockName = "LOCK"
    /// There while a restore that cuts is under way.
    static let restoringName = "RESTORING"

    /// Makes a new, empty journal. The key file is made in `keys`, HEAD and the first segment in `storage`, the segment last:
    /// an interrupted `format` leaves no journal and can be repeated.
    package static func format(_ storage: any Storage, keys: any Storage, _ options: JournalOptions)
        throws(JournalError)
    {
        try options.check()
        let lock = try acquire(storage)
        defer { storage.close(lock) }
        guard try SegmentList.names(storage).isEmpty else { throw .alreadyFormatted(path: storage.path) }
        try requireEmptyKeys(keys)
        let hasher = MerkleHasher(options.algorithm)
        let storeID = try options.randomID()
        let header = SegmentHeader(
            storeID: storeID, nonce: try options.randomID(), index: 0, firstSequence: 1, firstGroup: 1,
            fileSize: options.segmentSize, created: options.wall(), algorithm: options.algorithm, epoch: 0,
            city: options.city, lastTime: 0, root: hasher.empty)
        do throws(StorageError) {
            try KeyFile.make(keys, storeID: storeID)
            try HeadFile.make(
                storage,
                HeadRecord(storeID: storeID, counter: 1, group: 0, sequence: 0, time: 0, root: hasher.empty))
            try storage.syncDirectory()
            try SegmentFile.make(storage, header, groups: [])
        } catch {
            if error.isNoSpace { throw .noSpace(path: storage.path, needed: options.segmentSize) }
            throw .storage(error, task: "making a new journal")
        }
    }

    /// A key file with keys in it is never overwritten: it may be all that can open an older journal.
    static func requireEmptyKeys(_ keys: any Storage) throws(JournalError) {
        do throws(StorageError) {
            let bytes = try keys.contents(KeyFile.name)
            guard bytes.count <= JournalLimits.page || KeyFile.firstFree(bytes) == 0 else {
                throw StorageError(.open, KeyFile.name, EEXIST)
            }
        } catch {
            if error.isNoFile { return }
            if error.code == EEXIST { throw .alreadyFormatted(path: "\(keys.path)/\(KeyFile.name)") }
            throw .storage(error, task: "looking for a key file")
        }
    }

    static func acquire(_ storage: any Storage) throws(JournalError) -> StorageFile {
        do throws(StorageError) {
            let file = try storage.lock(lockName)
            let note = Array("\(getpid())\n".utf8)
            // Only words for the operator: the lock is what counts.
            try? storage.truncate(file, to: 0)
            try? storage.writeAll(file, note, at: 0)
            return file
        } catch {
            guard error.code == EWOULDBLOCK else {
                throw .storage(error, task: "locking the journal directory")
            }
            let holder = (try? storage.contents(lockName)).map {
                String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self)
            }
            throw .alreadyRunning(path: storage.path, holder: holder ?? "unknown")
        }
    }
}

/// A journal opened for writing: what was found, and the writer. Give it to `GroupCommitLog`.
package struct OpenedJournal: Sendable {
    package var storeID: ID128
    package var city: String
    package var algorithm: DigestAlgorithm
    /// This start's number.
    package var epoch: UInt32
    /// Every record up to here was shown or is one of the journal's own, written at this start.
    package var sequence: UInt64
    package var lastTime: Int64
    /// What the operator should read: a cut tail, a damaged header copy.
    package var notices: [String]
    var writer: JournalWriter
    package let storage: any Storage
    let options: JournalOptions
}

extension Journal {
    /// Recovers the journal and opens it for writing: takes the lock, reads and checks everything, shows every whole group
    /// to `visitor`, cuts an unfinished tail (its bytes kept in `quarantine/`), writes the last groups again unless HEAD proves
    /// them acknowledged, then journals the new epoch. JOURNAL.md 8.
    ///
    /// `start`: groups up to there are neither read nor shown; `snapshotForeign` when the journal has another group there.
    ///
    /// Nothing on disc is changed before all checks have passed. After an error the visitor's state must be thrown away.
    package static func recover<Visitor: JournalVisitor>(
        _ storage: any Storage, keys: any Storage, _ options: JournalOptions, from start: JournalStart? = nil,
        visitor: inout Visitor
    ) throws(JournalError) -> OpenedJournal {
        try options.check()
        let lock = try acquire(storage)
        do throws(JournalError) {
            var recovery = Recovery(storage, keys, options, lock, from: start)
            return try recovery.run(&visitor)
        } catch {
            storage.close(lock)
            throw error
        }
    }
}

extension Journal {
    /// The city a journal belongs to, from its segment headers alone.
    package static func city(of storage: any Storage) throws(JournalError) -> String {
        // programmer error if empty: read gives at least one
        try SegmentList.read(storage, whole: false).segments[0].header.city
    }

    /// The digest of the store, from there too.
    package static func algorithm(of storage: any Storage) throws(JournalError) -> DigestAlgorithm {
        // programmer error if empty: read gives at least one
        try SegmentList.read(storage, whole: false).segments[0].header.algorithm
    }
}
