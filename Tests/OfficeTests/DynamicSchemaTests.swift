import Foundation
import Schema
import Testing
import Wire

@testable import Office

@Suite("Issue 3.2: messages by a schema that is known at run time only")
struct DynamicSchemaTests {
    private static let files = SchemaDescriptors.base64.compactMap { Base64.decode($0) }
    private let pool = SchemaPool(files.compactMap { try? FileDescriptor(reading: $0) })

    private func problem(_ type: String, _ text: String) throws -> JSONProblem? {
        let json = try JSONParser.value(of: text)
        do throws(JSONProblem) { _ = try MessageFromJSON(pool).bytes(json, as: type) } catch { return error }
        return nil
    }

    @Test("agrees with the generated code, by both names of a field")
    func generated() throws {
        let text = RequestText(
            title: "道路", content: "积水", category: "road", wishedBy: CivilDate(year: 2026, month: 3, day: 1),
            contact: Contact(name: "甲", phone: "0722"))
        let json = try MessageToJSON(pool).json(text.encoded(), as: "twolists.v1.RequestText")
        #expect(
            json.compact
                == #"{"title":"道路","content":"积水","category":"road","wishedBy":{"year":2026,"month":3,"day":1},"contact":{"name":"甲","phone":"0722"}}"#
        )
        #expect(try MessageFromJSON(pool).bytes(json, as: "twolists.v1.RequestText") == text.encoded())
        let original = try JSONParser.value(of: #"{"wished_by": {"year": "2026", "month": 3.0, "day": 1}}"#)
        let other = RequestText(wishedBy: CivilDate(year: 2026, month: 3, day: 1))
        #expect(try MessageFromJSON(pool).bytes(original, as: "twolists.v1.RequestText") == other.encoded())
    }

    @Test(
        "an error says where, and what would be right",
        arguments: [
            ("twolists.v1.RequestText", #"{"contact": {"nama": "x"}}"#, "contact", "did you mean name?"),
            ("twolists.v1.RequestText", #"{"contact": {"name": 5}}"#, "contact.name", "a text in quotes"),
            (
                "twolists.v1.RequestText", #"{"wishedBy": {}, "wished_by": {}}"#, "wished_by",
                "same field as wishedBy"
            ),
            (
                "twolists.v1.RequestText", #"{"wishedBy": {"year": 2147483648}}"#, "wishedBy.year",
                "out of range -2147483648…2147483647"
            ),
            ("twolists.v1.RequestText", "[]", "", "must be an object"),
            (
                "twolists.v1.ListRequestsQuery", #"{"states": ["REQUEST_STATE_SUBMITTED", "X"]}"#,
                "states[1]", "REQUEST_STATE_CLOSED"
            ),
            ("twolists.v1.ListRequestsQuery", #"{"states": [null]}"#, "states[0]", "integer"),
            ("twolists.v1.ListRequestsQuery", #"{"cursor": "*"}"#, "cursor", "base64"),
            (
                "twolists.v1.Command", #"{"submitRequest": {}, "acceptRequest": {}}"#, "acceptRequest",
                "exclude each other"
            ),
            ("no.Such", "{}", "", "does not tell the type no.Such"),
        ])
    func places(_ type: String, _ text: String, _ path: String, _ words: String) throws {
        let found = try #require(try problem(type, text), "\(text) is accepted")
        #expect(found.path == path && found.problem.en.contains(words), "\(found)")
        #expect(!found.problem.zh.isEmpty && found.text.zh.hasPrefix(path))
    }

    @Test("as deep as the limit, and one level more, both ways")
    func depth() throws {
        // message M { M m = 1; } by hand.
        var message = MessageDescriptor()
        message.name = "M"
        var field = FieldDescriptor()
        (field.name, field.number, field.type, field.typeName) = ("m", 1, 11, ".M")
        message.fields = [field]
        var file = FileDescriptor()
        (file.name, file.syntax, file.messages) = ("m.proto", "proto3", [message])
        let pool = SchemaPool([file])
        func json(_ levels: Int) -> JSON {
            (0..<levels).reduce(JSON.object([JSON.Member]())) { inner, _ in .object([JSON.Member("m", inner)])
            }
        }
        let bytes = try MessageFromJSON(pool).bytes(json(MessageFromJSON.maxDepth), as: "M")
        #expect(try MessageToJSON(pool).json(bytes, as: "M") == json(MessageFromJSON.maxDepth))
        #expect(throws: JSONProblem.self) {
            try MessageFromJSON(pool).bytes(json(MessageFromJSON.maxDepth + 1), as: "M")
        }
        let deeper = ProtoBytes.tag(1, 2) + ProtoBytes.delimited(bytes)
        #expect(throws: MessageToJSON.Problem.self) { try MessageToJSON(pool).json(deeper, as: "M") }
    }

    @Test("any bytes as any message: shown or refused, never a trap")
    func randomBytes() throws {
        var maker = RandomJSON(seed: 11, pool)
        let names = [
            "twolists.v1.Command", "twolists.v1.RequestView", "twolists.v1.CaseView", "ttrpc.Response",
            "google.rpc.Status",
        ]
        var shown = 0
        for index in 0..<1500 {
            let name = names[index % names.count]
            let json = maker.message(name)
            guard let bytes = try? MessageFromJSON(pool).bytes(json, as: name) else { continue }
            let broken = index % 2 == 0 ? bytes : maker.mutated(bytes)
            if (try? MessageToJSON(pool).json(broken, as: name)) != nil { shown += 1 }
        }
        #expect(shown > 700)
    }

    @Test("descriptors that lead nowhere are told, not trapped on")
    func brokenDescriptors() throws {
        var message = MessageDescriptor()
        message.name = "M"
        var lost = FieldDescriptor()
        (lost.name, lost.number, lost.type, lost.typeName, lost.oneofIndex) = ("lost", 1, 11, ".None", 9)
        var odd = FieldDescriptor()
        (odd.name, odd.number, odd.type) = ("odd", 0, 99)
        message.fields = [lost, odd]
        var file = FileDescriptor()
        file.messages = [message]
        let pool = SchemaPool([file])
        #expect(throws: MessageToJSON.Problem.self) { try MessageToJSON(pool).json([0x0a, 0], as: "M") }
        #expect(throws: JSONProblem.self) {
            try MessageFromJSON(pool).bytes(.object([JSON.Member("lost", .object([JSON.Member]()))]), as: "M")
        }
        #expect(SchemaText(pool).lines("M") == ["message M {", "  None lost = 1;", "}"])
    }

    @Test("descriptors of any bytes make a schema or none, and whatever is asked of it is no trap")
    func randomDescriptors() throws {
        var maker = RandomJSON(seed: 12, pool)
        var read = 0
        for round in 0..<400 {
            var broken = SchemaPool()
            for raw in Self.files {
                let bytes = maker.mutated(raw)
                if let file = try? FileDescriptor(reading: bytes) { broken.add(file) }
            }
            let text = SchemaText(broken)
            for name in broken.files.values.flatMap({ file in
                file.messages.map { file.fullName($0.name) } + file.services.map { file.fullName($0.name) }
            }) {
                _ = text.lines(name)
                guard round % 8 == 0, broken.message(name) != nil else { continue }
                var inputs = RandomJSON(seed: UInt64(round), broken)
                let json = inputs.message(name)
                guard let bytes = try? MessageFromJSON(broken).bytes(json, as: name) else { continue }
                if (try? MessageToJSON(broken).json(bytes, as: name)) != nil { read += 1 }
            }
        }
        #expect(read > 100)
    }

    @Test("names from a server never command a terminal, in definitions and in errors")
    func hostileNames() throws {
        var value = EnumDescriptor.Value()
        value.name = "A\u{1b}[2J"
        var one = EnumDescriptor()
        (one.name, one.values) = ("E", [value])
        var field = FieldDescriptor()
        (field.name, field.number, field.type, field.typeName) = ("f\u{1b}c", 1, 14, ".E")
        var message = MessageDescriptor()
        (message.name, message.fields) = ("M\u{9b}31m", [field])
        var file = FileDescriptor()
        (file.messages, file.enums) = ([message], [one])
        let pool = SchemaPool([file])
        let shown = (SchemaText(pool).lines("E") ?? []) + (SchemaText(pool).lines("M\u{9b}31m") ?? [])
        #expect(shown.count == 6)
        let problems = try ["[]", #"{"x": 1}"#, #"{"f\u001bc": "X"}"#].map { text in
            let json = try JSONParser.value(of: text)
            do throws(JSONProblem) {
                _ = try MessageFromJSON(pool).bytes(json, as: "M\u{9b}31m")
                return ""
            } catch { return error.text.zh + error.text.en }
        }
        for text in shown + problems {
            #expect(
                !text.isEmpty
                    && text.unicodeScalars.allSatisfy {
                        $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
                    }, "\(text.debugDescription)")
        }
    }

    @Test("describe writes services, methods, messages with oneofs and maps, and enums")
    func text() throws {
        let text = SchemaText(pool)
        #expect(
            text.lines("twolists.v1.Ledger.Watch") == [
                "rpc Watch(twolists.v1.WatchQuery) returns (stream twolists.v1.Change);"
            ])
        #expect(text.lines("grpc.health.v1.Health")?.count == 4)
        #expect(text.lines("ttrpc.Request")?.contains("  repeated ttrpc.KeyValue metadata = 5;") == true)
        #expect(text.lines("google.rpc.ErrorInfo")?.contains("  map<string, string> metadata = 3;") == true)
        let command = text.lines("twolists.v1.Command") ?? []
        #expect(command.contains("  oneof body {") && command.filter { $0.contains("oneof") }.count == 1)
        #expect(text.lines("twolists.v1.Direction")?.contains("  DIRECTION_UNSPECIFIED = 0;") == true)
        #expect(
            text.lines("twolists.v1.None") == nil && text.lines("") == nil
                && text.lines("twolists.v1.Ledger.None") == nil)
    }

    @Test("a schema is asked together file by file; a server that contradicts itself is told")
    func quest() throws {
        func answer(_ files: [[UInt8]]) -> SchemaQuest.Answer {
            .fileDescriptorResponse(GRPCReflectionV1.FileDescriptorResponse(fileDescriptorProto: files))
        }
        func error(_ code: Int32) -> SchemaQuest.Answer {
            .errorResponse(GRPCReflectionV1.ErrorResponse(errorCode: code, errorMessage: "why"))
        }
        func raw(_ name: String) throws -> [UInt8] {
            try #require(Self.files.first { (try? FileDescriptor(reading: $0))?.name == name })
        }
        var quest = SchemaQuest("grpc.health.v1.Health")
        #expect(quest.question == .fileContainingSymbol("grpc.health.v1.Health"))
        try quest.take(answer([try raw("grpc/health/v1/health.proto")]))
        #expect(quest.question == nil && quest.schema?.service("grpc.health.v1.Health") != nil)

        quest = SchemaQuest("google.rpc.Status")
        try quest.take(answer([try raw("google/rpc/status.proto")]))
        #expect(quest.question == .fileByFilename("google/protobuf/any.proto"))
        var other = quest
        try quest.take(answer([try raw("google/protobuf/any.proto")]))
        #expect(quest.question == nil && quest.schema?.message("google.protobuf.Any") != nil)
        #expect(throws: SchemaQuest.Bad.self) { try other.take(error(5)) }
        #expect(throws: SchemaQuest.Bad.self) { try other.take(answer([try raw("wire/hello.proto")])) }

        for bad in [
            answer([]), answer([[0xff]]), error(13),
            .listServicesResponse(GRPCReflectionV1.ListServiceResponse()), nil,
        ] {
            var fresh = SchemaQuest("x")
            #expect(throws: SchemaQuest.Bad.self) { try fresh.take(bad) }
        }
        quest = SchemaQuest("x")
        try quest.take(error(5))
        #expect(quest.question == nil && quest.schema == nil)
    }

    @Test("a server may send as many files as the limit, and not one more")
    func fileLimit() throws {
        let many = (0...SchemaQuest.maxFiles).map { number -> [UInt8] in
            let name = Array("f\(number)".utf8)
            return [0x0a, UInt8(name.count)] + name
        }
        var quest = SchemaQuest("x")
        try quest.take(
            .fileDescriptorResponse(
                GRPCReflectionV1.FileDescriptorResponse(fileDescriptorProto: many.dropLast())))
        #expect(quest.schema?.files.count == SchemaQuest.maxFiles)
        var other = SchemaQuest("x")
        #expect(throws: SchemaQuest.Bad.self) {
            try other.take(
                .fileDescriptorResponse(GRPCReflectionV1.FileDescriptorResponse(fileDescriptorProto: many)))
        }
    }

    @Test("--trace: a line a frame, with its names and without its contents")
    func frames() {
        let text = FrameText()
        func line(_ type: FrameType, _ body: [UInt8], flags: UInt8 = 0, stream: UInt32 = 1, out: Bool = true)
            -> String
        {
            let header = FrameHeader(
                length: UInt32(body.count), stream: stream, type: type, flags: FrameFlags(rawValue: flags))
            return text.line(isOutgoing: out, header, body)
        }
        let request = Ttrpc.Request(
            service: "a.B", method: "Do", payload: Array("secret".utf8), timeoutNano: 5_000_000,
            metadata: [Ttrpc.KeyValue(key: "k", value: "v\u{1b}[31m")])
        let asked = line(.request, request.encoded(), flags: 2)
        #expect(asked.hasPrefix("→  Request  stream 1  flags 0x2 remote-open  "))
        #expect(asked.contains("a.B/Do  payload 6 bytes  timeout 5 ms  k: v") && !asked.contains("secret"))
        #expect(!asked.contains("\u{1b}"), "a terminal would obey it")
        #expect(
            line(.data, [], flags: 5, out: false)
                == "←  Data  stream 1  flags 0x5 remote-closed no-data  0 bytes  a.B/Do")
        let response = Ttrpc.Response(status: GoogleRPC.Status(code: 5, message: "none"), payload: [])
        #expect(line(.response, response.encoded(), flags: 8).contains("not-processed"))
        #expect(line(.response, response.encoded()).contains("status 5 NOT_FOUND  none  payload 0 bytes"))
        #expect(line(.data, [1], stream: 3) == "→  Data  stream 3  flags 0x0  1 bytes")
        #expect(
            line(.credit, [0, 0, 1, 0]).hasSuffix("+256 bytes")
                && line(.cancel, [0, 0, 0, 4]).hasSuffix("code 4"))
        #expect(
            line(.goAway, [0, 0, 0, 9, 0, 0, 0, 1] + Array("bye".utf8), stream: 0).hasSuffix(
                "last 9 code 1 bye"))
        #expect(line(.goAway, []).hasSuffix("last 0 code 0") || line(.goAway, []).contains("last 0 code 0"))
        for type in [FrameType.request, .response, .hello] {
            #expect(line(type, [0xff]).hasSuffix("unreadable"))
        }
        #expect(line(.hello, WireV1.Hello(maxVersion: 1, software: "s 1").encoded()).contains("s 1"))
    }
}
