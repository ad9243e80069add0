import Schema

/// The checklist of a case's documents: what must be there, what was demanded, what was handed in. A document is known by its digest; it changes
/// no state.
extension State {
    /// Nothing is demanded twice: neither what is there, nor what is waited for.
    func demand(_ command: DemandMaterials, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.kinds.isEmpty else { throw .missing("kinds") }
        let held = cases[slot]
        let kind = caseKind(held.subcategory)
        guard command.kinds.count + held.demanded.count <= Limits.materials else {
            throw .tooMuch("kinds", "too-many", max: Limits.materials)
        }
        var known = Set(held.materials.map(\.kind) + held.demanded + (kind?.materials ?? []))
        for code in command.kinds {
            try checkCode(code, "kinds", list: CodeListName.material)
            guard known.insert(code).inserted else { throw .invalid("kinds", "repeated") }
        }
        return .caseMaterialsDemanded(EventV1.CaseMaterialsDemanded(kinds: command.kinds))
    }

    func handIn(_ command: HandInMaterials, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.materials.isEmpty else { throw .missing("materials") }
        let held = cases[slot].materials
        guard command.materials.count + held.count <= Limits.materials else {
            throw .tooMuch("materials", "too-many", max: Limits.materials)
        }
        // One scan may serve as two kinds; the same one as the same kind says nothing new.
        var there = Set(held)
        for material in command.materials {
            let document = PlacementCase.Document(kind: material.kind, sha256: material.sha256)
            guard there.insert(document).inserted else { throw .invalid("materials.sha256", "repeated") }
        }
        return .caseMaterialsHandedIn(
            EventV1.CaseMaterialsHandedIn(materials: try checkedMaterials(command.materials)))
    }

    /// Mandatory or demanded, and not there.
    package func missingMaterials(of held: PlacementCase, _ kind: KindOfCase?) -> [String] {
        let wanted = (kind?.materials ?? []) + held.demanded
        return wanted.filter { code in !held.materials.contains { haveSameBytes($0.kind, code) } }
    }

    mutating func applyDemanded(_ event: EventV1.CaseMaterialsDemanded, _ context: EventContext) {
        let slot = caseSlot(context)
        cases[slot].demanded += event.kinds
        noteCase(slot, cases[slot].state, .empty, context)
    }

    mutating func applyHandedIn(_ event: EventV1.CaseMaterialsHandedIn, _ context: EventContext) {
        let slot = caseSlot(context)
        cases[slot].materials += event.materials.map(PlacementCase.Document.init)
        noteCase(slot, cases[slot].state, .empty, context)
    }
}
