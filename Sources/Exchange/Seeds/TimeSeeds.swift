package import Schema

/// The files of time, as init reads them from seeds/ and `twolists calendar load`, `twolists supervision load` from anywhere:
///
///     calendar/YEAR.csv  version line; a line source,NOTICE; from, to, kind (off work), name
///     supervision.csv    version line; setting, value; each setting once
package enum TimeTables {
    /// - Parameter path: names the file in errors.
    package static func calendar(year: String, path: String, text: String) throws(SeedError) -> LoadCalendar {
        guard let number = Int32(year), CivilDay.years.contains(Int(number)) else {
            throw SeedError(path, 1, nil, "the file's name is a year, such as 2026.csv")
        }
        let table = try SeedTable(
            path: path, text: text, columns: ["from", "to", "kind", "name"], hasVersion: true, hasSource: true
        )
        var spans: [CalendarSpan] = []
        for row in table.rows { spans.append(try span(row, of: number)) }
        return LoadCalendar(year: number, version: table.version, source: table.source, spans: spans)
    }

    private static func span(_ row: SeedRow, of year: Int32) throws(SeedError) -> CalendarSpan {
        let (first, last) = (try day(row, "from", of: year), try day(row, "to", of: year))
        guard first <= last else { throw row.error("to", "before \"from\"") }
        let kind = row["kind"]
        guard kind == "off" || kind == "work" else {
            throw row.error("kind", "\"\(kind)\" is none of off, work")
        }
        guard kind == "off" || first.weekday > 5 && last.weekday > 5 && last.dayNumber - first.dayNumber < 2
        else { throw row.error("kind", "only a Saturday or Sunday is worked in a holiday's stead") }
        return CalendarSpan(
            first: first.open, last: last.open, works: kind == "work", name: try row.required("name"))
    }

    private static func day(_ row: SeedRow, _ column: String, of year: Int32) throws(SeedError) -> CivilDay {
        let text = try row.required(column)
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let y = parts[0], let m = parts[1], let d = parts[2],
            let day = CivilDay(year: y, month: m, day: d), day.text.utf8.elementsEqual(text.utf8)
        else { throw row.error(column, "\"\(text)\" is no day such as 2026-10-01") }
        guard day.year == year else { throw row.error(column, "\"\(text)\" is not of the year \(year)") }
        return day
    }

    package static func supervision(path: String, text: String) throws(SeedError) -> LoadSupervision {
        let table = try SeedTable(path: path, text: text, columns: ["setting", "value"], hasVersion: true)
        var rules = LoadSupervision(version: table.version)
        var left = settings
        for row in table.rows {
            let name = try row.required("setting")
            guard let place = left.firstIndex(of: name) else {
                let known = settings.joined(separator: ", ")
                throw row.error("setting", "\"\(name)\" stands twice or is none of \(known)")
            }
            left.remove(at: place)
            set(name, try row.number("value"), in: &rules)
        }
        guard left.isEmpty else {
            throw SeedError(path, 1, "setting", "missing: " + left.joined(separator: ", "))
        }
        return rules
    }

    private static let settings = [
        "yellow_percent", "yellow_days", "urge_days", "supervise_days", "listed_days", "redo_limit",
        "hand_back_limit",
    ]

    private static func set(_ name: String, _ value: Int32, in rules: inout LoadSupervision) {
        switch name {
        case "yellow_percent": rules.yellowPercent = value
        case "yellow_days": rules.yellowDays = value
        case "urge_days": rules.urgeDays = value
        case "supervise_days": rules.superviseDays = value
        case "listed_days": rules.listedDays = value
        case "redo_limit": rules.redoLimit = value
        default: rules.handBackLimit = value
        }
    }
}
