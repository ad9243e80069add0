import Synchronization
package import Wire

/// One call of any kind under way, in bytes. What is sent waits for the server's credit; what the server sends waits here, bounded by
/// ours, until it is read. It is given up when nobody holds it any more, or when a task is cancelled that reads or sends.
package final class OpenCall: Sendable {
    private struct Reading {
        /// Of calls with one reply: it, once it is there.
        var reply: [UInt8]?
        /// How the call ended; nil inside: well.
        var end: ClientError??
    }
    private let gate: SendGate
    private let inbox: StreamInbox
    private let shape: MethodShape
    private let server: String
    private let proved: @Sendable () -> Void
    private let reading = Mutex(Reading())
    private let isGivenUp = Atomic(false)

    init(
        _ request: LinkRequest, on link: any Link, server: String, proved: @escaping @Sendable () -> Void
    ) {
        gate = SendGate()
        inbox = StreamInbox(gate: gate)
        shape = request.shape
        self.server = server
        self.proved = proved
        if request.shape == .unary || request.shape == .serverStream { gate.close() }
        inbox.open(request, on: link)
    }

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
        if shape == .clientStream || shape == .bidirectional { inbox.slot.halfClose() }
    }

    package func cancel() {
        isGivenUp.store(true, ordering: .relaxed)
        gate.close()
        inbox.slot.cancel()
    }

    /// The next message of the server, nil behind the last. One reader at a time.
    package func next() async throws(ClientError) -> [UInt8]? {
        if let end = reading.withLock({ $0.end }) { return try tail(end) }
        switch await inbox.next() {
        case .message(let bytes):
            proved()
            return bytes
        case .cancelled:
            cancel()
            return try ended(Self.givenUp(server))
        case .end(.lost(let error, _)): return try ended(error)
        case .end(.finished(let status, let payload)):
            proved()
            if status.isOK { return try well(payload) }
            let byUs = status.code == .cancelled && isGivenUp.load(ordering: .relaxed)
            return try ended(
                byUs ? Self.givenUp(server) : ClientError(status, server: server, phase: .stream))
        }
    }

    private static func givenUp(_ server: String) -> ClientError {
        ClientError(.client, .stream, .cancelled, server: server)
    }

    private func well(_ payload: [UInt8]) throws(ClientError) -> [UInt8]? {
        let one = shape == .unary || shape == .clientStream ? payload : nil
        reading.withLock { $0 = Reading(reply: one, end: .some(nil)) }
        return try tail(nil)
    }

    private func ended(_ error: ClientError) throws(ClientError) -> [UInt8]? {
        reading.withLock { $0.end = error }
        throw error
    }

    private func tail(_ end: ClientError?) throws(ClientError) -> [UInt8]? {
        if let end { throw end }
        return reading.withLock { state in
            defer { state.reply = nil }
            return state.reply
        }
    }
}

extension TwoListsClient {
    /// Opens a call of any kind over the live connection, or the next one. `payload` is the one message of calls that send one. The wait for a
    /// connection is part of `timeout`; without one it is the configuration's.
    package func open(
        _ service: String, _ method: String, _ shape: MethodShape, payload: [UInt8],
        metadata: [MetadataEntry] = [], timeout: Duration? = nil
    ) async throws(ClientError) -> OpenCall {
        let deadline =
            MonotonicClock.milliseconds() + (timeout ?? configuration.timeout).milliseconds
        let link = try await liveLink(deadline)
        let left = timeout == nil ? nil : max(1, deadline - MonotonicClock.milliseconds())
        let request = LinkRequest(
            service: service, method: method, shape: shape, payload: payload, timeout: left,
            metadata: metadata)
        return OpenCall(request, on: link, server: configuration.address) { [keeper] in keeper.proved() }
    }

    private func liveLink(_ deadline: Int64) async throws(ClientError) -> any Link {
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
