import Foundation
import TestSupport
import Testing
import Wire

/// Protocol Buffers' own Python library, pinned by requirements.txt beside this file, as the judge of the codec.
struct ProtoOracle {
    let python: String
    let descriptors: String
    private let scratch: TemporaryDirectory

    /// Skips (or fails) the test when protoc, Python or the pinned library is missing.
    init() throws {
        let protoc = try requireTool("protoc")
        python = try requirePythonProtobuf()
        scratch = try TemporaryDirectory("oracle")
        descriptors = scratch.file("everything.bin")
        let made = try runProcess(
            protoc,
            [
                "-I", protocolPath(""), "-I", "/usr/include", "--include_imports",
                "--descriptor_set_out=\(descriptors)", "vectors/proto/everything.proto",
            ])
        try #require(made.status == 0, "\(made.errorText)")
    }

    /// For each message what the library writes after reading it, nil when it refuses it.
    func judge(_ messages: [[UInt8]]) throws -> [[UInt8]?] {
        let input = messages.flatMap { ProtoOracle.length($0.count) + $0 }
        try scratch.write("input", input)
        let script = protocolPath("vectors/proto/oracle.py")
        let files = [descriptors, TestV1.Everything.protoName, scratch.file("input"), scratch.file("output")]
        let run = try runProcess(python, [script] + files, timeout: 300)
        try #require(run.status == 0, "\(run.errorText)")
        return ProtoOracle.answers(try scratch.read("output"))
    }

    private static func length(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian, Array.init)
    }

    private static func answers(_ bytes: [UInt8]) -> [[UInt8]?] {
        var answers: [[UInt8]?] = []
        var rest = bytes[...]
        while rest.count >= 4 {
            let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            if count == 0xffff_ffff {
                answers.append(nil)
            } else {
                answers.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
        return answers
    }
}

@Suite("reference 5.2: the codec agrees with Protocol Buffers' own library")
struct ProtoDifferentialTests {
    private static let soak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    private static let seed =
        UInt64(ProcessInfo.processInfo.environment["TWOLISTS_SEED"] ?? "") ?? 20_260_801

    @Test("random valid, mutated and truncated messages: same verdict, same bytes")
    func random() throws {
        let oracle = try ProtoOracle()
        let count = Self.soak ? 20_000 : 2_000
        print("seed \(Self.seed), \(count) messages (TWOLISTS_SEED, TWOLISTS_SOAK=1 for 20000)")
        let messages = inputs(count)
        let answers = try oracle.judge(messages)
        try #require(answers.count == messages.count)
        var tally = Tally()
        for (index, message) in messages.enumerated() {
            compare(message, with: answers[index], "seed \(Self.seed) message \(index)", &tally)
        }
        print(
            "accepted by both \(tally.accepted), refused by both \(tally.refused), listed differences \(tally.listed)"
        )
        // A generator that makes only good or only bad messages would prove nothing.
        #expect(tally.accepted > count / 4 && tally.refused > count / 4 && tally.listed < count / 20)
    }

    @Test("everything.txt is what make.py writes")
    func vectorFile() throws {
        let oracle = try ProtoOracle()
        let made = try runProcess(oracle.python, [protocolPath("vectors/proto/make.py"), oracle.descriptors])
        #expect(made.errorText == "")
        #expect(
            made.outputText
                == (try String(contentsOfFile: protocolPath("vectors/proto/everything.txt"), encoding: .utf8))
        )
    }

    private struct Tally {
        var accepted = 0
        var refused = 0
        var listed = 0
    }

    /// A third each as made, mutated, truncated.
    private func inputs(_ count: Int) -> [[UInt8]] {
        var maker = RandomMessage(seed: Self.seed)
        return (0..<count).map { index in
            let message = maker.message(TestV1.Everything.self)
            switch index % 3 {
            case 0: return message
            case 1: return maker.mutated(message)
            default: return maker.truncated(message)
            }
        }
    }

    private func compare(_ message: [UInt8], with answer: [UInt8]?, _ name: String, _ tally: inout Tally) {
        let ours = try? TestV1.Everything(decoding: message).encoded()
        if ours == answer {
            if ours == nil { tally.refused += 1 } else { tally.accepted += 1 }
        } else if let ours, answer != nil, keepsMapEntry(ours, TestV1.Everything.self) {
            tally.listed += 1  // README.md: a map entry with a field it should not have
        } else {
            Issue.record("\(name): \(hex(message))\nours   \(hex(ours))\noracle \(hex(answer))")
        }
    }

    private func hex(_ bytes: [UInt8]?) -> String {
        bytes.map { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() } ?? "refused"
    }

    /// True when an encoding holds, at any depth, a map entry that was kept whole as an unknown field.
    private func keepsMapEntry(_ bytes: [UInt8], _ type: any Message.Type) -> Bool {
        delimitedFields(bytes).contains { number, value in
            switch type.protoFields.first(where: { $0.number == number })?.kind {
            case .message(let inner): return keepsMapEntry(value, inner)
            case .map(let key, .message(let inner)):
                return !isEntry(value, key, .message(inner))
                    || delimitedFields(value).contains { $0.number == 2 && keepsMapEntry($0.value, inner) }
            case .map(let key, let kind): return !isEntry(value, key, kind)
            default: return false
            }
        }
    }

    private func isEntry(_ bytes: [UInt8], _ key: ProtoField.Kind, _ value: ProtoField.Kind) -> Bool {
        tags(bytes).allSatisfy {
            $0 == 1 << 3 | RandomMessage.wire(key) || $0 == 2 << 3 | RandomMessage.wire(value)
        }
    }

    private func tags(_ bytes: [UInt8]) -> [UInt32] { walk(bytes).map(\.tag) }

    private func delimitedFields(_ bytes: [UInt8]) -> [(number: UInt32, value: [UInt8])] {
        walk(bytes).filter { $0.tag & 7 == 2 }.map { (number: $0.tag >> 3, value: $0.value) }
    }

    private func walk(_ bytes: [UInt8]) -> [(tag: UInt32, value: [UInt8])] {
        bytes.withUnsafeBytes { buffer in
            var reader = ProtoReader(buffer, unknownFields: .discard, limits: DecodingLimits())
            var found: [(tag: UInt32, value: [UInt8])] = []
            var none: [UInt8] = []
            while let tag = try? reader.nextTag(), tag != 0 {
                if tag & 7 == 2 {
                    found.append((tag, (try? reader.bytes()) ?? []))
                } else {
                    guard (try? reader.unknown(tag, keepingIn: &none)) != nil else { break }
                    found.append((tag, []))
                }
            }
            return found
        }
    }
}
