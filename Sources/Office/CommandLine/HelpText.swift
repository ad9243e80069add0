/// Help from the command table, in the reader's language.
package struct HelpText: Sendable {
    let language: Language

    package init(_ language: Language) {
        self.language = language
    }

    func t(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    /// All commands, by group.
    package func overview() -> [String] {
        var lines = [
            t("twolists：双清单工作台客户端", "twolists: the client of the two-lists exchange"), "",
            t("用法：twolists 命令 [选项] [编号]", "usage: twolists COMMAND [options] [KEY]"), "",
        ]
        let width = CommandName.allCases.map { DisplayWidth.of($0.rawValue) }.max() ?? 0
        var group = ""
        for spec in CommandTable.all {
            let words = spec.name.words
            let title = words.count > 1 ? words[0] : ""
            if title != group { lines.append("") }
            group = title
            lines.append(entry(spec, width))
        }
        lines += ["", t("各命令通用的选项：", "options of every command:")] + options(OptionSpec.global)
        lines += ["", t("退出码：", "exit codes:")]
        lines += ExitCode.allCases.map { code in
            "  " + DisplayWidth.pad("\(code.rawValue)", to: 5) + code.meaning[language]
        }
        return lines + ["", t("twolists help 命令 查看某一命令的用法。", "twolists help COMMAND shows how to use one.")]
    }

    /// The commands that begin with one word; nil: none does.
    package func group(_ word: String) -> [String]? {
        let specs = CommandTable.all.filter { $0.name.words.count > 1 && $0.name.words.first == word }
        guard !specs.isEmpty else { return nil }
        let width = specs.map { DisplayWidth.of($0.name.rawValue) }.max() ?? 0
        return [t("用法：", "usage: ") + "twolists \(word) …", ""] + specs.map { entry($0, width) }
            + ["", t("twolists help 命令 查看某一命令的用法。", "twolists help COMMAND shows how to use one.")]
    }

    private func entry(_ spec: CommandSpec, _ width: Int) -> String {
        "  " + DisplayWidth.pad(spec.name.rawValue, to: width + 2) + spec.summary[language]
    }

    /// One command.
    package func command(_ spec: CommandSpec) -> [String] {
        let operands = spec.operands.map {
            $0.required ? " \($0.label[language])" : " [\($0.label[language])]"
        }
        let optional = spec.options.isEmpty ? "" : t(" [选项]", " [options]")
        var lines = [
            spec.summary[language], "",
            t("用法：", "usage: ") + "twolists \(spec.name.rawValue)" + operands.joined() + optional,
        ]
        if !spec.operands.isEmpty {
            lines.append("")
            lines += spec.operands.map { "  \($0.label[language])  \($0.help[language])" }
        }
        if !spec.options.isEmpty {
            lines += ["", t("选项(* 必填)：", "options (* required):")] + options(spec.options)
        }
        if !spec.notes.isEmpty { lines += [""] + spec.notes.map { $0[language] } }
        return lines + ["", t("通用选项：", "options of every command:")] + options(OptionSpec.global)
    }

    private func options(_ options: [OptionSpec]) -> [String] {
        let heads = options.map { "--\($0.name)\($0.short.map { " -\($0)" } ?? "") \(label(of: $0))" }
        let width = heads.map { DisplayWidth.of($0) }.max() ?? 0
        return zip(options, heads).map { option, head in
            let mark = option.required ? "*" : " "
            return "\(mark) " + DisplayWidth.pad(head, to: width + 2) + explanation(of: option)
        }
    }

    /// What an option is for: label, help, and what may be given.
    func explanation(of option: OptionSpec) -> String {
        [option.label[language], option.help?[language] ?? "", choices(of: option)]
            .filter { !$0.isEmpty }.joined(separator: t("；", "; "))
    }

    /// What its value is called; empty for one that takes none.
    func label(of option: OptionSpec) -> String {
        switch option.kind {
        case .flag: ""
        case .text: t("文字", "TEXT")
        case .date: t("日期", "DATE")
        case .integer: t("数", "N")
        case .choice: t("选项", "CHOICE")
        case .party: t("单位", "PARTY")
        case .code: t("代码", "CODE")
        case .file: t("文件", "FILE")
        case .material: t("种类=文件", "KIND=FILE")
        case .hex: t("位置", "HEX")
        }
    }

    private func choices(of option: OptionSpec) -> String {
        switch option.kind {
        case .choice(let choices):
            choices.map { language == .zh ? "\($0.text.zh)(\($0.words[0]))" : $0.words[0] }.joined(
                separator: t("、", ", "))
        case .code(let list): t("见 twolists codes \(list)", "see twolists codes \(list)")
        default: ""
        }
    }
}
