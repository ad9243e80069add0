internal import Exchange
internal import Journal
internal import Schema
internal import Synchronization
internal import Wire

/// What crosses between event loops, engine and the batches' thread.
package final class BatchDesk: Sendable {
    let mailbox = Mailbox<BatchJob>(limit: BatchWorkLimits.waiting)
    private let prints = Mutex<FilePrints?>(nil)
    private let manifests = Mutex<Set<StoredManifest>>([])
    private let progress = Mutex<[EntityID: UInt64]>([:])
    private let heldUp = Mutex<Set<EntityID>>([])
    private let registers = Mutex<[String: Int]?>(nil)

    package init() {}

    /// False: too many wait.
    func post(_ job: BatchJob) -> Bool { mailbox.post(job) }

    /// There is something new to check, or a caller takes more.
    func wake() { mailbox.post(.wake, urgent: true) }

    // MARK: told by the thread

    func begin(_ prints: FilePrints, _ stored: [StoredManifest]) {
        self.prints.withLock { $0 = prints }
        manifests.withLock { $0.formUnion(stored) }
    }

    func note(_ manifest: StoredManifest) { manifests.withLock { _ = $0.insert(manifest) } }
    func forget(_ upload: ID128) { manifests.withLock { held in held = held.filter { $0.upload != upload } } }
    func note(_ batch: EntityID, checked rows: UInt64?) { progress.withLock { $0[batch] = rows } }

    func note(_ counts: [String: Int]) { registers.withLock { $0 = counts } }

    func noteHeldUp(_ batch: EntityID) { heldUp.withLock { _ = $0.insert(batch) } }

    // MARK: asked by others

    /// Its check was given up until the next start.
    func isHeldUp(_ batch: EntityID) -> Bool { heldUp.withLock { $0.contains(batch) } }

    /// Whether everything of this batch is stored.
    func isStored(_ party: String, _ batch: EntityID, manifest digest: [UInt8]) -> Bool {
        guard let prints = prints.withLock({ $0 }) else { return false }
        let manifest = StoredManifest(
            upload: prints.upload(party, batch), print: prints.print(.chunk, digest))
        return manifests.withLock { $0.contains(manifest) }
    }

    /// Rows of each of these registers; none: they are not built yet.
    func rows(_ kinds: [String]) -> [UInt64] {
        guard let counts = registers.withLock({ $0 }) else { return [] }
        return kinds.map { UInt64(counts[$0] ?? 0) }
    }

    /// Rows checked so far; nil: it is not being checked.
    func checkedRows(_ batch: EntityID) -> UInt64? { progress.withLock { $0[batch] } }
}

/// Goes out with the answer to a command after which the batches' thread has something to do.
final class WakingReply: CallReply {
    private let reply: any CallReply
    private let desk: BatchDesk

    init(_ reply: any CallReply, _ desk: BatchDesk) {
        self.reply = reply
        self.desk = desk
    }

    func send(_ message: [UInt8]) { reply.send(message) }
    var isReady: Bool { reply.isReady }
    func consumed(_ bytes: Int) { reply.consumed(bytes) }

    func finish(_ status: Status, payload: [UInt8]) {
        reply.finish(status, payload: payload)
        desk.wake()
    }

    func finish(_ answer: any CallAnswer) {
        reply.finish(answer)
        desk.wake()
    }
}

/// One thing for the batches' thread to do.
enum BatchJob: Sendable {
    case wake
    /// Whether what is stored is what the command says, before the engine judges it.
    indirect case weigh(Submission, AttachEvidence, EngineHandle)
    indirect case attachment(AttachmentOrder, BatchCall)
    indirect case put(PutChunkQuery, party: String, reply: any CallReply)
    indirect case stored(StoredQuery, party: String, reply: any CallReply)
    indirect case answer(sequence: UInt64, BatchStage, reply: any CallReply)
    indirect case report(slot: Int, after: UInt64, BatchCall)
    indirect case fetch(FetchOrder, BatchCall)
    indirect case find(FindPersonQuery, reply: any CallReply)
    indirect case figures(RegisterFiguresQuery, reply: any CallReply)
    indirect case compare(CompareQuery, party: String, reply: any CallReply)
    /// From the engine: it has told, or written.
    indirect case surveyed(BatchSurvey)
    indirect case written(slot: Int, Status)

    var isPut: Bool { if case .put = self { true } else { false } }

    /// To say that it cannot be done.
    var reply: (any CallReply)? {
        switch self {
        case .wake, .surveyed, .written: nil
        case .put(_, _, let reply), .stored(_, _, let reply), .answer(_, _, let reply), .find(_, let reply),
            .figures(_, let reply), .compare(_, _, let reply):
            reply
        case .weigh(let submission, _, _): submission.reply
        case .report(_, _, let call), .fetch(_, let call), .attachment(_, let call): call.reply
        }
    }
}

/// Rows that an officer may have.
struct FetchOrder: Sendable {
    /// Of one batch; nil: of a register.
    var slot: Int?
    var kind = ""
    var since: UInt64 = 0
    /// Only this sender's; empty: all.
    var party = ""
}

/// A stream under way, as its event loop sees it.
final class BatchCall: CallHandler, Sendable {
    let reply: any CallReply
    private let desk: BatchDesk
    private let over = Atomic<Bool>(false)

    init(_ reply: any CallReply, _ desk: BatchDesk) {
        self.reply = reply
        self.desk = desk
    }

    var isOver: Bool { over.load(ordering: .acquiring) }

    func receive(_ message: [UInt8]) {}
    func requestsEnded() {}
    func ready() { desk.wake() }
    func cancelled(_ reason: CancelReason) {
        over.store(true, ordering: .releasing)
        desk.wake()
    }
}
