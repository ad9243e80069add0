import Crypto

/// Reads the segments of a directory in order and decides what is good, what is an unfinished tail, and what is damage.
/// The rules are JOURNAL.md 8; recovery, `verify` and `dump` all read through here. Changes nothing.
struct JournalScan<Visitor: JournalVisitor> {
    let storage: any Storage
    let segments: [(name: String, header: SegmentHeader)]
    /// The key file's bytes; nil: keys are neither checked nor shown.
    let keys: [UInt8]?
    let head: HeadRecord?
    let hasher: MerkleHasher
    let tree: LeafTree
    var visitor: Visitor

    var group: UInt64 = 0
    var sequence: UInt64 = 0
    var time: Int64 = 0
    var commitTime: Int64 = 0
    var epoch: UInt32 = 0
    var nextKeySlot: UInt64 = 0
    var checkpoint: SignedCheckpoint?
    var groups = 0
    private var tail = ScanTail(offset: 0, firstSequence: 1, firstGroup: 1, lastTime: 0, firstKeySlot: 0)
    /// The segment and offset reading begins at; nil: the first.
    private var begin: (segment: Int, offset: Int)?
    /// No group that begins after this sequence is read: those may not be acknowledged yet.
    private let limit: UInt64
    /// Offsets of the records of the group being read, kept to avoid a growing array per group.
    var starts: [Int] = []
    var hashes: [Digest] = []

    /// `head`: compared with the group it names on the way. `limit`: a sequence that a group ends with.
    init(
        _ storage: any Storage, segments: [(name: String, header: SegmentHeader)], keys: [UInt8]?,
        head: HeadRecord?, start: JournalStart? = nil, limit: UInt64 = .max,
        visitor: Visitor
    ) throws(JournalError) {
        self.storage = storage
        self.segments = segments
        self.keys = keys
        self.head = head
        self.visitor = visitor
        // programmer error if empty: SegmentList.read gives at least one
        hasher = MerkleHasher(segments[0].header.algorithm)
        tree = start?.tree ?? LeafTree(hasher)
        self.limit = limit
        if let start { try resume(start.point) }
    }

    /// Reads everything, from the start on. Throws at the first damage; what was shown before it stays shown.
    mutating func run() throws(JournalError) -> ScanEnd {
        var superseded: (name: String, end: Int)?
        for index in segments.indices.dropLast() where index >= (begin?.segment ?? 0) && sequence < limit {
            let bytes = try contents(index)
            let end = try whole(index, bytes)
            if sequence >= limit { return self.end(index, bytes, end.offset, junk: nil) }
            superseded = end.superseded ? (segments[index].name, end.offset) : nil
        }
        let last = segments.count - 1
        let bytes = try contents(last)
        var end = try lastSegment(last, bytes)
        end.superseded = superseded
        return end
    }

    private func contents(_ index: Int) throws(JournalError) -> SegmentImage {
        let (name, header) = segments[index]
        do throws(StorageError) {
            // Never more than the header says the file has: the rest is not ours.
            return try SegmentImage(storage, name, most: header.fileSize)
        } catch { throw .storage(error, task: "reading segment \(name)") }
    }

    // MARK: beginning at a snapshot

    /// Takes a snapshot's place for what was read, once its group has been found with its root: it is a snapshot of this journal.
    private mutating func resume(_ point: SnapshotPoint) throws(JournalError) {
        let first = segments[0].header
        guard point.storeID == first.storeID, point.city == first.city, point.algorithm == first.algorithm
        else {
            throw .snapshotForeign("it is one of another store")
        }
        // The newest segment that begins at or before the group: recovery may have written it again.
        guard let index = segments.lastIndex(where: { $0.header.firstGroup <= point.group }) else {
            throw .snapshotForeign("the journal does not have its group")
        }
        let bytes = try contents(index)
        guard let place = bytes.withUnsafeBytes({ place(of: point, in: $0, index) }) else {
            throw .snapshotForeign("the journal does not have group \(point.group) with its root")
        }
        // The journal and the snapshot agree: it is HEAD that knows another history.
        if let head, head.group == point.group, head.root != point.root { throw .forked(group: head.group) }
        (group, sequence, time, commitTime) = (point.group, point.sequence, point.time, point.commitTime)
        (epoch, nextKeySlot) = (point.epoch, point.nextKeySlot)
        checkpoint = SignedCheckpoint(
            checkpoint: Checkpoint(
                algorithm: point.algorithm, city: point.city, storeID: point.storeID,
                treeSize: point.sequence, time: point.commitTime, root: point.root),
            signature: place.commit.signature, second: place.commit.second)
        begin = (index, place.end)
    }

    /// The offset in a segment after a point's group.
    func end(of point: SnapshotPoint, in index: Int) throws(JournalError) -> Int {
        let bytes = try contents(index)
        guard let place = bytes.withUnsafeBytes({ place(of: point, in: $0, index) }) else {
            throw .snapshotForeign("\(segments[index].name) does not have group \(point.group)")
        }
        return place.end
    }

    /// The snapshot's group, found by the headers alone; nil: it is not there, or its root is another.
    private func place(of point: SnapshotPoint, in raw: UnsafeRawBufferPointer, _ index: Int) -> GroupPlace? {
        GroupPlace.find(raw, nonce: segments[index].header.nonce) { $0.group >= point.group }.flatMap {
            $0.group == point.group && $0.commit.root == point.root && $0.commit.treeSize == point.sequence
                ? $0 : nil
        }
    }

    // MARK: segments

    /// The offset a segment is read from, and the links between segments: what stood before the first group must be what the segment before
    /// gave, or the snapshot says.
    private mutating func beginning(_ index: Int) throws(JournalError) -> Int {
        guard let begin, begin.segment == index else {
            try enter(index)
            return SegmentHeader.dataStart
        }
        // Every group up to here was acknowledged, so recovery need not write them again.
        tail = ScanTail(
            offset: begin.offset, firstSequence: sequence + 1, firstGroup: group + 1, lastTime: time,
            firstKeySlot: nextKeySlot)
        return begin.offset
    }

    /// The links between segments: what stood before the first group must be what the segment before gave.
    private mutating func enter(_ index: Int) throws(JournalError) {
        let (name, header) = segments[index]
        let expected = tree.root(size: header.firstSequence - 1)
        guard header.firstGroup == group + 1, header.firstSequence == sequence + 1, header.lastTime == time,
            expected == header.root
        else { throw .rootMismatch(file: path(name), offset: 0, group: header.firstGroup) }
        tail = ScanTail(
            offset: SegmentHeader.dataStart, firstSequence: sequence + 1, firstGroup: group + 1,
            lastTime: time,
            firstKeySlot: nextKeySlot)
    }

    /// A segment that is not the last: every group before the next segment's first must be good.
    private mutating func whole(_ index: Int, _ bytes: SegmentImage) throws(JournalError) -> (
        offset: Int, superseded: Bool
    ) {
        var offset = try beginning(index)
        let next = segments[index + 1].header.firstGroup
        return try bytes.withUnsafeBytes { (raw) throws(JournalError) in
            while group + 1 < next, sequence < limit {
                switch try step(index, raw, offset) {
                case .good(let end, let commitEnd):
                    guard raw.isZero(commitEnd, min(end, raw.count)) else {
                        throw damage(index, commitEnd, "bytes in the padding of a group")
                    }
                    offset = end
                case .broken(let at, let what): throw damage(index, at, what)
                case .keyMissing(_, let slot): throw .keyMissing(group: group + 1, slot: slot)
                }
            }
            return (offset, offset < raw.count && !raw.isZero(offset, raw.count))
        }
    }

    private mutating func lastSegment(_ index: Int, _ bytes: SegmentImage) throws(JournalError) -> ScanEnd {
        var offset = try beginning(index)
        return try bytes.withUnsafeBytes { (raw) throws(JournalError) in
            while true {
                let before = (sequence, group, time, nextKeySlot)
                if sequence >= limit || offset >= raw.count || raw.isZero(offset, raw.count) {
                    return end(index, bytes, offset, junk: nil)
                }
                switch try step(index, raw, offset) {
                case .good(let next, let commitEnd):
                    if sequence > before.0 {
                        tail = ScanTail(
                            offset: offset, firstSequence: before.0 + 1, firstGroup: before.1 + 1,
                            lastTime: before.2,
                            firstKeySlot: before.3)
                    }
                    offset = next
                    if !raw.isZero(commitEnd, min(next, raw.count)) {
                        // The group is whole; what follows it was never part of it.
                        try mustBeTorn(
                            index, raw, from: commitEnd, allowed: nil, what: "bytes in the padding of a group"
                        )
                        return end(index, bytes, next, junk: commitEnd..<lastByte(raw, commitEnd))
                    }
                case .broken(let at, let what):
                    try mustBeTorn(index, raw, from: at, allowed: group + 1, what: what)
                    return end(index, bytes, offset, junk: offset..<lastByte(raw, offset))
                case .keyMissing(let next, let slot):
                    do throws(JournalError) {
                        try mustBeTorn(index, raw, from: next, allowed: nil, what: "")
                    } catch { throw .keyMissing(group: group + 1, slot: slot) }
                    var result = end(index, bytes, offset, junk: offset..<lastByte(raw, offset))
                    result.missingSlot = slot
                    return result
                }
            }
        }
    }

    /// One past the last byte that is not zero.
    private func lastByte(_ raw: UnsafeRawBufferPointer, _ from: Int) -> Int {
        var end = raw.count
        while end > from && raw[end - 1] == 0 { end -= 1 }
        return end
    }

    /// Rule 5. At `from` the expected group is not whole. Since group G + 1 is written only after G is on disc, a record of any
    /// group but the one expected shows that the bad bytes were once good: damage. Otherwise it is a tear, never acknowledged.
    private func mustBeTorn(
        _ index: Int, _ raw: UnsafeRawBufferPointer, from: Int, allowed: UInt64?, what: String
    ) throws(JournalError) {
        let nonce = segments[index].header.nonce
        var at = aligned(from, to: 8)
        while at + RecordHeader.size <= raw.count {
            if raw.u32(at) == RecordHeader.magic, RecordHeader.stands(raw, at: at, nonce: nonce),
                raw.u64(at + 24) != allowed
            {
                throw damage(
                    index, from, "\(what); a record of group \(raw.u64(at + 24)) follows at offset \(at)")
            }
            at += 8
        }
    }

    private func end(_ index: Int, _ bytes: SegmentImage, _ offset: Int, junk: Range<Int>?) -> ScanEnd {
        ScanEnd(
            header: segments[index].header, bytes: bytes, offset: offset, junk: junk, group: group,
            sequence: sequence, time: time, commitTime: commitTime, epoch: epoch, nextKeySlot: nextKeySlot,
            tree: tree, checkpoint: checkpoint, tail: tail, groups: groups,
            leaves: Int(clamping: sequence))
    }

    func path(_ name: String) -> String { "\(storage.path)/\(name)" }

    func damage(_ index: Int, _ offset: Int, _ what: String) -> JournalError {
        .damaged(file: path(segments[index].name), offset: offset, what: what)
    }
}
