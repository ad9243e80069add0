import Synchronization
import Wire

/// One unary call over a link, awaited.
enum LinkAnswer: Sendable {
    case finished(Status, payload: [UInt8])
    case lost(ClientError, sent: Bool)
}

extension Link {
    /// Sends a unary call and waits for its end. When the calling task is cancelled the call is cancelled with it.
    func unary(_ request: LinkRequest) async -> LinkAnswer {
        let slot = CallSlot()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                slot.set(
                    start(request) { event in
                        switch event {
                        case .message, .ready: break  // a unary call has none
                        case .finished(let status, let payload):
                            continuation.resume(returning: .finished(status, payload: payload))
                        case .lost(let error, let sent):
                            continuation.resume(returning: .lost(error, sent: sent))
                        }
                    })
            }
        } onCancel: {
            slot.cancel()
        }
    }
}

/// A call that may be cancelled before it is known.
final class CallSlot: Sendable {
    private struct State {
        var call: (any LinkCall)?
        var cancelled = false
    }
    private let state = Mutex(State())

    func set(_ call: any LinkCall) {
        let cancelled = state.withLock { state in
            state.call = call
            return state.cancelled
        }
        if cancelled { call.cancel() }
    }

    func cancel() {
        let call = state.withLock { state in
            state.cancelled = true
            return state.call
        }
        call?.cancel()
    }

    func consumed() { known?.consumed() }
    func send(_ message: [UInt8]) { known?.send(message) }
    func halfClose() { known?.halfClose() }

    private var known: (any LinkCall)? { state.withLock { $0.call } }
}

/// Messages of one stream of the server between the transport's thread and the task that reads them. The transport's credit bounds what can pile
/// up here: a message counts as consumed when it is taken.
final class StreamInbox: Sendable {
    enum Item: Sendable {
        case message([UInt8])
        case end(LinkAnswer)
        case cancelled
    }

    private struct State {
        var items: [Item] = []
        var ended = false
        var reader: CheckedContinuation<Item, Never>?
    }
    private let state = Mutex(State())
    let slot = CallSlot()
    /// Of calls that send as well.
    private let gate: SendGate?

    init(gate: SendGate? = nil) { self.gate = gate }

    /// Starts the stream.
    func open(_ request: LinkRequest, on link: any Link) {
        slot.set(link.start(request) { [weak self] event in self?.hear(event) })
    }

    private func hear(_ event: LinkEvent) {
        switch event {
        case .message(let bytes): return put(.message(bytes))
        case .ready: gate?.open()
        case .finished(let status, let payload): put(.end(.finished(status, payload: payload)))
        case .lost(let error, let sent): put(.end(.lost(error, sent: sent)))
        }
        if case .ready = event { return }
        gate?.close()
    }

    private func put(_ item: Item) {
        let reader = state.withLock { state -> CheckedContinuation<Item, Never>? in
            guard !state.ended else { return nil }
            if case .message = item {} else { state.ended = true }
            guard let reader = state.reader else {
                state.items.append(item)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: item)
    }

    /// The next message or the end. One reader at a time.
    func next() async -> Item {
        let item = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Item? in
                    if !state.items.isEmpty { return state.items.removeFirst() }
                    if state.ended || Task.isCancelled { return .cancelled }
                    state.reader = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            put(.cancelled)
        }
        if case .message = item { slot.consumed() }
        return item
    }

    /// The reader has gone away.
    func cancel() {
        slot.cancel()
        put(.cancelled)
    }

    deinit { slot.cancel() }
}
