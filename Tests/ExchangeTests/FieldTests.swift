import Exchange
import Schema
import Testing

@Suite("Fields: required, limited, clean")
struct FieldTests {
    private func text(_ count: Int) -> String { String(repeating: "字", count: count) }

    /// What each text field holds, at the limit and one beyond. The closure fills the field into a good
    /// command.
    @Test func textLimits() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        func submit(_ change: (inout SubmitRequest) -> Void) -> Rejection? {
            var body = Samples.submitUnit
            change(&body)
            return desk.refusal(.submitRequest(body), by: "u7l1", on: fresh)
        }
        func file(_ change: (inout FileCase) -> Void) -> Rejection? {
            var body = Samples.fileCase
            change(&body)
            return desk.refusal(.fileCase(body), by: "u7l1", on: fresh)
        }
        let fields: [(String, Int, (String) -> Rejection?)] = [
            ("text.title", 80, { text in submit { $0.text?.title = text } }),
            ("text.content", 4000, { text in submit { $0.text?.content = text } }),
            ("text.contact.name", 40, { text in submit { $0.text?.contact?.name = text } }),
            ("text.contact.phone", 30, { text in submit { $0.text?.contact?.phone = text } }),
            ("family.name", 40, { text in file { $0.family?.name = text } }),
            ("family.household_place", 100, { text in file { $0.family?.householdPlace = text } }),
            ("wish", 1000, { text in file { $0.wish = text } }),
        ]
        for (field, limit, refusal) in fields { check(field, limit, refusal) }
    }

    @Test func textLimitsOfTheChain() throws {
        var desk = try Desk.seeded()
        let submitted = try desk.request(in: .submitted)
        let accepted = try desk.request(in: .accepted)
        let decided = try desk.request(in: .decided)
        let assigned = try desk.request(in: .assigned)
        let working = try desk.request(in: .inProgress)
        let reported = try desk.request(in: .reported)
        let reviewed = try desk.placementCase(in: .reviewed)
        func assign(_ change: (inout AssignRequest) -> Void) -> Rejection? {
            var body = Samples.assign(to: "county/421321")
            change(&body)
            return desk.refusal(.assignRequest(body), by: "b1s2", on: decided)
        }
        let fields: [(String, Int, (String) -> Rejection?)] = [
            (
                "reason", 1000,
                { desk.refusal(.returnRequest(ReturnRequest(reason: $0)), by: "b1a1", on: submitted) }
            ),
            (
                "reason", 1000,
                { desk.refusal(.withdrawRequest(WithdrawRequest(reason: $0)), by: "u7l1", on: submitted) }
            ),
            (
                "note", 1000,
                {
                    desk.refusal(
                        .decideRequest(DecideRequest(decision: .included, note: $0)), by: "b1s2", on: accepted
                    )
                }
            ),
            (
                "policy_basis", 200,
                {
                    desk.refusal(
                        .decideRequest(DecideRequest(decision: .declined, policyBasis: $0)), by: "b1s2",
                        on: accepted)
                }
            ),
            ("content", 4000, { text in assign { $0.content = text } }),
            ("quality_standard", 500, { text in assign { $0.qualityStandard = text } }),
            ("first_post", 40, { text in assign { $0.firstPost = text } }),
            ("second_post", 40, { text in assign { $0.secondPost = text } }),
            (
                "reason", 1000,
                { desk.refusal(.handBackRequest(HandBackRequest(reason: $0)), by: "k7f2", on: assigned) }
            ),
            (
                "note", 1000,
                {
                    desk.refusal(
                        .reportProgress(ReportProgress(percent: 1, note: $0)), by: "k7f2", on: working)
                }
            ),
            (
                "summary", 2000,
                {
                    desk.refusal(
                        .reportResult(ReportResult(grade: .kept, summary: $0)), by: "k7f2", on: working)
                }
            ),
            (
                "note", 1000,
                {
                    desk.refusal(
                        .confirmRequest(ConfirmRequest(satisfaction: .dissatisfied, note: $0)), by: "u7l1",
                        on: reported)
                }
            ),
            (
                "employer", 100,
                { text in
                    var body = Samples.placed
                    body.employer = text
                    return desk.refusal(.concludeCase(body), by: "d5h2", on: reviewed)
                }
            ),
            (
                "reason", 1000,
                { desk.refusal(.concludeCase(ConcludeCase(reason: $0)), by: "d5h2", on: reviewed) }
            ),
        ]
        for (field, limit, refusal) in fields { check(field, limit, refusal) }
    }

    private func check(_ field: String, _ limit: Int, _ refusal: (String) -> Rejection?) {
        #expect(refusal(text(limit)) == nil, "\(field) at \(limit)")
        let beyond = Rejection(.fieldInvalid, ["field": field, "why": "too-long", "max": String(limit)])
        #expect(refusal(text(limit + 1)) == beyond, "\(field) beyond \(limit)")
        #expect(
            refusal("31638部队") == Rejection(.classifiedText, ["field": field, "rule": "unit-designation"]))
        let control = Rejection(.fieldInvalid, ["field": field, "why": "control-character"])
        #expect(refusal("红\u{1B}[31m") == control)
        #expect(refusal("右\u{202E}左") == control)
    }

    @Test func blanksAreMissing() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        for blank in ["", "  ", "\u{3000}\n"] {
            var body = Samples.submitUnit
            body.text?.title = blank
            #expect(
                desk.refusal(.submitRequest(body), by: "u7l1", on: fresh)
                    == Rejection(.fieldMissing, ["field": "text.title"]))
        }
        var body = Samples.submitUnit
        body.text = nil
        #expect(
            desk.refusal(.submitRequest(body), by: "u7l1", on: fresh)
                == Rejection(.fieldMissing, ["field": "text"]))
        let reported = try desk.request(in: .reported)
        let silent = ConfirmRequest(satisfaction: .dissatisfied)
        #expect(
            desk.refusal(.confirmRequest(silent), by: "u7l1", on: reported)
                == Rejection(.fieldMissing, ["field": "note"]))
    }

    @Test func choicesMustBeMade() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        func why(_ body: SubmitRequest) -> String? {
            desk.refusal(.submitRequest(body), by: "u7l1", on: fresh)?["why"]
        }
        var body = Samples.submitUnit
        body.direction = .unspecified
        #expect(why(body) == "unspecified")
        body.direction = .unrecognized(9)
        #expect(why(body) == "unspecified")
        body = Samples.submitUnit
        body.wave = .unspecified
        #expect(why(body) == "unspecified")
        let accepted = try desk.request(in: .accepted)
        for decision in [Decision.unspecified, .unrecognized(9)] {
            let refusal = desk.refusal(
                .decideRequest(DecideRequest(decision: decision)), by: "b1s2", on: accepted)
            #expect(refusal == Rejection(.fieldInvalid, ["field": "decision", "why": "unspecified"]))
        }
        let basis = desk.refusal(
            .decideRequest(DecideRequest(decision: .declined, policyBasis: " ")), by: "b1s2", on: accepted)
        #expect(basis?.refusal == .basisRequired)
        let working = try desk.request(in: .inProgress)
        for (percent, isGood) in [(-1, false), (0, true), (100, true), (101, false)] {
            let refusal = desk.refusal(
                .reportProgress(ReportProgress(percent: Int32(percent))), by: "k7f2", on: working)
            #expect((refusal == nil) == isGood)
        }
        #expect(
            desk.refusal(.reportResult(ReportResult(summary: "完成")), by: "k7f2", on: working)?["field"]
                == "grade")
    }

    @Test func yearsAndDays() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        for (year, isGood) in [
            (2024, false), (2025, true), (2026, true), (2027, true), (2028, false), (Int32.min, false),
        ] {
            var body = Samples.submitUnit
            body.year = year
            #expect((desk.refusal(.submitRequest(body), by: "u7l1", on: fresh) == nil) == isGood)
        }
        let decided = try desk.request(in: .decided)
        for (month, day, why) in [(3, 2, nil), (3, 1, "past"), (2, 30, "no-such-day")]
            as [(Int32, Int32, String?)]
        {
            var body = Samples.assign(to: "county/421321")
            body.deadline = CivilDate(year: 2026, month: month, day: day)
            #expect(desk.refusal(.assignRequest(body), by: "b1s2", on: decided)?["why"] == why)
        }
        var body = Samples.assign(to: "county/421321")
        body.deadline = nil
        #expect(
            desk.refusal(.assignRequest(body), by: "b1s2", on: decided)
                == Rejection(.fieldMissing, ["field": "deadline"]))
    }

    @Test func partiesOfTheRightKind() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        // A county cannot ask as a unit, nor a unit as a county.
        #expect(
            desk.refusal(.submitRequest(Samples.submitUnit), by: "k7f2", on: fresh)?.refusal == .wrongParty)
        #expect(
            desk.refusal(.submitRequest(Samples.submitLocal), by: "u7l1", on: fresh)?.refusal == .wrongParty)
        #expect(desk.refusal(.fileCase(Samples.fileCase), by: "k7f2", on: fresh)?.refusal == .wrongParty)
        #expect(desk.refusal(.submitRequest(Samples.submitLocal), by: "b1a1", on: fresh) == nil)
        #expect(desk.refusal(.submitRequest(Samples.submitLocal), by: "d5e1", on: fresh) == nil)
        let decided = try desk.request(in: .decided)
        for (party, isGood) in [
            ("county/421321", true), ("department/421300-EDU", true), ("bureau/421300", true),
            ("unit/LU-02", false),
            ("unit/LU-07", false), ("county/000000", false), ("王某某", false),
        ] {
            let refusal = desk.refusal(.assignRequest(Samples.assign(to: party)), by: "b1s2", on: decided)
            #expect(refusal?.refusal == (isGood ? nil : .wrongParty))
            // A name in the wrong box is never repeated.
            if party == "王某某" { #expect(refusal == Rejection(.wrongParty, ["field": "responsible"])) }
        }
        let local = desk.newID()
        try desk.run(.submitRequest(Samples.submitLocal), by: "k7f2", on: local)
        try desk.run(.acceptRequest(AcceptRequest()), by: "b1a1", on: local)
        try desk.run(.decideRequest(Samples.included), by: "b1s2", on: local)
        #expect(
            desk.refusal(.assignRequest(Samples.assign(to: "county/421303")), by: "b1s2", on: local)?.refusal
                == .wrongParty)
        #expect(desk.refusal(.assignRequest(Samples.assign(to: "unit/LU-02")), by: "b1s2", on: local) == nil)
    }

    @Test func assistingParties() throws {
        var desk = try Desk.seeded()
        let decided = try desk.request(in: .decided)
        func refusal(_ assisting: [String]) -> Rejection? {
            desk.refusal(
                .assignRequest(Samples.assign(to: "county/421321", assisting: assisting)), by: "b1s2",
                on: decided)
        }
        let others = desk.state.parties.map(\.key).filter { $0 != "county/421321" && $0 != "unit/LU-07" }
        #expect(refusal(Array(others.prefix(10))) == nil)
        #expect(refusal(Array(others.prefix(11)))?["why"] == "too-many")
        #expect(refusal(["county/421321"])?.refusal == .wrongParty)
        #expect(refusal(["unit/LU-07"])?.refusal == .wrongParty)
        #expect(refusal(["county/421303", "county/421303"])?["why"] == "repeated")
    }

    @Test func identityAndMaterials() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        func refusal(_ change: (inout FileCase) -> Void) -> Rejection? {
            var body = Samples.fileCase
            change(&body)
            return desk.refusal(.fileCase(body), by: "u7l1", on: fresh)
        }
        #expect(
            refusal { $0.family?.idNumber = "" } == Rejection(.fieldMissing, ["field": "family.id_number"]))
        let wrong = refusal { $0.family?.idNumber = "110105194912310021" }
        #expect(wrong == Rejection(.fieldInvalid, ["field": "family.id_number", "why": "check-character"]))
        #expect(refusal { $0.family?.idNumber = "110105491231002" }?["why"] == "fifteen-digits")
        let material = Material(kind: "diploma", sha256: [UInt8](repeating: 3, count: 32))
        #expect(refusal { $0.materials = [Material](repeating: material, count: 40) } == nil)
        #expect(refusal { $0.materials = [Material](repeating: material, count: 41) }?["why"] == "too-many")
        for count in [0, 31, 33] {
            let short = Material(kind: "diploma", sha256: [UInt8](repeating: 3, count: count))
            #expect(refusal { $0.materials = [short] }?["why"] == "malformed")
        }
        #expect(refusal { $0.subcategory = "housing" } == nil)
        #expect(refusal { $0.subcategory = "nonsense" }?.refusal == .unknownCode)
        // A name typed into a code's box does not come back.
        #expect(
            refusal { $0.service?.merit = "王小芳" }
                == Rejection(.unknownCode, ["field": "service.merit", "list": "merit"]))
        #expect(refusal { $0.service?.merit = "11010519491231002X" }?["code"] == nil)
    }

    @Test func anEmptyCommandIsNoCommand() throws {
        let desk = try Desk.seeded()
        #expect(throws: Rejection(.fieldMissing, ["field": "command"])) {
            try desk.judge(Command(), desk.actor("b1a1"), EntityID(high: 1, low: 2), expecting: 0)
        }
    }
}
