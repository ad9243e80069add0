import Crypto
public import Schema

/// A step of the server's own is no command of anybody's: its proof is the record as journaled, whose digest stands in the leaf, and the leaf's way to
/// a signed checkpoint.
extension ReceiptVerifier {
    /// Checks `FORM`, `STORE`, the record's digest (`ENVELOPE`), `INCLUSION` and the signatures.
    @discardableResult
    public func verify(_ answer: BatchAnswer) throws(ReceiptFailure) -> Verified {
        guard let receipt = answer.receipt, let leaf = ReceiptLeaf(answer.leaf) else {
            throw ReceiptFailure(.form, "no leaf or no receipt")
        }
        guard let checkpoint = ReceiptCheckpoint(receipt.checkpoint?.statement ?? []) else {
            throw ReceiptFailure(.form, "no checkpoint")
        }
        guard leaf.algorithm == checkpoint.algorithm, leaf.storeID == checkpoint.storeID, leaf.sequence >= 1,
            leaf.sequence <= checkpoint.treeSize, leaf.time <= checkpoint.time
        else { throw ReceiptFailure(.store, "leaf and checkpoint do not belong together") }
        guard Digest(of: answer.record, algorithm: leaf.algorithm).bytes == leaf.bodyDigest else {
            throw ReceiptFailure(.envelope, "the leaf is of another record")
        }
        try checkInclusion(leaf: answer.leaf, path: receipt.path, leaf, checkpoint)
        try checkSignatures(receipt.checkpoint ?? CheckpointStatement(), checkpoint)
        return Verified(leaf: leaf, checkpoint: checkpoint)
    }
}

extension TwoListsClient {
    /// How answers are proven that this client was given, on the line or on a disc.
    ///
    /// - Parameter revocationListPaths: lists that are at hand where no server tells of them.
    package func proofs(revocationListPaths: [String] = []) throws(ClientError) -> AnswerProofs {
        AnswerProofs(
            try ReceiptVerifier(
                authorityPath: configuration.authorityPath, revocationListPaths: revocationListPaths),
            history: history)
    }

    /// Checks an answer by the connection's CA file; what it shows of the server's history counts as seen. Certificates that it leaves out are those of
    /// HELLO, and stand in the answer that is given back.
    public func verified(_ answer: BatchAnswer) throws(ReceiptFailure) -> BatchAnswer {
        let proofs: AnswerProofs
        do throws(ClientError) { proofs = try self.proofs() } catch {
            throw ReceiptFailure(.certificate, "\(error)")
        }
        return try proofs.verified(answer)
    }
}
