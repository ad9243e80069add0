// One thread, one poller, many sources. Everything a loop owns is made and used on its thread only: confinement
// instead of locks. Other threads reach it through its LoopHandle alone.
//
// A turn: wait (until the alarm of the first timer at most, not at all when work is left) -> jobs of the inbox -> events of
// descriptors -> sources that asked to go on -> timers -> ends of turn, where each touched connection writes once.

import CLinux
import Wire

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let input = Readiness(rawValue: UInt32(CLINUX_IN))
    package static let output = Readiness(rawValue: UInt32(CLINUX_OUT))
    /// Error or hang-up: always told, never asked for. The next read or write says what it was.
    package static let failure = Readiness(rawValue: UInt32(CLINUX_ERR | CLINUX_HUP))
}

/// Names a source of one loop. The generation makes a token of a source that is gone name nothing.
package struct SourceToken: Sendable, Hashable {
    let slot: UInt32
    let generation: UInt32

    var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
    init(packed: UInt64) {
        slot = UInt32(truncatingIfNeeded: packed)
        generation = UInt32(truncatingIfNeeded: packed >> 32)
    }
}

/// What a loop drives: a listener, a connection, a timer. All methods are called on the loop's thread.
package protocol EventSource: AnyObject {
    /// The descriptor is ready.
    func handle(_ readiness: Readiness)
    /// The turn asked for by `goOn` has come.
    func resume()
    /// All input of this turn has been handled, asked for by `atEndOfTurn`.
    func endOfTurn()
    /// The time set by `setTimer` has come. The timer is no longer set.
    func timerFired()
    /// The loop ends: close what is open. The last call.
    func loopEnded()
}

extension EventSource {
    package func handle(_ readiness: Readiness) {}
    package func resume() {}
    package func endOfTurn() {}
    package func timerFired() {}
    package func loopEnded() {}
}

package final class EventLoop {
    /// Shared by all reads of the loop. 128 KiB: eight full TLS records, the most one source takes at once.
    package static let scratchSize = 128 * 1024
    /// What is decoded on a loop may be kept for good: its heap grows too, by far less than the room kept in so many turns.
    private static let turnsPerHeapRoom: UInt64 = 64
    /// Room for what the inbox holds, kept from turn to turn.
    private var inboxRoom: [LoopHandle.Item] = []

    package let handle: LoopHandle
    /// Monotonic nanoseconds at the start of the current stage of the turn.
    package private(set) var now: Int64 = MonotonicTime.now()
    /// Counts turns, so that a source can do something once a turn.
    private(set) var turnNumber: UInt64 = 0
    /// What the loop's user keeps on it, found again by jobs from other threads.
    package var attachment: AnyObject?
    private var spareActions: [[Action]] = []
    /// Contents are good until the source that filled it returns.
    let scratch: UnsafeMutableRawBufferPointer

    private struct Slot {
        var generation: UInt32 = 0
        var source: (any EventSource)?
        var descriptor: Int32 = -1
        var timer = MonotonicTime.never
        /// The earliest entry of this slot in the heap; `never` when there is none.
        var queued = MonotonicTime.never
    }
    private let poller: Int32
    /// Turns readable at `armed`. A timeout of the poller would arm and disarm a timer of the kernel on every wait.
    private let alarm: Int32
    private var armed = MonotonicTime.never
    @exclusivity(unchecked) private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var timers = TimerHeap()
    private var going: [SourceToken] = []
    private var ending: [SourceToken] = []
    private var stopped = false
    /// No slot has this number: it names the inbox in the poller.
    private static let inboxData = UInt64.max
    private static let alarmData = UInt64.max - 1

    init(handle: LoopHandle) throws(NetworkError) {
        self.handle = handle
        poller = clinux_poller_create()
        guard poller >= 0 else { throw NetworkError("cannot create a poller", failed: poller) }
        alarm = clinux_timer_create()
        scratch = .allocate(byteCount: EventLoop.scratchSize, alignment: 64)
        let input = Readiness.input.rawValue
        let added = min(
            clinux_poller_add(poller, handle.waker, input, EventLoop.inboxData),
            clinux_poller_add(poller, alarm, input, EventLoop.alarmData))
        // Everything is set: throwing runs `deinit`, which closes and frees.
        if added < 0 { throw NetworkError("cannot watch the inbox and the alarm of a loop", failed: added) }
    }

    deinit {
        scratch.deallocate()
        clinux_close(poller)
        if alarm >= 0 { clinux_close(alarm) }
    }

    /// The loop that runs on the calling thread; nil on every other thread.
    package static var current: EventLoop? {
        guard let raw = clinux_loop_get() else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(raw).takeUnretainedValue()
    }

    // MARK: Sources

    /// Adds a source. Without a descriptor (-1) it has timers and turns only. The loop keeps it until `remove`.
    package func add(
        _ source: any EventSource, descriptor: Int32 = -1, interest: Readiness = []
    ) throws(NetworkError) -> SourceToken {
        let slot = free.popLast() ?? newSlot()
        let token = SourceToken(slot: slot, generation: slots[Int(slot)].generation)
        if descriptor >= 0 {
            let r = clinux_poller_add(poller, descriptor, interest.rawValue, token.packed)
            guard r >= 0 else {
                free.append(slot)
                throw NetworkError("cannot watch a descriptor", failed: r)
            }
        }
        slots[Int(slot)].source = source
        slots[Int(slot)].descriptor = descriptor
        return token
    }

    private func newSlot() -> UInt32 {
        slots.append(Slot())
        return UInt32(truncatingIfNeeded: slots.count - 1)
    }

    /// Changes what the descriptor of a source is watched for.
    package func watch(_ token: SourceToken, for interest: Readiness) {
        guard source(token) != nil else { return }
        let fd = slots[Int(token.slot)].descriptor
        if fd >= 0 { _ = clinux_poller_change(poller, fd, interest.rawValue, token.packed) }
    }

    /// Forgets a source and stops watching its descriptor, which the caller then closes.
    package func remove(_ token: SourceToken) {
        guard source(token) != nil else { return }
        let i = Int(token.slot)
        if slots[i].descriptor >= 0 { _ = clinux_poller_remove(poller, slots[i].descriptor) }
        slots[i].source = nil
        slots[i].descriptor = -1
        slots[i].timer = MonotonicTime.never
        slots[i].queued = MonotonicTime.never  // entries left in the heap are of an older generation
        slots[i].generation &+= 1
        free.append(token.slot)
    }

    /// The source a token names, nil when it is gone.
    package func source(_ token: SourceToken) -> (any EventSource)? {
        let i = Int(token.slot)
        guard i < slots.count, slots[i].generation == token.generation else { return nil }
        return slots[i].source
    }

    /// Lends an array for a connection's actions, so that idle connections hold none and busy ones allocate none.
    func takeActions() -> [Action] { spareActions.popLast() ?? [] }

    /// Takes an emptied array back. Two are in use at a time.
    func giveActions(_ actions: inout [Action]) {
        if actions.capacity > 0, spareActions.count < 2 {
            var given: [Action] = []
            swap(&given, &actions)
            spareActions.append(given)
        }
        actions = []
    }

    // MARK: Turns and timers

    /// `resume` is called in the next turn, after the other sources have had theirs.
    package func goOn(_ token: SourceToken) { going.append(token) }

    /// `endOfTurn` is called when all input of this turn is handled. Ask once a turn.
    package func atEndOfTurn(_ token: SourceToken) { ending.append(token) }

    /// Sets, moves or (with `never`) clears the one timer of a source.
    package func setTimer(_ token: SourceToken, at time: Int64) {
        guard source(token) != nil else { return }
        let i = Int(token.slot)
        slots[i].timer = time
        // A later time needs no new entry: the old one, when due, moves itself.
        if time < slots[i].queued {
            slots[i].queued = time
            timers.push(TimerHeap.Entry(time: time, token: token))
        }
    }

    /// Calls `body` once after `delay` nanoseconds.
    package func after(_ delay: Int64, _ body: @escaping () -> Void) {
        let timer = OneShot(loop: self, body: body)
        guard let token = try? add(timer) else { return }  // without a descriptor nothing can fail
        timer.token = token
        setTimer(token, at: now &+ delay)
    }

    /// Calls `body` again and again, `interval` nanoseconds after each time, until the loop ends.
    package func every(_ interval: Int64, _ body: @escaping () -> Void) {
        after(interval) { [unowned self] in
            body()
            every(interval, body)
        }
    }

    private func fireTimers() {
        while let first = timers.first, first.time <= now {
            timers.pop()
            let i = Int(first.token.slot)
            guard slots[i].generation == first.token.generation, let source = slots[i].source else {
                continue
            }
            if slots[i].queued == first.time { slots[i].queued = MonotonicTime.never }
            if slots[i].timer <= now {
                slots[i].timer = MonotonicTime.never
                source.timerFired()
            } else if slots[i].timer < slots[i].queued {
                slots[i].queued = slots[i].timer
                timers.push(TimerHeap.Entry(time: slots[i].timer, token: first.token))
            }
        }
    }

    // MARK: Running

    /// Ends `run` after the current turn.
    package func stop() { stopped = true }

    /// Runs turns on the calling thread until `stop`.
    package func run() {
        clinux_loop_set(Unmanaged.passUnretained(self).toOpaque())
        defer { clinux_loop_set(nil) }
        let events = UnsafeMutableBufferPointer<clinux_event>.allocate(capacity: Int(CLINUX_EVENTS_MAX))
        defer { events.deallocate() }
        while !stopped { turn(events) }
        handle.close()
        for slot in slots { slot.source?.loopEnded() }
        attachment = nil
        slots.removeAll()
    }

    private func turn(_ events: UnsafeMutableBufferPointer<clinux_event>) {
        turnNumber &+= 1
        now = MonotonicTime.now()
        let mayWait = going.isEmpty && ending.isEmpty && handle.fallAsleep()
        if mayWait { setAlarm() }
        let n = clinux_poller_wait(poller, events.baseAddress, mayWait ? -1 : 0)
        now = MonotonicTime.now()
        runInbox()
        for event in events.prefix(max(0, Int(n))) { dispatch(event) }
        let again = going
        going.removeAll(keepingCapacity: true)
        for token in again { source(token)?.resume() }
        fireTimers()
        endTurn()
        if turnNumber % EventLoop.turnsPerHeapRoom == 0 { clinux_keep_heap_room() }
    }

    private func runInbox() {
        var items: [LoopHandle.Item] = []
        swap(&items, &inboxRoom)
        handle.wakeUp(into: &items)
        for item in items { item.run(on: self) }
        items.removeAll(keepingCapacity: true)
        swap(&items, &inboxRoom)
    }

    private func dispatch(_ event: clinux_event) {
        if event.data == EventLoop.inboxData {
            clinux_waker_clear(handle.waker)
        } else if event.data == EventLoop.alarmData {
            clinux_timer_clear(alarm)
            armed = MonotonicTime.never
        } else {
            source(SourceToken(packed: event.data))?.handle(Readiness(rawValue: event.events))
        }
    }

    /// Sources that ask again while ending wait for the next turn.
    private func endTurn() {
        if ending.isEmpty { return }
        let last = ending
        ending.removeAll(keepingCapacity: true)
        for token in last { source(token)?.endOfTurn() }
    }

    /// Before a wait: the alarm rings no later than the first timer. When it rings too early, nothing is due.
    private func setAlarm() {
        guard let first = timers.first, first.time < armed else { return }
        armed = first.time
        clinux_timer_set(alarm, max(first.time, 1))
    }
}

/// A closure that waits for its time.
private final class OneShot: EventSource {
    private let loop: EventLoop
    private let body: () -> Void
    var token: SourceToken?
    init(loop: EventLoop, body: @escaping () -> Void) {
        self.loop = loop
        self.body = body
    }
    func timerFired() {
        if let token { loop.remove(token) }
        body()
    }
}

/// A binary heap of times. Entries of sources that are gone or have moved their timer stay until they are due.
struct TimerHeap {
    struct Entry {
        var time: Int64
        var token: SourceToken
    }
    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if entries[parent].time <= entries[child].time { return }
            entries.swapAt(parent, child)
            child = parent
        }
    }

    mutating func pop() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].time < entries[least].time {
                least = child
            }
            if least == parent { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
