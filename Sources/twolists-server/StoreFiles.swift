import Bureau
import Crypto
import Journal

/// The directories and files every subcommand names alike.
enum StoreFiles {
    static let storeOptions: Set<String> = ["--data", "--keys"]
    static let signingOptions: Set<String> = ["--journal-certificate", "--journal-key"]

    static func journal(_ options: Options) throws -> FileStorage {
        try directory(options.required("--data"), "data directory")
    }

    /// Keys lie beside the journal unless told otherwise; apart is better, so that backups can be (JOURNAL.md).
    static func keys(_ options: Options) throws -> FileStorage {
        let data = try options.required("--data")
        return try directory(options["--keys"] ?? data + "/keys", "directory of keys")
    }

    /// Never made silently: a directory that is not there may be a disk that is not mounted.
    private static func directory(_ path: String, _ what: String) throws -> FileStorage {
        do throws(StorageError) {
            return try FileStorage(path: path)
        } catch {
            throw Unusable(
                description: "the \(what) \(path) cannot be opened: \(error.reason). Is the disk mounted? "
                    + "A new store is made by `init`; a lost one comes back from a backup.")
        }
    }

    /// A file or directory of the command line that cannot be used.
    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    static func makeDirectories(_ options: Options) throws {
        let data = try options.required("--data")
        try DurableFile.makeDirectory(data)
        try DurableFile.makeDirectory(options["--keys"] ?? data + "/keys")
    }

    /// The journal's signer, when the command line names its key and certificate.
    static func signer(_ options: Options) throws -> CheckpointSigner? {
        guard let keyPath = options["--journal-key"] else { return nil }
        let certificate = try Certificate.load(path: options.required("--journal-certificate"))
        let key = try PrivateKey.load(path: keyPath)
        guard certificate.matches(key) else {
            throw Unusable(description: "\(keyPath) is not the key of the journal certificate beside it")
        }
        return try CheckpointSigning.signer(key: key, certificate: certificate)
    }
}
