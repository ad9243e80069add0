import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Bureau

/// Takes the pieces of a copy; not ready after each `stalls` of them until `resume`.
private final class Taker: CallReply {
    private struct State {
        var pieces: [BackupPiece] = []
        var status: Status?
        var ready = true
    }
    private let state = Mutex(State())
    private let stalls: Int

    private let forGood: Bool

    init(stalls: Int = .max, forGood: Bool = false) {
        self.stalls = stalls
        self.forGood = forGood
    }

    var pieces: [BackupPiece] { state.withLock { $0.pieces } }
    var status: Status? { state.withLock { $0.status } }
    var isReady: Bool {
        state.withLock { state in
            // Taken a moment later: whoever asks again finds it ready.
            defer { state.ready = state.ready || !forGood }
            return state.ready
        }
    }
    func send(_ message: [UInt8]) {
        state.withLock { state in
            #expect(message.count <= 300 << 10)
            state.pieces.append((try? BackupPiece(decoding: message)) ?? BackupPiece(name: "unreadable"))
            state.ready = state.pieces.count % stalls != 0
        }
    }
    func finish(_ status: Status, payload: [UInt8]) { state.withLock { $0.status = status } }
}

@Suite("JOURNAL.md 10: a copy over the line, in pieces, of what is durable")
struct BackupCopyTests {
    private func worker(_ town: SnapshotTown, _ heard: HeardNotices) throws -> BackupWorker {
        BackupWorker(
            town.disk.root, keys: try town.keys, receipts: town.desk.receipts, clock: town.world.clock,
            notice: heard.hear)
    }

    /// A copy of the town's data or keys by an officer who may.
    private func copy(
        _ town: SnapshotTown, keys: Bool = false, had: [BackupFile] = [], _ reply: Taker = Taker()
    ) throws -> Taker {
        let worker = try worker(town, HeardNotices())
        let call = BackupCall(reply, worker)
        #expect(worker.post(BackupJob(ofKeys: keys, had: had, who: "b1y3", call: call)))
        var jobs: [BackupJob] = []
        worker.performWaiting(&jobs)
        return reply
    }

    /// The files of pieces, as they would lie in a folder.
    private func files(_ pieces: [BackupPiece]) -> [(name: String, size: UInt64, bytes: [UInt8], had: Bool)] {
        var files: [(name: String, size: UInt64, bytes: [UInt8], had: Bool)] = []
        for piece in pieces {
            if !piece.name.isEmpty { files.append((piece.name, piece.size, [], piece.had)) }
            if !piece.data.isEmpty { files[files.count - 1].bytes += piece.data }
        }
        return files
    }

    private func place(_ pieces: [BackupPiece], on disk: SimulatedDisk, in folder: String) throws
        -> any Storage
    {
        let storage = try disk.root.subdirectory(folder)
        for file in files(pieces) { disk.replace(file.name, in: folder, file.bytes) }
        if let page = pieces.last?.end?.page { disk.replace("BACKUP", in: folder, Array(page.utf8)) }
        return storage
    }

    @Test(
        "what a copy beside a writer gives is restored to the same state, whatever is filed meanwhile",
        arguments: [false, true])
    func restored(_ hasSnapshot: Bool) throws {
        var town = try SnapshotTown(seed: 141)
        try town.play(60)
        if hasSnapshot { try town.snapshot() }
        try town.play(7)
        let (live, sequence) = (try StateHash.of(town.desk.engine.state), town.desk.log.durable.sequence)
        let taker = try copy(town, Taker(stalls: 2))
        #expect(taker.status?.isOK == true)
        let pieces = taker.pieces
        try town.play(20)
        let keys = try copy(town, keys: true).pieces
        #expect(files(pieces).allSatisfy { $0.name != "subjects.tlk" && $0.size == UInt64($0.bytes.count) })
        #expect(files(keys).map(\.name) == ["subjects.tlk"])
        let disk = SimulatedDisk(seed: 142)
        let new = try disk.root.subdirectory("new")
        let proof = try Backups.restore(
            try place(pieces, on: disk, in: "backup"), to: new, keys: try disk.root.subdirectory("new-keys"),
            backupKeys: try place(keys, on: disk, in: "backup-keys"))
        #expect(proof.stateHash == live && proof.sequence == sequence)
        let end = try #require(pieces.last?.end)
        let checkpoint = try #require(Checkpoint(statement: end.checkpoint?.statement ?? []))
        #expect(checkpoint.root == proof.root && checkpoint.treeSize == sequence)
        #expect(end.page == proof.textWithoutState)
        let names = try new.list()
        #expect(names.contains { $0.hasPrefix("snapshot-") } == hasSnapshot)
    }

    @Test("whole files of an attempt before are not sent again, changed ones are")
    func resumed() throws {
        var town = try SnapshotTown(seed: 143)
        try town.play(60)
        let first = files(try copy(town).pieces)
        #expect(first.count > 3)
        try town.play(5)
        var had = first.map { BackupFile(name: $0.name, sha256: Digest(of: $0.bytes).bytes) }
        had[0].sha256[0] ^= 1
        let second = files(try copy(town, had: had).pieces)
        for (number, file) in second.enumerated() where number < first.count {
            let same = file.size == first[number].size && file.name.hasPrefix("journal-") && number > 0
            #expect(file.had == (same && file.name == first[number].name), "\(file.name)")
            #expect(file.had == file.bytes.isEmpty)
        }
        #expect(second.contains { $0.had })
    }

    @Test("an interrupted copy is never taken for a whole one: at whatever piece it ends, restore refuses")
    func interrupted() throws {
        var town = try SnapshotTown(seed: 145)
        try town.play(40)
        let (pieces, keys) = (try copy(town).pieces, try copy(town, keys: true).pieces)
        for count in 0..<pieces.count {
            let disk = SimulatedDisk(seed: 146)
            let new = try disk.root.subdirectory("new")
            #expect(throws: (any Error).self, "after \(count) of \(pieces.count) pieces") {
                try Backups.restore(
                    try place(Array(pieces.prefix(count)), on: disk, in: "backup"), to: new,
                    keys: try disk.root.subdirectory("new-keys"),
                    backupKeys: try place(keys, on: disk, in: "backup-keys"))
            }
        }
    }

    @Test("a caller that takes nothing, goes, or comes when the server stops: the copy ends, and says so")
    func ends() throws {
        var town = try SnapshotTown(seed: 147)
        try town.play(10)
        let heard = HeardNotices()
        let worker = try worker(town, heard)
        let gone = Taker()
        let call = BackupCall(gone, worker)
        call.cancelled(.connectionLost)
        #expect(worker.post(BackupJob(ofKeys: false, had: [], who: "b1y3", call: call)))
        var jobs: [BackupJob] = []
        worker.performWaiting(&jobs)
        #expect(gone.pieces.isEmpty && heard.all.last?.contains("the caller has gone") == true)
        for number in 0...BackupLimits.waiting {
            let posted = worker.post(
                BackupJob(ofKeys: false, had: [], who: "b1y3", call: BackupCall(Taker(), worker)))
            #expect(posted == (number < BackupLimits.waiting))
        }
    }

    @Test("a caller that is there and takes nothing is given up after a minute, and the next has its turn")
    func patience() throws {
        var town = try SnapshotTown(seed: 149)
        try town.play(10)
        let steady = Mutex<Int64>(0)
        let clock = EngineClock(
            wall: { 0 },
            steady: {
                steady.withLock { steady in
                    steady += BackupLimits.patience / 3
                    return steady
                }
            })
        let worker = BackupWorker(
            town.disk.root, keys: try town.keys, receipts: town.desk.receipts, clock: clock, notice: { _ in })
        let (stuck, next) = (Taker(stalls: 1, forGood: true), Taker())
        for taker in [stuck, next] {
            let job = BackupJob(ofKeys: false, had: [], who: "b1y3", call: BackupCall(taker, worker))
            #expect(worker.post(job))
        }
        var jobs: [BackupJob] = []
        worker.performWaiting(&jobs)
        #expect(stuck.status?.errorReason == "COPY_FAILED" && stuck.pieces.count == 1)
        #expect(next.status?.isOK == true)
    }

    @Test(
        "system administrators of the bureau alone, for data and for keys; a list of files at its limit and one beyond"
    )
    func rights() throws {
        let town = try Town()
        let register = Command.OneOf_Body.registerOfficer(
            RegisterOfficer(
                officer: "b1y3", party: "bureau/421300", roles: [.systemAdmin], name: "测试丙", post: "系统管理员"))
        _ = try town.desk.give(register, by: "b1q4", on: RosterTarget.officer("b1y3").bytes)
        let heard = HeardNotices()
        let worker = BackupWorker(
            town.disk.root, keys: try town.disk.root.subdirectory("keys"), receipts: town.desk.receipts,
            notice: heard.hear)
        let handle = EngineHandle()
        let handler = BackupHandler(engine: handle, worker: worker)
        func call(_ officer: String, _ method: String, had: Int = 0) -> Taker {
            var info = Desk.call(officer == "b1y3" ? "b1q4" : officer)
            info.method = method
            if officer == "b1y3" {
                info.peer = PeerIdentity(
                    uri: [UInt8]("twolists://421300/bureau/421300/officer/b1y3".utf8), serial: [1],
                    certificate: [], notAfter: 2_000_000_000, address: "127.0.0.1:1")
            }
            let reply = Taker()
            let query = BackupQuery(had: Array(repeating: BackupFile(name: "HEAD"), count: had))
            _ = handler.open(info, request: query.encoded(), reply: reply)
            // The question, and what is on record before the copy begins.
            for _ in 1...2 {
                var inputs: [EngineInput] = []
                handle.mailbox.take(into: &inputs)
                #expect(reply.pieces.isEmpty)
                town.desk.engine.turn(inputs)
                town.desk.log.step()
            }
            var jobs: [BackupJob] = []
            worker.performWaiting(&jobs)
            return reply
        }
        for method in BackupService.Method.allCases.map(\.rawValue) {
            for officer in ["b1a1", "b1s2", "b1q4", "k7f2", "u7l1"] {
                let reply = call(officer, method)
                #expect(
                    reply.status?.errorReason == "ADMIN_NOT_PERMITTED" && reply.pieces.isEmpty, "\(officer)")
            }
            #expect(call("b1y3", method).status?.isOK == true)
        }
        #expect(heard.all.count { $0.contains("refused: twolists://") } == 10)
        var trail = Granted()
        try Journal.read(town.disk.root, keys: nil, visitor: &trail)
        #expect(trail.methods == ["CopyData", "CopyKeys"], "each copy that was given is on record")
        #expect(call("b1y3", "CopyData", had: BackupLimits.had).status?.isOK == true)
        #expect(call("b1y3", "CopyData", had: BackupLimits.had + 1).status?.errorReason == "TOO_LARGE")
    }
}

/// The copies that were given, as the journal has them.
private struct Granted: JournalVisitor {
    var methods: [String] = []
    mutating func record(_ view: RecordView) throws(JournalError) {
        guard case .notice(let body)? = SystemRecord(view), let notice = try? EventV1.Notice(decoding: body),
            notice.outcome?.refusal == .unspecified, notice.actor?.officer == "b1y3"
        else { return }
        methods.append(notice.method)
    }
}

final class HeardNotices: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func hear(_ line: String) { lines.withLock { $0.append(line) } }
}
