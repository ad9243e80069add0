internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// One command, from its arrival to its answer: the drawing at `Engine`, whole.
extension EngineCore {
    mutating func judge(_ submission: Submission) {
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
        return readOnly() ?? submission.hindrance
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
    mutating func record(
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

    mutating func actor(_ submission: Submission) -> EventV1.Actor {
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

    mutating func eraseDurable() {
        let durable = gate.durable
        for (_, subject) in erasures.prefix(while: { $0.sequence <= durable }) { eraser.erase(subject) }
        erasures.removeAll { $0.sequence <= durable }
    }

    mutating func append(_ judgement: consuming Judged, id: ID128, body: [UInt8]) {
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
    mutating func answer(_ submission: Submission, _ judgement: Judged, repeated: Bool)
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
    mutating func changes(_ submission: Submission, _ judgement: Judged) -> [HistoryEntry] {
        let actor = submission.actor
        guard judgement.outcome.refusal == .versionConflict,
            let viewer = state.viewer(officer: actor.officer, party: actor.party),
            let matter = state.matter(submission.target, for: viewer)
        else { return [] }
        return state.history(of: matter, after: submission.expectedVersion, for: viewer)
            // By sequence, too: what the clock writes raises no version.
            .filter { $0.version <= judgement.version && $0.sequence < judgement.sequence }
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

    mutating func roles(of officer: String) -> [Schema.Role] {
        self.officer(officer)?.roles.open ?? []
    }
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
        case .check: self = .check
        default: self = .line
        }
    }
}
