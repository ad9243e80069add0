/// So many at once, then one in each interval.
struct TokenBucket {
    private var tokens: Int
    private var filled: Int64
    private let burst: Int
    private let interval: Int64

    init(burst: Int, interval: Int64, now: Int64) {
        (tokens, filled, self.burst, self.interval) = (burst, now, burst, interval)
    }

    /// Whether one may be taken now.
    mutating func has(now: Int64) -> Bool {
        let refill = max(0, now &- filled) / interval
        if refill > 0 {
            tokens = Int(min(Int64(burst), Int64(tokens) + min(refill, Int64(burst))))
            filled += refill * interval
        }
        return tokens > 0
    }

    /// False: none is left.
    mutating func take(now: Int64) -> Bool {
        guard has(now: now) else { return false }
        tokens -= 1
        return true
    }

    /// As a new one: nothing is lost when it is forgotten.
    mutating func isFull(now: Int64) -> Bool { has(now: now) && tokens == burst }
}

/// Which refusals for lack of right are journaled: a token bucket for each officer. DESIGN.md 7: those beyond it are counted, and
/// the next one that is journaled says how many there were, so that no knocking goes unseen and none fills the journal.
///
/// "No right" and "not there" count alike: to whoever may not see a matter they are the same answer.
struct RefusalLimiter {
    private struct Bucket {
        var tokens: TokenBucket
        /// Refusals not journaled since the last that was.
        var surplus: UInt64 = 0
    }
    private var buckets: [String: Bucket] = [:]

    /// The name of the refusal's argument that tells the surplus.
    static let argument = "unrecorded"

    /// Nil: this refusal is not to be journaled. Otherwise how many before it were not.
    mutating func admits(_ officer: String, now: Int64) -> UInt64? {
        var bucket =
            buckets[officer]
            ?? Bucket(
                tokens: TokenBucket(
                    burst: EngineLimits.refusalBurst, interval: EngineLimits.refusalInterval, now: now))
        defer { buckets[officer] = bucket }
        guard bucket.tokens.take(now: now) else {
            bucket.surplus += 1
            return nil
        }
        defer { bucket.surplus = 0 }
        return bucket.surplus
    }
}
