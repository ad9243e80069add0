internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// What stands in the trail and is no command: refusals outside commands, rights used, changes of the running server.
extension EngineCore {
    private var takesNotices: Bool { !blocked && log.state == .open && !isGroupFull }

    /// A refusal is on record before it is answered, as far as the limits let; what is not is counted.
    mutating func note(_ asked: Asked?, _ actor: ActorIdentity, _ status: Status) {
        guard let asked, let refusal = asked.refusal(status) else { return }
        let notice = notice(asked, actor, status, refusal)
        guard let admitted = notices.admits(notice, isOpen: takesNotices, now: clock.steady()) else { return }
        append(admitted)
    }

    mutating func note(_ call: NoticedCall) {
        if call.status.isOK {
            if takesNotices { append(notice(call.asked, call.actor, call.status, .unspecified)) }
        } else {
            note(call.asked, call.actor, call.status)
        }
        guard let reply = call.reply else { return }
        answers.append(ReplyGate.Held(reply: reply, status: call.status, payload: call.payload))
    }

    mutating func noteSurplus() {
        guard takesNotices else { return }
        for notice in notices.due(now: clock.steady()) { append(notice) }
    }

    private mutating func notice(
        _ asked: Asked, _ actor: ActorIdentity, _ status: Status, _ refusal: Refusal
    ) -> EventV1.Notice {
        EventV1.Notice(
            actor: EventV1.Actor(
                party: actor.party, officer: actor.officer, certificateSerial: actor.serial,
                roles: state.roles(of: actor.officer), path: .line, address: asked.address),
            service: asked.service, method: asked.method, target: state.target(keyed: asked.key)?.bytes ?? [],
            outcome: Outcome(refusal: refusal), reason: status.errorReason ?? "")
    }

    mutating func append(_ notice: EventV1.Notice) {
        let time = journalClock.next(wall: clock.wall())
        journalTime = time
        let body = notice.encoded()
        groupBytes += body.count
        group.records.append(RecordDraft(.notice(body), time: time))
    }

    mutating func begin(_ start: WatchStart) {
        guard let status = watches.start(start, state: state) else { return }
        note(start.asked, start.actor, status)
        answers.append(ReplyGate.Held(reply: start.reply, status: status, payload: []))
    }

    /// The change has happened, so what keeps from recording it keeps nobody from hearing of it: with a full disk it stands in the log alone.
    /// A group that waits for room takes it in: half of what the log takes at once is left free.
    mutating func journal(_ note: AdminNote) {
        guard log.state == .open else { return note.answer() }
        let body = note.record(roles: state.roles(of: note.actor?.officer ?? "")).encoded()
        journalTime = journalClock.next(wall: clock.wall())
        group.records.append(RecordDraft(.administration(body), time: journalTime))
        groupBytes += body.count
        if let reply = note.reply {
            answers.append(ReplyGate.Held(reply: reply, status: note.status, payload: note.payload))
        }
    }
}
