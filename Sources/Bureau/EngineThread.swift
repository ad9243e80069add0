internal import CLinux
package import Journal
internal import Synchronization
internal import Wire

/// The way to the engine from any thread.
package final class EngineHandle: Sendable {
    let mailbox = Mailbox<EngineInput>(limit: EngineLimits.waiting)
    private let stopping = Atomic<Bool>(false)

    package init() {}

    /// False when more is waiting than can be answered in time; the caller says so to its peer.
    @discardableResult
    package func post(_ input: EngineInput, urgent: Bool = false) -> Bool {
        mailbox.post(input, urgent: urgent)
    }

    /// Ends the engine's thread once everything posted before is judged and handed to the log.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.post(.durable, urgent: true)
    }

    /// Set by the engine while something durable would let it go on: watchers, or a group the log had no room for.
    private let waitingForLog = Atomic<Bool>(false)
    var isWaitingForLog: Bool {
        get { waitingForLog.load(ordering: .acquiring) }
        set { waitingForLog.store(newValue, ordering: .releasing) }
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    static let overloaded = Status.serverBusy
}

/// The engine's life on its thread.
package enum EngineThread {
    /// Upper bound of a sleep: nothing depends on it, everything that matters is posted.
    private static let longestSleepMilliseconds: Int32 = 1_000
    /// A turn lets the state grow by a few hundred KiB at most, the room kept is megabytes.
    private static let turnsPerHeapRoom = 4

    /// Runs until `handle.stop()`, then closes the log, which makes everything handed over durable.
    package static func run(_ engine: Engine, handle: EngineHandle, log: any Log) {
        clinux_thread_name("engine")
        var inputs: [EngineInput] = []
        var turns = 0
        while true {
            handle.mailbox.wait(milliseconds: engine.hasMore ? 0 : longestSleepMilliseconds)
            let stopping = handle.isStopping
            handle.mailbox.take(into: &inputs)
            engine.turn(emptying: &inputs)
            turns &+= 1
            if turns % turnsPerHeapRoom == 0 { clinux_keep_heap_room() }
            if stopping && inputs.isEmpty { break }
        }
        log.close()
    }
}
