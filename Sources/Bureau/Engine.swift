package import Crypto
package import Exchange
package import Journal
internal import Schema
internal import Wire

/// Ties the domain to the journal: one command in, one record out, one answer when it is durable.
///
/// Confined to the engine's thread. A turn takes what waits, judges it against the state, applies what follows, and hands
/// the turn's records to the log as one group; every answer of the turn, reads included, goes through `ReplyGate`.
///
///     late ──▶ a Status; nothing recorded
///        │
///     known id?  ──yes──▶ the first answer again (other content: refused)
///        │no
///     blocked, read-only, outside the window ──▶ a Status; nothing recorded
///        │
///     decide ──▶ events or rejection ──▶ seal ──▶ apply ──▶ record ──▶ group
///
/// What was judged, done or refused by a rule, is one record. What was not is not recorded and may be tried again under
/// the same id.
package final class Engine {
    /// What the engine is made of.
    package struct Parts {
        package var state: State
        package var log: any Log
        package var storeID: ID128
        package var algorithm: DigestAlgorithm
        package var clock: EngineClock
        package var entropy: Entropy
        /// Random bytes drawn at a time.
        package var entropyPage = EngineLimits.entropyPage
        /// For the date at which an erasure is complete; of `Limits.keyBackupDaysChoice`.
        package var keyBackupDays = Limits.keyBackupDays
        var eraser: any KeyEraser

        init(
            state: State, log: any Log, storeID: ID128, algorithm: DigestAlgorithm = .sha256,
            clock: EngineClock = .system, entropy: Entropy = .system, eraser: any KeyEraser
        ) {
            self.eraser = eraser
            self.state = state
            self.log = log
            self.storeID = storeID
            self.algorithm = algorithm
            self.clock = clock
            self.entropy = entropy
        }
    }

    /// All that changes lies in one value, and a turn is one access to it: the exclusivity of every smaller one is proven when
    /// compiling, not checked while running.
    private var core: EngineCore

    package init(_ parts: Parts, recovered: RecoveredMemory, admission: Admission, handle: EngineHandle) {
        core = EngineCore(parts, recovered: recovered, admission: admission, handle: handle)
    }

    package var state: State { core.state }
    /// Slices of the clock's work so far.
    var timeSlices: Int { core.timeKeeper.slices }
    var algorithm: DigestAlgorithm { core.algorithm }

    /// Told by the log's thread.
    package func outcomeReceiver() -> @Sendable (LogOutcome) -> Void { core.outcomeReceiver() }

    /// True while there is work that did not wait for a message.
    package var hasMore: Bool { core.hasMore }

    /// One turn: everything given, then a slice of the long jobs and of what watchers wait for.
    package func turn(_ inputs: [EngineInput]) {
        var inputs = inputs
        core.turn(&inputs)
    }

    /// The same; each input is let go once it was taken, so that an answer on its way holds the last reference.
    func turn(emptying inputs: inout [EngineInput]) { core.turn(&inputs) }
}

/// The engine's state and its turns.
private struct EngineCore: ~Copyable {
    private(set) var state: State
    private let log: any Log
    private let storeID: ID128
    let algorithm: DigestAlgorithm
    private let clock: EngineClock
    private var entropy: EntropyPool
    private let sealer: Sealer
    private let gate: ReplyGate

    private var judged: JudgedTable
    private var keys: KeyRing
    private var journalClock: JournalClock
    /// Of the newest record.
    private var journalTime: Int64
    private var refusals = RefusalLimiter()
    private var notices: NoticeLimiter
    private let keyBackupDays: Int64

    /// The turn's work, not yet handed to the log.
    private var group = LogGroup(records: [])
    private var groupBytes = 0
    private var answers: [ReplyGate.Held] = []
    /// A group the log had no room for; nothing new is judged until it has.
    private var blocked = false

    private(set) var timeKeeper = TimeKeeper()
    /// The clock has more to write, and the log takes it.
    private var timeIsDue = false
    /// A demonstration clock on its way.
    private var walk: ClockWalk?

    /// Keys to be destroyed once the record of their sequence is durable.
    private var erasures: [(sequence: UInt64, subject: ID128)] = []
    private let eraser: any KeyEraser

    private var watches = WatchTable()
    /// Of no meaning: see `ShardedTable.warm`.
    private var warmed = 0
    private var jobs: [RunningScan] = []
    private let admission: Admission
    private let handle: EngineHandle

    init(_ parts: Engine.Parts, recovered: RecoveredMemory, admission: Admission, handle: EngineHandle) {
        state = parts.state
        log = parts.log
        storeID = parts.storeID
        algorithm = parts.algorithm
        clock = parts.clock
        entropy = EntropyPool(parts.entropy, page: parts.entropyPage)
        sealer = Sealer()
        gate = ReplyGate(durable: parts.log.nextSequence - 1)
        eraser = parts.eraser
        notices = NoticeLimiter(now: parts.clock.steady())
        keyBackupDays = parts.keyBackupDays
        judged = recovered.judged
        keys = recovered.keys
        journalTime = parts.log.lastTime
        journalClock = JournalClock(last: parts.log.lastTime)
        // Ended on its way: the journal says where it was going.
        walk = parts.clock.demonstration.flatMap { _ in parts.state.demonstration.map { ClockWalk(to: $0.to) }
        }
        self.admission = admission
        self.handle = handle
        admission.refresh(from: state)
    }

    /// Told by the log's thread.
    func outcomeReceiver() -> @Sendable (LogOutcome) -> Void {
        let (gate, handle) = (gate, handle)
        return { outcome in
            guard case .durable(let position) = outcome else { return }
            gate.release(upTo: position.sequence)
            if handle.isWaitingForLog { handle.post(.durable, urgent: true) }
        }
    }

    /// True while there is work that did not wait for a message.
    var hasMore: Bool { !jobs.isEmpty || timeIsDue || walks || watches.hasBacklog(durable: gate.durable) }

    /// A demonstration clock is on its way, and the log takes what it writes.
    private var walks: Bool { walk != nil && !blocked && log.state == .open }

    // MARK: - Turns

    /// One turn: everything given, then a slice of the long jobs and of what watchers wait for.
    mutating func turn(_ inputs: inout [EngineInput]) {
        let wasBlocked = blocked
        if blocked { handOver() }
        walkOn()
        noteClockJump()
        noteSurplus()
        var started = clock.steady()
        for index in inputs.indices {
            if index % EngineCore.warmedTogether == 0 {
                warm(inputs[index...].prefix(EngineCore.warmedTogether))
            }
            var input = EngineInput.durable
            swap(&input, &inputs[index])
            take(input)
            guard isGroupFull || clock.steady() - started > EngineLimits.turnBudget else { continue }
            handOver()
            stepScans(1)
            started = clock.steady()
        }
        // What a turn's commands have left of its budget; at least one step of each kind, so that none starves.
        let end = max(started, clock.steady()) + EngineLimits.turnBudget
        stepScans(jobs.count, until: end)
        keepTime(until: end, wasBlocked: wasBlocked)
        handOver()
        watches.pump(&state, durable: gate.durable) { clock.steady() > end }
        if !erasures.isEmpty { eraseDurable() }
        handle.isWaitingForLog = blocked || !watches.isEmpty || !erasures.isEmpty
    }

    /// Inputs whose places in the tables are brought near at a time: enough for the processor to wait for several at once, few enough that
    /// they are still near when their turn comes.
    private static let warmedTogether = 16

    /// Of the engine's work for a filing, a fifth was waiting for the four places where its ids belong.
    private mutating func warm(_ inputs: ArraySlice<EngineInput>) {
        var seen = 0
        for case .command(let submission) in inputs {
            let subject = ID128(high: submission.target.high, low: submission.target.low)
            seen += judged.warm(submission.id) + keys.warm(subject) + state.warm(submission.target)
        }
        warmed &+= seen
    }

    /// A wall clock that jumped is journaled, so that whoever reads times later knows (JOURNAL.md 3.3). Ordering does not depend on it:
    /// journal time never goes back.
    private mutating func noteClockJump() {
        guard walk == nil else { return }
        let wall = clock.wall()
        guard let jump = journalClock.jump(wall: wall, steady: clock.steady()), !blocked, log.state == .open
        else { return }
        journalTime = journalClock.next(wall: wall)
        group.records.append(RecordDraft(jump, time: journalTime))
    }

    // MARK: - Time

    /// Writes what a new day changes, a slice at least and more until the steady clock shows `end`. The day is the journal's, which never
    /// goes back: a wall clock set back unsays nothing. A log that had no room a moment ago is left to casework for a turn.
    private mutating func keepTime(until end: Int64, wasBlocked: Bool) {
        let day = CivilDay(nanoseconds: max(clock.wall(), journalTime))
        timeIsDue = false
        guard !blocked, log.state == .open else { return }
        timeIsDue = timeKeeper.isDue(&state, on: day)
        guard timeIsDue, !wasBlocked else { return }
        repeat {
            timeKeeper.beginSlice(&state)
            while !isGroupFull, let due = timeKeeper.next(&state, on: day) { write(due) }
            timeIsDue = timeKeeper.isDue(&state, on: day)
        } while timeIsDue && !isGroupFull && clock.steady() <= end
    }

    private mutating func write(_ due: TimeKeeper.Due) {
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let sequence = log.nextSequence + UInt64(group.records.count)
        let request = state.requests[due.slot]
        let body = due.record(request).encoded()
        state.apply(
            EventV1.Event(body: .timeMarked(due.mark)),
            at: due.context(request, sequence: sequence, time: time))
        groupBytes += body.count
        group.records.append(
            RecordDraft(
                commandID: CommandID.ofClock(sequence), outcome: 0, envelopeDigest: .zero, body: body,
                time: time))
    }

    /// The demonstration clock goes where it was told to, one day after the other, each with all that it changes; in one turn, unless the log has no
    /// room. Its arrival is on record, too (CLOCK_JUMP), so that a restart goes on from there.
    private mutating func walkOn() {
        guard let mover = clock.demonstration else { return }
        while let walk, !blocked, log.state == .open {
            guard liveDay() else { return }
            guard let next = walk.next(after: clock.wall()) else {
                answers += walk.held
                self.walk = nil
                noteClockJump()
                if walk.hasMoved { mover.arrived() }
                return
            }
            mover.set(next)
            self.walk?.hasMoved = true
        }
    }

    /// Writes all that today changes; false: the log has no room for it now.
    private mutating func liveDay() -> Bool {
        let day = CivilDay(nanoseconds: max(clock.wall(), journalTime))
        while timeKeeper.isDue(&state, on: day) {
            if isGroupFull { handOver() }
            guard !blocked, log.state == .open else { return false }
            timeKeeper.beginSlice(&state)
            while !isGroupFull, let due = timeKeeper.next(&state, on: day) { write(due) }
        }
        return true
    }

    // MARK: - The trail of what is no command

    private var takesNotices: Bool { !blocked && log.state == .open && !isGroupFull }

    /// A refusal is on record before it is answered, as far as the limits let; what is not is counted.
    private mutating func note(_ asked: Asked?, _ actor: ActorIdentity, _ status: Status) {
        guard let asked, let refusal = asked.refusal(status) else { return }
        let notice = notice(asked, actor, status, refusal)
        guard let admitted = notices.admits(notice, isOpen: takesNotices, now: clock.steady()) else { return }
        append(admitted)
    }

    private mutating func note(_ call: NoticedCall) {
        if call.status.isOK {
            if takesNotices { append(notice(call.asked, call.actor, call.status, .unspecified)) }
        } else {
            note(call.asked, call.actor, call.status)
        }
        guard let reply = call.reply else { return }
        answers.append(ReplyGate.Held(reply: reply, status: call.status, payload: call.payload))
    }

    private mutating func noteSurplus() {
        guard takesNotices else { return }
        for notice in notices.due(now: clock.steady()) { append(notice) }
    }

    private mutating func notice(
        _ asked: Asked, _ actor: ActorIdentity, _ status: Status, _ refusal: Refusal
    ) -> EventV1.Notice {
        EventV1.Notice(
            actor: EventV1.Actor(
                party: actor.party, officer: actor.officer, certificateSerial: actor.serial,
                roles: state.roles(of: actor.officer), path: .line, address: asked.address),
            service: asked.service, method: asked.method, target: state.target(keyed: asked.key)?.bytes ?? [],
            outcome: Outcome(refusal: refusal), reason: status.errorReason ?? "")
    }

    private mutating func append(_ notice: EventV1.Notice) {
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let body = notice.encoded()
        groupBytes += body.count
        group.records.append(RecordDraft(.notice(body), time: time))
    }

    private mutating func begin(_ start: WatchStart) {
        guard let status = watches.start(start, state: state) else { return }
        note(start.asked, start.actor, status)
        answers.append(ReplyGate.Held(reply: start.reply, status: status, payload: []))
    }

    /// The change has happened, so what keeps from recording it keeps nobody from hearing of it: with a full disk it stands in the log alone.
    /// A group that waits for room takes it in: half of what the log takes at once is left free.
    private mutating func journal(_ note: AdminNote) {
        guard log.state == .open else { return note.answer() }
        let body = note.record(roles: state.roles(of: note.actor?.officer ?? "")).encoded()
        journalTime = journalClock.next(wall: clock.wall())
        group.records.append(RecordDraft(.administration(body), time: journalTime))
        groupBytes += body.count
        if let reply = note.reply {
            answers.append(ReplyGate.Held(reply: reply, status: note.status, payload: note.payload))
        }
    }

    private mutating func take(_ input: EngineInput) {
        switch input {
        case .command(let submission): judge(submission)
        case .query(let query): answer(query)
        case .watch(let start): begin(start)
        case .notice(let call): note(call)
        case .watchReady(let id): watches.ready(id)
        case .watchEnded(let id): watches.end(id)
        case .administration(let note): journal(note)
        case .durable: break
        }
    }

    private var isGroupFull: Bool {
        group.records.count >= EngineLimits.groupCommands || groupBytes >= EngineLimits.groupBytes
    }

    /// Gives the turn's records to the log and its answers to the gate. The sequence the answers wait for is the last
    /// one this state has seen.
    private mutating func handOver() {
        do throws(LogError) {
            if !group.records.isEmpty { try log.append(group) }
            blocked = false
        } catch {
            blocked = true  // kept whole; tried again next turn. Nothing of it was answered.
            return
        }
        group = LogGroup(records: [])
        groupBytes = 0
        gate.hold(answers, until: log.nextSequence - 1)
        answers.removeAll(keepingCapacity: true)
    }

    // MARK: - Commands

    private mutating func judge(_ submission: Submission) {
        if let late = afterDeadline(submission) { return submission.reply.finish(late, payload: []) }
        // Before anything that keeps from judging: what was judged is answered again on a full disk, too.
        if let known = judged[submission.id] {
            let key = keys[ID128(high: known.target.high, low: known.target.low)]
            answers.append(repeated(known.opened(submission.id, key, sealer), submission))
            return
        }
        if let refusal = beforeJudging(submission) {
            // Says nothing of the state, so it waits for nothing: with a blocked log it would wait for ever.
            submission.reply.finish(refusal, payload: [])
            return
        }
        do {
            try judgeAnew(submission)
        } catch let status as Status {
            answers.append(ReplyGate.Held(reply: submission.reply, status: status, payload: []))
        } catch {
            let status = Status.sealingFailed(error)
            answers.append(ReplyGate.Held(reply: submission.reply, status: status, payload: []))
        }
    }

    private func afterDeadline(_ submission: Submission) -> Status? {
        guard let deadline = submission.deadline, clock.steady() > deadline else { return nil }
        return .commandTooLate
    }

    /// What keeps a command from being judged at all.
    private mutating func beforeJudging(_ submission: Submission) -> Status? {
        if blocked {
            return .journalBehind
        }
        // By journal time, as outcomes are forgotten: a wall clock that was ahead and was set back admits nothing forgotten.
        guard JudgedWindow.admits(submission.id, now: max(clock.wall(), journalTime)) else {
            return .idOutsideWindow
        }
        return readOnly()
    }

    private func readOnly() -> Status? {
        switch log.state {
        case .open: nil
        case .readOnly(let reason): .readOnlyDiskFull(reason)
        case .failed, .closed: .serverStopping
        }
    }

    private mutating func repeated(_ known: Judged, _ submission: Submission) -> ReplyGate.Held {
        var known = known
        // As after a restart: the salt could only be opened with the key.
        if state.erasureCompletes(known.target) != 0 { known.salt = nil }
        // The leaf's salted digest tells other content; a digest for this alone would cost every command one.
        if let salt = known.salt,
            known.envelopeDigest
                != Digest(of: salt, then: submission.origin.envelope, algorithm: algorithm)
        {
            return ReplyGate.Held(reply: submission.reply, status: .idReused, payload: [])
        }
        return answer(submission, known, repeated: true)
    }

    private mutating func judgeAnew(_ submission: Submission) throws {
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let context = Context(
            now: time, actor: submission.actor.context(path: submission.path),
            commandID: EntityID(high: submission.id.high, low: submission.id.low),
            target: submission.target, expectedVersion: submission.expectedVersion,
            keyBackupDays: keyBackupDays, sha256: DigestFunction { Digest(of: $0).bytes })
        var outcome = Outcome()
        var events: [EventV1.Event] = []
        do throws(Rejection) {
            try checkClaim(submission)
            events = try state.judged(submission.command, context)
        } catch {
            outcome = error.outcome
            if error.refusal == .notPermitted || error.refusal == .notFound {
                try admitRefusal(submission, now: time, &outcome)
            }
        }
        try record(submission, context, outcome, &events)
    }

    /// The envelope names the officer it was made for; the certificate says who hands it in. They must be one.
    private func checkClaim(_ submission: Submission) throws(Rejection) {
        let claim = submission.claim
        guard haveSameBytes(claim.party, submission.actor.party),
            haveSameBytes(claim.officer, submission.actor.officer)
        else {
            throw Rejection(
                .notPermitted, ["command": submission.kind.name, "reason": "another-officers-envelope"])
        }
    }

    /// The surplus of a knocking officer is counted; the next refusal that is journaled tells it.
    private mutating func admitRefusal(_ submission: Submission, now: Int64, _ outcome: inout Outcome)
        throws(Status)
    {
        guard let surplus = refusals.admits(submission.actor.officer, now: now) else {
            throw Status.tooManyRefusals
        }
        guard surplus > 0 else { return }
        outcome.arguments.append(Argument(name: RefusalLimiter.argument, value: String(surplus)))
    }

    /// Seal, apply, remember, answer. Sealing comes first because the state keeps the sealed form.
    private mutating func record(
        _ submission: Submission, _ context: Context, _ outcome: Outcome, _ events: inout [EventV1.Event]
    ) throws {
        let (key, fresh) = try subjectKey(context.target)
        let received = submission.origin
        let origin = try sealer.seal(
            &events, origin: received.encoded, command: submission.id, key: key, entropy: &entropy)
        // Nothing below can fail: from here on state, memory and record agree. A key of a command that came to nothing
        // must not stay in the ring: it would seal the next command and never reach the disc.
        if let fresh { remember(fresh, key) }
        let sequence = log.nextSequence + UInt64(group.records.count)
        apply(events, context, submission, sequence: sequence)
        let (version, number) = state.told(of: context, outcome)
        let body = recordBody(
            submission, context, outcome, events, version: version, number: number, origin: origin)
        let judgement = Judged(
            sequence: sequence, time: context.now, outcome: outcome, target: submission.target,
            version: version, number: number,
            envelopeDigest: received.envelopeDigest, bodyDigest: Digest(of: body, algorithm: algorithm),
            salt: received.salt)
        answers.append(answer(submission, judgement, repeated: false))
        append(judgement, id: submission.id, body: body)
        if submission.kind == .advanceClock, !events.isEmpty { beginWalk() }
    }

    /// The answer waits until the clock has arrived: whoever moved it on finds everything as of then.
    private mutating func beginWalk() {
        guard clock.demonstration != nil, let demonstration = state.demonstration,
            let answer = answers.popLast()
        else { return }
        walk = ClockWalk(to: demonstration.to)
        walk?.held.append(answer)
        walkOn()
    }

    /// The target's key; a new target gets a new one, with the entry that makes it durable.
    private mutating func subjectKey(_ target: EntityID) throws(CryptoError) -> (SealKey, KeyEntry?) {
        let subject = ID128(high: target.high, low: target.low)
        if let key = keys[subject] { return (key, nil) }
        let bytes = try entropy.bytes(SealKey.length)
        return (try SealKey(bytes: bytes), KeyEntry(subject: subject, key: bytes))
    }

    /// A new key, durable with this group.
    private mutating func remember(_ entry: KeyEntry, _ key: SealKey) {
        keys.insert(key, for: entry.subject)
        group.keys.append(entry)
    }

    private mutating func apply(
        _ events: [EventV1.Event], _ context: Context, _ submission: Submission, sequence: UInt64
    ) {
        let at = EventContext(
            sequence: sequence, time: context.now, actor: context.actor, target: context.target,
            version: context.expectedVersion &+ 1, kind: submission.kind)
        for index in events.indices { state.apply(events[index], at: at) }
        if !events.isEmpty, submission.kind.erases { forgetKey(context.target, sequence) }
        if !events.isEmpty, submission.kind.aggregate == .roster { admission.refresh(from: state) }
    }

    private mutating func recordBody(
        _ submission: Submission, _ context: Context, _ outcome: Outcome, _ events: [EventV1.Event],
        version: UInt64, number: String, origin: [UInt8]
    ) -> [UInt8] {
        let target = submission.target.bytes
        let record = EventV1.Record(
            actor: actor(submission), target: target, subject: target, origin: origin,
            commandKind: submission.kind.rawValue, outcome: outcome, events: events, version: version,
            expectedVersion: context.expectedVersion, number: number)
        return record.encoded()
    }

    private mutating func actor(_ submission: Submission) -> EventV1.Actor {
        EventV1.Actor(
            party: submission.actor.party, officer: submission.actor.officer,
            certificateSerial: submission.actor.serial,
            roles: state.roles(of: submission.actor.officer),
            path: submission.path, handedInBy: submission.handedInBy, address: submission.address)
    }

    /// The key leaves memory at once, and the disc when the record that says so is on it.
    private mutating func forgetKey(_ target: EntityID, _ sequence: UInt64) {
        let subject = ID128(high: target.high, low: target.low)
        keys.remove(subject)
        erasures.append((sequence, subject))
    }

    private mutating func eraseDurable() {
        let durable = gate.durable
        for (_, subject) in erasures.prefix(while: { $0.sequence <= durable }) { eraser.erase(subject) }
        erasures.removeAll { $0.sequence <= durable }
    }

    private mutating func append(_ judgement: consuming Judged, id: ID128, body: [UInt8]) {
        groupBytes += body.count
        group.records.append(
            RecordDraft(
                commandID: id, outcome: UInt32(bitPattern: judgement.outcome.refusal.rawValue),
                envelopeDigest: judgement.envelopeDigest, body: body, bodyDigest: judgement.bodyDigest,
                time: judgement.time))
        let time = judgement.time
        judged.remember(id, judgement, now: time)
    }

    /// The answer goes out with the submission and is written on the loop that made it.
    private mutating func answer(_ submission: Submission, _ judgement: Judged, repeated: Bool)
        -> ReplyGate.Held
    {
        submission.judge(
            Verdict(
                judged: judgement, changes: changes(submission, judgement), repeated: repeated,
                storeID: storeID, algorithm: algorithm, revealed: revealed(submission, judgement),
                completesAt: submission.kind.erases && judgement.outcome.refusal == .unspecified
                    ? state.erasureCompletes(submission.target) : 0))
        return ReplyGate.Held(reply: submission.reply, status: .ok, answer: submission)
    }

    /// Looked up anew for a repeated answer, under the rights of now: the journal holds that it was shown, never what.
    private func revealed(_ submission: Submission, _ judgement: Judged) -> String {
        guard case .revealCaseField(let command) = submission.command.body,
            judgement.outcome.refusal == .unspecified,
            let viewer = state.viewer(officer: submission.actor.officer, party: submission.actor.party)
        else { return "" }
        return state.revealed(command, submission.target, for: viewer) ?? ""
    }

    /// A conflict's answer tells what happened since the version the officer saw, as far as it may be shown; told again later,
    /// it tells no more than the first time.
    private mutating func changes(_ submission: Submission, _ judgement: Judged) -> [HistoryEntry] {
        let actor = submission.actor
        guard judgement.outcome.refusal == .versionConflict,
            let viewer = state.viewer(officer: actor.officer, party: actor.party),
            let matter = state.matter(submission.target, for: viewer)
        else { return [] }
        return state.history(of: matter, after: submission.expectedVersion, for: viewer)
            // By sequence, too: what the clock writes raises no version.
            .filter { $0.version <= judgement.version && $0.sequence < judgement.sequence }
    }

    // MARK: - Reads

    private mutating func answer(_ query: Query) {
        if let deadline = query.deadline, clock.steady() > deadline {
            query.reply.finish(.readTooLate, payload: [])
            return
        }
        switch query.work {
        case .once(let look):
            finish(query, Result { () throws(Status) in try look(state, try viewer(query.actor)) })
        case .steps(let job):
            jobs.append(RunningScan(query: query, job: job))
        }
    }

    /// The officer as the register has them at this moment.
    private mutating func viewer(_ actor: ActorIdentity) throws(Status) -> Viewer {
        guard let viewer = state.viewer(officer: actor.officer, party: actor.party) else {
            throw Status.notActive(actor)
        }
        return viewer
    }

    private mutating func finish(_ query: Query, _ result: Result<[UInt8], Status>) {
        switch result {
        case .success(let payload):
            answers.append(ReplyGate.Held(reply: query.reply, status: .ok, payload: payload))
        case .failure(let status):
            note(query.asked, query.actor, status)
            answers.append(ReplyGate.Held(reply: query.reply, status: status, payload: []))
        }
    }

    /// One step of each of the first `count` scans, oldest first, until the steady clock shows `end`; finished ones leave, the others
    /// queue again.
    private mutating func stepScans(_ count: Int, until end: Int64 = .max) {
        for index in 0..<min(count, jobs.count) {
            if index > 0, end != .max, clock.steady() > end { return }
            var running = jobs.removeFirst()
            let result = Result { () throws(Status) in
                try running.job.step(state, viewer: try viewer(running.query.actor))
            }
            switch result {
            case .success(nil): jobs.append(running)
            case .success(let payload?): finish(running.query, .success(payload))
            case .failure(let status): finish(running.query, .failure(status))
            }
        }
    }
}

// What the engine asks of the state for every command. `mutating`, although nothing is changed: the state is then used where it
// lies; read out of the engine, its two dozen arrays would be counted up and down at each look.
extension State {
    fileprivate mutating func judged(
        _ command: Command, _ context: Context
    ) throws(Rejection) -> [EventV1.Event] {
        try decide(self, command, context)
    }

    /// Version and number of the target for the answer and the record. Whoever is refused learns them only of a matter that is
    /// theirs to see.
    fileprivate mutating func told(
        of context: Context, _ outcome: Outcome
    ) -> (version: UInt64, number: String) {
        let target = context.target
        if outcome.refusal != .unspecified {
            let viewer = viewer(officer: context.actor.officer, party: context.actor.party)
            guard let viewer, matter(target, for: viewer) != nil else { return (0, "") }
        }
        return versionAndNumber(of: target)
    }

    fileprivate mutating func roles(of officer: String) -> [Schema.Role] {
        self.officer(officer)?.roles.open ?? []
    }
}

/// A scan under way.
private struct RunningScan {
    var query: Query
    var job: any ScanJob
}

extension ActorIdentity {
    func context(path: EventV1.Path) -> ActorContext {
        ActorContext(party: party, officer: officer, serial: serial, path: ActorPath(path))
    }
}

extension ActorPath {
    init(_ path: EventV1.Path) {
        switch path {
        case .seed: self = .seed
        case .file: self = .file
        case .clock: self = .clock
        default: self = .line
        }
    }
}
