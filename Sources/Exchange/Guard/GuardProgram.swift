/// The guard's rules compiled into flat arrays of integers: nothing is counted, copied or hashed while a text
/// is matched. `GuardMatcher` runs it.
final class GuardProgram: Sendable {
    static let shared = GuardProgram(guardRules)

    let table: CharacterTable
    let prefilter: GuardPrefilter
    let alphabet: GuardAlphabet
    let code: GuardCode

    init(_ rules: [GuardRule]) {
        alphabet = GuardAlphabet(rules)
        table = CharacterTable(alphabet)
        prefilter = GuardPrefilter(rules, alphabet)
        code = GuardCode(rules, alphabet)
    }
}

/// The rules' patterns: rules name ranges of parts, parts name ranges of words, words ranges of letters.
struct GuardCode: Sendable {
    struct Rule: Sendable {
        let parts: Range<Int>
        let notBehind: Range<Int>
        let notBefore: Range<Int>
    }

    /// A `GuardElement`; its range is of lengths or of words.
    enum Part: Sendable {
        case digits(ClosedRange<Int>)
        case numeral(ClosedRange<Int>)
        case decimal(fraction: Int)
        case anyOf(Range<Int>)
        case maybe(Range<Int>)
        case gap(Int)
    }

    private(set) var rules: [Rule] = []
    /// Beside `rules`.
    let names: [String]
    private(set) var parts: [Part] = []
    private(set) var words: [Range<Int>] = []
    private(set) var letters: [GuardSymbol] = []

    init(_ rules: [GuardRule], _ alphabet: GuardAlphabet) {
        names = rules.map(\.name)
        for rule in rules {
            let first = parts.count
            for element in rule.pattern { parts.append(part(element, alphabet)) }
            self.rules.append(
                Rule(
                    parts: first..<parts.count,
                    notBehind: add(rule.notBehind, alphabet), notBefore: add(rule.notBefore, alphabet)))
        }
    }

    private mutating func part(_ element: GuardElement, _ alphabet: GuardAlphabet) -> Part {
        switch element {
        case .digits(let range): .digits(range)
        case .numeral(let range): .numeral(range)
        case .decimal(let fraction): .decimal(fraction: fraction)
        case .anyOf(let words): .anyOf(add(words, alphabet))
        case .maybe(let words): .maybe(add(words, alphabet))
        case .gap(let longest): .gap(longest)
        }
    }

    private mutating func add(_ words: [GuardWord], _ alphabet: GuardAlphabet) -> Range<Int> {
        let first = self.words.count
        for word in words {
            let start = letters.count
            letters += alphabet.symbols(word)
            self.words.append(start..<letters.count)
        }
        return first..<self.words.count
    }
}
