import Schema

/// What becomes of parties and officers after they were registered: name, order and standing of a party, hand-over of a duty, removal of a
/// name (Protocol/REGISTRY.md). Only the security administrator gives or takes what somebody may do, and never to the own account.
extension State {
    // MARK: Standing

    /// Whether an officer may neither ask nor act: the account is suspended, or the whole party is.
    func isSuspended(_ officer: Officer) -> Bool {
        officer.isSuspended || parties[Int(officer.party.raw)].isSuspended
    }

    /// Nothing new is given to a party that may not act.
    func checkActive(_ party: Party, _ field: String) throws(Rejection) {
        guard party.isSuspended else { return }
        throw Rejection(.partySuspended, ["field": field, "party": party.key])
    }

    /// A township stands below a county that is registered and active; nothing else stands below anything.
    func checkParent(_ key: String, of kind: Party.Kind) throws(Rejection) {
        guard kind == .township else {
            if !key.isEmpty { throw .wrongParty("parent", key) }
            return
        }
        guard !key.isEmpty else { throw .missing("parent") }
        guard let county = party(key), county.kind == .county else { throw .wrongParty("parent", key) }
        try checkActive(county, "parent")
    }

    // MARK: Deciding

    func change(_ command: ChangeParty) throws(Rejection) -> EventBody {
        try check(command.name, "name", max: Limits.displayNameCharacters, lines: false)
        guard (0...Limits.partyOrder).contains(Int(command.order)) else {
            throw .invalid("order", "out-of-range")
        }
        return .partyChanged(
            EventV1.PartyChanged(key: command.key, name: command.name, order: command.order))
    }

    /// Never the bureau: nobody could undo it, and its administrators would suspend themselves.
    func suspend(_ command: SuspendParty) throws(Rejection) -> EventBody {
        guard let party = party(command.key), party.kind != .bureau else {
            throw .wrongParty("key", command.key)
        }
        return .partySuspended(EventV1.PartySuspended(key: party.key, suspended: command.suspended))
    }

    /// Both must be others than the one who gives the command: whoever takes a duty over by the own command would grant to the own account,
    /// and whoever gives the own away would end the account that has to answer for it.
    func handOver(_ command: HandOverOfficer, _ context: Context) throws(Rejection) -> EventBody {
        let giver = try otherOfficer(command.officer, .handOverOfficer, context)
        guard !command.successor.isEmpty else { throw .missing("successor") }
        guard !haveSameBytes(command.successor, context.actor.officer) else {
            throw Rejection(.ownAccount, ["command": CommandKind.handOverOfficer.name])
        }
        guard let taker = officer(command.successor) else { throw .invalid("successor", "unknown") }
        guard !haveSameBytes(giver.id, taker.id) else { throw .invalid("successor", "itself") }
        guard giver.party == taker.party else { throw .invalid("successor", "other-party") }
        guard !taker.isSuspended else { throw .invalid("successor", "suspended") }
        guard !giver.roles.isEmpty else { throw .invalid("officer", "no-roles") }
        let roles = giver.roles.union(taker.roles).open
        try checkRoles(roles, of: party(taker.party))
        return .officerHandedOver(
            EventV1.OfficerHandedOver(officer: giver.id, successor: taker.id, roles: roles))
    }

    /// Only of a suspended account: who acts is known by name.
    func erase(_ command: EraseOfficer, _ context: Context) throws(Rejection) -> EventBody {
        let officer = try otherOfficer(command.officer, .eraseOfficer, context)
        guard officer.isSuspended else {
            throw Rejection(.accountActive, ["command": CommandKind.eraseOfficer.name])
        }
        let completes = try erasure(command.basis, officer.erasureCompletes, context)
        return .officerErased(
            EventV1.OfficerErased(officer: officer.id, basis: command.basis, completesAt: completes))
    }

    // MARK: Applying

    mutating func apply(_ event: EventV1.PartyChanged, _ context: EventContext) {
        guard let index = partyKeys.find(event.key) else { corruption("a change of no party") }
        parties[index].name = event.name
        parties[index].order = event.order
        version(context)
    }

    mutating func apply(_ event: EventV1.PartySuspended, _ context: EventContext) {
        guard let index = partyKeys.find(event.key) else { corruption("a suspension of no party") }
        parties[index].isSuspended = event.suspended
        version(context)
    }

    /// The successor's version rises, too: who gives roles by what they saw before meets a conflict.
    mutating func apply(_ event: EventV1.OfficerHandedOver, _ context: EventContext) {
        guard let giver = officerIDs.find(event.officer), let taker = officerIDs.find(event.successor),
            let roles = RoleSet(event.roles),
            case .roster(let item) = targets[RosterTarget.officer(event.successor)]
        else { corruption("a hand-over from or to nobody") }
        officers[giver].roles = []
        officers[giver].isSuspended = true
        officers[taker].roles = roles
        rosterVersions[Int(item)] += 1
        version(context)
    }

    mutating func apply(_ event: EventV1.OfficerErased, _ context: EventContext) {
        guard let index = officerIDs.find(event.officer) else { corruption("a removal of nobody's name") }
        officers[index].name.clear = nil
        officers[index].roles = []
        officers[index].erasureCompletes = event.completesAt
        version(context)
    }

    /// Those whose names were removed.
    var erasedOfficers: [Officer] { officers.filter { $0.erasureCompletes != 0 } }

    /// Nothing where there is nothing of it: the hash of an older state stays what it was.
    func digestRegistry(_ stream: inout CanonicalStream<some StateHasher>) {
        let special = parties.enumerated().filter { $0.element.parent != nil || $0.element.isSuspended }
        if !special.isEmpty {
            stream.put("parties")
            stream.put(special.count)
            for (number, party) in special {
                stream.put(number)
                stream.put(party.parent.map { Int($0.raw) + 1 } ?? 0)
                stream.put(party.isSuspended)
            }
        }
        let erased = officers.enumerated().filter { $0.element.erasureCompletes != 0 }
        guard !erased.isEmpty else { return }
        stream.put("names-removed")
        stream.put(erased.count)
        for (number, officer) in erased {
            stream.put(number)
            stream.put(officer.erasureCompletes)
        }
    }
}
