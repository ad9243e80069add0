// grpc.health.v1.Health, as gRPC defines it, so that any prober of the field can ask. PROTOCOL.md 10.

import Synchronization
package import Wire

/// What this server says of itself. One for the process; any thread may change what it says.
package final class HealthService: ServiceHandler {
    package typealias ServingStatus = GRPCHealthV1.HealthCheckResponse.ServingStatus

    package let name = "grpc.health.v1.Health"

    /// One Watch call. It holds what was said last, so that a slow watcher skips what has passed and hears the newest.
    private struct Watcher {
        var service: [UInt8]
        var reply: any CallReply
        var said: ServingStatus?
    }

    private struct State {
        /// By the bytes of the name; the empty name is the server as a whole.
        var statuses: [[UInt8]: ServingStatus] = [:]
        var watchers: [UInt64: Watcher] = [:]
        var nextWatcher: UInt64 = 0
        var isStopping = false
    }

    private let state: Mutex<State>

    /// - Parameter services: full names; they and the server as a whole begin as SERVING.
    package init(services: [String]) {
        var initial = State()
        for service in services + [""] { initial.statuses[Array(service.utf8)] = .serving }
        state = Mutex(initial)
    }

    /// Says something else of a service ("": the server as a whole) from now on. Ignored once `stopping` was called.
    package func set(_ service: String, _ status: ServingStatus) {
        state.withLock { state in
            if state.isStopping { return }
            state.statuses[Array(service.utf8)] = status
            HealthService.tell(&state)
        }
    }

    /// Everything is NOT_SERVING from now on; call it before the drain, so that balancers send no more.
    package func stopping() {
        state.withLock { state in
            state.isStopping = true
            for service in state.statuses.keys { state.statuses[service] = .notServing }
            HealthService.tell(&state)
        }
    }

    /// Watch calls open now.
    package var watchers: Int { state.withLock { $0.watchers.count } }

    package func shape(of method: String) -> MethodShape? {
        switch method {
        case "Check": .unary
        case "Watch": .serverStream
        default: nil
        }
    }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(WireError) {
            let question = try GRPCHealthV1.HealthCheckRequest(decoding: request)
            if call.method == "Watch" { return watch(Array(question.service.utf8), reply) }
            check(Array(question.service.utf8), reply)
        } catch {
            reply.finish(.malformed("HealthCheckRequest: \(error.description)"), payload: [])
        }
        return nil
    }

    private func check(_ service: [UInt8], _ reply: any CallReply) {
        guard let status = state.withLock({ $0.statuses[service] }) else {
            return reply.finish(.healthServiceUnknown, payload: [])
        }
        reply.finish(.ok, payload: GRPCHealthV1.HealthCheckResponse(status: status).encoded())
    }

    private func watch(_ service: [UInt8], _ reply: any CallReply) -> any CallHandler {
        let id = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = Watcher(service: service, reply: reply)
            HealthService.tell(&state, state.nextWatcher)
            return state.nextWatcher
        }
        return HealthWatch(health: self, id: id)
    }

    fileprivate func ready(_ id: UInt64) { state.withLock { HealthService.tell(&$0, id) } }

    fileprivate func gone(_ id: UInt64) {
        // The reply is let go outside the lock: its end may call into the loop.
        _ = state.withLock { $0.watchers.removeValue(forKey: id) }
    }

    /// Under the lock, so that every watcher hears changes in the order they were made.
    private static func tell(_ state: inout State) {
        for id in state.watchers.keys { tell(&state, id) }
    }

    private static func tell(_ state: inout State, _ id: UInt64) {
        guard let watcher = state.watchers[id] else { return }
        let status = state.statuses[watcher.service] ?? .serviceUnknown
        if watcher.said == status || !watcher.reply.isReady { return }
        watcher.reply.send(GRPCHealthV1.HealthCheckResponse(status: status).encoded())
        state.watchers[id]?.said = status
    }
}

/// The server's side of one Watch call; it ends when its caller, or the connection, does.
private final class HealthWatch: CallHandler {
    private let health: HealthService
    private let id: UInt64

    init(health: HealthService, id: UInt64) {
        self.health = health
        self.id = id
    }

    func receive(_ message: [UInt8]) {}
    func requestsEnded() {}
    func ready() { health.ready(id) }
    func cancelled(_ reason: CancelReason) { health.gone(id) }
}
