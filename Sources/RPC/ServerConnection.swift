import Wire

/// The server's side of one connection, on its loop: the machine's actions to handlers, replies to the machine.
final class ServerConnection: ChannelOwner {
    private struct Call {
        var handler: (any CallHandler)?
        var flow: ReplyFlow?
    }

    /// The peer's address, and `address:port` for logs.
    let host: String
    let address: String
    private let service: LoopServer
    let acceptedAt: Int64
    private let deadline: Int64
    private(set) var peer: PeerIdentity?
    /// The peer's URI; empty before the handshake is done.
    var identity: String { peer.map { String(decoding: $0.uri, as: UTF8.self) } ?? "" }
    /// Calls that are not finished and have something to be told.
    private var calls: [UInt32: Call] = [:]
    /// Counted among the handshakes: until HELLO, in the base profile until TLS is done.
    private(set) var isGreeting = true
    private(set) var profile: ConnectionProfile?
    private var opened: UInt64 = 0

    init(service: LoopServer, host: String, port: UInt16) {
        self.service = service
        self.host = host
        address = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        acceptedAt = service.loop.now
        deadline = acceptedAt &+ service.shared.configuration.handshakeTimeout
    }

    /// Calls `body` with the connection a token names, if it is still there.
    static func at(_ loop: EventLoop, _ token: SourceToken, _ body: (ServerConnection, Channel) -> Void) {
        guard let channel = loop.source(token) as? Channel else { return }
        guard let connection = channel.owner as? ServerConnection else { return }
        body(connection, channel)
    }

    // MARK: The channel's owner

    func secured(_ channel: Channel) -> Result<ConnectionMachine, TLSProblem> {
        guard let tls = channel.tls, let peer = tls.peer(address: address) else {
            return .failure(TLSProblem("the client's certificate cannot be read"))
        }
        self.peer = peer
        let isBase = tls.applicationProtocol == ApplicationProtocol.base
        let profile: ConnectionProfile = isBase ? .base : .extended
        self.profile = profile
        var limits = service.shared.configuration.limits
        limits.helloTimeout = max(deadline &- service.loop.now, .millisecond)
        if limits.maxAge > 0 { limits.maxAge += Int64.random(in: 0...(limits.maxAge / 10)) }
        service.figures.handshakes["ok", default: 0] &+= 1
        let machine = ConnectionMachine(
            .server, profile, limits, service.hello(), service.loop.now, service.routes,
            service.shared.budget, figures: service.calls)
        if profile == .base { greeted() }
        judge(machine, tls)
        return .success(machine)
    }

    /// A handshake may have begun before a reload and end after it: the loop's re-check has not seen the connection then.
    private func judge(_ machine: ConnectionMachine, _ tls: TLSSession) {
        let context = service.shared.context
        if tls.context !== context, let why = tls.refusal(by: context) {
            machine.refusePeer(.notAllowed, why)
        } else {
            admit(machine)
        }
    }

    /// Asks whether this identity may be here; ends the connection if not.
    private func admit(_ machine: ConnectionMachine) {
        guard let peer, let refusal = service.shared.admission?(peer) else { return }
        machine.refusePeer(.notAllowed, refusal.message)
    }

    /// Asks again, after the certificates, the revocation lists or the roster have changed.
    func recheck(_ channel: Channel) {
        guard let machine = channel.machine, let tls = channel.tls, channel.isOpen else { return }
        if let why = tls.refusal(by: service.shared.context) {
            machine.refusePeer(.notAllowed, why)
        } else {
            admit(machine)
        }
        settle(channel)
    }

    /// A certificate that ends while its connection is open ends the connection. `wall`: seconds since 1970.
    func checkExpiry(_ channel: Channel, wall: Int64) {
        guard let peer, let machine = channel.machine, channel.isOpen, wall > peer.notAfter else { return }
        let date = TLSWords.date(peer.notAfter)
        machine.refusePeer(.notAllowed, "client certificate expired \(date); renew with `twolists ca issue`")
        settle(channel)
    }

    private func settle(_ channel: Channel) {
        channel.perform()
        channel.endTurnLater()
    }

    private func greeted() {
        if !isGreeting { return }
        isGreeting = false
        service.greeted(host)
    }

    /// Another schema is no error, as fields are only ever added; it explains what a peer may not know.
    private func compareSchemas(_ hello: Hello, _ number: UInt64) {
        let ours = service.shared.configuration.hello.schemaFingerprint
        let theirs = hello.schemaFingerprint
        if ours.isEmpty || theirs.isEmpty || ours == theirs { return }
        let who = "connection \(number) from \(address): \"\(printable(hello.software))\""
        service.shared.log(
            .info,
            LogEvent(
                "other_schema", "\(who) speaks another schema version",
                [("connection", .integer(Int64(clamping: number))), ("address", .text(address))]))
    }

    /// The history a client has seen, against ours. RECEIPT.md 7.
    private func compareHistories(_ hello: Hello, _ number: UInt64) {
        guard !hello.checkpoint.isEmpty,
            let (level, words) = service.shared.configuration.judgeCheckpoint?(hello.checkpoint)
        else { return }
        let who = peer.map { printable(String(decoding: $0.uri, as: UTF8.self)) } ?? ""
        service.shared.log(
            level,
            LogEvent(
                "quoted_history", "connection \(number) from \(address), \(who): \(printable(words))",
                [
                    ("connection", .integer(Int64(clamping: number))), ("address", .text(address)),
                    ("identity", .text(who)),
                ]))
    }

    func perform(_ action: Action, on channel: Channel) {
        switch action {
        case .opened(let id, let head, let payload): open(id, head, payload, channel)
        case .message(let id, let bytes):
            let handler = calls[id]?.handler
            handler?.receive(bytes)
            if handler?.takesAtOnce ?? true { channel.machine?.consumed(id, bytes.count) }
        case .requestsEnded(let id): calls[id]?.handler?.requestsEnded()
        case .ready(let id): becameReady(id)
        case .cancelled(let id, let reason): cancelled(id, reason, channel)
        case .helloReceived(let hello):
            greeted()
            compareSchemas(hello, channel.number)
            compareHistories(hello, channel.number)
        case .closed: connectionClosed()
        case .finished, .goingAway: break
        }
    }

    func ended(_ channel: Channel, _ end: ChannelEnd) {
        connectionClosed()
        let report = ConnectionReport(
            number: channel.number, address: address,
            identity: peer.map { String(decoding: $0.uri, as: UTF8.self) }, profile: profile,
            phase: end.phase, words: end.words, reason: ConnectionReport.Reason(end.reason),
            alertSent: end.problem?.sent,
            alertReceived: end.problem?.received, duration: service.loop.now &- acceptedAt,
            calls: channel.machine?.callsOpened ?? 0, bytesRead: channel.bytesRead,
            bytesWritten: channel.bytesWritten, isTrouble: end.reason?.isTrouble ?? true)
        if channel.machine == nil { service.handshakeFailed(end) }
        service.ended(channel, self, report)
        isGreeting = false
    }

    // MARK: Calls

    private func open(_ id: UInt32, _ head: RequestHead, _ payload: [UInt8], _ channel: Channel) {
        guard let machine = channel.machine, let peer else { return }
        let route: Route
        switch service.route(head) {
        case .failure(let status): return machine.finish(id, status)
        case .success(let found): route = found
        }
        if head.route == nil, let index = route.index { machine.named(id, index) }
        if route.shape != .unary || head.kind != .unary, let refusal = machine.accept(id, as: route.shape) {
            return machine.finish(id, refusal)
        }
        let streamsBack = route.shape == .serverStream || route.shape == .bidirectional
        let flow = streamsBack ? ReplyFlow() : nil
        let reply = ServerReply(handle: service.loop.handle, token: channel.token, stream: id, flow: flow)
        let call = CallInfo(
            service: head.service, method: head.method, peer: peer, metadata: head.metadata,
            deadline: head.deadline, connection: channel.number, stream: id)
        let handler = route.handler.open(call, request: payload, reply: reply)
        if !reply.hasFinished, handler != nil || flow != nil {
            calls[id] = Call(handler: handler, flow: flow)
        }
    }

    /// The peer, the clock or the end of the connection has ended a call. Its slot is free when the reply is finished or
    /// dropped, so that calls opened and cancelled in a loop do not pile up handlers.
    private func cancelled(_ id: UInt32, _ reason: CancelReason, _ channel: Channel) {
        let call = calls.removeValue(forKey: id)
        call?.handler?.cancelled(reason)
    }

    private func becameReady(_ id: UInt32) {
        calls[id]?.flow?.setRoom(true)
        calls[id]?.handler?.ready()
    }

    private func connectionClosed() {
        let left = calls
        calls = [:]
        for call in left.values { call.handler?.cancelled(.connectionLost) }
    }

    // MARK: Replies, on the loop

    func send(_ id: UInt32, _ message: [UInt8], on channel: Channel) {
        // A refused message has ended the call: the machine says so with `.cancelled`.
        try? channel.machine?.send(id, message)
        touched(channel)
    }

    /// A handler that holds messages back has taken one.
    func consumed(_ id: UInt32, _ bytes: Int, on channel: Channel) {
        channel.machine?.consumed(id, bytes)
        touched(channel)
    }

    /// After a message from another thread: tells what that thread may ask, and `ready` if it was told "no" meanwhile.
    func updateFlow(_ id: UInt32, on channel: Channel) {
        guard let call = calls[id], let flow = call.flow, let machine = channel.machine else { return }
        let room = machine.isReady(id)
        flow.setRoom(room)
        if room, flow.owesReady() { call.handler?.ready() }
    }

    func finish(_ id: UInt32, _ status: Status, _ payload: [UInt8], on channel: Channel) {
        if !calls.isEmpty { calls[id] = nil }
        channel.machine?.finish(id, status, payload: payload, now: service.loop.now)
        touched(channel)
    }

    private func touched(_ channel: Channel) {
        if channel.isOpen { channel.endTurnLater() }
    }
}

extension ConnectionEnd {
    /// Anything but an end that somebody wanted.
    fileprivate var isTrouble: Bool {
        switch self {
        case .drained, .closedHere, .idle: false
        case .closedByPeer(let clean): !clean
        default: true
        }
    }
}
