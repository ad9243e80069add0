internal import CLinux
package import Crypto
internal import Exchange
package import Journal
internal import Synchronization
package import Wire

/// The application, running: engine and log on their threads, and the services a server offers.
package final class Bureau: Sendable {
    /// Of a batch or an attachment: for HELLO.
    package static let chunkBytes = BatchLimits.chunkBytes

    package let city: String
    package let services: [any ServiceHandler]
    package let admission: Admission
    /// For HELLO, and for judging what clients quote in theirs.
    package let receipts: ReceiptMaker
    /// What declared restores cut.
    package let cuts: CutHistories
    /// Records replayed at the start.
    package let recordsAtStart: UInt64
    let handle: EngineHandle
    let log: GroupCommitLog
    private let engineThread: OSThread
    private let trail: TrailWorker
    private let trailThread: OSThread
    private let rounds: RoundWorker
    private let roundThread: OSThread
    private let eraser: KeyEraserThread
    private let eraserThread: OSThread
    private let snapshots: SnapshotWorker
    private let snapshotThread: OSThread
    private let backups: BackupWorker
    private let backupThread: OSThread
    private let batches: BatchWorker
    private let batchThread: OSThread

    /// Starts log and engine. `onFatal`: the disk failed; the process must end, nobody was answered.
    /// - Parameters:
    ///   - certificates: of the journal's signer, for receipts.
    ///   - keyBackupDays: how long backups of the key file are kept, for the date at which an erasure is complete.
    ///   - engineProcessor: the engine keeps to it. It is the one thread that every command passes: moved about among the
    ///     others, it waits for them with its caches cold. Two servers on one machine must not keep to the same.
    ///   - program: what `Admin`'s calls ask; nil: there is no such service.
    ///   - clock: a demonstration clock for a store that is for demonstrations, and for no other.
    ///   - entropy: of keys, nonces and salts, on the line, in the engine and in the files of batches.
    /// - Throws: `ClockMismatch`.
    package static func start(
        _ store: consuming Store, signatures: any SignatureChecker, certificates: [Certificate] = [],
        engineProcessor: Int32? = nil, keyBackupDays: Int64 = EngineLimits.keyBackupDays,
        program: (any Administration)? = nil,
        snapshotEvery: UInt64 = SnapshotLimits.records, clock: EngineClock = .system,
        entropy: Entropy = .system,
        onNotice: @escaping @Sendable (String) -> Void = { _ in },
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) throws -> Bureau {
        try Bureau(
            store, signatures, certificates, engineProcessor: engineProcessor, keyBackupDays: keyBackupDays,
            program, snapshotEvery, clock, entropy,
            onNotice,
            onFatal)
    }

    private init(
        _ store: consuming Store, _ signatures: any SignatureChecker, _ certificates: [Certificate],
        engineProcessor: Int32?, keyBackupDays: Int64, _ program: (any Administration)?,
        _ snapshotEvery: UInt64, _ clock: EngineClock, _ entropy: Entropy,
        _ onNotice: @escaping @Sendable (String) -> Void,
        _ onFatal: @escaping @Sendable (JournalError) -> Void
    ) throws {
        let isDemonstration = store.state.demonstration != nil
        guard isDemonstration == (clock.demonstration != nil) else {
            throw ClockMismatch(isDemonstration: isDemonstration)
        }
        city = store.journal.city
        recordsAtStart = store.journal.sequence
        let handle = EngineHandle()
        let admission = Admission()
        self.handle = handle
        self.admission = admission
        let trail = TrailWorker()
        self.trail = trail
        let rounds = RoundWorker()
        self.rounds = rounds
        let log = store.log
        self.log = log
        let receipts = ReceiptMaker(log, certificates: certificates)
        self.receipts = receipts
        let cuts = CutHistories(
            store.journal.storage, store.state.restorations, storeID: store.journal.storeID,
            algorithm: store.journal.algorithm, leaf: { log.leafHash(sequence: $0) })
        self.cuts = cuts
        for notice in cuts.notices { onNotice(notice) }
        let desk = BatchDesk()
        let source = TrailSource(storage: store.journal.storage, log: store.log, receipts: receipts)
        let batches = BatchWorker(
            desk, engine: handle, store.journal.storage, keys: store.keys, storeID: store.journal.storeID,
            source: source, clock: clock, entropy: entropy, notice: onNotice)
        self.batches = batches
        var services: [any ServiceHandler] = [
            ExchangeHandler(
                engine: handle,
                reader: EnvelopeReader(
                    city: city, signatures: signatures, algorithm: store.journal.algorithm,
                    receipts: receipts, desk: desk, entropy: entropy), desk: desk),
            BatchHandler(engine: handle, desk: desk),
            AttachmentHandler(engine: handle, desk: desk),
            LedgerHandler(engine: handle, receipts: receipts, cuts: cuts, clock: clock),
            ReportHandler(engine: handle),
            RoundsHandler(engine: handle, worker: rounds),
            PackagesHandler(
                engine: handle, reads: LedgerReads(receipts: receipts, restorations: nil, clock: clock)),
            TrailHandler(engine: handle, worker: trail, source: source),
        ]
        let backups = BackupWorker(
            store.journal.storage, keys: store.keys, receipts: receipts, notice: onNotice)
        self.backups = backups
        services.append(BackupHandler(engine: handle, worker: backups))
        if let program { services.append(AdminHandler(engine: handle, program: program, clock: clock)) }
        self.services = services
        admission.refresh(from: store.state)
        let eraser = KeyEraserThread(log, onFatal: onFatal)
        self.eraser = eraser
        let snapshots = SnapshotWorker(
            store.journal.storage, keys: store.keys, log: log, records: snapshotEvery, notice: onNotice)
        self.snapshots = snapshots
        let box = Mutex<Store?>(store)
        // The engine is made on its own thread: it is confined there, and the state is never held twice.
        let start = EngineStart(
            store: box, admission: admission, handle: handle, engineProcessor: engineProcessor,
            keyBackupDays: keyBackupDays, clock: clock, entropy: entropy,
            eraser: eraser, onFatal: onFatal)
        engineThread = try OSThread.start { start.run(log) }
        trailThread = try OSThread.start { trail.run() }
        roundThread = try OSThread.start { rounds.run() }
        eraserThread = try OSThread.start { eraser.run() }
        snapshotThread = try OSThread.start { snapshots.run() }
        backupThread = try OSThread.start { backups.run() }
        batchThread = try OSThread.start { batches.run() }
    }

    /// A change of the running server that no call asked for, into the journal.
    package func journal(_ note: AdminNote) { handle.post(.administration(note), urgent: true) }

    /// Judges what was posted, makes it durable, and ends the threads.
    package func stop() {
        trail.stop()
        rounds.stop()
        snapshots.stop()
        backups.stop()
        batches.stop()
        trailThread.join()
        roundThread.join()
        // Before the log is closed with the engine: an erasure that is not done by then is done at the next start.
        eraser.stop()
        eraserThread.join()
        snapshotThread.join()
        backupThread.join()
        batchThread.join()
        handle.stop()
        engineThread.join()
    }
}

/// What crosses to the engine's thread at its start.
private final class EngineStart: Sendable {
    private let store: Mutex<Store?>
    private let admission: Admission
    private let handle: EngineHandle
    private let engineProcessor: Int32?
    private let keyBackupDays: Int64
    private let clock: EngineClock
    private let entropy: Entropy
    private let eraser: any KeyEraser
    private let onFatal: @Sendable (JournalError) -> Void

    init(
        store: consuming sending Mutex<Store?>, admission: Admission, handle: EngineHandle,
        engineProcessor: Int32?, keyBackupDays: Int64, clock: EngineClock, entropy: Entropy,
        eraser: any KeyEraser,
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) {
        self.eraser = eraser
        self.store = store
        self.admission = admission
        self.handle = handle
        self.engineProcessor = engineProcessor
        self.keyBackupDays = keyBackupDays
        self.clock = clock
        self.entropy = entropy
        self.onFatal = onFatal
    }

    func run(_ log: GroupCommitLog) {
        let taken = store.withLock { held -> Store? in
            defer { held = nil }
            return held
        }
        guard let taken else { return }
        let engine = taken.engine(
            admission: admission, handle: handle, clock: clock, entropy: entropy,
            keyBackupDays: keyBackupDays, eraser: eraser)
        log.start(onOutcome: engine.outcomeReceiver(), onFatal: onFatal)
        // After the log's threads have started: they would inherit it.
        if let engineProcessor { _ = clinux_pin(engineProcessor) }
        EngineThread.run(engine, handle: handle, log: log)
    }
}
