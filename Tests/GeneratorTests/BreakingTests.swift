import Foundation
import TestSupport
import Testing

/// One change of a schema, and what must be said of it; nil: nothing.
struct SchemaChange: Sendable, CustomTestStringConvertible {
    var what: String
    var from: String
    var to: String
    var complaint: String?

    init(_ what: String, _ from: String, _ to: String, _ complaint: String?) {
        self.what = what
        self.from = from
        self.to = to
        self.complaint = complaint
    }

    var testDescription: String { what }
}

@Suite("DESIGN.md 4, schema rules: what a release promised is kept")
struct BreakingTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static var plugin: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("protoc-gen-twolists").path
    }

    /// The released schema of these tests. Each change below replaces one piece of it.
    static let released = """
        package twolists.v1;
        import "twolists/v1/options.proto";
        message Plain {
          reserved 7, 9 to 11;
          reserved "old";
          int32 number = 1;
          string text = 2;
          repeated int64 list = 3;
          optional bool maybe = 4;
          oneof either { string left = 5; string right = 6; }
          map<string, int32> table = 8;
          string long_name = 12;
          Inner inner = 13;
          Kind kind = 14;
          bytes secret = 15 [(twolists.v1.personal) = true];
          message Inner { int32 depth = 1; }
        }
        message Other { int32 number = 1; }
        message Lone { int32 number = 1; }
        enum Kind {
          reserved 5 to 6;
          reserved "KIND_OLD";
          KIND_UNSPECIFIED = 0;
          KIND_ONE = 1;
          KIND_TWO = 2;
        }
        service Desk {
          rpc Ask(Plain) returns (Other);
          rpc Watch(Plain) returns (stream Other);
        }
        """

    static let breaks: [SchemaChange] = [
        SchemaChange(
            "a number used again", "string text = 2;", "string title = 2;",
            "twolists.v1.Plain.text: number 2 is now title"),
        SchemaChange(
            "another type", "int32 number = 1;\n  string text", "int64 number = 1;\n  string text",
            "twolists.v1.Plain.number: the type was int32 and is int64"),
        SchemaChange(
            "another message type", "Inner inner = 13;", "Other inner = 13;",
            "twolists.v1.Plain.inner: the type was twolists.v1.Plain.Inner and is twolists.v1.Other"),
        SchemaChange(
            "another type of a map's value", "map<string, int32>", "map<string, int64>",
            "twolists.v1.Plain.table: the type was"),
        SchemaChange(
            "a field inside a nested message", "int32 depth = 1;", "string depth = 1;",
            "twolists.v1.Plain.Inner.depth: the type was int32 and is string"),
        SchemaChange(
            "a field removed and not reserved", "  string text = 2;\n", "",
            "twolists.v1.Plain.text: the field is gone and could be used again: write `reserved 2; reserved \"text\";`"
        ),
        SchemaChange(
            "a field removed, its name not reserved", "  string text = 2;\n", "  reserved 2;\n",
            "write `reserved \"text\";`"),
        SchemaChange(
            "a field moved to another number", "string text = 2;", "string text = 22;",
            "had number 2 and has 22"),
        SchemaChange("repeated taken away", "repeated int64 list", "int64 list", "list: was repeated"),
        SchemaChange(
            "repeated added", "string text = 2;", "repeated string text = 2;", "text: was not repeated"),
        SchemaChange("optional taken away", "optional bool maybe", "bool maybe", "maybe: was optional"),
        SchemaChange(
            "optional added", "string text = 2;", "optional string text = 2;", "text: was not optional"),
        SchemaChange(
            "a field taken out of its oneof", "string left = 5; string right = 6; }",
            "string left = 5; } string right = 6;", "right: was in oneof either and is in none"),
        SchemaChange(
            "a field of its own put into a oneof", "  string text = 2;\n",
            "  oneof fresh { string text = 2; }\n", "text: was in no oneof and is in oneof fresh"),
        SchemaChange(
            "another name in JSON", "string long_name = 12;",
            "string long_name = 12 [json_name = \"other\"];",
            "its name in JSON was longName and is other"),
        SchemaChange(
            "no longer personal", "bytes secret = 15 [(twolists.v1.personal) = true];", "bytes secret = 15;",
            "secret: was personal"),
        SchemaChange(
            "a reserved number freed", "reserved 7, 9 to 11;", "reserved 7, 9 to 10;",
            "numbers 9 to 11 are no longer reserved"),
        SchemaChange(
            "a reserved name freed", "reserved \"old\";\n", "\n", "the name old is no longer reserved"),
        SchemaChange(
            "a message removed", "message Lone { int32 number = 1; }\n", "",
            "twolists.v1.Lone: the message is gone"),
        SchemaChange(
            "an enum's value renumbered", "KIND_TWO = 2;", "KIND_TWO = 3;",
            "twolists.v1.Kind.KIND_TWO: had number 2 and has 3"),
        SchemaChange(
            "an enum's value renamed", "KIND_TWO = 2;", "KIND_DEUX = 2;",
            "twolists.v1.Kind.KIND_TWO: number 2 is now KIND_DEUX"),
        SchemaChange(
            "an enum's value removed", "  KIND_TWO = 2;\n", "", "write `reserved 2; reserved \"KIND_TWO\";`"),
        SchemaChange(
            "an enum's reserved number freed", "reserved 5 to 6;", "reserved 5;",
            "numbers 5 to 6 are no longer reserved"),
        SchemaChange(
            "an enum's reserved name freed", "  reserved \"KIND_OLD\";\n", "",
            "the name KIND_OLD is no longer reserved"),
        SchemaChange("an enum renamed", "Kind", "Sort", "twolists.v1.Kind: the enum is gone"),
        SchemaChange(
            "a service renamed", "service Desk", "service Table", "twolists.v1.Desk: the service is gone"),
        SchemaChange(
            "a method removed", "  rpc Ask(Plain) returns (Other);\n", "",
            "twolists.v1.Desk.Ask: the method is gone"),
        SchemaChange(
            "a method that streams now", "rpc Ask(Plain)", "rpc Ask(stream Plain)",
            "Ask: was unary and is clientStream"),
        SchemaChange(
            "a method that streams no more", "(stream Other)", "(Other)",
            "Watch: was serverStream and is unary"),
        SchemaChange(
            "a method that takes something else", "rpc Ask(Plain)", "rpc Ask(Other)",
            "Ask: took .twolists.v1.Plain and takes .twolists.v1.Other"),
        SchemaChange(
            "a method that gives something else", "returns (Other);", "returns (Plain);",
            "Ask: gave .twolists.v1.Other and gives .twolists.v1.Plain"),
        SchemaChange(
            "a package renamed", "package twolists.v1;", "package twolists.v2;",
            "twolists.v1: the package is gone"),
    ]

    static let keeps: [SchemaChange] = [
        SchemaChange("nothing", "Desk", "Desk", nil),
        SchemaChange("a field added", "string text = 2;", "string text = 2; string more = 16;", nil),
        SchemaChange(
            "a field removed and reserved", "  string text = 2;\n", "  reserved 2; reserved \"text\";\n", nil),
        SchemaChange("a value added", "KIND_TWO = 2;", "KIND_TWO = 2; KIND_FOUR = 4;", nil),
        SchemaChange(
            "a value removed and reserved", "  KIND_TWO = 2;\n", "  reserved 2; reserved \"KIND_TWO\";\n", nil
        ),
        SchemaChange("a field added to a oneof", "oneof either {", "oneof either { string middle = 17;", nil),
        SchemaChange(
            "a method added", "service Desk {", "service Desk { rpc More(Plain) returns (Plain);", nil),
        SchemaChange("a message added", "message Other {", "message New {} message Other {", nil),
        SchemaChange("reserved cut otherwise", "reserved 7, 9 to 11;", "reserved 11, 9 to 10, 7;", nil),
        SchemaChange("comments", "string text = 2;", "string text = 2;  // a text", nil),
    ]

    @Test("a broken promise is named, with file, place and what to do", arguments: breaks)
    func broken(_ change: SchemaChange) throws {
        let result = try compare(change)
        let complaint = try #require(change.complaint)
        #expect(result.status == 1, "\(result.errorText)")
        #expect(result.errorText.contains("schema.proto: "))
        #expect(result.errorText.contains(complaint), "\(result.errorText)")
    }

    @Test("what only adds breaks nothing", arguments: keeps)
    func kept(_ change: SchemaChange) throws {
        let result = try compare(change)
        #expect(result.status == 0 && result.errorText.isEmpty, "\(result.errorText)")
    }

    @Test("a file that cannot be read, or that promises nothing, is an error and no good news")
    func unreadable() throws {
        let scratch = try TemporaryDirectory("breaking")
        let empty = try scratch.write("empty.bin", [])
        let broken = try scratch.write("broken.bin", [0x0a, 0x05, 0x01])
        for (words, text) in [
            (["breaking", "/no/such", empty], "cannot be opened"),
            (["breaking", broken, empty], "no descriptor set"),
            (["breaking", empty, empty], "holds no file"), (["breaking"], "usage:"),
            (["compare", empty, empty], "usage:"),
        ] {
            let result = try runProcess(Self.plugin, words)
            #expect(result.status == 2)
            #expect(result.errorText.contains(text), "\(result.errorText)")
        }
    }

    @Test("the schema of today keeps its rules and what the last release promised")
    func today() throws {
        try requireTool("protoc")
        let result = try check([:])
        #expect(result.status == 0, "run `make proto-check`: \(result.errorText)")
    }

    @Test("`make proto-check` sees a break in the real schema, and a broken rule")
    func copy() throws {
        try requireTool("protoc")
        for (file, from, to, complaint) in [
            (
                "twolists/v1/services.proto", "rpc Execute(", "rpc Perform(",
                "twolists.v1.Exchange.Execute: the method is gone"
            ),
            (
                "twolists/event/v1/events.proto", "string policy_basis = 2;", "bytes policy_basis = 2;",
                "policy_basis: the type was string and is bytes"
            ),
            ("wire/hello.proto", "software = ", "program = ", "is now program"),
            (
                "twolists/v1/common.proto", "ROLE_UNSPECIFIED", "ROLE_NONE",
                "value 0 must be named ROLE_UNSPECIFIED"
            ),
        ] {
            let scratch = try TemporaryDirectory("schema")
            let folder = scratch.file("Protocol")
            try FileManager.default.copyItem(atPath: "\(Self.root)/Protocol", toPath: folder)
            let path = "\(folder)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try #require(text.contains(from), "\(file) has no \(from)")
            try text.replacingOccurrences(of: from, with: to).write(
                toFile: path, atomically: true, encoding: .utf8)
            let result = try check(["SCHEMA": folder])
            #expect(result.status != 0)
            #expect(result.errorText.contains(complaint), "\(result.errorText)")
        }
    }

    private func check(_ more: [String: String]) throws -> ProcessResult {
        var environment = ProcessInfo.processInfo.environment
        environment["PLUGIN"] = Self.plugin
        environment.merge(more) { $1 }
        return try runProcess("\(Self.root)/Protocol/check.sh", environment: environment)
    }

    private func compare(_ change: SchemaChange) throws -> ProcessResult {
        try #require(Self.released.contains(change.from), "the released schema has no \(change.from)")
        let changed = Self.released.replacingOccurrences(of: change.from, with: change.to)
        let scratch = try TemporaryDirectory("breaking")
        let old = try descriptors(Self.released, "old", scratch)
        let new = try descriptors(changed, "new", scratch)
        return try runProcess(Self.plugin, ["breaking", old, new])
    }

    private func descriptors(_ body: String, _ name: String, _ scratch: TemporaryDirectory) throws -> String {
        let protoc = try requireTool("protoc")
        let folder = scratch.file(name)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try scratch.write("\(name)/schema.proto", Array("syntax = \"proto3\";\n\(body)\n".utf8))
        let out = "\(folder)/schema.bin"
        let made = try runProcess(
            protoc,
            [
                "-I", folder, "-I", "\(Self.root)/Protocol", "-I", "/usr/include",
                "--descriptor_set_out=\(out)", "schema.proto",
            ])
        try #require(made.status == 0, "\(made.errorText)")
        return out
    }
}
