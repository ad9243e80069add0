package import Schema

/// What a kind of case is: which rules, papers, parties and time it has (DOMAIN.md 3). The whole table comes in one journaled command, from
/// `seeds/rules/case-kinds.csv` and `case-tasks.csv`; nothing of it is code.
package struct KindOfCase: Sendable, Hashable {
    /// A field a result may have to name.
    package enum ResultField: String, Sendable, Hashable, CaseIterable {
        case channel, employer, post
    }

    package struct Due: Sendable, Hashable {
        package let from: DueFrom
        /// Civil months, for the two that count.
        package let months: Int
        /// The due date holds where all of these do.
        package let conditions: [PlacementCondition]
        package let clause: String
    }

    package struct Task: Sendable, Hashable {
        package let code: String
        package let name: String
        package let party: PartyIndex
        package let isMandatory: Bool
        /// Civil days after the review.
        package let days: Int
    }

    package let subcategory: String
    package let series: NumberSeries
    /// Name of the table that decides eligibility and tier.
    package let rules: String
    package let hasChild: Bool
    /// Kinds of document that must be there before review.
    package let materials: [String]
    /// Who endorses before the bureau reviews, in order.
    package let chain: [PartyIndex]
    package let due: Due?
    package let result: [ResultField]
    package let isPaidFor: Bool
    package let tasks: [Task]
    package let counted: CountedIn

    /// What a spouse's case is in a store that never loaded a table of kinds: what releases 1 and 2 had in code.
    static let ofOlderStores = KindOfCase(
        subcategory: PlacementCase.spouseEmployment, series: .home, rules: RuleTable.spousePriority,
        hasChild: false, materials: [], chain: [], due: nil, result: ResultField.allCases, isPaidFor: false,
        tasks: [], counted: .persons)
}

/// What a due date counts from.
package enum DueFrom: UInt8, ClosedCode {
    case receiverFixed = 1
    case reviewed = 2
    case school = 3
    package typealias Open = DueBasis

    package var word: String {
        switch self {
        case .receiverFixed: "receiver-fixed"
        case .reviewed: "reviewed"
        case .school: "school"
        }
    }
}

/// Dates of one county's schools for one year and stage.
package struct SchoolTerm: Sendable, Hashable {
    package let county: PartyIndex
    package let year: Int32
    package let stage: String
    package let intakeUntil: CivilDay
    package let allocatedBy: CivilDay
    package let toldBy: CivilDay
    package let clause: String
}

/// A table that is replaced as a whole.
package struct Versioned<Row: Sendable & Hashable>: Sendable, Hashable {
    package let version: String
    package let rows: [Row]
}

extension NumberSeries {
    /// Nil for "unspecified" and numbers of a later schema.
    init?(_ worry: Worry) {
        switch worry {
        case .wayOut: self = .wayOut
        case .home: self = .home
        case .children: self = .children
        case .unspecified, .unrecognized: return nil
        }
    }

    var worry: Worry {
        switch self {
        case .wayOut: .wayOut
        case .home: .home
        case .children: .children
        default: .unspecified
        }
    }
}

extension State {
    /// How a sub-category is handled; nil where it is not.
    package func caseKind(_ subcategory: String) -> KindOfCase? {
        guard let caseKinds else {
            return haveSameBytes(subcategory, PlacementCase.spouseEmployment) ? .ofOlderStores : nil
        }
        return caseKinds.rows.first { haveSameBytes($0.subcategory, subcategory) }
    }

    func schoolTerm(_ county: PartyIndex, _ year: Int32, _ stage: String) -> SchoolTerm? {
        schoolTerms?.rows.first {
            $0.county == county && $0.year == year && haveSameBytes($0.stage, stage)
        }
    }

    // MARK: Deciding

    func load(_ command: LoadCaseKinds) throws(Rejection) -> EventBody {
        try checkToken(command.version, "version")
        guard !command.kinds.isEmpty else { throw .missing("kinds") }
        guard command.kinds.count <= Limits.caseKinds else {
            throw .tooMuch("kinds", "too-many", max: Limits.caseKinds)
        }
        var seen: Set<String> = []
        for kind in command.kinds {
            guard seen.insert(kind.subcategory).inserted else {
                throw .invalid("kinds.subcategory", "repeated")
            }
            try check(kind)
        }
        return .caseKindsLoaded(
            EventV1.CaseKindsLoaded(version: command.version, kinds: command.kinds.map(event)))
    }

    private func check(_ kind: CaseKind) throws(Rejection) {
        try checkCode(kind.subcategory, "kinds.subcategory", list: CodeListName.caseSubcategory)
        guard NumberSeries(kind.worry) != nil else { throw .invalid("kinds.worry", "unspecified") }
        try checkToken(kind.rules, "kinds.rules")
        for material in kind.materials {
            try checkCode(material, "kinds.materials", list: CodeListName.material)
        }
        guard kind.chain.count <= Limits.chainParties else {
            throw .tooMuch("kinds.chain", "too-many", max: Limits.chainParties)
        }
        for key in kind.chain { try checkHandling(key, "kinds.chain") }
        guard Set(kind.chain).count == kind.chain.count else { throw .invalid("kinds.chain", "repeated") }
        for field in kind.result where KindOfCase.ResultField(rawValue: field) == nil {
            throw .invalid("kinds.result", "malformed")
        }
        guard kind.counted == .unspecified || CountedIn(kind.counted) != nil else {
            throw .invalid("kinds.counted", "malformed")
        }
        try checkDue(kind)
        try checkTasks(kind.tasks)
    }

    private func checkDue(_ kind: CaseKind) throws(Rejection) {
        guard kind.due != .unspecified else { return }
        guard let from = DueFrom(kind.due) else { throw .invalid("kinds.due", "malformed") }
        if from == .school, !kind.child { throw .invalid("kinds.due", "mismatch") }
        if from != .school, !(1...Limits.dueMonths).contains(Int(kind.dueMonths)) {
            throw .invalid("kinds.due_months", "out-of-range")
        }
        try check(kind.dueClause, "kinds.due_clause", max: Limits.clauseCharacters, lines: false)
        for condition in kind.dueWhen { try check(condition) }
    }

    /// A case with sub-tasks is done when the mandatory ones are, so there is one at least.
    private func checkTasks(_ tasks: [TaskKind]) throws(Rejection) {
        guard tasks.count <= Limits.caseTasks else {
            throw .tooMuch("kinds.tasks", "too-many", max: Limits.caseTasks)
        }
        if !tasks.isEmpty, !tasks.contains(where: \.mandatory) { throw .missing("kinds.tasks.mandatory") }
        var seen: Set<String> = []
        for task in tasks {
            try checkToken(task.code, "kinds.tasks.code")
            guard seen.insert(task.code).inserted else { throw .invalid("kinds.tasks.code", "repeated") }
            try check(task.name, "kinds.tasks.name", max: Limits.displayNameCharacters, lines: false)
            try checkHandling(task.party, "kinds.tasks.party")
            guard (1...Limits.taskDays).contains(Int(task.days)) else {
                throw .invalid("kinds.tasks.days", "out-of-range")
            }
        }
    }

    /// A party that works on cases for others: a department or a county.
    @discardableResult
    func checkHandling(_ key: String, _ field: String) throws(Rejection) -> Party {
        guard !key.isEmpty else { throw .missing(field) }
        guard let party = party(key), party.kind == .department || party.kind == .county
        else { throw .wrongParty(field, key) }
        try checkActive(party, field)
        return party
    }

    private func event(_ kind: CaseKind) -> EventV1.CaseKind {
        EventV1.CaseKind(
            subcategory: kind.subcategory, worry: kind.worry, rules: kind.rules, child: kind.child,
            materials: kind.materials, chain: kind.chain, due: kind.due, dueMonths: kind.dueMonths,
            dueWhen: kind.dueWhen.map { EventV1.RuleCondition(field: $0.field, values: $0.values) },
            dueClause: kind.dueClause, result: kind.result, fund: kind.fund,
            tasks: kind.tasks.map {
                EventV1.TaskKind(
                    code: $0.code, name: $0.name, party: $0.party, mandatory: $0.mandatory, days: $0.days)
            }, counted: kind.counted == .unspecified ? .item : kind.counted)
    }

    func load(_ command: LoadSchoolDates) throws(Rejection) -> EventBody {
        try checkToken(command.version, "version")
        guard !command.dates.isEmpty else { throw .missing("dates") }
        guard command.dates.count <= Limits.schoolTerms else {
            throw .tooMuch("dates", "too-many", max: Limits.schoolTerms)
        }
        var seen: Set<[String]> = []
        for row in command.dates {
            guard seen.insert([row.county, String(row.year), row.stage]).inserted else {
                throw .invalid("dates", "repeated")
            }
            try check(row)
        }
        let rows = command.dates.map { row in
            EventV1.SchoolDates(
                county: row.county, year: row.year, stage: row.stage, intakeUntil: row.intakeUntil,
                allocatedBy: row.allocatedBy, toldBy: row.toldBy, clause: row.clause)
        }
        return .schoolDatesLoaded(EventV1.SchoolDatesLoaded(version: command.version, dates: rows))
    }

    private func check(_ row: SchoolDates) throws(Rejection) {
        guard party(row.county)?.kind == .county else { throw .wrongParty("dates.county", row.county) }
        guard CivilDay.years.contains(Int(row.year)) else { throw .invalid("dates.year", "out-of-range") }
        try checkCode(row.stage, "dates.stage", list: CodeListName.schoolStage)
        guard let until = try checkDay(row.intakeUntil, "dates.intake_until") else {
            throw .missing("dates.intake_until")
        }
        guard let allocated = try checkDay(row.allocatedBy, "dates.allocated_by") else {
            throw .missing("dates.allocated_by")
        }
        guard let told = try checkDay(row.toldBy, "dates.told_by") else { throw .missing("dates.told_by") }
        guard until <= allocated, allocated <= told else { throw .invalid("dates.told_by", "mismatch") }
        try check(row.clause, "dates.clause", max: Limits.clauseCharacters, lines: false)
    }

    // MARK: Applying

    mutating func apply(_ event: EventV1.CaseKindsLoaded, _ context: EventContext) {
        caseKinds = Versioned(version: event.version, rows: event.kinds.map(kept))
        version(context)
    }

    private func kept(_ kind: EventV1.CaseKind) -> KindOfCase {
        guard let series = NumberSeries(kind.worry) else { corruption("a kind of case of no worry") }
        return KindOfCase(
            subcategory: kind.subcategory, series: series, rules: kind.rules, hasChild: kind.child,
            materials: kind.materials, chain: kind.chain.map(knownParty), due: keptDue(kind),
            result: kind.result.compactMap(KindOfCase.ResultField.init), isPaidFor: kind.fund,
            tasks: kind.tasks.map { task in
                KindOfCase.Task(
                    code: task.code, name: task.name, party: knownParty(task.party),
                    isMandatory: task.mandatory,
                    days: Int(task.days))
            }, counted: CountedIn(kind.counted) ?? .items)
    }

    private func keptDue(_ kind: EventV1.CaseKind) -> KindOfCase.Due? {
        guard let from = DueFrom(kind.due) else { return nil }
        return KindOfCase.Due(
            from: from, months: Int(kind.dueMonths), conditions: kind.dueWhen.map(kept),
            clause: kind.dueClause)
    }

    func knownParty(_ key: String) -> PartyIndex {
        guard let index = partyIndex(key) else { corruption("a party that is not there") }
        return index
    }

    mutating func apply(_ event: EventV1.SchoolDatesLoaded, _ context: EventContext) {
        let rows = event.dates.map { row in
            guard let until = CivilDay(row.intakeUntil), let allocated = CivilDay(row.allocatedBy),
                let told = CivilDay(row.toldBy)
            else { corruption("school dates without days") }
            return SchoolTerm(
                county: knownParty(row.county), year: row.year, stage: row.stage, intakeUntil: until,
                allocatedBy: allocated, toldBy: told, clause: row.clause)
        }
        schoolTerms = Versioned(version: event.version, rows: rows)
        version(context)
    }
}
