import Crypto
import Manual

/// The words behind `twolists ca`. `spec` is exhaustive, so none lacks an entry.
package enum CAVerb: String, Sendable, Hashable, CaseIterable {
    case initialise = "init"
    case request, issue, revoke, crl, show, dev

    package var spec: CASpec {
        switch self {
        case .initialise:
            CASpec(
                self, Text("建立本市证书机构", "make the city's authority"), operands: [.directory],
                options: [.city])
        case .request:
            CASpec(
                self,
                Text(
                    "在本人电脑上生成私钥(名称.key)和申请(名称.csr)",
                    "on the officer's machine: make a key, NAME.key, and a request for the bureau, NAME.csr"),
                operands: [.identity],
                options: [
                    .init("out", Text("名称", "NAME"), Text("默认取自身份", "by default from the identity")), .sm2,
                ])
        case .issue:
            CASpec(
                self, Text("签发证书", "sign a request: a certificate"), operands: [.directory, .requestFile],
                options: [.days("90"), .host, .out])
        case .revoke:
            CASpec(
                self, Text("吊销证书并更新吊销列表", "revoke a certificate and make a new revocation list"),
                operands: [.directory, .serial], options: [.reason])
        case .crl:
            CASpec(
                self, Text("更新吊销列表(每天一次)", "make a new revocation list (once a day)"),
                operands: [.directory], options: [.days("30")])
        case .show:
            CASpec(
                self,
                Text(
                    "查看签发记录，或查看一个证书、申请、吊销列表",
                    "show what was issued; or one certificate, request, list"),
                operands: [.directoryOrFile])
        case .dev:
            CASpec(
                self, Text("开发用：一次生成全部证书", "development: every certificate at once"),
                operands: [.directory], options: [.list, .server, .sm2, .demonstration])
        }
    }
}

/// One word behind `ca` as data: usage, manual page, completion and the check of options read this.
package struct CASpec: Sendable {
    package var verb: CAVerb
    package var summary: Text
    package var operands: [Operand]
    package var options: [Option]

    init(_ verb: CAVerb, _ summary: Text, operands: [Operand], options: [Option] = []) {
        self.verb = verb
        self.summary = summary
        self.operands = operands
        self.options = options
    }

    package struct Operand: Sendable {
        var label: Text
        var help: Text
        var value: CommandLineManual.Value = .files

        init(_ label: Text, _ help: Text, _ value: CommandLineManual.Value = .files) {
            self.label = label
            self.help = help
            self.value = value
        }
    }

    package struct Option: Sendable {
        package var name: String
        var label: Text
        var help: Text
        var required = false
        var repeated = false
        var value = CommandLineManual.Value.free

        init(
            _ name: String, _ label: Text, _ help: Text, required: Bool = false, repeated: Bool = false,
            value: CommandLineManual.Value = .free
        ) {
            self.name = name
            self.label = label
            self.help = help
            self.required = required
            self.repeated = repeated
            self.value = value
        }
    }

    /// What is typed, and what for: a line of `ca`'s usage.
    package func usage(_ language: Language) -> String {
        let typed = manual(language).synopsis(optional: optional(language))
        return "  twolists \(typed)    \(summary[language])"
    }

    /// Options are few: all of them stand in the usage.
    private func optional(_ language: Language) -> String {
        options.filter { !$0.required }.map { "[--\($0.name) \($0.label[language])]" }.joined(separator: " ")
    }

    func manual(_ language: Language) -> CommandLineManual.Command {
        CommandLineManual.Command(
            ["ca", verb.rawValue], summary[language],
            operands: operands.map { .init($0.label[language], $0.help[language], $0.value) },
            options: options.map { option in
                .init(
                    option.name, option.label[language], option.help[language],
                    need: option.required ? .required : .optional, repeated: option.repeated,
                    value: option.value)
            })
    }
}

extension CASpec.Operand {
    static let directory = Self(
        Text("目录", "DIR"), Text("证书机构的目录", "the authority's directory"), .directories)
    static let identity = Self(
        Text("身份", "URI"),
        Text(
            "如 twolists://421300/county/421321/officer/k7f2",
            "e.g. twolists://421300/county/421321/officer/k7f2"),
        .free)
    static let requestFile = Self(Text("申请文件", "REQUEST"), Text("名称.csr", "NAME.csr"))
    static let serial = Self(
        Text("序列号", "SERIAL"), Text("见 ca show 目录", "as `ca show DIR` lists it"), .free)
    static let directoryOrFile = Self(
        Text("目录或文件", "DIR|FILE"), Text("证书机构的目录，或一个文件", "the authority's directory, or one file"))
}

extension CASpec.Option {
    static let sm2 = Self(
        "sm2", Text("yes", "yes"),
        Text("存证服务的第二签名用SM2密钥", "an SM2 key, for the second signature of the journal"))
    static let city = Self(
        "city", Text("区划代码", "CODE"), Text("六位，如 421300", "six digits, like 421300"), required: true)
    static let host = Self(
        "host", Text("主机名", "NAME"),
        Text("写入服务器证书，可写多次", "goes into a server's certificate; may be repeated"),
        repeated: true)
    static let out = Self(
        "out", Text("文件", "FILE"), Text("默认与申请文件同名，后缀 .crt", "by default the request's name with .crt"),
        value: .files)
    static let reason = Self(
        "reason", Text("原因", "REASON"),
        Text("吊销原因，写入吊销列表", "why; it stands in the list"), required: true,
        value: .words(RevocationReason.allCases.map(\.name)))
    static let list = Self(
        "list", Text("名单", "FILE"), Text("默认 Certs/profiles/dev.txt", "Certs/profiles/dev.txt by default"),
        value: .files)
    static let server = Self(
        "server", Text("地址", "ADDRESS"), Text("写入各配置文件", "what the profiles name"))

    static let demonstration = Self(
        "demonstration-from", Text("日期", "DAY"),
        Text("演示时钟用：自该日起两年有效", "for a demonstration clock: good for two years from then"))

    static func days(_ standard: String) -> Self {
        Self(
            "days", Text("天数", "DAYS"),
            Text("有效天数，默认 \(standard)", "days it is good for, \(standard) by default"))
    }
}
