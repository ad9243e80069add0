import Foundation
import Synchronization

/// Stands on the line between a client and its server and carries their bytes, of which it can read none: as many of the client's as a test lets through, so that
/// a line can be held still with so many chunks behind it and half of one under way.
final class Gate: Sendable {
    private struct State {
        /// Of the client, carried since the last `cut`.
        var carried = 0
        var limit = Int.max
        /// Answers are held back once so much was carried.
        var answersStopAt = Int.max
        /// Of the server, and at most.
        var answered = 0
        var answersLimit = Int.max
        /// Lines made before the last `cut` are over.
        var epoch = 0
        var isOver = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    private let server: UInt16
    /// What a client connects to, on 127.0.0.1.
    let port: Int

    /// - Parameter server: the port on 127.0.0.1 that the bytes go to.
    init(to server: Int) throws {
        self.server = UInt16(server)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let r = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | listen(listener, 16) | getsockname(listener, $0, &length)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard r == 0, port > 0 else {
            throw City.Failed(text: "no gate: \(String(cString: strerror(errno)))")
        }
        Thread.detachNewThread { self.accept() }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    // MARK: what a test does

    /// Bytes of the client since the last `cut`.
    var carried: Int { state.withLock { $0.carried } }
    /// Bytes of the server since then.
    var answered: Int { state.withLock { $0.answered } }

    /// Ends every line and counts anew.
    ///
    /// - Parameters:
    ///   - limit: bytes of the client that may pass, on all lines together.
    ///   - answersStopAt: from so many bytes of the client on no answer passes.
    ///   - answersLimit: bytes of the server that may pass.
    func cut(limit: Int = .max, answersStopAt: Int = .max, answersLimit: Int = .max) {
        state.withLock { state in
            state.epoch += 1
            (state.carried, state.limit, state.answersStopAt) = (0, limit, answersStopAt)
            (state.answered, state.answersLimit) = (0, answersLimit)
        }
    }

    /// Nothing more of the client passes, every answer does.
    func freeze() { state.withLock { ($0.limit, $0.answersStopAt) = ($0.carried, .max) } }

    /// No more lines; the threads end.
    func close() {
        state.withLock { ($0.isOver, $0.epoch) = (true, $0.epoch + 1) }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    // MARK: the threads

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            let epoch = state.withLock { $0.isOver ? nil : $0.epoch }
            guard client >= 0, let epoch else {
                _ = Foundation.close(listener)
                return
            }
            Thread.detachNewThread { self.carry(client, epoch) }
        }
    }

    private func isCurrent(_ epoch: Int) -> Bool { state.withLock { $0.epoch == epoch } }

    /// One line, both ways, until either side or the test ends it. A server that is not there yet is waited for.
    private func carry(_ client: Int32, _ epoch: Int) {
        defer { _ = Foundation.close(client) }
        var found = connected()
        while found == nil, isCurrent(epoch) {
            usleep(10_000)
            found = connected()
        }
        guard let line = found else { return }
        defer { _ = Foundation.close(line) }
        while isCurrent(epoch), step(client, line, epoch) {}
    }

    private static let pieceBytes = 16 << 10

    /// False: one side has ended.
    private func step(_ client: Int32, _ line: Int32, _ epoch: Int) -> Bool {
        let (up, down) = state.withLock { state in
            (
                min(Self.pieceBytes, state.limit - state.carried),
                state.carried < state.answersStopAt
                    ? min(Self.pieceBytes, state.answersLimit - state.answered) : 0
            )
        }
        var polled = [
            pollfd(fd: up > 0 ? client : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: down > 0 ? line : -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, 2, 5) > 0 else { return true }
        let told = polled[1].revents == 0 ? 0 : Self.move(line, client, down)
        let moved = polled[0].revents == 0 ? 0 : Self.move(client, line, up)
        state.withLock { state in
            guard state.epoch == epoch else { return }
            (state.carried, state.answered) = (state.carried + (moved ?? 0), state.answered + (told ?? 0))
        }
        return told != nil && moved != nil
    }

    /// At most so many bytes, whole; nil: there are no more.
    private static func move(_ from: Int32, _ to: Int32, _ most: Int) -> Int? {
        var piece = [UInt8](repeating: 0, count: most)
        let count = recv(from, &piece, most, 0)
        guard count > 0 else { return nil }
        var sent = 0
        while sent < count {
            let n = piece.withUnsafeBytes { bytes in
                send(to, bytes.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
            }
            guard n > 0 else { return nil }
            sent += n
        }
        return count
    }

    private func connected() -> Int32? {
        let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(server)
        let r = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if r == 0 { return line }
        _ = Foundation.close(line)
        return nil
    }
}
