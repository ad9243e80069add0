import Bureau
import Crypto
import Journal

/// `verify`: reads and checks a whole store without the server: every checksum, sequence and link, the tree recomputed
/// against every COMMIT, every checkpoint signature (with `--ca`), keys and HEAD.
enum VerifyCommand {
    /// The exit code when something is wrong with the store.
    static let damageFound: Int32 = 3

    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try Options(
            arguments, names: StoreFiles.storeOptions.union(["--ca", "--journal-certificate"]))
        let storage = try StoreFiles.journal(options)
        let report = Journal.verify(
            storage, keys: try StoreFiles.keys(options), signature: try checker(options))
        print(report, storage.path)
        guard let problem = report.problem else {
            say("verified: nothing is wrong")
            return 0
        }
        complain("DAMAGED: \(problem)")
        return damageFound
    }

    private static func print(_ report: VerifyReport, _ path: String) {
        say(
            "\(path): city \(report.city), store \(Hex.encode(report.storeID.bytes)), digest \(report.algorithm.name)"
        )
        say(
            "\(report.segments) segments, \(report.groups) groups, \(report.records) records, \(report.commands) commands"
        )
        say(
            "\(report.liveKeys) keys, \(report.destroyedKeys) destroyed; \(report.signed) checkpoints signed, \(report.unsigned) unsigned"
        )
        if report.lastTime > 0 {
            say("\(LogTime.text(report.firstTime)) to \(LogTime.text(report.lastTime))")
        }
        if let checkpoint = report.checkpoint?.checkpoint {
            say("tree size \(checkpoint.treeSize), root \(checkpoint.root.hex)")
        }
        if report.unfinishedBytes > 0 {
            say("\(report.unfinishedBytes) bytes of an unfinished group at the end, never acknowledged")
        }
        for notice in report.notices { say("notice: \(notice)") }
    }

    /// Checks signatures with the journal's certificate, which must be trusted by the CA when one is given.
    private static func checker(_ options: Options) throws -> (SignedCheckpoint) -> String? {
        guard let path = options["--journal-certificate"] else { return { _ in nil } }
        let certificate = try Certificate.load(path: path)
        if let caPath = options["--ca"] {
            let trust = try TrustStore.load(caPath: caPath, crlPath: nil)
            try trust.verify(certificate, purpose: .journal, at: certificate.notBefore, revocation: .recorded)
        }
        let key = try certificate.publicKey()
        return { signed in CheckpointSigning.fault(in: signed, key: key, certificate: certificate) }
    }
}
