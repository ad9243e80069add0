package import Schema

/// A rate, with what it is a share of. Both sides are sums of figures, so a rate over several groups is the rate of their sums, never a mean of rates.
package struct Rate: Sendable, Hashable, CaseIterable {
    /// For programs: `completion`.
    package let code: String
    package let numerator: [Figure]
    package let denominator: [Figure]

    /// 办结率: closed of those due by the report's day.
    package static let completion = Rate("completion", [.dueClosed], of: [.due])
    /// 按期办结率: of the same, those whose closing result was reported in time.
    package static let onTime = Rate("on_time", [.dueOnTime], of: [.due])
    /// 满意率: satisfied and mostly satisfied, of all ratings.
    package static let satisfaction = Rate(
        "satisfaction", [.satisfied, .mostlySatisfied], of: [.satisfied, .mostlySatisfied, .dissatisfied])
    /// 重办率: items sent back at least once, of items rated.
    package static let redo = Rate("redo", [.redoneItems], of: [.ratedItems])
    /// 解决率: closed with result A, of all closed. "Answered" is not "solved".
    package static let solution = Rate("solution", [.solved], of: [.closed])
    /// 纳入率: included, of those decided.
    package static let inclusion = Rate(
        "inclusion", [.included], of: [.included, .declined, .routine, .referred])

    package static let allCases: [Rate] = [completion, onTime, satisfaction, redo, solution, inclusion]

    private init(_ code: String, _ numerator: [Figure], of denominator: [Figure]) {
        (self.code, self.numerator, self.denominator) = (code, numerator, denominator)
    }

    package func value(_ counts: FigureSums) -> Ratio {
        Ratio(counts.sum(numerator), of: counts.sum(denominator))
    }
}

/// A share of a whole, both kept: a rate without its denominator says nothing.
package struct Ratio: Sendable, Hashable {
    package let part: UInt64
    package let whole: UInt64

    package init(_ part: UInt64, of whole: UInt64) { (self.part, self.whole) = (part, whole) }

    /// Tenths of a percent, rounded half up; nil when there is nothing to be a share of.
    package var permille: UInt64? {
        guard whole > 0 else { return nil }
        let (doubled, overflow) = part.multipliedReportingOverflow(by: 2_000)
        guard !overflow else { return part / (whole / 1_000 + 1) }
        return (doubled + whole) / whole / 2
    }

    /// `95.2%`; `—` when there is nothing to be a share of.
    package var text: String { permille.map { "\($0 / 10).\($0 % 10)%" } ?? "—" }
}

/// Counts by figure, summed over groups.
package struct FigureSums: Sendable, Hashable {
    private var counts: [Int32: UInt64] = [:]

    package init() {}

    package init(_ counts: [FigureCount]) { add(counts) }

    package mutating func add(_ added: [FigureCount]) {
        for count in added { counts[count.figure.rawValue, default: 0] &+= count.count }
    }

    package subscript(figure: Figure) -> UInt64 { counts[figure.rawValue] ?? 0 }

    package func sum(_ figures: [Figure]) -> UInt64 { figures.reduce(0) { $0 &+ self[$1] } }
}

/// How long a stage takes on the average.
package struct StageSums: Sendable, Hashable {
    package private(set) var stays: UInt64 = 0
    package private(set) var milliseconds: UInt64 = 0

    package init(stays: UInt64 = 0, milliseconds: UInt64 = 0) {
        (self.stays, self.milliseconds) = (stays, milliseconds)
    }

    package mutating func add(_ other: StageSums) {
        stays &+= other.stays
        milliseconds &+= other.milliseconds
    }

    /// Tenths of a day, rounded half up; nil when no stay ended.
    package var tenthsOfDays: UInt64? {
        guard stays > 0 else { return nil }
        let tenth: UInt64 = 8_640_000
        let mean = milliseconds / stays
        return (mean + tenth / 2) / tenth
    }
}
