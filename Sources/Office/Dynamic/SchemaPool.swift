package import Wire

/// The types and services of some schema files, by full name without a leading dot. Made from descriptors that a server sent or that
/// are built in: references may lead nowhere, and what leads nowhere is told when it is needed.
package struct SchemaPool: Sendable {
    package private(set) var files: [String: FileDescriptor] = [:]
    private(set) var messages: [String: MessageType] = [:]
    private(set) var enums: [String: EnumDescriptor] = [:]
    private(set) var services: [String: ServiceDescriptor] = [:]

    package init() {}

    package init(_ files: [FileDescriptor]) {
        for file in files { add(file) }
    }

    /// A file of a name that is there already is left out.
    package mutating func add(_ file: FileDescriptor) {
        guard files.updateValue(file, forKey: file.name) == nil else { return }
        for one in file.messages { add(one, file.fullName(one.name), in: file) }
        for one in file.enums { enums[file.fullName(one.name)] = one }
        for one in file.services { services[file.fullName(one.name)] = one }
    }

    private mutating func add(_ message: MessageDescriptor, _ name: String, in file: FileDescriptor) {
        messages[name] = MessageType(message, name, isProto3: file.syntax == "proto3")
        for inner in message.messages { add(inner, "\(name).\(inner.name)", in: file) }
        for inner in message.enums { enums["\(name).\(inner.name)"] = inner }
    }

    /// Names of files that are imported and not here.
    package var missing: [String] {
        Set(files.values.flatMap(\.dependencies)).filter { files[$0] == nil }.sorted()
    }

    package var serviceNames: [String] { services.keys.sorted() }

    package func service(_ name: String) -> ServiceDescriptor? { services[name] }

    /// `SERVICE/METHOD`, or with a dot between.
    package func method(_ service: String, _ name: String) -> ServiceDescriptor.Method? {
        services[service]?.methods.first { $0.name == name }
    }

    package func message(_ name: String) -> MessageType? { messages[plain(name)] }

    func enumeration(_ name: String) -> EnumDescriptor? { enums[plain(name)] }

    /// The two fields of a map's entries; nil for other fields.
    func mapEntry(_ field: SchemaField) -> (key: SchemaField, value: SchemaField)? {
        guard field.isRepeated, case .message(let name) = field.kind, let type = message(name),
            type.descriptor.options.isMapEntry, let key = type.field(1), let value = type.field(2)
        else { return nil }
        return (key, value)
    }

    private func plain(_ name: String) -> String { name.hasPrefix(".") ? String(name.dropFirst()) : name }
}

/// One message type, with what its fields are in protobuf and in JSON.
package struct MessageType: Sendable {
    /// Full name without a leading dot.
    package let name: String
    package let descriptor: MessageDescriptor
    /// In order of number.
    let fields: [SchemaField]
    private let byNumber: [UInt32: Int]
    private let byName: [String: Int]

    init(_ descriptor: MessageDescriptor, _ name: String, isProto3: Bool) {
        self.name = name
        self.descriptor = descriptor
        fields = descriptor.fields.compactMap { SchemaField($0, of: descriptor, isProto3: isProto3) }
            .sorted { $0.number < $1.number }
        var numbers: [UInt32: Int] = [:]
        var names: [String: Int] = [:]
        for (place, field) in fields.enumerated() {
            numbers[field.number] = place
            names[field.name] = place
        }
        // A name in JSON goes before another field's name in the schema.
        for (place, field) in fields.enumerated() { names[field.jsonName] = place }
        byNumber = numbers
        byName = names
    }

    func field(_ number: UInt32) -> SchemaField? { byNumber[number].map { fields[$0] } }

    /// By its name in JSON or in the schema.
    func field(named name: String) -> SchemaField? { byName[name].map { fields[$0] } }
}

/// One field, with its type read.
struct SchemaField: Sendable {
    /// FieldDescriptorProto.Type but for groups, which proto3 does not have. Types of messages and enums by name.
    enum Kind: Sendable, Hashable {
        case double, float, int64, uint64, int32, fixed64, fixed32, bool, string, bytes
        case uint32, sfixed32, sfixed64, sint32, sint64
        case message(String)
        case enumeration(String)
    }

    let name: String
    let jsonName: String
    let number: UInt32
    let kind: Kind
    let isRepeated: Bool
    /// Name of the oneof it stands in, if any.
    let oneof: String?
    /// Whether being set is known apart from the value.
    let hasPresence: Bool
    let isPacked: Bool

    /// Nil for what proto3 does not have.
    init?(_ field: FieldDescriptor, of message: MessageDescriptor, isProto3: Bool) {
        guard let kind = Self.kind(field), field.number > 0, field.number < 1 << 29 else { return nil }
        name = field.name
        jsonName = field.jsonName.isEmpty ? Self.camel(field.name) : field.jsonName
        number = field.number
        self.kind = kind
        isRepeated = field.isRepeated
        oneof = message.oneof(of: field)
        hasPresence =
            !field.isRepeated && (oneof != nil || field.isProto3Optional || !isProto3 || field.type == 11)
        isPacked = field.isRepeated && Self.wire(kind) != 2 && (field.options.packed ?? isProto3)
    }

    private static func kind(_ field: FieldDescriptor) -> Kind? {
        switch field.type {
        case 1: .double
        case 2: .float
        case 3: .int64
        case 4: .uint64
        case 5: .int32
        case 6: .fixed64
        case 7: .fixed32
        case 8: .bool
        case 9: .string
        case 11: .message(field.typeText)
        case 12: .bytes
        case 13: .uint32
        case 14: .enumeration(field.typeText)
        case 15: .sfixed32
        case 16: .sfixed64
        case 17: .sint32
        case 18: .sint64
        default: nil
        }
    }

    /// Wire type of one value.
    var wire: UInt32 { Self.wire(kind) }

    private static func wire(_ kind: Kind) -> UInt32 {
        switch kind {
        case .fixed32, .sfixed32, .float: 5
        case .fixed64, .sfixed64, .double: 1
        case .string, .bytes, .message: 2
        default: 0
        }
    }

    /// protoc's rule for names in JSON: underscores go, the letter behind one is upper case.
    private static func camel(_ name: String) -> String {
        var out = ""
        var raise = false
        for character in name {
            if character == "_" {
                raise = true
            } else {
                out += raise ? character.uppercased() : String(character)
                raise = false
            }
        }
        return out
    }
}
