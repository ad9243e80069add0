package import Schema

/// Counts the figures of a period over what an officer may see, in steps (DESIGN.md 9). Between two steps the state may grow: changes after the record
/// that was the newest at the first step are left out, so that all rows of a report are of one moment.
package struct FigureScan: Sendable {
    private let viewer: Viewer
    private let period: Period
    private let asOf: UInt64
    private var requestWalk: SlotWalk
    private var caseWalk: SlotWalk
    private var requests: [RequestGroup: FigureTally] = [:]
    private var cases: [CaseGroup: FigureTally] = [:]
    private var rounds = RoundTally()
    private var fund: FundTally?

    /// More groups than an answer holds; a narrower period or an officer of a county has fewer.
    package enum Fault: Error, Sendable, Hashable { case tooManyGroups }

    package init(_ period: Period, for viewer: Viewer, in state: State) {
        self.viewer = viewer
        self.period = period
        asOf = state.lastSequence
        let party = viewer.isOfBureau ? nil : viewer.party
        requestWalk = SlotWalk(isCase: false, party: party, bound: .max)
        caseWalk = SlotWalk(isCase: true, party: party, bound: .max)
        fund = state.mayReadFund(viewer) ? FundTally(period, in: state) : nil
    }

    /// Looks at up to `budget` requests, cases, slices of a round or of the fund. True: all have been looked at.
    package mutating func step(_ state: State, budget: Int) throws(Fault) -> Bool {
        guard viewer.doesCasework else { return true }
        for _ in 0..<max(budget, 1) {
            if let slot = requestWalk.next(state) {
                count(request: slot, state)
            } else if let slot = caseWalk.next(state) {
                count(case: slot, state)
            } else if !rounds.step(state, for: viewer, in: period, asOf: asOf), fund?.step(state) != true {
                return true
            }
            guard requests.count + cases.count + rounds.count <= Limits.figureGroups else {
                throw .tooManyGroups
            }
        }
        return false
    }

    package func view(_ state: State) -> FiguresView {
        FiguresView(
            from: period.from.open, to: period.to.open, asOf: asOf,
            requests: requests.sorted { $0.key.precedes($1.key, state) }.map { state.figures($0, $1) },
            cases: cases.sorted { $0.key.precedes($1.key, state) }.map { state.figures($0, $1) },
            rounds: rounds.figures(state), careFund: fund?.figures())
    }

    private mutating func count(request slot: Int, _ state: State) {
        guard state.maySee(viewer, .request(slot)) else { return }
        let facts = state.facts(ofRequest: slot, until: period, asOf: asOf)
        guard !facts.moments.isEmpty else { return }
        let stays = Stay.ended(facts.moments.map { ($0.time, $0.state.rawValue) }, in: period)
        var tally = FigureTally(stays)
        for (index, figure) in RequestFigure.all.enumerated() {
            tally.add(figure.count(facts, period), at: index)
        }
        guard !tally.isEmpty else { return }
        requests[RequestGroup(state.requests[slot]), default: FigureTally()].add(tally)
    }

    private mutating func count(case slot: Int, _ state: State) {
        guard state.maySee(viewer, .placementCase(slot)) else { return }
        let facts = state.facts(ofCase: slot, until: period, asOf: asOf)
        guard !facts.moments.isEmpty else { return }
        var tally = FigureTally(Stay.ended(facts.moments.map { ($0.time, $0.state.rawValue) }, in: period))
        for (index, figure) in CaseFigure.all.enumerated() {
            tally.add(figure.counts(facts, period) ? 1 : 0, at: index)
        }
        guard !tally.isEmpty else { return }
        cases[CaseGroup(state.cases[slot], state), default: FigureTally()].add(tally)
    }
}

extension State {
    /// The facts of a request up to the period's end and a record; without moments: it did not exist yet.
    func facts(ofRequest slot: Int, until period: Period, asOf: UInt64 = .max) -> RequestFacts {
        let request = requests[slot]
        return RequestFacts(
            moments: rows(from: request.newestRow, until: period, asOf: asOf).compactMap { row in
                SupportRequest.State(rawValue: row.state).map { .init(row.time, row.kind, $0) }
            }, deadline: request.obligation?.deadline, grade: request.grade,
            satisfaction: request.satisfaction, persons: UInt64(clamping: request.persons),
            times: UInt64(clamping: request.times))
    }

    func facts(ofCase slot: Int, until period: Period, asOf: UInt64 = .max) -> CaseCourse {
        CaseCourse(
            moments: rows(from: cases[slot].newestRow, until: period, asOf: asOf).compactMap { row in
                PlacementCase.State(rawValue: row.state).map { .init(row.time, $0) }
            })
    }

    /// Oldest first.
    private func rows(from newest: UInt32, until period: Period, asOf: UInt64) -> [ChangeRow] {
        changes.history(from: newest).reversed().map { changes.rows[Int($0)] }
            .filter { !period.isOver($0.time) && $0.sequence <= asOf }
    }

    fileprivate func figures(_ group: RequestGroup, _ tally: FigureTally) -> RequestFigures {
        RequestFigures(
            direction: group.direction.open, party: group.party.map { party($0).key } ?? "",
            partyName: group.party.map { party($0).name } ?? "", category: categories[Int(group.category)],
            year: group.year, counts: tally.counts(RequestFigure.all.map(\.figure)),
            stages: tally.stages { SupportRequest.State(rawValue: $0)?.word })
    }

    fileprivate func figures(_ group: CaseGroup, _ tally: FigureTally) -> CaseFigures {
        CaseFigures(
            subcategory: group.subcategory, handler: group.handler.map { party($0).key } ?? "",
            handlerName: group.handler.map { party($0).name } ?? "",
            counts: tally.counts(CaseFigure.all.map(\.figure)),
            stages: tally.stages { PlacementCase.State(rawValue: $0)?.word },
            worry: group.series?.worry ?? .unspecified, counted: group.counted.open)
    }

    /// Official order: kind, then the order within it; nobody comes last.
    fileprivate func rank(_ party: PartyIndex?) -> (Int, Int32, String) {
        guard let party else { return (.max, 0, "") }
        let found = self.party(party)
        return (Int(found.kind.rawValue), found.order, found.key)
    }
}

/// What the requests of one row have in common.
private struct RequestGroup: Hashable {
    let direction: SupportRequest.Direction
    /// The local side: who is responsible, or who asks.
    let party: PartyIndex?
    let category: UInt32
    let year: Int32

    init(_ request: SupportRequest) {
        direction = request.direction
        party =
            request.direction == .localToUnit
            ? request.requester : request.obligation?.responsible ?? request.addressedTo
        category = request.text.category
        year = request.year
    }

    func precedes(_ other: RequestGroup, _ state: State) -> Bool {
        let (mine, theirs) = (state.rank(party), state.rank(other.party))
        if direction != other.direction { return direction.rawValue < other.direction.rawValue }
        if mine != theirs { return mine < theirs }
        if category != other.category {
            return state.categories[Int(category)] < state.categories[Int(other.category)]
        }
        return year < other.year
    }
}

private struct CaseGroup: Hashable {
    /// Nil: not reviewed, and no table says any more.
    let series: NumberSeries?
    let subcategory: String
    let handler: PartyIndex?
    let counted: CountedIn

    /// Worry and unit are those of the review; before it, what the table says now.
    init(_ held: PlacementCase, _ state: State) {
        let kind = held.review == nil ? state.caseKind(held.subcategory) : nil
        series = held.review?.series ?? kind?.series
        subcategory = held.subcategory
        handler = held.review?.handler
        counted = held.review?.counted ?? kind?.counted ?? .items
    }

    func precedes(_ other: CaseGroup, _ state: State) -> Bool {
        let (mine, theirs) = (state.rank(handler), state.rank(other.handler))
        if worryRank != other.worryRank { return worryRank < other.worryRank }
        if subcategory != other.subcategory { return subcategory < other.subcategory }
        if mine != theirs { return mine < theirs }
        return counted.rawValue < other.counted.rawValue
    }

    /// 后路, 后院, 后代: the order of the schema.
    private var worryRank: Int32 { series?.worry.rawValue ?? .max }
}

/// Counts in the order of a table of figures, and stays by state.
private struct FigureTally {
    private var counts: [UInt64] = []
    private var stages: [UInt8: StageSums] = [:]

    init(_ stays: [Stay] = []) {
        for stay in stays { add(stay) }
    }

    var isEmpty: Bool { stages.isEmpty && counts.allSatisfy { $0 == 0 } }

    mutating func add(_ count: UInt64, at index: Int) {
        while counts.count <= index { counts.append(0) }
        counts[index] &+= count
    }

    mutating func add(_ other: FigureTally) {
        for (index, count) in other.counts.enumerated() { add(count, at: index) }
        for (state, sums) in other.stages { stages[state, default: StageSums()].add(sums) }
    }

    private mutating func add(_ stay: Stay) {
        let milliseconds = UInt64(clamping: stay.nanoseconds / 1_000_000)
        stages[stay.state, default: StageSums()].add(StageSums(stays: 1, milliseconds: milliseconds))
    }

    func counts(_ figures: [Figure]) -> [FigureCount] {
        zip(figures, counts).filter { $1 > 0 }.map { FigureCount(figure: $0, count: $1) }
    }

    func stages(_ word: (UInt8) -> String?) -> [StageFigure] {
        stages.sorted { $0.key < $1.key }.compactMap { raw, sums in
            word(raw).map { StageFigure(state: $0, stays: sums.stays, milliseconds: sums.milliseconds) }
        }
    }
}
