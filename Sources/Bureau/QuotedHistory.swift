package import Crypto
internal import Exchange
package import Journal
internal import Schema
internal import Wire

/// A client's highest checkpoint against this journal: the server's side of the alarm. RECEIPT.md 7.
package struct QuotedHistory: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// The beginning of this journal.
        case ours
        /// Of the history that a restore has cut and declared.
        case cut(Checkpoint, Restored)
        /// Not signed by a journal of this city: whoever sends it raises no alarm.
        case worthless(String)
        case otherStore(ID128)
        /// More records than there are here.
        case beyond(Checkpoint, ours: UInt64)
        /// Another root at that size, and ours.
        case different(Checkpoint, ours: Digest)
    }

    private let receipts: ReceiptMaker
    private let trust: TrustStore
    private let cuts: CutHistories?

    package init(_ receipts: ReceiptMaker, trust: TrustStore, cuts: CutHistories? = nil) {
        self.receipts = receipts
        self.cuts = cuts
        self.trust = trust
    }

    /// - Parameter bytes: HELLO's, from outside.
    package func judge(_ bytes: [UInt8]) -> Verdict {
        let quoted: Checkpoint
        do { quoted = try vouched(try CheckpointStatement(decoding: bytes)) } catch {
            return .worthless("\(error)")
        }
        let ours = receipts.durable
        guard quoted.storeID == ours.storeID, quoted.algorithm == ours.algorithm else {
            return .otherStore(quoted.storeID)
        }
        if receipts.root(treeSize: quoted.treeSize) != quoted.root, let restored = cuts?.declared(quoted) {
            return .cut(quoted, restored)
        }
        guard quoted.treeSize <= ours.treeSize, let root = receipts.root(treeSize: quoted.treeSize) else {
            return .beyond(quoted, ours: ours.treeSize)
        }
        return root == quoted.root ? .ours : .different(quoted, ours: root)
    }

    private enum Worthless: Error, CustomStringConvertible {
        case noCheckpoint
        case otherCity(String)
        case unsigned
        case certificate
        case signature

        var description: String {
            switch self {
            case .noCheckpoint: "it is no checkpoint"
            case .otherCity(let city): "it is of city \(city)"
            case .unsigned: "it is not signed, or with no algorithm known here"
            case .certificate: "the certificate is missing, or another than the one named"
            case .signature: "its signature does not fit"
            }
        }
    }

    /// The checkpoint, when a journal of this city has signed it at its time.
    private func vouched(_ statement: CheckpointStatement) throws -> Checkpoint {
        guard let checkpoint = Checkpoint(statement: statement.statement) else {
            throw Worthless.noCheckpoint
        }
        guard haveSameBytes(checkpoint.city, receipts.durable.city) else {
            throw Worthless.otherCity(checkpoint.city)
        }
        var known = 0
        for signature in statement.signatures {
            guard let algorithm = SignatureAlgorithm(rawValue: signature.algorithm) else { continue }
            guard Digest(of: signature.certificate).bytes == signature.certificateSha256 else {
                throw Worthless.certificate
            }
            let certificate = try Certificate(der: signature.certificate)
            let identity = try trust.verify(
                certificate, purpose: .journal, at: checkpoint.time / 1_000_000_000, revocation: .recorded)
            guard haveSameBytes(identity.city, checkpoint.city) else {
                throw Worthless.otherCity(identity.city)
            }
            let made = Signature(algorithm: algorithm, bytes: signature.signature)
            guard try certificate.publicKey().verify(made, over: statement.statement) else {
                throw Worthless.signature
            }
            known += 1
        }
        guard known > 0 else { throw Worthless.unsigned }
        return checkpoint
    }
}
