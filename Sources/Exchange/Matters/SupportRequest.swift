package import Schema

/// One item of the two lists: the request as filed and, once assigned, the obligation (DOMAIN.md 2). The
/// state machine whole: table, what else a command waits for, whose move it is, what each event makes of it. What
/// is asked of a command's fields stands in RequestDecisions.swift and BesideTheChain.swift.
///
///     (none) ─submit→ submitted ─return→ returned ─amend→ submitted
///     submitted ─accept→ accepted (gets its number; onto an agenda) ─decide→ decided | declined | routine | referred
///     decided ─assign→ assigned ─acknowledge→ acknowledged ─progress→ in progress ─result→ reported
///     reported ─confirm→ closed, or in progress again (redo, counted)
///     assigned | acknowledged ─hand back→ decided (counted)
///     acknowledged | in progress ─ask, decide→ a later deadline | suspended ─resume→ where it was
///     before work begins ─withdraw→ withdrawn;  not yet reported ─void→ void (duplicate of another)
///     numbered and not over ─carry over→ the same state in one more year
///
/// `transitions` is the law; this drawing follows it, and Protocol/CASEWORK.md is made from it.
package struct SupportRequest: Sendable, Hashable {
    package enum State: UInt8, ClosedCode {
        case submitted = 1
        case returned = 2
        case accepted = 3
        case decided = 4
        case assigned = 5
        case acknowledged = 6
        case inProgress = 7
        case reported = 8
        case closed = 9
        case declined = 10
        case withdrawn = 11
        case routine = 12
        case referred = 13
        case suspended = 14
        case void = 15
        package typealias Open = RequestState
    }

    package enum Direction: UInt8, ClosedCode {
        case unitToLocal = 1
        case localToUnit = 2
        package typealias Open = Schema.Direction
    }

    package enum Wave: UInt8, ClosedCode {
        case collective = 1
        case anytime = 2
        case special = 3
        case immediate = 4
        package typealias Open = Schema.Wave
    }

    package enum Grade: UInt8, ClosedCode {
        case solved = 1
        case beingSolved = 2
        case notPossible = 3
        case kept = 4
        package typealias Open = ResultGrade
    }

    /// Row for row what may happen. Two rows with one state and command: the command's content tells which.
    package static let transitions = TransitionTable<State>([
        (nil, .submitRequest, .submitted),
        (.submitted, .returnRequest, .returned),
        (.submitted, .acceptRequest, .accepted),
        (.submitted, .withdrawRequest, .withdrawn),
        (.returned, .amendRequest, .submitted),
        (.returned, .withdrawRequest, .withdrawn),
        (.accepted, .scheduleRequest, .accepted),  // onto a conference's agenda
        (.accepted, .decideRequest, .decided),  // included
        (.accepted, .decideRequest, .declined),  // with its policy basis
        (.accepted, .decideRequest, .routine),
        (.accepted, .decideRequest, .referred),
        (.accepted, .withdrawRequest, .withdrawn),
        (.decided, .assignRequest, .assigned),
        (.decided, .withdrawRequest, .withdrawn),
        (.assigned, .acknowledgeRequest, .acknowledged),
        (.assigned, .handBackRequest, .decided),
        (.assigned, .withdrawRequest, .withdrawn),
        (.acknowledged, .reportProgress, .inProgress),
        (.acknowledged, .handBackRequest, .decided),
        (.acknowledged, .withdrawRequest, .withdrawn),
        (.inProgress, .reportProgress, .inProgress),
        (.inProgress, .reportResult, .reported),
        (.reported, .confirmRequest, .closed),  // satisfied, or mostly
        (.reported, .confirmRequest, .inProgress),  // dissatisfied: redo
        // Beside the chain. A question is asked and decided in the same state; suspension begins with its approval.
        (.acknowledged, .askExtension, .acknowledged),
        (.acknowledged, .decideExtension, .acknowledged),
        (.acknowledged, .askSuspension, .acknowledged),
        (.acknowledged, .decideSuspension, .suspended),  // approved
        (.acknowledged, .decideSuspension, .acknowledged),  // refused
        (.inProgress, .askExtension, .inProgress),
        (.inProgress, .decideExtension, .inProgress),
        (.inProgress, .askSuspension, .inProgress),
        (.inProgress, .decideSuspension, .suspended),  // approved
        (.inProgress, .decideSuspension, .inProgress),  // refused
        (.suspended, .resumeRequest, .acknowledged),  // where it was
        (.suspended, .resumeRequest, .inProgress),
        // The county that leads has its township work on it.
        (.acknowledged, .handOnRequest, .acknowledged),
        (.inProgress, .handOnRequest, .inProgress),
        // Numbered and not over.
        (.accepted, .carryOverRequest, .accepted),
        (.decided, .carryOverRequest, .decided),
        (.assigned, .carryOverRequest, .assigned),
        (.acknowledged, .carryOverRequest, .acknowledged),
        (.inProgress, .carryOverRequest, .inProgress),
        (.suspended, .carryOverRequest, .suspended),
        (.reported, .carryOverRequest, .reported),
        // Not yet reported: a result that is there is confirmed, not made void.
        (.submitted, .voidRequest, .void),
        (.returned, .voidRequest, .void),
        (.accepted, .voidRequest, .void),
        (.decided, .voidRequest, .void),
        (.assigned, .voidRequest, .void),
        (.acknowledged, .voidRequest, .void),
        (.inProgress, .voidRequest, .void),
        (.suspended, .voidRequest, .void),
        // What has ended, and only that: Erasure.swift.
        (.closed, .eraseRequest, .closed),
        (.declined, .eraseRequest, .declined),
        (.withdrawn, .eraseRequest, .withdrawn),
        (.routine, .eraseRequest, .routine),
        (.referred, .eraseRequest, .referred),
        (.void, .eraseRequest, .void),
    ])

    /// The request's own face.
    package struct Text: Sendable, Hashable {
        package var title: PersonalText
        package var content: PersonalText
        var category: UInt32
        package var wishedBy: CivilDay?
        package var contactName: PersonalText
        package var contactPhone: PersonalText
    }

    /// Its other face: the four clears and two accountable posts.
    package struct Obligation: Sendable, Hashable {
        package var responsible: PartyIndex
        package var content: PersonalText
        package var deadline: CivilDay
        package var qualityStandard: PersonalText
        package var firstPost: PersonalText
        package var secondPost: PersonalText
        package var assisting: [PartyIndex]
    }

    /// What the responsible party has asked and the bureau has not decided: one at a time. On the heap, as few
    /// requests have one.
    package indirect enum Question: Sendable, Hashable {
        case extending(to: CivilDay, reason: PersonalText)
        /// The code's number in `State.categories`.
        case suspending(code: UInt32, reason: PersonalText)
    }

    /// The code's number in `State.categories`, and the state it comes back to.
    package struct Suspension: Sendable, Hashable {
        var code: UInt32
        var from: State
    }

    package let id: EntityID
    package let direction: Direction
    package let wave: Wave
    package let year: Int32
    package let requester: PartyIndex
    package let addressedTo: PartyIndex?
    package let submittedAt: Int64
    package internal(set) var text: Text
    package internal(set) var state: State = .submitted
    package internal(set) var version: UInt64
    package internal(set) var changedAt: Int64
    /// Empty before acceptance.
    package internal(set) var number: String = ""
    package internal(set) var isIncluded = false
    package internal(set) var policyBasis: PersonalText = .empty
    /// Present while a party is responsible; a hand-back takes it away.
    package internal(set) var obligation: Obligation?
    package internal(set) var percent: Int32 = 0
    package internal(set) var grade: Grade?
    package internal(set) var resultSummary: PersonalText = .empty
    /// 人 and 次 of the newest report, where it says them: `Limits.countedAtOnce` at most.
    package internal(set) var persons: Int32 = 0
    package internal(set) var times: Int32 = 0
    package internal(set) var satisfaction: Satisfied?
    package internal(set) var redoCount: Int32 = 0
    package internal(set) var handBackCount: Int32 = 0
    /// Approved ones.
    package internal(set) var extensionCount: Int32 = 0
    package internal(set) var question: Question?
    package internal(set) var suspension: Suspension?
    /// The conference on whose agenda it is, or was when it was decided.
    package internal(set) var conference: CivilDay?
    /// Number in `State.categories`; nil: no stage was reported.
    var stage: UInt32?
    /// The years after `year`, ascending.
    package internal(set) var carriedInto: [Int32] = []
    /// Void: the slot of the one that goes on.
    var duplicateOf: UInt32?
    /// Slots of the void ones it stands for, ascending; follows from theirs.
    var duplicates: [UInt32] = []
    /// Whom it was assigned to first: leads until handed back, and is named for good (首接负责).
    package internal(set) var firstReceiver: PartyIndex?
    /// Erased: when the last backup of its key has expired, ns UTC. 0: not erased.
    package internal(set) var erasureCompletes: Int64 = 0
    package internal(set) var timing = RequestTiming()
    var newestRow: UInt32 = ChangeRow.noRow

    /// The last year it is counted in.
    var lastYear: Int32 { carriedInto.last ?? year }

    /// Whether any of what release 2 did not know is there.
    var hasLeftTheChain: Bool {
        extensionCount != 0 || conference != nil || stage != nil || !carriedInto.isEmpty || duplicateOf != nil
            || suspension != nil || question != nil
    }

    /// Whether it is counted in a year.
    func belongs(to year: Int32) -> Bool { self.year == year || carriedInto.contains(year) }

    /// What beside its state keeps a command from being given: a question is open, or there is none to decide.
    func obstacle(to command: CommandKind) -> Refusal? {
        switch (command, question) {
        case (.askExtension, .some), (.askSuspension, .some): .alreadyAsked
        case (.decideExtension, .extending), (.decideSuspension, .suspending): nil
        case (.decideExtension, _), (.decideSuspension, _): .notAsked
        default: nil
        }
    }

    /// A question lapses with the work it is about (handed back, suspended, reported, void), a suspension when it ends.
    fileprivate mutating func note(_ state: State, _ context: EventContext, row: UInt32) {
        self.state = state
        if !state.isWork { question = nil }
        if state != .suspended { suspension = nil }
        version = context.version
        changedAt = context.time
        newestRow = row
    }
}

/// How the requester rates a result.
package enum Satisfied: UInt8, ClosedCode {
    case satisfied = 1
    case mostly = 2
    case dissatisfied = 3
    package typealias Open = Satisfaction
}

extension SupportRequest.State {
    /// The schema's name in lower case, as it stands in refusals and histories.
    package var word: String {
        switch self {
        case .submitted: "submitted"
        case .returned: "returned"
        case .accepted: "accepted"
        case .decided: "decided"
        case .assigned: "assigned"
        case .acknowledged: "acknowledged"
        case .inProgress: "in_progress"
        case .reported: "reported"
        case .closed: "closed"
        case .declined: "declined"
        case .withdrawn: "withdrawn"
        case .routine: "routine"
        case .referred: "referred"
        case .suspended: "suspended"
        case .void: "void"
        }
    }

    /// Being worked on: what can be late, prolonged or suspended.
    package var isWork: Bool { self == .acknowledged || self == .inProgress }

    /// Work on it has begun or is done: it cannot be handed back any more.
    var isBeyondHandBack: Bool { self == .inProgress || self == .reported }
}

extension SupportRequest.Direction {
    /// Who may ask.
    func mayRequest(_ kind: Party.Kind) -> Bool { (kind == .unit) == (self == .unitToLocal) }
    /// Who may be asked.
    func mayAnswer(_ kind: Party.Kind) -> Bool { !mayRequest(kind) }

    var series: NumberSeries { self == .unitToLocal ? .unitToLocal : .localToUnit }
}

// MARK: Applying

extension State {
    mutating func applySubmitted(_ event: EventV1.RequestSubmitted, _ context: EventContext) {
        guard let direction = SupportRequest.Direction(event.direction),
            let wave = SupportRequest.Wave(event.wave),
            let requester = partyIndex(event.requester), let text = event.text
        else { corruption("a request without direction, wave, requester or text") }
        let slot = requests.count
        requests.append(
            SupportRequest(
                id: context.target, direction: direction, wave: wave, year: event.year, requester: requester,
                addressedTo: partyIndex(event.addressedTo), submittedAt: context.time, text: kept(text),
                version: context.version, changedAt: context.time))
        register(.request(slot), context.target)
        showRequest(slot, to: requester)
        noteRequest(slot, .submitted, .empty, context)
    }

    mutating func applyAmended(_ event: EventV1.RequestAmended, _ context: EventContext) {
        guard let text = event.text else { corruption("an amendment without text") }
        let slot = requestSlot(context)
        requests[slot].text = kept(text)
        noteRequest(slot, .submitted, .empty, context)
    }

    mutating func applyAccepted(_ event: EventV1.RequestAccepted, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].number = event.number
        count(event.serial, requests[slot].year, requests[slot].direction.series)
        register(number: event.number, .request(slot))
        noteRequest(slot, .accepted, .empty, context)
    }

    mutating func applyDecided(_ event: EventV1.RequestDecided, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].isIncluded = event.decision == .included
        requests[slot].policyBasis = PersonalText(event.basis)
        noteRequest(slot, self.state(after: event.decision), PersonalText(event.note), context)
    }

    private func state(after decision: Decision) -> SupportRequest.State {
        switch decision {
        case .included: .decided
        case .routine: .routine
        case .referred: .referred
        case .declined: .declined
        case .unspecified, .unrecognized: corruption("a decision that is none")
        }
    }

    mutating func applyAssigned(_ event: EventV1.RequestAssigned, _ context: EventContext) {
        guard let responsible = partyIndex(event.responsible), let deadline = CivilDay(event.deadline)
        else { corruption("an assignment without party or deadline") }
        let slot = requestSlot(context)
        if requests[slot].firstReceiver == nil { requests[slot].firstReceiver = responsible }
        let assisting = event.assisting.compactMap { partyIndex($0) }
        requests[slot].obligation = SupportRequest.Obligation(
            responsible: responsible, content: PersonalText(event.content), deadline: deadline,
            qualityStandard: PersonalText(event.qualityStandard),
            firstPost: PersonalText(event.firstAccountable),
            secondPost: PersonalText(event.secondAccountable), assisting: assisting)
        for party in [responsible] + assisting { showRequest(slot, to: party) }
        beginTerm(slot, event, context)
        noteRequest(slot, .assigned, .empty, context)
    }

    mutating func applyHandedBack(_ event: EventV1.RequestHandedBack, _ context: EventContext) {
        let slot = requestSlot(context)
        if let obligation = requests[slot].obligation {
            let requester = requests[slot].requester
            for party in [obligation.responsible] + obligation.assisting where party != requester {
                removeAscending(UInt32(slot), from: &requestsOfParty[Int(party.raw)])
            }
        }
        requests[slot].obligation = nil
        requests[slot].handBackCount += 1
        noteRequest(slot, .decided, PersonalText(event.reason), context)
    }

    mutating func applyProgressed(_ event: EventV1.RequestProgressed, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].percent = event.percent
        if !event.stage.isEmpty { requests[slot].stage = UInt32(categories.insert(event.stage)) }
        noteRequest(slot, .inProgress, PersonalText(event.note), context)
    }

    mutating func applyReported(_ event: EventV1.RequestReported, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].grade = SupportRequest.Grade(event.grade)
        requests[slot].resultSummary = PersonalText(event.summary)
        requests[slot].persons = event.persons
        requests[slot].times = event.times
        noteRequest(slot, .reported, requests[slot].resultSummary, context)
    }

    mutating func applyConfirmed(_ event: EventV1.RequestConfirmed, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].satisfaction = Satisfied(event.satisfaction)
        noteRequest(slot, .closed, PersonalText(event.note), context)
    }

    mutating func applyRedo(_ event: EventV1.RequestRedo, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].satisfaction = .dissatisfied
        requests[slot].redoCount += 1
        noteRequest(slot, .inProgress, PersonalText(event.note), context)
    }

    /// The new state, version and time, and the row of the change log: what every request event has in
    /// common.
    mutating func noteRequest(
        _ slot: Int, _ state: SupportRequest.State, _ note: PersonalText, _ context: EventContext
    ) {
        let row = changes.append(
            ChangeRow(
                sequence: context.sequence, time: context.time, version: context.version,
                matter: .request(slot),
                previous: requests[slot].newestRow, actor: actorIndex(context.actor.officer),
                kind: context.kind,
                state: state.rawValue, note: note))
        requests[slot].note(state, context, row: row)
    }

    func requestSlot(_ context: EventContext) -> Int {
        guard case .matter(let matter) = targets[context.target], matter.aggregate == .request
        else { corruption("an event on a request that is not there") }
        return matter.slot
    }

    private mutating func kept(_ text: EventV1.RequestText) -> SupportRequest.Text {
        SupportRequest.Text(
            title: PersonalText(text.title), content: PersonalText(text.content),
            category: UInt32(categories.insert(text.category)), wishedBy: CivilDay(text.wishedBy),
            contactName: PersonalText(text.contact?.name), contactPhone: PersonalText(text.contact?.phone))
    }

    mutating func showRequest(_ slot: Int, to party: PartyIndex) {
        insertAscending(UInt32(slot), into: &requestsOfParty[Int(party.raw)])
    }
}
