import Synchronization

/// Syncs a file on a thread of its own while the caller syncs another: a group that brings keys then waits for the slower of two syncs,
/// not for both in a row. One job at a time.
final class AsideSync: Sendable {
    private struct Work: Sendable {
        var storage: any Storage
        var file: StorageFile
    }
    private struct State {
        var work: Work?
        var result: Result<Void, StorageError>?
        var stopped = false
    }

    private let state = Mutex(State())
    private let asked: Bell
    private let done: Bell

    init() throws(StorageError) {
        asked = try Bell()
        done = try Bell()
    }

    /// Starts the thread. False: there is none to be had.
    func start() -> Bool { JournalThread.start { self.run() } }

    func stop() {
        state.withLock { $0.stopped = true }
        asked.ring()
    }

    /// Begins to sync; `wait` tells how it went.
    func begin(_ storage: any Storage, _ file: StorageFile) {
        state.withLock { state in
            state.work = Work(storage: storage, file: file)
            state.result = nil
        }
        asked.ring()
    }

    func wait() throws(StorageError) {
        while true {
            if let result = state.withLock({ $0.result }) { return try result.get() }
            done.wait(milliseconds: 1_000)
        }
    }

    private func run() {
        while true {
            let (work, stopped) = state.withLock { state in
                defer { state.work = nil }
                return (state.work, state.stopped)
            }
            guard let work else {
                if stopped { return }
                asked.wait(milliseconds: 60_000)
                continue
            }
            let result = Result { () throws(StorageError) in try work.storage.sync(work.file) }
            state.withLock { $0.result = result }
            done.ring()
        }
    }
}
