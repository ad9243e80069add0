package import Wire

/// Protobuf's bytes to proto3's JSON, by a schema that is known at run time only. Fields in order of number under their JSON names,
/// 64-bit integers as strings, defaults without presence left out, enums by name where they have one; fields that the schema does
/// not have, or has with another wire type, are left out.
package struct MessageToJSON {
    let pool: SchemaPool

    package init(_ pool: SchemaPool) { self.pool = pool }

    /// Why bytes cannot be shown.
    package enum Problem: Error, Sendable {
        case unreadable(WireError)
        /// A type the server does not tell.
        case unknownType(String)
        /// A well-known type whose value has no JSON: a Duration out of range, an Any of an unknown type.
        case noJSON(type: String)
        case tooDeep

        package var text: Text {
            switch self {
            case .unreadable(let error):
                Text("收到的内容无法识别(\(error))", "what came cannot be read: \(error)")
            case .unknownType(let name):
                Text("服务器没有说明类型 \(name)", "the server does not tell the type \(name)")
            case .noJSON(let type): Text("\(type) 的值无法写成 JSON", "this value of \(type) has no form in JSON")
            case .tooDeep:
                Text(
                    "嵌套超过 \(MessageFromJSON.maxDepth) 层",
                    "nested deeper than \(MessageFromJSON.maxDepth) levels")
            }
        }
    }

    /// - Parameter type: full name of the message.
    package func json(_ bytes: [UInt8], as type: String) throws(Problem) -> JSON {
        try message(bytes, type, depth: 0)
    }

    func message(_ bytes: [UInt8], _ name: String, depth: Int) throws(Problem) -> JSON {
        guard let type = pool.message(name) else { throw .unknownType(name) }
        guard depth <= MessageFromJSON.maxDepth else { throw .tooDeep }
        let fields = try RawFields(bytes, of: type)
        if let known = try wellKnown(fields, type, depth: depth) { return known }
        return .object(try members(fields, type, depth: depth))
    }

    func members(_ fields: RawFields, _ type: MessageType, depth: Int) throws(Problem) -> [JSON.Member] {
        var members: [JSON.Member] = []
        for field in type.fields {
            guard let values = fields.values[field.number], let json = try self.field(values, field, depth)
            else {
                continue
            }
            members.append(JSON.Member(field.jsonName, json))
        }
        return members
    }

    /// Nil: a default that is not told.
    private func field(_ values: [RawValue], _ field: SchemaField, _ depth: Int) throws(Problem) -> JSON? {
        if let entry = pool.mapEntry(field) { return try map(values, field, entry.key, entry.value, depth) }
        if field.isRepeated {
            var items: [JSON] = []
            for value in values { items.append(try json(value, field.kind, depth)) }
            return items.isEmpty ? nil : .array(items)
        }
        guard let last = values.last else { return nil }
        if case .message = field.kind { return try json(.bytes(RawValue.merged(values)), field.kind, depth) }
        return !field.hasPresence && last.isDefault(field.kind) ? nil : try json(last, field.kind, depth)
    }

    private func map(
        _ values: [RawValue], _ field: SchemaField, _ key: SchemaField, _ value: SchemaField, _ depth: Int
    ) throws(Problem) -> JSON? {
        guard case .message(let name) = field.kind, let type = pool.message(name) else { return nil }
        var members: [JSON.Member] = []
        var places: [[UInt8]: Int] = [:]
        for entry in values {
            let parts = try RawFields(RawValue.merged([entry]), of: type)
            let keyText = keyText(try json(parts.last(1) ?? .zero(key.kind), key.kind, depth))
            let held: RawValue =
                if case .message = value.kind {
                    .bytes(RawValue.merged(parts.values[2] ?? []))
                } else {
                    parts.last(2) ?? .zero(value.kind)
                }
            let member = JSON.Member(keyText, try json(held, value.kind, depth))
            // The last of a key counts, in the place of the first.
            if let place = places[Array(keyText.utf8)] {
                members[place] = member
            } else {
                places[Array(keyText.utf8)] = members.count
                members.append(member)
            }
        }
        return members.isEmpty ? nil : .object(members)
    }

    private func keyText(_ json: JSON) -> String {
        if case .string(let text) = json { text } else { json.compact }
    }

    func json(_ value: RawValue, _ kind: SchemaField.Kind, _ depth: Int) throws(Problem) -> JSON {
        switch kind {
        case .int32, .sfixed32: return .int(Int64(Int32(truncatingIfNeeded: value.bits)))
        case .uint32, .fixed32: return .int(Int64(UInt32(truncatingIfNeeded: value.bits)))
        case .sint32:
            let bits = UInt32(truncatingIfNeeded: value.bits)
            return .int(Int64(Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1)))
        case .int64, .sfixed64: return .string(String(Int64(bitPattern: value.bits)))
        case .uint64, .fixed64: return .string(String(value.bits))
        case .sint64:
            let bits = value.bits
            return .string(String(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)))
        case .bool: return .bool(value.bits != 0)
        case .double: return number(Double(bitPattern: value.bits))
        case .float: return number(Float(bitPattern: UInt32(truncatingIfNeeded: value.bits)))
        case .string: return .string(try text(value))
        case .bytes: return .string(Base64.encode(value.data))
        case .enumeration(let name): return enumeration(Int32(truncatingIfNeeded: value.bits), name)
        case .message(let name): return try message(value.data, name, depth: depth + 1)
        }
    }

    private func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Number) -> JSON {
        if value.isNaN { return .string("NaN") }
        if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
        return .number(value.description)
    }

    private func text(_ value: RawValue) throws(Problem) -> String {
        guard let text = String(validating: value.data, as: UTF8.self) else {
            throw .unreadable(WireError(.invalidUTF8, offset: 0, path: []))
        }
        return text
    }

    private func enumeration(_ number: Int32, _ name: String) -> JSON {
        if name == "google.protobuf.NullValue" { return .null }
        let value = pool.enumeration(name)?.values.first { $0.number == number }
        return value.map { .string($0.name) } ?? .int(Int64(number))
    }
}

/// One value as it came.
enum RawValue: Sendable, Hashable {
    case number(UInt64)
    case bytes([UInt8])

    static func zero(_ kind: SchemaField.Kind) -> RawValue {
        switch kind {
        case .string, .bytes, .message: .bytes([])
        default: .number(0)
        }
    }

    /// Messages of one singular field, merged: their bytes behind one another.
    static func merged(_ values: [RawValue]) -> [UInt8] { values.flatMap(\.data) }

    var bits: UInt64 { if case .number(let bits) = self { bits } else { 0 } }
    var data: [UInt8] { if case .bytes(let data) = self { data } else { [] } }

    func isDefault(_ kind: SchemaField.Kind) -> Bool {
        switch (self, kind) {
        // The upper half of what is read as 32 bits does not count.
        case (.number(let bits), .int32), (.number(let bits), .uint32), (.number(let bits), .sint32),
            (.number(let bits), .enumeration):
            UInt32(truncatingIfNeeded: bits) == 0
        case (.number(let bits), _): bits == 0
        case (.bytes(let data), _): data.isEmpty
        }
    }
}

/// The fields of one message's bytes that its type has, by number: packed or not, the last member of a oneof alone.
struct RawFields: ProtoDecodable {
    private(set) var values: [UInt32: [RawValue]] = [:]
    private var type: MessageType?

    init() {}

    init(_ bytes: [UInt8], of type: MessageType) throws(MessageToJSON.Problem) {
        self.type = type
        do throws(WireError) {
            try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
                try merge(UnsafeRawBufferPointer(buffer), unknownFields: .discard, limits: DecodingLimits())
            }
        } catch {
            throw .unreadable(error)
        }
    }

    func last(_ number: UInt32) -> RawValue? { values[number]?.last }

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            guard let field = type?.field(tag >> 3) else {
                try reader.discard(tag)
                continue
            }
            if tag & 7 == field.wire {
                note(try RawFields.read(tag & 7, &reader), field)
            } else if tag & 7 == 2, field.isRepeated, field.wire != 2 {
                try packed(field, &reader)
            } else {
                try reader.discard(tag)
            }
        }
    }

    private static func read(_ wire: UInt32, _ reader: inout ProtoReader) throws(WireError) -> RawValue {
        switch wire {
        case 0: .number(try reader.varint())
        case 1: .number(try reader.fixed64())
        case 5: .number(UInt64(try reader.fixed32()))
        default: .bytes(try reader.bytes())
        }
    }

    private mutating func packed(_ field: SchemaField, _ reader: inout ProtoReader) throws(WireError) {
        var numbers: [UInt64] = []
        switch field.wire {
        case 0: try reader.appendPacked(ProtoUInt64.self, to: &numbers)
        case 1: try reader.appendPacked(ProtoFixed64.self, to: &numbers)
        default:
            var short: [UInt32] = []
            try reader.appendPacked(ProtoFixed32.self, to: &short)
            numbers = short.map { UInt64($0) }
        }
        values[field.number, default: []] += numbers.map { .number($0) }
    }

    private mutating func note(_ value: RawValue, _ field: SchemaField) {
        if let oneof = field.oneof {
            for other in type?.fields ?? [] where other.oneof == oneof && other.number != field.number {
                values[other.number] = nil
            }
        }
        values[field.number, default: []].append(value)
    }
}
