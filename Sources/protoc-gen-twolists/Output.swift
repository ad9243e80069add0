/// Lines with indentation.
struct Output {
    private(set) var text = ""
    private var depth = 0

    mutating func line(_ line: String = "") {
        text += line.isEmpty ? "\n" : String(repeating: "    ", count: depth) + line + "\n"
    }

    mutating func block(_ head: String, _ body: (inout Output) -> Void) {
        line(head + " {")
        depth += 1
        body(&self)
        depth -= 1
        line("}")
    }

    /// The schema's comment as a documentation comment.
    mutating func documentation(_ comment: String?) {
        guard let comment else { return }
        var lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { trimmed($0) }
        while lines.last == "" { lines.removeLast() }
        for one in lines { line(one.isEmpty ? "///" : "/// \(one)") }
    }

    private func trimmed(_ line: Substring) -> String {
        var rest = line.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// A name without its backticks.
    static func plain(_ name: String) -> String { name.filter { $0 != "`" } }
}
