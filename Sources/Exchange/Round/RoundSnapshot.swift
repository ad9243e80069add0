/// Points tables and rounds in the state's digest and in a snapshot. What a round works out (picking beyond the choices) is built again.
extension State {
    /// Nothing where there are none: the hash of an older store is what it always was.
    func digestRounds(_ stream: inout CanonicalStream<some StateHasher>) {
        guard !pointsTables.isEmpty || !rounds.isEmpty else { return }
        stream.put("rounds")
        stream.put(pointsTables.count)
        for table in pointsTables {
            digest(table, &stream)
            stream.put(version(of: RosterTarget.pointsTable(table.name)))
        }
        stream.put(rounds.count)
        for round in rounds { digest(round, &stream) }
    }

    private func digest(_ table: PointsTable, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(table.name)
        stream.put(table.version)
        stream.put(table.groups.count)
        for group in table.groups {
            for text in [group.code, group.rule.rawValue, group.clause, group.name] { stream.put(text) }
            stream.put(group.most ?? -1)
        }
        stream.put(table.items.count)
        for item in table.items {
            for text in [item.code, item.group, item.clause, item.name] { stream.put(text) }
            stream.put(item.points)
            stream.put(item.most ?? -1)
        }
    }

    private func digest(_ round: PlacementRound, _ stream: inout CanonicalStream<some StateHasher>) {
        let said = round.announcement
        stream.put(round.id)
        for text in [said.city, said.key, said.title, said.publicName] { stream.put(text) }
        stream.put(said.commitment)
        stream.put(said.publicOn)
        stream.put(said.ties.count)
        for code in said.ties { stream.put(code) }
        digest(round.table, &stream)
        stream.put(round.announcedAt)
        stream.put(round.posts.count)
        for post in round.posts {
            for text in [post.key, post.destination, post.employer, post.title] { stream.put(text) }
            stream.put(post.seats)
        }
        stream.put(round.members.count)
        for member in round.members { digest(member, &stream) }
        stream.put(round.frozenOn)
        stream.put(round.inputsDigest)
        stream.put(round.objections.count)
        for objection in round.objections { digest(objection, &stream) }
        stream.put(round.drawn != nil)
        if let drawn = round.drawn {
            stream.put(drawn.secret)
            stream.put(drawn.value)
            stream.put(drawn.seed)
            for person in drawn.order { stream.put(person) }
        }
        stream.put(round.picking.turns.count)
        for turn in round.picking.turns {
            stream.put(turn.person)
            stream.put(turn.how.rawValue)
            stream.put(turn.post ?? -1)
            stream.put(turn.wish)
        }
        stream.put(round.fileDigest)
        stream.put(round.state.rawValue)
        stream.put(round.version)
        stream.put(round.changedAt)
        guard let people = round.people else { return }
        stream.put("people")
        stream.put(people.rawValue)
    }

    private func digest(
        _ member: PlacementRound.Member, _ stream: inout CanonicalStream<some StateHasher>
    ) {
        stream.put(member.key)
        stream.put(member.party.raw)
        stream.put(member.name)
        stream.put(member.maskedName)
        stream.put(member.evidence.count)
        for fact in member.evidence {
            stream.put(fact.item)
            stream.put(fact.count)
            stream.put(fact.record)
        }
        stream.put(member.confirmation.rawValue)
        stream.put(member.isWithdrawn)
        stream.put(member.wishes.count)
        for wish in member.wishes { stream.put(wish) }
    }

    private func digest(
        _ objection: PlacementRound.Objection, _ stream: inout CanonicalStream<some StateHasher>
    ) {
        stream.put(objection.by.raw)
        stream.put(objection.person)
        stream.put(objection.text)
        stream.put(objection.isSettled)
        stream.put(objection.isUpheld)
        stream.put(objection.answer)
    }

    // MARK: writing

    func writeRounds(_ writer: inout StateWriter) throws {
        writer.out.put(pointsTables.count)
        for table in pointsTables { try write(table, &writer) }
        writer.out.put(rounds.count)
        for round in rounds { try write(round, &writer) }
    }

    private func write(_ table: PointsTable, _ writer: inout StateWriter) throws {
        writer.out.put(table.name)
        writer.out.put(table.version)
        writer.out.put(table.groups.count)
        for group in table.groups {
            for text in [group.code, group.rule.rawValue, group.clause, group.name] { writer.out.put(text) }
            writer.out.put(signed: Int64(group.most ?? -1))
        }
        writer.out.put(table.items.count)
        for item in table.items {
            for text in [item.code, item.group, item.clause, item.name] { writer.out.put(text) }
            writer.out.put(signed: Int64(item.points))
            writer.out.put(signed: Int64(item.most ?? -1))
            try writer.out.rowEnds()
        }
    }

    private func write(_ round: PlacementRound, _ writer: inout StateWriter) throws {
        let said = round.announcement
        writer.out.put(round.id)
        for text in [said.city, said.key, said.title, said.publicName] { writer.out.put(text) }
        writer.out.put(said.commitment)
        writer.put(said.publicOn)
        writer.out.put(said.ties.count)
        for code in said.ties { writer.out.put(code) }
        try write(round.table, &writer)
        writer.out.put(signed: round.announcedAt)
        writer.out.put(round.posts.count)
        for post in round.posts {
            for text in [post.key, post.destination, post.employer, post.title] { writer.out.put(text) }
            writer.out.put(post.seats)
            try writer.out.rowEnds()
        }
        writer.out.put(round.members.count)
        for member in round.members { try write(member, &writer) }
        writer.put(round.frozenOn)
        writer.out.put(round.inputsDigest)
        writer.out.put(round.objections.count)
        for objection in round.objections {
            writer.out.put(UInt64(objection.by.raw))
            writer.out.put(objection.person)
            try writer.put(objection.text)
            writer.out.put(objection.isSettled)
            writer.out.put(objection.isUpheld)
            try writer.put(objection.answer)
            try writer.out.rowEnds()
        }
        try writeDraw(round, &writer)
        writer.out.put(round.fileDigest)
        writer.out.put(byte: round.state.rawValue)
        writer.out.put(round.version)
        writer.out.put(signed: round.changedAt)
        writer.out.put(byte: round.people?.rawValue ?? 0)
        try writer.out.rowEnds()
    }

    private func write(_ member: PlacementRound.Member, _ writer: inout StateWriter) throws {
        writer.out.put(member.key)
        writer.out.put(UInt64(member.party.raw))
        try writer.put(member.name)
        writer.out.put(member.maskedName)
        writer.out.put(member.evidence.count)
        for fact in member.evidence {
            writer.out.put(fact.item)
            writer.out.put(fact.count)
            writer.out.put(fact.record)
        }
        writer.out.put(byte: member.confirmation.rawValue)
        writer.out.put(member.isWithdrawn)
        writer.out.put(member.wishes.count)
        for wish in member.wishes { writer.out.put(wish) }
        try writer.out.rowEnds()
    }

    private func writeDraw(_ round: PlacementRound, _ writer: inout StateWriter) throws {
        writer.out.put(round.drawn != nil)
        guard let drawn = round.drawn else { return }
        writer.out.put(drawn.secret)
        writer.out.put(drawn.value)
        writer.out.put(drawn.seed)
        for person in drawn.order { writer.out.put(person) }
        writer.out.put(round.picking.turns.count)
        for turn in round.picking.turns {
            let choice: (Int, Int) =
                switch turn.how {
                case .list, .exhausted: (0, 0)
                case .live: (1, turn.post ?? 0)
                case .pass: (2, 0)
                case .withdrawn: (3, 0)
                }
            writer.out.put(choice.0)
            writer.out.put(choice.1)
            try writer.out.rowEnds()
        }
    }

    // MARK: reading

    mutating func readRounds(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of points tables")) {
            pointsTables.append(try readPointsTable(&reader))
        }
        for slot in 0..<Int(try reader.input.number(UInt16.self, "the number of rounds")) {
            let round = try readRound(&reader)
            guard targets[round.id] == nil else { throw SnapshotFault.wrong("a target id twice") }
            rounds.append(round)
            register(.round(slot), round.id)
        }
    }

    private func readPointsTable(_ reader: inout StateReader) throws -> PointsTable {
        let (name, version) = (try reader.input.text(), try reader.input.text())
        var groups: [PointsTable.Group] = []
        for _ in 0..<(try reader.input.index(below: RoundLimits.groups + 1, "too many groups")) {
            let (code, word) = (try reader.input.text(), try reader.input.text())
            guard let rule = PointsTable.Rule(rawValue: word) else {
                throw SnapshotFault.wrong("a points group without rule")
            }
            let (clause, name) = (try reader.input.text(), try reader.input.text())
            groups.append(
                PointsTable.Group(
                    code: code, rule: rule, most: try bound(&reader), clause: clause, name: name))
        }
        var items: [PointsTable.Item] = []
        for _ in 0..<(try reader.input.index(below: RoundLimits.items + 1, "too many items")) {
            let (code, group) = (try reader.input.text(), try reader.input.text())
            let (clause, name) = (try reader.input.text(), try reader.input.text())
            let points = Int(try reader.input.signed(Int32.self, "points"))
            items.append(
                PointsTable.Item(
                    code: code, group: group, points: points, most: try bound(&reader), clause: clause,
                    name: name))
        }
        return try PointsTable(name: name, version: version, groups: groups, items: items)
    }

    private func bound(_ reader: inout StateReader) throws -> Int? {
        let most = Int(try reader.input.signed(Int32.self, "a bound"))
        return most < 0 ? nil : most
    }

    private func readRound(_ reader: inout StateReader) throws -> PlacementRound {
        let id = try reader.input.id()
        let (city, key) = (try reader.input.text(), try reader.input.text())
        let (title, publicName) = (try reader.input.text(), try reader.input.text())
        let commitment = try reader.input.bytes()
        guard let publicOn = try reader.dayIfAny() else { throw SnapshotFault.wrong("a round without day") }
        var ties: [String] = []
        for _ in 0..<(try reader.input.index(below: RoundLimits.groups + 1, "too many tie rules")) {
            ties.append(try reader.input.text())
        }
        let table = try readPointsTable(&reader)
        let announcedAt = try reader.input.signed()
        var round = PlacementRound(
            id: id,
            announcement: RoundAnnouncement(
                city: city, key: key, title: title, commitment: commitment, publicOn: publicOn,
                publicName: publicName, ties: ties),
            table: table, announcedAt: announcedAt, version: 0, changedAt: 0)
        for _ in 0..<(try reader.input.index(below: RoundLimits.posts + 1, "too many posts")) {
            let (key, destination) = (try reader.input.text(), try reader.input.text())
            let (employer, title) = (try reader.input.text(), try reader.input.text())
            round.posts.append(
                RoundPost(
                    key: key, destination: destination,
                    seats: try reader.input.index(below: RoundLimits.seats + 1, "too many seats"),
                    employer: employer, title: title))
        }
        for _ in 0..<(try reader.input.index(below: RoundLimits.people + 1, "too many people")) {
            round.members.append(try readMember(&reader, round))
        }
        round.frozenOn = try reader.dayIfAny()
        round.inputsDigest = try reader.input.bytes()
        for _ in 0..<(try reader.input.index(below: RoundLimits.objections + 1, "too many objections")) {
            round.objections.append(try readObjection(&reader, id))
        }
        try readDraw(&reader, &round)
        round.fileDigest = try reader.input.bytes()
        round.state = try reader.code(PlacementRound.State.self, "a round's state")
        round.version = try reader.input.number()
        round.changedAt = try reader.input.signed()
        round.people = try reader.codeIfAny(PlacementRound.People.self, "people of no kind")
        return round
    }

    private func partyIndex(_ reader: inout StateReader) throws -> PartyIndex {
        PartyIndex(try reader.input.index(below: parties.count, "a party that is not there"))
    }

    private func readMember(
        _ reader: inout StateReader, _ round: PlacementRound
    ) throws -> PlacementRound.Member {
        let key = try reader.input.text()
        let party = try partyIndex(&reader)
        let name = try reader.personal(of: round.id)
        let maskedName = try reader.input.text()
        var evidence: [RoundEvidence] = []
        for _ in 0..<(try reader.input.index(below: RoundLimits.evidence + 1, "too much evidence")) {
            let item = try reader.input.text()
            let count = try reader.input.index(below: RoundLimits.count + 1, "too high a count")
            evidence.append(RoundEvidence(item: item, count: count, record: try reader.input.text()))
        }
        var member = PlacementRound.Member(
            key: key, party: party, name: name, maskedName: maskedName, evidence: evidence)
        guard let confirmation = PlacementRound.Confirmation(rawValue: try reader.input.byte()) else {
            throw SnapshotFault.wrong("a confirmation of no kind")
        }
        member.confirmation = confirmation
        member.isWithdrawn = try reader.input.flag()
        for _ in 0..<(try reader.input.index(below: RoundLimits.listed + 1, "too long a list")) {
            member.wishes.append(try reader.input.index(below: round.posts.count, "no such post"))
        }
        return member
    }

    private func readObjection(
        _ reader: inout StateReader, _ id: EntityID
    ) throws -> PlacementRound.Objection {
        let by = try partyIndex(&reader)
        let person = try reader.input.text()
        var objection = PlacementRound.Objection(by: by, person: person, text: try reader.personal(of: id))
        objection.isSettled = try reader.input.flag()
        objection.isUpheld = try reader.input.flag()
        objection.answer = try reader.personal(of: id)
        return objection
    }

    /// The turns are taken again: what was picked must have been free.
    private func readDraw(_ reader: inout StateReader, _ round: inout PlacementRound) throws {
        guard try reader.input.flag() else { return }
        let secret = try reader.input.bytes()
        let value = try reader.input.text()
        let seed = try reader.input.bytes()
        var order: [Int] = []
        for _ in round.members {
            order.append(try reader.input.index(below: round.members.count, "nobody of the round"))
        }
        guard Set(order).count == order.count else { throw SnapshotFault.wrong("a person twice in an order") }
        round.drawn = PlacementRound.Drawn(secret: secret, value: value, seed: seed, order: order)
        round.picking = RoundPicking(seats: round.posts.map(\.seats))
        let turns = try reader.input.index(below: order.count + 1, "more turns than people")
        for person in order.prefix(turns) {
            let kind = try reader.input.index(below: 4, "a choice of no kind")
            let post = try reader.input.index(below: max(1, round.posts.count), "no such post")
            let choices: [RoundChoice] = [
                .list(round.members[person].wishes), .pick(post), .pass, .withdrawn,
            ]
            guard round.picking.take(person, choices[kind]) != nil else {
                throw SnapshotFault.wrong("a post picked twice")
            }
        }
    }
}
