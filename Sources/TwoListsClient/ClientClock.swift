import Synchronization

/// What the time is for a client: the machine's, or that of the demonstration clock of the server it was connected to last. Such a server tells it in
/// HELLO, and asks its clients to connect anew when it has moved its clock on.
final class ClientClock: Sendable {
    /// How far the demonstration clock is ahead of the machine's, ns; nil: the time is real, or not known to be another.
    private let ahead = Mutex<Int64?>(nil)

    /// ns UTC.
    var now: Int64 { WallClock.nanoseconds() &+ (ahead.withLock { $0 } ?? 0) }

    /// What a demonstration clock shows, ns UTC; nil: there is none.
    var demonstration: Int64? {
        ahead.withLock { $0 }.map { WallClock.nanoseconds() &+ $0 }
    }

    /// The clock has been moved on, ns UTC; nothing where there is none.
    func noteMoved(to time: Int64) {
        ahead.withLock { if $0 != nil { $0 = time &- WallClock.nanoseconds() } }
    }

    /// A new connection: what its server has told holds from now on.
    func note(_ link: any Link) {
        let told = link.isDemonstration ? link.serverTime &- WallClock.nanoseconds() : nil
        ahead.withLock { $0 = told }
    }
}
