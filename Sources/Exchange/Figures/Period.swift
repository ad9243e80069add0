/// The days a report is about, both included. Its last day is the day of the report: what happened after it does not count, so the same
/// report printed a year later says the same.
package struct Period: Sendable, Hashable {
    package let from: CivilDay
    package let to: CivilDay
    private let begins: Int64
    private let ends: Int64

    /// Nil when it ends before it begins, or lies beyond what journal time can say.
    package init?(from: CivilDay, to: CivilDay) {
        guard from <= to, let begins = from.startNanoseconds,
            let ends = to.adding(days: 1).startNanoseconds
        else { return nil }
        (self.from, self.to, self.begins, self.ends) = (from, to, begins, ends)
    }

    /// Whether a moment of journal time lies in it.
    package func contains(_ time: Int64) -> Bool { time >= begins && time < ends }
    /// Whether a moment lies before its end.
    package func isOver(_ time: Int64) -> Bool { time >= ends }
    package func isBefore(_ time: Int64) -> Bool { time < begins }
}
