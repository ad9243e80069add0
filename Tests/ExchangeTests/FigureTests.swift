import Exchange
import Schema
import TestSupport
import Testing

private func day(_ text: String) -> CivilDay {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    return CivilDay(year: parts[0], month: parts[1], day: parts[2]) ?? CivilDay(dayNumber: 0)
}

/// Noon of a day, journal time.
private func noon(_ text: String) -> Int64 { (day(text).startNanoseconds ?? 0) + 12 * 3_600_000_000_000 }

private func days(_ from: String, _ to: String) -> Period? { Period(from: day(from), to: day(to)) }

private typealias Moment = RequestFacts.Moment

@Suite("DOMAIN.md 2 figures of requests, each with its denominator")
struct RequestFigureTests {
    /// A road, mended in time, after one redo.
    private let road = RequestFacts(
        moments: [
            Moment(noon("2022-01-05"), .submitRequest, .submitted),
            Moment(noon("2022-01-07"), .acceptRequest, .accepted),
            Moment(noon("2022-02-01"), .decideRequest, .decided),
            Moment(noon("2022-04-10"), .assignRequest, .assigned),
            Moment(noon("2022-04-12"), .acknowledgeRequest, .acknowledged),
            Moment(noon("2022-04-20"), .reportProgress, .inProgress),
            Moment(noon("2022-05-20"), .reportProgress, .inProgress),
            Moment(noon("2022-06-20"), .reportResult, .reported),
            Moment(noon("2022-06-22"), .confirmRequest, .inProgress),
            Moment(noon("2022-06-29"), .reportResult, .reported),
            Moment(noon("2022-07-03"), .confirmRequest, .closed),
        ], deadline: day("2022-06-30"), grade: .solved, satisfaction: .mostly)

    private func counted(_ facts: RequestFacts, _ from: String, _ to: String) throws -> [Figure: UInt64] {
        let period = try #require(days(from, to))
        var facts = facts
        facts.moments = facts.moments.filter { !period.isOver($0.time) }
        let counts = RequestFigure.all.map { ($0.figure, $0.count(facts, period)) }
        #expect(Set(counts.map(\.0)).count == counts.count, "a figure is counted twice")
        return Dictionary(uniqueKeysWithValues: counts.filter { $0.1 > 0 })
    }

    @Test("a year that holds all of it")
    func year() throws {
        #expect(
            try counted(road, "2022-01-01", "2022-12-31") == [
                .filed: 1, .accepted: 1, .included: 1, .assigned: 1, .reported: 1, .closed: 1, .solved: 1,
                .mostlySatisfied: 1, .dissatisfied: 1, .ratedItems: 1, .redoneItems: 1, .due: 1,
                .dueClosed: 1,
                .dueOnTime: 1,
            ])
    }

    @Test(
        "the half-year ends before the closing: due, not closed, open, and no rating but the one that was given"
    )
    func half() throws {
        #expect(
            try counted(road, "2022-01-01", "2022-06-30") == [
                .filed: 1, .accepted: 1, .included: 1, .assigned: 1, .reported: 1, .dissatisfied: 1,
                .ratedItems: 1, .redoneItems: 1, .due: 1, .open: 1, .openAssigned: 1,
            ])
        // The result was reported and waits for the requester: nobody on the local side is late.
        #expect(try counted(road, "2022-07-01", "2022-07-02")[.overdue] == nil)
    }

    @Test("a period after it counts nothing: what was closed before it began is not due in it")
    func after() throws {
        #expect(try counted(road, "2023-01-01", "2023-12-31") == [:])
        #expect(try counted(road, "2021-01-01", "2022-01-04") == [:])
    }

    @Test("late: the closing report lies behind the due date, whatever was reported and sent back before")
    func late() throws {
        var late = road
        late.deadline = day("2022-06-28")
        let counts = try counted(late, "2022-01-01", "2022-12-31")
        #expect(counts[.due] == 1 && counts[.dueClosed] == 1 && counts[.dueOnTime] == nil)
        let overdue = try counted(late, "2022-01-01", "2022-06-28")
        #expect(overdue[.overdue] == nil, "on the due date nobody is late")
        #expect(try counted(late, "2022-06-29", "2022-06-29")[.overdue] == nil, "reported")
        late.moments.removeAll { $0.time == noon("2022-06-29") }
        #expect(try counted(late, "2022-06-29", "2022-06-29")[.overdue] == 1)
    }

    @Test("on the last day of the period, and a nanosecond beyond")
    func edges() throws {
        let end = (day("2022-07-01").startNanoseconds ?? 0)
        var facts = RequestFacts(moments: [Moment(end - 1, .submitRequest, .submitted)])
        #expect(try counted(facts, "2022-06-01", "2022-06-30") == [.filed: 1, .open: 1])
        facts.moments = [Moment(end, .submitRequest, .submitted)]
        #expect(try counted(facts, "2022-06-01", "2022-06-30") == [:])
        #expect(try counted(facts, "2022-07-01", "2022-07-01") == [.filed: 1, .open: 1])
    }

    @Test("answered is not solved: results B, C and D close an item and solve nothing")
    func grades() throws {
        for (grade, figure) in [
            (SupportRequest.Grade.beingSolved, Figure.beingSolved), (.notPossible, .notPossible),
            (.kept, .kept),
        ] {
            var facts = road
            facts.grade = grade
            let counts = try counted(facts, "2022-01-01", "2022-12-31")
            #expect(counts[.closed] == 1 && counts[.solved] == nil && counts[figure] == 1)
        }
    }

    @Test("handed back, assigned again, withdrawn: times are times, items are items")
    func handedBack() throws {
        let facts = RequestFacts(
            moments: [
                Moment(noon("2022-01-05"), .submitRequest, .submitted),
                Moment(noon("2022-02-01"), .assignRequest, .assigned),
                Moment(noon("2022-02-02"), .handBackRequest, .decided),
                Moment(noon("2022-02-03"), .assignRequest, .assigned),
                Moment(noon("2022-02-04"), .handBackRequest, .decided),
                Moment(noon("2022-02-05"), .withdrawRequest, .withdrawn),
            ])
        #expect(
            try counted(facts, "2022-01-01", "2022-12-31") == [
                .filed: 1, .assigned: 1, .handedBack: 2, .withdrawn: 1,
            ])
    }

    @Test(
        "stays end where the state changes: a progress note ends none, and one that has not ended is not counted"
    )
    func stays() throws {
        let moments = road.moments.map { (time: $0.time, state: $0.state.rawValue) }
        let all = Stay.ended(moments, in: try #require(days("2022-01-01", "2022-12-31")))
        let lengths = all.map { $0.nanoseconds / 86_400_000_000_000 }
        #expect(lengths == [2, 25, 68, 2, 8, 61, 2, 7, 4])
        #expect(all.map(\.state) == [1, 3, 4, 5, 6, 7, 8, 7, 8])
        #expect(Stay.ended(moments, in: try #require(days("2022-04-12", "2022-04-12"))).count == 1)
    }

    @Test("what has ended is what can be erased")
    func over() {
        for state in SupportRequest.State.allCases {
            #expect(state.isOver == SupportRequest.transitions.allows(.eraseRequest, from: state), "\(state)")
        }
    }

    @Test("suspended: open, neither due nor overdue; void: in no figure of work, whatever was done before")
    func beside() throws {
        var facts = road
        facts.moments =
            Array(road.moments.prefix(6)) + [Moment(noon("2022-05-01"), .decideSuspension, .suspended)]
        let suspended = try counted(facts, "2022-01-01", "2022-12-31")
        #expect(suspended[.suspended] == 1 && suspended[.open] == 1)
        #expect(suspended[.due] == nil && suspended[.overdue] == nil)
        facts.moments[6] = Moment(noon("2022-05-01"), .voidRequest, .void)
        let void = try counted(facts, "2022-01-01", "2022-12-31")
        #expect(void[.void] == 1 && void[.open] == nil && void[.due] == nil)
    }

    @Test("a period that ends before it begins is none; one day is one")
    func periods() throws {
        #expect(days("2022-01-02", "2022-01-01") == nil)
        #expect(days("2022-01-01", "2022-01-01") != nil)
    }
}

@Suite("DOMAIN.md 3 figures of cases: each is one family")
struct CaseFigureTests {
    private func counted(_ moments: [CaseCourse.Moment], _ from: String, _ to: String) throws -> Set<Figure> {
        let period = try #require(days(from, to))
        let facts = CaseCourse(moments: moments.filter { !period.isOver($0.time) })
        return Set(CaseFigure.all.filter { $0.counts(facts, period) }.map(\.figure))
    }

    @Test(
        "placed once, whatever happens after it within that state; solved when the unit has confirmed a placement"
    )
    func placed() throws {
        let moments: [CaseCourse.Moment] = [
            .init(noon("2021-11-05"), .filed), .init(noon("2021-12-01"), .reviewed),
            .init(noon("2021-12-20"), .placed), .init(noon("2022-02-01"), .placed),
            .init(noon("2022-03-01"), .closed), .init(noon("2022-05-01"), .closed),
        ]
        #expect(
            try counted(moments, "2021-01-01", "2021-12-31") == [
                .casesFiled, .casesReviewed, .casesPlaced, .casesOpen,
            ])
        #expect(try counted(moments, "2022-01-01", "2022-12-31") == [.casesClosed, .casesSolved])
        #expect(try counted(moments, "2022-04-01", "2022-12-31") == [])
    }

    @Test("disputed, then closed as not placed: closed, and not solved")
    func disputed() throws {
        let moments: [CaseCourse.Moment] = [
            .init(noon("2022-01-05"), .filed), .init(noon("2022-01-06"), .reviewed),
            .init(noon("2022-01-07"), .placed), .init(noon("2022-01-08"), .reviewed),
            .init(noon("2022-01-09"), .notPlaced), .init(noon("2022-01-10"), .closed),
        ]
        let counts = try counted(moments, "2022-01-01", "2022-12-31")
        #expect(
            counts.contains(.casesClosed) && !counts.contains(.casesSolved) && !counts.contains(.casesOpen))
    }
}

@Suite("DOMAIN.md 2 rates: a share with its whole")
struct RateTests {
    private let sums = FigureSums([
        FigureCount(figure: .due, count: 21), FigureCount(figure: .dueClosed, count: 20),
        FigureCount(figure: .dueOnTime, count: 18), FigureCount(figure: .satisfied, count: 15),
        FigureCount(figure: .mostlySatisfied, count: 4), FigureCount(figure: .dissatisfied, count: 1),
        FigureCount(figure: .redoneItems, count: 1), FigureCount(figure: .ratedItems, count: 19),
        FigureCount(figure: .closed, count: 19), FigureCount(figure: .solved, count: 16),
        FigureCount(figure: .included, count: 21), FigureCount(figure: .declined, count: 1),
    ])

    @Test(
        "each rate of a worked example",
        arguments: [
            (Rate.completion, 20, 21, "95.2%"), (.onTime, 18, 21, "85.7%"), (.satisfaction, 19, 20, "95.0%"),
            (.redo, 1, 19, "5.3%"), (.solution, 16, 19, "84.2%"), (.inclusion, 21, 22, "95.5%"),
        ] as [(Rate, UInt64, UInt64, String)])
    func worked(_ rate: Rate, _ part: UInt64, _ whole: UInt64, _ text: String) {
        #expect(rate.value(sums) == Ratio(part, of: whole))
        #expect(rate.value(sums).text == text)
    }

    @Test("nothing to be a share of is a dash, never 0 % or 100 %")
    func nothing() {
        for rate in Rate.allCases { #expect(rate.value(FigureSums()).text == "—") }
    }

    @Test("rounding is half up, at tenths; huge counts do not overflow")
    func rounding() {
        #expect(Ratio(1, of: 3).text == "33.3%")
        #expect(Ratio(2, of: 3).text == "66.7%")
        #expect(Ratio(1, of: 2000).text == "0.1%")
        #expect(Ratio(1, of: 2001).text == "0.0%")
        #expect(Ratio(.max, of: .max).permille ?? 0 >= 999)
    }

    @Test("every rate is of figures that are counted")
    func known() {
        let counted = Set(RequestFigure.all.map(\.figure))
        for rate in Rate.allCases { #expect(counted.isSuperset(of: rate.numerator + rate.denominator)) }
    }
}

@Suite("DESIGN.md 9 figures are counted in steps, over what the asker may see")
struct FigureScanTests {
    private static func year() throws -> Period { try #require(days("2026-01-01", "2026-12-31")) }

    private func view(_ desk: Desk, _ officer: String, budget: Int) throws -> FiguresView {
        let viewer = try #require(desk.viewer(officer))
        var scan = FigureScan(try Self.year(), for: viewer, in: desk.state)
        while try !scan.step(desk.state, budget: budget) {}
        return scan.view(desk.state)
    }

    private func sums(_ view: FiguresView) -> FigureSums {
        var sums = FigureSums()
        for row in view.requests { sums.add(row.counts) }
        for row in view.cases { sums.add(row.counts) }
        return sums
    }

    /// Three requests (two of the unit, one of a county) and a case, in different places.
    private func town() throws -> Desk {
        var desk = try Desk.seeded()
        for (index, county) in ["county/421321", "county/421303"].enumerated() {
            let id = desk.newID()
            try desk.run(.submitRequest(Samples.submitUnit), by: "u7l1", on: id)
            try desk.run(.acceptRequest(AcceptRequest()), by: "b1a1", on: id)
            try desk.run(.decideRequest(Samples.included), by: "b1s2", on: id)
            try desk.run(.assignRequest(Samples.assign(to: county)), by: "b1s2", on: id)
            guard index == 0 else { continue }
            try desk.run(.acknowledgeRequest(AcknowledgeRequest()), by: "k7f2", on: id)
            try desk.run(.reportProgress(Samples.progress), by: "k7f2", on: id)
            try desk.run(.reportResult(Samples.result), by: "k7f2", on: id)
            try desk.run(.confirmRequest(Samples.satisfied), by: "u7l1", on: id)
        }
        try desk.run(.submitRequest(Samples.submitLocal), by: "k3z8", on: desk.newID())
        let family = desk.newID()
        try desk.run(.fileCase(Samples.fileCase), by: "u7l1", on: family)
        try desk.run(.reviewCase(Samples.review), by: "b1s2", on: family)
        try desk.run(.concludeCase(Samples.placed), by: "d5h2", on: family)
        try desk.run(.confirmCase(ConfirmCase(satisfaction: .satisfied)), by: "u7l1", on: family)
        return desk
    }

    @Test("the bureau counts all, grouped by direction, party in official order, category and year")
    func bureau() throws {
        let view = try view(try town(), "b1s2", budget: 1_000)
        #expect(
            view.requests.map { "\($0.direction.rawValue) \($0.party) \($0.category) \($0.year)" } == [
                "1 county/421303 road 2026", "1 county/421321 road 2026", "2 county/421303 planting 2026",
            ])
        let sums = sums(view)
        #expect(sums[.filed] == 3 && sums[.closed] == 1 && sums[.solved] == 1 && sums[.open] == 2)
        #expect(view.cases.map(\.handler) == ["department/421300-HR"])
        #expect(sums[.casesFiled] == 1 && sums[.casesSolved] == 1 && sums[.casesOpen] == 0)
    }

    @Test("a county counts what it sees, and no more; who does no casework counts nothing")
    func county() throws {
        let desk = try town()
        let zengdu = try view(desk, "k3z8", budget: 1_000)
        #expect(zengdu.requests.map(\.party) == ["county/421303", "county/421303"])
        #expect(zengdu.cases.isEmpty)
        let auditor = try view(desk, "b1u5", budget: 1_000)
        #expect(auditor.requests.isEmpty && auditor.cases.isEmpty)
    }

    @Test("one matter a step gives what one step gives; changes during the count are left out")
    func steps() throws {
        var desk = try town()
        let whole = try view(desk, "b1s2", budget: 1_000)
        #expect(try view(desk, "b1s2", budget: 1) == whole)
        let viewer = try #require(desk.viewer("b1s2"))
        var scan = FigureScan(try Self.year(), for: viewer, in: desk.state)
        _ = try scan.step(desk.state, budget: 1)
        for _ in 0..<3 {
            try desk.run(.submitRequest(Samples.submitUnit), by: "u2l4", on: desk.newID())
        }
        // Not looked at yet: the second request, still waiting for its county.
        let waiting = desk.state.requests[1].id
        try desk.run(.acknowledgeRequest(AcknowledgeRequest()), by: "k3z8", on: waiting)
        while try !scan.step(desk.state, budget: 1) {}
        #expect(scan.view(desk.state) == whole)
        #expect(try view(desk, "b1s2", budget: 1) != whole)
    }

    @Test("what was handed back is not counted to the county any more")
    func notMine() throws {
        var desk = try town()
        let id = desk.state.requests[1].id
        #expect(try view(desk, "k3z8", budget: 9).requests.contains { $0.direction == .unitToLocal })
        try desk.run(.handBackRequest(HandBackRequest(reason: "不在本县辖区")), by: "k3z8", on: id)
        #expect(try !view(desk, "k3z8", budget: 9).requests.contains { $0.direction == .unitToLocal })
    }

    @Test("what is counted twice, by hand from the histories, agrees")
    func byHand() throws {
        let desk = try town()
        let viewer = try #require(desk.viewer("b1s2"))
        var states: [String: Int] = [:]
        for slot in 0..<desk.state.requests.count {
            let key = desk.state.requests[slot].id
            let matter = try #require(desk.state.matter(key, for: viewer))
            for entry in desk.state.history(of: matter, for: viewer) { states[entry.kind, default: 0] += 1 }
        }
        let sums = sums(try view(desk, "b1s2", budget: 7))
        #expect(
            Int(sums[.filed]) == states["submit_request"] && Int(sums[.assigned]) == states["assign_request"])
        #expect(Int(sums[.closed]) == states["confirm_request"])
    }
}
