package import Exchange
package import Schema

/// The clock's work: at a new day, after a start and after a table of time was loaded, whatever stands otherwise than it was written last is
/// written, once (ARCHITECTURE.md, "Time comes in as a day").
///
/// Two ways lead to an item: the state's agenda, which knows what is due by today; and a sweep over all requests, when the agenda cannot know
/// (after a start from a snapshot, after a new calendar). Both go in slices, and both ask the state, so neither writes anything twice:
/// what was written is in the state, live and after a replay alike.
package struct TimeKeeper {
    /// What is to be written of one request.
    package struct Due {
        package let slot: Int
        package let mark: EventV1.TimeMarked
    }

    /// The request the sweep looks at next; nil: it is over.
    private var sweep: Int? = 0
    /// Tables of time there were when the sweep began.
    private var tables = 0
    private var looksLeft = 0
    private var marksLeft = 0
    /// Slices so far: what a turn may cost is counted in them.
    private(set) var slices = 0

    package init() {}

    /// Whether there is something to look at. (`inout`, although nothing is changed: see the end of EngineJudging.swift.)
    package func isDue(_ state: inout State, on day: CivilDay) -> Bool {
        guard state.keepsTime else { return false }
        return sweep != nil || tables != state.timeTables || state.slotDue(by: day) != nil
    }

    /// A slice begins: at most `EngineLimits.timeLooks` requests are looked at and `EngineLimits.timeMarks` written.
    package mutating func beginSlice(_ state: inout State) {
        slices += 1
        (looksLeft, marksLeft) = (EngineLimits.timeLooks, EngineLimits.timeMarks)
        if tables != state.timeTables { (sweep, tables) = (0, state.timeTables) }
    }

    /// The next request of which something is to be written on `day`; nil: the slice is over. It is to be written before the next is asked for.
    package mutating func next(_ state: inout State, on day: CivilDay) -> Due? {
        while looksLeft > 0, marksLeft > 0, let slot = nextSlot(&state, on: day) {
            looksLeft -= 1
            guard let mark = state.timeDue(slot, on: day) else { continue }
            marksLeft -= 1
            return Due(slot: slot, mark: mark)
        }
        return nil
    }

    private mutating func nextSlot(_ state: inout State, on day: CivilDay) -> Int? {
        if let slot = state.slotDue(by: day) { return slot }
        guard let slot = sweep else { return nil }
        guard slot < state.requests.count else {
            sweep = nil
            return nil
        }
        sweep = slot + 1
        return slot
    }
}

extension TimeKeeper.Due {
    /// The record's circumstances: the version stays what it was.
    package func context(_ request: SupportRequest, sequence: UInt64, time: Int64) -> EventContext {
        EventContext(
            sequence: sequence, time: time, actor: ActorContext(party: "", officer: "", path: .clock),
            target: request.id, version: request.version, kind: .markTime)
    }

    /// The record: of no officer and without an envelope; nothing in it is sealed.
    package func record(_ request: SupportRequest) -> EventV1.Record {
        EventV1.Record(
            actor: EventV1.Actor(path: .clock), target: request.id.bytes, subject: request.id.bytes,
            commandKind: CommandKind.markTime.rawValue, outcome: Outcome(),
            events: [EventV1.Event(body: .timeMarked(mark))], version: request.version,
            expectedVersion: request.version, number: request.number)
    }
}
