/// GB18030 as the machine's own library maps it, asked once and kept: 23,940 pairs and the 39,420 four-byte characters below U+10000. Above them the
/// standard counts on by itself. GBK and GB2312 are parts of it.
struct GB18030Table: Sendable {
    /// Each entry's UTF-8 bytes, the first in the lowest eight bits; 0: no character.
    private let pairs: [UInt32]
    private let quads: [UInt32]

    private static let leads = 0x81...0xFE
    private static let trailsOfPair = 190  // 0x40–0x7E and 0x80–0xFE
    private static let quadCount = 39_420  // 0x81308130–0x8431A439
    /// U+10000 is 0x90308130, which is this many four-byte codes behind 0x81308130.
    private static let supplementary = 189_000

    /// Nil where the library has no GB18030.
    static let shared = GB18030Table()

    private init?() {
        let pairs = Self.leads.map { lead in
            Self.entries(
                (0..<Self.trailsOfPair).map { [UInt8(lead), UInt8($0 < 63 ? $0 + 0x40 : $0 + 0x41)] })
        }
        let quads = stride(from: 0, to: Self.quadCount, by: 1260).map { first in
            Self.entries((first..<min(first + 1260, Self.quadCount)).map(Self.quad))
        }
        guard pairs.contains(where: { $0.contains { $0 != 0 } }) else { return nil }
        self.pairs = pairs.flatMap { $0 }
        self.quads = quads.flatMap { $0 }
    }

    private static func quad(_ index: Int) -> [UInt8] {
        [
            UInt8(0x81 + index / 12_600), UInt8(0x30 + index / 1260 % 10), UInt8(0x81 + index / 10 % 126),
            UInt8(0x30 + index % 10),
        ]
    }

    /// All at once where each is a character, else one by one.
    private static func entries(_ codes: [[UInt8]]) -> [UInt32] {
        if let all = convert(codes.flatMap { $0 }), let entries = split(all), entries.count == codes.count {
            return entries
        }
        return codes.map { code in
            guard let one = convert(code), let entries = split(one), entries.count == 1 else { return 0 }
            return entries[0]
        }
    }

    /// The library's own answer; nil where it has none.
    static func convert(_ bytes: [UInt8]) -> [UInt8]? {
        try? Charset.convert(bytes, from: "GB18030", to: "UTF-8", growth: 2)
    }

    /// UTF-8 bytes as entries.
    private static func split(_ text: [UInt8]) -> [UInt32]? {
        var entries: [UInt32] = []
        var index = 0
        while index < text.count {
            let length = utf8Length(text[index])
            guard length > 0, index + length <= text.count else { return nil }
            var entry: UInt32 = 0
            for offset in 0..<length { entry |= UInt32(text[index + offset]) << UInt32(8 * offset) }
            entries.append(entry)
            index += length
        }
        return entries
    }

    static func utf8Length(_ lead: UInt8) -> Int {
        switch lead {
        case 0x00...0x7F: 1
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    /// The entry of a pair; 0 for none.
    @inline(__always)
    func pair(_ lead: UInt8, _ trail: UInt8) -> UInt32 {
        guard lead >= 0x81, lead <= 0xFE, trail >= 0x40, trail != 0x7F, trail <= 0xFE else { return 0 }
        let column = Int(trail) - (trail > 0x7F ? 0x41 : 0x40)
        return pairs[(Int(lead) - 0x81) * Self.trailsOfPair + column]
    }

    /// The entry of four bytes; 0 for none.
    func quad(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> UInt32 {
        guard a >= 0x81, a <= 0xFE, isDigit(b), c >= 0x81, c <= 0xFE, isDigit(d) else { return 0 }
        let index =
            ((Int(a) - 0x81) * 10 + Int(b) - 0x30) * 1260 + (Int(c) - 0x81) * 10 + Int(d) - 0x30
        if index < quads.count { return quads[index] }
        guard index >= Self.supplementary,
            let scalar = Unicode.Scalar(UInt32(index - Self.supplementary + 0x10000))
        else { return 0 }
        var entry: UInt32 = 0
        for (offset, byte) in String(scalar).utf8.enumerated() { entry |= UInt32(byte) << UInt32(8 * offset) }
        return entry
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
