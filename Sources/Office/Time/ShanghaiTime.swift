import Exchange
package import Schema

/// Instants and days as people of the office write them: Asia/Shanghai, UTC+8, no daylight saving since 1991 (DOMAIN.md 5).
package enum ShanghaiTime {
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000
    private static let secondsPerDay: Int64 = 86_400
    private static let offsetSeconds: Int64 = 8 * 3600

    /// `2026-03-10 09:05` for screens. Zero (never happened) is empty.
    package static func screen(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        let time = secondOfDay(nanoseconds)
        return "\(CivilDay(nanoseconds: nanoseconds).text) \(two(time / 3600)):\(two(time / 60 % 60))"
    }

    /// `2026-03-10T09:05:07.123+08:00` for JSON: milliseconds, always three digits. Zero is empty.
    package static func iso(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        let time = secondOfDay(nanoseconds)
        let clock = "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
        let milli = String(modulo(nanoseconds, nanosecondsPerSecond) / 1_000_000 + 1000).dropFirst()
        return "\(CivilDay(nanoseconds: nanoseconds).text)T\(clock).\(milli)+08:00"
    }

    /// The year it is at an instant.
    package static func year(_ nanoseconds: Int64) -> Int32 {
        Int32(truncatingIfNeeded: CivilDay(nanoseconds: nanoseconds).year)
    }

    /// Floor arithmetic throughout: instants before 1970 are shown right, and no input can trap.
    private static func secondOfDay(_ nanoseconds: Int64) -> Int64 {
        let rest = modulo(nanoseconds, nanosecondsPerSecond)
        return modulo(
            (nanoseconds / nanosecondsPerSecond) - (nanoseconds < 0 && rest != 0 ? 1 : 0) + offsetSeconds,
            secondsPerDay)
    }

    private static func modulo(_ value: Int64, _ by: Int64) -> Int64 {
        let rest = value % by
        return rest < 0 ? rest + by : rest
    }

    private static func two(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension CivilDate {
    /// A day as typed: `2026-03-10`, `2026.3.10`, `2026/3/10`, `2026年3月10日`, `20260310`, full-width forms too.
    /// nil when it is no day of the calendar, or its year is a slip of the keyboard (`CivilDay.years`).
    package init?(typed text: String) {
        var numbers: [Int] = []
        var digits = ""
        for scalar in (foldedFullWidth(text) + "-").unicodeScalars {
            if ("0"..."9").contains(scalar) {
                digits.unicodeScalars.append(scalar)
                continue
            }
            guard "-./年月日 ".unicodeScalars.contains(scalar), digits.utf8.count <= 8 else { return nil }
            if let number = Int(digits) { numbers.append(number) }
            digits = ""
        }
        if numbers.count == 1, numbers[0] > 9_999_999 {
            numbers = [numbers[0] / 10000, numbers[0] / 100 % 100, numbers[0] % 100]
        }
        guard numbers.count == 3, CivilDay(year: numbers[0], month: numbers[1], day: numbers[2]) != nil else {
            return nil
        }
        self.init(year: Int32(numbers[0]), month: Int32(numbers[1]), day: Int32(numbers[2]))
    }

    /// Nanoseconds UTC at which the day begins in +08:00, and at which the next one does.
    package var startOfDay: Int64 { (Int64(dayNumber) * 86_400 - 8 * 3_600) * 1_000_000_000 }
    package var startOfNextDay: Int64 { startOfDay + 86_400 * 1_000_000_000 }

    /// Days since 1970-01-01; 0 for what is no day, which `init(typed:)` never gives.
    private var dayNumber: Int32 {
        CivilDay(year: Int(year), month: Int(month), day: Int(day))?.dayNumber ?? 0
    }

    /// `2026-03-10`; whatever the server sent is shown, a day that is none included.
    package var text: String {
        CivilDay(year: Int(year), month: Int(month), day: Int(day))?.text ?? "\(year)-\(month)-\(day)"
    }
}

extension CivilDate? {
    /// The day's text, empty when none is given.
    package var text: String {
        self?.text ?? ""
    }
}
