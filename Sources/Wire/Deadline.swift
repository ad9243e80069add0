/// Deadlines: relative on the wire (no clock agreement needed), absolute monotonic nanoseconds inside. PROTOCOL.md 7.
package enum Deadline {
    /// Stands for "no deadline" where an optional would cost.
    package static let none = Int64.max

    /// `now + timeout`, saturating: a peer may send any int64.
    package static func absolute(now: Int64, timeout: Int64) -> Int64 {
        let (sum, overflow) = now.addingReportingOverflow(timeout)
        if !overflow { return sum }
        return timeout > 0 ? none : 0
    }

    /// What is left at `now`, never below zero.
    package static func remaining(_ deadline: Int64, now: Int64) -> Int64 {
        let (left, overflow) = deadline.subtractingReportingOverflow(now)
        return overflow ? none : max(left, 0)
    }
}
