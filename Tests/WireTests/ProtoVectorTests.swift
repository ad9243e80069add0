import Foundation
import TestSupport
import Testing
import Wire

/// One line of a vector file; the form is described in Protocol/vectors/proto/README.md.
struct ProtoVector: Sendable, CustomTestStringConvertible {
    var name: String
    var input: [UInt8]
    /// The bytes to be written again, or nil when the input must be refused.
    var canonical: [UInt8]?
    var reason: String?

    var testDescription: String { name }

    init?(line: Substring) {
        let words = line.split(separator: " ")
        guard words.count == 4, let input = hexBytes(words[2]) else { return nil }
        name = String(words[0])
        self.input = input
        switch words[1] {
        case "accept":
            guard let canonical = words[3] == "=" ? input : hexBytes(words[3]) else { return nil }
            self.canonical = canonical
        case "reject": reason = String(words[3])
        default: return nil
        }
    }

    /// The vectors of one file, and how many lines could not be read.
    static func file(_ name: String) throws -> (vectors: [ProtoVector], unreadable: Int) {
        let text = try String(contentsOfFile: protocolPath("vectors/proto/\(name)"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let vectors = lines.compactMap(ProtoVector.init)
        return (vectors, lines.count - vectors.count)
    }
}

/// The absolute path of a file under Protocol/.
func protocolPath(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Protocol/\(name)").path
}

/// Hex to bytes; `-` is none.
func hexBytes(_ text: Substring) -> [UInt8]? {
    if text == "-" { return [] }
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite("reference 5.1: vectors of the proto3 binary codec")
struct ProtoVectorTests {
    @Test("everything.txt")
    func everything() throws {
        let (vectors, unreadable) = try ProtoVector.file("everything.txt")
        #expect(unreadable == 0)
        #expect(vectors.count > 700)
        for vector in vectors { check(vector, TestV1.Everything.self) }
    }

    @Test("event.txt: unknown fields refused, personal fields as sealed bytes")
    func event() throws {
        let (vectors, unreadable) = try ProtoVector.file("event.txt")
        #expect(unreadable == 0)
        #expect(vectors.count > 20)
        for vector in vectors { check(vector, TestEventV1.Filed.self) }
    }

    private func check<M: Message>(_ vector: ProtoVector, _ type: M.Type) {
        do throws(WireError) {
            let value = try M(decoding: vector.input)
            guard let canonical = vector.canonical else {
                Issue.record("\(vector.name): accepted, not \(vector.reason ?? "")")
                return
            }
            #expect(value.encoded() == canonical, "\(vector.name)")
        } catch {
            #expect("\(error.kind)" == vector.reason, "\(vector.name): \(error)")
            #expect(error.offset >= 0 && error.offset <= vector.input.count, "\(vector.name)")
        }
    }

    @Test("every accepted vector, cut at every byte, is refused or accepted, and never traps")
    func cut() throws {
        for vector in try ProtoVector.file("everything.txt").vectors where vector.input.count < 64 {
            for count in vector.input.indices {
                _ = decodeEverything(Array(vector.input.prefix(count)), as: [TestV1.Everything.self])
            }
        }
    }
}
