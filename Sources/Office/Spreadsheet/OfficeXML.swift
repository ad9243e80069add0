/// The fixed words of a workbook that we write, and text made fit for XML.
enum OfficeXML {
    static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let packageForm = "http://schemas.openxmlformats.org/package/2006"
    private static let types = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    // Cell formats are style * 4 + look; the duration is one behind them.
    static let textLook = 1
    static let dateLook = 2
    static let timeLook = 3
    static let durationLook = 12

    static let packageRelations =
        declaration + "<Relationships xmlns=\"\(packageForm)/relationships\"><Relationship Id=\"rId1\" "
        + "Type=\"\(relations)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"

    static func contentTypes(_ sheets: [Workbook.Sheet]) -> String {
        var text = declaration + "<Types xmlns=\"\(packageForm)/content-types\">"
        text +=
            "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        text += "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        text += "<Override PartName=\"/xl/workbook.xml\" ContentType=\"\(types).sheet.main+xml\"/>"
        text += "<Override PartName=\"/xl/styles.xml\" ContentType=\"\(types).styles+xml\"/>"
        for sheet in sheets {
            text += "<Override PartName=\"/\(sheet.part)\" ContentType=\"\(types).worksheet+xml\"/>"
        }
        return text + "</Types>"
    }

    static func workbook(_ sheets: [Workbook.Sheet]) -> String {
        var text = declaration + "<workbook xmlns=\"\(main)\" xmlns:r=\"\(relations)\">"
        // The tab shown first must be one that can be shown.
        let shown = sheets.firstIndex { $0.visibility == .visible } ?? 0
        text += "<bookViews><workbookView activeTab=\"\(shown)\"/></bookViews><sheets>"
        for (place, sheet) in sheets.enumerated() {
            let isAllHidden = !sheets.contains { $0.visibility == .visible }
            let state =
                sheet.visibility == .visible || isAllHidden && place == 0
                ? "" : " state=\"\(sheet.visibility.rawValue)\""
            let name = String(decoding: escaped(sheet.name), as: UTF8.self)
            text += "<sheet name=\"\(name)\" sheetId=\"\(place + 1)\"\(state) r:id=\"rId\(place + 1)\"/>"
        }
        return text + "</sheets></workbook>"
    }

    static func workbookRelations(_ sheets: [Workbook.Sheet]) -> String {
        var text = declaration + "<Relationships xmlns=\"\(packageForm)/relationships\">"
        for (place, sheet) in sheets.enumerated() {
            text += "<Relationship Id=\"rId\(place + 1)\" Type=\"\(relations)/worksheet\" "
            text += "Target=\"\(sheet.part.dropFirst(3))\"/>"
        }
        text +=
            "<Relationship Id=\"rId\(sheets.count + 1)\" Type=\"\(relations)/styles\" Target=\"styles.xml\"/>"
        return text + "</Relationships>"
    }

    static func view(frozenRows: Int) -> String {
        guard frozenRows > 0 else { return "" }
        let first = CellReference(row: frozenRows + 1, column: 0).text
        return
            "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"\(frozenRows)\" topLeftCell=\"\(first)\" "
            + "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
    }

    static func columns(_ widths: [Int]) -> String {
        guard !widths.isEmpty else { return "" }
        var text = "<cols>"
        for (place, width) in widths.enumerated() {
            let fit = min(max(width, 1), 255)
            text += "<col min=\"\(place + 1)\" max=\"\(place + 1)\" width=\"\(fit)\" customWidth=\"1\"/>"
        }
        return text + "</cols>"
    }

    /// Formats 164 (day), 165 (day and time), 49 (text), 46 (`[h]:mm:ss`); fonts and fills by style.
    static let styles: String = {
        let font = "<sz val=\"11\"/>"
        let name = "<name val=\"宋体\"/><family val=\"2\"/>"
        var text = declaration + "<styleSheet xmlns=\"\(main)\"><numFmts count=\"2\">"
        text += "<numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"
        text += "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/></numFmts>"
        text += "<fonts count=\"3\"><font>\(font)\(name)</font><font><b/>\(font)\(name)</font>"
        text += "<font>\(font)<color rgb=\"FFC00000\"/>\(name)</font></fonts>"
        text += "<fills count=\"4\"><fill><patternFill patternType=\"none\"/></fill>"
        text +=
            "<fill><patternFill patternType=\"gray125\"/></fill>" + fill("FFD9D9D9") + fill("FFFFFF99")
            + "</fills>"
        text += "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        text +=
            "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
        text += "<cellXfs count=\"13\">"
        for (font, fill, wraps) in [(0, 0, false), (1, 2, false), (2, 3, true)] {
            for format in [0, 49, 164, 165] { text += cellFormat(format, font, fill, wraps) }
        }
        text += cellFormat(46, 0, 0, false) + "</cellXfs>"
        text += "<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>"
        return text + "</styleSheet>"
    }()

    private static func fill(_ colour: String) -> String {
        "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"\(colour)\"/><bgColor indexed=\"64\"/></patternFill></fill>"
    }

    private static func cellFormat(_ format: Int, _ font: Int, _ fill: Int, _ wraps: Bool) -> String {
        let head =
            "<xf numFmtId=\"\(format)\" fontId=\"\(font)\" fillId=\"\(fill)\" borderId=\"0\" xfId=\"0\" "
            + "applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\""
        return wraps
            ? head + " applyAlignment=\"1\"><alignment vertical=\"top\" wrapText=\"1\"/></xf>" : head + "/>"
    }

    /// Text as XML has it; characters it cannot have as `_xHHHH_`, which is also how a text that looks like that is told apart.
    static func escaped(_ text: String) -> [UInt8] {
        var (bytes, at) = ([UInt8](), 0)
        let source = Array(text.utf8)
        bytes.reserveCapacity(source.count)
        while at < source.count {
            switch source[at] {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "_") where RichText.escape(source[at...]) != nil:
                bytes.append(contentsOf: "_x005F_".utf8)
            case 0..<9, 11..<0x20:
                let digits = String(source[at], radix: 16, uppercase: true)
                bytes.append(
                    contentsOf: "_x\(String(repeating: "0", count: 4 - digits.count))\(digits)_".utf8)
            case 0xEF where source[at...].starts(with: [0xEF, 0xBF, 0xBE]):
                at = putEscape("_xFFFE_", &bytes, at)
            case 0xEF where source[at...].starts(with: [0xEF, 0xBF, 0xBF]):
                at = putEscape("_xFFFF_", &bytes, at)
            default: bytes.append(source[at])
            }
            at += 1
        }
        return bytes
    }

    /// For a character of three bytes; the last one's place.
    private static func putEscape(_ escape: String, _ bytes: inout [UInt8], _ at: Int) -> Int {
        bytes.append(contentsOf: escape.utf8)
        return at + 2
    }

    /// `.5` for noon, with the 15 digits that Excel keeps; empty at midnight.
    static func dayFraction(_ seconds: Int) -> String {
        guard seconds > 0 else { return "" }
        let digits = String((seconds * 1_000_000_000_000 + 43_200) / 86_400)
        return "." + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// For days that have no serial number.
    static func isoText(_ date: CellDate) -> String {
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
        guard let seconds = date.seconds else { return day }
        return day
            + " \(digits(seconds / 3_600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
    }
}
