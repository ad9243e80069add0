package import Bureau
package import Crypto
package import Journal
internal import Synchronization
internal import TestSupport

/// The clocks and the randomness of one simulated run, turned by the test.
package final class World: Sendable {
    /// 2026-03-02 09:00 in UTC+8.
    package static let morning: Int64 = 1_772_413_200_000_000_000

    private let wall: Mutex<Int64>
    private let steady = Mutex<Int64>(1_000_000_000_000)
    private let random: Mutex<SplitMix64>
    private let stuck = Mutex(false)

    /// Of the stores made and opened in it.
    private let algorithm: DigestAlgorithm
    /// Of their checkpoints; nil: unsigned.
    private let signer: CheckpointSigner?
    private let secondSigner: CheckpointSigner?

    package init(
        seed: UInt64, start: Int64 = World.morning, algorithm: DigestAlgorithm = .sha256,
        signer: CheckpointSigner? = nil, secondSigner: CheckpointSigner? = nil
    ) {
        self.secondSigner = secondSigner
        self.algorithm = algorithm
        self.signer = signer
        wall = Mutex(start)
        random = Mutex(SplitMix64(seed: seed))
    }

    /// Nanoseconds UTC.
    package var now: Int64 { wall.withLock { $0 } }
    /// CLOCK_MONOTONIC's nanoseconds.
    package var steadyNow: Int64 { steady.withLock { $0 } }

    package func advance(_ nanoseconds: Int64) {
        wall.withLock { $0 += nanoseconds }
        steady.withLock { $0 += nanoseconds }
    }

    /// Sets the wall clock alone, as a bad time server would.
    package func setWall(_ nanoseconds: Int64) { wall.withLock { $0 = nanoseconds } }

    package func bytes(_ count: Int) -> [UInt8] { random.withLock { $0.bytes(count) } }

    /// It can be moved on, which the engine does for a store with a demonstration clock alone; not while it is stuck.
    package var clock: EngineClock {
        let mover = EngineClock.Mover(set: { self.setWall($0) })
        return EngineClock(
            wall: { self.now }, steady: { self.steadyNow },
            demonstration: stuck.withLock { $0 } ? nil : mover)
    }

    /// Engines made from now on cannot move their clock: what they are told stays undone, as in a server that is cut off.
    package func stick(_ isStuck: Bool) { stuck.withLock { $0 = isStuck } }

    package var entropy: Entropy { Entropy { self.bytes($0) } }

    /// A fresh UUIDv7 of this moment, or of `milliseconds`.
    package func commandID(milliseconds: Int64? = nil) -> ID128 {
        CommandID.make(
            milliseconds: milliseconds ?? now / 1_000_000, random: ID128(bytes(16)) ?? ID128(high: 1, low: 1))
    }

    package func target() -> [UInt8] { commandID().bytes }

    package func options(segmentSize: Int = 64 << 10) -> JournalOptions {
        var options = JournalOptions(city: TownRoster.city)
        options.algorithm = algorithm
        options.signer = signer
        options.secondSigner = secondSigner
        options.segmentSize = segmentSize
        // Small, so that it grows often; a group of a test brings up to 120 keys.
        options.keyChunk = 8192
        options.wall = { self.now }
        options.steady = { self.steadyNow }
        options.random = { self.bytes($0) }
        return options
    }
}
