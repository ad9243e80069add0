import CLinux
import Crypto

/// Fixed-size byte strings of the journal, and little-endian access to raw memory. No heap: replay touches
/// several of these a record.

/// 128 bits compared as bytes: a store id, a command id, a subject id, a segment nonce.
package struct ID128: Sendable, Hashable, Comparable {
    /// Bytes 0–7, big endian.
    package var high: UInt64
    /// Bytes 8–15, big endian.
    package var low: UInt64

    /// Sixteen zero bytes: "none".
    package static let zero = ID128(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless `bytes` are exactly 16. Not generic: it is in the path of every command, from another module.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self = bytes.withUnsafeBytes { $0.id(0) }
    }

    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self = bytes.withUnsafeBytes { $0.id(0) }
    }

    /// The 16 bytes in order.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    package static func < (a: ID128, b: ID128) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension UnsafeRawBufferPointer {
    func u16(_ at: Int) -> UInt16 { UInt16(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt16.self)) }
    func u32(_ at: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt32.self)) }
    func u64(_ at: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
    func i64(_ at: Int) -> Int64 { Int64(bitPattern: u64(at)) }
    func id(_ at: Int) -> ID128 {
        ID128(
            high: UInt64(bigEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self)),
            low: UInt64(bigEndian: loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)))
    }
    /// 32 bytes: a digest is its bytes in memory order.
    func digest(_ at: Int) -> Digest { loadUnaligned(fromByteOffset: at, as: Digest.self) }
    /// The window [from, to); the caller has checked both ends.
    func window(_ from: Int, _ to: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[from..<to])
    }
    /// True when every byte of [from, to) is zero.
    func isZero(_ from: Int, _ to: Int) -> Bool { firstNonzero(from, to) == to }
    /// Position of the first byte of [from, to) that is not zero, or `to`.
    func firstNonzero(_ from: Int, _ to: Int) -> Int {
        guard from < to, let base = baseAddress else { return to }
        return from + tl_first_nonzero(base + from, to - from)
    }
    func crc32c(_ from: Int, _ to: Int) -> UInt32 {
        guard from < to, let base = baseAddress else { return 0 }
        return tl_crc32c(0, base + from, to - from)
    }
}

extension UnsafeMutableRawBufferPointer {
    func put(_ value: UInt16, _ at: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: at, as: UInt16.self)
    }
    func put(_ value: UInt32, _ at: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: at, as: UInt32.self)
    }
    func put(_ value: UInt64, _ at: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: at, as: UInt64.self)
    }
    func put(_ value: Int64, _ at: Int) { put(UInt64(bitPattern: value), at) }
    func put(_ value: ID128, _ at: Int) {
        storeBytes(of: value.high.bigEndian, toByteOffset: at, as: UInt64.self)
        storeBytes(of: value.low.bigEndian, toByteOffset: at + 8, as: UInt64.self)
    }
    func put(_ value: Digest, _ at: Int) {
        storeBytes(of: value, toByteOffset: at, as: Digest.self)
    }
    /// Copies `bytes` to `at`; the caller has sized the buffer.
    func put(_ bytes: [UInt8], _ at: Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[at..<(at + bytes.count)]).copyBytes(from: bytes)
    }
    func crc32c(_ from: Int, _ to: Int) -> UInt32 { UnsafeRawBufferPointer(self).crc32c(from, to) }
}

/// `value` rounded up to a multiple of `unit`, a power of two.
func aligned(_ value: Int, to unit: Int) -> Int { (value + unit - 1) & ~(unit - 1) }
