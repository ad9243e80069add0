import Crypto
import Schema
import Synchronization
import Wire

/// Makes of every judged answer a receipt that stands alone, keeps it, and checks it. RECEIPT.md 3.
///
/// What comes is kept before it is checked: a wrong receipt is evidence. A caller has the answer in any case; what is wrong with
/// its receipt is an event, never silence.
final class ReceiptKeeper: Sendable {
    typealias Fetch = @Sendable (ReceiptQuery) async throws(ClientError) -> Receipt

    private let folder: ReceiptFolder?
    private let verifier: ReceiptVerifier?
    private let history: HistoryKeeper
    private let onEvent: (@Sendable (ClientEvent) -> Void)?

    init(
        folder: ReceiptFolder?, verifier: ReceiptVerifier?, history: HistoryKeeper,
        onEvent: (@Sendable (ClientEvent) -> Void)?
    ) {
        self.folder = folder
        self.verifier = verifier
        self.history = history
        self.onEvent = onEvent
    }

    /// Completes the answer's `receipt` and writes it down where there is a folder.
    ///
    /// - Throws: when it cannot be written: the command then counts as unanswered and is sent again.
    func keep(
        _ answer: inout CommandAnswer, of signed: SignedEnvelope, fetch: Fetch
    ) async throws(ClientError) {
        if signed.omitReceipt || answer.leaf.isEmpty { return }
        let receipt = await completed(answer, fetch)
        answer.receipt = receipt
        try folder?.write(receipt, signed, id: answer.commandId)
        check(receipt, answer, signed.envelope)
    }

    /// Leaf and salt from the answer, certificates from HELLO; the rest, where something is missing, from the server.
    private func completed(_ answer: CommandAnswer, _ fetch: Fetch) async -> Receipt {
        var receipt = answer.receipt ?? Receipt()
        receipt.leaf = answer.leaf
        receipt.salt = answer.salt
        fillCertificates(&receipt)
        guard !receipt.isWhole else { return receipt }
        do throws(ClientError) {
            var fetched = try await fetch(ReceiptQuery(leaf: answer.leaf))
            fetched.leaf = answer.leaf
            fetched.salt = answer.salt
            return fetched
        } catch {
            onEvent?(.receiptIncomplete(command: answer.commandId, error))
            return receipt
        }
    }

    private func fillCertificates(_ receipt: inout Receipt) {
        guard var signatures = receipt.checkpoint?.signatures else { return }
        for index in signatures.indices where signatures[index].certificate.isEmpty {
            signatures[index].certificate =
                history.certificate(signatures[index].certificateSha256) ?? []
        }
        receipt.checkpoint?.signatures = signatures
    }

    private func check(_ receipt: Receipt, _ answer: CommandAnswer, _ envelope: [UInt8]) {
        // The salt is gone with an erased matter; what was to be proven of it was proven then.
        guard let verifier, !answer.salt.isEmpty else { return }
        do throws(ReceiptFailure) {
            let verified = try verifier.verify(receipt, envelope: envelope)
            try verified.leaf.mustBe(of: answer)
            history.saw(
                receipt.checkpoint ?? CheckpointStatement(), verified.checkpoint, inHello: false)
        } catch {
            onEvent?(.receiptWrong(command: answer.commandId, error))
        }
    }
}

extension Receipt {
    /// Has a checkpoint, and each signature its certificate.
    var isWhole: Bool {
        guard let checkpoint else { return false }
        return checkpoint.signatures.allSatisfy { !$0.certificate.isEmpty }
    }
}
