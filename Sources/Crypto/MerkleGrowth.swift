/// Leaves to be added to a tree, with every subtree they complete hashed already: so whoever shares the tree holds its lock for copying
/// alone, never for hashing.
package struct MerkleGrowth: Sendable {
    /// Leaves before.
    let oldSize: UInt64
    let leaves: [Digest]
    /// Height (1: two leaves) and hash, in the order of completion.
    private(set) var completed: [(height: Int, hash: Digest)] = []
    /// After them.
    package private(set) var frontier: MerkleFrontier

    /// - Parameter leaves: their hashes.
    package init(of frontier: MerkleFrontier, by leaves: [Digest]) {
        oldSize = frontier.size
        self.leaves = leaves
        self.frontier = frontier
        completed.reserveCapacity(leaves.count)
        for leaf in leaves { self.frontier.append(leaf) { completed.append(($0, $1)) } }
    }
}
