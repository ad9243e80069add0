import Bureau
import CLinux
import Crypto
import RPC
import Synchronization
import Wire

/// The files of a running server: read at the start, again on SIGHUP and on `twolists admin reload`, and told of in the log as they near
/// their end. Everything new is read, judged and built before anything is swapped; with any fault the old stays.
///
/// It has a thread of its own, so that reloads come one after the other and no event loop waits for a disk.
final class Reloader: Sendable {
    private let files: CredentialFiles
    let time: ServerTime
    private let protocols: [String]
    /// Officers' signatures are judged by the same authorities and lists as their connections.
    let signatures: SignatureTrust
    /// Nil: the journal is not signed.
    let signing: RotatingSigner?
    /// Nil: not a second time.
    let secondSigning: RotatingSigner?
    /// For the server's start; later ones are the server's.
    let firstContext: TLSContext
    private let log: LogSink
    private let thread: LoopHandle
    let server = Mutex<Server?>(nil)
    private let receipts = Mutex<ReceiptMaker?>(nil)
    private let current: Mutex<[Expiry]>

    /// Nanoseconds between two looks at what ends: a warning a day is read, one an hour is not.
    private static let interval: Int64 = 86_400 * .second

    /// - Throws: `CredentialFaults`: a server that nobody could talk to, or whose journal would prove nothing, does not start.
    init(_ files: CredentialFiles, time: ServerTime, protocols: [String], log: @escaping LogSink) throws {
        let credentials = try Credentials.read(files, at: time.seconds)
        try time.check(credentials.trust, files.authorities)
        self.files = files
        self.time = time
        self.protocols = protocols
        self.log = log
        firstContext = try Self.context(credentials, protocols, time)
        signing = try credentials.journal.map {
            try RotatingSigner(key: $0.key, certificate: $0.certificate)
        }
        secondSigning = try credentials.journalSecond.map {
            try RotatingSigner(key: $0.key, certificate: $0.certificate)
        }
        signatures = SignatureTrust(
            credentials.trust, revocation: files.lists.isEmpty ? .recorded : .current,
            clock: time.engineClock)
        current = Mutex(credentials.expiries)
        thread = try LoopHandle.start(name: "reload") { _ in }
    }

    private static func context(
        _ credentials: Credentials, _ protocols: [String], _ time: ServerTime
    ) throws(NetworkError) -> TLSContext {
        func source(_ file: Credentials.File) -> PEMSource {
            PEMSource(name: file.path, bytes: file.bytes)
        }
        let shown = credentials.server
        return try TLSContext(
            .server,
            TLSCredentials(
                chain: source(shown.certificateFile), key: source(shown.keyFile),
                trust: source(credentials.authorityFile),
                revocationLists: credentials.listFiles.map(source)),
            protocols: protocols, clock: time.tlsClock)
    }

    /// The server is there: from now on it gets what is read, and receipts the journal's certificates. Tells when what it began with ends.
    func begin(_ server: Server, receipts: ReceiptMaker) {
        self.receipts.withLock { $0 = receipts }
        self.server.withLock { $0 = server }
        tellExpiries()
        thread.submit { [self] loop in loop.every(Self.interval) { [self] in tellExpiries() } }
    }

    /// Before the server ends. A reload under way is finished, those asked for later are dropped.
    func stop() {
        thread.stopAndJoin()
        server.withLock { $0 = nil }
    }

    // MARK: What ends

    private func tellExpiries() {
        let now = time.seconds
        for expiry in expiries {
            log(
                expiry.urgency(at: now).level,
                LogEvent(
                    "expiry", expiry.line(at: now),
                    [("name", .text(expiry.name)), ("days_left", .integer(expiry.days(at: now)))]))
        }
    }

    private func event(_ name: String, _ text: String, _ who: String) -> LogEvent {
        LogEvent(name, text, [("who", .text(who))])
    }

    // MARK: Reading again

    private func reload(for who: String) -> Result<[Expiry], CredentialFaults> {
        let fresh: Credentials
        let context: TLSContext
        do throws(CredentialFaults) {
            fresh = try Credentials.read(files, at: time.seconds)
            context = try build(fresh)
        } catch {
            for fault in error.faults {
                log(.error, event("reload_refused", "reload (\(who)) refused: \(fault.english)", who))
            }
            log(
                .error,
                event(
                    "reload_refused",
                    "reload (\(who)) refused: nothing was swapped, the old files stay in use", who))
            return .failure(error)
        }
        signatures.replace(fresh.trust)
        server.withLock { $0 }?.reload(context)
        current.withLock { $0 = fresh.expiries }
        tellExpiries()
        log(
            .info,
            event(
                "reload_done",
                "reload (\(who)) done: new connections use what was read, open ones are judged by it",
                who))
        return .success(fresh.expiries)
    }

    /// What may still fail once the files are found good. The journal's key is changed here, last: nothing after it can fail.
    private func build(_ fresh: Credentials) throws(CredentialFaults) -> TLSContext {
        do {
            try time.check(fresh.trust, files.authorities)
            let context = try Self.context(fresh, protocols, time)
            for (signing, journal) in [(secondSigning, fresh.journalSecond), (signing, fresh.journal)] {
                if let signing, let journal { try rotate(signing, journal) }
            }
            return context
        } catch {
            throw CredentialFaults([.refusedByTLS(fresh.server.certificateFile.path, "\(error)")])
        }
    }
}

extension Reloader {
    private func rotate(_ signing: RotatingSigner, _ journal: Credentials.Pair) throws {
        guard signing.fingerprint != journal.certificate.fingerprint else { return }
        receipts.withLock { $0?.add(journal.certificate) }
        try signing.rotate(key: journal.key, certificate: journal.certificate)
        let print = journal.certificate.fingerprint.hex
        log(
            .info,
            LogEvent(
                "journal_key_changed",
                "from the next group on the journal is signed with certificate \(print); keep the old one, "
                    + "`verify` wants every one", [("certificate", .text(print))]))
    }
}

extension Reloader: Administration {
    var expiries: [Expiry] { current.withLock { $0 } }

    func reload(
        for who: String, _ done: @escaping @Sendable (Result<[Expiry], CredentialFaults>) -> Void
    ) {
        thread.submit { [self] _ in done(reload(for: who)) }
    }

    func refused(_ method: String, of who: String) {
        log(
            .warning,
            event(
                "admin_refused", "admin \(method) refused: \(who) is no system administrator of the bureau",
                who))
    }
}

extension Expiry.Urgency {
    fileprivate var level: LogLevel {
        switch self {
        case .fine: .info
        case .soon: .warning
        case .ended: .error
        }
    }
}

extension Reloader {
    func connections(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveConnection>) -> Void
    ) {
        guard let server = server.withLock({ $0 }) else { return done(LivePage()) }
        server.connections(after: place, limit: limit, done)
    }

    func streams(
        after place: LivePlace, limit: Int, _ done: @escaping @Sendable (LivePage<LiveStream>) -> Void
    ) {
        guard let server = server.withLock({ $0 }) else { return done(LivePage()) }
        server.streams(after: place, limit: limit, done)
    }

    var limits: [NamedLimit] { server.withLock { $0 }?.limits ?? [] }
}
