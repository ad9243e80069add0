extension CommandLineManual {
    /// For a terminal: how each command begins, a line or two each.
    package func overview() -> [String] {
        var lines = ["\(program): \(summary)", ""]
        for command in commands {
            lines.append("\(program) \(command.synopsis(optional: words.options))")
            lines.append("    " + command.summary)
        }
        for chapter in chapters {
            lines += ["", "\(chapter.title):"] + chapter.entries.map { "    \($0.term)  \($0.text)" }
        }
        return lines
    }

    /// For a terminal: one command with all it takes.
    package func usage(of command: Command) -> [String] {
        let options = command.options + common
        let width = options.map(\.form.count).max() ?? 0
        return [
            "\(program) \(command.synopsis(optional: words.options))", "    " + command.summary, "",
        ]
            + options.map { option in
                let gap = String(repeating: " ", count: width - option.form.count)
                return "    \(option.form)\(gap)  \(option.text)"
            } + command.notes.map { "\n" + $0 }
    }
}
