import Wire

/// What a released schema promised and a newer one does not keep (DESIGN.md 4, schema rules). Whoever was built with the old schema
/// must understand the new server, on the wire and in JSON, and the new server must read what the old one wrote.
///
/// Stricter than protobuf's own table of compatible changes: a type is never changed, not even to one of the same bytes, because
/// journals are read for ever and numbers that fit today are cut tomorrow. Adding is always allowed.
struct Breaking {
    /// One line a broken promise: file, name, what, and how to mend it.
    private(set) var complaints: [String] = []

    private let newMessages: [String: MessageDescriptor]
    private let newEnums: [String: EnumDescriptor]
    private let newServices: [String: ServiceDescriptor]
    private let newPackages: Set<String>
    /// The file of the old schema that is looked at.
    private var file = ""

    init(from old: [FileDescriptor], to new: [FileDescriptor]) {
        let index = DescriptorIndex(new)
        newMessages = index.messages
        newEnums = index.enums
        newServices = index.services
        newPackages = Set(new.map(\.package))
        for file in old.sorted(by: { $0.name < $1.name }) { check(file) }
    }

    private mutating func check(_ old: FileDescriptor) {
        file = old.name
        guard newPackages.contains(old.package) else {
            return complain(old.package, "the package is gone: a renamed package is another schema, keep it")
        }
        let index = DescriptorIndex([old])
        for (name, one) in index.messages.sorted(by: { $0.key < $1.key }) { check(one, name) }
        for (name, one) in index.enums.sorted(by: { $0.key < $1.key }) { check(one, name) }
        for (name, one) in index.services.sorted(by: { $0.key < $1.key }) { check(one, name) }
    }

    // MARK: Messages

    private mutating func check(_ old: MessageDescriptor, _ name: String) {
        if old.options.isMapEntry { return }
        guard let new = newMessages[name] else {
            return complain(name, "the message is gone: keep it, old peers and journals hold it")
        }
        for field in old.fields { check(field, of: old, against: new, name) }
        for range in old.reservedRanges where !MessageRanges(new).cover(range) {
            let last = range.end &- 1
            complain(name, "numbers \(range.start) to \(last) are no longer reserved: put `reserved` back")
        }
        for word in old.reservedNames where !new.reservedNames.contains(word) {
            complain(name, "the name \(word) is no longer reserved: put `reserved` back")
        }
    }

    private mutating func check(
        _ field: FieldDescriptor, of old: MessageDescriptor, against new: MessageDescriptor, _ name: String
    ) {
        let full = "\(name).\(field.name)"
        guard let now = new.fields.first(where: { $0.number == field.number }) else {
            return removed(field, from: new, full)
        }
        guard now.name == field.name else {
            return complain(
                full,
                "number \(field.number) is now \(now.name): a number is never used again and a name is never changed"
            )
        }
        if sameType(now, field, new: new, old: old) == false {
            complain(full, "the type was \(field.typeText) and is \(now.typeText): add a field instead")
        }
        if now.isRepeated != field.isRepeated {
            complain(full, "was \(field.isRepeated ? "" : "not ")repeated: add a field instead")
        }
        if now.isProto3Optional != field.isProto3Optional {
            complain(
                full,
                "was \(field.isProto3Optional ? "" : "not ")optional: whether it was set is part of its meaning"
            )
        }
        let (before, after) = (old.oneof(of: field), new.oneof(of: now))
        if before != after {
            complain(
                full,
                "was in \(before.map { "oneof \($0)" } ?? "no oneof") and is in \(after.map { "oneof \($0)" } ?? "none")"
            )
        }
        if now.jsonName != field.jsonName {
            complain(full, "its name in JSON was \(field.jsonName) and is \(now.jsonName)")
        }
        if now.options.isPersonal != field.options.isPersonal {
            complain(
                full,
                "was \(field.options.isPersonal ? "" : "not ")personal: what is kept sealed cannot change")
        }
    }

    private mutating func removed(_ field: FieldDescriptor, from new: MessageDescriptor, _ full: String) {
        if let moved = new.fields.first(where: { $0.name == field.name }) {
            return complain(
                full, "had number \(field.number) and has \(moved.number): a number is never changed")
        }
        var missing: [String] = []
        if !new.reserves(field.number) { missing.append("reserved \(field.number);") }
        if !new.reservedNames.contains(field.name) { missing.append("reserved \"\(field.name)\";") }
        if missing.isEmpty { return }
        complain(full, "the field is gone and could be used again: write `\(missing.joined(separator: " "))`")
    }

    /// Maps are compared by what they hold: their entries have made-up names.
    private func sameType(
        _ now: FieldDescriptor, _ field: FieldDescriptor, new: MessageDescriptor, old: MessageDescriptor
    ) -> Bool {
        guard now.type == field.type else { return false }
        let (entryNow, entryThen) = (entry(of: now, in: new), entry(of: field, in: old))
        guard let entryNow, let entryThen else {
            return now.typeName == field.typeName && (entryNow == nil) == (entryThen == nil)
        }
        return entryNow.fields.map { "\($0.type)\($0.typeName)" }
            == entryThen.fields.map { "\($0.type)\($0.typeName)" }
    }

    private func entry(of field: FieldDescriptor, in message: MessageDescriptor) -> MessageDescriptor? {
        message.messages.first {
            $0.options.isMapEntry && field.typeName.hasSuffix(".\(message.name).\($0.name)")
        }
    }

    // MARK: Enums

    private mutating func check(_ old: EnumDescriptor, _ name: String) {
        guard let new = newEnums[name] else {
            return complain(name, "the enum is gone: keep it, old peers and journals hold it")
        }
        for value in old.values { check(value, of: name, against: new) }
        for range in old.reservedRanges where !EnumRanges(new).cover(range) {
            complain(
                name, "numbers \(range.start) to \(range.end) are no longer reserved: put `reserved` back")
        }
        for word in old.reservedNames where !new.reservedNames.contains(word) {
            complain(name, "the name \(word) is no longer reserved: put `reserved` back")
        }
    }

    private mutating func check(_ value: EnumDescriptor.Value, of name: String, against new: EnumDescriptor) {
        let full = "\(name).\(value.name)"
        if let now = new.values.first(where: { $0.name == value.name }) {
            if now.number != value.number {
                complain(full, "had number \(value.number) and has \(now.number): a number is never changed")
            }
            return
        }
        if let now = new.values.first(where: { $0.number == value.number }) {
            return complain(
                full,
                "number \(value.number) is now \(now.name): a number is never used again and a name is never changed"
            )
        }
        if new.reserves(value.number), new.reservedNames.contains(value.name) { return }
        complain(
            full,
            "the value is gone and could be used again: write `reserved \(value.number); reserved \"\(value.name)\";`"
        )
    }

    // MARK: Services

    private mutating func check(_ old: ServiceDescriptor, _ name: String) {
        guard let new = newServices[name] else {
            return complain(name, "the service is gone: keep it, old clients call it")
        }
        for method in old.methods {
            let full = "\(name).\(method.name)"
            guard let now = new.methods.first(where: { $0.name == method.name }) else {
                complain(full, "the method is gone: keep it, old clients call it")
                continue
            }
            if now.shape != method.shape {
                complain(full, "was \(method.shape) and is \(now.shape): add a method instead")
            }
            if now.input != method.input {
                complain(full, "took \(method.input) and takes \(now.input): add a method instead")
            }
            if now.output != method.output {
                complain(full, "gave \(method.output) and gives \(now.output): add a method instead")
            }
        }
    }

    private mutating func complain(_ name: String, _ what: String) {
        complaints.append("\(file): \(name): \(what)")
    }
}

/// Everything of a set of files by its full name, without a leading dot.
struct DescriptorIndex {
    private(set) var messages: [String: MessageDescriptor] = [:]
    private(set) var enums: [String: EnumDescriptor] = [:]
    private(set) var services: [String: ServiceDescriptor] = [:]

    init(_ files: [FileDescriptor]) {
        for file in files {
            for one in file.messages { add(one, file.fullName(one.name)) }
            for one in file.enums { enums[file.fullName(one.name)] = one }
            for one in file.services { services[file.fullName(one.name)] = one }
        }
    }

    private mutating func add(_ message: MessageDescriptor, _ name: String) {
        messages[name] = message
        for inner in message.messages { add(inner, "\(name).\(inner.name)") }
        for inner in message.enums { enums["\(name).\(inner.name)"] = inner }
    }
}

/// Whether what is reserved now holds what was reserved then, however it is cut into ranges.
private struct MessageRanges {
    private let ranges: [(Int64, Int64)]

    init(_ message: MessageDescriptor) {
        ranges = message.reservedRanges.map { (Int64($0.start), Int64($0.end)) }
    }

    func cover(_ range: ReservedRange) -> Bool { covers(ranges, Int64(range.start), Int64(range.end)) }
}

private struct EnumRanges {
    private let ranges: [(Int64, Int64)]

    /// The end of an enum's range belongs to it.
    init(_ one: EnumDescriptor) { ranges = one.reservedRanges.map { (Int64($0.start), Int64($0.end) + 1) } }

    func cover(_ range: ReservedRange) -> Bool { covers(ranges, Int64(range.start), Int64(range.end) + 1) }
}

/// Half-open ranges.
private func covers(_ ranges: [(Int64, Int64)], _ start: Int64, _ end: Int64) -> Bool {
    var reached = start
    for (from, to) in ranges.sorted(by: { $0.0 < $1.0 }) where from <= reached { reached = max(reached, to) }
    return reached >= end
}
