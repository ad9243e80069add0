internal import CLinux
internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Synchronization
internal import Wire

/// Bounds of copies over the line, each with its reason.
package enum BackupLimits {
    /// Copies that wait for the one under way: whoever backs up does so once a day, and a script in a loop is told.
    package static let waiting = 2
    /// Files that a caller may say to have: a journal of 256 GiB.
    package static let had = 4096
    /// Bytes of one piece: a quarter of a message.
    package static let piece = 256 << 10
    /// Nanoseconds that a caller may take nothing, after which the next has its turn.
    package static let patience: Int64 = 60_000_000_000
}

/// A copy that was asked for and granted.
struct BackupJob: Sendable {
    var ofKeys: Bool
    var had: [BackupFile]
    var who: String
    var call: BackupCall
}

/// The thread that reads files for copies over the line, of the lowest priority, one copy at a time.
final class BackupWorker: Sendable {
    private let mailbox = Mailbox<BackupJob>(limit: BackupLimits.waiting)
    private let awake = Mailbox<Void>(limit: 1)
    private let stopping = Atomic<Bool>(false)
    private let storage: any Storage
    private let keys: any Storage
    private let receipts: ReceiptMaker
    private let clock: EngineClock
    let notice: @Sendable (String) -> Void

    init(
        _ storage: any Storage, keys: any Storage, receipts: ReceiptMaker, clock: EngineClock = .system,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.storage = storage
        self.keys = keys
        self.receipts = receipts
        self.clock = clock
        self.notice = notice
    }

    /// False: too many wait.
    func post(_ job: BackupJob) -> Bool { mailbox.post(job) }

    /// A caller takes more, or has gone.
    func wake() { awake.post((), urgent: true) }

    func run() {
        clinux_thread_name("backup")
        _ = clinux_share(0, 19, JournalLimits.giveWay)
        clinux_work_in_pieces(JournalLimits.giveWay)
        var jobs: [BackupJob] = []
        while !isStopping {
            mailbox.wait(milliseconds: 1_000)
            performWaiting(&jobs)
        }
        mailbox.take(into: &jobs)
        for job in jobs { job.call.reply.finish(.serverStopping, payload: []) }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.wake()
        wake()
    }

    /// Asked between two pieces of a copy: casework goes first.
    private var isStopping: Bool {
        clinux_give_way()
        return stopping.load(ordering: .acquiring)
    }

    /// Everything that waits, on the caller's thread.
    func performWaiting(_ jobs: inout [BackupJob]) {
        mailbox.take(into: &jobs)
        for job in jobs { perform(job) }
    }

    private func perform(_ job: BackupJob) {
        let what = job.ofKeys ? "the keys" : "the data"
        do {
            let end = job.ofKeys ? try copyKeys(job) : try copyData(job)
            try send(BackupPiece(end: end), job)
            job.call.reply.finish(.ok, payload: [])
            notice("a copy of \(what) was sent to \(job.who)")
        } catch Ended.gone {
            notice("a copy of \(what) for \(job.who) was not finished: the caller has gone")
        } catch Ended.stopping {
            job.call.reply.finish(.serverStopping, payload: [])
        } catch {
            notice("a copy of \(what) for \(job.who) failed: \(error)")
            job.call.reply.finish(.copyFailed(error), payload: [])
        }
    }

    private enum Ended: Error {
        case gone
        case stopping
    }

    /// Everything up to the newest durable checkpoint, which goes with it.
    private func copyData(_ job: BackupJob) throws -> BackupEnd {
        let newest = receipts.newest
        guard let checkpoint = Checkpoint(statement: newest.statement) else {
            throw Backups.Failed(description: "there is no checkpoint yet")
        }
        let plan = try Journal.copyPlan(storage, upTo: checkpoint.treeSize)
        for file in plan.files { try send(file, of: storage, job) }
        for file in try SideFiles.plan(storage, folders: SideFiles.data) { try send(file, of: storage, job) }
        let proof = Backups.Proof(
            city: plan.city, storeID: plan.storeID, group: plan.group, sequence: checkpoint.treeSize,
            time: plan.time, root: plan.root, stateHash: .zero)
        return BackupEnd(checkpoint: newest, page: proof.textWithoutState)
    }

    private func copyKeys(_ job: BackupJob) throws -> BackupEnd {
        for file in try Journal.keyPlan(keys) { try send(file, of: keys, job) }
        return BackupEnd()
    }

    private func send(_ file: CopyPlan.File, of storage: any Storage, _ job: BackupJob) throws {
        let storage = try file.folder.map { (folder) throws in try storage.subdirectory(folder) } ?? storage
        var head = BackupPiece(name: file.path, size: UInt64(file.size))
        if let content = file.content {
            head.data = content
            return try send(head, job)
        }
        let opened: StorageFile
        do throws(StorageError) { opened = try storage.open(file.name, .read) } catch {
            // A snapshot may have been replaced since; the copy needs none.
            if error.isNoFile, file.folder != nil || SnapshotFile.sequence(name: file.name) != nil { return }
            throw error
        }
        defer { storage.close(opened) }
        if let had = job.had.first(where: { haveSameBytes($0.name, file.path) }),
            try digest(storage, opened, file.size, job) == had.sha256
        {
            head.had = true
            return try send(head, job)
        }
        try send(head, job)
        try pieces(storage, opened, file.size) { try send(BackupPiece(data: $0), job) }
    }

    private func digest(
        _ storage: any Storage, _ file: StorageFile, _ size: Int, _ job: BackupJob
    ) throws -> [UInt8] {
        let digest = try IncrementalDigest()
        try pieces(storage, file, size) { piece in
            if isStopping { throw Ended.stopping }
            if job.call.isOver { throw Ended.gone }
            digest.update(piece)
        }
        return digest.finish().bytes
    }

    private func pieces(
        _ storage: any Storage, _ file: StorageFile, _ size: Int, _ use: ([UInt8]) throws -> Void
    ) throws {
        var offset = 0
        while offset < size {
            let piece = try storage.readAll(
                file, count: min(BackupLimits.piece, size - offset), at: offset)
            guard !piece.isEmpty else { throw Backups.Failed(description: "a file has become shorter") }
            try use(piece)
            offset += piece.count
        }
    }

    /// Waits until the caller takes more.
    private func send(_ piece: BackupPiece, _ job: BackupJob) throws {
        let end = clock.steady() &+ BackupLimits.patience
        while !job.call.reply.isReady {
            if isStopping { throw Ended.stopping }
            if job.call.isOver { throw Ended.gone }
            guard clock.steady() < end else {
                throw Backups.Failed(description: "the caller took nothing for a minute")
            }
            awake.wait(milliseconds: 200)
            var wakes: [Void] = []
            awake.take(into: &wakes)
        }
        if job.call.isOver { throw Ended.gone }
        job.call.reply.send(piece.encoded())
    }
}
