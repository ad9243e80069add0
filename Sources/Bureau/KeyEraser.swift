internal import CLinux
internal import Journal
internal import Synchronization

/// Destroys a subject's key in the key file, once the record of its erasure is durable.
///
/// A crash in between changes nothing: at the next start `Store.open` finds the key of an erased subject still there and destroys it before
/// anything is served.
protocol KeyEraser: AnyObject, Sendable {
    func erase(_ subject: ID128)
}

/// On a thread of its own: finding the key reads the key file through, and the sync waits for the disk. It is rare, and casework goes on.
final class KeyEraserThread: KeyEraser {
    private let log: GroupCommitLog
    private let onFatal: @Sendable (JournalError) -> Void
    /// Erasures are single acts of people; were more to wait, the rest is done at the next start.
    private let mailbox = Mailbox<ID128>(limit: 10_000)
    private let stopping = Atomic<Bool>(false)

    init(_ log: GroupCommitLog, onFatal: @escaping @Sendable (JournalError) -> Void) {
        self.log = log
        self.onFatal = onFatal
    }

    func erase(_ subject: ID128) { mailbox.post(subject) }

    /// Until `stop`; what was posted before it is done.
    func run() {
        clinux_thread_name("eraser")
        var subjects: [ID128] = []
        while true {
            mailbox.wait(milliseconds: 1_000)
            let last = stopping.load(ordering: .acquiring)
            mailbox.take(into: &subjects)
            for subject in subjects { destroy(subject) }
            if last { return }
        }
    }

    private func destroy(_ subject: ID128) {
        do throws(JournalError) { _ = try log.destroyKey(subject) } catch { onFatal(error) }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.wake()
    }
}

/// On the caller's thread: for seeds, simulation and tests.
final class DirectKeyEraser: KeyEraser {
    private let log: GroupCommitLog
    init(_ log: GroupCommitLog) { self.log = log }

    func erase(_ subject: ID128) {
        // A failure of the disk is told by the log's next group, and the next start destroys what is left.
        _ = try? log.destroyKey(subject)
    }
}
