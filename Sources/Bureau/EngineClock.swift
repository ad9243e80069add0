internal import CLinux

/// The two clocks, from outside, so that a simulation can turn them.
package struct EngineClock: Sendable {
    /// Nanoseconds UTC.
    package var wall: @Sendable () -> Int64
    /// Nanoseconds of CLOCK_MONOTONIC: what deadlines and budgets count in.
    package var steady: @Sendable () -> Int64

    package init(wall: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.steady = steady
    }

    package static let system = EngineClock(
        wall: { clinux_wall_ns() }, steady: { clinux_monotonic_ns() })
}
