import Wire

/// Why a JSON value is not the message it should be, and where in it.
package struct JSONProblem: Error, Sendable, Hashable {
    /// From the outermost message: `requests[2].contact.name`; empty: the value itself.
    package var path: String
    package var problem: Text

    package var text: Text {
        path.isEmpty ? problem : Text("\(path)：\(problem.zh)", "\(path): \(problem.en)")
    }
}

/// proto3's JSON to protobuf's bytes (protobuf.dev "ProtoJSON Format"), by a schema that is known at run time only.
///
/// Read liberally where the mapping says so (both names of a field, numbers as strings, either alphabet of base64, null as "not
/// given") and strictly elsewhere: an unknown field, a key or a member of a oneof given twice, a number that does not fit, are errors.
/// Written: fields in order of number, defaults left out, packed where the schema says.
package struct MessageFromJSON {
    /// Levels of messages, as for bytes.
    package static let maxDepth = DecodingLimits.standardDepth

    let pool: SchemaPool

    package init(_ pool: SchemaPool) { self.pool = pool }

    /// - Parameter type: full name of the message.
    package func bytes(_ json: JSON, as type: String) throws(JSONProblem) -> [UInt8] {
        try message(json, type, JSONPath())
    }

    func message(_ json: JSON, _ name: String, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard let type = pool.message(name) else {
            throw path.problem("服务器没有说明类型 \(name)", "the server does not tell the type \(name)")
        }
        if let known = try wellKnown(json, type, path) { return known }
        return try fields(json, type, path)
    }

    func fields(_ json: JSON, _ type: MessageType, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard path.depth <= Self.maxDepth else {
            throw path.problem("嵌套超过 \(Self.maxDepth) 层", "nested deeper than \(Self.maxDepth) levels")
        }
        guard case .object(let members) = json else {
            throw path.problem("应当是对象 {…}(\(type.name))", "must be an object {…} (\(type.name))")
        }
        var found: [UInt32: [UInt8]] = [:]
        var names: [UInt32: String] = [:]
        var choices: [String: String] = [:]
        for member in members {
            let place = path.member(member.key)
            guard let field = type.field(named: member.key) else { throw unknown(member.key, type, path) }
            if let before = names.updateValue(member.key, forKey: field.number) {
                throw place.problem("与 \(before) 是同一字段，不能写两次", "is the same field as \(before), give it once")
            }
            if member.value == .null, !takesNull(field) { continue }
            if let oneof = field.oneof, let before = choices.updateValue(member.key, forKey: oneof) {
                throw place.problem(
                    "与 \(before) 只能二选一(\(oneof))", "and \(before) exclude each other (\(oneof))")
            }
            found[field.number] = try self.field(member.value, field, place)
        }
        return found.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    private func unknown(_ key: String, _ type: MessageType, _ path: JSONPath) -> JSONProblem {
        let shown = Screen.clean(key)
        let near = Spelling.nearest(to: key, in: type.fields.flatMap { [$0.jsonName, $0.name] })
        let hint = near.map { Text("，是不是 \($0)？", ", did you mean \($0)?") } ?? Text("", "")
        return path.problem(
            "\(type.name) 没有字段“\(shown)”\(hint.zh)", "\(type.name) has no field “\(shown)”\(hint.en)")
    }

    private func takesNull(_ field: SchemaField) -> Bool {
        if field.isRepeated { return false }
        return field.kind == .message("google.protobuf.Value")
            || field.kind == .enumeration("google.protobuf.NullValue")
    }

    // MARK: Fields

    private func field(_ json: JSON, _ field: SchemaField, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        if let entry = pool.mapEntry(field) { return try map(json, field, entry.key, entry.value, path) }
        if field.isRepeated { return try list(json, field, path) }
        let value = try value(json, field, path)
        if !field.hasPresence, value.isDefault { return [] }
        return ProtoBytes.tag(field.number, field.wire) + value.bytes
    }

    private func list(_ json: JSON, _ field: SchemaField, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard case .array(let items) = json else { throw path.problem("应当是数组 […]", "must be an array […]") }
        var out: [UInt8] = []
        for (index, item) in items.enumerated() {
            let value = try value(item, field, path.item(index))
            if !field.isPacked { out += ProtoBytes.tag(field.number, field.wire) }
            out += value.bytes
        }
        if !field.isPacked || out.isEmpty { return out }
        return ProtoBytes.tag(field.number, 2) + ProtoBytes.delimited(out)
    }

    private func map(
        _ json: JSON, _ field: SchemaField, _ key: SchemaField, _ value: SchemaField, _ path: JSONPath
    ) throws(JSONProblem) -> [UInt8] {
        guard case .object(let members) = json else {
            throw path.problem("应当是对象 {…}", "must be an object {…}")
        }
        var out: [UInt8] = []
        for member in members {
            let place = path.member(member.key)
            let name = key.kind == .bool ? boolKey(member.key) : JSON.string(member.key)
            let keyBytes = try self.value(name, key, place).bytes
            let valueBytes = try self.value(member.value, value, place).bytes
            let entry = ProtoBytes.tag(1, key.wire) + keyBytes + ProtoBytes.tag(2, value.wire) + valueBytes
            out += ProtoBytes.tag(field.number, 2) + ProtoBytes.delimited(entry)
        }
        return out
    }

    private func boolKey(_ key: String) -> JSON {
        switch key {
        case "true": .bool(true)
        case "false": .bool(false)
        default: .string(key)
        }
    }

    // MARK: Values

    struct Value {
        var bytes: [UInt8]
        var isDefault: Bool
    }

    private func value(_ json: JSON, _ field: SchemaField, _ path: JSONPath) throws(JSONProblem) -> Value {
        switch field.kind {
        case .message(let name):
            Value(bytes: ProtoBytes.delimited(try message(json, name, path.deeper)), isDefault: false)
        case .enumeration(let name): varint(UInt64(bitPattern: Int64(try number(of: json, name, path))))
        default: try scalar(json, field.kind, path)
        }
    }

    func scalar(_ json: JSON, _ kind: SchemaField.Kind, _ path: JSONPath) throws(JSONProblem) -> Value {
        switch kind {
        case .int32: varint(UInt64(bitPattern: Int64(try integer(json, Int32.self, path))))
        case .int64: varint(UInt64(bitPattern: try integer(json, Int64.self, path)))
        case .uint32: varint(UInt64(try integer(json, UInt32.self, path)))
        case .uint64: varint(try integer(json, UInt64.self, path))
        case .sint32: varint(ProtoBytes.zigzag(Int64(try integer(json, Int32.self, path))))
        case .sint64: varint(ProtoBytes.zigzag(try integer(json, Int64.self, path)))
        case .fixed32: fixed(try integer(json, UInt32.self, path))
        case .sfixed32: fixed(UInt32(bitPattern: try integer(json, Int32.self, path)))
        case .fixed64: fixed(try integer(json, UInt64.self, path))
        case .sfixed64: fixed(UInt64(bitPattern: try integer(json, Int64.self, path)))
        case .double: fixed(try double(json, path).bitPattern)
        case .float: fixed(try float(json, path).bitPattern)
        case .bool: varint(try bool(json, path) ? 1 : 0)
        case .string: delimited(Array(try text(json, path).utf8))
        case .bytes: delimited(try base64(json, path))
        case .message, .enumeration: Value(bytes: [], isDefault: true)
        }
    }

    private func varint(_ value: UInt64) -> Value {
        Value(bytes: ProtoBytes.varint(value), isDefault: value == 0)
    }

    private func fixed<Bits: FixedWidthInteger>(_ bits: Bits) -> Value {
        Value(bytes: withUnsafeBytes(of: bits.littleEndian, Array.init), isDefault: bits == 0)
    }

    private func delimited(_ bytes: [UInt8]) -> Value {
        Value(bytes: ProtoBytes.delimited(bytes), isDefault: bytes.isEmpty)
    }

    private func integer<Number: FixedWidthInteger>(
        _ json: JSON, _ type: Number.Type, _ path: JSONPath
    ) throws(JSONProblem) -> Number {
        let range = "\(Number.min)…\(Number.max)"
        let exact: ExactInteger?
        switch json {
        case .number(let text): exact = ExactInteger(text)
        case .int(let value): exact = ExactInteger(String(value))
        case .uint(let value): exact = ExactInteger(String(value))
        case .string(let text): exact = ExactInteger(digits: text)
        default: exact = nil
        }
        guard let exact else { throw path.problem("应当是整数", "must be an integer") }
        guard let value = exact.value(as: type) else {
            throw path.problem("超出范围 \(range)", "is out of range \(range)")
        }
        return value
    }

    private func double(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> Double {
        let special: [String: Double] = ["NaN": .nan, "Infinity": .infinity, "-Infinity": -.infinity]
        switch json {
        case .string(let text):
            if let value = special[text] { return value }
            // A number in quotes is read like one without.
            guard case .number(let plain)? = try? JSONParser.value(of: text), plain == text else {
                throw path.problem(
                    "应当是数字，或 \"NaN\"、\"Infinity\"、\"-Infinity\"",
                    "must be a number, or \"NaN\", \"Infinity\", \"-Infinity\"")
            }
            return try finite(plain, path)
        case .number(let text): return try finite(text, path)
        case .int(let value): return Double(value)
        case .uint(let value): return Double(value)
        default: throw path.problem("应当是数字", "must be a number")
        }
    }

    private func finite(_ text: String, _ path: JSONPath) throws(JSONProblem) -> Double {
        guard let value = Double(text), value.isFinite else {
            throw path.problem("数字过大", "the number is too large")
        }
        return value
    }

    private func float(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> Float {
        let value = try double(json, path)
        if value.isFinite, value.magnitude > Double(Float.greatestFiniteMagnitude) {
            throw path.problem("数字过大(float)", "the number is too large for a float")
        }
        return Float(value)
    }

    private func bool(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> Bool {
        guard case .bool(let value) = json else {
            throw path.problem("应当是 true 或 false", "must be true or false")
        }
        return value
    }

    func text(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> String {
        guard case .string(let value) = json else {
            throw path.problem("应当是带引号的文字", "must be a text in quotes")
        }
        return value
    }

    private func base64(_ json: JSON, _ path: JSONPath) throws(JSONProblem) -> [UInt8] {
        guard let bytes = Base64.decode(try text(json, path)) else {
            throw path.problem("应当是 base64", "must be base64")
        }
        return bytes
    }

    private func number(of json: JSON, _ name: String, _ path: JSONPath) throws(JSONProblem) -> Int32 {
        if case .null = json, name == "google.protobuf.NullValue" { return 0 }
        guard case .string(let text) = json else { return try integer(json, Int32.self, path) }
        guard let type = pool.enumeration(name) else {
            throw path.problem("服务器没有说明类型 \(name)", "the server does not tell the type \(name)")
        }
        if let value = type.values.first(where: { $0.name == text }) { return value.number }
        let names = type.values.map(\.name).joined(separator: ", ")
        throw path.problem(
            "“\(Screen.clean(text))”不是 \(name) 的值，可用：\(names)",
            "“\(Screen.clean(text))” is no \(name), which has \(names)")
    }
}

/// A place in a JSON value, and how many messages deep it is.
struct JSONPath {
    private(set) var text = ""
    private(set) var depth = 0

    func member(_ key: String) -> JSONPath {
        var inner = self
        inner.text += (text.isEmpty ? "" : ".") + Screen.clean(key)
        return inner
    }

    func item(_ index: Int) -> JSONPath {
        var inner = self
        inner.text += "[\(index)]"
        return inner
    }

    var deeper: JSONPath {
        var inner = self
        inner.depth += 1
        return inner
    }

    /// Names in it may be a server's: a terminal must not obey them.
    func problem(_ zh: String, _ en: String) -> JSONProblem {
        JSONProblem(path: text, problem: Text(Screen.clean(zh), Screen.clean(en)))
    }
}

/// Protobuf's bytes from front to back.
enum ProtoBytes {
    static func varint(_ value: UInt64) -> [UInt8] {
        var out: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return out + [UInt8(truncatingIfNeeded: rest)]
    }

    static func tag(_ number: UInt32, _ wire: UInt32) -> [UInt8] {
        varint(UInt64(number) << 3 | UInt64(wire))
    }

    static func delimited(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

    static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }
}
