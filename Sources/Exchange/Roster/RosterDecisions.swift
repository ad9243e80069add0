import Schema
import Wire

/// Deciding and applying what concerns the roster and the loaded tables. Each item is an aggregate of its own
/// with a version; its target id follows from its key (`RosterTarget`).
extension State {
    func configure(_ command: ConfigureCity) throws(Rejection) -> EventBody {
        guard command.city.utf8.count == 6, command.city.utf8.allSatisfy(isDigit) else {
            throw command.city.isEmpty ? .missing("city") : .invalid("city", "malformed")
        }
        if let city, city.code != command.city { throw .invalid("city", "mismatch") }
        try check(command.name, "name", max: Limits.displayNameCharacters, lines: false)
        try check(command.numberPrefix, "number_prefix", max: Limits.prefixCharacters, lines: false)
        return .cityConfigured(
            EventV1.CityConfigured(city: command.city, name: command.name, numberPrefix: command.numberPrefix)
        )
    }

    func register(_ command: RegisterParty) throws(Rejection) -> EventBody {
        guard let kind = Party.Kind(command.kind) else { throw .invalid("kind", "unspecified") }
        try checkToken(command.code, "code")
        guard command.key == "\(kind.word)/\(command.code)", isToken(command.key) else {
            throw command.key.isEmpty ? .missing("key") : .invalid("key", "mismatch")
        }
        guard !command.code.utf8.contains(UInt8(ascii: "/")) else { throw .invalid("code", "malformed") }
        try check(command.name, "name", max: Limits.displayNameCharacters, lines: false)
        guard (0...Limits.partyOrder).contains(Int(command.order)) else {
            throw .invalid("order", "out-of-range")
        }
        guard parties.count < Limits.parties else { throw .tooMuch("key", "too-many", max: Limits.parties) }
        try checkParent(command.parent, of: kind)
        return .partyRegistered(
            EventV1.PartyRegistered(
                key: command.key, kind: command.kind, code: command.code, name: command.name,
                order: command.order, parent: command.parent))
    }

    func register(_ command: RegisterOfficer) throws(Rejection) -> EventBody {
        try checkToken(command.officer, "officer", max: Limits.officerBytes)
        let isPlain = command.officer.utf8.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) }
        guard isPlain else { throw .invalid("officer", "malformed") }
        guard let party = party(command.party) else {
            throw command.party.isEmpty ? .missing("party") : .wrongParty("party", command.party)
        }
        guard !command.roles.isEmpty else { throw .missing("roles") }
        try checkRoles(command.roles, of: party)
        try check(command.name, "name", max: Limits.personNameCharacters, lines: false)
        try check(command.post, "post", max: Limits.postCharacters, lines: false)
        guard officers.count < Limits.officers else {
            throw .tooMuch("officer", "too-many", max: Limits.officers)
        }
        return .officerRegistered(
            EventV1.OfficerRegistered(
                officer: command.officer, party: command.party, roles: command.roles,
                name: personal(command.name),
                post: command.post))
    }

    /// No roles at all is allowed: the account stays, its rights end.
    func setRoles(_ command: SetOfficerRoles, _ context: Context) throws(Rejection) -> EventBody {
        let officer = try otherOfficer(command.officer, .setOfficerRoles, context)
        try checkRoles(command.roles, of: party(officer.party))
        return .officerRolesSet(EventV1.OfficerRolesSet(officer: command.officer, roles: command.roles))
    }

    func suspend(_ command: SuspendOfficer, _ context: Context) throws(Rejection) -> EventBody {
        _ = try otherOfficer(command.officer, .suspendOfficer, context)
        return .officerSuspended(
            EventV1.OfficerSuspended(officer: command.officer, suspended: command.suspended))
    }

    func load(_ command: LoadCodeList) throws(Rejection) -> EventBody {
        try checkToken(command.list, "list")
        try checkToken(command.version, "version")
        guard !command.entries.isEmpty else { throw .missing("entries") }
        guard command.entries.count <= Limits.codeEntries else {
            throw .tooMuch("entries", "too-many", max: Limits.codeEntries)
        }
        var seen: Set<String> = []
        for entry in command.entries {
            try checkToken(entry.code, "entries.code")
            guard seen.insert(entry.code).inserted else { throw .invalid("entries.code", "repeated") }
            try check(entry.name, "entries.name", max: Limits.displayNameCharacters, lines: false)
        }
        return .codeListLoaded(
            EventV1.CodeListLoaded(
                list: command.list, version: command.version,
                entries: command.entries.map { EventV1.CodeEntry(code: $0.code, name: $0.name) }))
    }

    func load(_ command: LoadRuleTable) throws(Rejection) -> EventBody {
        try checkToken(command.table, "table")
        try checkToken(command.version, "version")
        guard !command.rules.isEmpty else { throw .missing("rules") }
        guard command.rules.count <= Limits.rules else {
            throw .tooMuch("rules", "too-many", max: Limits.rules)
        }
        for rule in command.rules { try check(rule) }
        guard let last = command.rules.last, last.conditions.isEmpty else {
            throw .invalid("rules", "no-catch-all")
        }
        return .ruleTableLoaded(
            EventV1.RuleTableLoaded(
                table: command.table, version: command.version, rules: command.rules.map(event)))
    }

    private func check(_ rule: Rule) throws(Rejection) {
        guard (0...Limits.tier).contains(Int(rule.tier)) else { throw .invalid("rules.tier", "out-of-range") }
        try check(rule.clause, "rules.clause", max: Limits.clauseCharacters, lines: false)
        try check(rule.name, "rules.name", max: Limits.displayNameCharacters, lines: false)
        guard rule.conditions.count <= Limits.conditions else {
            throw .tooMuch("rules.conditions", "too-many", max: Limits.conditions)
        }
        for condition in rule.conditions { try check(condition) }
    }

    /// A condition asks about a known field and for values that exist: a misspelt one would never match,
    /// silently.
    func check(_ condition: RuleCondition) throws(Rejection) {
        guard let field = PlacementField(rawValue: condition.field) else {
            throw .invalid("rules.conditions.field", "malformed")
        }
        guard !condition.values.isEmpty else { throw .missing("rules.conditions.values") }
        guard condition.values.count <= Limits.conditionValues else {
            throw .tooMuch("rules.conditions.values", "too-many", max: Limits.conditionValues)
        }
        for value in condition.values {
            if let list = field.codeList {
                try checkCode(value, "rules.conditions.values", list: list)
            } else if value != "true", value != "false" {
                throw .invalid("rules.conditions.values", "malformed")
            }
        }
    }

    private func event(_ rule: Rule) -> EventV1.Rule {
        EventV1.Rule(
            tier: rule.tier, clause: rule.clause, name: rule.name,
            conditions: rule.conditions.map { EventV1.RuleCondition(field: $0.field, values: $0.values) },
            refuse: rule.refuse)
    }

    /// 三员分立, and the administrators' offices are the bureau's.
    func checkRoles(_ roles: [Role], of party: Party) throws(Rejection) {
        guard let set = RoleSet(roles) else { throw .invalid("roles", "unspecified") }
        if let (one, other) = set.incompatiblePair {
            throw Rejection(.rolesIncompatible, ["role": one, "role": other])
        }
        guard set.isDisjoint(with: .administrators) || party.kind == .bureau else {
            throw .wrongParty("party", party.key)
        }
    }

    /// The officer a command is about, who is not the one who gives it and whose name is still there: an account whose name was
    /// removed is closed for good.
    func otherOfficer(_ id: String, _ kind: CommandKind, _ context: Context) throws(Rejection)
        -> Officer
    {
        guard !id.isEmpty else { throw .missing("officer") }
        guard let officer = officer(id) else { throw Rejection(.notFound, ["command": kind.name]) }
        guard !officer.id.utf8.elementsEqual(context.actor.officer.utf8) else {
            throw Rejection(.ownAccount, ["command": kind.name])
        }
        guard officer.erasureCompletes == 0 else { throw .invalid("officer", "erased") }
        return officer
    }
}

// MARK: Applying

extension State {
    mutating func apply(_ event: EventV1.CityConfigured, _ context: EventContext) {
        city = City(code: event.city, name: event.name, numberPrefix: event.numberPrefix)
        version(context)
    }

    mutating func apply(_ event: EventV1.PartyRegistered, _ context: EventContext) {
        guard let kind = Party.Kind(event.kind), partyKeys.find(event.key) == nil
        else { corruption("a party without kind, or twice") }
        _ = partyKeys.insert(event.key)
        parties.append(
            Party(
                key: event.key, kind: kind, code: event.code, name: event.name, order: event.order,
                parent: partyIndex(event.parent)))
        requestsOfParty.append([])
        casesOfParty.append([])
        version(context)
    }

    mutating func apply(_ event: EventV1.OfficerRegistered, _ context: EventContext) {
        guard let party = partyIndex(event.party), let roles = RoleSet(event.roles),
            officerIDs.find(event.officer) == nil
        else { corruption("an officer without party or roles, or twice") }
        _ = officerIDs.insert(event.officer)
        officers.append(
            Officer(
                id: event.officer, party: party, name: PersonalText(event.name), post: event.post,
                roles: roles,
                isSuspended: false))
        version(context)
    }

    mutating func apply(_ event: EventV1.OfficerRolesSet, _ context: EventContext) {
        guard let index = officerIDs.find(event.officer), let roles = RoleSet(event.roles)
        else { corruption("roles of nobody") }
        officers[index].roles = roles
        version(context)
    }

    mutating func apply(_ event: EventV1.OfficerSuspended, _ context: EventContext) {
        guard let index = officerIDs.find(event.officer) else { corruption("a suspension of nobody") }
        officers[index].isSuspended = event.suspended
        version(context)
    }

    mutating func apply(_ event: EventV1.CodeListLoaded, _ context: EventContext) {
        let list = CodeList(
            name: event.list, version: event.version, entries: event.entries.map { ($0.code, $0.name) })
        if let index = codeLists.firstIndex(where: { $0.name == event.list }) {
            codeLists[index] = list
        } else {
            codeLists.append(list)
        }
        version(context)
    }

    mutating func apply(_ event: EventV1.RuleTableLoaded, _ context: EventContext) {
        let table = RuleTable(
            name: event.table, version: event.version, rules: event.rules.map(kept))
        if let index = ruleTables.firstIndex(where: { $0.name == event.table }) {
            ruleTables[index] = table
        } else {
            ruleTables.append(table)
        }
        version(context)
    }

    /// Keeps the version of the roster item the event is about.
    mutating func version(_ context: EventContext) {
        switch targets[context.target] {
        case .roster(let item): rosterVersions[Int(item)] = context.version
        case .matter, .batch, .person: corruption("a roster event on a request, case or batch")
        case nil:
            targets[context.target] = .roster(UInt32(rosterVersions.count))
            rosterVersions.append(context.version)
            rosterTargets.append(context.target)
        }
    }

    private func kept(_ rule: EventV1.Rule) -> PlacementRule {
        PlacementRule(
            tier: rule.tier, clause: rule.clause, name: rule.name, conditions: rule.conditions.map(kept),
            refuses: rule.refuse)
    }

    func kept(_ condition: EventV1.RuleCondition) -> PlacementCondition {
        guard let field = PlacementField(rawValue: condition.field) else {
            corruption("a rule about an unknown field")
        }
        return PlacementCondition(field: field, values: condition.values)
    }
}
