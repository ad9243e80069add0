package import Schema

/// What is shown of a round. The ranking, once posted, is everybody's; a person's own lines are their party's and the bureau's.
extension State {
    /// A round by its key, reference code or target id in hex; nil when there is none this officer may see.
    package func findRound(_ key: String, for viewer: Viewer) -> Int? {
        let named = foldedFullWidth(String(trimmed(key)))
        if let slot = rounds.firstIndex(where: { haveSameBytes($0.announcement.key, named) }) {
            return maySee(viewer, .round(slot)) ? slot : nil
        }
        return find(key, .round, for: viewer)?.slot
    }

    /// The newest first.
    package func roundList(for viewer: Viewer) -> RoundList {
        RoundList(
            rounds: rounds.indices.reversed().filter { maySee(viewer, .round($0)) }
                .prefix(Limits.pageSize).map { summary(of: rounds[$0]) })
    }

    func summary(of round: PlacementRound) -> RoundSummary {
        RoundSummary(
            target: round.id.bytes, reference: ReferenceCode(round.id).text, key: round.announcement.key,
            title: round.announcement.title, state: round.state.open, version: round.version,
            people: UInt32(round.members.count), posts: UInt32(round.posts.count),
            placed: UInt32(round.picking.turns.count { $0.post != nil }), announcedAt: round.announcedAt,
            changedAt: round.changedAt, peopleKind: round.people?.open ?? .unspecified)
    }

    package func roundView(_ slot: Int, for viewer: Viewer) -> RoundView {
        let round = rounds[slot]
        let said = round.announcement
        return RoundView(
            summary: summary(of: round), commitment: said.commitment, publicOn: said.publicOn.open,
            publicName: said.publicName, ties: said.ties, table: round.table.name,
            tableVersion: round.table.version, frozenOn: round.frozenOn?.open,
            inputsDigest: round.inputsDigest,
            confirmed: UInt32(round.members.count { $0.confirmation == .confirmed }),
            disputed: UInt32(round.members.count { $0.confirmation == .disputed }),
            openObjections: UInt32(round.objections.count { !$0.isSettled }),
            objections: objections(of: round, for: viewer), secret: round.drawn?.secret ?? [],
            value: round.drawn?.value ?? "", seed: round.drawn?.seed ?? [],
            turnsTaken: UInt32(round.picking.turns.count),
            nextPerson: round.turn.map { round.members[$0].key } ?? "", fileDigest: round.fileDigest,
            next: nextCommands(for: viewer, .round(slot)))
    }

    private func objections(of round: PlacementRound, for viewer: Viewer) -> [RoundObjectionView] {
        round.objections.enumerated().filter { viewer.isOfBureau || $0.element.by == viewer.party }
            .map { number, objection in
                RoundObjectionView(
                    number: UInt32(number + 1), by: party(objection.by).key, person: objection.person,
                    text: objection.text.shown, settled: objection.isSettled, upheld: objection.isUpheld,
                    answer: objection.answer.shown)
            }
    }

    package func roundPosts(_ slot: Int, _ query: RoundRowsQuery) throws(QueryFault) -> RoundPostPage {
        let round = rounds[slot]
        let rows = try roundRows(round.posts.count, query)
        return RoundPostPage(
            posts: rows.map { index in
                let post = round.posts[index]
                let free = round.drawn == nil ? post.seats : round.picking.free[index]
                return RoundPostRow(
                    post: OfferedPost(
                        key: post.key, destination: post.destination, seats: Int32(clamping: post.seats),
                        employer: post.employer, title: post.title), free: Int32(clamping: free))
            }, total: UInt32(round.posts.count))
    }

    /// Frozen, and posted; the bureau, which posts it, sees it before.
    package func showsRanking(_ slot: Int, to viewer: Viewer) -> Bool {
        rounds[slot].frozenOn != nil && (rounds[slot].state.isPublic || viewer.isOfBureau)
    }

    /// Nil where it is not shown.
    package func ranking(
        _ slot: Int, _ query: RoundRowsQuery, for viewer: Viewer
    ) throws(QueryFault) -> RankingPage? {
        guard showsRanking(slot, to: viewer) else { return nil }
        return try rounds[slot].ranking(query, rounds[slot].standing())
    }

    /// The own people with their scores as they come about; the bureau sees all.
    package func roundPeople(
        _ slot: Int, _ query: RoundRowsQuery, for viewer: Viewer
    ) throws(QueryFault) -> RoundMemberPage {
        let round = rounds[slot]
        // By number: a copy of each person would cost more than the page.
        let mine =
            viewer.isOfBureau
            ? Array(round.members.indices)
            : round.members.indices.filter { round.members[$0].party == viewer.party }
        let rows = try roundRows(mine.count, query)
        return RoundMemberPage(
            people: rows.map { row(round.members[mine[$0]], round) }, total: UInt32(mine.count))
    }

    private func row(_ member: PlacementRound.Member, _ round: PlacementRound) -> RoundMemberRow {
        let score = round.table.score(member.evidence)
        return RoundMemberRow(
            person: member.key, party: party(member.party).key, name: member.name.shown,
            tenths: Int32(clamping: score.total),
            items: score.traces.map { trace in
                ItemTrace(
                    item: round.table.items[trace.item].code, recorded: Int32(clamping: trace.recorded),
                    unrecorded: Int32(clamping: trace.unrecorded), gross: Int32(clamping: trace.gross),
                    counted: Int32(clamping: trace.counted))
            },
            groups: score.subtotals.map { subtotal in
                GroupTrace(
                    group: round.table.groups[subtotal.group].code, gross: Int32(clamping: subtotal.gross),
                    counted: Int32(clamping: subtotal.counted))
            },
            confirmed: member.confirmation == .confirmed, disputed: member.confirmation == .disputed,
            withdrawn: member.isWithdrawn, wishes: member.wishes.map { round.posts[$0].key })
    }

    /// The file as it is published; nil before the round is closed.
    package func roundFile(_ slot: Int, _ hash: @escaping RoundHash) -> [UInt8]? {
        rounds[slot].publishedFile(hash)
    }

    package func roundHistory(_ slot: Int, for viewer: Viewer) -> [HistoryEntry] {
        history(of: .round(slot), for: viewer)
    }

    /// One change of a round as `watch` tells it.
    func roundChange(_ row: ChangeRow, cursor: [UInt8], for viewer: Viewer) -> Change {
        let round = rounds[row.matter.slot]
        return Change(
            cursor: cursor, target: round.id.bytes, reference: ReferenceCode(round.id).text,
            number: round.announcement.key, entry: entry(row, for: viewer), isCase: false,
            title: round.announcement.title)
    }
}

private func roundRows(_ count: Int, _ query: RoundRowsQuery) throws(QueryFault) -> Range<Int> {
    guard (0...Int32(Limits.pageSize)).contains(query.pageSize) else { throw .pageSize(query.pageSize) }
    let size = query.pageSize == 0 ? Limits.standardPageSize : Int(query.pageSize)
    let first = min(Int(query.from), count)
    return first..<min(first + size, count)
}

// What costs as much as the round is large. A round is one value, so any thread that is handed it may work it out.
extension PlacementRound {
    /// A page of the ranking. `standing` is this round's, worked out once for all pages.
    package func ranking(_ query: RoundRowsQuery, _ standing: RoundStanding) throws(QueryFault) -> RankingPage
    {
        let rows = try roundRows(members.count, query)
        let people = drawn?.order ?? standing.order.places.map(\.person)
        return RankingPage(
            rows: rows.map { index in
                let member = members[people[index]]
                let turn = index < picking.turns.count ? picking.turns[index] : nil
                return RankingRow(
                    place: UInt32(drawn == nil ? standing.shared[index] : index + 1), person: member.key,
                    maskedName: member.maskedName,
                    tenths: Int32(clamping: standing.scores[people[index]].total),
                    basis: word(standing.order.places[index].basis), how: turn?.how.rawValue ?? "",
                    post: turn?.post.map { posts[$0].key } ?? "")
            }, total: UInt32(members.count))
    }

    /// The places of equals are the same before and after the draw, so the basis by place is, too.
    private func word(_ basis: RoundOrder.Basis) -> String {
        switch basis {
        case .first: "first"
        case .score: "score"
        case .tie(let group): "tie:\(table.groups[group].code)"
        case .draw: drawn == nil ? "equal" : "draw"
        }
    }

    /// The file as it is published; nil before the round is closed.
    package func publishedFile(_ hash: @escaping RoundHash) -> [UInt8]? {
        guard state == .closed, let file = file(), let outcome = try? file.outcome(hash) else { return nil }
        return file.bytes(outcome, hash)
    }
}
