import Foundation
import Testing

/// The house rules as tests: each message says what to write instead.
@Suite("House rules")
struct HouseRulesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    struct SourceFile: Sendable, CustomTestStringConvertible {
        let path: String
        let lines: [String]
        var testDescription: String { path }
    }

    static let sources = files(below: "Sources", ending: ".swift").filter { !$0.path.contains("/Generated/") }

    static func files(below folder: String, ending: String) -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        let all = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(ending) }.sorted().compactMap { name in
            let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
            return text.map { SourceFile(path: "\(folder)/\(name)", lines: $0.components(separatedBy: "\n")) }
        }
    }

    /// Lines of the sources that `matches` picks and no reason beside them excuses.
    func findings(
        in files: [SourceFile] = sources, where matches: (String) -> Bool
    ) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { matches($0.element) }.map { "\(file.path):\($0.offset + 1)" }
        }
    }

    @Test("the sources are found, or no rule below could fail")
    func sourcesAreFound() {
        #expect(Self.sources.count > 50)
    }

    @Test("a crash on purpose has its reason beside it")
    func crashesHaveReasons() {
        let crashes = ["fatalError(", "preconditionFailure(", "try!", " as! "]
        let reasons = ["// programmer error:", "// corruption:", "// bug:"]
        let found = findings { line in
            crashes.contains { line.contains($0) } && !reasons.contains { line.contains($0) }
                && !line.trimmingCharacters(in: .whitespaces).hasPrefix("//")
        }
        #expect(
            found.isEmpty,
            "throw a typed error; for a programmer error write `// programmer error: why`: \(found)")
    }

    @Test("no build writes TLS keys: what an auditor wants to see is captured with the other side's keys")
    func noKeyLog() {
        let shims = Self.files(below: "Sources", ending: ".c") + Self.files(below: "Sources", ending: ".h")
        let found = findings(in: Self.sources + shims) { line in
            line.lowercased().contains("keylog") || line.contains("CLIENT_RANDOM")
        }
        #expect(
            found.isEmpty,
            "take the key log of a client that is not ours (Protocol/twolists.lua says how): \(found)")
    }

    @Test("concurrency checks are switched off in one file, with its proof")
    func uncheckedInOneFile() {
        let files = Self.sources.filter { file in
            file.lines.contains { line in
                !line.trimmingCharacters(in: .whitespaces).hasPrefix("//")
                    && (line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)"))
            }
        }.map(\.path)
        #expect(
            files.allSatisfy { $0 == "Sources/RPC/Unchecked.swift" },
            "confine the object to its thread and cross with a Mutex or a mailbox: \(files)")
    }

    @Test("a task's local value is never itself a function: bound in a release build it crashes")
    func taskLocalsAreValues() {
        let found = findings { $0.contains("@TaskLocal") && $0.contains("->") }
        #expect(found.isEmpty, "put the function into a struct, as ScreenNotice.Clock does: \(found)")
    }

    @Test("no Foundation in the server's targets")
    func noFoundation() {
        let pure = [
            "Wire", "Schema", "Crypto", "Exchange", "Journal", "RPC", "Bureau", "TwoListsClient",
            "twolists-server",
        ]
        let found = findings(
            in: Self.files(below: "Sources", ending: ".swift").filter { file in
                pure.contains { file.path.hasPrefix("Sources/\($0)/") }
            }
        ) {
            $0.range(
                of: #"^(@preconcurrency )?((internal|package|public) )?import Foundation"#,
                options: .regularExpression) != nil
        }
        #expect(found.isEmpty, "use Glibc, Crypto.DurableFile or CLinux: \(found)")
    }

    @Test("the domain has no clock, no randomness and no I/O")
    func pureTargets() {
        let impure = [
            "import Glibc", "import CLinux", "import COpenSSL", "import Synchronization",
            "SystemRandomNumberGenerator", ".random(",
        ]
        let found = findings(
            in: Self.sources.filter {
                $0.path.hasPrefix("Sources/Exchange/") || $0.path.hasPrefix("Sources/Wire/")
            }
        ) {
            line in impure.contains { line.contains($0) }
        }
        #expect(found.isEmpty, "let time, ids and randomness come in as arguments: \(found)")
    }

    @Test("nothing is left for later in the code")
    func noLeftovers() {
        let found = findings { line in ["TODO", "FIXME", "XXX"].contains { line.contains($0) } }
        #expect(found.isEmpty, "do it, or write it into the closing note: \(found)")
    }

    @Test("the manifest has no dependencies")
    func noPackages() throws {
        let manifest = try String(
            contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        #expect(!manifest.contains(".package("), "the product uses no Swift packages; only libssl-dev")
    }

    @Test("the top level holds what the user asked for")
    func topLevel() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "Protocol", "Certs", "README.md", "seeds", "Makefile",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
            .filter { !$0.hasPrefix(".") && !allowed.contains($0) && $0 != "Package.resolved" }
        #expect(found.isEmpty, "put it below Sources, Tests, Protocol, Certs or seeds: \(found)")
    }

    @Test("no private key is in the tree that git keeps")
    func noKeys() {
        let pem = "PRIVATE " + "KEY-----"
        let kept = ["Sources", "Tests", "Protocol", "seeds"].flatMap { folder in
            [".pem", ".key", ".txt", ".swift", ".sh", ".md"].flatMap { Self.files(below: folder, ending: $0) }
        }
        let found = findings(in: kept) { $0.hasPrefix("-----BEGIN") && $0.contains(pem) }
        #expect(found.isEmpty, "make keys at run time, in a folder git ignores: \(found)")
    }
}
