import COpenSSL

/// A digest algorithm, by the number that journal segments and checkpoints name it with.
package enum DigestAlgorithm: UInt8, Sendable, Hashable, CaseIterable {
    case sha256 = 1
    case sm3 = 2

    /// The name in texts and receipts.
    package var name: String { self == .sha256 ? "sha-256" : "sm3" }
}

/// A 32-byte digest, by value: no allocation, so that trees of millions of them are flat memory.
package struct Digest: Sendable, Hashable, BitwiseCopyable {
    /// Bytes in a digest, of either algorithm.
    package static let length = 32

    /// The bytes in memory order.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// 32 zero bytes.
    package static let zero = Digest()

    private init() {}

    /// Nil unless there are exactly 32 bytes.
    package init?(bytes: some Sequence<UInt8>) {
        var count = 0
        withUnsafeMutableBytes(of: &words) { out in
            for byte in bytes {
                if count < Digest.length { out[count] = byte }
                count += 1
                if count > Digest.length { return }
            }
        }
        guard count == Digest.length else { return nil }
    }

    /// The digest of `bytes`.
    package init(of bytes: [UInt8], algorithm: DigestAlgorithm = .sha256) {
        self = bytes.withUnsafeBytes { Digest(prefix: nil, $0, algorithm: algorithm) }
    }

    /// The digest of `bytes`.
    package init(of bytes: ArraySlice<UInt8>, algorithm: DigestAlgorithm = .sha256) {
        self = bytes.withUnsafeBytes { Digest(prefix: nil, $0, algorithm: algorithm) }
    }

    /// The digest of `bytes`.
    package init(of bytes: UnsafeRawBufferPointer, algorithm: DigestAlgorithm = .sha256) {
        self.init(prefix: nil, bytes, algorithm: algorithm)
    }

    /// The digest of `head` followed by `tail`, which are not joined for it.
    package init(of head: [UInt8], then tail: [UInt8], algorithm: DigestAlgorithm = .sha256) {
        let done = withUnsafeMutableBytes(of: &words) { out in
            co_digest(
                Int32(algorithm.rawValue), -1, head, head.count, tail, tail.count, out.baseAddress)
        }
        Digest.require(done)
    }

    /// The digest of `prefix`, if any, followed by `bytes`.
    init(prefix: UInt8?, _ bytes: UnsafeRawBufferPointer, algorithm: DigestAlgorithm) {
        let done = withUnsafeMutableBytes(of: &words) { out in
            co_digest(
                Int32(algorithm.rawValue), prefix.map(Int32.init) ?? -1, bytes.baseAddress, bytes.count, nil,
                0,
                out.baseAddress)
        }
        Digest.require(done)
    }

    /// The digest of `prefix`, `left` and `right`: a tree node.
    init(prefix: UInt8, _ left: Digest, _ right: Digest, algorithm: DigestAlgorithm) {
        let done = withUnsafeMutableBytes(of: &words) { out in
            left.withUnsafeBytes { a in
                right.withUnsafeBytes { b in
                    co_digest(
                        Int32(algorithm.rawValue), Int32(prefix), a.baseAddress, a.count, b.baseAddress,
                        b.count,
                        out.baseAddress)
                }
            }
        }
        Digest.require(done)
    }

    /// Filled by `body`, which must write 32 bytes and return 1.
    init(writing body: (UnsafeMutablePointer<UInt8>?) -> Int32) {
        let done = withUnsafeMutableBytes(of: &words) {
            body($0.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        Digest.require(done)
    }

    private static func require(_ done: Int32) {
        guard done == 1 else {
            // Only a libcrypto without the algorithm, or no memory for one context: nothing can be proven then.
            preconditionFailure("libcrypto gives no digest")  // programmer error: a broken installation
        }
    }

    /// The 32 bytes as an array.
    package var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Lower-case hexadecimal, 64 characters.
    package var hex: String { Hex.encode(bytes) }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    package static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest: CustomStringConvertible {
    package var description: String { hex }
}

/// A digest fed piece by piece. Confined to the thread that uses it.
package final class IncrementalDigest {
    private let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    package init(_ algorithm: DigestAlgorithm = .sha256) throws(CryptoError) {
        guard let context = co_digest_new(Int32(algorithm.rawValue)) else {
            throw .library(operation: "digest \(algorithm.name)", reason: "not available")
        }
        self.algorithm = algorithm
        self.context = context
    }

    deinit { co_digest_free(context) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard co_digest_update(context, bytes.baseAddress, bytes.count) == 1 else {
            // Hashing memory has no reason to fail once the context stands.
            preconditionFailure("digest update failed")  // programmer error: context misused
        }
    }

    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of everything since the last `finish`; the object is then ready for the next message.
    package func finish() -> Digest {
        Digest { co_digest_finish(context, Int32(algorithm.rawValue), $0) }
    }
}

/// HMAC-SHA-256, for the keyed hash by which a person's key is found.
package enum HMACSHA256 {
    package static func code(_ bytes: [UInt8], key: [UInt8]) -> Digest {
        Digest { co_hmac_sha256(key, key.count, bytes, bytes.count, $0) }
    }
}
