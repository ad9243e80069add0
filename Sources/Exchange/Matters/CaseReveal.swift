package import Schema

/// Showing a masked field whole (DOMAIN.md 6): to the party that handles the case, while it handles it, and each time on record with the reason.
/// The value itself is in no event: it goes into the answer, which waits until the record is durable. So nobody has seen a number that the
/// trail does not know of.
///
/// It makes a version like every event of a case: the unit sees in the history, and in `watch`, who looked.
extension State {
    /// The fields that are masked and may be revealed.
    package static let revealableFields = ["family.id_number"]

    func reveal(_ command: RevealCaseField, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.field.isEmpty else { throw .missing("field") }
        guard let value = field(command.field, slot) else { throw .invalid("field", "unknown") }
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
        return field(command.field, matter.slot)?.clear
    }

    private func field(_ name: String, _ slot: Int) -> PersonalText? {
        Self.revealableFields.contains { $0.utf8.elementsEqual(name.utf8) }
            ? cases[slot].family.idNumber : nil
    }
}
