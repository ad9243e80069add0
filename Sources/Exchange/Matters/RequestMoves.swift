/// Whose move a request waits for: what the saved views and the casework page say (Protocol/CASEWORK.md 3).
extension SupportRequest {
    /// What besides the state decides whose move it is.
    package enum Circumstance: Sendable, Hashable, CaseIterable {
        case none
        /// Accepted and on a conference's agenda.
        case scheduled
        /// Being worked on with an open question.
        case extending
        case suspending
    }

    package struct Situation: Sendable, Hashable {
        package let state: State
        package let circumstance: Circumstance

        /// Every one there is, in the order of the states.
        package static let all: [Situation] = State.allCases.flatMap { state in
            Circumstance.allCases.filter { $0.isPossible(in: state) }.map {
                Situation(state: state, circumstance: $0)
            }
        }
    }

    /// A command that would bring a request on. `isAwaited`: another party stands still until then; otherwise it is
    /// work, which takes its time.
    package struct Move: Sendable, Hashable {
        package let command: CommandKind
        package let isAwaited: Bool
    }

    package var situation: Situation { Situation(state: state, circumstance: circumstance) }

    private var circumstance: Circumstance {
        switch question {
        case .extending: .extending
        case .suspending: .suspending
        case nil: state == .accepted && conference != nil ? .scheduled : .none
        }
    }

    package var moves: [Move] { Self.moves(in: situation) }

    package static func moves(in situation: Situation) -> [Move] { moves[situation] ?? [] }

    private static let moves: [Situation: [Move]] = Dictionary(
        uniqueKeysWithValues: Situation.all.map { ($0, found(for: $0)) })

    private static func found(for situation: Situation) -> [Move] {
        let awaited: [CommandKind] =
            switch (situation.state, situation.circumstance) {
            case (.submitted, _): [.acceptRequest]
            case (.returned, _): [.amendRequest]
            case (.accepted, .none): [.scheduleRequest, .decideRequest]
            case (.accepted, _): [.decideRequest]
            case (.decided, _): [.assignRequest]
            case (.assigned, _): [.acknowledgeRequest]
            case (.reported, _): [.confirmRequest]
            case (_, .extending): [.decideExtension]
            case (_, .suspending): [.decideSuspension]
            default: []
            }
        let work: [CommandKind] =
            switch situation.state {
            case .acknowledged, .inProgress: [.reportProgress]
            case .suspended: [.resumeRequest]
            default: []
            }
        return work.map { Move(command: $0, isAwaited: false) }
            + awaited.map { Move(command: $0, isAwaited: true) }
    }
}

extension SupportRequest.Circumstance {
    fileprivate func isPossible(in state: SupportRequest.State) -> Bool {
        switch self {
        case .none: true
        case .scheduled: state == .accepted
        case .extending, .suspending: state.isWork
        }
    }
}
