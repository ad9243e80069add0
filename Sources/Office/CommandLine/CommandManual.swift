package import Manual

/// The command table as the manual page and the completion read it.
extension HelpText {
    /// The whole program, in this help's language.
    package func manual() -> CommandLineManual {
        CommandLineManual(
            program: "twolists", section: 1, summary: t("双清单工作台客户端", "the client of the two-lists exchange"),
            description: description, commands: CommandTable.all.flatMap(commands),
            common: OptionSpec.global.map(option), chapters: chapters,
            words: language == .zh ? .chinese : .english)
    }

    private var description: [String] {
        [
            t(
                "市局一台服务器，各单位一个命令。需求、个案、存证回执、审计记录和服务器管理都在下列命令中。您是哪个单位的哪一位，由配置文件中的证书决定。",
                "One server at the bureau, one command at every office: requests, cases, receipts, the audit trail and the server's "
                    + "administration. Who you are stands in the certificate that the profile names."),
            t(
                "没有得到答复的命令留在待发箱中，重发不会重复办理。每一个答复的存证回执保存在配置文件旁边。",
                "A command without an answer stays in the outbox; sent again it is not done twice. The receipt of every answer is kept "
                    + "beside the profile."),
            classifiedNotice,
        ]
    }

    /// `ca` has words of its own, each a command here.
    private func commands(_ spec: CommandSpec) -> [CommandLineManual.Command] {
        guard spec.name != .ca else { return CAVerb.allCases.map { $0.spec.manual(language) } }
        return [
            CommandLineManual.Command(
                spec.name.words, spec.summary[language], operands: spec.operands.map { operand($0, spec) },
                options: spec.options.map(option), notes: spec.notes.map { $0[language] })
        ]
    }

    private func operand(_ operand: OperandSpec, _ spec: CommandSpec) -> CommandLineManual.Operand {
        CommandLineManual.Operand(
            operand.label[language], operand.help[language], required: operand.required, offered(spec.name))
    }

    private func offered(_ name: CommandName) -> CommandLineManual.Value {
        switch name {
        case .send, .import, .calendarLoad, .supervisionLoad, .auditVerify, .roundVerify, .receiptShow,
            .receiptVerify,
            .receiptCompare, .batchCheck, .batchSend:
            .files
        case .help: .words(firstWords)
        default: .free
        }
    }

    private var firstWords: [String] {
        CommandName.allCases.compactMap(\.words.first).reduce(into: []) { words, word in
            if words.last != word { words.append(word) }
        }
    }

    private func option(_ option: OptionSpec) -> CommandLineManual.Option {
        CommandLineManual.Option(
            option.name, label(of: option), explanation(of: option), short: option.short,
            need: option.required ? .required : .optional, repeated: option.repeated, value: offered(option))
    }

    private func offered(_ option: OptionSpec) -> CommandLineManual.Value {
        switch option.kind {
        case .choice(let choices): .words(choices.compactMap(\.words.first))
        case .file: .files
        case .text where option.name == "profile": .files
        default: .free
        }
    }

    private var chapters: [CommandLineManual.Chapter] {
        let codes = ExitCode.allCases.map {
            CommandLineManual.Entry("\($0.rawValue)", $0.meaning[language])
        }
        let files = ProfileFinder.places.map { CommandLineManual.Entry($0.place, $0.text[language]) }
        return [
            CommandLineManual.Chapter(t("退出码", "EXIT STATUS"), codes),
            CommandLineManual.Chapter(t("文件和环境变量", "FILES AND ENVIRONMENT"), files),
            CommandLineManual.Chapter(
                t("参见", "SEE ALSO"),
                [.init("twolists\u{2d}server(8)", t("市局的服务器", "the bureau's server"))]),
        ]
    }
}
