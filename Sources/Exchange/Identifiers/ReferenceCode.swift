/// The code a clerk quotes on the phone before any number exists: `7K3F-Q2MX-C`.
///
/// Eight symbols of Crockford's base 32 (no I, L, O, U) carry 40 bits mixed out of the 16-byte target id; the
/// ninth is a check: Σ αⁱ·dᵢ over GF(32), i = 1…8, α a root of x⁵+x²+1. With distinct nonzero weights every
/// single wrong symbol and every exchange of two symbols is noticed. Forty bits are no proof of identity and
/// may coincide; a look-up that finds two says so.
package struct ReferenceCode: Sendable, Hashable {
    /// 40 bits.
    package let value: UInt64

    private static let symbols = 8
    static let alphabet = [UInt8]("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    package init(_ id: EntityID) {
        value = mix(id.high &* 0x9E37_79B9_7F4A_7C15 ^ mix(id.low)) & 0xFF_FFFF_FFFF
    }

    /// Reads a code as heard or typed: either case, O for 0, I and L for 1, hyphens and spaces anywhere,
    /// full-width forms. Nil when a symbol is missing or the check does not hold.
    package init?(_ text: String) {
        var digits: [UInt8] = []
        for byte in foldedFullWidth(text).utf8 where byte != 0x2D && byte != 0x20 {
            guard let digit = Self.digit(byte), digits.count <= Self.symbols else { return nil }
            digits.append(digit)
        }
        guard digits.count == Self.symbols + 1, Self.check(digits.dropLast()) == digits[Self.symbols] else {
            return nil
        }
        value = digits.dropLast().reduce(0) { $0 << 5 | UInt64($1) }
    }

    package var text: String {
        let digits = (0..<Self.symbols).map { UInt8(truncatingIfNeeded: value >> UInt64(35 - 5 * $0)) & 31 }
        var bytes: [UInt8] = []
        for (index, digit) in (digits + [Self.check(digits[...])]).enumerated() {
            if index == 4 || index == 8 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(Self.alphabet[Int(digit)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func check(_ digits: ArraySlice<UInt8>) -> UInt8 {
        digits.reversed().reduce(0) { timesAlpha($0 ^ $1) }
    }

    private static func timesAlpha(_ element: UInt8) -> UInt8 {
        element & 16 == 0 ? element << 1 : (element << 1 ^ 0b10_0101) & 31
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        let upper = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper).map { UInt8($0) }
        }
    }
}
