internal import Schema

/// Who was placed by the rounds that were published in a period: a flow of persons, whose denominator is everybody whose score stands in the file.
///
/// A pick counts on the day the round is published, for until then it can still be that the round is never closed. Counted in slices, so that a
/// round of 20,000 people is no long step.
struct RoundTally: Sendable {
    /// Turns looked at in one step: about the cost of one request's history.
    static let turnsAtOnce = 64

    private struct Counted: Sendable {
        let slot: Int
        let publishedAt: Int64
        var placed: UInt64 = 0
        var destinations: [String: UInt64] = [:]
    }

    private var slot = 0
    private var turn = 0
    private var rows: [Counted] = []

    var count: Int { rows.count }

    /// The next slice. False: there was nothing left.
    mutating func step(_ state: State, for viewer: Viewer, in period: Period, asOf: UInt64) -> Bool {
        guard slot < state.rounds.count else { return false }
        if turn == 0 {
            guard let time = state.published(slot, in: period, asOf: asOf), state.maySee(viewer, .round(slot))
            else {
                slot += 1
                return true
            }
            rows.append(Counted(slot: slot, publishedAt: time))
        }
        let turns = state.rounds[slot].picking.turns
        let end = min(turn + Self.turnsAtOnce, turns.count)
        for taken in turns[turn..<end] {
            if let post = taken.post { place(state.rounds[slot].posts[post].destination) }
        }
        (slot, turn) = end == turns.count ? (slot + 1, 0) : (slot, end)
        return true
    }

    private mutating func place(_ destination: String) {
        rows[rows.count - 1].placed += 1
        rows[rows.count - 1].destinations[destination, default: 0] += 1
    }

    /// The earliest published first.
    func figures(_ state: State) -> [RoundFigures] {
        let order = state.codeList(CodeListName.placementDestination)?.entries.map(\.code) ?? []
        func rank(_ code: String) -> (Int, String) { (order.firstIndex(of: code) ?? .max, code) }
        return rows.sorted { ($0.publishedAt, $0.slot) < ($1.publishedAt, $1.slot) }.map { row in
            let round = state.rounds[row.slot]
            return RoundFigures(
                key: round.announcement.key, title: round.announcement.title,
                peopleKind: round.people?.open ?? .unspecified,
                publishedOn: CivilDay(nanoseconds: row.publishedAt).open, people: UInt64(round.members.count),
                placed: row.placed,
                destinations: row.destinations.sorted { rank($0.key) < rank($1.key) }.map {
                    DestinationFigure(destination: $0.key, persons: $0.value)
                })
        }
    }
}

extension State {
    /// When a round was published, if that lies in the period and was no later than a record. Nothing follows a closing.
    fileprivate func published(_ slot: Int, in period: Period, asOf: UInt64) -> Int64? {
        guard rounds[slot].state == .closed else { return nil }
        let row = Int(rounds[slot].newestRow)
        guard row < changes.rows.count, changes.rows[row].sequence <= asOf,
            period.contains(changes.rows[row].time)
        else { return nil }
        return changes.rows[row].time
    }
}
