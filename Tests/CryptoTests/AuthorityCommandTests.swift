import Foundation
import TestSupport
import Testing

@testable import Crypto

@Suite("Certs/README.md: twolists ca")
struct AuthorityCommandTests {
    /// The tool built beside these tests.
    private func tool() throws -> String {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL
        while folder.path != "/" {
            let path = folder.appendingPathComponent("twolists").path
            if FileManager.default.isExecutableFile(atPath: path), !folder.path.hasSuffix("Sources") {
                return path
            }
            folder.deleteLastPathComponent()
        }
        return try requireTool("twolists")
    }

    private func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> ProcessResult {
        try runProcess(try tool(), ["ca"] + arguments, directory: directory.path)
    }

    private let uri = "twolists://421300/county/421321/officer/k7f2"

    @Test("request on one machine, issue on the other, show, revoke")
    func story() throws {
        let directory = try TemporaryDirectory("ca-command")
        #expect(try run(["init", "ca", "--city", "421300"], in: directory).status == 0)
        let requested = try run(["request", uri, "--out", "k7f2"], in: directory)
        #expect(requested.status == 0, "\(requested.errorText)")
        let issued = try run(["issue", "ca", "k7f2.csr"], in: directory)
        #expect(issued.status == 0, "\(issued.errorText)")
        let (certificate, key) = (
            try Certificate.load(path: directory.file("k7f2.crt")),
            try PrivateKey.load(path: directory.file("k7f2.key"))
        )
        #expect(certificate.matches(key))
        let print = Digest(of: key.publicKey.der).hex
        #expect(requested.outputText.contains(print) && issued.outputText.contains(print))
        let serial = Hex.encode(certificate.serial)
        #expect(try run(["show", "ca"], in: directory).outputText.contains("有效  \(uri)"))
        #expect(try run(["revoke", "ca", serial, "--reason", "superseded"], in: directory).status == 0)
        #expect(
            try run(["show", "ca", "--lang", "en"], in: directory).outputText.contains("revoked  \(uri)"))
        let trust = try TrustStore.load(
            caPath: directory.file("ca/ca.crt"), crlPath: directory.file("ca/ca.crl"))
        #expect(throws: TrustError.self) {
            try trust.verify(certificate, purpose: .officer, at: UTCTime.now())
        }
    }

    @Test("a key is never overwritten; bad words give 2, bad files 11, both with a sentence")
    func refusals() throws {
        let directory = try TemporaryDirectory("ca-command")
        #expect(try run(["request", uri], in: directory).status == 0)
        let key = try directory.read("k7f2.key")
        let again = try run(["request", uri], in: directory)
        #expect(again.status == 11 && again.errorText.contains("k7f2.key"))
        #expect(try directory.read("k7f2.key") == key)
        for (words, status) in [
            ([], 2), (["bogus"], 2), (["init"], 2), (["init", "x"], 2), (["init", "x", "--city"], 2),
            (["show", "x", "--bogus", "y"], 2), (["init", "x", "--city", "42"], 11),
            (["issue", "x", "y"], 11),
            (["request", "nobody"], 11), (["show", "none"], 11), (["issue", "x", "y", "--days", "ten"], 11),
        ] as [([String], Int32)] {
            let result = try run(words, in: directory)
            #expect(result.status == status && !result.errorText.isEmpty, "\(words) \(result.errorText)")
            #expect(status == 2 || englishSentence(in: result.errorText) == nil, "\(result.errorText)")
        }
    }

    @Test("dev: everybody of the list, private keys private; again: nothing new")
    func development() throws {
        let directory = try TemporaryDirectory("ca-command")
        let officer = "twolists://421300/unit/LU-07/officer/u7l1"
        let list = "# remark\n\ntwolists://421300/server\ntwolists://421300/journal  x\n\(officer)   联络员\n"
        try directory.write("list", [UInt8](list.utf8))
        let first = try run(["dev", "dev", "--list", "list", "--lang", "en"], in: directory)
        #expect(first.outputText.contains("3 of them new"), "\(first.errorText)")
        let trust = try TrustStore.load(
            caPath: directory.file("dev/officers/ca.crt"), crlPath: directory.file("dev/ca/ca.crl"))
        for (path, purpose) in [
            ("server/server", Purpose.server), ("journal/journal", .journal), ("officers/u7l1", .officer),
        ] {
            let certificate = try Certificate.load(path: directory.file("dev/\(path).crt"))
            #expect(throws: Never.self) { try trust.verify(certificate, purpose: purpose, at: UTCTime.now()) }
            let (_, facts) = try DurableFile.readWithFacts(directory.file("dev/\(path).key"))
            #expect(!facts.openToOthers)
        }
        let again = try run(["dev", "dev", "--list", "list", "--lang", "en"], in: directory)
        #expect(again.outputText.contains("0 of them new"), "\(again.errorText)")
        try directory.write("bad", [UInt8]("twolists://421300/server\nnobody\n".utf8))
        #expect(try run(["dev", "other", "--list", "bad"], in: directory).errorText.contains("bad 第2行"))
    }

    @Test("the development list of the project can be read and names every seed officer once")
    func projectList() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appendingPathComponent("Certs/profiles/dev.txt"), encoding: .utf8)
        let words = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: " ").first
        }
        let identities = try words.map { try IdentityURI(String($0)) }
        #expect(Set(identities).count == identities.count)
        let ids = identities.compactMap { identity -> String? in
            if case .officer(_, _, let id) = identity.holder { id } else { nil }
        }
        #expect(Set(ids).count == ids.count, "an id is also a file's name")
        let seeds = try String(contentsOf: root.appendingPathComponent("seeds/officers.csv"), encoding: .utf8)
        let officers = seeds.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
            .compactMap { $0.split(separator: ",").first.map(String.init) }
        #expect(ids.sorted() == officers.sorted())
    }
}
