import Schema

/// Loading the working-day calendar, one year a command, and the city's rules of supervision.
extension State {
    func load(_ command: LoadCalendar) throws(Rejection) -> EventBody {
        guard CivilDay.years.contains(Int(command.year)) else { throw .invalid("year", "out-of-range") }
        try checkToken(command.version, "version")
        try check(command.source, "source", max: Limits.basisCharacters, lines: false)
        // There is no year without statutory holidays; one without a table is not loaded at all.
        guard !command.spans.isEmpty else { throw .missing("spans") }
        guard command.spans.count <= Limits.calendarDays else {
            throw .tooMuch("spans", "too-many", max: Limits.calendarDays)
        }
        var taken: Set<CivilDay> = []
        for span in command.spans { try check(span, of: command.year, &taken) }
        return .calendarLoaded(
            EventV1.CalendarLoaded(
                year: command.year, version: command.version, source: command.source,
                spans: command.spans.map {
                    EventV1.CalendarSpan(first: $0.first, last: $0.last, works: $0.works, name: $0.name)
                }))
    }

    /// A span lies in its year, in order, on days no other span has; only weekends are made up for.
    private func check(
        _ span: CalendarSpan, of year: Int32, _ taken: inout Set<CivilDay>
    ) throws(Rejection) {
        guard let first = try checkDay(span.first, "spans.first") else { throw .missing("spans.first") }
        guard let last = try checkDay(span.last, "spans.last") else { throw .missing("spans.last") }
        guard first.year == year else { throw .invalid("spans.first", "mismatch") }
        guard last.year == year, first <= last else { throw .invalid("spans.last", "mismatch") }
        try check(span.name, "spans.name", max: Limits.displayNameCharacters, lines: false)
        var day = first
        while day <= last {
            guard !span.works || day.weekday > 5 else { throw .invalid("spans.works", "mismatch") }
            guard taken.insert(day).inserted else { throw .invalid("spans", "repeated") }
            guard taken.count <= Limits.calendarDays else {
                throw .tooMuch("spans", "too-many", max: Limits.calendarDays)
            }
            day = day.adding(days: 1)
        }
    }

    func load(_ command: LoadSupervision) throws(Rejection) -> EventBody {
        try checkToken(command.version, "version")
        try check(command.yellowPercent, "yellow_percent", 0...100)
        try check(command.yellowDays, "yellow_days", 0...Limits.supervisionDays)
        try check(command.urgeDays, "urge_days", 1...Limits.supervisionDays)
        try check(command.superviseDays, "supervise_days", Int(command.urgeDays)...Limits.supervisionDays)
        try check(command.listedDays, "listed_days", Int(command.superviseDays)...Limits.supervisionDays)
        try check(command.redoLimit, "redo_limit", 1...Limits.supervisionCount)
        try check(command.handBackLimit, "hand_back_limit", 1...Limits.supervisionCount)
        return .supervisionLoaded(
            EventV1.SupervisionLoaded(
                version: command.version, yellowPercent: command.yellowPercent,
                yellowDays: command.yellowDays, urgeDays: command.urgeDays,
                superviseDays: command.superviseDays, listedDays: command.listedDays,
                redoLimit: command.redoLimit, handBackLimit: command.handBackLimit))
    }

    private func check(_ number: Int32, _ field: String, _ range: ClosedRange<Int>) throws(Rejection) {
        guard range.contains(Int(number)) else { throw .invalid(field, "out-of-range") }
    }
}

// MARK: Applying

extension State {
    mutating func apply(_ event: EventV1.CalendarLoaded, _ context: EventContext) {
        let spans = event.spans.map { span in
            guard let first = CivilDay(span.first), let last = CivilDay(span.last) else {
                corruption("a calendar with a day that is none")
            }
            return WorkCalendar.Span(first: first, last: last, works: span.works, name: span.name)
        }
        calendar.load(
            WorkCalendar.Year(year: event.year, version: event.version, source: event.source, spans: spans))
        timeTables += 1
        version(context)
    }

    mutating func apply(_ event: EventV1.SupervisionLoaded, _ context: EventContext) {
        supervision = Supervision(
            version: event.version, yellowPercent: event.yellowPercent, yellowDays: event.yellowDays,
            urgeDays: event.urgeDays, superviseDays: event.superviseDays, listedDays: event.listedDays,
            redoLimit: event.redoLimit, handBackLimit: event.handBackLimit)
        timeTables += 1
        version(context)
    }
}
