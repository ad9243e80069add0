/// Runs the compiled rules over one levelled text.
///
/// The work is bounded by the text's length times a constant: a run is read no further than the longest a
/// rule may want plus one, a gap is a few characters, and nothing begins within a number, so that a fraction
/// is read once.
struct GuardMatcher {
    private let text: [GuardSymbol]
    private let program: GuardProgram
    private let code: GuardCode

    init(_ text: GuardText, _ program: GuardProgram) {
        self.text = text.symbols
        self.program = program
        code = program.code
    }

    /// The name of the first rule among `suspects` that matches; the first place in the text decides, then
    /// the order of the rules.
    func firstMatch(among suspects: GuardRuleSet) -> String? {
        let hints = program.prefilter.hints
        var wasInNumber = false
        for start in text.indices {
            let isInNumber = text[start].isDigit
            defer { wasInNumber = isInNumber }
            // A number is matched whole, so nothing begins within one.
            guard !(isInNumber && wasInNumber) else { continue }
            let candidates = hints[Int(text[start].raw)].begins.both(suspects)
            let found = candidates.first(of: code.rules.count) { matches(code.rules[$0], at: start) }
            if let found { return code.names[found] }
        }
        return nil
    }

    private func matches(_ rule: GuardCode.Rule, at start: Int) -> Bool {
        match(rule, rule.parts.lowerBound, at: start) && !ends(with: rule.notBehind, at: start)
    }

    /// Tries the rule from `part` on at `position`; alternatives are tried in order, with backtracking.
    private func match(_ rule: GuardCode.Rule, _ part: Int, at position: Int) -> Bool {
        guard part < rule.parts.upperBound else { return !begins(with: rule.notBefore, at: position) }
        switch code.parts[part] {
        case .digits(let lengths):
            return run(rule, part, at: position, lengths) { $0.isDigit }
        case .numeral(let lengths):
            return run(rule, part, at: position, lengths) { program.alphabet.isNumeral($0) }
        case .decimal(let fraction):
            return decimal(rule, part, at: position, fraction)
        case .anyOf(let words):
            return any(words, rule, part, at: position)
        case .maybe(let words):
            return any(words, rule, part, at: position) || match(rule, part + 1, at: position)
        case .gap(let longest):
            return gap(rule, part, at: position, longest)
        }
    }

    private func any(_ words: Range<Int>, _ rule: GuardCode.Rule, _ part: Int, at position: Int) -> Bool {
        words.contains {
            has(code.words[$0], at: position) && match(rule, part + 1, at: position + code.words[$0].count)
        }
    }

    private func run(
        _ rule: GuardCode.Rule, _ part: Int, at position: Int, _ lengths: ClosedRange<Int>,
        _ belongs: (GuardSymbol) -> Bool
    ) -> Bool {
        if position > 0, belongs(text[position - 1]) { return false }
        let end = endOfRun(from: position, atMost: lengths.upperBound + 1, belongs)
        return lengths.contains(end - position) && match(rule, part + 1, at: end)
    }

    private func decimal(_ rule: GuardCode.Rule, _ part: Int, at position: Int, _ fraction: Int) -> Bool {
        if position > 0, text[position - 1].isDigit { return false }
        let point = endOfRun(from: position, atMost: 4) { $0.isDigit }
        guard (1...3).contains(point - position), point < text.count, text[point] == program.alphabet.point
        else { return false }
        let end = endOfRun(from: point + 1, atMost: text.count) { $0.isDigit }
        return end - point - 1 >= fraction && match(rule, part + 1, at: end)
    }

    private func gap(_ rule: GuardCode.Rule, _ part: Int, at position: Int, _ longest: Int) -> Bool {
        for end in position...min(position + longest, text.count) {
            if match(rule, part + 1, at: end) { return true }
            if end < text.count, program.alphabet.endsClause(text[end]) { return false }
        }
        return false
    }

    private func endOfRun(
        from position: Int, atMost most: Int, _ belongs: (GuardSymbol) -> Bool
    ) -> Int {
        let limit = min(text.count, position + most)
        var end = position
        while end < limit, belongs(text[end]) { end += 1 }
        return end
    }

    private func has(_ word: Range<Int>, at position: Int) -> Bool {
        guard position >= 0, position <= text.count - word.count else { return false }
        for offset in 0..<word.count where text[position + offset] != code.letters[word.lowerBound + offset] {
            return false
        }
        return true
    }

    private func begins(with words: Range<Int>, at position: Int) -> Bool {
        words.contains { has(code.words[$0], at: position) }
    }

    private func ends(with words: Range<Int>, at position: Int) -> Bool {
        words.contains { has(code.words[$0], at: position - code.words[$0].count) }
    }
}
