import Crypto
import Synchronization

/// The store's Merkle tree in memory, shared: the journal thread appends a group at a time, the event loops ask for
/// the proofs of their answers. 48 bytes a leaf.
final class LeafTree: Sendable {
    private struct Grown: Sendable {
        var tree: MerkleTree
        /// To the leaf proven last: answers of one group are proven in one tree, one after another.
        var way = MerkleWay()
    }
    private let grown: Mutex<Grown>
    /// The tree's, of whoever appends: held while hashing, so that no loop waits for that.
    private let frontier: Mutex<MerkleFrontier>

    init(_ hasher: MerkleHasher) {
        grown = Mutex(Grown(tree: MerkleTree(hasher)))
        frontier = Mutex(MerkleFrontier(hasher))
    }

    /// Appends leaf hashes and returns the frontier after them.
    func append(_ hashes: [Digest]) -> MerkleFrontier {
        frontier.withLock { frontier in
            let growth = MerkleGrowth(of: frontier, by: hashes)
            grown.withLock { $0.tree.append(growth) }
            frontier = growth.frontier
            return frontier
        }
    }

    /// The root of the first `size` leaves; nil when there are fewer.
    func root(size: UInt64) -> Digest? { grown.withLock { try? $0.tree.root(at: size) } }

    /// The hash of leaf `index`, from 0.
    func leaf(_ index: UInt64) -> Digest? {
        grown.withLock { index < $0.tree.size ? $0.tree.leaves[Int(index)] : nil }
    }

    func inclusion(index: UInt64, size: UInt64) -> [Digest]? { walk(index, size) { $0.path } }

    /// The same as bytes, the hashes one after another.
    func inclusionBytes(index: UInt64, size: UInt64) -> [UInt8]? { walk(index, size) { $0.pathBytes } }

    private func walk<Path: Sendable>(
        _ index: UInt64, _ size: UInt64, _ path: (borrowing MerkleWay) -> Path
    ) -> Path? {
        grown.withLock { grown in
            guard (try? grown.tree.walk(to: index, size: size, &grown.way)) != nil else { return nil }
            return path(grown.way)
        }
    }

    func consistency(from: UInt64, to: UInt64) -> [Digest]? {
        grown.withLock { try? $0.tree.consistencyProof(from: from, to: to) }
    }
}
