package import Crypto

/// The checkpoint: what a signature covers. 88 bytes, little endian. JOURNAL.md 5.
///
///     off  size  field
///      0    4    magic "TLC1"
///      4    1    digest algorithm      5  3  zero
///      8   16    city code, ASCII, zero padded
///     24   16    store id
///     40    8    tree size (= sequence of the last leaf)
///     48    8    time, ns UTC
///     56   32    root
package struct Checkpoint: Sendable, Hashable {
    package static let size = 88
    static let magic: UInt32 = 0x3143_4C54  // "TLC1"

    package var algorithm: DigestAlgorithm
    /// ASCII, at most 16 bytes.
    package var city: String
    package var storeID: ID128
    package var treeSize: UInt64
    package var time: Int64
    package var root: Digest

    package init(
        algorithm: DigestAlgorithm, city: String, storeID: ID128, treeSize: UInt64, time: Int64, root: Digest
    ) {
        self.algorithm = algorithm
        self.city = city
        self.storeID = storeID
        self.treeSize = treeSize
        self.time = time
        self.root = root
    }

    /// Nil when the bytes are not a checkpoint this version knows.
    package init?(statement: [UInt8]) {
        guard statement.count == Checkpoint.size else { return nil }
        let parsed = statement.withUnsafeBytes { raw -> Checkpoint? in
            guard raw.u32(0) == Checkpoint.magic, let algorithm = DigestAlgorithm(rawValue: raw[4]),
                raw.isZero(5, 8)
            else { return nil }
            let city = raw.window(8, 24).prefix { $0 != 0 }
            guard !city.isEmpty, city.allSatisfy({ (0x21...0x7E).contains($0) }),
                raw.isZero(8 + city.count, 24)
            else { return nil }
            return Checkpoint(
                algorithm: algorithm, city: String(decoding: city, as: UTF8.self), storeID: raw.id(24),
                treeSize: raw.u64(40), time: raw.i64(48), root: raw.digest(56))
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The 88 bytes that are signed.
    package var statement: [UInt8] {
        var out = [UInt8](repeating: 0, count: Checkpoint.size)
        out.withUnsafeMutableBytes { raw in
            raw.put(Checkpoint.magic, 0)
            raw[4] = algorithm.rawValue
            raw.put(Array(city.utf8.prefix(JournalLimits.city)), 8)
            raw.put(storeID, 24)
            raw.put(treeSize, 40)
            raw.put(time, 48)
            raw.put(root, 56)
        }
        return out
    }
}

/// A signature over a checkpoint's statement.
package struct CheckpointSignature: Sendable, Hashable {
    /// Name of the algorithm, ASCII, at most 32 bytes, e.g. `ecdsa-p256-sha256`.
    package var algorithm: String
    /// SHA-256 of the signing certificate's DER.
    package var certificateFingerprint: Digest
    /// At most 1024 bytes.
    package var signature: [UInt8]

    package init(algorithm: String, certificateFingerprint: Digest, signature: [UInt8]) {
        self.algorithm = algorithm
        self.certificateFingerprint = certificateFingerprint
        self.signature = signature
    }
}

/// A checkpoint and, where the store has a signing key, its signature; where it has two, both.
package struct SignedCheckpoint: Sendable, Hashable {
    package var checkpoint: Checkpoint
    package var signature: CheckpointSignature?
    /// By another algorithm; never without the first.
    package var second: CheckpointSignature?

    package init(
        checkpoint: Checkpoint, signature: CheckpointSignature?, second: CheckpointSignature? = nil
    ) {
        self.checkpoint = checkpoint
        self.signature = signature
        self.second = second
    }

    /// The first, then the second, as far as there are any.
    package var signatures: [CheckpointSignature] { [signature, second].compactMap { $0 } }
}

/// Signs a checkpoint's statement; called on the journal thread once a group. An error stops the log: a history without
/// the signatures it promises is not written. The certificate may change from call to call (reload).
package typealias CheckpointSigner = @Sendable (_ statement: [UInt8]) throws -> CheckpointSignature
