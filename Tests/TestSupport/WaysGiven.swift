import CLinux
import Foundation
import Synchronization

/// How often long work gave way to others (`clinux_give_way`), by its phases: work on a thread of its own, which is asked to all the time.
package final class WaysGiven: Sendable {
    private let calls = Atomic(0)
    private let phases = Mutex<[String: Int]>([:])
    private let failure = Mutex<(any Error)?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// What was given since the phase before, in the work's own thread.
    package func phase(_ name: String) {
        let count = calls.exchange(0, ordering: .relaxed)
        phases.withLock { $0[name, default: 0] += count }
    }

    private init() {}

    /// - Parameter work: calls `phase` behind each of them.
    package static func count(_ work: @escaping @Sendable (WaysGiven) throws -> Void) throws -> [String: Int]
    {
        let ways = WaysGiven()
        let thread = Thread {
            ways.watch()
            do { try work(ways) } catch { ways.failure.withLock { $0 = error } }
            ways.done.signal()
        }
        // What a test's own thread has, for work that was written for it.
        thread.stackSize = 8 << 20
        thread.start()
        ways.done.wait()
        if let error = ways.failure.withLock({ $0 }) { throw error }
        return ways.phases.withLock { $0 }
    }

    private func watch() {
        clinux_work_in_pieces(1)
        clinux_look_every(
            0,
            { pointer in
                guard let pointer else { return }
                Unmanaged<WaysGiven>.fromOpaque(pointer).takeUnretainedValue().calls.add(
                    1, ordering: .relaxed)
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
