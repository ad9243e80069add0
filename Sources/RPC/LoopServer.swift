import CLinux
import Wire

/// A method that a handler was found for.
struct Route {
    var handler: any ServiceHandler
    var shape: MethodShape
    /// In the loop's `RouteCache`; nil: the cache is full.
    var index: Int?
}

/// What one loop has of the server: its connections and the routes it knows.
final class LoopServer: EventSource {
    let loop: EventLoop
    let shared: ServerShared
    /// Among the server's loops, from 0.
    let index: Int
    let routes = RouteCache()
    private var table: [Route] = []
    private let services: [String: any ServiceHandler]
    /// What this loop counts; it alone.
    let calls = CallFigures()
    var figures = ServerFigures.Loop()
    private var channels: [UInt64: Channel] = [:]
    private let gate = HandshakeGate()
    private var isStopping = false
    /// On the first loop only.
    var listener: Listener?
    private var token: SourceToken?
    private var recheckLeft: [UInt64] = []

    /// Certificates judged again in one turn: each costs a tenth of a millisecond.
    private static let rechecksPerTurn = 8

    /// Between sweeps that give the memory of idle connections back.
    private static let sweepInterval: Int64 = 2 * .second

    init(loop: EventLoop, shared: ServerShared, index: Int) {
        self.loop = loop
        self.index = index
        self.shared = shared
        var known: [String: any ServiceHandler] = [:]
        for service in shared.services { known[service.name] = service }
        services = known
        loop.attachment = self
        token = try? loop.add(self)
        scheduleSweep()
    }

    /// The server's part of a loop.
    static func of(_ loop: EventLoop) -> LoopServer? { loop.attachment as? LoopServer }

    /// What HELLO tells of the server as a whole; the machine fills in the limits of the connection.
    func hello() -> Hello {
        let configuration = shared.configuration
        var hello = configuration.hello
        hello.serverTime = configuration.wall()
        hello.demonstrationClock = configuration.isDemonstration
        hello.checkpoint = configuration.checkpoint?() ?? []
        hello.maxConnections = UInt32(clamping: configuration.maxConnections)
        hello.maxHandshakes = UInt32(clamping: configuration.maxHandshakes)
        hello.maxHandshakesPerAddress = UInt32(clamping: configuration.maxHandshakesPerAddress)
        hello.handshakeTimeoutMillis = UInt32(clamping: configuration.handshakeTimeout / .millisecond)
        return hello
    }

    // MARK: Connections

    /// Takes an accepted descriptor.
    func adopt(_ descriptor: Int32, host: String, port: UInt16) {
        let configuration = shared.configuration
        let patience = UInt32(
            clamping: (configuration.limits.keepaliveInterval + configuration.limits.keepaliveTimeout)
                / .millisecond)
        _ = clinux_socket_options(descriptor, patience)
        if configuration.socketBufferBytes > 0 {
            _ = clinux_send_buffer(descriptor, Int32(clamping: configuration.socketBufferBytes))
            _ = clinux_receive_buffer(descriptor, Int32(clamping: configuration.socketBufferBytes))
        }
        figures.opened &+= 1
        let connection = ServerConnection(service: self, host: host, port: port)
        let channel = Channel(
            loop: loop, number: shared.nextNumber(), descriptor: descriptor, connecting: false,
            deadline: loop.now &+ configuration.handshakeTimeout, gate: gate, owner: connection)
        do throws(NetworkError) {
            try channel.start(shared.context)
            channels[channel.number] = channel
            if isStopping { channel.end("the server is stopping") }
        } catch {
            shared.connectionGone(host: host, wasGreeting: true)
            shared.log(
                .error,
                LogEvent(
                    "connection_dropped", "connection from \(connection.address) dropped: \(error)",
                    [("address", .text(connection.address))]))
        }
    }

    func greeted(_ host: String) { shared.greeted(host: host) }

    func ended(_ channel: Channel, _ connection: ServerConnection, _ report: ConnectionReport) {
        channels[channel.number] = nil
        figures.ended[report.reason, default: 0] &+= 1
        figures.bytesRead &+= channel.bytesRead
        figures.bytesWritten &+= channel.bytesWritten
        shared.connectionGone(host: connection.host, wasGreeting: connection.isGreeting)
        shared.ended(report)
        if isStopping, channels.isEmpty { loop.stop() }
    }

    /// A handshake that came to nothing, by our alert where we sent one: the alerts we send are a closed set.
    func handshakeFailed(_ end: ChannelEnd) {
        let why =
            end.problem?.sent.map(TLSWords.alert)
            ?? (end.problem?.received != nil ? "refused_by_peer" : end.isLate ? "timeout" : "ended")
        figures.handshakes[why, default: 0] &+= 1
    }

    /// A copy of what was counted, and of how things stand.
    func copyFigures() -> ServerFigures {
        var all = ServerFigures(calls: calls.copy(routes), heldBytes: 0)
        var mine = figures
        mine.open = channels.count
        mine.waiting = loop.handle.waiting
        for channel in channels.values {
            let bytes = channel.bytesNow
            mine.bytesRead &+= bytes.read
            mine.bytesWritten &+= bytes.written
            mine.streams += channel.machine?.openStreams ?? 0
        }
        all.loops[index] = mine
        return all
    }

    /// Numbers of the connections from `first` on, lowest first.
    func numbers(from first: UInt64) -> [UInt64] { channels.keys.filter { $0 >= first }.sorted() }

    func channel(_ number: UInt64) -> Channel? { channels[number] }

    var connectionCount: Int { channels.count }
    var streamCount: Int { channels.values.reduce(0) { $0 + ($1.machine?.openStreams ?? 0) } }

    /// Judges every live connection again, some in each turn.
    func recheck() {
        recheckLeft = Array(channels.keys)
        if let token { loop.goOn(token) }
    }

    func resume() {
        for number in recheckLeft.suffix(LoopServer.rechecksPerTurn) {
            guard let channel = channels[number] else { continue }
            (channel.owner as? ServerConnection)?.recheck(channel)
        }
        recheckLeft.removeLast(min(recheckLeft.count, LoopServer.rechecksPerTurn))
        if !recheckLeft.isEmpty, let token { loop.goOn(token) }
    }

    // MARK: Stopping

    /// Every connection is drained; new ones are taken as ever.
    func renew(_ why: String) {
        for channel in Array(channels.values) {
            guard channel.isOpen, let machine = channel.machine else { continue }
            machine.drain(why, now: loop.now)
            channel.perform()
            channel.endTurnLater()
        }
    }

    /// Graceful: calls in flight have the drain's time. The loop ends with its last connection.
    func stop(graceful: Bool, why: String) {
        isStopping = true
        if channels.isEmpty { return loop.stop() }
        for channel in Array(channels.values) {
            if graceful, channel.isOpen, let machine = channel.machine {
                machine.drain(why, now: loop.now)
                channel.perform()
                channel.endTurnLater()
            } else {
                channel.end(why)
            }
        }
        if let token { loop.setTimer(token, at: loop.now &+ patience(graceful)) }
    }

    /// After the drain and its last words.
    private func patience(_ graceful: Bool) -> Int64 {
        let limits = shared.configuration.limits
        return 3 * Channel.lingerTime + (graceful ? limits.drainGrace + limits.drainTimeout : 0)
    }

    func timerFired() {
        if isStopping { return loop.stop() }
        let wall = shared.configuration.wall() / .second
        for channel in Array(channels.values) {
            if !channel.active { channel.machine?.trim() }
            channel.active = false
            (channel.owner as? ServerConnection)?.checkExpiry(channel, wall: wall)
        }
        scheduleSweep()
    }

    private func scheduleSweep() {
        if let token { loop.setTimer(token, at: loop.now &+ LoopServer.sweepInterval) }
    }

    // MARK: Routes

    func route(_ head: RequestHead) -> Result<Route, Status> {
        if let index = head.route, index < table.count { return .success(table[index]) }
        guard let handler = services[head.service] else {
            return .failure(.serviceUnknown(head.service))
        }
        guard let shape = handler.shape(of: head.method) else {
            return .failure(.methodUnknown(head.service, head.method))
        }
        var route = Route(handler: handler, shape: shape)
        // The cache numbers its names in the order they come: the same as the table's.
        if let index = routes.add(service: head.service, method: head.method), index <= table.count {
            route.index = index
            // Known already: several calls of a new method came in one burst.
            if index == table.count {
                calls.add(index, shape)
                table.append(route)
            }
        }
        return .success(route)
    }
}
