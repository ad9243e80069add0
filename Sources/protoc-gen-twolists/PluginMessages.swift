import Wire

// The part of google/protobuf/compiler/plugin.proto that the generator needs, by hand: it cannot use what it has not
// generated yet. The descriptors are read by Wire.

struct CodeGeneratorRequest: ProtoDecodable {
    var filesToGenerate: [String] = []
    var parameter = ""
    var files: [FileDescriptor] = []
    /// The same files as protoc wrote them.
    var rawFiles: [[UInt8]] = []

    mutating func decode(from reader: inout ProtoReader) throws(WireError) {
        while case let tag = try reader.nextTag(), tag != 0 {
            switch tag {
            case 1 << 3 | 2: try reader.append(ProtoString.self, to: &filesToGenerate)
            case 2 << 3 | 2: parameter = try reader.string()
            case 15 << 3 | 2:
                let raw = try reader.bytes()
                files.append(try FileDescriptor(reading: raw, limits: Main.limits))
                rawFiles.append(raw)
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
