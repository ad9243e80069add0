/// What one pass over a text tells about it: enough to accept an ordinary one.
struct TextSurvey {
    /// In Unicode scalars.
    private(set) var count = 0
    /// Nothing but white space, or nothing at all.
    var isBlank: Bool { common.isWhiteSpace }
    var hasLineControl: Bool { any.isLineControl }
    var hasControl: Bool { any.isControl }
    /// The guard's rules that may match; a rule that is not in here does not.
    private(set) var suspects = GuardRuleSet.none

    private var common = CharacterTraits.all
    private var any = CharacterTraits.none

    init(_ text: String) {
        let program = GuardProgram.shared
        let hints = program.prefilter.hints
        var leveller = GuardLeveller()
        var previous = GuardRuleSet.none
        program.table.forEach(in: text) { traits in
            count += 1
            common.raw &= traits.raw
            any.raw |= traits.raw
            leveller.add(traits.symbol) { symbol in
                let hint = hints[Int(symbol.raw)]
                suspects.formUnion(previous.both(hint.follows))
                previous = hint.begins
            }
        }
        suspects.formUnion(previous.both(hints[Int(GuardSymbol.other.raw)].follows))
    }
}
