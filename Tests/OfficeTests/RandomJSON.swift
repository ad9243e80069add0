import TestSupport
import Wire

@testable import Office

/// JSON for any message type at random, in every form the mapping allows; then broken.
struct RandomJSON {
    var random: SplitMix64
    let pool: SchemaPool

    init(seed: UInt64, _ pool: SchemaPool) {
        random = SplitMix64(seed: seed)
        self.pool = pool
    }

    // MARK: Valid

    mutating func message(_ name: String, depth: Int = 0) -> JSON {
        if let known = wellKnown(name, depth: depth) { return known }
        guard let type = pool.message(name) else { return .null }
        var members: [JSON.Member] = []
        var taken: Set<String> = []
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 8 : 3), using: &random) {
            guard let field = type.fields.randomElement(using: &random),
                taken.insert(String(field.number)).inserted,
                field.oneof.map({ taken.insert($0).inserted }) ?? true
            else { continue }
            members.append(
                JSON.Member(chance(4) ? field.name : field.jsonName, self.field(field, depth: depth)))
        }
        return .object(members)
    }

    private mutating func field(_ field: SchemaField, depth: Int) -> JSON {
        if chance(20) { return .null }
        if let entry = pool.mapEntry(field) {
            var members: [JSON.Member] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let key = key(entry.key)
                if members.contains(where: { $0.key == key }) { continue }
                members.append(JSON.Member(key, value(entry.value, depth: depth)))
            }
            return .object(members)
        }
        guard field.isRepeated else { return value(field, depth: depth) }
        return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(field, depth: depth) })
    }

    private mutating func key(_ field: SchemaField) -> String {
        switch field.kind {
        case .bool: Bool.random(using: &random) ? "true" : "false"
        case .string: text()
        default: integer(field.kind)
        }
    }

    private mutating func value(_ field: SchemaField, depth: Int) -> JSON {
        switch field.kind {
        case .bool: .bool(Bool.random(using: &random))
        case .string: .string(text())
        case .bytes: .string(base64())
        case .double, .float: floating(isFloat: field.kind == .float)
        case .message(let name): depth < 4 ? message(name, depth: depth + 1) : emptyMessage(name)
        case .enumeration(let name): enumeration(name)
        default: number(field.kind)
        }
    }

    private func emptyMessage(_ name: String) -> JSON {
        var plain = RandomJSON(seed: 1, pool)
        return plain.wellKnown(name, depth: 9) ?? .object([JSON.Member]())
    }

    private mutating func number(_ kind: SchemaField.Kind) -> JSON {
        let plain = integer(kind)
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2: return .string(plain)
        case 3 where plain.utf8.count < 8: return .number(plain + (Bool.random(using: &random) ? ".0" : "e0"))
        default: return .number(plain)
        }
    }

    private mutating func integer(_ kind: SchemaField.Kind) -> String {
        switch kind {
        case .int32, .sint32, .sfixed32: String(Int32(truncatingIfNeeded: bits()))
        case .uint32, .fixed32: String(UInt32(truncatingIfNeeded: bits()))
        case .int64, .sint64, .sfixed64: String(Int64(bitPattern: bits()))
        default: String(bits())
        }
    }

    private mutating func floating(isFloat: Bool) -> JSON {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .string(["NaN", "Infinity", "-Infinity"].randomElement(using: &random) ?? "NaN")
        case 1:
            return .number(
                ["0.0", "-0.0", "1e-7", "1E+20", "0.1", "123456789"].randomElement(using: &random) ?? "1.5")
        case 2: return .string("1.5e3")
        default:
            let value =
                isFloat
                ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits()))) : Double(bitPattern: bits())
            return .number(value.isFinite ? value.description : "2.5")
        }
    }

    private mutating func enumeration(_ name: String) -> JSON {
        if name == "google.protobuf.NullValue" { return .null }
        guard let value = pool.enumeration(name)?.values.randomElement(using: &random) else {
            return .number("0")
        }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .number(String(value.number))
        case 1: return .number(String(Int32(truncatingIfNeeded: bits())))
        default: return .string(value.name)
        }
    }

    private mutating func text() -> String {
        let words = [
            "", "a", "军地双拥", "e\u{301}", "\u{e9}", "\0", "\r\n", "😀", "a text of more than fifteen bytes",
            "\"\\/", "\u{7f}\u{2028}",
        ]
        return words.randomElement(using: &random) ?? ""
    }

    private mutating func base64() -> String {
        var text = Base64.encode(random.bytes(Int.random(in: 0...9, using: &random)))
        if chance(3) { text = text.replacing("+", with: "-").replacing("/", with: "_") }
        if chance(3) { text = text.replacing("=", with: "") }
        return text
    }

    private mutating func bits() -> UInt64 {
        let edges: [UInt64] = [
            0, 1, 2, 127, 128, 1 << 31, 1 << 32, 1 << 33, 1 << 63, .max, .max >> 1, 1 << 53 + 1,
        ]
        return chance(3)
            ? edges.randomElement(using: &random) ?? 0
            : random.next() >> UInt64.random(in: 0...63, using: &random)
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    // MARK: Well-known types

    private mutating func wellKnown(_ name: String, depth: Int) -> JSON? {
        switch name {
        case "google.protobuf.Duration":
            return .string(
                ["0s", "1.5s", "-0.25s", "315576000000s", "-3.000000001s", "7.100s"].randomElement(
                    using: &random) ?? "1s")
        case "google.protobuf.Timestamp":
            let times = [
                "1970-01-01T00:00:00Z", "2026-02-28T23:59:59.999999999Z", "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59Z",
                "2024-02-29T08:30:00.5+08:00", "1969-12-31T23:59:59.25-05:30", "1900-03-01T00:00:00.000001Z",
            ]
            return .string(times.randomElement(using: &random) ?? "1970-01-01T00:00:00Z")
        case "google.protobuf.FieldMask":
            return .string(["", "a", "a.b,cD.eF"].randomElement(using: &random) ?? "")
        case "google.protobuf.Any":
            let inner =
                depth > 3 ? .object([JSON.Member]()) : message("twolists.test.v1.Small", depth: depth + 1)
            guard case .object(let members) = inner else { return nil }
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                return .object([
                    JSON.Member("@type", .string("type.googleapis.com/google.protobuf.Duration")),
                    JSON.Member("value", .string("2.5s")),
                ])
            case 1: return .object([JSON.Member]())
            default:
                return .object(
                    [JSON.Member("@type", .string("type.googleapis.com/twolists.test.v1.Small"))] + members)
            }
        case "google.protobuf.Struct":
            return .object([JSON.Member("a", anything(depth)), JSON.Member("军", anything(depth))])
        case "google.protobuf.ListValue": return .array([anything(depth), anything(depth)])
        case "google.protobuf.Value": return anything(depth)
        default: return wrapped(name)
        }
    }

    private mutating func wrapped(_ name: String) -> JSON? {
        switch name {
        case "google.protobuf.Int64Value": number(.int64)
        case "google.protobuf.UInt32Value": number(.uint32)
        case "google.protobuf.DoubleValue": floating(isFloat: false)
        case "google.protobuf.BoolValue": .bool(Bool.random(using: &random))
        case "google.protobuf.StringValue": .string(text())
        case "google.protobuf.BytesValue": .string(base64())
        default: nil
        }
    }

    private mutating func anything(_ depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .number(["0", "1.5", "-3e2"].randomElement(using: &random) ?? "1")
        case 3: .string(text())
        case 4: .array([anything(depth + 1)])
        default: .object([JSON.Member("k", anything(depth + 1))])
        }
    }

    // MARK: Broken

    /// One thing changed somewhere in the tree, which may or may not make it wrong.
    mutating func mutated(_ json: JSON) -> JSON {
        switch json {
        case .object(var members) where !members.isEmpty && !chance(3):
            guard let place = members.indices.randomElement(using: &random) else { return json }
            switch Int.random(in: 0..<7, using: &random) {
            case 0: members.insert(JSON.Member("noSuchField", .number("1")), at: place)
            case 1: members.append(JSON.Member(members[place].key, foreign()))
            case 2: members[place].key += "X"
            case 3: members.append(JSON.Member(snake(members[place].key), members[place].value))
            default: members[place].value = mutated(members[place].value)
            }
            return .object(members)
        case .array(var items) where !items.isEmpty && !chance(3):
            guard let place = items.indices.randomElement(using: &random) else { return json }
            items[place] = mutated(items[place])
            return .array(items)
        default: return foreign()
        }
    }

    /// Bytes of a text changed, taken out or put in.
    mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        var bytes = text
        for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.remove(at: place)
            case 1:
                bytes.insert(Array("{}[]\",:\\u0 e-.".utf8).randomElement(using: &random) ?? 0x20, at: place)
            case 2: bytes = Array(bytes.prefix(place))
            default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return bytes
    }

    private func snake(_ key: String) -> String {
        key.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }

    private mutating func foreign() -> JSON {
        let numbers = [
            "2147483648", "-2147483649", "4294967296", "-1", "9223372036854775808", "-9223372036854775809",
            "18446744073709551616", "1.5",
            "1e40", "3.5e38", "1e400", "0", "1e3",
        ]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .null
        case 1: return .bool(true)
        case 2:
            return .string(
                ["", "x", "true", "COLOUR_RED", "COLOUR_NONE", "1.5", "12", "-1", "0x10", "1s", "🙂"]
                    .randomElement(using: &random) ?? "")
        case 3: return .string(numbers.randomElement(using: &random) ?? "")
        case 4: return .array([.number("1")])
        case 5: return .object([JSON.Member]())
        default: return .number(numbers.randomElement(using: &random) ?? "1")
        }
    }
}
