// Tells figures over HTTP/1.1 on this machine's loopback. It has a loop of its own: a collector that asks too often, reads slowly or never,
// costs the event loops one copy of their counters and nothing else.
//
//     reading ──whole head──> gathering ──page──> writing ──> lingering ──> closed
//        └──refused──────────────────────────────────^
//
// One request a connection, and one time for all of it.

import CLinux
import Glibc
package import Metrics
import Synchronization
import Wire

package final class MetricsEndpoint: Sendable {
    /// Hands what a page is made of to its argument, once, on any thread.
    package typealias Gather = @Sendable (@escaping @Sendable (ServerFigures) -> Void) -> Void
    /// Makes the page, on the endpoint's thread; may look at files.
    package typealias Render = @Sendable (ServerFigures) -> [UInt8]

    /// The port it listens on, also when any was asked for.
    package let port: UInt16
    private let handle: LoopHandle

    /// Listens and runs until `stop`.
    /// - Throws: the address is not ours or the port is taken, in words.
    package init(
        _ address: LoopbackAddress, patience: Int64 = MetricsLimits.patience, gather: @escaping Gather,
        render: @escaping Render
    ) throws(NetworkError) {
        let descriptor = try Server.listen(address.host, address.port, MetricsLimits.backlog)
        port = UInt16(truncatingIfNeeded: clinux_local_port(descriptor))
        do throws(NetworkError) {
            handle = try LoopHandle.start(name: "metrics") { loop in
                let door = MetricsDoor(loop, descriptor, patience: patience, gather, render)
                loop.attachment = door
                door.start()
            }
        } catch {
            clinux_close(descriptor)
            throw error
        }
    }

    /// Ends it and waits for its thread. Once, from a thread that is no loop.
    package func stop() { handle.stopAndJoin() }
}

/// The listening side, on the endpoint's loop.
private final class MetricsDoor: EventSource {
    let loop: EventLoop
    let patience: Int64
    let gather: MetricsEndpoint.Gather
    let render: MetricsEndpoint.Render
    private let descriptor: Int32
    private var open = 0

    init(
        _ loop: EventLoop, _ descriptor: Int32, patience: Int64, _ gather: @escaping MetricsEndpoint.Gather,
        _ render: @escaping MetricsEndpoint.Render
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.patience = patience
        self.gather = gather
        self.render = render
    }

    func start() { _ = try? loop.add(self, descriptor: descriptor, interest: .input) }

    func loopEnded() { clinux_close(descriptor) }

    /// As many as wait; beyond the limit they are closed at the door.
    func handle(_ readiness: Readiness) {
        for _ in 0...MetricsLimits.connections {
            var port: UInt16 = 0
            let accepted = clinux_accept(descriptor, nil, 0, &port)
            if accepted < 0 { return }
            guard open < MetricsLimits.connections else {
                clinux_close(accepted)
                continue
            }
            open += 1
            ScrapeConnection(self, accepted).start()
        }
    }

    func ended() { open -= 1 }
}

/// One request and its answer.
private final class ScrapeConnection: EventSource {
    private enum State { case reading, gathering, writing, lingering, closed }

    private let door: MetricsDoor
    private let descriptor: Int32
    private var token = SourceToken(slot: .max, generation: 0)
    private var state = State.reading
    private var request = ScrapeRequest()
    private var answer: [UInt8] = []
    private var written = 0
    private var dropped = 0

    init(_ door: MetricsDoor, _ descriptor: Int32) {
        self.door = door
        self.descriptor = descriptor
    }

    func start() {
        guard let token = try? door.loop.add(self, descriptor: descriptor, interest: .input) else {
            return close()
        }
        self.token = token
        door.loop.setTimer(token, at: door.loop.now &+ door.patience)
    }

    func handle(_ readiness: Readiness) {
        switch state {
        case .reading: read()
        case .gathering: if readiness.contains(.failure) { close() }
        case .writing: write()
        case .lingering: linger()
        case .closed: break
        }
    }

    func timerFired() { close() }
    func loopEnded() { close() }

    private func read() {
        let scratch = door.loop.scratch
        let count = clinux_read(descriptor, scratch.baseAddress, MetricsLimits.requestBytes)
        if count == -Int(EAGAIN) { return }
        guard count > 0 else { return close() }
        switch request.take(UnsafeRawBufferPointer(rebasing: scratch[..<count])) {
        case .more: break
        case .metrics: gather()
        case .refuse(let refusal): send(ScrapeRequest.answer(refusal))
        }
    }

    private func gather() {
        state = .gathering
        door.loop.watch(token, for: [])
        let (handle, token) = (door.loop.handle, token)
        door.gather { figures in
            handle.submit { loop in (loop.source(token) as? ScrapeConnection)?.tell(figures) }
        }
    }

    private func tell(_ figures: ServerFigures) {
        if state == .gathering { send(ScrapeRequest.answer(page: door.render(figures))) }
    }

    private func send(_ bytes: [UInt8]) {
        state = .writing
        answer = bytes
        write()
    }

    private func write() {
        while written < answer.count {
            let count = answer[written...].withUnsafeBytes {
                clinux_write(descriptor, $0.baseAddress, $0.count)
            }
            if count == -Int(EAGAIN) { return door.loop.watch(token, for: .output) }
            guard count > 0 else { return close() }
            written += count
        }
        state = .lingering
        _ = clinux_shutdown_write(descriptor)
        // The answer is the kernel's now: whoever keeps the connection open keeps its place no longer.
        door.loop.setTimer(token, at: door.loop.now &+ min(door.patience, Channel.lingerTime))
        door.loop.watch(token, for: .input)
    }

    /// What was sent behind the request is read and dropped, so that no reset eats the answer.
    private func linger() {
        let scratch = door.loop.scratch
        let count = clinux_read(descriptor, scratch.baseAddress, scratch.count)
        if count == -Int(EAGAIN) { return }
        dropped += max(count, 0)
        if count <= 0 || dropped >= MetricsLimits.dropped { close() }
    }

    private func close() {
        if state == .closed { return }
        state = .closed
        door.loop.remove(token)
        clinux_close(descriptor)
        door.ended()
    }
}
