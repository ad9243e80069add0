import Crypto
import Wire

/// A digest of what two sides must have in common to understand each other: names, numbers, types and shapes of the
/// messages, enums and services spoken. Comments, file names and the order of declarations do not count, nor do events,
/// which stay in the journal.
struct Fingerprint {
    /// Enough to tell schemas apart by accident's measure; nobody gains by forging one.
    static let length = 16

    private var lines: [String] = []

    init(_ files: [FileDescriptor]) {
        for file in files where !Place.of(package: file.package).isEvent {
            let scope = ".\(file.package)"
            for message in file.messages { add(message, scope) }
            for one in file.enums { add(one, scope) }
            for service in file.services { add(service, scope) }
        }
    }

    /// The digest's first bytes.
    var bytes: [UInt8] {
        Array(Digest(of: Array(lines.sorted().joined(separator: "\n").utf8)).bytes.prefix(Self.length))
    }

    private mutating func add(_ message: MessageDescriptor, _ scope: String) {
        let full = "\(scope).\(message.name)"
        lines.append("message \(full)")
        for field in message.fields { add(field, of: message, full) }
        for inner in message.messages { add(inner, full) }
        for inner in message.enums { add(inner, full) }
    }

    private mutating func add(_ field: FieldDescriptor, of message: MessageDescriptor, _ full: String) {
        var words = "\(full) \(field.number) \(field.name) \(field.type)\(field.typeName)"
        if field.isRepeated { words += " repeated" }
        if field.isProto3Optional {
            words += " optional"
        } else if let index = field.oneofIndex, message.oneofs.indices.contains(Int(index)) {
            words += " oneof \(message.oneofs[Int(index)].name)"
        }
        if let packed = field.options.packed { words += " packed \(packed)" }
        if field.options.isPersonal { words += " personal" }
        lines.append(words)
    }

    private mutating func add(_ one: EnumDescriptor, _ scope: String) {
        let full = "\(scope).\(one.name)"
        lines.append("enum \(full)")
        for value in one.values { lines.append("\(full) \(value.number) \(value.name)") }
    }

    private mutating func add(_ service: ServiceDescriptor, _ scope: String) {
        for method in service.methods {
            let types = "\(method.input) \(method.output) \(method.clientStreams) \(method.serverStreams)"
            lines.append("\(scope).\(service.name) \(method.name) \(types)")
        }
    }
}
