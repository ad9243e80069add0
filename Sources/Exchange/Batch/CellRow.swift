/// What a spreadsheet's cell says it is. Text files know only text and empty.
package enum CellKind: UInt8, Sendable, Hashable {
    case empty
    case text
    /// Decimal text as the file has it, an exponent included; binary fractions show as `0.30000000000000004`.
    case number
    /// `2023-03-10`, or with a time behind a space.
    case date
    /// `1` or `0`.
    case flag
    /// The word of a formula's error: `#N/A`.
    case error
}

/// One row as it was read, for text files and spreadsheets alike: the cells' UTF-8 bytes one after the other. It is used again for the next row, so
/// that reading takes no memory a row.
package struct CellRow: Sendable {
    /// As its sender counts: from one, blank rows and the header included.
    package var number = 0
    package private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var kinds: [CellKind] = []

    package init() {}

    package init(number: Int, texts: [String]) {
        self.number = number
        for text in texts { append(Array(text.utf8), text.isEmpty ? .empty : .text) }
    }

    package var count: Int { ends.count }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        kinds.removeAll(keepingCapacity: true)
    }

    package mutating func append(_ cell: [UInt8], _ kind: CellKind) {
        bytes.append(contentsOf: cell)
        endCell(kind)
    }

    /// For readers that write a cell byte by byte: `appendByte` of the open cell, then `endCell`.
    @inline(__always)
    package mutating func appendByte(_ byte: UInt8) { bytes.append(byte) }

    package mutating func appendBytes(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    package mutating func endCell(_ kind: CellKind) {
        ends.append(bytes.count)
        kinds.append(kind)
    }

    /// Puts another value into the cell ended last.
    package mutating func replaceLast(_ cell: [UInt8], _ kind: CellKind) {
        guard !ends.isEmpty else { return }
        bytes.removeLast(range(count - 1).count)
        ends.removeLast()
        kinds.removeLast()
        append(cell, kind)
    }

    /// Bytes of the cell that is not ended yet.
    package var openByteCount: Int { bytes.count - (ends.last ?? 0) }

    /// Where a cell's bytes lie; empty beyond the row's end.
    package func range(_ index: Int) -> Range<Int> {
        guard index >= 0, index < ends.count else { return 0..<0 }
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    package func kind(_ index: Int) -> CellKind {
        index >= 0 && index < kinds.count ? kinds[index] : .empty
    }

    package func text(_ index: Int) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }

    /// Nothing but white space in any cell.
    package var isBlank: Bool {
        guard bytes.contains(where: { $0 > 0x20 }) else { return true }
        return (0..<count).allSatisfy(isBlank)
    }

    package func isBlank(_ index: Int) -> Bool {
        let cell = range(index)
        guard let first = bytes[cell].first else { return true }
        // Printing ASCII decides at once; 0x80 and above may be an ideographic space.
        if first > 0x20 && first < 0x7F { return false }
        return trimmedCell(text(index)).isEmpty
    }
}

/// Without white space and the marks that take no room (byte order mark, zero-width space) around it.
package func trimmedCell(_ text: String) -> Substring {
    func isNothing(_ scalar: Unicode.Scalar) -> Bool {
        isWhiteSpace(scalar.value) || isWithoutWidth(scalar.value)
    }
    var rest = Substring(text)
    while let first = rest.unicodeScalars.first, isNothing(first) { rest.unicodeScalars.removeFirst() }
    while let last = rest.unicodeScalars.last, isNothing(last) { rest.unicodeScalars.removeLast() }
    return rest
}

/// Zero-width space and joiners, byte order mark, soft hyphen: nobody typed them, copying from web pages leaves them.
func isWithoutWidth(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0xAD, 0x200B...0x200D, 0x2060, 0xFEFF: true
    default: false
    }
}
