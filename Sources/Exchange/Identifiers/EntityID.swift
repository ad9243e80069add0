import Wire

/// The 16 bytes that name a request, a case or a roster item: made by the client before any number exists,
/// compared as bytes.
package struct EntityID: Sendable, Hashable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package static let byteCount = 16

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless there are exactly 16 bytes, not all zero (which is what a forgotten field looks like).
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(bytes[index])
            words.1 = words.1 << 8 | UInt64(bytes[index + 8])
        }
        guard words != (0, 0) else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// The id is one of those derived from a roster item's name (`RosterTarget`): a UUID of version 8. Requests and cases have none.
    package var isOfRoster: Bool { high >> 12 & 0xf == 8 && low >> 62 == 0b10 }

    /// Reads 32 hexadecimal digits of either case; hyphens as in a UUID are passed over.
    package init?(hex: String) {
        var bytes: [UInt8] = []
        var nibbles = 0
        var pending: UInt8 = 0
        for byte in hex.utf8 where byte != UInt8(ascii: "-") {
            guard let value = hexValue(byte), nibbles < 32 else { return nil }
            pending = pending << 4 | value
            nibbles += 1
            if nibbles % 2 == 0 { bytes.append(pending) }
        }
        self.init(bytes)
    }

    package var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { [UInt8]($0) }
    }

    /// 32 lower-case hexadecimal digits.
    package var hex: String { hexText(bytes) }

    package static func < (a: EntityID, b: EntityID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension EntityID: ShardKey {
    package var shardBits: (high: UInt64, low: UInt64) { (high, low) }
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
