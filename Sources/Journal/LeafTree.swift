import Crypto
import Synchronization

/// The store's Merkle tree in memory, shared: the journal thread appends a group at a time, the event loops ask for
/// the proofs of their answers. 48 bytes a leaf.
final class LeafTree: Sendable {
    private struct Grown: Sendable {
        var tree: MerkleTree
        /// Of the size last proven in: answers of one group are proven in one tree.
        var edge = MerkleEdge()
    }
    private let grown: Mutex<Grown>

    init(_ hasher: MerkleHasher) { grown = Mutex(Grown(tree: MerkleTree(hasher))) }

    /// Appends leaf hashes and returns the frontier after them.
    func append(_ hashes: [Digest]) -> MerkleFrontier {
        grown.withLock { grown in
            for hash in hashes { grown.tree.append(hash) }
            return grown.tree.frontier
        }
    }

    /// The root of the first `size` leaves; nil when there are fewer.
    func root(size: UInt64) -> Digest? { grown.withLock { try? $0.tree.root(at: size) } }

    /// The hash of leaf `index`, from 0.
    func leaf(_ index: UInt64) -> Digest? {
        grown.withLock { index < $0.tree.size ? $0.tree.leaves[Int(index)] : nil }
    }

    func inclusion(index: UInt64, size: UInt64) -> [Digest]? {
        grown.withLock { try? $0.tree.inclusionProof(index: index, size: size, edge: &$0.edge) }
    }

    func consistency(from: UInt64, to: UInt64) -> [Digest]? {
        grown.withLock { try? $0.tree.consistencyProof(from: from, to: to) }
    }
}
