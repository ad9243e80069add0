/// Some of the guard's rules, one bit a rule; the rules from the 64th on share the last bit.
struct GuardRuleSet: Sendable, Hashable {
    private(set) var bits: UInt64 = 0

    static let none = GuardRuleSet()

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ rule: Int) { bits |= 1 << UInt64(min(rule, 63)) }

    /// The first of these, among rules of this number, that satisfies `condition`.
    func first(of number: Int, where condition: (Int) -> Bool) -> Int? {
        var rest = bits
        while rest != 0 {
            let rule = rest.trailingZeroBitCount
            if rule == 63 { return (63..<max(63, number)).first(where: condition) }
            if condition(rule) { return rule }
            rest &= rest - 1
        }
        return nil
    }

    func both(_ other: GuardRuleSet) -> GuardRuleSet { GuardRuleSet(bits: bits & other.bits) }
    mutating func formUnion(_ other: GuardRuleSet) { bits |= other.bits }
}

/// What a character says about the rules, without looking further: every match of a rule begins with a word
/// or a number, so it has a place where a character that can begin the rule (or is the last of its first
/// number) stands right before one that can go on from there. A text without such a pair needs no matching,
/// and most texts have none.
struct GuardPrefilter: Sendable {
    struct Hint: Sendable {
        /// The rules that can begin with this character.
        fileprivate(set) var begins = GuardRuleSet.none
        /// The rules in which it can stand second: behind the first character, or behind the first number.
        fileprivate(set) var follows = GuardRuleSet.none
    }

    /// By symbol.
    let hints: [Hint]

    init(_ rules: [GuardRule], _ alphabet: GuardAlphabet) {
        var hints = [Hint](repeating: Hint(), count: Int(alphabet.count))
        for (index, rule) in rules.enumerated() {
            let first = Self.first(of: rule.pattern[...], alphabet)
            let second = Self.second(of: rule.pattern[...], alphabet)
            for raw in hints.indices {
                let symbol = GuardSymbol(raw: UInt16(raw))
                if first?.contains(symbol) ?? true { hints[raw].begins.insert(index) }
                if second?.contains(symbol) ?? true { hints[raw].follows.insert(index) }
            }
        }
        self.hints = hints
    }

    /// What a match of these elements can begin with; nil: with anything.
    private static func first(
        of elements: ArraySlice<GuardElement>, _ alphabet: GuardAlphabet
    ) -> Set<GuardSymbol>? {
        switch elements.first {
        case .digits, .decimal: return Set(alphabet.run(true))
        case .numeral: return Set(alphabet.run(false))
        case .anyOf(let words): return Set(words.compactMap { alphabet.symbols($0).first })
        case .maybe(let words):
            return first(of: elements.dropFirst(), alphabet)?
                .union(words.compactMap { alphabet.symbols($0).first })
        case .gap, nil: return nil
        }
    }

    /// What can stand behind the first character or the first number of a match; nil: anything.
    private static func second(
        of elements: ArraySlice<GuardElement>, _ alphabet: GuardAlphabet
    ) -> Set<GuardSymbol>? {
        let rest = first(of: elements.dropFirst(), alphabet)
        switch elements.first {
        case .digits, .numeral: return rest
        case .decimal: return Set(alphabet.symbols("."))
        case .anyOf(let words):
            let longer = words.map { alphabet.symbols($0).dropFirst() }
            guard let rest = longer.contains(where: \.isEmpty) ? rest : [] else { return nil }
            return rest.union(longer.compactMap(\.first))
        case .maybe, .gap, nil: return nil
        }
    }
}
