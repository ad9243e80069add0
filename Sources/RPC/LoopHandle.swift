// The one way into a loop from another thread: a mailbox and a descriptor that wakes the poller. A burst of jobs costs one
// wake; a loop that is awake costs none.

import CLinux
import Glibc
import Synchronization
import Wire

package final class LoopHandle: Sendable {
    /// Runs on the loop's thread. It carries sendable values in and finds what it works on by token.
    package typealias Job = @Sendable (EventLoop) -> Void

    /// What waits for the loop. An answer is kept as it is: as a closure each would cost two allocations and a hop.
    enum Item: Sendable {
        case job(Job)
        case answer(ServerReply, Status, [UInt8])
        case unwritten(ServerReply, any CallAnswer)

        func run(on loop: EventLoop) {
            switch self {
            case .job(let job): job(loop)
            case .answer(let reply, let status, let payload): reply.deliver(status, payload, on: loop)
            case .unwritten(let reply, let answer): reply.deliver(.ok, answer.encodedAnswer(), on: loop)
            }
        }
    }

    private struct Inbox {
        var items: [Item] = []
        var asleep = false
        var closed = false
    }
    private let inbox = Mutex(Inbox())
    let waker: Int32
    private let thread = Mutex<pthread_t?>(nil)

    private init() throws(NetworkError) {
        waker = clinux_waker_create()
        guard waker >= 0 else { throw NetworkError("cannot create an event descriptor", failed: waker) }
    }

    deinit { if waker >= 0 { clinux_close(waker) } }

    /// True on the loop's own thread.
    package var isCurrent: Bool { EventLoop.current?.handle === self }

    /// Hands a job to the loop. False when the loop has ended: the job will not run.
    @discardableResult
    package func submit(_ job: @escaping Job) -> Bool { post(.job(job)) }

    @discardableResult
    func post(_ item: Item) -> Bool {
        let (taken, wake) = inbox.withLock { box in
            if box.closed { return (false, false) }
            box.items.append(item)
            defer { box.asleep = false }
            return (true, box.asleep)
        }
        if wake { clinux_waker_signal(waker) }
        return taken
    }

    /// Items that wait now.
    var waiting: Int { inbox.withLock { $0.items.count } }

    /// True when the inbox is empty: from now on a job wakes the poller.
    func fallAsleep() -> Bool {
        inbox.withLock { box in
            box.asleep = box.items.isEmpty
            return box.asleep
        }
    }

    /// What has come, in its order. `items` comes empty, and its room goes to the inbox: no turn allocates.
    func wakeUp(into items: inout [Item]) {
        inbox.withLock { box in
            box.asleep = false
            if !box.items.isEmpty { swap(&items, &box.items) }
        }
    }

    func close() {
        let left = inbox.withLock { box in
            box.closed = true
            defer { box.items = [] }
            return box.items
        }
        _ = left  // released outside the lock: a job may own what calls back
    }

    // MARK: The loop's thread

    /// Starts a thread with a loop of its own. `setUp` runs first on it and makes what the loop owns.
    package static func start(
        name: String, _ setUp: @escaping @Sendable (EventLoop) -> Void
    ) throws(NetworkError) -> LoopHandle {
        let handle = try LoopHandle()
        let start = ThreadStart(handle: handle, name: name, setUp: setUp)
        var thread = pthread_t()
        let raw = Unmanaged.passRetained(start).toOpaque()
        let r = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<ThreadStart>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, raw)
        guard r == 0 else {
            Unmanaged<ThreadStart>.fromOpaque(raw).release()
            throw NetworkError("cannot start the thread \(name)", failed: 0 &- r)
        }
        handle.thread.withLock { [thread] in $0 = thread }
        return handle
    }

    /// Runs a loop on the calling thread until it is stopped: the load generator's way.
    package static func runHere(_ setUp: (EventLoop) -> Void) throws(NetworkError) {
        clinux_ignore_broken_pipe()
        let loop = try EventLoop(handle: try LoopHandle())
        setUp(loop)
        loop.run()
    }

    /// Ends the loop and waits for its thread. Only from other threads, once.
    package func stopAndJoin() {
        submit { $0.stop() }
        join()
    }

    /// Waits until the loop's thread has ended.
    package func join() {
        let thread = thread.withLock { value in
            defer { value = nil }
            return value
        }
        if let thread { pthread_join(thread, nil) }
    }
}

/// What a new thread is given.
private final class ThreadStart: Sendable {
    private let handle: LoopHandle
    private let name: String
    private let setUp: @Sendable (EventLoop) -> Void
    init(handle: LoopHandle, name: String, setUp: @escaping @Sendable (EventLoop) -> Void) {
        self.handle = handle
        self.name = name
        self.setUp = setUp
    }
    func run() {
        clinux_ignore_broken_pipe()
        clinux_thread_name(name)
        guard let loop = try? EventLoop(handle: handle) else { return handle.close() }
        setUp(loop)
        loop.run()
    }
}
