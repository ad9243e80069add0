/// The form of a rule as it is written; `GuardProgram` is what it is compiled to.

/// A word of a rule, levelled. Written as a string.
struct GuardWord: Sendable, ExpressibleByStringLiteral {
    let text: String

    init(stringLiteral word: String) { text = word }
}

/// One part of a rule's pattern.
enum GuardElement: Sendable {
    /// A whole run of ASCII digits of this length: `31638` is never found inside `13163800000`.
    case digits(ClosedRange<Int>)
    /// A whole run of digits and Chinese numerals of this length.
    case numeral(ClosedRange<Int>)
    /// Digits, a point, and at least so many digits.
    case decimal(fraction: Int)
    case anyOf([GuardWord])
    case maybe([GuardWord])
    /// Up to so many characters of anything that does not end a clause; a colon does not.
    case gap(Int)

    var words: [GuardWord] {
        switch self {
        case .anyOf(let words), .maybe(let words): words
        default: []
        }
    }
}

/// One rule: a pattern, which begins with a word or a number, and what right before or right behind it makes
/// it harmless.
struct GuardRule: Sendable {
    let name: String
    let pattern: [GuardElement]
    let notBehind: [GuardWord]
    let notBefore: [GuardWord]

    init(name: String, pattern: [GuardElement], notBehind: [GuardWord] = [], notBefore: [GuardWord] = []) {
        self.name = name
        self.pattern = pattern
        self.notBehind = notBehind
        self.notBefore = notBefore
    }

    var words: [GuardWord] { pattern.flatMap(\.words) + notBehind + notBefore }
}
