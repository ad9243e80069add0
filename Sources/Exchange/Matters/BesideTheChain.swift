internal import Schema

/// What happens to a request beside its chain (DOMAIN.md 2): the conference's agenda, extension and suspension with their
/// questions, carry-over, and void as a duplicate. Decisions and what they make of the state, pair by pair.
extension State {
    // MARK: The agenda

    func schedule(_ command: ScheduleRequest, _ context: Context) throws(Rejection) -> EventBody {
        let day = try checkComing(command.conference, "conference", context)
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestScheduled(
            EventV1.RequestScheduled(conference: day.open, note: personal(command.note)))
    }

    mutating func applyScheduled(_ event: EventV1.RequestScheduled, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].conference = CivilDay(event.conference)
        noteRequest(slot, requests[slot].state, PersonalText(event.note), context)
    }

    // MARK: A township's work

    /// One of the responsible county's own townships, once. The county stays accountable: it reports the result.
    func handOn(_ command: HandOnRequest, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.township.isEmpty else { throw .missing("township") }
        let obligation = try obligation(slot)
        guard let index = partyIndex(command.township), party(index).parent == obligation.responsible else {
            throw .wrongParty("township", command.township)
        }
        try checkActive(party(index), "township")
        guard !obligation.assisting.contains(index) else { throw .invalid("township", "repeated") }
        guard obligation.assisting.count < Limits.assistingParties else {
            throw .tooMuch("township", "too-many", max: Limits.assistingParties)
        }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestHandedOn(
            EventV1.RequestHandedOn(township: command.township, note: personal(command.note)))
    }

    /// Whether the responsible party has a township left that could be given it.
    func couldHandOn(_ slot: Int) -> Bool {
        guard let obligation = requests[slot].obligation,
            obligation.assisting.count < Limits.assistingParties
        else { return false }
        return parties.indices.contains {
            parties[$0].parent == obligation.responsible && !parties[$0].isSuspended
                && !obligation.assisting.contains(PartyIndex($0))
        }
    }

    mutating func applyHandedOn(_ event: EventV1.RequestHandedOn, _ context: EventContext) {
        guard let township = partyIndex(event.township) else { corruption("handed on to no party") }
        let slot = requestSlot(context)
        requests[slot].obligation?.assisting.append(township)
        showRequest(slot, to: township)
        noteRequest(slot, requests[slot].state, PersonalText(event.note), context)
    }

    // MARK: Extension

    /// Asked before expiry, the last day included: a deadline that has passed is not moved in silence.
    func askExtension(_ command: AskExtension, _ slot: Int, _ context: Context) throws(Rejection)
        -> EventBody
    {
        let deadline = try obligation(slot).deadline
        guard context.today <= deadline else {
            throw Rejection(.deadlinePassed, ["deadline": deadline.text])
        }
        let hoped = try checkLater(command.deadline, than: deadline)
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestExtensionAsked(
            EventV1.RequestExtensionAsked(deadline: hoped.open, reason: personal(command.reason)))
    }

    mutating func applyExtensionAsked(_ event: EventV1.RequestExtensionAsked, _ context: EventContext) {
        guard let day = CivilDay(event.deadline) else { corruption("an extension asked to no day") }
        let slot = requestSlot(context)
        let reason = PersonalText(event.reason)
        requests[slot].question = .extending(to: day, reason: reason)
        changes.note(ChangeDay(sequence: context.sequence, day: day))
        noteRequest(slot, requests[slot].state, reason, context)
    }

    /// Approved with the day asked for or another one; refused with a reason.
    func decideExtension(_ command: DecideExtension, _ slot: Int, _ context: Context) throws(Rejection)
        -> EventBody
    {
        guard command.approved else {
            try check(command.reason, "reason", max: Limits.reasonCharacters)
            return .requestExtensionDecided(
                EventV1.RequestExtensionDecided(reason: personal(command.reason)))
        }
        try checkOptional(command.reason, "reason", max: Limits.reasonCharacters)
        guard case .extending(let hoped, _) = requests[slot].question else {
            throw Rejection(.notAsked, ["command": CommandKind.decideExtension.name])
        }
        let deadline = command.deadline ?? hoped.open
        let later = try checkLater(deadline, than: try obligation(slot).deadline)
        guard later >= context.today else { throw .invalid("deadline", "past") }
        return .requestExtensionDecided(
            EventV1.RequestExtensionDecided(deadline: later.open, reason: personal(command.reason)))
    }

    mutating func applyExtensionDecided(_ event: EventV1.RequestExtensionDecided, _ context: EventContext) {
        let slot = requestSlot(context)
        if let deadline = CivilDay(event.deadline) {
            requests[slot].obligation?.deadline = deadline
            requests[slot].extensionCount += 1
            changes.note(ChangeDay(sequence: context.sequence, day: deadline))
        }
        requests[slot].question = nil
        noteRequest(slot, requests[slot].state, PersonalText(event.reason), context)
    }

    // MARK: Suspension

    func askSuspension(_ command: AskSuspension) throws(Rejection) -> EventBody {
        try checkCode(command.code, "code", list: CodeListName.suspensionReason)
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestSuspensionAsked(
            EventV1.RequestSuspensionAsked(code: command.code, reason: personal(command.reason)))
    }

    mutating func applySuspensionAsked(_ event: EventV1.RequestSuspensionAsked, _ context: EventContext) {
        let slot = requestSlot(context)
        let reason = PersonalText(event.reason)
        requests[slot].question = .suspending(code: UInt32(categories.insert(event.code)), reason: reason)
        noteRequest(slot, requests[slot].state, reason, context)
    }

    func decideSuspension(_ command: DecideSuspension) throws(Rejection) -> EventBody {
        if command.approved {
            try checkOptional(command.reason, "reason", max: Limits.reasonCharacters)
        } else {
            try check(command.reason, "reason", max: Limits.reasonCharacters)
        }
        return .requestSuspensionDecided(
            EventV1.RequestSuspensionDecided(approved: command.approved, reason: personal(command.reason)))
    }

    mutating func applySuspensionDecided(_ event: EventV1.RequestSuspensionDecided, _ context: EventContext) {
        let slot = requestSlot(context)
        let state = requests[slot].state
        if event.approved, case .suspending(let code, _) = requests[slot].question {
            requests[slot].suspension = SupportRequest.Suspension(code: code, from: state)
        }
        requests[slot].question = nil
        noteRequest(slot, event.approved ? .suspended : state, PersonalText(event.reason), context)
    }

    func resume(_ command: ResumeRequest, _ context: Context) throws(Rejection) -> EventBody {
        let deadline = try checkComing(command.deadline, "deadline", context)
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestResumed(
            EventV1.RequestResumed(deadline: deadline.open, note: personal(command.note)))
    }

    mutating func applyResumed(_ event: EventV1.RequestResumed, _ context: EventContext) {
        guard let deadline = CivilDay(event.deadline) else { corruption("resumed without a deadline") }
        let slot = requestSlot(context)
        guard let suspension = requests[slot].suspension else { corruption("resumed without a suspension") }
        requests[slot].obligation?.deadline = deadline
        changes.note(ChangeDay(sequence: context.sequence, day: deadline))
        noteRequest(slot, suspension.from, PersonalText(event.note), context)
    }

    // MARK: Carry-over

    /// Year by year, and no further than into the next one: it is counted once in each.
    func carryOver(_ command: CarryOverRequest, _ slot: Int, _ context: Context) throws(Rejection)
        -> EventBody
    {
        guard command.year == requests[slot].lastYear &+ 1,
            Int(command.year) <= context.today.year + Limits.yearsAround
        else { throw .invalid("year", "out-of-range") }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestCarriedOver(
            EventV1.RequestCarriedOver(year: command.year, note: personal(command.note)))
    }

    mutating func applyCarriedOver(_ event: EventV1.RequestCarriedOver, _ context: EventContext) {
        let slot = requestSlot(context)
        requests[slot].carriedInto.append(event.year)
        noteRequest(slot, requests[slot].state, PersonalText(event.note), context)
    }

    // MARK: Void

    /// The other must be one that the asker's matter can live on in: of the same list, neither void nor withdrawn.
    func void(_ command: VoidRequest, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.duplicateOf.isEmpty else { throw .missing("duplicate_of") }
        guard let id = EntityID(command.duplicateOf), case .matter(let other) = targets[id],
            other.aggregate == .request
        else { throw .invalid("duplicate_of", "no-such-item") }
        guard other.slot != slot else { throw .invalid("duplicate_of", "itself") }
        guard requests[other.slot].direction == requests[slot].direction else {
            throw .invalid("duplicate_of", "mismatch")
        }
        guard ![.void, .withdrawn].contains(requests[other.slot].state) else {
            throw .invalid("duplicate_of", "given-up")
        }
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestVoided(
            EventV1.RequestVoided(duplicateOf: id.bytes, reason: personal(command.reason)))
    }

    mutating func applyVoided(_ event: EventV1.RequestVoided, _ context: EventContext) {
        guard let id = EntityID(event.duplicateOf), case .matter(let other) = targets[id],
            other.aggregate == .request
        else { corruption("a duplicate of nothing") }
        let slot = requestSlot(context)
        requests[slot].duplicateOf = UInt32(truncatingIfNeeded: other.slot)
        insertAscending(UInt32(truncatingIfNeeded: slot), into: &requests[other.slot].duplicates)
        noteRequest(slot, .void, PersonalText(event.reason), context)
    }

    // MARK: Shared

    /// A required day, today or later.
    private func checkComing(_ date: CivilDate?, _ field: String, _ context: Context) throws(Rejection)
        -> CivilDay
    {
        guard let day = try checkDay(date, field) else { throw .missing(field) }
        guard day >= context.today else { throw .invalid(field, "past") }
        return day
    }

    /// A required deadline, later than the present one.
    private func checkLater(_ date: CivilDate?, than deadline: CivilDay) throws(Rejection) -> CivilDay {
        guard let day = try checkDay(date, "deadline") else { throw .missing("deadline") }
        guard day > deadline else { throw .invalid("deadline", "not-later") }
        return day
    }

    /// What is being worked on has one; the states see to that.
    private func obligation(_ slot: Int) throws(Rejection) -> SupportRequest.Obligation {
        guard let obligation = requests[slot].obligation else { throw .missing("obligation") }
        return obligation
    }
}
