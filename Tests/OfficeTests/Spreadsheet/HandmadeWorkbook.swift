import Testing

@testable import Office

/// Workbooks whose parts are written out in the test, for what no program writes.
struct HandmadeWorkbook {
    var sheetData = ""
    /// Behind the sheet's data.
    var behind = ""
    var sharedStrings: String?
    var styles: String?
    var workbookProperties = ""
    var sheets = "<sheet name=\"表\" sheetId=\"1\" r:id=\"rId1\"/>"
    var prefix = ""

    static let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    /// The parts in the order they lie in the archive.
    var parts: [(name: String, text: String)] {
        let p = prefix.isEmpty ? "" : prefix + ":"
        var parts: [(String, String)] = [
            ("_rels/.rels", relations([("rId1", "officeDocument", "xl/workbook.xml")])),
            (
                "xl/workbook.xml",
                "<workbook xmlns:r='\(Self.relationships)'>\(workbookProperties)<sheets>\(sheets)</sheets></workbook>"
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relations([
                    ("rId1", "worksheet", "worksheets/sheet1.xml"),
                    ("rId2", "sharedStrings", "sharedStrings.xml"),
                    ("rId3", "styles", "/xl/styles.xml"),
                ])
            ),
            (
                "xl/worksheets/sheet1.xml",
                "<\(p)worksheet><\(p)sheetData>\(sheetData)</\(p)sheetData>\(behind)</\(p)worksheet>"
            ),
        ]
        if let sharedStrings { parts.append(("xl/sharedStrings.xml", "<sst>\(sharedStrings)</sst>")) }
        if let styles { parts.append(("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>")) }
        return parts
    }

    private func relations(_ all: [(String, String, String)]) -> String {
        "<Relationships>"
            + all.map { "<Relationship Id='\($0.0)' Type='\(Self.relationships)/\($0.1)' Target='\($0.2)'/>" }
            .joined()
            + "</Relationships>"
    }

    var bytes: [UInt8] {
        get throws(SpreadsheetFault) {
            var archive = ZIPWriter()
            for part in parts { try archive.add(part.name, part.text) }
            return archive.finish()
        }
    }

    /// The cells of the first sheet by their places.
    func cells(_ limits: SpreadsheetLimits = SpreadsheetLimits()) throws(SpreadsheetFault) -> [String:
        SpreadsheetValue]
    {
        try Self.cells(try bytes, limits)
    }

    static func cells(
        _ bytes: [UInt8], _ limits: SpreadsheetLimits = SpreadsheetLimits()
    ) throws(SpreadsheetFault) -> [String: SpreadsheetValue] {
        let held = Result { () throws(SpreadsheetFault) in try cells(PackedBytes(bytes), limits) }
        // From a file in the smallest pieces, its texts in a file, too: the same cells, or the same fault.
        var none = limits
        none.heldStringBytes = 0
        let pieces = Result { () throws(SpreadsheetFault) in try cells(PackedBytes(bytes, piece: 8), none) }
        #expect(pieces == held)
        return try held.get()
    }

    private static func cells(
        _ bytes: PackedBytes, _ limits: SpreadsheetLimits
    ) throws(SpreadsheetFault) -> [String: SpreadsheetValue] {
        let workbook = try Workbook(bytes, limits: limits)
        var cells: [String: SpreadsheetValue] = [:]
        for sheet in workbook.sheets.prefix(1) {
            var rows = try workbook.rows(of: sheet)
            while let row = try rows.next() {
                for cell in row.cells {
                    cells[CellReference(row: row.number, column: cell.column).text] = cell.value
                }
            }
        }
        return cells
    }

    /// The fault of reading it, nil: none.
    func fault(_ limits: SpreadsheetLimits = SpreadsheetLimits()) -> SpreadsheetFault? {
        do throws(SpreadsheetFault) {
            _ = try cells(limits)
            return nil
        } catch { return error }
    }
}

extension SpreadsheetValue {
    /// The number as written, for tests.
    static func number(_ text: String) -> SpreadsheetValue {
        CellNumber(text).map(SpreadsheetValue.number) ?? .error("no number: \(text)")
    }
}
