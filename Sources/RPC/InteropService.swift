// twolists.interop.v1.TestService: gRPC's interop test service on this wire, so that anybody's harness can run the published
// cases. A server has it only when asked for. PROTOCOL.md 10.3.

package import Wire

package final class InteropService: ServiceHandler {
    typealias Method = InteropV1.TestServiceService.Method

    /// Bytes of one payload that can be asked for: no message is larger, whatever a peer takes.
    package static let maxPayloadBytes = ConnectionLimits.ceilingMessageBytes
    /// Microseconds before one message, a minute: a timer outlasts its call by no more than that.
    package static let maxIntervalMicros = 60_000_000

    package let name = InteropV1.TestServiceService.name

    package init() {}

    package func shape(of method: String) -> MethodShape? {
        let known = Method(rawValue: method)
        return known == .unimplementedCall ? nil : known?.shape
    }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(WireError) {
            switch Method(rawValue: call.method) {
            case .emptyCall:
                _ = try InteropV1.Empty(decoding: request)
                reply.finish(.ok, payload: InteropV1.Empty().encoded())
            case .unaryCall: try unary(InteropV1.SimpleRequest(decoding: request), call, reply)
            case .streamingInputCall: return InteropSum(reply, first: request)
            case .streamingOutputCall: return stream(call, request, reply, isLast: true)
            case .fullDuplexCall: return stream(call, request, reply, isLast: false)
            case .unimplementedCall, nil: reply.finish(.methodUnknown(name, call.method), payload: [])
            }
        } catch {
            reply.finish(.malformed("the request cannot be read: \(error.description)"), payload: [])
        }
        return nil
    }

    private func unary(_ request: InteropV1.SimpleRequest, _ call: CallInfo, _ reply: any CallReply) {
        if let status = request.responseStatus.flatMap(Self.echo) { return reply.finish(status, payload: []) }
        guard let payload = Self.zeros(request.responseSize) else {
            return reply.finish(Self.outOfRange("response_size", request.responseSize), payload: [])
        }
        var answer = InteropV1.SimpleResponse(payload: payload)
        if request.fillUsername { answer.username = Self.user(call) }
        if request.fillMetadata { answer.metadata = Self.metadata(call) }
        if request.fillTimeout, let deadline = call.deadline {
            answer.timeoutNano = max(Deadline.remaining(deadline, now: MonotonicTime.now()), 1)
        }
        reply.finish(.ok, payload: answer.encoded())
    }

    private func stream(
        _ call: CallInfo, _ request: [UInt8], _ reply: any CallReply, isLast: Bool
    ) -> (any CallHandler)? {
        guard let loop = EventLoop.current, let made = InteropStream(loop, call, reply) else {
            reply.finish(.callDropped, payload: [])
            return nil
        }
        made.begin(request, isLast: isLast)
        return made
    }

    // MARK: Parts of requests and answers

    /// The status asked for; nil: none.
    fileprivate static func echo(_ wanted: InteropV1.EchoStatus) -> Status? {
        if wanted.code == 0 { return nil }
        var status = Status.ok
        status.rawCode = UInt32(bitPattern: wanted.code)
        status.message = wanted.message
        return status
    }

    fileprivate static func zeros(_ size: Int32) -> InteropV1.Payload? {
        guard (0...maxPayloadBytes).contains(Int(size)) else { return nil }
        return InteropV1.Payload(body: [UInt8](repeating: 0, count: Int(size)))
    }

    fileprivate static func outOfRange(_ field: String, _ value: Int32) -> Status {
        let most = field == "interval_us" ? maxIntervalMicros : maxPayloadBytes
        return .malformed("\(field) is \(value), it must be from 0 to \(most)")
    }

    fileprivate static func user(_ call: CallInfo) -> String {
        String(decoding: call.peer.uri, as: UTF8.self)
    }

    fileprivate static func metadata(_ call: CallInfo) -> [InteropV1.SeenMetadata] {
        call.metadata.map { InteropV1.SeenMetadata(key: $0.key, value: $0.value) }
    }
}

/// StreamingInputCall: adds up.
private final class InteropSum: CallHandler {
    private let reply: any CallReply
    private var sum = 0
    private var isOver = false

    init(_ reply: any CallReply, first: [UInt8]) {
        self.reply = reply
        if !first.isEmpty { receive(first) }
    }

    func receive(_ message: [UInt8]) {
        if isOver { return }
        do throws(WireError) {
            let part = try InteropV1.StreamingInputCallRequest(decoding: message)
            sum += part.payload?.body.count ?? 0
        } catch {
            isOver = true
            reply.finish(.malformed("StreamingInputCallRequest: \(error.description)"), payload: [])
        }
    }

    func requestsEnded() {
        if isOver { return }
        isOver = true
        let answer = InteropV1.StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: sum))
        reply.finish(.ok, payload: answer.encoded())
    }

    func ready() {}
    func cancelled(_ reason: CancelReason) { isOver = true }
}

/// StreamingOutputCall and FullDuplexCall: answers one request after the other, message by message.
///
///     next request ──▶ for each message: wait its interval ──▶ wait for credit ──▶ send ──▶ … ──▶ request counts as taken
///          ▲                                                                                            │
///          └────────────────────────────────────────────────────────────────────────────────────────────┘
///     no request left and the caller's last has come ──▶ finish
///
/// A request counts as taken when it is answered: a caller that does not read is held back by its own credit.
private final class InteropStream: CallHandler, EventSource {
    private let loop: EventLoop
    private let call: CallInfo
    private let reply: any CallReply
    private var token: SourceToken?
    /// Messages as they came; what they can hold is bounded by the credit of the stream.
    private let waiting = StreamQueue()
    private var current: InteropV1.StreamingOutputCallRequest?
    /// What the current request has cost its sender of credit.
    private var cost: Int?
    /// Of the current request's messages, the next to be sent.
    private var step = 0
    /// Monotonic time before which it is not sent; nil: its waiting has not begun.
    private var due: Int64?
    private var hasLast = false
    private var isOver = false

    let takesAtOnce = false

    init?(_ loop: EventLoop, _ call: CallInfo, _ reply: any CallReply) {
        self.loop = loop
        self.call = call
        self.reply = reply
        do { token = try loop.add(self) } catch { return nil }
    }

    /// The message of the Request itself, which took no credit.
    func begin(_ request: [UInt8], isLast: Bool) {
        hasLast = isLast
        if isLast || !request.isEmpty { take(request, cost: nil) }
        advance()
    }

    func receive(_ message: [UInt8]) {
        waiting.push(message)
        advance()
    }

    func requestsEnded() {
        hasLast = true
        advance()
    }

    func ready() { advance() }
    func timerFired() { advance() }
    func cancelled(_ reason: CancelReason) { end() }

    // MARK: The machine

    private func advance() {
        while !isOver {
            guard let request = current else {
                if !takeNext() { return }
                continue
            }
            guard step < request.responseParameters.count else {
                answered(request)
                continue
            }
            if !send(request.responseParameters[step], of: request) { return }
        }
    }

    /// False: there is no further request, at least not yet.
    private func takeNext() -> Bool {
        if let message = waiting.pop() {
            take(message, cost: message.count)
            return true
        }
        if hasLast { finish(.ok) }
        return false
    }

    private func take(_ message: [UInt8], cost: Int?) {
        do throws(WireError) {
            current = try InteropV1.StreamingOutputCallRequest(decoding: message)
            self.cost = cost
            step = 0
        } catch {
            finish(.malformed("StreamingOutputCallRequest: \(error.description)"))
        }
    }

    private func answered(_ request: InteropV1.StreamingOutputCallRequest) {
        current = nil
        if let status = request.responseStatus.flatMap(InteropService.echo) { return finish(status) }
        if let cost { reply.consumed(cost) }
    }

    /// False: not now; the timer or `ready` comes.
    private func send(
        _ wanted: InteropV1.ResponseParameters, of request: InteropV1.StreamingOutputCallRequest
    ) -> Bool {
        if !(0...InteropService.maxIntervalMicros).contains(Int(wanted.intervalUs)) {
            finish(InteropService.outOfRange("interval_us", wanted.intervalUs))
            return false
        }
        guard let payload = InteropService.zeros(wanted.size) else {
            finish(InteropService.outOfRange("size", wanted.size))
            return false
        }
        if mustWait(Int64(wanted.intervalUs) * 1_000) || !reply.isReady { return false }
        var answer = InteropV1.StreamingOutputCallResponse(payload: payload)
        if step == 0, request.fillUsername { answer.username = InteropService.user(call) }
        if step == 0, request.fillMetadata { answer.metadata = InteropService.metadata(call) }
        step += 1
        due = nil
        reply.send(answer.encoded())
        return true
    }

    private func mustWait(_ interval: Int64) -> Bool {
        if interval == 0 { return false }
        let time = due ?? loop.now &+ interval
        due = time
        if loop.now >= time { return false }
        if let token { loop.setTimer(token, at: time) }
        return true
    }

    private func finish(_ status: Status) {
        if isOver { return }
        end()
        reply.finish(status, payload: [])
    }

    /// The loop keeps its sources: what is not removed stays for good.
    private func end() {
        isOver = true
        if let token { loop.remove(token) }
        token = nil
    }
}
