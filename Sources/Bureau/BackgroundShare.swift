internal import CLinux
internal import Journal

/// How a thread that can wait shares the processors with casework: it takes what is left over (SCHED_IDLE), and where nothing is left over it takes its small share by niceness.
///
/// Niceness alone is not enough. Linux lets whoever runs finish a slice of some milliseconds before somebody who wakes is looked at, however nice the one that runs: on two processors a filing
/// waits for that, again and again. A thread of the idle class is put aside at once. But on a machine that has no time to spare it would starve, and whoever waits for its batch with it. So the
/// thread looks at what it got: kept waiting for nearly all of a window, it goes by niceness for a while, then tries again.
///
/// A state, told what the kernel counted; who calls it carries out what it answers.
struct BackgroundShare: Sendable, Hashable {
    enum Standing: Sendable, Hashable { case leftOver, nice }

    /// Of running and waiting to run, together: long enough that one busy moment of casework is none of it, short enough that a sender sees no standstill.
    static let window: Int64 = 50_000_000
    /// In a window that has less of the processor than one part in so many, nothing is left over.
    static let starved: Int64 = 10
    /// Windows by niceness before what is left over is tried again.
    static let niceWindows = 20

    private(set) var standing = Standing.leftOver
    private var ranBefore: Int64 = 0
    private var waitedBefore: Int64 = 0
    private var niceFor = 0

    /// The thread has run and has waited to run for so many nanoseconds in all. Answers the standing to take, when it changes.
    mutating func looked(ran: Int64, waited: Int64) -> Standing? {
        let (ranNow, waitedNow) = (ran &- ranBefore, waited &- waitedBefore)
        guard ranNow &+ waitedNow >= Self.window else { return nil }
        (ranBefore, waitedBefore) = (ran, waited)
        switch standing {
        case .leftOver where waitedNow / Self.starved > ranNow:
            (standing, niceFor) = (.nice, Self.niceWindows)
            return .nice
        case .leftOver: return nil
        case .nice:
            niceFor -= 1
            guard niceFor <= 0 else { return nil }
            standing = .leftOver
            return .leftOver
        }
    }
}

/// The calling thread's share, carried out as long as this lives. Where the system counts nothing for a thread, niceness alone is left. Made, and let go, on the thread.
final class BackgroundThread {
    private var share = BackgroundShare()
    private let niceness: Int32

    /// Between two looks at what the kernel counted.
    private static let lookEvery: Int64 = 10_000_000

    /// Without any of it the thread works as well, only less politely.
    init(niceness: Int32) {
        self.niceness = niceness
        // An idle thread is put aside when somebody wakes; but where somebody was awake and had had more than his part, Linux takes the idle one and looks again at the next tick,
        // which is up to 4 ms away.
        clinux_work_in_pieces(JournalLimits.giveWay)
        var (ran, waited) = (Int64(0), Int64(0))
        guard clinux_thread_times(&ran, &waited) == 0 else {
            take(.nice)
            return
        }
        take(.leftOver)
        // In the midst of a piece of work, too: a starved thread does not come to its end.
        clinux_look_every(
            Self.lookEvery,
            { context in
                guard let context else { return }
                Unmanaged<BackgroundThread>.fromOpaque(context).takeUnretainedValue().look()
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { clinux_look_every(0, nil, nil) }

    private func take(_ standing: BackgroundShare.Standing) {
        _ = clinux_share(standing == .leftOver ? 1 : 0, niceness, JournalLimits.giveWay)
    }

    private func look() {
        var (ran, waited) = (Int64(0), Int64(0))
        guard clinux_thread_times(&ran, &waited) == 0,
            let standing = share.looked(ran: ran, waited: waited)
        else { return }
        take(standing)
    }
}
