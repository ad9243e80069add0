/// `--name value` and `--flag`, in any order: all that a server's command line needs.
struct Options {
    struct Wrong: Error, CustomStringConvertible {
        var description: String
    }

    private var values: [String: [String]] = [:]

    /// `flags` take no value. Anything not in `names` or `flags` is an error that lists what there is.
    init(_ arguments: [String], names: Set<String>, flags: Set<String> = []) throws(Wrong) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if flags.contains(argument) {
                values[argument, default: []].append("")
            } else if names.contains(argument) {
                guard let value = rest.popFirst() else {
                    throw Wrong(description: "\(argument) needs a value")
                }
                values[argument, default: []].append(value)
            } else {
                let known = names.union(flags).sorted().joined(separator: " ")
                throw Wrong(description: "unknown option \(argument); there are: \(known)")
            }
        }
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    subscript(name: String) -> String? { values[name]?.last }

    func required(_ name: String) throws(Wrong) -> String {
        guard let value = self[name] else { throw Wrong(description: "\(name) is missing") }
        return value
    }

    func number(_ name: String, _ range: ClosedRange<Int>, default standard: Int) throws(Wrong) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Wrong(
                description:
                    "\(name) \(text): must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
