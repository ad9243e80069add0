/// The rows of a sheet (ECMA-376 part 1, 18.3.1), one at a time from the packed bytes: what is held is a row, pieces of the shared texts and the
/// merged ranges.
package struct SheetReader: ~Copyable {
    /// The ranges read so far; they follow the rows, so they are all there once `next` has given nil.
    package private(set) var merged: [MergedRange] = []

    private var xml: XMLReader
    private var strings: TextReader
    private let formats: [NumberFormat]
    private let from1904: Bool
    private let limits: SpreadsheetLimits
    private var isInData = false
    private var row = 0
    private var column = -1
    private var cellCount = 0
    private var value: [UInt8] = []

    init(
        _ xml: consuming XMLReader, strings: SharedStrings, formats: [NumberFormat], from1904: Bool,
        limits: SpreadsheetLimits
    ) {
        self.xml = xml
        self.strings = TextReader(strings)
        self.formats = formats
        self.from1904 = from1904
        self.limits = limits
    }

    /// The next row that says something; nil at the sheet's end.
    package mutating func next() throws(SpreadsheetFault) -> SpreadsheetRow? {
        while true {
            switch try xml.next() {
            case .start where xml.isNamed("sheetData"): isInData = true
            case .end where xml.isNamed("sheetData"): isInData = false
            case .start where isInData && xml.isNamed("row"):
                let row = try readRow()
                if !row.cells.isEmpty { return row }
            case .start where xml.isNamed("mergeCell"): try addMerged()
            case .finished: return nil
            default: break
            }
        }
    }

    private mutating func addMerged() throws(SpreadsheetFault) {
        guard merged.count < limits.merged else { throw beyond(.merged, limits.merged) }
        guard let range = MergedRange(xml.rawAttribute("ref")) else {
            throw SpreadsheetFault(.content(.mergedRange), part: xml.part)
        }
        merged.append(range)
    }

    // MARK: Rows

    private mutating func readRow() throws(SpreadsheetFault) -> SpreadsheetRow {
        let number = xml.rawAttribute("r")
        let next = number.isEmpty ? row + 1 : Self.integer(number) ?? 0
        guard next <= limits.rows else { throw beyond(.rows, limits.rows) }
        guard next > row else {
            throw SpreadsheetFault(.content(.rowOrder), part: xml.part, cell: "\(row + 1)")
        }
        (row, column) = (next, -1)
        var made = SpreadsheetRow(number: row, isHidden: Self.isTrue(xml.rawAttribute("hidden")), cells: [])
        let outer = xml.depth - 1
        while xml.depth > outer {
            guard case .start = try xml.next() else { continue }
            guard xml.isNamed("c") else {
                try xml.skipElement()
                continue
            }
            if let value = try readCell() { made.cells.append(SpreadsheetCell(column: column, value)) }
        }
        return made
    }

    // MARK: Cells

    private var place: String { CellReference(row: row, column: column).text }

    private func fault(_ content: SpreadsheetFault.Content) -> SpreadsheetFault {
        SpreadsheetFault(.content(content), part: xml.part, cell: place)
    }

    private func beyond(_ name: SpreadsheetLimits.Name, _ limit: Int) -> SpreadsheetFault {
        SpreadsheetFault(.limit(name, limit), part: xml.part, cell: row == 0 ? nil : place)
    }

    /// The next cell's column: from its reference, or the one behind the last.
    private mutating func enterCell() throws(SpreadsheetFault) {
        let raw = xml.rawAttribute("r")
        if raw.isEmpty {
            column += 1
        } else {
            guard let reference = CellReference(raw), reference.row == row else {
                throw fault(.cellReference)
            }
            guard reference.column > column else { throw fault(.cellOrder) }
            column = reference.column
        }
        guard column < limits.columns else { throw beyond(.columns, limits.columns) }
        cellCount += 1
        guard cellCount <= limits.cells else { throw beyond(.cells, limits.cells) }
    }

    private enum CellType: String {
        case number = "n"
        case shared = "s"
        case formulaText = "str"
        case inline = "inlineStr"
        case bool = "b"
        case error = "e"
        case date = "d"

        init?(_ raw: ArraySlice<UInt8>) {
            switch raw.count {
            case 0: self = .number
            // The two that nearly all cells have, without a String.
            case 1 where raw.first == UInt8(ascii: "s"): self = .shared
            case 1 where raw.first == UInt8(ascii: "n"): self = .number
            default: self.init(rawValue: String(decoding: raw, as: UTF8.self))
            }
        }
    }

    private mutating func readCell() throws(SpreadsheetFault) -> SpreadsheetValue? {
        try enterCell()
        guard let type = CellType(xml.rawAttribute("t")) else { throw fault(.cellType) }
        let format = try self.format(xml.rawAttribute("s"))
        var (hasFormula, hasValue, inline) = (false, false, [UInt8]())
        value.removeAll(keepingCapacity: true)
        let outer = xml.depth - 1
        while xml.depth > outer {
            guard case .start = try xml.next() else { continue }
            if xml.isNamed("v") {
                hasValue = true
                try readValue()
            } else if xml.isNamed("is") {
                inline = try RichText.read(&xml, limits)
            } else {
                if xml.isNamed("f") { hasFormula = true }
                try xml.skipElement()
            }
        }
        if type == .inline { return inline.isEmpty ? nil : .text(String(decoding: inline, as: UTF8.self)) }
        if hasFormula, !hasValue || value.isEmpty && type != .formulaText { return .uncalculated }
        return value.isEmpty ? nil : try meaning(type, format)
    }

    private mutating func readValue() throws(SpreadsheetFault) {
        let outer = xml.depth - 1
        while xml.depth > outer {
            if case .text = try xml.next() {
                // A row and a cell are what a person can find; the byte says nothing to them.
                do throws(SpreadsheetFault) { try RichText.append(xml, to: &value, limits) } catch {
                    throw SpreadsheetFault(error.problem, part: xml.part, cell: place)
                }
            }
        }
    }

    private func format(_ raw: ArraySlice<UInt8>) throws(SpreadsheetFault) -> NumberFormat {
        // A workbook without styles has numbers only.
        if raw.isEmpty { return formats.first ?? .number }
        guard let place = Self.integer(raw) else { throw fault(.style) }
        if formats.isEmpty, place == 0 { return .number }
        guard place < formats.count else { throw fault(.style) }
        return formats[place]
    }

    /// What a value that is not empty means.
    private mutating func meaning(_ type: CellType, _ format: NumberFormat) throws(SpreadsheetFault)
        -> SpreadsheetValue?
    {
        switch type {
        case .shared:
            guard let place = Self.integer(value[...]), let text = try strings.text(place) else {
                throw fault(.sharedString)
            }
            return text.isEmpty ? nil : .text(text)
        case .number: return try number(format)
        case .formulaText, .inline:
            return .text(String(decoding: try RichText.checked(value, xml), as: UTF8.self))
        case .bool:
            guard let truth = Self.truth(value[...]) else { throw fault(.boolean) }
            return .bool(truth)
        case .error: return .error(String(decoding: try RichText.checked(value, xml), as: UTF8.self))
        case .date:
            let text = String(decoding: try RichText.checked(value, xml), as: UTF8.self)
            // What is no day stays as it stands: whoever checks the table says what is wrong with it.
            return SerialDate.iso(text).map(SpreadsheetValue.date) ?? .text(text)
        }
    }

    private func number(_ format: NumberFormat) throws(SpreadsheetFault) -> SpreadsheetValue {
        let text = String(decoding: value.trimmed, as: UTF8.self)
        guard let number = CellNumber(text) else { throw fault(.number) }
        guard format != .number, let total = number.daysAsSeconds, total >= 0 else { return .number(number) }
        if format == .elapsed || format == .time && total < 86_400 { return .time(seconds: total) }
        let (days, seconds) = total.quotientAndRemainder(dividingBy: 86_400)
        guard var date = SerialDate.day(days, from1904: from1904) else {
            return format == .time ? .time(seconds: total) : .number(number)
        }
        date.seconds = seconds == 0 ? nil : seconds
        return .date(date)
    }

    // MARK: Values

    /// Decimal digits, at most nine.
    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 9 else { return nil }
        var value = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte) - 0x30
        }
        return value
    }

    private static func truth(_ bytes: ArraySlice<UInt8>) -> Bool? {
        switch String(decoding: bytes, as: UTF8.self) {
        case "1", "true", "TRUE": true
        case "0", "false", "FALSE": false
        default: nil
        }
    }

    private static func isTrue(_ bytes: ArraySlice<UInt8>) -> Bool { truth(bytes) ?? false }
}

extension [UInt8] {
    /// Without blanks before and behind.
    var trimmed: ArraySlice<UInt8> {
        let start = firstIndex { !XMLReader.isBlank($0) } ?? endIndex
        let end = lastIndex { !XMLReader.isBlank($0) }.map { $0 + 1 } ?? start
        return self[start..<end]
    }
}
