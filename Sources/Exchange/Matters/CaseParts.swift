/// What a case is made of. Its course is in PlacementCase.swift.
extension PlacementCase {
    package struct Family: Sendable, Hashable {
        package var name: PersonalText
        package var idNumber: PersonalText
        package var householdPlace: PersonalText
        package var facts: FamilyFacts
        package var contactName: PersonalText
        package var contactPhone: PersonalText
    }

    /// The child's side of a case about schooling; the guardian is the family's side.
    package struct Child: Sendable, Hashable {
        package var name: PersonalText
        package var idNumber: PersonalText
        package var school: PersonalText
        package var stage: String
        package var schoolYear: Int32
        package var county: PartyIndex
    }

    /// The day by which it is to be done, what it counts from, and on which clause.
    package struct Due: Sendable, Hashable {
        package var day: CivilDay
        package var from: DueFrom
        package var clause: String
    }

    /// The unit that will receive, and since when it is fixed.
    package struct Receiver: Sendable, Hashable {
        package var employer: PersonalText
        package var fixedOn: CivilDay
    }

    /// The call after the end (回访); the newest counts.
    package struct FollowUp: Sendable, Hashable {
        package var satisfaction: Satisfied
        package var note: PersonalText
        package var at: Int64
    }

    package struct Document: Sendable, Hashable {
        package var kind: String
        package var sha256: [UInt8]
    }

    /// What the handling department and the hub work with after review.
    package struct Review: Sendable, Hashable {
        package var handler: PartyIndex
        package var tier: Int32
        package var clause: String
        package var tierName: String
        package var ruleVersion: String
        /// Version of the case right after it. The handler's view begins here.
        package var version: UInt64
        /// Which of the three worries, and what it is counted in: as the kind said then.
        package var series: NumberSeries
        package var counted: CountedIn
    }

    package struct Conclusion: Sendable, Hashable {
        package var isPlaced: Bool
        package var channel: String
        package var employer: PersonalText
        package var post: PersonalText
        package var starts: CivilDay?
        package var reason: PersonalText
    }

    /// What rules see of it.
    var facts: CaseFacts {
        CaseFacts(service: service, family: family.facts, childStage: child?.stage ?? "")
    }

    /// The party whose turn it is to endorse; nil when the chain has been gone through.
    package var nextOfChain: PartyIndex? { passed < chain.count ? chain[passed] : nil }

    /// What part a party has in it. A party of the chain sees it from its turn on.
    func relations(of party: PartyIndex) -> Rights.Relation {
        var relations: Rights.Relation = []
        if unit == party { relations.insert(.requester) }
        if review?.handler == party { relations.insert(.responsible) }
        if chain.prefix(passed + 1).contains(party) { relations.insert(.reviewer) }
        if tasks.contains(where: { $0.party == party }) { relations.insert(.tasked) }
        return relations
    }
}
