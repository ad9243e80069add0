import Foundation
import Testing

/// What the schema promises, one line each: `twolists.v1.Envelope field 1: bytes id`, `twolists.v1.Role value 1: ROLE_CLERK`,
/// `twolists.v1.Exchange rpc Execute(SignedEnvelope) returns (CommandAnswer)`. Comments and layout are no promise.
private struct Promises {
    private(set) var lines: Set<String> = []

    /// A .proto file's text. Only what our files use: messages, enums, services, oneofs, extensions; one statement ends with `;`.
    init(_ text: String) throws {
        let bare = text.replacingOccurrences(of: #"//[^\n]*"#, with: "", options: .regularExpression)
        var scope: [String] = []
        var package = ""
        var statement = ""
        for character in bare {
            switch character {
            case "{":
                scope.append(Self.words(statement).joined(separator: " "))
                statement = ""
            case "}":
                scope.removeLast()
                statement = ""
            case ";":
                let words = Self.words(statement)
                if words.first == "package" { package = words[1] }
                take(words, scope, package)
                statement = ""
            default: statement.append(character)
            }
        }
        #expect(scope.isEmpty)
    }

    private static func words(_ statement: String) -> [String] {
        statement.replacingOccurrences(of: "=", with: " = ").replacingOccurrences(of: "[", with: " [ ")
            .replacingOccurrences(of: "]", with: " ] ").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private mutating func take(_ words: [String], _ scope: [String], _ package: String) {
        guard let kind = scope.last?.split(separator: " ").first, let equals = words.firstIndex(of: "=")
        else {
            if words.first == "rpc" {
                lines.insert(name(scope, package) + " " + words.joined(separator: " "))
            }
            return
        }
        let number = words[equals + 1]
        let declared = words[..<equals].joined(separator: " ")
        let options = words[(equals + 2)...].joined(separator: " ")
        lines.insert(
            "\(name(scope, package)) \(kind == "enum" ? "value" : "field") \(number): \(declared) \(options)")
    }

    /// A oneof's fields are its message's.
    private func name(_ scope: [String], _ package: String) -> String {
        ([package]
            + scope.filter { !$0.hasPrefix("oneof") }.map {
                $0.split(separator: " ").last.map(String.init) ?? ""
            })
            .joined(separator: ".")
    }

    mutating func add(_ other: Promises) { lines.formUnion(other.lines) }

    /// What this one promised and `later` does not.
    func broken(by later: Promises) -> [String] { lines.subtracting(later.lines).sorted() }
}

@Suite("DESIGN.md 4: the schema is additive only")
struct ReleasedSchemaTests {
    static let protocolFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Protocol")

    private func promises(below folder: URL) throws -> Promises {
        var promises = try Promises("")
        for top in ["twolists", "wire"] {
            let base = folder.appendingPathComponent(top)
            for path in try FileManager.default.subpathsOfDirectory(atPath: base.path)
            where path.hasSuffix(".proto") {
                let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
                promises.add(try Promises(text))
            }
        }
        return promises
    }

    @Test(arguments: [1, 2, 3])
    func everythingReleasedIsStillThere(_ release: Int) throws {
        let released = try promises(
            below: Self.protocolFolder.appendingPathComponent("released/\(release)"))
        let current = try promises(below: Self.protocolFolder)
        #expect(released.lines.count > 400)
        #expect(released.lines.contains("twolists.v1.Envelope field 1: bytes id "))
        #expect(released.lines.contains("twolists.v1.Command field 10: SubmitRequest submit_request "))
        let broken = released.broken(by: current)
        #expect(broken.isEmpty, "fields are only ever added: \(broken)")
    }

    /// Each kind of break is seen.
    @Test(arguments: [
        ("bytes id = 1;", "bytes id = 2;"), ("bytes id = 1;", "string id = 1;"), ("bytes id = 1;", ""),
        ("bytes id = 1;", "bytes uuid = 1;"), ("CLERK = 1;", "CLERK = 2;"),
        ("rpc Execute(A) returns (B);", "rpc Execute(A) returns (stream B);"),
        ("string name = 3 [(personal) = true];", "string name = 3;"), ("Submit submit = 10;", ""),
    ])
    func aBreakIsSeen(_ was: String, _ becomes: String) throws {
        let text = """
            syntax = "proto3";
            package twolists.v1;
            // bytes other = 9;
            message M { bytes id = 1; oneof body { Submit submit = 10; } string name = 3 [(personal) = true]; }
            enum Role { CLERK = 1; }
            service S { rpc Execute(A) returns (B); }
            """
        let released = try Promises(text)
        #expect(released.lines.count == 5)
        let later = try Promises(text.replacingOccurrences(of: was, with: becomes))
        #expect(released.broken(by: later).count == 1)
        let wider = try Promises(text.replacingOccurrences(of: "enum Role {", with: "enum Role { NEW = 7; "))
        #expect(released.broken(by: wider).isEmpty)
    }
}
