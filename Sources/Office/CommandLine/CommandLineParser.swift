import Crypto
package import Schema
package import Wire

/// A value as it was understood.
package enum OptionValue: Sendable, Hashable {
    case flag
    case text(String)
    case date(CivilDate)
    case integer(Int)
    case choice(Int32)
    case material(kind: String, path: String)
    case hex([UInt8])
}

/// A command line as it was understood.
package struct Invocation: Sendable, Hashable {
    package var name: CommandName
    package var operands: [String] = []
    package var values: [String: [OptionValue]] = [:]

    package init(_ name: CommandName) {
        self.name = name
    }

    package func has(_ option: String) -> Bool { values[option] != nil }

    package func text(_ option: String) -> String? {
        if case .text(let text)? = values[option]?.last { text } else { nil }
    }
    package func texts(_ option: String) -> [String] {
        (values[option] ?? []).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
    package func date(_ option: String) -> CivilDate? {
        if case .date(let date)? = values[option]?.last { date } else { nil }
    }
    package func integer(_ option: String) -> Int? {
        if case .integer(let number)? = values[option]?.last { number } else { nil }
    }
    package func choice<Value: ProtoEnum>(_ option: String, _ type: Value.Type) -> Value? {
        if case .choice(let number)? = values[option]?.last { Value(number: number) } else { nil }
    }
    package func choices<Value: ProtoEnum>(_ option: String, _ type: Value.Type) -> [Value] {
        (values[option] ?? []).compactMap {
            if case .choice(let number) = $0 { Value(number: number) } else { nil }
        }
    }
    package func yes(_ option: String) -> Bool? {
        if case .choice(let number)? = values[option]?.last { number == 1 } else { nil }
    }
    package func bytes(_ option: String) -> [UInt8]? {
        if case .hex(let bytes)? = values[option]?.last { bytes } else { nil }
    }
    package func materials(_ option: String) -> [(kind: String, path: String)] {
        (values[option] ?? []).compactMap {
            if case .material(let kind, let path) = $0 { (kind: kind, path: path) } else { nil }
        }
    }
}

/// A command line that is wrong: what, and what would be right.
package struct UsageError: Error, Sendable, Hashable {
    package var problem: Text
    package var hint: Text?
    /// The command it was about, when it got that far.
    package var command: CommandName?

    package init(problem: Text, hint: Text? = nil, command: CommandName? = nil) {
        self.problem = problem
        self.hint = hint
        self.command = command
    }

    package func text(_ language: Language) -> String {
        func sentence(_ text: Text) -> String {
            let text = text[language]
            if text.hasSuffix("？") || text.hasSuffix("?") { return text }
            return text + (language == .zh ? "。" : ".")
        }
        return sentence(problem) + (hint.map { (language == .zh ? "" : " ") + sentence($0) } ?? "")
    }
}

/// Words → `Invocation`, by the command table alone; it never reads a file or asks.
///
///     twolists [options] COMMAND [SUBCOMMAND] [options] [operands]
///     --name value   --name=value   -h   --  (the rest are operands)
package struct CommandLineParser: Sendable {
    /// The largest envelope is 256 KiB (DESIGN.md 8); one value of more cannot be part of any.
    package static let longestValueBytes = 256 * 1024
    /// A shell gives up near this anyway; it bounds what a script can throw at us.
    package static let mostArguments = 4096

    private var arguments: [String]
    private var position = 0
    private var words: [String] = []
    private var early: [(OptionSpec, String?)] = []

    private init(_ arguments: [String]) {
        self.arguments = arguments
    }

    /// `arguments` without the program's name. For `ca`, everything behind it is left unparsed in `operands`.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
        guard arguments.count <= mostArguments else {
            throw UsageError(
                problem: Text("参数太多(最多\(mostArguments)个)", "too many arguments (at most \(mostArguments))"))
        }
        var parser = CommandLineParser(arguments)
        return try parser.run()
    }

    private mutating func run() throws(UsageError) -> Invocation {
        let spec = try commandSpec()
        var invocation = Invocation(spec.name)
        for (option, value) in early { try store(option, value, spec, &invocation) }
        // `request --help`: help about what was typed so far.
        if spec.name == .help, !words.isEmpty, words != spec.name.words { invocation.operands = words }
        if spec.name == .ca {
            invocation.operands = Array(arguments[position...])
            return invocation
        }
        try parseRest(spec, &invocation)
        try checkOperands(spec, invocation)
        return invocation
    }

    /// Reads up to the command's last word; global options may stand before and between.
    private mutating func commandSpec() throws(UsageError) -> CommandSpec {
        while position < arguments.count {
            let word = arguments[position]
            position += 1
            if word.hasPrefix("-"), word != "-" {
                let (option, value) = try optionAndValue(word, CommandTable.spec(.help))
                early.append((option, value))
                continue
            }
            words.append(word)
            if let name = CommandName(rawValue: words.joined(separator: " ")) {
                return CommandTable.spec(name)
            }
            guard isPrefix(words) else { throw unknownCommand() }
        }
        if words.isEmpty || early.contains(where: { $0.0.name == "help" }) { return CommandTable.spec(.help) }
        throw unknownCommand()
    }

    private func isPrefix(_ words: [String]) -> Bool {
        CommandName.allCases.contains { $0.words.starts(with: words) }
    }

    private func unknownCommand() -> UsageError {
        let typed = Screen.clean(words.joined(separator: " "))
        let group = CommandName.allCases.filter { $0.words.count > 1 && $0.words.first == words.first }
        let firstWords = CommandName.allCases.compactMap(\.words.first)
        let names = group.isEmpty ? firstWords : group.map(\.rawValue)
        let near = Spelling.nearest(to: words.joined(separator: " "), in: names)
        let list = group.isEmpty ? nil : group.compactMap { $0.words.last }.joined(separator: ", ")
        let follows = list.map { Text("后面可接：\($0)", "one of these follows: \($0)") }
        let hint = near.map { Text("是不是要用 \($0)？", "did you mean \($0)?") } ?? follows
        let isUnfinished = words.count == 1 && !group.isEmpty
        return UsageError(
            problem: isUnfinished
                ? Text("“\(typed)”后面还缺一个词", "a word is missing after “\(typed)”")
                : Text("没有“\(typed)”这个命令", "there is no command “\(typed)”"),
            hint: isUnfinished
                ? follows : hint ?? Text("twolists help 列出全部命令", "twolists help lists all commands"))
    }

    private mutating func parseRest(_ spec: CommandSpec, _ invocation: inout Invocation) throws(UsageError) {
        var onlyOperands = false
        while position < arguments.count {
            let word = arguments[position]
            position += 1
            if word == "--", !onlyOperands {
                onlyOperands = true
            } else if !onlyOperands, word.hasPrefix("-"), word != "-" {
                let (option, value) = try optionAndValue(word, spec)
                try store(option, value, spec, &invocation)
            } else {
                invocation.operands.append(word)
            }
        }
    }

    /// The option a word names, and its value from behind `=` or from the next word.
    private mutating func optionAndValue(
        _ word: String, _ spec: CommandSpec
    ) throws(UsageError) -> (OptionSpec, String?) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let typed = String(parts[0].drop { $0 == "-" })
        let isLong = parts[0].hasPrefix("--")
        guard let option = isLong ? spec.option(typed) : spec.option(short: typed) else {
            throw unknownOption(word, spec)
        }
        let name = option.name
        if case .flag = option.kind {
            guard parts.count == 1 else {
                throw UsageError(
                    problem: Text("--\(name) 后面不带内容", "--\(name) takes no value"), hint: nil,
                    command: spec.name)
            }
            return (option, nil)
        }
        if parts.count == 2 { return (option, String(parts[1])) }
        guard position < arguments.count else {
            throw UsageError(
                problem: Text("--\(name)(\(option.label.zh))后面缺少内容", "--\(name) needs a value"), hint: nil,
                command: spec.name)
        }
        position += 1
        return (option, arguments[position - 1])
    }

    private func unknownOption(_ word: String, _ spec: CommandSpec) -> UsageError {
        let name = String((word.split(separator: "=").first ?? "").drop { $0 == "-" })
        let names = (spec.options + OptionSpec.global).map(\.name)
        let hint = Spelling.nearest(to: name, in: names).map { Text("是不是 --\($0)？", "did you mean --\($0)?") }
        let shown = Screen.clean(word)
        return UsageError(
            problem: Text(
                "“\(spec.name.rawValue)”没有选项 \(shown)", "“\(spec.name.rawValue)” has no option \(shown)"),
            hint: hint
                ?? Text("twolists help \(spec.name.rawValue) 查看用法", "see twolists help \(spec.name.rawValue)"),
            command: spec.name)
    }

    private func store(
        _ option: OptionSpec, _ value: String?, _ spec: CommandSpec, _ invocation: inout Invocation
    ) throws(UsageError) {
        let parsed = try Self.value(value ?? "", of: option, for: spec.name)
        if !option.repeated, invocation.values[option.name] != nil {
            throw UsageError(
                problem: Text("--\(option.name) 写了两次", "--\(option.name) is given twice"), hint: nil,
                command: spec.name)
        }
        invocation.values[option.name, default: []].append(parsed)
    }

    private func checkOperands(_ spec: CommandSpec, _ invocation: Invocation) throws(UsageError) {
        if invocation.has("help") { return }
        if spec.name == .help { return }
        let required = spec.operands.filter(\.required)
        if invocation.operands.count < required.count {
            let missing = required[invocation.operands.count]
            throw UsageError(
                problem: Text("缺少“\(missing.label.zh)”", "\(missing.label.en) is missing"),
                hint: missing.help,
                command: spec.name)
        }
        if invocation.operands.count > spec.operands.count {
            let surplus = Screen.clean(invocation.operands[spec.operands.count])
            throw UsageError(
                problem: Text("多出的内容“\(surplus)”", "“\(surplus)” is too much"),
                hint: Text("带空格的内容请加引号", "put text with spaces in quotes"), command: spec.name)
        }
    }

    // MARK: Values

    /// One value, checked for its kind. Prompts use it too, so that both ways accept the same.
    package static func value(
        _ text: String, of option: OptionSpec, for command: CommandName? = nil
    ) throws(UsageError) -> OptionValue {
        func wrong(_ zh: String, _ en: String) -> UsageError {
            UsageError(
                problem: Text("--\(option.name)(\(option.label.zh))\(zh)", "--\(option.name) \(en)"),
                hint: nil, command: command)
        }
        guard text.utf8.count <= longestValueBytes else {
            throw wrong("过长(最多 256 KiB)", "is too long (at most 256 KiB)")
        }
        switch option.kind {
        case .flag: return .flag
        case .text, .party, .code, .file: return .text(text)
        case .date:
            guard let date = CivilDate(typed: text) else {
                throw wrong("不是日期，请写成 2026-03-10", "is no day: write 2026-03-10")
            }
            return .date(date)
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else {
                throw wrong("应为 \(bounds(range)) 的整数", "must be an integer \(bounds(range))")
            }
            return .integer(number)
        case .choice(let choices):
            guard let choice = Choice.matching(text, in: choices) else {
                let list = choices.map { "\($0.text.zh)(\($0.words[0]))" }.joined(separator: "、")
                throw wrong("只能是：\(list)", "is one of \(choices.map { $0.words[0] }.joined(separator: ", "))")
            }
            return .choice(choice.number)
        case .material:
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw wrong("应写成 种类=文件", "is written kind=file") }
            return .material(kind: parts[0], path: parts[1])
        case .hex:
            guard let bytes = Hex.decode(text) else { throw wrong("应为十六进制", "must be hexadecimal") }
            return .hex(bytes)
        }
    }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "≥ \(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
    }
}
