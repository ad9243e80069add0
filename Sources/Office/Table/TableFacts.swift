internal import Exchange
import Foundation

/// What the lines above and below a table say about it: 填报单位, 填报人, 日期.
package struct TableFact: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case party
        case filler
        case reviewer
        case phone
        case date
        case period
        /// The unit of the amounts: 单位：万元.
        case moneyUnit = "money-unit"
    }

    package let kind: Kind
    package let row: Int
    /// At most `TableLimits.factCharacters`.
    package let text: String
}

/// Finds facts in rows: a known word with a colon, then its value, in the same cell or the next filled one.
enum FactReader {
    private static let words: [(String, TableFact.Kind)] = [
        ("填报单位", .party), ("报送单位", .party), ("上报单位", .party), ("填表单位", .party), ("制表单位", .party),
        ("单位名称", .party),
        ("填报人", .filler), ("填表人", .filler), ("制表人", .filler), ("报送人", .filler), ("经办人", .filler),
        ("单位负责人", .reviewer),
        ("审核人", .reviewer), ("审批人", .reviewer), ("负责人", .reviewer), ("联系电话", .phone), ("电话", .phone),
        ("填报日期", .date),
        ("填报时间", .date), ("填表日期", .date), ("制表日期", .date), ("报送日期", .date), ("上报日期", .date), ("日期", .date),
        ("统计时间", .period), ("统计期间", .period), ("所属期", .period), ("报告期", .period), ("年度", .period),
        ("金额单位", .moneyUnit), ("货币单位", .moneyUnit), ("计量单位", .moneyUnit), ("单位", .moneyUnit),
    ]

    static func facts(_ row: CellRow) -> [TableFact] {
        var facts: [TableFact] = []
        var open: TableFact.Kind?
        for column in 0..<row.count where !row.isBlank(column) {
            let text = row.text(column)
            let found = pieces(text)
            if found.isEmpty, let kind = open { facts.append(fact(kind, row.number, text)) }
            open = nil
            for (kind, value) in found {
                if value.isEmpty { open = kind } else { facts.append(fact(kind, row.number, value)) }
            }
        }
        return facts
    }

    /// `填报人：张三　日期：2023.3.10` → filler 张三, date 2023.3.10.
    private static func pieces(_ text: String) -> [(TableFact.Kind, String)] {
        var pieces: [(TableFact.Kind, String)] = []
        var rest = foldedFullWidth(text)[...]
        while let colon = rest.firstIndex(of: ":") {
            let label = rest[..<colon].filter { !$0.isWhitespace }
            let value = rest[rest.index(after: colon)...]
            rest = value
            guard let (word, kind) = words.first(where: { label.hasSuffix($0.0) }) else { continue }
            _ = word
            pieces.append((kind, String(trimmedCell(cut(value)))))
        }
        return pieces
    }

    /// A value up to the next known word with a colon.
    private static func cut(_ value: Substring) -> String {
        guard let colon = value.firstIndex(of: ":") else { return String(value) }
        let before = value[..<colon]
        for (word, _) in words {
            guard let range = before.range(of: word, options: .backwards), range.upperBound == before.endIndex
            else { continue }
            return String(before[..<range.lowerBound])
        }
        return String(value)
    }

    private static func fact(_ kind: TableFact.Kind, _ row: Int, _ text: String) -> TableFact {
        let shown = Screen.clean(String(trimmedCell(text).prefix(TableLimits.factCharacters)))
        // 单位：曾都区 names who files, 单位：元 what is counted.
        let isParty = kind == .moneyUnit && MoneyUnit.fen(shown) == nil
        return TableFact(kind: isParty ? .party : kind, row: row, text: shown)
    }
}
