import Bureau
import Crypto
import Journal

/// `restore`: a backup back into an empty directory, whole, or to a record or a time; what that cuts is declared in the journal.
enum RestoreCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.restore.options(arguments)
        let backup = try FileStorage(path: try options.required("--from"))
        let cut = try cut(options)
        let time = ServerTime(of: backup)
        let signer = cut == nil ? nil : try signer(options, time)
        let backupKeys = try options["--keys-from"].map { try FileStorage(path: $0) }
        try StoreFiles.makeDirectories(options)
        let (storage, keys) = (try StoreFiles.journal(options), try StoreFiles.keys(options))
        guard let cut else {
            let proof = try Backups.restore(backup, to: storage, keys: keys, backupKeys: backupKeys)
            tell(
                storage, proof,
                try Backups.namesState(backup) ? ", as the backup says" : ", as the records give it")
            return 0
        }
        var settings = JournalOptions(city: try Journal.city(of: backup))
        settings.signer = signer
        settings.secondSigner = signer == nil ? nil : try StoreFiles.secondSigner(options, time)
        time.set(&settings)
        let (proof, restored) = try Backups.restore(
            backup, to: storage, keys: keys, backupKeys: backupKeys, cutting: cut, settings)
        tell(storage, proof, "")
        tell(restored)
        return 0
    }

    private static func tell(_ storage: any Storage, _ proof: Backups.Proof, _ source: String) {
        say("\(storage.path): city \(proof.city), \(proof.sequence) records to \(LogTime.text(proof.time))")
        say("root \(proof.root.hex)")
        say("state hash \(proof.stateHash.hex)\(source)")
        if source.isEmpty { return }
        tell(nil)
    }

    private static func tell(_ restored: Restored?) {
        guard let restored else {
            return say(
                "notice: what was acknowledged after the backup is not in it; clients that hold later receipts will raise the alarm"
            )
        }
        say(
            "\(restored.cutSize - restored.keptSize) acknowledged records were cut, to \(LogTime.text(restored.cutTime)); the journal declares it"
        )
        say(
            "notice: clients that hold receipts of them are told that the system was restored, and no more before the security administrator "
                + "has confirmed it: twolists admin confirm-restore"
        )
    }

    /// Nil: the backup whole.
    private static func cut(_ options: Options) throws -> Backups.Cut? {
        guard options.has("--to-sequence") || options.has("--to-time") else { return nil }
        guard let reason = options["--reason"], !reason.isEmpty,
            reason.utf8.count <= JournalLimits.restoredReason
        else {
            throw Options.Wrong(
                description:
                    "--reason is missing or longer than \(JournalLimits.restoredReason) bytes: acknowledged records may be cut, and "
                    + "everybody concerned is told why. Name no person in it: it stays in the journal for good"
            )
        }
        var cut = Backups.Cut(reason: reason)
        cut.sequence = UInt64(try options.number("--to-sequence", 1...Int.max, default: Int.max))
        if let text = options["--to-time"] {
            guard let time = RestoreTime.nanoseconds(text) else {
                throw Options.Wrong(
                    description:
                        "--to-time \(text): must be like 2026-11-24 or 2026-11-24T09:30 or 2026-11-24T09:30:00, in +08:00"
                )
            }
            cut.time = time
        }
        return cut
    }

    /// A cut is signed, or given up by name as when serving: unsigned, no client believes it.
    private static func signer(_ options: Options, _ time: ServerTime) throws -> CheckpointSigner? {
        switch (options.has("--journal-key"), options.has("--unsigned")) {
        case (true, false): return try StoreFiles.signer(options, time)
        case (false, true): return nil
        default:
            throw Options.Wrong(
                description:
                    "give either --journal-certificate and --journal-key, which sign the record that declares the cut, or --unsigned: "
                    + "no client believes an unsigned one")
        }
    }
}

/// A time as an operator types it, in +08:00.
enum RestoreTime {
    private static let eastEight: Int64 = 8 * 3_600

    /// Nanoseconds UTC. A day alone is its beginning, a minute alone too: nothing after the time typed is kept.
    static func nanoseconds(_ text: String) -> Int64? {
        var text = text
        if text.utf8.count == 10 { text += "T00:00" }
        if text.utf8.count == 16 { text += ":00" }
        guard let seconds = UTCTime.seconds(text + "Z") else { return nil }
        let (nanoseconds, overflow) = (seconds - eastEight).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : nanoseconds
    }
}
