/// Which refusals for lack of right are journaled: a token bucket for each officer. DESIGN.md 7: those beyond it are counted, and
/// the next one that is journaled says how many there were, so that no knocking goes unseen and none fills the journal.
///
/// "No right" and "not there" count alike: to whoever may not see a matter they are the same answer.
struct RefusalLimiter {
    private struct Bucket {
        var tokens: Int
        var filled: Int64
        /// Refusals not journaled since the last that was.
        var surplus: UInt64 = 0
    }
    private var buckets: [String: Bucket] = [:]

    /// The name of the refusal's argument that tells the surplus.
    static let argument = "unrecorded"

    /// Nil: this refusal is not to be journaled. Otherwise how many before it were not.
    mutating func admits(_ officer: String, now: Int64) -> UInt64? {
        var bucket = buckets[officer] ?? Bucket(tokens: EngineLimits.refusalBurst, filled: now)
        let refill = max(0, now - bucket.filled) / EngineLimits.refusalInterval
        if refill > 0 {
            bucket.tokens = Int(min(Int64(EngineLimits.refusalBurst), Int64(bucket.tokens) + refill))
            bucket.filled += refill * EngineLimits.refusalInterval
        }
        defer { buckets[officer] = bucket }
        guard bucket.tokens > 0 else {
            bucket.surplus += 1
            return nil
        }
        bucket.tokens -= 1
        defer { bucket.surplus = 0 }
        return bucket.surplus
    }
}
