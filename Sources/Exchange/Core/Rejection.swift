package import Schema

/// A command refused by a rule: a code and its arguments. The text is rendered in the reader's language
/// (Office). It is journaled in clear, so an argument never holds anything typed freely: words of this file's
/// vocabulary, numbers, registered names, clauses.
///
/// | refusal | arguments |
/// |---|---|
/// | NOT_PERMITTED | command; role: needed ones joined by `\|`, or `none`; of: `requester`, `responsible`, `bureau`, `reviewer`, `tasked`, `township`, joined by `\|`; or reason: `suspended`, `unknown-officer` |
/// | NOT_FOUND | command |
/// | ALREADY_EXISTS | command |
/// | VERSION_CONFLICT | expected, current: decimal |
/// | WRONG_STATE | command, state: lower-case code, or `none` |
/// | WORK_HAS_BEGUN | command, state |
/// | ALREADY_ASKED | command |
/// | NOT_ASKED | command |
/// | DEADLINE_PASSED | deadline: `2026-06-30` |
/// | FIELD_MISSING | field: path as in the schema, `text.title` |
/// | FIELD_INVALID | field; why: `too-long` (then max), `control-character`, `out-of-range`, `no-such-day`, `past`, `unspecified`, `not-yet-offered`, `repeated`, `malformed`, `mismatch`, `unknown`, `erased`, `too-many` (then max), `no-catch-all`, `not-later`, `no-such-item`, `itself`, `given-up`, `frozen-late`, `other-party`, `suspended`, `no-roles`, or a word of `IdentityNumber.Fault` |
/// | CLASSIFIED_TEXT | field, rule |
/// | UNKNOWN_CODE | field, code (only when it is a plain token), list |
/// | BASIS_REQUIRED | field |
/// | WRONG_PARTY | field, party (only when it is a plain token) |
/// | NOT_ELIGIBLE | clause, version |
/// | ROLES_INCOMPATIBLE | role, role |
/// | OWN_ACCOUNT | command |
/// | NO_RULE_TABLE | table; for `school-dates` also county, year, stage |
/// | PARTY_SUSPENDED | field, party |
/// | ACCOUNT_ACTIVE | command |
/// | CHAIN_OPEN | party |
/// | NOT_YOUR_TURN | party; none: the chain has been gone through |
/// | MATERIALS_MISSING | kinds: codes joined by `\|` |
/// | TASKS_OPEN | tasks: numbers joined by `\|` |
/// | FUND_SHORT | held: 分 |
/// | ROUND_COUNTS | people, posts: how many are loaded |
/// | ROUND_UNREADY | why: `unconfirmed` (then count), `objections`, `upheld`, `turns`, `public-value-known`, `public-value-not-yet-known` |
/// | SECRET_MISMATCH | field |
/// | NOT_THEIR_TURN | person: whose turn it is, or empty |
/// | POST_TAKEN | post |
/// | PACKAGE_GAP | first, last: numbers that are missing |
/// | PACKAGE_FORK, PACKAGE_KNOWN, PACKAGE_OPEN | number |
/// | NO_DEMONSTRATION | command |
/// | CLOCK_BACK | now: ns UTC, decimal |
/// | CLOCK_TOO_FAR | latest: ns UTC, decimal |
/// | BATCH_NUMBER_USED | number; batch: 32 hex digits, the first of that number; same: `yes` for the same rows, `no` |
/// | BATCH_KIND_VERSION | kind; version: the one that is loaded |
/// | BATCH_PERIOD | kind; period: a word of `BatchKind.Period.words`, or `none` |
package struct Rejection: Error, Sendable, Hashable {
    package var refusal: Refusal
    package var arguments: [Argument]

    package init(_ refusal: Refusal, _ arguments: KeyValuePairs<String, String> = [:]) {
        self.refusal = refusal
        self.arguments = arguments.map { Argument(name: $0.key, value: $0.value) }
    }

    package var outcome: Outcome { Outcome(refusal: refusal, arguments: arguments) }

    /// The value of the first argument of that name.
    package subscript(name: String) -> String? { arguments.first { $0.name == name }?.value }
}

extension Rejection {
    static func missing(_ field: String) -> Rejection { Rejection(.fieldMissing, ["field": field]) }

    static func invalid(_ field: String, _ why: String) -> Rejection {
        Rejection(.fieldInvalid, ["field": field, "why": why])
    }

    static func tooMuch(_ field: String, _ why: String, max: Int) -> Rejection {
        Rejection(.fieldInvalid, ["field": field, "why": why, "max": String(max)])
    }

    /// `party` is repeated only when it can be no more than a key: a name typed into the wrong box must not
    /// reach the journal.
    static func wrongParty(_ field: String, _ party: String) -> Rejection {
        guard isToken(party) else { return Rejection(.wrongParty, ["field": field]) }
        return Rejection(.wrongParty, ["field": field, "party": party])
    }

    static func unknownCode(_ field: String, _ code: String, list: String) -> Rejection {
        guard isToken(code) else { return Rejection(.unknownCode, ["field": field, "list": list]) }
        return Rejection(.unknownCode, ["field": field, "code": code, "list": list])
    }
}

/// A plain ASCII token: letters, digits, `-`, `_`, `.`, `/`; 1 to `Limits.tokenBytes`; with a letter or few
/// digits, so that no identity or telephone number passes for one.
func isToken(_ text: String) -> Bool {
    guard (1...Limits.tokenBytes).contains(text.utf8.count) else { return false }
    var digitsInARow = 0
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39: digitsInARow += 1
        case 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F: digitsInARow = 0
        default: return false
        }
        if digitsInARow > 8 { return false }
    }
    return true
}
