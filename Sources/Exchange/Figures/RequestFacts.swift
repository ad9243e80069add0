/// One request as a report sees it: what it is, and what happened to it up to the report's last day.
///
/// Figures are pure functions of these facts and the period (`RequestFigure`). Nothing later than the period is in here, with one exception that
/// the report states: the due date is the one that stands now.
package struct RequestFacts: Sendable, Hashable {
    /// One change: when, what was done, and the state after it.
    package struct Moment: Sendable, Hashable {
        package let time: Int64
        package let kind: CommandKind
        package let state: SupportRequest.State

        package init(_ time: Int64, _ kind: CommandKind, _ state: SupportRequest.State) {
            (self.time, self.kind, self.state) = (time, kind, state)
        }
    }

    /// Oldest first; none after the period.
    package var moments: [Moment]
    /// Of the obligation there is; nil before an assignment and after a hand-back.
    package var deadline: CivilDay?
    /// Of the newest report; meant where the request is closed, when no later one can be.
    package var grade: SupportRequest.Grade?
    /// Of the closing; dissatisfaction is a moment that leads back to work.
    package var satisfaction: Satisfied?
    /// 人 and 次 of the newest report, as the grade is.
    package var persons: UInt64
    package var times: UInt64

    package init(
        moments: [Moment], deadline: CivilDay? = nil, grade: SupportRequest.Grade? = nil,
        satisfaction: Satisfied? = nil, persons: UInt64 = 0, times: UInt64 = 0
    ) {
        self.moments = moments
        self.deadline = deadline
        self.grade = grade
        self.satisfaction = satisfaction
        self.persons = persons
        self.times = times
    }

    /// At the period's end; nil: it did not exist yet.
    package var state: SupportRequest.State? { moments.last?.state }

    /// When it was first, or last, brought into a state by a command.
    func first(_ kind: CommandKind, into state: SupportRequest.State) -> Int64? {
        moments.first { $0.kind == kind && $0.state == state }?.time
    }
    func last(_ kind: CommandKind, into state: SupportRequest.State) -> Int64? {
        moments.last { $0.kind == kind && $0.state == state }?.time
    }
    func times(_ kind: CommandKind, into state: SupportRequest.State, in period: Period) -> UInt64 {
        UInt64(moments.count { $0.kind == kind && $0.state == state && period.contains($0.time) })
    }

    /// The closing, where it is closed.
    var closedAt: Int64? { state == .closed ? last(.confirmRequest, into: .closed) : nil }
    /// The report the requester has closed it on; a report that was sent back is none.
    var closingReport: Int64? { closedAt == nil ? nil : last(.reportResult, into: .reported) }
    var wasDissatisfied: [Int64] {
        moments.filter { $0.kind == .confirmRequest && $0.state == .inProgress }.map(\.time)
    }
}

extension SupportRequest.State {
    /// Nothing more will be done.
    package var isOver: Bool {
        switch self {
        case .closed, .declined, .withdrawn, .routine, .referred, .void: true
        case .submitted, .returned, .accepted, .decided, .assigned, .acknowledged, .inProgress, .reported,
            .suspended:
            false
        }
    }
}

/// A stay in a state: entered by one change, left by the next.
package struct Stay: Sendable, Hashable {
    package let state: UInt8
    package let nanoseconds: Int64

    /// The stays that ended in the period. Changes that leave the state (a progress note, an erasure) end none.
    package static func ended(_ moments: [(time: Int64, state: UInt8)], in period: Period) -> [Stay] {
        var stays: [Stay] = []
        guard var entered = moments.first else { return [] }
        for moment in moments.dropFirst() where moment.state != entered.state {
            if period.contains(moment.time) {
                stays.append(Stay(state: entered.state, nanoseconds: max(0, moment.time &- entered.time)))
            }
            entered = moment
        }
        return stays
    }
}
