import Wire

/// The schema rules that are cheap to check here. A broken rule is a protoc error with file and name.
struct Lint {
    let model: Model
    private(set) var complaints: [String] = []

    init(_ model: Model) { self.model = model }

    mutating func check(_ file: FileDescriptor) {
        let place = Place.of(package: file.package)
        if file.syntax != "proto3" { complain(file, file.name, "only proto3 is generated") }
        for message in file.messages {
            if place.namespace == nil, reservedAtTop.contains(message.name) {
                complain(file, message.name, "is the name of a type of Wire")
            }
            check(message, in: file, place)
        }
        for one in file.enums { check(one, in: file) }
    }

    private mutating func check(_ message: MessageDescriptor, in file: FileDescriptor, _ place: Place) {
        if reservedTypes.contains(message.name) {
            complain(file, message.name, "hides a type of Swift or Wire")
        }
        for field in message.fields { check(field, of: message, in: file, place) }
        for inner in message.messages { check(inner, in: file, place) }
        for inner in message.enums { check(inner, in: file) }
    }

    private mutating func check(
        _ field: FieldDescriptor, of message: MessageDescriptor, in file: FileDescriptor, _ place: Place
    ) {
        let name = "\(message.name).\(field.name)"
        if field.type == 10 { complain(file, name, "groups are not generated") }
        guard place.isEvent else { return }
        if field.options.isPersonal, field.type != 12 {
            complain(file, name, "a personal field of an event must be bytes, which hold the sealed form")
        }
        if let entry = model.mapEntry(field),
            entry.fields.contains(where: { model.personal.contains($0.typeName) })
        {
            complain(file, name, "personal fields do not go into maps: their order would not be stable")
        }
    }

    private mutating func check(_ one: EnumDescriptor, in file: FileDescriptor) {
        if reservedTypes.contains(one.name) { complain(file, one.name, "hides a type of Swift or Wire") }
        guard file.package.hasPrefix("twolists."), let zero = one.values.first else { return }
        let expected = valuePrefix(one.name) + "UNSPECIFIED"
        if zero.name != expected { complain(file, one.name, "value 0 must be named \(expected)") }
        for value in one.values where !value.name.hasPrefix(valuePrefix(one.name)) {
            complain(file, value.name, "must begin with \(valuePrefix(one.name))")
        }
    }

    private mutating func complain(_ file: FileDescriptor, _ name: String, _ rule: String) {
        complaints.append("\(file.name): \(name): \(rule)")
    }
}
