/// A resident identity number, GB 11643-1999: six digits of area, eight of birth date, three of order, one
/// check character.
///
/// The check is ISO 7064 MOD 11-2: Σ dᵢ·wᵢ mod 11 → `10X98765432`. The area is never judged: areas are
/// renamed and abolished, the numbers given there stay valid for life.
package struct IdentityNumber: Sendable, Hashable {
    /// Eighteen ASCII bytes; the check character is a digit or a capital X.
    package let characters: [UInt8]

    /// Why a text is no identity number.
    package enum Fault: Error, Sendable, Hashable {
        case empty
        /// The fifteen-digit form of before 1999. It lacks the century and the check and has not been valid
        /// since 2013.
        case fifteenDigits
        case wrongLength(Int)
        /// Position counts from one.
        case notADigit(position: Int)
        case impossibleBirthDate
        /// Some other character would have been right here: a digit was mistyped.
        case wrongCheck(expected: Character)

        /// The fixed word that stands in a refusal's argument; it never repeats any of the number.
        package var word: String {
            switch self {
            case .empty: "empty"
            case .fifteenDigits: "fifteen-digits"
            case .wrongLength: "length"
            case .notADigit: "not-a-digit"
            case .impossibleBirthDate: "birth-date"
            case .wrongCheck: "check-character"
            }
        }
    }

    static let length = 18  // characters, GB 11643-1999
    private static let oldLength = 15  // characters, GB 11643-1989
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = [UInt8]("10X98765432".utf8)

    /// Reads a number as typed: outer white space is dropped, full-width characters and a lower-case x are
    /// folded.
    package init(_ text: String) throws(Fault) {
        try self.init(ascii: asciiCapitals(text))
    }

    /// The same where the text is ASCII already; a small x is folded, bytes of other characters are no digits.
    init(ascii text: [UInt8]) throws(Fault) {
        var bytes = text
        if bytes.last == 0x78 { bytes[bytes.count - 1] = 0x58 }
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count != Self.oldLength || !bytes.allSatisfy(isDigit) else { throw .fifteenDigits }
        guard bytes.count == Self.length else { throw .wrongLength(bytes.count) }
        if let bad = bytes.dropLast().firstIndex(where: { !isDigit($0) }) {
            throw .notADigit(position: bad + 1)
        }
        guard Self.birthDay(bytes) != nil else { throw .impossibleBirthDate }
        let expected = Self.check(of: bytes)
        guard bytes[Self.length - 1] == expected else {
            throw .wrongCheck(expected: Character(Unicode.Scalar(expected)))
        }
        characters = bytes
    }

    /// The birth date the number carries.
    package var birthDay: CivilDay? { Self.birthDay(characters) }

    package var text: String { String(decoding: characters, as: UTF8.self) }

    private static func check(of bytes: [UInt8]) -> UInt8 {
        var sum = 0
        for (index, weight) in weights.enumerated() { sum += Int(bytes[index] &- 0x30) * weight }
        return checks[sum % 11]
    }

    private static func birthDay(_ bytes: [UInt8]) -> CivilDay? {
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 &- 0x30) } }
        return CivilDay(year: number(6..<10), month: number(10..<12), day: number(12..<14))
    }
}

/// One byte a character: outer white space dropped, full-width and lower-case ASCII folded, anything else
/// 0xFF.
func asciiCapitals(_ text: String) -> [UInt8] {
    foldedFullWidth(String(trimmed(text))).unicodeScalars.map { scalar in
        switch scalar.value {
        case 0x61...0x7A: UInt8(scalar.value - 0x20)
        case 0x00...0x7F: UInt8(scalar.value)
        default: 0xFF
        }
    }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
