// The client's side of one connection, on its loop: resolve, connect (one address after the other), TLS, HELLO, calls.
// Loop-confined; ClientLink is its face for other threads. It connects once: trying again is its user's policy.

import CLinux
import Glibc
package import Wire

package struct ClientConfiguration: Sendable {
    /// Name or numeric address.
    package var host: String
    package var port: UInt16
    /// The identity the server must show, e.g. `twolists://421300/server`; never its host name. Nil: any identity of an
    /// authority we trust, for tools that look around.
    package var server: [UInt8]?
    package var profile = ConnectionProfile.extended
    /// For everything from connecting to the server's HELLO.
    package var connectTimeout: Int64 = 10 * .second
    package var limits = ConnectionLimits()
    /// Software and schema fingerprint, told in HELLO.
    package var hello = Hello()
    /// Hears of every frame in both directions, on the loop; nil: nobody looks.
    package var trace: (@Sendable (TracedFrame) -> Void)?

    package init(host: String, port: UInt16, server: String?) {
        self.host = host
        self.port = port
        self.server = server.map { Array($0.utf8) }
    }

    /// The ALPN names of the profile, for the context.
    package var protocols: [String] {
        [profile == .base ? ApplicationProtocol.base : ApplicationProtocol.extended]
    }
}

/// How far a connection is. They come in this order; `ended` is the last.
package enum ClientState: Sendable {
    case connecting(address: String)
    case securing
    /// TLS is done: the server as its certificate names it.
    case greeting(PeerIdentity)
    /// Calls can be made. The server's HELLO, nil in the base profile.
    case ready(Hello?)
    /// The server asks us to go: no new calls here, those in flight are finished. `notAllowed`: it does not serve this identity, and
    /// the text says why; connecting again does not help.
    case goingAway(String, notAllowed: Bool)
    case ended(ClientEnd)
}

/// Why a connection ended.
package struct ClientEnd: Error, Sendable, CustomStringConvertible {
    package var phase: ConnectionPhase
    /// The whole sentence, for people.
    package var description: String
    /// The server judged our certificate and refused it: trying again is of no use.
    package var certificateRefused: Bool
    /// The server's certificate or identity was refused by us.
    package var serverRefused: Bool
    /// The alert of TLS behind it.
    package var alert: UInt8?
    package var reason: ConnectionEnd?
}

/// What hears of one call, on the loop.
package protocol ClientCallHandler: AnyObject {
    /// A message of a stream. True when it is taken: the server may send more. Otherwise call `consumed` later.
    func message(_ bytes: [UInt8]) -> Bool
    /// The stream takes messages again.
    func ready()
    /// The call is over, once. `payload` is the reply of unary and client-stream calls.
    func ended(_ status: Status, payload: [UInt8])
}

extension ClientCallHandler {
    package func message(_ bytes: [UInt8]) -> Bool { true }
    package func ready() {}
}

package final class ClientConnection: ChannelOwner {
    package let loop: EventLoop
    package private(set) var serverHello: Hello?
    /// The server as its certificate says, once TLS is done.
    package private(set) var peer: PeerIdentity?
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let tell: (ClientState) -> Void
    private let startedAt: Int64
    private var addresses: [String] = []
    private var channel: Channel?
    private var calls = StreamTable<(any ClientCallHandler)?>(blank: nil)
    private var hasEnded = false
    /// The server has asked us to go, or we have begun to: no new calls here.
    package private(set) var isLeaving = false
    private var lastFailure = ""
    /// Why the server may not be used, when its certificate or its clock was refused after the handshake.
    private var serverRefusal: String?
    /// What the server said when it asked us to go.
    private var farewell = ""
    private static let maxAddresses: Int32 = 8
    private static let addressBytes = 64

    /// Starts to connect. `tell` is called on the loop, not before this returns.
    package init(
        loop: EventLoop, _ configuration: ClientConfiguration, context: TLSContext,
        tell: @escaping (ClientState) -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        self.tell = tell
        startedAt = MonotonicTime.now()
    }

    // MARK: Connecting

    /// Resolves and connects. A name is resolved on a thread of its own, as the system's resolver blocks.
    package func start() {
        if configuration.host.utf8.allSatisfy({ $0 == 0x3a || $0 == 0x2e || isHexDigit($0) }),
            case .success(let found) = ClientConnection.resolve(configuration.host)
        {
            addresses = found.reversed()
            return loop.after(0) { self.tryNext() }
        }
        resolveAside()
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private func resolveAside() {
        let host = configuration.host
        let handle = loop.handle
        let anchor = Anchor(self)
        guard let token = try? loop.add(anchor) else { return }
        let started = try? LoopHandle.start(name: "resolve") { aside in
            let result = ClientConnection.resolve(host)
            handle.submit { loop in
                let connection = (loop.source(token) as? Anchor)?.connection
                loop.remove(token)
                connection?.resolved(result)
            }
            aside.stop()
        }
        if started == nil { loop.after(0) { self.end(.tcp, "cannot start a thread to resolve \(host)") } }
    }

    private static func resolve(_ host: String) -> Result<[String], NetworkError> {
        var found = [CChar](repeating: 0, count: Int(maxAddresses) * addressBytes)
        let n = clinux_resolve(host, &found, addressBytes, maxAddresses)
        if n <= 0 {
            let why = n < 0 ? String(cString: clinux_resolve_error(n)) : "no address"
            return .failure(NetworkError("cannot resolve \(printable(host)): \(why)"))
        }
        let all = (0..<Int(n)).map { index in
            let bytes = found[(index * addressBytes)...].prefix { $0 != 0 }
            return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return .success(all)
    }

    private func resolved(_ result: Result<[String], NetworkError>) {
        if hasEnded { return }
        switch result {
        case .failure(let error): end(.tcp, error.description)
        case .success(let found):
            addresses = found.reversed()
            tryNext()
        }
    }

    private func tryNext() {
        if hasEnded { return }
        guard let address = addresses.popLast() else { return end(.tcp, lastFailure) }
        tell(.connecting(address: place(address)))
        let descriptor = clinux_connect(address, configuration.port)
        if descriptor < 0 { return failed(address, errorText(descriptor)) }
        let patience = configuration.limits.keepaliveInterval + configuration.limits.keepaliveTimeout
        _ = clinux_socket_options(descriptor, UInt32(clamping: patience / .millisecond))
        let made = Channel(
            loop: loop, number: 0, descriptor: descriptor, connecting: true,
            deadline: startedAt &+ configuration.connectTimeout, gate: nil, owner: self)
        do throws(NetworkError) {
            try made.start(context, expectedPeer: configuration.server)
            channel = made
        } catch {
            end(.tcp, error.description)
        }
    }

    private func failed(_ address: String, _ why: String) {
        lastFailure = "cannot connect to \(place(address)): \(why)"
        tryNext()
    }

    private func place(_ address: String) -> String {
        let shown = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        return "\(shown):\(configuration.port)"
    }

    // MARK: The channel's owner

    func connected(_ channel: Channel) { tell(.securing) }

    func secured(_ channel: Channel) -> Result<ConnectionMachine, TLSProblem> {
        guard let tls = channel.tls, let peer = tls.peer(address: place(configuration.host)) else {
            return .failure(TLSProblem("the server's certificate cannot be read"))
        }
        let wanted = configuration.protocols[0]
        if tls.applicationProtocol != wanted {
            return .failure(
                TLSProblem("the server does not speak \(wanted) (ALPN): is it a TwoLists server?"))
        }
        if configuration.profile == .base, let why = refusal(Hello(), tls) {
            serverRefusal = why
            return .failure(TLSProblem(why))
        }
        self.peer = peer
        var limits = configuration.limits
        let left = startedAt &+ configuration.connectTimeout &- loop.now
        limits.helloTimeout = max(left, .millisecond)
        let machine = ConnectionMachine(
            role: .client, profile: configuration.profile, limits: limits, hello: configuration.hello,
            now: loop.now)
        channel.tap = configuration.trace.map { FrameTap($0) }
        tell(.greeting(peer))
        if configuration.profile == .base { loop.after(0) { self.becameReady(nil) } }
        return .success(machine)
    }

    /// The server's HELLO is here, and nothing but ours has gone out.
    private func greeted(_ hello: Hello, _ channel: Channel) {
        guard let tls = channel.tls, let machine = channel.machine, let why = refusal(hello, tls) else {
            return becameReady(hello)
        }
        serverRefusal = why
        machine.refusePeer(.notAllowed, why)
    }

    /// What the handshake left open: whether a demonstration clock may be followed, and the times of the certificate, where they are judged by it.
    private func refusal(_ hello: Hello, _ tls: TLSSession) -> String? {
        guard context.judgesTimeLater else {
            return hello.demonstrationClock
                ? "the server runs on a demonstration clock, and the CA file holds an authority that is not of development: nothing of it is "
                    + "real, and nothing is sent to it" : nil
        }
        return tls.refusal(by: context, at: hello.demonstrationClock ? hello.serverTime / .second : nil)
    }

    private func becameReady(_ hello: Hello?) {
        if hasEnded { return }
        serverHello = hello
        tell(.ready(hello))
    }

    func perform(_ action: Action, on channel: Channel) {
        switch action {
        case .finished(let id, let status, let payload):
            (calls.removeValue(of: id) ?? nil)?.ended(status, payload: payload)
        case .message(let id, let bytes):
            if handler(id)?.message(bytes) ?? true { channel.machine?.consumed(id, bytes.count) }
        case .ready(let id): handler(id)?.ready()
        case .helloReceived(let hello): greeted(hello, channel)
        case .goingAway(let code, let text, _):
            isLeaving = true
            farewell = printable(text)
            tell(.goingAway(printable(text), notAllowed: code == GoAwayCode.notAllowed.rawValue))
        case .closed, .opened, .requestsEnded, .cancelled: break
        }
    }

    private func handler(_ id: UInt32) -> (any ClientCallHandler)? {
        calls.find(id).flatMap { calls[$0] }
    }

    func ended(_ channel: Channel, _ end: ChannelEnd) {
        self.channel = nil
        if let serverRefusal { return self.end(.tls, serverRefusal, end) }
        if end.phase == .tcp, !addresses.isEmpty, loop.now < startedAt &+ configuration.connectTimeout {
            lastFailure = end.words
            return tryNext()
        }
        self.end(end.phase, words(end), end)
    }

    private func words(_ end: ChannelEnd) -> String {
        let problem = end.problem
        if let problem, problem.peerRefusedCertificate, end.phase != .open, let alert = problem.received {
            return "the server refused our certificate: \(TLSWords.alert(alert))\(TLSWords.advice(alert))"
        }
        if end.phase == .hello, case .closedByPeer = end.reason {
            return "the server ended the connection before its HELLO; its log says why"
        }
        if case .drained = end.reason, !farewell.isEmpty { return "the server said: \(farewell)" }
        return end.words
    }

    private func end(_ phase: ConnectionPhase, _ words: String, _ end: ChannelEnd? = nil) {
        if hasEnded { return }
        hasEnded = true
        isLeaving = true
        let problem = end?.problem
        let whole = "\(configuration.host):\(configuration.port): \(words) (phase \(phase.rawValue))"
        let told = ClientEnd(
            phase: phase, description: whole,
            certificateRefused: phase != .open && problem?.peerRefusedCertificate == true,
            serverRefused: serverRefusal != nil
                || phase == .tls && problem?.sent != nil && problem?.received == nil,
            alert: problem?.received ?? problem?.sent, reason: end?.reason)
        tell(.ended(told))
    }

    // MARK: Calls, on the loop

    /// Calls that can be opened now.
    package var freeStreams: Int { channel?.machine?.freeStreams ?? 0 }
    package var openCalls: Int { calls.count }
    /// Calls seen and bytes held, for figures.
    package var machine: ConnectionMachine? { channel?.machine }

    /// Opens a call; `handler` hears of it until `ended`. `timeout` in nanoseconds, nil: none.
    package func open(
        _ method: MethodReference, shape: MethodShape = .unary, payload: [UInt8], timeout: Int64? = nil,
        metadata: [MetadataEntry] = [], handler: any ClientCallHandler
    ) throws(StreamError) -> UInt32 {
        guard let channel, let machine = channel.machine else { throw .closing }
        let id = try machine.openStream(
            method, shape: shape, payload: payload, timeout: timeout, metadata: metadata, now: loop.now)
        calls.insert(id, handler)
        channel.endTurnLater()
        return id
    }

    package func send(_ id: UInt32, _ message: [UInt8]) throws(StreamError) {
        guard let channel, let machine = channel.machine else { throw .closing }
        try machine.send(id, message)
        channel.endTurnLater()
    }

    package func isReady(_ id: UInt32) -> Bool { channel?.machine?.isReady(id) ?? false }

    /// The handler's `ready` is called as soon as the stream takes a message: now, or later.
    func tellReady(_ id: UInt32) {
        if isReady(id) { handler(id)?.ready() }
    }

    package func halfClose(_ id: UInt32) { touch { $0.halfClose(id) } }

    /// The call ends at once with `status` and the server is told its code.
    package func cancel(_ id: UInt32, _ status: Status = .cancelledByCaller) {
        touch { $0.cancel(id, status) }
    }

    package func consumed(_ id: UInt32, _ bytes: Int) { touch { $0.consumed(id, bytes) } }

    private func touch(_ body: (ConnectionMachine) -> Void) {
        guard let channel, let machine = channel.machine, channel.isOpen else { return }
        body(machine)
        channel.perform()
        channel.endTurnLater()
    }

    /// Ends the connection: after the calls in flight, or now.
    package func close(_ why: String = "closed by the caller", graceful: Bool = true) {
        guard let channel, let machine = channel.machine, channel.isOpen else {
            addresses = []
            if let channel { return channel.end(why) }
            return end(.tcp, why)
        }
        isLeaving = true
        if graceful {
            machine.drain(why, now: loop.now)
            channel.perform()
            channel.endTurnLater()
        } else {
            channel.end(why)
        }
    }
}

/// Keeps a place on the loop while a name is resolved elsewhere.
private final class Anchor: EventSource {
    let connection: ClientConnection
    init(_ connection: ClientConnection) { self.connection = connection }
}
