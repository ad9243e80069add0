/// CRC-32 as ZIP uses it (polynomial 0xEDB88320, reflected), eight bytes a step.
struct CRC32 {
    private var state: UInt32 = 0xFFFF_FFFF

    /// The checksum of all bytes given so far.
    var value: UInt32 { ~state }

    /// Table `k` of 256 entries carries a byte over `k` more bytes.
    private static let table: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var rest = UInt32(byte)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
            table[byte] = rest
        }
        for at in 256..<8 * 256 {
            let rest = table[at - 256]
            table[at] = rest >> 8 ^ table[Int(rest & 0xFF)]
        }
        return table
    }()

    /// Takes in the bytes of `range`, which lies in `bytes`.
    mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
        let table = Self.table.span
        let source = bytes.span
        var state = state
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            state ^=
                UInt32(source[at]) | UInt32(source[at + 1]) << 8 | UInt32(source[at + 2]) << 16
                | UInt32(source[at + 3]) << 24
            state =
                table[1792 + Int(state & 0xFF)] ^ table[1536 + Int(state >> 8 & 0xFF)]
                ^ table[1280 + Int(state >> 16 & 0xFF)] ^ table[1024 + Int(state >> 24)]
                ^ table[768 + Int(source[at + 4])] ^ table[512 + Int(source[at + 5])]
                ^ table[256 + Int(source[at + 6])] ^ table[Int(source[at + 7])]
            at += 8
        }
        while at < range.upperBound {
            state = state >> 8 ^ table[Int((state ^ UInt32(source[at])) & 0xFF)]
            at += 1
        }
        self.state = state
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        var sum = CRC32()
        sum.update(bytes, 0..<bytes.count)
        return sum.value
    }
}
