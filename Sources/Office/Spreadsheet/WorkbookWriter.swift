/// Writes a workbook (.xlsx): sheets one after another, rows as they come. What is held is the packed file. Texts stay texts: an ID
/// number written as text has the text format as well, so that it remains one when somebody edits the cell.
///
///     var writer = WorkbookWriter()
///     try writer.beginSheet("名册", widths: [22, 12], frozenRows: 1)
///     try writer.addRow([.init(column: 0, .text("身份证号"))], style: .heading)
///     let bytes = try writer.finish()
package struct WorkbookWriter {
    /// How a row's or a cell's content looks. Dates have their date form whatever the style.
    package enum Style: Int, Sendable, Hashable, CaseIterable {
        case plain
        /// Bold on grey.
        case heading
        /// Red on yellow, lines wrapped.
        case remark
    }

    private var archive = ZIPWriter()
    private var sheets: [Workbook.Sheet] = []
    private var member: ZIPWriter.Member?
    private var row = 0
    private var merged: [MergedRange] = []
    private var piece: [UInt8] = []

    package init() {}

    /// Begins the next sheet, ending the one before.
    ///
    /// - Parameters:
    ///   - name: made fit (31 characters, none of `[]:*?/\`, unlike the others) where it is not.
    ///   - widths: of the first columns, in characters of a Latin digit's width; a Chinese one takes two.
    ///   - frozenRows: rows that stay in sight.
    ///   - merged: ranges shown as one cell.
    package mutating func beginSheet(
        _ name: String, visibility: Workbook.Sheet.Visibility = .visible, widths: [Int] = [],
        frozenRows: Int = 0,
        merged: [MergedRange] = []
    ) throws(SpreadsheetFault) {
        try endSheet()
        let part = "xl/worksheets/sheet\(sheets.count + 1).xml"
        sheets.append(Workbook.Sheet(name: fit(name), visibility: visibility, part: part))
        member = ZIPWriter.Member(part)
        (row, self.merged) = (0, merged)
        put(OfficeXML.declaration + "<worksheet xmlns=\"\(OfficeXML.main)\">")
        put(OfficeXML.view(frozenRows: frozenRows) + OfficeXML.columns(widths) + "<sheetData>")
    }

    /// Writes a row behind the last; see `addRow(number:)`.
    package mutating func addRow(_ cells: [SpreadsheetCell], style: Style = .plain) throws(SpreadsheetFault) {
        try addRow(number: row + 1, cells, style: style)
    }

    /// Writes a row, cells in column order.
    ///
    /// - Parameters:
    ///   - number: from 1, beyond that of the row before.
    ///   - styles: by column, for cells that look unlike the rest.
    /// - Throws: `limit` for a place or text beyond what Excel opens; `rowOrder`, `cellOrder`; `noSuchSheet` before the first sheet.
    package mutating func addRow(
        number: Int, _ cells: [SpreadsheetCell], style: Style = .plain, styles: [Int: Style] = [:],
        isHidden: Bool = false
    ) throws(SpreadsheetFault) {
        guard member != nil else { throw SpreadsheetFault(.content(.noSuchSheet)) }
        let limits = SpreadsheetLimits()
        guard number <= limits.rows else { throw SpreadsheetFault(.limit(.rows, limits.rows)) }
        guard number > row else { throw SpreadsheetFault(.content(.rowOrder), cell: "\(number)") }
        row = number
        put("<row r=\"\(row)\"\(isHidden ? " hidden=\"1\"" : "")>")
        var last = -1
        for cell in cells {
            let place = CellReference(row: row, column: cell.column).text
            guard cell.column > last else { throw SpreadsheetFault(.content(.cellOrder), cell: place) }
            guard cell.column < limits.columns else {
                throw SpreadsheetFault(.limit(.columns, limits.columns))
            }
            last = cell.column
            try put(cell.value, at: place, styles[cell.column] ?? style)
        }
        put("</row>")
        flush(atLeast: 1 << 15)
    }

    /// Ends the last sheet and gives the file.
    package consuming func finish() throws(SpreadsheetFault) -> [UInt8] {
        if sheets.isEmpty { try beginSheet("Sheet1") }
        try endSheet()
        try archive.add("[Content_Types].xml", OfficeXML.contentTypes(sheets))
        try archive.add("_rels/.rels", OfficeXML.packageRelations)
        try archive.add("xl/workbook.xml", OfficeXML.workbook(sheets))
        try archive.add("xl/_rels/workbook.xml.rels", OfficeXML.workbookRelations(sheets))
        try archive.add("xl/styles.xml", OfficeXML.styles)
        return archive.finish()
    }

    private mutating func endSheet() throws(SpreadsheetFault) {
        guard member != nil else { return }
        put("</sheetData>")
        if !merged.isEmpty {
            put("<mergeCells count=\"\(merged.count)\">")
            for range in merged { put("<mergeCell ref=\"\(range.text)\"/>") }
            put("</mergeCells>")
        }
        put("</worksheet>")
        flush(atLeast: 0)
        if let ended = member { try archive.add(ended) }
        member = nil
    }

    private func fit(_ name: String) -> String {
        var kept = name.filter { !"[]:*?/\\".contains($0) && !$0.unicodeScalars.contains { $0.value < 0x20 } }
        while kept.first == "'" { kept.removeFirst() }
        while kept.utf16.count > 31 || kept.last == "'" { kept.removeLast() }
        let plain = kept.isEmpty ? "Sheet\(sheets.count + 1)" : kept
        var (fit, number) = (plain, 2)
        while sheets.contains(where: { $0.name.lowercased() == fit.lowercased() }) {
            let suffix = "_\(number)"
            var shortened = plain
            while shortened.utf16.count + suffix.utf16.count > 31 { shortened.removeLast() }
            (fit, number) = (shortened + suffix, number + 1)
        }
        return fit
    }

    // MARK: Cells

    private mutating func put(
        _ value: SpreadsheetValue, at place: String, _ style: Style
    ) throws(SpreadsheetFault) {
        let look = style.rawValue * 4
        switch value {
        case .text(let text):
            // Excel's 32,767 counts UTF-16.
            guard text.utf16.count <= 32_767 else {
                throw SpreadsheetFault(.limit(.cellTextBytes, 32_767), cell: place)
            }
            put(
                "<c r=\"\(place)\" s=\"\(look + OfficeXML.textLook)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
            )
            piece.append(contentsOf: OfficeXML.escaped(text))
            put("</t></is></c>")
        case .number(let number): put("<c r=\"\(place)\" s=\"\(look)\"><v>\(number.written)</v></c>")
        case .date(let date):
            guard let serial = SerialDate.serial(date) else {
                return try put(.text(OfficeXML.isoText(date)), at: place, style)
            }
            let time = OfficeXML.dayFraction(date.seconds ?? 0)
            let form = date.seconds == nil ? OfficeXML.dateLook : OfficeXML.timeLook
            put("<c r=\"\(place)\" s=\"\(look + form)\"><v>\(serial)\(time)</v></c>")
        case .time(let seconds):
            let days = seconds / 86_400
            put(
                "<c r=\"\(place)\" s=\"\(OfficeXML.durationLook)\"><v>\(days)\(OfficeXML.dayFraction(seconds % 86_400))</v></c>"
            )
        case .bool(let truth): put("<c r=\"\(place)\" s=\"\(look)\" t=\"b\"><v>\(truth ? 1 : 0)</v></c>")
        case .error(let error):
            put("<c r=\"\(place)\" s=\"\(look)\" t=\"e\"><v>")
            piece.append(contentsOf: OfficeXML.escaped(error))
            put("</v></c>")
        case .uncalculated: break
        }
    }

    private mutating func put(_ text: String) { piece.append(contentsOf: text.utf8) }

    private mutating func flush(atLeast size: Int) {
        guard piece.count >= size else { return }
        member?.add(piece)
        piece.removeAll(keepingCapacity: true)
    }
}
