internal import CLinux
internal import Crypto
internal import Exchange
internal import Schema
internal import Synchronization
internal import Wire

/// The thread that works out what is shown of whole rounds. A ranking and a published file cost as much as the round is large, a fifth of
/// a second with the largest: a hundred turns of the engine. A round is one value, so this thread is handed it as it stood when the asker's
/// right was looked at.
final class RoundWorker: Sendable {
    private let mailbox = Mailbox<RoundJob>(limit: EngineLimits.roundReads)
    private let stopping = Atomic<Bool>(false)

    init() {}

    /// False: too many wait.
    func post(_ job: RoundJob) -> Bool { mailbox.post(job) }

    func run() {
        clinux_thread_name("rounds")
        var (jobs, memory): ([RoundJob], RoundMemory) = ([], RoundMemory())
        while !stopping.load(ordering: .acquiring) {
            mailbox.wait(milliseconds: 1_000)
            performWaiting(&jobs, &memory)
        }
        mailbox.take(into: &jobs)
        for job in jobs { job.reply.finish(.serverStopping, payload: []) }
    }

    /// Everything that waits, on the caller's thread.
    func performWaiting(_ jobs: inout [RoundJob], _ memory: inout RoundMemory) {
        mailbox.take(into: &jobs)
        for job in jobs { job.perform(&memory) }
        jobs.removeAll()  // a round that is held is copied whole by its next change
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.wake()
    }
}

/// One read of a round.
struct RoundJob: Sendable {
    enum Work: Sendable {
        /// A part of the published file, from this byte on.
        case file(UInt64)
        case ranking(RoundRowsQuery)
    }
    let work: Work
    let round: PlacementRound
    let reply: any CallReply

    func perform(_ memory: inout RoundMemory) {
        do throws(Status) {
            switch work {
            case .file(let offset): reply.finish(.ok, payload: try file(offset, &memory))
            case .ranking(let query): reply.finish(.ok, payload: try ranking(query, &memory))
            }
        } catch {
            reply.finish(error, payload: [])
        }
    }

    private func file(_ offset: UInt64, _ memory: inout RoundMemory) throws(Status) -> [UInt8] {
        guard let bytes = memory.file(of: round) else { throw Status.notFound("published round") }
        let first = Int(clamping: min(offset, UInt64(bytes.count)))
        let part = bytes[first..<min(first + EngineLimits.roundFilePart, bytes.count)]
        return RoundFilePart(bytes: Array(part), total: UInt64(bytes.count)).encoded()
    }

    private func ranking(_ query: RoundRowsQuery, _ memory: inout RoundMemory) throws(Status) -> [UInt8] {
        do throws(QueryFault) {
            return try round.ranking(query, memory.standing(of: round)).encoded()
        } catch {
            throw Status.badPage(error)
        }
    }
}

/// What was worked out last: whoever turns a ranking's pages, or fetches a file part by part, has it worked out once. At most one file (twenty
/// million bytes of the largest round) and one ranking are kept.
struct RoundMemory {
    private var lastFile: (id: EntityID, version: UInt64, bytes: [UInt8])?
    private var last: (id: EntityID, inputsDigest: [UInt8], standing: RoundStanding)?
    /// Files and rankings worked out: what the tests bound.
    private(set) var workedOut = 0

    init() {}

    /// Nil before the round is closed.
    mutating func file(of round: PlacementRound) -> [UInt8]? {
        if let lastFile, lastFile.id == round.id, lastFile.version == round.version { return lastFile.bytes }
        workedOut += 1
        guard let bytes = round.publishedFile({ Digest(of: $0).bytes }) else { return nil }
        lastFile = (round.id, round.version, bytes)
        return bytes
    }

    /// Scores and order follow from the frozen inputs, whatever has been picked since.
    mutating func standing(of round: PlacementRound) -> RoundStanding {
        if let last, last.id == round.id, last.inputsDigest == round.inputsDigest { return last.standing }
        workedOut += 1
        let standing = round.standing()
        last = (round.id, round.inputsDigest, standing)
        return standing
    }
}

/// Takes a round from the engine's thread to the one that works on it.
final class RoundBox: Sendable {
    private let round = Mutex<PlacementRound?>(nil)

    func put(_ round: PlacementRound) { self.round.withLock { $0 = round } }

    func take() -> PlacementRound? {
        round.withLock { held in
            defer { held = nil }
            return held
        }
    }
}
