import Synchronization
package import Wire

/// One call of any kind under way, in bytes. What is sent waits for the server's credit; what the server sends waits here, bounded by
/// ours, until it is read. It is given up when nobody holds it any more, or when a task is cancelled that reads or sends.
///
/// A call that sends one message is opened anew, in time, as long as nothing of it has run and nothing was read: so a restart of the
/// server costs it time only. Messages that were handed over one by one are not kept, so other calls end with their connection.
package final class OpenCall: Sendable {
    private struct State {
        var inbox: StreamInbox
        var retry: CallRetry
        var isGivenUp = false
        /// A message has been read, or the end.
        var hasRead = false
        /// Of calls with one reply: it, once it is there.
        var reply: [UInt8]?
        /// How the call ended; nil inside: well.
        var end: ClientError??
    }
    private let opening: Opening
    private let gate: SendGate
    private let state: Mutex<State>

    /// The first attempt, over a link that stands.
    fileprivate init(_ opening: Opening, on link: any Link) {
        self.opening = opening
        gate = SendGate()
        if opening.sendsOne { gate.close() }
        var retry = CallRetry(
            idempotent: false, deadline: opening.deadline, seed: .random(in: .min ... .max))
        let now = MonotonicClock.milliseconds()
        _ = retry.start(now: now)
        _ = retry.next(.connected, now: now)
        let inbox = StreamInbox(gate: gate)
        state = Mutex(State(inbox: inbox, retry: retry))
        inbox.open(opening.dated, on: link)
    }

    private var inbox: StreamInbox { state.withLock { $0.inbox } }

    /// Sends a message when there is credit for it. False: the call is over, or takes no (more) messages; reading says which.
    package func send(_ message: [UInt8]) async -> Bool {
        await withTaskCancellationHandler {
            guard await gate.pass() else { return false }
            inbox.slot.send(message)
            return true
        } onCancel: {
            cancel()
        }
    }

    /// No more messages of ours.
    package func finish() {
        gate.close()
        if !opening.sendsOne { inbox.slot.halfClose() }
    }

    package func cancel() {
        let inbox = state.withLock { state in
            state.isGivenUp = true
            return state.inbox
        }
        gate.close()
        inbox.slot.cancel()
    }

    // MARK: Reading

    /// The next message of the server, nil behind the last. One reader at a time.
    package func next() async throws(ClientError) -> [UInt8]? {
        while true {
            let (inbox, end) = state.withLock { ($0.inbox, $0.end) }
            if let end { return try tail(end) }
            switch await inbox.next() {
            case .message(let bytes):
                opening.keeper.proved()
                state.withLock { $0.hasRead = true }
                return bytes
            case .cancelled:
                cancel()
                return try ended(givenUp)
            case .end(let answer):
                if try await isOpenAgain(after: answer) { continue }
                return try over(answer)
            }
        }
    }

    private var givenUp: ClientError { ClientError(.client, .stream, .cancelled, server: opening.server) }

    private func over(_ answer: LinkAnswer) throws(ClientError) -> [UInt8]? {
        switch answer {
        case .lost(let error, _): return try ended(error)
        case .finished(let status, let payload):
            opening.keeper.proved()
            if status.isOK { return try well(payload) }
            let byUs = status.code == .cancelled && state.withLock { $0.isGivenUp }
            return try ended(byUs ? givenUp : ClientError(status, server: opening.server, phase: .stream))
        }
    }

    private func well(_ payload: [UInt8]) throws(ClientError) -> [UInt8]? {
        state.withLock { state in
            state.reply = opening.receivesOne ? payload : nil
            state.end = .some(nil)
        }
        return try tail(nil)
    }

    private func ended(_ error: ClientError) throws(ClientError) -> [UInt8]? {
        state.withLock { $0.end = error }
        throw error
    }

    private func tail(_ end: ClientError?) throws(ClientError) -> [UInt8]? {
        if let end { throw end }
        return state.withLock { state in
            defer { state.reply = nil }
            return state.reply
        }
    }

    // MARK: Opening anew

    private func isOpenAgain(after answer: LinkAnswer) async throws(ClientError) -> Bool {
        guard var output = retry(after: answer) else { return false }
        if case .wait(let delay) = output {
            try? await Task.sleep(for: .milliseconds(delay))
            output = state.withLock { $0.retry.next(.waited, now: MonotonicClock.milliseconds()) }
        }
        guard case .connect = output else { return false }
        let link = try await opening.link()
        return reopen(on: link)
    }

    /// What to do instead of ending; nil: nothing.
    private func retry(after answer: LinkAnswer) -> CallRetry.Output? {
        let input: CallRetry.Input
        switch answer {
        case .lost(let error, let sent):
            if error.isPermanent { return nil }
            input = .lost(sent: sent)
        case .finished(let status, _): input = .answered(CallRetry.Answer(status))
        }
        return state.withLock { state in
            if !opening.sendsOne || state.hasRead || state.isGivenUp { return nil }
            return state.retry.next(input, now: MonotonicClock.milliseconds())
        }
    }

    private func reopen(on link: any Link) -> Bool {
        let inbox = StreamInbox(gate: gate)
        let isWanted = state.withLock { state in
            guard case .send = state.retry.next(.connected, now: MonotonicClock.milliseconds()) else {
                return false
            }
            state.inbox = inbox
            return true
        }
        guard isWanted else { return false }
        inbox.open(opening.dated, on: link)
        if state.withLock({ $0.isGivenUp }) { inbox.slot.cancel() }
        return true
    }
}

/// What it takes to open a call, once or again.
private struct Opening: Sendable {
    /// Held as a whole: a client that nobody else holds must not close under its call.
    let client: TwoListsClient
    let request: LinkRequest
    /// Monotonic milliseconds until which a connection is looked for.
    let deadline: Int64
    /// The call itself ends then, too.
    let isTimed: Bool

    var keeper: LinkKeeper { client.keeper }
    var server: String { client.configuration.address }
    var sendsOne: Bool { request.shape == .unary || request.shape == .serverStream }
    var receivesOne: Bool { request.shape == .unary || request.shape == .clientStream }

    /// The request with the time that is left.
    var dated: LinkRequest {
        var request = request
        if isTimed { request.timeout = max(1, deadline - MonotonicClock.milliseconds()) }
        return request
    }

    func link() async throws(ClientError) -> any Link {
        while true {
            switch await keeper.link(deadline: deadline) {
            case .link(let link): return link
            case .failed(let error, let permanent):
                // How long to wait before the next attempt is the keeper's business.
                if permanent || Task.isCancelled || MonotonicClock.milliseconds() >= deadline { throw error }
            }
        }
    }
}

extension TwoListsClient {
    /// Opens a call of any kind over the live connection, or the next one. `payload` is the one message of calls that send one. The wait for a
    /// connection is part of `timeout`; without one it is the configuration's, and the call has no limit once it is open.
    package func open(
        _ service: String, _ method: String, _ shape: MethodShape, payload: [UInt8],
        metadata: [MetadataEntry] = [], timeout: Duration? = nil
    ) async throws(ClientError) -> OpenCall {
        let request = LinkRequest(
            service: service, method: method, shape: shape, payload: payload, timeout: nil,
            metadata: metadata)
        let opening = Opening(
            client: self, request: request,
            deadline: MonotonicClock.milliseconds() + (timeout ?? configuration.timeout).milliseconds,
            isTimed: timeout != nil)
        return OpenCall(opening, on: try await opening.link())
    }
}
