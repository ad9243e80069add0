import Foundation
import Schema
import TestSupport
import Testing

@testable import Exchange

/// The calendar a second time, as slowly and simply as can be: a day at a time, from the files' own lines.
struct PaperCalendar {
    private var off: Set<String> = []
    private var work: Set<String> = []
    private(set) var years: Set<Int> = []

    init(_ files: [SeedFile]) {
        for file in files where file.path.hasPrefix("calendar/") {
            years.insert(Int(file.path.dropFirst(9).prefix(4)) ?? 0)
            for line in file.text.split(separator: "\n") {
                let parts = line.split(separator: ",").map(String.init)
                guard parts.count == 4, parts[0].hasPrefix("20") else { continue }
                var day = Self.day(parts[0])
                while day.text <= parts[1] {
                    if parts[2] == "off" { off.insert(day.text) } else { work.insert(day.text) }
                    day = day.adding(days: 1)
                }
            }
        }
    }

    static func day(_ text: String) -> CivilDay {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return CivilDay(year: parts[0], month: parts[1], day: parts[2]) ?? CivilDay(dayNumber: 0)
    }

    func isWorkday(_ day: CivilDay) -> Bool {
        if work.contains(day.text) { return true }
        return !off.contains(day.text) && day.weekday < 6
    }

    func workdays(after first: CivilDay, through last: CivilDay) -> Int {
        var (day, count) = (first, 0)
        while day < last {
            day = day.adding(days: 1)
            if isWorkday(day) { count += 1 }
        }
        return count
    }

    func day(_ count: Int, after first: CivilDay) -> CivilDay {
        var (day, left) = (first, count)
        while left > 0 {
            day = day.adding(days: 1)
            if isWorkday(day) { left -= 1 }
        }
        return day
    }
}

@Suite("DOMAIN.md 2, Supervision: working days by loadable tables")
struct WorkCalendarTests {
    private func loaded(_ files: [SeedFile]) throws -> WorkCalendar {
        var state = State()
        for seed in try seedCommands(files) where CommandKind(seed.command) == .loadCalendar {
            guard case .loadCalendar(let body) = seed.command.body,
                case .calendarLoaded(let event) = try state.load(body)
            else { continue }
            let at = EventContext(
                sequence: 1, time: 0, actor: .seed, target: seed.target, version: 1, kind: .loadCalendar)
            state.apply(event, at)
        }
        return state.calendar
    }

    @Test("every day of the years in seeds/ is what an independent table says")
    func againstTheOracle() throws {
        let calendar = try loaded(ProjectFiles.seeds())
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let told = try runProcess(requireChineseCalendar(), [folder + "/workdays.py", "2021", "2026"])
        #expect(told.status == 0, "\(told.errorText)")
        var checked: [Int] = []
        for line in told.outputText.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let year = Int(parts[0]) else { continue }
            let first = try #require(CivilDay(year: year, month: 1, day: 1))
            for (offset, bit) in parts[1].enumerated() {
                let day = first.adding(days: offset)
                #expect(calendar.isWorkday(day) == (bit == "1"), "\(day.text)")
            }
            checked.append(year)
        }
        #expect(checked == Array(2021...2026))
    }

    @Test("counts and terms are those of a calendar read day by day, in known years and across their end")
    func againstPaper() throws {
        let files = try ProjectFiles.seeds()
        let (calendar, paper) = (try loaded(files), PaperCalendar(files))
        let first = PaperCalendar.day("2020-12-20")
        for start in stride(from: 0, to: 2_300, by: 3) {
            let day = first.adding(days: start)
            #expect(calendar.isWorkday(day) == paper.isWorkday(day), "\(day.text)")
            for length in [0, 1, 2, 7, 30, 91, 400] {
                let last = day.adding(days: length)
                #expect(
                    calendar.workdays(after: day, through: last) == paper.workdays(after: day, through: last),
                    "\(day.text) \(length)")
            }
            for count in [0, 1, 2, 5, 20, 60] {
                #expect(
                    calendar.day(count, workdaysAfter: day) == paper.day(count, after: day),
                    "\(day.text) \(count)")
            }
        }
    }

    @Test("the day itself is not counted, holidays and made-up weekends are")
    func fromTheNextDay() throws {
        let calendar = try loaded(ProjectFiles.seeds())
        func after(_ text: String, _ count: Int) -> String {
            calendar.day(count, workdaysAfter: PaperCalendar.day(text)).text
        }
        #expect(after("2026-03-02", 1) == "2026-03-03")
        #expect(after("2026-03-06", 1) == "2026-03-09")  // Friday
        #expect(after("2026-09-30", 1) == "2026-10-08")  // 国庆节
        #expect(after("2026-10-09", 1) == "2026-10-10")  // a Saturday that is worked
        #expect(after("2026-02-13", 2) == "2026-02-24")  // 14th worked, then 春节
    }

    @Test("an unknown year is told, and counts by weekdays")
    func unknownYears() throws {
        let calendar = try loaded(ProjectFiles.seeds())
        let (known, beyond) = (PaperCalendar.day("2026-12-30"), PaperCalendar.day("2027-01-04"))
        #expect(calendar.covers(from: known, through: known))
        #expect(!calendar.covers(from: known, through: beyond))
        #expect(!calendar.covers(from: PaperCalendar.day("2020-12-31"), through: known))
        #expect(calendar.isWorkday(PaperCalendar.day("2027-10-01")))
        #expect(!WorkCalendar().covers(from: known, through: known))
    }

    @Test("a year loaded again takes the place of what was there")
    func replaced() throws {
        var calendar = try loaded(ProjectFiles.seeds())
        let day = PaperCalendar.day("2026-10-01")
        #expect(!calendar.isWorkday(day))
        let span = WorkCalendar.Span(
            first: PaperCalendar.day("2026-01-01"), last: PaperCalendar.day("2026-01-01"), works: false,
            name: "元旦")
        calendar.load(WorkCalendar.Year(year: 2026, version: "2", source: "x", spans: [span]))
        #expect(calendar.isWorkday(day) && !calendar.isWorkday(span.first))
        #expect(calendar.years.count == 6)
    }

    @Test("a table is judged field by field, at its limits and one beyond")
    func judged() throws {
        let state = State()
        func date(_ text: String) -> CivilDate { PaperCalendar.day(text).open }
        func span(_ first: String, _ last: String, works: Bool = false) -> CalendarSpan {
            CalendarSpan(first: date(first), last: date(last), works: works, name: "假")
        }
        func refusal(_ spans: [CalendarSpan], year: Int32 = 2027, source: String = "通知") -> Rejection? {
            do {
                _ = try state.load(LoadCalendar(year: year, version: "1", source: source, spans: spans))
                return nil
            } catch { return error }
        }
        let good = span("2027-01-01", "2027-01-03")
        #expect(refusal([good]) == nil)
        #expect(refusal([]) == .missing("spans"))
        #expect(refusal([good], year: 1899) == .invalid("year", "out-of-range"))
        #expect(refusal([good], source: "") == .missing("source"))
        #expect(refusal([good], year: 2028) == .invalid("spans.first", "mismatch"))
        #expect(refusal([span("2027-12-31", "2028-01-01")]) == .invalid("spans.last", "mismatch"))
        #expect(refusal([span("2027-01-03", "2027-01-01")]) == .invalid("spans.last", "mismatch"))
        #expect(refusal([good, span("2027-01-03", "2027-01-04")]) == .invalid("spans", "repeated"))
        #expect(refusal([span("2027-01-09", "2027-01-10", works: true)]) == nil)
        #expect(
            refusal([span("2027-01-08", "2027-01-09", works: true)]) == .invalid("spans.works", "mismatch"))
        #expect(refusal([CalendarSpan(last: date("2027-01-01"), name: "x")]) == .missing("spans.first"))
        let most = PaperCalendar.day("2027-01-01").adding(days: Limits.calendarDays - 1)
        #expect(refusal([span("2027-01-01", most.text)]) == nil)
        #expect(
            refusal([span("2027-01-01", most.adding(days: 1).text)])
                == .tooMuch("spans", "too-many", max: Limits.calendarDays))
    }

    @Test("errors in a file name line and column")
    func files() {
        func error(_ path: String, _ text: String) -> String? {
            do {
                _ = try seedCommands([SeedFile(path: path, text: text)])
                return nil
            } catch { return error.description }
        }
        let head = "version,1\nsource,通知\nfrom,to,kind,name\n"
        #expect(error("calendar/2027.csv", head + "2027-01-01,2027-01-03,off,元旦\n") == nil)
        #expect(
            error("calendar/2027.csv", head + "2027-02-29,2027-03-01,off,x\n")
                == "seeds/calendar/2027.csv, line 4, column \"from\": \"2027-02-29\" is no day such as 2026-10-01"
        )
        #expect(
            error("calendar/2027.csv", head + "2026-12-31,2027-01-01,off,x\n")?.contains("not of the year")
                == true)
        #expect(
            error("calendar/2027.csv", head + "2027-01-02,2027-01-01,off,x\n")?.contains("\"to\"") == true)
        #expect(
            error("calendar/2027.csv", head + "2027-01-01,2027-01-01,free,x\n")?.contains("\"kind\"") == true)
        #expect(
            error("calendar/2027.csv", head + "2027-01-01,2027-01-01,work,x\n")?.contains("Saturday") == true)
        #expect(error("calendar/2027.csv", "version,1\nfrom,to,kind,name\n")?.contains("source") == true)
        #expect(error("calendar/next.csv", head)?.contains("a year") == true)
        let rules = "version,1\nsetting,value\n"
        #expect(
            error("supervision.csv", rules + "urge_days,1\n")?.contains("missing: yellow_percent") == true)
        #expect(error("supervision.csv", rules + "urge_day,1\n")?.contains("\"setting\"") == true)
        #expect(error("supervision.csv", rules + "urge_days,1\nurge_days,1\n")?.contains("line 4") == true)
        #expect(error("supervision.csv", rules + "urge_days,x\n")?.contains("no whole number") == true)
    }
}
