import Crypto
import Synchronization

/// The store's Merkle tree in memory, shared: the journal thread appends a group at a time, the engine's thread asks for
/// proofs. 36 bytes a leaf.
final class LeafTree: Sendable {
    private let tree: Mutex<MerkleTree>

    init(_ hasher: MerkleHasher) { tree = Mutex(MerkleTree(hasher)) }

    /// Appends leaf hashes and returns the frontier after them.
    func append(_ hashes: [Digest]) -> MerkleFrontier {
        tree.withLock { tree in
            for hash in hashes { tree.append(hash) }
            return tree.frontier
        }
    }

    /// The root of the first `size` leaves; nil when there are fewer.
    func root(size: UInt64) -> Digest? { tree.withLock { try? $0.root(at: size) } }

    /// The hash of leaf `index`, from 0.
    func leaf(_ index: UInt64) -> Digest? {
        tree.withLock { index < $0.size ? $0.leaves[Int(index)] : nil }
    }

    func inclusion(index: UInt64, size: UInt64) -> [Digest]? {
        tree.withLock { try? $0.inclusionProof(index: index, size: size) }
    }

    func consistency(from: UInt64, to: UInt64) -> [Digest]? {
        tree.withLock { try? $0.consistencyProof(from: from, to: to) }
    }
}
