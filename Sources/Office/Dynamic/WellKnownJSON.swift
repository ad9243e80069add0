import Wire

// The types of google.protobuf that have a form of their own in JSON (protobuf.dev "ProtoJSON Format"): written and read here, both
// ways side by side.

private let wrappers: Set<String> = [
    "DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue",
    "StringValue",
    "BytesValue",
]

private func wellKnownName(_ type: MessageType) -> String? {
    let prefix = "google.protobuf."
    return type.name.hasPrefix(prefix) ? String(type.name.dropFirst(prefix.count)) : nil
}

extension MessageFromJSON {
    /// Nil: a type like any other.
    func wellKnown(_ json: JSON, _ type: MessageType, _ path: JSONPath) throws(JSONProblem) -> [UInt8]? {
        guard let name = wellKnownName(type) else { return nil }
        switch name {
        case "Duration":
            guard let time = ProtoTime(duration: try text(json, path)) else {
                throw path.problem(
                    "应当写成 \"1.5s\"(不超过 ±315576000000 秒)", "is written \"1.5s\", within ±315576000000 seconds")
            }
            return time.bytes
        case "Timestamp":
            guard let time = ProtoTime(timestamp: try text(json, path)) else {
                throw path.problem("应当写成 \"2026-01-02T03:04:05Z\"", "is written \"2026-01-02T03:04:05Z\"")
            }
            return time.bytes
        case "FieldMask": return try fieldMask(try text(json, path), path)
        case "Any": return try any(json, path)
        case "Struct": return try structure(json, path)
        case "ListValue": return try listValue(json, path)
        case "Value": return try anyValue(json, path)
        case _ where wrappers.contains(name): return try wrapper(json, type, path)
        default: return nil
        }
    }

    private func wrapper(_ json: JSON, _ type: MessageType, _ path: JSONPath) throws(JSONProblem) -> [UInt8]?
    {
        guard let field = type.field(1) else { return nil }
        let value = try scalar(json, field.kind, path)
        return value.isDefault ? [] : ProtoBytes.tag(1, field.wire) + value.bytes
    }

    private func fieldMask(_ text: String, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        var out: [UInt8] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            guard !part.isEmpty, !part.contains("_") else {
                throw path.problem("应当写成 \"a,bC.d\"", "is written \"a,bC.d\"")
            }
            let snake = part.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
            out += ProtoBytes.tag(1, 2) + ProtoBytes.delimited(Array(snake.utf8))
        }
        return out
    }

    private func any(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard case .object(var members) = json else {
            throw path.problem("应当是对象 {…}", "must be an object {…}")
        }
        if members.isEmpty { return [] }
        guard let place = members.firstIndex(where: { $0.key == "@type" }),
            case .string(let url) = members[place].value
        else { throw path.problem("缺少 \"@type\"", "\"@type\" is missing") }
        members.remove(at: place)
        let name = String(url.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
        guard url.contains("/"), let type = pool.message(name) else {
            throw path.member("@type").problem(
                "没有类型 \(Screen.clean(url))", "there is no type \(Screen.clean(url))")
        }
        let value: [UInt8]
        if hasOwnForm(type) {
            guard members.count == 1, members[0].key == "value" else {
                throw path.problem(
                    "这种类型写成 {\"@type\": …, \"value\": …}", "this type is written {\"@type\": …, \"value\": …}"
                )
            }
            value = try message(members[0].value, name, path.member("value").deeper)
        } else {
            value = try message(.object(members), name, path.deeper)
        }
        let body = value.isEmpty ? [] : ProtoBytes.tag(2, 2) + ProtoBytes.delimited(value)
        return ProtoBytes.tag(1, 2) + ProtoBytes.delimited(Array(url.utf8)) + body
    }

    private func structure(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard case .object(let members) = json else {
            throw path.problem("应当是对象 {…}", "must be an object {…}")
        }
        var out: [UInt8] = []
        for member in members {
            let value = try anyValue(member.value, path.member(member.key).deeper)
            let key = ProtoBytes.tag(1, 2) + ProtoBytes.delimited(Array(member.key.utf8))
            let entry = key + ProtoBytes.tag(2, 2) + ProtoBytes.delimited(value)
            out += ProtoBytes.tag(1, 2) + ProtoBytes.delimited(entry)
        }
        return out
    }

    private func listValue(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard case .array(let items) = json else { throw path.problem("应当是数组 […]", "must be an array […]") }
        var out: [UInt8] = []
        for (index, item) in items.enumerated() {
            out += ProtoBytes.tag(1, 2) + ProtoBytes.delimited(try anyValue(item, path.item(index).deeper))
        }
        return out
    }

    private func anyValue(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard path.depth <= Self.maxDepth else {
            throw path.problem("嵌套超过 \(Self.maxDepth) 层", "nested deeper than \(Self.maxDepth) levels")
        }
        switch json {
        case .null: return ProtoBytes.tag(1, 0) + [0]
        case .bool(let value): return ProtoBytes.tag(4, 0) + [value ? 1 : 0]
        case .string(let text): return ProtoBytes.tag(3, 2) + ProtoBytes.delimited(Array(text.utf8))
        case .array: return ProtoBytes.tag(6, 2) + ProtoBytes.delimited(try listValue(json, path.deeper))
        case .object: return ProtoBytes.tag(5, 2) + ProtoBytes.delimited(try structure(json, path.deeper))
        case .int, .uint, .number: return ProtoBytes.tag(2, 1) + (try scalar(json, .double, path)).bytes
        }
    }
}

/// Types whose form in JSON is no object of their fields: inside an Any they stand under "value".
private func hasOwnForm(_ type: MessageType) -> Bool {
    guard let name = wellKnownName(type) else { return false }
    return wrappers.contains(name)
        || ["Duration", "Timestamp", "FieldMask", "Any", "Struct", "ListValue", "Value"].contains(name)
}

extension MessageToJSON {
    /// Nil: a type like any other.
    func wellKnown(_ fields: RawFields, _ type: MessageType, depth: Int) throws(Problem) -> JSON? {
        guard let name = wellKnownName(type) else { return nil }
        switch name {
        case "Duration", "Timestamp":
            let time = ProtoTime(
                seconds: Int64(bitPattern: fields.last(1)?.bits ?? 0),
                nanos: Int32(truncatingIfNeeded: fields.last(2)?.bits ?? 0))
            guard let text = name == "Duration" ? time.durationText : time.timestampText else {
                throw .noJSON(type: type.name)
            }
            return .string(text)
        case "FieldMask": return .string(try fieldMask(fields.values[1] ?? []))
        case "Any": return try any(fields, type, depth)
        case "Struct": return .object(try structure(fields, depth))
        case "ListValue":
            var items: [JSON] = []
            for value in fields.values[1] ?? [] {
                items.append(try message(value.data, "google.protobuf.Value", depth: depth + 1))
            }
            return .array(items)
        case "Value": return try anyValue(fields, type, depth)
        case _ where wrappers.contains(name):
            guard let field = type.field(1) else { return nil }
            return try json(fields.last(1) ?? .zero(field.kind), field.kind, depth)
        default: return nil
        }
    }

    private func fieldMask(_ values: [RawValue]) throws(Problem) -> String {
        var parts: [String] = []
        for value in values {
            var camel = ""
            var raise = false
            for character in String(decoding: value.data, as: UTF8.self) {
                // What would not come back the same has no form.
                guard !character.isUppercase, !raise || character.isLowercase else {
                    throw .noJSON(type: "google.protobuf.FieldMask")
                }
                if character != "_" { camel += raise ? character.uppercased() : String(character) }
                raise = character == "_"
            }
            guard !raise else { throw .noJSON(type: "google.protobuf.FieldMask") }
            parts.append(camel)
        }
        return parts.joined(separator: ",")
    }

    private func any(_ fields: RawFields, _ type: MessageType, _ depth: Int) throws(Problem) -> JSON {
        let url = String(decoding: fields.last(1)?.data ?? [], as: UTF8.self)
        let value = fields.last(2)?.data ?? []
        if url.isEmpty, value.isEmpty { return .object([JSON.Member]()) }
        let name = String(url.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
        guard let inner = pool.message(name) else { throw .noJSON(type: "google.protobuf.Any(\(url))") }
        let head = JSON.Member("@type", .string(url))
        let body = try message(value, name, depth: depth + 1)
        if hasOwnForm(inner) { return .object([head, JSON.Member("value", body)]) }
        guard case .object(let members) = body else { throw .noJSON(type: type.name) }
        return .object([head] + members)
    }

    private func structure(_ fields: RawFields, _ depth: Int) throws(Problem) -> [JSON.Member] {
        guard let type = pool.message("google.protobuf.Struct"), let field = type.field(1) else { return [] }
        let plain = try members(fields, type, depth: depth)
        guard let member = plain.first(where: { $0.key == field.jsonName }),
            case .object(let members) = member.value
        else {
            return []
        }
        return members
    }

    private func anyValue(_ fields: RawFields, _ type: MessageType, _ depth: Int) throws(Problem) -> JSON {
        for (number, values) in fields.values {
            guard let field = type.field(number), let last = values.last else { continue }
            if case .message = field.kind {
                return try json(.bytes(RawValue.merged(values)), field.kind, depth)
            }
            // NaN and the infinities would be read back as texts.
            if number == 2, !Double(bitPattern: last.bits).isFinite { throw .noJSON(type: type.name) }
            return try json(last, field.kind, depth)
        }
        return .null
    }
}
