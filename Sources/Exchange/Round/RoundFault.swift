/// What is wrong with a round's inputs, or with its published file, and where.
package struct RoundFault: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Beyond a limit of `RoundLimits`.
        case tooMany = "too-many"
        /// Not UTF-8, or the last line is not ended.
        case notText = "not-text"
        /// A line that does not belong here.
        case misplaced
        /// A line with too few or too many fields.
        case fieldCount = "field-count"
        /// A field that is not of its form.
        case malformed
        /// A number outside its range.
        case outOfRange = "out-of-range"
        /// The same key twice.
        case repeated
        /// A key that names nothing in this round.
        case unknown
        /// Frozen on the day of the public value or later: somebody may have known it.
        case frozenLate = "frozen-late"
        /// A person without a choice, or with two.
        case choice
        /// A post picked that had no free seat.
        case taken
        /// A line that is not what follows from the ones before it.
        case differs
    }

    package let kind: Kind
    /// The record's name as it begins its line: `post`.
    package let record: String
    /// Its key, or the field that is wrong; a token, never a name.
    package let key: String
    /// Of the file, counted from one; 0: not of a file.
    package internal(set) var line = 0
    /// `differs`: what the line ought to be; empty: nothing ought to stand there.
    package internal(set) var expected = ""
    /// `differs`: what stands there; empty: nothing does.
    package internal(set) var found = ""

    init(_ kind: Kind, _ record: RoundRecord, _ key: String = "") {
        self.kind = kind
        self.record = record.rawValue
        self.key = isToken(key) ? key : ""
    }

    func at(_ line: Int) -> RoundFault {
        var fault = self
        if fault.line == 0 { fault.line = line }
        return fault
    }
}

/// The records of a published round, by the word that begins their line, in the order in which they come (ROUND.md 2).
package enum RoundRecord: String, Sendable, Hashable, CaseIterable {
    case head = "twolists-round"
    case city
    case round
    case commitment
    case `public`
    case ties
    case table
    case group
    case item
    case post
    case person
    case evidence
    case frozen
    case inputs
    case secret
    case value
    case seed
    case list
    case pick
    case pass
    case withdrawn
    case score
    case trace
    case subtotal
    case rank
    case turn
    case sheet
    case free
    case end
}
