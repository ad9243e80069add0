import Bureau
import Crypto
import Journal

/// The directories and files every subcommand names alike.
enum StoreFiles {
    /// With the segments that were moved away, where the command line says where to.
    static func journal(_ options: Options) throws -> any Storage {
        let storage = try directory(options.required("--data"), "data directory")
        guard let moved = options["--offline"] else { return storage }
        return JoinedStorage(storage, offline: try directory(moved, "folder of moved segments"))
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

    /// The files the journal is signed with, when the command line names them.
    static func signing(_ options: Options) throws -> CredentialFiles.Pair? {
        guard let key = options["--journal-key"] else { return nil }
        return CredentialFiles.Pair(certificate: try options.required("--journal-certificate"), key: key)
    }

    /// The files of the second signature, SM2 with SM3, when the command line names them.
    static func secondSigning(_ options: Options) throws -> CredentialFiles.Pair? {
        guard options["--journal-sm2-key"] != nil || options["--journal-sm2-certificate"] != nil else {
            return nil
        }
        guard options["--journal-key"] != nil else {
            throw Options.Wrong(
                description:
                    "--journal-key is missing: --journal-sm2-key is for a second signature beside the first, "
                    + "which everybody can check")
        }
        return CredentialFiles.Pair(
            certificate: try options.required("--journal-sm2-certificate"),
            key: try options.required("--journal-sm2-key"))
    }

    /// The second signer of a store that is being made, judged like the first.
    static func secondSigner(_ options: Options, _ time: ServerTime) throws -> CheckpointSigner? {
        guard let files = try secondSigning(options) else { return nil }
        let pair = try Credentials.readJournal(
            files, authorities: options["--ca"], lists: options.all("--crl"), at: time.seconds, second: true)
        return try CheckpointSigning.signer(key: pair.key, certificate: pair.certificate)
    }

    /// The signer of a store that is being made. A certificate that has ended or is not for this is refused; one that is revoked or a
    /// stranger's where `--ca` and `--crl` tell.
    static func signer(_ options: Options, _ time: ServerTime) throws -> CheckpointSigner? {
        guard let files = try signing(options) else { return nil }
        let pair = try Credentials.readJournal(
            files, authorities: options["--ca"], lists: options.all("--crl"), at: time.seconds)
        return try CheckpointSigning.signer(key: pair.key, certificate: pair.certificate)
    }

    /// The journal's own certificates, for receipts; none when it is not signed.
    static func certificates(_ options: Options) throws -> [Certificate] {
        let paths = [options["--journal-certificate"], options["--journal-sm2-certificate"]]
        return try paths.compactMap { $0 }.map { path in try Certificate.load(path: path) }
    }
}
