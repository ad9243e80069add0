import RPC
import Synchronization
package import Wire

/// One connection for a person who looks at the protocol: any method of any service by name, messages as bytes, every frame told. It
/// connects once and repeats nothing: what is shown is what happened.
package final class DirectConnection: Sendable {
    private let link: ClientLink
    private let ended: Latch

    private init(_ link: ClientLink, _ ended: Latch) {
        self.link = link
        self.ended = ended
    }

    /// Connects and waits for the server's HELLO.
    ///
    /// - Parameters:
    ///   - serverIdentity: the one URI the server's certificate must hold.
    ///   - trace: hears of every frame, on the connection's thread.
    package static func open(
        _ configuration: ClientConfiguration, serverIdentity: String,
        trace: (@Sendable (_ isOutgoing: Bool, FrameHeader, [UInt8]) -> Void)? = nil
    ) async throws(ClientError) -> DirectConnection {
        let parts = try RPCConnector(configuration, serverIdentity: serverIdentity)
        var rpc = parts.configuration
        if let trace { rpc.trace = { trace($0.isOutgoing, $0.header, $0.body) } }
        let states = AsyncStream<ClientState>.makeStream()
        let ended = Latch()
        let link = ClientLink(on: parts.handle, rpc, context: parts.context) { state in
            if case .ended = state { ended.open() }
            states.continuation.yield(state)
        }
        for await state in states.stream {
            switch state {
            case .ready: return DirectConnection(link, ended)
            case .ended(let end): throw ClientError(end, server: configuration.address)
            case .connecting, .securing, .greeting, .goingAway: break
            }
        }
        throw ClientError(.client, .tcp, .cancelled, server: configuration.address)
    }

    /// Starts a call; messages of shapes with a stream of requests go out by `send`.
    ///
    /// - Parameters:
    ///   - payload: the request of shapes without a stream of requests.
    ///   - timeout: nil: none.
    package func call(
        _ service: String, _ method: String, _ shape: MethodShape, payload: [UInt8] = [],
        metadata: [MetadataEntry] = [], timeout: Duration?
    ) -> DirectCall {
        let inbox = DirectInbox()
        let call = link.call(
            MethodReference(service: service, method: method), shape: shape, payload: payload,
            timeout: timeout.map { $0.milliseconds.multipliedReportingOverflow(by: 1_000_000).partialValue },
            metadata: metadata
        ) { inbox.hear($0) }
        return DirectCall(call, inbox)
    }

    /// Says goodbye, calls in flight finished first, and waits until the connection has ended, at most so long.
    package func close(within limit: Duration) async {
        link.close()
        let timer = Task { [ended] in
            try? await Task.sleep(for: limit)
            ended.open()
        }
        await ended.wait()
        timer.cancel()
    }
}

/// Something that happens once, and one task that waits for it.
private final class Latch: Sendable {
    private let state = Mutex((isOpen: false, waiter: CheckedContinuation<Void, Never>?.none))

    func open() {
        let waiter = state.withLock { state in
            state.isOpen = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiter = continuation }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// One call of a `DirectConnection`.
package final class DirectCall: Sendable {
    /// Messages and, last, the end.
    package enum Event: Sendable {
        case message([UInt8])
        /// `payload`: the reply of unary and client-stream calls.
        case ended(Status, payload: [UInt8])
    }

    private let call: ClientCall
    private let inbox: DirectInbox

    fileprivate init(_ call: ClientCall, _ inbox: DirectInbox) {
        self.call = call
        self.inbox = inbox
    }

    /// Sends a message and returns when the stream takes more, or has ended. For one task at a time.
    package func send(_ message: [UInt8]) async {
        call.send(message)
        await inbox.room { [call, inbox] in call.whetherReady { if $0 { inbox.hear(.ready) } } }
    }

    package func halfClose() { call.halfClose() }

    package func cancel() { call.cancel() }

    /// The next message, or the end; nil after it. A message counts as taken when the next is asked for, so that the server sends no
    /// faster than it is read. For one task at a time.
    package func next() async -> Event? {
        switch await inbox.next() {
        case .message(let bytes):
            call.consumed(bytes.count)
            return .message(bytes)
        case .ended(let status, let payload): return .ended(status, payload: payload)
        case .ready, nil: return nil
        }
    }
}

/// What a call was told on its loop, for the tasks that wait for it.
private final class DirectInbox: Sendable {
    private struct State {
        var events: [ClientCallEvent] = []
        var reader: CheckedContinuation<ClientCallEvent?, Never>?
        var writer: CheckedContinuation<Void, Never>?
        var hasEnded = false
    }
    private let state = Mutex(State())

    func hear(_ event: ClientCallEvent) {
        let writer = state.withLock { state in
            if case .ended = event { state.hasEnded = true }
            if case .message = event { return CheckedContinuation<Void, Never>?.none }
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
        if case .ready = event { return }
        let reader = state.withLock { state in
            if state.reader == nil { state.events.append(event) }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: event)
    }

    /// Nil when the end has been taken.
    func next() async -> ClientCallEvent? {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state -> ClientCallEvent?? in
                if !state.events.isEmpty { return .some(state.events.removeFirst()) }
                if state.hasEnded { return .some(nil) }
                state.reader = continuation
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    /// Waits for `.ready` or the end; `ask` is called once the waiting has begun.
    func room(_ ask: () -> Void) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasEnded { state.writer = continuation }
                return state.hasEnded
            }
            if isOver { continuation.resume() } else { ask() }
        }
    }
}
