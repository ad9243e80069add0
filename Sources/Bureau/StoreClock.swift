internal import CLinux
internal import Exchange
package import Journal
internal import Schema
internal import Synchronization

/// The clock of a server whose store is for demonstrations: it runs on from where it was set, by the steady clock, and is moved on by the engine
/// alone (CASEWORK.md 5). Everything in the server that asks for the time of day asks it; timers and deadlines of calls stay real.
package final class StoreClock: Sendable {
    /// What it shows, less the steady clock.
    private let offset: Atomic<Int64>
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter time: what it shows now, ns UTC.
    package init(showing time: Int64) { offset = Atomic(time &- clinux_monotonic_ns()) }

    /// ns UTC.
    package var now: Int64 { offset.load(ordering: .acquiring) &+ clinux_monotonic_ns() }

    /// Seconds since 1970.
    package var seconds: Int64 { now / 1_000_000_000 }

    /// Called on the engine's thread each time it has come to where it was told to go.
    package func onArrival(_ arrived: @escaping @Sendable () -> Void) {
        listener.withLock { $0 = arrived }
    }

    package var engineClock: EngineClock {
        EngineClock(
            wall: { [self] in now }, steady: { clinux_monotonic_ns() },
            demonstration: EngineClock.Mover(
                set: { [self] in set($0) }, arrived: { [self] in listener.withLock { $0 }?() }))
    }

    private func set(_ time: Int64) {
        offset.store(time &- clinux_monotonic_ns(), ordering: .releasing)
    }
}

extension StoreClock {
    /// The clock of a store as it stands: it goes on from the journal's last time. Nil: the store keeps the real time, or has no first records here
    /// to tell (`Bureau.start` refuses it then, if it is one). What is wrong with a journal is told by whoever opens it.
    package static func of(_ storage: any Storage) -> StoreClock? {
        guard begins(storage) else { return nil }
        var reader = RecordReader(storage, from: 1)
        var last: Int64 = 0
        // The end is where nothing more can be read.
        while (try? reader.step(upTo: .max) { record in
            last = record.time
            return true
        }) == true {}
        return StoreClock(showing: last)
    }

    /// Whether a store is for demonstrations, by the first command of its journal: one window is read, whatever the journal's length.
    package static func begins(_ storage: any Storage) -> Bool {
        var found = false
        var reader = RecordReader(storage, from: 1)
        _ = try? reader.step(upTo: .max) { record in
            guard record.type == .command else { return true }
            found = RecordDump.beginsDemonstration(record)
            return false
        }
        return found
    }
}

/// A store and the clock it is to be served by do not belong together.
package struct ClockMismatch: Error, CustomStringConvertible {
    package let isDemonstration: Bool

    package var description: String {
        isDemonstration
            ? "the store is for demonstrations, and the first segments of its journal, which say so, are not here: give --offline FOLDER"
            : "a demonstration clock is for a store that was made with one (init --demonstration-clock); this store keeps the real time"
    }
}

/// A demonstration clock on its way, day by day: each day it passes is lived, so that what a day changes is written under that day.
struct ClockWalk {
    /// Where it goes, ns UTC.
    let to: Int64
    /// The answer to whoever moved it on: it waits for the end.
    var held: [ReplyGate.Held] = []
    /// It has left where it began.
    var hasMoved = false

    init(to: Int64) { self.to = to }

    /// The time to set it to next: the beginning of the next day in UTC+8, or the end. Nil: it is there.
    func next(after now: Int64) -> Int64? {
        guard now < to else { return nil }
        let midnight = CivilDay(nanoseconds: now).adding(days: 1).startNanoseconds
        return min(midnight ?? to, to)
    }
}
