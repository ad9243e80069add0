import Foundation

/// What depends on the day of the run. The real server judges by the real clock: a request is filed for a year around this one and a
/// deadline lies ahead, so no test of the real programs may name a day.
enum Today {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3600) ?? .current  // DOMAIN.md 5: Asia/Shanghai
        return calendar
    }()

    /// The year it is in Asia/Shanghai.
    static var year: Int32 { Int32(calendar.component(.year, from: Date())) }

    /// The day so many days from now, as it is typed.
    static func day(_ days: Int) -> String {
        let date = calendar.date(byAdding: .day, value: days, to: Date()) ?? Date()
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return "\(parts.year ?? 0)-\(parts.month ?? 0)-\(parts.day ?? 0)"
    }

    /// `2026-12-02`, so many days from now.
    static func plus(days: Int) -> String {
        let day = calendar.dateComponents(
            [.year, .month, .day], from: Date(timeIntervalSinceNow: Double(days) * 86_400))
        return String(format: "%04d-%02d-%02d", day.year ?? 0, day.month ?? 0, day.day ?? 0)
    }

    /// Official numbers such as `随双2026-军提-0001`, of whatever year it was when they were given.
    static func numbers(_ series: String, in text: String) -> Set<String> {
        let pattern = "随双[0-9]{4}-\(series)-[0-9]{4}"
        var found: Set<String> = []
        var rest = text[...]
        while let range = rest.range(of: pattern, options: .regularExpression) {
            found.insert(String(rest[range]))
            rest = rest[range.upperBound...]
        }
        return found
    }
}
