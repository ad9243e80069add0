package import Schema

/// A sub-task of a case: one of the things several departments do at once (军人退役一件事). The state machine whole; it stands in the case, shares
/// its version and its key, and has its own owner, deadline and answer (回执).
///
///     (none) ─review of the case→ assigned ─acknowledge→ acknowledged
///     assigned | acknowledged ─finish→ done, ─refuse→ refused (with its reason; the others go on)
///     assigned | acknowledged | done | refused ─reassign→ assigned, by the bureau
///
/// `transitions` is the law; this drawing follows it.
package struct CaseTask: Sendable, Hashable {
    package enum State: UInt8, ClosedCode {
        case assigned = 1
        case acknowledged = 2
        case done = 3
        case refused = 4
        package typealias Open = TaskState
    }

    package static let transitions = TransitionTable<State>([
        (nil, .reviewCase, .assigned),
        (.assigned, .acknowledgeTask, .acknowledged),
        (.assigned, .finishTask, .done),
        (.acknowledged, .finishTask, .done),
        (.assigned, .refuseTask, .refused),
        (.acknowledged, .refuseTask, .refused),
        (.assigned, .reassignTask, .assigned),
        (.acknowledged, .reassignTask, .assigned),
        (.done, .reassignTask, .assigned),  // the unit disputes what was done
        (.refused, .reassignTask, .assigned),
    ])

    package let code: String
    package let name: String
    package let isMandatory: Bool
    package internal(set) var party: PartyIndex
    package internal(set) var deadline: CivilDay
    package internal(set) var state: State = .assigned
    /// 回执: the result, or why refused; empty before.
    package internal(set) var answer: PersonalText = .empty
    package internal(set) var changedAt: Int64
    /// Version of the case when it came to its party, whose view of the case begins there.
    package internal(set) var since: UInt64
}

extension CaseTask.State {
    package var word: String {
        switch self {
        case .assigned: "assigned"
        case .acknowledged: "acknowledged"
        case .done: "done"
        case .refused: "refused"
        }
    }
}

extension PlacementCase {
    /// Numbers of the mandatory tasks that are not done.
    package var openMandatoryTasks: [Int] {
        tasks.indices.filter { tasks[$0].isMandatory && tasks[$0].state != .done }.map { $0 + 1 }
    }
}

extension State {
    // MARK: Deciding

    func openTasks(_ kind: KindOfCase, _ context: Context) -> [EventV1.Task] {
        kind.tasks.map { task in
            EventV1.Task(
                code: task.code, name: task.name, party: party(task.party).key, mandatory: task.isMandatory,
                deadline: context.today.adding(days: task.days).open)
        }
    }

    func acknowledge(_ command: AcknowledgeTask, _ standing: Standing) throws(Rejection) -> EventBody {
        _ = try ownTask(command.task, .acknowledgeTask, standing)
        return .caseTaskAcknowledged(EventV1.CaseTaskAcknowledged(task: command.task))
    }

    func finish(_ command: FinishTask, _ standing: Standing) throws(Rejection) -> EventBody {
        _ = try ownTask(command.task, .finishTask, standing)
        try check(command.result, "result", max: Limits.summaryCharacters)
        return .caseTaskFinished(
            EventV1.CaseTaskFinished(task: command.task, result: personal(command.result)))
    }

    func refuse(_ command: RefuseTask, _ standing: Standing) throws(Rejection) -> EventBody {
        _ = try ownTask(command.task, .refuseTask, standing)
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .caseTaskRefused(EventV1.CaseTaskRefused(task: command.task, reason: personal(command.reason)))
    }

    func reassign(_ command: ReassignTask, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        _ = try task(command.task, .reassignTask, slot)
        try checkHandling(command.party, "party")
        guard let deadline = try checkDay(command.deadline, "deadline") else { throw .missing("deadline") }
        guard deadline >= context.today else { throw .invalid("deadline", "past") }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .caseTaskReassigned(
            EventV1.CaseTaskReassigned(
                task: command.task, party: command.party, deadline: command.deadline,
                note: personal(command.note)))
    }

    /// A task that is not the party's own is "unknown" to it, whether it is there or not.
    private func ownTask(_ number: Int32, _ kind: CommandKind, _ standing: Standing) throws(Rejection)
        -> CaseTask
    {
        let tasks = cases[standing.slot].tasks
        guard (1...Int32(Limits.caseTasks)).contains(number), Int(number) <= tasks.count,
            tasks[Int(number) - 1].party == standing.party
        else { throw .invalid("task", "unknown") }
        return try task(number, kind, standing.slot)
    }

    private func task(_ number: Int32, _ kind: CommandKind, _ slot: Int) throws(Rejection) -> CaseTask {
        let tasks = cases[slot].tasks
        guard (1...Int32(Limits.caseTasks)).contains(number), Int(number) <= tasks.count else {
            throw .invalid("task", "unknown")
        }
        let task = tasks[Int(number) - 1]
        guard CaseTask.transitions.allows(kind, from: task.state) else {
            throw Rejection(.wrongState, ["command": kind.name, "state": "task-\(task.state.word)"])
        }
        return task
    }

    /// Whether the command could be given for one of the tasks, the party's own where it is a party's command.
    func hasTask(_ slot: Int, for kind: CommandKind, of party: PartyIndex?) -> Bool {
        cases[slot].tasks.contains {
            (party == nil || $0.party == party) && CaseTask.transitions.allows(kind, from: $0.state)
        }
    }

    // MARK: Applying

    func task(_ event: EventV1.Task, _ context: EventContext) -> CaseTask {
        guard let deadline = CivilDay(event.deadline) else { corruption("a task without a deadline") }
        return CaseTask(
            code: event.code, name: event.name, isMandatory: event.mandatory, party: knownParty(event.party),
            deadline: deadline, changedAt: context.time, since: context.version)
    }

    mutating func applyTaskAcknowledged(_ event: EventV1.CaseTaskAcknowledged, _ context: EventContext) {
        let (slot, task) = (caseSlot(context), Int(event.task) - 1)
        answer(slot, task, .acknowledged, .empty, context)
        noteCase(slot, cases[slot].state, .empty, context)
    }

    mutating func applyTaskFinished(_ event: EventV1.CaseTaskFinished, _ context: EventContext) {
        let (slot, task) = (caseSlot(context), Int(event.task) - 1)
        answer(slot, task, .done, PersonalText(event.result), context)
        let isLast = cases[slot].state == .reviewed && cases[slot].openMandatoryTasks.isEmpty
        if isLast { cases[slot].conclusion = .byTasks }
        noteCase(slot, isLast ? .placed : cases[slot].state, .empty, context)
    }

    mutating func applyTaskRefused(_ event: EventV1.CaseTaskRefused, _ context: EventContext) {
        let (slot, task) = (caseSlot(context), Int(event.task) - 1)
        answer(slot, task, .refused, PersonalText(event.reason), context)
        noteCase(slot, cases[slot].state, .empty, context)
    }

    mutating func applyTaskReassigned(_ event: EventV1.CaseTaskReassigned, _ context: EventContext) {
        guard let deadline = CivilDay(event.deadline) else { corruption("a task without a deadline") }
        let (slot, task) = (caseSlot(context), Int(event.task) - 1)
        answer(slot, task, .assigned, .empty, context)
        cases[slot].tasks[task].party = knownParty(event.party)
        cases[slot].tasks[task].deadline = deadline
        cases[slot].tasks[task].since = context.version
        show(slot, to: cases[slot].tasks[task].party)
        noteCase(slot, cases[slot].state, PersonalText(event.note), context)
    }

    private mutating func answer(
        _ slot: Int, _ task: Int, _ state: CaseTask.State, _ text: PersonalText, _ context: EventContext
    ) {
        guard cases[slot].tasks.indices.contains(task) else { corruption("an answer to no task") }
        cases[slot].tasks[task].state = state
        cases[slot].tasks[task].answer = text
        cases[slot].tasks[task].changedAt = context.time
    }
}

extension PlacementCase.Conclusion {
    /// The sub-tasks were done; what they brought stands in their answers.
    static let byTasks = PlacementCase.Conclusion(
        isPlaced: true, channel: "", employer: .empty, post: .empty, starts: nil, reason: .empty)
}
