import Bureau
import Crypto
import Journal

/// `snapshot`: makes a snapshot of a store that no server runs on.
enum SnapshotCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try Options(arguments, names: StoreFiles.storeOptions)
        let storage = try StoreFiles.journal(options)
        let keys = try StoreFiles.keys(options)
        // A server that runs makes its own; two at once would write one file.
        let lock = try Journal.lock(storage)
        defer { storage.close(lock) }
        let made = try Snapshots.make(storage, keys: keys, upTo: try Journal.acknowledged(storage))
        guard let made else {
            say("the newest snapshot stands at the end already")
            return 0
        }
        say("\(storage.path)/\(made.name): \(made.point.sequence) records, state hash \(made.stateHash.hex)")
        return 0
    }
}

/// `backup`: a copy of everything acknowledged, the keys apart, proven before it is called one. Beside a running server, too.
enum BackupCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try Options(
            arguments, names: StoreFiles.storeOptions.union(["--out", "--keys-out"]))
        let (out, keysOut) = (try options.required("--out"), try options.required("--keys-out"))
        guard out != keysOut, !keysOut.hasPrefix(out + "/") else {
            throw Options.Wrong(
                description:
                    "--keys-out must lie apart from --out: a backup of the data is kept, one of the keys expires"
            )
        }
        let storage = try StoreFiles.journal(options)
        let keys = try StoreFiles.keys(options)
        for path in [out, keysOut] { try DurableFile.makeDirectory(path) }
        let proof = try Backups.make(
            storage, keys: keys, to: try FileStorage(path: out), keys: try FileStorage(path: keysOut))
        say("\(out): \(proof.sequence) records to \(LogTime.text(proof.time)), keys in \(keysOut)")
        say("root \(proof.root.hex)")
        say("state hash \(proof.stateHash.hex)")
        say("the backup was read again and gives both")
        return 0
    }
}

/// `restore`: a backup back into an empty directory, whole.
enum RestoreCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try Options(
            arguments,
            names: StoreFiles.storeOptions.union(["--from", "--keys-from", "--to-sequence", "--to-time"]))
        let from = try options.required("--from")
        let backup = try FileStorage(path: from)
        try refuseToCut(options, backup)
        let backupKeys = try options["--keys-from"].map { try FileStorage(path: $0) }
        try StoreFiles.makeDirectories(options)
        let storage = try StoreFiles.journal(options)
        let proof = try Backups.restore(
            backup, to: storage, keys: try StoreFiles.keys(options), backupKeys: backupKeys)
        say("\(storage.path): city \(proof.city), \(proof.sequence) records to \(LogTime.text(proof.time))")
        say("root \(proof.root.hex)")
        say("state hash \(proof.stateHash.hex), as the backup says")
        say(
            "notice: what was acknowledged after the backup is not in it; clients that hold later receipts will raise the alarm"
        )
        return 0
    }

    /// Leaving out records that the backup holds is not offered: nobody's receipts would tell it from a loss.
    private static func refuseToCut(_ options: Options, _ backup: FileStorage) throws {
        let last = try Journal.acknowledged(backup)
        let wanted = try options.number("--to-sequence", 1...Int.max, default: Int.max)
        guard options["--to-time"] == nil, UInt64(wanted) >= last else {
            throw StoreFiles.Unusable(
                description:
                    "\(backup.path) holds \(last) acknowledged records, and this version restores a backup "
                    + "whole: leaving some out would need a declared cut, signed into the journal. "
                    + "Leave out --to-sequence and --to-time, or take an older backup.")
        }
    }
}
