import Foundation
import TestSupport
import Testing

/// The repository, and the plugin that was built beside this test.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
private var plugin: String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("protoc-gen-twolists").path
}

@Suite("DESIGN.md 3: protoc-gen-twolists")
struct GeneratorTests {
    private static let folders = [
        "Sources/Wire/Generated", "Sources/Schema/Generated", "Tests/WireTests/Generated",
    ]

    @Test("the checked-in Swift is what the schema gives today")
    func regenerate() throws {
        try requireTool("protoc")
        let scratch = try TemporaryDirectory("generate")
        var environment = ProcessInfo.processInfo.environment
        environment["PLUGIN"] = plugin
        let run = try runProcess("\(root)/Protocol/generate.sh", [scratch.path], environment: environment)
        try #require(run.status == 0, "\(run.errorText)")
        for folder in Self.folders {
            let made = try swiftFiles("\(scratch.path)/\(folder)")
            let kept = try swiftFiles("\(root)/\(folder)")
            #expect(made.keys.sorted() == kept.keys.sorted(), "\(folder): run Protocol/generate.sh")
            for (name, text) in made where kept[name] != nil {
                #expect(text == kept[name], "\(folder)/\(name): run Protocol/generate.sh")
            }
        }
    }

    private func swiftFiles(_ folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".swift")
        }
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
            })
    }

    @Test(
        "a schema that breaks a rule is refused, with the rule in words",
        arguments: [
            ("enum State { STATE_NONE = 0; }", "value 0 must be named STATE_UNSPECIFIED"),
            ("enum State { STATE_UNSPECIFIED = 0; CLOSED = 1; }", "must begin with STATE_"),
            ("message Personal {}", "hides a type of Swift or Wire"),
            (
                "message M { string name = 1 [(twolists.v1.personal) = true]; }",
                "a personal field of an event must be bytes"
            ),
            (
                "message P { bytes n = 1 [(twolists.v1.personal) = true]; } message M { map<string, P> m = 1; }",
                "personal fields do not go into maps"
            ),
        ])
    func lint(_ body: String, _ rule: String) throws {
        let result = try generate(package: "twolists.event.v1", body)
        #expect(result.status != 0)
        #expect(result.errorText.contains(rule), "\(result.errorText)")
    }

    @Test("PROTOCOL.md 6: the fingerprint counts what is spoken, not how it is written down")
    func fingerprint() throws {
        let plain = try fingerprint("message A { int32 x = 1; } message B { string y = 1; }")
        let other = try fingerprint(
            "// Words.\nmessage B { string y = 1; }\n\nmessage A { int32 x = 1; /* x */ }")
        #expect(plain == other)
        #expect(try fingerprint("message A { int32 x = 1; } message B { string y = 1; }") == plain)
        for changed in [
            "message A { int32 x = 2; } message B { string y = 1; }",
            "message A { int32 z = 1; } message B { string y = 1; }",
            "message A { int64 x = 1; } message B { string y = 1; }",
            "message A { optional int32 x = 1; } message B { string y = 1; }",
            "message A { repeated int32 x = 1; } message B { string y = 1; }",
            "message A { oneof o { int32 x = 1; } } message B { string y = 1; }",
            "message A { int32 x = 1; } message B { string y = 1; } message C {}",
            "message A { int32 x = 1; } message B { string y = 1; } enum E { E_UNSPECIFIED = 0; }",
            "message A { int32 x = 1; } message B { string y = 1; } service S { rpc M(A) returns (B); }",
        ] {
            #expect(try fingerprint(changed) != plain, "\(changed)")
        }
        let unary = try fingerprint("message A {} service S { rpc M(A) returns (A); }")
        #expect(try fingerprint("message A {} service S { rpc M(A) returns (stream A); }") != unary)
    }

    /// The fingerprint's line in what is generated for these declarations.
    private func fingerprint(_ body: String) throws -> String {
        let scratch = try TemporaryDirectory("fingerprint")
        let result = try generate(package: "twolists.v1", body, into: scratch)
        try #require(result.status == 0, "\(result.errorText)")
        let path = "\(scratch.path)/Sources/Schema/Generated/Catalogue.swift"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.contains("static let fingerprint") })
        return String(lines[head + 1])
    }

    @Test("proto2 is refused")
    func proto2() throws {
        let result = try generate(syntax: "proto2", package: "a.b", "message M { optional int32 x = 1; }")
        #expect(result.errorText.contains("only proto3"))
    }

    @Test("a request that is no CodeGeneratorRequest gives an error, not a trap")
    func brokenRequest() throws {
        for input: [UInt8] in [[0xff], [0x7a, 0x05, 0x01], [0x00], [0x7a, 0x02, 0x0a, 0x05]] {
            let result = try runProcess(plugin, input: input)
            #expect(result.status == 0)
            #expect(result.outputText.contains("the request cannot be read"))
        }
    }

    /// Runs protoc with the plugin on one file of the given package.
    private func generate(
        syntax: String = "proto3", package: String, _ body: String, into folder: TemporaryDirectory? = nil
    ) throws -> ProcessResult {
        let protoc = try requireTool("protoc")
        let scratch = try folder ?? TemporaryDirectory("lint")
        let head = "syntax = \"\(syntax)\"; package \(package); import \"twolists/v1/options.proto\";\n"
        try scratch.write("lint.proto", Array((head + body + "\n").utf8))
        let includes = ["-I", scratch.path, "-I", "\(root)/Protocol", "-I", "/usr/include"]
        let outputs = ["--plugin=protoc-gen-twolists=\(plugin)", "--twolists_out=\(scratch.path)"]
        return try runProcess(protoc, includes + outputs + ["lint.proto"])
    }
}
