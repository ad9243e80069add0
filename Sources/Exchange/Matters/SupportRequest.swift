package import Schema

/// One item of the two lists: the request as filed and, once assigned, the obligation (DOMAIN.md 2). The
/// state machine whole: table, decisions, applications.
///
///     (none) ─submit→ submitted ─return→ returned ─amend→ submitted
///     submitted ─accept→ accepted (gets its number) ─decide→ decided | declined
///     decided ─assign→ assigned ─acknowledge→ acknowledged ─progress→ in progress ─result→ reported
///     reported ─confirm→ closed, or in progress again (redo, counted)
///     assigned | acknowledged ─hand back→ decided (counted)
///     before work begins ─withdraw→ withdrawn
///
/// `transitions` is the law; this drawing follows it.
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
        (.accepted, .decideRequest, .decided),  // included
        (.accepted, .decideRequest, .declined),  // declined, with its policy basis
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
        // What has ended, and only that: Erasure.swift.
        (.closed, .eraseRequest, .closed),
        (.declined, .eraseRequest, .declined),
        (.withdrawn, .eraseRequest, .withdrawn),
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
    package internal(set) var satisfaction: Satisfied?
    package internal(set) var redoCount: Int32 = 0
    package internal(set) var handBackCount: Int32 = 0
    /// Erased: when the last backup of its key has expired, ns UTC. 0: not erased.
    package internal(set) var erasureCompletes: Int64 = 0
    var newestRow: UInt32 = ChangeRow.noRow

    fileprivate mutating func note(_ state: State, _ context: EventContext, row: UInt32) {
        self.state = state
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
        }
    }

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

// MARK: Deciding

extension State {
    func submit(_ command: SubmitRequest, by requester: PartyIndex, _ context: Context) throws(Rejection)
        -> EventBody
    {
        guard let direction = SupportRequest.Direction(command.direction) else {
            throw .invalid("direction", "unspecified")
        }
        guard SupportRequest.Wave(command.wave) != nil else { throw .invalid("wave", "unspecified") }
        let requesterKey = party(requester).key
        guard direction.mayRequest(party(requester).kind) else {
            throw .wrongParty("requester", requesterKey)
        }
        let thisYear = context.today.year
        guard abs(Int(command.year) - thisYear) <= Limits.yearsAround else {
            throw .invalid("year", "out-of-range")
        }
        if !command.addressedTo.isEmpty {
            try checkAnswering(command.addressedTo, "addressed_to", direction, requesterKey)
        }
        return .requestSubmitted(
            EventV1.RequestSubmitted(
                direction: command.direction, year: command.year, wave: command.wave,
                text: try checkedText(command.text), addressedTo: command.addressedTo,
                requester: requesterKey))
    }

    func amend(_ command: AmendRequest) throws(Rejection) -> EventBody {
        .requestAmended(EventV1.RequestAmended(text: try checkedText(command.text)))
    }

    func withdraw(_ command: WithdrawRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestWithdrawn(EventV1.RequestWithdrawn(reason: personal(command.reason)))
    }

    func accept(_ slot: Int) throws(Rejection) -> EventBody {
        guard let city else { throw .missing("city") }
        let request = requests[slot]
        let serial = nextSerial(request.year, request.direction.series)
        let number = request.direction.series.number(
            prefix: city.numberPrefix, year: request.year, serial: serial)
        return .requestAccepted(EventV1.RequestAccepted(number: number, serial: serial))
    }

    func returnForMending(_ command: ReturnRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestReturned(EventV1.RequestReturned(reason: personal(command.reason)))
    }

    func decideInclusion(_ command: DecideRequest) throws(Rejection) -> EventBody {
        switch command.decision {
        case .included, .declined: break
        case .routine, .referred: throw .invalid("decision", "not-yet-offered")
        case .unspecified, .unrecognized: throw .invalid("decision", "unspecified")
        }
        if command.decision == .declined, trimmed(command.policyBasis).isEmpty {
            throw Rejection(.basisRequired, ["field": "policy_basis"])
        }
        try checkOptional(command.policyBasis, "policy_basis", max: Limits.basisCharacters)
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestDecided(
            EventV1.RequestDecided(
                decision: command.decision, note: personal(command.note), basis: personal(command.policyBasis)
            ))
    }

    func assign(_ command: AssignRequest, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let requester = party(requests[slot].requester).key
        guard !command.responsible.isEmpty else { throw .missing("responsible") }
        try checkAnswering(command.responsible, "responsible", requests[slot].direction, requester)
        try check(command.content, "content", max: Limits.contentCharacters)
        guard let deadline = try checkDay(command.deadline, "deadline") else { throw .missing("deadline") }
        guard deadline >= context.today else { throw .invalid("deadline", "past") }
        try check(command.qualityStandard, "quality_standard", max: Limits.qualityCharacters)
        try check(command.firstPost, "first_post", max: Limits.postCharacters)
        try check(command.secondPost, "second_post", max: Limits.postCharacters)
        try checkAssisting(command.assisting, besides: [requester, command.responsible])
        return .requestAssigned(
            EventV1.RequestAssigned(
                responsible: command.responsible, content: personal(command.content),
                deadline: command.deadline,
                qualityStandard: personal(command.qualityStandard), assisting: command.assisting,
                firstAccountable: personal(command.firstPost),
                secondAccountable: personal(command.secondPost)))
    }

    func handBack(_ command: HandBackRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestHandedBack(EventV1.RequestHandedBack(reason: personal(command.reason)))
    }

    func progress(_ command: ReportProgress) throws(Rejection) -> EventBody {
        guard (0...100).contains(command.percent) else { throw .invalid("percent", "out-of-range") }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestProgressed(
            EventV1.RequestProgressed(percent: command.percent, note: personal(command.note)))
    }

    func report(_ command: ReportResult) throws(Rejection) -> EventBody {
        guard SupportRequest.Grade(command.grade) != nil else { throw .invalid("grade", "unspecified") }
        try check(command.summary, "summary", max: Limits.summaryCharacters)
        return .requestReported(
            EventV1.RequestReported(grade: command.grade, summary: personal(command.summary)))
    }

    /// Dissatisfied is told by the redo event alone, so that one command is one event.
    func confirm(_ command: ConfirmRequest) throws(Rejection) -> EventBody {
        guard let satisfaction = Satisfied(command.satisfaction) else {
            throw .invalid("satisfaction", "unspecified")
        }
        guard satisfaction == .dissatisfied else {
            try checkOptional(command.note, "note", max: Limits.noteCharacters)
            return .requestConfirmed(
                EventV1.RequestConfirmed(satisfaction: command.satisfaction, note: personal(command.note)))
        }
        try check(command.note, "note", max: Limits.noteCharacters)
        return .requestRedo(EventV1.RequestRedo(note: personal(command.note)))
    }

    private func checkedText(_ text: RequestText?) throws(Rejection) -> EventV1.RequestText {
        guard let text else { throw .missing("text") }
        try check(text.title, "text.title", max: Limits.titleCharacters, lines: false)
        try check(text.content, "text.content", max: Limits.contentCharacters)
        try checkCode(text.category, "text.category", list: CodeListName.requestCategory)
        _ = try checkDay(text.wishedBy, "text.wished_by")
        return EventV1.RequestText(
            title: personal(text.title), content: personal(text.content), category: text.category,
            wishedBy: text.wishedBy, contact: try checkedContact(text.contact, "text.contact"))
    }

    /// A party that is to help: registered, of the right kind for the direction, and not the one that asks.
    private func checkAnswering(
        _ key: String, _ field: String, _ direction: SupportRequest.Direction, _ requester: String
    ) throws(Rejection) {
        guard let party = party(key), direction.mayAnswer(party.kind), key != requester else {
            throw .wrongParty(field, key)
        }
    }

    private func checkAssisting(_ keys: [String], besides others: [String]) throws(Rejection) {
        guard keys.count <= Limits.assistingParties else {
            throw .tooMuch("assisting", "too-many", max: Limits.assistingParties)
        }
        for (index, key) in keys.enumerated() {
            guard party(key) != nil, !others.contains(key) else { throw .wrongParty("assisting", key) }
            guard !keys[..<index].contains(key) else { throw .invalid("assisting", "repeated") }
        }
    }
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
        let isIncluded = event.decision == .included
        requests[slot].isIncluded = isIncluded
        requests[slot].policyBasis = PersonalText(event.basis)
        noteRequest(slot, isIncluded ? .decided : .declined, PersonalText(event.note), context)
    }

    mutating func applyAssigned(_ event: EventV1.RequestAssigned, _ context: EventContext) {
        guard let responsible = partyIndex(event.responsible), let deadline = CivilDay(event.deadline)
        else { corruption("an assignment without party or deadline") }
        let slot = requestSlot(context)
        let assisting = event.assisting.compactMap { partyIndex($0) }
        requests[slot].obligation = SupportRequest.Obligation(
            responsible: responsible, content: PersonalText(event.content), deadline: deadline,
            qualityStandard: PersonalText(event.qualityStandard),
            firstPost: PersonalText(event.firstAccountable),
            secondPost: PersonalText(event.secondAccountable), assisting: assisting)
        for party in [responsible] + assisting { showRequest(slot, to: party) }
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
        noteRequest(slot, .inProgress, PersonalText(event.note), context)
    }

    mutating func applyReported(_ event: EventV1.RequestReported, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].grade = SupportRequest.Grade(event.grade)
        requests[slot].resultSummary = PersonalText(event.summary)
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
        guard case .matter(let matter) = targets[context.target], !matter.isCase
        else { corruption("an event on a request that is not there") }
        return matter.slot
    }

    private mutating func kept(_ text: EventV1.RequestText) -> SupportRequest.Text {
        SupportRequest.Text(
            title: PersonalText(text.title), content: PersonalText(text.content),
            category: UInt32(categories.insert(text.category)), wishedBy: CivilDay(text.wishedBy),
            contactName: PersonalText(text.contact?.name), contactPhone: PersonalText(text.contact?.phone))
    }

    private mutating func showRequest(_ slot: Int, to party: PartyIndex) {
        insertAscending(UInt32(slot), into: &requestsOfParty[Int(party.raw)])
    }
}
