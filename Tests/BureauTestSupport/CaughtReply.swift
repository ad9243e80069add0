internal import Schema
internal import Synchronization
package import Wire

/// Catches what a call is answered with, and how often.
package final class CaughtReply: CallReply {
    private struct Caught {
        var messages: [[UInt8]] = []
        var answers: [(status: Status, payload: [UInt8])] = []
        var isReady = true
        var capacity = Int.max
    }
    private let caught = Mutex(Caught())

    /// `capacity`: messages after which the stream is not ready any more, until `drain`.
    package init(capacity: Int = .max) { caught.withLock { $0.capacity = capacity } }

    package func send(_ message: [UInt8]) {
        caught.withLock { caught in
            caught.messages.append(message)
            if caught.messages.count >= caught.capacity { caught.isReady = false }
        }
    }
    package var isReady: Bool { caught.withLock { $0.isReady } }
    package func finish(_ status: Status, payload: [UInt8]) {
        caught.withLock { $0.answers.append((status, payload)) }
    }

    /// Nil: not answered yet.
    package var status: Status? { caught.withLock { $0.answers.first?.status } }
    package var payload: [UInt8]? { caught.withLock { $0.answers.first?.payload } }
    /// More than one is a fault.
    package var answerCount: Int { caught.withLock { $0.answers.count } }
    package var messages: [[UInt8]] { caught.withLock { $0.messages } }

    /// The messages so far, taken away; the stream is ready again.
    package func drain() -> [[UInt8]] {
        caught.withLock { caught in
            defer { (caught.messages, caught.isReady) = ([], true) }
            return caught.messages
        }
    }
}
