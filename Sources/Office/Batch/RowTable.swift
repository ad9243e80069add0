package import Exchange

/// What a table of rows is written as.
package enum RowTableFormat: Int32, Sendable, CaseIterable {
    case csv
    case tsv
    case xlsx

    /// By the file's ending; CSV for any other.
    package init(path: String) {
        let ending = path.split(separator: ".").last?.lowercased() ?? ""
        self = Self.allCases.first { "\($0)" == ending } ?? .csv
    }
}

/// Canonical rows of one kind as a table that people open: the kind's headings, money in yuan, choices by name. It can be sent again and gives the
/// same rows.
///
///     text      UTF-8 with its mark, or GB18030; what a spreadsheet would take for a formula gets an apostrophe in front
///     .xlsx     numbers and codes as texts, so that no digit of an ID number is lost
package struct RowTable {
    private enum Form {
        case text(LineWriter, TextEncoder)
        case workbook(WorkbookWriter)
    }

    private let kind: BatchKind
    /// Official names by code, of the fields that are entries of lists.
    private let names: [[String: String]]
    private var form: Form
    private var isBegun = false
    private let more: [String]
    /// Rows written; rows that are none of this kind's.
    package private(set) var rows: UInt64 = 0
    package private(set) var unreadable: UInt64 = 0

    /// Rows of a sheet: Excel's own limit, its headings left out.
    package static let sheetRows = 1_048_575

    package enum Failure: Error, Hashable {
        case notEncodable(code: Int)
        case workbook(SpreadsheetFault)
    }

    /// - Parameters:
    ///   - lists: for official names in place of codes; what no list names stays a code.
    ///   - more: headings of what is told beside each row: who sent it.
    package init(
        _ kind: BatchKind, lists: [NameList] = [], format: RowTableFormat, encoding: TextEncoding = .utf8,
        more: [String] = []
    ) {
        self.kind = kind
        names = kind.fields.map { field in
            guard case .listed(let name) = field.format,
                let list = lists.first(where: { haveSameBytes($0.name, name) })
            else { return [:] }
            return Dictionary(
                list.entries.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        }
        self.more = more
        switch format {
        case .csv: form = .text(LineWriter(.comma), TextEncoder(encoding: encoding))
        case .tsv: form = .text(LineWriter(.tab), TextEncoder(encoding: encoding))
        case .xlsx: form = .workbook(WorkbookWriter())
        }
    }

    /// - Parameter row: canonical; one that is not of the kind is counted and left out.
    package mutating func add(_ row: [UInt8], more: [String] = []) throws(Failure) {
        try begin()
        guard let places = try? CanonicalRow.fields(row, fields: kind.fields.count) else {
            unreadable += 1
            return
        }
        let shown = kind.fields.indices.map { field in
            let text = String(decoding: row[places[field]], as: UTF8.self)
            return names[field][text] ?? kind.fields[field].format.shown(text)
        }
        rows += 1
        try write(shown + more, style: .plain)
    }

    private mutating func begin() throws(Failure) {
        guard !isBegun else { return }
        isBegun = true
        if case .workbook(var writer) = form {
            form = .workbook(WorkbookWriter())
            try Self.failing { () throws(SpreadsheetFault) in
                try writer.beginSheet(kind.title, widths: widths, frozenRows: 1)
            }
            form = .workbook(writer)
        }
        try write(kind.fields.map(headingWithUnit) + more, style: .heading)
    }

    private var widths: [Int] {
        kind.fields.map { field in
            switch field.format {
            case .identity, .creditCode: 21
            case .text(let most): min(30, max(12, most))
            default: max(10, DisplayWidth.of(headingWithUnit(field)) + 2)
            }
        } + more.map { _ in 16 }
    }

    /// Money is shown in yuan, which is said: 发放金额(元).
    private func headingWithUnit(_ field: BatchField) -> String {
        if case .money = field.format { return "\(field.heading)(元)" }
        return field.heading
    }

    private mutating func write(_ cells: [String], style: WorkbookWriter.Style) throws(Failure) {
        switch form {
        case .text(var lines, let encoder):
            // Taken out, so that the buffer is not copied.
            form = .text(LineWriter(lines.separator), encoder)
            lines.append(cells.map { ArraySlice(ReportCSV.harmless($0).utf8) })
            form = .text(lines, encoder)
        case .workbook(var writer):
            form = .workbook(WorkbookWriter())
            let made = cells.enumerated().filter { !$0.element.isEmpty }
                .map { SpreadsheetCell(column: $0.offset, .text($0.element)) }
            try Self.failing { () throws(SpreadsheetFault) in try writer.addRow(made, style: style) }
            form = .workbook(writer)
        }
    }

    private static func failing(_ body: () throws(SpreadsheetFault) -> Void) throws(Failure) {
        do throws(SpreadsheetFault) { try body() } catch { throw .workbook(error) }
    }

    /// Bytes to write on now: of text what has gathered, of a workbook nothing before its end.
    package mutating func take() throws(Failure) -> [UInt8] {
        guard case .text(var lines, let encoder) = form, lines.bytes.count >= Self.piece || isEnding else {
            return []
        }
        form = .text(LineWriter(lines.separator), encoder)
        let mark = isMarked ? [] : encoder.mark
        isMarked = true
        do throws(Charset.Failure) { return mark + (try encoder.encode(lines.take())) } catch {
            throw .notEncodable(code: error.code)
        }
    }

    private var isMarked = false
    private var isEnding = false
    private static let piece = 65_536

    /// The rest.
    package mutating func finish() throws(Failure) -> [UInt8] {
        try begin()
        isEnding = true
        guard case .workbook(let writer) = form else { return try take() }
        do throws(SpreadsheetFault) { return try writer.finish() } catch { throw .workbook(error) }
    }
}
