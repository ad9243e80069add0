package import Schema

/// Asks for what a command line left out, field by field, on a terminal. The same checks as for options apply; a wrong answer is explained and
/// asked again. Reading and writing go through closures, so that a dialogue is a transcript in the tests.
package struct Prompter {
    /// One line without its newline; nil at the end of input.
    private let readLine: () -> String?
    private let write: (String) -> Void
    private let language: Language
    /// Choices of a code list, when the server could be asked.
    private let codes: (String) -> [CodeEntry]

    /// A list longer than this is not printed whole: the reader is sent to `twolists codes`.
    package static let longestPrintedList = 30

    package init(
        language: Language, codes: @escaping (String) -> [CodeEntry] = { _ in [] },
        readLine: @escaping () -> String?,
        write: @escaping (String) -> Void
    ) {
        self.language = language
        self.codes = codes
        self.readLine = readLine
        self.write = write
    }

    /// Fills in every required option that is missing.
    package func complete(_ invocation: Invocation, _ spec: CommandSpec) throws(UsageError) -> Invocation {
        var line = invocation
        for option in spec.options where line.values[option.name] == nil && option.isRequired(in: line) {
            line.values[option.name] = [try ask(option, spec.name)]
        }
        return line
    }

    private func ask(_ option: OptionSpec, _ command: CommandName) throws(UsageError) -> OptionValue {
        let choices = numbered(option)
        for (index, choice) in choices.enumerated() {
            write("  \(index + 1)) \(choice.shown)\n")
        }
        while true {
            let help = option.help.map { language == .zh ? "（\($0.zh)）" : " (\($0.en))" } ?? ""
            write("\(option.label[language])\(help)\(language == .zh ? "：" : ": ")")
            guard let typed = readLine() else { throw Self.missing([option], command) }
            let answer = trim(typed)
            if answer.isEmpty {
                write(Text("  此项必填。\n", "  It is required.\n")[language])
                continue
            }
            if let number = Int(answer), choices.indices.contains(number - 1) {
                return choices[number - 1].value
            }
            if case .code = option.kind, !choices.isEmpty {
                if let known = listed(answer, in: choices) { return known }
                write(
                    Text("  没有这一项，请输入序号、代码或名称。\n", "  There is none: type number, code or name.\n")[language])
                continue
            }
            do {
                return try CommandLineParser.value(answer, of: option, for: command)
            } catch {
                write("  " + error.text(language) + "\n")
            }
        }
    }

    /// The code typed as such or by its name.
    private func listed(_ answer: String, in choices: [Numbered]) -> OptionValue? {
        if let coded = choices.first(where: { $0.value == .text(answer) }) { return coded.value }
        return Naming.match(answer, in: choices, name: \.name)?.value
    }

    private struct Numbered {
        var name: String
        var shown: String
        var value: OptionValue
    }

    private func numbered(_ option: OptionSpec) -> [Numbered] {
        switch option.kind {
        case .choice(let choices):
            choices.map { Numbered(name: $0.text.zh, shown: $0.text[language], value: .choice($0.number)) }
        case .code(let list):
            codes(list).prefix(Self.longestPrintedList).map {
                Numbered(
                    name: $0.name, shown: "\(Screen.clean($0.name)) (\(Screen.clean($0.code)))",
                    value: .text($0.code))
            }
        default: []
        }
    }

    private func trim(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// What is missing where nobody can be asked.
    package static func missingRequired(_ line: Invocation, _ spec: CommandSpec) -> UsageError? {
        let missing = spec.options.filter { line.values[$0.name] == nil && $0.isRequired(in: line) }
        return missing.isEmpty ? nil : Self.missing(missing, spec.name)
    }

    private static func missing(_ options: [OptionSpec], _ command: CommandName) -> UsageError {
        let zh = options.map { "--\($0.name)(\($0.label.zh))" }.joined(separator: "、")
        let en = options.map { "--\($0.name)" }.joined(separator: ", ")
        return UsageError(
            problem: Text("缺少必填项：\(zh)", "missing: \(en)"),
            hint: Text("twolists help \(command.rawValue) 查看用法", "see twolists help \(command.rawValue)"),
            command: command)
    }
}
