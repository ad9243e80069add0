import Exchange
import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("One way in for every file: its first bytes say what it is")
struct BatchFileTests {
    private func check(_ bytes: [UInt8], _ kind: String, sheet: String? = nil) throws -> TableReport {
        try BatchFile(bytes).check(try Kinds.kind(kind), lists: try Kinds.lists(), sheet: sheet)
    }

    /// The sheet with some cells of another sort than text.
    private func workbook(
        _ sheet: PlainSheet, _ cells: [String: SpreadsheetValue] = [:], hidden: Set<Int> = [],
        skipping skipped: Set<Int> = []
    ) throws -> [UInt8] {
        var writer = WorkbookWriter()
        try writer.beginSheet("发放表")
        try fill(&writer, sheet, cells, hidden: hidden, skipping: skipped)
        return try writer.finish()
    }

    private func fill(
        _ writer: inout WorkbookWriter, _ sheet: PlainSheet, _ cells: [String: SpreadsheetValue] = [:],
        hidden: Set<Int> = [], skipping skipped: Set<Int> = []
    ) throws {
        for (index, row) in sheet.rows.enumerated() where !skipped.contains(index + 1) {
            var made: [SpreadsheetCell] = []
            for (column, text) in row.enumerated() {
                let place = CellReference(row: index + 1, column: column).text
                let value = cells[place] ?? (text.isEmpty ? nil : .text(text))
                if let value { made.append(SpreadsheetCell(column: column, value)) }
            }
            try writer.addRow(number: index + 1, made, isHidden: hidden.contains(index + 1))
        }
    }

    private func number(_ text: String) throws -> SpreadsheetValue { .number(try #require(CellNumber(text))) }

    @Test("the same rows from text and workbook", arguments: CleanSheets.all.keys.sorted())
    func same(_ code: String) throws {
        let sheet = try #require(CleanSheets.all[code])
        #expect(try Kinds.rows(try sheet.workbook(), code) == Kinds.rows(sheet.csv(), code))
        #expect(try Kinds.check(try sheet.workbook(), code).notes == Kinds.check(sheet.csv(), code).notes)
    }

    @Test("cells that are numbers, days and truths are read by what they are")
    func typed() throws {
        let day = SpreadsheetValue.date(CellDate(year: 2023, month: 3, day: 15))
        let typed: [String: SpreadsheetValue] = [
            "H4": try number("1250.5"), "H5": try number("3E3"), "F4": try number("1"), "I4": day,
            "I5": try number("45000"), "E4": try number("44986"),
            "E5": .date(CellDate(year: 2023, month: 3, day: 1)),
            "G4": try number("1250.4999999999998"),
            "I6": .date(CellDate(year: 2023, month: 3, day: 15, seconds: 0)),
        ]
        let report = try check(try workbook(CleanSheets.pension, typed), "pension")
        #expect(report.faults.map { FaultTexts.line($0).zh } == [])
        #expect(
            try Kinds.rows(try workbook(CleanSheets.pension, typed), "pension")
                == Kinds.rows(CleanSheets.pension.csv(), "pension"))
        let truths: [String: SpreadsheetValue] = ["O4": .bool(true), "O5": .bool(false)]
        #expect(
            try Kinds.rows(try workbook(CleanSheets.dossier, truths), "dossier")
                == Kinds.rows(CleanSheets.dossier.csv(), "dossier"))
    }

    @Test("what a spreadsheet alone can spoil is told at its cell")
    func spoilt() throws {
        let cells: [String: SpreadsheetValue] = [
            "B4": try number("4.21303197506157E+17"), "B5": try number("421321198809301000"),
            "H6": .error("#REF!"), "I7": .time(seconds: 30_600), "D7": .bool(true),
        ]
        let report = try check(try workbook(CleanSheets.pension, cells), "pension")
        #expect(
            report.faults.map(named).sorted() == [
                "B4 id-ruined", "B5 id-ruined", "D7 not-a-choice", "H6 formula",
                "I7 not-a-date",
            ])
    }

    @Test("a formula that nobody has computed says so, and how to have it computed")
    func uncalculated() throws {
        let headings = ["姓名", "身份证号", "县(市、区)", "补助项目", "发放年月", "发放金额"]
        let cells = headings.enumerated().map { column, text in
            "<c r='\(CellReference.letters(column))1' t='inlineStr'><is><t>\(text)</t></is></c>"
        }
        let book = HandmadeWorkbook(
            sheetData: "<row r='1'>\(cells.joined())</row><row r='2'><c r='F2'><f>A1*2</f></c></row>")
        let report = try check(try book.bytes, "pension")
        let fault = try #require(report.faults.first { named($0) == "F2 formula" })
        #expect(FaultTexts.line(fault).zh == "第2行“发放金额”(F列)：是公式，没有计算结果，请在WPS或Excel中打开并保存后再报送")
    }

    @Test("rows keep their numbers across gaps; hidden ones are read and told")
    func gaps() throws {
        let report = try check(
            try workbook(CleanSheets.pension, hidden: [4, 5], skipping: [2, 6]), "pension")
        #expect(report.rows == 3 && report.headerRow == 3)
        #expect(report.faults.map(named) == ["H8 total-differs"])
        #expect(report.notes.contains(TableNote(.hiddenRead, row: 4, ["2"])))
        #expect(report.notes.contains(TableNote(.blankSkipped, row: 6, ["1"])))
    }

    private func several() throws -> [UInt8] {
        var writer = WorkbookWriter()
        try writer.beginSheet("说明")
        try writer.addRow([SpreadsheetCell(column: 0, .text("填表说明"))])
        try writer.beginSheet("旧表", visibility: .hidden)
        try fill(&writer, CleanSheets.fund)
        try writer.beginSheet("发放")
        try fill(&writer, CleanSheets.pension)
        try writer.beginSheet("基金")
        try fill(&writer, CleanSheets.fund)
        return try writer.finish()
    }

    @Test("of several sheets the first visible one with the kind's headings, or the one that is named")
    func sheets() throws {
        let bytes = try several()
        #expect(try BatchFile(bytes).sheets == ["说明", "发放", "基金"])
        let pension = try check(bytes, "pension")
        #expect(pension.rows == 4 && pension.isSound)
        #expect(pension.notes.contains(TableNote(.sheetChosen, row: 0, ["发放", "3"])))
        #expect(try check(bytes, "fund").notes.contains(TableNote(.sheetChosen, row: 0, ["基金", "3"])))
        #expect(try check(bytes, "fund", sheet: "旧表").rows == 3)
        #expect(
            try check(bytes, "fund", sheet: "没有").stop
                == .workbook(SpreadsheetFault(.content(.noSuchSheet))))
        #expect(try check(bytes, "memorial").stop != nil)
    }

    @Test("the kind is guessed from the headings", arguments: CleanSheets.all.keys.sorted())
    func guess(_ code: String) throws {
        let kinds = try BatchKindFile.kinds(
            Kinds.files.filter {
                $0.path.hasPrefix("batches/") && !$0.path.hasPrefix("batches/names/")
                    && $0.path != "batches/figures.csv"
            })
        let sheet = try #require(CleanSheets.all[code])
        for bytes in [sheet.csv(), try sheet.workbook()] {
            let guess = try BatchFile(bytes).guess(kinds)
            #expect(guess.kinds.first?.code == code && guess.isCertain, "\(guess.kinds.map(\.code))")
        }
        #expect(try BatchFile(Array("随便,写的\r\n1,2\r\n".utf8)).guess(kinds).kinds.isEmpty)
        #expect(try BatchFile(try several()).guess(kinds).kinds.first?.code == "pension")
        #expect(try BatchFile(try several()).guess(kinds, sheet: "旧表").kinds.first?.code == "fund")
    }

    @Test("what is neither text nor a workbook says so, with its mend")
    func foreign() throws {
        let bytes: [([UInt8], String)] = [
            ([], "空的"),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600), "另存"),
            (Array("%PDF-1.7 ...".utf8), "PDF"), (Array("<html><table></table></html>".utf8), "网页"),
            ([0x50, 0x4B, 3, 4] + [UInt8](repeating: 7, count: 100), "重新"),
        ]
        for (bytes, word) in bytes {
            var told = ""
            do throws(TableStop) { _ = try BatchFile(bytes) } catch { told = StopTexts.text(error).zh }
            #expect(told.contains(word), "\(told)")
        }
        let whole = try CleanSheets.pension.workbook()
        for cut in stride(from: 1, to: whole.count, by: 97) {
            var stop: TableStop?
            do throws(TableStop) {
                stop = try? BatchFile(Array(whole[..<cut])).check(
                    try Kinds.kind("pension"), lists: try Kinds.lists()
                ).stop
                _ = try BatchFile(Array(whole[..<cut]))
            } catch { stop = error }
            #expect(stop != nil, "cut at \(cut)")
        }
    }

    @Test("from the disk as from memory; a copy with remarks comes back in the form the file came in")
    func files() throws {
        let folder = try TemporaryDirectory("batch-file")
        var sheet = CleanSheets.pension
        sheet["B4"] = "421303197506157783"
        let encoder = TextEncoder(encoding: .gb18030)
        for (name, bytes) in [("发放.csv", try encoder.encode(sheet.csv())), ("发放.xlsx", try sheet.workbook())]
        {
            let path = folder.path + "/" + name
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let file = try BatchFile.open(path)
            #expect(file.name == name)
            let report = try file.check(try Kinds.kind("pension"), lists: try Kinds.lists())
            #expect(report.faults.map(named) == ["B4 id-check"])
            var copy: [UInt8] = []
            try file.remarked(report) { copy += $0 }
            let again = try BatchFile(copy)
            #expect(again.isWorkbook == file.isWorkbook)
            let second = try again.check(try Kinds.kind("pension"), lists: try Kinds.lists())
            #expect(second.faults.map(named) == ["B4 id-check"] && second.remarksColumn == 10)
            // Remarks take the place of the remarks of before.
            var third: [UInt8] = []
            try again.remarked(second) { third += $0 }
            #expect(
                try BatchFile(third).check(try Kinds.kind("pension"), lists: try Kinds.lists()).width == 11)
        }
        #expect(throws: TableStop.self) { try BatchFile.open(folder.path + "/没有.csv") }
    }

    @Test("beyond the limit of cells nothing is read on")
    func limits() throws {
        for (column, stop) in [
            (BatchLimits.cells - 1, nil), (BatchLimits.cells, TableStop.tooManyCells(row: 4)),
        ] {
            var writer = WorkbookWriter()
            try writer.beginSheet("表")
            for (index, row) in CleanSheets.pension.rows.enumerated() {
                var cells = row.enumerated().filter { !$0.element.isEmpty }
                    .map { SpreadsheetCell(column: $0.offset, .text($0.element)) }
                if index == 3 { cells.append(SpreadsheetCell(column: column, .text("远"))) }
                try writer.addRow(number: index + 1, cells)
            }
            #expect(try check(try writer.finish(), "pension").stop == stop)
        }
    }
}
