// Accepts connections on one loop and hands them round. Three brakes: connections at once (more are closed at the door),
// handshakes at once (more wait in the kernel's backlog), handshakes of one address (more are closed). When the process
// has no descriptors left, a spare one is given up to close the caller properly instead of spinning on it.

import CLinux
import Glibc
import Wire

final class Listener: EventSource {
    private let loop: EventLoop
    private let shared: ServerShared
    private let descriptor: Int32
    private var token: SourceToken?
    private var spare: Int32
    private var isPaused = false
    private var lastComplaint = Int64.min
    private var refused = 0

    /// Connections accepted in one turn; the rest come in the next.
    private static let acceptsPerTurn = 64
    /// How often a full backlog is looked at again, and how often one complaint is logged.
    private static let pause: Int64 = 20 * .millisecond
    private static let complaintInterval: Int64 = 10 * .second

    init(loop: EventLoop, shared: ServerShared, descriptor: Int32) {
        self.loop = loop
        self.shared = shared
        self.descriptor = descriptor
        spare = clinux_spare_descriptor()
    }

    func start() throws(NetworkError) {
        token = try loop.add(self, descriptor: descriptor, interest: .input)
    }

    func stop() {
        guard let token else { return }
        self.token = nil
        loop.remove(token)
        clinux_close(descriptor)
        if spare >= 0 { clinux_close(spare) }
    }

    func loopEnded() { stop() }

    func handle(_ readiness: Readiness) { acceptSome() }

    func timerFired() {
        isPaused = false
        if let token { loop.watch(token, for: .input) }
    }

    private func acceptSome() {
        for _ in 0..<Listener.acceptsPerTurn {
            if shared.handshakesFull {
                complain(
                    "\(shared.configuration.maxHandshakes) handshakes at once: new ones wait",
                    "handshakes_wait")
                return rest()
            }
            var host = [CChar](repeating: 0, count: 64)
            var port: UInt16 = 0
            let fd = clinux_accept(descriptor, &host, host.count, &port)
            if fd >= 0 {
                place(fd, text(host), port)
            } else if !failed(fd) {
                return
            }
        }
    }

    /// Whether to go on after a failed accept.
    private func failed(_ negative: Int32) -> Bool {
        switch -negative {
        case EAGAIN: return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            LoopServer.of(loop)?.figures.refused["open_files", default: 0] &+= 1
            complain(
                "cannot accept: \(errorText(negative)); raise the limit of open files (ulimit -n)",
                "accept_failed")
            giveUpSpare()
            rest()
            return false
        default: return true  // that one connection went away while it waited
        }
    }

    /// Closes one waiting connection with the descriptor kept for it, so that the peer is not left hanging.
    private func giveUpSpare() {
        if spare >= 0 { clinux_close(spare) }
        var port: UInt16 = 0
        let fd = clinux_accept(descriptor, nil, 0, &port)
        if fd >= 0 { clinux_close(fd) }
        spare = clinux_spare_descriptor()
    }

    private func rest() {
        guard let token, !isPaused else { return }
        isPaused = true
        loop.watch(token, for: [])
        loop.setTimer(token, at: loop.now &+ Listener.pause)
    }

    private func place(_ fd: Int32, _ host: String, _ port: UInt16) {
        if let why = shared.admit(host: host) {
            clinux_close(fd)
            refused += 1
            LoopServer.of(loop)?.figures.refused[why.limit, default: 0] &+= 1
            return complain("connection from \(host):\(port) refused: \(why.words)", "connection_refused")
        }
        shared.hand(fd, host: host, port: port, from: loop)
    }

    private func complain(_ words: String, _ name: String) {
        if loop.now < lastComplaint &+ Listener.complaintInterval, lastComplaint != .min { return }
        lastComplaint = loop.now
        let text = refused > 1 ? "\(words) (\(refused) refused so far)" : words
        shared.log(.warning, LogEvent(name, text, [("refused", .integer(Int64(refused)))]))
    }

    private func text(_ host: [CChar]) -> String {
        String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
