import Bureau
import CLinux
import Crypto
import Glibc
import Journal
import Manual
import Metrics
import RPC
import Schema
import Wire

/// `run`: opens the store, serves it until SIGTERM or SIGINT, drains, and leaves everything durable.
enum RunCommand {
    /// The exit code when the disk failed: EX_IOERR. Nobody was answered; the next start's recovery decides.
    static let diskFailed: Int32 = 74

    static func run(_ arguments: [String]) throws -> Int32 {
        let options = try ServerCommand.run.options(arguments)
        let log = try ServerLog(options)
        try MetricsReport.check(options)
        clinux_tune_allocator()
        clinux_block_signals()
        let backupDays = try keyBackupDays(options)
        let reloader = try reloader(options, log)
        let time = reloader.time
        ServiceManager.tell("STATUS=reading the journal")
        let store = try openStore(options, reloader, time)
        for notice in store.journal.notices { log.alarm("notice", "notice: \(notice)", level: .warning) }
        if let snapshot = store.snapshot {
            log.line(
                "started_from_snapshot",
                "started from the snapshot of \(snapshot) records; `verify` reads the journal from its beginning"
            )
        }
        let bureau = try Bureau.start(
            store, signatures: reloader.signatures, certificates: try StoreFiles.certificates(options),
            engineProcessor: try engineProcessor(options), keyBackupDays: backupDays,
            program: reloader,
            snapshotEvery: try snapshotEvery(options), clock: time.engineClock,
            onNotice: { log(.info, LogEvent("notice", $0)) }
        ) { error in
            log.alarm(
                "journal_failed", "the journal failed and the server stops at once: \(error)", level: .error)
            _exit(diskFailed)
        }
        let health = HealthService(services: bureau.services.map(\.name))
        let more: [any ServiceHandler] = [health, reflection(bureau.services + [health])]
        let server = try serve(options, reloader.firstContext, bureau, more, time, log)
        let metrics = try MetricsReport.start(options, server, bureau, reloader)
        bureau.admission.onChange { server.recheck() }
        // The clock is told in HELLO alone.
        time.demonstration?.onArrival {
            server.renew("the demonstration clock has been moved on: connect again")
        }
        reloader.begin(server, receipts: bureau.receipts)
        if let clock = time.demonstration {
            log.line("demonstration_clock", time.words, [("time", .text(LogTime.text(clock.now)))])
        }
        announce(server, bureau, protections(reloader, options), metrics, options, log)
        ServiceManager.tell("READY=1", "STATUS=serving city \(bureau.city)")
        waitForEnd(reloader, bureau)
        reloader.stop()
        health.stopping()
        ServiceManager.tell("STOPPING=1", "STATUS=calls under way may finish")
        log.line("stopping", "stopping: no new calls, those under way may finish")
        server.stop()
        metrics?.stop()
        bureau.stop()
        log.line("stopped", "stopped; everything acknowledged is on disc")
        return 0
    }

    private static func keyBackupDays(_ options: Options) throws -> Int64 {
        let choice = EngineLimits.keyBackupDaysChoice
        return Int64(
            try options.number(
                "--key-backup-days", Int(choice.lowerBound)...Int(choice.upperBound),
                default: Int(EngineLimits.keyBackupDays)))
    }

    private static func snapshotEvery(_ options: Options) throws -> UInt64 {
        UInt64(
            try options.number(
                "--snapshot-every", 1...Int.max, default: Int(SnapshotLimits.records)))
    }

    private static func openStore(_ options: Options, _ reloader: Reloader, _ time: ServerTime) throws
        -> Store
    {
        let storage = try StoreFiles.journal(options)
        var settings = JournalOptions(city: try Journal.city(of: storage))
        settings.signer = reloader.signing?.signer
        settings.secondSigner = reloader.secondSigning?.signer
        time.set(&settings)
        settings.rebuildHead = options.has("--rebuild-head")
        return try Store.open(
            storage, keys: try StoreFiles.keys(options), options: settings,
            snapshots: !options.has("--no-snapshots"))
    }

    private static func configuration(_ options: Options) throws -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.address = options["--listen"] ?? configuration.address
        configuration.port = UInt16(
            truncatingIfNeeded: try options.number("--port", 0...65535, default: Int(configuration.port)))
        configuration.loops = try options.number("--loops", 1...64, default: configuration.loops)
        configuration.allowsBaseProfile = options.has("--allow-ttrpc")
        configuration.engineProcessor = try engineProcessor(options)
        configuration.hello.software = "twolists-server \(Release.version)"
        configuration.hello.schemaFingerprint = SchemaCatalogue.fingerprint
        return configuration
    }

    private static func engineProcessor(_ options: Options) throws -> Int32? {
        guard options["--engine-cpu"] != nil else { return nil }
        let last = Int(clinux_processors()) - 1
        return Int32(try options.number("--engine-cpu", 0...last, default: 0))
    }

    private static func reloader(_ options: Options, _ log: ServerLog) throws -> Reloader {
        let configuration = try configuration(options)
        let files = CredentialFiles(
            server: CredentialFiles.Pair(
                certificate: try options.required("--certificate"), key: try options.required("--key")),
            authorities: try options.required("--ca"), lists: options.all("--crl"),
            journal: try StoreFiles.signing(options), journalSecond: try StoreFiles.secondSigning(options))
        try checkChoices(options)
        // Before the credentials are read: they are judged by the store's clock.
        let time = ServerTime(of: try StoreFiles.journal(options))
        return try Reloader(
            files, time: time, protocols: Server.protocols(configuration), log: { log($0, $1) })
    }

    /// For checkpoints that clients quote: judged at their own time, so the files of the start are good for it.
    private static func trust(_ options: Options) throws -> TrustStore {
        try TrustStore.load(caPath: options.required("--ca"), crlPaths: options.all("--crl"))
    }

    private static func serve(
        _ options: Options, _ context: TLSContext, _ bureau: Bureau, _ more: [any ServiceHandler],
        _ time: ServerTime, _ log: ServerLog
    ) throws -> Server {
        let admission = bureau.admission
        var configuration = try configuration(options)
        if let clock = time.demonstration {
            configuration.wall = { clock.now }
            configuration.isDemonstration = true
        }
        let history = QuotedHistory(bureau.receipts, trust: try trust(options), cuts: bureau.cuts)
        configuration.hello.chunkBytes = UInt32(clamping: Bureau.chunkBytes)
        configuration.checkpoint = { bureau.receipts.newest.encoded() }
        configuration.judgeCheckpoint = { quoted in history.judge(quoted).words }
        let test: [any ServiceHandler] = options.has("--test-service") ? [InteropService()] : []
        return try Server(
            configuration, context: context, services: bureau.services + more + test,
            admit: { admission.refusal(for: $0) },
            log: { log($0, $1) })
    }

    /// What tells a stranger the schema of these services.
    private static func reflection(_ services: [any ServiceHandler]) -> ReflectionService {
        ReflectionService(
            services: services.map(\.name), files: SchemaDescriptors.base64.compactMap { Base64.decode($0) })
    }

    private static func announce(
        _ server: Server, _ bureau: Bureau, _ protections: [String], _ metrics: MetricsEndpoint?,
        _ options: Options, _ log: ServerLog
    ) {
        for line in protections { log.line("protection", line) }
        if let metrics, let address = try? LoopbackAddress(options["--metrics"] ?? "") {
            log.line(
                "metrics", "figures for Prometheus: http://\(address.text):\(metrics.port)/metrics",
                [("port", .integer(Int64(metrics.port)))])
        }
        let host = options["--listen"] ?? "127.0.0.1"
        log.line(
            "ready",
            "ready: city \(bureau.city), \(bureau.recordsAtStart) records, listening on \(host):\(server.port)",
            [
                ("city", .text(bureau.city)), ("records", .integer(Int64(clamping: bureau.recordsAtStart))),
                ("address", .text(host)), ("port", .integer(Int64(server.port))),
            ])
    }

    private static func waitForEnd(_ reloader: Reloader, _ bureau: Bureau) {
        while true {
            switch clinux_wait_signal() {
            case SIGTERM, SIGINT: return
            case SIGHUP:
                ServiceManager.tell("RELOADING=1", "MONOTONIC_USEC=\(clinux_monotonic_ns() / 1000)")
                reloader.reload(for: "SIGHUP") { result in
                    var faults: CredentialFaults?
                    if case .failure(let found) = result { faults = found }
                    bureau.journal(.reloadBySignal(faults))
                    ServiceManager.tell("READY=1")
                }
            default: continue
            }
        }
    }
}

// Revocation and signing are never left out by forgetting an option: each is given, or given up by name.
extension RunCommand {
    private static func checkChoices(_ options: Options) throws(Options.Wrong) {
        try choose(options, between: "--crl", and: "--no-crl", "revoked certificates would be accepted")
        try choose(
            options, between: "--journal-key", and: "--unsigned",
            "the journal would prove nothing to third parties")
        if options.has("--journal-certificate"), !options.has("--journal-key") {
            throw Options.Wrong(
                description: "--journal-key is missing: --journal-certificate alone signs nothing")
        }
    }

    private static func choose(
        _ options: Options, between given: String, and givenUp: String, _ without: String
    ) throws(Options.Wrong) {
        switch (options.has(given), options.has(givenUp)) {
        case (true, true): throw Options.Wrong(description: "\(given) and \(givenUp) exclude each other")
        case (false, false):
            throw Options.Wrong(
                description: "\(given) is missing: without it \(without). If that is meant, say \(givenUp)")
        default: return
        }
    }

    /// What protects this server, for its log: what is on in a line each, what was given up as a notice.
    private static func protections(_ reloader: Reloader, _ options: Options) -> [String] {
        let ends = reloader.expiries
        var lines = [revocationLine(ends), signingLine(ends.first { $0.use == .journal }, reloader.signing)]
        if let second = reloader.secondSigning {
            lines.append(
                "checkpoints are signed a second time, with SM2: certificate \(second.fingerprint.hex)")
        }
        if options.has("--test-service") {
            lines.append("notice: the test service answers whoever is let in (--test-service)")
        }
        return lines
    }

    private static func revocationLine(_ all: [Expiry]) -> String {
        let lists = all.filter { $0.use == .revocationList }
        guard let ends = lists.map(\.ends).min() else {
            return "notice: revocation is not checked (--no-crl): a stolen certificate is good until it ends"
        }
        return "revocation is checked, lists: \(lists.count), good until \(UTCTime.text(ends))"
    }

    private static func signingLine(_ certificate: Expiry?, _ signing: RotatingSigner?) -> String {
        guard let certificate, let signing else {
            return "notice: checkpoints are not signed (--unsigned): `verify` will name what is written now"
        }
        return
            "checkpoints are signed: certificate \(signing.fingerprint.hex), until \(UTCTime.text(certificate.ends))"
    }
}

extension QuotedHistory.Verdict {
    /// For the log; nil: all is well.
    fileprivate var words: (LogLevel, String)? {
        switch self {
        case .ours: nil
        case .cut(let theirs, let restored):
            (
                .info,
                "a client holds a checkpoint of \(theirs.treeSize) records of the history that the restore to \(restored.keptSize) records "
                    + "has cut, as declared"
            )
        case .worthless(let why): (.warning, "HELLO quotes a checkpoint that proves nothing: \(why)")
        case .otherStore(let theirs):
            (.error, "ALARM: the client holds a signed checkpoint of another store, \(theirs)")
        case .beyond(let theirs, let ours):
            (
                .error,
                "ALARM: the client holds a signed checkpoint of \(theirs.treeSize) records (root \(theirs.root.hex)), this journal has "
                    + "\(ours): acknowledged records are missing here. Stop the server and look for the newer journal"
            )
        case .different(let theirs, let ours):
            (
                .error,
                "ALARM: the client holds a signed checkpoint with another root at \(theirs.treeSize) records: its root \(theirs.root.hex), "
                    + "ours \(ours.hex). Two histories have been signed"
            )
        }
    }
}
