import Foundation
import Office

/// A town's table as Excel saves it: every text once, in the order in which cells first name it.
struct BatchWorkbook {
    private static let form = "http://schemas.openxmlformats.org"
    private static let rowsAtOnce = 2_000

    private var places: [Substring: Int] = [:]
    private var texts: [Substring] = []
    private var sheet = ZIPWriter.Member("xl/worksheets/sheet1.xml")
    private var row = 0

    static func write(_ town: BatchTown, to path: String) throws {
        var book = BatchWorkbook()
        book.add("<worksheet xmlns=\"\(form)/spreadsheetml/2006/main\"><sheetData>")
        book.add(["随州市退役军人建档立卡信息更新表", BatchTown.headings])
        for first in stride(from: 0, to: town.rows, by: rowsAtOnce) {
            book.add((first..<min(first + rowsAtOnce, town.rows)).map(town.row))
        }
        book.add("</sheetData></worksheet>")
        try Data(book.finish()).write(to: URL(fileURLWithPath: path))
    }

    private mutating func add(_ text: String) { sheet.add(Array(text.utf8)) }

    private mutating func add(_ rows: [String]) {
        var text = ""
        for line in rows {
            row += 1
            text += "<row r=\"\(row)\">"
            let cells = line.drop { $0.isNewline }.prefix { !$0.isNewline }
                .split(separator: ",", omittingEmptySubsequences: false)
            // An empty cell is none; columns are A to R.
            for (column, cell) in cells.enumerated() where !cell.isEmpty {
                let letter = Character(UnicodeScalar(UInt8(0x41 + column)))
                text += "<c r=\"\(letter)\(row)\" t=\"s\"><v>\(place(of: cell))</v></c>"
            }
            text += "</row>"
        }
        add(text)
    }

    private mutating func place(of text: Substring) -> Int {
        if let place = places[text] { return place }
        places[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    private consuming func finish() throws -> [UInt8] {
        var archive = ZIPWriter()
        let office = "\(Self.form)/officeDocument/2006/relationships"
        let relations = "<Relationships xmlns=\"\(Self.form)/package/2006/relationships\">"
        try archive.add(
            "[Content_Types].xml",
            "<Types xmlns=\"\(Self.form)/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
        )
        try archive.add(
            "_rels/.rels",
            relations
                + "<Relationship Id=\"a\" Type=\"\(office)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        )
        try archive.add(
            "xl/workbook.xml",
            "<workbook xmlns=\"\(Self.form)/spreadsheetml/2006/main\" xmlns:r=\"\(office)\"><sheets><sheet name=\"1\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"
        )
        try archive.add(
            "xl/_rels/workbook.xml.rels",
            relations
                + "<Relationship Id=\"a\" Type=\"\(office)/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"b\" Type=\"\(office)/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
        )
        try archive.add(sheet)
        var strings = ZIPWriter.Member("xl/sharedStrings.xml")
        strings.add(Array("<sst xmlns=\"\(Self.form)/spreadsheetml/2006/main\">".utf8))
        for first in stride(from: 0, to: texts.count, by: Self.rowsAtOnce) {
            let some = texts[first..<min(first + Self.rowsAtOnce, texts.count)]
            strings.add(Array(some.map { "<si><t>\($0)</t></si>" }.joined().utf8))
        }
        strings.add(Array("</sst>".utf8))
        try archive.add(strings)
        return archive.finish()
    }
}
