import Schema

/// What happened to a round, taken into the state.
extension State {
    mutating func apply(_ event: EventV1.RoundAnnounced, _ context: EventContext) {
        guard let table = pointsTable(event.table), let publicOn = CivilDay(event.publicOn), let city else {
            corruption("a round without table or day")
        }
        let slot = rounds.count
        rounds.append(
            PlacementRound(
                id: context.target,
                announcement: RoundAnnouncement(
                    city: city.code, key: event.key, title: event.title, commitment: event.commitment,
                    publicOn: publicOn, publicName: event.publicName, ties: event.ties),
                table: table, announcedAt: context.time, people: PlacementRound.People(event.peopleKind),
                version: context.version, changedAt: context.time))
        register(.round(slot), context.target)
        noteRound(slot, .open, .empty, context)
    }

    mutating func apply(_ event: EventV1.RoundPostsLoaded, _ context: EventContext) {
        let slot = roundSlot(context)
        let gone = Set(event.removed).union(event.posts.map(\.key))
        rounds[slot].posts.removeAll { gone.contains($0.key) }
        rounds[slot].posts += event.posts.map(RoundPost.init)
        rounds[slot].posts.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        noteRound(slot, .open, .empty, context)
    }

    mutating func apply(_ event: EventV1.RoundPeopleLoaded, _ context: EventContext) {
        let slot = roundSlot(context)
        let gone = Set(event.people.map(\.key))
        rounds[slot].members.removeAll { gone.contains($0.key) }
        rounds[slot].members += event.people.map(member)
        rounds[slot].members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        noteRound(slot, .open, .empty, context)
    }

    private func member(_ person: EventV1.RoundMember) -> PlacementRound.Member {
        guard let party = partyIndex(person.party) else { corruption("a person of no party") }
        return PlacementRound.Member(
            key: person.key, party: party, name: PersonalText(person.name), maskedName: person.maskedName,
            evidence: person.facts.map {
                RoundEvidence(item: $0.item, count: Int($0.count), record: $0.record)
            })
    }

    mutating func apply(_ event: EventV1.RoundPersonWithdrawn, _ context: EventContext) {
        let slot = roundSlot(context)
        let person = member(event.person, slot)
        if rounds[slot].state == .open {
            rounds[slot].members.remove(at: person)
        } else {
            rounds[slot].members[person].isWithdrawn = true
            rounds[slot].advance()
        }
        noteRound(slot, rounds[slot].state, PersonalText(event.reason), context)
    }

    mutating func apply(_ event: EventV1.RoundFrozen, _ context: EventContext) {
        let slot = roundSlot(context)
        rounds[slot].frozenOn = CivilDay(event.on)
        rounds[slot].inputsDigest = event.digest
        noteRound(slot, .frozen, .empty, context)
    }

    /// Who has left stays out; who has confirmed has to look again, for the table of all may have changed; objections have been answered.
    mutating func apply(_ event: EventV1.RoundReopened, _ context: EventContext) {
        let slot = roundSlot(context)
        rounds[slot].frozenOn = nil
        rounds[slot].inputsDigest = []
        rounds[slot].objections = rounds[slot].objections.map { objection in
            var objection = objection
            objection.isUpheld = false
            return objection
        }
        rounds[slot].members.removeAll(where: \.isWithdrawn)
        for person in rounds[slot].members.indices {
            rounds[slot].members[person].confirmation = .none
            rounds[slot].members[person].wishes = []
        }
        noteRound(slot, .open, PersonalText(event.reason), context)
    }

    mutating func apply(_ event: EventV1.ScoreConfirmed, _ context: EventContext) {
        let slot = roundSlot(context)
        rounds[slot].members[member(event.person, slot)].confirmation =
            event.disputed ? .disputed : .confirmed
        noteRound(slot, .frozen, PersonalText(event.note), context)
    }

    mutating func apply(_ event: EventV1.RankingObjected, _ context: EventContext) {
        guard let by = partyIndex(event.by) else { corruption("an objection by no party") }
        let slot = roundSlot(context)
        let text = PersonalText(event.text)
        rounds[slot].objections.append(PlacementRound.Objection(by: by, person: event.person, text: text))
        noteRound(slot, .posted, text, context)
    }

    mutating func apply(_ event: EventV1.ObjectionSettled, _ context: EventContext) {
        let slot = roundSlot(context)
        let number = Int(event.number) - 1
        guard rounds[slot].objections.indices.contains(number) else { corruption("no such objection") }
        rounds[slot].objections[number].isSettled = true
        rounds[slot].objections[number].isUpheld = event.upheld
        rounds[slot].objections[number].answer = PersonalText(event.answer)
        noteRound(slot, .posted, PersonalText(event.answer), context)
    }

    mutating func apply(_ event: EventV1.DrawOpened, _ context: EventContext) {
        let slot = roundSlot(context)
        let order = event.order.map { Int($0) }
        guard order.count == rounds[slot].members.count, Set(order) == Set(rounds[slot].members.indices)
        else { corruption("an order of others than the people") }
        rounds[slot].drawn = PlacementRound.Drawn(
            secret: event.secret, value: event.value, seed: event.seed, order: order)
        rounds[slot].picking = RoundPicking(seats: rounds[slot].posts.map(\.seats))
        rounds[slot].advance()
        noteRound(slot, .picking, .empty, context)
    }

    mutating func apply(_ event: EventV1.PreferencesFiled, _ context: EventContext) {
        let slot = roundSlot(context)
        let person = member(event.person, slot)
        rounds[slot].members[person].wishes = event.posts.map { post($0, slot) }
        rounds[slot].advance()
        noteRound(slot, rounds[slot].state, .empty, context)
    }

    mutating func apply(_ event: EventV1.PostPicked, _ context: EventContext) {
        let slot = roundSlot(context)
        take(event.person, .pick(post(event.post, slot)), slot, context)
    }

    mutating func apply(_ event: EventV1.TurnPassed, _ context: EventContext) {
        take(event.person, .pass, roundSlot(context), context)
    }

    mutating func apply(_ event: EventV1.RoundClosed, _ context: EventContext) {
        let slot = roundSlot(context)
        rounds[slot].fileDigest = event.fileDigest
        noteRound(slot, .closed, .empty, context)
    }

    private mutating func take(
        _ person: String, _ choice: RoundChoice, _ slot: Int, _ context: EventContext
    ) {
        guard rounds[slot].picking.take(member(person, slot), choice) != nil else {
            corruption("a post picked twice")
        }
        rounds[slot].advance()
        noteRound(slot, .picking, .empty, context)
    }

    private func member(_ key: String, _ slot: Int) -> Int {
        guard let person = rounds[slot].member(key) else { corruption("an event on nobody of the round") }
        return person
    }

    private func post(_ key: String, _ slot: Int) -> Int {
        guard let post = rounds[slot].post(key) else { corruption("an event on no post of the round") }
        return post
    }

    mutating func noteRound(
        _ slot: Int, _ state: PlacementRound.State, _ note: PersonalText, _ context: EventContext
    ) {
        let row = changes.append(
            ChangeRow(
                sequence: context.sequence, time: context.time, version: context.version,
                matter: .round(slot), previous: rounds[slot].newestRow,
                actor: actorIndex(context.actor.officer), kind: context.kind, state: state.rawValue,
                note: note))
        rounds[slot].state = state
        rounds[slot].version = context.version
        rounds[slot].changedAt = context.time
        rounds[slot].newestRow = row
    }

    func roundSlot(_ context: EventContext) -> Int {
        guard case .matter(let matter) = targets[context.target], matter.isRound
        else { corruption("an event on a round that is not there") }
        return matter.slot
    }
}

extension RoundPost {
    init(_ post: OfferedPost) {
        self.init(
            key: post.key, destination: post.destination, seats: Int(post.seats), employer: post.employer,
            title: post.title)
    }

    init(_ post: EventV1.RoundPost) {
        self.init(
            key: post.key, destination: post.destination, seats: Int(post.seats), employer: post.employer,
            title: post.title)
    }
}

extension EventV1.RoundPost {
    init(_ post: RoundPost) {
        self.init(
            key: post.key, destination: post.destination, seats: Int32(truncatingIfNeeded: post.seats),
            employer: post.employer, title: post.title)
    }
}
