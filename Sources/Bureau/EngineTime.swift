internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What the clock writes without being asked: its jumps, and what a new day changes.
extension EngineCore {
    /// A demonstration clock is on its way, and the log takes what it writes.
    var walks: Bool { walk != nil && !blocked && log.state == .open }

    /// A wall clock that jumped is journaled, so that whoever reads times later knows (JOURNAL.md 3.3). Ordering does not depend on it:
    /// journal time never goes back.
    mutating func noteClockJump() {
        guard walk == nil else { return }
        let wall = clock.wall()
        guard let jump = journalClock.jump(wall: wall, steady: clock.steady()), !blocked, log.state == .open
        else { return }
        journalTime = journalClock.next(wall: wall)
        group.records.append(RecordDraft(jump, time: journalTime))
    }

    /// Writes what a new day changes, a slice at least and more until the steady clock shows `end`. The day is the journal's, which never
    /// goes back: a wall clock set back unsays nothing. A log that had no room a moment ago is left to casework for a turn.
    mutating func keepTime(until end: Int64, wasBlocked: Bool) {
        let day = CivilDay(nanoseconds: max(clock.wall(), journalTime))
        timeIsDue = false
        guard !blocked, log.state == .open else { return }
        timeIsDue = timeKeeper.isDue(&state, on: day)
        guard timeIsDue, !wasBlocked else { return }
        repeat {
            timeKeeper.beginSlice(&state)
            while !isGroupFull, let due = timeKeeper.next(&state, on: day) { write(due) }
            timeIsDue = timeKeeper.isDue(&state, on: day)
        } while timeIsDue && !isGroupFull && clock.steady() <= end
    }

    mutating func write(_ due: TimeKeeper.Due) {
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let sequence = log.nextSequence + UInt64(group.records.count)
        let request = state.requests[due.slot]
        let body = due.record(request).encoded()
        state.apply(
            EventV1.Event(body: .timeMarked(due.mark)),
            at: due.context(request, sequence: sequence, time: time))
        groupBytes += body.count
        group.records.append(
            RecordDraft(
                commandID: CommandID.ofClock(sequence), outcome: 0, envelopeDigest: .zero, body: body,
                time: time))
    }

    /// The demonstration clock goes where it was told to, one day after the other, each with all that it changes; in one turn, unless the log has no
    /// room. Its arrival is on record, too (CLOCK_JUMP), so that a restart goes on from there.
    mutating func walkOn() {
        guard let mover = clock.demonstration else { return }
        while let walk, !blocked, log.state == .open {
            guard liveDay() else { return }
            guard let next = walk.next(after: clock.wall()) else {
                answers += walk.held
                self.walk = nil
                noteClockJump()
                if walk.hasMoved { mover.arrived() }
                return
            }
            mover.set(next)
            self.walk?.hasMoved = true
        }
    }

    /// Writes all that today changes; false: the log has no room for it now.
    private mutating func liveDay() -> Bool {
        let day = CivilDay(nanoseconds: max(clock.wall(), journalTime))
        while timeKeeper.isDue(&state, on: day) {
            if isGroupFull { handOver() }
            guard !blocked, log.state == .open else { return false }
            timeKeeper.beginSlice(&state)
            while !isGroupFull, let due = timeKeeper.next(&state, on: day) { write(due) }
        }
        return true
    }

    /// The answer waits until the clock has arrived: whoever moved it on finds everything as of then.
    mutating func beginWalk() {
        guard clock.demonstration != nil, let demonstration = state.demonstration,
            let answer = answers.popLast()
        else { return }
        walk = ClockWalk(to: demonstration.to)
        walk?.held.append(answer)
        walkOn()
    }
}
