// The part of google/protobuf/descriptor.proto that we read, by hand: descriptors are written in proto2, which is not
// generated here. The generator reads them from protoc, the tool `twolists` from a server's reflection: bytes that may be
// anything, so names may be missing, numbers may be any and references may lead nowhere.

/// FileDescriptorSet: what `protoc --descriptor_set_out` writes.
package struct FileDescriptorSet: ProtoDecodable {
    package var files: [FileDescriptor] = []

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 1 << 3 | 2 { try reader.append(&files) } else { try reader.discard(tag) }
        }
    }
}

/// FileDescriptorProto.
package struct FileDescriptor: ProtoDecodable, Sendable {
    package var name = ""
    package var package = ""
    /// Names of the files it imports.
    package var dependencies: [String] = []
    package var messages: [MessageDescriptor] = []
    package var enums: [EnumDescriptor] = []
    package var services: [ServiceDescriptor] = []
    package var extensions: [FieldDescriptor] = []
    /// Comments by the path of what they are about, as SourceCodeInfo has it.
    package var comments: [[Int32]: String] = [:]
    package var syntax = ""

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: package = try reader.string()
            case 3 << 3 | 2: try reader.append(ProtoString.self, to: &dependencies)
            case 4 << 3 | 2: try reader.append(&messages)
            case 5 << 3 | 2: try reader.append(&enums)
            case 6 << 3 | 2: try reader.append(&services)
            case 7 << 3 | 2: try reader.append(&extensions)
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

    /// The full name of something that stands at the top of this file.
    package func fullName(_ name: String) -> String {
        self.package.isEmpty ? name : "\(self.package).\(name)"
    }
}

private struct SourceInfo: ProtoDecodable {
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

/// Numbers or names that are never to be used again.
package struct ReservedRange: ProtoDecodable, Sendable, Hashable {
    package var start: Int32 = 0
    /// Exclusive for messages, inclusive for enums, as descriptor.proto has it.
    package var end: Int32 = 0

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3: start = try reader.read(ProtoInt32.self)
            case 2 << 3: end = try reader.read(ProtoInt32.self)
            default: try reader.discard(tag)
            }
        }
    }
}

/// DescriptorProto.
package struct MessageDescriptor: ProtoDecodable, Sendable {
    package var name = ""
    package var fields: [FieldDescriptor] = []
    package var messages: [MessageDescriptor] = []
    package var enums: [EnumDescriptor] = []
    package var oneofs: [NamedDescriptor] = []
    package var options = MessageOptions()
    package var reservedRanges: [ReservedRange] = []
    package var reservedNames: [String] = []

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&fields)
            case 3 << 3 | 2: try reader.append(&messages)
            case 4 << 3 | 2: try reader.append(&enums)
            case 7 << 3 | 2: try reader.merge(&options)
            case 8 << 3 | 2: try reader.append(&oneofs)
            case 9 << 3 | 2: try reader.append(&reservedRanges)
            case 10 << 3 | 2: try reader.append(ProtoString.self, to: &reservedNames)
            default: try reader.discard(tag)
            }
        }
    }

    package func reserves(_ number: UInt32) -> Bool {
        reservedRanges.contains { Int64($0.start) <= Int64(number) && Int64(number) < Int64($0.end) }
    }

    /// The oneof the field belongs to; nil for fields of their own, `optional` ones included.
    package func oneof(of field: FieldDescriptor) -> String? {
        guard !field.isProto3Optional, let index = field.oneofIndex, oneofs.indices.contains(Int(index))
        else { return nil }
        return oneofs[Int(index)].name
    }
}

package struct MessageOptions: ProtoDecodable, Sendable {
    package var isMapEntry = false

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 7 << 3 { isMapEntry = try reader.read(ProtoBool.self) } else { try reader.discard(tag) }
        }
    }
}

/// OneofDescriptorProto: only its name.
package struct NamedDescriptor: ProtoDecodable, Sendable {
    package var name = ""

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            if tag == 1 << 3 | 2 { name = try reader.string() } else { try reader.discard(tag) }
        }
    }
}

/// FieldDescriptorProto.
package struct FieldDescriptor: ProtoDecodable, Sendable {
    package var name = ""
    package var number: UInt32 = 0
    package var isRepeated = false
    /// FieldDescriptorProto.Type.
    package var type: Int32 = 0
    /// Full name of its message or enum, with a leading dot.
    package var typeName = ""
    package var oneofIndex: Int32?
    /// The name in JSON; empty where whoever made the descriptor did not say.
    package var jsonName = ""
    package var isProto3Optional = false
    package var options = FieldOptions()

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 3 << 3: number = try reader.read(ProtoUInt32.self)
            case 4 << 3: isRepeated = try reader.read(ProtoInt32.self) == 3
            case 5 << 3: type = try reader.read(ProtoInt32.self)
            case 6 << 3 | 2: typeName = try reader.string()
            case 8 << 3 | 2: try reader.merge(&options)
            case 9 << 3: oneofIndex = try reader.read(ProtoInt32.self)
            case 10 << 3 | 2: jsonName = try reader.string()
            case 17 << 3: isProto3Optional = try reader.read(ProtoBool.self)
            default: try reader.discard(tag)
            }
        }
    }

    /// The type's name as a .proto file writes it, the leading dot left out.
    package var typeText: String {
        let plain = [
            1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32",
            8: "bool",
            9: "string", 10: "group", 12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64", 17: "sint32",
            18: "sint64",
        ]
        return plain[Int(type)] ?? String(typeName.drop { $0 == "." })
    }
}

package struct FieldOptions: ProtoDecodable, Sendable {
    package var packed: Bool?
    /// `(twolists.v1.personal)`
    package var isPersonal = false

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 2 << 3: packed = try reader.read(ProtoBool.self)
            case 50001 << 3: isPersonal = try reader.read(ProtoBool.self)
            default: try reader.discard(tag)
            }
        }
    }
}

/// EnumDescriptorProto.
package struct EnumDescriptor: ProtoDecodable, Sendable {
    package struct Value: ProtoDecodable, Sendable {
        package var name = ""
        package var number: Int32 = 0

        package init() {}

        package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
            while case let tag = try reader.nextTag(), tag != 0 {
                switch tag {
                case 1 << 3 | 2: name = try reader.string()
                case 2 << 3: number = try reader.read(ProtoInt32.self)
                default: try reader.discard(tag)
                }
            }
        }
    }
    package var name = ""
    package var values: [Value] = []
    package var reservedRanges: [ReservedRange] = []
    package var reservedNames: [String] = []

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&values)
            case 4 << 3 | 2: try reader.append(&reservedRanges)
            case 5 << 3 | 2: try reader.append(ProtoString.self, to: &reservedNames)
            default: try reader.discard(tag)
            }
        }
    }

    package func reserves(_ number: Int32) -> Bool {
        reservedRanges.contains { $0.start <= number && number <= $0.end }
    }
}

/// ServiceDescriptorProto.
package struct ServiceDescriptor: ProtoDecodable, Sendable {
    package struct Method: ProtoDecodable, Sendable {
        package var name = ""
        /// Full names with a leading dot.
        package var input = ""
        package var output = ""
        package var clientStreams = false
        package var serverStreams = false

        package init() {}

        package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
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

        package var shape: MethodShape {
            switch (clientStreams, serverStreams) {
            case (false, false): .unary
            case (false, true): .serverStream
            case (true, false): .clientStream
            case (true, true): .bidirectional
            }
        }
    }
    package var name = ""
    package var methods: [Method] = []

    package init() {}

    package mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: name = try reader.string()
            case 2 << 3 | 2: try reader.append(&methods)
            default: try reader.discard(tag)
            }
        }
    }
}

extension ProtoDecodable {
    /// Reads a whole value; fields it has no use for are dropped.
    package init(reading bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws(WireError) {
        self.init()
        try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
            try merge(UnsafeRawBufferPointer(buffer), unknownFields: .discard, limits: limits)
        }
    }
}

extension ProtoReader {
    /// Skips a field that its reader has no use for.
    package mutating func discard(_ tag: UInt32) throws(WireError) {
        var nothing: [UInt8] = []
        try unknown(tag, keepingIn: &nothing)
    }
}
