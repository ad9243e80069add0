package import Schema

/// One family's case as a report sees it, up to the report's last day.
package struct CaseCourse: Sendable, Hashable {
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
    /// When it last came into a state: what happens within the state (a sub-task, money paid) does not count again.
    func entered(_ state: PlacementCase.State) -> Int64? {
        moments.indices.last { moments[$0].state == state && ($0 == 0 || moments[$0 - 1].state != state) }
            .map { moments[$0].time }
    }

    var closedAt: Int64? { state == .closed ? first(into: .closed) : nil }
    /// What the unit confirmed was a placement, not that there is none.
    var isSolved: Bool { closedAt != nil && (entered(.placed) ?? 0) > (entered(.notPlaced) ?? 0) }
}

/// What is counted of cases: one pure function a figure. A case is one of what its kind is counted in (`CountedIn`).
package struct CaseFigure: Sendable {
    package let figure: Figure
    package let counts: @Sendable (CaseCourse, Period) -> Bool

    private init(_ figure: Figure, _ counts: @escaping @Sendable (CaseCourse, Period) -> Bool) {
        (self.figure, self.counts) = (figure, counts)
    }

    private init(_ figure: Figure, at moment: @escaping @Sendable (CaseCourse) -> Int64?) {
        self.init(figure) { facts, period in moment(facts).map(period.contains) ?? false }
    }

    package static let all: [CaseFigure] = [
        CaseFigure(.casesFiled, at: { $0.first(into: .filed) }),
        CaseFigure(.casesReviewed, at: { $0.first(into: .reviewed) }),
        CaseFigure(.casesPlaced, at: { $0.entered(.placed) }),
        CaseFigure(.casesNotPlaced, at: { $0.entered(.notPlaced) }),
        CaseFigure(.casesClosed, at: { $0.closedAt }),
        CaseFigure(.casesWithdrawn, at: { $0.first(into: .withdrawn) }),
        CaseFigure(.casesSolved, at: { $0.isSolved ? $0.closedAt : nil }),
        CaseFigure(.casesOpen) { facts, _ in
            facts.state.map { $0 != .closed && $0 != .withdrawn } ?? false
        },
    ]
}
