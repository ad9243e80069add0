import Bureau
import Crypto
import Journal

/// The directories and files every subcommand names alike.
enum StoreFiles {
    static let storeOptions: Set<String> = ["--data", "--keys"]
    static let signingOptions: Set<String> = ["--journal-certificate", "--journal-key"]

    static func journal(_ options: Options) throws -> FileStorage {
        try FileStorage(path: options.required("--data"))
    }

    /// Keys lie beside the journal unless told otherwise; apart is better, so that backups can be (JOURNAL.md).
    static func keys(_ options: Options) throws -> FileStorage {
        let data = try options.required("--data")
        return try FileStorage(path: options["--keys"] ?? data + "/keys")
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
            throw Options.Wrong(description: "\(keyPath) is not the key of the journal certificate beside it")
        }
        return try CheckpointSigning.signer(key: key, certificate: certificate)
    }
}
