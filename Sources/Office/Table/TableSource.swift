package import Exchange

/// Where rows of cells come from: a text file, or a spreadsheet's own file. Row by row, so that a file of any size takes the memory of one row.
package protocol TableSource {
    /// Reads the next row into `row`, its number included; false at the end.
    mutating func next(_ row: inout CellRow) throws(TableStop) -> Bool
    /// The row read last has a quote that belongs nowhere. Only text files have such.
    var hasStrayQuote: Bool { get }
    /// What the source has to tell of itself at its end.
    var notes: [TableNote] { get }
}

extension TableSource {
    package var notes: [TableNote] { [] }
}

/// Why a file cannot be read on: nothing behind this place was looked at. Rows count from one.
package enum TableStop: Error, Sendable, Hashable {
    /// The system's own words.
    case unreadable(String)
    /// A temporary file for the keys of a large table could not be written or read. The system's own words.
    case keysNotKept(String)
    case notText(EncodingGuess.Fault)
    case noTable
    /// A quote is opened there and never closed.
    case openQuote(row: Int, line: Int)
    case cellTooLong(row: Int, column: Int)
    case rowTooLong(row: Int)
    case tooManyCells(row: Int)
    case tooManyRows
    /// No row has enough of the kind's headings. The headings that the best row lacks.
    case noHeader(missing: [String])
    case empty
    /// A spreadsheet's own file, damaged, locked or of another sort.
    case workbook(SpreadsheetFault)
    /// The kind that was typed is none, or none was and the headings do not say which. Kinds it may be.
    case kind(typed: String?, likely: [String])
}
