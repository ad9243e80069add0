import CLinux
import Glibc
import Journal

/// The bureau's server: `init` makes a store from seeds, `run` serves it, `verify` and `dump` read one without a server.
@main
enum Main {
    static let usage = """
        twolists-server init   --data DIR --seeds DIR [--keys DIR] [signing [--ca FILE [--crl FILE …]]]
        twolists-server run    --data DIR [--keys DIR] --certificate FILE --key FILE --ca FILE
                               --crl FILE … | --no-crl   signing | --unsigned
                               [--listen ADDRESS] [--port N] [--loops N] [--engine-cpu N] [--allow-ttrpc] [--rebuild-head]
                               [--test-service] [--snapshot-every N] [--no-snapshots]
        twolists-server verify --data DIR [--keys DIR] [--journal-certificate FILE …]
                               [--ca FILE [--crl FILE …]]
        twolists-server dump   --data DIR [--keys DIR] [--from N] [--count N]
        twolists-server snapshot --data DIR [--keys DIR]
        twolists-server backup  --data DIR [--keys DIR] --out DIR --keys-out DIR
        twolists-server restore --from DIR --data DIR [--keys DIR] [--keys-from DIR]
                               [--to-sequence N] [--to-time T] --reason TEXT   signing | --unsigned
        twolists-server version

        run reads certificates, keys, the CA file and lists again on SIGHUP; with any fault it keeps the old and its log says why.
        signing: --journal-certificate FILE --journal-key FILE   (checkpoints are signed with it)
        --no-crl: certificates are accepted without asking whether they are revoked
        --unsigned: checkpoints are not signed; the journal proves nothing to third parties
        --test-service: offer twolists.interop.v1.TestService too, for conformance tests; never where real work is done
        --snapshot-every: records after which the server makes the next snapshot, 100000 unless told otherwise
        --no-snapshots: everything is replayed, whatever a snapshot says
        --to-sequence, --to-time (2026-11-24T09:30, +08:00): nothing after it is kept. Acknowledged records that are cut are declared in the
        journal with the reason, which everybody may read; clients are told once the security administrator has confirmed it.
        backup may run beside the server; restore wants an empty --data, and copies keys only where --keys-from names their backup
        verify checks signatures only with --journal-certificate, given once for every certificate the journal was ever
        signed with, and that each was valid when it signed; --ca then checks who issued those, and --crl that none had been
        revoked when it signed.

        Exit codes: 0 done; 1 failed, the reason is on standard error; 2 wrong use; 3 `verify` found damage or a missing signature;
        74 the disk failed while serving, nothing unacknowledged was answered.
        """

    static func main() {
        clinux_ignore_broken_pipe()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            exit(try run(arguments))
        } catch let wrong as Options.Wrong {
            complain("\(wrong)\n\n\(usage)")
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
        switch arguments.first {
        case "init": return try InitCommand.run(rest)
        case "run": return try RunCommand.run(rest)
        case "verify": return try VerifyCommand.run(rest)
        case "snapshot": return try SnapshotCommand.run(rest)
        case "backup": return try BackupCommand.run(rest)
        case "restore": return try RestoreCommand.run(rest)
        case "dump": return try DumpCommand.run(rest)
        case "version", "--version":
            say("twolists-server \(Version.text)")
            return 0
        case "help", "--help", "-h":
            say(usage)
            return 0
        case let other:
            throw Options.Wrong(description: other.map { "unknown command \($0)" } ?? "a command is missing")
        }
    }
}

/// The release this program belongs to.
enum Version {
    static let text = "0.1"
}

/// One line on standard output, whole and at once: a supervisor reads it.
func say(_ line: String) { put(line, on: STDOUT_FILENO) }

func complain(_ line: String) { put(line, on: STDERR_FILENO) }

private func put(_ line: String, on descriptor: Int32) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
