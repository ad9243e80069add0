/// When one call is sent, sent again, or given up: a pure machine, told what happened, answering what to do next.
///
///     start ──▶ connect ──connected──▶ send ──answered──▶ finish
///                  ▲                     │
///                  │◀── lost, not sent ──┤            always safe: no byte left
///                  │◀── lost, idempotent ┤            safe: the same id, or a read
///                  │◀── wait ◀── not processed         always safe: the server vouches for it
///                  │◀── wait ◀── UNAVAILABLE, RESOURCE_EXHAUSTED, idempotent
///                  └──(permanent connect failure, deadline, anything else)──▶ fail
///
/// A command is idempotent by its id (DESIGN.md 7): the server repeats its first judgement. Reads are idempotent by nature.
/// Time is a monotonic clock in milliseconds given by the caller; the machine never looks at a clock.
struct CallRetry: Sendable {
    enum Input: Sendable, Hashable {
        /// A usable connection is there.
        case connected
        /// No connection could be made. `permanent`: trying again cannot help (a certificate was refused, a name is unknown to the profile).
        case connectFailed(permanent: Bool)
        /// The connection ended before the answer. `sent`: bytes of the call may have left.
        case lost(sent: Bool)
        /// The server answered.
        case answered(Answer)
        /// The waiting time asked for has passed.
        case waited
        /// The caller's deadline has passed.
        case deadline
        /// The caller has gone away.
        case cancelled
    }

    /// What matters of a status for this decision.
    enum Answer: Sendable, Hashable {
        case final
        /// The server vouches that no handler saw the call; `retryAfter` in milliseconds when it said so.
        case notProcessed(retryAfter: Int64?)
        /// UNAVAILABLE or RESOURCE_EXHAUSTED without that vouching.
        case busy(retryAfter: Int64?)
    }

    enum Output: Sendable, Hashable {
        case connect
        case send
        /// Milliseconds.
        case wait(Int64)
        case finish
        /// Give up; the last thing heard (connect failure, loss, status) says why, else the deadline.
        case fail(Failure)
    }

    enum Failure: Sendable, Hashable {
        case lastError
        case deadline
        case cancelled
    }

    private enum State: Sendable, Hashable {
        case connecting
        case waiting
        case sent
        case over
    }

    /// A server may ask for patience, not for paralysis: longer wishes are cut to this.
    static let longestRetryAfterMilliseconds: Int64 = 60_000

    private let idempotent: Bool
    private let deadline: Int64
    private var state = State.connecting
    private var backoff = Backoff()
    private var random: SplitMix

    /// - Parameters:
    ///   - idempotent: sending twice does no harm.
    ///   - deadline: monotonic milliseconds at which the caller stops waiting.
    ///   - seed: of the jitter.
    init(idempotent: Bool, deadline: Int64, seed: UInt64) {
        self.idempotent = idempotent
        self.deadline = deadline
        self.random = SplitMix(seed)
    }

    /// The first thing to do.
    mutating func start(now: Int64) -> Output {
        now >= deadline ? end(.deadline) : .connect
    }

    mutating func next(_ input: Input, now: Int64) -> Output {
        switch (state, input) {
        case (.over, _): return .fail(.lastError)
        case (_, .cancelled): return end(.cancelled)
        case (_, .deadline): return end(.deadline)
        case (.connecting, .connected):
            guard now < deadline else { return end(.deadline) }
            state = .sent
            return .send
        case (.connecting, .connectFailed(let permanent)):
            // How long to wait before the next attempt is the connector's business: it is shared by all calls.
            return permanent || now >= deadline ? end(.lastError) : .connect
        case (.sent, .lost(let sent)):
            return sent && !idempotent ? end(.lastError) : connectAgain(now)
        case (.sent, .answered(let answer)): return answered(answer, now)
        case (.waiting, .waited): return connectAgain(now)
        default: return end(.lastError)
        }
    }

    private mutating func answered(_ answer: Answer, _ now: Int64) -> Output {
        switch answer {
        case .final:
            state = .over
            return .finish
        case .notProcessed(let after): return pause(after, now)
        case .busy(let after): return idempotent ? pause(after, now) : end(.lastError)
        }
    }

    private mutating func connectAgain(_ now: Int64) -> Output {
        guard now < deadline else { return end(.lastError) }
        state = .connecting
        return .connect
    }

    /// A wait that would end after the deadline is not begun: the caller hears the reason now instead of later.
    private mutating func pause(_ wish: Int64?, _ now: Int64) -> Output {
        let drawn = now + backoff.failed(random: random.next())
        let jittered = Backoff.due(drawn, now: now, deadline: deadline) - now
        let delay = max(jittered, min(wish ?? 0, Self.longestRetryAfterMilliseconds))
        guard delay < deadline - now else { return end(.lastError) }
        state = .waiting
        return .wait(delay)
    }

    private mutating func end(_ failure: Failure) -> Output {
        state = .over
        return .fail(failure)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seedable; for jitter only, never for ids or keys.
struct SplitMix: Sendable, Hashable {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
