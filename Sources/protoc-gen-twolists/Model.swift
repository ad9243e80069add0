import Wire

/// The schema with every name resolved: what the emitters read.
struct Model {
    struct Known {
        var swiftName: String
        var descriptor: MessageDescriptor?
        var place: Place
    }
    /// By full protobuf name with its leading dot.
    private(set) var types: [String: Known] = [:]
    /// Messages that hold a `Personal`, themselves or below.
    private(set) var personal: Set<String> = []

    init(_ files: [FileDescriptor]) {
        for file in files {
            let place = Place.of(package: file.package)
            let scope = file.package.isEmpty ? "" : ".\(file.package)"
            for message in file.messages { add(message, scope, place.prefix, place) }
            for one in file.enums { add(one, scope, place.prefix, place) }
        }
        findPersonal()
    }

    private mutating func add(_ message: MessageDescriptor, _ scope: String, _ prefix: String, _ place: Place)
    {
        let full = "\(scope).\(message.name)"
        let swift = "\(prefix).\(typeName(message.name))"
        types[full] = Known(swiftName: swift, descriptor: message, place: place)
        for inner in message.messages { add(inner, full, swift, place) }
        for inner in message.enums { add(inner, full, swift, place) }
    }

    private mutating func add(_ one: EnumDescriptor, _ scope: String, _ prefix: String, _ place: Place) {
        types["\(scope).\(one.name)"] = Known(
            swiftName: "\(prefix).\(typeName(one.name))", descriptor: nil, place: place)
    }

    func swiftName(_ full: String) -> String { types[full]?.swiftName ?? "UNRESOLVED" }

    /// The entry message of a map field, nil for other fields.
    func mapEntry(_ field: FieldDescriptor) -> MessageDescriptor? {
        guard field.type == 11, let entry = types[field.typeName]?.descriptor, entry.options.isMapEntry else {
            return nil
        }
        return entry
    }

    private mutating func findPersonal() {
        for (name, known) in types where known.place.isEvent {
            if known.descriptor?.fields.contains(where: \.options.isPersonal) == true {
                personal.insert(name)
            }
        }
        var grown = true
        while grown {
            grown = false
            for (name, known) in types where !personal.contains(name) {
                guard let fields = known.descriptor?.fields else { continue }
                if fields.contains(where: { $0.type == 11 && personal.contains($0.typeName) }) {
                    personal.insert(name)
                    grown = true
                }
            }
        }
    }

    /// True when a value of `from` stands inside a value of `to` in place, so that a field of type `from` in `to` (or the
    /// other way round) must be put behind a reference.
    func reaches(_ from: String, _ to: String) -> Bool {
        var seen: Set<String> = []
        var open = [from]
        while let name = open.popLast() {
            if name == to { return true }
            guard seen.insert(name).inserted, let fields = types[name]?.descriptor?.fields else { continue }
            open += fields.filter { $0.type == 11 && !$0.isRepeated }.map(\.typeName)
        }
        return false
    }
}
