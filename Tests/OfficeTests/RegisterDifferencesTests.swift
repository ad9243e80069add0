import Exchange
import Schema
import Testing

@testable import Office

@Suite("BATCH.md 8.3: what is said of a comparison")
struct RegisterDifferencesTests {
    /// A pension: name, number, county, amount in 分.
    private func row(_ name: String, _ number: String, _ county: String, _ fen: Int) throws -> [UInt8] {
        let kind = try Kinds.kind("pension")
        let values = [
            "name": name, "id_number": number, "county": county, "item": "disability", "month": "2022-12",
            "amount": "\(fen)",
        ]
        var row = [CanonicalRow.form]
        for field in kind.fields {
            CanonicalRow.append(Array((values[field.code] ?? "").utf8)[...], to: &row)
        }
        return row
    }

    private func differences() throws -> RegisterDifferences {
        let counties = try Kinds.lists().first { $0.name == "county" }
        return RegisterDifferences(try Kinds.kind("pension"), counties: counties)
    }

    private let first = "421303199001011234"
    private let second = "42130319850315234X"

    @Test("equal registers: one sentence, and the totals of both sides")
    func same() throws {
        var found = try differences()
        found.count(try row("示例甲", first, "421303", 100_00))
        found.count(try row("示例乙", second, "421321", 50_50))
        let document = found.document(.zh, with: "市级登记册")
        #expect(found.isSame && document.subtitles == ["与市级登记册逐行一致。"])
        #expect(document.sections.count == 1)
        #expect(
            document.sections[0].rows == [
                ["曾都区", "行数", "1", "1", "0"], ["", "发放金额", "100.00", "100.00", "0.00"],
                ["随县", "行数", "1", "1", "0"], ["", "发放金额", "50.50", "50.50", "0.00"],
                ["合计", "行数", "2", "2", "0"], ["", "发放金额", "150.50", "150.50", "0.00"],
            ])
    }

    @Test("by row: here, there, and the columns that differ; persons are masked, amounts in yuan")
    func rows() throws {
        var found = try differences()
        let mine = try row("示例甲", first, "421303", 100_00)
        let only = try row("示例乙", second, "421321", 50_50)
        for row in [mine, only] { found.count(row) }
        found.take(
            .different(
                4, mine, CompareLeaf(batch: "p-1", number: 2, row: try row("示例甲", first, "421303", 90_00))))
        found.take(.onlyHere(5, only))
        found.take(
            .onlyThere(CompareLeaf(batch: "p-2", number: 9, row: try row("示例丙", second, "421381", 7))))
        let document = found.document(.zh, with: "市级登记册")
        #expect(document.subtitles == ["与市级登记册有3行不一致。"])
        #expect(
            document.sections[1].rows == [
                ["4", "p-1 2", "421*************34 2022-12 残疾抚恤金", "内容不同", "发放金额", "100.00", "90.00"],
                ["5", "", "421*************4X 2022-12 残疾抚恤金", "对方没有", "", "", ""],
                ["", "p-2 9", "421*************4X 2022-12 残疾抚恤金", "本地没有", "", "", ""],
            ])
        let totals = document.sections[0].rows
        #expect(totals.contains(["随县", "行数", "1", "0", "1"]))
        #expect(totals.contains(["广水市", "行数", "0", "1", "-1"]))
        #expect(totals.last == ["", "发放金额", "150.50", "90.07", "60.43"])
    }

    @Test("two errors that cancel are told: the totals agree and the rows do not")
    func cancelled() throws {
        var found = try differences()
        for (number, change) in [(first, 1), (second, -1)] {
            let mine = try row("示例甲", number, "421303", 100_00)
            found.count(mine)
            let theirs = try row("示例甲", number, "421303", 100_00 + change)
            found.take(.different(1, mine, CompareLeaf(batch: "p-1", number: 1, row: theirs)))
        }
        let remarks = found.document(.zh, with: "市级登记册").sections[0].remarks
        #expect(remarks == ["合计相同而行有不同：差错可能互相抵消，以逐行对账为准。"])
    }

    @Test("of very many rows the first are told, and how many more there are; a file holds all")
    func most() throws {
        var found = try differences()
        let one = try row("示例甲", first, "421303", 1)
        for number in 1...(RegisterDifferences.mostShown + 1) { found.take(.onlyHere(number, one)) }
        let section = found.document(.zh, with: "市级登记册").sections.last
        #expect(section?.rows.count == RegisterDifferences.mostShown)
        #expect(section?.remarks == ["另有1行未列出，存为表格文件可看全部。"])
        #expect(found.document(.zh, with: "", most: .max).sections.last?.rows.count == 501)
    }
}
