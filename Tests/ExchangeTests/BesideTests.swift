import Schema
import Testing

@testable import Exchange

@Suite("DOMAIN.md 2: beside the chain, step by step")
struct BesideTests {
    private func view(_ desk: Desk, _ target: EntityID, by officer: String = "b1a1") throws -> RequestView {
        let viewer = try #require(desk.viewer(officer))
        let matter = try #require(desk.state.matter(target, for: viewer))
        return try #require(desk.state.requestView(matter, for: viewer))
    }

    private func date(_ month: Int32, _ day: Int32, _ year: Int32 = 2026) -> CivilDate {
        CivilDate(year: year, month: month, day: day)
    }

    @Test func ontoTheAgendaAndEveryDecision() throws {
        for (decision, state) in [
            (Decision.included, RequestState.decided), (.declined, .declined), (.routine, .routine),
            (.referred, .referred),
        ] {
            var desk = try Desk.seeded()
            let target = try desk.request(in: .accepted)
            try desk.give(.scheduleRequest, on: target)
            // Put off to another conference.
            let later = ScheduleRequest(conference: date(4, 10))
            try desk.run(.scheduleRequest(later), by: "b1s2", on: target)
            #expect(try view(desk, target).conference == date(4, 10))
            let agenda = ListRequestsQuery(conference: date(4, 10))
            #expect(try listed(desk, agenda, "b1a1") == [target])
            #expect(try listed(desk, ListRequestsQuery(conference: date(3, 20)), "b1a1").isEmpty)
            #expect(try listed(desk, ListRequestsQuery(conference: date(2, 30)), "b1a1").isEmpty)
            let decided = DecideRequest(decision: decision, policyBasis: "办法第五条", note: "会商意见")
            try desk.run(.decideRequest(decided), by: "b1s2", on: target)
            let shown = try view(desk, target)
            #expect(shown.decision == decision)
            #expect(shown.summary?.state == state)
            #expect(shown.conference == date(4, 10))
            #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
        }
    }

    @Test func extensionIsAskedBeforeExpiryAndDecided() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        try desk.give(.askExtension, on: target)
        #expect(try view(desk, target).askedExtension?.reason == "雨季无法施工")
        #expect(try view(desk, target).summary?.question == .extension)
        // One question at a time, and only the one that is asked is decided.
        for body in [CommandKind.askExtension, .askSuspension] {
            let sample = try #require(Samples.requestCommands[body])
            #expect(desk.refusal(sample, by: "k7f2", on: target)?.refusal == .alreadyAsked)
        }
        let wrong = desk.refusal(.decideSuspension(DecideSuspension(approved: true)), by: "b1s2", on: target)
        #expect(wrong?.refusal == .notAsked)
        // Refused with a reason: the deadline stays; asked again, approved with another day.
        try desk.run(
            .decideExtension(DecideExtension(approved: false, reason: "工期充足")), by: "b1s2", on: target)
        #expect(try view(desk, target).summary?.deadline == date(6, 30))
        #expect(try view(desk, target).extensionCount == 0)
        try desk.give(.askExtension, on: target)
        let approval = DecideExtension(approved: true, deadline: date(7, 31))
        try desk.run(.decideExtension(approval), by: "b1s2", on: target)
        #expect(try view(desk, target).summary?.deadline == date(7, 31))
        #expect(try view(desk, target).extensionCount == 1)
        #expect(try view(desk, target).askedExtension == nil)
        let viewer = try #require(desk.viewer("u7l1"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let history = desk.state.history(of: matter, for: viewer)
        #expect(history.suffix(4).map(\.note) == ["雨季无法施工", "工期充足", "雨季无法施工", ""])
        // No deadline moves in silence: the history tells what was asked for and what was set.
        #expect(history.suffix(4).map(\.askedDeadline) == [date(8, 30), nil, date(8, 30), nil])
        #expect(history.suffix(4).map(\.deadline) == [nil, nil, nil, date(7, 31)])
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    /// The last day is still before expiry; the day after is not.
    @Test func extensionAtTheLastDay() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .acknowledged)
        let ask = try #require(Samples.requestCommands[.askExtension])
        let lastDay = try #require(CivilDay(year: 2026, month: 6, day: 30))
        desk.now = try #require(lastDay.adding(days: 1).startNanoseconds) - 1
        #expect(desk.refusal(ask, by: "k7f2", on: target) == nil)
        desk.now += 1
        #expect(
            desk.refusal(ask, by: "k7f2", on: target)
                == Rejection(.deadlinePassed, ["deadline": "2026-06-30"]))
        // Asked in time, it may be decided afterwards, but not into the past.
        desk.now -= 1
        try desk.give(.askExtension, on: target)
        desk.now += 40 * 86_400_000_000_000
        let early = DecideExtension(approved: true, deadline: date(7, 1))
        #expect(desk.refusal(.decideExtension(early), by: "b1s2", on: target) == .invalid("deadline", "past"))
        let same = DecideExtension(approved: true, deadline: date(6, 30))
        #expect(
            desk.refusal(.decideExtension(same), by: "b1s2", on: target) == .invalid("deadline", "not-later"))
        try desk.give(.decideExtension, on: target)
        #expect(try view(desk, target).summary?.deadline == date(8, 30))
    }

    @Test func suspendedWithApprovalAndResumedWhereItWas() throws {
        for state in [SupportRequest.State.acknowledged, .inProgress] {
            var desk = try Desk.seeded()
            let target = try desk.request(in: state)
            try desk.give(.askSuspension, on: target)
            try desk.run(
                .decideSuspension(DecideSuspension(approved: false, reason: "尚可施工")), by: "b1s2", on: target)
            #expect(desk.request(target)?.state == state)
            try desk.give(.askSuspension, on: target)
            try desk.give(.decideSuspension, on: target)
            #expect(desk.request(target)?.state == .suspended)
            #expect(try view(desk, target).suspension == "season")
            let past = ResumeRequest(deadline: date(3, 1))
            #expect(
                desk.refusal(.resumeRequest(past), by: "b1s2", on: target) == .invalid("deadline", "past"))
            try desk.give(.resumeRequest, on: target)
            #expect(desk.request(target)?.state == state)
            #expect(try view(desk, target).suspension == "")
            #expect(try view(desk, target).summary?.deadline == date(9, 30))
            #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
        }
    }

    /// A question is about work: it goes with it.
    @Test func aQuestionLapsesWithTheWork() throws {
        for (state, end) in [
            (SupportRequest.State.acknowledged, CommandKind.handBackRequest), (.inProgress, .reportResult),
            (.acknowledged, .withdrawRequest), (.inProgress, .voidRequest),
        ] {
            var desk = try Desk.seeded()
            let target = try desk.request(in: state)
            try desk.give(.askExtension, on: target)
            try desk.give(end, on: target)
            #expect(try view(desk, target).askedExtension == nil)
            #expect(try view(desk, target).summary?.question == .unspecified)
        }
    }

    @Test func carriedOverItKeepsItsNumberAndCountsOnceAYear() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        let number = desk.state.versionAndNumber(of: target).number
        let further = CarryOverRequest(year: 2028)
        #expect(
            desk.refusal(.carryOverRequest(further), by: "b1s2", on: target)
                == .invalid("year", "out-of-range"))
        try desk.give(.carryOverRequest, on: target)
        // Not into the year after next, and not into the same year twice.
        for year in [2027, 2028] as [Int32] {
            let body = Command.OneOf_Body.carryOverRequest(CarryOverRequest(year: year))
            #expect(desk.refusal(body, by: "b1s2", on: target) == .invalid("year", "out-of-range"))
        }
        desk.now += 300 * 86_400_000_000_000
        #expect(desk.refusal(.carryOverRequest(further), by: "b1s2", on: target)?.refusal == .fieldInvalid)
        desk.now += 10 * 86_400_000_000_000  // 2027 has come
        try desk.run(.carryOverRequest(further), by: "b1s2", on: target)
        #expect(desk.state.versionAndNumber(of: target).number == number)
        #expect(try view(desk, target).summary?.carriedInto == [2027, 2028])
        for year in [2026, 2027, 2028] as [Int32] {
            #expect(try listed(desk, ListRequestsQuery(year: year), "b1a1") == [target])
        }
        #expect(try listed(desk, ListRequestsQuery(year: 2029), "b1a1").isEmpty)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test func voidAsADuplicateLinksBothForThoseWhoSeeBoth() throws {
        var desk = try Desk.seeded()
        let first = desk.newID()
        try desk.run(.submitRequest(Samples.submitUnit), by: "u2l4", on: first)
        let second = try desk.request(in: .decided)
        func refusal(_ other: [UInt8], on target: EntityID) -> Rejection? {
            desk.refusal(
                .voidRequest(VoidRequest(duplicateOf: other, reason: "重复")), by: "b1s2", on: target)
        }
        #expect(refusal([], on: second) == .missing("duplicate_of"))
        #expect(refusal([1, 2], on: second) == .invalid("duplicate_of", "no-such-item"))
        let nothing = EntityID(high: 9, low: 9).bytes
        #expect(refusal(nothing, on: second) == .invalid("duplicate_of", "no-such-item"))
        #expect(refusal(second.bytes, on: second) == .invalid("duplicate_of", "itself"))
        #expect(refusal(RosterTarget.officer("b1a1").bytes, on: second)?["why"] == "no-such-item")
        let local = desk.newID()
        try desk.run(.submitRequest(Samples.submitLocal), by: "k7f2", on: local)
        #expect(refusal(local.bytes, on: second) == .invalid("duplicate_of", "mismatch"))
        let withdrawn = try desk.request(in: .withdrawn)
        #expect(refusal(withdrawn.bytes, on: second)?["why"] == "given-up")
        try desk.run(
            .voidRequest(VoidRequest(duplicateOf: first.bytes, reason: "与在先事项重复")), by: "b1s2", on: second)
        #expect(try view(desk, second).duplicateOf?.target == first.bytes)
        #expect(try view(desk, first).duplicates.map(\.target) == [second.bytes])
        // The other unit's request stays the other unit's.
        #expect(try view(desk, second, by: "u7l1").duplicateOf == nil)
        #expect(try view(desk, second, by: "u7l1").summary?.state == .void)
        #expect(try view(desk, first, by: "u2l4").duplicates.isEmpty)
        #expect(refusal(second.bytes, on: first)?["why"] == "given-up")
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test func theFirstReceiverIsNamedForGood() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .assigned)
        try desk.give(.handBackRequest, on: target)
        try desk.run(.assignRequest(Samples.assign(to: "county/421303")), by: "b1s2", on: target)
        #expect(try view(desk, target).obligation?.responsible == "county/421303")
        #expect(try view(desk, target).firstReceiver == "county/421321")
        #expect(try view(desk, target).firstReceiverName == "随县")
    }

    @Test func stagesComeFromTheirList() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .acknowledged)
        let report = ReportProgress(percent: 30, note: "招标中", stage: "procurement")
        try desk.run(.reportProgress(report), by: "k7f2", on: target)
        #expect(try view(desk, target).stage == "procurement")
        try desk.run(.reportProgress(ReportProgress(percent: 60)), by: "k7f2", on: target)
        #expect(try view(desk, target).stage == "procurement")
        let unknown = ReportProgress(percent: 70, stage: "prokurement")
        #expect(
            desk.refusal(.reportProgress(unknown), by: "k7f2", on: target)
                == .unknownCode("stage", "prokurement", list: "progress-stage"))
    }

    /// Every text of these commands, at its limit and one beyond.
    @Test func textLimits() throws {
        var desk = try Desk.seeded()
        let accepted = try desk.request(in: .accepted)
        let working = try desk.request(in: .inProgress)
        let (extending, suspending) = (try desk.request(in: .inProgress), try desk.request(in: .inProgress))
        try desk.give(.askExtension, on: extending)
        try desk.give(.askSuspension, on: suspending)
        let suspended = try desk.request(in: .suspended)
        try desk.fileOriginal()
        let fields: [(String, String, EntityID, (String) -> Command.OneOf_Body)] = [
            (
                "note", "b1a1", accepted,
                { .scheduleRequest(ScheduleRequest(conference: date(4, 1), note: $0)) }
            ),
            ("reason", "k7f2", working, { .askExtension(AskExtension(deadline: date(8, 1), reason: $0)) }),
            ("reason", "b1s2", extending, { .decideExtension(DecideExtension(approved: true, reason: $0)) }),
            ("reason", "b1s2", extending, { .decideExtension(DecideExtension(approved: false, reason: $0)) }),
            ("reason", "k7f2", working, { .askSuspension(AskSuspension(code: "funds", reason: $0)) }),
            (
                "reason", "b1s2", suspending,
                { .decideSuspension(DecideSuspension(approved: true, reason: $0)) }
            ),
            (
                "reason", "b1s2", suspending,
                { .decideSuspension(DecideSuspension(approved: false, reason: $0)) }
            ),
            ("note", "b1s2", suspended, { .resumeRequest(ResumeRequest(deadline: date(8, 1), note: $0)) }),
            ("note", "b1s2", working, { .carryOverRequest(CarryOverRequest(year: 2027, note: $0)) }),
            (
                "reason", "b1s2", working,
                { .voidRequest(VoidRequest(duplicateOf: Samples.original.bytes, reason: $0)) }
            ),
        ]
        for (field, officer, target, body) in fields {
            func refusal(_ text: String) -> Rejection? { desk.refusal(body(text), by: officer, on: target) }
            #expect(refusal(String(repeating: "字", count: 1000)) == nil)
            #expect(
                refusal(String(repeating: "字", count: 1001)) == .tooMuch(field, "too-long", max: 1000),
                "\(field)")
            #expect(refusal("绝密文件")?.refusal == .classifiedText)
        }
    }
}

/// The targets of a whole list.
func listed(_ desk: Desk, _ query: ListRequestsQuery, _ officer: String, budget: Int = 7) throws -> [EntityID]
{
    let viewer = try #require(desk.viewer(officer))
    var listing = try RequestListing(
        query, for: viewer, in: desk.state, today: CivilDay(nanoseconds: desk.now))
    while !listing.step(desk.state, budget: budget) {}
    return listing.page(desk.state).requests.compactMap { EntityID($0.target) }
}
