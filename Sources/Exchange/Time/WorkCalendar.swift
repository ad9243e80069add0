/// Which days are working days: Monday to Friday, but for what the loaded years say otherwise (DOMAIN.md 2, "Supervision"). Pure.
///
/// A year without a table counts by weekdays alone, and whoever asks is told that it is so (`covers`): such a due date is 暂定.
package struct WorkCalendar: Sendable, Hashable {
    /// Days, both ends included, that are off, or worked although they are a weekend.
    package struct Span: Sendable, Hashable {
        package let first: CivilDay
        package let last: CivilDay
        package let works: Bool
        /// 春节
        package let name: String
    }

    /// One year's table, whole, as it was loaded.
    package struct Year: Sendable, Hashable {
        package let year: Int32
        package let version: String
        /// The notice it follows.
        package let source: String
        package let spans: [Span]
    }

    /// A day that is not what its weekday says. `surplus`: working days up to and with it, beyond what weekdays alone would give.
    private struct Exception: Sendable, Hashable {
        let day: CivilDay
        let works: Bool
        var surplus: Int
    }

    /// Ascending, one a year.
    package private(set) var years: [Year] = []
    /// Ascending by day.
    private var exceptions: [Exception] = []

    package init() {}

    /// Takes in a year; what was loaded for it before is gone.
    mutating func load(_ year: Year) {
        years.removeAll { $0.year == year.year }
        let place = years.firstIndex { $0.year > year.year } ?? years.count
        years.insert(year, at: place)
        exceptions = []
        for span in years.flatMap(\.spans) { add(span) }
        exceptions.sort { $0.day < $1.day }
        var surplus = 0
        for index in exceptions.indices {
            surplus += exceptions[index].works ? 1 : -1
            exceptions[index].surplus = surplus
        }
    }

    private mutating func add(_ span: Span) {
        var day = span.first
        while day <= span.last {
            if day.isWeekday != span.works {
                exceptions.append(Exception(day: day, works: span.works, surplus: 0))
            }
            day = day.adding(days: 1)
        }
    }

    package func isWorkday(_ day: CivilDay) -> Bool {
        let place = exceptionsUpTo(day)
        if place > 0, exceptions[place - 1].day == day { return exceptions[place - 1].works }
        return day.isWeekday
    }

    /// Whether every year from one day's to another's is loaded.
    package func covers(from first: CivilDay, through last: CivilDay) -> Bool {
        let asked =
            Int32(
                truncatingIfNeeded: first.year)...max(
                Int32(truncatingIfNeeded: first.year), Int32(truncatingIfNeeded: last.year))
        return years.count { asked.contains($0.year) } == asked.count
    }

    /// Working days after `first` up to and with `last`; 0 when there is none between.
    package func workdays(after first: CivilDay, through last: CivilDay) -> Int {
        first < last ? ordinal(last) - ordinal(first) : 0
    }

    /// The `count`th working day after `day` (次日起): the day itself is not counted. `count` 0: the day itself.
    package func day(_ count: Int, workdaysAfter day: CivilDay) -> CivilDay {
        guard count > 0 else { return day }
        // Of a year at most `Limits.calendarDays` are off beside the weekends: in three days there is always more than one to work.
        return firstDay(from: day, to: day.adding(days: 3 * count + 4 * Limits.calendarDays)) {
            workdays(after: day, through: $0) >= count
        }
    }

    /// The first day from `first` on with no more than `count` working days after it up to and with `last`; `first` ≤ `last`.
    package func day(from first: CivilDay, withAtMost count: Int, workdaysUntil last: CivilDay) -> CivilDay {
        firstDay(from: first, to: last) { workdays(after: $0, through: last) <= count }
    }

    /// The first day that fulfils what holds for every day after it, too; `to` when none before does.
    private func firstDay(from: CivilDay, to: CivilDay, where holds: (CivilDay) -> Bool) -> CivilDay {
        var low = Int(from.dayNumber)
        var high = max(low, Int(to.dayNumber))
        while low < high {
            let middle = low + (high - low) / 2
            if holds(CivilDay(dayNumber: Int32(truncatingIfNeeded: middle))) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return CivilDay(dayNumber: Int32(truncatingIfNeeded: low))
    }

    /// Working days from a fixed day on, up to and with `day`: only differences mean something.
    private func ordinal(_ day: CivilDay) -> Int {
        let place = exceptionsUpTo(day)
        return day.weekdayOrdinal + (place > 0 ? exceptions[place - 1].surplus : 0)
    }

    /// How many exceptions are not after `day`.
    private func exceptionsUpTo(_ day: CivilDay) -> Int {
        var (low, high) = (0, exceptions.count)
        while low < high {
            let middle = (low + high) / 2
            if exceptions[middle].day <= day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension CivilDay {
    /// Monday to Friday.
    fileprivate var isWeekday: Bool { weekday <= 5 }

    /// Mondays to Fridays from a fixed Monday on, up to and with this day.
    fileprivate var weekdayOrdinal: Int {
        // 1970 began on a Thursday, so Mondays have numbers such as -3: the division leaves no rest.
        (Int(dayNumber) + 4 - weekday) / 7 * 5 + min(weekday, 5)
    }
}
