internal import CLinux
internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Synchronization
internal import Wire

/// The batches' thread: it takes chunks, checks what was submitted, keeps the registers and hands out rows, all in steps of a chunk or a message, one of each that is under
/// way in turn. Of low priority: casework goes first. Nothing of it is done on the engine's thread but two records a batch.
final class BatchWorker: Sendable {
    private let desk: BatchDesk
    private let engine: EngineHandle
    private let storage: any Storage
    private let keys: any Storage
    private let storeID: ID128
    private let source: TrailSource
    private let clock: EngineClock
    private let entropy: Entropy
    private let notice: @Sendable (String) -> Void
    private let stopping = Atomic<Bool>(false)

    init(
        _ desk: BatchDesk, engine: EngineHandle, _ storage: any Storage, keys: any Storage, storeID: ID128,
        source: TrailSource, clock: EngineClock, entropy: Entropy,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.desk = desk
        self.engine = engine
        self.storage = storage
        self.keys = keys
        self.storeID = storeID
        self.source = source
        self.clock = clock
        self.entropy = entropy
        self.notice = notice
    }

    /// Below the loops and the journal, above copies and snapshots, where nothing is left over for it.
    private static let niceness: Int32 = 10

    func run() {
        clinux_thread_name("batches")
        do {
            // As everybody else: who opens a folder does not come to look at what he got, and would wait for seconds on a machine with no time to spare.
            let memory = try BatchMemory.open(storage, keys: keys, storeID: storeID, entropy: entropy)
            let share = BackgroundThread(niceness: Self.niceness)
            defer { withExtendedLifetime(share) {} }
            var desk = BatchThread(memory, self.desk, engine, source, storeID, clock, notice)
            desk.run { stopping.load(ordering: .acquiring) }
        } catch {
            notice("batches cannot be served: \(error)")
            refuse(.batchesUnavailable("\(error)")) { stopping.load(ordering: .acquiring) }
        }
    }

    private func refuse(_ status: Status, until isStopping: () -> Bool) {
        var jobs: [BatchJob] = []
        repeat {
            desk.mailbox.wait(milliseconds: 1_000)
            desk.mailbox.take(into: &jobs)
            for job in jobs { job.reply?.finish(status, payload: []) }
        } while !isStopping()
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        desk.wake()
    }
}

/// The thread's own: what it holds and what is under way.
struct BatchThread: ~Copyable {
    var memory: BatchMemory
    let desk: BatchDesk
    let engine: EngineHandle
    let source: TrailSource
    let storeID: ID128
    let clock: EngineClock
    let notice: @Sendable (String) -> Void

    var checks: [BatchCheck] = []
    var fetches: [BatchFetch] = []
    var reports: [FaultStream] = []
    var counts: [FigureCount] = []
    /// Trees, the one asked last at the end.
    var compares: [RegisterCompare] = []
    var weighings: [AttachmentWeighing] = []
    var attachments: [AttachmentFetch] = []
    /// Attachments told so far.
    var mark = EvidenceMark()
    /// Taking rows into the registers: one batch at a time, in the order in which they were checked.
    var taking: Taking?
    /// Slots whose CHECKED is durable and whose rows wait.
    var checked: [Int] = []
    /// Given to the engine, not answered yet.
    var waiting: Set<Int> = []
    var isSurveying = false
    var wantsSurvey = true
    /// Under way between the first survey and `isBuilt`.
    var building: BatchMemory.Building?
    var isBuilt = false
    /// The day on which what nobody submitted was looked for.
    private var expiredOn: Int32?
    /// Batches that cannot be checked now: an operator was told, and the next start tries again.
    var stuck: Set<Int> = []
    /// Of one check, in memory.
    var keysHeld = BatchLimits.keysHeld
    /// Retried after a while: the journal had no room.
    var retryAt: Int64 = 0
    /// Puts, stored together.
    var stored: [(reply: any CallReply, digest: Digest, manifest: StoredManifest?)] = []
    var postponed: [BatchJob] = []

    /// What taking a batch's rows gave, until its DONE is known to be written: rows are taken once, whatever becomes of the record.
    var taken: [Int: Registers.Counts] = [:]

    struct Taking {
        let slot: Int
        let reader: RowFileReader?
        var counts = Registers.Counts()
    }

    init(
        _ memory: consuming BatchMemory, _ desk: BatchDesk, _ engine: EngineHandle, _ source: TrailSource,
        _ storeID: ID128, _ clock: EngineClock, _ notice: @escaping @Sendable (String) -> Void
    ) {
        self.memory = memory
        self.desk = desk
        self.engine = engine
        self.source = source
        self.storeID = storeID
        self.clock = clock
        self.notice = notice
        desk.begin(self.memory.keys.prints, self.memory.shelf.manifests)
    }

    mutating func run(until isStopping: () -> Bool) {
        while !isStopping() { turn(longest: 1_000) }
        var jobs: [BatchJob] = []
        for check in checks { check.abandon() }
        desk.mailbox.take(into: &jobs)
        for job in jobs { job.reply?.finish(.serverStopping, payload: []) }
        for weighing in weighings { weighing.submission.reply.finish(.serverStopping, payload: []) }
        for call in streams {
            call.reply.finish(.serverStopping, payload: [])
        }
        for count in counts { count.reply.finish(.serverStopping, payload: []) }
        for compare in compares { compare.refuse(.serverStopping) }
    }

    /// One round: what was asked, what was put, then a step of each thing under way. It sleeps for so many milliseconds at most, when there is nothing to do.
    mutating func turn(longest milliseconds: Int32) {
        askEngine()
        desk.mailbox.wait(milliseconds: hasWork ? 0 : milliseconds)
        var jobs: [BatchJob] = []
        desk.mailbox.take(into: &jobs)
        // Short reads first: chunks wait for the disk, and whoever put them does not ask after them before they are answered.
        for job in jobs where !job.isPut { perform(job) }
        for job in jobs where job.isPut { perform(job) }
        settle()
        stepAll()
    }

    private var streams: [BatchCall] {
        fetches.map(\.call) + attachments.map(\.call) + reports.map(\.call)
    }

    var hasWork: Bool {
        building != nil
            || isBuilt
                && (!checks.isEmpty || taking != nil || !checked.isEmpty || !counts.isEmpty
                    || !weighings.isEmpty
                    || compares.contains { $0.isWaitedFor }
                    || streams.contains { $0.isOver || $0.reply.isReady })
    }

    // MARK: the engine

    private mutating func askEngine() {
        guard wantsSurvey, !isSurveying, clock.steady() >= retryAt else { return }
        isSurveying = true
        wantsSurvey = false
        let first = firstOpen
        if !post(.survey(from: first, mark)) { (isSurveying, wantsSurvey) = (false, true) }
    }

    /// The first slot that is not known to be done.
    private var firstOpen: Int { memory.cards.firstIndex { $0.stage != .done } ?? memory.cards.count }

    private func post(_ work: CheckNote.Work) -> Bool {
        engine.post(.check(CheckNote(work: work, desk: desk)), urgent: true)
    }

    private mutating func take(_ survey: BatchSurvey) {
        isSurveying = false
        var survey = survey
        let told = survey.cards
        survey.cards = []
        survey.readNames(before: memory.survey)
        memory.survey = survey
        let first = firstOpen
        for (index, card) in told.enumerated() {
            let slot = first + index
            if slot < memory.cards.count { memory.cards[slot] = card } else { memory.cards.append(card) }
            if card.stage != .done { memory.shelf.keep(memory.upload(card)) }
            if isBuilt { memory.lastPlace = max(memory.lastPlace, card.place) }
            if card.stage == .done { taken[slot] = nil }
        }
        take(survey.evidence)
        if first + told.count < survey.total || survey.evidence.hasMore {
            wantsSurvey = true
        } else {
            begin()
        }
    }

    /// Everything is known: the registers, once, then what is open.
    private mutating func begin() {
        do {
            if !isBuilt, building == nil {
                try memory.clear()
                building = memory.building
            }
            try memory.keys.destroy(erased: memory.survey.erased)
            let today = CivilDay(nanoseconds: clock.wall()).dayNumber
            if today != expiredOn { try memory.shelf.expire(today: today) }
            expiredOn = today
        } catch { notice("batches: \(error)") }
        openAll()
    }

    private mutating func openAll() {
        guard isBuilt else { return }
        for slot in memory.cards.indices where memory.cards[slot].stage != .done { open(slot) }
    }

    /// Some rows more of the registers; at the end what waited for them.
    private mutating func stepBuilding() {
        guard var now = building else { return }
        memory.build(&now, notice)
        building = now
        guard now.slots.isEmpty else { return }
        building = nil
        isBuilt = true
        desk.note(memory.registers.counts)
        do {
            // Removing is not waited for: what a crash brought back goes now.
            for card in memory.cards where card.stage == .done {
                try memory.shelf.remove(memory.upload(card))
            }
        } catch { notice("batches: \(error)") }
        for job in postponed { perform(job) }
        postponed = []
        openAll()
    }

    private mutating func open(_ slot: Int) {
        let card = memory.cards[slot]
        guard !waiting.contains(slot), !stuck.contains(slot), !checks.contains(where: { $0.slot == slot }),
            taking?.slot != slot, !checked.contains(slot)
        else { return }
        if card.stage == .checked { return checked.append(slot) }
        // The others are looked at again when one of these is done.
        guard checks.count < BatchWorkLimits.jobs else { return }
        guard let kind = memory.survey.kind(card.kind, version: card.version), !card.manifest.isEmpty else {
            return
        }
        do {
            checks.append(
                try BatchCheck(
                    slot, card, upload: memory.upload(card), kind, names: memory.survey.names,
                    files: memory.files, keysHeld: keysHeld))
        } catch { give(up: slot, error) }
    }

    private mutating func give(up slot: Int, _ error: any Error) {
        stuck.insert(slot)
        desk.noteHeldUp(memory.cards[slot].id)
        notice(
            "batch \(memory.cards[slot].number) of \(memory.cards[slot].party) cannot be checked: \(error)")
    }

    private mutating func written(_ slot: Int, _ status: Status) {
        waiting.remove(slot)
        wantsSurvey = true
        if !status.isOK { retryAt = clock.steady() + 1_000_000_000 }
    }

    // MARK: jobs

    private mutating func perform(_ job: BatchJob) {
        clinux_give_way()
        switch job {
        case .wake: wantsSurvey = true
        case .surveyed(let survey): take(survey)
        case .written(let slot, let status): written(slot, status)
        case .put(let query, let party, let reply): put(query, party, reply)
        case .stored(let query, let party, let reply): answer(query, party, reply)
        case _ where !isBuilt && postponed.count >= BatchWorkLimits.waiting:
            job.reply?.finish(.serverBusy, payload: [])
        case _ where !isBuilt: postponed.append(job)
        case .weigh(let submission, _, _) where weighings.count >= BatchWorkLimits.jobs:
            submission.reply.finish(.serverBusy, payload: [])
        case .weigh(let submission, let evidence, let engine): weigh(submission, evidence, engine)
        case .attachment(_, let call) where attachments.count >= BatchWorkLimits.jobs:
            call.reply.finish(.serverBusy, payload: [])
        case .attachment(let order, let call):
            attachments.append(AttachmentFetch(order, memory.keys.prints, call, now: clock.steady()))
        case .answer(let sequence, let stage, let reply):
            finish(reply) { () throws in try answer(sequence, stage).encoded() }
        case .report(_, _, let call) where reports.count >= BatchWorkLimits.jobs:
            call.reply.finish(.serverBusy, payload: [])
        case .report(let slot, let after, let call): report(slot, after: after, call)
        case .fetch(_, let call) where fetches.count >= BatchWorkLimits.jobs:
            call.reply.finish(.serverBusy, payload: [])
        case .fetch(let order, let call): fetches.append(BatchFetch(order, call, now: clock.steady()))
        case .find(let query, let reply): finish(reply) { () throws in find(query).encoded() }
        case .figures(let query, let reply): count(query, reply)
        case .compare(let query, let party, let reply): compare(query, party, reply)
        }
    }

    private func finish(_ reply: any CallReply, _ body: () throws -> [UInt8]) {
        do { reply.finish(.ok, payload: try body()) } catch let status as Status {
            reply.finish(status, payload: [])
        } catch {
            notice("batches: \(error)")
            reply.finish(.batchesUnavailable("\(error)"), payload: [])
        }
    }

    private mutating func put(_ query: PutChunkQuery, _ party: String, _ reply: any CallReply) {
        do {
            guard let id = EntityID(query.batch) else {
                throw Status.malformed("batch must be 16 bytes", "batch")
            }
            let upload = memory.keys.prints.upload(party, id)
            if query.isManifest { try checkManifest(query.data, upload) }
            let digest = try memory.shelf.put(
                upload, party: party, query.data, isManifest: query.isManifest,
                day: CivilDay(nanoseconds: clock.wall()).dayNumber)
            let manifest = StoredManifest(
                upload: upload, print: memory.keys.prints.print(.chunk, digest.bytes))
            stored.append((reply, digest, query.isManifest ? manifest : nil))
        } catch let status as Status {
            reply.finish(status, payload: [])
        } catch {
            notice("a chunk was not stored: \(error)")
            reply.finish(.batchesUnavailable("\(error)"), payload: [])
        }
    }

    /// A manifest is taken when all it lists is there.
    private mutating func checkManifest(_ data: [UInt8], _ upload: ID128) throws {
        settle()
        guard let manifest = try? BatchManifest(decoding: data, unknownFields: .refuse),
            (1...BatchLimits.chunks).contains(manifest.chunks.count)
        else { throw Status.malformed("data is no manifest of 1 to \(BatchLimits.chunks) chunks", "data") }
        guard manifest.chunks.allSatisfy({ memory.shelf.has(upload, $0.sha256) }) else {
            throw Status.batchNotStored
        }
    }

    /// Everything put in this round is on disc; whoever waits is told.
    private mutating func settle() {
        guard !stored.isEmpty else { return }
        let done = stored
        stored.removeAll()
        do {
            try memory.shelf.settle()
            for (reply, digest, manifest) in done {
                if let manifest { desk.note(manifest) }
                reply.finish(.ok, payload: ChunkStored(sha256: digest.bytes).encoded())
            }
        } catch {
            notice("chunks were not stored: \(error)")
            for (reply, _, _) in done { reply.finish(.batchesUnavailable("\(error)"), payload: []) }
        }
    }

    private func answer(_ query: StoredQuery, _ party: String, _ reply: any CallReply) {
        guard let id = EntityID(query.batch) else {
            return reply.finish(.malformed("batch must be 16 bytes", "batch"), payload: [])
        }
        let bits = memory.shelf.stored(memory.keys.prints.upload(party, id), query.sha256)
        reply.finish(.ok, payload: StoredChunks(stored: bits).encoded())
    }

    private func answer(_ sequence: UInt64, _ stage: BatchStage) throws -> BatchAnswer {
        var reader = RecordReader(source.storage, from: sequence)
        var found: (leaf: [UInt8], body: [UInt8])?
        let durable = source.log.durable.sequence
        while found == nil, reader.next <= sequence {
            let more = try reader.step(upTo: durable) { view in
                found = (leaf(view).bytes, [UInt8](view.body))
                return false
            }
            if !more { break }
        }
        guard let found else { throw Status.notFound("record") }
        let receipt = try source.receipts.receipt(ReceiptQuery(leaf: found.leaf))
        return BatchAnswer(stage: stage, leaf: found.leaf, record: found.body, receipt: receipt)
    }

    private func leaf(_ view: RecordView) -> LeafStatement {
        let algorithm = source.receipts.durable.algorithm
        return LeafStatement(
            algorithm: algorithm, type: view.type, storeID: storeID, sequence: view.sequence, time: view.time,
            commandID: view.commandID, outcome: view.outcome, envelopeDigest: view.envelopeDigest,
            bodyDigest: Digest(of: [UInt8](view.body), algorithm: algorithm))
    }

    private mutating func report(_ slot: Int, after: UInt64, _ call: BatchCall) {
        do {
            let card = memory.cards[slot]
            guard !card.reportDigest.isEmpty, let key = try memory.keys.key(memory.upload(card)) else {
                return call.reply.finish(.ok, payload: [])
            }
            let faults = try FaultReport.read(memory.files, card.reportDigest, key)
            reports.append(FaultStream(faults, after: after, call, now: clock.steady()))
        } catch {
            notice("batches: \(error)")
            call.reply.finish(.batchesUnavailable("\(error)"), payload: [])
        }
    }

    private func find(_ query: FindPersonQuery) -> PersonFound {
        let subject = memory.keys.person(Array(query.idNumber.utf8), storedAt: .max)
        let isThere = (try? memory.keys.key(subject)) ?? nil
        return PersonFound(subject: subject.bytes, known: isThere != nil)
    }

    private mutating func count(_ query: RegisterFiguresQuery, _ reply: any CallReply) {
        do { counts.append(try FigureCount(query, memory.survey, reply)) } catch {
            notice("the table of figures cannot be read: \(error)")
            reply.finish(.batchesUnavailable("\(error)"), payload: [])
        }
    }

    /// A tree is made once and asked several times; it goes when the register changes or another one is asked for.
    mutating func compare(_ query: CompareQuery, _ party: String, _ reply: any CallReply) {
        let subject = RegisterCompare.subject(query, party, memory)
        guard let kind = memory.survey.kind(query.kind) else {
            return reply.finish(.notFound("kind of batch"), payload: [])
        }
        guard compares.reduce(0, { $0 + $1.waits }) < BatchWorkLimits.waiting else {
            return reply.finish(.serverBusy, payload: [])
        }
        // One that is waited for keeps its turn, and what was made of it.
        if let asked = compares.first(where: { $0.subject == subject && $0.isWaitedFor }) {
            return asked.ask(query, reply)
        }
        let place = compares.firstIndex { $0.subject == subject }
        let compare = place.map { compares.remove(at: $0) } ?? RegisterCompare(subject, kind)
        compare.ask(query, reply)
        compares.append(compare)
    }

    // MARK: steps

    private mutating func stepAll() {
        stepBuilding()
        guard isBuilt else { return }
        stepChecks()
        stepTaking()
        stepFetches()
        stepReports()
        stepCounts()
        stepCompares()
        stepAttachments()
    }

    /// Some rows of one, each in turn: whoever asks for something short waits for no more.
    private mutating func stepChecks() {
        guard !checks.isEmpty else { return }
        let check = checks.removeFirst()
        do {
            switch try check.step(memory.tools, memory.registers) {
            case .more:
                desk.note(check.card.id, checked: check.rows)
                checks.append(check)
            case .checked(let event):
                desk.note(check.card.id, checked: nil)
                waiting.insert(check.slot)
                if !post(.checked(slot: check.slot, event)) { written(check.slot, .serverBusy) }
            }
        } catch {
            check.abandon()
            give(up: check.slot, error)
        }
    }

    private mutating func stepTaking() {
        if taking == nil, let slot = checked.first {
            checked.removeFirst()
            if let counts = taken[slot] { return finish(slot, counts) }
            do {
                let digest = memory.cards[slot].rowsDigest
                taking = Taking(
                    slot: slot, reader: digest.isEmpty ? nil : try RowFileReader(memory.files, digest: digest)
                )
            } catch { return give(up: slot, error) }
        }
        guard var now = taking else { return }
        do {
            if let reader = now.reader,
                try memory.take(reader, now.slot, &now.counts, most: BatchWorkLimits.registerStep)
            {
                taking = now
                return
            }
        } catch {
            taking = nil
            return give(up: now.slot, error)
        }
        taking = nil
        taken[now.slot] = now.counts
        desk.note(memory.registers.counts)
        removeChunks(now.slot)
        finish(now.slot, now.counts)
    }

    private mutating func finish(_ slot: Int, _ counts: Registers.Counts) {
        waiting.insert(slot)
        if !post(.done(slot: slot, counts)) { written(slot, .serverBusy) }
    }

    /// What was checked is in the file of rows, or was refused: the chunks have done their duty.
    private mutating func removeChunks(_ slot: Int) {
        let upload = memory.upload(memory.cards[slot])
        do {
            try memory.shelf.remove(upload)
            desk.forget(upload)
        } catch { notice("chunks of batch \(memory.cards[slot].number) were not removed: \(error)") }
    }

    private mutating func stepCounts() {
        var under: [FigureCount] = []
        for count in counts {
            do {
                if try count.step(memory) { under.append(count) }
            } catch {
                notice("batches: \(error)")
                count.reply.finish(.batchesUnavailable("\(error)"), payload: [])
            }
        }
        counts = under
    }

    /// Of those that are waited for, as many as may hold a tree; the others' callers wait until one is answered. What nobody asks for any more makes room.
    private mutating func stepCompares() {
        let waited = compares.filter(\.isWaitedFor)
        let served = (waited.filter(\.isHeld) + waited.filter { !$0.isHeld }).prefix(BatchWorkLimits.trees)
        var room = BatchWorkLimits.trees - served.count
        // The one asked last stays longest.
        for compare in compares.reversed() where !compare.isWaitedFor {
            room -= 1
            if room < 0 { compares.removeAll { $0 === compare } }
        }
        for compare in served {
            do { try compare.step(memory) } catch {
                notice("batches: \(error)")
                compare.refuse(.batchesUnavailable("\(error)"))
                compares.removeAll { $0 === compare }
            }
        }
    }

    private mutating func stepReports() {
        reports = reports.filter { report in
            do throws(Status) { return try report.step(now: clock.steady()) } catch {
                report.call.reply.finish(error, payload: [])
                return false
            }
        }
    }

    private mutating func stepFetches() {
        var under: [BatchFetch] = []
        for fetch in fetches {
            do {
                if try fetch.step(memory, now: clock.steady()) { under.append(fetch) }
            } catch let status as Status {
                fetch.call.reply.finish(status, payload: [])
            } catch {
                notice("batches: \(error)")
                fetch.call.reply.finish(.batchesUnavailable("\(error)"), payload: [])
            }
        }
        fetches = under
    }
}
