internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What the batches' thread asks of the engine: how things stand, and the two records that only the server's own checking makes.
package struct CheckNote: Sendable {
    enum Work: Sendable {
        /// From this slot on, and these attachments.
        case survey(from: Int, EvidenceMark)
        case checked(slot: Int, EventV1.BatchChecked)
        case done(slot: Int, Registers.Counts)
    }
    let work: Work
    let desk: BatchDesk
}

extension EngineCore {
    /// Answered when what it saw, or wrote, is durable.
    mutating func check(_ note: CheckNote) {
        switch note.work {
        case .survey(let slot, let mark):
            hold(.surveyed(BatchSurvey(state, from: slot, mark)), note.desk)
        case .checked(let slot, let event):
            write(slot, .batchChecked(event), .checkBatch, at: .stored, note.desk)
        case .done(let slot, let counts):
            let takes = !(state.book.batches[slot].checked?.1.rowsDigest.isEmpty ?? true)
            let event = EventV1.BatchDone(
                place: takes ? state.book.places + 1 : 0, added: counts.added, replaced: counts.replaced,
                unchanged: counts.unchanged, passedOver: counts.passedOver)
            write(slot, .batchDone(event), .finishBatch, at: .checked, note.desk)
        }
    }

    private mutating func hold(_ job: BatchJob, _ desk: BatchDesk) {
        answers.append(ReplyGate.Held(reply: DeskReply(job, desk), status: .ok))
    }

    /// The record: of no officer and without an envelope; nothing in it is sealed. A step that was taken already is not taken again.
    private mutating func write(
        _ slot: Int, _ event: EventV1.Event.OneOf_Body, _ kind: CommandKind, at stage: BatchStage,
        _ desk: BatchDesk
    ) {
        let batch = state.book.batches[slot]
        guard batch.stage == stage else { return hold(.written(slot: slot, .ok), desk) }
        guard !blocked, log.state == .open else {
            return hold(.written(slot: slot, .journalBehind), desk)
        }
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let sequence = log.nextSequence + UInt64(group.records.count)
        let event = EventV1.Event(body: event)
        let body = EventV1.Record(
            actor: EventV1.Actor(path: .check), target: batch.id.bytes, subject: batch.id.bytes,
            commandKind: kind.rawValue, outcome: Outcome(), events: [event], version: batch.version + 1,
            expectedVersion: batch.version, number: batch.number
        ).encoded()
        let context = EventContext(
            sequence: sequence, time: time, actor: ActorContext(party: "", officer: "", path: .check),
            target: batch.id, version: batch.version + 1, kind: kind)
        state.apply(event, at: context)
        groupBytes += body.count
        group.records.append(
            RecordDraft(
                commandID: CommandID.ofClock(sequence), outcome: 0, envelopeDigest: .zero, body: body,
                time: time))
        hold(.written(slot: slot, .ok), desk)
    }
}

/// Takes the engine's word to the batches' thread once it is durable.
private final class DeskReply: CallReply {
    private let job: BatchJob
    private let desk: BatchDesk

    init(_ job: BatchJob, _ desk: BatchDesk) {
        self.job = job
        self.desk = desk
    }

    func send(_ message: [UInt8]) {}
    var isReady: Bool { true }
    func finish(_ status: Status, payload: [UInt8]) { desk.mailbox.post(job, urgent: true) }
}
