import Synchronization

/// Keeps at most one connection: made when a call first wants it, made again after it ended, with growing pauses between
/// attempts that fail. All calls of a client share it and its pauses.
final class LinkKeeper: Sendable {
    enum Outcome: Sendable {
        case link(any Link)
        /// No connection, and `permanent` says that trying again before the deadline cannot help.
        case failed(ClientError, permanent: Bool)
    }

    struct Waiter {
        var token: UInt64
        var resume: @Sendable (Outcome) -> Void
    }

    /// What the keeper knows, and what it decides of it without clock or socket.
    struct State {
        var phase = Phase.idle
        var waiters: [Waiter] = []
        var nextToken: UInt64 = 0
        var backoff = Backoff()
        /// Monotonic milliseconds before which no attempt is begun, but for waiters of little patience (`Backoff.due`).
        var notBefore: Int64 = 0
        var lastError: ClientError?
        /// Tells the callbacks of an abandoned attempt or link from those of the present one.
        var generation: UInt64 = 0
        /// A call has been answered on the present link: the link was good, pauses start anew.
        var proven = false
        var serverCertificateEnds: Int64 = 0
        /// Connections made and not reported ended yet.
        var open = 0
        /// Waits for `open` to reach zero.
        var closing: CheckedContinuation<Void, Never>?

        /// Lets a waiter wait; says what has to be begun for it.
        mutating func wait(_ waiter: Waiter, now: Int64, deadline: Int64) -> Joined {
            if case .connecting = phase {
                waiters.append(waiter)
                return .wait
            }
            let due = Backoff.due(notBefore, now: now, deadline: deadline)
            if due >= deadline, let lastError { return .answer(.failed(lastError, permanent: true)) }
            waiters.append(waiter)
            if case .scheduled(let at) = phase, at <= due { return .wait }
            generation += 1
            phase = due == now ? .connecting : .scheduled(at: due)
            return due == now ? .connect(generation) : .schedule(due - now, generation)
        }

        /// Counts a failed attempt; the answer is the pause in milliseconds.
        mutating func pauseAfterFailure(_ error: ClientError) -> Int64 {
            let delay = backoff.failed(random: UInt64.random(in: .min ... .max))
            notBefore = MonotonicClock.milliseconds() + delay
            lastError = error
            phase = .idle
            return delay
        }
    }

    enum Phase {
        case idle
        /// An attempt is due then, monotonic milliseconds: sooner than `notBefore` where a waiter has less patience.
        case scheduled(at: Int64)
        case connecting
        case live(any Link)
        case closed
    }

    private let state = Mutex(State())
    private let connector: any Connector
    private let onEvent: (@Sendable (ClientEvent) -> Void)?
    private let certificates: CertificatesInUse
    private let clock: ClientClock
    /// Hears of each new connection before any call uses it.
    private let greeted: (@Sendable (any Link) -> Void)?

    init(
        _ connector: any Connector, certificates: CertificatesInUse, clock: ClientClock = ClientClock(),
        onEvent: (@Sendable (ClientEvent) -> Void)?, greeted: (@Sendable (any Link) -> Void)? = nil
    ) {
        self.connector = connector
        self.certificates = certificates
        self.clock = clock
        self.onEvent = onEvent
        self.greeted = greeted
    }

    /// When the certificate of the server that was connected last ends, seconds since 1970; nil: none has been seen.
    var serverCertificateEnds: Int64? {
        let ends = state.withLock { $0.serverCertificateEnds }
        return ends == 0 ? nil : ends
    }

    /// The live link, or the next one, or why there is none by `deadline` (monotonic milliseconds).
    func link(deadline: Int64) async -> Outcome {
        let token = state.withLock { state in
            state.nextToken += 1
            return state.nextToken
        }
        let timer = Task { [weak self] in
            let left = deadline - MonotonicClock.milliseconds()
            guard left < Int64.max / 8 else { return }
            try await Task.sleep(for: .milliseconds(max(0, left)))
            self?.expire(token)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                join(Waiter(token: token) { continuation.resume(returning: $0) }, deadline: deadline)
            }
        } onCancel: {
            expire(token, ClientError(.client, .call, .cancelled))
        }
    }

    /// A call got its answer over the present link.
    func proved() {
        state.withLock { state in
            state.proven = true
            state.backoff.succeeded()
        }
    }

    func close() {
        let (link, waiters) = state.withLock { state in
            var link: (any Link)?
            if case .live(let live) = state.phase { link = live }
            state.phase = .closed
            state.generation += 1
            defer { state.waiters = [] }
            return (link, state.waiters)
        }
        for waiter in waiters { waiter.resume(.failed(Self.closedError, permanent: true)) }
        link?.close()
        connector.shutdown()
    }

    /// Closes and waits until the connection has ended in order, at most so long: a process that exits at once cuts its server off.
    func close(within limit: Int64) async {
        close()
        let timer = Task { [weak self] in
            try await Task.sleep(for: .milliseconds(limit))
            self?.resumeClosing(always: true)
        }
        await withCheckedContinuation { continuation in
            state.withLock { $0.closing = continuation }
            resumeClosing(always: false)
        }
        timer.cancel()
    }

    private func resumeClosing(always: Bool) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard always || state.open <= 0 else { return nil }
            defer { state.closing = nil }
            return state.closing
        }
        waiting?.resume()
    }

    private static let closedError = ClientError(.client, .call, .closed)

    // MARK: Waiting

    enum Joined {
        case answer(Outcome)
        case wait
        case connect(UInt64)
        case schedule(Int64, UInt64)
    }

    private func join(_ waiter: Waiter, deadline: Int64) {
        let now = MonotonicClock.milliseconds()
        let cancelled = Task.isCancelled
        let joined = state.withLock { state -> Joined in
            if cancelled { return .answer(.failed(ClientError(.client, .call, .cancelled), permanent: true)) }
            switch state.phase {
            case .live(let link): return .answer(.link(link))
            case .closed: return .answer(.failed(Self.closedError, permanent: true))
            case .connecting, .idle, .scheduled:
                if now >= deadline {
                    let late = ClientError(.network, .tcp, .connectTimeout)
                    return .answer(.failed(state.lastError ?? late, permanent: true))
                }
                return state.wait(waiter, now: now, deadline: deadline)
            }
        }
        switch joined {
        case .answer(let outcome): waiter.resume(outcome)
        case .wait: break
        case .connect(let generation): connect(generation)
        case .schedule(let delay, let generation): schedule(delay, generation)
        }
    }

    /// The deadline has passed for one waiter.
    private func expire(_ token: UInt64, _ error: ClientError? = nil) {
        let (waiter, last) = state.withLock { state -> (Waiter?, ClientError?) in
            guard let index = state.waiters.firstIndex(where: { $0.token == token }) else {
                return (nil, nil)
            }
            return (state.waiters.remove(at: index), state.lastError)
        }
        let reason = error ?? last ?? ClientError(.network, .tcp, .connectTimeout)
        waiter?.resume(.failed(reason, permanent: true))
    }

    // MARK: Connecting

    private func schedule(_ delay: Int64, _ generation: UInt64) {
        Task {
            try? await Task.sleep(for: .milliseconds(delay))
            let due = state.withLock { state -> Bool in
                guard state.generation == generation, case .scheduled = state.phase else { return false }
                if state.waiters.isEmpty {
                    state.phase = .idle
                    return false
                }
                state.phase = .connecting
                return true
            }
            if due { connect(generation) }
        }
    }

    private func connect(_ generation: UInt64) {
        onEvent?(.connecting)
        connector.connect(
            { [weak self] result in self?.connected(result, generation) },
            ended: { [weak self] error in self?.ended(error, generation) })
    }

    private func connected(_ result: Result<any Link, ClientError>, _ generation: UInt64) {
        switch result {
        case .failure(let error): failed(error, generation)
        case .success(let link):
            let waiters = state.withLock { state -> [Waiter]? in
                state.open += 1
                guard state.generation == generation, case .connecting = state.phase else { return nil }
                state.phase = .live(link)
                state.proven = false
                state.serverCertificateEnds = link.serverCertificateEnds
                defer { state.waiters = [] }
                return state.waiters
            }
            guard let waiters else { return link.close() }
            clock.note(link)
            onEvent?(.connected)
            tellClock(link)
            tellCertificates(link)
            greeted?(link)
            for waiter in waiters { waiter.resume(.link(link)) }
        }
    }

    private func tellClock(_ link: any Link) {
        guard let onEvent else { return }
        let told = ClientEvent.comparing(serverTime: link.serverTime, with: clock.now)
        if let told { onEvent(told) }
    }

    private func tellCertificates(_ link: any Link) {
        guard let onEvent else { return }
        let now = clock.now / 1_000_000_000
        for event in certificates.endingSoon(serverEnds: link.serverCertificateEnds, now: now) {
            onEvent(event)
        }
    }

    private func failed(_ error: ClientError, _ generation: UInt64) {
        let (waiters, delay) = state.withLock { state -> ([Waiter], Int64) in
            guard state.generation == generation, case .connecting = state.phase else { return ([], 0) }
            let delay = state.pauseAfterFailure(error)
            defer { state.waiters = [] }
            return (state.waiters, delay)
        }
        guard delay > 0 else { return }
        onEvent?(.disconnected(error, retryInMilliseconds: delay))
        for waiter in waiters { waiter.resume(.failed(error, permanent: error.isPermanent)) }
    }

    /// The present link takes no more calls. A link that never answered a call counts as a failed attempt, so that a server which accepts
    /// and drops is not run against at full speed.
    private func ended(_ error: ClientError, _ generation: UInt64) {
        let delay = state.withLock { state -> Int64? in
            state.open -= 1
            guard state.generation == generation, case .live = state.phase else { return nil }
            if !state.proven { return state.pauseAfterFailure(error) }
            state.phase = .idle
            state.lastError = error
            state.notBefore = 0
            return 0
        }
        resumeClosing(always: false)
        if let delay { onEvent?(.disconnected(error, retryInMilliseconds: delay)) }
    }
}
