/// A copy of the workbook somebody sent, with a column of remarks behind the last: what goes back to the sender. It has every sheet's
/// cells, hidden rows and sheets, and merged ranges; of the looks only what we write ourselves.
package enum RemarkedWorkbook {
    /// - Parameters:
    ///   - workbook: as it came.
    ///   - sheet: the one with the remarks; the others are copied.
    ///   - heading: the column's heading and the row it stands in (from 1).
    ///   - column: where remarks of an earlier copy stand, to be replaced; nil: behind the last column.
    ///   - remarks: by row number, in words.
    package static func make(
        of workbook: Workbook, sheet: Workbook.Sheet, heading: (row: Int, text: String),
        column: Int? = nil, remarks: [Int: String]
    ) throws(SpreadsheetFault) -> [UInt8] {
        var (writer, notes) = (WorkbookWriter(), remarks)
        notes[heading.row] = heading.text
        for other in workbook.sheets {
            let shape = try Shape(workbook, other)
            let isRemarked = other == sheet
            let widths = isRemarked ? shape.widths + [60] : shape.widths
            try writer.beginSheet(
                other.name, visibility: other.visibility, widths: column == nil ? widths : shape.widths,
                frozenRows: isRemarked ? heading.row : 0,
                merged: shape.merged)
            try copy(
                try workbook.rows(of: other), to: &writer, notes: isRemarked ? notes : [:],
                column: isRemarked ? column ?? shape.widths.count : shape.widths.count,
                heading: isRemarked ? heading.row : 0)
        }
        return try writer.finish()
    }

    private static func copy(
        _ rows: consuming SheetReader, to writer: inout WorkbookWriter, notes: [Int: String], column: Int,
        heading: Int
    ) throws(SpreadsheetFault) {
        var rows = rows
        // Remarks may be about rows that say nothing.
        var waiting = notes.keys.sorted()[...]
        while let row = try rows.next() {
            while let number = waiting.first, number < row.number {
                try put(SpreadsheetRow(number: number, cells: []), notes[number], column, heading, &writer)
                waiting.removeFirst()
            }
            if waiting.first == row.number { waiting.removeFirst() }
            try put(row, notes[row.number], column, heading, &writer)
        }
        for number in waiting {
            try put(SpreadsheetRow(number: number, cells: []), notes[number], column, heading, &writer)
        }
    }

    private static func put(
        _ row: SpreadsheetRow, _ note: String?, _ column: Int, _ heading: Int, _ writer: inout WorkbookWriter
    ) throws(SpreadsheetFault) {
        let isHeading = row.number == heading
        let remark = note.map { [SpreadsheetCell(column: column, .text($0))] } ?? []
        let cells =
            row.cells.filter { $0.column < column } + remark + row.cells.filter { $0.column > column }
        try writer.addRow(
            number: row.number, cells, style: isHeading ? .heading : .plain,
            styles: isHeading ? [:] : [column: .remark], isHidden: row.isHidden)
    }

    /// What must be known of a sheet before its first row is written.
    private struct Shape {
        /// Of every column that says something or lies before one that does.
        private(set) var widths: [Int] = []
        let merged: [MergedRange]

        init(_ workbook: Workbook, _ sheet: Workbook.Sheet) throws(SpreadsheetFault) {
            var rows = try workbook.rows(of: sheet)
            var widths: [Int] = []
            while let row = try rows.next() {
                for cell in row.cells {
                    while widths.count <= cell.column { widths.append(8) }
                    widths[cell.column] = max(widths[cell.column], Self.width(cell.value))
                }
            }
            // A column that is only part of a merged range takes its place as well.
            let lastMerged = (rows.merged.map(\.last.column).max() ?? -1) + 1
            while widths.count < min(lastMerged, 256) { widths.append(8) }
            (self.widths, merged) = (widths, rows.merged)
        }

        private static func width(_ value: SpreadsheetValue) -> Int {
            switch value {
            case .text(let text): min(40, text.unicodeScalars.reduce(2) { $0 + ($1.value < 0x1100 ? 1 : 2) })
            case .date(let date): date.seconds == nil ? 12 : 20
            default: 10
            }
        }
    }
}
