import Crypto
package import Schema

/// Whether an answer is proven, by one code wherever it comes from: the line, or a disc (PACKAGE.md 6).
package struct AnswerProofs: Sendable {
    private let verifier: ReceiptVerifier
    private let history: HistoryKeeper?

    /// - Parameter history: what proven answers show of the server's history counts as seen; nil: nobody keeps it.
    init(_ verifier: ReceiptVerifier, history: HistoryKeeper?) {
        self.verifier = verifier
        self.history = history
    }

    /// For who has the CA file alone.
    package init(_ verifier: ReceiptVerifier) { self.init(verifier, history: nil) }

    /// The receipt of an answer that came whole, once all of RECEIPT.md 4 holds over the command's own bytes and it is of what the answer says. Without its salt,
    /// which goes with an erased matter, the envelope cannot be shown to be the leaf's; everything else still is.
    package func receipt(
        of answer: CommandAnswer, to envelope: [UInt8]
    ) throws(ReceiptFailure) -> Receipt {
        guard let receipt = answer.receipt, receipt.leaf == answer.leaf, receipt.salt == answer.salt else {
            throw ReceiptFailure(.form, "the answer has no receipt, or another's")
        }
        let verified =
            answer.salt.isEmpty
            ? try verifier.verifyWithoutSalt(receipt, envelope: envelope)
            : try verifier.verify(receipt, envelope: envelope)
        try verified.leaf.mustBe(of: answer)
        if let statement = receipt.checkpoint {
            history?.saw(statement, verified.checkpoint, inHello: false)
        }
        return receipt
    }

    /// An answer to a batch with the certificates that it left out, which are those of HELLO.
    package func verified(_ answer: BatchAnswer) throws(ReceiptFailure) -> BatchAnswer {
        let answer = completed(answer)
        let verified = try verifier.verify(answer)
        if let statement = answer.receipt?.checkpoint {
            history?.saw(statement, verified.checkpoint, inHello: false)
        }
        return answer
    }

    /// For a disc, whose reader has no HELLO to take certificates from.
    package func completed(_ answer: BatchAnswer) -> BatchAnswer {
        var answer = answer
        var signatures = answer.receipt?.checkpoint?.signatures ?? []
        for index in signatures.indices where signatures[index].certificate.isEmpty {
            signatures[index].certificate = history?.certificate(signatures[index].certificateSha256) ?? []
        }
        answer.receipt?.checkpoint?.signatures = signatures
        return answer
    }
}

extension ReceiptLeaf {
    /// The proof must be of what the answer says.
    func mustBe(of answer: CommandAnswer) throws(ReceiptFailure) {
        let refusal = answer.outcome?.refusal ?? .unspecified
        guard outcome == UInt32(bitPattern: refusal.rawValue), sequence == answer.sequence,
            time == answer.recordedAt, commandID == answer.commandId
        else { throw ReceiptFailure(.store, "the leaf says something else than the answer") }
    }
}
