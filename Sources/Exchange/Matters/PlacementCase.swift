package import Schema

/// One family's case of any kind of the three worries (DOMAIN.md 3). The state machine whole; what a kind has of its own is in `KindOfCase`, a
/// loaded table.
///
///     (none) ─file→ filed ─return→ returned ─amend→ filed
///     filed ─endorse→ filed, by each party of the review chain in its turn; or returned, when one objects
///     filed ─review→ reviewed (gets its number; tier and clause from the rule table; sub-tasks go out)
///     reviewed ─conclude→ placed | not placed ─confirm→ closed, or reviewed again when the unit disputes the result
///     reviewed ─finish the last mandatory sub-task→ placed
///     filed | returned | reviewed ─withdraw→ withdrawn
///
/// `transitions` is the law; this drawing follows it. A sub-task's own states are in CaseTask.swift.
package struct PlacementCase: Sendable, Hashable {
    package enum State: UInt8, ClosedCode {
        case filed = 1
        case returned = 2
        case reviewed = 3
        case placed = 4
        case notPlaced = 5
        case closed = 6
        case withdrawn = 7
        package typealias Open = CaseState
    }

    /// Row for row what may happen. Two rows with one state and command: the command's content tells which.
    package static let transitions = TransitionTable<State>([
        (nil, .fileCase, .filed),
        (.filed, .returnCase, .returned),
        (.filed, .reviewCase, .reviewed),
        (.filed, .withdrawCase, .withdrawn),
        (.returned, .amendCase, .filed),
        (.returned, .withdrawCase, .withdrawn),
        (.reviewed, .concludeCase, .placed),
        (.reviewed, .concludeCase, .notPlaced),
        (.reviewed, .withdrawCase, .withdrawn),
        (.placed, .confirmCase, .closed),  // satisfied, or mostly
        (.placed, .confirmCase, .reviewed),  // disputed
        (.notPlaced, .confirmCase, .closed),
        (.notPlaced, .confirmCase, .reviewed),
        (.filed, .endorseCase, .filed),  // passed
        (.filed, .endorseCase, .returned),  // objected
        (.filed, .demandMaterials, .filed),
        (.reviewed, .demandMaterials, .reviewed),
        (.filed, .handInMaterials, .filed),
        (.returned, .handInMaterials, .returned),
        (.reviewed, .handInMaterials, .reviewed),
        (.reviewed, .fixReceiver, .reviewed),
        (.reviewed, .acknowledgeTask, .reviewed),
        (.reviewed, .finishTask, .reviewed),
        (.reviewed, .finishTask, .placed),  // it was the last mandatory one
        (.reviewed, .refuseTask, .reviewed),
        (.reviewed, .reassignTask, .reviewed),
        // What is not mandatory may be late.
        (.placed, .acknowledgeTask, .placed),
        (.placed, .finishTask, .placed),
        (.placed, .refuseTask, .placed),
        (.reviewed, .payAid, .reviewed),
        (.placed, .payAid, .placed),
        (.closed, .followUpCase, .closed),
        // While somebody handles it, and no longer: CaseReveal.swift.
        (.reviewed, .revealCaseField, .reviewed),
        (.placed, .revealCaseField, .placed),
        (.notPlaced, .revealCaseField, .notPlaced),
        // What has ended, and only that: Erasure.swift.
        (.closed, .eraseCase, .closed),
        (.withdrawn, .eraseCase, .withdrawn),
    ])

    /// The sub-category that releases 1 and 2 handled.
    package static let spouseEmployment = "spouse-employment"

    package let id: EntityID
    package let subcategory: String
    package let unit: PartyIndex
    package let filedAt: Int64
    package internal(set) var service: ServiceFacts
    package internal(set) var family: Family
    package internal(set) var wish: PersonalText
    package internal(set) var materials: [Document]
    package internal(set) var state: State = .filed
    package internal(set) var version: UInt64
    package internal(set) var changedAt: Int64
    /// Empty before review.
    package internal(set) var number: String = ""
    package internal(set) var review: Review?
    package internal(set) var conclusion: Conclusion?
    package internal(set) var satisfaction: Satisfied?
    package internal(set) var child: Child?
    /// Who endorses before review, in order: as the kind said when the case was filed.
    package internal(set) var chain: [PartyIndex] = []
    /// So many of the chain have.
    package internal(set) var passed = 0
    /// Kinds of document that were demanded beyond the kind's own.
    package internal(set) var demanded: [String] = []
    package internal(set) var due: Due?
    package internal(set) var receiver: Receiver?
    package internal(set) var tasks: [CaseTask] = []
    /// 分 the care fund paid.
    package internal(set) var aid: Int64 = 0
    package internal(set) var followUp: FollowUp?
    /// Erased: when the last backup of its key has expired, ns UTC. 0: not erased.
    package internal(set) var erasureCompletes: Int64 = 0
    var newestRow: UInt32 = ChangeRow.noRow
}

extension PlacementCase.State {
    /// The schema's name in lower case, as it stands in refusals and histories.
    package var word: String {
        switch self {
        case .filed: "filed"
        case .returned: "returned"
        case .reviewed: "reviewed"
        case .placed: "placed"
        case .notPlaced: "not_placed"
        case .closed: "closed"
        case .withdrawn: "withdrawn"
        }
    }
}

// MARK: Deciding

extension State {
    func file(_ command: FileCase, by party: PartyIndex, _ context: Context) throws(Rejection) -> EventBody {
        let unit = self.party(party)
        guard unit.kind == .unit else { throw .wrongParty("unit", unit.key) }
        try checkCode(command.subcategory, "subcategory", list: CodeListName.caseSubcategory)
        guard let kind = caseKind(command.subcategory) else {
            throw .invalid("subcategory", "not-yet-offered")
        }
        try check(command.wish, "wish", max: Limits.wishCharacters)
        return .caseFiled(
            EventV1.CaseFiled(
                subcategory: command.subcategory, unit: unit.key,
                service: try checkedService(command.service),
                family: try checkedFamily(command.family), wish: personal(command.wish),
                materials: try checkedMaterials(command.materials),
                child: try checkedChild(command.child, kind, filed: context.today),
                chain: kind.chain.map { self.party($0).key }))
    }

    func amend(_ command: AmendCase, _ slot: Int) throws(Rejection) -> EventBody {
        try check(command.wish, "wish", max: Limits.wishCharacters)
        let filed = CivilDay(nanoseconds: cases[slot].filedAt)
        let child = try checkedChild(command.child, try kind(of: slot), filed: filed)
        return .caseAmended(
            EventV1.CaseAmended(
                service: try checkedService(command.service), family: try checkedFamily(command.family),
                wish: personal(command.wish), materials: try checkedMaterials(command.materials),
                child: child))
    }

    /// The case's kind; refused where a newer table has it no more.
    func kind(of slot: Int) throws(Rejection) -> KindOfCase {
        guard let kind = caseKind(cases[slot].subcategory) else {
            throw Rejection(.noRuleTable, ["table": "case-kinds"])
        }
        return kind
    }

    func withdraw(_ command: WithdrawCase) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseWithdrawn(EventV1.CaseWithdrawn(reason: personal(command.reason)))
    }

    func returnForMending(_ command: ReturnCase) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseReturned(EventV1.CaseReturned(reason: personal(command.reason)))
    }

    /// Tier and clause follow from the rule table; a rule that refuses names its clause.
    func review(_ command: ReviewCase, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let handler = try checkHandling(command.handler, "handler")
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        guard let city else { throw .missing("city") }
        let held = cases[slot]
        let kind = try kind(of: slot)
        if let next = held.nextOfChain { throw Rejection(.chainOpen, ["party": party(next).key]) }
        guard let table = ruleTable(kind.rules), let rule = table.rule(for: held.facts)
        else { throw Rejection(.noRuleTable, ["table": kind.rules]) }
        guard !rule.refuses else {
            throw Rejection(.notEligible, ["clause": rule.clause, "version": table.version])
        }
        let missing = missingMaterials(of: held, kind)
        guard missing.isEmpty else {
            throw Rejection(.materialsMissing, ["kinds": missing.joined(separator: "|")])
        }
        let year = Int32(truncatingIfNeeded: context.today.year)
        let serial = nextSerial(year, kind.series)
        return .caseReviewed(
            EventV1.CaseReviewed(
                handler: handler.key, note: personal(command.note), tier: rule.tier, clause: rule.clause,
                tierName: rule.name, ruleVersion: table.version,
                number: kind.series.number(prefix: city.numberPrefix, year: year, serial: serial),
                serial: serial, worry: kind.series.worry, due: try dueAtReview(held, kind, context),
                tasks: openTasks(kind, context), counted: kind.counted.open))
    }

    private func dueAtReview(_ held: PlacementCase, _ kind: KindOfCase, _ context: Context) throws(Rejection)
        -> EventV1.Due?
    {
        guard let due = kind.due, due.conditions.allSatisfy({ $0.holds(held.facts) }) else { return nil }
        switch due.from {
        case .receiverFixed: return nil
        case .reviewed: return try counted(due, context)
        case .school:
            guard let child = held.child else { return nil }
            let term = try schoolTermOrRefuse(child.county, child.schoolYear, child.stage)
            return EventV1.Due(day: term.toldBy.open, basis: .school, clause: term.clause)
        }
    }

    /// So many months from the day of the command.
    private func counted(_ due: KindOfCase.Due, _ context: Context) throws(Rejection) -> EventV1.Due {
        guard let day = context.today.adding(months: due.months) else {
            throw .invalid("due_months", "out-of-range")
        }
        return EventV1.Due(day: day.open, basis: due.from.open, clause: due.clause)
    }

    /// The party whose turn it is passes the case or objects.
    func endorse(_ command: EndorseCase, _ standing: Standing) throws(Rejection) -> EventBody {
        guard let next = cases[standing.slot].nextOfChain else { throw Rejection(.notYourTurn) }
        guard next == standing.party else { throw Rejection(.notYourTurn, ["party": party(next).key]) }
        if command.passed {
            try checkOptional(command.note, "note", max: Limits.noteCharacters)
        } else {
            try check(command.note, "note", max: Limits.noteCharacters)
        }
        return .caseEndorsed(EventV1.CaseEndorsed(passed: command.passed, note: personal(command.note)))
    }

    func fixReceiver(_ command: FixReceiver, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        guard cases[slot].receiver == nil else { throw .invalid("employer", "repeated") }
        try check(command.employer, "employer", max: Limits.employerCharacters, lines: false)
        var due: EventV1.Due?
        if let rule = try kind(of: slot).due, rule.from == .receiverFixed,
            rule.conditions.allSatisfy({ $0.holds(cases[slot].facts) })
        {
            due = try counted(rule, context)
        }
        return .caseReceiverFixed(EventV1.CaseReceiverFixed(employer: personal(command.employer), due: due))
    }

    func followUp(_ command: FollowUpCase, _ slot: Int) throws(Rejection) -> EventBody {
        guard cases[slot].erasureCompletes == 0 else { throw .invalid("target", "erased") }
        guard Satisfied(command.satisfaction) != nil else { throw .invalid("satisfaction", "unspecified") }
        try check(command.note, "note", max: Limits.noteCharacters)
        return .caseFollowedUp(
            EventV1.CaseFollowedUp(satisfaction: command.satisfaction, note: personal(command.note)))
    }

    func conclude(_ command: ConcludeCase, _ slot: Int) throws(Rejection) -> EventBody {
        guard command.placed else {
            try check(command.reason, "reason", max: Limits.reasonCharacters)
            return .caseConcluded(EventV1.CaseConcluded(placed: false, reason: personal(command.reason)))
        }
        let open = cases[slot].openMandatoryTasks
        guard open.isEmpty else {
            throw Rejection(.tasksOpen, ["tasks": open.map { String($0) }.joined(separator: "|")])
        }
        try checkResult(command, try kind(of: slot).result)
        _ = try checkDay(command.starts, "starts")
        try checkOptional(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseConcluded(
            EventV1.CaseConcluded(
                placed: true, channel: command.channel, employer: personal(command.employer),
                post: personal(command.post), starts: command.starts, reason: personal(command.reason)))
    }

    /// What the kind wants said is said, and nothing is said wrongly.
    private func checkResult(_ command: ConcludeCase, _ wanted: [KindOfCase.ResultField]) throws(Rejection) {
        if wanted.contains(.channel) || !command.channel.isEmpty {
            try checkCode(command.channel, "channel", list: CodeListName.placementChannel)
        }
        if wanted.contains(.employer) || !command.employer.isEmpty {
            try check(command.employer, "employer", max: Limits.employerCharacters, lines: false)
        }
        if wanted.contains(.post) || !command.post.isEmpty {
            try check(command.post, "post", max: Limits.postCharacters, lines: false)
        }
    }

    /// Closed, or disputed: a dissatisfied unit says why, and the case is handled again.
    func confirm(_ command: ConfirmCase) throws(Rejection) -> EventBody {
        guard let satisfaction = Satisfied(command.satisfaction) else {
            throw .invalid("satisfaction", "unspecified")
        }
        if satisfaction == .dissatisfied {
            try check(command.note, "note", max: Limits.noteCharacters)
        } else {
            try checkOptional(command.note, "note", max: Limits.noteCharacters)
        }
        return .caseConfirmed(
            EventV1.CaseConfirmed(satisfaction: command.satisfaction, note: personal(command.note)))
    }
}

// MARK: Applying

extension State {
    mutating func applyFiled(_ event: EventV1.CaseFiled, _ context: EventContext) {
        guard let unit = partyIndex(event.unit), let service = event.service, let family = event.family
        else { corruption("a case without unit, service or family") }
        let slot = cases.count
        var held = PlacementCase(
            id: context.target, subcategory: event.subcategory, unit: unit, filedAt: context.time,
            service: ServiceFacts(service), family: PlacementCase.Family(family),
            wish: PersonalText(event.wish), materials: event.materials.map(PlacementCase.Document.init),
            version: context.version, changedAt: context.time)
        held.child = child(event.child)
        held.chain = event.chain.map(knownParty)
        cases.append(held)
        register(.placementCase(slot), context.target)
        show(slot, to: unit)
        if let first = held.nextOfChain { show(slot, to: first) }
        noteCase(slot, .filed, .empty, context)
    }

    mutating func applyAmended(_ event: EventV1.CaseAmended, _ context: EventContext) {
        guard let service = event.service, let family = event.family else {
            corruption("an amendment without sides")
        }
        let slot = caseSlot(context)
        cases[slot].service = ServiceFacts(service)
        cases[slot].family = PlacementCase.Family(family)
        cases[slot].wish = PersonalText(event.wish)
        cases[slot].materials = event.materials.map(PlacementCase.Document.init)
        cases[slot].child = child(event.child)
        noteCase(slot, .filed, .empty, context)
    }

    mutating func applyReviewed(_ event: EventV1.CaseReviewed, _ context: EventContext) {
        guard let handler = partyIndex(event.handler), let series = NumberSeries(event.worry),
            let counted = CountedIn(event.counted)
        else { corruption("a review without handler, worry or unit") }
        let slot = caseSlot(context)
        cases[slot].review = PlacementCase.Review(
            handler: handler, tier: event.tier, clause: event.clause, tierName: event.tierName,
            ruleVersion: event.ruleVersion, version: context.version, series: series, counted: counted)
        if cases[slot].number.isEmpty {
            cases[slot].number = event.number
            let year = Int32(CivilDay(nanoseconds: context.time).year)
            count(event.serial, year, series)
            register(number: event.number, .placementCase(slot))
        }
        cases[slot].due = due(event.due)
        cases[slot].tasks = event.tasks.map { task($0, context) }
        show(slot, to: handler)
        for task in cases[slot].tasks { show(slot, to: task.party) }
        noteCase(slot, .reviewed, PersonalText(event.note), context)
    }

    private func due(_ due: EventV1.Due?) -> PlacementCase.Due? {
        guard let due, let day = CivilDay(due.day), let from = DueFrom(due.basis) else { return nil }
        return PlacementCase.Due(day: day, from: from, clause: due.clause)
    }

    /// From now on the case is in this party's lists, as far as it may see it.
    mutating func show(_ slot: Int, to party: PartyIndex) {
        insertAscending(UInt32(slot), into: &casesOfParty[Int(party.raw)])
    }

    mutating func applyEndorsed(_ event: EventV1.CaseEndorsed, _ context: EventContext) {
        let slot = caseSlot(context)
        if event.passed {
            cases[slot].passed += 1
            if let next = cases[slot].nextOfChain { show(slot, to: next) }
        }
        noteCase(slot, event.passed ? .filed : .returned, PersonalText(event.note), context)
    }

    mutating func applyReceiverFixed(_ event: EventV1.CaseReceiverFixed, _ context: EventContext) {
        let slot = caseSlot(context)
        cases[slot].receiver = PlacementCase.Receiver(
            employer: PersonalText(event.employer), fixedOn: CivilDay(nanoseconds: context.time))
        if let due = due(event.due) { cases[slot].due = due }
        noteCase(slot, cases[slot].state, .empty, context)
    }

    mutating func applyFollowedUp(_ event: EventV1.CaseFollowedUp, _ context: EventContext) {
        guard let satisfaction = Satisfied(event.satisfaction) else { corruption("a call without an answer") }
        let slot = caseSlot(context)
        cases[slot].followUp = PlacementCase.FollowUp(
            satisfaction: satisfaction, note: PersonalText(event.note), at: context.time)
        noteCase(slot, cases[slot].state, PersonalText(event.note), context)
    }

    mutating func applyConcluded(_ event: EventV1.CaseConcluded, _ context: EventContext) {
        let slot = caseSlot(context)
        let conclusion = PlacementCase.Conclusion(
            isPlaced: event.placed, channel: event.channel, employer: PersonalText(event.employer),
            post: PersonalText(event.post), starts: CivilDay(event.starts), reason: PersonalText(event.reason)
        )
        cases[slot].conclusion = conclusion
        noteCase(slot, event.placed ? .placed : .notPlaced, conclusion.reason, context)
    }

    mutating func applyConfirmed(_ event: EventV1.CaseConfirmed, _ context: EventContext) {
        let slot = caseSlot(context)
        let satisfaction = Satisfied(event.satisfaction)
        cases[slot].satisfaction = satisfaction
        let next: PlacementCase.State = satisfaction == .dissatisfied ? .reviewed : .closed
        noteCase(slot, next, PersonalText(event.note), context)
    }

    /// The new state, version and time, and the row of the change log: what every case event has in common.
    mutating func noteCase(
        _ slot: Int, _ state: PlacementCase.State, _ note: PersonalText, _ context: EventContext
    ) {
        let row = changes.append(
            ChangeRow(
                sequence: context.sequence, time: context.time, version: context.version,
                matter: .placementCase(slot),
                previous: cases[slot].newestRow, actor: actorIndex(context.actor.officer), kind: context.kind,
                state: state.rawValue, note: note))
        cases[slot].state = state
        cases[slot].version = context.version
        cases[slot].changedAt = context.time
        cases[slot].newestRow = row
    }

    func caseSlot(_ context: EventContext) -> Int {
        guard case .matter(let matter) = targets[context.target], matter.isCase
        else { corruption("an event on a case that is not there") }
        return matter.slot
    }
}
