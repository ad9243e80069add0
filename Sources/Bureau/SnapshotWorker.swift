internal import CLinux
package import Journal
internal import Synchronization

/// The thread that makes snapshots beside a running server: of the lowest priority, on its own state, with its own look at the journal's
/// files. Neither engine nor journal thread ever waits for it; what it costs them is the disk it writes to and, while it works, the
/// memory of a second state.
package final class SnapshotWorker: Sendable {
    private let mailbox = Mailbox<Void>(limit: 1)
    private let stopping = Atomic<Bool>(false)
    private let storage: any Storage
    private let keys: any Storage
    private let log: any Log
    /// Records after the last snapshot with which the next is due.
    private let records: UInt64
    private let notice: @Sendable (String) -> Void

    package init(
        _ storage: any Storage, keys: any Storage, log: any Log, records: UInt64 = SnapshotLimits.records,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.storage = storage
        self.keys = keys
        self.log = log
        self.records = records
        self.notice = notice
    }

    package func run() {
        clinux_thread_name("snapshot")
        // Of this thread alone, as Linux has it. Without it the thread works as well, only less politely.
        _ = clinux_share(0, 19, JournalLimits.giveWay)
        clinux_work_in_pieces(JournalLimits.giveWay)
        var pause: Int32 = 0
        while !stopping.load(ordering: .acquiring) {
            mailbox.wait(milliseconds: max(pause, SnapshotLimits.lookMilliseconds))
            pause = look() ? 0 : SnapshotLimits.pauseMilliseconds
        }
    }

    package func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.wake()
    }

    /// Makes one if it is due. False: that failed, and a while should pass.
    func look() -> Bool {
        do {
            let durable = log.durable.sequence
            let last = try SnapshotFile.names(storage).first.flatMap { SnapshotFile.sequence(name: $0) } ?? 0
            guard !isStopping, durable >= last, durable - last >= records else { return true }
            let made = try Snapshots.make(storage, keys: keys, upTo: durable) { [self] in isStopping }
            if let made { notice("snapshot of \(made.point.sequence) records made: \(made.name)") }
            return true
        } catch {
            if !isStopping { notice("no snapshot was made, the next start replays more: \(error)") }
            return false
        }
    }

    /// Asked between two pieces of work: casework goes first.
    private var isStopping: Bool {
        clinux_give_way()
        return stopping.load(ordering: .acquiring)
    }
}
