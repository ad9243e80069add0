/// A program's command line as data, in one language: what its manual page, its completion and its usage text are all written from.
/// A program makes it from the same table that it parses by, so none of the three can lack a command or an option.
package struct CommandLineManual: Sendable {
    package var program: String
    /// The manual's section: 1 for everybody's commands, 8 for the operator's.
    package var section: Int
    package var summary: String
    /// Paragraphs.
    package var description: [String]
    package var commands: [Command]
    /// Options that every command understands.
    package var common: [Option]
    /// What stands behind the options: exit codes, files, other pages.
    package var chapters: [Chapter]
    package var words: Words

    package init(
        program: String, section: Int, summary: String, description: [String], commands: [Command],
        common: [Option], chapters: [Chapter], words: Words
    ) {
        self.program = program
        self.section = section
        self.summary = summary
        self.description = description
        self.commands = commands
        self.common = common
        self.chapters = chapters
        self.words = words
    }

    /// The command that `words` name; nil when there is none.
    package func command(_ words: [String]) -> Command? { commands.first { $0.words == words } }
}

extension CommandLineManual {
    /// One command: `request submit`, `run`.
    package struct Command: Sendable {
        package var words: [String]
        package var summary: String
        package var operands: [Operand]
        package var options: [Option]
        /// Paragraphs behind the options.
        package var notes: [String]

        package init(
            _ words: [String], _ summary: String, operands: [Operand] = [], options: [Option] = [],
            notes: [String] = []
        ) {
            self.words = words
            self.summary = summary
            self.operands = operands
            self.options = options
            self.notes = notes
        }
    }

    /// What stands behind the command without `--`.
    package struct Operand: Sendable {
        package var label: String
        package var text: String
        package var required: Bool
        package var value: Value

        package init(_ label: String, _ text: String, required: Bool = true, _ value: Value = .free) {
            self.label = label
            self.text = text
            self.required = required
            self.value = value
        }
    }

    package struct Option: Sendable {
        /// Without `--`.
        package var name: String
        /// One letter that may be typed instead, without `-`.
        package var short: String?
        /// What its value is called; empty: it takes none.
        package var label: String
        package var value: Value
        package var need: Need
        package var repeated: Bool
        package var text: String

        package init(
            _ name: String, _ label: String, _ text: String, short: String? = nil, need: Need = .optional,
            repeated: Bool = false, value: Value = .free
        ) {
            self.name = name
            self.short = short
            self.label = label
            self.value = value
            self.need = need
            self.repeated = repeated
            self.text = text
        }

        /// One that takes no value.
        package static func flag(_ name: String, _ text: String, need: Need = .optional) -> Self {
            Self(name, "", text, need: need)
        }

        package var takesValue: Bool { !label.isEmpty }

        /// As it is typed: `--crl FILE …`.
        package var form: String {
            "--\(name)" + (takesValue ? " \(label)" : "") + (repeated ? " …" : "")
        }
    }

    package enum Need: Sendable, Hashable {
        case required, optional
        /// Instead of so many required ones in front of it: `(--crl FILE … | --no-crl)`.
        case instead(of: Int)
    }

    /// What a shell can offer for a value.
    package enum Value: Sendable, Hashable {
        case free, files, directories
        case words([String])
    }

    package struct Chapter: Sendable {
        package var title: String
        package var entries: [Entry]

        package init(_ title: String, _ entries: [Entry]) {
            self.title = title
            self.entries = entries
        }
    }

    package struct Entry: Sendable {
        package var term: String
        package var text: String

        package init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// The few words that a page itself says.
    package struct Words: Sendable {
        package var name, synopsis, description, commands, common, command, options, required: String

        package static let english = Words(
            name: "NAME", synopsis: "SYNOPSIS", description: "DESCRIPTION", commands: "COMMANDS",
            common: "OPTIONS OF EVERY COMMAND", command: "COMMAND", options: "[options]", required: "required"
        )
        package static let chinese = Words(
            name: "名称", synopsis: "概述", description: "描述", commands: "命令", common: "各命令通用的选项",
            command: "命令", options: "[选项]", required: "必填")
    }
}

extension CommandLineManual.Command {
    /// What is typed behind the program's name: operands, every option that must be there, `optional` for the others.
    package func synopsis(optional: String) -> String {
        var required: [String] = []
        for option in options {
            switch option.need {
            case .optional: continue
            case .required: required.append(option.form)
            case .instead(let count):
                let given = required.suffix(count).joined(separator: " ")
                required.removeLast(min(count, required.count))
                required.append("(\(given) | \(option.form))")
            }
        }
        if options.contains(where: { $0.need == .optional }) { required.append(optional) }
        let typed = operands.map { $0.required ? $0.label : "[\($0.label)]" }
        return (words + typed + required).joined(separator: " ")
    }
}
