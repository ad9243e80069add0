import CLinux
import Glibc
import Journal
import Manual

/// The bureau's server: `init` makes a store from seeds, `run` serves it, `verify` and `dump` read one without a server.
@main
enum Main {
    static func main() {
        clinux_ignore_broken_pipe()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            exit(try run(arguments))
        } catch let wrong as Options.Wrong {
            complain("\(wrong)\n\n\(ServerCommand.usage(of: arguments.first))")
            exit(2)
        } catch let error as StorageError {
            complain("twolists-server: \(error.operation.rawValue) of \(error.name): \(error.reason)")
            exit(1)
        } catch {
            complain("twolists-server: \(error)")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first.flatMap({ ServerCommand(rawValue: spelling($0)) }) {
        case .initialise: return try InitCommand.run(rest)
        case .run: return try RunCommand.run(rest)
        case .verify: return try VerifyCommand.run(rest)
        case .snapshot: return try SnapshotCommand.run(rest)
        case .backup: return try BackupCommand.run(rest)
        case .restore: return try RestoreCommand.run(rest)
        case .dump: return try DumpCommand.run(rest)
        case .version:
            say("twolists-server \(Release.version)")
            return 0
        case .help:
            try ServerCommand.showHelp(rest)
            return 0
        case nil:
            throw Options.Wrong(
                description: arguments.first.map { "unknown command \($0)" } ?? "a command is missing")
        }
    }

    /// `--help`, `-h` and `--version` as everywhere.
    private static func spelling(_ word: String) -> String {
        switch word {
        case "--help", "-h": "help"
        case "--version": "version"
        default: word
        }
    }
}

/// One line on standard output, whole and at once: a supervisor reads it.
func say(_ line: String) { put(line + "\n", on: STDOUT_FILENO) }

/// A whole text, as it is.
func put(_ text: String) { put(text, on: STDOUT_FILENO) }

func complain(_ line: String) { put(line + "\n", on: STDERR_FILENO) }

private func put(_ text: String, on descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
