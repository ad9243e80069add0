import Wire

extension Emitter {
    /// One message as a struct, with its nested types.
    func emit(_ message: MessageDescriptor, _ scope: String, _ path: [Int32], _ out: inout Output) {
        let full = "\(scope).\(message.name)"
        let body = MessageBody(message, full, self)
        out.documentation(file.comments[path])
        out.block("public struct \(typeName(message.name)): Message") { out in
            body.storage(path, &out)
            for (index, one) in message.enums.enumerated() {
                emit(one, full, path + [4, Int32(index)], &out)
            }
            for (index, inner) in message.messages.enumerated() where !inner.options.isMapEntry {
                emit(inner, full, path + [3, Int32(index)], &out)
            }
            for oneof in body.oneofs { body.declare(oneof, path, &out) }
            body.initializers(&out)
            body.statics(&out)
            body.decode(&out)
            body.encode(&out)
            body.visit(&out)
        }
        out.line()
    }
}

/// The members of one generated struct.
struct MessageBody {
    let message: MessageDescriptor
    let full: String
    let emitter: Emitter
    /// In order of declaration.
    let fields: [Field]
    let oneofs: [Oneof]
    /// Events refuse unknown fields and keep no room for them.
    let keepsUnknown: Bool

    init(_ message: MessageDescriptor, _ full: String, _ emitter: Emitter) {
        self.message = message
        self.full = full
        self.emitter = emitter
        let fields = message.fields.map { Field($0, in: full, emitter.model) }
        self.fields = fields
        keepsUnknown = !emitter.place.isEvent
        // protoc puts the invented oneofs of `optional` fields after the real ones.
        let synthetic = Set(message.fields.filter(\.isProto3Optional).compactMap(\.oneofIndex))
        oneofs = message.oneofs.enumerated().filter { !synthetic.contains(Int32($0.offset)) }.map {
            index, oneof in
            let members = fields.filter { if case .member(index, _) = $0.form { true } else { false } }
            return Oneof(
                name: property(oneof.name), type: "OneOf_\(upperCamel(oneof.name))",
                members: members.sorted { $0.number < $1.number })
        }
    }

    private var ascending: [Field] { fields.sorted { $0.number < $1.number } }

    // MARK: Storage

    func storage(_ path: [Int32], _ out: inout Output) {
        for (index, field) in fields.enumerated() {
            if case .member = field.form { continue }
            out.documentation(emitter.file.comments[path + [2, Int32(index)]])
            field.declaration(&out)
        }
        for (index, oneof) in oneofs.enumerated() {
            out.documentation(emitter.file.comments[path + [8, Int32(index)]])
            out.line("public var \(oneof.name): \(oneof.type)? = nil")
        }
        if keepsUnknown {
            out.line("/// Fields that the schema does not have, verbatim, in order.")
            out.line("public var unknownFields: [UInt8] = []")
        }
        out.line()
    }

    func declare(_ oneof: Oneof, _ path: [Int32], _ out: inout Output) {
        out.block("public enum \(oneof.type): Sendable, Hashable") { out in
            for member in oneof.members {
                let index = fields.firstIndex { $0.number == member.number } ?? 0
                out.documentation(emitter.file.comments[path + [2, Int32(index)]])
                out.line("\(member.isBoxed ? "indirect " : "")case \(member.name)(\(member.element))")
            }
        }
        out.line()
    }

    func initializers(_ out: inout Output) {
        out.line("public init() {}")
        var parameters = fields.compactMap { field -> (String, String, String)? in
            if case .member = field.form { return nil }
            return (field.name, field.type, field.initial)
        }
        parameters += oneofs.map { ($0.name, "\($0.type)?", "nil") }
        guard !parameters.isEmpty else { return out.line() }
        out.line("public init(")
        for (index, (name, type, initial)) in parameters.enumerated() {
            // `self` and `init` are not usable as parameter names without backticks inside, plain as labels.
            out.line("    \(name): \(type) = \(initial)\(index + 1 < parameters.count ? "," : "")")
        }
        out.block(")") { out in
            for (name, _, _) in parameters { out.line("self.\(name) = \(name)") }
        }
        out.line()
    }

    func statics(_ out: inout Output) {
        out.line("public static let protoName = \"\(full.dropFirst())\"")
        out.line("public static let protoFields: [ProtoField] = [")
        for field in ascending {
            let isMap = if case .map = field.form { true } else { false }
            let repeated = field.descriptor.isRepeated && !isMap ? ", repeated: true" : ""
            let personal = field.descriptor.options.isPersonal ? ", personal: true" : ""
            let kind = Field.kind(field.descriptor, emitter.model)
            out.line(
                "    ProtoField(\(field.number), \"\(field.descriptor.name)\", \(kind)\(repeated)\(personal)),"
            )
        }
        out.line("]")
        let personal = ascending.filter(\.descriptor.options.isPersonal).map { "\($0.number)" }
        if !personal.isEmpty {
            out.line("public static let personalFields: [UInt32] = [\(personal.joined(separator: ", "))]")
        }
        if !keepsUnknown { out.line("public static var unknownFieldPolicy: UnknownFieldPolicy { .refuse }") }
        out.line()
    }

    // MARK: Decoding and encoding

    func decode(_ out: inout Output) {
        out.block("public mutating func decode(from reader: inout ProtoReader) throws(WireError)") { out in
            let hasMaps = fields.contains { if case .map = $0.form { true } else { false } }
            if hasMaps, !keepsUnknown { out.line("var none: [UInt8] = []") }
            out.block("while case let tag = try reader.nextTag(), tag != 0") { out in
                out.line("switch tag {")
                for field in ascending {
                    field.decodeCases(&out, oneofs: oneofs, keeping: keepsUnknown ? "unknownFields" : "none")
                }
                out.line(
                    keepsUnknown
                        ? "default: try reader.unknown(tag, keepingIn: &unknownFields)"
                        : "default: try reader.refuse(tag)")
                out.line("}")
            }
        }
        out.line()
    }

    func encode(_ out: inout Output) {
        out.block("public func encode(to writer: inout ProtoWriter)") { out in
            if keepsUnknown { out.line("writer.raw(unknownFields)") }
            for field in ascending.reversed() {
                guard case .member(let index, _) = field.form else {
                    field.encodeStatement(&out)
                    continue
                }
                encode(member: field, of: oneofs[index], &out)
            }
        }
    }

    private func encode(member: Field, of oneof: Oneof, _ out: inout Output) {
        guard oneof.isContiguous(in: fields) else {
            return out.line(
                "if case .\(member.name)(let value)? = self.\(oneof.name) { \(member.encodeMember) }")
        }
        // One switch for all members, at the place of the last.
        guard member.number == oneof.members.last?.number else { return }
        out.line("switch self.\(oneof.name) {")
        for one in oneof.members { out.line("case .\(one.name)(let value)?: \(one.encodeMember)") }
        out.line("case nil: break")
        out.line("}")
    }

    // MARK: Personal values

    func visit(_ out: inout Output) {
        guard emitter.model.personal.contains(full) else { return }
        out.line()
        out.line("@inlinable")
        out.line("public mutating func forEachPersonal<E: Error>(")
        out.line("    under path: PersonalPath, _ body: (inout Personal, PersonalPath) throws(E) -> Void")
        out.block(") throws(E)") { out in
            for field in ascending {
                if case .member = field.form { continue }
                field.visitStatement(&out)
            }
            for oneof in oneofs { visit(oneof, &out) }
        }
    }

    private func visit(_ oneof: Oneof, _ out: inout Output) {
        let visited = oneof.members.filter(\.visitsPersonal)
        guard !visited.isEmpty else { return }
        out.line("switch self.\(oneof.name) {")
        for member in visited {
            out.line("case .\(member.name)(var value)?:")
            if case .member(_, true) = member.form {
                out.line("    try value.forEachPersonal(under: path.field(\(member.number)), body)")
            } else {
                out.line("    try path.field(\(member.number)).visit(&value, body)")
            }
            out.line("    self.\(oneof.name) = .\(member.name)(value)")
        }
        out.line("default: break")
        out.line("}")
    }
}
