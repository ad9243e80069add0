internal import Schema

/// What is asked of the commands of a request's chain before they become events: one function a command. Who may give
/// them and in which state is decided before (Decide.swift); what an event does is in SupportRequest.swift.
extension State {
    func submit(_ command: SubmitRequest, by requester: PartyIndex, _ context: Context) throws(Rejection)
        -> EventBody
    {
        guard let direction = SupportRequest.Direction(command.direction) else {
            throw .invalid("direction", "unspecified")
        }
        guard SupportRequest.Wave(command.wave) != nil else { throw .invalid("wave", "unspecified") }
        let requesterKey = party(requester).key
        guard direction.mayRequest(party(requester).kind) else {
            throw .wrongParty("requester", requesterKey)
        }
        let thisYear = context.today.year
        guard abs(Int(command.year) - thisYear) <= Limits.yearsAround else {
            throw .invalid("year", "out-of-range")
        }
        if !command.addressedTo.isEmpty {
            try checkAnswering(command.addressedTo, "addressed_to", direction, requesterKey)
        }
        return .requestSubmitted(
            EventV1.RequestSubmitted(
                direction: command.direction, year: command.year, wave: command.wave,
                text: try checkedText(command.text), addressedTo: command.addressedTo,
                requester: requesterKey))
    }

    func amend(_ command: AmendRequest) throws(Rejection) -> EventBody {
        .requestAmended(EventV1.RequestAmended(text: try checkedText(command.text)))
    }

    func withdraw(_ command: WithdrawRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestWithdrawn(EventV1.RequestWithdrawn(reason: personal(command.reason)))
    }

    func accept(_ slot: Int) throws(Rejection) -> EventBody {
        guard let city else { throw .missing("city") }
        let request = requests[slot]
        let serial = nextSerial(request.year, request.direction.series)
        let number = request.direction.series.number(
            prefix: city.numberPrefix, year: request.year, serial: serial)
        return .requestAccepted(EventV1.RequestAccepted(number: number, serial: serial))
    }

    func returnForMending(_ command: ReturnRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestReturned(EventV1.RequestReturned(reason: personal(command.reason)))
    }

    func decideInclusion(_ command: DecideRequest) throws(Rejection) -> EventBody {
        switch command.decision {
        case .included, .declined, .routine, .referred: break
        case .unspecified, .unrecognized: throw .invalid("decision", "unspecified")
        }
        if command.decision == .declined, trimmed(command.policyBasis).isEmpty {
            throw Rejection(.basisRequired, ["field": "policy_basis"])
        }
        try checkOptional(command.policyBasis, "policy_basis", max: Limits.basisCharacters)
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        return .requestDecided(
            EventV1.RequestDecided(
                decision: command.decision, note: personal(command.note), basis: personal(command.policyBasis)
            ))
    }

    func assign(_ command: AssignRequest, _ slot: Int, _ context: Context) throws(Rejection) -> EventBody {
        let requester = party(requests[slot].requester).key
        guard !command.responsible.isEmpty else { throw .missing("responsible") }
        try checkAnswering(command.responsible, "responsible", requests[slot].direction, requester)
        try check(command.content, "content", max: Limits.contentCharacters)
        let due = try dueDate(command, context)
        try check(command.qualityStandard, "quality_standard", max: Limits.qualityCharacters)
        try check(command.firstPost, "first_post", max: Limits.postCharacters)
        try check(command.secondPost, "second_post", max: Limits.postCharacters)
        try checkAssisting(command.assisting, besides: [requester, command.responsible])
        return .requestAssigned(
            EventV1.RequestAssigned(
                responsible: command.responsible, content: personal(command.content),
                deadline: due.day.open,
                qualityStandard: personal(command.qualityStandard), assisting: command.assisting,
                firstAccountable: personal(command.firstPost),
                secondAccountable: personal(command.secondPost), workingDays: command.workingDays,
                tentative: due.isTentative))
    }

    func handBack(_ command: HandBackRequest) throws(Rejection) -> EventBody {
        try check(command.reason, "reason", max: Limits.reasonCharacters)
        return .requestHandedBack(EventV1.RequestHandedBack(reason: personal(command.reason)))
    }

    func progress(_ command: ReportProgress) throws(Rejection) -> EventBody {
        guard (0...100).contains(command.percent) else { throw .invalid("percent", "out-of-range") }
        try checkOptional(command.note, "note", max: Limits.noteCharacters)
        if !command.stage.isEmpty { try checkCode(command.stage, "stage", list: CodeListName.progressStage) }
        return .requestProgressed(
            EventV1.RequestProgressed(
                percent: command.percent, note: personal(command.note), stage: command.stage))
    }

    func report(_ command: ReportResult) throws(Rejection) -> EventBody {
        guard SupportRequest.Grade(command.grade) != nil else { throw .invalid("grade", "unspecified") }
        try check(command.summary, "summary", max: Limits.summaryCharacters)
        for (count, field) in [(command.persons, "persons"), (command.times, "times")] {
            guard (0...Limits.countedAtOnce).contains(Int(count)) else {
                throw .invalid(field, "out-of-range")
            }
        }
        return .requestReported(
            EventV1.RequestReported(
                grade: command.grade, summary: personal(command.summary), persons: command.persons,
                times: command.times))
    }

    /// Dissatisfied is told by the redo event alone, so that one command is one event.
    func confirm(_ command: ConfirmRequest) throws(Rejection) -> EventBody {
        guard let satisfaction = Satisfied(command.satisfaction) else {
            throw .invalid("satisfaction", "unspecified")
        }
        guard satisfaction == .dissatisfied else {
            try checkOptional(command.note, "note", max: Limits.noteCharacters)
            return .requestConfirmed(
                EventV1.RequestConfirmed(satisfaction: command.satisfaction, note: personal(command.note)))
        }
        try check(command.note, "note", max: Limits.noteCharacters)
        return .requestRedo(EventV1.RequestRedo(note: personal(command.note)))
    }

    private func checkedText(_ text: RequestText?) throws(Rejection) -> EventV1.RequestText {
        guard let text else { throw .missing("text") }
        try check(text.title, "text.title", max: Limits.titleCharacters, lines: false)
        try check(text.content, "text.content", max: Limits.contentCharacters)
        try checkCode(text.category, "text.category", list: CodeListName.requestCategory)
        _ = try checkDay(text.wishedBy, "text.wished_by")
        return EventV1.RequestText(
            title: personal(text.title), content: personal(text.content), category: text.category,
            wishedBy: text.wishedBy, contact: try checkedContact(text.contact, "text.contact"))
    }

    /// A party that is to help: registered, of the right kind for the direction, and not the one that asks.
    private func checkAnswering(
        _ key: String, _ field: String, _ direction: SupportRequest.Direction, _ requester: String
    ) throws(Rejection) {
        guard let party = party(key), direction.mayAnswer(party.kind), key != requester else {
            throw .wrongParty(field, key)
        }
        try checkActive(party, field)
    }

    private func checkAssisting(_ keys: [String], besides others: [String]) throws(Rejection) {
        guard keys.count <= Limits.assistingParties else {
            throw .tooMuch("assisting", "too-many", max: Limits.assistingParties)
        }
        for (index, key) in keys.enumerated() {
            guard let party = party(key), !others.contains(key) else { throw .wrongParty("assisting", key) }
            try checkActive(party, "assisting")
            guard !keys[..<index].contains(key) else { throw .invalid("assisting", "repeated") }
        }
    }
}
