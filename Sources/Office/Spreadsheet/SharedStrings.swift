/// The workbook's texts, each once (ECMA-376 part 1, 18.4.9), in one run of bytes: a String is made when a cell asks.
struct SharedStrings: Sendable {
    private var bytes: [UInt8] = []
    /// Where each text ends.
    private var ends: [UInt32] = []

    init() {}

    init(_ xml: consuming XMLReader, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) {
        var xml = xml
        while true {
            switch try xml.next() {
            case .finished: return
            case .start where xml.isNamed("si"): try add(&xml, limits)
            default: break
            }
        }
    }

    private mutating func add(_ xml: inout XMLReader, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) {
        guard ends.count < limits.sharedStrings else {
            throw SpreadsheetFault(.limit(.sharedStrings, limits.sharedStrings), part: xml.part)
        }
        let text = try RichText.read(&xml, limits)
        guard bytes.count + text.count <= min(limits.sharedStringBytes, Int(UInt32.max)) else {
            throw SpreadsheetFault(.limit(.sharedStringBytes, limits.sharedStringBytes), part: xml.part)
        }
        bytes.append(contentsOf: text)
        ends.append(UInt32(bytes.count))
    }

    /// Nil: there is none of this number.
    subscript(place: Int) -> String? {
        guard ends.indices.contains(place) else { return nil }
        let start = place == 0 ? 0 : Int(ends[place - 1])
        return String(decoding: bytes[start..<Int(ends[place])], as: UTF8.self)
    }
}

/// The text of `<si>` or `<is>`: a `<t>`, or the `<t>` of its runs joined; phonetic runs (`<rPh>`) are no text of the cell.
enum RichText {
    /// Reads to the end of the element whose start was told last. UTF-8, checked.
    static func read(_ xml: inout XMLReader, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) -> [UInt8]
    {
        var (text, isText) = ([UInt8](), false)
        let outer = xml.depth - 1
        while xml.depth > outer {
            switch try xml.next() {
            case .start where xml.isNamed("rPh"): try xml.skipElement()
            case .start: isText = xml.isNamed("t")
            case .end, .finished: isText = false
            case .text where isText: try append(xml, to: &text, limits)
            case .text: break
            }
        }
        return try checked(text, xml)
    }

    /// Adds the piece of text just told.
    static func append(
        _ xml: borrowing XMLReader, to text: inout [UInt8], _ limits: SpreadsheetLimits
    ) throws(SpreadsheetFault) {
        text.append(contentsOf: xml.text)
        guard text.count <= limits.cellTextBytes else {
            throw SpreadsheetFault(.limit(.cellTextBytes, limits.cellTextBytes), part: xml.part)
        }
    }

    /// Escapes resolved (`_x000D_`, ST_Xstring: 22.9.2.19), and known to be UTF-8.
    static func checked(_ text: [UInt8], _ xml: borrowing XMLReader) throws(SpreadsheetFault) -> [UInt8] {
        let resolved = unescaped(text)
        guard String(validating: resolved, as: UTF8.self) != nil else { throw xml.fault(.notUTF8) }
        return resolved
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "_")) else { return text }
        var (out, at) = ([UInt8](), 0)
        while at < text.count {
            if let scalar = escape(text[at...]) {
                out.append(contentsOf: String(Character(scalar)).utf8)
                at += 7
            } else {
                out.append(text[at])
                at += 1
            }
        }
        return out
    }

    /// The character of `_xHHHH_` at the beginning of `text`; nil: there is none (or half of a pair, which stays as it is).
    static func escape(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let bytes = text.prefix(7)
        guard bytes.count == 7, bytes.starts(with: "_x".utf8), bytes.last == UInt8(ascii: "_") else {
            return nil
        }
        var value: UInt32 = 0
        for byte in bytes.dropFirst(2).dropLast() {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return Unicode.Scalar(value)
    }
}
