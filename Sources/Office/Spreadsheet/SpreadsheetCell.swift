/// What a cell says.
package enum SpreadsheetValue: Sendable, Hashable {
    /// Rich text joined, phonetic guides left out, `_x000D_` and its like resolved.
    case text(String)
    case number(CellNumber)
    /// A number whose format shows a day, or an ISO 8601 date.
    case date(CellDate)
    /// A number whose format shows hours and minutes only: seconds, a day's or a duration's.
    case time(seconds: Int)
    case bool(Bool)
    /// As `#DIV/0!`.
    case error(String)
    /// A formula whose result is not in the file: the program that wrote it never computed. Excel or WPS do when they save it.
    case uncalculated
}

/// A day of the Gregorian calendar, with the time of day where the cell has one. In year order.
package struct CellDate: Sendable, Hashable {
    package var year: Int
    package var month: Int
    package var day: Int
    /// Seconds since midnight; nil: the cell names a day.
    package var seconds: Int?

    package init(year: Int, month: Int, day: Int, seconds: Int? = nil) {
        self.year = year
        self.month = month
        self.day = day
        self.seconds = seconds
    }
}

/// A cell that says something.
package struct SpreadsheetCell: Sendable, Hashable {
    /// Counted from 0: column A.
    package var column: Int
    package var value: SpreadsheetValue

    package init(column: Int, _ value: SpreadsheetValue) {
        self.column = column
        self.value = value
    }
}

/// A row with at least one cell that says something; rows without are told by the gap in the numbers.
package struct SpreadsheetRow: Sendable, Hashable {
    /// As the program shows it, from 1.
    package var number: Int
    /// Hidden by hand or by a filter.
    package var isHidden: Bool
    /// In column order, blank ones left out.
    package var cells: [SpreadsheetCell]

    package init(number: Int, isHidden: Bool = false, cells: [SpreadsheetCell]) {
        self.number = number
        self.isHidden = isHidden
        self.cells = cells
    }

    package subscript(column: Int) -> SpreadsheetValue? { cells.first { $0.column == column }?.value }
}

/// A place in a sheet.
package struct CellReference: Sendable, Hashable {
    /// From 1.
    package var row: Int
    /// From 0.
    package var column: Int

    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }

    /// As `B7`.
    package var text: String { Self.letters(column) + String(row) }

    /// `A`, `Z`, `AA` … of a column counted from 0.
    package static func letters(_ column: Int) -> String {
        var (rest, letters) = (max(column, 0), "")
        while true {
            letters = String(UnicodeScalar(UInt8(0x41 + rest % 26))) + letters
            if rest < 26 { return letters }
            rest = rest / 26 - 1
        }
    }

    /// Reads `B7` or `$B$7`, within Excel's last column and row (so that nothing here grows beyond an Int).
    init?(_ bytes: ArraySlice<UInt8>) {
        var (column, row, at) = (0, 0, bytes.startIndex)
        func skipDollar() { if at < bytes.endIndex, bytes[at] == UInt8(ascii: "$") { at += 1 } }
        skipDollar()
        let letters = at
        while at < bytes.endIndex, (0x41...0x5A).contains(bytes[at] & 0xDF), bytes[at] >= 0x41,
            at - letters < 3
        {
            column = column * 26 + Int(bytes[at] & 0xDF) - 0x40
            at += 1
        }
        guard at > letters else { return nil }
        skipDollar()
        let digits = at
        while at < bytes.endIndex, (0x30...0x39).contains(bytes[at]), at - digits < 7 {
            row = row * 10 + Int(bytes[at]) - 0x30
            at += 1
        }
        guard at > digits, at == bytes.endIndex, row > 0 else { return nil }
        self.init(row: row, column: column - 1)
    }
}

/// Cells shown as one; only the first says something.
package struct MergedRange: Sendable, Hashable {
    package var first: CellReference
    package var last: CellReference

    package init(_ first: CellReference, _ last: CellReference) {
        self.first = first
        self.last = last
    }

    /// As `A1:C1`.
    package var text: String { first.text + ":" + last.text }

    init?(_ bytes: ArraySlice<UInt8>) {
        let ends = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard let one = ends.first, let first = CellReference(one), ends.count <= 2 else { return nil }
        guard let last = ends.count == 2 ? CellReference(ends[1]) : first,
            first.row <= last.row, first.column <= last.column
        else { return nil }
        self.init(first, last)
    }
}
