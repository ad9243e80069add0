import Schema
import TestSupport
import Testing
import Wire

@testable import Exchange

extension Desk {
    /// The clock's work on the morning of a day, as the engine does it: what is due is written, one record each. Returns what was written.
    mutating func tick(_ day: CivilDay) -> [String] {
        now = max(now, (day.startNanoseconds ?? 0) + 1)
        var told: [String] = []
        while let slot = state.slotDue(by: day) {
            if let mark = state.timeDue(slot, on: day) { told.append(write(mark, slot)) }
        }
        return told
    }

    /// The sweep after a start or a table: every request is looked at.
    mutating func sweep(_ day: CivilDay) -> [String] {
        now = max(now, (day.startNanoseconds ?? 0) + 1)
        var told: [String] = []
        for slot in state.requests.indices {
            if let mark = state.timeDue(slot, on: day) { told.append(write(mark, slot)) }
        }
        return told
    }

    private mutating func write(_ mark: EventV1.TimeMarked, _ slot: Int) -> String {
        sequence += 1
        now += 1
        let request = state.requests[slot]
        let at = EventContext(
            sequence: sequence, time: now, actor: ActorContext(party: "", officer: "", path: .clock),
            target: request.id, version: request.version, kind: .markTime)
        let event = EventV1.Event(body: .timeMarked(mark))
        state.apply(event, at: at)
        log.append((event, at))
        let words = [
            CivilDay(nanoseconds: now).text, "\(mark.light)", mark.step == .unspecified ? "" : "\(mark.step)",
            mark.tentative ? "tentative" : "", mark.deadline.flatMap { CivilDay($0)?.text } ?? "",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Morning after morning, up to and with a day.
    mutating func ticks(through last: String) -> [String] {
        var told: [String] = []
        var day = CivilDay(nanoseconds: now)
        while day < PaperCalendar.day(last) {
            day = day.adding(days: 1)
            told += tick(day)
        }
        return told
    }

    mutating func assigned(_ assign: AssignRequest) throws -> EntityID {
        let target = try request(in: .decided)
        try run(.assignRequest(assign), by: "b1s2", on: target)
        return target
    }
}

@Suite("DOMAIN.md 2, Supervision: days go by")
struct TimeTests {
    private func assign(workingDays: Int32) -> AssignRequest {
        var assign = Samples.assign(to: "county/421321")
        assign.deadline = nil
        assign.workingDays = workingDays
        return assign
    }

    private func standing(_ desk: Desk, _ target: EntityID) -> Supervision.Standing? {
        desk.request(target)?.timing.standing
    }

    @Test("a year of days: a late item climbs the ladder, each rung once, on its day")
    func aYear() throws {
        var desk = try Desk.seeded()
        let target = try desk.assigned(Samples.assign(to: "county/421321"))  // due on Tuesday 2026-06-30
        #expect(standing(desk, target) == Supervision.Standing(light: .green))
        let told = desk.ticks(through: "2026-12-31")
        #expect(
            told == [
                "2026-06-05 yellow remind",  // of 82 working days 16 are left
                "2026-07-01 red urge", "2026-07-07 red supervise", "2026-07-21 red listed",
            ])
        // No rung is told twice, whatever else happens.
        let told1 = desk.sweep(PaperCalendar.day("2027-01-01"))
        #expect(told1 == [])
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test("the history tells each rung without an officer, and no version is raised")
    func history() throws {
        var desk = try Desk.seeded()
        let target = try desk.assigned(Samples.assign(to: "county/421321"))
        let version = desk.state.version(of: target)
        var feeds = try ["u7l1", "b1a1", "k3z8"].map { officer in
            try WatchFeed(WatchQuery(), for: try #require(desk.viewer(officer)), in: desk.state)
        }
        _ = desk.ticks(through: "2026-07-01")
        #expect(desk.state.version(of: target) == version)
        let viewer = try #require(desk.viewer("k7f2"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let last = desk.state.history(of: matter, for: viewer).suffix(2)
        #expect(last.map(\.kind) == ["mark_time", "mark_time"])
        #expect(last.map(\.light) == [.yellow, .red] && last.map(\.step) == [.remind, .urge])
        #expect(
            last.allSatisfy { $0.actor == ActorView() && $0.version == version && $0.state == "assigned" })
        let summary = try #require(desk.state.requestView(matter, for: viewer)?.summary)
        #expect(summary.light == .red && summary.step == .urge && !summary.tentative)
        // Whoever takes part is told, and nobody else; a clerk who saw the version goes on without a conflict.
        for (officer, sees) in [("u7l1", true), ("b1a1", true), ("k3z8", false)] {
            var feed = feeds.removeFirst()
            guard case .changes(let changes, _) = feed.step(desk.state, upTo: .max, limit: 99, budget: 999)
            else {
                Issue.record("no feed")
                return
            }
            #expect(changes.contains { $0.entry?.kind == "mark_time" } == sees, "\(officer)")
        }
        try desk.run(
            Command(body: .acknowledgeRequest(AcknowledgeRequest())), desk.actor("k7f2"), target,
            expecting: version)
    }

    @Test("working days from the next day, over a holiday; the date is shown with what was asked for")
    func workingDays() throws {
        var desk = try Desk.seeded()
        desk.now = (PaperCalendar.day("2026-09-29").startNanoseconds ?? 0) + 1
        let target = try desk.assigned(assign(workingDays: 5))
        #expect(desk.request(target)?.obligation?.deadline.text == "2026-10-12")  // 30, 8, 9, Saturday 10, 12
        let viewer = try #require(desk.viewer("k7f2"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let view = try #require(desk.state.requestView(matter, for: viewer))
        #expect(view.obligation?.workingDays == 5 && view.summary?.tentative == false)
        func refusal(_ change: (inout AssignRequest) -> Void) throws -> Rejection? {
            var body = assign(workingDays: 5)
            change(&body)
            let target = try desk.request(in: .decided)
            return desk.refusal(.assignRequest(body), by: "b1s2", on: target)
        }
        #expect(try refusal { $0.workingDays = 0 } == .missing("deadline"))
        #expect(try refusal { $0.workingDays = -1 } == .invalid("working_days", "out-of-range"))
        #expect(try refusal { $0.workingDays = Int32(Limits.workingDays) } == nil)
        #expect(
            try refusal { $0.workingDays = Int32(Limits.workingDays) + 1 }
                == .invalid("working_days", "out-of-range"))
        #expect(
            try refusal { $0.deadline = CivilDate(year: 2026, month: 12, day: 1) }
                == .invalid("working_days", "mismatch"))
    }

    @Test(
        "a calendar loaded later makes 暂定 firm: the date moves where a holiday lies in between, and is told")
    func tentative() throws {
        var desk = try Desk.seeded()
        desk.now = (PaperCalendar.day("2026-12-28").startNanoseconds ?? 0) + 1
        let counted = try desk.assigned(assign(workingDays: 10))
        var given = Samples.assign(to: "county/421321")
        given.deadline = CivilDate(year: 2027, month: 3, day: 1)
        let dated = try desk.assigned(given)
        #expect(desk.request(counted)?.obligation?.deadline.text == "2027-01-11")
        for target in [counted, dated] {
            let viewer = try #require(desk.viewer("u7l1"))
            let matter = try #require(desk.state.matter(target, for: viewer))
            #expect(desk.state.requestView(matter, for: viewer)?.summary?.tentative == true)
        }
        let span = CalendarSpan(
            first: CivilDate(year: 2027, month: 1, day: 1), last: CivilDate(year: 2027, month: 1, day: 3),
            works: false,
            name: "元旦")
        let table = LoadCalendar(year: 2027, version: "1", source: "通知", spans: [span])
        try desk.run(.loadCalendar(table), by: "b1y3", on: RosterTarget.calendar(2027))
        let today = CivilDay(nanoseconds: desk.now)
        let told2 = desk.sweep(today)
        #expect(told2 == ["2026-12-28 green 2027-01-12", "2026-12-28 green"])
        let told3 = desk.sweep(today)
        #expect(told3 == [])
        #expect(desk.request(counted)?.obligation?.deadline.text == "2027-01-12")
        #expect(desk.request(dated)?.timing.isTentative == false)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test("three hand-backs, three redos: the supervision order comes by itself")
    func escalation() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .assigned)
        for count in 1...3 {
            try desk.give(.handBackRequest, on: target)
            #expect(standing(desk, target)?.step == (count < 3 ? nil : .supervise), "\(count) hand-backs")
            #expect(standing(desk, target)?.light == nil)
            try desk.give(.assignRequest, on: target)
        }
        #expect(standing(desk, target) == Supervision.Standing(light: .green, step: .supervise))
        let other = try desk.request(in: .reported)
        for count in 1...6 {
            try desk.run(.confirmRequest(Samples.dissatisfied), by: "u7l1", on: other)
            let step: Supervision.Step? = count < 3 ? nil : count < 6 ? .supervise : .listed
            #expect(standing(desk, other)?.step == step, "\(count) redos")
            try desk.give(.reportResult, on: other)
        }
        let told4 = desk.tick(CivilDay(nanoseconds: desk.now))
        #expect(told4 == [])
    }

    @Test("handed in, it stands as it stood; sent back, it is late; closed, its light is out")
    func handedIn() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        _ = desk.ticks(through: "2026-06-30")
        try desk.give(.reportResult, on: target)
        let told5 = desk.ticks(through: "2026-08-03")
        #expect(told5 == [])
        #expect(standing(desk, target) == Supervision.Standing(light: .yellow, step: .remind))
        try desk.run(.confirmRequest(Samples.dissatisfied), by: "u7l1", on: target)
        #expect(standing(desk, target) == Supervision.Standing(light: .red, step: .listed))
        try desk.give(.reportResult, on: target)
        try desk.give(.confirmRequest, on: target)
        #expect(standing(desk, target) == Supervision.Standing())
        let told6 = desk.ticks(through: "2026-12-31")
        #expect(told6 == [])
    }

    @Test("extended it stands by its new date; suspended it is blue and no time runs; resumed it runs again")
    func besideTheChain() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        _ = desk.ticks(through: "2026-06-10")
        #expect(standing(desk, target)?.light == .yellow)
        let later = CivilDate(year: 2026, month: 9, day: 30)
        try desk.run(.askExtension(AskExtension(deadline: later, reason: "雨季")), by: "k7f2", on: target)
        try desk.run(.decideExtension(DecideExtension(approved: true)), by: "b1s2", on: target)
        #expect(standing(desk, target) == Supervision.Standing(light: .green))
        let code = try #require(desk.state.codeList("suspension-reason")?.entries.first?.code)
        try desk.run(.askSuspension(AskSuspension(code: code, reason: "待上级批复")), by: "k7f2", on: target)
        try desk.run(.decideSuspension(DecideSuspension(approved: true)), by: "b1s2", on: target)
        #expect(standing(desk, target) == Supervision.Standing(light: .blue))
        let quiet = desk.ticks(through: "2026-11-30")
        #expect(quiet == [])
        let end = CivilDate(year: 2026, month: 12, day: 31)
        try desk.run(.resumeRequest(ResumeRequest(deadline: end)), by: "b1s2", on: target)
        // Less than a fifth of the time since the assignment is left.
        #expect(standing(desk, target)?.light == .yellow)
        let told = desk.ticks(through: "2027-01-04")
        // The first of January counts as a Friday: that it is a holiday nobody has loaded yet.
        #expect(told == ["2027-01-01 red urge"])
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test("a list by lights")
    func lists() throws {
        var desk = try Desk.seeded()
        let late = try desk.assigned(assign(workingDays: 5))
        let early = try desk.assigned(Samples.assign(to: "county/421321"))
        _ = try desk.request(in: .submitted)
        _ = desk.ticks(through: "2026-04-01")
        let viewer = try #require(desk.viewer("b1a1"))
        func found(_ lights: [Light]) throws -> [[UInt8]] {
            var listing = try RequestListing(
                ListRequestsQuery(lights: lights), for: viewer, in: desk.state,
                today: CivilDay(nanoseconds: desk.now))
            let isDone = listing.step(desk.state, budget: 99)
            #expect(isDone)
            return listing.page(desk.state).requests.map(\.target)
        }
        #expect(try found([.red]) == [late.bytes] && found([.green]) == [early.bytes])
        #expect(try found([.red, .green]) == [early.bytes, late.bytes] && found([.blue, .yellow]) == [])
        #expect(try found([]).count == 3 && found([.unrecognized(9)]) == [])
    }

    @Test("whatever happens, by seed: the agenda forgets nothing and a replay agrees")
    func anyHistory() throws {
        for seed in 0..<UInt64(6) {
            var random = SplitMix64(seed: seed)
            var desk = try Desk.seeded()
            let targets = try (0..<12).map { _ in
                try desk.assigned(assign(workingDays: Int32(random.next() % 60) + 1))
            }
            for _ in 0..<150 {
                let target = targets[Int(random.next() % 12)]
                let kinds = Samples.requestCommands.keys.sorted { $0.rawValue < $1.rawValue }
                let kind = kinds[Int(random.next() % UInt64(kinds.count))]
                if kind != .withdrawRequest, kind != .assignRequest { try? desk.give(kind, on: target) }
                if kind == .assignRequest {
                    try? desk.run(.assignRequest(assign(workingDays: 9)), by: "b1s2", on: target)
                }
                let day = CivilDay(nanoseconds: desk.now).adding(days: Int(random.next() % 4))
                _ = desk.tick(day)
                // What the agenda does not know a sweep would find.
                var copy = desk
                let told7 = copy.sweep(day)
                #expect(told7 == [], "seed \(seed), \(day.text)")
            }
            #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()), "seed \(seed)")
        }
    }

    @Test("without tables nothing is lit and the state's hash is what it was")
    func withoutTables() throws {
        var desk = Desk()
        for seed in try seedCommands(ProjectFiles.seeds()) where CommandKind(seed.command)?.rawValue ?? 0 < 78
        {
            try desk.run(seed.command, .seed, seed.target, expecting: 0)
        }
        let target = try desk.request(in: .assigned)
        #expect(!desk.state.keepsTime && standing(desk, target) == Supervision.Standing())
        let told8 = desk.ticks(through: "2026-12-31")
        #expect(told8 == [])
        #expect(desk.request(target)?.timing.isTentative == true)
    }

    @Test("nobody may write what the clock writes")
    func notFromOutside() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .assigned)
        for officer in desk.state.officers.map(\.id) {
            #expect(
                desk.refusal(.markTime(MarkTime()), by: officer, on: target)
                    == Rejection(.notPermitted, ["command": "mark_time", "role": "none"]), "\(officer)")
        }
        let viewer = try #require(desk.viewer("b1s2"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        #expect(!desk.state.nextCommands(for: viewer, matter).contains("mark_time"))
    }
}
