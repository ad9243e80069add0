import Schema
import TestSupport
import Testing

@testable import Exchange

/// How an item stands a second time, as the rules are told to a clerk: with the calendar in hand, a day at a time.
private struct PaperRules {
    let paper: PaperCalendar
    let rules: Supervision

    func standing(_ item: Supervision.Item, on day: CivilDay) -> Supervision.Standing {
        var step: Supervision.Step?
        for (count, limit) in [(item.redos, rules.redoLimit), (item.handBacks, rules.handBackLimit)] {
            if count >= 2 * limit {
                step = .listed
            } else if count >= limit {
                step = max(step ?? .remind, .supervise)
            }
        }
        var today = day
        switch item.clock {
        case .over: return Supervision.Standing()
        case .suspended: return Supervision.Standing(light: .blue)
        case .idle: return Supervision.Standing(step: step)
        case .stopped(let then): today = then
        case .running: break
        }
        if today > item.due {
            let late = paper.workdays(after: item.due, through: today)
            let rung: Supervision.Step =
                late >= rules.listedDays
                ? .listed
                : late >= rules.superviseDays ? .supervise : late >= rules.urgeDays ? .urge : .remind
            return Supervision.Standing(light: .red, step: max(rung, step ?? .remind))
        }
        let whole = paper.workdays(after: min(item.start, item.due), through: item.due)
        let left = paper.workdays(after: today, through: item.due)
        let isYellow = left <= rules.yellowDays || left * 100 <= whole * Int(rules.yellowPercent)
        return isYellow
            ? Supervision.Standing(light: .yellow, step: max(.remind, step ?? .remind))
            : Supervision.Standing(light: .green, step: step)
    }
}

@Suite("DOMAIN.md 2, Supervision: lights and the ladder")
struct SupervisionTests {
    static let rules = Supervision(
        version: "1", yellowPercent: 20, yellowDays: 3, urgeDays: 1, superviseDays: 5, listedDays: 15,
        redoLimit: 3, handBackLimit: 3)

    @Test("every day of many terms stands as the second implementation says, and changes when it says")
    func exhaustive() throws {
        let desk = try Desk.seeded()
        let (calendar, paper) = (desk.state.calendar, PaperCalendar(try ProjectFiles.seeds()))
        let others = Supervision(
            version: "2", yellowPercent: 50, yellowDays: 0, urgeDays: 2, superviseDays: 2, listedDays: 9,
            redoLimit: 1, handBackLimit: 2)
        var looked = 0
        for rules in [Self.rules, others] {
            let second = PaperRules(paper: paper, rules: rules)
            for start in ["2026-01-28", "2026-04-30", "2026-09-24", "2026-12-20"] {
                for length in [0, 1, 3, 9, 40, 75] {
                    for (redos, handBacks) in [(0, 0), (2, 1), (3, 0), (0, 5), (6, 0), (1, 7)]
                        as [(Int32, Int32)]
                    {
                        let begin = PaperCalendar.day(start)
                        let item = Supervision.Item(
                            clock: .running, start: begin, due: begin.adding(days: length), redos: redos,
                            handBacks: handBacks)
                        looked += try walk(item, rules, second, calendar)
                    }
                }
            }
        }
        #expect(looked > 17_000)
    }

    /// From the assignment until well after the item is listed.
    private func walk(
        _ item: Supervision.Item, _ rules: Supervision, _ second: PaperRules, _ calendar: WorkCalendar
    ) throws -> Int {
        var (day, looked) = (item.start, 0)
        var next = rules.nextChange(of: item, after: day, calendar)
        var last = rules.standing(of: item, on: day, calendar)
        while day < item.due.adding(days: 40) {
            let standing = rules.standing(of: item, on: day, calendar)
            try #require(standing == second.standing(item, on: day), "\(item) on \(day.text)")
            if standing != last {
                try #require(
                    next == day, "\(item) changes on \(day.text), announced \(next?.text ?? "never")")
                next = rules.nextChange(of: item, after: day, calendar)
                last = standing
            }
            day = day.adding(days: 1)
            looked += 1
        }
        try #require(next == nil || next.map { $0 >= day } == true)
        return looked
    }

    @Test("a clock that does not run: nothing, blue, or as it stood when the work was handed in")
    func clocks() throws {
        let calendar = try Desk.seeded().state.calendar
        let (start, due) = (PaperCalendar.day("2026-03-02"), PaperCalendar.day("2026-03-31"))
        func standing(_ clock: Supervision.Clock, _ day: String, redos: Int32 = 0) -> Supervision.Standing {
            let item = Supervision.Item(clock: clock, start: start, due: due, redos: redos)
            let now = PaperCalendar.day(day)
            if clock != .running { #expect(Self.rules.nextChange(of: item, after: now, calendar) == nil) }
            return Self.rules.standing(of: item, on: now, calendar)
        }
        #expect(standing(.running, "2026-03-03") == Supervision.Standing(light: .green))
        #expect(standing(.over, "2026-08-03", redos: 9) == Supervision.Standing())
        #expect(standing(.suspended, "2026-08-03", redos: 3) == Supervision.Standing(light: .blue))
        #expect(standing(.idle, "2026-08-03") == Supervision.Standing())
        #expect(standing(.idle, "2026-08-03", redos: 3) == Supervision.Standing(step: .supervise))
        #expect(standing(.stopped(due), "2026-08-03") == Supervision.Standing(light: .yellow, step: .remind))
        #expect(
            standing(.stopped(due.adding(days: 1)), "2026-08-03")
                == Supervision.Standing(light: .red, step: .urge))
    }

    @Test("thresholds are judged, at their limits and one beyond")
    func thresholds() {
        let state = State()
        let good = LoadSupervision(
            version: "1", yellowPercent: 20, yellowDays: 3, urgeDays: 1, superviseDays: 5, listedDays: 15,
            redoLimit: 3, handBackLimit: 3)
        func field(_ change: (inout LoadSupervision) -> Void) -> String? {
            var changed = good
            change(&changed)
            do {
                _ = try state.load(changed)
                return nil
            } catch { return error["field"] }
        }
        let most = Int32(Limits.supervisionDays)
        #expect(field { _ in } == nil)
        #expect(field { $0.version = "" } == "version")
        #expect(
            field { $0.yellowPercent = 100 } == nil && field { $0.yellowPercent = 101 } == "yellow_percent")
        #expect(field { $0.yellowDays = most } == nil && field { $0.yellowDays = most + 1 } == "yellow_days")
        #expect(field { $0.urgeDays = 0 } == "urge_days" && field { $0.urgeDays = 6 } == "supervise_days")
        #expect(field { $0.superviseDays = 16 } == "listed_days")
        #expect(field { $0.listedDays = most } == nil && field { $0.listedDays = most + 1 } == "listed_days")
        let times = Int32(Limits.supervisionCount)
        #expect(field { $0.redoLimit = 0 } == "redo_limit" && field { $0.redoLimit = times } == nil)
        #expect(field { $0.redoLimit = times + 1 } == "redo_limit")
        #expect(field { $0.handBackLimit = times + 1 } == "hand_back_limit")
    }
}
