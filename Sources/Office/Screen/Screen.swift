import Foundation

/// The line every screen and every print carries (DOMAIN.md 1), by `ScreenNotice.line`.
package let classifiedNotice = "本系统不得传输、存储涉密信息"

/// The reader's language. Chinese is the default; English is `--lang en`.
package enum Language: String, Sendable, Hashable, CaseIterable {
    case zh
    case en
}

/// A text in every language the program speaks.
package struct Text: Sendable, Hashable {
    package let zh: String
    package let en: String

    package init(_ zh: String, _ en: String) {
        self.zh = zh
        self.en = en
    }

    package subscript(language: Language) -> String {
        language == .zh ? zh : en
    }
}

/// Colours used on screens. Meaning never rests on colour alone: every light has its word beside it.
package enum Colour: Sendable, Hashable {
    case green
    case yellow
    case red
    case blue
    case dim
    case bold

    fileprivate var code: String {
        switch self {
        case .green: "32"
        case .yellow: "33"
        case .red: "31"
        case .blue: "34"
        case .dim: "2"
        case .bold: "1"
        }
    }
}

/// Where and how text is shown: language, width, colour.
package struct Screen: Sendable {
    package var language: Language
    /// Cells of a line.
    package var columns: Int
    /// Where there is no terminal: a landscape page in print, and the same everywhere.
    package static let printedColumns = 120
    package var coloured: Bool

    package init(language: Language = .zh, columns: Int = 80, coloured: Bool = false) {
        self.language = language
        self.columns = columns
        self.coloured = coloured
    }

    /// The screen behind standard output: colour only on a terminal, and not when NO_COLOR is set (no-color.org) or TERM is dumb.
    package static func standardOutput(
        language: Language, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Screen {
        let terminal = isatty(STDOUT_FILENO) == 1
        return Screen(
            language: language, columns: terminal ? terminalColumns() : printedColumns,
            coloured: allowsColour(terminal: terminal, environment: environment))
    }

    /// Whether colour may be used. Pure, so that the rule is tested.
    package static func allowsColour(terminal: Bool, environment: [String: String]) -> Bool {
        guard terminal, environment["TERM"] != "dumb" else { return false }
        return (environment["NO_COLOR"] ?? "").isEmpty
    }

    private static func terminalColumns() -> Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
        return min(Int(size.ws_col), 200)
    }

    package func paint(_ text: String, _ colour: Colour?) -> String {
        guard coloured, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.code)m\(text)\u{1B}[0m"
    }

    /// Text from outside made harmless for a terminal: control characters (escape sequences would let a title repaint the screen)
    /// and characters that turn the writing direction become `�`; line breaks and tabs become a space, or stay as
    /// line breaks when `lines` is true.
    package static func clean(_ text: String, lines: Bool = false) -> String {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: cleaned.append(lines ? scalar : " ")
            case 0x0D: if !lines { cleaned.append(" ") }
            case 0x09, 0x2028, 0x2029: cleaned.append(" ")
            case 0x00...0x1F, 0x7F...0x9F: cleaned.append("\u{FFFD}")
            case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x061C: cleaned.append("\u{FFFD}")
            default: cleaned.append(scalar)
            }
        }
        return String(cleaned)
    }
}
