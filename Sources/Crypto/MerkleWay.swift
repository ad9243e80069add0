/// The way from the root of a tree of one size to a leaf, with the sibling of every node on it: the leaf's inclusion proof. Kept from
/// proof to proof, because the answers of one commit group stand side by side in one tree: their ways part only
/// near the leaves, and whoever makes the next proof goes back no further than that.
package struct MerkleWay: Sendable {
    /// A node: its first leaf and how many it has.
    typealias Node = (start: UInt64, count: UInt64)

    private var size: UInt64 = 0
    /// Below the root, highest first, and beside each its sibling's hash.
    private var nodes: [Node] = []
    private var siblings: [Digest] = []
    /// Roots of the incomplete subtrees at the tree's right edge, at most 63: shared by ways that part high up, too.
    var edge: [(start: UInt64, root: Digest)] = []

    package init() {}

    /// PATH(index, D[size]) of RFC 9162 2.1.3.1, lowest node first.
    package var path: [Digest] { siblings.reversed() }

    /// The same as bytes: the hashes one after another.
    package var pathBytes: [UInt8] {
        let length = siblings.count * Digest.length
        return [UInt8](unsafeUninitializedCapacity: length) { out, count in
            let raw = UnsafeMutableRawBufferPointer(out)
            count = length
            var end = length
            for sibling in siblings {
                let place = raw[(end - Digest.length)..<end]
                sibling.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: $0)
                }
                end -= Digest.length
            }
        }
    }

    /// Where the way stands.
    var end: Node { nodes.last ?? (0, size) }

    /// Goes back to the lowest node on the way that has leaf `index` of the tree of `size` leaves below it.
    mutating func goBack(toward index: UInt64, in size: UInt64) {
        if size != self.size { start(in: size) }
        while let node = nodes.last, index < node.start || index - node.start >= node.count {
            nodes.removeLast()
            siblings.removeLast()
        }
    }

    private mutating func start(in size: UInt64) {
        self.size = size
        nodes.removeAll(keepingCapacity: true)
        siblings.removeAll(keepingCapacity: true)
        edge.removeAll(keepingCapacity: true)
    }

    mutating func step(to node: Node, beside sibling: Digest) {
        nodes.append(node)
        siblings.append(sibling)
    }
}
