package import Journal
internal import Synchronization
package import Wire

/// The application, running: engine and log on their threads, and the services a server offers.
package final class Bureau: Sendable {
    package let city: String
    package let services: [any ServiceHandler]
    package let admission: Admission
    /// Records replayed at the start.
    package let recordsAtStart: UInt64
    private let handle: EngineHandle
    private let engineThread: OSThread

    /// Starts log and engine. `onFatal`: the disk failed; the process must end, nobody was answered.
    package static func start(
        _ store: consuming Store, signatures: any SignatureChecker,
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) throws -> Bureau {
        try Bureau(store, signatures, onFatal)
    }

    private init(
        _ store: consuming Store, _ signatures: any SignatureChecker,
        _ onFatal: @escaping @Sendable (JournalError) -> Void
    ) throws {
        city = store.journal.city
        recordsAtStart = store.journal.sequence
        let handle = EngineHandle()
        let admission = Admission()
        self.handle = handle
        self.admission = admission
        services = [
            ExchangeHandler(engine: handle, reader: EnvelopeReader(city: city, signatures: signatures)),
            LedgerHandler(engine: handle),
        ]
        admission.refresh(from: store.state)
        let log = store.log
        let box = Mutex<Store?>(store)
        // The engine is made on its own thread: it is confined there, and the state is never held twice.
        let start = EngineStart(store: box, admission: admission, handle: handle, onFatal: onFatal)
        engineThread = try OSThread.start { start.run(log) }
    }

    /// Judges what was posted, makes it durable, and ends the threads.
    package func stop() {
        handle.stop()
        engineThread.join()
    }
}

/// What crosses to the engine's thread at its start.
private final class EngineStart: Sendable {
    private let store: Mutex<Store?>
    private let admission: Admission
    private let handle: EngineHandle
    private let onFatal: @Sendable (JournalError) -> Void

    init(
        store: consuming sending Mutex<Store?>, admission: Admission, handle: EngineHandle,
        onFatal: @escaping @Sendable (JournalError) -> Void
    ) {
        self.store = store
        self.admission = admission
        self.handle = handle
        self.onFatal = onFatal
    }

    func run(_ log: GroupCommitLog) {
        let taken = store.withLock { held -> Store? in
            defer { held = nil }
            return held
        }
        guard let taken else { return }
        let engine = taken.engine(admission: admission, handle: handle)
        log.start(onOutcome: engine.outcomeReceiver(), onFatal: onFatal)
        EngineThread.run(engine, handle: handle, log: log)
    }
}
