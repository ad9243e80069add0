internal import CLinux
internal import Synchronization

/// The way into a thread that owns its state: many writers, one reader that sleeps on an eventfd.
///
/// Bounded: a writer that finds `limit` items waiting is told so and answers its caller, instead of growing a queue that
/// nobody could work off before the deadlines.
final class Mailbox<Item: Sendable>: Sendable {
    private struct Inbox: Sendable {
        var items: [Item] = []
        var asleep = false
    }
    private let inbox = Mutex(Inbox())
    private let waker: Int32
    private let poller: Int32
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        waker = clinux_waker_create()
        poller = clinux_poller_create()
        _ = clinux_poller_add(poller, waker, UInt32(CLINUX_IN), 0)
    }

    deinit {
        clinux_close(poller)
        clinux_close(waker)
    }

    /// False when full. `urgent` items (completions, stop) are always taken: they free what the others wait for.
    @discardableResult
    func post(_ item: Item, urgent: Bool = false) -> Bool {
        let (taken, wake) = inbox.withLock { box -> (Bool, Bool) in
            guard urgent || box.items.count < limit else { return (false, false) }
            box.items.append(item)
            defer { box.asleep = false }
            return (true, box.asleep)
        }
        if wake { clinux_waker_signal(waker) }
        return taken
    }

    /// Items that wait now.
    var waiting: Int { inbox.withLock { $0.items.count } }

    /// Everything that waits, in order. Swaps the caller's emptied array in, so that no turn allocates.
    func take(into items: inout [Item]) {
        items.removeAll(keepingCapacity: true)
        inbox.withLock { swap(&$0.items, &items) }
    }

    /// Ends the reader's sleep without giving it anything.
    func wake() { clinux_waker_signal(waker) }

    /// Sleeps until something is posted, at most `milliseconds`; 0 does not sleep.
    func wait(milliseconds: Int32) {
        guard milliseconds > 0 else { return }
        let sleep = inbox.withLock { box -> Bool in
            box.asleep = box.items.isEmpty
            return box.asleep
        }
        guard sleep else { return }
        var event = clinux_event()
        if clinux_poller_wait(poller, &event, milliseconds) > 0 { clinux_waker_clear(waker) }
        inbox.withLock { $0.asleep = false }
    }
}
