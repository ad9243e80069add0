import Synchronization

/// Lets one message at a time pass to the transport, which opens it again when the server's credit and the line have room for the next.
///
///     open ──pass──▶ shut ──ready──▶ open          the call's end closes it for good; who waits hears so
final class SendGate: Sendable {
    private struct State {
        var isOpen = true
        var isClosed = false
        /// First come, first served.
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }
    private let state = Mutex(State())

    /// Waits until a message may be sent; false: none may be sent any more.
    func pass() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                if state.isOpen {
                    state.isOpen = false
                    return true
                }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// There is room for one more.
    func open() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.isOpen = true
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }

    /// The call is over, or its caller has sent its last.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: false) }
    }
}
