package import Schema

/// One family's case as a report sees it, up to the report's last day.
package struct CaseFacts: Sendable, Hashable {
    package struct Moment: Sendable, Hashable {
        package let time: Int64
        package let state: PlacementCase.State

        package init(_ time: Int64, _ state: PlacementCase.State) { (self.time, self.state) = (time, state) }
    }

    /// Oldest first; none after the period.
    package var moments: [Moment]

    package init(moments: [Moment]) { self.moments = moments }

    package var state: PlacementCase.State? { moments.last?.state }

    func first(into state: PlacementCase.State) -> Int64? { moments.first { $0.state == state }?.time }
    func last(into state: PlacementCase.State) -> Int64? { moments.last { $0.state == state }?.time }

    var closedAt: Int64? { state == .closed ? first(into: .closed) : nil }
    /// What the unit confirmed was a placement, not that there is none.
    var isSolved: Bool { closedAt != nil && (last(into: .placed) ?? 0) > (last(into: .notPlaced) ?? 0) }
}

/// What is counted of cases: one pure function a figure. A case is one family, counted as persons (人).
package struct CaseFigure: Sendable {
    package let figure: Figure
    package let counts: @Sendable (CaseFacts, Period) -> Bool

    private init(_ figure: Figure, _ counts: @escaping @Sendable (CaseFacts, Period) -> Bool) {
        (self.figure, self.counts) = (figure, counts)
    }

    private init(_ figure: Figure, at moment: @escaping @Sendable (CaseFacts) -> Int64?) {
        self.init(figure) { facts, period in moment(facts).map(period.contains) ?? false }
    }

    package static let all: [CaseFigure] = [
        CaseFigure(.casesFiled, at: { $0.first(into: .filed) }),
        CaseFigure(.casesReviewed, at: { $0.first(into: .reviewed) }),
        CaseFigure(.casesPlaced, at: { $0.last(into: .placed) }),
        CaseFigure(.casesNotPlaced, at: { $0.last(into: .notPlaced) }),
        CaseFigure(.casesClosed, at: { $0.closedAt }),
        CaseFigure(.casesWithdrawn, at: { $0.first(into: .withdrawn) }),
        CaseFigure(.casesSolved, at: { $0.isSolved ? $0.closedAt : nil }),
        CaseFigure(.casesOpen) { facts, _ in
            facts.state.map { $0 != .closed && $0 != .withdrawn } ?? false
        },
    ]
}
