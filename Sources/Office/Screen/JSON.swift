import Crypto

/// A JSON value whose objects keep the order they were built in, so that `--json` prints the same bytes for the same answer.
///
/// Written by hand because keys must be stable and numbers exact: 64-bit integers are written as JSON integers, instants as
/// `+08:00` text, byte strings as lower-case hex. JSON is read by `JSONParser`.
package indirect enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    /// A number as it was typed, or is to be written.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSON
        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// An object from pairs, in their order.
    package static func object(_ pairs: KeyValuePairs<String, JSON>) -> JSON {
        .object(pairs.map { Member($0.key, $0.value) })
    }

    /// Bytes as lower-case hex.
    package static func hex(_ bytes: [UInt8]) -> JSON {
        .string(Hex.encode(bytes))
    }

    /// An instant, nanoseconds UTC; null when zero.
    package static func time(_ nanoseconds: Int64) -> JSON {
        nanoseconds == 0 ? .null : .string(ShanghaiTime.iso(nanoseconds))
    }

    /// One line without spaces: for `watch`, one value a line.
    package var compact: String {
        var out = ""
        write(to: &out, indent: nil)
        return out
    }

    /// Two spaces a level: for everything else.
    package var pretty: String {
        var out = ""
        write(to: &out, indent: 0)
        return out
    }

    private func write(to out: inout String, indent: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .uint(let value): out += String(value)
        case .number(let text): out += text
        case .string(let value): JSON.quote(value, to: &out)
        case .array(let values):
            JSON.list(values, "[", "]", to: &out, indent: indent) { value, out, inner in
                value.write(to: &out, indent: inner)
            }
        case .object(let members):
            JSON.list(members, "{", "}", to: &out, indent: indent) { member, out, inner in
                JSON.quote(member.key, to: &out)
                out += inner == nil ? ":" : ": "
                member.value.write(to: &out, indent: inner)
            }
        }
    }

    private static func list<Item>(
        _ items: [Item], _ open: String, _ close: String, to out: inout String, indent: Int?,
        each: (Item, inout String, Int?) -> Void
    ) {
        out += open
        let inner = indent.map { $0 + 1 }
        for (index, item) in items.enumerated() {
            if index > 0 { out += "," }
            newLine(inner, to: &out)
            each(item, &out, inner)
        }
        if !items.isEmpty { newLine(indent, to: &out) }
        out += close
    }

    private static func newLine(_ indent: Int?, to out: inout String) {
        guard let indent else { return }
        out += "\n" + String(repeating: "  ", count: indent)
    }

    private static func quote(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                // DEL and C1 too: JSON allows them raw, a terminal would obey them.
                if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                    let hex = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        out += "\""
    }
}
