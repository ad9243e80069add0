import Exchange
import TestSupport
import Testing

@testable import Office

@Suite("A check on the clerk's machine gives way at every row: it slows nobody beside it")
struct GiveWayTests {
    @Test("as often as there are rows, in a text and in a workbook", arguments: [false, true])
    func rows(isWorkbook: Bool) throws {
        let sheet = CleanSheets.pension
        let file = try BatchFile(isWorkbook ? try sheet.workbook() : sheet.csv())
        let (kind, lists) = (try Kinds.kind("pension"), try Kinds.lists())
        let ways = try WaysGiven.count { ways in
            let report = try file.check(kind, lists: lists)
            try #require(report.totals.rows == 4)
            ways.phase("check")
        }
        #expect(ways["check"] ?? 0 >= 4, "call clinux_give_way at every row of a check")
    }
}
