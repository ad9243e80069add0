import Manual
import Testing

@testable import Office

/// Manual page and completion are made from the command table: what is in the table is in both.
@Suite("The manual page and the completion of twolists")
struct CommandManualTests {
    private func manual(_ language: Language) -> CommandLineManual { HelpText(language).manual() }

    @Test("every command has its entry, with every operand, option and note", arguments: [Language.zh, .en])
    func complete(language: Language) throws {
        let manual = manual(language)
        for name in CommandName.allCases where name != .ca {
            let spec = CommandTable.spec(name)
            let told = try #require(manual.command(name.words), "\(name.rawValue) is not in the manual")
            #expect(told.options.map(\.name) == spec.options.map(\.name))
            #expect(told.operands.count == spec.operands.count && told.notes.count == spec.notes.count)
            #expect(!told.summary.isEmpty && told.options.allSatisfy { !$0.text.isEmpty }, "\(name.rawValue)")
        }
        for verb in CAVerb.allCases { #expect(manual.command(["ca", verb.rawValue]) != nil) }
        #expect(manual.commands.count == CommandName.allCases.count - 1 + CAVerb.allCases.count)
        #expect(manual.common.map(\.name) == OptionSpec.global.map(\.name))
    }

    @Test("the page names every command and option, and ends no line in a request by accident")
    func page() {
        let page = ManualPage.text(manual(.en))
        for command in manual(.en).commands {
            for word in command.words { #expect(page.contains(Troff.escaped(word))) }
            for option in command.options {
                #expect(page.contains("\\fB\\-\\-\(Troff.escaped(option.name))\\fR"), "--\(option.name)")
            }
        }
        let requests: Set = [".TH", ".nh", ".ad", ".SH", ".TP", ".RS", ".RE", ".PP"]
        for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
            #expect(requests.contains(String(line.prefix(3))), "\(line)")
        }
    }

    @Test("a synopsis: operands, what must be there, what may stand instead of it")
    func synopsis() {
        typealias Option = CommandLineManual.Option
        let command = CommandLineManual.Command(
            ["run"], "", operands: [.init("KEY", ""), .init("ID", "", required: false)],
            options: [
                Option("data", "DIR", "", need: .required),
                Option("crl", "FILE", "", need: .required, repeated: true),
                .flag("no-crl", "", need: .instead(of: 1)), Option("port", "N", ""),
            ])
        #expect(command.synopsis(optional: "[…]") == "run KEY [ID] --data DIR (--crl FILE … | --no-crl) […]")
    }

    @Test(
        "troff: what it would take for its own is escaped, and Chinese may be broken anywhere but before what closes"
    )
    func escaping() {
        #expect(Troff.escaped(#"--a\b"#) == #"\-\-a\eb"#)
        #expect(Troff.escaped("提报，需求") == "提\\:报，\\:需\\:求")
        #expect(Troff.escaped("（见 CA）") == "（见 CA）")
        #expect(Troff.width(of: "a需") == 9)
    }
}
