import Schema
import Testing

@testable import Exchange

@Suite("DOMAIN.md 2 and 3: transition tables")
struct TransitionTests {
    @Test(arguments: SupportRequest.State.allCases)
    func requestTableIsLawAndRefusesAllElse(_ state: SupportRequest.State) throws {
        var desk = try Desk.seeded()
        // Handed back, nobody is responsible any more: whoever is sees the state refused, so keep a fixed
        // party responsible.
        let target = try desk.request(in: state)
        try desk.fileOriginal()
        #expect(desk.request(target)?.state == state)
        for (kind, body) in Samples.requestCommands where kind != .submitRequest {
            let officer = try #require(Samples.officers[kind])
            let refusal = desk.refusal(body, by: officer, on: target)
            if [.decideExtension, .decideSuspension].contains(kind),
                SupportRequest.transitions.allows(kind, from: state)
            {
                #expect(refusal == Rejection(.notAsked, ["command": kind.name]))
            } else if SupportRequest.transitions.allows(kind, from: state) {
                #expect(refusal == nil, "\(kind.name) in \(state.word)")
            } else if desk.request(target)?.obligation == nil, officer == "k7f2" {
                #expect(refusal?.refusal == .notFound)  // nobody is responsible: not 随县's to see
            } else {
                let handedTooLate = kind == .handBackRequest && (state == .inProgress || state == .reported)
                #expect(refusal?.refusal == (handedTooLate ? .workHasBegun : .wrongState))
                #expect(refusal?["command"] == kind.name)
                #expect(refusal?["state"] == state.word)
            }
        }
    }

    @Test(arguments: PlacementCase.State.allCases)
    func caseTableIsLawAndRefusesAllElse(_ state: PlacementCase.State) throws {
        var desk = try Desk.seeded()
        for (kind, body) in Samples.caseCommands where kind != .fileCase {
            let target = try desk.placementCase(in: state, for: kind)
            #expect(desk.held(target)?.state == state)
            let officer = try #require(Samples.officers[kind])
            let refusal = desk.refusal(body, by: officer, on: target)
            if PlacementCase.transitions.allows(kind, from: state) {
                #expect(refusal == nil, "\(kind.name) in \(state.word)")
            } else if desk.held(target)?.review == nil, officer == "d5h2" || officer == "d5p3" {
                #expect(refusal?.refusal == .notFound)
            } else {
                #expect(refusal?.refusal == .wrongState)
                #expect(refusal?["command"] == kind.name)
                #expect(refusal?["state"] == state.word)
            }
        }
    }

    /// The tables once more, written down by hand from DOMAIN.md: from, command, to.
    static let law = """
        - submit_request submitted
        submitted return_request returned
        acknowledged hand_on_request acknowledged
        in_progress hand_on_request in_progress
        submitted accept_request accepted
        submitted withdraw_request withdrawn
        returned amend_request submitted
        returned withdraw_request withdrawn
        accepted decide_request decided
        accepted decide_request declined
        accepted decide_request routine
        accepted decide_request referred
        accepted schedule_request accepted
        acknowledged ask_extension acknowledged
        in_progress ask_extension in_progress
        acknowledged decide_extension acknowledged
        in_progress decide_extension in_progress
        acknowledged ask_suspension acknowledged
        in_progress ask_suspension in_progress
        acknowledged decide_suspension acknowledged
        acknowledged decide_suspension suspended
        in_progress decide_suspension in_progress
        in_progress decide_suspension suspended
        suspended resume_request acknowledged
        suspended resume_request in_progress
        accepted carry_over_request accepted
        decided carry_over_request decided
        assigned carry_over_request assigned
        acknowledged carry_over_request acknowledged
        in_progress carry_over_request in_progress
        suspended carry_over_request suspended
        reported carry_over_request reported
        submitted void_request void
        returned void_request void
        accepted void_request void
        decided void_request void
        assigned void_request void
        acknowledged void_request void
        in_progress void_request void
        suspended void_request void
        routine erase_request routine
        referred erase_request referred
        void erase_request void
        accepted withdraw_request withdrawn
        decided assign_request assigned
        decided withdraw_request withdrawn
        assigned acknowledge_request acknowledged
        assigned hand_back_request decided
        assigned withdraw_request withdrawn
        acknowledged report_progress in_progress
        acknowledged hand_back_request decided
        acknowledged withdraw_request withdrawn
        in_progress report_progress in_progress
        in_progress report_result reported
        reported confirm_request closed
        reported confirm_request in_progress
        closed erase_request closed
        declined erase_request declined
        withdrawn erase_request withdrawn
        """
    static let caseLaw = """
        - file_case filed
        filed return_case returned
        filed review_case reviewed
        filed withdraw_case withdrawn
        returned amend_case filed
        returned withdraw_case withdrawn
        reviewed conclude_case placed
        reviewed conclude_case not_placed
        reviewed withdraw_case withdrawn
        placed confirm_case closed
        placed confirm_case reviewed
        not_placed confirm_case closed
        not_placed confirm_case reviewed
        reviewed reveal_case_field reviewed
        placed reveal_case_field placed
        not_placed reveal_case_field not_placed
        closed erase_case closed
        withdrawn erase_case withdrawn
        filed endorse_case filed
        filed endorse_case returned
        filed demand_materials filed
        reviewed demand_materials reviewed
        filed hand_in_materials filed
        returned hand_in_materials returned
        reviewed hand_in_materials reviewed
        reviewed fix_receiver reviewed
        reviewed acknowledge_task reviewed
        reviewed finish_task reviewed
        reviewed finish_task placed
        reviewed refuse_task reviewed
        reviewed reassign_task reviewed
        placed acknowledge_task placed
        placed finish_task placed
        placed refuse_task placed
        reviewed pay_aid reviewed
        placed pay_aid placed
        closed follow_up_case closed
        """
    static let taskLaw = """
        - review_case assigned
        assigned acknowledge_task acknowledged
        assigned finish_task done
        acknowledged finish_task done
        assigned refuse_task refused
        acknowledged refuse_task refused
        assigned reassign_task assigned
        acknowledged reassign_task assigned
        done reassign_task assigned
        refused reassign_task assigned
        """

    @Test func tablesAreAsWrittenDown() {
        let rows = SupportRequest.transitions.rows.map {
            "\($0.from?.word ?? "-") \($0.command.name) \($0.to.word)"
        }
        #expect(rows.sorted() == Self.law.split(separator: "\n").map(String.init).sorted())
        let cases = PlacementCase.transitions.rows.map {
            "\($0.from?.word ?? "-") \($0.command.name) \($0.to.word)"
        }
        let tasks = CaseTask.transitions.rows.map {
            "\($0.from?.word ?? "-") \($0.command.name) \($0.to.word)"
        }
        #expect(tasks.sorted() == Self.taskLaw.split(separator: "\n").map(String.init).sorted())
        #expect(cases.sorted() == Self.caseLaw.split(separator: "\n").map(String.init).sorted())
    }

    /// Every row of the tables is reached by a command, and leads where it says.
    @Test func everyRowIsTaken() throws {
        var desk = try Desk.seeded()
        for row in SupportRequest.transitions.rows {
            guard let from = row.from else { continue }
            // Suspended before work began: that is where it comes back to.
            let target = try desk.request(in: row.command == .resumeRequest ? row.to : from)
            if row.command == .resumeRequest {
                for kind in [CommandKind.askSuspension, .decideSuspension] { try desk.give(kind, on: target) }
            }
            try desk.prepare(row.command, on: target)
            let body = variant(row.command, to: row.to)
            try desk.run(body, by: try #require(Samples.officers[row.command]), on: target)
            #expect(desk.request(target)?.state == row.to)
        }
        for row in PlacementCase.transitions.rows {
            guard let from = row.from else { continue }
            let isLast = row.command == .finishTask && from == .reviewed && row.to == .placed
            let target = try desk.placementCase(in: from, for: row.command, butOneTask: isLast)
            let last = Command.OneOf_Body.finishTask(FinishTask(task: 1, result: "已落户"))
            try desk.run(
                isLast ? last : caseVariant(row.command, to: row.to),
                by: try #require(Samples.officers[row.command]),
                on: target)
            #expect(desk.held(target)?.state == row.to)
        }
    }

    private func variant(_ kind: CommandKind, to state: SupportRequest.State) -> Command.OneOf_Body {
        switch (kind, state) {
        case (.decideRequest, _): .decideRequest(Samples.decision(to: state))
        case (.decideSuspension, .acknowledged), (.decideSuspension, .inProgress):
            .decideSuspension(DecideSuspension(approved: false, reason: "尚可施工"))
        case (.confirmRequest, .inProgress): .confirmRequest(Samples.dissatisfied)
        default: Samples.requestCommands[kind] ?? .acceptRequest(AcceptRequest())
        }
    }

    private func caseVariant(_ kind: CommandKind, to state: PlacementCase.State) -> Command.OneOf_Body {
        switch (kind, state) {
        case (.concludeCase, .notPlaced): .concludeCase(Samples.notPlaced)
        case (.endorseCase, .returned):
            .endorseCase(EndorseCase(passed: false, note: "请附审批表"))
        case (.confirmCase, .reviewed):
            .confirmCase(ConfirmCase(satisfaction: .dissatisfied, note: "岗位与专业不符"))
        default: Samples.caseCommands[kind] ?? .returnCase(ReturnCase(reason: "x"))
        }
    }

    @Test func aTargetIsFiledOnceAndOnlyFromNothing() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        #expect(
            desk.refusal(.submitRequest(Samples.submitUnit), by: "u7l1", on: target)?.refusal
                == .alreadyExists)
        #expect(desk.refusal(.fileCase(Samples.fileCase), by: "u7l1", on: target)?.refusal == .alreadyExists)
        let party = RosterTarget.party("county/421321")
        #expect(
            desk.refusal(.submitRequest(Samples.submitUnit), by: "u7l1", on: party)
                == .invalid("target", "malformed"))
        let fresh = desk.newID()
        let early = desk.refusal(.submitRequest(Samples.submitUnit), by: "u7l1", on: fresh, expecting: 1)
        #expect(early == Rejection(.versionConflict, ["expected": "1", "current": "0"]))
        #expect(desk.refusal(.acceptRequest(AcceptRequest()), by: "b1a1", on: fresh)?.refusal == .notFound)
        #expect(
            desk.refusal(.returnCase(ReturnCase(reason: "x")), by: "b1a1", on: target)?.refusal == .notFound)
    }

    @Test func versionsMustAgree() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .accepted)
        let stale = desk.refusal(.decideRequest(Samples.included), by: "b1s2", on: target, expecting: 1)
        #expect(stale == Rejection(.versionConflict, ["expected": "1", "current": "2"]))
        let ahead = desk.refusal(.decideRequest(Samples.included), by: "b1s2", on: target, expecting: 3)
        #expect(ahead?.refusal == .versionConflict)
        // A conflict is told before a wrong state: the officer has to look again first.
        #expect(
            desk.refusal(.acceptRequest(AcceptRequest()), by: "b1a1", on: target, expecting: 1)?.refusal
                == .versionConflict)
    }
}
