internal import Exchange

/// Which column holds which field: found in the row of headings.
struct TableLayout {
    let headerRow: Int
    /// By the kind's fields: the column, from zero.
    private(set) var columns: [Int?]
    private(set) var checks: RowChecker.Columns
    /// Cells beyond it must be empty.
    let width: Int
    /// Columns that count rows: 序号.
    private(set) var counters: Set<Int> = []
    /// Columns without a heading: what stands in them is not read, and that is told where there is something.
    private(set) var nameless: [Int] = []
    /// The column that an earlier run of ours added.
    private(set) var remarksColumn: Int?
    /// Of the file as a whole, told at the row of headings.
    private(set) var faults: [TableFault] = []
    private(set) var converted: [TableNote] = []

    private static let counting: Set<String> = ["序号", "编号序号", "no", "no.", "number", "行号", "顺序号"]
    private static let cards = ["优待证", "保障卡", "银行卡", "社保卡"]

    /// - Parameter unit: the unit of money said above the table.
    init(_ row: CellRow, _ kind: BatchKind, _ headings: KindHeadings, unit: String?) {
        headerRow = row.number
        columns = Array(repeating: nil, count: kind.fields.count)
        checks = RowChecker.Columns(fields: kind.fields.count)
        width = ((0..<row.count).last { !row.isBlank($0) } ?? -1) + 1
        for column in 0..<width {
            if row.isBlank(column) {
                nameless.append(column)
            } else {
                take(column, row, kind, headings, unit)
            }
        }
        for (index, field) in kind.fields.enumerated() where columns[index] == nil {
            checks.isAbsent[index] = true
            guard field.requirement == .always else { continue }
            faults.append(
                TableFault(
                    row: headerRow, column: nil, heading: field.heading, fault: CellFault(.columnMissing)))
        }
    }

    private mutating func take(
        _ column: Int, _ row: CellRow, _ kind: BatchKind, _ headings: KindHeadings, _ unit: String?
    ) {
        let text = row.text(column)
        let heading = HeadingText(text)
        guard let (field, ownUnit) = headings.match(heading) else { return takeOther(column, text, heading) }
        if let first = columns[field] {
            return tell(column, text, CellFault(.columnTwice, [columnLetters(first)]))
        }
        columns[field] = column
        takeUnit(column, text, kind.fields[field], field, ownUnit, above: unit)
    }

    private mutating func takeUnit(
        _ column: Int, _ text: String, _ field: BatchField, _ index: Int, _ own: String?, above: String?
    ) {
        switch field.format {
        case .money:
            guard let word = own ?? above else { return }
            guard let fen = MoneyUnit.fen(word) else {
                return tell(
                    column, text, CellFault(.columnUnit, [word, field.unit.isEmpty ? "元" : field.unit]))
            }
            checks.fen[index] = fen
            guard fen != 100 else { return }
            converted.append(
                TableNote(.unitConverted, row: headerRow, [columnLetters(column), field.heading, word]))
        case .integer, .decimal:
            guard let own, NameList.key(own) != NameList.key(field.unit) else { return }
            tell(column, text, CellFault(.columnUnit, [own, field.unit]))
        default: return
        }
    }

    private mutating func takeOther(_ column: Int, _ text: String, _ heading: HeadingText) {
        let key = String(decoding: heading.bare, as: UTF8.self)
        if Self.counting.contains(key) {
            counters.insert(column)
        } else if key == RemarkedCopy.heading {
            remarksColumn = column
        } else {
            let isCard = Self.cards.contains { key.contains($0) } && key.contains("号")
            tell(column, text, CellFault(isCard ? .cardColumn : .columnUnknown))
        }
    }

    private mutating func tell(_ column: Int, _ heading: String, _ fault: CellFault) {
        faults.append(
            TableFault(row: headerRow, column: column, heading: headingShown(heading), fault: fault))
    }
}

/// A heading on one line.
func headingShown(_ text: String) -> String {
    Screen.clean(String(trimmedCell(text)))
}

/// 0 → A, 25 → Z, 26 → AA, as spreadsheets count.
package func columnLetters(_ column: Int) -> String {
    var letters = ""
    var rest = max(0, column)
    repeat {
        letters = String(UnicodeScalar(UInt8(0x41 + rest % 26))) + letters
        rest = rest / 26 - 1
    } while rest >= 0
    return letters
}
