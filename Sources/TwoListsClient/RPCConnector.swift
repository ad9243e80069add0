import Crypto
import RPC
import Synchronization
import Wire

/// RPC behind the client's seam: one event loop of its own, one connection at a time on it.
final class RPCConnector: Connector {
    private let configuration: RPC.ClientConfiguration
    private let context: TLSContext
    private let handle: LoopHandle
    private let address: String

    /// Reads the files and starts the loop.
    init(_ settings: OfficeSettings, serverIdentity: String) throws(ClientError) {
        var configuration = RPC.ClientConfiguration(
            host: settings.host, port: settings.port, server: serverIdentity)
        configuration.connectTimeout = settings.connectTimeout.milliseconds &* 1_000_000
        configuration.hello.software = "twolists"
        self.configuration = configuration
        address = settings.address
        do throws(NetworkError) {
            let credentials = try TLSCredentials(
                chainPath: settings.certificatePath, keyPath: settings.keyPath,
                trustPath: settings.authorityPath)
            context = try TLSContext(.client, credentials, protocols: configuration.protocols)
            handle = try LoopHandle.start(name: "twolists-client") { _ in }
        } catch {
            throw ClientError(
                .client, .configuration, .configuration, server: settings.address, detail: "\(error)")
        }
    }

    func connect(
        _ done: @escaping @Sendable (Result<any Link, ClientError>) -> Void,
        ended: @escaping @Sendable (ClientError) -> Void
    ) {
        let attempt = ConnectionAttempt(address: address, done: done, ended: ended)
        attempt.hold(ClientLink(on: handle, configuration, context: context) { attempt.hear($0) })
    }

    /// May be called on the loop itself, by the last reference to a client: then it only asks the loop to stop.
    func shutdown() {
        handle.submit { $0.stop() }
    }
}

/// One connection from its first attempt to its end: turns the states of RPC into `done` once and `ended` once.
private final class ConnectionAttempt: Sendable {
    private struct State {
        var link: ClientLink?
        var isReady = false
        var isOver = false
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

    /// `ready` can be told before the link is known here; whichever comes second reports it.
    func hold(_ link: ClientLink) {
        let ready = state.withLock { state in
            state.link = link
            return state.isReady && !state.isOver
        }
        if ready { done(.success(RPCLink(link))) }
    }

    func hear(_ news: ClientState) {
        switch news {
        case .connecting, .securing, .greeting: break
        case .ready: becameReady()
        case .goingAway(let why):
            over(
                ClientError(
                    .server, .call, .connectionLost(mayHaveRun: false), server: address, detail: why))
        case .ended(let end): over(ClientError(end, address: address))
        }
    }

    private func becameReady() {
        let link = state.withLock { state in
            state.isReady = true
            return state.link
        }
        if let link { done(.success(RPCLink(link))) }
    }

    private func over(_ error: ClientError) {
        let (first, wasReady) = state.withLock { state in
            defer { state.isOver = true }
            return (!state.isOver, state.isReady)
        }
        guard first else { return }
        if wasReady { ended(error) } else { done(.failure(error)) }
    }
}

/// A live connection. When it ends under a call, RPC itself finishes the call: UNAVAILABLE, and whether a byte had left stands in
/// `notProcessed`.
private final class RPCLink: Link {
    private let link: ClientLink

    init(_ link: ClientLink) { self.link = link }

    func start(_ request: LinkRequest, events: @escaping @Sendable (LinkEvent) -> Void) -> any LinkCall {
        let sizes = MessageSizes()
        let call = link.call(
            MethodReference(service: request.service, method: request.method), shape: request.shape,
            payload: request.payload, timeout: request.timeout.map { $0 &* 1_000_000 }
        ) { event in
            switch event {
            case .message(let bytes):
                sizes.arrived(bytes.count)
                events(.message(bytes))
            case .ready: break
            case .ended(let status, let payload): events(.finished(status, payload: payload))
            }
        }
        return RPCCall(call, sizes)
    }

    func close() { link.close() }
}

private final class RPCCall: LinkCall {
    private let call: ClientCall
    private let sizes: MessageSizes

    init(_ call: ClientCall, _ sizes: MessageSizes) {
        self.call = call
        self.sizes = sizes
    }

    func cancel() { call.cancel() }
    func consumed() { call.consumed(sizes.taken()) }
}

/// Sizes of the messages that have arrived and are not taken yet, in order: credit is counted in bytes.
private final class MessageSizes: Sendable {
    private let waiting = Mutex<[Int]>([])

    func arrived(_ bytes: Int) { waiting.withLock { $0.append(bytes) } }
    func taken() -> Int { waiting.withLock { $0.isEmpty ? 0 : $0.removeFirst() } }
}

extension ClientError {
    /// Why a connection ended, in the client's terms.
    init(_ end: ClientEnd, address: String) {
        let side: Side = end.certificateRefused ? .server : end.serverRefused ? .client : .network
        self.init(
            side, Phase(end.phase), Reason(end), server: address, detail: end.description)
    }
}

extension ClientError.Phase {
    fileprivate init(_ phase: ConnectionPhase) {
        switch phase {
        case .tcp: self = .tcp
        case .tls: self = .tls
        case .hello: self = .hello
        case .open: self = .call
        }
    }
}

extension ClientError.Reason {
    fileprivate init(_ end: ClientEnd) {
        if end.certificateRefused {
            self = .certificateRefused(alert: end.description)
        } else if end.serverRefused {
            self = .serverCertificateRefused(why: end.description)
        } else {
            switch end.phase {
            case .tcp: self = .connectionRefused
            case .tls: self = .tlsFailed
            case .hello: self = .tlsFailed
            case .open: self = .connectionLost(mayHaveRun: true)
            }
        }
    }
}
