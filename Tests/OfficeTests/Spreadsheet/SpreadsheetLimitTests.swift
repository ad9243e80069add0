import TestSupport
import Testing

@testable import Office

@Suite("Limits of spreadsheets, at each and one beyond")
struct SpreadsheetLimitTests {
    private func check(
        _ name: SpreadsheetLimits.Name, _ path: WritableKeyPath<SpreadsheetLimits, Int>, least: Int,
        _ book: HandmadeWorkbook
    ) {
        var limits = SpreadsheetLimits()
        limits[keyPath: path] = least
        #expect(book.fault(limits) == nil, "\(name) at its limit")
        limits[keyPath: path] = least - 1
        #expect(book.fault(limits)?.problem == .limit(name, least - 1), "\(name) beyond")
    }

    @Test("of the sheet: cells, rows, columns, merged ranges, a cell's text")
    func sheet() {
        let data =
            "<row r='1'><c r='A1'/><c r='C1' t='inlineStr'><is><t>四字</t></is></c></row><row r='4'><c r='A4'/></row>"
        let book = HandmadeWorkbook(
            sheetData: data,
            behind: "<mergeCells><mergeCell ref='A1:B1'/><mergeCell ref='A2:B2'/></mergeCells>")
        check(.cells, \.cells, least: 3, book)
        check(.rows, \.rows, least: 4, book)
        check(.columns, \.columns, least: 3, book)
        check(.merged, \.merged, least: 2, book)
        check(.cellTextBytes, \.cellTextBytes, least: 6, book)
        check(
            .cellTextBytes, \.cellTextBytes, least: 3,
            HandmadeWorkbook(sheetData: "<row><c t='str'><v>abc</v></c></row>"))
    }

    @Test("of the workbook: shared texts and their bytes, formats, sheets")
    func workbook() {
        let book = HandmadeWorkbook(
            sharedStrings: "<si><t>一</t></si><si><t>二</t></si>", styles: "<cellXfs><xf/><xf/><xf/></cellXfs>")
        check(.sharedStrings, \.sharedStrings, least: 2, book)
        check(.sharedStringBytes, \.sharedStringBytes, least: 2 * 4 + 6, book)
        check(.formats, \.formats, least: 3, book)
        check(
            .formats, \.formats, least: 2,
            HandmadeWorkbook(styles: "<numFmts><numFmt numFmtId='1'/><numFmt numFmtId='2'/></numFmts>"))
        var two = HandmadeWorkbook()
        two.sheets += two.sheets
        check(.sheets, \.sheets, least: 2, two)
    }

    @Test("of the archive: bytes of the file, members, a name, inflated bytes")
    func archive() throws {
        let book = HandmadeWorkbook()
        let bytes = try book.bytes
        check(.fileBytes, \.fileBytes, least: bytes.count, book)
        check(.members, \.members, least: 4, book)
        check(.nameBytes, \.nameBytes, least: "xl/_rels/workbook.xml.rels".utf8.count, book)
        let inflated = try ZIPArchive(PackedBytes(bytes)).members.reduce(0) { $0 + $1.inflatedSize }
        check(.inflatedBytes, \.inflatedBytes, least: inflated, book)
        let directory = try ZIPArchive(PackedBytes(bytes)).members.reduce(0) { $0 + 46 + $1.name.utf8.count }
        check(.directoryBytes, \.directoryBytes, least: directory, book)
    }

    @Test(
        "a bomb: refused by its ratio before a byte of it is inflated, and by its size when the directory lies"
    )
    func bomb() throws {
        var book = HandmadeWorkbook()
        book.sheetData = String(repeating: " ", count: 2 << 20)
        let member = try #require(try ZIPArchive(PackedBytes(try book.bytes)).members.last)
        let ratio = member.inflatedSize / member.packed.count
        var limits = SpreadsheetLimits()
        limits.ratio = ratio + 1
        #expect(book.fault(limits) == nil)
        limits.ratio = ratio
        #expect(book.fault(limits)?.problem == .limit(.ratio, ratio))
        // Below the floor nobody asks.
        book.sheetData = String(repeating: " ", count: SpreadsheetLimits.ratioFloor / 2)
        limits.ratio = 2
        #expect(book.fault(limits) == nil)
        // The directory says 10 bytes, the data make a million.
        var bytes = try book.bytes
        let entry = try #require(ZIPArchiveTests.directoryEntries(bytes).last)
        bytes.replaceSubrange(entry + 24..<entry + 28, with: [10, 0, 0, 0])
        #expect { try HandmadeWorkbook.cells(bytes) } throws: {
            ($0 as? SpreadsheetFault)?.problem == .archive(.size)
        }
    }

    @Test("every limit has a name in both languages and a test above or in the parser's suite")
    func names() {
        #expect(SpreadsheetLimits.Name.allCases.count == 18)
        for name in SpreadsheetLimits.Name.allCases {
            let text = SpreadsheetTexts.sentence(SpreadsheetFault(.limit(name, 7)))
            #expect(text.zh.contains("上限 7") && text.en.contains("limit of 7"))
        }
    }

    @Test("what we write keeps to them: 32,767 characters, the last row and column")
    func writer() throws {
        var writer = WorkbookWriter()
        try writer.beginSheet("一")
        let longest = String(repeating: "一", count: 32_767)
        try writer.addRow([.init(column: 16_383, .text(longest))])
        #expect(throws: SpreadsheetFault.self) { try writer.addRow([.init(column: 0, .text(longest + "一"))]) }
        #expect(throws: SpreadsheetFault.self) { try writer.addRow([.init(column: 16_384, .bool(true))]) }
        #expect(throws: SpreadsheetFault.self) {
            try writer.addRow([.init(column: 1, .bool(true)), .init(column: 1, .bool(true))])
        }
        try writer.addRow(number: 1_048_576, [])
        #expect(throws: SpreadsheetFault.self) { try writer.addRow([]) }
    }
}
