import Wire

/// One field as Swift sees it: type, codec, tag, and the statements that decode, encode and visit it.
struct Field {
    enum Form {
        /// Left out at its default.
        case implicit
        /// Swift Optional.
        case optional
        case repeated
        case packed
        case map(key: String, value: String)
        case message
        case messages
        /// A member of a oneof, `isMessage` or scalar.
        case member(oneof: Int, isMessage: Bool)
    }
    let descriptor: FieldDescriptor
    let form: Form
    /// Swift type of one element.
    let element: String
    /// Codec type; for messages the message type.
    let codec: String
    /// Swift name.
    let name: String
    /// A singular message that can hold its own container, stored behind an array of at most one; a message in a oneof.
    var isBoxed = false
    /// The message holds `Personal` values.
    var visitsPersonal = false

    var number: UInt32 { descriptor.number }

    init(_ field: FieldDescriptor, in owner: String, _ model: Model) {
        descriptor = field
        let isPersonal = field.options.isPersonal && model.types[owner]?.place.isEvent == true
        element = isPersonal ? "Personal" : Field.swiftType(field, model)
        codec = isPersonal ? "ProtoPersonal" : Field.codec(field, model)
        form = Field.form(field, model)
        name = property(field.name)
        visitsPersonal = isPersonal || (field.type == 11 && model.personal.contains(field.typeName))
        if case .message = form { isBoxed = model.reaches(field.typeName, owner) }
        // A choice among messages is a reference: as large as its largest member, with all that one refers to, it would be copied
        // at each step of a command's way.
        if case .member(_, true) = form { isBoxed = true }
    }

    private static func form(_ field: FieldDescriptor, _ model: Model) -> Form {
        if let entry = model.mapEntry(field) {
            let key = entry.fields.first { $0.number == 1 }.map { codec($0, model) } ?? ""
            let value = entry.fields.first { $0.number == 2 }.map { codec($0, model) } ?? ""
            return .map(key: key, value: value)
        }
        let isMessage = field.type == 11
        if field.isRepeated {
            if isMessage { return .messages }
            let packable = field.type != 9 && field.type != 12
            return packable && field.options.packed != false ? .packed : .repeated
        }
        if field.isProto3Optional { return isMessage ? .message : .optional }
        if let index = field.oneofIndex { return .member(oneof: Int(index), isMessage: isMessage) }
        return isMessage ? .message : .implicit
    }

    /// By FieldDescriptorProto.Type: codec, Swift type, wire type, ProtoField.Kind.
    private static let scalars: [Int32: (codec: String, type: String, wire: UInt32, kind: String)] = [
        1: ("ProtoDouble", "Double", 1, "double"), 2: ("ProtoFloat", "Float", 5, "float"),
        3: ("ProtoInt64", "Int64", 0, "int64"), 4: ("ProtoUInt64", "UInt64", 0, "uint64"),
        5: ("ProtoInt32", "Int32", 0, "int32"), 6: ("ProtoFixed64", "UInt64", 1, "fixed64"),
        7: ("ProtoFixed32", "UInt32", 5, "fixed32"), 8: ("ProtoBool", "Bool", 0, "bool"),
        9: ("ProtoString", "String", 2, "string"), 12: ("ProtoBytes", "[UInt8]", 2, "bytes"),
        13: ("ProtoUInt32", "UInt32", 0, "uint32"), 15: ("ProtoSFixed32", "Int32", 5, "sfixed32"),
        16: ("ProtoSFixed64", "Int64", 1, "sfixed64"), 17: ("ProtoSInt32", "Int32", 0, "sint32"),
        18: ("ProtoSInt64", "Int64", 0, "sint64"),
    ]

    private static func swiftType(_ field: FieldDescriptor, _ model: Model) -> String {
        scalars[field.type]?.type ?? model.swiftName(field.typeName)
    }

    private static func codec(_ field: FieldDescriptor, _ model: Model) -> String {
        if let scalar = scalars[field.type] { return scalar.codec }
        let type = model.swiftName(field.typeName)
        return field.type == 14 ? "ProtoEnumeration<\(type)>" : "ProtoSubmessage<\(type)>"
    }

    static func kind(_ field: FieldDescriptor, _ model: Model) -> String {
        if let entry = model.mapEntry(field), entry.fields.count == 2 {
            return ".map(key: \(kind(entry.fields[0], model)), value: \(kind(entry.fields[1], model)))"
        }
        if let scalar = scalars[field.type] { return ".\(scalar.kind)" }
        let type = model.swiftName(field.typeName)
        return field.type == 14 ? ".enumeration(\(type).self)" : ".message(\(type).self)"
    }

    /// Wire type of one element.
    private var wire: UInt32 { Field.scalars[descriptor.type]?.wire ?? (descriptor.type == 14 ? 0 : 2) }
    private var elementTag: UInt32 { number << 3 | wire }
    private var delimitedTag: UInt32 { number << 3 | 2 }

    // MARK: Storage

    var type: String {
        switch form {
        case .implicit, .member: element
        case .optional, .message: "\(element)?"
        case .repeated, .packed, .messages: "[\(element)]"
        case .map(let key, let value): "ProtoMap<\(key).Value, \(value).Value>"
        }
    }

    var initial: String {
        switch form {
        case .optional, .message: "nil"
        case .repeated, .packed, .messages: "[]"
        case .map: "[:]"
        case .implicit, .member: implicitInitial
        }
    }

    private var implicitInitial: String {
        switch element {
        case "String": "\"\""
        case "[UInt8]": "[]"
        case "Bool": "false"
        case "Personal": "Personal()"
        default: descriptor.type == 14 ? "\(element)()" : "0"
        }
    }

    func declaration(_ out: inout Output) {
        guard isBoxed else { return out.line("public var \(name): \(type) = \(initial)") }
        // The message can hold itself: a struct cannot, an array of at most one can.
        let plain = Output.plain(name)
        out.line("private var boxed_\(plain): [\(element)] = []")
        out.block("public var \(name): \(type)") { out in
            out.line("get { boxed_\(plain).first }")
            out.line("set { boxed_\(plain) = newValue.map { [$0] } ?? [] }")
        }
    }

    // MARK: Decoding

    func decodeCases(_ out: inout Output, oneofs: [Oneof], keeping: String) {
        switch form {
        case .implicit, .optional:
            out.line("case \(elementTag): self.\(name) = try reader.read(\(codec).self)")
        case .repeated, .packed:
            out.line("case \(elementTag): try reader.append(\(codec).self, to: &self.\(name))")
            if wire != 2 {
                out.line("case \(delimitedTag): try reader.appendPacked(\(codec).self, to: &self.\(name))")
            }
        case .map(let key, let value):
            let into = "into: &self.\(name), keepingIn: &\(keeping)"
            out.line("case \(delimitedTag): try reader.entry(\(key).self, \(value).self, \(into))")
        case .message:
            let target = isBoxed ? "boxed: &self.boxed_\(Output.plain(name))" : "&self.\(name)"
            out.line("case \(delimitedTag): try reader.merge(\(target))")
        case .messages:
            out.line("case \(delimitedTag): try reader.append(&self.\(name))")
        case .member(let index, let isMessage):
            decodeMember(&out, oneofs[index].name, isMessage)
        }
    }

    private func decodeMember(_ out: inout Output, _ oneof: String, _ isMessage: Bool) {
        guard isMessage else {
            return out.line("case \(elementTag): self.\(oneof) = .\(name)(try reader.read(\(codec).self))")
        }
        out.line("case \(delimitedTag):")
        out.line("    var value = \(element)()")
        let charge = isBoxed ? " else { try reader.charge(MemoryLayout<\(element)>.stride) }" : ""
        out.line("    if case .\(name)(let held)? = self.\(oneof) { value = held }\(charge)")
        out.line("    self.\(oneof) = nil")
        out.line("    try reader.merge(&value)")
        out.line("    self.\(oneof) = .\(name)(value)")
    }

    // MARK: Encoding

    func encodeStatement(_ out: inout Output) {
        switch form {
        case .implicit: out.line("writer.field(\(codec).self, \(elementTag), self.\(name))")
        case .optional: out.line("writer.field(\(codec).self, \(elementTag), optional: self.\(name))")
        case .repeated: out.line("writer.repeated(\(codec).self, \(elementTag), self.\(name))")
        case .packed: out.line("writer.packed(\(codec).self, \(delimitedTag), self.\(name))")
        case .map(let key, let value):
            out.line("writer.map(\(key).self, \(value).self, \(delimitedTag), self.\(name))")
        case .message: out.line("writer.message(\(delimitedTag), self.\(name))")
        case .messages: out.line("writer.messages(\(delimitedTag), self.\(name))")
        case .member: break
        }
    }

    /// The statement that writes `value`, a member of a oneof.
    var encodeMember: String {
        if case .member(_, true) = form { return "writer.message(\(delimitedTag), value)" }
        return "writer.always(\(codec).self, \(elementTag), value)"
    }

    // MARK: Personal values

    func visitStatement(_ out: inout Output) {
        guard visitsPersonal else { return }
        out.line("try path.field(\(number)).visit(&self.\(name), body)")
    }
}

/// One oneof: its members in order of number.
struct Oneof {
    let name: String
    let type: String
    let members: [Field]

    /// True when no other field stands between its members, so that one switch encodes them.
    func isContiguous(in fields: [Field]) -> Bool {
        guard let first = members.first, let last = members.last else { return false }
        return !fields.contains { field in
            field.number > first.number && field.number < last.number
                && !members.contains { $0.number == field.number }
        }
    }
}
