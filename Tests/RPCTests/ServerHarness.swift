import Foundation
import Synchronization
import Testing
import Wire

@testable import RPC

/// Certificates of one throw-away authority, good and bad, made once a test run by Tests/Peers/certs.sh.
enum TestCertificates {
    static let directory: Result<String, any Error> = Result { try make() }

    private static func make() throws -> String {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let target = FileManager.default.temporaryDirectory.appendingPathComponent(
            "twolists-rpc-certs-\(ProcessInfo.processInfo.processIdentifier)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [here.appendingPathComponent("Peers/certs.sh").path, target.path, "bad"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw NetworkError("certs.sh failed: is the openssl command installed?")
        }
        return target.path
    }

    static func credentials(
        _ name: String, trust: String = "ca", lists: [String] = []
    ) throws -> TLSCredentials {
        let directory = try directory.get()
        return try TLSCredentials(
            chainPath: "\(directory)/\(name).crt", keyPath: "\(directory)/\(name).key",
            trustPath: "\(directory)/\(trust).crt",
            revocationListPaths: lists.map { "\(directory)/\($0).crl" })
    }

    static func context(
        _ role: TLSContext.Role, _ name: String, trust: String = "ca", lists: [String] = [],
        protocols: [String] = [ApplicationProtocol.extended]
    ) throws -> TLSContext {
        try TLSContext(role, credentials(name, trust: trust, lists: lists), protocols: protocols)
    }
}

/// Things that happen on other threads, waited for without sleeping on a guess.
final class Recorder<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
    }
    private let state = Mutex(State())

    func add(_ value: Value) { state.withLock { $0.values.append(value) } }
    var values: [Value] { state.withLock { $0.values } }

    /// Waits until `condition` holds for the values; false after `seconds`.
    @discardableResult
    func wait(_ seconds: Int = 20, until condition: ([Value]) -> Bool) -> Bool {
        let end = MonotonicTime.now() + Int64(seconds) * .second
        while MonotonicTime.now() < end {
            if condition(values) { return true }
            usleep(1000)
        }
        return condition(values)
    }
}

/// A service with a method of each kind, for the transport's tests.
final class TestService: ServiceHandler {
    let name = "test.v1.Test"
    let cancelled = Recorder<CancelReason>()
    let held = Mutex<[any CallReply]>([])
    let opened = Recorder<CallInfo>()
    /// Sizes of messages that "Hold" and "TakeElsewhere" were given.
    let received = Recorder<Int>()

    func shape(of method: String) -> MethodShape? {
        switch method {
        case "Echo", "EchoElsewhere", "Never", "Drop", "Fail", "Big": .unary
        case "Count", "Flood", "CountElsewhere", "Relay": .serverStream
        case "Sum", "Hold", "TakeElsewhere": .clientStream
        case "Chat": .bidirectional
        default: nil
        }
    }

    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        opened.add(call)
        switch call.method {
        case "Echo": reply.finish(.ok, payload: request)
        case "EchoElsewhere": Thread.detachNewThread { reply.finish(.ok, payload: request) }
        case "Fail": reply.finish(Status(.failedPrecondition, "not now\n随双"), payload: [])
        case "Big": reply.finish(.ok, payload: pattern(Self.number(request)))
        case "Never": return Waiting(self, reply)
        case "Drop": break
        case "Count": return Counting(reply, Self.number(request), size: 1000)
        case "CountElsewhere": countElsewhere(reply, Self.number(request))
        case "Relay": relay(reply, Self.number(request))
        case "Flood": for _ in 0..<Self.number(request) { reply.send(pattern(60_000)) }
        case "Sum": return Summing(reply, request)
        case "Hold": return Holding(self, reply, takes: false)
        case "TakeElsewhere": return Holding(self, reply, takes: true)
        default: return Chatting(reply)
        }
        return nil
    }

    static func number(_ bytes: [UInt8]) -> Int {
        Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    private func countElsewhere(_ reply: any CallReply, _ count: Int) {
        Thread.detachNewThread {
            for index in 0..<count { reply.send(Array("\(index)".utf8)) }
            reply.finish(.ok, payload: [])
        }
    }

    /// Messages from another thread, and at once the end from the loop's own: the messages still wait in the loop's mailbox.
    private func relay(_ reply: any CallReply, _ count: Int) {
        let sent = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for index in 0..<count { reply.send(Array("\(index)".utf8)) }
            sent.signal()
        }
        sent.wait()
        reply.finish(.ok, payload: [])
    }

    private final class Waiting: CallHandler {
        let service: TestService
        let reply: any CallReply
        init(_ service: TestService, _ reply: any CallReply) {
            self.service = service
            self.reply = reply
        }
        func receive(_ message: [UInt8]) {}
        func requestsEnded() {}
        func ready() {}
        func cancelled(_ reason: CancelReason) { service.cancelled.add(reason) }
    }

    /// Sends as fast as the peer takes them.
    private final class Counting: CallHandler {
        let reply: any CallReply
        let count: Int
        let size: Int
        var next = 0
        init(_ reply: any CallReply, _ count: Int, size: Int) {
            self.reply = reply
            self.count = count
            self.size = size
            ready()
        }
        func receive(_ message: [UInt8]) {}
        func requestsEnded() {}
        func ready() {
            while next < count, reply.isReady {
                reply.send(Array("\(next)".utf8) + [UInt8](repeating: 0x20, count: size))
                next += 1
            }
            if next == count { reply.finish(.ok, payload: []) }
        }
        func cancelled(_ reason: CancelReason) {}
    }

    private final class Summing: CallHandler {
        let reply: any CallReply
        var sum = 0
        init(_ reply: any CallReply, _ first: [UInt8]) {
            self.reply = reply
            sum = first.count
        }
        func receive(_ message: [UInt8]) { sum += message.count }
        func requestsEnded() { reply.finish(.ok, payload: Array("\(sum)".utf8)) }
        func ready() {}
        func cancelled(_ reason: CancelReason) {}
    }

    /// Holds messages back: says never, or on another thread, that it has taken them.
    private final class Holding: CallHandler {
        let service: TestService
        let reply: any CallReply
        let takes: Bool
        let takesAtOnce = false
        init(_ service: TestService, _ reply: any CallReply, takes: Bool) {
            self.service = service
            self.reply = reply
            self.takes = takes
        }
        func receive(_ message: [UInt8]) {
            service.received.add(message.count)
            guard takes else { return }
            Thread.detachNewThread { [reply] in reply.consumed(message.count) }
        }
        func requestsEnded() {
            reply.finish(.ok, payload: Array("\(service.received.values.reduce(0, +))".utf8))
        }
        func ready() {}
        func cancelled(_ reason: CancelReason) {}
    }

    private final class Chatting: CallHandler {
        let reply: any CallReply
        init(_ reply: any CallReply) { self.reply = reply }
        func receive(_ message: [UInt8]) { reply.send(message.reversed()) }
        func requestsEnded() { reply.finish(.ok, payload: []) }
        func ready() {}
        func cancelled(_ reason: CancelReason) {}
    }
}

/// Bytes that show a shift or a gap.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

/// A server on loopback with its log.
final class TestServer {
    let server: Server
    let service = TestService()
    let lines = Recorder<String>()
    let reports = Recorder<ConnectionReport>()

    init(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, context: TLSContext? = nil,
        admit: Admission? = nil
    ) throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.limits.drainGrace = 20 * .millisecond
        change(&configuration)
        let (lines, reports) = (lines, reports)
        server = try Server(
            configuration,
            context: context
                ?? TestCertificates.context(
                    .server, "server", protocols: Server.protocols(configuration)),
            services: [service], admit: admit, report: { reports.add($0) }, log: { lines.add("\($0) \($1)") })
    }

    func stop(graceful: Bool = false) { server.stop(graceful: graceful) }

    /// Waits for the one line that says why a connection ended.
    func line(containing text: String) -> Bool { lines.wait { $0.contains { $0.contains(text) } } }
}

/// A client link with its states and what a blocking test needs.
final class TestClient: Sendable {
    let link: ClientLink
    let states: Recorder<ClientState>
    private let handle: LoopHandle

    init(
        port: UInt16, context: TLSContext? = nil, server: String? = "twolists://421300/server",
        _ change: (inout ClientConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = ClientConfiguration(host: "127.0.0.1", port: port, server: server)
        change(&configuration)
        let context =
            try context
            ?? TestCertificates.context(.client, "client", protocols: configuration.protocols)
        handle = try LoopHandle.start(name: "client") { _ in }
        let states = Recorder<ClientState>()
        self.states = states
        link = ClientLink(on: handle, configuration, context: context) { states.add($0) }
    }

    func stop() { handle.stopAndJoin() }

    var isReady: Bool {
        states.wait { states in states.contains { $0.isReady } || states.contains { $0.end != nil } }
        return states.values.contains { $0.isReady }
    }

    /// The end of the connection, waited for.
    func end() throws -> ClientEnd {
        states.wait { $0.contains { $0.end != nil } }
        return try #require(states.values.lazy.compactMap(\.end).first)
    }

    func begin(
        _ method: String, _ payload: [UInt8] = [], shape: MethodShape = .unary, timeout: Int64? = 20 * .second
    ) -> TestCall {
        let events = Recorder<ClientCallEvent>()
        let reference = MethodReference(service: "test.v1.Test", method: method)
        let call = link.call(reference, shape: shape, payload: payload, timeout: timeout) { events.add($0) }
        return TestCall(call: call, events: events)
    }

    func unary(_ method: String, _ payload: [UInt8] = [], timeout: Int64? = 20 * .second) throws -> (
        Status, [UInt8]
    ) {
        try begin(method, payload, timeout: timeout).result()
    }
}

struct TestCall {
    let call: ClientCall
    let events: Recorder<ClientCallEvent>

    func result() throws -> (Status, [UInt8]) {
        events.wait { $0.contains { $0.result != nil } }
        return try #require(events.values.lazy.compactMap(\.result).first)
    }

    var messages: [[UInt8]] {
        events.values.compactMap { if case .message(let bytes) = $0 { bytes } else { nil } }
    }
}

extension ClientCallEvent {
    var result: (Status, [UInt8])? {
        if case .ended(let status, let payload) = self { (status, payload) } else { nil }
    }
}

extension ClientState {
    var isLeaving: Bool { if case .goingAway = self { true } else { false } }
    var isReady: Bool { if case .ready = self { true } else { false } }
    var end: ClientEnd? { if case .ended(let end) = self { end } else { nil } }
}
