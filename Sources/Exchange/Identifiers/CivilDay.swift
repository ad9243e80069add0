/// A day of the civil calendar of Asia/Shanghai: UTC+8 the year round, since the last summer time there ended
/// in 1991 and nothing in this system is older. Kept as the number of days since 1970-01-01, four bytes.
package struct CivilDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    package let dayNumber: Int32

    /// The years a date may be written in. Older or later ones are slips of the pen here, not dates.
    package static let years = 1900...2100
    static let offsetSeconds: Int64 = 8 * 3600  // UTC+8
    private static let secondsPerDay: Int64 = 86_400
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000

    package init(dayNumber: Int32) { self.dayNumber = dayNumber }

    /// Nil when there is no such day, or the year lies outside `years`.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years.contains(year), (1...12).contains(month), day >= 1 else { return nil }
        guard day <= Self.length(ofMonth: month, year: year) else { return nil }
        dayNumber = Int32(Self.dayNumber(year, month, day))
    }

    /// The day it is in UTC+8 at `nanoseconds` UTC since 1970. Total: every Int64 lies in the years
    /// 1677–2262.
    package init(nanoseconds: Int64) {
        let seconds = floorDivide(nanoseconds, Self.nanosecondsPerSecond) + Self.offsetSeconds
        dayNumber = Int32(truncatingIfNeeded: floorDivide(seconds, Self.secondsPerDay))
    }

    /// Nanoseconds UTC at which the day begins in UTC+8; nil beyond what Int64 holds.
    package var startNanoseconds: Int64? {
        let seconds = Int64(dayNumber) * Self.secondsPerDay - Self.offsetSeconds
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Self.nanosecondsPerSecond)
        return overflow ? nil : product
    }

    package var year: Int { civil.year }
    package var month: Int { civil.month }
    package var day: Int { civil.day }
    /// 1 Monday … 7 Sunday.
    package var weekday: Int { Int(floorModulo(Int64(dayNumber) + 3, 7)) + 1 }

    /// The day `days` later (earlier when negative).
    package func adding(days: Int) -> CivilDay {
        CivilDay(dayNumber: dayNumber &+ Int32(truncatingIfNeeded: days))
    }

    /// The same day of the month `months` later; where that month is shorter, its last day: six months after 31 August are the end of February.
    /// Nil beyond `years`.
    package func adding(months: Int) -> CivilDay? {
        let (year, month, day) = civil
        let (sum, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        guard !overflow, Self.years.contains(sum / 12) else { return nil }
        let last = Self.length(ofMonth: sum % 12 + 1, year: sum / 12)
        return CivilDay(year: sum / 12, month: sum % 12 + 1, day: min(day, last))
    }

    /// `2026-08-01`.
    package var text: String {
        let (year, month, day) = civil
        return
            "\(paddedDecimal(year, width: 4))-\(paddedDecimal(month, width: 2))-\(paddedDecimal(day, width: 2))"
    }

    package static func < (a: CivilDay, b: CivilDay) -> Bool { a.dayNumber < b.dayNumber }

    // The proleptic Gregorian calendar by eras of 400 years that begin on 1 March, so that the leap day comes
    // last.

    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = Int(dayNumber) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// `number` in decimal with leading zeros up to `width`; longer numbers are not cut.
func paddedDecimal(_ number: Int, width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}

private func floorModulo(_ a: Int64, _ b: Int64) -> Int64 { a - floorDivide(a, b) * b }
