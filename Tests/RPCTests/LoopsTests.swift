import CLinux
import Foundation
import Synchronization
import Testing
import Wire

@testable import RPC

/// One server, several event loops: connections are shared out, each stays on its loop, and a drain waits for all of them.
@Suite("DESIGN.md 9: each event-loop thread owns its connections")
struct LoopsTests {
    private static let loops = 3
    private static let connections = 12

    /// Tells on which loop it was asked: the loops' handles are told apart by their addresses.
    private final class Where: ServiceHandler {
        let name = "test.v1.Test"
        func shape(of method: String) -> MethodShape? { .unary }
        func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
            guard let handle = EventLoop.current?.handle else { return nil }
            let loop = "\(UInt(bitPattern: ObjectIdentifier(handle).hashValue))"
            if request.isEmpty {
                reply.finish(.ok, payload: Array(loop.utf8))
            } else {
                Thread.detachNewThread { reply.finish(.ok, payload: Array(loop.utf8)) }
            }
            return nil
        }
    }

    /// Keeps every call until the test answers it.
    private final class Holding: ServiceHandler {
        let name = "test.v1.Test"
        let held = Recorder<any CallReply>()
        func shape(of method: String) -> MethodShape? { .unary }
        func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
            held.add(reply)
            return nil
        }
    }

    private func server(_ service: any ServiceHandler) throws -> Server {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.loops = Self.loops
        return try Server(
            configuration, context: try TestCertificates.context(.server, "server"), services: [service])
    }

    @Test("What is to happen again and again does, until the loop ends")
    func every() throws {
        let ticks = Recorder<Bool>()
        let handle = try LoopHandle.start(name: "ticks") { loop in
            loop.every(.millisecond) { ticks.add(true) }
        }
        #expect(ticks.wait { $0.count >= 3 })
        handle.stopAndJoin()
        let count = ticks.values.count
        usleep(20_000)
        #expect(ticks.values.count == count)
    }

    @Test("Connections are shared out evenly and stay where they are")
    func sharedOut() throws {
        let server = try server(Where())
        let clients = try (0..<Self.connections).map { _ in try TestClient(port: server.port) }
        var loopOf: [[UInt8]] = []
        for client in clients {
            #expect(client.isReady)
            let (status, loop) = try client.unary("Where")
            #expect(status.isOK, "\(status)")
            for elsewhere in [[], [1]] as [[UInt8]] {
                for _ in 0..<20 { #expect(try client.unary("Where", elsewhere).1 == loop) }
            }
            loopOf.append(loop)
        }
        let counts = Dictionary(grouping: loopOf) { $0 }.mapValues(\.count)
        #expect(counts.count == Self.loops)
        #expect(counts.values.allSatisfy { $0 == Self.connections / Self.loops }, "\(counts)")
        for client in clients { client.stop() }
        server.stop(graceful: false)
    }

    @Test("Calls on all loops at once, answered from other threads, each with its own payload")
    func underLoad() throws {
        let server = try TestServer { $0.loops = Self.loops }
        let clients = try (0..<Self.connections).map { _ in try TestClient(port: server.server.port) }
        for client in clients { #expect(client.isReady) }
        let calls = clients.enumerated().flatMap { index, client in
            (0..<30).map { number in
                (Array("\(index)/\(number)".utf8), number % 2 == 0 ? "Echo" : "EchoElsewhere", client)
            }
        }
        let begun = calls.map { payload, method, client in (payload, client.begin(method, payload)) }
        for (payload, call) in begun {
            let (status, answer) = try call.result()
            #expect(status.isOK && answer == payload, "\(status)")
        }
        for client in clients { client.stop() }
        server.stop()
    }

    @Test("A drain ends when the calls of every loop have ended, and no sooner")
    func drain() throws {
        let service = Holding()
        let server = try server(service)
        let clients = try (0..<Self.connections).map { _ in try TestClient(port: server.port) }
        for client in clients { #expect(client.isReady) }
        let waiting = clients.map { $0.begin("Wait") }
        #expect(service.held.wait { $0.count == Self.connections })
        let answering = Atomic(false)
        let stopping = Recorder<Bool>()
        Thread.detachNewThread {
            server.stop()
            stopping.add(answering.load(ordering: .acquiring))
        }
        // Every loop has begun to drain: new calls are turned away.
        for client in clients { #expect(client.states.wait { $0.contains { $0.isLeaving } }) }
        answering.store(true, ordering: .releasing)
        for reply in service.held.values { reply.finish(.ok, payload: [7]) }
        for call in waiting {
            let (status, payload) = try call.result()
            #expect(status.isOK && payload == [7], "\(status)")
        }
        #expect(stopping.wait { !$0.isEmpty })
        #expect(stopping.values == [true], "the server stopped before its calls had ended")
        for client in clients { client.stop() }
    }
}
