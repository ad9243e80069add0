import Schema
import Testing

@testable import Exchange

/// Figures of 2026 over what an officer may see.
private func figures(_ desk: Desk, _ officer: String, budget: Int = 1_000) throws -> FiguresView {
    let from = try #require(CivilDay(year: 2026, month: 1, day: 1))
    let to = try #require(CivilDay(year: 2026, month: 12, day: 31))
    let viewer = try #require(desk.viewer(officer))
    var scan = FigureScan(try #require(Period(from: from, to: to)), for: viewer, in: desk.state)
    while try !scan.step(desk.state, budget: budget) {}
    return scan.view(desk.state)
}

@Suite("DOMAIN.md 2: 件, 人 and 次 are stored apart")
struct CountTests {
    // MARK: Requests

    private func reported(_ result: ReportResult, confirmed: Bool = true) throws -> (Desk, EntityID) {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        try desk.run(.reportResult(result), by: "k7f2", on: target)
        if confirmed { try desk.run(.confirmRequest(Samples.satisfied), by: "u7l1", on: target) }
        return (desk, target)
    }

    @Test(
        "a solved request is one item, and of the persons and times its result says; they are never added up")
    func solved() throws {
        let result = ReportResult(grade: .solved, summary: "已建成", persons: 120, times: 15)
        let (desk, target) = try reported(result)
        let sums = FigureSums(try figures(desk, "b1s2").requests.flatMap(\.counts))
        #expect(sums[.solved] == 1 && sums[.solvedPersons] == 120 && sums[.solvedTimes] == 15)
        let viewer = try #require(desk.viewer("u7l1"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let view = try #require(desk.state.requestView(matter, for: viewer))
        #expect(view.persons == 120 && view.times == 15)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test(
        "answered is not solved: what another result says of persons is counted nowhere; nor one not yet confirmed"
    )
    func unsolved() throws {
        for (grade, confirmed) in [(ResultGrade.beingSolved, true), (.notPossible, true), (.solved, false)] {
            let result = ReportResult(grade: grade, summary: "已答复", persons: 9, times: 9)
            let sums = FigureSums(
                try figures(try reported(result, confirmed: confirmed).0, "b1s2").requests.flatMap(\.counts))
            #expect(sums[.solvedPersons] == 0 && sums[.solvedTimes] == 0, "\(grade)")
        }
    }

    @Test("persons and times of a result: none, the limit, and one beyond")
    func limit() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        func refusal(_ persons: Int32, _ times: Int32) -> Rejection? {
            let result = ReportResult(grade: .solved, summary: "已办", persons: persons, times: times)
            return desk.refusal(.reportResult(result), by: "k7f2", on: target)
        }
        let most = Int32(Limits.countedAtOnce)
        #expect(refusal(0, 0) == nil && refusal(most, most) == nil)
        #expect(refusal(most + 1, 0) == .invalid("persons", "out-of-range"))
        #expect(refusal(0, most + 1) == .invalid("times", "out-of-range"))
        #expect(refusal(-1, 0) == .invalid("persons", "out-of-range"))
        #expect(refusal(0, .min) == .invalid("times", "out-of-range"))
        try desk.run(
            .reportResult(ReportResult(grade: .solved, summary: "已办", persons: most)), by: "k7f2", on: target)
        // After a redo the newest report counts.
        try desk.run(.confirmRequest(Samples.dissatisfied), by: "u7l1", on: target)
        try desk.run(.reportResult(Samples.result), by: "k7f2", on: target)
        #expect(desk.request(target)?.persons == 0)
    }

    // MARK: Cases

    /// One closed case of each of three kinds: 人, 件, 次.
    private func town() throws -> Desk {
        var desk = try Desk.seeded()
        for form in [Samples.fileCase, Samples.veteran, Samples.hardship] {
            let target = desk.newID()
            try desk.run(.fileCase(form), by: "u7l1", on: target)
            try desk.give(.reviewCase, on: target)
            if form == Samples.veteran {
                for (task, officer) in Samples.mandatoryTasks {
                    try desk.run(.finishTask(FinishTask(task: task, result: "办结")), by: officer, on: target)
                }
            } else {
                try desk.run(.concludeCase(Samples.placed), by: "d5h2", on: target)
            }
            try desk.give(.confirmCase, on: target)
        }
        return desk
    }

    private func rows(_ desk: Desk) throws -> [String] {
        try figures(desk, "b1s2").cases.map { row in
            let solved = FigureSums(row.counts)[.casesSolved]
            return "\(row.worry.rawValue) \(row.subcategory) \(row.counted.rawValue) \(solved)"
        }
    }

    @Test("a case is one person, one item or one time, as its kind says; by worry, then by kind")
    func units() throws {
        let desk = try town()
        #expect(try rows(desk) == ["1 veteran-return 1 1", "2 hardship-aid 3 1", "2 spouse-employment 2 1"])
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test(
        "the review fixes unit and worry: another table changes what is reviewed later, not what an old year says"
    )
    func fixed() throws {
        var desk = try town()
        let before = try rows(desk)
        var kinds = try #require(
            try seedCommands(ProjectFiles.seeds()).compactMap { seed -> LoadCaseKinds? in
                guard case .loadCaseKinds(let body)? = seed.command.body else { return nil }
                return body
            }.first)
        for index in kinds.kinds.indices {
            (kinds.kinds[index].counted, kinds.kinds[index].worry) = (.item, .children)
        }
        try desk.run(.loadCaseKinds(kinds), by: "b1y3", on: RosterTarget.caseKinds)
        #expect(try rows(desk) == before)
        try desk.run(.fileCase(Samples.fileCase), by: "u7l1", on: desk.newID())
        #expect(try rows(desk) == before + ["3 spouse-employment 1 0"])
    }

    @Test("a kind that does not say is counted as items; one of a later schema is refused")
    func table() throws {
        var desk = try Desk.seeded()
        var kind = CaseSightTests.kind
        kind.counted = .unrecognized(9)
        func load() -> Command.OneOf_Body { .loadCaseKinds(LoadCaseKinds(version: "9", kinds: [kind])) }
        #expect(
            desk.refusal(load(), by: "b1y3", on: RosterTarget.caseKinds)
                == .invalid("kinds.counted", "malformed"))
        kind.counted = .unspecified
        try desk.run(load(), by: "b1y3", on: RosterTarget.caseKinds)
        #expect(desk.state.caseKind(kind.subcategory)?.counted == .items)
        #expect(KindOfCase.ofOlderStores.counted == .persons)
    }

    @Test(
        "the seeds' column: the three words in both languages, empty, absent, and anything else with its place"
    )
    func column() throws {
        let head =
            "version,1\nsubcategory,worry,rules,child,materials,chain,due,due_months,due_when,due_clause,result,fund"
        func counted(_ column: String, _ value: String) throws(SeedError) -> CountUnit? {
            let text = "\(head)\(column)\nhousing,home,care,no,,,none,,,,,no\(value)\n"
            let file = SeedFile(path: "rules/case-kinds.csv", text: text)
            guard case .loadCaseKinds(let body)? = try seedCommands([file]).first?.command.body else {
                return nil
            }
            return body.kinds.first?.counted
        }
        #expect(try counted("", "") == .item)
        for (word, unit) in [
            ("", CountUnit.item), ("item", .item), ("person", .person), ("time", .time), ("件", .item),
            ("人", .person), ("次", .time),
        ] { #expect(try counted(",counted", ",\(word)") == unit, "\(word)") }
        let error = #expect(throws: SeedError.self) { try counted(",counted", ",heads") }
        #expect(error?.line == 3 && error?.column == "counted")
    }

    @Test("a review of releases 1 and 2 counted a person")
    func older() {
        var event = EventV1.Event(body: .caseReviewed(EventV1.CaseReviewed(number: "随双2026-后院-0001")))
        event.upcast()
        guard case .caseReviewed(let now)? = event.body else {
            Issue.record("another event")
            return
        }
        #expect(now.counted == .person && now.worry == .home)
    }

    @Test("a department that lost its sub-task counts the case no more: what is counted is what may be seen")
    func lostTask() throws {
        var desk = try Desk.seeded()
        let target = desk.newID()
        try desk.run(.fileCase(Samples.veteran), by: "u7l1", on: target)
        try desk.give(.reviewCase, on: target)
        #expect(try figures(desk, "d5m4").cases.count == 1)
        try desk.run(
            .reassignTask(
                ReassignTask(
                    task: 3, party: "department/421300-HR",
                    deadline: CivilDate(year: 2026, month: 12, day: 1))), by: "b1s2", on: target)
        #expect(try figures(desk, "d5m4").cases.isEmpty)
        #expect(try figures(desk, "d5h2").cases.count == 1)
    }
}

@Suite("DOMAIN.md 4: who was placed, and what the care fund did, in a period")
struct PlacementFigureTests {
    /// Two published rounds: officers (P1 civil, P2 institution, P3 and P4 enterprise), and soldiers, of whom one passes.
    private func town() throws -> Desk {
        var desk = try Desk.seeded()
        try hold(&desk, "2026-1", .officer, picks: ["P1": "G1", "P2": "G2", "P3": "G3", "P4": "G3"])
        try hold(&desk, "2026-2", .soldier, picks: ["P1": "G1", "P2": "G3", "P3": "G3"])
        return desk
    }

    @discardableResult
    private func hold(
        _ desk: inout Desk, _ key: String, _ people: PeopleKind, picks: [String: String], closing: Bool = true
    ) throws -> EntityID {
        desk.now = Desk.morning
        let target = desk.newID()
        var announce = RoundSamples.announce
        (announce.key, announce.peopleKind) = (key, people)
        try desk.run(.announceRound(announce), by: "b1s2", on: target)
        for kind in [CommandKind.loadRoundPosts, .loadRoundPeople, .freezeRound] {
            try desk.giveRound(kind, on: target)
        }
        for (person, officer) in RoundSamples.homes.sorted(by: { $0.key < $1.key }) {
            try desk.run(.confirmScore(ConfirmScore(person: person)), by: officer, on: target)
        }
        try desk.giveRound(.postRanking, on: target)
        desk.now = Desk.drawDay
        try desk.giveRound(.openDraw, on: target)
        while let turn = desk.round(target)?.turn, let person = desk.round(target)?.members[turn].key {
            if let post = picks[person] {
                try desk.run(.pickPost(PickPost(person: person, post: post)), by: "b1a1", on: target)
            } else {
                try desk.run(.passTurn(PassTurn(person: person)), by: "b1a1", on: target)
            }
        }
        if closing { try desk.giveRound(.closeRound, on: target) }
        return target
    }

    private func text(_ view: FiguresView) -> [String] {
        view.rounds.map { round in
            let classes = round.destinations.map { "\($0.destination)=\($0.persons)" }.joined(separator: " ")
            return "\(round.key) \(round.peopleKind.rawValue) \(round.placed)/\(round.people) \(classes)"
        }
    }

    @Test("by round, who they are, and where they went in the list's order; whoever passed took part")
    func rounds() throws {
        let desk = try town()
        let expected = [
            "2026-1 1 4/4 civil=1 institution=1 enterprise=2", "2026-2 2 3/4 civil=1 enterprise=2",
        ]
        #expect(text(try figures(desk, "b1s2")) == expected)
        #expect(text(try figures(desk, "b1s2", budget: 1)) == expected)
        #expect(
            try figures(desk, "b1s2").rounds.first?.publishedOn == CivilDate(year: 2026, month: 3, day: 20))
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
        let other = try #require(desk.viewer("b1a1"))
        #expect(desk.state.roundView(1, for: other).summary?.peopleKind == .soldier)
    }

    @Test(
        "a round counts when it is published, in the period of that day, for everybody who does casework; never before"
    )
    func published() throws {
        var desk = try town()
        #expect(text(try figures(desk, "u2l4")).count == 2)
        #expect(text(try figures(desk, "b1u5")).isEmpty)
        let open = try hold(&desk, "2026-3", .unspecified, picks: ["P1": "G1"], closing: false)
        #expect(text(try figures(desk, "b1s2")).count == 2)
        let day = try #require(CivilDay(year: 2026, month: 3, day: 19))
        let (viewer, before) = (try #require(desk.viewer("b1s2")), try #require(Period(from: day, to: day)))
        var scan = FigureScan(before, for: viewer, in: desk.state)
        while try !scan.step(desk.state, budget: 9) {}
        #expect(scan.view(desk.state).rounds.isEmpty)
        // Closed while the count runs: left out.
        let end = try #require(CivilDay(year: 2026, month: 12, day: 31))
        let year = try #require(Period(from: day, to: end))
        scan = FigureScan(year, for: viewer, in: desk.state)
        _ = try scan.step(desk.state, budget: 1)
        try desk.giveRound(.closeRound, on: open)
        while try !scan.step(desk.state, budget: 1) {}
        #expect(text(scan.view(desk.state)).count == 2)
        #expect(text(try figures(desk, "b1s2")).last == "2026-3 0 1/4 civil=1")
    }

    @Test("who is placed: any of the three may be said, one of a later schema is refused")
    func kinds() throws {
        let desk = try Desk.seeded()
        func refusal(_ kind: PeopleKind) -> Rejection? {
            var announce = RoundSamples.announce
            announce.peopleKind = kind
            return desk.refusal(.announceRound(announce), by: "b1s2", on: EntityID(high: 7, low: 9))
        }
        for kind in [PeopleKind.unspecified, .officer, .soldier] { #expect(refusal(kind) == nil) }
        #expect(refusal(.unrecognized(3)) == .invalid("people_kind", "malformed"))
    }

    // MARK: The care fund

    /// 1,000,000.00 from finance on 2026-03-02, 300.00 paid at once; 5.05 of interest and 40.05 paid in April.
    private func fund() throws -> Desk {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .reviewed, for: .payAid)
        try desk.give(.payAid, on: target)
        desk.now = Desk.morning + 40 * 86_400_000_000_000
        try desk.run(
            .receiveFund(ReceiveFund(fen: 5_05, source: "interest", basis: "凭证2号")), by: "b1s2",
            on: RosterTarget.careFund)
        try desk.run(.payAid(PayAid(fen: 40_05, purpose: "补助")), by: "b1s2", on: target)
        return desk
    }

    private func fund(_ desk: Desk, from month: Int, officer: String = "b1s2", budget: Int = 100) throws
        -> CareFundFigures?
    {
        let from = try #require(CivilDay(year: 2026, month: month, day: 1))
        let to = try #require(CivilDay(year: 2026, month: 12, day: 31))
        let viewer = try #require(desk.viewer(officer))
        var scan = FigureScan(try #require(Period(from: from, to: to)), for: viewer, in: desk.state)
        while try !scan.step(desk.state, budget: budget) {}
        return scan.view(desk.state).careFund
    }

    @Test("two stocks and two flows that fit together, income by source, outgo by kind of case, in 分")
    func sums() throws {
        let desk = try fund()
        let whole = CareFundFigures(
            incomeFen: 1_000_005_05, outgoFen: 340_05, heldFen: 999_665_00,
            income: [
                FundFigure(code: "finance", times: 1, fen: 1_000_000_00),
                FundFigure(code: "interest", times: 1, fen: 5_05),
            ], outgo: [FundFigure(code: "hardship-aid", times: 2, fen: 340_05)])
        #expect(try fund(desk, from: 1) == whole)
        #expect(try fund(desk, from: 1, budget: 1) == whole)
        let later = try #require(try fund(desk, from: 4))
        #expect(later.heldBeforeFen == 999_700_00 && later.incomeFen == 5_05 && later.outgoFen == 40_05)
        #expect(later.heldFen == 999_665_00)
        #expect(later.heldBeforeFen + later.incomeFen - later.outgoFen == desk.state.fund.held)
    }

    @Test(
        "the bureau's casework officers are shown the fund, nobody else; what comes during the count is left out"
    )
    func seen() throws {
        var desk = try fund()
        for officer in ["k7f2", "u7l1", "d5h2", "b1u5", "b1y3"] {
            #expect(try fund(desk, from: 1, officer: officer) == nil, "\(officer)")
        }
        #expect(try fund(desk, from: 1, officer: "b1a1") != nil)
        let viewer = try #require(desk.viewer("b1s2"))
        let day = try #require(CivilDay(year: 2026, month: 3, day: 1))
        let end = try #require(CivilDay(year: 2026, month: 12, day: 31))
        var scan = FigureScan(try #require(Period(from: day, to: end)), for: viewer, in: desk.state)
        _ = try scan.step(desk.state, budget: 1)
        try desk.run(
            .receiveFund(ReceiveFund(fen: 7, source: "interest", basis: "凭证3号")), by: "b1s2",
            on: RosterTarget.careFund)
        while try !scan.step(desk.state, budget: 1) {}
        #expect(scan.view(desk.state).careFund?.incomeFen == 1_000_005_05)
    }
}
