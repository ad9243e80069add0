/// Waiting times between attempts: drawn at random, growing with every failure, from half a second to half a minute.
///
/// The delay after failure n is uniform in [500 ms, min(30 s, 1 s · 2ⁿ)] ("full jitter" with a floor), so that a bureau's offices do not come
/// back all at once when its server restarts, and a lone office is not kept waiting by one lost packet.
struct Backoff: Sendable, Hashable {
    /// Never sooner: a server that just refused needs air.
    static let shortestMilliseconds: Int64 = 500
    /// Never later: a clerk who sees the network come back does not wait longer than this.
    static let longestMilliseconds: Int64 = 30_000
    private static let firstCeilingMilliseconds: Int64 = 1_000
    /// Beyond this the ceiling is reached anyway; the shift below stays small.
    private static let countedFailures = 6

    private(set) var failures = 0

    /// Counts a failure and says how long to wait, in milliseconds. `random` is any 64 random bits.
    mutating func failed(random: UInt64) -> Int64 {
        let ceiling = min(Self.longestMilliseconds, Self.firstCeilingMilliseconds << Int64(failures))
        failures = min(failures + 1, Self.countedFailures)
        let span = UInt64(ceiling - Self.shortestMilliseconds) + 1
        return Self.shortestMilliseconds + Int64(random % span)
    }

    /// When the next attempt is due for a caller whose patience ends at `deadline`, where the pause drawn ends at `notBefore` (all monotonic
    /// milliseconds): no caller waits longer than a quarter of what it has left. Without that a pause of half a minute, drawn while a
    /// server restarted several times, outlasts a caller whose own patience outlasts every restart.
    static func due(_ notBefore: Int64, now: Int64, deadline: Int64) -> Int64 {
        let patience = max(shortestMilliseconds, (deadline - now) / 4)
        return max(now, min(notBefore, now + patience))
    }

    mutating func succeeded() {
        failures = 0
    }
}
