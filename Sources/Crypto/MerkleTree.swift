/// The Merkle tree of RFC 9162 section 2.1, over leaves that Journal gives.
///
///     leaf hash = H(0x00 || leaf)          node hash = H(0x01 || left || right)          empty tree = H()
///
/// H is SHA-256, or SM3 where it was chosen. Three parts: `MerkleFrontier` (append and root, what a commit carries),
/// `MerkleTree` (proofs from stored leaf hashes), `MerkleProof` (verification, pure functions of their arguments).

/// The two hashes of a tree.
package struct MerkleHasher: Sendable, Hashable {
    package let algorithm: DigestAlgorithm

    package init(_ algorithm: DigestAlgorithm = .sha256) { self.algorithm = algorithm }

    /// The hash of a leaf's bytes.
    package func leaf(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { Digest(prefix: 0, $0, algorithm: algorithm) }
    }

    /// The hash of a leaf's bytes.
    package func leaf(_ bytes: UnsafeRawBufferPointer) -> Digest {
        Digest(prefix: 0, bytes, algorithm: algorithm)
    }

    /// The hash of an inner node.
    package func node(_ left: Digest, _ right: Digest) -> Digest {
        Digest(prefix: 1, left, right, algorithm: algorithm)
    }

    /// The root of a tree without leaves.
    package var empty: Digest { Digest(of: [], algorithm: algorithm) }
}

/// The hashes of the complete subtrees a tree of `size` leaves consists of, largest first: all that appending and the
/// root need. At most 64 hashes.
package struct MerkleFrontier: Sendable, Hashable {
    package let hasher: MerkleHasher
    /// Leaves so far.
    package private(set) var size: UInt64
    /// One hash a bit set in `size`, highest bit first.
    package private(set) var hashes: [Digest]

    /// The empty tree.
    package init(_ hasher: MerkleHasher = MerkleHasher()) {
        self.hasher = hasher
        size = 0
        hashes = []
    }

    /// A frontier as a commit stored it; nil when the number of hashes does not belong to `size`.
    package init?(_ hasher: MerkleHasher = MerkleHasher(), size: UInt64, hashes: [Digest]) {
        guard hashes.count == size.nonzeroBitCount else { return nil }
        self.hasher = hasher
        self.size = size
        self.hashes = hashes
    }

    /// Adds a leaf, by its hash. Amortized one node hash.
    package mutating func append(_ leafHash: Digest) { append(leafHash) { _, _ in } }

    /// Adds a leaf and tells of each subtree it completes: the subtree's height (1: two leaves) and its hash.
    mutating func append(_ leafHash: Digest, completed: (Int, Digest) -> Void) {
        var hash = leafHash
        var height = 0
        while (size >> UInt64(height)) & 1 == 1, let left = hashes.popLast() {
            hash = hasher.node(left, hash)
            height += 1
            completed(height, hash)
        }
        hashes.append(hash)
        size += 1
    }

    /// The root: at most 63 node hashes.
    package var root: Digest {
        guard var hash = hashes.last else { return hasher.empty }
        for left in hashes.dropLast().reversed() { hash = hasher.node(left, hash) }
        return hash
    }
}

/// Why a proof cannot be made.
package enum MerkleError: Error, Sendable, Hashable {
    /// The tree has fewer leaves than the proof speaks of, or the smaller size is above the larger.
    case outOfRange(index: UInt64, size: UInt64)
    /// The source of leaf hashes could not give one.
    case leafMissing(UInt64)
}

/// The larger complete subtrees of a growing tree, kept so that a proof needs few hashes made anew: it is in the path of every
/// answer to a command. Subtrees of 4 leaves and more are kept, 16 bytes of memory a leaf; with those of 16 and more alone
/// a proof would make eleven hashes instead of one. Leaf hashes come from a closure: nil means it could not be read.
package struct MerkleSubtrees: Sendable {
    /// The smallest subtree kept has 2^2 leaves.
    static let lowestHeight = 2

    /// `levels[h]` holds the complete subtrees of 2^(lowestHeight + h) leaves, left to right.
    private var levels: [[Digest]] = []
    /// The tree as it stands: its size, and its root.
    package private(set) var frontier: MerkleFrontier

    package var hasher: MerkleHasher { frontier.hasher }
    /// Leaves so far.
    package var size: UInt64 { frontier.size }
    /// The root of all leaves so far.
    package var root: Digest { frontier.root }

    package init(_ hasher: MerkleHasher = MerkleHasher()) { frontier = MerkleFrontier(hasher) }

    /// Adds a leaf, by its hash.
    package mutating func append(_ leafHash: Digest) {
        append(MerkleGrowth(of: frontier, by: [leafHash]))
    }

    /// Adds what was hashed elsewhere; it must be the growth of this very tree.
    mutating func append(_ growth: MerkleGrowth) {
        precondition(growth.oldSize == size)  // programmer error: growths are made and added in order
        for (height, hash) in growth.completed where height >= MerkleSubtrees.lowestHeight {
            let level = height - MerkleSubtrees.lowestHeight
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
        }
        frontier = growth.frontier
    }

    /// The root the tree had at `size` leaves.
    package func root(at size: UInt64, leaf: (UInt64) -> Digest?) throws(MerkleError) -> Digest {
        guard size <= self.size else { throw .outOfRange(index: size, size: self.size) }
        return size == 0 ? hasher.empty : try subtree(0, size, leaf)
    }

    /// PATH(index, D[size]) of RFC 9162 2.1.3.1, lowest node first: that leaf `index` (from 0) is in the tree of
    /// `size` leaves. At most 64 hashes.
    package func inclusionProof(
        index: UInt64, size: UInt64, leaf: (UInt64) -> Digest?
    ) throws(MerkleError) -> [Digest] {
        var way = MerkleWay()
        try walk(to: index, size: size, &way, leaf: leaf)
        return way.path
    }

    /// The same, along `way`, which the caller keeps from proof to proof: what two ways in one tree share is not made again.
    package func walk(
        to index: UInt64, size: UInt64, _ way: inout MerkleWay, leaf: (UInt64) -> Digest?
    ) throws(MerkleError) {
        guard size <= self.size, index < size else {
            throw .outOfRange(index: index, size: min(size, self.size))
        }
        way.goBack(toward: index, in: size)
        var (start, count) = way.end
        while count > 1 {
            let left = largestPowerOfTwo(below: count)
            let sibling: Digest
            if index - start < left {
                sibling = try right(of: start + left, count - left, &way, leaf)
                count = left
            } else {
                sibling = try subtree(start, left, leaf)
                (start, count) = (start + left, count - left)
            }
            way.step(to: (start, count), beside: sibling)
        }
    }

    /// PROOF(older, D[newer]) of RFC 9162 2.1.4.1: that the tree of `newer` leaves begins with the tree of `older`.
    /// Empty when the sizes are equal or `older` is 0.
    package func consistencyProof(
        from older: UInt64, to newer: UInt64, leaf: (UInt64) -> Digest?
    ) throws(MerkleError) -> [Digest] {
        guard newer <= size, older <= newer else { throw .outOfRange(index: older, size: min(newer, size)) }
        guard older > 0, older < newer else { return [] }
        var path: [Digest] = []
        var (start, count, whole) = (UInt64(0), newer, true)
        while older - start < count {
            let left = largestPowerOfTwo(below: count)
            if older - start <= left {
                path.append(try subtree(start + left, count - left, leaf))
                count = left
            } else {
                path.append(try subtree(start, left, leaf))
                (start, count, whole) = (start + left, count - left, false)
            }
        }
        if !whole { path.append(try subtree(start, count, leaf)) }
        return path.reversed()
    }

    /// A right sibling: where it is incomplete it reaches to the tree's edge, and its start alone names it.
    private func right(
        of start: UInt64, _ count: UInt64, _ way: inout MerkleWay, _ leaf: (UInt64) -> Digest?
    ) throws(MerkleError) -> Digest {
        if count.nonzeroBitCount == 1 { return try subtree(start, count, leaf) }
        if let known = way.edge.first(where: { $0.start == start }) { return known.root }
        let root = try subtree(start, count, leaf)
        way.edge.append((start, root))
        return root
    }

    /// MTH of the `count` leaves from `start`; `start` is a multiple of the next power of two at or above `count`.
    private func subtree(
        _ start: UInt64, _ count: UInt64, _ leaf: (UInt64) -> Digest?
    ) throws(MerkleError) -> Digest {
        if count == 1 {
            guard let hash = leaf(start) else { throw .leafMissing(start) }
            return hash
        }
        if let kept = kept(start, count) { return kept }
        let left = largestPowerOfTwo(below: count)
        return hasher.node(try subtree(start, left, leaf), try subtree(start + left, count - left, leaf))
    }

    private func kept(_ start: UInt64, _ count: UInt64) -> Digest? {
        let height = count.trailingZeroBitCount
        let level = height - MerkleSubtrees.lowestHeight
        guard count.nonzeroBitCount == 1, level >= 0, level < levels.count else { return nil }
        let index = Int(start >> UInt64(height))
        return index < levels[level].count ? levels[level][index] : nil
    }
}

/// The largest power of two below `count`, which is at least 2: RFC 9162's k.
private func largestPowerOfTwo(below count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
}

/// A tree with all its leaf hashes in memory (48 bytes a leaf): appending, roots of every past size, both proofs.
package struct MerkleTree: Sendable {
    private var subtrees: MerkleSubtrees
    /// The leaf hashes in order.
    package private(set) var leaves: [Digest] = []

    package init(_ hasher: MerkleHasher = MerkleHasher()) { subtrees = MerkleSubtrees(hasher) }

    package var hasher: MerkleHasher { subtrees.hasher }
    package var size: UInt64 { subtrees.size }
    package var root: Digest { subtrees.root }
    package var frontier: MerkleFrontier { subtrees.frontier }

    /// Adds a leaf, by its hash.
    package mutating func append(_ leafHash: Digest) {
        subtrees.append(leafHash)
        leaves.append(leafHash)
    }

    /// Adds what was hashed elsewhere; it must be the growth of this very tree.
    package mutating func append(_ growth: MerkleGrowth) {
        subtrees.append(growth)
        leaves.append(contentsOf: growth.leaves)
    }

    /// Of the leaves alone: a method would hold the whole tree, counted up and down part by part with each proof.
    private var leaf: (UInt64) -> Digest? {
        { [leaves] index in index < UInt64(leaves.count) ? leaves[Int(index)] : nil }
    }

    /// The root the tree had at `size` leaves.
    package func root(at size: UInt64) throws(MerkleError) -> Digest {
        try subtrees.root(at: size, leaf: leaf)
    }

    /// See `MerkleSubtrees.inclusionProof`.
    package func inclusionProof(index: UInt64, size: UInt64) throws(MerkleError) -> [Digest] {
        try subtrees.inclusionProof(index: index, size: size, leaf: leaf)
    }

    /// See `MerkleSubtrees.walk`.
    package func walk(to index: UInt64, size: UInt64, _ way: inout MerkleWay) throws(MerkleError) {
        try subtrees.walk(to: index, size: size, &way, leaf: leaf)
    }

    /// See `MerkleSubtrees.consistencyProof`.
    package func consistencyProof(from older: UInt64, to newer: UInt64) throws(MerkleError) -> [Digest] {
        try subtrees.consistencyProof(from: older, to: newer, leaf: leaf)
    }
}

/// Verification of proofs. Everything here comes from outside: any numbers and any lengths are allowed and give an answer.
package enum MerkleProof {
    /// Hashes in a proof: a tree of 2^64 leaves has 64 rows, and a consistency proof one node more.
    package static let hashLimit = 65

    /// RFC 9162 2.1.3.2: whether the leaf with `leafHash` stands at `index` in the tree of `size` leaves under `root`.
    package static func includes(
        leafHash: Digest, index: UInt64, size: UInt64, path: [Digest], root: Digest,
        hasher: MerkleHasher = MerkleHasher()
    ) -> Bool {
        guard index < size, path.count <= hashLimit else { return false }
        var (fn, sn) = (index, size - 1)
        var hash = leafHash
        for sibling in path {
            guard sn != 0 else { return false }
            if fn & 1 == 1 || fn == sn {
                hash = hasher.node(sibling, hash)
                while fn & 1 == 0, fn != 0 { (fn, sn) = (fn >> 1, sn >> 1) }
            } else {
                hash = hasher.node(hash, sibling)
            }
            (fn, sn) = (fn >> 1, sn >> 1)
        }
        return sn == 0 && hash == root
    }

    /// RFC 9162 2.1.4.2: whether the tree of `newer` leaves under `newerRoot` begins with the tree of `older` leaves
    /// under `olderRoot`. The empty tree is the beginning of every tree, with an empty proof.
    package static func isConsistent(
        older: UInt64, olderRoot: Digest, newer: UInt64, newerRoot: Digest, path: [Digest],
        hasher: MerkleHasher = MerkleHasher()
    ) -> Bool {
        guard older <= newer, path.count <= hashLimit else { return false }
        if older == newer { return path.isEmpty && olderRoot == newerRoot }
        if older == 0 { return path.isEmpty && olderRoot == hasher.empty }
        // A complete older tree is itself the first node; it is left out of the proof.
        let nodes = older.nonzeroBitCount == 1 ? [olderRoot] + path : path
        guard let first = nodes.first, !path.isEmpty else { return false }
        var (fn, sn) = (older - 1, newer - 1)
        while fn & 1 == 1 { (fn, sn) = (fn >> 1, sn >> 1) }
        var (fr, sr) = (first, first)
        for node in nodes.dropFirst() {
            guard sn != 0 else { return false }
            if fn & 1 == 1 || fn == sn {
                (fr, sr) = (hasher.node(node, fr), hasher.node(node, sr))
                while fn & 1 == 0, fn != 0 { (fn, sn) = (fn >> 1, sn >> 1) }
            } else {
                sr = hasher.node(sr, node)
            }
            (fn, sn) = (fn >> 1, sn >> 1)
        }
        return sn == 0 && fr == olderRoot && sr == newerRoot
    }
}
