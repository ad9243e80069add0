package import Schema

/// Judges one command: the events it brings, or the rule that refuses it. Pure: same state, command and
/// context, same answer.
///
/// The order of judgement is fixed, because each step may tell more than the one before it: 1. account
/// (registered in that party, not suspended), 2. role, 3. target there and visible, 4. part in the matter, 5.
/// version, 6. state, 7. fields. So nobody learns of a matter that is not his to see, and a conflict is told
/// before a wrong state.
///
/// The city and the envelope's form have been checked by the caller; idempotence is the caller's too.
package func decide(_ state: State, _ command: Command, _ context: Context) throws(Rejection) -> [EventV1
    .Event]
{
    guard let kind = CommandKind(command) else { throw .missing("command") }
    let standing = try state.admit(kind, command, context)
    return [EventV1.Event(body: try state.event(for: command, standing, context))]
}

/// What a command may work on after admission.
struct Standing {
    /// The acting officer's; nil for the operator's seeds.
    let party: PartyIndex?
    /// Of the request or case; -1 where there is none yet.
    let slot: Int
}

extension State {
    // MARK: Admission

    func admit(_ kind: CommandKind, _ command: Command, _ context: Context) throws(Rejection) -> Standing {
        if context.actor.path == .seed {
            guard kind.aggregate == .roster else {
                throw Rejection(.notPermitted, ["command": kind.name, "role": "none"])
            }
            try admitRoster(kind, command, context)
            return Standing(party: nil, slot: -1)
        }
        let viewer = try actingViewer(kind, context)
        if kind.aggregate == .roster {
            guard viewer.isOfBureau else { throw notPermitted(kind) }
            try admitRoster(kind, command, context)
            return Standing(party: viewer.party, slot: -1)
        }
        if kind == .announceRound || kind == .erasePerson, !viewer.isOfBureau { throw notPermitted(kind) }
        if kind.creates {
            try admitNew(kind, context)
            return Standing(party: viewer.party, slot: -1)
        }
        return Standing(party: viewer.party, slot: try admitMatter(kind, viewer, context))
    }

    /// Steps 1 and 2.
    private func actingViewer(_ kind: CommandKind, _ context: Context) throws(Rejection) -> Viewer {
        guard let viewer = viewer(officer: context.actor.officer, party: context.actor.party) else {
            let isSuspended = officer(context.actor.officer).map { self.isSuspended($0) } ?? false
            throw Rejection(
                .notPermitted,
                ["command": kind.name, "reason": isSuspended ? "suspended" : "unknown-officer"])
        }
        guard let row = Rights.row(kind), !row.roles.isDisjoint(with: viewer.roles) else {
            throw notPermitted(kind)
        }
        return viewer
    }

    /// Steps 3 to 6 for a request or case that is there.
    private func admitMatter(_ kind: CommandKind, _ viewer: Viewer, _ context: Context) throws(Rejection)
        -> Int
    {
        guard case .matter(let matter) = targets[context.target],
            isAbout(kind, matter),
            maySee(viewer, matter)
        else { throw Rejection(.notFound, ["command": kind.name]) }
        guard mayDo(kind, viewer, matter) else { throw notPermitted(kind) }
        try checkVersion(context)
        guard isAllowed(kind, in: matter) else { throw wrongState(kind, matter) }
        return matter.slot
    }

    /// Steps 3 to 6 for one that is to begin.
    private func admitNew(_ kind: CommandKind, _ context: Context) throws(Rejection) {
        // A request under the roster's id would keep that officer or table out for ever.
        guard !context.target.isOfRoster else { throw .invalid("target", "malformed") }
        guard targets[context.target] == nil, evidence.matter(of: context.target) == nil else {
            throw Rejection(.alreadyExists, ["command": kind.name])
        }
        try checkVersion(context, current: 0)
    }

    /// Steps 3 to 6 for the roster. Parties and officers are registered once; tables and the city may be
    /// loaded again.
    private func admitRoster(_ kind: CommandKind, _ command: Command, _ context: Context) throws(Rejection) {
        guard RosterTarget.of(command) == context.target else { throw .invalid("target", "mismatch") }
        switch targets[context.target] {
        case .matter, .batch, .person: throw .invalid("target", "mismatch")
        case .roster, nil: break
        }
        let isThere = targets[context.target] != nil
        if kind == .registerParty || kind == .registerOfficer || kind == .confirmRestoration, isThere {
            throw Rejection(.alreadyExists, ["command": kind.name])
        }
        if kind.changesRegistered, !isThere {
            throw Rejection(.notFound, ["command": kind.name])
        }
        try checkVersion(context)
    }

    private func checkVersion(_ context: Context) throws(Rejection) {
        try checkVersion(context, current: version(of: context.target))
    }

    private func checkVersion(_ context: Context, current: UInt64) throws(Rejection) {
        guard current == context.expectedVersion else {
            throw Rejection(
                .versionConflict, ["expected": String(context.expectedVersion), "current": String(current)])
        }
    }

    private func notPermitted(_ kind: CommandKind) -> Rejection {
        guard let row = Rights.row(kind) else {
            return Rejection(.notPermitted, ["command": kind.name, "role": "none"])
        }
        return Rejection(
            .notPermitted,
            ["command": kind.name, "role": row.roles.words.joined(separator: "|"), "of": row.relation.word])
    }

    private func wrongState(_ kind: CommandKind, _ matter: Matter) -> Rejection {
        if matter.isRound {
            return Rejection(.wrongState, ["command": kind.name, "state": rounds[matter.slot].state.word])
        }
        if matter.isCase {
            return Rejection(.wrongState, ["command": kind.name, "state": cases[matter.slot].state.word])
        }
        let state = requests[matter.slot].state
        if SupportRequest.transitions.allows(kind, from: state),
            let obstacle = requests[matter.slot].obstacle(to: kind)
        {
            return Rejection(obstacle, ["command": kind.name])
        }
        let refusal: Refusal =
            kind == .handBackRequest && state.isBeyondHandBack ? .workHasBegun : .wrongState
        return Rejection(refusal, ["command": kind.name, "state": state.word])
    }

    // MARK: Content

    /// Step 7 and the event.
    func event(for command: Command, _ standing: Standing, _ context: Context) throws(Rejection) -> EventBody
    {
        switch command.body {
        case .submitRequest(let command): try submit(command, by: try acting(standing), context)
        case .amendRequest(let command): try amend(command)
        case .withdrawRequest(let command): try withdraw(command)
        case .acceptRequest: try accept(standing.slot)
        case .returnRequest(let command): try returnForMending(command)
        case .decideRequest(let command): try decideInclusion(command)
        case .assignRequest(let command): try assign(command, standing.slot, context)
        case .acknowledgeRequest: .requestAcknowledged(EventV1.RequestAcknowledged())
        case .handBackRequest(let command): try handBack(command)
        case .reportProgress(let command): try progress(command)
        case .reportResult(let command): try report(command)
        case .confirmRequest(let command): try confirm(command)
        case .eraseRequest(let command): try erase(command, standing.slot, context)
        case .scheduleRequest(let command): try schedule(command, context)
        case .askExtension(let command): try askExtension(command, standing.slot, context)
        case .decideExtension(let command): try decideExtension(command, standing.slot, context)
        case .askSuspension(let command): try askSuspension(command)
        case .decideSuspension(let command): try decideSuspension(command)
        case .resumeRequest(let command): try resume(command, context)
        case .carryOverRequest(let command): try carryOver(command, standing.slot, context)
        case .voidRequest(let command): try void(command, standing.slot)
        case .fileCase(let command): try file(command, by: try acting(standing), context)
        case .amendCase(let command): try amend(command, standing.slot)
        case .withdrawCase(let command): try withdraw(command)
        case .returnCase(let command): try returnForMending(command)
        case .reviewCase(let command): try review(command, standing.slot, context)
        case .concludeCase(let command): try conclude(command, standing.slot)
        case .confirmCase(let command): try confirm(command)
        case .revealCaseField(let command): try reveal(command, standing)
        case .eraseCase(let command): try erase(command, standing.slot, context)
        case .endorseCase(let command): try endorse(command, standing)
        case .demandMaterials(let command): try demand(command, standing.slot)
        case .handInMaterials(let command): try handIn(command, standing.slot)
        case .fixReceiver(let command): try fixReceiver(command, standing.slot, context)
        case .followUpCase(let command): try followUp(command, standing.slot)
        case .acknowledgeTask(let command): try acknowledge(command, standing)
        case .finishTask(let command): try finish(command, standing)
        case .refuseTask(let command): try refuse(command, standing)
        case .reassignTask(let command): try reassign(command, standing.slot, context)
        case .payAid(let command): try pay(command, standing.slot)
        case .configureCity(let command): try configure(command)
        case .registerParty(let command): try register(command)
        case .registerOfficer(let command): try register(command)
        case .setOfficerRoles(let command): try setRoles(command, context)
        case .suspendOfficer(let command): try suspend(command, context)
        case .loadCodeList(let command): try load(command)
        case .loadRuleTable(let command): try load(command)
        case .confirmRestoration(let command): try confirm(command)
        case .loadCalendar(let command): try load(command)
        case .loadSupervision(let command): try load(command)
        case .markTime:
            throw Rejection(.notPermitted, ["command": CommandKind.markTime.name, "role": "none"])
        case .advanceClock(let command): try advance(command, context)
        case .beginDemonstration(let command): try begin(command, context)
        case .loadCaseKinds(let command): try load(command)
        case .loadSchoolDates(let command): try load(command)
        case .receiveFund(let command): try receive(command)
        case .handOnRequest(let command): try handOn(command, standing.slot)
        case .changeParty(let command): try change(command)
        case .suspendParty(let command): try suspend(command)
        case .handOverOfficer(let command): try handOver(command, context)
        case .eraseOfficer(let command): try erase(command, context)
        case .loadPointsTable(let command): try load(command)
        case .announceRound(let command): try announce(command)
        case .loadRoundPosts(let command): try load(command, standing.slot)
        case .loadRoundPeople(let command): try load(command, standing.slot)
        case .withdrawFromRound(let command): try withdraw(command, standing.slot)
        case .freezeRound(let command): try freeze(command, standing.slot, context)
        case .reopenRound(let command): try reopen(command, standing.slot, context)
        case .confirmScore(let command): try confirm(command, standing.slot, by: try acting(standing))
        case .postRanking: try postRanking(standing.slot)
        case .objectToRanking(let command):
            try object(command, standing.slot, by: try acting(standing))
        case .settleObjection(let command): try settle(command, standing.slot)
        case .openDraw(let command): try openDraw(command, standing.slot, context)
        case .filePreferences(let command): try file(command, standing.slot, by: try acting(standing))
        case .pickPost(let command): try pick(command, standing.slot)
        case .passTurn(let command): try pass(command, standing.slot)
        case .closeRound: try close(standing.slot, context)
        case .takePackage(let command): try take(command)
        case .finishPackage(let command): try finish(command)
        case .loadBatchKind(let command): try load(command)
        case .loadBatchNames(let command): try load(command)
        case .loadRegisterFigures(let command): try load(command)
        case .submitBatch(let command): try submit(command, by: try acting(standing), context)
        case .erasePerson(let command): try erase(command, context)
        case .attachEvidence(let command): try attach(command, context)
        case .checkBatch, .finishBatch:
            throw Rejection(.notPermitted, ["command": "check_batch", "role": "none"])
        case nil: throw .missing("command")
        }
    }

    private func acting(_ standing: Standing) throws(Rejection) -> PartyIndex {
        guard let party = standing.party else { throw Rejection(.notPermitted, ["role": "none"]) }
        return party
    }
}
