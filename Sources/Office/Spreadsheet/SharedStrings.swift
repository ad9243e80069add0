/// The workbook's texts, each once (ECMA-376 part 1, 18.4.9): a String is made when a cell asks.
///
///     u32 length, text     one after the other, in memory up to `SpreadsheetLimits.heldStringBytes`; when they are more, all of them in a temporary file
///     starts               where every eighth text begins
///
/// Cells name their texts mostly in the order in which these stand, so a reader (`TextReader`) finds nearly all in the pieces it has.
struct SharedStrings: Sendable {
    private(set) var count = 0
    /// Where each text of a block of them begins; the others are found by their lengths.
    private var starts: [UInt32] = []
    /// What is in memory: all, or while they are gathered what is not in the file yet.
    private var bytes: [UInt8] = []
    private var file: TemporaryFile?
    private var inFile = 0
    var isInFile: Bool { file != nil }

    fileprivate static let block = 8
    /// Bytes written to the file at once.
    private static let gathered = 256 << 10

    init() {}

    init(_ xml: consuming XMLReader, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) {
        var xml = xml
        reading: while true {
            switch try xml.next() {
            case .finished: break reading
            case .start where xml.isNamed("si"): try add(&xml, limits)
            default: break
            }
        }
        if file != nil { try moveOut() }
    }

    private mutating func add(_ xml: inout XMLReader, _ limits: SpreadsheetLimits) throws(SpreadsheetFault) {
        guard count < limits.sharedStrings else {
            throw SpreadsheetFault(.limit(.sharedStrings, limits.sharedStrings), part: xml.part)
        }
        let text = try RichText.read(&xml, limits)
        let total = inFile + bytes.count + 4 + text.count
        guard total <= min(limits.sharedStringBytes, Int(UInt32.max)) else {
            throw SpreadsheetFault(.limit(.sharedStringBytes, limits.sharedStringBytes), part: xml.part)
        }
        if count % Self.block == 0 { starts.append(UInt32(inFile + bytes.count)) }
        withUnsafeBytes(of: UInt32(text.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: text)
        count += 1
        if bytes.count > (file == nil ? limits.heldStringBytes : Self.gathered) { try moveOut() }
    }

    /// What is in memory goes to the file, behind what is there.
    private mutating func moveOut() throws(SpreadsheetFault) {
        do throws(TemporaryFile.Failed) {
            if file == nil { file = try TemporaryFile() }
            try file?.write(bytes, at: inFile)
        } catch { throw SpreadsheetFault(.temporaryFile(error.description)) }
        inFile += bytes.count
        bytes = []
    }

    /// Those of the range that there are.
    fileprivate func read(_ range: Range<Int>) throws(SpreadsheetFault) -> [UInt8] {
        if let file {
            do throws(TemporaryFile.Failed) { return try file.read(range.clamped(to: 0..<inFile)) } catch {
                throw SpreadsheetFault(.temporaryFile(error.description))
            }
        }
        return [UInt8](bytes[range.clamped(to: 0..<bytes.count)])
    }

    fileprivate func start(of block: Int) -> Int { Int(starts[block]) }
}

/// Finds texts for one that reads a sheet, and keeps the pieces it found them in.
struct TextReader {
    private let strings: SharedStrings
    /// Each place is for the pieces whose number has it as remainder.
    private var pieces = [Piece](repeating: Piece(), count: places)

    private struct Piece {
        var number = -1
        var bytes: [UInt8] = []
    }

    /// 64 pieces of 8 KiB: those read last, and those with the words that every row has.
    private static let places = 64
    private static let pieceBytes = 8_192

    init(_ strings: SharedStrings) { self.strings = strings }

    /// Nil: there is none of this number.
    mutating func text(_ place: Int) throws(SpreadsheetFault) -> String? {
        guard place >= 0, place < strings.count else { return nil }
        var at = strings.start(of: place / SharedStrings.block)
        for _ in 0..<place % SharedStrings.block { at += 4 + (try length(at)) }
        let length = try length(at)
        let (slot, within) = (try load((at + 4) / Self.pieceBytes), (at + 4) % Self.pieceBytes)
        // Nearly always it lies in one piece.
        guard within + length <= pieces[slot].bytes.count else {
            return String(decoding: try bytes(at + 4, length), as: UTF8.self)
        }
        return String(decoding: pieces[slot].bytes[within..<within + length], as: UTF8.self)
    }

    private mutating func length(_ at: Int) throws(SpreadsheetFault) -> Int {
        let within = at % Self.pieceBytes
        let slot = try load(at / Self.pieceBytes)
        guard within + 4 <= pieces[slot].bytes.count else { return Int(try bytes(at, 4).word32(0)) }
        return Int(pieces[slot].bytes.word32(within))
    }

    private mutating func bytes(_ at: Int, _ count: Int) throws(SpreadsheetFault) -> [UInt8] {
        var (found, next) = ([UInt8](), at)
        found.reserveCapacity(count)
        while found.count < count {
            let slot = try load(next / Self.pieceBytes)
            let within = next % Self.pieceBytes
            let piece = pieces[slot].bytes.dropFirst(within).prefix(count - found.count)
            // programmer error: starts and lengths are our own, so a text ends where there are bytes
            guard !piece.isEmpty else { break }
            found.append(contentsOf: piece)
            next += piece.count
        }
        return found
    }

    /// The place where the piece of this number is.
    private mutating func load(_ number: Int) throws(SpreadsheetFault) -> Int {
        let slot = number % Self.places
        if pieces[slot].number != number {
            let start = number * Self.pieceBytes
            pieces[slot] = Piece(number: number, bytes: try strings.read(start..<start + Self.pieceBytes))
        }
        return slot
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
