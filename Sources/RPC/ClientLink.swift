// A client connection for other threads: what is asked goes through the loop's mailbox, what happens is told by closures on
// the loop. Calls beyond what the server allows at once wait their turn.

import Synchronization
package import Wire

/// What happens to a call, told on the loop.
package enum ClientCallEvent: Sendable {
    /// A message of a stream; `ClientCall.consumed` lets the server send more.
    case message([UInt8])
    /// Behind each `ClientCall.send`: the stream takes a further message. At once, or when the server's credit and the line have room.
    case ready
    /// The call is over, once. `payload` is the reply of unary and client-stream calls.
    case ended(Status, payload: [UInt8])
}

/// A call made through a link.
package struct ClientCall: Sendable {
    fileprivate let link: ClientLink
    fileprivate let number: UInt64

    /// Sends a message of a stream; wait for `.ready` before the next, or what waits grows to its limit. A message that cannot be sent
    /// ends the call with a status that says why.
    package func send(_ message: [UInt8]) {
        link.post { [number] in $0.send(number, message) }
    }
    /// Says on the loop whether the stream takes more; after "no" `.ready` follows. A call that is over, or not begun, says yes.
    package func whetherReady(_ answer: @escaping @Sendable (Bool) -> Void) {
        let taken = link.handle.submit { [number, link = link.number] loop in
            answer(LoopClients.of(loop).members[link]?.isReady(number) ?? true)
        }
        if !taken { answer(true) }
    }
    /// No more messages from this side.
    package func halfClose() {
        link.post { [number] in $0.halfClose(number) }
    }
    /// Gives the call up: `.ended` follows with CANCELLED unless it was over.
    package func cancel() {
        link.post { [number] in $0.cancel(number) }
    }
    /// A message of so many bytes has been taken.
    package func consumed(_ bytes: Int) {
        link.post { [number] in $0.consumed(number, bytes) }
    }
}

package final class ClientLink: Sendable {
    /// The loop it lives on.
    package let handle: LoopHandle
    fileprivate let number: UInt64
    private let calls = Atomic<UInt64>(0)
    private static let numbers = Atomic<UInt64>(0)

    /// Calls that may wait for a free stream; beyond it they are refused, RESOURCE_EXHAUSTED.
    package static let maxWaitingCalls = 10_000

    /// Starts to connect on a loop. `tell` hears of each state, on the loop; `.ended` is the last.
    package init(
        on handle: LoopHandle, _ configuration: ClientConfiguration, context: TLSContext,
        tell: @escaping @Sendable (ClientState) -> Void
    ) {
        self.handle = handle
        let number = ClientLink.numbers.wrappingAdd(1, ordering: .relaxed).newValue
        self.number = number
        let taken = handle.submit { loop in
            LoopClients.of(loop).add(number, configuration, context, tell)
        }
        if !taken {
            tell(
                .ended(
                    ClientEnd(
                        phase: .tcp, description: "the client has been stopped", certificateRefused: false,
                        serverRefused: false)))
        }
    }

    /// Makes a call. `payload` is the first message; for shapes with a stream of requests an empty one is not sent.
    /// `timeout` in nanoseconds from now, waiting for a free stream included.
    package func call(
        _ method: MethodReference, shape: MethodShape = .unary, payload: [UInt8], timeout: Int64? = nil,
        metadata: [MetadataEntry] = [], events: @escaping @Sendable (ClientCallEvent) -> Void
    ) -> ClientCall {
        let call = calls.wrappingAdd(1, ordering: .relaxed).newValue
        let deadline = timeout.map { Deadline.absolute(now: MonotonicTime.now(), timeout: $0) }
        let request = LinkRequest(
            number: call, method: method, shape: shape, payload: payload, deadline: deadline,
            metadata: metadata, events: events)
        let taken = handle.submit { [number] loop in
            guard let member = LoopClients.of(loop).members[number] else { return request.refuse(.gone) }
            member.begin(request)
        }
        if !taken { request.refuse(.gone) }
        return ClientCall(link: self, number: call)
    }

    /// Ends the connection: after the calls in flight, or now.
    package func close(_ why: String = "closed by the caller", graceful: Bool = true) {
        post { $0.connection.close(why, graceful: graceful) }
    }

    fileprivate func post(_ body: @escaping @Sendable (LinkedClient) -> Void) {
        handle.submit { [number] loop in
            if let member = LoopClients.of(loop).members[number] { body(member) }
        }
    }
}

/// A call on its way to the loop.
private struct LinkRequest: Sendable {
    var number: UInt64
    var method: MethodReference
    var shape: MethodShape
    var payload: [UInt8]
    /// Monotonic, nil: none.
    var deadline: Int64?
    var metadata: [MetadataEntry]
    var events: @Sendable (ClientCallEvent) -> Void
    /// Messages sent while the call waits, and whether they were the last.
    var backlog: [[UInt8]] = []
    var isHalfClosed = false

    enum Refusal {
        case gone, late, crowded
        case stream(StreamError)
    }

    /// Nothing went out: a retry elsewhere is safe.
    func refuse(_ why: Refusal) {
        let status =
            switch why {
            case .gone: Status.noConnection
            case .late: Status.tooLateToSend
            case .crowded: Status.callsWait(ClientLink.maxWaitingCalls)
            case .stream(let error): LinkRequest.status(error)
            }
        events(.ended(status, payload: []))
    }

    static func status(_ error: StreamError) -> Status {
        switch error {
        case .closing, .notReady: .noConnection
        case .messageTooLarge(let bytes, let limit):
            .messageTooLarge(
                "the message has \(bytes) bytes, the server's limit is \(limit)", bytes: bytes, limit: limit)
        default: .cannotBeMade(error)
        }
    }
}

/// The links of one loop.
private final class LoopClients {
    var members: [UInt64: LinkedClient] = [:]
    private unowned let loop: EventLoop

    private init(_ loop: EventLoop) { self.loop = loop }

    static func of(_ loop: EventLoop) -> LoopClients {
        if let known = loop.attachment as? LoopClients { return known }
        let made = LoopClients(loop)
        loop.attachment = made
        return made
    }

    func add(
        _ number: UInt64, _ configuration: ClientConfiguration, _ context: TLSContext,
        _ tell: @escaping @Sendable (ClientState) -> Void
    ) {
        let connection = ClientConnection(loop: loop, configuration, context: context) { [weak self] state in
            self?.note(state, of: number)
            tell(state)
        }
        members[number] = LinkedClient(connection)
        connection.start()
    }

    private func note(_ state: ClientState, of number: UInt64) {
        switch state {
        case .ready: members[number]?.serveWaiting()
        case .goingAway: members[number]?.refuseWaiting()
        case .ended: members.removeValue(forKey: number)?.refuseWaiting()
        default: break
        }
    }
}

/// One link's connection and the calls made through it.
private final class LinkedClient {
    let connection: ClientConnection
    private var streams: [UInt64: UInt32] = [:]
    /// First come, first served. Entries already served are before `first`.
    private var waiting: [LinkRequest] = []
    private var first = 0

    init(_ connection: ClientConnection) { self.connection = connection }

    func begin(_ request: LinkRequest) {
        if connection.isLeaving { return request.refuse(.gone) }
        if waiting.count > first || connection.freeStreams == 0 { return queue(request) }
        open(request)
    }

    private func queue(_ request: LinkRequest) {
        if waiting.count - first >= ClientLink.maxWaitingCalls { return request.refuse(.crowded) }
        waiting.append(request)
        guard let deadline = request.deadline else { return }
        let number = request.number
        connection.loop.after(max(deadline &- connection.loop.now, 0)) { [weak self] in
            self?.withdraw(number)?.refuse(.late)
        }
    }

    private func withdraw(_ number: UInt64) -> LinkRequest? {
        guard let index = waitingIndex(number) else { return nil }
        return waiting.remove(at: index)
    }

    private func open(_ request: LinkRequest) {
        var timeout: Int64?
        if let deadline = request.deadline {
            let left = Deadline.remaining(deadline, now: connection.loop.now)
            if left <= 0 { return request.refuse(.late) }
            timeout = left
        }
        let handler = LinkCall(self, request.number, request.events)
        do throws(StreamError) {
            streams[request.number] = try connection.open(
                request.method, shape: request.shape, payload: request.payload, timeout: timeout,
                metadata: request.metadata, handler: handler)
        } catch {
            return request.refuse(.stream(error))
        }
        for message in request.backlog { send(request.number, message) }
        if request.isHalfClosed { halfClose(request.number) }
    }

    private func waitingIndex(_ number: UInt64) -> Int? {
        waiting[first...].firstIndex { $0.number == number }
    }

    /// A call has ended: the next may begin.
    func callEnded(_ number: UInt64) {
        streams[number] = nil
        serveWaiting()
    }

    /// Opens what waits, as far as the server allows.
    func serveWaiting() {
        while first < waiting.count, connection.freeStreams > 0 {
            let next = waiting[first]
            first += 1
            open(next)
        }
        if first == waiting.count || first > 1024 {
            waiting.removeFirst(first)
            first = 0
        }
    }

    /// The connection takes no more calls.
    func refuseWaiting() {
        let left = waiting[first...]
        waiting = []
        first = 0
        for request in left { request.refuse(.gone) }
    }

    func send(_ number: UInt64, _ message: [UInt8]) {
        guard let stream = streams[number] else { return keep(number, message) }
        do throws(StreamError) {
            try connection.send(stream, message)
            connection.tellReady(stream)
        } catch {
            var status = LinkRequest.status(error)
            status.notProcessed = false  // the Request has gone out before
            connection.cancel(stream, status)
        }
    }

    /// A message for a call that waits itself; as many bytes as a stream may queue.
    private func keep(_ number: UInt64, _ message: [UInt8]) {
        guard let index = waitingIndex(number), !waiting[index].isHalfClosed else { return }
        let held = waiting[index].backlog.reduce(message.count) { $0 + $1.count }
        if held > ConnectionLimits().maxStreamQueueBytes {
            withdraw(number)?.refuse(.crowded)
        } else {
            waiting[index].backlog.append(message)
        }
    }

    func isReady(_ number: UInt64) -> Bool { streams[number].map { connection.isReady($0) } ?? true }

    func halfClose(_ number: UInt64) {
        if let stream = streams[number] { return connection.halfClose(stream) }
        if let index = waitingIndex(number) { waiting[index].isHalfClosed = true }
    }
    func cancel(_ number: UInt64) {
        if let stream = streams[number] { return connection.cancel(stream) }
        withdraw(number)?.events(
            .ended(.cancelledUnsent, payload: []))
    }
    func consumed(_ number: UInt64, _ bytes: Int) {
        if let stream = streams[number] { connection.consumed(stream, bytes) }
    }
}

/// Hears of one call for its link.
private final class LinkCall: ClientCallHandler {
    private weak var client: LinkedClient?
    private let number: UInt64
    private let events: @Sendable (ClientCallEvent) -> Void

    init(_ client: LinkedClient, _ number: UInt64, _ events: @escaping @Sendable (ClientCallEvent) -> Void) {
        self.client = client
        self.number = number
        self.events = events
    }

    func message(_ bytes: [UInt8]) -> Bool {
        events(.message(bytes))
        return false
    }
    func ready() { events(.ready) }
    func ended(_ status: Status, payload: [UInt8]) {
        events(.ended(status, payload: payload))
        client?.callEnded(number)
    }
}
