/// Whole numbers of units of a last place, as people write them.
package enum NumberText {
    /// (1205, 1) → `120.5`; (5, 2) → `0.05`; (7, 0) → `7`.
    package static func text(_ value: Int64, _ places: Int) -> String {
        guard places > 0 else { return "\(value)" }
        let digits = paddedDecimal(Int(clamping: value.magnitude), width: places + 1)
        return "\(value < 0 ? "-" : "")\(digits.dropLast(places)).\(digits.suffix(places))"
    }

    /// The number of a folded cell, its unit left out.
    static func value(_ folded: [UInt8], _ kind: CellKind, _ unit: [UInt8], places: Int) -> Int64? {
        var bytes = folded.filter { $0 != 0x20 }
        if !unit.isEmpty, bytes.reversed().starts(with: unit.reversed()) { bytes.removeLast(unit.count) }
        guard var number = DecimalText(bytes) else { return nil }
        if kind == .number { number = number.roundedLikeSpreadsheets }
        return number.scaled(by: places)
    }
}

/// Units of money people write, and what one of each is in 分.
package enum MoneyUnit {
    package static let all: [(word: String, fen: Int64)] = [
        ("亿元", 10_000_000_000), ("百万元", 100_000_000), ("万元", 1_000_000), ("千元", 100_000), ("百元", 10_000),
        ("元", 100),
        ("分", 1), ("亿", 10_000_000_000), ("百万", 100_000_000), ("万", 1_000_000),
    ]

    /// 人民币元 counts, too.
    package static func fen(_ word: String) -> Int64? {
        let plain = word.replacing("人民币", with: "")
        return all.first { $0.word == plain }?.fen
    }
}

/// An amount of money as typed: `1,234.5`, `￥1234.50`, `1234.5元`, `3万元`.
struct AmountText {
    /// Nil where it is no whole number of 分, or does not fit.
    let fen: Int64?
    let isTooFine: Bool

    /// Nil for what is no number. 分 are counted exactly: a number of 万元 may have six places.
    init?(_ folded: [UInt8], _ kind: CellKind, fen unit: Int64) {
        var bytes = folded.filter { $0 != 0x20 }
        var unit = unit
        for mark in ["¥", "人民币", "RMB", "CNY"] where bytes.starts(with: mark.utf8) {
            bytes.removeFirst(mark.utf8.count)
        }
        for word in ["整", "正"] where bytes.reversed().starts(with: word.utf8.reversed()) {
            bytes.removeLast(word.utf8.count)
        }
        for known in MoneyUnit.all where bytes.reversed().starts(with: known.word.utf8.reversed()) {
            bytes.removeLast(known.word.utf8.count)
            unit = known.fen
            break
        }
        guard var number = DecimalText(bytes) else { return nil }
        if kind == .number { number = number.roundedLikeSpreadsheets }
        let power = Self.power(unit)
        isTooFine = number.places > power
        fen = number.scaled(by: power)
    }

    /// 100 → 2. All units are powers of ten.
    private static func power(_ unit: Int64) -> Int { max(0, String(unit).utf8.count - 1) }

    static func yuan(_ fen: Int64) -> String { NumberText.text(fen, 2) }
}
