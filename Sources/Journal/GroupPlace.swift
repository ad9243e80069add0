/// Where a group lies in a segment, by the headers alone: for what was checked before, or will be.
struct GroupPlace {
    var group: UInt64
    var commit: Commit
    /// Of its last leaf, or the last before it in the segment, ns UTC.
    var time: Int64
    var commitTime: Int64
    /// Behind its padding.
    var end: Int

    /// The first group from the segment's beginning on that is `wanted`.
    static func find(
        _ raw: UnsafeRawBufferPointer, nonce: ID128, _ wanted: (GroupPlace) -> Bool
    ) -> GroupPlace? {
        var at = SegmentHeader.dataStart
        var time: Int64 = 0
        while RecordHeader.stands(raw, at: at, nonce: nonce) {
            let isCommit = raw.u16(at + 12) == RecordType.commit.rawValue
            let prefix = RecordHeader.size + (isCommit ? 0 : RecordHeader.leafPart)
            let length = Int(raw.u32(at + 8))
            guard at + prefix + length <= raw.count else { return nil }
            let end = aligned(at + prefix + length, to: 8)
            guard isCommit else {
                time = raw.i64(at + 32)
                at = end
                continue
            }
            guard let commit = Commit(raw.window(at + prefix, at + prefix + length)) else { return nil }
            at = aligned(end, to: JournalLimits.page)
            let place = GroupPlace(
                group: raw.u64(end - aligned(prefix + length, to: 8) + 24), commit: commit, time: time,
                commitTime: raw.i64(end - aligned(prefix + length, to: 8) + 32), end: at)
            if wanted(place) { return place }
        }
        return nil
    }
}
