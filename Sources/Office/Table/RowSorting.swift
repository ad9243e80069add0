internal import Exchange

/// What a row below the headings is, apart from data: totals, notes, blank.
struct RowSorting {
    enum Sort: Hashable {
        case data
        case blank
        /// The word it begins with.
        case total(String)
        case note
        case header
    }

    private let header: CellRow
    private let keyColumns: [Int]
    private let counters: Set<Int>
    /// Behind the first note, a line with a single cell goes on with it.
    private var isBehindNote = false

    init(header: CellRow, keyColumns: [Int], counters: Set<Int>) {
        self.header = header
        self.keyColumns = keyColumns
        self.counters = counters
    }

    private static let totals = Set(
        [
            "合计", "小计", "总计", "累计", "共计", "总合计", "合计金额", "金额合计", "本页小计", "本页合计", "本月合计", "本表合计", "合计人数",
            "全县合计",
            "全区合计", "全市合计",
        ].map(NameList.key))

    private static let notes = [
        "说明", "备注", "注", "附注", "填表说明", "填报说明", "填表人", "填报人", "制表人", "审核人", "审批人", "负责人", "单位负责人", "分管领导",
        "报送人",
        "经办人", "联系人", "联系电话", "填报单位", "填报日期", "填表日期", "制表日期", "制表单位", "日期", "单位盖章", "盖章", "单位(盖章)",
        "填报单位(盖章)",
    ].map(NameList.key)

    mutating func sort(_ row: CellRow) -> Sort {
        if row.isBlank { return .blank }
        if row.bytes.count == header.bytes.count, row.bytes == header.bytes { return .header }
        let hasWholeKey = keyColumns.allSatisfy { !row.isBlank($0) }
        if let word = total(row, hasWholeKey) { return .total(word) }
        guard hasWholeKey ? isLoneNote(row) : isNote(row) else { return .data }
        isBehindNote = true
        return .note
    }

    /// The note stands in the key's own column and nothing beside it: 填表人：… in a table whose first column is a number.
    private func isLoneNote(_ row: CellRow) -> Bool {
        guard header.count > 2 else { return false }
        var filled = 0
        for column in 0..<row.count where !row.isBlank(column) {
            filled += 1
            if filled > 1 { return false }
        }
        return beginsWithNote(row)
    }

    /// One of the first three filled cells is such a word; a row with a whole key only where that word is the key.
    private func total(_ row: CellRow, _ hasWholeKey: Bool) -> String? {
        if hasWholeKey, !keyColumns.contains(where: { mayBeTotal(row, $0) }) { return nil }
        var seen = 0
        for column in 0..<row.count where seen < 3 && !row.isBlank(column) {
            seen += counters.contains(column) ? 0 : 1
            guard mayBeTotal(row, column) else { continue }
            let text = row.text(column)
            guard Self.totals.contains(HeadingText(text).bare) else { continue }
            return hasWholeKey && !keyColumns.contains(column) ? nil : String(trimmedCell(text))
        }
        return nil
    }

    /// The words begin with few characters, or spaces: most cells are told by their first byte or two.
    private func mayBeTotal(_ row: CellRow, _ column: Int) -> Bool {
        let cell = row.range(column)
        guard cell.count >= 3, cell.count <= 60,
            row.bytes[cell.lowerBound] < 0x21 || row.bytes[cell.lowerBound] > 0x7F
        else { return false }
        let lead = row.bytes[cell.lowerBound]
        return lead < 0x21 || lead == 0xE3 || lead == 0xC2 || lead == 0xEF
            || Self.leads.contains { row.bytes[cell].starts(with: $0) }
    }

    private static let leads = Set(totals.map { Array($0.prefix(3)) })

    private func isNote(_ row: CellRow) -> Bool {
        if beginsWithNote(row) { return true }
        return isBehindNote && (0..<row.count).count { !row.isBlank($0) } == 1
    }

    private func beginsWithNote(_ row: CellRow) -> Bool {
        guard let first = (0..<row.count).first(where: { !row.isBlank($0) }) else { return false }
        let key = NameList.key(row.text(first))
        return Self.notes.contains { word in
            key.starts(with: word) && (key.count == word.count || key[word.count] == UInt8(ascii: ":"))
        }
    }
}
