import TestSupport
import Testing

@testable import Office

@Suite("ECMA-376 part 1, 18 cells")
struct WorkbookTests {
    @Test("18.18.11 every type of cell")
    func types() throws {
        let cells = try HandmadeWorkbook(
            sheetData: """
                <row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="str"><f>A1</f><v>算</v></c>\
                <c r="C1" t="inlineStr"><is><t>内</t></is></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c>\
                <c r="F1"><v>1.50</v></c><c r="G1" t="n"><v> 7 </v></c><c r="H1" t="d"><v>2023-03-10</v></c>\
                <c r="I1" t="d"><v>2023-03-10T08:30:59.5Z</v></c><c r="J1" t="d"><v>2023-02-30</v></c></row>
                <row r="2"><c r="A2"/><c r="B2" s="0"><v></v></c><c r="C2"><f>1/3</f></c><c r="D2" t="str"><f>A1</f><v></v></c>\
                <c r="E2" t="s"><v>0</v></c></row>
                """, sharedStrings: "<si><t/></si><si><t>共</t></si>"
        ).cells()
        #expect(
            cells == [
                "A1": .text("共"), "B1": .text("算"), "C1": .text("内"), "D1": .bool(true), "E1": .error("#N/A"),
                "F1": .number("1.50"), "G1": .number("7"),
                "H1": .date(CellDate(year: 2023, month: 3, day: 10)),
                "I1": .date(CellDate(year: 2023, month: 3, day: 10, seconds: 30_659)),
                "J1": .text("2023-02-30"),
                "C2": .uncalculated,
            ])
    }

    @Test("18.4.8 rich text is joined, phonetic runs are left out, ST_Xstring escapes are resolved")
    func richText() throws {
        let strings = """
            <si><r><rPr><b/></rPr><t>加</t></r><r><t xml:space="preserve"> 粗</t></r><rPh sb="0" eb="1"><t>jiā</t></rPh></si>\
            <si><t>一_x000D__x000a_二_x005F_x0041__xZZZZ__xD800_</t></si>
            """
        let cells = try HandmadeWorkbook(
            sheetData: "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>",
            sharedStrings: strings
        ).cells()
        #expect(cells == ["A1": .text("加 粗"), "B1": .text("一\r\n二_x0041__xZZZZ__xD800_")])
    }

    @Test("18.3.1.73 rows and cells without a reference stand behind the last")
    func missingReferences() throws {
        let cells = try HandmadeWorkbook(
            sheetData:
                "<row><c><v>1</v></c><c r='D1'><v>2</v></c><c><v>3</v></c></row><row r='5'><c/><c><v>4</v></c></row><row><c><v>5</v></c></row>"
        ).cells()
        #expect(
            cells == [
                "A1": .number("1"), "D1": .number("2"), "E1": .number("3"), "B5": .number("4"),
                "A6": .number("5"),
            ])
    }

    @Test(
        "names with a prefix, as some programs write them, and what is not of the sheet's data is passed over"
    )
    func prefixes() throws {
        var book = HandmadeWorkbook(prefix: "x")
        book.sheetData =
            "<x:row r='1'><x:c r='A1'><x:v>1</x:v><x:extLst><x:ext><v>9</v></x:ext></x:extLst></x:c></x:row>"
        book.behind = "<x:legacy><row r='9'><c r='A9'><v>9</v></c></row></x:legacy>"
        #expect(try book.cells() == ["A1": .number("1")])
    }

    @Test(
        "18.8.30 which formats are dates",
        arguments: [
            ("yyyy-mm-dd", NumberFormat.date), ("yyyy\"年\"m\"月\"", .date), ("m/d", .date),
            ("[$-804]yyyy\\.m;@", .date),
            ("mmm", .date), ("e\"年\"", .date), ("h:mm", .time), ("mm:ss.0", .time), ("[h]:mm", .elapsed),
            ("[ss]", .elapsed),
            ("上午/下午h\"时\"", .time), ("General", .number), ("0.00E+00", .number), ("#,##0.00\"d\"", .number),
            ("0\\d", .number), ("[Red]0.00", .number), ("0_d", .number), ("\"月\"0;yyyy", .number),
            ("@", .number), ("", .number),
            ("[", .number), ("\"", .number), ("\\", .number), ("AM/PM", .number), ("[h", .elapsed),
        ])
    func formats(_ code: String, _ kind: NumberFormat) {
        #expect(NumberFormat(code) == kind)
    }

    @Test("built-in formats, the Chinese ones too, and those with a text of their own")
    func styles() throws {
        let styles = """
            <numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;"/><numFmt numFmtId="31" formatCode="0.0"/></numFmts>\
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>\
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="57"/><xf numFmtId="164"/><xf numFmtId="31"/><xf numFmtId="20"/></cellXfs>
            """
        let row = (0..<6).map { "<c s='\($0)'><v>44995.25</v></c>" }.joined()
        let date = SpreadsheetValue.date(CellDate(year: 2023, month: 3, day: 10, seconds: 21_600))
        let cells = try HandmadeWorkbook(sheetData: "<row>\(row)</row>", styles: styles).cells()
        #expect(
            cells == [
                "A1": .number("44995.25"), "B1": date, "C1": date, "D1": date, "E1": .number("44995.25"),
                "F1": date,
            ])
    }

    @Test("18.17.4 days: the 29th of February 1900 that never was, a blank day, the last day, days from 1904")
    func days() throws {
        func day(_ serial: Int, from1904: Bool = false) -> String? {
            SerialDate.day(serial, from1904: from1904).map(OfficeXML.isoText)
        }
        #expect([-1, 0, 60, 2_958_466].map { day($0) } == [nil, nil, nil, nil])
        #expect(
            [1, 59, 61, 44_995, 2_958_465].map { day($0) } == [
                "1900-01-01", "1900-02-28", "1900-03-01", "2023-03-10", "9999-12-31",
            ])
        #expect(
            [-1, 0, 43_533, 2_957_003, 2_957_004].map { day($0, from1904: true) } == [
                nil, "1904-01-01", "2023-03-10", "9999-12-31", nil,
            ])
        for serial in stride(from: 61, through: 2_958_465, by: 97) {
            let date = try #require(SerialDate.day(serial, from1904: false))
            #expect(SerialDate.serial(date) == serial)
        }
        for (year, month, day) in [
            (2023, 2, 29), (1899, 12, 31), (2023, 13, 1), (2023, 4, 31), (1900, 2, 28),
        ] {
            #expect(SerialDate.serial(CellDate(year: year, month: month, day: day)) == nil)
        }
    }

    @Test(
        "numbers keep their text; what is none is a fault at its cell",
        arguments: [
            ("1.1000000000000001", "1.1", false), ("0.30000000000000004", "0.3", false),
            ("4.2130219900101E+17", "421302199001010000", true),
            ("421302199001010028", "421302199001010028", true), ("999999999999999", "999999999999999", false),
            ("1000000000000000", "1000000000000000", true), ("-0", "0", false), ("1E-3", "0.001", false),
            ("-12.50", "-12.5", false),
            ("0.9999999999999999", "1", false), ("99999.99999999999", "100000", false), (".5", "0.5", false),
            ("5.", "5", false), ("007", "7", false),
        ])
    func numbers(_ written: String, _ plain: String, _ lost: Bool) throws {
        let number = try #require(CellNumber(written))
        #expect(number.written == written && number.plain == plain && number.mayHaveLostDigits == lost)
    }

    @Test(
        "no numbers",
        arguments: [
            "", "-", ".", "1e", "1e+", "1E401", "0x1", "NaN", "inf", "1 2", "1,000", "１",
            String(repeating: "1", count: 65),
        ])
    func noNumbers(_ text: String) { #expect(CellNumber(text) == nil) }

    @Test(
        "what a sheet cannot say, each by its name and cell",
        arguments: [
            ("<row r='1'><c r='A1' t='s'><v>0</v></c></row>", .sharedString, "A1"),
            ("<row r='1'><c r='A1' t='s'><v>-1</v></c></row>", .sharedString, "A1"),
            ("<row r='1'><c r='B1' s='1'><v>0</v></c></row>", .style, "B1"),
            ("<row r='1'><c r='B1' s='x'><v>0</v></c></row>", .style, "B1"),
            ("<row r='1'><c r='B1'><v>x</v></c></row>", .number, "B1"),
            ("<row r='1'><c r='B1' t='b'><v>2</v></c></row>", .boolean, "B1"),
            ("<row r='1'><c r='B1' t='q'><v>2</v></c></row>", .cellType, "B1"),
            ("<row r='3'><c r='B2'/></row>", .cellReference, nil),
            ("<row r='1'><c r='B1'/><c r='B1'/></row>", .cellOrder, "B1"),
            ("<row r='1'><c r='B1'/><c r='A1'/></row>", .cellOrder, "B1"),
            ("<row r='2'/><row r='2'/>", .rowOrder, nil), ("<row r='0'/>", .rowOrder, nil),
            ("<row r='99999999999999999999'/>", .rowOrder, nil),
            ("<row r='1'><c r='AAAA1'/></row>", .cellReference, nil),
            ("<row r='1'><c r='1A'/></row>", .cellReference, nil),
        ] as [(String, SpreadsheetFault.Content, String?)])
    func contentFaults(_ data: String, _ content: SpreadsheetFault.Content, _ cell: String?) {
        let fault = HandmadeWorkbook(sheetData: data).fault()
        #expect(fault?.problem == .content(content) && fault?.part == "xl/worksheets/sheet1.xml")
        if let cell { #expect(fault?.cell == cell) }
    }

    @Test(
        "sheets: hidden ones told, charts left out, merged ranges, hidden rows; a sheet of another workbook is refused"
    )
    func sheets() throws {
        var book = HandmadeWorkbook(sheetData: "<row r='2' hidden='1'><c r='A2'><v>1</v></c></row>")
        book.sheets +=
            "<sheet name='藏' sheetId='2' state='veryHidden' r:id='rId1'/><sheet name='图' sheetId='3' r:id='rId2'/>"
        book.behind = "<mergeCells><mergeCell ref='A1:C1'/><mergeCell ref='B4'/></mergeCells>"
        let workbook = try Workbook(try book.bytes)
        #expect(
            workbook.sheets.map(\.name) == ["表", "藏"]
                && workbook.sheets.map(\.visibility) == [.visible, .veryHidden])
        #expect(try workbook.merged(in: workbook.sheets[0]).map(\.text) == ["A1:C1", "B4:B4"])
        var rows = try workbook.rows(of: workbook.sheets[0])
        #expect(try rows.next()?.isHidden == true)
        #expect { _ = try workbook.rows(of: Workbook.Sheet(name: "别的")) } throws: {
            ($0 as? SpreadsheetFault)?.problem == .content(.noSuchSheet)
        }
        book.behind = "<mergeCells><mergeCell ref='C1:A1'/></mergeCells>"
        #expect(book.fault()?.problem == .content(.mergedRange))
    }

    @Test("OPC 6.2 targets: relative, absolute, with steps up; a part that is not there is named")
    func targets() {
        #expect(OfficePackage.path("worksheets/a.xml", from: ["xl"]) == "xl/worksheets/a.xml")
        #expect(OfficePackage.path("/xl/a.xml", from: ["xl"]) == "xl/a.xml")
        #expect(OfficePackage.path("../a.xml", from: ["xl"]) == "a.xml")
        #expect(OfficePackage.path("../../../a.xml", from: ["xl"]) == "a.xml")
        var book = HandmadeWorkbook()
        book.sheets = "<sheet name='表' sheetId='1' r:id='rId9'/>"
        #expect(book.fault()?.problem == .missing("worksheet"))
    }

    @Test(
        "columns have letters",
        arguments: [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")])
    func letters(_ column: Int, _ letters: String) {
        #expect(CellReference.letters(column) == letters)
        #expect(CellReference(Array("\(letters)7".utf8)[...]) == CellReference(row: 7, column: column))
        #expect(CellReference(Array("$\(letters)$7".utf8)[...]) == CellReference(row: 7, column: column))
    }
}
