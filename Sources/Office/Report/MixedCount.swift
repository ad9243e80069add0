internal import Exchange
package import Schema

/// 人件(次): persons, items and times, each apart. The sum is rendered with its parts beside it and never alone.
package struct MixedCount: Sendable, Hashable {
    package private(set) var persons: UInt64 = 0
    package private(set) var items: UInt64 = 0
    package private(set) var times: UInt64 = 0

    package init() {}

    /// One figure over rows of cases, each row in its own unit.
    package init(_ figure: Figure, of rows: [CaseFigures]) {
        for row in rows { add(FigureSums(row.counts)[figure], in: row.counted) }
    }

    /// A server that does not say the unit counted cases as persons.
    private mutating func add(_ count: UInt64, in unit: CountUnit) {
        switch unit {
        case .item: items &+= count
        case .time: times &+= count
        case .person, .unspecified, .unrecognized: persons &+= count
        }
    }

    package var total: UInt64 { persons &+ items &+ times }

    /// `36 人件(次)（人 24，件 8，次 4）`
    package func text(_ language: Language) -> String {
        Text(
            "\(total) 人件(次)（人 \(persons)，件 \(items)，次 \(times)）",
            "\(total) (persons \(persons), items \(items), times \(times))")[language]
    }
}
