import Foundation
import TestSupport

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
    private(set) var port: Int
    private var pid: pid_t = 0

    init() throws {
        folder = try TemporaryDirectory()
        port = 0
        let list = Programs.root + "/Certs/profiles/dev.txt"
        try City.run("twolists", ["ca", "dev", folder.file("certs"), "--list", list])
        try City.run(
            "twolists-server",
            ["init", "--data", folder.file("data"), "--seeds", Programs.root + "/seeds"] + signing)
    }

    private var signing: [String] {
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
        var authority: String { certificates + "/ca/ca.crt" }
    }

    var access: Access { Access(port: port, certificates: folder.file("certs")) }

    /// Runs a program to its end; throws when it does not end with 0.
    @discardableResult
    static func run(_ name: String, _ words: [String]) throws -> String {
        let result = try runProcess(try Programs.path(name), words, timeout: 60)
        guard result.status == 0 else { throw Failed(text: "\(name) \(words): \(result)") }
        return result.outputText
    }

    struct Failed: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    /// Starts the server, on the port it had before if it ran already, and waits until it is ready.
    func start() throws {
        let words =
            [
                try Programs.path("twolists-server"), "run", "--data", folder.file("data"), "--port",
                "\(port)",
                "--certificate", folder.file("certs/server/server.crt"), "--key",
                folder.file("certs/server/server.key"), "--ca", access.authority, "--crl",
                folder.file("certs/ca/ca.crl"),
            ] + signing
        let log = folder.file("server.log")
        pid = try City.spawn(words, output: log)
        for _ in 0..<600 {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if text.hasPrefix("ready"), let line = text.split(separator: "\n").first,
                let found = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                port = found
                return
            }
            usleep(20_000)
        }
        throw Failed(text: "the server did not get ready; its log is \(log)")
    }

    /// posix_spawn and waitpid: a run loop must not stand between a test and its child.
    private static func spawn(_ words: [String], output: String) throws -> pid_t {
        unlink(output)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, words[0], &actions, nil, arguments, environ)
        guard code == 0 else { throw Failed(text: "\(words[0]): \(String(cString: strerror(code)))") }
        return pid
    }

    /// Sends a signal and waits for the end; the exit code, or the signal's number below zero.
    private func end(_ signal: Int32) -> Int32 {
        guard pid > 0 else { return 0 }
        Foundation.kill(pid, signal)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        pid = 0
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    /// kill -9.
    func kill() { _ = end(SIGKILL) }

    /// SIGTERM; the exit code.
    @discardableResult
    func stop() -> Int32 { end(SIGTERM) }

    deinit { kill() }
}
