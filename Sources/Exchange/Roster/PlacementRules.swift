import Schema

/// One versioned rule table, closed: what decides a case's tier and on which clause. The first rule whose
/// every condition holds decides; the last rule has no conditions, so that every case is decided.
package struct RuleTable: Sendable, Hashable {
    package let name: String
    package let version: String
    package let rules: [PlacementRule]

    package static let spousePriority = "spouse-priority"

    /// The rule that decides for these facts; nil only for a table without a catch-all, which `decide` does
    /// not load.
    package func rule(for facts: CaseFacts) -> PlacementRule? {
        rules.first { $0.conditions.allSatisfy { $0.holds(facts) } }
    }
}

package struct PlacementRule: Sendable, Hashable {
    package let tier: Int32
    /// The clause the tier, or the refusal, rests on.
    package let clause: String
    package let name: String
    package let conditions: [PlacementCondition]
    /// Matching means: not eligible, with this clause.
    package let refuses: Bool
}

package struct PlacementCondition: Sendable, Hashable {
    package let field: PlacementField
    package let values: [String]

    func holds(_ facts: CaseFacts) -> Bool {
        let value = field.value(facts)
        return values.contains { $0.utf8.elementsEqual(value.utf8) }
    }
}

/// What rules may ask about, by its path in the schema, and the code list it is taken from (none: `true` or
/// `false`).
package enum PlacementField: String, Sendable, Hashable, CaseIterable {
    case rankBand = "service.rank_band"
    case yearsBand = "service.years_band"
    case merit = "service.merit"
    case hardship = "service.hardship"
    case martyrFamily = "service.martyr_family"
    case approvalOrgan = "service.approval_organ"
    case schooling = "family.schooling"
    case profession = "family.profession"
    case childStage = "child.stage"

    package var codeList: String? {
        switch self {
        case .rankBand: CodeListName.rankBand
        case .yearsBand: CodeListName.yearsBand
        case .merit: CodeListName.merit
        case .hardship: CodeListName.hardship
        case .martyrFamily: nil
        case .approvalOrgan: CodeListName.approvalOrgan
        case .schooling: CodeListName.schooling
        case .profession: CodeListName.profession
        case .childStage: CodeListName.schoolStage
        }
    }

    /// Empty where the case has no such side: then no condition about it holds.
    func value(_ facts: CaseFacts) -> String {
        let (service, family) = (facts.service, facts.family)
        return switch self {
        case .rankBand: service.rankBand
        case .yearsBand: service.yearsBand
        case .merit: service.merit
        case .hardship: service.hardship
        case .martyrFamily: service.isMartyrFamily ? "true" : "false"
        case .approvalOrgan: service.approvalOrgan
        case .schooling: family.schooling
        case .profession: family.profession
        case .childStage: facts.childStage
        }
    }
}

/// What rules see of a case.
package struct CaseFacts: Sendable, Hashable {
    package var service: ServiceFacts
    package var family: FamilyFacts
    /// Empty without a child's side.
    package var childStage: String
}

/// The serviceman's side of a case, as far as rules and the hub see it.
package struct ServiceFacts: Sendable, Hashable {
    package var rankBand: String
    package var yearsBand: String
    package var merit: String
    package var hardship: String
    package var isMartyrFamily: Bool
    package var approvalOrgan: String
}

/// The coded part of the family's side.
package struct FamilyFacts: Sendable, Hashable {
    package var schooling: String
    package var profession: String
}
