import RPC
import Synchronization
import Testing
import Wire

/// A reply that records, and has room or not as the test says.
final class RecordingReply: CallReply {
    struct State {
        var messages: [[UInt8]] = []
        var end: (Status, [UInt8])?
        var isReady = true
    }
    let state = Mutex(State())

    func send(_ message: [UInt8]) { state.withLock { $0.messages.append(message) } }
    var isReady: Bool { state.withLock { $0.isReady } }
    func finish(_ status: Status, payload: [UInt8]) { state.withLock { $0.end = (status, payload) } }

    var end: (Status, [UInt8])? { state.withLock { $0.end } }
    var said: [GRPCHealthV1.HealthCheckResponse.ServingStatus] {
        state.withLock { $0.messages }.compactMap {
            try? GRPCHealthV1.HealthCheckResponse(decoding: $0).status
        }
    }
}

@Suite("PROTOCOL.md 10 health")
struct HealthServiceTests {
    private func call(_ method: String) -> CallInfo {
        let peer = PeerIdentity(uri: [], serial: [], certificate: [], notAfter: 0, address: "")
        return CallInfo(
            service: "grpc.health.v1.Health", method: method, peer: peer, metadata: [], deadline: nil,
            connection: 1,
            stream: 1)
    }

    private func ask(_ health: HealthService, _ service: String) -> (Status, [UInt8])? {
        let reply = RecordingReply()
        let request = GRPCHealthV1.HealthCheckRequest(service: service).encoded()
        #expect(health.open(call("Check"), request: request, reply: reply) == nil)
        return reply.end
    }

    @Test("Check: serving, not serving, unknown, unreadable")
    func check() throws {
        let health = HealthService(services: ["a.B"])
        #expect(ask(health, "a.B")?.1 == [0x08, 1])
        #expect(ask(health, "")?.1 == [0x08, 1])
        #expect(ask(health, "a.C")?.0.code == .notFound)
        health.set("a.B", .notServing)
        #expect(ask(health, "a.B")?.1 == [0x08, 2])
        #expect(ask(health, "")?.1 == [0x08, 1])
        health.stopping()
        health.set("a.B", .serving)
        #expect(ask(health, "a.B")?.1 == [0x08, 2] && ask(health, "")?.1 == [0x08, 2])
        let reply = RecordingReply()
        _ = health.open(call("Check"), request: [0x0A], reply: reply)
        #expect(reply.end?.0.code == .invalidArgument)
        #expect(health.shape(of: "Check") == .unary && health.shape(of: "Watch") == .serverStream)
        #expect(health.shape(of: "List") == nil)
    }

    @Test("Watch: the status now and each change, until the caller leaves")
    func watch() throws {
        let health = HealthService(services: ["a.B"])
        let reply = RecordingReply()
        let other = RecordingReply()
        func open(_ service: String, _ reply: RecordingReply) throws -> any CallHandler {
            let request = GRPCHealthV1.HealthCheckRequest(service: service).encoded()
            return try #require(health.open(call("Watch"), request: request, reply: reply))
        }
        let handler = try open("a.B", reply)
        _ = try open("later.S", other)
        #expect(reply.said == [.serving] && other.said == [.serviceUnknown])
        health.set("a.B", .serving)
        health.set("a.B", .notServing)
        health.set("later.S", .serving)
        #expect(reply.said == [.serving, .notServing] && other.said == [.serviceUnknown, .serving])
        // A slow watcher hears only the newest when it has room again.
        reply.state.withLock { $0.isReady = false }
        for _ in 0..<50 {
            health.set("a.B", .serving)
            health.set("a.B", .notServing)
        }
        health.set("a.B", .serving)
        #expect(reply.said.count == 2)
        reply.state.withLock { $0.isReady = true }
        handler.ready()
        #expect(reply.said == [.serving, .notServing, .serving])
        handler.cancelled(.cancelledByPeer)
        health.stopping()
        #expect(reply.said.count == 3 && other.said.last == .notServing)
        #expect(health.watchers == 1)
    }
}
