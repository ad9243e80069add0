internal import Crypto
internal import Synchronization

/// Where nonces, keys and salts come from: outside the core, so that a simulation can replay them.
package struct Entropy: Sendable {
    private let source: @Sendable (Int) -> [UInt8]?

    /// `source`: that many bytes, nil when there are none.
    package init(_ source: @escaping @Sendable (Int) -> [UInt8]?) { self.source = source }

    package static let system = Entropy { try? RandomBytes.make($0) }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        guard let bytes = source(count), bytes.count == count else {
            throw .library(operation: "random bytes", reason: "the source gave none")
        }
        return bytes
    }
}

/// Random bytes drawn a page at a time: the generator's price is by the call, and one filing needs seven pieces. Every byte is
/// handed out once and wiped here. Confined to the thread that owns it.
struct EntropyPool: ~Copyable {
    private let source: Entropy
    private let page: Int
    private(set) var bytes: [UInt8] = []
    private var next = 0

    init(_ source: Entropy, page: Int) {
        self.source = source
        self.page = page
    }

    mutating func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        let taken = try take(count)
        let out = [UInt8](bytes[taken])
        wipe(taken)
        return out
    }

    /// Twelve bytes, as a value.
    mutating func nonce() throws(CryptoError) -> Nonce {
        let taken = try take(Sealed.nonceLength)
        let nonce = bytes.withUnsafeBytes { raw in
            Nonce(
                head: raw.loadUnaligned(fromByteOffset: taken.lowerBound, as: UInt64.self),
                tail: raw.loadUnaligned(fromByteOffset: taken.lowerBound + 8, as: UInt32.self))
        }
        wipe(taken)
        return nonce
    }

    /// The place of the next `count` bytes, after drawing a page if there are fewer.
    private mutating func take(_ count: Int) throws(CryptoError) -> Range<Int> {
        if bytes.count - next < count {
            bytes = try source.bytes(max(page, count))
            next = 0
        }
        defer { next += count }
        return next..<(next + count)
    }

    private mutating func wipe(_ taken: Range<Int>) {
        bytes.withUnsafeMutableBytes { raw in
            _ = UnsafeMutableRawBufferPointer(rebasing: raw[taken]).initializeMemory(
                as: UInt8.self, repeating: 0)
        }
    }
}

/// A pool for any thread.
final class SharedEntropy: Sendable {
    private let pool: Mutex<EntropyPool>

    init(_ source: Entropy, page: Int) { pool = Mutex(EntropyPool(source, page: page)) }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        try pool.withLock { (pool: inout sending EntropyPool) throws(CryptoError) in try pool.bytes(count) }
    }
}
