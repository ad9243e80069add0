import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("ECMA-376 workbooks against openpyxl")
struct WorkbookDifferentialTests {
    @Test("random workbooks: the same cells, sheets and merged ranges")
    func random() throws {
        let seed = UInt64.random(in: 0...1_000_000)
        print("seed \(seed)")
        let scratch = try TemporaryDirectory("xlsx")
        _ = try WorkbookOracle.run(["write", "\(seed)", "40", scratch.path])
        for number in 0..<40 {
            let theirs = String(decoding: try scratch.read("\(number).txt"), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            let ours = try WorkbookOracle.lines(try scratch.read("\(number).xlsx"))
            WorkbookOracle.expectSame(ours, theirs, "seed \(seed), workbook \(number)")
        }
    }

    @Test(
        "the shapes people have: rich text, days from 1900 and 1904 in many formats, long numbers, a cell at the end of the world",
        arguments: ["rich", "dates1900", "dates1904", "numbers", "sparse"])
    func shapes(_ name: String) throws {
        let scratch = try TemporaryDirectory("xlsx")
        _ = try WorkbookOracle.run(["shapes", scratch.path])
        let theirs = String(decoding: try scratch.read("\(name).txt"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let ours = try WorkbookOracle.lines(try scratch.read("\(name).xlsx"))
        #expect(theirs.count > 3)
        WorkbookOracle.expectSame(ours, theirs, name)
    }

    @Test("numbers as text: exact, and rounded to the fifteen digits that Excel shows")
    func plain() throws {
        for line in try WorkbookOracle.run(["plain", "\(UInt64.random(in: 0...1_000_000))", "3000"]).split(
            separator: "\n")
        {
            let words = line.split(separator: " ").map(String.init)
            #expect(CellNumber(words[0])?.plain == words[1], "\(words[0])")
        }
    }

    /// Every kind of cell, and texts that are easy to spoil.
    static func sample() throws -> [UInt8] {
        var writer = WorkbookWriter()
        try writer.beginSheet(
            "名册/一", widths: [22, 12], frozenRows: 1,
            merged: [MergedRange(CellReference(row: 9, column: 0), CellReference(row: 9, column: 2))])
        try writer.addRow([.init(column: 0, .text("身份证号")), .init(column: 1, .text("日期"))], style: .heading)
        try writer.addRow([
            .init(column: 0, .text("42130219900101001X")),
            .init(column: 1, .date(CellDate(year: 2023, month: 3, day: 10))),
            .init(column: 2, .date(CellDate(year: 2023, month: 3, day: 10, seconds: 30_659))),
        ])
        try writer.addRow([
            .init(column: 0, .text("421302199001010028")),
            .init(column: 3, .number(try #require(CellNumber("1234.56")))),
            .init(column: 4, .bool(true)), .init(column: 5, .error("#DIV/0!")),
            .init(column: 6, .time(seconds: 30_600)),
        ])
        try writer.addRow(
            number: 7,
            [
                .init(column: 0, .text("  <&>\"' 前后空格  ")), .init(column: 1, .text("一行\n两行")),
                .init(column: 2, .text("𠮷😀")),
            ], styles: [2: .remark])
        try writer.addRow(number: 9, [.init(column: 0, .text("合并"))])
        try writer.beginSheet("名册*一", visibility: .hidden)
        try writer.addRow([.init(column: 0, .text("隐藏"))])
        return try writer.finish()
    }

    @Test("what we write openpyxl reads, cell by cell, and so do we")
    func written() throws {
        let scratch = try TemporaryDirectory("xlsx")
        let bytes = try Self.sample()
        try scratch.write("ours.xlsx", bytes)
        let theirs = try WorkbookOracle.run(["read", scratch.file("ours.xlsx")]).split(separator: "\n").map(
            String.init)
        WorkbookOracle.expectSame(try WorkbookOracle.lines(bytes), theirs, "ours.xlsx")
        #expect(theirs.contains("S\t名册一\tvisible") && theirs.contains("S\t名册一_2\thidden"))
        #expect(
            theirs.contains("C\tA2\ttext\t42130219900101001X") && theirs.contains("C\tB2\tdate\t2023-03-10"))
        #expect(theirs.contains("C\tC2\tdate\t2023-03-10 30659") && theirs.contains("M\tA9:C9"))
        #expect(theirs.count == 18)
    }
}

@Suite("ECMA-376 workbooks against LibreOffice")
struct LibreOfficeTests {
    @Test(
        "formulas: told as not computed as openpyxl leaves them, with their results once LibreOffice has saved them"
    )
    func formulas() throws {
        let scratch = try TemporaryDirectory("xlsx")
        _ = try WorkbookOracle.run(["formulas", scratch.file("formulas.xlsx")])
        let before = try WorkbookOracle.lines(try scratch.read("formulas.xlsx"))
        #expect(before.filter { $0.hasSuffix("uncalculated") }.count == 6)
        let after = try WorkbookOracle.lines(
            try WorkbookOracle.convert(scratch, "formulas.xlsx", to: "xlsx", as: "xlsx"))
        #expect(
            after == [
                "S\tSheet\tvisible", "C\tA1\tnumber\t3ff0000000000000", "C\tB1\ttext\t文本",
                "C\tA2\tnumber\t4000000000000000", "C\tB2\terror\t#DIV/0!", "C\tA3\tnumber\t4008000000000000",
                "C\tB3\tbool\ttrue", "C\tB4\tdate\t2023-03-10",
            ])
    }

    @Test("a text table made a workbook by LibreOffice reads as it was")
    func fromText() throws {
        let scratch = try TemporaryDirectory("xlsx")
        try scratch.write(
            "table.csv",
            Array("姓名,身份证号,金额\n张三,42130219900101001X,1234.56\n\"李,四\",421302199001010028,1\n".utf8))
        let bytes = try WorkbookOracle.convert(
            scratch, "table.csv", to: "xlsx", as: "xlsx", reading: "CSV:44,34,76")
        let lines = try WorkbookOracle.lines(bytes)
        #expect(lines.contains("C\tB2\ttext\t42130219900101001X") && lines.contains("C\tA3\ttext\t李,四"))
        #expect(lines.contains("C\tC2\tnumber\t\(bits(1234.56))"))
        // What a spreadsheet does to 18 digits; the reader must be able to say so.
        let workbook = try Workbook(bytes)
        var rows = try workbook.rows(of: workbook.sheets[0])
        while let row = try rows.next() {
            guard row.number == 3 else { continue }
            guard case .number(let number) = row[1] else {
                Issue.record("\(row)")
                continue
            }
            #expect(number.mayHaveLostDigits && number.plain.hasPrefix("42130219900101"))
        }
    }

    private func bits(_ value: Double) -> String { String(value.bitPattern, radix: 16) }

    @Test("what we write LibreOffice opens: its text table has every cell of the first sheet")
    func written() throws {
        let scratch = try TemporaryDirectory("xlsx")
        try scratch.write("ours.xlsx", try WorkbookDifferentialTests.sample())
        let table = String(
            decoding: try WorkbookOracle.convert(
                scratch, "ours.xlsx", to: "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
                as: "csv"),
            as: UTF8.self)
        let lines = table.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "身份证号,日期,,,,,")
        #expect(lines[1] == "42130219900101001X,2023-03-10,2023-03-10 08:30:59,,,,")
        #expect(lines[2] == "421302199001010028,,,1234.56,TRUE,#DIV/0!,08:30:00 AM")
        #expect(table.contains("\"  <&>\"\"' 前后空格  \",\"一行\n两行\",𠮷😀"))
        let again = try WorkbookOracle.lines(
            try WorkbookOracle.convert(scratch, "ours.xlsx", to: "xlsx", as: "xlsx"))
        WorkbookOracle.expectSame(
            again, try WorkbookOracle.lines(try WorkbookDifferentialTests.sample()), "saved by LibreOffice")
    }
}
