import Foundation
import TestSupport
import Testing

/// The real server and the real command, as the build left them beside the test bundle.
enum Programs {
    static func path(_ name: String) throws -> String {
        var folder = Bundle.main.bundleURL
        for _ in 0..<6 {
            let candidate = folder.appendingPathComponent(name).path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw NotBuilt(name: name)
    }

    struct NotBuilt: Error, CustomStringConvertible {
        var name: String
        var description: String { "\(name) is not built: run `swift build` first" }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}

/// A throw-away city: certificates, a store from the seeds, and a server that can be killed and started again on one port.
final class City {
    let folder: TemporaryDirectory
    /// Where the journal lies.
    let data: String
    private(set) var port: Int
    private var server: Child?
    private var starts = 0

    /// Seconds until a server must be ready or a command must have ended: far more than either ever takes.
    static let patience: Double = 60

    let keyOptions: [String]

    /// - Parameters:
    ///   - data: a directory for the journal; nil: one of its own.
    ///   - keys: a directory for the keys; nil: beside the journal.
    ///   - signed: whether the seeds' checkpoints are signed.
    ///   - demonstration: what its demonstration clock shows at first, `2021-11-01T09:00`; nil: it keeps the real time.
    ///   - filling: makes the store in the directory it is given, in the place of `twolists-server init`.
    init(
        data: String? = nil, keys: String? = nil, signed: Bool = true, demonstration: String? = nil,
        filling: ((String) throws -> Void)? = nil
    ) throws {
        folder = try TemporaryDirectory("city")
        self.data = data ?? folder.file("data")
        keyOptions = keys.map { ["--keys", $0] } ?? []
        port = 0
        let list = Programs.root + "/Certs/profiles/dev.txt"
        let from = demonstration.map { ["--demonstration-from", String($0.prefix(10))] } ?? []
        try City.run("twolists", ["ca", "dev", folder.file("certs"), "--list", list] + from)
        if let filling {
            try filling(self.data)
            return
        }
        try City.run(
            "twolists-server",
            ["init", "--data", self.data, "--seeds", Programs.root + "/seeds"] + keyOptions
                + (signed ? signing : [])
                + (demonstration.map { ["--ca", access.authority, "--demonstration-clock", $0] } ?? []))
    }

    var signing: [String] {
        [
            "--journal-certificate", folder.file("certs/journal/journal.crt"), "--journal-key",
            folder.file("certs/journal/journal.key"),
        ]
    }

    /// What a client needs to know of the city; crosses to other tasks.
    struct Access: Sendable {
        let port: Int
        let certificates: String

        func certificate(_ officer: String) -> String { "\(certificates)/officers/\(officer).crt" }
        func key(_ officer: String) -> String { "\(certificates)/officers/\(officer).key" }
        func profile(_ officer: String) -> String { "\(certificates)/officers/\(officer).profile" }
        var authority: String { certificates + "/ca/ca.crt" }
    }

    var access: Access { Access(port: port, certificates: folder.file("certs")) }

    /// Runs a program to its end; throws when it does not end with 0.
    @discardableResult
    static func run(_ name: String, _ words: [String]) throws -> String {
        let result = try attempt(name, words)
        guard result.status == 0 else { throw Failed(text: "\(name) \(words): \(result.everything)") }
        return result.outputText
    }

    /// Runs a program to its end, however it ends; one that does not end is killed, and the test fails.
    static func attempt(_ name: String, _ words: [String], input: String = "") throws -> Ended {
        let scratch = try TemporaryDirectory("command")
        let child = try Child(
            [try Programs.path(name)] + words, input: try scratch.write("in", Array(input.utf8)),
            output: scratch.file("out"), errors: scratch.file("err"))
        let status = child.wait(patience)
        if status == nil { child.slay() }
        let result = Ended(
            status: status ?? 128 + SIGKILL, outputText: child.outputText, errorText: child.errorText)
        #expect(status != nil, "\(name) \(words) did not end: \(result.everything)")
        return result
    }

    struct Failed: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    // MARK: The command

    /// One line of an officer's terminal.
    func attempt(_ officer: String, _ words: [String], input: String = "") throws -> Ended {
        try City.attempt("twolists", ["--profile", access.profile(officer)] + words, input: input)
    }

    /// The same, which must end with 0: what it printed.
    @discardableResult
    func run(_ officer: String, _ words: [String]) throws -> String {
        let result = try attempt(officer, words)
        guard result.status == 0 else {
            throw Failed(text: "\(officer) \(words): \(result.everything)")
        }
        return result.outputText
    }

    /// The same as JSON.
    func json(_ officer: String, _ words: [String]) throws -> [String: Any] {
        let text = try run(officer, words + ["--json"])
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(value as? [String: Any], "no JSON object: \(text)")
    }

    /// Files a request as a unit's liaison officer; its id in hex.
    func request(_ officer: String = "u7l1", title: String = "营区东门道路修缮") throws -> String {
        let answer = try json(officer, City.submission(title: title))
        return try #require(answer["target"] as? String)
    }

    static func submission(title: String = "营区东门道路修缮") -> [String] {
        [
            "request", "submit", "--title", title, "--content", "东门道路破损约两百米，请协助修缮", "--category", "road",
            "--contact-name", "示例联系人甲", "--contact-phone", "0722-0000001",
        ]
    }

    // MARK: The server

    /// The line that starts this city's server. Every option is last-wins, so that `more` can say otherwise; `--no-crl` and
    /// `--unsigned` take the place of what they give up.
    func serving(_ more: [String] = []) -> [String] {
        let list = more.contains("--no-crl") ? [] : ["--crl", folder.file("certs/ca/ca.crl")]
        return unprotected + list + (more.contains("--unsigned") ? [] : signing) + more
    }

    /// The same without a word on revocation and signing.
    var unprotected: [String] {
        [
            "run", "--data", data, "--port", "\(port)", "--certificate",
            folder.file("certs/server/server.crt"), "--key", folder.file("certs/server/server.key"), "--ca",
            access.authority,
        ] + keyOptions
    }

    /// Standard output of the server started last.
    var log: String { server?.outputText ?? lastLog }
    private var lastLog = ""
    /// Standard error of the server started last.
    var complaints: String { server?.errorText ?? "" }

    /// Starts the server, on the port it had before if it ran already, and waits until it is ready.
    /// - Parameter tracer: words in front of the line; the process must still be the server.
    func start(_ more: [String] = [], under tracer: [String] = []) throws {
        starts += 1
        let fresh = try Child(
            tracer + [try Programs.path("twolists-server")] + serving(more),
            output: folder.file("server-\(starts).out"), errors: folder.file("server-\(starts).err"))
        server = fresh
        let end = Date(timeIntervalSinceNow: City.patience)
        while fresh.status == nil, Date() < end {
            if let found = readyPort() { return try note(found) }
            usleep(5_000)
        }
        throw Failed(text: "the server did not start: \(fresh.outputText)\(fresh.errorText)")
    }

    /// As text, or of the log as JSON: the field `port` comes last.
    private func readyPort() -> Int? {
        if log.hasSuffix("\n"),
            let line = log.split(separator: "\n").first(where: { $0.contains("\"event\":\"ready\"") })
        {
            return line.split(separator: ":").last.flatMap { Int($0.dropLast()) }
        }
        guard let line = log.split(separator: "\n").first(where: { $0.hasPrefix("ready") }),
            log.hasSuffix("\n"), let digits = line.split(separator: ":").last
        else { return nil }
        return Int(digits)
    }

    /// The profiles name the port from the first start on.
    private func note(_ found: Int) throws {
        guard found != port else { return }
        port = found
        let officers = folder.file("certs/officers")
        for name in try FileManager.default.contentsOfDirectory(atPath: officers)
        where name.hasSuffix(".profile") {
            try setServer("127.0.0.1:\(port)", inProfile: "\(officers)/\(name)")
        }
    }

    func setServer(_ address: String, inProfile path: String) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            $0.hasPrefix("server ") ? "server = \(address)" : String($0)
        }
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Starts the server with `more`, which must fail: how it ended.
    func refusedStart(_ more: [String] = []) throws -> Ended {
        try City.attempt("twolists-server", serving(more))
    }

    /// kill -9.
    func kill() {
        server?.slay()
        lastLog = log
        server = nil
    }

    /// SIGTERM; the exit code.
    @discardableResult
    func stop() -> Int32 {
        server?.signal(SIGTERM)
        return ended()
    }

    /// Waits for the server's end; its exit code, 128 + the signal's number, or -1 when it had to be killed.
    func ended() -> Int32 {
        guard let server else { return 0 }
        let status = server.wait(City.patience)
        kill()
        return status ?? -1
    }

    func signal(_ number: Int32) { server?.signal(number) }

    /// `verify` with signatures.
    func verify() throws -> Ended { try verify(["certs/journal/journal.crt"]) }

    /// `verify` with these files of the city as the journal's certificates.
    func verify(_ certificates: [String]) throws -> Ended {
        let given = certificates.flatMap { ["--journal-certificate", folder.file($0)] }
        return try City.attempt(
            "twolists-server", ["verify", "--data", data, "--ca", access.authority] + given + keyOptions)
    }
}

/// What an ended program must show: its code and its words.
func expect(
    _ result: Ended, exits code: Int32, saying words: String...,
    at location: SourceLocation = #_sourceLocation
) {
    #expect(result.status == code, "\(result.everything)", sourceLocation: location)
    for word in words {
        #expect(
            (result.outputText + result.errorText).contains(word),
            "“\(word)” is missing: \(result.everything)",
            sourceLocation: location)
    }
}
