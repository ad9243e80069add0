package import Schema

/// One family's case; in this version the placement of a spouse who follows the serviceman (随军家属就业安置). The
/// state machine whole.
///
///     (none) ─file→ filed ─return→ returned ─amend→ filed
///     filed ─review→ reviewed (gets its number; tier and clause from the rule table)
///     reviewed ─conclude→ placed | not placed ─confirm→ closed, or reviewed again when the unit disputes the result
///     filed | returned | reviewed ─withdraw→ withdrawn
///
/// `transitions` is the law; this drawing follows it.
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
        // While somebody handles it, and no longer: CaseReveal.swift.
        (.reviewed, .revealCaseField, .reviewed),
        (.placed, .revealCaseField, .placed),
        (.notPlaced, .revealCaseField, .notPlaced),
        // What has ended, and only that: Erasure.swift.
        (.closed, .eraseCase, .closed),
        (.withdrawn, .eraseCase, .withdrawn),
    ])

    /// The sub-category this version handles.
    package static let spouseEmployment = "spouse-employment"

    package struct Family: Sendable, Hashable {
        package var name: PersonalText
        package var idNumber: PersonalText
        package var householdPlace: PersonalText
        package var facts: FamilyFacts
        package var contactName: PersonalText
        package var contactPhone: PersonalText
    }

    package struct Document: Sendable, Hashable {
        package var kind: String
        package var sha256: [UInt8]
    }

    /// What the handling department and the hub work with after review.
    package struct Review: Sendable, Hashable {
        package var handler: PartyIndex
        package var tier: Int32
        package var clause: String
        package var tierName: String
        package var ruleVersion: String
        /// Version of the case right after it. The handler's view begins here.
        package var version: UInt64
    }

    package struct Conclusion: Sendable, Hashable {
        package var isPlaced: Bool
        package var channel: String
        package var employer: PersonalText
        package var post: PersonalText
        package var starts: CivilDay?
        package var reason: PersonalText
    }

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
    func file(_ command: FileCase, by party: PartyIndex) throws(Rejection) -> EventBody {
        let unit = self.party(party)
        guard unit.kind == .unit else { throw .wrongParty("unit", unit.key) }
        try checkCode(command.subcategory, "subcategory", list: CodeListName.caseSubcategory)
        guard command.subcategory == PlacementCase.spouseEmployment else {
            throw .invalid("subcategory", "not-yet-offered")
        }
        try check(command.wish, "wish", max: Limits.wishCharacters)
        return .caseFiled(
            EventV1.CaseFiled(
                subcategory: command.subcategory, unit: unit.key,
                service: try checkedService(command.service),
                family: try checkedFamily(command.family), wish: personal(command.wish),
                materials: try checkedMaterials(command.materials)))
    }

    func amend(_ command: AmendCase) throws(Rejection) -> EventBody {
        try check(command.wish, "wish", max: Limits.wishCharacters)
        return .caseAmended(
            EventV1.CaseAmended(
                service: try checkedService(command.service), family: try checkedFamily(command.family),
                wish: personal(command.wish), materials: try checkedMaterials(command.materials)))
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
        guard !command.handler.isEmpty else { throw .missing("handler") }
        guard let handler = party(command.handler), handler.kind == .department || handler.kind == .county
        else { throw .wrongParty("handler", command.handler) }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        guard let city else { throw .missing("city") }
        let held = cases[slot]
        guard let table = ruleTable(RuleTable.spousePriority),
            let rule = table.rule(for: held.service, held.family.facts)
        else { throw Rejection(.noRuleTable, ["table": RuleTable.spousePriority]) }
        guard !rule.refuses else {
            throw Rejection(.notEligible, ["clause": rule.clause, "version": table.version])
        }
        let year = Int32(truncatingIfNeeded: context.today.year)
        let serial = nextSerial(year, .home)
        return .caseReviewed(
            EventV1.CaseReviewed(
                handler: handler.key, note: personal(command.note), tier: rule.tier, clause: rule.clause,
                tierName: rule.name, ruleVersion: table.version,
                number: held.number.isEmpty
                    ? NumberSeries.home.number(prefix: city.numberPrefix, year: year, serial: serial)
                    : held.number,
                serial: held.number.isEmpty ? serial : 0))
    }

    func conclude(_ command: ConcludeCase) throws(Rejection) -> EventBody {
        guard command.placed else {
            try check(command.reason, "reason", max: Limits.reasonCharacters)
            return .caseConcluded(EventV1.CaseConcluded(placed: false, reason: personal(command.reason)))
        }
        try checkCode(command.channel, "channel", list: CodeListName.placementChannel)
        try check(command.employer, "employer", max: Limits.employerCharacters, lines: false)
        try check(command.post, "post", max: Limits.postCharacters, lines: false)
        _ = try checkDay(command.starts, "starts")
        try checkOptional(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseConcluded(
            EventV1.CaseConcluded(
                placed: true, channel: command.channel, employer: personal(command.employer),
                post: personal(command.post), starts: command.starts, reason: personal(command.reason)))
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

    private func checkedService(_ service: ServiceSide?) throws(Rejection) -> EventV1.ServiceSide {
        guard let service else { throw .missing("service") }
        try checkCode(service.rankBand, "service.rank_band", list: CodeListName.rankBand)
        try checkCode(service.yearsBand, "service.years_band", list: CodeListName.yearsBand)
        try checkCode(service.merit, "service.merit", list: CodeListName.merit)
        try checkCode(service.hardship, "service.hardship", list: CodeListName.hardship)
        try checkCode(service.approvalOrgan, "service.approval_organ", list: CodeListName.approvalOrgan)
        return EventV1.ServiceSide(
            rankBand: service.rankBand, yearsBand: service.yearsBand, merit: service.merit,
            hardship: service.hardship,
            martyrFamily: service.martyrFamily, approvalOrgan: service.approvalOrgan)
    }

    private func checkedFamily(_ family: FamilySide?) throws(Rejection) -> EventV1.FamilySide {
        guard let family else { throw .missing("family") }
        try check(family.name, "family.name", max: Limits.personNameCharacters, lines: false)
        let idNumber = try checkedIdentity(family.idNumber)
        try checkOptional(
            family.householdPlace, "family.household_place", max: Limits.placeCharacters, lines: false)
        try checkCode(family.schooling, "family.schooling", list: CodeListName.schooling)
        try checkCode(family.profession, "family.profession", list: CodeListName.profession)
        return EventV1.FamilySide(
            name: personal(family.name), idNumber: personal(idNumber),
            householdPlace: personal(family.householdPlace),
            schooling: family.schooling, profession: family.profession,
            contact: try checkedContact(family.contact, "family.contact"))
    }

    /// The number levelled: full-width folded, capital X.
    private func checkedIdentity(_ text: String) throws(Rejection) -> String {
        do {
            return try IdentityNumber(text).text
        } catch {
            guard error != .empty else { throw .missing("family.id_number") }
            throw .invalid("family.id_number", error.word)
        }
    }

    private func checkedMaterials(_ materials: [Material]) throws(Rejection) -> [EventV1.Material] {
        guard materials.count <= Limits.materials else {
            throw .tooMuch("materials", "too-many", max: Limits.materials)
        }
        var checked: [EventV1.Material] = []
        for material in materials {
            try checkCode(material.kind, "materials.kind", list: CodeListName.material)
            guard material.sha256.count == Limits.digestBytes else {
                throw .invalid("materials.sha256", "malformed")
            }
            checked.append(EventV1.Material(kind: material.kind, sha256: material.sha256))
        }
        return checked
    }
}

// MARK: Applying

extension State {
    mutating func applyFiled(_ event: EventV1.CaseFiled, _ context: EventContext) {
        guard let unit = partyIndex(event.unit), let service = event.service, let family = event.family
        else { corruption("a case without unit, service or family") }
        let slot = cases.count
        cases.append(
            PlacementCase(
                id: context.target, subcategory: event.subcategory, unit: unit, filedAt: context.time,
                service: ServiceFacts(service), family: PlacementCase.Family(family),
                wish: PersonalText(event.wish),
                materials: event.materials.map(PlacementCase.Document.init), version: context.version,
                changedAt: context.time))
        register(.placementCase(slot), context.target)
        insertAscending(UInt32(slot), into: &casesOfParty[Int(unit.raw)])
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
        noteCase(slot, .filed, .empty, context)
    }

    mutating func applyReviewed(_ event: EventV1.CaseReviewed, _ context: EventContext) {
        guard let handler = partyIndex(event.handler) else { corruption("a review without handler") }
        let slot = caseSlot(context)
        cases[slot].review = PlacementCase.Review(
            handler: handler, tier: event.tier, clause: event.clause, tierName: event.tierName,
            ruleVersion: event.ruleVersion, version: context.version)
        if cases[slot].number.isEmpty {
            cases[slot].number = event.number
            count(event.serial, Int32(CivilDay(nanoseconds: context.time).year), .home)
            register(number: event.number, .placementCase(slot))
        }
        insertAscending(UInt32(slot), into: &casesOfParty[Int(handler.raw)])
        noteCase(slot, .reviewed, PersonalText(event.note), context)
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

extension ServiceFacts {
    init(_ side: EventV1.ServiceSide) {
        self.init(
            rankBand: side.rankBand, yearsBand: side.yearsBand, merit: side.merit, hardship: side.hardship,
            isMartyrFamily: side.martyrFamily, approvalOrgan: side.approvalOrgan)
    }
}

extension PlacementCase.Family {
    init(_ side: EventV1.FamilySide) {
        self.init(
            name: PersonalText(side.name), idNumber: PersonalText(side.idNumber),
            householdPlace: PersonalText(side.householdPlace),
            facts: FamilyFacts(schooling: side.schooling, profession: side.profession),
            contactName: PersonalText(side.contact?.name), contactPhone: PersonalText(side.contact?.phone))
    }
}

extension PlacementCase.Document {
    init(_ material: EventV1.Material) { self.init(kind: material.kind, sha256: material.sha256) }
}
