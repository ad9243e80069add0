package import Exchange

/// A workbook's sheet as a table: the same rows a text file of it would have, blank ones included, but with what each cell says it is.
///
///     text                 text
///     number               decimal text as the file has it; in a column of days the checks take it for a serial
///     a day                2023-03-10, with its time behind a space
///     hours and minutes    text
///     true, false          1, 0
///     a formula's error    its word; a formula without a result has one of its own
///
/// A class, because what is read from packed bytes cannot be copied.
package final class SheetTable: TableSource {
    /// What stands for a formula that the writing program never computed.
    static let uncalculated = "#EMPTY!"

    private var reader: SheetReader
    private var waiting: SpreadsheetRow?
    private var number = 0
    private var hidden: (count: Int, first: Int) = (0, 0)
    private let choice: TableNote?

    package let hasStrayQuote = false

    /// - Parameter choice: told with the rest, where there were several sheets.
    init(_ reader: consuming SheetReader, choice: TableNote? = nil) {
        self.reader = reader
        self.choice = choice
    }

    package var notes: [TableNote] {
        let unseen = hidden.count > 0 ? [TableNote(.hiddenRead, row: hidden.first, ["\(hidden.count)"])] : []
        return (choice.map { [$0] } ?? []) + unseen
    }

    package func next(_ row: inout CellRow) throws(TableStop) -> Bool {
        row.removeAll()
        if waiting == nil {
            do throws(SpreadsheetFault) { waiting = try reader.next() } catch { throw .workbook(error) }
        }
        guard let read = waiting else { return false }
        number += 1
        row.number = number
        guard read.number <= number else { return true }
        waiting = nil
        if read.isHidden { hidden = (hidden.count + 1, hidden.count == 0 ? number : hidden.first) }
        try fill(&row, read)
        return true
    }

    private func fill(_ row: inout CellRow, _ read: SpreadsheetRow) throws(TableStop) {
        guard (read.cells.last?.column ?? 0) < BatchLimits.cells else { throw .tooManyCells(row: number) }
        for cell in read.cells {
            while row.count < cell.column { row.endCell(.empty) }
            let (text, kind) = Self.content(cell.value)
            row.append(Array(text.utf8), text.isEmpty ? .empty : kind)
        }
        guard row.bytes.count <= BatchLimits.rowBytes else { throw .rowTooLong(row: number) }
    }

    private static func content(_ value: SpreadsheetValue) -> (String, CellKind) {
        switch value {
        case .text(let text): (text, .text)
        case .number(let number): (number.written, .number)
        case .date(let date): (day(date), .date)
        case .time(let seconds): (time(seconds), .text)
        case .bool(let truth): (truth ? "1" : "0", .flag)
        case .error(let word): (word, .error)
        case .uncalculated: (uncalculated, .error)
        }
    }

    private static func day(_ date: CellDate) -> String {
        let day = "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
        return date.seconds.map { day + " " + time($0) } ?? day
    }

    private static func time(_ seconds: Int) -> String {
        "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
