/// A manual page, as troff's `man` macros: what `man` and `mandoc` read.
package struct ManualPage {
    private let manual: CommandLineManual
    private var lines: [String] = []

    /// The page's text, with a line feed at its end.
    package static func text(_ manual: CommandLineManual) -> String {
        var page = ManualPage(manual: manual)
        page.write()
        return page.lines.joined(separator: "\n") + "\n"
    }

    private init(manual: CommandLineManual) { self.manual = manual }

    private mutating func write() {
        lines.append(
            ".TH \(manual.program.uppercased()) \(manual.section) \(Release.day) \"TwoLists \(Release.version)\""
        )
        // Left-adjusted: commands and Chinese leave no blanks to stretch.
        lines += [".nh", ".ad l", ".SH \(manual.words.name)"]
        paragraph("\(Troff.escaped(manual.program)) \\- \(Troff.escaped(manual.summary))")
        lines.append(".SH \(manual.words.synopsis)")
        paragraph(
            "\\fB\(Troff.escaped(manual.program))\\fR \\fI\(Troff.escaped(manual.words.command))\\fR "
                + Troff.escaped(manual.words.options))
        lines.append(".SH \(manual.words.description)")
        paragraphs(manual.description)
        lines.append(".SH \(manual.words.commands)")
        for command in manual.commands { write(command) }
        if !manual.common.isEmpty {
            lines.append(".SH \(manual.words.common)")
            for option in manual.common { write(option) }
        }
        for chapter in manual.chapters { write(chapter) }
    }

    private mutating func write(_ command: CommandLineManual.Command) {
        let words = command.words.map(Troff.escaped).joined(separator: " ")
        lines.append(".TP")
        lines.append("\\fB\(words)\\fR\(arguments(of: command))")
        paragraph(Troff.escaped(command.summary))
        guard !(command.operands.isEmpty && command.options.isEmpty && command.notes.isEmpty) else { return }
        lines.append(".RS")
        for operand in command.operands {
            entry("\\fI\(Troff.escaped(operand.label))\\fR", operand.text)
        }
        for option in command.options { write(option) }
        for note in command.notes {
            lines.append(".PP")
            paragraph(Troff.escaped(note))
        }
        lines.append(".RE")
    }

    private func arguments(of command: CommandLineManual.Command) -> String {
        let rest = command.synopsis(optional: manual.words.options).dropFirst(
            command.words.joined(separator: " ").count)
        return Troff.escaped(String(rest))
    }

    private mutating func write(_ option: CommandLineManual.Option) {
        var head = "\\fB\\-\\-\(Troff.escaped(option.name))\\fR"
        if let short = option.short { head += ", \\fB\\-\(Troff.escaped(short))\\fR" }
        if option.takesValue { head += " \\fI\(Troff.escaped(option.label))\\fR" }
        if option.repeated { head += " …" }
        let mark = option.need == .required ? " (\(manual.words.required))" : ""
        entry(head, option.text + mark)
    }

    private mutating func write(_ chapter: CommandLineManual.Chapter) {
        lines.append(".SH \(chapter.title)")
        for each in chapter.entries { entry("\\fB\(Troff.escaped(each.term))\\fR", each.text) }
    }

    /// `head` is troff already, `text` is plain.
    private mutating func entry(_ head: String, _ text: String) {
        lines += [".TP", head]
        paragraph(Troff.escaped(text))
    }

    private mutating func paragraphs(_ texts: [String]) {
        for (index, text) in texts.enumerated() {
            if index > 0 { lines.append(".PP") }
            paragraph(Troff.escaped(text))
        }
    }

    /// One paragraph, broken where it has blanks. Chinese has none: its lines stay long, in the source only.
    private mutating func paragraph(_ troff: String) {
        var line = ""
        for word in troff.split(separator: " ") {
            if !line.isEmpty, Troff.width(of: line) + Troff.width(of: word) >= Self.lineBytes {
                lines.append(line)
                line = ""
            }
            // At a line's beginning these two would make a request of it.
            if line.isEmpty, word.hasPrefix(".") || word.hasPrefix("'") {
                line = "\\&" + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        lines.append(line)
    }

    /// What tools that check manual pages call a long line.
    private static let lineBytes = 72
}

/// Plain text into troff's.
package enum Troff {
    package static func escaped(_ text: String) -> String {
        var result = ""
        var before: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if let before, mayBreak(before, scalar) { result += "\\:" }
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            default: result.unicodeScalars.append(scalar)
            }
            before = scalar
        }
        return result
    }

    /// Bytes of a line once every character beyond ASCII is spelt `\\[u4EF6]`, as readers of these pages do first.
    package static func width(of line: some StringProtocol) -> Int {
        line.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 8) }
    }

    /// Chinese is written without blanks: a line may end between any two characters, but not in front of what closes.
    private static func mayBreak(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        (isWide(left) || isWide(right)) && !"，。；：、）》”？！… ".unicodeScalars.contains(right)
            && !"（《“ ".unicodeScalars.contains(left)
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        (0x2E80...0xFFEF).contains(scalar.value)
    }
}
