import CLinux
import Glibc
import Synchronization
package import Wire

/// What all loops of a server share.
final class ServerShared: Sendable {
    let configuration: ServerConfiguration
    let services: [any ServiceHandler]
    let budget: ProcessBudget
    let admission: Admission?
    let log: LogSink
    let report: (@Sendable (ConnectionReport) -> Void)?
    private let currentContext: Mutex<TLSContext>
    private let numbers = Atomic<UInt64>(0)
    private let counts = Mutex(Counts())
    private let loops = Mutex<[LoopHandle]>([])

    private struct Counts {
        var connections = 0
        var greeting = 0
        var greetingByHost: [String: Int] = [:]
        var nextLoop = 0
    }

    init(
        _ configuration: ServerConfiguration, _ context: TLSContext, _ services: [any ServiceHandler],
        _ admission: Admission?, _ report: (@Sendable (ConnectionReport) -> Void)?, _ log: @escaping LogSink
    ) {
        self.configuration = configuration
        self.services = services
        self.admission = admission
        self.report = report
        self.log = log
        budget = ProcessBudget(bytes: configuration.memoryBudgetBytes)
        currentContext = Mutex(context)
    }

    var context: TLSContext {
        get { currentContext.withLock { $0 } }
        set { currentContext.withLock { $0 = newValue } }
    }
    var connections: Int { counts.withLock { $0.connections } }
    var handshakesFull: Bool { counts.withLock { $0.greeting >= configuration.maxHandshakes } }
    var handles: [LoopHandle] { loops.withLock { $0 } }

    func nextNumber() -> UInt64 { numbers.wrappingAdd(1, ordering: .relaxed).newValue }
    func setLoops(_ handles: [LoopHandle]) { loops.withLock { $0 = handles } }

    /// Why a connection may not stay: the limit's name, and in words.
    struct Crowded {
        var limit: String
        var words: String
    }

    /// Counts a new connection in, or says why it may not stay.
    func admit(host: String) -> Crowded? {
        counts.withLock { counts in
            if counts.connections >= configuration.maxConnections {
                return Crowded(
                    limit: "max_connections",
                    words: "\(configuration.maxConnections) connections are open, the limit (max_connections)"
                )
            }
            let ofHost = counts.greetingByHost[host] ?? 0
            if ofHost >= configuration.maxHandshakesPerAddress {
                return Crowded(
                    limit: "max_handshakes_per_address",
                    words: "\(ofHost) handshakes of this address are under way, the limit")
            }
            counts.connections += 1
            counts.greeting += 1
            counts.greetingByHost[host] = ofHost + 1
            return nil
        }
    }

    func greeted(host: String) { counts.withLock { ServerShared.greeted(host, &$0) } }

    private static func greeted(_ host: String, _ counts: inout Counts) {
        counts.greeting -= 1
        let left = (counts.greetingByHost[host] ?? 1) - 1
        counts.greetingByHost[host] = left > 0 ? left : nil
    }

    func connectionGone(host: String, wasGreeting: Bool) {
        counts.withLock { counts in
            counts.connections -= 1
            if wasGreeting { ServerShared.greeted(host, &counts) }
        }
    }

    /// Hands a descriptor to the next loop in turn.
    func hand(_ descriptor: Int32, host: String, port: UInt16, from loop: EventLoop) {
        let handles = handles
        let turn = counts.withLock { counts in
            counts.nextLoop += 1
            return counts.nextLoop
        }
        let target = handles.isEmpty ? loop.handle : handles[turn % handles.count]
        if target === loop.handle {
            LoopServer.of(loop)?.adopt(descriptor, host: host, port: port)
            return
        }
        let taken = target.submit { LoopServer.of($0)?.adopt(descriptor, host: host, port: port) }
        if !taken {
            clinux_close(descriptor)
            connectionGone(host: host, wasGreeting: true)
        }
    }

    func ended(_ ended: ConnectionReport) {
        report?(ended)
        log(ended.isTrouble ? .warning : .info, ended.event)
    }
}

/// A server: a listener and its event loops. It runs from `init` until `stop`.
package final class Server: Sendable {
    /// The port it listens on, also when the configuration asked for any.
    package let port: UInt16
    private let shared: ServerShared
    let handles: [LoopHandle]

    /// Binds, starts the loops and listens.
    /// - Parameters:
    ///   - context: made for `.server`, with the protocols the configuration allows: `Server.protocols(configuration)`.
    ///   - admit: judges identities; nil lets in whoever has a valid certificate.
    ///   - report: hears of every connection's end, besides the log line.
    /// - Throws: when the address is not ours or the port is taken, in words.
    package init(
        _ configuration: ServerConfiguration, context: TLSContext, services: [any ServiceHandler],
        admit: Admission? = nil, report: (@Sendable (ConnectionReport) -> Void)? = nil,
        log: @escaping LogSink = { _, _ in }
    ) throws(NetworkError) {
        clinux_ignore_broken_pipe()
        let descriptor = try Server.listen(configuration.address, configuration.port, configuration.backlog)
        port = UInt16(truncatingIfNeeded: clinux_local_port(descriptor))
        let shared = ServerShared(configuration, context, services, admit, report, log)
        var handles: [LoopHandle] = []
        do throws(NetworkError) {
            for index in 0..<max(configuration.loops, 1) {
                handles.append(
                    try LoopHandle.start(name: "loop-\(index)") {
                        if let taken = configuration.engineProcessor { _ = clinux_leave_processor(taken) }
                        _ = LoopServer(loop: $0, shared: shared, index: index)
                    })
            }
        } catch {
            for handle in handles { handle.stopAndJoin() }
            clinux_close(descriptor)
            throw error
        }
        self.shared = shared
        self.handles = handles
        shared.setLoops(handles)
        handles[0].submit { loop in
            let listener = Listener(loop: loop, shared: shared, descriptor: descriptor)
            do throws(NetworkError) { try listener.start() } catch {
                shared.log(.error, LogEvent("listening_failed", "\(error)"))
            }
            LoopServer.of(loop)?.listener = listener
        }
    }

    /// The ALPN names a configuration accepts.
    package static func protocols(_ configuration: ServerConfiguration) -> [String] {
        configuration.allowsBaseProfile
            ? [ApplicationProtocol.extended, ApplicationProtocol.base] : [ApplicationProtocol.extended]
    }

    /// A descriptor that listens, or why there is none, in words.
    static func listen(_ address: String, _ port: UInt16, _ backlog: Int32) throws(NetworkError) -> Int32 {
        let descriptor = clinux_listen(address, port, backlog)
        if descriptor >= 0 { return descriptor }
        let place = "\(address) port \(port)"
        switch -descriptor {
        case EADDRINUSE:
            throw NetworkError(
                "\(place) is taken: another server (or this one, started twice) listens there; stop it or choose "
                    + "another port", code: EADDRINUSE)
        case EADDRNOTAVAIL:
            throw NetworkError("\(place): this machine does not have that address", code: EADDRNOTAVAIL)
        case EACCES:
            throw NetworkError("\(place): ports below 1024 need a right of their own", code: EACCES)
        case EINVAL:
            throw NetworkError("\"\(address)\" is not a numeric address", code: EINVAL)
        default:
            throw NetworkError("cannot listen on \(place)", failed: descriptor)
        }
    }

    /// Connections open now, in any state.
    package var connections: Int { shared.connections }
    /// Every limit of its configuration, and those that none changes.
    package var limits: [NamedLimit] { shared.configuration.named }
    /// Bytes held for all peers now.
    package var heldBytes: Int { shared.budget.bytesInUse }

    /// New connections use `context` from now on; those open keep theirs, and are judged again by the new one's
    /// authorities and revocation lists, and by `admit`.
    package func reload(_ context: TLSContext) {
        shared.context = context
        recheck()
    }

    /// Judges the certificate and identity of every open connection again and ends those that are refused.
    package func recheck() {
        for handle in handles { handle.submit { LoopServer.of($0)?.recheck() } }
    }

    /// Asks every peer to connect anew, when what HELLO told no longer holds: calls in flight are finished first.
    package func renew(_ why: String) {
        for handle in handles { handle.submit { LoopServer.of($0)?.renew(why) } }
    }

    /// Ends the server and waits for its threads. Graceful: GOAWAY, then calls in flight have `limits.drainTimeout`.
    /// Call it from a thread that is no loop, once.
    package func stop(graceful: Bool = true, why: String = "the server is stopping") {
        handles[0].submit { LoopServer.of($0)?.listener?.stop() }
        for handle in handles { handle.submit { LoopServer.of($0)?.stop(graceful: graceful, why: why) } }
        for handle in handles { handle.join() }
    }
}
