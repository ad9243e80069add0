import Foundation
import Journal
import Testing

/// A tenth in `make test`, everything with TWOLISTS_SOAK=1.
enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    static func count(_ full: Int, short: Int) -> Int { isOn ? full : short }
}

@Suite("JOURNAL.md 9 crash, recover, check")
struct SimulationTests {
    /// Seeds that have found something, run always. 8208: a start that failed between renaming a segment and syncing the directory, then one
    /// that shortened what the segment superseded and lost power before its own sync of the directory.
    private static let found: [UInt64] = [8208]

    @Test func everythingAcknowledgedSurvives() throws {
        var recoveries = 0
        var acknowledged = 0
        for seed in Array(0..<UInt64(Soak.count(10_000, short: 400))) + Self.found {
            var simulation = try JournalSimulation(seed: seed)
            try simulation.run()
            recoveries += simulation.recoveries
            acknowledged += simulation.acknowledged
        }
        print("journal simulation: \(recoveries) recoveries, \(acknowledged) acknowledged commands checked")
        #expect(acknowledged > 0)
    }

    /// The proof that the simulation can fail: without the sync it must go red, and soon.
    @Test(arguments: [SimulatedDisk.Dishonesty.sync, .directorySync])
    func aDiskThatDoesNotSyncIsNoticed(_ dishonesty: SimulatedDisk.Dishonesty) throws {
        var noticed = 0
        for seed in 0..<UInt64(60) {
            do {
                var simulation = try JournalSimulation(seed: seed, dishonesty: dishonesty)
                try simulation.run()
            } catch { noticed += 1 }
        }
        print("journal simulation without \(dishonesty): \(noticed) of 60 seeds red")
        #expect(noticed > 0)
    }
}
