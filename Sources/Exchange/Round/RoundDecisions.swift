import Schema

/// What the commands of a round bring about, or which rule refuses them; PlacementRound.swift has the states.
extension State {
    func announce(_ command: AnnounceRound) throws(Rejection) -> EventBody {
        guard let city else { throw .missing("city") }
        guard let table = pointsTable(command.table) else {
            throw Rejection(.noRuleTable, ["table": isToken(command.table) ? command.table : "points"])
        }
        try check(command.title, "title", max: Limits.titleCharacters, lines: false)
        try check(command.publicName, "public_name", max: Limits.basisCharacters, lines: false)
        guard let publicOn = try checkDay(command.publicOn, "public_on") else { throw .missing("public_on") }
        let announcement = RoundAnnouncement(
            city: city.code, key: command.key, title: command.title, commitment: command.commitment,
            publicOn: publicOn, publicName: command.publicName, ties: command.ties)
        try orRefuse { () throws(RoundFault) in
            try announcement.check()
            _ = try RoundInputs(
                announcement: announcement, table: table, posts: [], people: [],
                frozenOn: publicOn.adding(days: -1))
        }
        guard !rounds.contains(where: { haveSameBytes($0.announcement.key, command.key) }) else {
            throw .invalid("key", "repeated")
        }
        guard command.peopleKind == .unspecified || PlacementRound.People(command.peopleKind) != nil else {
            throw .invalid("people_kind", "malformed")
        }
        return .roundAnnounced(
            EventV1.RoundAnnounced(
                key: command.key, title: command.title, commitment: command.commitment,
                publicOn: command.publicOn, publicName: command.publicName, ties: command.ties,
                table: table.name, tableVersion: table.version, peopleKind: command.peopleKind))
    }

    func load(_ command: LoadRoundPosts, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.posts.isEmpty || !command.removed.isEmpty else { throw .missing("posts") }
        let posts = command.posts.map(RoundPost.init)
        for post in posts {
            try orRefuse { () throws(RoundFault) in try post.check() }
            try check(post.employer, "posts.employer", max: Limits.employerCharacters, lines: false)
            try check(post.title, "posts.title", max: Limits.postCharacters, lines: false)
        }
        try checkDistinctKeys(posts.map(\.key), "posts.key")
        for key in command.removed where rounds[slot].post(key) == nil {
            throw .unknownCode("removed", key, list: "posts")
        }
        let more = posts.count { rounds[slot].post($0.key) == nil }
        guard rounds[slot].posts.count + more <= RoundLimits.posts else {
            throw .tooMuch("posts", "too-many", max: RoundLimits.posts)
        }
        return .roundPostsLoaded(
            EventV1.RoundPostsLoaded(posts: posts.map(EventV1.RoundPost.init), removed: command.removed))
    }

    func load(_ command: LoadRoundPeople, _ slot: Int) throws(Rejection) -> EventBody {
        guard !command.people.isEmpty else { throw .missing("people") }
        var people: [EventV1.RoundMember] = []
        for person in command.people {
            guard party(person.party) != nil else { throw .wrongParty("people.party", person.party) }
            try check(person.name, "people.name", max: Limits.personNameCharacters, lines: false)
            let facts = person.facts.map {
                RoundEvidence(item: $0.item, count: Int($0.count), record: $0.record)
            }
            let checked = RoundPerson(key: person.key, maskedName: masked(person.name), evidence: facts)
            try orRefuse { () throws(RoundFault) in try checked.check(rounds[slot].table) }
            people.append(
                EventV1.RoundMember(
                    key: person.key, party: person.party, name: personal(person.name),
                    maskedName: checked.maskedName,
                    facts: person.facts.map {
                        EventV1.RoundFact(item: $0.item, count: $0.count, record: $0.record)
                    }))
        }
        try checkDistinctKeys(people.map(\.key), "people.key")
        let more = people.count { rounds[slot].member($0.key) == nil }
        guard rounds[slot].members.count + more <= RoundLimits.people else {
            throw .tooMuch("people", "too-many", max: RoundLimits.people)
        }
        return .roundPeopleLoaded(EventV1.RoundPeopleLoaded(people: people))
    }

    func withdraw(_ command: WithdrawFromRound, _ slot: Int) throws(Rejection) -> EventBody {
        let person = try found(command.person, slot)
        guard !rounds[slot].members[person].isWithdrawn else { throw .invalid("person", "repeated") }
        guard !hasTakenTurn(person, slot) else { throw notTheirTurn(slot) }
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .roundPersonWithdrawn(
            EventV1.RoundPersonWithdrawn(person: command.person, reason: personal(command.reason)))
    }

    /// The counts are said so that nobody freezes half of a load.
    func freeze(_ command: FreezeRound, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let round = rounds[slot]
        guard Int(command.people) == round.members.count, Int(command.posts) == round.posts.count else {
            throw Rejection(
                .roundCounts,
                ["people": String(round.members.count), "posts": String(round.posts.count)])
        }
        guard !round.members.isEmpty else { throw .missing("people") }
        guard !round.posts.isEmpty else { throw .missing("posts") }
        guard context.today < round.announcement.publicOn else {
            throw Rejection(.roundUnready, ["why": "public-value-known"])
        }
        var digest: [UInt8] = []
        try orRefuse { () throws(RoundFault) in
            digest = try round.inputs(on: context.today).digest(context.sha256.function)
        }
        return .roundFrozen(EventV1.RoundFrozen(on: context.today.open, digest: digest))
    }

    /// Only while there is time to freeze again before the public value is known.
    func reopen(_ command: ReopenRound, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        guard context.today < rounds[slot].announcement.publicOn else {
            throw Rejection(.roundUnready, ["why": "public-value-known"])
        }
        return .roundReopened(EventV1.RoundReopened(reason: personal(command.reason)))
    }

    func confirm(_ command: ConfirmScore, _ slot: Int, by party: PartyIndex) throws(Rejection) -> EventBody {
        _ = try found(command.person, slot, of: party)
        if command.disputed {
            try check(command.note, "note", max: Limits.noteCharacters)
        } else {
            try checkOptional(command.note, "note", max: Limits.noteCharacters)
        }
        return .scoreConfirmed(
            EventV1.ScoreConfirmed(
                person: command.person, disputed: command.disputed, note: personal(command.note)))
    }

    func postRanking(_ slot: Int) throws(Rejection) -> EventBody {
        let open = rounds[slot].members.count { !$0.isWithdrawn && $0.confirmation != .confirmed }
        guard open == 0 else {
            throw Rejection(.roundUnready, ["why": "unconfirmed", "count": String(open)])
        }
        return .rankingPosted(EventV1.RankingPosted())
    }

    func object(_ command: ObjectToRanking, _ slot: Int, by party: PartyIndex) throws(Rejection) -> EventBody
    {
        if !command.person.isEmpty { _ = try found(command.person, slot) }
        try check(command.text, "text", max: Limits.contentCharacters)
        guard rounds[slot].objections.count < RoundLimits.objections else {
            throw .tooMuch("text", "too-many", max: RoundLimits.objections)
        }
        return .rankingObjected(
            EventV1.RankingObjected(
                person: command.person, text: personal(command.text), by: self.party(party).key,
                number: UInt32(truncatingIfNeeded: rounds[slot].objections.count + 1)))
    }

    func settle(_ command: SettleObjection, _ slot: Int) throws(Rejection) -> EventBody {
        let number = Int(command.number)
        guard rounds[slot].objections.indices.contains(number - 1) else {
            throw .unknownCode("number", String(number), list: "objections")
        }
        guard !rounds[slot].objections[number - 1].isSettled else { throw .invalid("number", "repeated") }
        try check(command.answer, "answer", max: Limits.contentCharacters)
        return .objectionSettled(
            EventV1.ObjectionSettled(
                number: command.number, upheld: command.upheld, answer: personal(command.answer)))
    }

    /// The secret must be the one committed to, and the public value may be known by now.
    func openDraw(_ command: OpenDraw, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let round = rounds[slot]
        guard !round.objections.contains(where: { !$0.isSettled }) else {
            throw Rejection(.roundUnready, ["why": "objections"])
        }
        guard !round.objections.contains(where: \.isUpheld) else {
            throw Rejection(.roundUnready, ["why": "upheld"])
        }
        guard context.today >= round.announcement.publicOn else {
            throw Rejection(.roundUnready, ["why": "public-value-not-yet-known"])
        }
        guard RoundDraw.isPublicValue(command.value) else { throw .invalid("value", "malformed") }
        let hash = context.sha256.function
        guard command.secret.count == RoundLimits.secretBytes,
            RoundDraw.commitment(command.secret, hash) == round.announcement.commitment
        else { throw Rejection(.secretMismatch, ["field": "secret"]) }
        let draw = RoundDraw(
            secret: command.secret, inputsDigest: round.inputsDigest, publicValue: command.value, hash: hash)
        let scores = round.members.map { round.table.score($0.evidence) }
        let ties = round.announcement.ties.compactMap(round.table.group)
        let order = RoundOrder(scores, ties: ties) { draw.number(of: round.members[$0].key, hash) }
        return .drawOpened(
            EventV1.DrawOpened(
                secret: command.secret, value: command.value, seed: draw.seed,
                order: order.places.map { UInt32(truncatingIfNeeded: $0.person) }))
    }

    func file(_ command: FilePreferences, _ slot: Int, by party: PartyIndex) throws(Rejection) -> EventBody {
        let person = try found(command.person, slot, of: party)
        guard !rounds[slot].members[person].isWithdrawn, !hasTakenTurn(person, slot) else {
            throw notTheirTurn(slot)
        }
        guard command.posts.count <= RoundLimits.listed else {
            throw .tooMuch("posts", "too-many", max: RoundLimits.listed)
        }
        for key in command.posts where rounds[slot].post(key) == nil {
            throw .unknownCode("posts", key, list: "posts")
        }
        try checkDistinctKeys(command.posts, "posts")
        return .preferencesFiled(
            EventV1.PreferencesFiled(person: command.person, posts: command.posts))
    }

    func pick(_ command: PickPost, _ slot: Int) throws(Rejection) -> EventBody {
        try checkTurn(command.person, slot)
        guard let post = rounds[slot].post(command.post) else {
            throw .unknownCode("post", command.post, list: "posts")
        }
        guard rounds[slot].picking.free[post] > 0 else {
            throw Rejection(.postTaken, ["post": command.post])
        }
        return .postPicked(EventV1.PostPicked(person: command.person, post: command.post))
    }

    func pass(_ command: PassTurn, _ slot: Int) throws(Rejection) -> EventBody {
        try checkTurn(command.person, slot)
        return .turnPassed(EventV1.TurnPassed(person: command.person))
    }

    func close(_ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        guard rounds[slot].turn == nil else { throw Rejection(.roundUnready, ["why": "turns"]) }
        guard let file = rounds[slot].file() else { corruption("a round that cannot be published") }
        let hash = context.sha256.function
        var bytes: [UInt8] = []
        try orRefuse { () throws(RoundFault) in bytes = file.bytes(try file.outcome(hash), hash) }
        return .roundClosed(EventV1.RoundClosed(fileDigest: hash(bytes)))
    }

    private func checkTurn(_ person: String, _ slot: Int) throws(Rejection) {
        let person = try found(person, slot)
        guard rounds[slot].turn == person else { throw notTheirTurn(slot) }
    }

    private func notTheirTurn(_ slot: Int) -> Rejection {
        Rejection(.notTheirTurn, ["person": rounds[slot].turn.map { rounds[slot].members[$0].key } ?? ""])
    }

    private func hasTakenTurn(_ person: Int, _ slot: Int) -> Bool {
        rounds[slot].picking.turns.contains { $0.person == person }
    }

    /// - Parameter party: whose people alone are found; nil: all.
    private func found(_ key: String, _ slot: Int, of party: PartyIndex? = nil) throws(Rejection) -> Int {
        guard !key.isEmpty else { throw .missing("person") }
        guard let person = rounds[slot].member(key),
            party == nil || rounds[slot].members[person].party == party
        else { throw .unknownCode("person", key, list: "people") }
        return person
    }

    private func checkDistinctKeys(_ keys: [String], _ field: String) throws(Rejection) {
        guard Set(keys).count == keys.count else { throw .invalid(field, "repeated") }
    }
}

/// A fault of a round's inputs as a refusal: field and why.
private func orRefuse(_ body: () throws(RoundFault) -> Void) throws(Rejection) {
    do throws(RoundFault) {
        try body()
    } catch {
        let field = error.key.isEmpty ? error.record : "\(error.record).\(error.key)"
        throw .invalid(field, error.kind.rawValue)
    }
}
