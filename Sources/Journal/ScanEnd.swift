/// Where the good part of a journal ends, and everything a writer needs to go on.
struct ScanEnd {
    var header: SegmentHeader
    /// The last segment's bytes.
    var bytes: SegmentImage
    /// Offset after the last good group of the last segment, a multiple of 4 KiB unless `junk` starts in a padding.
    var offset: Int
    /// What lies after it and is no group: the first and one past the last byte that is not zero. Nil: clean.
    var junk: Range<Int>?
    /// The group in `junk` is whole, but this slot of its keys is missing.
    var missingSlot: UInt64?
    /// Number of the last good group, 0: none.
    var group: UInt64
    /// Tree size = sequence of the last leaf.
    var sequence: UInt64
    var time: Int64
    var commitTime: Int64
    var epoch: UInt32
    var nextKeySlot: UInt64
    var tree: LeafTree
    var checkpoint: SignedCheckpoint?
    /// The tail that recovery writes again: from the last group with leaves (or the start of the segment).
    var tail: ScanTail
    /// The groups of the segment before the last end here, when the last segment supersedes the rest.
    var superseded: (name: String, end: Int)?
    var damagedHeaders: [String] = []
    var groups = 0
    var leaves = 0
}

/// Where the last groups start, in the last segment, and what stood before them.
struct ScanTail {
    var offset: Int
    var firstSequence: UInt64
    var firstGroup: UInt64
    var lastTime: Int64
    var firstKeySlot: UInt64
}
