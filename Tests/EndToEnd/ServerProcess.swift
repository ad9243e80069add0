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
    private var process: Process?
    private(set) var log = ""

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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Programs.path("twolists-server"))
        process.arguments =
            [
                "run", "--data", folder.file("data"), "--port", "\(port)", "--certificate",
                folder.file("certs/server/server.crt"), "--key", folder.file("certs/server/server.key"),
                "--ca",
                access.authority, "--crl", folder.file("certs/ca/ca.crl"),
            ] + signing
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        var text = ""
        while !text.contains("\n"), let data = try pipe.fileHandleForReading.read(upToCount: 1), !data.isEmpty
        {
            text += String(decoding: data, as: UTF8.self)
        }
        // What else it says must not fill the pipe.
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        guard text.hasPrefix("ready"),
            let found = text.split(separator: ":").last.flatMap({
                Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
            })
        else { throw Failed(text: "the server did not start: \(text)") }
        port = found
    }

    /// kill -9.
    func kill() {
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    /// SIGTERM; the exit code.
    @discardableResult
    func stop() -> Int32 {
        guard let process else { return 0 }
        process.terminate()
        process.waitUntilExit()
        self.process = nil
        return process.terminationStatus
    }

    deinit { kill() }
}
