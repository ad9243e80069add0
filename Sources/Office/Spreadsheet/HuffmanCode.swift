/// A prefix code of deflate, from the lengths of its words (RFC 1951, 3.2.2), as a table of its short words and, for the few longer
/// ones, the canonical counts.
struct HuffmanCode: Sendable {
    /// Words up to this length are read in one step.
    static let fastBits = 10
    static let longest = 15

    /// By the next ten bits of the stream: symbol << 4 | length of its word; 0: a longer word, or none.
    let fast: [UInt16]
    /// Words by length, and the symbols in the order of their words.
    private let counts: [Int]
    private let symbols: [UInt16]

    enum Kind {
        /// Lengths of the lengths: a code that is not full is refused.
        case lengths
        /// Literals or distances: as zlib does, a single word of one bit, or no word at all, is let pass; using what is not there is not.
        case symbols
    }

    /// Nil when the lengths (0...15 each, at most 320) make no code.
    init?(_ lengths: ArraySlice<UInt8>, _ kind: Kind) {
        var counts = [Int](repeating: 0, count: Self.longest + 1)
        for length in lengths { counts[Int(length & 15)] += 1 }
        counts[0] = 0
        var left = 1
        for length in 1...Self.longest {
            left = left << 1 - counts[length]
            if left < 0 { return nil }
        }
        let longestUsed = counts.lastIndex { $0 > 0 } ?? 0
        if longestUsed == 0, kind == .lengths { return nil }
        if longestUsed > 0, left > 0, kind == .lengths || longestUsed != 1 { return nil }
        self.counts = counts
        symbols = Self.inOrder(lengths, counts)
        fast = Self.table(symbols, counts)
    }

    private static func inOrder(_ lengths: ArraySlice<UInt8>, _ counts: [Int]) -> [UInt16] {
        var next = [Int](repeating: 0, count: longest + 2)
        for length in 1...longest { next[length + 1] = next[length] + counts[length] }
        var symbols = [UInt16](repeating: 0, count: next[longest + 1])
        for (symbol, length) in lengths.enumerated() where length > 0 {
            symbols[next[Int(length)]] = UInt16(symbol)
            next[Int(length)] += 1
        }
        return symbols
    }

    private static func table(_ symbols: [UInt16], _ counts: [Int]) -> [UInt16] {
        var table = [UInt16](repeating: 0, count: 1 << fastBits)
        var (word, index) = (0, 0)
        for length in 1...fastBits {
            for _ in 0..<counts[length] {
                // Words come highest bit first, the stream lowest bit first.
                var at = 0
                for bit in 0..<length where word >> bit & 1 == 1 { at |= 1 << (length - 1 - bit) }
                while at < table.count {
                    table[at] = symbols[index] << 4 | UInt16(length)
                    at += 1 << length
                }
                word += 1
                index += 1
            }
            word <<= 1
        }
        return table
    }

    /// The entry for a word that `fast` does not have; 0 when the code has no such word.
    func long(_ bits: UInt64) -> UInt16 {
        var (word, first, index) = (0, 0, 0)
        for length in 1...Self.longest {
            word |= Int(bits >> UInt64(length - 1) & 1)
            let count = counts[length]
            if word - first < count { return symbols[index + word - first] << 4 | UInt16(length) }
            index += count
            first = (first + count) << 1
            word <<= 1
        }
        return 0
    }
}
