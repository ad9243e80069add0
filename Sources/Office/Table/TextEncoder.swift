/// Writes text in the encoding a file came in, piece by piece.
struct TextEncoder {
    let encoding: TextEncoding

    /// What stands in front of a file: without it spreadsheet programs take UTF-8 for GBK.
    var mark: [UInt8] {
        switch encoding {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .gb18030: []
        case .utf16LittleEndian: [0xFF, 0xFE]
        case .utf16BigEndian: [0xFE, 0xFF]
        }
    }

    /// - Parameter text: well-formed UTF-8, of which there is none that these four encodings cannot say.
    func encode(_ text: [UInt8]) throws(Charset.Failure) -> [UInt8] {
        switch encoding {
        case .utf8: return text
        case .gb18030:
            // No character takes more than four bytes there, nor less than one here.
            return try Charset.convert(text, from: "UTF-8", to: "GB18030", growth: 4)
        case .utf16LittleEndian:
            return String(decoding: text, as: UTF8.self).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .utf16BigEndian:
            return String(decoding: text, as: UTF8.self).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        }
    }
}

/// Cells joined to a line as RFC 4180 has it, ended by CR LF.
struct LineWriter {
    let separator: Separator
    private(set) var bytes: [UInt8] = []

    init(_ separator: Separator) { self.separator = separator }

    mutating func append(_ cells: [ArraySlice<UInt8>]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(separator.rawValue) }
            append(cell)
        }
        bytes += [0x0D, 0x0A]
    }

    private mutating func append(_ cell: ArraySlice<UInt8>) {
        let quote = UInt8(ascii: "\"")
        guard cell.contains(where: { $0 == separator.rawValue || $0 == quote || $0 == 0x0D || $0 == 0x0A })
        else {
            return bytes.append(contentsOf: cell)
        }
        bytes.append(quote)
        for byte in cell {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}
