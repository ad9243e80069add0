// What a handler answers with, from any thread. On the connection's own loop it goes straight to the machine; from
// elsewhere it goes through the loop's mailbox. Calls keep their order either way: while anything of this call is in the
// mailbox, its loop takes the mailbox too.

import Synchronization
import Wire

final class ServerReply: CallReply {
    private let handle: LoopHandle
    private let token: SourceToken
    private let stream: UInt32
    /// Operations in the mailbox.
    private let queued = Atomic<Int>(0)
    private let isFinished = Atomic<Bool>(false)
    /// For calls that stream back; nil otherwise.
    let flow: ReplyFlow?

    init(handle: LoopHandle, token: SourceToken, stream: UInt32, flow: ReplyFlow?) {
        self.handle = handle
        self.token = token
        self.stream = stream
        self.flow = flow
    }

    /// A handler that lets go of its reply without finishing must not leave the peer waiting, nor its slot taken.
    deinit {
        if isFinished.load(ordering: .relaxed) { return }
        let (token, stream) = (token, stream)
        let status = Status.callDropped
        if let loop = here {
            ServerConnection.at(loop, token) { $0.finish(stream, status, [], on: $1) }
            return
        }
        handle.submit { loop in
            ServerConnection.at(loop, token) { $0.finish(stream, status, [], on: $1) }
        }
    }

    /// `finish` was called.
    var hasFinished: Bool { isFinished.load(ordering: .relaxed) }

    private var here: EventLoop? {
        guard let loop = EventLoop.current, loop.handle === handle else { return nil }
        return queued.load(ordering: .acquiring) == 0 ? loop : nil
    }

    func send(_ message: [UInt8]) {
        if isFinished.load(ordering: .relaxed) { return }
        if let loop = here {
            ServerConnection.at(loop, token) { $0.send(stream, message, on: $1) }
            return
        }
        flow?.queue(message.count)
        post { reply, connection, channel in
            reply.flow?.unqueue(message.count)
            connection.send(reply.stream, message, on: channel)
            connection.updateFlow(reply.stream, on: channel)
        }
    }

    func consumed(_ bytes: Int) {
        if isFinished.load(ordering: .relaxed) { return }
        if let loop = here {
            return ServerConnection.at(loop, token) { $0.consumed(stream, bytes, on: $1) }
        }
        post { reply, connection, channel in connection.consumed(reply.stream, bytes, on: channel) }
    }

    var isReady: Bool {
        guard let flow, !isFinished.load(ordering: .relaxed) else { return false }
        guard let loop = here else { return flow.isReady }
        guard let channel = loop.source(token) as? Channel else { return false }
        return channel.machine?.isReady(stream) ?? false
    }

    func finish(_ status: Status, payload: [UInt8]) {
        if isFinished.exchange(true, ordering: .relaxed) { return }
        if let loop = here {
            ServerConnection.at(loop, token) { $0.finish(stream, status, payload, on: $1) }
            return
        }
        queued.wrappingAdd(1, ordering: .acquiringAndReleasing)
        handle.post(.answer(self, status, payload))
    }

    func finish(_ answer: any CallAnswer) {
        if here != nil { return finish(.ok, payload: answer.encodedAnswer()) }
        if isFinished.exchange(true, ordering: .relaxed) { return }
        queued.wrappingAdd(1, ordering: .acquiringAndReleasing)
        handle.post(.unwritten(self, answer))
    }

    /// An answer from another thread has come to the loop.
    func deliver(_ status: Status, _ payload: [UInt8], on loop: EventLoop) {
        queued.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        ServerConnection.at(loop, token) { $0.finish(stream, status, payload, on: $1) }
    }

    /// The reply itself rides along, so that `queued` is counted down and it cannot be dropped before its turn.
    private func post(_ body: @escaping @Sendable (ServerReply, ServerConnection, Channel) -> Void) {
        queued.wrappingAdd(1, ordering: .acquiringAndReleasing)
        handle.submit { [self] loop in
            queued.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            ServerConnection.at(loop, token) { body(self, $0, $1) }
        }
    }
}

/// What other threads may know of a stream's room: the loop's last word, and what is on its way there.
final class ReplyFlow: Sendable {
    /// Bytes in the mailbox above which a stream is not ready: what one connection writes in a turn.
    static let maxQueuedBytes = 256 << 10
    private let queuedBytes = Atomic<Int>(0)
    private let hasRoom = Atomic<Bool>(true)
    private let saidNo = Atomic<Bool>(false)

    func queue(_ bytes: Int) { queuedBytes.wrappingAdd(bytes, ordering: .relaxed) }
    func unqueue(_ bytes: Int) { queuedBytes.wrappingSubtract(bytes, ordering: .relaxed) }

    var isReady: Bool {
        if hasRoom.load(ordering: .relaxed), queuedBytes.load(ordering: .relaxed) < ReplyFlow.maxQueuedBytes {
            return true
        }
        saidNo.store(true, ordering: .relaxed)
        return false
    }

    func setRoom(_ value: Bool) { hasRoom.store(value, ordering: .relaxed) }

    /// On the loop: whether `ready` is owed because a handler was told "not ready" and nothing speaks against it now.
    func owesReady() -> Bool {
        queuedBytes.load(ordering: .relaxed) < ReplyFlow.maxQueuedBytes
            && saidNo.exchange(false, ordering: .relaxed)
    }
}
