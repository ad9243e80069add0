package import Crypto
package import Journal
package import Schema
internal import Synchronization
package import Wire

/// Receipts and consistency proofs from the log's tree and its newest durable checkpoint. RECEIPT.md 3.
///
/// On any thread, and never on the engine's for an answer: the loop that writes an answer adds the receipt to it. By then the record is
/// durable, so the newest durable checkpoint covers it; that one signature serves every answer of its group. Made in the engine, path
/// and encoding would be the dearest step of the one thread that cannot be doubled.
package final class ReceiptMaker: Sendable {
    private let log: any Log
    /// DER by fingerprint, of those who may have signed this store's checkpoints.
    private let certificates: Mutex<[Digest: [UInt8]]>
    /// The newest checkpoint as answers carry it: encoded once a group, not once an answer.
    private let current = Mutex<EncodedCheckpoint?>(nil)

    private struct EncodedCheckpoint {
        let treeSize: UInt64
        let time: Int64
        let fingerprint: Digest?
        /// `Receipt.checkpoint`, tag and all.
        let field: [UInt8]

        func isOf(_ signed: SignedCheckpoint) -> Bool {
            treeSize == signed.checkpoint.treeSize && time == signed.checkpoint.time
                && fingerprint == signed.signature?.certificateFingerprint
        }
    }

    /// - Parameter certificates: the journal's own; without them answers still name them by digest.
    package init(_ log: any Log, certificates: [Certificate] = []) {
        self.log = log
        self.certificates = Mutex(
            Dictionary(certificates.map { ($0.fingerprint, $0.der) }, uniquingKeysWith: { first, _ in first })
        )
    }

    /// Before the journal is signed with another certificate: what it signs is given out with it.
    package func add(_ certificate: Certificate) {
        certificates.withLock { $0[certificate.fingerprint] = certificate.der }
    }

    private func certificate(_ fingerprint: Digest) -> [UInt8] {
        certificates.withLock { $0[fingerprint] ?? [] }
    }

    /// The newest durable checkpoint, with its certificate: for HELLO.
    package var newest: CheckpointStatement { wire(log.durable.checkpoint, whole: true) }

    /// A checkpoint with its certificates, for an export.
    func whole(_ checkpoint: SignedCheckpoint) -> CheckpointStatement { wire(checkpoint, whole: true) }

    /// The newest durable one, read.
    var durable: Checkpoint { log.durable.checkpoint.checkpoint }

    func root(treeSize: UInt64) -> Digest? { log.root(treeSize: treeSize) }

    /// What an answer carries beside its leaf and salt: `CommandAnswer.receipt`, encoded, tag and all. Nil when `sequence` is not
    /// durable, which no answer's is.
    package func answerField(sequence: UInt64) -> [UInt8]? {
        let durable = log.durable
        guard let path = path(sequence, durable) else { return nil }
        let checkpoint = encoded(durable.checkpoint)
        return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
            var writer = ProtoWriter(scratch: scratch)
            writer.raw(checkpoint)
            writer.field(ProtoBytes.self, Tag.path, path)
            writer.varint(UInt64(writer.written))
            writer.varint(UInt64(Tag.receipt))
            return writer.finish()
        }
    }

    private func encoded(_ signed: SignedCheckpoint) -> [UInt8] {
        current.withLock { current in
            if let current, current.isOf(signed) { return current.field }
            let made = EncodedCheckpoint(
                treeSize: signed.checkpoint.treeSize, time: signed.checkpoint.time,
                fingerprint: signed.signature?.certificateFingerprint,
                field: Receipt(checkpoint: wire(signed, whole: false)).encoded())
            current = made
            return made.field
        }
    }

    /// Field number and wire type (receipts.proto, views.proto); a test holds them to the generated coding.
    private enum Tag {
        static let path: UInt32 = 2 << 3 | 2
        static let receipt: UInt32 = 12 << 3 | 2
    }

    /// A receipt for whoever has the leaf, all but the salt.
    package func receipt(_ query: ReceiptQuery) throws(Status) -> Receipt {
        guard let leaf = LeafStatement(query.leaf) else {
            throw Status.malformed("leaf is not a leaf's 128 bytes", "leaf")
        }
        let durable = log.durable
        let hasher = MerkleHasher(durable.checkpoint.checkpoint.algorithm)
        guard log.leafHash(sequence: leaf.sequence) == hasher.leaf(query.leaf),
            let path = path(leaf.sequence, durable)
        else { throw Status.notFound("record") }
        return Receipt(leaf: query.leaf, path: path, checkpoint: wire(durable.checkpoint, whole: true))
    }

    /// That one durable size's tree begins with another's.
    package func consistency(_ query: ConsistencyQuery) throws(Status) -> ConsistencyProof {
        let durable = log.durable
        let newer = query.newer == 0 ? durable.checkpoint.checkpoint.treeSize : query.newer
        guard query.older <= newer, newer <= durable.checkpoint.checkpoint.treeSize,
            let path = log.consistencyProof(from: query.older, to: newer)
        else { throw Status.historyShorter(durable.checkpoint.checkpoint.treeSize) }
        return ConsistencyProof(
            older: query.older, newer: newer, path: ReceiptMaker.joined(path),
            checkpoint: wire(durable.checkpoint, whole: true))
    }

    private func path(_ sequence: UInt64, _ durable: DurablePosition) -> [UInt8]? {
        log.inclusionBytes(sequence: sequence, treeSize: durable.checkpoint.checkpoint.treeSize)
    }

    /// Inclusion of a record in the tree of a durable size.
    func path(_ sequence: UInt64, in size: UInt64) -> [UInt8]? {
        log.inclusionProof(sequence: sequence, treeSize: size).map(ReceiptMaker.joined)
    }

    /// Consistency of two durable sizes.
    func path(from older: UInt64, to newer: UInt64) -> [UInt8]? {
        log.consistencyProof(from: older, to: newer).map(ReceiptMaker.joined)
    }

    private static func joined(_ path: [Digest]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(path.count * Digest.length)
        for hash in path { hash.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        return bytes
    }

    private func wire(_ signed: SignedCheckpoint, whole: Bool) -> CheckpointStatement {
        let signatures = signed.signatures.map { signature in
            StatementSignature(
                algorithm: signature.algorithm, signature: signature.signature,
                certificateSha256: signature.certificateFingerprint.bytes,
                certificate: whole ? certificate(signature.certificateFingerprint) : [])
        }
        return CheckpointStatement(statement: signed.checkpoint.statement, signatures: signatures)
    }
}
