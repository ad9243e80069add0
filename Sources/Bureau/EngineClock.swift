internal import CLinux

/// The two clocks, from outside, so that a simulation can turn them.
package struct EngineClock: Sendable {
    /// Nanoseconds UTC.
    package var wall: @Sendable () -> Int64
    /// Nanoseconds of CLOCK_MONOTONIC: what deadlines and budgets count in.
    package var steady: @Sendable () -> Int64
    /// Of a demonstration clock alone, which the engine moves on; nil: `wall` is the real time.
    package var demonstration: Mover?

    /// How the engine moves a demonstration clock on.
    package struct Mover: Sendable {
        /// `wall` shows this from now on, nanoseconds UTC, and runs on.
        package var set: @Sendable (Int64) -> Void
        /// It has come to where it was told to go.
        package var arrived: @Sendable () -> Void

        package init(
            set: @escaping @Sendable (Int64) -> Void, arrived: @escaping @Sendable () -> Void = {}
        ) {
            self.set = set
            self.arrived = arrived
        }
    }

    package init(
        wall: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Int64,
        demonstration: Mover? = nil
    ) {
        self.wall = wall
        self.steady = steady
        self.demonstration = demonstration
    }

    package static let system = EngineClock(
        wall: { clinux_wall_ns() }, steady: { clinux_monotonic_ns() })
}
