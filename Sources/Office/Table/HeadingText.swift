internal import Exchange

/// A heading as people write it, taken apart: `＊ 金额\n（万元）` is 金额 with 万元.
struct HeadingText {
    /// With its brackets.
    let whole: [UInt8]
    /// Without them.
    let bare: [UInt8]
    /// What the brackets hold.
    let notes: [String]

    init(_ text: String) {
        var key = NameList.key(text).filter { $0 != UInt8(ascii: "*") }
        while let last = key.last, last == UInt8(ascii: ":") { key.removeLast() }
        for (sign, ascii) in [("【", "("), ("】", ")"), ("〔", "("), ("〕", ")"), ("[", "("), ("]", ")")] {
            key = Self.replacing(Array(sign.utf8), by: ascii.utf8.first ?? 0, in: key)
        }
        whole = key
        (bare, notes) = Self.parts(key)
    }

    private static func replacing(_ sign: [UInt8], by byte: UInt8, in key: [UInt8]) -> [UInt8] {
        var made: [UInt8] = []
        var index = 0
        while index < key.count {
            if key[index...].starts(with: sign) {
                made.append(byte)
                index += sign.count
            } else {
                made.append(key[index])
                index += 1
            }
        }
        return made
    }

    private static func parts(_ key: [UInt8]) -> ([UInt8], [String]) {
        var bare: [UInt8] = []
        var notes: [String] = []
        var note: [UInt8]?
        for byte in key {
            switch (byte, note) {
            case (UInt8(ascii: "("), nil): note = []
            case (UInt8(ascii: ")"), let open?):
                notes.append(String(decoding: open, as: UTF8.self))
                note = nil
            case (_, nil): bare.append(byte)
            case (_, let open?): note = open + [byte]
            }
        }
        return (bare, notes)
    }

    /// Without a unit of money behind it: 金额元, 金额/万元.
    var withoutUnit: (bare: [UInt8], unit: String)? {
        for unit in MoneyUnit.all where bare.reversed().starts(with: unit.word.utf8.reversed()) {
            var rest = Array(bare.dropLast(unit.word.utf8.count))
            while let last = rest.last, [0x3A, 0x2F, 0x2C, 0x2D, 0x5F].contains(last) { rest.removeLast() }
            return rest.isEmpty ? nil : (rest, unit.word)
        }
        return nil
    }
}

/// The headings of a kind, to find columns by.
struct KindHeadings {
    private var fields: [[UInt8]: Int] = [:]
    private let kind: BatchKind

    init(_ kind: BatchKind) {
        self.kind = kind
        for (index, field) in kind.fields.enumerated() {
            for name in [field.heading, field.code] + field.aliases {
                let key = HeadingText(name).whole
                if fields[key] == nil { fields[key] = index }
            }
        }
    }

    /// The field of a heading, and the unit that stands with it. Nil: none of the kind's.
    func match(_ heading: HeadingText) -> (field: Int, unit: String?)? {
        if let field = fields[heading.whole] { return (field, nil) }
        guard !heading.bare.isEmpty else { return nil }
        if let field = fields[heading.bare] { return (field, heading.notes.first { isUnit($0, of: field) }) }
        if let (bare, unit) = heading.withoutUnit, let field = fields[bare],
            case .money = kind.fields[field].format
        {
            return (field, unit)
        }
        return nil
    }

    /// The fields whose headings a row has.
    func fields(_ row: CellRow) -> Set<Int> {
        Set((0..<row.count).compactMap { match(HeadingText(row.text($0)))?.field })
    }

    /// Behind a number's heading every note is a unit, but for words about how to fill it in.
    private func isUnit(_ note: String, of field: Int) -> Bool {
        switch kind.fields[field].format {
        case .money, .integer, .decimal: !Self.remarks.contains(note)
        default: false
        }
    }

    private static let remarks: Set<String> = [
        "必填", "选填", "非必填", "整数", "数字", "小写", "阿拉伯数字", "含本数", "可选", "如有", "保留两位小数", "保留一位小数", "保留2位小数",
        "保留1位小数",
    ]
}
