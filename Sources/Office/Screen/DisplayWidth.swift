/// How many terminal cells a text takes, and cutting and padding by cells.
///
/// Rules (Unicode 14 East Asian Width, UAX 11): W and F take two cells; marks (Mn, Me) and format characters (Cf)
/// take none; everything else, the ambiguous class included, takes one, as the C library's `wcwidth` has it.
/// Counting goes by Character: a base with its marks is as wide as its base, VARIATION SELECTOR-16 makes it two.
package enum DisplayWidth {
    /// Cells of a whole text. The text is taken as already cleaned (`Screen.clean`): no control characters.
    package static func of(_ text: String) -> Int {
        text.reduce(into: 0) { $0 += of($1) }
    }

    /// Cells of one Character: 0, 1 or 2.
    package static func of(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            if scalar.value == 0xFE0F, width == 1 { return 2 }
            if width == 0 { width = of(scalar) }
        }
        return width
    }

    /// Cells of one scalar.
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x7F { return value < 0x20 ? 0 : 1 }
        if isWide(value) { return 2 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }

    /// The text filled with spaces to `cells`; longer texts are returned as they are.
    package static func pad(_ text: String, to cells: Int, right: Bool = false) -> String {
        let missing = cells - of(text)
        guard missing > 0 else { return text }
        let spaces = String(repeating: " ", count: missing)
        return right ? spaces + text : text + spaces
    }

    /// The text cut so that it takes at most `cells`, the cut shown by `…`. A wide character is never split:
    /// the result may be one cell short.
    package static func truncate(_ text: String, to cells: Int) -> String {
        guard of(text) > cells else { return text }
        guard cells > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in text {
            let width = of(character)
            if used + width > cells - 1 { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// The text broken into lines of at most `cells`, at newlines and wherever a line is full. Chinese breaks between any
    /// two characters; a Latin word is kept whole when it fits on a line.
    package static func wrap(_ text: String, to cells: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { wrapLine(String($0), to: max(cells, 2)) }
    }

    private static func wrapLine(_ text: String, to cells: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for piece in pieces(of: text) {
            let width = of(piece)
            if used + width > cells, !line.isEmpty {
                lines.append(line)
                line = ""
                used = 0
                if piece == " " { continue }
            }
            if width > cells {
                for character in piece {
                    let one = of(character)
                    if used + one > cells {
                        lines.append(line)
                        line = ""
                        used = 0
                    }
                    line.append(character)
                    used += one
                }
            } else {
                line += piece
                used += width
            }
        }
        lines.append(line)
        return lines
    }

    /// Runs of narrow non-space characters stay together; everything else stands alone.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var word = ""
        for character in text {
            if of(character) == 1, character != " " {
                word.append(character)
                continue
            }
            if !word.isEmpty { pieces.append(word) }
            word = ""
            pieces.append(String(character))
        }
        if !word.isEmpty { pieces.append(word) }
        return pieces
    }

    private static func isWide(_ value: UInt32) -> Bool {
        if value < 0x1100 { return false }
        if value >= 0x4E00, value <= 0x9FFF { return true }
        var low = 0
        var high = wideRanges.count
        while low < high {
            let middle = (low + high) / 2
            let range = wideRanges[middle]
            if value < range.first {
                high = middle
            } else if value > range.last {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    /// Sorted, disjoint. Made from EastAsianWidth of Unicode 14; unassigned code points between two wide ones of a block
    /// count as wide, as UAX 11 has it for the ideograph planes.
    static let wideRanges: [(first: UInt32, last: UInt32)] = [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0),
        (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
        (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5),
        (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5),
        (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728),
        (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
        (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
        (0x2E80, 0x303E), (0x3041, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97C), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE6B), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6),
        (0x16FE0, 0x18D08), (0x1AFF0, 0x1B2FB), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E),
        (0x1F191, 0x1F19A), (0x1F200, 0x1F265), (0x1F300, 0x1F320), (0x1F32D, 0x1F335), (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA), (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0), (0x1F3F4, 0x1F3F4),
        (0x1F3F8, 0x1F43E), (0x1F440, 0x1F440), (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567), (0x1F57A, 0x1F57A), (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F),
        (0x1F680, 0x1F6C5), (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2), (0x1F6D5, 0x1F6DF), (0x1F6EB, 0x1F6EC),
        (0x1F6F4, 0x1F6FC), (0x1F7E0, 0x1F7F0), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF),
        (0x1FA70, 0x1FAF6), (0x20000, 0x3FFFD),
    ]
}
