/// A range of leaves proven at once: all leaf hashes of the range, and the inclusion paths of its first and its last.
extension MerkleProof {
    /// The root of the tree of `size` leaves that has `leaves` from index `first` on; nil when the paths do not belong to that range.
    ///
    /// The subtrees left of the range are the left siblings on the path of its first leaf, those right of it the right siblings on the path of
    /// its last; everything else is hashed from the leaves.
    package static func rangeRoot(
        size: UInt64, first: UInt64, leaves: [Digest], firstPath: [Digest], lastPath: [Digest],
        hasher: MerkleHasher = MerkleHasher()
    ) -> Digest? {
        let (end, overflow) = first.addingReportingOverflow(UInt64(leaves.count))
        guard !leaves.isEmpty, !overflow, end <= size, size <= 1 << 62,
            let before = siblings(firstPath, of: first, size: size),
            let after = siblings(lastPath, of: end - 1, size: size)
        else { return nil }
        var range = MerkleRange(
            first: first, leaves: leaves, before: before.left, after: after.right.reversed(), hasher: hasher)
        let root = range.hash(0, size)
        return range.isSpent ? root : nil
    }

    /// The siblings of a path by side, from the root down; nil when the path is not as long as it must be.
    private static func siblings(
        _ path: [Digest], of index: UInt64, size: UInt64
    ) -> (left: [Digest], right: [Digest])? {
        var (start, count, left, right) = (UInt64(0), size, [Digest](), [Digest]())
        for hash in path.reversed() {
            guard count > 1 else { return nil }
            let half = UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
            if index - start < half {
                right.append(hash)
                count = half
            } else {
                left.append(hash)
                (start, count) = (start + half, count - half)
            }
        }
        return count == 1 ? (left, right) : nil
    }
}

/// The walk over the tree: the same splits as RFC 9162's.
private struct MerkleRange {
    let first: UInt64
    let leaves: [Digest]
    /// Subtrees before and after the range, in the order in which the walk meets them.
    let before: [Digest]
    let after: [Digest]
    let hasher: MerkleHasher
    private var usedBefore = 0
    private var usedAfter = 0

    init(first: UInt64, leaves: [Digest], before: [Digest], after: [Digest], hasher: MerkleHasher) {
        self.first = first
        self.leaves = leaves
        self.before = before
        self.after = after
        self.hasher = hasher
    }

    var isSpent: Bool { usedBefore == before.count && usedAfter == after.count }
    private var end: UInt64 { first + UInt64(leaves.count) }

    /// The hash of `count` leaves from `start`; nil: a subtree is not given.
    mutating func hash(_ start: UInt64, _ count: UInt64) -> Digest? {
        if start + count <= first { return next(before, &usedBefore) }
        if start >= end { return next(after, &usedAfter) }
        if count == 1 { return leaves[Int(start - first)] }
        let half = UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
        guard let left = hash(start, half), let right = hash(start + half, count - half) else { return nil }
        return hasher.node(left, right)
    }

    private func next(_ hashes: [Digest], _ used: inout Int) -> Digest? {
        guard used < hashes.count else { return nil }
        defer { used += 1 }
        return hashes[used]
    }
}
