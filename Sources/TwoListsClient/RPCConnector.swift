import Crypto
import RPC
import Schema
import Synchronization
import Wire

/// The transport of the product: RPC's client link, told in this library's terms.
struct RPCConnector: Connector {
    /// One event-loop thread for all clients of the process: a client holds sockets, not threads.
    private static let loop: Result<LoopHandle, NetworkError> = Result { () throws(NetworkError) in
        try LoopHandle.start(name: "twolists-client") { _ in }
    }

    let handle: LoopHandle
    let configuration: RPC.ClientConfiguration
    let context: TLSContext
    private let address: String
    /// Every authority of the CA file is of development.
    var mayBeDemonstration: Bool { context.judgesTimeLater }
    /// The checkpoint for HELLO, as it is when the attempt begins.
    private let quoted: @Sendable () -> [UInt8]

    /// Reads the files and starts the loop when it is the first.
    ///
    /// - Parameter serverIdentity: the one URI the server's certificate must hold.
    init(
        _ configuration: ClientConfiguration, serverIdentity: String,
        quoted: @escaping @Sendable () -> [UInt8] = { [] }
    ) throws(ClientError) {
        self.quoted = quoted
        var rpc = RPC.ClientConfiguration(
            host: configuration.host, port: configuration.port, server: serverIdentity)
        let (nanoseconds, overflow) = configuration.connectTimeout.milliseconds.multipliedReportingOverflow(
            by: 1_000_000)
        rpc.connectTimeout = overflow ? .max / 4 : nanoseconds
        rpc.hello.software = "twolists-client"
        rpc.hello.schemaFingerprint = SchemaCatalogue.fingerprint
        do throws(NetworkError) {
            let credentials = try TLSCredentials(
                chainPath: configuration.certificatePath, keyPath: configuration.keyPath,
                trustPath: configuration.authorityPath)
            context = try TLSContext(.client, credentials, protocols: rpc.protocols)
            handle = try Self.loop.get()
        } catch {
            throw ClientError(
                .client, .configuration, .configuration, server: configuration.address,
                detail: error.description)
        }
        self.configuration = rpc
        address = configuration.address
    }

    func connect(
        _ done: @escaping @Sendable (Result<any Link, ClientError>) -> Void,
        ended: @escaping @Sendable (ClientError) -> Void
    ) {
        let attempt = RPCAttempt(address: address, done: done, ended: ended)
        var configuration = configuration
        configuration.hello.checkpoint = quoted()
        let link = ClientLink(on: handle, configuration, context: context) { attempt.hear($0) }
        attempt.begin(RPCLink(link, attempt))
    }

    func shutdown() {}
}

/// One attempt and, when it succeeds, the connection's life: hears its states on the loop.
private final class RPCAttempt: Sendable {
    private struct State {
        var link: RPCLink?
        var early: [ClientState] = []
        var phase = ClientError.Phase.tcp
        var isReady = false
        /// Why the connection takes no more calls.
        var end: ClientError?
    }
    private let state = Mutex(State())
    private let address: String
    private let done: @Sendable (Result<any Link, ClientError>) -> Void
    private let ended: @Sendable (ClientError) -> Void

    init(
        address: String, done: @escaping @Sendable (Result<any Link, ClientError>) -> Void,
        ended: @escaping @Sendable (ClientError) -> Void
    ) {
        self.address = address
        self.done = done
        self.ended = ended
    }

    /// Why the connection ended, when it has.
    var end: ClientError? { state.withLock { $0.end } }

    /// The link is there. States told before that are heard now: the loop may be faster than we are.
    func begin(_ link: RPCLink) {
        let early = state.withLock { state in
            state.link = link
            defer { state.early = [] }
            return state.early
        }
        for one in early { hear(one) }
    }

    func hear(_ change: ClientState) {
        let link = state.withLock { state -> RPCLink? in
            if state.link == nil { state.early.append(change) }
            return state.link
        }
        guard let link else { return }
        switch change {
        case .connecting, .securing: break
        case .greeting(let server): link.note(certificateEnds: server.notAfter)
        case .ready(let hello):
            link.note(hello)
            becameReady(link)
        case .goingAway(let text, let notAllowed):
            let reason: ClientError.Reason =
                notAllowed
                ? .certificateRefused(alert: "access denied: \(text)") : .connectionLost(mayHaveRun: false)
            finish(ClientError(.server, .call, reason, server: address, detail: text))
            link.leave()
        case .ended(let end): finish(ClientError(end, server: address))
        }
    }

    private func becameReady(_ link: RPCLink) {
        let first = state.withLock { state in
            defer { state.isReady = true }
            return !state.isReady
        }
        if first { done(.success(link)) }
    }

    private func finish(_ error: ClientError) {
        let (first, wasReady) = state.withLock { state in
            defer { state.end = state.end ?? error }
            return (state.end == nil, state.isReady)
        }
        guard first else { return }
        if wasReady { ended(error) } else { done(.failure(error)) }
    }
}

private final class RPCLink: Link {
    private let link: ClientLink
    private let attempt: RPCAttempt
    /// Calls with `isResumed`.
    private let streams = Mutex<[UInt64: ClientCall]>([:])
    private let numbers = Atomic<UInt64>(0)
    private let told = Mutex<Hello?>(nil)
    private let ends = Atomic<Int64>(0)

    init(_ link: ClientLink, _ attempt: RPCAttempt) {
        self.link = link
        self.attempt = attempt
    }

    var serverTime: Int64 { told.withLock { $0?.serverTime ?? 0 } }
    var isDemonstration: Bool { told.withLock { $0?.demonstrationClock ?? false } }
    var serverCheckpoint: [UInt8] { told.withLock { $0?.checkpoint ?? [] } }

    var serverCertificateEnds: Int64 { ends.load(ordering: .relaxed) }

    func note(_ hello: Hello?) { told.withLock { $0 = hello } }

    func note(certificateEnds: Int64) { ends.store(certificateEnds, ordering: .relaxed) }

    func start(_ request: LinkRequest, events: @escaping @Sendable (LinkEvent) -> Void) -> any LinkCall {
        let sizes = MessageSizes()
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
        let isStream = request.shape != .unary
        let call = link.call(
            MethodReference(service: request.service, method: request.method), shape: request.shape,
            payload: request.payload,
            timeout: request.timeout.map(Self.nanoseconds), metadata: request.metadata
        ) { [weak self, attempt, handle = link.handle] event in
            switch event {
            case .ready: events(.ready)
            case .message(let bytes):
                sizes.add(bytes.count)
                events(.message(bytes))
            case .ended(let status, let payload):
                self?.forget(number)
                let unsure = status.code == .unavailable || (isStream && status.code == .cancelled)
                guard unsure else { return events(.finished(status, payload: payload)) }
                // These are said by the server or, for a connection that is just ending, by this side; which it was is known when the
                // loop has gone on.
                let taken = handle.submit { _ in events(Self.unsure(status, attempt.end)) }
                if !taken { events(Self.unsure(status, attempt.end)) }
            }
        }
        if request.isResumed { remember(number, call) }
        return RPCCall(call, sizes)
    }

    /// A wait beyond what nanoseconds can say is as good as none: 73 years.
    private static func nanoseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max / 4 : product
    }

    private func remember(_ number: UInt64, _ call: ClientCall) {
        streams.withLock { $0[number] = call }
        // The server may have asked us to go in between.
        if attempt.end != nil { leave() }
    }

    private func forget(_ number: UInt64) {
        _ = streams.withLock { $0.removeValue(forKey: number) }
    }

    /// The server asks us to go: resumed streams are given up, to be opened again on the next connection. Other calls may finish here.
    func leave() {
        for call in streams.withLock({ Array($0.values) }) { call.cancel() }
    }

    private static func unsure(_ status: Status, _ end: ClientError?) -> LinkEvent {
        guard var end else { return .finished(status, payload: []) }
        let sent = !status.notProcessed
        if case .connectionLost = end.reason { end.reason = .connectionLost(mayHaveRun: sent) }
        return .lost(end, sent: sent)
    }

    func close() {
        link.close()
    }
}

private final class RPCCall: LinkCall {
    private let call: ClientCall
    private let sizes: MessageSizes

    init(_ call: ClientCall, _ sizes: MessageSizes) {
        self.call = call
        self.sizes = sizes
    }

    func cancel() { call.cancel() }
    func send(_ message: [UInt8]) { call.send(message) }
    func halfClose() { call.halfClose() }

    func consumed() {
        if let bytes = sizes.take() { call.consumed(bytes) }
    }
}

/// Sizes of the messages that were told and not yet taken, in their order: credit is given back in bytes.
private final class MessageSizes: Sendable {
    private let sizes = Mutex<[Int]>([])
    func add(_ size: Int) { sizes.withLock { $0.append(size) } }
    func take() -> Int? { sizes.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

extension ClientError {
    /// What RPC knows of a connection's end.
    init(_ end: ClientEnd, server: String) {
        self = Self.named(end)
        self.server = server
        detail = end.description
    }

    private static func named(_ end: ClientEnd) -> ClientError {
        if end.certificateRefused {
            let alert = end.alert.map(alertName) ?? ""
            return ClientError(.server, end.phase == .tls ? .tls : .hello, .certificateRefused(alert: alert))
        }
        if end.serverRefused {
            return ClientError(.client, .tls, .serverCertificateRefused(why: end.description))
        }
        switch end.phase {
        case .tcp: return tcp(end.description)
        case .tls:
            return ClientError(
                .network, .tls,
                end.alert == 120 || end.description.contains("(ALPN)") ? .notThisProtocol : .tlsFailed)
        case .hello:
            let foreign = end.reason == .helloTimeout || end.alert == 120
            return ClientError(.server, .hello, foreign ? .notThisProtocol : .tlsFailed)
        case .open: return ClientError(.network, .call, .connectionLost(mayHaveRun: true))
        }
    }

    /// TCP's failures are told apart by the system's words, which RPC passes on.
    private static func tcp(_ words: String) -> ClientError {
        if words.contains("cannot resolve") { return ClientError(.client, .resolve, .nameNotResolved) }
        if words.contains("refused") { return ClientError(.server, .tcp, .connectionRefused) }
        if words.contains("nreachable") || words.contains("No route") {
            return ClientError(.network, .tcp, .unreachable)
        }
        return ClientError(.network, .tcp, .connectTimeout)
    }

    /// RFC 8446 6.2, the alerts about certificates.
    private static func alertName(_ number: UInt8) -> String {
        switch number {
        case 42: "bad_certificate"
        case 43: "unsupported_certificate"
        case 44: "certificate_revoked"
        case 45: "certificate_expired"
        case 46: "certificate_unknown"
        case 48: "unknown_ca"
        case 49: "access_denied"
        case 116: "certificate_required"
        default: "alert \(number)"
        }
    }
}
