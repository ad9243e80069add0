/// What a party is shown of a case: one table, and every view of a case is made by asking it (DOMAIN.md 3 and 6: least knowledge). A field
/// that is not in a view by this table does not come into it.
package enum CaseField: String, Sendable, Hashable, CaseIterable {
    /// That it is there, its number, kind, state, times and due date.
    case course
    case unit
    /// Merit, rank, years, hardship, approval: the serviceman's side.
    case service
    case familyName = "family.name"
    case familyID = "family.id_number"
    case familyPlace = "family.household_place"
    /// Schooling and profession.
    case familyFacts = "family.facts"
    case familyContact = "family.contact.name"
    case familyPhone = "family.contact.phone"
    case childName = "child.name"
    case childID = "child.id_number"
    /// School, stage, year and county.
    case childSchool = "child.school"
    case wish
    case tier
    case handler
    /// Documents whose kind begins with `service-`.
    case serviceDocuments = "materials.service"
    case documents = "materials"
    /// What the sender called a scanned document.
    case attachmentName = "attachments.name"
    case chain
    case receiver
    case conclusion
    case satisfaction
    case tasks
    /// What the care fund paid.
    case aid
    case followUp = "follow_up"
    /// Remarks of others in the history.
    case notes
}

/// How much of a field is shown; more than the one before it.
package enum CaseSight: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    case hidden = 0
    /// Only what is the party's own: its own sub-tasks, its own remarks.
    case own = 1
    /// Under the one masking rule (Identifiers/Masking.swift).
    case masked = 2
    case whole = 3

    package static func < (a: CaseSight, b: CaseSight) -> Bool { a.rawValue < b.rawValue }

    package struct Row: Sendable {
        package let field: CaseField
        /// The unit that filed.
        package let unit: CaseSight
        package let bureau: CaseSight
        /// A party of the review chain: the military side's own office, or a department that gives its consent.
        package let reviewer: CaseSight
        /// The party that handles the case.
        package let handler: CaseSight
        /// A party that has a sub-task.
        package let tasked: CaseSight
        /// At most this in lists and in `watch`, whoever looks.
        package let list: CaseSight
    }

    /// The law. An ID number is masked for everybody, and in no list at all.
    package static let table: [Row] = [
        row(.course, .whole, .whole, .whole, .whole, .whole, list: .whole),
        row(.unit, .whole, .whole, .whole, .hidden, .hidden, list: .whole),
        row(.service, .whole, .whole, .whole, .hidden, .hidden, list: .hidden),
        row(.familyName, .whole, .whole, .whole, .whole, .whole, list: .whole),
        row(.familyID, .masked, .masked, .masked, .masked, .masked, list: .hidden),
        row(.familyPlace, .whole, .whole, .hidden, .whole, .masked, list: .hidden),
        row(.familyFacts, .whole, .whole, .whole, .whole, .hidden, list: .hidden),
        row(.familyContact, .whole, .whole, .hidden, .whole, .whole, list: .hidden),
        row(.familyPhone, .whole, .whole, .hidden, .whole, .masked, list: .hidden),
        row(.childName, .whole, .whole, .whole, .whole, .whole, list: .hidden),
        row(.childID, .masked, .masked, .masked, .masked, .masked, list: .hidden),
        row(.childSchool, .whole, .whole, .whole, .whole, .hidden, list: .hidden),
        row(.wish, .whole, .whole, .whole, .whole, .hidden, list: .hidden),
        row(.tier, .whole, .whole, .whole, .whole, .hidden, list: .whole),
        row(.handler, .whole, .whole, .whole, .whole, .whole, list: .whole),
        row(.serviceDocuments, .whole, .whole, .whole, .hidden, .hidden, list: .hidden),
        row(.documents, .whole, .whole, .whole, .whole, .whole, list: .hidden),
        row(.attachmentName, .whole, .whole, .whole, .whole, .masked, list: .hidden),
        row(.chain, .whole, .whole, .whole, .hidden, .hidden, list: .hidden),
        row(.receiver, .whole, .whole, .hidden, .whole, .hidden, list: .hidden),
        row(.conclusion, .whole, .whole, .hidden, .whole, .hidden, list: .hidden),
        row(.satisfaction, .whole, .whole, .hidden, .whole, .hidden, list: .hidden),
        row(.tasks, .whole, .whole, .hidden, .whole, .own, list: .hidden),
        row(.aid, .whole, .whole, .hidden, .hidden, .hidden, list: .hidden),
        row(.followUp, .whole, .whole, .hidden, .whole, .hidden, list: .hidden),
        row(.notes, .whole, .whole, .own, .whole, .own, list: .whole),
    ]

    /// What somebody with these parts in a case is shown of a field: the most that one of them allows. Nothing, where the table has no row.
    package static func of(_ field: CaseField, _ relations: Rights.Relation) -> CaseSight {
        guard let row = table.first(where: { $0.field == field }) else { return .hidden }
        var sight = CaseSight.hidden
        for (relation, allowed) in row.columns where relations.contains(relation) {
            sight = max(sight, allowed)
        }
        return sight
    }

    /// The same in a list or a notice.
    package static func inList(_ field: CaseField, _ relations: Rights.Relation) -> CaseSight {
        min(of(field, relations), table.first { $0.field == field }?.list ?? .hidden)
    }

    private static func row(
        _ field: CaseField, _ unit: CaseSight, _ bureau: CaseSight, _ reviewer: CaseSight,
        _ handler: CaseSight, _ tasked: CaseSight, list: CaseSight
    ) -> Row {
        Row(
            field: field, unit: unit, bureau: bureau, reviewer: reviewer, handler: handler, tasked: tasked,
            list: list)
    }
}

extension CaseSight.Row {
    package var columns: [(Rights.Relation, CaseSight)] {
        [
            (.requester, unit), (.bureau, bureau), (.reviewer, reviewer), (.responsible, handler),
            (.tasked, tasked),
        ]
    }
}
