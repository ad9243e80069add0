import Exchange
import Testing

@testable import Office

@Suite("What a row below the headings is")
struct RowSortingTests {
    private func sort(_ texts: [String]) -> RowSorting.Sort {
        var sorting = RowSorting(
            header: CellRow(number: 1, texts: ["编号", "类别", "姓名"]), keyColumns: [0], counters: [])
        return sorting.sort(CellRow(number: 2, texts: texts))
    }

    @Test(
        "a note in the key's own column, with nothing beside it, is no row; anything beside it makes it one")
    func lone() {
        #expect(sort(["填表人：示例　审核人：示例", "", ""]) == .note)
        #expect(sort(["说明", "", ""]) == .note)
        #expect(sort(["填表人：示例", "后代", ""]) == .data)
        #expect(sort(["GA-2022-001", "", ""]) == .data)
        #expect(sort(["合计", "", "43"]) == .total("合计"))
    }
}
