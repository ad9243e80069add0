import TestSupport
import Testing

@testable import Office

@Suite("A copy of the sender's workbook with a remarks column")
struct RemarkedWorkbookTests {
    private func sent() throws -> [UInt8] {
        var book = HandmadeWorkbook(
            sheetData: """
                <row r="1"><c r="A1" t="inlineStr"><is><t>随县名册</t></is></c></row>\
                <row r="2"><c r="A2" t="inlineStr"><is><t>姓名</t></is></c><c r="B2" t="inlineStr"><is><t>日期</t></is></c></row>\
                <row r="3"><c r="A3" t="inlineStr"><is><t>张三</t></is></c><c r="B3" s="1"><v>44995</v></c></row>\
                <row r="6" hidden="1"><c r="B6"><v>4.2130219900101E+17</v></c><c r="C6" t="e"><v>#REF!</v></c><c r="D6"><f>A1</f></c></row>
                """, behind: "<mergeCells><mergeCell ref='A1:D1'/></mergeCells>",
            styles: "<cellXfs><xf/><xf numFmtId='14'/></cellXfs>")
        book.sheets += "<sheet name='说明' sheetId='2' state='hidden' r:id='rId1'/>"
        return try book.bytes
    }

    @Test(
        "every cell of every sheet, the heading, remarks in a column behind the last, also about rows that are blank"
    )
    func copy() throws {
        let workbook = try Workbook(try sent())
        let bytes = try RemarkedWorkbook.make(
            of: workbook, sheet: workbook.sheets[0], heading: (2, "备注"),
            remarks: [3: "第3行“日期”(B列)：早于出生日期", 5: "空行", 6: "改为文本", 9: "缺少合计"])
        let copy = try Workbook(bytes)
        #expect(
            copy.sheets.map(\.name) == ["表", "说明"] && copy.sheets.map(\.visibility) == [.visible, .hidden])
        #expect(try copy.merged(in: copy.sheets[0]).map(\.text) == ["A1:D1"])
        #expect(
            try HandmadeWorkbook.cells(bytes) == [
                "A1": .text("随县名册"), "A2": .text("姓名"), "B2": .text("日期"), "E2": .text("备注"),
                "A3": .text("张三"),
                "B3": .date(CellDate(year: 2023, month: 3, day: 10)), "E3": .text("第3行“日期”(B列)：早于出生日期"),
                "E5": .text("空行"),
                "B6": .number("4.2130219900101E+17"), "C6": .error("#REF!"), "E6": .text("改为文本"),
                "E9": .text("缺少合计"),
            ])
        var rows = try copy.rows(of: copy.sheets[0])
        while let row = try rows.next() { #expect(row.isHidden == (row.number == 6)) }
        // The other sheet is of the same part here; it has no remarks.
        var others = try copy.rows(of: copy.sheets[1])
        var count = 0
        while let row = try others.next() {
            #expect(row[4] == nil)
            count += 1
        }
        #expect(count == 4)
    }

    @Test("openpyxl finds the remark red on yellow, and the heading bold and frozen")
    func looks() throws {
        let python = try requirePython("openpyxl", pinnedIn: "Tests/OfficeTests/Spreadsheet/requirements.txt")
        let workbook = try Workbook(try sent())
        let scratch = try TemporaryDirectory("xlsx")
        try scratch.write(
            "copy.xlsx",
            try RemarkedWorkbook.make(
                of: workbook, sheet: workbook.sheets[0], heading: (2, "备注"), remarks: [3: "错"]))
        let script = """
            import sys, openpyxl
            s = openpyxl.load_workbook(sys.argv[1]).worksheets[0]
            e = s["E3"]
            print(e.font.color.rgb, e.fill.fgColor.rgb, e.number_format, s["A2"].font.b, s["A3"].font.b, s.freeze_panes, s["B3"].number_format, s.column_dimensions["E"].width)
            """
        let made = try runProcess(python, ["-c", script, scratch.file("copy.xlsx")])
        #expect(
            made.outputText == "FFC00000 FFFFFF99 @ True False A3 yyyy\\-mm\\-dd 60.0\n", "\(made.errorText)")
    }

    @Test("names of sheets are made fit and told apart; a text that looks like an escape stays as it is")
    func names() throws {
        var writer = WorkbookWriter()
        let long = String(repeating: "长", count: 40)
        for name in ["", "a[b]:*?/\\c", "'q'", long, long, "A", "a"] { try writer.beginSheet(name) }
        try writer.addRow([
            .init(column: 0, .text("_x0041_ \u{1}\u{FFFE}\r\n&<>\"")),
            .init(column: 1, .time(seconds: 108_900)),
        ])
        let workbook = try Workbook(try writer.finish())
        let shortened = String(repeating: "长", count: 31)
        #expect(
            workbook.sheets.map(\.name) == [
                "Sheet1", "abc", "q", shortened, String(repeating: "长", count: 29) + "_2", "A", "a_2",
            ])
        var rows = try workbook.rows(of: workbook.sheets[6])
        #expect(
            try rows.next()?.cells == [
                .init(column: 0, .text("_x0041_ \u{1}\u{FFFE}\r\n&<>\"")),
                .init(column: 1, .time(seconds: 108_900)),
            ])
    }
}
