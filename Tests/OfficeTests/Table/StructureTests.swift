import Exchange
import Testing

@testable import Office

@Suite("Dirty files: titles, totals, notes, blanks, quotes (issue 5)")
struct StructureTests {
    private func check(_ kind: String, _ edit: (inout PlainSheet) -> Void) throws -> TableReport {
        var sheet = try #require(CleanSheets.all[kind])
        edit(&sheet)
        return try Kinds.check(sheet.csv(), kind)
    }

    private func faults(_ kind: String, _ edit: (inout PlainSheet) -> Void) throws -> [String] {
        try check(kind, edit).faults.map(named).sorted()
    }

    @Test("the lines above and below the table are facts about the file")
    func facts() throws {
        let report = try check("dossier") { _ in }
        #expect(report.headerRow == 3)
        #expect(report.facts.map(\.kind) == [.party, .filler, .date])
        #expect(report.facts.map(\.text) == ["曾都区退役军人事务局", "示例甲", "2023.3.10"])
        let below = try check("pension") { _ in }
        #expect(below.facts.map(\.text) == ["元", "示例戊", "示例己"])
        #expect(below.notes.map(\.kind) == [.titleSkipped, .totalSkipped, .noteSkipped])
    }

    @Test("label and value may stand in cells of their own, or all in one")
    func factForms() throws {
        let apart = try check("pension") { $0.rows[1] = ["填报单位", "：", "", "填报单位：", "曾都区局"] }
        #expect(apart.facts.first == TableFact(kind: .party, row: 2, text: "曾都区局"))
        let joined = try check("pension") { $0.rows[1] = ["填报单位：曾都区局　填报人：示例甲 日期：2023年3月10日"] }
        #expect(joined.facts.prefix(3).map(\.text) == ["曾都区局", "示例甲", "2023年3月10日"])
        let party = try check("pension") { $0.rows[1] = ["单位：曾都区局"] }
        #expect(party.facts.first?.kind == .party)
    }

    @Test("a unit above the table holds for amounts whose heading has none")
    func unitAbove() throws {
        let report = try check("pension") {
            $0.rows[1] = ["单位：万元"]
            for (row, value) in [(4, "0.12505"), (5, "0.3"), (6, "0.07"), (7, "2")] { $0["H\(row)"] = value }
            for row in 4...6 { $0["G\(row)"] = "0.05" }
            $0["H8"] = "2.49505"
        }
        #expect(report.faults == [])
        #expect(report.totals.sums == [2_495_050])
        #expect(
            report.notes.filter { $0.kind == .unitConverted }.map(\.arguments) == [
                ["G", "月标准", "万元"], ["H", "发放金额", "万元"],
            ])
        #expect(try faults("pension") { $0.rows[1] = ["金额单位：元"] } == [])
    }

    @Test("rows of totals are compared: all rows, or those since the last such row")
    func totals() throws {
        func sheet(_ sub: String, _ second: String, _ all: String) throws -> [String] {
            try faults("fund") {
                $0.rows.insert(["小计", "", "", sub, "", "", "", ""], at: 4)
                $0.rows.insert(["小计", "", "", second, "", "", "", ""], at: 6)
                $0["D8"] = all
            }
        }
        #expect(try sheet("53000", "12000.5", "65000.5") == [])
        #expect(try sheet("53000", "65000.5", "65000.5") == [])
        #expect(try sheet("53001", "12000.5", "65000.5") == ["D5 total-differs"])
        #expect(try sheet("53000", "12000.51", "65000.49") == ["D7 total-differs", "D8 total-differs"])
    }

    @Test("what differs is said with both numbers")
    func totalText() throws {
        let report = try check("fund") { $0["D6"] = "66000" }
        #expect(
            report.faults.map { FaultTexts.line($0).zh }
                == ["第6行“金额（元）”(D列)：合计行为66000.00，各行之和为65000.50，请核对是否缺行或重行"])
        #expect(report.isSound, "a difference is a warning")
    }

    @Test("a cell that cannot be counted leaves nothing to compare")
    func uncountable() throws {
        #expect(try faults("fund") { $0["D4"] = "三千" } == ["D4 not-an-amount"])
    }

    @Test("blank rows and repeated headings are passed over, and said")
    func blanks() throws {
        let report = try check("village-committee") {
            $0.rows.insert(["", "", "　", ""], at: 2)
            $0.rows.insert($0.rows[0], at: 4)
            $0.rows.append([""])
            $0.rows.append([])
        }
        #expect(report.faults == [] && report.rows == 4)
        #expect(report.notes.map(\.kind) == [.headerRepeated, .carried, .blankSkipped])
        #expect(report.notes.last?.arguments == ["1"], "those at the end are nothing to tell")
    }

    @Test("carried values: told once, and their fault is told where it stands")
    func carried() throws {
        let report = try check("village-committee") { $0["C2"] = "随洲" }
        #expect(report.faults.map(named) == ["C2 not-listed"])
        #expect(report.faultyRows == 2, "the row that carries it is not good either")
        #expect(report.notes.map(\.arguments) == [["C", "县(市、区)", "1"]])
    }

    @Test("two columns moved, headings in another order")
    func order() throws {
        let rows = try Kinds.rows(CleanSheets.village.csv(), "village-committee")
        var sheet = CleanSheets.village
        for row in sheet.rows.indices { sheet.rows[row].swapAt(0, 5) }
        #expect(try Kinds.rows(sheet.csv(), "village-committee") == rows)
    }

    @Test("the same person on the same day is told with the first row")
    func repeated() throws {
        let report = try check("dossier") {
            $0["C7"] = "421303199001011234"
            $0["E7"] = ""
            $0["P7"] = "2023.3.10"
            $0["L7"] = "2020.12.1"
        }
        #expect(
            report.faults.map { FaultTexts.line($0).zh } == ["第7行“身份证号”(C列)：421*************34，与第4行重复，请只保留一行"]
        )
    }

    @Test("several faults of a row are all told, and faults of all rows")
    func several() throws {
        let found = try faults("dossier") {
            $0["C4"] = "4.21303E+17"
            $0["D4"] = "?"
            $0["F6"] = "隋县"
            $0["P8"] = ""
        }
        #expect(found == ["C4 id-ruined", "D4 not-a-choice", "F6 not-listed", "P8 missing"])
    }

    @Test("a fault in the headings leaves no row good")
    func headings() throws {
        #expect(
            try faults("fund") { $0["F2"] = "" } == [
                "4 missing-when", "5 missing-when", "F2 column-unknown",
            ],
            "what stands below no heading is told to be unread")
        let missing = try check("fund") { $0["B2"] = "" }
        #expect(missing.faults.map(named) == ["2 column-missing", "B2 column-unknown"])
        #expect(missing.rows == 3 && missing.totals.rows == 0 && !missing.isSound)
    }

    @Test("no row of headings: what is missing is said")
    func noHeader() throws {
        let report = try check("village-committee") { $0.rows[0] = ["甲", "乙", "丙"] }
        #expect(report.stop == .noHeader(missing: ["姓名", "身份证号", "县(市、区)", "乡镇(街道)", "村(社区)", "职务"]))
        #expect(try Kinds.check([], "fund").stop == .empty)
        #expect(try Kinds.check(Array("\r\n ,\r\n".utf8), "fund").stop == .empty)
    }

    @Test("headings are looked for in thirty rows, not in the thirty-first")
    func headerWithin() throws {
        func titled(_ rows: Int) throws -> TableReport {
            try check("village-committee") { sheet in
                for _ in 0..<rows { sheet.rows.insert(["示例标题"], at: 0) }
            }
        }
        #expect(try titled(TableLimits.headerWithin - 1).isSound)
        #expect(try titled(TableLimits.headerWithin).stop != nil)
    }

    // Text as it lies in the file.

    private func village(_ lines: [String]) throws -> TableReport {
        let header = CleanSheets.village.rows[0].joined(separator: ",").replacing("县(市、区)", with: "县(市、区)")
        return try Kinds.check(Array(([header] + lines).joined(separator: "\r\n").utf8), "village-committee")
    }

    @Test("quotes: in the middle of a cell, doubled, around line breaks, one too many")
    func quotes() throws {
        let row = "示例甲,421303199001011234,曾都区,东城街道,示例一村,书记,2021-11,13800000001,"
        #expect(try village([row + "5\"管"]).faults == [])
        #expect(try village([row + "\"含\"\"引号\"\"\""]).faults == [])
        #expect(try village([row + "\"两\r\n行\"", row.replacing("一村", with: "二村")]).faults == [])
        #expect(try village([row + "\"多\"余\""]).faults.map(named) == ["2 stray-quote"])
        let open = try village([row, row.replacing("一村", with: "二村") + "\"没有结束", row])
        #expect(open.stop == .openQuote(row: 3, line: 3))
        #expect(open.rows == 1)
    }

    @Test("a separator too many moves the cells: told")
    func moved() throws {
        let found = try village(["示例甲,421303199001011234,曾都区,东城街道,示例一村,书记,2021-11,13800000001,,多"])
        #expect(found.faults.map(named) == ["J2 too-many-cells"])
    }

    @Test("a spreadsheet's first line sep=; is no row of the table")
    func separatorLine() throws {
        let bytes = Array("sep=;\r\n".utf8) + CleanSheets.fund.csv(.semicolon)
        let report = try Kinds.check(bytes, "fund")
        #expect(report.isSound && report.headerRow == 3)
    }

    @Test("lines end in CR LF, LF or CR")
    func lineEnds() throws {
        let text = String(decoding: CleanSheets.fund.csv(), as: UTF8.self)
        let rows = try Kinds.rows(Array(text.utf8), "fund")
        for end in ["\n", "\r"] {
            #expect(try Kinds.rows(Array(text.replacing("\r\n", with: end).utf8), "fund") == rows)
        }
        #expect(try Kinds.rows(Array(text.dropLast().utf8), "fund") == rows, "the last line may have none")
    }
}
