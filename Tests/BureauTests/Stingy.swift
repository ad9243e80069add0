import BureauTestSupport
import Synchronization

/// A source of randomness that dries up.
final class Stingy: Sendable {
    private let world: World
    private let left = Mutex(Int.max)

    init(_ world: World) { self.world = world }

    /// So many more draws are given.
    func refuseAfter(_ draws: Int) { left.withLock { $0 = draws } }

    func bytes(_ count: Int) -> [UInt8]? {
        let given = left.withLock { left -> Bool in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
        return given ? world.bytes(count) : nil
    }
}
