package import Wire

/// Definitions as a .proto file writes them, for `twolists describe`.
package struct SchemaText {
    private let pool: SchemaPool

    package init(_ pool: SchemaPool) { self.pool = pool }

    /// Nil: no such service, method, message or enum here. Names are a server's: what a terminal would obey is taken out.
    package func lines(_ symbol: String) -> [String]? {
        definition(symbol).map { $0.map { Screen.clean($0) } }
    }

    private func definition(_ symbol: String) -> [String]? {
        if let service = pool.service(symbol) { return self.service(service, symbol) }
        if let message = pool.message(symbol) { return self.message(message) }
        if let one = pool.enumeration(symbol) { return enumeration(one) }
        guard let dot = symbol.lastIndex(where: { $0 == "." || $0 == "/" }),
            let method = pool.method(String(symbol[..<dot]), String(symbol[symbol.index(after: dot)...]))
        else { return nil }
        return [Self.method(method)]
    }

    /// `rpc Watch(twolists.v1.WatchQuery) returns (stream twolists.v1.Change);`
    package static func method(_ method: ServiceDescriptor.Method) -> String {
        func type(_ name: String, _ streams: Bool) -> String {
            (streams ? "stream " : "") + name.drop { $0 == "." }
        }
        return
            "rpc \(method.name)(\(type(method.input, method.clientStreams))) returns (\(type(method.output, method.serverStreams)));"
    }

    private func service(_ service: ServiceDescriptor, _ name: String) -> [String] {
        ["service \(name) {"] + service.methods.map { "  " + Self.method($0) } + ["}"]
    }

    private func message(_ type: MessageType) -> [String] {
        var lines = ["message \(type.name) {"]
        var told: Set<String> = []
        for field in type.fields {
            guard let oneof = field.oneof else {
                lines.append("  " + self.field(field, type))
                continue
            }
            guard told.insert(oneof).inserted else { continue }
            lines.append("  oneof \(oneof) {")
            lines += type.fields.filter { $0.oneof == oneof }.map { "    " + self.field($0, type) }
            lines.append("  }")
        }
        return lines + ["}"]
    }

    private func field(_ field: SchemaField, _ type: MessageType) -> String {
        let plain = type.descriptor.fields.first { $0.number == field.number }
        var label = field.isRepeated ? "repeated " : plain?.isProto3Optional == true ? "optional " : ""
        var name = plain?.typeText ?? ""
        if let entry = pool.mapEntry(field) {
            label = ""
            name = "map<\(word(entry.key)), \(word(entry.value))>"
        }
        return "\(label)\(name) \(field.name) = \(field.number);"
    }

    private func word(_ field: SchemaField) -> String {
        switch field.kind {
        case .message(let name), .enumeration(let name): name
        default: "\(field.kind)"
        }
    }

    private func enumeration(_ one: EnumDescriptor) -> [String] {
        ["enum \(one.name) {"] + one.values.map { "  \($0.name) = \($0.number);" } + ["}"]
    }
}
