internal import Schema

/// Erasing what is personal of an ended request or case (DOMAIN.md 6, DESIGN.md 8): the core says that it is erased and forgets the clear texts;
/// the engine destroys the key once this is durable. The sealed bytes stay in the journal and in the state's hash, and nobody can open them.
extension State {
    func erase(_ command: EraseRequest, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let completes = try erasure(command.basis, requests[slot].erasureCompletes, context)
        return .requestErased(EventV1.RequestErased(basis: command.basis, completesAt: completes))
    }

    func erase(_ command: EraseCase, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let completes = try erasure(command.basis, cases[slot].erasureCompletes, context)
        return .caseErased(EventV1.CaseErased(basis: command.basis, completesAt: completes))
    }

    func erasure(_ basis: String, _ before: Int64, _ context: Context) throws(Rejection) -> Int64 {
        guard before == 0 else { throw .invalid("target", "erased") }
        try check(basis, "basis", max: Limits.basisCharacters, lines: false)
        return context.now &+ context.keyBackupDays &* 86_400_000_000_000
    }

    mutating func applyErased(_ event: EventV1.RequestErased, _ context: EventContext) {
        let slot = requestSlot(context)
        noteRequest(slot, requests[slot].state, .empty, context)
        requests[slot].erasureCompletes = event.completesAt
        requests[slot].forgetTexts()
        evidence.erase(context.target)
        changes.eraseNotes(from: requests[slot].newestRow)
    }

    mutating func applyErased(_ event: EventV1.CaseErased, _ context: EventContext) {
        let slot = caseSlot(context)
        noteCase(slot, cases[slot].state, .empty, context)
        cases[slot].erasureCompletes = event.completesAt
        cases[slot].forgetTexts()
        evidence.erase(context.target)
        changes.eraseNotes(from: cases[slot].newestRow)
    }

    /// When the erasure of a target is complete; 0: it is not erased.
    package func erasureCompletes(_ target: EntityID) -> Int64 {
        switch targets[target] {
        case .matter(let matter) where !matter.isRound:
            matter.isCase ? cases[matter.slot].erasureCompletes : requests[matter.slot].erasureCompletes
        case .roster: erasedOfficers.first { RosterTarget.officer($0.id) == target }?.erasureCompletes ?? 0
        case .person(let slot): book.erased[Int(slot)].completes
        case .matter, .batch, nil: 0
        }
    }
}

extension SupportRequest {
    /// Every text of it; a test holds that none is left out.
    fileprivate mutating func forgetTexts() {
        text.title.clear = nil
        text.content.clear = nil
        text.contactName.clear = nil
        text.contactPhone.clear = nil
        policyBasis.clear = nil
        resultSummary.clear = nil
        obligation?.content.clear = nil
        obligation?.qualityStandard.clear = nil
        obligation?.firstPost.clear = nil
        obligation?.secondPost.clear = nil
        question = nil  // none is open where all has ended
    }
}

extension PlacementCase {
    /// Every text of it; a test holds that none is left out.
    fileprivate mutating func forgetTexts() {
        family.name.clear = nil
        family.idNumber.clear = nil
        family.householdPlace.clear = nil
        family.contactName.clear = nil
        family.contactPhone.clear = nil
        wish.clear = nil
        child?.name.clear = nil
        child?.idNumber.clear = nil
        child?.school.clear = nil
        receiver?.employer.clear = nil
        followUp?.note.clear = nil
        for task in tasks.indices { tasks[task].answer.clear = nil }
        conclusion?.employer.clear = nil
        conclusion?.post.clear = nil
        conclusion?.reason.clear = nil
    }
}
