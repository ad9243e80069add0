import Bureau
import Crypto
import Journal

/// `snapshot`: makes a snapshot of a store that no server runs on.
enum SnapshotCommand {
    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.snapshot.options(arguments)
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
        let options = try ServerCommand.backup.options(arguments)
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
