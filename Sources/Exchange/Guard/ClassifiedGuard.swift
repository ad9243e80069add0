/// The guard against classified text (DOMAIN.md 1): true designations, coordinates, weapon names and
/// strengths are refused, by the client while typing and again by the server. It is a net for accidents, not
/// a wall against intent, and it never repeats what it found: a refusal carries the rule's name alone,
/// because the refusal itself is journaled and shown.
///
/// One pass over the text (`TextSurvey`) finds which rules may match; nearly always there are none. Otherwise
/// the text is levelled (`GuardText`) and those rules are tried at each character that can begin them
/// (`GuardMatcher`).
package enum ClassifiedGuard {
    /// The name of the first rule that matches, nil when the text may pass.
    package static func matchedRule(in text: String) -> String? {
        matchedRule(in: text, among: TextSurvey(text).suspects)
    }

    /// The same when the text has been surveyed already.
    static func matchedRule(in text: String, among suspects: GuardRuleSet) -> String? {
        guard !suspects.isEmpty else { return nil }
        let program = GuardProgram.shared
        return GuardMatcher(GuardText(text, program.table), program).firstMatch(among: suspects)
    }
}
