import Foundation
import Journal
import Testing

/// A tenth in `make test`, everything with TWOLISTS_SOAK=1.
enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    static func count(_ full: Int, short: Int) -> Int { isOn ? full : short }
}

@Suite("DESIGN.md 7 and 8: crash, recover, check")
struct SimulationTests {
    /// Histories in `make test`; each runs three lives and four recoveries.
    static let short = 300

    /// Seeds that have found something, run always. 511: power lost while an erasure overwrote a sector took seven others' keys with it.
    private static let found: [UInt64] = [511]

    @Test func everyAcknowledgedCommandIsThereOnceAndWhole() throws {
        let seeds = Soak.count(10_000, short: Self.short)
        var (recoveries, acknowledged, repeated, reads) = (0, 0, 0, 0)
        var (snapshots, shortened, marks) = (0, 0, 0)
        for seed in Array(0..<UInt64(seeds)) + Self.found {
            var simulation = try BureauSimulation(seed: seed)
            try simulation.run()
            recoveries += simulation.recoveries
            acknowledged += simulation.acknowledged
            repeated += simulation.repeated
            reads += simulation.reads
            snapshots += simulation.snapshots
            shortened += simulation.shortened
            marks += simulation.marks
        }
        print(
            "bureau simulation: \(seeds) seeds, \(recoveries) recoveries, \(acknowledged) acknowledged commands, "
                + "\(repeated) repeated answers and \(reads) reads checked; \(snapshots) snapshots made, "
                + "\(shortened) recoveries began at one; \(marks) records of the clock")
        #expect(acknowledged > seeds && repeated > seeds && reads > seeds)
        #expect(snapshots > seeds && shortened > seeds / 2)
        #expect(marks > seeds)
    }

    /// The proof that the check can fail: a disk whose sync does nothing loses what was acknowledged, and that is told.
    @Test func withoutTheSyncTheSameCheckGoesRed() throws {
        var (red, lost) = (0, 0)
        for seed in 0..<UInt64(60) {
            do {
                var simulation = try BureauSimulation(seed: seed, dishonesty: .sync)
                try simulation.run()
            } catch let violation as BureauSimulation.Violation {
                red += 1
                if violation.kind == .lost { lost += 1 }
            }
        }
        print(
            "bureau simulation without sync: \(red) of 60 seeds red, \(lost) of them a lost acknowledged command"
        )
        #expect(lost > 0)
    }
}
