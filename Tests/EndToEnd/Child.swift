import Foundation
import TestSupport

/// A child process by posix_spawn and waitpid: no run loop stands between a test and the end of its child.
final class Child {
    private var pid: pid_t
    let output: String
    let errors: String

    /// Starts `words`, the first being the program's path; standard output and error go to two files.
    init(_ words: [String], input: String = "/dev/null", output: String, errors: String) throws {
        self.output = output
        self.errors = errors
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        pid = 0
        let code = posix_spawn(&pid, words.first ?? "", &actions, nil, arguments, environ)
        guard code == 0 else {
            throw Failed(description: "\(words.first ?? ""): \(String(cString: strerror(code)))")
        }
    }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    var outputText: String { Child.text(output) }
    var errorText: String { Child.text(errors) }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private var ended: Int32?

    /// The exit code, 128 + the signal's number for a signal; nil while it runs.
    var status: Int32? {
        if let ended { return ended }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        ended = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return ended
    }

    /// Waits at most so many seconds for the end; nil: it still runs.
    func wait(_ seconds: Double) -> Int32? {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if let status { return status }
            usleep(2_000)
        }
        return status
    }

    func signal(_ number: Int32) { if status == nil { kill(pid, number) } }

    /// kill -9, and waits for it.
    func slay() {
        signal(SIGKILL)
        while status == nil { usleep(1_000) }
    }

    deinit { slay() }
}

/// What an ended program left behind.
struct Ended {
    /// 128 + the signal's number when a signal ended it.
    var status: Int32
    var outputText: String
    var errorText: String

    /// For a failing test: exit code and both outputs.
    var everything: String { "exit \(status)\n\(outputText)\(errorText)" }
}
