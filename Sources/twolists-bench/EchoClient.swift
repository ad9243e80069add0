// The load client: our client connections on one loop on this thread, no hops. Closed loop: each slot asks again when it
// is answered. Open loop (--rate): calls begin by the clock whether or not the server keeps up, and their time counts from
// when they were due.

import CLinux
import Foundation
import RPC
import Wire

/// `echo-client --port N --certs DIR --mode unary|stream|handshakes|idle ...`: one JSON line.
enum EchoClient {
    static func run(_ options: Options) throws {
        let certificates = try Certificates(options)
        let context = try certificates.context(.client)
        var configuration = ClientConfiguration(
            host: "127.0.0.1", port: UInt16(options.count("port", 0)), server: "twolists://421300/server")
        configuration.limits.maxStreams = 1024
        configuration.limits.initialCreditBytes = 1 << 20
        let settled = configuration
        try LoopHandle.runHere { loop in
            switch options.text("mode") ?? "unary" {
            case "stream": StreamLoad(loop, settled, context, options).start()
            case "handshakes": HandshakeLoad(loop, settled, context, options).start()
            case "idle": IdleLoad(loop, settled, context, options).start()
            default: UnaryLoad(loop, settled, context, options).start()
            }
        }
    }

    static func lost(_ why: String) -> Never {
        FileHandle.standardError.write(Data("echo-client: \(why)\n".utf8))
        exit(1)
    }
}

/// Unary calls of 128 bytes.
final class UnaryLoad {
    let loop: EventLoop
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let connectionCount: Int
    private let inflight: Int
    private let duration: Int64
    private let rate: Double
    private var connections: [ClientConnection] = []
    private var ready = 0
    private(set) var countFrom: Int64 = 0
    private(set) var countTo: Int64 = 0
    private var live = 0
    private var latencies: [Int64] = []
    private var idleSlots: [UnarySlot] = []
    private var due = 0.0
    private var late = 0
    private var cpuAtStart: Int64 = 0
    let payload = [UInt8](repeating: 0x41, count: 128)

    private static let warmUp: Int64 = 300 * .millisecond

    init(_ loop: EventLoop, _ configuration: ClientConfiguration, _ context: TLSContext, _ options: Options) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        connectionCount = options.count("connections", 1)
        inflight = options.count("inflight", 1)
        duration = Int64(options.number("seconds", 2) * 1e9)
        rate = options.number("rate", 0)
        latencies.reserveCapacity(8_000_000)
    }

    func start() {
        for _ in 0..<connectionCount {
            let connection = ClientConnection(loop: loop, configuration, context: context) { state in
                switch state {
                case .ready: self.connectionReady()
                case .ended(let end): EchoClient.lost(end.description)
                default: break
                }
            }
            connections.append(connection)
            connection.start()
        }
    }

    private func connectionReady() {
        ready += 1
        guard ready == connectionCount else { return }
        cpuAtStart = clinux_cpu_ns()
        countFrom = MonotonicTime.now() + UnaryLoad.warmUp
        countTo = countFrom + duration
        for connection in connections {
            for _ in 0..<inflight {
                let slot = UnarySlot(self, connection)
                if rate > 0 { idleSlots.append(slot) } else { slot.ask(MonotonicTime.now()) }
            }
        }
        live = connectionCount * inflight
        if rate > 0 {
            due = Double(MonotonicTime.now())
            launch()
        }
    }

    /// Open loop: begins all calls whose time has come.
    private func launch() {
        let now = MonotonicTime.now()
        while due <= Double(now), due < Double(countTo) {
            if !idleSlots.isEmpty {
                idleSlots.swapAt(.random(in: 0..<idleSlots.count), idleSlots.count - 1)
                idleSlots.removeLast().ask(Int64(due))
            } else {
                late += 1  // every slot is busy: the server is behind by connections x inflight calls
            }
            due += 1e9 / rate
        }
        if now >= countTo { return finish() }
        loop.after(.millisecond) { self.launch() }
    }

    /// True: ask again.
    func answered(_ slot: UnarySlot, began: Int64, now: Int64) -> Bool {
        if began >= countFrom, began < countTo { latencies.append(now - began) }
        if rate > 0 {
            idleSlots.append(slot)
            return false
        }
        if now < countTo { return true }
        live -= 1
        if live == 0 { finish() }
        return false
    }

    private func finish() {
        latencies.sort()
        guard !latencies.isEmpty else { EchoClient.lost("no call was counted") }
        func percentile(_ part: Double) -> Double {
            Double(latencies[min(Int(Double(latencies.count) * part), latencies.count - 1)]) / 1e3
        }
        Output.line(
            JSONLine.text([
                ("calls", latencies.count),
                ("per_second", Double(latencies.count) / (Double(duration) / 1e9)),
                ("p50_us", percentile(0.5)), ("p99_us", percentile(0.99)), ("p999_us", percentile(0.999)),
                ("not_begun", late), ("client_cpu_s", Double(clinux_cpu_ns() - cpuAtStart) / 1e9),
            ]))
        exit(0)
    }
}

/// One call after the other.
final class UnarySlot: ClientCallHandler {
    private unowned let load: UnaryLoad
    private let connection: ClientConnection
    private var began: Int64 = 0

    init(_ load: UnaryLoad, _ connection: ClientConnection) {
        self.load = load
        self.connection = connection
    }

    func ask(_ time: Int64) {
        began = time
        do {
            _ = try connection.open(EchoService.echo, payload: load.payload, handler: self)
        } catch {
            EchoClient.lost("open: \(error)")
        }
    }

    func ended(_ status: Status, payload: [UInt8]) {
        guard status.isOK, payload.count == 128 else { EchoClient.lost("call: \(status)") }
        let now = MonotonicTime.now()
        if load.answered(self, began: began, now: now) { ask(now) }
    }
}

/// One server stream of 64 KiB messages.
final class StreamLoad: ClientCallHandler {
    private let loop: EventLoop
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let count: Int
    private var connection: ClientConnection?
    private var bytes = 0
    private var began: Int64 = 0

    init(_ loop: EventLoop, _ configuration: ClientConfiguration, _ context: TLSContext, _ options: Options) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        count = options.count("messages", 10_000)
    }

    func start() {
        connection = ClientConnection(loop: loop, configuration, context: context) { state in
            switch state {
            case .ready: self.ask()
            case .ended(let end): EchoClient.lost(end.description)
            default: break
            }
        }
        connection?.start()
    }

    private func ask() {
        began = MonotonicTime.now()
        _ = try? connection?.open(
            EchoService.stream, shape: .serverStream, payload: Array("\(count)".utf8), handler: self)
    }

    func message(_ message: [UInt8]) -> Bool {
        bytes += message.count
        return true
    }

    func ended(_ status: Status, payload: [UInt8]) {
        guard status.isOK, bytes == count * EchoService.streamMessageBytes else {
            EchoClient.lost("stream of \(bytes) bytes: \(status)")
        }
        let seconds = Double(MonotonicTime.now() - began) / 1e9
        Output.line(
            JSONLine.text([
                ("messages", count), ("megabytes_per_second", Double(bytes) / 1e6 / seconds),
            ]))
        exit(0)
    }
}

/// Connect, one echo, close; so many at a time.
final class HandshakeLoad {
    private let loop: EventLoop
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let concurrent: Int
    private let duration: Int64
    private var began: Int64 = 0
    private var done = 0

    init(_ loop: EventLoop, _ configuration: ClientConfiguration, _ context: TLSContext, _ options: Options) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        concurrent = options.count("connections", 8)
        duration = Int64(options.number("seconds", 2) * 1e9)
    }

    func start() {
        began = MonotonicTime.now()
        for _ in 0..<concurrent { dial() }
    }

    private func dial() {
        final class Once: ClientCallHandler {
            var connection: ClientConnection?
            func ended(_ status: Status, payload: [UInt8]) {
                guard status.isOK else { EchoClient.lost("call: \(status)") }
                connection?.close(graceful: false)
                connection = nil
            }
        }
        let once = Once()
        let connection = ClientConnection(loop: loop, configuration, context: context) { state in
            switch state {
            case .ready: _ = try? once.connection?.open(EchoService.echo, payload: [1], handler: once)
            case .ended(let end):
                if case .closedHere = end.reason { self.next() } else { EchoClient.lost(end.description) }
            default: break
            }
        }
        once.connection = connection
        connection.start()
    }

    private func next() {
        done += 1
        let spent = MonotonicTime.now() - began
        if spent < duration { return dial() }
        Output.line(
            JSONLine.text([("handshakes", done), ("per_second", Double(done) / (Double(spent) / 1e9))]))
        exit(0)
    }
}

/// Connections that have made one call and then say nothing.
final class IdleLoad {
    private let loop: EventLoop
    private let configuration: ClientConfiguration
    private let context: TLSContext
    private let count: Int
    private let seconds: Double
    private var connections: [ClientConnection] = []
    private var answered = 0

    init(_ loop: EventLoop, _ configuration: ClientConfiguration, _ context: TLSContext, _ options: Options) {
        self.loop = loop
        self.configuration = configuration
        self.context = context
        count = options.count("connections", 500)
        seconds = options.number("seconds", 5)
    }

    func start() { dial() }

    private func dial() {
        final class Once: ClientCallHandler {
            let then: () -> Void
            init(_ then: @escaping () -> Void) { self.then = then }
            func ended(_ status: Status, payload: [UInt8]) { then() }
        }
        let index = connections.count
        let connection = ClientConnection(loop: loop, configuration, context: context) { state in
            switch state {
            case .ready:
                _ = try? self.connections[index].open(
                    EchoService.echo, payload: [UInt8](repeating: 1, count: 128),
                    handler: Once { self.next() })
            case .ended(let end): EchoClient.lost(end.description)
            default: break
            }
        }
        connections.append(connection)
        connection.start()
    }

    private func next() {
        answered += 1
        if answered < count { return dial() }
        Output.line(JSONLine.text([("connections", count)]))
        loop.after(Int64(seconds * 1e9)) { exit(0) }
    }
}
