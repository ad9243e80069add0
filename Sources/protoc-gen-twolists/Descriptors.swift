import Wire

// The part of google/protobuf/descriptor.proto and compiler/plugin.proto that the generator needs, by hand: it cannot use
// what it has not generated yet.

struct CodeGeneratorRequest: ProtoDecodable {
    var filesToGenerate: [String] = []
    var parameter = ""
    var files: [FileDescriptor] = []

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: try reader.append(ProtoString.self, to: &filesToGenerate)
            case 2 << 3 | 2: parameter = try reader.string()
            case 15 << 3 | 2: try reader.append(&files)
            default: try reader.discard(tag)
            }
        }
    }
}

struct CodeGeneratorResponse: ProtoEncodable {
    struct File: ProtoEncodable {
        var name: String
        var content: String

        func encode(to writer: inout ProtoWriter) {
            writer.always(ProtoString.self, 15 << 3 | 2, content)
            writer.always(ProtoString.self, 1 << 3 | 2, name)
        }
    }
    var error: String?
    var files: [File] = []

    func encode(to writer: inout ProtoWriter) {
        for file in files.reversed() {
            writer.delimited(file)
            writer.tag(15 << 3 | 2)
        }
        // FEATURE_PROTO3_OPTIONAL
        writer.always(ProtoUInt64.self, 2 << 3, 1)
        writer.field(ProtoString.self, 1 << 3 | 2, optional: error)
    }
}

struct FileDescriptor: ProtoDecodable {
    var name = ""
    var package = ""
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var services: [ServiceDescriptor] = []
    var comments: [[Int32]: String] = [:]
    var syntax = ""

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: package = try reader.string()
            case 4 << 3 | 2: try reader.append(&messages)
            case 5 << 3 | 2: try reader.append(&enums)
            case 6 << 3 | 2: try reader.append(&services)
            case 9 << 3 | 2:
                var info = SourceInfo()
                try reader.merge(&info)
                for location in info.locations where !location.comment.isEmpty {
                    comments[location.path] = location.comment
                }
            case 12 << 3 | 2: syntax = try reader.string()
            default: try reader.discard(tag)
            }
        }
    }
}

struct SourceInfo: ProtoDecodable {
    struct Location: ProtoDecodable {
        var path: [Int32] = []
        var leading = ""
        var trailing = ""
        var comment: String { leading.isEmpty ? trailing : leading }

        mutating func decode(from reader: inout ProtoReader) throws(WireError) {
            while case let tag = try reader.nextTag(), tag != 0 {
                switch tag {
                case 1 << 3 | 2: try reader.appendPacked(ProtoInt32.self, to: &path)
                case 3 << 3 | 2: leading = try reader.string()
                case 4 << 3 | 2: trailing = try reader.string()
                default: try reader.discard(tag)
                }
            }
        }
    }
    var locations: [Location] = []

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 1 << 3 | 2 { try reader.append(&locations) } else { try reader.discard(tag) }
        }
    }
}

struct MessageDescriptor: ProtoDecodable {
    var name = ""
    var fields: [FieldDescriptor] = []
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var oneofs: [NamedDescriptor] = []
    var options = MessageOptions()

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&fields)
            case 3 << 3 | 2: try reader.append(&messages)
            case 4 << 3 | 2: try reader.append(&enums)
            case 7 << 3 | 2: try reader.merge(&options)
            case 8 << 3 | 2: try reader.append(&oneofs)
            default: try reader.discard(tag)
            }
        }
    }
}

struct MessageOptions: ProtoDecodable {
    var isMapEntry = false

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 7 << 3 { isMapEntry = try reader.read(ProtoBool.self) } else { try reader.discard(tag) }
        }
    }
}

/// OneofDescriptorProto: only its name.
struct NamedDescriptor: ProtoDecodable {
    var name = ""

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 1 << 3 | 2 { name = try reader.string() } else { try reader.discard(tag) }
        }
    }
}

struct FieldDescriptor: ProtoDecodable {
    var name = ""
    var number: UInt32 = 0
    var isRepeated = false
    /// FieldDescriptorProto.Type.
    var type: Int32 = 0
    var typeName = ""
    var oneofIndex: Int32?
    var isProto3Optional = false
    var options = FieldOptions()

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 3 << 3: number = try reader.read(ProtoUInt32.self)
            case 4 << 3: isRepeated = try reader.read(ProtoInt32.self) == 3
            case 5 << 3: type = try reader.read(ProtoInt32.self)
            case 6 << 3 | 2: typeName = try reader.string()
            case 8 << 3 | 2: try reader.merge(&options)
            case 9 << 3: oneofIndex = try reader.read(ProtoInt32.self)
            case 17 << 3: isProto3Optional = try reader.read(ProtoBool.self)
            default: try reader.discard(tag)
            }
        }
    }
}

struct FieldOptions: ProtoDecodable {
    var packed: Bool?
    /// `(twolists.v1.personal)`
    var isPersonal = false

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 2 << 3: packed = try reader.read(ProtoBool.self)
            case 50001 << 3: isPersonal = try reader.read(ProtoBool.self)
            default: try reader.discard(tag)
            }
        }
    }
}

struct EnumDescriptor: ProtoDecodable {
    struct Value: ProtoDecodable {
        var name = ""
        var number: Int32 = 0

        mutating func decode(from reader: inout ProtoReader) throws(WireError) {
            while case let tag = try reader.nextTag(), tag != 0 {
                switch tag {
                case 1 << 3 | 2: name = try reader.string()
                case 2 << 3: number = try reader.read(ProtoInt32.self)
                default: try reader.discard(tag)
                }
            }
        }
    }
    var name = ""
    var values: [Value] = []

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&values)
            default: try reader.discard(tag)
            }
        }
    }
}

struct ServiceDescriptor: ProtoDecodable {
    struct Method: ProtoDecodable {
        var name = ""
        var input = ""
        var output = ""
        var clientStreams = false
        var serverStreams = false

        mutating func decode(from reader: inout ProtoReader) throws(WireError) {
            while case let tag = try reader.nextTag(), tag != 0 {
                switch tag {
                case 1 << 3 | 2: name = try reader.string()
                case 2 << 3 | 2: input = try reader.string()
                case 3 << 3 | 2: output = try reader.string()
                case 5 << 3: clientStreams = try reader.read(ProtoBool.self)
                case 6 << 3: serverStreams = try reader.read(ProtoBool.self)
                default: try reader.discard(tag)
                }
            }
        }
    }
    var name = ""
    var methods: [Method] = []

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&methods)
            default: try reader.discard(tag)
            }
        }
    }
}

extension ProtoReader {
    /// Skips a field of the descriptors that the generator has no use for.
    mutating func discard(_ tag: UInt32) throws(WireError) {
        var nothing: [UInt8] = []
        try unknown(tag, keepingIn: &nothing)
    }
}
