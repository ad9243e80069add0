internal import Synchronization
internal import Wire

/// Holds every answer until what it says is on disc (etcd raft's Ready: durable before sent).
///
/// The engine holds, the log's thread releases. An answer names the last sequence it saw; reads wait like commands,
/// so that nobody is ever shown something a crash could unsay.
final class ReplyGate: Sendable {
    /// One answer, ready to go out.
    struct Held: Sendable {
        var reply: any CallReply
        var status: Status
        var payload: [UInt8] = []
        /// A judged command's, instead of `status` and `payload`.
        var answer: (any CallAnswer)?

        func release() {
            guard let answer else { return reply.finish(status, payload: payload) }
            reply.finish(answer)
        }
    }

    private struct Turn: Sendable {
        var sequence: UInt64
        var answers: [Held]
    }

    private struct Queue: Sendable {
        var turns: [Turn] = []
        /// Turns before this one have gone out; the array is cut now and then, not shifted every time.
        var head = 0
        var durable: UInt64
    }

    private let queue: Mutex<Queue>

    init(durable: UInt64) { queue = Mutex(Queue(durable: durable)) }

    var durable: UInt64 { queue.withLock { $0.durable } }

    /// Takes the answers of a turn that saw the log up to `sequence`; releases them at once when that is durable.
    func hold(_ answers: [Held], until sequence: UInt64) {
        guard !answers.isEmpty else { return }
        let now = queue.withLock { queue -> Bool in
            if sequence <= queue.durable { return true }
            queue.turns.append(Turn(sequence: sequence, answers: answers))
            return false
        }
        if now { for answer in answers { answer.release() } }
    }

    /// Everything up to `sequence` is on disc.
    func release(upTo sequence: UInt64) {
        var due: [Turn] = []
        queue.withLock { queue in
            queue.durable = max(queue.durable, sequence)
            while queue.head < queue.turns.count, queue.turns[queue.head].sequence <= sequence {
                due.append(queue.turns[queue.head])
                queue.turns[queue.head].answers = []
                queue.head += 1
            }
            if queue.head == queue.turns.count || queue.head > 256 {
                queue.turns.removeFirst(queue.head)
                queue.head = 0
            }
        }
        for turn in due { for answer in turn.answers { answer.release() } }
    }

    /// Number of turns that wait; for tests and figures.
    var waiting: Int { queue.withLock { $0.turns.count - $0.head } }
}
