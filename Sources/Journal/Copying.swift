/// Copying a journal as it stood after an acknowledged group: for backups, beside a running server, and for restoring one.
extension Journal {
    /// Copies everything up to `point`, which `readOn` gave: segments, the newest snapshot not after it, HEAD last, so that a copy that was
    /// interrupted is never taken for a whole one. The segment that `point` lies in ends there; recovery gives it room again.
    package static func copy(
        _ storage: any Storage, to target: any Storage, upTo point: SnapshotPoint
    ) throws(JournalError) {
        try requireNoJournal(target)
        let segments = try SegmentList.read(storage).segments.filter {
            $0.header.firstSequence <= point.sequence
        }
        guard let last = segments.last else { throw .notFormatted(path: storage.path) }
        do throws(StorageError) {
            for segment in segments.dropLast() {
                try copyFile(storage, segment.name, to: target, bytes: .max)
            }
        } catch { throw .storage(error, task: "copying the segments") }
        let scan = try JournalScan(
            storage, segments: segments, keys: nil, head: nil, visitor: NothingShown())
        let end = try scan.end(of: point, in: segments.count - 1)
        do throws(StorageError) {
            try copyFile(storage, last.name, to: target, bytes: end)
            try copySnapshot(storage, to: target, upTo: point.sequence)
            try copyCuts(storage, to: target, upTo: point.sequence)
            try HeadFile.make(
                target,
                HeadRecord(
                    storeID: point.storeID, counter: 1, group: point.group, sequence: point.sequence,
                    time: point.commitTime, root: point.root))
            try target.syncDirectory()
        } catch { throw .storage(error, task: "copying the journal") }
    }

    /// Copies the key file whole: keys of groups after the copied ones do no harm. It never replaces one that has keys.
    package static func copyKeys(_ keys: any Storage, to target: any Storage) throws(JournalError) {
        try requireEmptyKeys(target)
        do throws(StorageError) {
            try copyFile(keys, KeyFile.name, to: target, bytes: .max)
            // Of a server whose power went in an erasure: the copy is of the key file as a start would leave it.
            if let redo = try SectorRedo.read(keys) { try redo.apply(to: target) }
            try target.syncDirectory()
        } catch { throw .storage(error, task: "copying the key file") }
        try SideFiles.copy(keys, to: target, folders: SideFiles.keys)
    }

    /// Throws when `storage` holds a journal already.
    package static func requireNoJournal(_ storage: any Storage) throws(JournalError) {
        guard try SegmentList.names(storage).isEmpty else { throw .alreadyFormatted(path: storage.path) }
    }

    private static func copySnapshot(
        _ storage: any Storage, to target: any Storage, upTo sequence: UInt64
    ) throws(StorageError) {
        let names = try storage.list().filter { (SnapshotFile.sequence(name: $0) ?? .max) <= sequence }
        guard let newest = names.max() else { return }
        try copyFile(storage, newest, to: target, bytes: .max)
    }

    /// What earlier restores cut, as far as their records are copied.
    private static func copyCuts(
        _ storage: any Storage, to target: any Storage, upTo sequence: UInt64
    ) throws(StorageError) {
        for name in try storage.list() where (CutFile.kept(name: name) ?? .max) < sequence {
            try copyFile(storage, name, to: target, bytes: .max)
        }
    }

    /// The first `bytes` of a file, or all it has, synced.
    static func copyFile(
        _ storage: any Storage, _ name: String, to target: any Storage, bytes: Int
    ) throws(StorageError) {
        let source = try storage.open(name, .read)
        defer { storage.close(source) }
        let file = try target.open(name, .create)
        defer { target.close(file) }
        let size = min(bytes, try storage.size(source))
        var offset = 0
        while offset < size {
            let piece = try storage.readAll(
                source, count: min(JournalLimits.readWindow, size - offset), at: offset)
            guard !piece.isEmpty else { break }
            try target.writeOut(file, piece, at: offset)
            offset += piece.count
        }
        try target.sync(file)
    }
}

struct NothingShown: JournalVisitor {
    mutating func record(_ record: RecordView) throws(JournalError) {}
}
