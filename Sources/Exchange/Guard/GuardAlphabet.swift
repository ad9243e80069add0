/// A character as the guard's rules tell characters apart: all that stand in no rule are one symbol.
struct GuardSymbol: Sendable, Hashable {
    let raw: UInt16

    /// Stands in no rule; also what follows the end of a text.
    static let other = GuardSymbol(raw: 0)
    /// Zero-width: as if it were not there.
    static let dropped = GuardSymbol(raw: 1)
    /// White space: it parts two numbers and is nothing elsewhere.
    static let space = GuardSymbol(raw: 2)

    var isDigit: Bool { raw >= GuardAlphabet.firstDigit && raw < GuardAlphabet.firstDigit + 10 }
}

/// The characters of the guard's rules, numbered: digits, numerals, what ends a clause, then the rest, so
/// that a class of characters is a range.
struct GuardAlphabet: Sendable {
    static let firstDigit: UInt16 = 3  // behind other, dropped and space
    /// Only the basic plane is numbered; no rule has a word beyond it.
    private var numbers = [UInt16](repeating: GuardSymbol.other.raw, count: 0x1_0000)
    private(set) var count = firstDigit
    private let numeralsEnd: UInt16
    private let clauseEnd: UInt16
    var point: GuardSymbol { number(0x2E) }

    init(_ rules: [GuardRule]) {
        numbers[0x20] = GuardSymbol.space.raw
        Self.add("0123456789", &numbers, &count)
        // The Chinese numerals and the ones spoken over the radio (洞 幺 两 拐 勾).
        Self.add("零〇一二三四五六七八九十百两幺洞拐勾", &numbers, &count)
        numeralsEnd = count
        Self.add("，。；、！？,.;!?()（）\"“”\n", &numbers, &count)
        clauseEnd = count
        for word in rules.flatMap(\.words) { Self.add(word.text, &numbers, &count) }
    }

    private static func add(_ characters: String, _ numbers: inout [UInt16], _ count: inout UInt16) {
        for scalar in characters.unicodeScalars.map({ Int($0.value) })
        where scalar < numbers.count && numbers[scalar] == GuardSymbol.other.raw {
            numbers[scalar] = count
            count += 1
        }
    }

    func isNumeral(_ symbol: GuardSymbol) -> Bool {
        symbol.raw >= Self.firstDigit && symbol.raw < numeralsEnd
    }

    func endsClause(_ symbol: GuardSymbol) -> Bool { symbol.raw >= numeralsEnd && symbol.raw < clauseEnd }

    /// All that `isNumeral`, or all digits.
    func run(_ digitsOnly: Bool) -> [GuardSymbol] {
        (Self.firstDigit..<numeralsEnd).map(GuardSymbol.init).filter { $0.isDigit || !digitsOnly }
    }

    /// A word of a rule, which is written levelled.
    func symbols(_ word: GuardWord) -> [GuardSymbol] {
        word.text.unicodeScalars.map { number($0.value) }
    }

    /// A character of a text levelled for matching: full-width folded, ASCII lower-cased, dashes and primes
    /// made one, white space one space, zero-width characters dropped.
    func symbol(levelling scalar: UInt32) -> GuardSymbol {
        let folded = foldedFullWidth(scalar)
        switch folded {
        case 0x41...0x5A: return number(folded + 0x20)
        case 0x00...0x20, 0x85, 0xA0, 0x2000...0x200A, 0x2028, 0x2029, 0x202F: return .space
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFE00...0xFE0F,
            0xFEFF:
            return .dropped
        case 0x2010...0x2015, 0x2212, 0x30FC: return number(0x2D)
        case 0x27, 0x2019, 0x2B9: return number(0x2032)
        case 0x22, 0x201D, 0x2BA: return number(0x2033)
        default: return number(folded)
        }
    }

    private func number(_ scalar: UInt32) -> GuardSymbol {
        GuardSymbol(raw: scalar < numbers.count ? numbers[Int(scalar)] : GuardSymbol.other.raw)
    }
}
