/// A completion script for bash, complete in itself: it calls neither the program nor other scripts.
package struct BashCompletion {
    private let manual: CommandLineManual
    private let function: String

    /// The script's text, with a line feed at its end.
    package static func text(_ manual: CommandLineManual) -> String {
        BashCompletion(manual: manual).script().joined(separator: "\n") + "\n"
    }

    private init(manual: CommandLineManual) {
        self.manual = manual
        function = "_" + manual.program.map { $0 == "-" ? "_" : String($0) }.joined()
    }

    private func script() -> [String] {
        [
            "# bash completion for \(manual.program), made from its command table by `\(manual.program) help --as completion`.",
            "\(function)_words() {", "  case $1 in",
        ] + nextWords() + ["  esac", "}", "\(function)_options() {", "  case $1 in"] + optionLists() + [
            "  esac", "}", "# What the value behind an option is; nothing for one that takes none.",
            "\(function)_value() {", "  case $1 in",
        ] + values() + ["  esac", "}", "\(function)_operand() {", "  case $1 in"] + operands() + [
            "  esac", "}",
        ]
            + driver()
    }

    // MARK: The tables

    /// What may follow the words typed so far: `''` the first words, `request` the second ones.
    private func nextWords() -> [String] {
        var following: [(String, [String])] = []
        for command in manual.commands {
            for count in 0..<command.words.count {
                let before = command.words.prefix(count).joined(separator: " ")
                let next = command.words[count]
                if let place = following.firstIndex(where: { $0.0 == before }) {
                    if !following[place].1.contains(next) { following[place].1.append(next) }
                } else {
                    following.append((before, [next]))
                }
            }
        }
        return following.map { line(quoted($0.0), "echo \($0.1.joined(separator: " "))") }
    }

    private func optionLists() -> [String] {
        manual.commands.map { command in
            line(quoted(command.key), "echo \(names(command.options + manual.common))")
        } + [line("*", "echo \(names(manual.common))")]
    }

    private func names(_ options: [CommandLineManual.Option]) -> String {
        options.map { "--\($0.name)" }.joined(separator: " ")
    }

    /// First those that mean something else from command to command, then the others: `case` takes the first that fits.
    private func values() -> [String] {
        let own = manual.commands.flatMap { command in
            command.options.filter(\.takesValue).flatMap { option in
                spellings(option).map { line(quoted("\(command.key) \($0)"), answer(option.value)) }
            }
        }
        let common = manual.common.filter(\.takesValue).flatMap { option in
            spellings(option).map { line("*' \($0)'", answer(option.value)) }
        }
        return own + common
    }

    private func spellings(_ option: CommandLineManual.Option) -> [String] {
        ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    }

    private func operands() -> [String] {
        manual.commands.compactMap { command in
            command.operands.first.map { line(quoted(command.key), answer($0.value)) }
        }
    }

    private func answer(_ value: CommandLineManual.Value) -> String {
        switch value {
        case .free: "echo free"
        case .files: "echo files"
        case .directories: "echo directories"
        case .words(let words): "echo words \(words.joined(separator: " "))"
        }
    }

    private func line(_ pattern: String, _ action: String) -> String { "    \(pattern)) \(action) ;;" }

    private func quoted(_ text: String) -> String { "'\(text)'" }

    // MARK: What uses them

    /// Finds the command among the words before the cursor, then offers what the tables say. bash cuts words at `=`.
    private func driver() -> [String] {
        """
        \(function)_offer() {
          case $1 in
            words\\ *) COMPREPLY=($(compgen -W "${1#words }" -- "$2")) ;;
            files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$2")) ;;
            directories) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$2")) ;;
          esac
        }
        \(function)() {
          local IFS=$' \\t\\n' current=${COMP_WORDS[COMP_CWORD]} command= option= word next index
          COMPREPLY=()
          for ((index = 1; index < COMP_CWORD; index++)); do
            word=${COMP_WORDS[index]}
            if [ -n "$option" ]; then
              [ "$word" = = ] || option=
              continue
            fi
            case $word in
              -*) [ -z "$(\(function)_value "$command $word")" ] || option=$word ;;
              *)
                next=$(\(function)_words "$command")
                case " $next " in *" $word "*) command="${command:+$command }$word" ;; esac
                ;;
            esac
          done
          [ "$current" != = ] || current=
          if [ -n "$option" ]; then
            \(function)_offer "$(\(function)_value "$command $option")" "$current"
            return
          fi
          next=$(\(function)_words "$command")
          case $current in
            -*) COMPREPLY=($(compgen -W "$(\(function)_options "$command")" -- "$current")) ;;
            *)
              if [ -n "$next" ]; then
                COMPREPLY=($(compgen -W "$next" -- "$current"))
              else
                \(function)_offer "$(\(function)_operand "$command")" "$current"
              fi
              ;;
          esac
        }
        complete -F \(function) \(manual.program)
        """.components()
    }
}

extension CommandLineManual.Command {
    fileprivate var key: String { words.joined(separator: " ") }
}

extension String {
    fileprivate func components() -> [String] {
        split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
