import Bureau
import Manual

/// The commands of `twolists-server` and all each takes: parsing, usage, the manual page and the completion read this table. `spec` is
/// exhaustive, so no command lacks an entry; an option that is not here is refused.
enum ServerCommand: String, CaseIterable {
    case initialise = "init"
    case run, verify, dump, snapshot, backup, restore, help, version

    typealias Spec = CommandLineManual.Command
    typealias Option = CommandLineManual.Option

    var spec: Spec {
        switch self {
        case .initialise:
            Spec([rawValue], "make a new store and fill it with a city's seeds", options: Self.making)
        case .run:
            Spec(
                [rawValue],
                "serve a store until SIGTERM or SIGINT; SIGHUP reads certificates and lists again",
                options: Self.running + Self.tuning + [Self.offline] + Self.choices, notes: [Self.reloading])
        case .verify:
            Spec(
                [rawValue], "check a whole store without the server", options: Self.verifying,
                notes: [Self.signatures])
        case .dump:
            Spec(
                [rawValue], "print the records of a store, opening nothing sealed",
                options: Self.store + [
                    Self.offline, Option("from", "N", "the first record's sequence; 1 unless told otherwise"),
                    Option("count", "N", "so many records at most"),
                ])
        case .snapshot:
            Spec(
                [rawValue], "make a snapshot of a store that no server runs on",
                options: Self.store + [Self.offline])
        case .backup:
            Spec(
                [rawValue],
                "copy everything acknowledged, keys apart, and prove the copy; beside a running server, too",
                options: Self.store + [
                    Self.offline,
                    Option("out", "DIR", "where the data goes", need: .required, value: .directories),
                    Option(
                        "keys-out", "DIR", "where the keys go, apart from the data: a backup of keys expires",
                        need: .required, value: .directories),
                ])
        case .restore:
            Spec(
                [rawValue], "bring a backup back into an empty directory",
                options: [Option("from", "DIR", "the data's backup", need: .required, value: .directories)]
                    + Self.store + Self.restoring, notes: [Self.cutting])
        case .help:
            Spec(
                [rawValue], "show the commands, or one with all its options",
                operands: [
                    .init(
                        "COMMAND", "one of the commands", required: false,
                        .words(ServerCommand.allCases.map(\.rawValue)))
                ],
                options: [
                    Option(
                        "as", "FORM",
                        "print all of it as a manual page (manual) or as bash completion (completion)",
                        value: .words(["manual", "completion"]))
                ])
        case .version: Spec([rawValue], "show the version")
        }
    }

    // MARK: Options

    static let store = [
        Option("data", "DIR", "where the journal lies", need: .required, value: .directories),
        Option("keys", "DIR", "where the keys lie; DATA/keys unless told otherwise", value: .directories),
    ]

    /// For everything that reads a journal.
    private static let offline = Option(
        "offline", "DIR",
        "where the journal's first segments were moved to; they are read there and never changed",
        value: .directories)

    /// A second signature of checkpoints, SM2 with SM3; RECEIPT.md 4.
    private static let second = [
        Option(
            "journal-sm2-certificate", "FILE", "the certificate of the key below, for a second signature",
            value: .files),
        Option("journal-sm2-key", "FILE", "an SM2 key: checkpoints are signed with it, too", value: .files),
    ]

    private static let making =
        [
            store[0],
            Option(
                "seeds", "DIR",
                "city.csv, parties.csv, officers.csv, codes/, rules/, calendar/, supervision.csv",
                need: .required,
                value: .directories),
            store[1],
            Option("journal-certificate", "FILE", "the certificate of the key below", value: .files),
            Option(
                "journal-key", "FILE", "the key that the seeds' checkpoints are signed with", value: .files),
            Option("ca", "FILE", "who must have issued that certificate", value: .files),
            Option(
                "demonstration-clock", "T",
                "a throw-away store for demonstrations, whose clock shows T (2021-11-01T09:00, in +08:00) and is moved on by `twolists admin clock`; "
                    + "only with --ca of `twolists ca dev`"),
            Option(
                "crl", "FILE", "on which it must not be; one for each authority", repeated: true,
                value: .files),
        ] + second

    private static let running =
        store + [
            Option("certificate", "FILE", "the server's certificate", need: .required, value: .files),
            Option("key", "FILE", "its key", need: .required, value: .files),
            Option(
                "ca", "FILE", "the authorities whose certificates are let in", need: .required, value: .files),
            Option(
                "crl", "FILE", "revocation lists, one for each authority", need: .required, repeated: true,
                value: .files),
            Option.flag(
                "no-crl", "certificates are accepted without asking whether they are revoked",
                need: .instead(of: 1)),
            Option(
                "journal-certificate", "FILE", "the certificate of the key below", need: .required,
                value: .files),
            Option(
                "journal-key", "FILE", "the key that checkpoints and receipts are signed with",
                need: .required,
                value: .files),
            Option.flag(
                "unsigned", "checkpoints are not signed; the journal proves nothing to third parties",
                need: .instead(of: 2)),
        ] + second

    private static let tuning = [
        Option(
            "listen", "ADDRESS",
            "numeric IPv4 or IPv6 address; 127.0.0.1 unless told otherwise, 0.0.0.0 or :: for all"),
        Option("port", "N", "7443 unless told otherwise; 0: any free one, told in the log"),
        Option(
            "metrics", "ADDRESS:PORT",
            "figures for Prometheus at http://ADDRESS:PORT/metrics; off unless asked for, loopback only, e.g. 127.0.0.1:9464"
        ),
        Option(
            "log-format", "FORM",
            "text for people (as it is without this), or json: one object a line, the same events",
            value: .words(["text", "json"])),
        Option("loops", "N", "event loops, a thread each; 1 unless told otherwise"),
        Option("engine-cpu", "N", "a processor for the engine alone, on a machine that serves nothing else"),
        Option(
            "key-backup-days", "N",
            "how long backups of the keys are kept; \(EngineLimits.keyBackupDays) unless told otherwise. An erasure is complete so many days later"
        ),
        Option(
            "snapshot-every", "N",
            "records after which the server makes the next snapshot; \(SnapshotLimits.records) unless told otherwise"
        ),
    ]

    private static let choices = [
        Option.flag("no-snapshots", "everything is replayed, whatever a snapshot says"),
        Option.flag(
            "rebuild-head", "make the file HEAD anew from the journal, when both its copies are damaged"),
        Option.flag("allow-ttrpc", "let stock ttrpc clients in, too"),
        Option.flag(
            "test-service",
            "offer twolists.interop.v1.TestService, for conformance tests; never where real work is done"),
    ]

    private static let verifying =
        store + [
            offline,
            Option(
                "journal-certificate", "FILE",
                "check signatures: once for every certificate the journal was ever signed with",
                repeated: true,
                value: .files),
            Option("ca", "FILE", "who must have issued those", value: .files),
            Option("crl", "FILE", "none may have been revoked when it signed", repeated: true, value: .files),
        ]

    private static let restoring =
        [
            Option(
                "keys-from", "DIR", "the keys' backup; without it the directory of keys is used as it is",
                value: .directories),
            Option("to-sequence", "N", "keep nothing after this record"),
            Option("to-time", "T", "keep nothing after this time, 2026-11-24T09:30 in +08:00"),
            Option(
                "reason", "TEXT", "why acknowledged records may be cut; everybody may read it, so no names"),
            Option(
                "journal-certificate", "FILE", "the certificate of the key below, for a cut to be declared",
                value: .files),
            Option("journal-key", "FILE", "the key that the declaration is signed with", value: .files),
            Option.flag("unsigned", "declare it without a signature, in a journal that has none"),
        ] + second

    // MARK: Texts

    private static let reloading =
        "Certificates, keys, the CA file and lists are read again on SIGHUP and on `twolists admin reload`, and judged as a whole; with any "
        + "fault the old ones stay in use and the log says why. Under a service manager that gives NOTIFY_SOCKET it is told when the server is "
        + "ready, reloading and stopping."

    private static let cutting =
        "Acknowledged records that --to-sequence or --to-time cut are declared in the journal with the reason; clients are told once the security "
        + "administrator has confirmed it."

    private static let signatures =
        "Signatures are checked only with --journal-certificate: that each certificate was valid when it signed; --ca then checks who issued "
        + "those, and --crl that none had been revoked when it signed."
}

extension ServerCommand {
    /// The program's line, wrong ones refused by what this table lists.
    func options(_ arguments: [String]) throws(Options.Wrong) -> Options {
        let named = spec.options.filter(\.takesValue).map { "--\($0.name)" }
        let flags = spec.options.filter { !$0.takesValue }.map { "--\($0.name)" }
        return try Options(arguments, names: Set(named), flags: Set(flags))
    }

    static let manual = CommandLineManual(
        program: "twolists-server", section: 8, summary: "the server of the two-lists exchange",
        description: [
            "The bureau's one server. `init` makes a store from seeds, `run` serves it; the other commands read, copy and bring back a store "
                + "without the server.",
            "Nothing acknowledged is ever lost: a disk that fails ends the server before it answers.",
        ],
        commands: allCases.map(\.spec), common: [],
        chapters: [
            .init(
                "EXIT STATUS",
                [
                    .init("0", "done"), .init("1", "failed, the reason is on standard error"),
                    .init("2", "wrong use"),
                    .init("3", "`verify` found damage or a missing signature"),
                    .init("74", "the disk failed while serving; nothing unacknowledged was answered"),
                ]),
            .init("SEE ALSO", [.init("twolists(1)", "the client, and `twolists ca` for certificates")]),
        ], words: .english)

    /// `help [COMMAND] [--as FORM]`.
    static func showHelp(_ arguments: [String]) throws(Options.Wrong) {
        let operand = arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
        let options = try ServerCommand.help.options(Array(arguments.dropFirst(operand == nil ? 0 : 1)))
        switch options["--as"] {
        case "manual": put(ManualPage.text(manual))
        case "completion": put(BashCompletion.text(manual))
        case nil: say(usage(of: operand))
        case let other?: throw Options.Wrong(description: "--as \(other): there are: manual completion")
        }
    }

    /// One command's usage, or that of all where there is no such command.
    static func usage(of name: String?) -> String {
        let command = name.flatMap { ServerCommand(rawValue: $0) }
        return (command.map { manual.usage(of: $0.spec) } ?? manual.overview()).joined(separator: "\n")
    }
}
