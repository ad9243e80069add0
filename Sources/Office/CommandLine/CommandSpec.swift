import Schema

/// One command of `twolists` as data: parsing, help, prompts, the manual page and completion all read this.
package struct CommandSpec: Sendable {
    package var name: CommandName
    package var summary: Text
    package var operands: [OperandSpec]
    package var options: [OptionSpec]
    package var notes: [Text]

    package init(
        _ name: CommandName, _ summary: Text, operands: [OperandSpec] = [], options: [OptionSpec] = [],
        notes: [Text] = []
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.options = options + (name.isMutating ? OptionSpec.ofEveryMutation : [])
        self.notes = notes
    }

    package func option(_ name: String) -> OptionSpec? {
        options.first { $0.name == name } ?? OptionSpec.global.first { $0.name == name }
    }

    /// The option of one letter, as in `-d`.
    func option(short letter: String) -> OptionSpec? {
        (options + OptionSpec.global).first { $0.short == letter }
    }
}

/// What stands behind the command without `--`.
package struct OperandSpec: Sendable, Hashable {
    package var label: Text
    package var required: Bool
    package var help: Text

    package init(_ label: Text, required: Bool = true, _ help: Text) {
        self.label = label
        self.required = required
        self.help = help
    }

    /// The number, the phone reference or the target id of an item.
    package static let key = OperandSpec(
        Text("编号", "KEY"),
        Text("正式编号、电话查询码或事项编号(32位十六进制)", "number, phone reference, or target id (32 hex digits)"))
}

/// One `--name` of a command.
package struct OptionSpec: Sendable {
    package var name: String
    package var label: Text
    package var kind: ValueKind
    /// Asked for on a terminal when it is missing; an error elsewhere.
    package var required: Bool
    package var repeated: Bool
    /// Required when another option has one of these choices: the policy basis of "declined".
    package var requiredIf: Condition?
    /// Not required when this other option is given: two ways to say one thing.
    package var requiredUnless: String?
    package var help: Text?
    /// One letter that may be typed instead, as in `-d`.
    package var short: String?

    package struct Condition: Sendable, Hashable {
        var option: String
        var choice: Int32
    }

    package init(
        _ name: String, _ label: Text, _ kind: ValueKind, required: Bool = false, repeated: Bool = false,
        requiredIf: Condition? = nil, requiredUnless: String? = nil, help: Text? = nil, short: String? = nil
    ) {
        self.name = name
        self.label = label
        self.kind = kind
        self.required = required
        self.repeated = repeated
        self.requiredIf = requiredIf
        self.requiredUnless = requiredUnless
        self.help = help
        self.short = short
    }

    /// Whether it must be there, given what is there already.
    package func isRequired(in invocation: Invocation) -> Bool {
        if let requiredUnless, invocation.has(requiredUnless) { return false }
        guard let requiredIf else { return required }
        return invocation.values[requiredIf.option]?.last == .choice(requiredIf.choice)
    }

    /// Understood by every command.
    package static let global: [OptionSpec] = [
        OptionSpec(
            "profile", Text("配置文件", "profile"), .text, help: Text("配置名称或路径", "a profile's name or path")),
        OptionSpec(
            "json", Text("JSON 输出", "JSON"), .flag, help: Text("以 JSON 输出，供程序读取", "print JSON, for programs")),
        OptionSpec(
            "lang", Text("语言", "language"), .choice(Choice.languages), help: Text("zh 或 en", "zh or en")),
        OptionSpec(
            "timeout", Text("最长等待", "timeout"), .integer(1...3600),
            help: Text("最长等待秒数，默认 20", "seconds to wait at most, 20 by default")),
        OptionSpec(
            "help", Text("帮助", "help"), .flag, help: Text("显示本命令的用法", "show how to use the command"),
            short: "h"),
    ]

    /// Understood by every command that changes something.
    static let ofEveryMutation: [OptionSpec] = [
        OptionSpec(
            "save", Text("存为命令文件", "save"), .file,
            help: Text("不发送，签名后存为文件，由市局导入", "do not send: sign and write a file, for the bureau to import")),
        OptionSpec(
            "expect", Text("预期版本", "expected version"), .integer(0...Int.max),
            help: Text("您所见的版本号；默认先读取当前版本", "the version you saw; read first by default")),
        offline,
    ]

    static let offline = OptionSpec(
        "offline", Text("不联网", "offline"), .flag,
        help: Text("不联网，先存入待发箱，以后自动发送", "do not connect: queue it in the outbox, to be sent later"))
}

/// What an option's value is.
package enum ValueKind: Sendable {
    case flag
    /// Free text. `@path` reads it from a file, `@-` from standard input, `@@…` is text that begins with `@`.
    case text
    case date
    case integer(ClosedRange<Int>)
    case choice([Choice])
    /// A party's key or code: `county/421321`, `421321`, `LU-07`.
    case party
    /// A code of a list the bureau keeps.
    case code(list: String)
    case file
    /// `kind=path`: a material and its document.
    case material
    case hex
}

/// One of a fixed set of values.
package struct Choice: Sendable, Hashable {
    /// What may be typed; the first is the stable one.
    package var words: [String]
    package var text: Text
    package var number: Int32

    init(_ words: [String], _ text: Text, _ number: Int32) {
        self.words = words
        self.text = text
        self.number = number
    }

    /// All values of an enum but the zero, typed as code (with `-`), Chinese name, or an extra word.
    static func all<Value: Named>(of type: Value.Type, extra: (Value) -> [String] = { _ in [] }) -> [Choice] {
        type.allCases.filter { $0.rawValue != 0 }.compactMap { value in
            guard let text = value.text else { return nil }
            let code = value.code.replacing("_", with: "-")
            return Choice([code, text.zh] + extra(value), text, value.rawValue)
        }
    }

    static let languages = [
        Choice(["zh", "中文"], Text("中文", "Chinese"), 0), Choice(["en", "英文"], Text("英文", "English"), 1),
    ]
    package enum HelpForm: Int32 { case manual, completion }
    static let helpForms = [
        Choice(["manual", "手册"], Text("手册页", "manual page"), HelpForm.manual.rawValue),
        Choice(["completion", "补全"], Text("补全脚本", "completion"), HelpForm.completion.rawValue),
    ]
    static let directions = all(of: Direction.self) { $0 == .unitToLocal ? ["部队提", "军提"] : ["地方提", "地提"] }
    static let waves = all(of: Wave.self)
    static let savedViews = all(of: SavedView.self) { savedWords[$0] ?? [] }
    private static let savedWords: [SavedView: [String]] = [
        .toDo: ["todo", "待办"], .waiting: ["待我答复"], .late: ["已逾期"],
    ]
    static let requestStates = all(of: RequestState.self) { $0 == .withdrawn ? ["撤回"] : [] }
    static let caseStates = all(of: CaseState.self) { $0 == .withdrawn ? ["撤回"] : [] }
    static let lights = all(of: Light.self) { [String($0.text?.zh.prefix(1) ?? "")] }
    static let decisions = all(of: Decision.self)
    static let grades = all(of: ResultGrade.self) { grade in
        [grade.letter, grade.letter.lowercased(), String((grade.text?.zh ?? "").dropFirst(2))]
    }
    static let satisfactions = all(of: Satisfaction.self)
    static let peopleKinds = all(of: PeopleKind.self)
    static let roles = all(of: Role.self)
    static let yesNo = [
        Choice(["yes", "是", "y"], Text("是", "yes"), 1), Choice(["no", "否", "n"], Text("否", "no"), 0),
    ]

    /// The choice a typed word means: exact, then ignoring case.
    static func matching(_ word: String, in choices: [Choice]) -> Choice? {
        choices.first { $0.words.contains(word) }
            ?? choices.first { choice in choice.words.contains { $0.lowercased() == word.lowercased() } }
    }
}
