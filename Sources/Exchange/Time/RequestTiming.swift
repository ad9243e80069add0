package import Schema

/// How a request stands in time, and where that comes from.
package struct RequestTiming: Sendable, Hashable {
    package internal(set) var standing = Supervision.Standing()
    /// 暂定: some year up to the due date has no calendar.
    package internal(set) var isTentative = false
    /// The day of assignment.
    var start = CivilDay(dayNumber: 0)
    /// The due date was asked for as so many working days after `start`, and was `computed`; once another one stands (an extension), it is
    /// not computed any more. 0: it was given as a date.
    var workingDays: Int32 = 0
    var computed: CivilDay?
    /// The day the result was handed in.
    var handedIn: CivilDay?
    /// No part of what the state says.
    var place = Agenda.Place()

    /// Anything here is not as in a request that never had to do with time.
    var isUsed: Bool { workingDays != 0 || isTentative || standing != Supervision.Standing() }
}

extension SupportRequest {
    /// What its clock does. Every state has its answer here: there is no default.
    var clock: Supervision.Clock {
        switch state {
        case .submitted, .returned, .accepted, .decided: .idle
        case .assigned, .acknowledged, .inProgress: obligation == nil ? .idle : .running
        case .reported: timing.handedIn.map { .stopped($0) } ?? .running
        case .suspended: .suspended
        case .closed, .declined, .withdrawn, .routine, .referred, .void: .over
        }
    }

    /// Time has no part in it yet, and nothing came back that would press: nothing is lit and no day awaited. True of every filing, which
    /// so pays for none of what follows.
    var hasNoTime: Bool {
        clock == .idle && obligation == nil && redoCount == 0 && handBackCount == 0
            && timing == RequestTiming()
    }

    /// Working days the due date is computed from; nil: it is a date.
    package var workingDays: Int32? {
        guard timing.workingDays > 0, let obligation, obligation.deadline == timing.computed else {
            return nil
        }
        return timing.workingDays
    }
}

// MARK: Deciding

extension State {
    /// The due date of an assignment: as given, or so many working days from the next day on.
    func dueDate(_ command: AssignRequest, _ context: Context) throws(Rejection) -> (
        day: CivilDay, isTentative: Bool
    ) {
        let day =
            command.workingDays == 0 ? try givenDay(command, context) : try computedDay(command, context)
        return (day, !calendar.covers(from: context.today, through: day))
    }

    private func givenDay(_ command: AssignRequest, _ context: Context) throws(Rejection) -> CivilDay {
        guard let day = try checkDay(command.deadline, "deadline") else { throw .missing("deadline") }
        guard day >= context.today else { throw .invalid("deadline", "past") }
        return day
    }

    private func computedDay(_ command: AssignRequest, _ context: Context) throws(Rejection) -> CivilDay {
        guard command.deadline == nil else { throw .invalid("working_days", "mismatch") }
        guard (1...Limits.workingDays).contains(Int(command.workingDays)) else {
            throw .invalid("working_days", "out-of-range")
        }
        let day = calendar.day(Int(command.workingDays), workdaysAfter: context.today)
        guard CivilDay.years.contains(day.year) else { throw .invalid("working_days", "out-of-range") }
        return day
    }
}

// MARK: Applying

extension State {
    /// Whether any table is there by which time could mean something.
    package var keepsTime: Bool { supervision != nil || !calendar.years.isEmpty }

    mutating func beginTerm(_ slot: Int, _ event: EventV1.RequestAssigned, _ context: EventContext) {
        requests[slot].timing.start = CivilDay(nanoseconds: context.time)
        requests[slot].timing.workingDays = event.workingDays
        requests[slot].timing.computed = event.workingDays == 0 ? nil : CivilDay(event.deadline)
        requests[slot].timing.isTentative = event.tentative
    }

    /// The end of every event on a request: how it stands on the event's day, and when the clock has to look at it again.
    mutating func settleTime(_ context: EventContext) {
        guard keepsTime, let row = changes.rows.last, row.sequence == context.sequence,
            row.matter.aggregate == .request
        else { return }
        let (slot, day) = (row.matter.slot, CivilDay(nanoseconds: context.time))
        if requests[slot].hasNoTime { return }
        if requests[slot].state == .reported {
            requests[slot].timing.handedIn = requests[slot].timing.handedIn ?? day
        } else {
            requests[slot].timing.handedIn = nil
        }
        // What the clock wrote is a fact as it stands; a due date that a new table moves is its alone to write.
        if context.kind != .markTime {
            let due = requests[slot].obligation?.deadline
            requests[slot].timing.standing = standing(slot, due: due, on: day)
            requests[slot].timing.isTentative = isTentative(slot, due: due)
        }
        if timeDue(slot, on: day) != nil { plan(slot, for: day) }
    }

    mutating func apply(_ event: EventV1.TimeMarked, _ context: EventContext) {
        let slot = requestSlot(context)
        let standing = Supervision.Standing(
            light: Supervision.Light(event.light), step: Supervision.Step(event.step))
        requests[slot].timing.standing = standing
        requests[slot].timing.isTentative = event.tentative
        let deadline = CivilDay(event.deadline)
        if let deadline {
            requests[slot].obligation?.deadline = deadline
            requests[slot].timing.computed = deadline
        }
        changes.note(
            TimeMark(
                sequence: context.sequence, standing: standing, isTentative: event.tentative,
                deadline: deadline))
        requests[slot].newestRow = changes.append(
            ChangeRow(
                sequence: context.sequence, time: context.time, version: context.version,
                matter: .request(slot), previous: requests[slot].newestRow, actor: .none,
                kind: context.kind, state: requests[slot].state.rawValue, note: .empty))
    }

    private func item(_ slot: Int, due: CivilDay) -> Supervision.Item {
        Supervision.Item(
            clock: requests[slot].clock, start: requests[slot].timing.start, due: due,
            redos: requests[slot].redoCount, handBacks: requests[slot].handBackCount)
    }

    private func standing(_ slot: Int, due: CivilDay?, on day: CivilDay) -> Supervision.Standing {
        supervision?.standing(of: item(slot, due: due ?? day), on: day, calendar) ?? Supervision.Standing()
    }

    private func isTentative(_ slot: Int, due: CivilDay?) -> Bool {
        guard let due else { return false }
        return !calendar.covers(from: requests[slot].timing.start, through: due)
    }
}

// MARK: The clock's questions

extension State {
    /// What has to be written of a request on a day; nil: everything is as it was written last. Then it is put where the clock finds it on the
    /// day of its next change.
    package mutating func timeDue(_ slot: Int, on day: CivilDay) -> EventV1.TimeMarked? {
        // Of what has ended its last event has put the light out.
        guard requests[slot].clock != .over else {
            plan(slot, for: nil)
            return nil
        }
        if let mark = timeMark(slot, on: day) { return mark }
        guard let supervision, let due = requests[slot].obligation?.deadline else {
            plan(slot, for: nil)
            return nil
        }
        plan(slot, for: supervision.nextChange(of: item(slot, due: due), after: day, calendar))
        return nil
    }

    private func timeMark(_ slot: Int, on day: CivilDay) -> EventV1.TimeMarked? {
        let old = requests[slot].obligation?.deadline
        let due =
            requests[slot].workingDays.map {
                calendar.day(Int($0), workdaysAfter: requests[slot].timing.start)
            } ?? old
        let (standing, isTentative) = (standing(slot, due: due, on: day), isTentative(slot, due: due))
        guard
            due != old || standing != requests[slot].timing.standing
                || isTentative != requests[slot].timing.isTentative
        else { return nil }
        return EventV1.TimeMarked(
            light: standing.light?.open ?? .unspecified, step: standing.step?.open ?? .unspecified,
            tentative: isTentative, deadline: due == old ? nil : due?.open)
    }

    /// A request the clock has to look at by `day`; nil: none.
    package func slotDue(by day: CivilDay) -> Int? { agenda.first(by: day) }
}
