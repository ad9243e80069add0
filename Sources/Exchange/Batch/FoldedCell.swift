/// A cell of any format but text made plain, byte by byte into a buffer that is used again.
///
/// - full-width forms become ASCII (FullWidth.swift), the dashes of word processors `-`, the Chinese full stop `.`, `￥` `¥`;
/// - white space within becomes one space, around it goes; marks without width go;
/// - an apostrophe in front goes: spreadsheets write it to say "this is text".
struct FoldedCell {
    private(set) var bytes: [UInt8] = []

    mutating func fold(_ raw: Span<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        guard !Self.isPlainASCII(raw) else {
            for index in raw.indices { bytes.append(raw[index]) }
            return
        }
        var index = 0
        var spaceIsPending = false
        while index < raw.count {
            let byte = raw[index]
            if byte > 0x20 && byte < 0x7F {
                index += 1
                flush(&spaceIsPending)
                bytes.append(byte)
                continue
            }
            let scalar = Self.scalar(raw, &index)
            if isWhiteSpace(scalar) {
                spaceIsPending = true
            } else if !isWithoutWidth(scalar) {
                flush(&spaceIsPending)
                Self.append(Self.plain(scalar), to: &bytes)
            }
        }
        while let first = bytes.first, first == UInt8(ascii: "'") || first == 0x20 { bytes.removeFirst() }
    }

    /// Printing ASCII without spaces and without an apostrophe in front: nothing to fold.
    private static func isPlainASCII(_ raw: Span<UInt8>) -> Bool {
        guard raw.count > 0, raw[0] != UInt8(ascii: "'") else { return raw.isEmpty }
        for index in raw.indices where raw[index] <= 0x20 || raw[index] >= 0x7F { return false }
        return true
    }

    /// Folding leaves something that is no placeholder: certain from the first byte alone in nearly every cell, a Chinese character (U+4000–U+9FFF)
    /// or ASCII that is no space, apostrophe, dash or slash.
    static func isSurelyFilled(_ raw: Span<UInt8>) -> Bool {
        guard let first = raw.isEmpty ? nil : raw[0] else { return false }
        switch first {
        case UInt8(ascii: "'"), UInt8(ascii: "-"), UInt8(ascii: "/"): return false
        case 0x21...0x7E, 0xE4...0xE9: return true
        default: return false
        }
    }

    /// A text that is as it should be: printing ASCII and the characters U+4000–U+9FFF; no space, no apostrophe in front.
    static func isPlainText(_ raw: Span<UInt8>) -> Bool {
        guard raw.count > 0, raw[0] != UInt8(ascii: "'") else { return false }
        for index in raw.indices {
            switch raw[index] {
            case 0x21...0x7E, 0x80...0xBF, 0xE4...0xE9: break
            default: return false
            }
        }
        return true
    }

    private mutating func flush(_ spaceIsPending: inout Bool) {
        if spaceIsPending, !bytes.isEmpty { bytes.append(0x20) }
        spaceIsPending = false
    }

    /// One scalar of valid UTF-8. Of invalid bytes each is U+FFFD, and reading goes on behind it.
    static func scalar(_ raw: Span<UInt8>, _ index: inout Int) -> UInt32 {
        let first = raw[index]
        index += 1
        let more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0
        guard first >= 0x80 else { return UInt32(first) }
        guard more > 0, index + more <= raw.count else { return 0xFFFD }
        var scalar = UInt32(first) & (0x3F >> UInt32(more))
        for _ in 0..<more {
            scalar = scalar << 6 | UInt32(raw[index] & 0x3F)
            index += 1
        }
        return scalar
    }

    private static func plain(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x2010...0x2015, 0x2212: 0x2D
        case 0x3002: 0x2E
        case 0xFFE5: 0xA5
        default: foldedFullWidth(scalar)
        }
    }

    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift & 0x3F) }
        switch scalar {
        case ..<0x80: bytes.append(UInt8(truncatingIfNeeded: scalar))
        case ..<0x800:
            bytes.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            bytes.append(tail(0))
        case ..<0x1_0000:
            bytes.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            bytes.append(tail(6))
            bytes.append(tail(0))
        default:
            bytes.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18 & 0x07))
            bytes.append(tail(12))
            bytes.append(tail(6))
            bytes.append(tail(0))
        }
    }

    /// A dash or a slash alone stands for "nothing to say" in tables that may have no empty cells.
    var isPlaceholder: Bool {
        !bytes.isEmpty && bytes.count <= 4
            && bytes.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }
    }
}
