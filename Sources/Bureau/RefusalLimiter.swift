/// How many refusals for lack of right of one officer are journaled: a token bucket each.
struct RefusalLimiter {
    private struct Bucket {
        var tokens: Int
        var filled: Int64
    }
    private var buckets: [String: Bucket] = [:]
    /// Refusals not journaled since the start, for the figures.
    private(set) var surplus: UInt64 = 0

    /// True when this refusal is to be journaled.
    mutating func admits(_ officer: String, now: Int64) -> Bool {
        var bucket = buckets[officer] ?? Bucket(tokens: EngineLimits.refusalBurst, filled: now)
        let refill = max(0, now - bucket.filled) / EngineLimits.refusalInterval
        if refill > 0 {
            bucket.tokens = Int(min(Int64(EngineLimits.refusalBurst), Int64(bucket.tokens) + refill))
            bucket.filled += refill * EngineLimits.refusalInterval
        }
        defer { buckets[officer] = bucket }
        guard bucket.tokens > 0 else {
            surplus += 1
            return false
        }
        bucket.tokens -= 1
        return true
    }
}
