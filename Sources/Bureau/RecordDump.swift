internal import Exchange
package import Journal
internal import Schema
internal import Wire

/// A journal record as text for an operator, without keys: personal fields print as 〔密封〕, and nothing here could open them.
package enum RecordDump {
    package static let sealedText = "〔密封〕"

    /// One line of head, then one line an event.
    package static func lines(_ view: RecordView) -> [String] {
        let head = "\(view.sequence) group \(view.group) \(LogTime.text(view.time))"
        if view.type == .notice {
            return ["\(head) notice " + text([UInt8](view.body), EventV1.Notice.self)]
        }
        guard view.type == .command else {
            return ["\(head) \(system(view))"]
        }
        let body = [UInt8](view.body)
        do {
            let record = try EventV1.Record(decoding: body)
            return [head + " " + summary(record, view)]
                + record.events.map { "    " + text($0.encoded(), EventV1.Event.self) + clock($0) }
        } catch {
            return ["\(head) cannot be read: \(error)"]
        }
    }

    /// Whether this record, the first command of its journal, makes the store one for demonstrations.
    static func beginsDemonstration(_ view: RecordView) -> Bool {
        guard let record = try? EventV1.Record(decoding: [UInt8](view.body)),
            case .demonstrationBegun = record.events.first?.body
        else { return false }
        return true
    }

    /// What a demonstration clock was set to, for people; empty for other events.
    private static func clock(_ event: EventV1.Event) -> String {
        switch event.body {
        case .demonstrationBegun(let begun): "  演示时钟 \(LogTime.text(begun.from))"
        case .clockAdvanced(let advanced): "  演示时钟 \(LogTime.text(advanced.to))"
        default: ""
        }
    }

    private static func system(_ view: RecordView) -> String {
        guard let record = SystemRecord(view) else { return "\(view.type)" }
        switch record {
        case .administration(let body): return "administration " + text(body, EventV1.Administration.self)
        case .restored(let restored): return restored.words
        default: return "\(record)"
        }
    }

    private static func summary(_ record: EventV1.Record, _ view: RecordView) -> String {
        let kind = CommandKind(rawValue: record.commandKind)?.name ?? "command \(record.commandKind)"
        let actor = record.actor.map { "\($0.party)/\($0.officer) \($0.path)" } ?? "nobody"
        let outcome = record.outcome ?? Outcome()
        let result =
            outcome.refusal == .unspecified
            ? "done"
            : "refused \(outcome.refusal) \(outcome.arguments.map { "\($0.name)=\($0.value)" }.joined(separator: " "))"
        let target = EntityID(record.target)?.hex ?? "?"
        return
            "\(kind) by \(actor) on \(target) v\(record.version) \(result) command \(hex(view.commandID.bytes)) "
            + "origin \(sealedText) \(record.origin.count) bytes"
    }

    /// Any message, by its schema: `name:value`, nested in braces. Fields of later schemas print by number.
    static func text<M: Message>(_ bytes: [UInt8], _ type: M.Type) -> String {
        bytes.withUnsafeBytes { raw in
            var reader = ProtoReader(raw, unknownFields: .discard, limits: DecodingLimits())
            var parts: [String] = []
            do throws(WireError) {
                while case let tag = try reader.nextTag(), tag != 0 {
                    parts.append(try field(tag, &reader, type))
                }
            } catch {
                parts.append("(\(error))")
            }
            return parts.joined(separator: " ")
        }
    }

    private static func field(
        _ tag: UInt32, _ reader: inout ProtoReader, _ type: any Message.Type
    ) throws(WireError) -> String {
        let known = type.protoFields.first { $0.number == tag >> 3 }
        let name = known?.name ?? "field\(tag >> 3)"
        switch tag & 7 {
        case 0: return "\(name):\(number(try reader.varint(), known?.kind))"
        case 1: return "\(name):\(try reader.fixed64())"
        case 5: return "\(name):\(try reader.fixed32())"
        default: return "\(name):\(value(try reader.bytes(), known))"
        }
    }

    private static func number(_ bits: UInt64, _ kind: ProtoField.Kind?) -> String {
        switch kind {
        case .enumeration(let type): type.init(number: Int32(truncatingIfNeeded: bits)).name ?? "\(bits)"
        case .bool: bits == 0 ? "false" : "true"
        case .int32, .int64: "\(Int64(bitPattern: bits))"
        default: "\(bits)"
        }
    }

    private static func value(_ bytes: [UInt8], _ known: ProtoField?) -> String {
        guard let known else { return "\(bytes.count) bytes" }
        if known.isPersonal { return sealedText }
        switch known.kind {
        case .message(let type): return "{" + nested(bytes, type) + "}"
        case .string: return "\"\(printable(bytes))\""
        case .bytes: return hex(bytes)
        default: return "\(bytes.count) bytes"
        }
    }

    private static func nested(_ bytes: [UInt8], _ type: any Message.Type) -> String { text(bytes, type) }

    /// Control characters escaped: a terminal must not be driven by what somebody typed.
    private static func printable(_ bytes: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Times as people here read them: Asia/Shanghai, +08:00, no daylight saving.
package enum LogTime {
    /// `2026-11-23T23:15:10.123+08:00`
    package static func text(_ nanoseconds: Int64) -> String {
        let local = nanoseconds / 1_000_000 + 8 * 3_600_000
        let day = CivilDay(nanoseconds: nanoseconds)
        let milliseconds = (local % 86_400_000 + 86_400_000) % 86_400_000
        let clock = [milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1_000 % 60]
            .map { padded($0, 2) }.joined(separator: ":")
        return "\(day.text)T\(clock).\(padded(milliseconds % 1_000, 3))+08:00"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
