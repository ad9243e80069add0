/// What a field of a batch may hold, and in what canonical text it is kept. Each `case` says the words of a kind's file and the canonical form.
package enum FieldFormat: Sendable, Hashable {
    /// `text(200)`: at most so many characters; as typed, without white space around; line breaks as LF.
    case text(max: Int)
    /// `name(40)`: a person's or place's name: the same on one line, without the spaces that align `张　三`.
    case name(max: Int)
    /// `choice`: one of the field's own values; the value's code.
    case choice([Choice])
    /// `code(schooling)`, `county`, `party`: an entry of a list of names; the entry's code.
    case listed(String)
    /// `date`: `2023-03-10`.
    case date
    /// `month`: `2023-03`.
    case month
    /// `year`: `2023`.
    case year(ClosedRange<Int64>)
    /// `id-number`: eighteen characters with a capital X (GB 11643).
    case identity
    /// `credit-code`: eighteen characters (GB 32100).
    case creditCode
    /// `money`: typed in yuan, kept as a whole number of 分.
    case money(ClosedRange<Int64>)
    /// `integer`: a whole number without leading zeros.
    case integer(ClosedRange<Int64>)
    /// `decimal(1)`: so many places behind the point, all of them written: `12.0`. The range counts in units of the last place.
    case decimal(places: Int, ClosedRange<Int64>)
    /// `phone`: a mobile number, or `0722-3223456`, or the latter without area code; an extension as `0722-3223456-801`.
    case phone
    /// `yes-no`: `yes` or `no`.
    case yesNo

    package struct Choice: Sendable, Hashable {
        package let code: String
        /// The first is the one shown.
        package let names: [String]
    }

    /// Values that have an order or a size: they may stand in rules and sums.
    var isNumeric: Bool {
        switch self {
        case .money, .integer, .decimal: true
        default: false
        }
    }

    var isOrdered: Bool {
        switch self {
        case .date, .month, .year: true
        default: isNumeric
        }
    }

    /// Two fields of formats with the same scale can be compared and added.
    func hasScale(of other: FieldFormat) -> Bool {
        switch (self, other) {
        case (.date, .date), (.month, .month), (.year, .year), (.money, .money), (.integer, .integer): true
        case (.decimal(let a, _), .decimal(let b, _)): a == b
        default: false
        }
    }

    /// Always of a person, whatever the file says.
    var isAlwaysPersonal: Bool {
        switch self {
        case .identity: true
        default: false
        }
    }
}
