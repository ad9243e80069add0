/// snake_case to lowerCamelCase, as protobuf's own JSON names do it.
func lowerCamel(_ name: String) -> String {
    var result = ""
    var raise = false
    for character in name {
        if character == "_" {
            raise = true
        } else {
            result += raise ? character.uppercased() : String(character)
            raise = false
        }
    }
    guard let first = result.first else { return "_" }
    return first.lowercased() + result.dropFirst()
}

func upperCamel(_ name: String) -> String {
    let lower = lowerCamel(name)
    return lower.prefix(1).uppercased() + lower.dropFirst()
}

/// `PlacementTier` to `PLACEMENT_TIER_`, the prefix that enum values carry in protobuf and not in Swift.
func valuePrefix(_ enumName: String) -> String {
    var result = ""
    var previous: Character?
    for character in enumName {
        if character.isUppercase, let previous, !previous.isUppercase { result += "_" }
        result += character.uppercased()
        previous = character
    }
    return result + "_"
}

func enumCase(_ value: String, of enumName: String) -> String {
    let prefix = valuePrefix(enumName)
    let short = value.hasPrefix(prefix) ? String(value.dropFirst(prefix.count)) : value
    let name = lowerCamel(short.lowercased())
    return quoted(name.first?.isNumber == true ? "_" + name : name)
}

/// A property or case name, in backticks where Swift needs them.
func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

/// A property name. Names that a message has already (`encoded`, `unknownFields`) and words that backticks do not help
/// everywhere (`self`, `init`) get an underscore.
func property(_ name: String) -> String {
    let camel = lowerCamel(name)
    return taken.contains(camel) ? camel + "_" : quoted(camel)
}

/// A type's name. `Any`, `Type` and such cannot be one in Swift.
func typeName(_ name: String) -> String { unusable.contains(name) ? name + "Message" : name }

private let unusable: Set<String> = ["Any", "Type", "Protocol", "Self"]

private let taken: Set<String> = [
    "unknownFields", "protoName", "protoFields", "personalFields", "unknownFieldPolicy", "hashValue",
    "encoded",
    "self", "init", "hash", "decode", "encode", "encodedSize", "forEachPersonal",
]

/// Names whose use for a message would hide the type that generated code means.
let reservedTypes: Set<String> = [
    "String", "Int", "Int32", "Int64", "UInt8", "UInt32", "UInt64", "Float", "Double", "Bool", "Array",
    "Optional",
    "Error", "Never", "Hasher", "Sendable", "Hashable", "CaseIterable", "Message", "Personal", "PersonalPath",
    "WireError", "Wire", "Schema", "Swift",
]

/// At a module's top level these would also collide with what Wire exports.
let reservedAtTop: Set<String> = ["Status", "StatusCode", "StatusDetail", "MetadataEntry", "MethodShape"]

private let keywords: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init",
    "inout",
    "internal", "let", "open", "operator", "private", "precedencegroup", "protocol", "public", "rethrows",
    "static",
    "struct", "subscript", "typealias", "var", "break", "case", "catch", "continue", "default", "defer", "do",
    "else", "fallthrough", "for", "guard", "if", "in", "repeat", "return", "throw", "switch", "where",
    "while",
    "Any", "as", "await", "false", "is", "nil", "self", "Self", "super", "throws", "true", "try", "none",
    "some",
]
