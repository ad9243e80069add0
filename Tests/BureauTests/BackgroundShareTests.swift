import BureauTestSupport
import CLinux
import Glibc
import Journal
import Synchronization
import Testing

@testable import Bureau

@Suite("Background work: what is left over, and a small share where nothing is")
struct BackgroundShareTests {
    private static let ms: Int64 = 1_000_000

    /// Looks after each of `parts`, milliseconds run and waited since the one before.
    private func answers(_ parts: [(ran: Int64, waited: Int64)]) -> [BackgroundShare.Standing?] {
        var share = BackgroundShare()
        var (ran, waited) = (Int64(0), Int64(0))
        return parts.map { part in
            ran += part.ran
            waited += part.waited
            return share.looked(ran: ran, waited: waited)
        }
    }

    @Test("who gets more than one part in ten stays with what is left over; who gets less goes by niceness")
    func limit() {
        #expect(answers([(50 * Self.ms, 0)]) == [nil])
        #expect(answers([(5 * Self.ms, 50 * Self.ms)]) == [nil])
        #expect(answers([(5 * Self.ms - 1, 50 * Self.ms)]) == [.nice])
    }

    @Test("nothing is judged before a window is full, and each window by itself")
    func windows() {
        #expect(answers([(0, 50 * Self.ms - 1), (0, 1)]) == [nil, .nice])
        #expect(
            answers([(50 * Self.ms, 0), (1 * Self.ms, 49 * Self.ms)]) == [nil, .nice],
            "a good window does not hide a bad one")
    }

    @Test("by niceness for twenty windows, then what is left over is tried again")
    func back() {
        let starved = (ran: Int64(0), waited: 50 * Self.ms)
        let told = answers(Array(repeating: starved, count: 1 + BackgroundShare.niceWindows + 1))
        #expect(told.first == .nice)
        #expect(told[1..<BackgroundShare.niceWindows].allSatisfy { $0 == nil })
        #expect(told[BackgroundShare.niceWindows] == .leftOver)
        #expect(told.last == .nice)
    }

    @Test("the batches' thread opens its folders as everybody else does, and works in the idle class")
    func opensFirst() throws {
        let world = World(seed: 21)
        let disk = try TownDisk.make(seed: 21, world: world, files: TownRoster.files)
        let desk = try TownDisk.open(disk, world)
        defer { desk.abandon() }
        let opening = Mutex<[Int32]>([])
        let working = Mutex<[Int32]>([])
        // The ring of keys draws its secret when it is made; the clock is asked in every turn.
        let entropy = Entropy { count in
            opening.withLock { $0.append(sched_getscheduler(0)) }
            return world.bytes(count)
        }
        let clock = EngineClock(
            wall: { world.now },
            steady: {
                working.withLock { $0.append(sched_getscheduler(0)) }
                return world.steadyNow
            })
        let worker = BatchWorker(
            BatchDesk(), engine: EngineHandle(), disk.root, keys: try disk.root.subdirectory("keys"),
            storeID: desk.store.journal.storeID,
            source: TrailSource(storage: disk.root, log: desk.log, receipts: desk.receipts), clock: clock,
            entropy: entropy, notice: { _ in })
        let thread = try OSThread.start { worker.run() }
        while working.withLock({ $0.isEmpty }) { sched_yield() }
        worker.stop()
        thread.join()
        #expect(opening.withLock { !$0.isEmpty && $0.allSatisfy { $0 == SCHED_OTHER } })
        #expect(working.withLock { $0.allSatisfy { $0 == 5 } }, "SCHED_IDLE")
    }

    @Test("a thread is put in the idle class, its niceness stays beneath, and the kernel counts it")
    func thread() throws {
        struct Seen: Sendable {
            var idle: Int32
            var nice: Int32
            var after: Int32
            var counted: Bool
        }
        let seen = Mutex<Seen?>(nil)
        let started = try OSThread.start {
            let share = BackgroundThread(niceness: 10)
            let idle = sched_getscheduler(0)
            var (ran, waited) = (Int64(0), Int64(-1))
            // The kernel writes down what a thread ran when it lets another one run, or at a tick.
            var looks = 0
            while clinux_thread_times(&ran, &waited) == 0, ran == 0, looks < 100_000 {
                sched_yield()
                looks += 1
            }
            let counted = ran > 0 && waited >= 0
            _ = clinux_share(0, 10, JournalLimits.giveWay)
            let nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            seen.withLock {
                $0 = Seen(idle: idle, nice: nice, after: sched_getscheduler(0), counted: counted)
            }
            withExtendedLifetime(share) {}
        }
        started.join()
        let found = try #require(seen.withLock { $0 })
        #expect(found.idle == 5, "SCHED_IDLE")
        #expect(found.after == 0 && found.nice == 10)
        #expect(found.counted)
    }
}
