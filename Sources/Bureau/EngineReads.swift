internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// Reads: look-ups at once, scans in steps.
extension EngineCore {
    mutating func answer(_ query: Query) {
        if let deadline = query.deadline, clock.steady() > deadline {
            query.reply.finish(.readTooLate, payload: [])
            return
        }
        switch query.work {
        case .once(let look):
            finish(query, Result { () throws(Status) in try look(state, try viewer(query.actor)) })
        case .steps(let job):
            jobs.append(RunningScan(query: query, job: job))
        }
    }

    /// The officer as the register has them at this moment.
    mutating func viewer(_ actor: ActorIdentity) throws(Status) -> Viewer {
        guard let viewer = state.viewer(officer: actor.officer, party: actor.party) else {
            throw Status.notActive(actor)
        }
        return viewer
    }

    private mutating func finish(_ query: Query, _ result: Result<[UInt8], Status>) {
        switch result {
        case .success(let payload):
            answers.append(ReplyGate.Held(reply: query.reply, status: .ok, payload: payload))
        case .failure(let status):
            note(query.asked, query.actor, status)
            answers.append(ReplyGate.Held(reply: query.reply, status: status, payload: []))
        }
    }

    /// One step of each of the first `count` scans, oldest first, until the steady clock shows `end`; finished ones leave, the others
    /// queue again.
    mutating func stepScans(_ count: Int, until end: Int64 = .max) {
        for index in 0..<min(count, jobs.count) {
            if index > 0, end != .max, clock.steady() > end { return }
            var running = jobs.removeFirst()
            let result = Result { () throws(Status) in
                try running.job.step(state, viewer: try viewer(running.query.actor))
            }
            switch result {
            case .success(nil): jobs.append(running)
            case .success(let payload?): finish(running.query, .success(payload))
            case .failure(let status): finish(running.query, .failure(status))
            }
        }
    }
}

/// A scan under way.
struct RunningScan {
    var query: Query
    var job: any ScanJob
}
