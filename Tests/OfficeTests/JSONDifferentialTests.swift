import Foundation
import TestSupport
import Testing
import Wire

@testable import Office

/// The schema of these tests, compiled by protoc: every feature of proto3, and the types that have a form of their own in JSON.
struct JSONOracle {
    let python: String
    let pool: SchemaPool
    private let scratch: TemporaryDirectory
    private var descriptors: String { scratch.file("schema.bin") }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static let known = """
        syntax = "proto3";
        package twolists.test.known.v1;
        import "google/protobuf/any.proto";
        import "google/protobuf/duration.proto";
        import "google/protobuf/field_mask.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/wrappers.proto";
        message Known {
          google.protobuf.Any any = 1;
          google.protobuf.Duration duration = 2;
          google.protobuf.FieldMask field_mask = 3;
          google.protobuf.Struct struct = 4;
          google.protobuf.Value value = 5;
          google.protobuf.ListValue list_value = 6;
          google.protobuf.Timestamp timestamp = 7;
          google.protobuf.Int64Value int64_value = 8;
          google.protobuf.UInt32Value uint32_value = 9;
          google.protobuf.DoubleValue double_value = 10;
          google.protobuf.BoolValue bool_value = 11;
          google.protobuf.StringValue string_value = 12;
          google.protobuf.BytesValue bytes_value = 13;
          repeated google.protobuf.Duration durations = 14;
          map<string, google.protobuf.Value> values = 15;
          oneof choice {
            google.protobuf.NullValue null_value = 16;
            google.protobuf.Duration other = 17;
          }
        }
        """

    init() throws {
        let protoc = try requireTool("protoc")
        python = try requirePythonProtobuf()
        scratch = try TemporaryDirectory("json")
        try scratch.write("known.proto", Array(Self.known.utf8))
        let includes = ["-I", "\(Self.root)/Protocol", "-I", "/usr/include", "-I", scratch.path]
        let made = try runProcess(
            protoc,
            includes + [
                "--include_imports", "--descriptor_set_out=\(scratch.file("schema.bin"))",
                "vectors/proto/everything.proto",
                "known.proto",
            ])
        try #require(made.status == 0, "\(made.errorText)")
        let set = try FileDescriptorSet(reading: try scratch.read("schema.bin"))
        pool = SchemaPool(set.files)
    }

    struct Case {
        var type: String
        var text: [UInt8]
        var bytes: [UInt8]?
        var json: [UInt8]?
        /// Why we refuse it.
        var refusal = ""
    }

    /// What we make of a text.
    func read(_ type: String, _ text: [UInt8]) -> Case {
        var made = Case(type: type, text: text, bytes: nil, json: nil)
        do {
            let json = try JSONParser.value(of: text)
            let bytes = try MessageFromJSON(pool).bytes(json, as: type)
            made.bytes = bytes
            made.json = (try? MessageToJSON(pool).json(bytes, as: type)).map { Array($0.compact.utf8) }
        } catch {
            made.refusal = "\(error)"
        }
        return made
    }

    /// The library's word on each.
    func judge(_ cases: [Case]) throws -> [String] {
        let parts: [[UInt8]?] = cases.flatMap { one -> [[UInt8]?] in
            [Array(one.type.utf8), one.text, one.bytes, one.json]
        }
        let input = parts.flatMap { part in
            withUnsafeBytes(of: UInt32(part?.count ?? 0xffff_ffff).littleEndian, Array.init) + (part ?? [])
        }
        try scratch.write("input", input)
        let script = "\(Self.root)/Protocol/vectors/proto/json_oracle.py"
        let run = try runProcess(
            python, [script, descriptors, scratch.file("input"), scratch.file("output")], timeout: 300)
        try #require(run.status == 0, "\(run.errorText)")
        return String(decoding: try scratch.read("output"), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }
}

@Suite("Issue 3.2: JSON in and out agrees with Protocol Buffers' own library")
struct JSONDifferentialTests {
    private static let soak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    private static let seed = UInt64(ProcessInfo.processInfo.environment["TWOLISTS_SEED"] ?? "") ?? 20_260_901

    @Test("random valid and broken JSON: same verdict, same bytes, same JSON")
    func random() throws {
        let oracle = try JSONOracle()
        let count = Self.soak ? 20_000 : 3_000
        print("seed \(Self.seed), \(count) texts (TWOLISTS_SEED, TWOLISTS_SOAK=1 for 20000)")
        let cases = texts(count, oracle.pool).map { oracle.read($0, $1) }
        let words = try oracle.judge(cases)
        try #require(words.count == cases.count)
        var tally: [String: Int] = [:]
        for (index, one) in cases.enumerated() {
            let word = isListed(one, words[index]) ? "listed" : words[index]
            tally[word, default: 0] += 1
            if word != "same", word != "refused", word != "listed" {
                Issue.record(
                    "seed \(Self.seed) text \(index): \(word)\n\(one.type) \(String(decoding: one.text, as: UTF8.self))\n\(one.refusal)"
                )
            }
        }
        print("tally \(tally)")
        // A generator that makes only good or only bad texts would prove nothing.
        #expect(tally["same", default: 0] > count / 3 && tally["refused", default: 0] > count / 6)
        #expect(tally["listed", default: 0] < count / 20)
    }

    @Test("the oracle sees a difference in bytes, in JSON and in the verdict")
    func oracleSees() throws {
        let oracle = try JSONOracle()
        let good = oracle.read("twolists.test.v1.Small", Array(#"{"number": 5, "text": "a"}"#.utf8))
        var cases = [good, good, good, good]
        cases[1].bytes = [0x08, 0x06]
        cases[2].json = Array(#"{"number": 6, "text": "a"}"#.utf8)
        cases[3].bytes = nil
        let words = try oracle.judge(cases)
        #expect(words.count == 4 && words[0] == "same")
        #expect(
            words[1].hasPrefix("bytes differ") && words[2].hasPrefix("JSON differs")
                && words[3] == "they accept it")
    }

    /// Half as made, a quarter with a value changed, a quarter with bytes changed.
    private func texts(_ count: Int, _ pool: SchemaPool) -> [(String, [UInt8])] {
        var maker = RandomJSON(seed: Self.seed, pool)
        return (0..<count).map { index in
            let type = index % 3 == 0 ? "twolists.test.known.v1.Known" : "twolists.test.v1.Everything"
            let json = maker.message(type)
            switch index % 4 {
            case 0: return (type, Array(maker.mutated(json).compact.utf8))
            case 1: return (type, maker.mutated(Array(json.compact.utf8)))
            default: return (type, Array((index % 8 > 4 ? json.pretty : json.compact).utf8))
            }
        }
    }

    /// Where the library is more lenient than the mapping's own text and we are not: foreign characters in base64, numbers in quotes
    /// as Python reads them, fractions and numbers beyond 32 bits as enum values, a field under both of its names, times that are
    /// almost well-formed, an empty list as a message, a number in a Value that no double holds. And where the mapping itself loses something:
    /// NullValue is written null whatever its number.
    private func isListed(_ one: JSONOracle.Case, _ word: String) -> Bool {
        let text = String(decoding: one.text, as: UTF8.self)
        if word.hasPrefix("our JSON is read as something else") {
            return text.contains(#""nullValue":-1"#) || text.contains(#""nullValue": -1"#)
        }
        let strict = [
            "must be base64", "must be an integer", "must be a number", " is no twolists.test.v1.",
            "is the same field as", " is no google.protobuf.NullValue",
            "is written \\\"", "must be an object {…} (twolists.test.",
        ]
        let isEnum =
            ["colour", "alias"].contains { one.refusal.lowercased().contains($0) }
            && one.refusal.contains("is out of range")
        let isHuge = text.contains("1e400") && one.refusal.contains("the number is too large")
        return word == "they accept it" && (isEnum || isHuge || strict.contains { one.refusal.contains($0) })
    }
}
