import Exchange
import Testing

@testable import Office

@Suite("Clean tables have no faults")
struct CleanTableTests {
    @Test("of every kind used here", arguments: CleanSheets.all.keys.sorted())
    func clean(_ code: String) throws {
        let sheet = try #require(CleanSheets.all[code])
        let report = try Kinds.check(sheet.csv(), code)
        #expect(report.faults.map { FaultTexts.line($0).zh } == [])
        #expect(report.stop == nil && report.isSound)
        #expect(report.rows > 2)
    }
}
