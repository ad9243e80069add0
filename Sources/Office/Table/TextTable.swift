package import Exchange

/// What parts the cells of a line.
package enum Separator: UInt8, Sendable, Hashable, CaseIterable {
    case comma = 0x2C
    case tab = 0x09
    case semicolon = 0x3B

    /// The one that stands most often the same number of times in a line, outside quotes. Comma where none does.
    init(_ text: [UInt8]) {
        var best = (separator: Separator.comma, score: 0)
        for separator in Separator.allCases {
            let counts = Self.counts(text, separator.rawValue).filter { $0 > 0 }
            let score = Set(counts).map { count in count * counts.filter { $0 == count }.count }.max() ?? 0
            if score > best.score { best = (separator, score) }
        }
        self = best.separator
    }

    /// Line by line, the first two hundred.
    private static func counts(_ text: [UInt8], _ separator: UInt8) -> [Int] {
        var counts = [0]
        var isQuoted = false
        for byte in text {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == 0x0A, counts.count < 200 { counts.append(0) }
            if byte == 0x0A { isQuoted = false }
            if byte == separator, !isQuoted { counts[counts.count - 1] += 1 }
        }
        return counts
    }
}

/// Rows of a text file: RFC 4180 with commas, tabs or semicolons; lines end in CRLF, LF or CR.
///
///     at the start of a cell   a quote opens a quoted cell; anything else begins a plain one
///     in a plain cell          everything up to separator or line end is the cell, quotes too (5"管)
///     in a quoted cell         everything, separators and line ends too; a quote ends it, two are one
///     behind its quote         separator or line end; anything else is a stray quote: told, and taken as text
///
/// A first line `sep=;` is a word to spreadsheet programs and no row of the table.
package struct TextTable<Source: ByteSource>: TableSource {
    private var source: Source
    private var decoder: TextDecoder
    package private(set) var separator: Separator
    private var piece: [UInt8] = []
    private var text: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    private var rows = 0
    /// Lines ended so far: a quoted cell may span several.
    private var lines = 0
    package private(set) var hasStrayQuote = false

    private enum Place {
        case cellStart
        case plain
        case quoted
        case behindQuote
    }

    package var encoding: EncodingGuess { decoder.guess }

    package init(_ source: Source) throws(TableStop) {
        self.source = source
        var probe: [UInt8] = []
        while probe.count < TableLimits.probeBytes {
            let before = probe.count
            try Self.read(&self.source, &probe)
            if probe.count == before { break }
        }
        do {
            decoder = try TextDecoder(try EncodingGuess(Array(probe.prefix(TableLimits.probeBytes))))
        } catch let fault as EncodingGuess.Fault {
            throw .notText(fault)
        } catch {
            throw .noTable
        }
        separator = .comma
        do { try decoder.decode(probe, isLast: false, into: &text) } catch { throw .noTable }
        takeSeparator()
    }

    private mutating func takeSeparator() {
        let word = Array("sep=".utf8)
        if text.count > 5, text.starts(with: word), let said = Separator(rawValue: text[4]),
            text[5] == 0x0A || text[5] == 0x0D
        {
            separator = said
            position = text[5] == 0x0D && text.count > 6 && text[6] == 0x0A ? 7 : 6
            (rows, lines) = (1, 1)
        } else {
            separator = Separator(Array(text.prefix(TableLimits.probeBytes)))
        }
    }

    private static func read(_ source: inout Source, _ buffer: inout [UInt8]) throws(TableStop) {
        do { try source.read(into: &buffer) } catch { throw .unreadable("\(error)") }
    }

    /// More text, or the end.
    private mutating func refill() throws(TableStop) {
        text.removeAll(keepingCapacity: true)
        position = 0
        while text.isEmpty, !isAtEnd {
            piece.removeAll(keepingCapacity: true)
            try Self.read(&source, &piece)
            isAtEnd = piece.isEmpty
            do { try decoder.decode(piece, isLast: isAtEnd, into: &text) } catch { throw .noTable }
        }
    }

    package mutating func next(_ row: inout CellRow) throws(TableStop) -> Bool {
        row.removeAll()
        hasStrayQuote = false
        if position == text.count { try refill() }
        guard position < text.count else { return false }
        rows += 1
        row.number = rows
        guard rows <= TableLimits.rows else { throw .tooManyRows }
        var place = Place.cellStart
        var opened = lines + 1
        while true {
            if position == text.count {
                try refill()
                guard position < text.count else { return try end(&row, place, opened) }
            }
            guard try !step(&row, &place, &opened) else { return true }
        }
    }

    private mutating func end(_ row: inout CellRow, _ place: Place, _ opened: Int) throws(TableStop) -> Bool {
        guard place != .quoted else { throw .openQuote(row: rows, line: opened) }
        try endCell(&row)
        return true
    }

    /// Takes bytes up to the next that means something. True: the row has ended.
    private mutating func step(_ row: inout CellRow, _ place: inout Place, _ opened: inout Int)
        throws(TableStop) -> Bool
    {
        let byte = text[position]
        switch place {
        case .quoted:
            guard byte == UInt8(ascii: "\"") else {
                takeRun(&row, untilQuote: true)
                guard row.openByteCount <= TableLimits.cellBytes else {
                    throw .openQuote(row: rows, line: opened)
                }
                return false
            }
            position += 1
            place = .behindQuote
            return false
        case .cellStart where byte == UInt8(ascii: "\""):
            position += 1
            (place, opened) = (.quoted, lines + 1)
            return false
        case .behindQuote where byte == UInt8(ascii: "\""):
            position += 1
            row.appendByte(byte)
            place = .quoted
            return false
        case .cellStart, .plain, .behindQuote: break
        }
        if byte == separator.rawValue {
            position += 1
            try endCell(&row)
            place = .cellStart
            return false
        }
        if byte == 0x0A || byte == 0x0D { return try endLine(&row, byte) }
        if place == .behindQuote { hasStrayQuote = true }
        place = .plain
        takeRun(&row, untilQuote: false)
        guard row.openByteCount <= TableLimits.cellBytes else {
            throw .cellTooLong(row: rows, column: row.count)
        }
        return false
    }

    /// Copies what means nothing by itself.
    private mutating func takeRun(_ row: inout CellRow, untilQuote: Bool) {
        let start = position
        let run =
            untilQuote
            ? Self.quotedRun(text.span, from: start)
            : Self.plainRun(text.span, from: start, separator.rawValue)
        lines += run.lines
        position = run.end
        row.appendBytes(text[start..<run.end])
    }

    private static func quotedRun(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, lines: Int) {
        var (index, lines) = (start, 0)
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == 0x0A { lines += 1 }
            index += 1
        }
        return (index, lines)
    }

    private static func plainRun(_ bytes: Span<UInt8>, from start: Int, _ separator: UInt8) -> (
        end: Int, lines: Int
    ) {
        var index = start
        while index < bytes.count, bytes[index] != separator, bytes[index] != 0x0A, bytes[index] != 0x0D {
            index += 1
        }
        return (index, 0)
    }

    private func checkSize(_ row: CellRow) throws(TableStop) {
        guard row.count <= BatchLimits.cells else { throw .tooManyCells(row: rows) }
        guard row.bytes.count <= BatchLimits.rowBytes else { throw .rowTooLong(row: rows) }
    }

    private mutating func endCell(_ row: inout CellRow) throws(TableStop) {
        row.endCell(row.openByteCount == 0 ? .empty : .text)
        try checkSize(row)
    }

    /// CR LF is one end, also when a piece ends between them.
    private mutating func endLine(_ row: inout CellRow, _ byte: UInt8) throws(TableStop) -> Bool {
        position += 1
        lines += 1
        try endCell(&row)
        if byte == 0x0D {
            if position == text.count { try refill() }
            if position < text.count, text[position] == 0x0A { position += 1 }
        }
        return true
    }
}
