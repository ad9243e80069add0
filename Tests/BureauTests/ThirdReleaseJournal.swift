import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import Testing

@testable import Bureau

/// What must come out of release 3's kept journal: a city's year (seeds/demo) as that release's programs wrote it, on a demonstration clock, in segments of 1 MiB.
/// Of the figures the numbers, not the bytes of the answer, which later releases may add to.
enum ThirdRelease {
    /// The day after the year.
    private static let now: Int64 = 1_672_531_200_000_000_000

    static func values(reading directory: String) throws -> [String: String] {
        let (storage, keys) = (try FileStorage(path: directory), try FileStorage(path: directory + "/keys"))
        let report = Journal.verify(storage, keys: keys)
        if let problem = report.problem { throw problem }
        var recorded = Recorded()
        try Journal.read(storage, keys: keys, visitor: &recorded)
        let store = try Store.open(storage, keys: keys, options: World(seed: 9, start: now).options())
        let state = store.state
        store.log.startManually(onOutcome: { _ in }, onFatal: { _ in })
        store.log.close()
        let viewer = try #require(state.viewer(officer: "b1s2", party: "bureau/421300"))
        let late = try #require(state.findRequest("随双2022-军提-0005", for: viewer))
        var values = try figures(state, viewer)
        values["commands"] = String(recorded.commands.count)
        values["remembered"] = String(store.memory.commands)
        values["state"] = try StateHash.of(state).hex
        values["root"] = try #require(report.checkpoint).checkpoint.root.hex
        values["late"] = state.history(of: late, for: viewer).map(\.state).joined(separator: ",")
        values["requests"] = state.requests.map { $0.number.isEmpty ? "-" : $0.number }.joined(separator: ",")
        values["cases"] = state.cases.map { $0.number.isEmpty ? "-" : $0.number }.joined(separator: ",")
        return values
    }

    private static func figures(_ state: State, _ viewer: Viewer) throws -> [String: String] {
        let from = try #require(CivilDay(CivilDate(year: 2022, month: 1, day: 1)))
        let to = try #require(CivilDay(CivilDate(year: 2022, month: 12, day: 31)))
        let period = try #require(Period(from: from, to: to))
        var scan = FigureScan(period, for: viewer, in: state)
        while !(try scan.step(state, budget: 1000)) {}
        let view = scan.view(state)
        let solved = view.cases.flatMap(\.counts).filter { $0.figure == .casesSolved }.reduce(0) {
            $0 + $1.count
        }
        let fund = try #require(view.careFund)
        return [
            "solved": String(solved),
            "placed": view.rounds.map { "\($0.key) \($0.placed)/\($0.people)" }.joined(separator: ","),
            "fund": "\(fund.heldBeforeFen) \(fund.incomeFen) \(fund.outgoFen) \(fund.heldFen)",
        ]
    }
}
