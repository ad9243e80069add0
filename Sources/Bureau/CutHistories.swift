package import Crypto
internal import Exchange
package import Journal
internal import Synchronization

/// The histories that declared restores cut, as trees: what proves that a checkpoint somebody holds was of one of them. Made once, at the
/// start; a store that was never cut has none. RECEIPT.md 9.
package struct CutHistories: Sendable {
    package struct Cut: Sendable {
        package var restored: Restored
        package var tree: MerkleTree
    }

    /// By the sequence of their RESTORED records.
    private var cuts: [UInt64: Cut] = [:]
    /// What an operator should read: a file that is not there or does not fit.
    package private(set) var notices: [String] = []

    /// - Parameter leaf: of this journal, by sequence.
    init(
        _ storage: any Storage, _ restorations: [Restoration], storeID: ID128, algorithm: DigestAlgorithm,
        leaf: (UInt64) -> Digest?
    ) {
        for restoration in restorations {
            guard let restored = Restored(restoration.record) else { continue }
            do {
                let tree = try CutFile.tree(
                    storage, restored, storeID: storeID, algorithm: algorithm, leaf: leaf)
                cuts[restoration.sequence] = Cut(restored: restored, tree: tree)
            } catch {
                notices.append(
                    "\(error): whoever holds a receipt of what was cut then is not shown that the restore declared it"
                )
            }
        }
    }

    subscript(sequence: UInt64) -> Cut? { cuts[sequence] }

    /// The restore that declared the history of which a checkpoint is.
    package func declared(_ checkpoint: Checkpoint) -> Restored? {
        cuts.values.first { cut in
            checkpoint.treeSize > cut.restored.keptSize && checkpoint.treeSize <= cut.restored.cutSize
                && (try? cut.tree.root(at: checkpoint.treeSize)) == checkpoint.root
        }?.restored
    }
}
