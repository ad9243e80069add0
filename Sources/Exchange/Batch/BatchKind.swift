/// A kind of batch: which columns a table has, what each may hold, which field names the row and which the person. Loaded from a file in
/// seeds/batches (`BatchKindFile`); a city adds a kind by adding a file.
package struct BatchKind: Sendable, Hashable {
    package let code: String
    /// As people call it: 抚恤补助发放.
    package let title: String
    package let version: String
    package let form: Form
    package let period: Period
    /// Fields whose values together name a row: a later row with the same ones takes its place. In the order of the file's `key` line.
    package let key: [Int]
    /// The field with the ID number of the person a row is about: the row is sealed under that person's key. Nil: rows are about no person.
    package let person: Int?
    /// Fields whose sums are control totals: money in 分, whole numbers, decimals in units of their last place.
    package let sums: [Int]
    package let fields: [BatchField]
    package let rules: [RowRule]

    package enum Form: String, Sendable, Hashable, CaseIterable {
        /// Rows are what happened in the period.
        case flow
        /// Rows are what was there at the period's end.
        case stock
    }

    /// What says when a row belongs to.
    package enum Period: Sendable, Hashable {
        /// The batch as a whole: `year`, `half-year`, `quarter`, `month` or `day`.
        case batch(String)
        /// A field of the row, a date, month or year.
        case field(Int)

        package static let words = ["year", "half-year", "quarter", "month", "day"]
    }

    package func index(of code: String) -> Int? { fields.firstIndex { haveSameBytes($0.code, code) } }
}

package struct BatchField: Sendable, Hashable {
    package let code: String
    /// The official heading.
    package let heading: String
    /// Other headings people write.
    package let aliases: [String]
    package let format: FieldFormat
    package let requirement: Requirement
    /// The unit of a number: 人, 小时, 元. Empty: none.
    package let unit: String
    /// Of a person: masked in print, sealed in store.
    package let isPersonal: Bool
    /// An empty cell takes the value above it: in such columns people merge cells.
    package let carriesDown: Bool

    package enum Requirement: Sendable, Hashable {
        case always
        case never
        /// Where another field has one of these canonical values.
        case when(field: Int, values: [String])
    }
}

/// Rules over several fields of one row: a closed set. A rule holds where a field it needs is empty or faulty: that has its own fault.
package enum RowRule: Sendable, Hashable {
    /// `at-most,a,b`: a ≤ b; dates, months, years, numbers of one scale.
    case atMost(Int, Int)
    /// `one-of,a|b`: at least one is filled.
    case oneOf([Int])
    /// `only-one-of,a|b`: exactly one is filled.
    case onlyOneOf([Int])
    /// `sum,total,a|b`: total = a + b; empty parts count as nothing.
    case sum(total: Int, parts: [Int])
    /// `birth,born,id_number`: the date is the one the ID number carries.
    case birth(date: Int, identity: Int)
    /// `empty-unless,a,b,x|y`: a is empty unless b has one of these values.
    case emptyUnless(field: Int, other: Int, values: [String])
}
