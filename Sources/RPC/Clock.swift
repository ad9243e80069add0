import CLinux

/// Times of the transport: monotonic nanoseconds (CLOCK_MONOTONIC), the unit of `CallInfo.deadline`.
package enum MonotonicTime {
    package static func now() -> Int64 { clinux_monotonic_ns() }
    package static let never = Int64.max
}
