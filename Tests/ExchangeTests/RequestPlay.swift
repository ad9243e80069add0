import Exchange
import Schema
import TestSupport
import Testing

/// Random commands of all officers on a few dozen items at a time, mostly what somebody may do now, with faults of every kind between.
/// Days pass, so that deadlines run out and years turn.
struct RequestPlay {
    var twin: RequestTwin
    /// What was given last, for the report of a difference.
    private(set) var last = ""
    private var random: SplitMix64
    private var live: [EntityID] = []
    private let daysEvery: Int
    private let officers: [String]
    private var done: [CommandKind: Int] = [:]
    private var refused: [Refusal: Int] = [:]
    private var reached: Set<String> = []

    private static let kinds: [CommandKind] = CommandKind.allCases.filter { $0.aggregate == .request }
    private static let parties = [
        "county/421321", "county/421303", "county/421381", "unit/LU-07", "unit/LU-02",
        "department/421300-EDU", "department/421300-HR", "bureau/421300", "county/999999",
        "township/421321-LS", "county/421321",
    ]

    init(seed: UInt64, commands: Int) throws {
        twin = try RequestTwin()
        random = SplitMix64(seed: seed)
        officers = twin.desk.state.officers.map(\.id)
        daysEvery = max(commands / 150, 1)
        for _ in 0..<40 { live.append(twin.desk.newID()) }
    }

    private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    private mutating func one<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
    private mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// Gives one command to both; what they disagree in.
    mutating func next() -> String? {
        if oneIn(daysEvery) { twin.desk.now += Int64(below(40)) * 86_400_000_000_000 }
        let place = below(live.count)
        let target = live[place]
        let card = twin.model.cards[target]
        let kind = chosenKind(card)
        let body = body(kind, target, card)
        let officer = chosenOfficer(kind, card)
        let version = twin.desk.state.version(of: target)
        let expected = oneIn(25) ? UInt64(below(4)) : version
        last = "\(kind.name) by \(officer) in \(card?.state ?? "none")"
        let verdict = twin.model.verdict(
            body, by: officer, on: target, expecting: expected, today: twin.today)
        if let verdict { refused[verdict, default: 0] += 1 } else { done[kind, default: 0] += 1 }
        let difference = twin.give(body, by: officer, on: target, expecting: expected)
        if let state = twin.model.cards[target]?.state { reached.insert(state) }
        // What is over makes room, after some more knocking.
        if let card, RequestModel.over.contains(card.state), oneIn(5) { live[place] = twin.desk.newID() }
        return difference
    }

    private mutating func chosenKind(_ card: RequestModel.Card?) -> CommandKind {
        guard let card else { return oneIn(10) ? one(Self.kinds) : .submitRequest }
        if oneIn(5) { return one(Self.kinds) }
        if let onward = Self.onward[card.state], !oneIn(3) {
            if card.question == "extension" { return .decideExtension }
            return card.question == "" ? one(onward) : .decideSuspension
        }
        let possible = Self.kinds.filter { RequestModel.states($0).contains(card.state) }
        let kind = one(possible)
        // These end a story; let few of them.
        return [.withdrawRequest, .voidRequest].contains(kind) && !oneIn(8) ? one(possible) : kind
    }

    /// What mostly comes next, so that items get through to their end.
    private static let onward: [String: [CommandKind]] = [
        "submitted": [.acceptRequest, .acceptRequest, .returnRequest], "returned": [.amendRequest],
        "accepted": [.scheduleRequest, .decideRequest], "decided": [.assignRequest],
        "assigned": [.acknowledgeRequest],
        "acknowledged": [.reportProgress, .askExtension, .askSuspension, .handOnRequest],
        "in_progress": [.reportProgress, .reportResult, .askExtension, .askSuspension, .handOnRequest],
        "reported": [.confirmRequest], "suspended": [.resumeRequest],
    ]

    /// Mostly somebody whose part it is.
    private mutating func chosenOfficer(_ kind: CommandKind, _ card: RequestModel.Card?) -> String {
        if oneIn(5) { return one(officers) }
        let party: String? =
            switch kind {
            case .submitRequest: one(["unit/LU-07", "unit/LU-02", "county/421321", "department/421300-HR"])
            case .amendRequest, .withdrawRequest, .confirmRequest: card?.requester
            case .acknowledgeRequest, .handBackRequest, .reportProgress, .reportResult, .handOnRequest,
                .askExtension, .askSuspension:
                card?.responsible
            default: "bureau/421300"
            }
        let candidates = officers.filter {
            twin.model.people[$0]?.party == party && twin.model.people[$0]?.doesCasework == true
        }
        return candidates.isEmpty ? one(officers) : one(candidates)
    }

    // MARK: Forms

    private mutating func text() -> String { oneIn(12) ? "" : "已与各方核对" }

    private mutating func day(around days: ClosedRange<Int>) -> CivilDate? {
        if oneIn(15) { return nil }
        let day = twin.today.adding(days: days.lowerBound + below(days.count))
        return CivilDate(year: Int32(day.year), month: Int32(day.month), day: Int32(day.day))
    }

    private mutating func body(_ kind: CommandKind, _ target: EntityID, _ card: RequestModel.Card?)
        -> Command.OneOf_Body
    {
        switch kind {
        case .submitRequest: .submitRequest(submission())
        case .amendRequest: .amendRequest(AmendRequest(text: oneIn(10) ? nil : Samples.text))
        case .withdrawRequest: .withdrawRequest(WithdrawRequest(reason: text()))
        case .acceptRequest: .acceptRequest(AcceptRequest())
        case .returnRequest: .returnRequest(ReturnRequest(reason: text()))
        case .decideRequest:
            .decideRequest(
                DecideRequest(
                    decision: oneIn(2)
                        ? .included : one([.included, .declined, .routine, .referred, .unspecified]),
                    policyBasis: oneIn(3) ? "" : "办法第五条"))
        case .assignRequest: .assignRequest(assignment())
        case .acknowledgeRequest: .acknowledgeRequest(AcknowledgeRequest())
        case .handBackRequest: .handBackRequest(HandBackRequest(reason: text()))
        case .reportProgress:
            .reportProgress(
                ReportProgress(
                    percent: Int32(below(104) - 1), stage: one(["", "", "plan", "work", "nonsense"])))
        case .reportResult:
            .reportResult(
                ReportResult(
                    grade: one([.solved, .beingSolved, .notPossible, .kept, .unspecified]), summary: text()))
        case .confirmRequest:
            .confirmRequest(
                ConfirmRequest(
                    satisfaction: one([.satisfied, .mostly, .dissatisfied, .unspecified]), note: text()))
        case .eraseRequest: .eraseRequest(EraseRequest(basis: text()))
        default: bodyBeside(kind, target, card)
        }
    }

    private mutating func bodyBeside(_ kind: CommandKind, _ target: EntityID, _ card: RequestModel.Card?)
        -> Command.OneOf_Body
    {
        switch kind {
        case .handOnRequest:
            .handOnRequest(
                HandOnRequest(
                    township: one(["township/421321-LS", "township/421321-LS", "county/421303", ""]),
                    note: text()))
        case .scheduleRequest: .scheduleRequest(ScheduleRequest(conference: day(around: -2...30)))
        case .askExtension: .askExtension(AskExtension(deadline: day(around: -10...200), reason: text()))
        case .decideExtension:
            .decideExtension(
                DecideExtension(
                    approved: !oneIn(3), deadline: oneIn(2) ? nil : day(around: -10...300), reason: text()))
        case .askSuspension:
            .askSuspension(
                AskSuspension(code: one(["season", "funds", "", "nonsense"]), reason: text()))
        case .decideSuspension:
            .decideSuspension(DecideSuspension(approved: !oneIn(3), reason: text()))
        case .resumeRequest: .resumeRequest(ResumeRequest(deadline: day(around: -3...60)))
        case .carryOverRequest:
            .carryOverRequest(
                CarryOverRequest(year: Int32((card?.years.last ?? card?.year ?? 2026) + below(4) - 1)))
        default:
            .voidRequest(
                VoidRequest(
                    duplicateOf: oneIn(10) ? [] : oneIn(10) ? target.bytes : one(live).bytes, reason: text()))
        }
    }

    private mutating func submission() -> SubmitRequest {
        SubmitRequest(
            direction: one([.unitToLocal, .localToUnit]),
            year: Int32(twin.today.year + (oneIn(4) ? below(5) - 2 : 0)),
            wave: oneIn(20) ? .unspecified : one([.collective, .anytime, .special, .immediate]),
            text: oneIn(20) ? nil : Samples.text, addressedTo: oneIn(3) ? one(Self.parties) : "")
    }

    private mutating func assignment() -> AssignRequest {
        AssignRequest(
            responsible: oneIn(20) ? "" : one(Self.parties), content: "完成修缮", deadline: day(around: -3...90),
            qualityStandard: text(), firstPost: "局长", secondPost: "股长",
            assisting: (0..<below(3)).map { _ in one(Self.parties) })
    }

    // MARK: Reach

    /// Every command was done, every state reached and every refusal met, or the agreement says little.
    func checkReach() {
        for kind in Self.kinds { #expect(done[kind, default: 0] > 20, "\(kind.name) was hardly ever done") }
        #expect(reached.count == SupportRequest.State.allCases.count, "\(reached)")
        for refusal: Refusal in [
            .notPermitted, .notFound, .alreadyExists, .versionConflict, .wrongState, .fieldMissing,
            .fieldInvalid, .unknownCode, .basisRequired, .wrongParty, .workHasBegun, .alreadyAsked, .notAsked,
            .deadlinePassed,
        ] {
            #expect(refused[refusal, default: 0] > 5, "\(refusal) was hardly ever met")
        }
    }
}
