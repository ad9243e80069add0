import Synchronization
import Wire

@testable import TwoListsClient

/// A transport without a network: every attempt to connect and every call is answered by the script given.
final class ScriptedServer: Connector {
    enum Attempt: Sendable {
        case fail(ClientError)
        case accept
    }
    enum Reply: Sendable {
        case answer(Status, [UInt8])
        case lose(sent: Bool)
        /// Messages, then the end.
        case stream([[UInt8]], end: StreamEnd)
        case never
    }
    enum StreamEnd: Sendable {
        case lose
        case finish(Status)
        case stay
    }

    private struct State {
        var attempts: [Attempt]
        var replies: [Reply]
        var requests: [LinkRequest] = []
        var connects = 0
        var ended: (@Sendable (ClientError) -> Void)?
    }
    private let state: Mutex<State>
    /// What it tells in HELLO.
    let serverTime: Int64
    /// What its certificate says.
    let certificateEnds: Int64

    /// Attempts beyond the script are accepted; calls beyond it are never answered.
    init(attempts: [Attempt] = [], replies: [Reply], serverTime: Int64 = 0, certificateEnds: Int64 = 0) {
        self.serverTime = serverTime
        self.certificateEnds = certificateEnds
        state = Mutex(State(attempts: attempts, replies: replies))
    }

    var requests: [LinkRequest] { state.withLock { $0.requests } }
    var connects: Int { state.withLock { $0.connects } }

    func connect(
        _ done: @escaping @Sendable (Result<any Link, ClientError>) -> Void,
        ended: @escaping @Sendable (ClientError) -> Void
    ) {
        let attempt = state.withLock { state in
            state.connects += 1
            state.ended = ended
            return state.attempts.isEmpty ? Attempt.accept : state.attempts.removeFirst()
        }
        switch attempt {
        case .fail(let error): done(.failure(error))
        case .accept: done(.success(ScriptedLink(server: self)))
        }
    }

    func shutdown() {}

    fileprivate func take(_ request: LinkRequest) -> Reply {
        state.withLock { state in
            state.requests.append(request)
            return state.replies.isEmpty ? .never : state.replies.removeFirst()
        }
    }

    fileprivate func lose() {
        state.withLock { $0.ended }?(Self.lost)
    }

    static let lost = ClientError(.network, .call, .connectionLost(mayHaveRun: true))
}

private final class ScriptedLink: Link {
    private let server: ScriptedServer
    var serverTime: Int64 { server.serverTime }
    var serverCertificateEnds: Int64 { server.certificateEnds }
    init(server: ScriptedServer) { self.server = server }

    func start(_ call: LinkRequest, events: @escaping @Sendable (LinkEvent) -> Void) -> any LinkCall {
        switch server.take(call) {
        case .answer(let status, let payload): events(.finished(status, payload: payload))
        case .lose(let sent):
            server.lose()
            events(.lost(ScriptedServer.lost, sent: sent))
        case .stream(let messages, let end):
            for message in messages { events(.message(message)) }
            switch end {
            case .finish(let status): events(.finished(status, payload: []))
            case .stay: break
            case .lose:
                server.lose()
                events(.lost(ScriptedServer.lost, sent: true))
            }
        case .never: return ScriptedCall(events)
        }
        return ScriptedCall({ _ in })
    }

    func close() {}
}

private final class ScriptedCall: LinkCall {
    private let events: @Sendable (LinkEvent) -> Void
    init(_ events: @escaping @Sendable (LinkEvent) -> Void) { self.events = events }
    func cancel() { events(.finished(Status(.cancelled), payload: [])) }
    func consumed() {}
    func send(_ message: [UInt8]) { events(.ready) }
    func halfClose() {}
}
