package import Schema

/// One round of placement in the open (阳光安置). The state machine whole; what a round works out is ROUND.md's.
///
///     (none) ─announce→ open ─load posts, load people, withdraw→ open ─freeze→ frozen
///     frozen ─confirm score, withdraw→ frozen ─post ranking→ posted
///     posted ─object, settle, file preferences, withdraw→ posted ─open draw→ picking
///     frozen | posted ─reopen→ open: the inputs are mended, and another digest follows
///     picking ─pick, pass, file preferences, withdraw→ picking ─close→ closed: the file is final
///
/// `transitions` is the law; this drawing follows it.
package struct PlacementRound: Sendable, Hashable {
    package enum State: UInt8, ClosedCode {
        case open = 1
        case frozen = 2
        case posted = 3
        case picking = 4
        case closed = 5
        package typealias Open = RoundState
    }

    /// Who is placed. It decides nothing in the round and is no part of the published file; figures go by it.
    package enum People: UInt8, ClosedCode {
        case officers = 1
        case soldiers = 2
        package typealias Open = PeopleKind
    }

    package static let transitions = TransitionTable<State>([
        (nil, .announceRound, .open),
        (.open, .loadRoundPosts, .open),
        (.open, .loadRoundPeople, .open),
        (.open, .withdrawFromRound, .open),
        (.open, .freezeRound, .frozen),
        (.frozen, .confirmScore, .frozen),
        (.frozen, .withdrawFromRound, .frozen),
        (.frozen, .reopenRound, .open),
        (.frozen, .postRanking, .posted),
        (.posted, .objectToRanking, .posted),
        (.posted, .settleObjection, .posted),
        (.posted, .filePreferences, .posted),
        (.posted, .withdrawFromRound, .posted),
        (.posted, .reopenRound, .open),
        (.posted, .openDraw, .picking),
        (.picking, .pickPost, .picking),
        (.picking, .passTurn, .picking),
        (.picking, .filePreferences, .picking),
        (.picking, .withdrawFromRound, .picking),
        (.picking, .closeRound, .closed),
    ])

    package enum Confirmation: UInt8, Sendable, Hashable {
        case none = 0
        case confirmed = 1
        case disputed = 2
    }

    package struct Member: Sendable, Hashable {
        package let key: String
        /// The party whose liaison confirms for them.
        package let party: PartyIndex
        package internal(set) var name: PersonalText
        package let maskedName: String
        package let evidence: [RoundEvidence]
        package internal(set) var confirmation = Confirmation.none
        package internal(set) var isWithdrawn = false
        /// Indices of posts, the dearest first. None: picks live.
        package internal(set) var wishes: [Int] = []
    }

    package struct Objection: Sendable, Hashable {
        package let by: PartyIndex
        /// Key of the person it is about; may be empty.
        package let person: String
        package internal(set) var text: PersonalText
        package internal(set) var isSettled = false
        package internal(set) var isUpheld = false
        package internal(set) var answer = PersonalText.empty
    }

    /// The draw, once it is open.
    package struct Drawn: Sendable, Hashable {
        package let secret: [UInt8]
        package let value: String
        package let seed: [UInt8]
        /// People (by index) in their final order.
        package let order: [Int]
    }

    package let id: EntityID
    package let announcement: RoundAnnouncement
    package let table: PointsTable
    package let announcedAt: Int64
    /// Nil: the announcement does not say.
    package internal(set) var people: People?
    /// By key.
    package internal(set) var posts: [RoundPost] = []
    /// By key.
    package internal(set) var members: [Member] = []
    package internal(set) var frozenOn: CivilDay?
    /// Empty: not frozen.
    package internal(set) var inputsDigest: [UInt8] = []
    package internal(set) var objections: [Objection] = []
    package internal(set) var drawn: Drawn?
    package internal(set) var picking = RoundPicking(seats: [])
    /// Of the published file; empty: not closed.
    package internal(set) var fileDigest: [UInt8] = []
    package internal(set) var state: State = .open
    package internal(set) var version: UInt64
    package internal(set) var changedAt: Int64
    var newestRow: UInt32 = ChangeRow.noRow

    func post(_ key: String) -> Int? { keyIndex(key, posts.count) { posts[$0].key } }
    package func member(_ key: String) -> Int? { keyIndex(key, members.count) { members[$0].key } }

    /// Whose turn it is; nil: nobody's.
    package var turn: Int? {
        guard let drawn, picking.turns.count < drawn.order.count else { return nil }
        return drawn.order[picking.turns.count]
    }

    /// Takes the turns that need nobody: of those who have left, and of those whose list names a free post. A list of which nothing is left
    /// waits for its writer.
    mutating func advance() {
        while let person = turn {
            let choice: RoundChoice
            if members[person].isWithdrawn {
                choice = .withdrawn
            } else if members[person].wishes.contains(where: { picking.free[$0] > 0 }) {
                choice = .list(members[person].wishes)
            } else {
                return
            }
            guard picking.take(person, choice) != nil else { return }
        }
    }

    /// The inputs, canonical; nil before they are frozen.
    package func inputs(on day: CivilDay) throws(RoundFault) -> RoundInputs {
        try RoundInputs(
            announcement: announcement, table: table, posts: posts,
            people: members.map {
                RoundPerson(key: $0.key, maskedName: $0.maskedName, evidence: $0.evidence)
            }, frozenOn: day)
    }

    /// The round as it is published; nil before every turn was taken.
    package func file() -> RoundFile? {
        guard let frozenOn, let drawn, turn == nil, let inputs = try? inputs(on: frozenOn) else { return nil }
        var choices = [RoundChoice](repeating: .pass, count: members.count)
        for turn in picking.turns {
            switch turn.how {
            case .list, .exhausted: choices[turn.person] = .list(members[turn.person].wishes)
            case .live: choices[turn.person] = turn.post.map { .pick($0) } ?? .pass
            case .pass: choices[turn.person] = .pass
            case .withdrawn: choices[turn.person] = .withdrawn
            }
        }
        return try? RoundFile(
            inputs: inputs, secret: drawn.secret, publicValue: drawn.value, choices: choices)
    }

    /// The order before the draw: equals share a place.
    package func standing() -> RoundStanding {
        let scores = members.map { table.score($0.evidence) }
        return RoundStanding(
            scores: scores,
            order: RoundOrder(scores, ties: announcement.ties.compactMap(table.group)) { _ in [] })
    }
}

/// What follows from a round's frozen inputs, before the draw and whatever is picked.
package struct RoundStanding: Sendable {
    /// Beside the members.
    package let scores: [PointsScore]
    package let order: RoundOrder
    /// The place that is shown, beside `order.places`.
    let shared: [Int]

    init(scores: [PointsScore], order: RoundOrder) {
        self.scores = scores
        self.order = order
        shared = order.shared
    }
}

extension PlacementRound.State {
    /// The schema's name in lower case, as it stands in refusals and histories.
    package var word: String {
        switch self {
        case .open: "open"
        case .frozen: "frozen"
        case .posted: "posted"
        case .picking: "picking"
        case .closed: "closed"
        }
    }
}

extension PlacementRound.State {
    /// The ranking has been posted.
    var isPublic: Bool { self == .posted || self == .picking || self == .closed }
}
