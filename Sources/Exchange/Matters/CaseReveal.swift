package import Schema

/// Showing a masked field whole (DOMAIN.md 6): to the party that handles the case or a sub-task of it, while it does, and each time on record with
/// the reason. Which fields those are follows from the one table of what is shown (CaseSight.swift): what the asker is shown masked.
/// The value itself is in no event: it goes into the answer, which waits until the record is durable. So nobody has seen a number that the
/// trail does not know of.
///
/// It makes a version like every event of a case: the unit sees in the history, and in `watch`, who looked.
extension State {
    func reveal(_ command: RevealCaseField, _ standing: Standing) throws(Rejection) -> EventBody {
        guard !command.field.isEmpty else { throw .missing("field") }
        guard let party = standing.party, let value = masked(command.field, standing.slot, from: party) else {
            throw .invalid("field", "unknown")
        }
        guard value.clear != nil else { throw .invalid("field", "erased") }
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseFieldRevealed(
            EventV1.CaseFieldRevealed(field: command.field, reason: personal(command.reason)))
    }

    mutating func applyRevealed(_ event: EventV1.CaseFieldRevealed, _ context: EventContext) {
        let slot = caseSlot(context)
        noteCase(slot, cases[slot].state, PersonalText(event.reason), context)
    }

    /// The value for an answer; nil when this officer may not have it (any more), or there is none.
    package func revealed(_ command: RevealCaseField, _ target: EntityID, for viewer: Viewer) -> String? {
        guard let matter = matter(target, for: viewer), matter.isCase,
            mayDo(.revealCaseField, viewer, matter), isAllowed(.revealCaseField, in: matter)
        else { return nil }
        return masked(command.field, matter.slot, from: viewer.party)?.clear
    }

    /// The fields this party is shown masked, as they stand: what could be revealed.
    func maskedFields(_ slot: Int, from party: PartyIndex) -> [String] {
        CaseField.allCases.map(\.rawValue).filter { name in
            guard let value = masked(name, slot, from: party) else { return false }
            return value.clear != nil
        }
    }

    /// The value of a field that this party is shown masked; nil for any other.
    private func masked(_ name: String, _ slot: Int, from party: PartyIndex) -> PersonalText? {
        guard let field = CaseField(rawValue: name), let value = cases[slot].maskable(field),
            !value.sealed.isEmpty || value.clear != nil,
            CaseSight.of(field, relations(of: party, toCase: slot)) == .masked
        else { return nil }
        return value
    }
}

extension PlacementCase {
    /// The text of a field that the table may have masked.
    fileprivate func maskable(_ field: CaseField) -> PersonalText? {
        switch field {
        case .familyID: family.idNumber
        case .familyPlace: family.householdPlace
        case .familyPhone: family.contactPhone
        case .childID: child?.idNumber
        default: nil
        }
    }
}
