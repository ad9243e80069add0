/// Turns a file's bytes into UTF-8, piece by piece: what is no character becomes U+FFFD and is told where the cell is checked. The output is always
/// well formed.
///
/// A file that begins with nothing but ASCII is decided at the first byte that is none.
package struct TextDecoder: Sendable {
    package private(set) var guess: EncodingGuess
    private let table: GB18030Table?
    /// The beginning of a character whose rest is in the next piece: three bytes at most.
    private var pending: [UInt8] = []
    private var marksToSkip: Int

    /// The machine's library has no GB18030, and the file needs it.
    package struct NoTable: Error, Sendable, Hashable {}

    package init(_ guess: EncodingGuess) throws(NoTable) {
        self.guess = guess
        marksToSkip = guess.markBytes
        table = GB18030Table.shared
        guard guess.encoding != .gb18030 || table != nil else { throw NoTable() }
    }

    /// - Parameter isLast: no piece follows.
    package mutating func decode(_ piece: [UInt8], isLast: Bool, into text: inout [UInt8]) throws(NoTable) {
        var bytes = pending.isEmpty ? piece : pending + piece
        pending = []
        if marksToSkip > 0 {
            let skipped = min(marksToSkip, bytes.count)
            bytes.removeFirst(skipped)
            marksToSkip -= skipped
        }
        if guess.reason == .ascii, let first = bytes.firstIndex(where: { $0 >= 0x80 }) {
            try decide(Array(bytes[first...]), isLast)
        }
        let used: Int
        switch guess.encoding {
        case .utf8: used = utf8(bytes, isLast, &text)
        case .gb18030: used = gb18030(bytes, isLast, &text)
        case .utf16LittleEndian: used = utf16(bytes, isLast, low: 0, &text)
        case .utf16BigEndian: used = utf16(bytes, isLast, low: 1, &text)
        }
        if used < bytes.count { pending = Array(bytes[used...]) }
    }

    /// A few bytes are too few to tell: `pending` takes them along until there are more.
    private mutating func decide(_ bytes: [UInt8], _ isLast: Bool) throws(NoTable) {
        if EncodingGuess.isUTF8(bytes) {
            guess = EncodingGuess(.utf8, .wellFormed, guess.markBytes)
        } else {
            guard table != nil else { throw NoTable() }
            guess = EncodingGuess(.gb18030, .pairs, guess.markBytes)
        }
    }

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    private func utf8(_ bytes: [UInt8], _ isLast: Bool, _ text: inout [UInt8]) -> Int {
        var index = 0
        var copied = 0
        while index < bytes.count {
            guard bytes[index] >= 0x80 else {
                index += 1
                continue
            }
            let step = UTF8Step(bytes, index)
            if step.isCut, !isLast { break }
            if !step.isCharacter {
                text.append(contentsOf: bytes[copied..<index])
                text.append(contentsOf: Self.replacement)
                copied = index + step.length
            }
            index += step.length
        }
        text.append(contentsOf: bytes[copied..<max(copied, index)])
        return index
    }

    private func gb18030(_ bytes: [UInt8], _ isLast: Bool, _ text: inout [UInt8]) -> Int {
        guard let table else { return bytes.count }
        let bytes = bytes.span
        text.reserveCapacity(text.count + bytes.count * 3 / 2)
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            guard lead >= 0x80 else {
                text.append(lead)
                index += 1
                continue
            }
            guard index + 1 < bytes.count else {
                guard isLast else { return index }
                text.append(contentsOf: Self.replacement)
                return bytes.count
            }
            let trail = bytes[index + 1]
            if trail >= 0x40 {
                let entry = table.pair(lead, trail)
                // An ASCII trail is kept when the pair is none: it may be the separator.
                Self.append(entry, to: &text)
                index += entry == 0 && trail < 0x80 ? 1 : 2
            } else if trail >= 0x30, trail <= 0x39 {
                guard index + 3 < bytes.count else {
                    guard isLast else { return index }
                    text.append(contentsOf: Self.replacement)
                    index += 1
                    continue
                }
                let entry = table.quad(lead, trail, bytes[index + 2], bytes[index + 3])
                Self.append(entry, to: &text)
                index += entry == 0 ? 1 : 4
            } else {
                text.append(contentsOf: Self.replacement)
                index += 1
            }
        }
        return index
    }

    @inline(__always)
    private static func append(_ entry: UInt32, to text: inout [UInt8]) {
        guard entry != 0 else { return text.append(contentsOf: replacement) }
        var rest = entry
        repeat {
            text.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        } while rest != 0
    }

    private func utf16(_ bytes: [UInt8], _ isLast: Bool, low: Int, _ text: inout [UInt8]) -> Int {
        func unit(_ index: Int) -> UInt32 {
            UInt32(bytes[index + low]) | UInt32(bytes[index + 1 - low]) << 8
        }
        var index = 0
        while index + 1 < bytes.count {
            let first = unit(index)
            var scalar = Unicode.Scalar(first)
            var length = 2
            if first >= 0xD800, first < 0xDC00 {
                guard index + 3 < bytes.count || isLast else { break }
                if index + 3 < bytes.count, case let second = unit(index + 2), second >= 0xDC00,
                    second < 0xE000
                {
                    scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                    length = 4
                }
            }
            text.append(contentsOf: String(scalar ?? "\u{FFFD}").utf8)
            index += length
        }
        guard isLast, index < bytes.count else { return index }
        text.append(contentsOf: Self.replacement)
        return bytes.count
    }
}
