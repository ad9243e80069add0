import Crypto
public import Schema
import Wire

/// Why a receipt does not hold: the first check of RECEIPT.md 4 or 6 that failed, by its name there.
public struct ReceiptFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Check: String, Sendable, Hashable, CaseIterable {
        case form = "FORM"
        case store = "STORE"
        case envelope = "ENVELOPE"
        case inclusion = "INCLUSION"
        case unsigned = "UNSIGNED"
        case certificate = "CERTIFICATE"
        case signature = "SIGNATURE"
        case consistency = "CONSISTENCY"
    }

    public var check: Check
    /// In English, for logs.
    public var detail: String

    init(_ check: Check, _ detail: String) {
        self.check = check
        self.detail = detail
    }

    public var description: String { "\(check.rawValue): \(detail)" }
}

/// Checks receipts offline: with the city's authorities alone, each receipt at its own time. RECEIPT.md 4.
public struct ReceiptVerifier: Sendable {
    private static let hash = Digest.length
    /// Hashes in an inclusion path: a tree of 2^64 leaves has 64 rows.
    private static let pathHashes = 64
    private static let saltBytes = 16

    private let trust: TrustStore
    /// Signatures that must be there, whatever others are.
    private let required: [SignatureAlgorithm]

    init(_ trust: TrustStore) {
        self.trust = trust
        required = []
    }

    /// - Parameters:
    ///   - authorityPath: the city's CA file, PEM, as it was at the receipt's time.
    ///   - revocationListPaths: lists that are at hand; a revocation counts from its own time on.
    ///   - requiringSM2: the second signature must be there, too. One that is there is always checked; only who knows that the city
    ///     signs twice can tell that one was taken away.
    /// - Throws: `.configuration` naming the file that cannot be used.
    public init(
        authorityPath: String, revocationListPaths: [String] = [], requiringSM2: Bool = false
    ) throws(ClientError) {
        required = requiringSM2 ? [.sm2SM3] : []
        do throws(CryptoError) {
            trust = try TrustStore.load(caPath: authorityPath, crlPaths: revocationListPaths)
        } catch {
            throw ClientError(.client, .configuration, .configuration, detail: error.description)
        }
    }

    /// What a receipt that holds says.
    public struct Verified: Sendable, Hashable {
        public let leaf: ReceiptLeaf
        public let checkpoint: ReceiptCheckpoint
    }

    /// Checks everything of RECEIPT.md 4, in its order.
    ///
    /// - Parameter envelope: the envelope's bytes as they were sent.
    @discardableResult
    public func verify(_ receipt: Receipt, envelope: [UInt8]) throws(ReceiptFailure) -> Verified {
        let (leaf, checkpoint) = try Self.parts(of: receipt)
        try Self.checkEnvelope(envelope, salt: receipt.salt, leaf, checkpoint)
        try checkInclusion(leaf: receipt.leaf, path: receipt.path, leaf, checkpoint)
        try checkSignatures(receipt.checkpoint ?? CheckpointStatement(), checkpoint)
        return Verified(leaf: leaf, checkpoint: checkpoint)
    }

    /// As `verify`, of a command whose matter was erased: the salt that opened the envelope's digest is destroyed, so that these bytes are not shown to be
    /// the leaf's; id and city are compared all the same.
    func verifyWithoutSalt(_ receipt: Receipt, envelope: [UInt8]) throws(ReceiptFailure) -> Verified {
        var salted = receipt
        salted.salt = [UInt8](repeating: 0, count: Self.saltBytes)
        let (leaf, checkpoint) = try Self.parts(of: salted)
        try Self.checkNames(envelope, leaf, checkpoint)
        try checkInclusion(leaf: receipt.leaf, path: receipt.path, leaf, checkpoint)
        try checkSignatures(receipt.checkpoint ?? CheckpointStatement(), checkpoint)
        return Verified(leaf: leaf, checkpoint: checkpoint)
    }

    /// A checkpoint and its signatures alone: `FORM`, `UNSIGNED`, `CERTIFICATE`, `SIGNATURE`.
    @discardableResult
    public func verify(_ statement: CheckpointStatement) throws(ReceiptFailure) -> ReceiptCheckpoint {
        guard let checkpoint = ReceiptCheckpoint(statement.statement) else {
            throw ReceiptFailure(.form, "no checkpoint")
        }
        try checkSignatures(statement, checkpoint)
        return checkpoint
    }

    /// `FORM` and `STORE`: what the receipt says of itself.
    public static func parts(
        of receipt: Receipt
    ) throws(ReceiptFailure) -> (ReceiptLeaf, ReceiptCheckpoint) {
        guard let leaf = ReceiptLeaf(receipt.leaf) else { throw ReceiptFailure(.form, "no leaf") }
        guard let checkpoint = ReceiptCheckpoint(receipt.checkpoint?.statement ?? []) else {
            throw ReceiptFailure(.form, "no checkpoint")
        }
        guard receipt.path.count % hash == 0, receipt.path.count <= pathHashes * hash else {
            throw ReceiptFailure(.form, "path of \(receipt.path.count) bytes")
        }
        guard receipt.salt.count == saltBytes else {
            throw ReceiptFailure(.form, "salt of \(receipt.salt.count) bytes")
        }
        try checkStore(leaf, checkpoint)
        return (leaf, checkpoint)
    }

    private static func checkStore(
        _ leaf: ReceiptLeaf, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        guard leaf.algorithm == checkpoint.algorithm, leaf.storeID == checkpoint.storeID else {
            throw ReceiptFailure(.store, "leaf and checkpoint are of two stores")
        }
        guard leaf.recordType == 1, leaf.commandID.contains(where: { $0 != 0 }) else {
            throw ReceiptFailure(.store, "the leaf is not a command's")
        }
        guard leaf.sequence >= 1, leaf.sequence <= checkpoint.treeSize, leaf.time <= checkpoint.time else {
            throw ReceiptFailure(.store, "the leaf is not before the checkpoint")
        }
    }

    private static func checkEnvelope(
        _ envelope: [UInt8], salt: [UInt8], _ leaf: ReceiptLeaf, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        guard Digest(of: salt, then: envelope, algorithm: leaf.algorithm).bytes == leaf.envelopeDigest else {
            throw ReceiptFailure(.envelope, "the leaf is of other bytes")
        }
        try checkNames(envelope, leaf, checkpoint)
    }

    private static func checkNames(
        _ envelope: [UInt8], _ leaf: ReceiptLeaf, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        guard let inside = try? Envelope(decoding: envelope) else {
            throw ReceiptFailure(.envelope, "the envelope cannot be read")
        }
        guard inside.id == leaf.commandID, Array(inside.city.utf8) == Array(checkpoint.city.utf8) else {
            throw ReceiptFailure(.envelope, "the envelope is another command's, or another city's")
        }
    }

    func checkInclusion(
        leaf bytes: [UInt8], path: [UInt8], _ leaf: ReceiptLeaf, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        let hasher = MerkleHasher(leaf.algorithm)
        let holds = MerkleProof.includes(
            leafHash: hasher.leaf(bytes), index: leaf.sequence - 1, size: checkpoint.treeSize,
            path: Self.hashes(path), root: checkpoint.root, hasher: hasher)
        if !holds { throw ReceiptFailure(.inclusion, "the path does not lead to the root") }
    }

    /// The whole hashes of a path, at most one more than any proof has.
    static func hashes(_ path: [UInt8]) -> [Digest] {
        stride(from: 0, to: min(path.count, (MerkleProof.hashLimit + 1) * hash), by: hash)
            .compactMap { Digest(bytes: path[$0..<min($0 + hash, path.count)]) }
    }

    // MARK: Signatures

    /// Every signature of an algorithm that is known must hold, and there must be one.
    func checkSignatures(
        _ statement: CheckpointStatement, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        var known: [SignatureAlgorithm] = []
        for signature in statement.signatures {
            guard let algorithm = SignatureAlgorithm(rawValue: signature.algorithm) else { continue }
            let key = try signer(signature, checkpoint)
            let made = Signature(algorithm: algorithm, bytes: signature.signature)
            guard key.verify(made, over: statement.statement) else {
                throw ReceiptFailure(.signature, "the signature (\(algorithm.name)) does not fit")
            }
            known.append(algorithm)
        }
        if known.isEmpty { throw ReceiptFailure(.unsigned, "no signature of a known algorithm") }
        for algorithm in required where !known.contains(algorithm) {
            throw ReceiptFailure(.unsigned, "the signature by \(algorithm.name) is missing")
        }
    }

    private func signer(
        _ signature: StatementSignature, _ checkpoint: ReceiptCheckpoint
    ) throws(ReceiptFailure) -> PublicKey {
        guard Digest(of: signature.certificate).bytes == signature.certificateSha256 else {
            throw ReceiptFailure(.certificate, "the certificate is missing, or another than the one named")
        }
        do {
            let certificate = try Certificate(der: signature.certificate)
            let identity = try trust.verify(
                certificate, purpose: .journal, at: checkpoint.second, revocation: .recorded)
            guard Array(identity.city.utf8) == Array(checkpoint.city.utf8) else {
                throw ReceiptFailure(.certificate, "the certificate is of city \(identity.city)")
            }
            return try certificate.publicKey()
        } catch let failure as ReceiptFailure {
            throw failure
        } catch {
            throw ReceiptFailure(.certificate, "\(error)")
        }
    }

    // MARK: Two checkpoints

    /// Whether two checkpoints, each of them verified, speak of one history. RECEIPT.md 6.
    ///
    /// - Parameter proof: needed where the sizes differ.
    public static func compare(
        _ one: ReceiptCheckpoint, _ other: ReceiptCheckpoint, proof: ConsistencyProof?
    ) throws(ReceiptFailure) {
        let (older, newer) = one.treeSize <= other.treeSize ? (one, other) : (other, one)
        guard older.storeID == newer.storeID, older.algorithm == newer.algorithm, older.city == newer.city
        else { throw ReceiptFailure(.store, "the two are of different stores") }
        if older.treeSize == newer.treeSize {
            if older.root == newer.root { return }
            throw ReceiptFailure(.consistency, "two histories of \(older.treeSize) records")
        }
        guard older.time <= newer.time else {
            throw ReceiptFailure(.consistency, "the shorter history was signed later")
        }
        try follow(proof, from: older, to: newer)
    }

    private static func follow(
        _ proof: ConsistencyProof?, from older: ReceiptCheckpoint, to newer: ReceiptCheckpoint
    ) throws(ReceiptFailure) {
        guard let proof, proof.older == older.treeSize, proof.newer == newer.treeSize,
            proof.path.count % hash == 0
        else {
            throw ReceiptFailure(
                .consistency, "no proof from \(older.treeSize) to \(newer.treeSize) records")
        }
        let holds = MerkleProof.isConsistent(
            older: older.treeSize, olderRoot: older.root, newer: newer.treeSize, newerRoot: newer.root,
            path: hashes(proof.path), hasher: MerkleHasher(older.algorithm))
        if !holds { throw ReceiptFailure(.consistency, "the later history does not begin with the earlier") }
    }
}
