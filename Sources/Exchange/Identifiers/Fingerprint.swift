/// FNV-1a, 64 bits: for hash tables, cursors' check sums and ids derived from names. It guards against
/// accidents, never against an adversary; where that matters, DESIGN.md 7 uses SHA-256, which is not to be
/// had in this pure module.
struct Fingerprint: Sendable, Hashable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    mutating func absorb(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    mutating func absorb(_ number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            absorb(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    /// The text and an end mark, so that "ab" + "c" and "a" + "bc" differ.
    mutating func absorb(_ text: String) {
        for byte in text.utf8 { absorb(byte) }
        absorb(UInt8(0xFF))
    }

    /// The value with its bits well mixed (the finalizer of MurmurHash3), for cutting a few bits out of it.
    var mixed: UInt64 { mix(value) }
}

func mix(_ number: UInt64) -> UInt64 {
    var bits = number
    bits = (bits ^ (bits >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    bits = (bits ^ (bits >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return bits ^ (bits >> 33)
}
