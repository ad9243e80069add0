import Wire

/// One thing that happened, for the log: the same in both of its forms. Never holds what somebody filed: ids and counts, addresses, identities
/// of certificates, which are opaque.
package struct LogEvent: Sendable, CustomStringConvertible {
    /// What a program reads: a short name that never changes its meaning.
    package var name: String
    /// What a person reads.
    package var text: String
    /// What of it a program wants apart, beside `text`; names are lower case with underscores.
    package var fields: [(name: String, value: Value)]

    package enum Value: Sendable, Hashable {
        case text(String)
        case integer(Int64)
    }

    package init(_ name: String, _ text: String, _ fields: [(name: String, value: Value)] = []) {
        self.name = name
        self.text = text
        self.fields = fields
    }

    package var description: String { text }

    /// One JSON object (RFC 8259) on one line: `time`, `level`, `event`, `message`, then the fields.
    /// - Parameter time: RFC 3339.
    package func json(_ level: LogLevel, at time: String) -> String {
        let head: [(name: String, value: Value)] = [
            ("time", .text(time)), ("level", .text("\(level)")), ("event", .text(name)),
            ("message", .text(text)),
        ]
        return "{"
            + (head + fields).map { "\(Self.quoted($0.name)):\(Self.written($0.value))" }.joined(
                separator: ",") + "}"
    }

    private static func written(_ value: Value) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .integer(let number): "\(number)"
        }
    }

    /// Quotes, backslashes and every control character escaped, those of C1 and the line separators of Unicode too: no viewer of logs may be
    /// driven by what a peer sent, nor see a second line.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: out += "\\\""
            case 0x5C: out += "\\\\"
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension ConnectionReport {
    /// The end of a connection as the log has it.
    var event: LogEvent {
        var fields: [(name: String, value: LogEvent.Value)] = [
            ("connection", .integer(Int64(clamping: number))), ("address", .text(address)),
            ("reason", .text(reason.rawValue)), ("phase", .text(phase.rawValue)),
        ]
        if let identity { fields.append(("identity", .text(identity))) }
        if let alertSent { fields.append(("alert_sent", .text(TLSWords.alert(alertSent)))) }
        if let alertReceived { fields.append(("alert_received", .text(TLSWords.alert(alertReceived)))) }
        fields += [
            ("duration_ms", .integer(max(duration, 0) / .millisecond)),
            ("calls", .integer(Int64(clamping: calls))),
            ("bytes_in", .integer(Int64(clamping: bytesRead))),
            ("bytes_out", .integer(Int64(clamping: bytesWritten))),
        ]
        return LogEvent("connection_ended", line, fields)
    }
}
