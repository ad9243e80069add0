import Office

/// The words behind `twolists ca`, taken apart: `VERB operands --name value --name=value`.
struct CAWords {
    let verb: String
    private var typed: [String] = []
    private var options: [(name: String, value: String)] = []

    init(_ arguments: [String]) throws(CAUsageError) {
        guard let first = arguments.first(where: { !$0.hasPrefix("-") }) ?? arguments.first else {
            throw CAUsageError(zh: "请写明要做什么", en: "say what to do")
        }
        verb = ["-h", "--help"].contains(first) ? "help" : first
        var rest = arguments[...]
        var seenVerb = false
        while let word = rest.popFirst() {
            if word.hasPrefix("--"), word.count > 2 {
                options.append(try CAWords.option(word.dropFirst(2), &rest))
            } else if word == verb, !seenVerb {
                seenVerb = true
            } else {
                typed.append(word)
            }
        }
    }

    private static func option(
        _ word: Substring, _ rest: inout ArraySlice<String>
    ) throws(CAUsageError) -> (name: String, value: String) {
        if word == "help" { return ("help", "") }
        if let equals = word.firstIndex(of: "=") {
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
        guard let value = rest.popFirst() else {
            throw CAUsageError(zh: "--\(word) 后面缺少内容", en: "--\(word) needs a value")
        }
        return (String(word), value)
    }

    subscript(name: String) -> String? { options.last { $0.name == name }?.value }

    func all(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }

    func required(_ name: String) throws(CAUsageError) -> String {
        guard let value = self[name] else {
            throw CAUsageError(zh: "缺少 --\(name)", en: "--\(name) is missing")
        }
        return value
    }

    func number(_ name: String, _ otherwise: Int) throws(CAUsageError) -> Int {
        guard let text = self[name] else { return otherwise }
        guard let number = Int(text), (1...3650).contains(number) else {
            throw CAUsageError(
                zh: "--\(name) 应为 1 到 3650 的整数", en: "--\(name) must be a number from 1 to 3650")
        }
        return number
    }

    /// The operands, after checking that they are as many as the table says and that no option is unknown to it.
    func operands() throws(CAUsageError) -> [String] {
        let spec = CAVerb(rawValue: verb)?.spec
        let (names, count) = (spec?.options.map(\.name) ?? [], spec?.operands.count ?? 0)
        for (name, _) in options where name != "lang" && !names.contains(name) {
            throw CAUsageError(zh: "ca \(verb) 没有选项 --\(name)", en: "ca \(verb) has no option --\(name)")
        }
        guard typed.count == count else {
            throw CAUsageError(
                zh: "ca \(verb) 后面应有 \(count) 项，现有 \(typed.count) 项",
                en: "ca \(verb) takes \(count) operands, not \(typed.count)")
        }
        return typed
    }
}
