package import Schema

/// The working-day calendar and the rules of supervision, as every officer may see them.
extension State {
    package func calendarPage() -> CalendarPage {
        CalendarPage(
            years: calendar.years.map { year in
                CalendarYear(
                    year: year.year, version: year.version, source: year.source,
                    spans: year.spans.map {
                        CalendarSpan(first: $0.first.open, last: $0.last.open, works: $0.works, name: $0.name)
                    })
            }, supervision: supervision.map(\.open))
    }

    /// What the clock wrote, in a history.
    func tell(_ row: ChangeRow, in entry: inout HistoryEntry) {
        guard row.kind == .markTime, let mark = changes.mark(row.sequence) else { return }
        entry.light = mark.standing.light?.open ?? .unspecified
        entry.step = mark.standing.step?.open ?? .unspecified
        entry.tentative = mark.isTentative
        entry.deadline = mark.deadline?.open
    }
}

extension Supervision {
    fileprivate var open: LoadSupervision {
        LoadSupervision(
            version: version, yellowPercent: yellowPercent, yellowDays: yellowDays, urgeDays: urgeDays,
            superviseDays: superviseDays, listedDays: listedDays, redoLimit: redoLimit,
            handBackLimit: handBackLimit)
    }
}
