internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// The declared restores, with what proves them, for a client whose history does not go on here. RECEIPT.md 9.
struct RestorationReads: Sendable {
    /// Restores told in one page, the newest: each takes up to 10 KiB, and nobody has been away for more.
    static let told = 16

    let receipts: ReceiptMaker
    let cuts: CutHistories

    func page(_ query: RestorationsQuery, _ state: State) -> RestorationsPage {
        let newest = receipts.newest
        guard let durable = Checkpoint(statement: newest.statement) else { return RestorationsPage() }
        return RestorationsPage(
            checkpoint: newest,
            restorations: state.restorations.suffix(Self.told).compactMap {
                proof($0, held: query.heldRecords, durable)
            })
    }

    /// Nil while its record is not in the tree, which no replayed one is.
    private func proof(_ restoration: Restoration, held: UInt64, _ durable: Checkpoint)
        -> RestorationProof?
    {
        let size = durable.treeSize
        guard let restored = Restored(restoration.record),
            let path = receipts.path(restoration.sequence, in: size),
            let kept = receipts.path(from: restored.keptSize, to: size)
        else { return nil }
        var proof = RestorationProof(
            record: restoration.record,
            leaf: restored.leaf(
                algorithm: durable.algorithm, storeID: durable.storeID, sequence: restoration.sequence,
                time: restoration.time
            ).bytes,
            path: path, keptPath: kept, confirmedAt: restoration.confirmedAt)
        guard let tree = cuts[restoration.sequence]?.tree else { return proof }
        proof.cutPath = joined(try? tree.consistencyProof(from: restored.keptSize, to: restored.cutSize))
        if held > restored.keptSize, held < restored.cutSize {
            proof.heldPath = joined(try? tree.consistencyProof(from: held, to: restored.cutSize))
        }
        return proof
    }

    private func joined(_ path: [Digest]?) -> [UInt8] { (path ?? []).flatMap(\.bytes) }
}
