/// Reading a journal in pieces, beside whoever writes it or without a server: for snapshots and backups.
extension Journal {
    /// Reads on from `start`, or from the beginning, to the group that ends with `sequence`, which must be acknowledged: so a writer's
    /// group in the making is never looked at. Everything is checked as in recovery. Returns where it stands; `start` is used up.
    package static func readOn<Visitor: JournalVisitor>(
        _ storage: any Storage, keys: any Storage, from start: JournalStart?, upTo sequence: UInt64,
        visitor: inout Visitor
    ) throws(JournalError) -> JournalStart {
        let list = try SegmentList.read(storage, whole: start == nil)
        let storeID = list.segments[0].header.storeID  // programmer error: read gives at least one
        let keyBytes = try KeyFile.read(keys, storeID: storeID)
        var scan = try JournalScan(
            storage, segments: list.segments, keys: keyBytes, head: nil, start: start, limit: sequence,
            visitor: Gathering(base: visitor, keys: start?.keys ?? []))
        defer { visitor = scan.visitor.base }
        let end = try scan.run()
        guard end.sequence == sequence, let checkpoint = end.checkpoint?.checkpoint else {
            throw .misuse("the journal was read to \(end.sequence) where \(sequence) was acknowledged")
        }
        return JournalStart(
            point: SnapshotPoint(
                storeID: storeID, city: checkpoint.city, algorithm: checkpoint.algorithm, epoch: end.epoch,
                group: end.group, sequence: end.sequence, time: end.time, commitTime: end.commitTime,
                nextKeySlot: end.nextKeySlot, root: checkpoint.root),
            tree: end.tree, keys: scan.visitor.keys)
    }

    /// What HEAD says was acknowledged, without asking the writer.
    package static func acknowledged(_ storage: any Storage) throws(JournalError) -> UInt64 {
        let list = try SegmentList.read(storage, whole: false)
        let storeID = list.segments[0].header.storeID  // programmer error: read gives at least one
        guard let head = try HeadFile.read(storage, storeID: storeID) else {
            throw .headMissing(path: storage.path)
        }
        return head.sequence
    }

    /// The keys in these slots, shown in their order, destroyed ones as such. Throws when one is not there.
    package static func keys(
        _ keys: any Storage, of start: JournalStart, _ show: (KeyEntry) throws -> Void
    ) throws {
        let bytes = try KeyFile.read(keys, storeID: start.point.storeID)
        for range in start.keys {
            for slot in range.first..<(range.first + UInt64(range.count)) {
                guard let entry = bytes.withUnsafeBytes({ KeySlot.read($0, slot) }) else {
                    throw JournalError.keyMissing(group: start.point.group, slot: slot)
                }
                try show(entry)
            }
        }
    }

    /// The directory's lock, so that no server begins to write meanwhile. Held until `release`, or the end of the process.
    package static func lock(_ storage: any Storage) throws(JournalError) -> StorageFile {
        try acquire(storage)
    }
}

/// Notes which key slots the groups name.
private struct Gathering<Base: JournalVisitor>: JournalVisitor {
    var base: Base
    var keys: [KeyRange]

    mutating func key(_ key: KeyEntry) throws(JournalError) { try base.key(key) }
    mutating func record(_ record: RecordView) throws(JournalError) { try base.record(record) }
    mutating func commit(_ commit: CommitView) throws(JournalError) {
        if commit.keys > 0 {
            keys.append(KeyRange(first: commit.firstKeySlot, count: UInt32(truncatingIfNeeded: commit.keys)))
        }
        try base.commit(commit)
    }
}
