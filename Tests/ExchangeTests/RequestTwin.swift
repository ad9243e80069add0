import Exchange
import Schema
import Testing

/// The core and the reference model side by side, given the same commands.
struct RequestTwin {
    var desk: Desk
    var model = RequestModel()

    init() throws {
        desk = try Desk.seeded()
        try desk.add(Desk.township)
        try desk.add("t1a1", Desk.township.key)
        model.parents[Desk.township.key] = Desk.township.parent
        for officer in desk.state.officers {
            model.people[officer.id] = RequestModel.Person(
                party: desk.state.party(officer.party).key, roles: Set(officer.roles.words))
        }
        for party in desk.state.parties { model.kinds[party.key] = party.kind.open }
    }

    var today: CivilDay { CivilDay(nanoseconds: desk.now) }

    /// The core's refusal and the model's, nothing done.
    func verdicts(
        _ body: Command.OneOf_Body, by officer: String, on target: EntityID, expecting: UInt64? = nil
    ) -> (core: Rejection?, model: Refusal?) {
        let version = expecting ?? desk.state.version(of: target)
        return (
            desk.refusal(body, by: officer, on: target, expecting: version),
            model.verdict(body, by: officer, on: target, expecting: version, today: today)
        )
    }

    /// Gives a command to both; what they disagree in, if anything.
    mutating func give(
        _ body: Command.OneOf_Body, by officer: String, on target: EntityID, expecting: UInt64? = nil
    ) -> String? {
        let version = expecting ?? desk.state.version(of: target)
        let expected = model.verdict(body, by: officer, on: target, expecting: version, today: today)
        let records = desk.log.count
        do {
            try desk.run(Command(body: body), desk.actor(officer), target, expecting: version)
        } catch {
            guard error.refusal == expected else { return "core \(error), model \(word(expected))" }
            guard desk.log.count == records,
                desk.state.version(of: target) == model.cards[target]?.version ?? 0
            else { return "a refused command left something behind" }
            return revealed(error, by: officer, on: target)
        }
        guard expected == nil else { return "core: done, model \(word(expected))" }
        model.carryOut(body, by: officer, on: target)
        return difference(target)
    }

    private func word(_ refusal: Refusal?) -> String { refusal.map { "\($0)" } ?? "done" }

    /// Whoever may not see an item is told nothing of it: the refusal is the one of an item that is not there.
    func revealed(_ error: Rejection, by officer: String, on target: EntityID) -> String? {
        guard model.cards[target] != nil, !model.sees(officer, target) else { return nil }
        switch error.refusal {
        // As for an id that nobody has used.
        case .notFound: return error.arguments.map(\.name) == ["command"] ? nil : "told: \(error)"
        // By account and role alone.
        case .notPermitted, .alreadyExists:
            return error["state"] == nil && error["current"] == nil ? nil : "told: \(error)"
        default: return "told: \(error)"
        }
    }

    /// In what the core's item differs from the model's card; nil: in nothing.
    func difference(_ target: EntityID) -> String? {
        let (core, card) = (card(target), model.cards[target])
        return core == card
            ? nil : "core \(core.map { "\($0)" } ?? "none"), model \(card.map { "\($0)" } ?? "none")"
    }

    /// The core's item as a card.
    private func card(_ target: EntityID) -> RequestModel.Card? {
        guard let request = desk.request(target), let viewer = desk.viewer("b1s2"),
            let matter = desk.state.matter(target, for: viewer),
            let view = desk.state.requestView(matter, for: viewer), let summary = view.summary
        else { return nil }
        var card = RequestModel.Card(
            direction: summary.direction, requester: summary.requester, year: Int(summary.year))
        card.state = request.state.word
        card.version = summary.version
        card.serial = Int(summary.number.split(separator: "-").last ?? "0") ?? 0
        card.isIncluded = view.decision == .included
        card.conference = view.conference.map(RequestModel.day)
        card.responsible = view.obligation?.responsible
        card.assisting = view.obligation?.assisting ?? []
        card.deadline = view.obligation?.deadline.map(RequestModel.day)
        card.firstReceiver = view.firstReceiver.isEmpty ? nil : view.firstReceiver
        card.percent = view.percent
        card.stage = view.stage
        card.grade = summary.grade
        card.satisfaction = view.satisfaction
        card.redone = Int(summary.redoCount)
        card.handedBack = Int(view.handBackCount)
        card.prolonged = Int(view.extensionCount)
        if let asked = view.askedExtension {
            card.question = "extension"
            card.hopedFor = asked.deadline.map(RequestModel.day)
        }
        if let asked = view.askedSuspension { card.question = "suspension \(asked.code)" }
        card.suspendedFor = view.suspension
        card.comesBackTo = model.cards[target]?.comesBackTo ?? ""  // seen when it comes back
        card.years = summary.carriedInto.map(Int.init)
        card.duplicateOf = view.duplicateOf.flatMap { EntityID($0.target) }
        card.isErased = request.erasureCompletes != 0
        return card
    }

    /// Every officer sees just what the model says, by look-up, list and search alike.
    func checkVisibility(_ comment: String) throws {
        for officer in desk.state.officers.map(\.id) {
            let viewer = try #require(desk.viewer(officer))
            let visible = Set(model.cards.keys.filter { model.sees(officer, $0) }.map(\.bytes))
            let found = desk.state.requests.filter { desk.state.matter($0.id, for: viewer) != nil }
            #expect(Set(found.map { $0.id.bytes }) == visible, "\(officer), \(comment)")
            #expect(
                try Set(listed(ListRequestsQuery(pageSize: 200), viewer)) == visible, "\(officer), \(comment)"
            )
            let query = ListRequestsQuery(pageSize: 200, search: "道路")
            #expect(try visible.isSuperset(of: listed(query, viewer)), "\(officer), \(comment)")
        }
    }

    /// The targets of all pages.
    func listed(_ query: ListRequestsQuery, _ viewer: Viewer) throws -> [[UInt8]] {
        var (query, targets) = (query, [[UInt8]]())
        repeat {
            var listing = try RequestListing(query, for: viewer, in: desk.state, today: today)
            while !listing.step(desk.state, budget: 500) {}
            let page = listing.page(desk.state)
            targets += page.requests.map(\.target)
            query.cursor = page.nextCursor
        } while !query.cursor.isEmpty
        return targets
    }
}
