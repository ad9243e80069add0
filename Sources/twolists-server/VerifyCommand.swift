import Bureau
import Crypto
import Journal

/// `verify`: reads and checks a whole store without the server: every checksum, sequence and link, the tree recomputed
/// against every COMMIT, keys and HEAD; every checkpoint signature where the journal's certificates are given, at the
/// time it was made; and those against the authority where `--ca` is, and its revocation lists where `--crl` is.
enum VerifyCommand {
    /// The exit code when something is wrong with the store, or cannot be vouched for.
    static let damageFound: Int32 = 3

    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.verify.options(arguments)
        let storage = try StoreFiles.journal(options)
        let audit = try audit(options)
        let report = Journal.verify(
            storage, keys: try StoreFiles.keys(options), signature: { audit?.fault(in: $0) })
        print(report, storage.path)
        if StoreClock.begins(storage) {
            say("演示时钟: a store for demonstrations, its times are of that clock and nothing in it is real")
        }
        if let problem = report.problem {
            complain("DAMAGED: \(problem)")
            return damageFound
        }
        let snapshots = try Snapshots.verify(storage, keys: try StoreFiles.keys(options))
        if snapshots.count > 0 { say("\(snapshots.count) snapshots compared with the journal") }
        for fault in snapshots.faults { complain("DAMAGED: \(fault)") }
        guard snapshots.faults.isEmpty else { return damageFound }
        let batches = try BatchFilesCheck(storage, records: UInt64(report.records))
        if batches.files > 0 { say("\(batches.files) files of batches compared with the journal") }
        for fault in batches.faults { complain("DAMAGED: \(fault)") }
        guard batches.faults.isEmpty else { return damageFound }
        return conclude(try audit?.findings(report, storage), hasAudit: audit != nil)
    }

    private static func conclude(_ findings: SignatureAudit.Findings?, hasAudit: Bool) -> Int32 {
        for notice in findings?.notices ?? [] { say("notice: \(notice)") }
        let faults = findings?.faults ?? []
        for fault in faults { complain(fault) }
        guard faults.isEmpty else { return damageFound }
        if !hasAudit {
            say(
                "signatures not checked: give --journal-certificate, once for every certificate the journal was signed with"
            )
        }
        say("verified: nothing is wrong" + (hasAudit ? "" : " (signatures not checked)"))
        return 0
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

    /// Nil when no certificate of the journal is given: a signature cannot be checked by the authority's certificate, which the journal
    /// does not hold.
    private static func audit(_ options: Options) throws -> SignatureAudit? {
        let paths = options.all("--journal-certificate")
        let lists = options.all("--crl")
        guard lists.isEmpty || (options["--ca"] != nil && !paths.isEmpty) else {
            throw Options.Wrong(
                description: "--crl needs --ca and --journal-certificate: whose list it is, and about what")
        }
        guard !paths.isEmpty else { return nil }
        let trust = try options["--ca"].map { try TrustStore.load(caPath: $0, crlPaths: lists) }
        if trust == nil { say("notice: who issued the journal's certificates is not checked: give --ca") }
        return try SignatureAudit(try paths.map { try journalCertificate($0, trust) }, trust: trust)
    }

    private static func journalCertificate(_ path: String, _ trust: TrustStore?) throws -> Certificate {
        let certificate = try Certificate.load(path: path)
        do {
            try trust?.verify(
                certificate, purpose: .journal, at: certificate.notBefore, revocation: .recorded)
        } catch {
            throw StoreFiles.Unusable(description: "\(path): \(error)")
        }
        return certificate
    }
}
