import Exchange
import Testing

@testable import Office

@Suite("Faults told: row, column, heading, what was read, why, the mend (DOMAIN.md 4)")
struct FaultTextTests {
    private func lines(_ kind: String, _ cell: String, _ value: String, _ language: Language = .zh) throws
        -> [String]
    {
        var sheet = try #require(CleanSheets.all[kind])
        sheet[cell] = value
        return try Kinds.check(sheet.csv(), kind).faults.map { FaultTexts.line($0)[language] }
    }

    @Test("as DOMAIN.md has it, the number masked")
    func sentence() throws {
        #expect(
            try lines("dossier", "C7", "421381199202290014")
                == ["第7行“身份证号”(C列)：421*************14，校验位不符，应为3，请核对原件"])
        #expect(
            try lines("dossier", "C7", "421381199202290014", .en)
                == [
                    "row 7, “身份证号” (column C): 421*************14: the check character should be 3; check the original"
                ])
    }

    @Test("a ruined number says how to export it again")
    func ruined() throws {
        #expect(
            try lines("village-committee", "B2", "4.21303E+17")
                == ["第2行“身份证号”(B列)：4**********，已被表格软件改成数字，后几位丢失，无法恢复，请从原系统把该列设为“文本”后重新导出"])
    }

    @Test("others in their own words")
    func others() throws {
        #expect(try lines("fund", "F4", "") == ["第4行“用途”(F列)：未填写，而“收支”为支出，请补填"])
        #expect(try lines("fund", "D4", "三千") == ["第4行“金额（元）”(D列)：三千，不是金额，请只填数字，单位元，如1234.50"])
        #expect(
            try lines("owner", "H2", "36") == ["第2行“其中退役军人”(H列)：36，大于或晚于“员工人数”(35)，请核对原件"])
        #expect(
            try lines("activity", "H1", "服务时长(天)") == ["第1行“服务时长(天)”(H列)：单位“天”无法换算为“小时”，请换算成“小时”并改正表头"])
        #expect(try lines("activity", "A1", "类型").last == "第1行“活动类别”：缺少这一列，请补上这一列")
    }

    @Test("names are masked, and a person's number in a wrong column, too")
    func masking() throws {
        #expect(try lines("dossier", "I4", "示例电话号码") == ["第4行“联系电话”(I列)：示*****，不是一个电话号码，请填一个手机号或带区号的固定电话"])
        let wrong = try lines("fund", "D4", "421303199001011234")
        #expect(
            wrong.count == 1
                && wrong.allSatisfy { $0.contains("421*************34") && !$0.contains("19900101") })
        let choice = try lines("dossier", "D4", "4213 0319 9001 0112 34")
        #expect(choice.allSatisfy { !$0.contains("0319") })
    }

    @Test("what the guard found is repeated nowhere")
    func guarded() throws {
        let said = try lines("owner", "D2", "某部61001部队")
        #expect(said.count == 1 && said.allSatisfy { $0.contains("部队番号") && !$0.contains("61001") })
        let card = try lines("dossier", "R4", "卡号6222021001116245702")
        #expect(card.allSatisfy { !$0.contains("6222") })
    }

    @Test("control characters of a cell do not reach the terminal")
    func control() throws {
        #expect(try lines("fund", "D4", "\u{1B}[2J").allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test("every fault has its words in both languages", arguments: FaultCode.allCases)
    func all(_ code: FaultCode) {
        let (what, mend) = FaultTexts.what(CellFault(code, ["甲", "乙"]))
        for text in [what, mend] {
            #expect(!text.zh.isEmpty && !text.en.isEmpty)
            #expect(text.zh.unicodeScalars.contains { $0.value > 0x4E00 })
        }
        if code != .notCanonical {
            #expect(
                what.zh != FaultTexts.what(CellFault(.notCanonical)).what.zh,
                "\(code) has no words of its own")
        }
    }

    @Test("why reading stopped has words, too")
    func stops() {
        let stops: [TableStop] = [
            .unreadable("x"), .notText(.archive), .notText(.compoundFile), .notText(.binary), .noTable,
            .openQuote(row: 7, line: 9), .cellTooLong(row: 7, column: 27), .rowTooLong(row: 7),
            .tooManyCells(row: 7),
            .tooManyRows, .noHeader(missing: ["姓名"]), .empty,
        ]
        let texts = stops.map(StopTexts.text)
        #expect(Set(texts.map(\.zh)).count == stops.count && Set(texts.map(\.en)).count == stops.count)
        #expect(texts[5].zh == "第7行(文本第9行)的引号没有结束，其后未读取，请补上或删去引号")
        #expect(texts[6].zh.contains("AB列"))
    }

    @Test("letters of columns count as spreadsheets do")
    func letters() {
        #expect(
            [0, 25, 26, 51, 52, 701, 702].map(columnLetters) == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"])
    }
}

@Suite("Faults as files: CSV, and the sender's own table with a remarks column (issue 5)")
struct FaultFileTests {
    private func dirty() -> PlainSheet {
        var sheet = CleanSheets.pension
        sheet["B4"] = "42130319750615778"
        sheet["H5"] = "=1+2"
        sheet["C7"] = "随洲"
        sheet["J6"] = "含,逗号\"引号\"\n换行𠮷"
        return sheet
    }

    @Test("a list for the terminal: counts, faults, what was done unasked")
    func list() throws {
        let lines = FaultList(try Kinds.check(dirty().csv(), "pension")).lines
        #expect(lines.first == "“抚恤补助发放”读取4行，合格1行，有问题3行，共3处问题、0处提醒")
        #expect(lines.count == 1 + 3 + 3)
        #expect(lines.last == "第9行是表后说明，未作为数据")
    }

    @Test("CSV with a byte order mark; formulas are made harmless")
    func csv() throws {
        let bytes = try FaultList(try Kinds.check(dirty().csv(), "pension")).csv()
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "行,列,表头,读到的内容,级别,代码,问题,怎么改")
        #expect(lines[1] == "4,B,身份证号,421************78,问题,id-length,是17位，应为18位,请核对原件")
        #expect(lines[2].hasPrefix("5,H,发放金额,'=1+2,问题,not-an-amount,"))
    }

    private func copy(_ bytes: [UInt8], _ kind: String) throws -> [UInt8] {
        var out: [UInt8] = []
        try RemarkedCopy.write(MemorySource(bytes, piece: 50), try Kinds.check(bytes, kind)) { out += $0 }
        return out
    }

    @Test("the copy has the file's encoding, its rows, and the remarks", arguments: TextEncoding.allCases)
    func remarked(_ encoding: TextEncoding) throws {
        let encoder = TextEncoder(encoding: encoding)
        let bytes = encoder.mark + (try encoder.encode(dirty().csv()))
        let out = try copy(bytes, "pension")
        #expect(try EncodingGuess(out).encoding == encoding)
        #expect(out.starts(with: encoder.mark), "without its mark a spreadsheet program takes UTF-8 for GBK")
        var table = try TextTable(MemorySource(out))
        var rows: [[String]] = []
        var row = CellRow()
        while try table.next(&row) { rows.append((0..<row.count).map { row.text($0) }) }
        let sheet = dirty()
        #expect(rows.count == sheet.rows.count)
        for (index, cells) in sheet.rows.enumerated() {
            #expect(Array(rows[index].prefix(cells.count)) == cells)
        }
        #expect(rows[2].last == "问题说明")
        #expect(rows[3].last == "“身份证号”是17位，应为18位，请核对原件")
        #expect(rows[5].count == sheet.rows[5].count, "a good row stays as it is")
        #expect(rows[6].last == "“县(市、区)”不是本市的县(市、区)，请按规范名称填写")
    }

    @Test("mended and sent again, the remarks are passed over; marked again, they are replaced")
    func again() throws {
        let once = try copy(dirty().csv(), "pension")
        let report = try Kinds.check(once, "pension")
        #expect(report.faults.map(named).sorted() == ["B4 id-length", "C7 not-listed", "H5 not-an-amount"])
        #expect(try copy(once, "pension") == once)
    }

    @Test("more faults than are kept are counted")
    func many() throws {
        var sheet = CleanSheets.fund
        let row = ["", "x", "x", "x", "", "", "", ""]
        sheet.rows = Array(sheet.rows[..<2]) + Array(repeating: row, count: TableLimits.faultsKept / 4 + 1)
        let report = try Kinds.check(sheet.csv(), "fund")
        #expect(report.errorCount == TableLimits.faultsKept + 4)
        #expect(report.faults.count == TableLimits.faultsKept)
        #expect(FaultList(report).lines.contains("另有4处未逐一列出"))
        let exact = try Kinds.check(
            PlainSheet(sheet.rows.dropLast().map { $0.joined(separator: "|") }).csv(), "fund")
        #expect(exact.errorCount == TableLimits.faultsKept && exact.faults.count == TableLimits.faultsKept)
    }
}

@Suite("Limits of a table: at the limit and one beyond")
struct TableLimitTests {
    private func rows(_ bytes: [UInt8]) throws(TableStop) -> Int {
        var table = try TextTable(MemorySource(bytes))
        var row = CellRow()
        var count = 0
        while try table.next(&row) { count += 1 }
        return count
    }

    @Test("bytes of a cell")
    func cellBytes() throws {
        let most = [UInt8](repeating: 0x61, count: TableLimits.cellBytes)
        #expect(try rows(most) == 1)
        #expect(throws: TableStop.cellTooLong(row: 1, column: 0)) { try rows(most + [0x61]) }
        let quote = UInt8(ascii: "\"")
        #expect(try rows([quote] + most + [quote]) == 1)
        #expect(throws: TableStop.openQuote(row: 1, line: 1)) { try rows([quote] + most + [0x61, quote]) }
    }

    @Test("cells of a row")
    func cells() throws {
        let commas = [UInt8](repeating: UInt8(ascii: ","), count: BatchLimits.cells - 1)
        #expect(try rows(commas) == 1)
        #expect(throws: TableStop.tooManyCells(row: 1)) { try rows(commas + [UInt8(ascii: ",")]) }
    }

    @Test("bytes of a row")
    func rowBytes() throws {
        let half = [UInt8](repeating: 0x61, count: BatchLimits.rowBytes / 2) + [UInt8(ascii: ",")]
        #expect(try rows(half + half) == 1)
        #expect(throws: TableStop.rowTooLong(row: 1)) { try rows(half + half + [0x61]) }
    }

    @Test("rows")
    func rowCount() throws {
        let lines = [UInt8](repeating: 0x0A, count: TableLimits.rows)
        #expect(try rows(lines) == TableLimits.rows)
        #expect(throws: TableStop.tooManyRows) { try rows(lines + [0x0A]) }
    }

    @Test("characters of a fact")
    func fact() {
        for (count, kept) in [(TableLimits.factCharacters, TableLimits.factCharacters), (201, 200)] {
            let row = CellRow(number: 1, texts: ["填报单位：" + String(repeating: "局", count: count)])
            #expect(FactReader.facts(row).map(\.text.count) == [kept])
        }
    }
}
