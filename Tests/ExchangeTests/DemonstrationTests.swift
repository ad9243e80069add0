import Schema
import Testing

@testable import Exchange

@Suite("CASEWORK.md 5: a demonstration clock's rules")
struct DemonstrationTests {
    private static let day: Int64 = 86_400_000_000_000

    /// A store made for demonstrations, with the seeds of the project.
    private func demonstration() throws -> Desk {
        var desk = Desk()
        let begin = SeedCommand.demonstration(from: desk.now)
        try desk.run(begin.command, .seed, begin.target, expecting: 0)
        for seed in try seedCommands(ProjectFiles.seeds()) {
            try desk.run(seed.command, .seed, seed.target, expecting: 0)
        }
        return desk
    }

    private func advance(_ to: Int64) -> Command.OneOf_Body { .advanceClock(AdvanceClock(to: to)) }

    @Test("it goes on when the system administrator says so, and a replay knows it")
    func goesOn() throws {
        var desk = try demonstration()
        let to = desk.now + 30 * Self.day
        try desk.run(advance(to), by: "b1y3", on: RosterTarget.clock)
        #expect(desk.state.demonstration == Demonstration(from: Desk.morning, to: to))
        #expect(desk.rebuilt().demonstration == desk.state.demonstration)
        #expect(
            desk.state.demonstrationView(now: 7) == DemonstrationClock(time: 7, version: 2))
        #expect(TestHasher.digest(desk.rebuilt()) == TestHasher.digest(desk.state))
    }

    @Test("forward only, and no further at once than the limit: at it, and one beyond")
    func bounds() throws {
        let desk = try demonstration()
        for to in [desk.now, desk.now - 1, 0, .min] {
            let refusal = desk.refusal(advance(to), by: "b1y3", on: RosterTarget.clock)
            #expect(refusal == Rejection(.clockBack, ["now": String(desk.now)]))
        }
        let latest = desk.now + Limits.clockAdvanceDays * Self.day
        #expect(desk.refusal(advance(latest), by: "b1y3", on: RosterTarget.clock) == nil)
        #expect(desk.refusal(advance(desk.now + 1), by: "b1y3", on: RosterTarget.clock) == nil)
        for to in [latest + 1, .max] {
            let refusal = desk.refusal(advance(to), by: "b1y3", on: RosterTarget.clock)
            #expect(refusal == Rejection(.clockTooFar, ["latest": String(latest)]))
        }
        #expect(Limits.clockAdvanceDays < Limits.commandPastDays)
    }

    @Test("it never leaves its years")
    func years() throws {
        var desk = try demonstration()
        desk.now = (CivilDay(year: 2099, month: 12, day: 1)?.startNanoseconds ?? 0)
        let last = (CivilDay(year: 2100, month: 1, day: 1)?.startNanoseconds ?? 0) - 1
        #expect(desk.refusal(advance(last), by: "b1y3", on: RosterTarget.clock) == nil)
        #expect(
            desk.refusal(advance(last + 1), by: "b1y3", on: RosterTarget.clock)?.refusal == .clockTooFar)
        for (year, taken) in [(1999, false), (2000, true), (2099, true), (2100, false)] {
            let fresh = Desk()
            let from = CivilDay(year: year, month: 1, day: 1)?.startNanoseconds ?? 0
            let begin = SeedCommand.demonstration(from: from)
            let judged = Result { () throws(Rejection) in
                try fresh.judge(begin.command, .seed, begin.target, expecting: 0)
            }
            let isTaken = (try? judged.get()) != nil
            #expect(isTaken == taken, "\(year)")
        }
    }

    @Test("a store that keeps the real time refuses it, whoever asks")
    func elsewhere() throws {
        let desk = try Desk.seeded()
        let refusal = desk.refusal(advance(desk.now + Self.day), by: "b1y3", on: RosterTarget.clock)
        #expect(refusal == Rejection(.noDemonstration, ["command": "advance_clock"]))
        #expect(desk.state.demonstrationView(now: 7) == nil)
    }

    @Test("nobody but the system administrator", arguments: ["b1a1", "b1s2", "b1q4", "b1u5", "k7f2", "u7l1"])
    func others(_ officer: String) throws {
        let desk = try demonstration()
        let refusal = desk.refusal(advance(desk.now + Self.day), by: officer, on: RosterTarget.clock)
        #expect(refusal?.refusal == .notPermitted)
        #expect(desk.refusal(advance(.min), by: officer, on: RosterTarget.clock)?.refusal == .notPermitted)
    }

    @Test("a stale version is a conflict: two administrators do not move it twice")
    func conflict() throws {
        var desk = try demonstration()
        try desk.run(advance(desk.now + Self.day), by: "b1y3", on: RosterTarget.clock)
        let again = desk.refusal(
            advance(desk.now + 2 * Self.day), by: "b1y3", on: RosterTarget.clock, expecting: 1)
        #expect(again?.refusal == .versionConflict)
    }

    @Test("a store becomes one by its first command, and never later or from outside")
    func beginning() throws {
        let begin = SeedCommand.demonstration(from: Desk.morning)
        for desk in [try Desk.seeded(), try demonstration()] {
            let version = desk.state.version(of: begin.target)
            #expect(throws: Rejection(.notPermitted, ["command": "begin_demonstration", "role": "none"])) {
                try desk.judge(begin.command, .seed, begin.target, expecting: version)
            }
            for officer in ["b1y3", "b1q4", "b1s2", "k7f2"] {
                #expect(
                    desk.refusal(
                        .beginDemonstration(BeginDemonstration(from: 1)), by: officer, on: begin.target)?
                        .refusal == .notPermitted)
            }
        }
    }

    @Test("moments as they are typed")
    func typed() {
        let nine: Int64 = 1_635_728_400_000_000_000  // 2021-11-01 01:00 UTC
        for text in [
            "2021-11-01", "2021-11-01T09:00", "2021-11-01 09:00", "2021-11-01T09:00:00",
            "2021-11-01T09:00+08:00",
            "2021-11-01T09:00:00+08:00",
        ] {
            #expect(TypedMoment.nanoseconds(text) == nine, "\(text)")
        }
        #expect(TypedMoment.nanoseconds("2021-11-01T09:00:07") == nine + 7_000_000_000)
        for text in [
            "", "2021", "2021-11-1", "2021-13-01", "2021-02-29", "2021-11-01T24:00", "2021-11-01T09:60",
            "2021-11-01T09:00:60", "2021-11-01T09", "2021-11-01x09:00", "2021/11/01", "2021-11-01T09:00Z",
            "2021-11-01T09:00+09:00", "1899-01-01", "2101-01-01", "２０２１-11-01", "2021-11-01T09:00:00.5",
        ] {
            #expect(TypedMoment.nanoseconds(text) == nil, "\(text)")
        }
        #expect(TypedMoment.text(nine) == "2021-11-01 09:00")
        #expect(TypedMoment.text(nine - 9 * 3_600_000_000_000) == "2021-11-01 00:00")
        #expect(TypedMoment.text(nine - 9 * 3_600_000_000_000 - 1) == "2021-10-31 23:59")
        for extreme in [Int64.min, 0, .max] { #expect(!TypedMoment.text(extreme).isEmpty) }
    }
}
