package import Schema

/// What is counted of requests: one pure function a figure. The schema's `Figure` says of each what it counts; here stands how.
package struct RequestFigure: Sendable {
    package let figure: Figure
    /// How much one request adds: 1 or 0 for items, what its result says for persons, the number of times for times.
    package let count: @Sendable (RequestFacts, Period) -> UInt64

    private init(_ figure: Figure, _ count: @escaping @Sendable (RequestFacts, Period) -> UInt64) {
        (self.figure, self.count) = (figure, count)
    }

    /// A figure of items: the moment that counts lies in the period.
    private init(_ figure: Figure, at moment: @escaping @Sendable (RequestFacts) -> Int64?) {
        self.init(figure) { facts, period in moment(facts).map(period.contains) == true ? 1 : 0 }
    }

    /// A figure of items: true or not.
    private init(_ figure: Figure, where isCounted: @escaping @Sendable (RequestFacts, Period) -> Bool) {
        self.init(figure) { facts, period in isCounted(facts, period) ? 1 : 0 }
    }

    package static let all: [RequestFigure] = flows + results + ratings + dues + stocks

    private static let flows: [RequestFigure] = [
        RequestFigure(.filed, at: { $0.first(.submitRequest, into: .submitted) }),
        RequestFigure(.accepted, at: { $0.first(.acceptRequest, into: .accepted) }),
        RequestFigure(.included, at: { $0.first(.decideRequest, into: .decided) }),
        RequestFigure(.declined, at: { $0.first(.decideRequest, into: .declined) }),
        RequestFigure(.routine, at: { $0.first(.decideRequest, into: .routine) }),
        RequestFigure(.referred, at: { $0.first(.decideRequest, into: .referred) }),
        RequestFigure(.assigned, at: { $0.first(.assignRequest, into: .assigned) }),
        RequestFigure(.reported, at: { $0.first(.reportResult, into: .reported) }),
        RequestFigure(.closed, at: { $0.closedAt }),
        RequestFigure(.withdrawn, at: { $0.first(.withdrawRequest, into: .withdrawn) }),
        RequestFigure(.void, at: { $0.first(.voidRequest, into: .void) }),
        RequestFigure(.carriedOver) { facts, period in
            facts.moments.contains { $0.kind == .carryOverRequest && period.contains($0.time) }
        },
    ]

    /// The outcome is apart from the state: only A is solved, whatever was closed.
    private static let results: [RequestFigure] = [
        result(.solved, .solved), result(.beingSolved, .beingSolved),
        result(.notPossible, .notPossible), result(.kept, .kept),
        RequestFigure(.solvedPersons) { isSolved($0, $1) ? $0.persons : 0 },
        RequestFigure(.solvedTimes) { isSolved($0, $1) ? $0.times : 0 },
    ]

    private static func isSolved(_ facts: RequestFacts, _ period: Period) -> Bool {
        facts.grade == .solved && facts.closedAt.map(period.contains) == true
    }

    private static func result(_ figure: Figure, _ grade: SupportRequest.Grade) -> RequestFigure {
        RequestFigure(figure, at: { $0.grade == grade ? $0.closedAt : nil })
    }

    /// Every answer of a requester is one rating: the two that close, and the one that sends the item back.
    private static let ratings: [RequestFigure] = [
        RequestFigure(.satisfied, at: { $0.satisfaction == .satisfied ? $0.closedAt : nil }),
        RequestFigure(.mostlySatisfied, at: { $0.satisfaction == .mostly ? $0.closedAt : nil }),
        RequestFigure(.dissatisfied) { $0.times(.confirmRequest, into: .inProgress, in: $1) },
        RequestFigure(.ratedItems, where: isRated),
        RequestFigure(.redoneItems, where: { $0.wasDissatisfied.contains(where: $1.contains) }),
        RequestFigure(.handedBack) { $0.times(.handBackRequest, into: .decided, in: $1) },
    ]

    private static func isRated(_ facts: RequestFacts, _ period: Period) -> Bool {
        facts.moments.contains { $0.kind == .confirmRequest && period.contains($0.time) }
    }

    private static let dues: [RequestFigure] = [
        RequestFigure(.due, where: isDue),
        RequestFigure(.dueClosed, where: { isDue($0, $1) && $0.closedAt != nil }),
        RequestFigure(.dueOnTime, where: { isDue($0, $1) && isOnTime($0) }),
    ]

    /// Assigned, due by the report's day, and still open when the period began.
    private static func isDue(_ facts: RequestFacts, _ period: Period) -> Bool {
        guard let deadline = facts.deadline, deadline <= period.to,
            facts.first(.assignRequest, into: .assigned) != nil, let state = facts.state,
            state == .closed || !state.isOver && state != .suspended
        else { return false }
        return facts.closedAt.map { !period.isBefore($0) } ?? true
    }

    private static func isOnTime(_ facts: RequestFacts) -> Bool {
        guard let deadline = facts.deadline, let report = facts.closingReport else { return false }
        return CivilDay(nanoseconds: report) <= deadline
    }

    private static let stocks: [RequestFigure] = [
        RequestFigure(.open, where: { facts, _ in isOpen(facts) }),
        RequestFigure(.openAssigned, where: { facts, _ in isOpen(facts) && facts.deadline != nil }),
        RequestFigure(.suspended, where: { facts, _ in facts.state == .suspended }),
        RequestFigure(.overdue, where: { facts, period in isOverdue(facts, period) }),
    ]

    private static func isOpen(_ facts: RequestFacts) -> Bool { facts.state.map { !$0.isOver } ?? false }

    private static func isOverdue(_ facts: RequestFacts, _ period: Period) -> Bool {
        guard isOpen(facts), facts.state != .reported, facts.state != .suspended,
            let deadline = facts.deadline
        else { return false }
        return deadline < period.to
    }
}
