import Testing

@testable import TwoListsClient

@Suite("DESIGN.md 7 retry with the same id")
struct CallRetryTests {
    private func machine(idempotent: Bool = true, deadline: Int64 = 20_000) -> CallRetry {
        CallRetry(idempotent: idempotent, deadline: deadline, seed: 7)
    }

    @Test("a call that goes well: connect, send, finish")
    func plain() {
        var call = machine()
        #expect(call.start(now: 0) == .connect)
        #expect(call.next(.connected, now: 10) == .send)
        #expect(call.next(.answered(.final), now: 20) == .finish)
    }

    @Test("a connection lost before anything was sent: connect again, even when not idempotent")
    func lostUnsent() {
        var call = machine(idempotent: false)
        _ = call.start(now: 0)
        #expect(call.next(.connected, now: 10) == .send)
        #expect(call.next(.lost(sent: false), now: 20) == .connect)
        #expect(call.next(.connected, now: 30) == .send)
    }

    @Test("a connection lost after sending: again under the same id, never when not idempotent")
    func lostSent() {
        var safe = machine()
        _ = safe.start(now: 0)
        _ = safe.next(.connected, now: 10)
        #expect(safe.next(.lost(sent: true), now: 20) == .connect)
        var unsafe = machine(idempotent: false)
        _ = unsafe.start(now: 0)
        _ = unsafe.next(.connected, now: 10)
        #expect(unsafe.next(.lost(sent: true), now: 20) == .fail(.lastError))
    }

    @Test("not processed: wait and send again, whatever the call", arguments: [true, false])
    func notProcessed(idempotent: Bool) {
        var call = machine(idempotent: idempotent)
        _ = call.start(now: 0)
        _ = call.next(.connected, now: 0)
        guard case .wait(let delay) = call.next(.answered(.notProcessed(retryAfter: nil)), now: 0) else {
            Issue.record("no wait")
            return
        }
        #expect(delay >= Backoff.shortestMilliseconds)
        #expect(call.next(.waited, now: delay) == .connect)
        #expect(call.next(.connected, now: delay) == .send)
    }

    @Test(
        "a pause drawn takes at most a quarter of what is left, so a call ends early only when half a second is left"
    )
    func patience() {
        for seed in UInt64(0)..<200 {
            var call = CallRetry(idempotent: true, deadline: 60_000, seed: seed)
            _ = call.start(now: 0)
            var now: Int64 = 0
            while true {
                _ = call.next(.connected, now: now)
                guard case .wait(let delay) = call.next(.answered(.busy(retryAfter: nil)), now: now) else {
                    break
                }
                #expect(delay >= 500 && delay <= max(500, (60_000 - now) / 4), "seed \(seed)")
                now += delay
                _ = call.next(.waited, now: now)
            }
            #expect(60_000 - now <= 500, "seed \(seed): given up at \(now)")
        }
    }

    @Test(
        "when an attempt is due: the pause, or a quarter of the patience left, but half a second at least, and never in the past"
    )
    func due() {
        #expect(Backoff.due(30_000, now: 0, deadline: 60_000) == 15_000)
        #expect(Backoff.due(15_000, now: 0, deadline: 60_000) == 15_000)
        #expect(Backoff.due(14_999, now: 0, deadline: 60_000) == 14_999)
        #expect(Backoff.due(30_000, now: 58_000, deadline: 60_000) == 58_000)
        #expect(Backoff.due(90_000, now: 58_000, deadline: 60_000) == 58_500)
        #expect(Backoff.due(90_000, now: 57_999, deadline: 60_003) == 58_500)
        #expect(Backoff.due(5, now: 10, deadline: 20) == 10)
    }

    /// The keeper's own state with a clock of numbers: a live one would only measure how busy the machine is.
    @Test(
        "a server that was away for most of a caller's patience is tried again before that is over, however long the pauses drawn"
    )
    func outlasted() {
        let refused = ClientError(.server, .tcp, .connectionRefused)
        for patience: Int64 in [4_000, 10_000, 60_000, 600_000] {
            var keeper = LinkKeeper.State()
            var (now, attempts): (Int64, [Int64]) = (0, [])
            keeper.backoff = worst()
            while true {
                let waiter = LinkKeeper.Waiter(token: 0) { _ in }
                switch keeper.wait(waiter, now: now, deadline: patience) {
                case .schedule(let delay, _): now += delay
                case .connect: break
                case .wait, .answer: now = patience
                }
                guard now < patience else { break }
                attempts.append(now)
                // Refused at once; the pause drawn is the longest there is.
                (keeper.phase, keeper.lastError, keeper.notBefore) = (.idle, refused, now + 30_000)
                keeper.waiters = []
            }
            let gaps = zip(attempts, attempts.dropFirst() + [patience])
            for (from, to) in gaps {
                #expect(to - from <= max(500, (patience - from) / 4), "\(patience): \(attempts)")
            }
            #expect(attempts.count >= 5, "\(patience): \(attempts)")
        }
    }

    private func worst() -> Backoff {
        var backoff = Backoff()
        for _ in 0..<10 { _ = backoff.failed(random: .max) }
        return backoff
    }

    @Test("busy without the server's word: again only when idempotent")
    func busy() {
        var safe = machine()
        _ = safe.start(now: 0)
        _ = safe.next(.connected, now: 0)
        if case .wait = safe.next(.answered(.busy(retryAfter: nil)), now: 0) {
        } else {
            Issue.record("no wait")
        }
        var unsafe = machine(idempotent: false)
        _ = unsafe.start(now: 0)
        _ = unsafe.next(.connected, now: 0)
        #expect(unsafe.next(.answered(.busy(retryAfter: nil)), now: 0) == .fail(.lastError))
    }

    @Test("the server's wish is honoured, up to its limit and not beyond")
    func retryAfter() {
        func wait(_ wish: Int64) -> CallRetry.Output {
            var call = machine(deadline: 1_000_000)
            _ = call.start(now: 0)
            _ = call.next(.connected, now: 0)
            return call.next(.answered(.notProcessed(retryAfter: wish)), now: 0)
        }
        let limit = CallRetry.longestRetryAfterMilliseconds
        #expect(wait(limit) == .wait(limit))
        #expect(wait(limit + 1) == .wait(limit))
    }

    @Test("a wait that would end at or after the deadline is not begun")
    func noVainWait() {
        func output(deadline: Int64) -> CallRetry.Output {
            var call = machine(deadline: deadline)
            _ = call.start(now: 0)
            _ = call.next(.connected, now: 0)
            return call.next(.answered(.notProcessed(retryAfter: 5_000)), now: 0)
        }
        #expect(output(deadline: 5_001) == .wait(5_000))
        #expect(output(deadline: 5_000) == .fail(.lastError))
    }

    @Test("connect failures: tried until the deadline, not at all when permanent")
    func connectFailures() {
        var call = machine(deadline: 1_000)
        _ = call.start(now: 0)
        #expect(call.next(.connectFailed(permanent: false), now: 999) == .connect)
        #expect(call.next(.connectFailed(permanent: false), now: 1_000) == .fail(.lastError))
        var refused = machine()
        _ = refused.start(now: 0)
        #expect(refused.next(.connectFailed(permanent: true), now: 1) == .fail(.lastError))
    }

    @Test("deadline and cancellation end it in every state")
    func ends() {
        let states: [[CallRetry.Input]] = [
            [], [.connected], [.connected, .answered(.notProcessed(retryAfter: nil))],
        ]
        for inputs in states {
            for (input, failure) in [
                (CallRetry.Input.deadline, CallRetry.Failure.deadline), (.cancelled, .cancelled),
            ] {
                var call = machine()
                _ = call.start(now: 0)
                for earlier in inputs { _ = call.next(earlier, now: 0) }
                #expect(call.next(input, now: 0) == .fail(failure))
                #expect(call.next(.connected, now: 0) == .fail(.lastError))
            }
        }
        var late = machine(deadline: 5)
        #expect(late.start(now: 5) == .fail(.deadline))
    }

    @Test("pauses lie between half a second and half a minute and grow")
    func backoff() {
        var random = SplitMix(42)
        var backoff = Backoff()
        var ceiling: Int64 = 1_000
        for _ in 0..<12 {
            let delay = backoff.failed(random: random.next())
            #expect(delay >= 500 && delay <= min(30_000, ceiling))
            ceiling *= 2
        }
        var high = Backoff()
        for _ in 0..<20 { #expect(high.failed(random: .max) <= Backoff.longestMilliseconds) }
        var low = Backoff()
        #expect(low.failed(random: 0) == Backoff.shortestMilliseconds)
        high.succeeded()
        #expect(high.failed(random: .max) <= 1_000)
    }
}

@Suite("RFC 9562 ids of this client")
struct UUIDv7Tests {
    @Test("time, version and variant stand where they belong")
    func layout() {
        let id = UUIDv7.make(milliseconds: 0x0102_0304_0506, random: [UInt8](repeating: 0xFF, count: 10))
        #expect(id == [1, 2, 3, 4, 5, 6, 0x7F, 0xFF, 0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        let zero = UUIDv7.make(milliseconds: 0, random: [])
        #expect(zero == [0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("fresh ids differ")
    func fresh() throws {
        let ids = try Set((0..<1000).map { _ in try UUIDv7.make() })
        #expect(ids.count == 1000)
    }
}
