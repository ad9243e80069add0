/// Calendar, thresholds, each request's term and what the clock wrote, in a snapshot (Protocol/SNAPSHOT.md 5). The agenda is no part of it: the
/// sweep after a start builds it.
extension State {
    func writeTime(_ writer: inout StateWriter) {
        writer.out.put(calendar.years.count)
        for year in calendar.years {
            writer.out.put(signed: Int64(year.year))
            writer.out.put(year.version)
            writer.out.put(year.source)
            writer.out.put(year.spans.count)
            for span in year.spans {
                writer.put(span.first)
                writer.put(span.last)
                writer.out.put(span.works)
                writer.out.put(span.name)
            }
        }
        writer.out.put(supervision != nil)
        if let supervision {
            writer.out.put(supervision.version)
            for number in supervision.numbers { writer.out.put(signed: Int64(number)) }
        }
    }

    mutating func readTime(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of calendars")) {
            let year = try reader.input.signed(Int32.self, "a year")
            let (version, source) = (try reader.input.text(), try reader.input.text())
            var spans: [WorkCalendar.Span] = []
            for _ in 0..<(try reader.input.number(UInt16.self, "the number of spans")) {
                spans.append(try readSpan(&reader))
            }
            guard spans.reduce(0, { $0 + $1.length }) <= Limits.calendarDays else {
                throw SnapshotFault.wrong("a calendar of too many days")
            }
            calendar.load(WorkCalendar.Year(year: year, version: version, source: source, spans: spans))
        }
        guard try reader.input.flag() else { return }
        let version = try reader.input.text()
        let numbers = try (0..<Supervision.numberCount).map { _ in
            try reader.input.signed(Int32.self, "a threshold")
        }
        supervision = Supervision(version: version, numbers: numbers)
    }

    private func readSpan(_ reader: inout StateReader) throws -> WorkCalendar.Span {
        guard let first = try reader.dayIfAny(), let last = try reader.dayIfAny() else {
            throw SnapshotFault.wrong("a span without its days")
        }
        return WorkCalendar.Span(
            first: first, last: last, works: try reader.input.flag(), name: try reader.input.text())
    }

    func write(_ timing: RequestTiming, _ writer: inout StateWriter) {
        writer.put(timing.standing)
        writer.out.put(timing.isTentative)
        writer.out.put(signed: Int64(timing.start.dayNumber))
        writer.out.put(signed: Int64(timing.workingDays))
        writer.put(timing.computed)
        writer.put(timing.handedIn)
    }

    func readTiming(_ reader: inout StateReader) throws -> RequestTiming {
        var timing = RequestTiming()
        timing.standing = try reader.standing()
        timing.isTentative = try reader.input.flag()
        timing.start = CivilDay(dayNumber: try reader.input.signed(Int32.self, "a day"))
        timing.workingDays = try reader.input.signed(Int32.self, "a number of days")
        guard (0...Limits.workingDays).contains(Int(timing.workingDays)) else {
            throw SnapshotFault.wrong("a number of days")
        }
        timing.computed = try reader.dayIfAny()
        timing.handedIn = try reader.dayIfAny()
        return timing
    }

    /// Behind the row of the clock's that it belongs to.
    func writeMark(_ sequence: UInt64, _ writer: inout StateWriter) throws {
        guard let mark = changes.mark(sequence) else {
            throw SnapshotFault.wrong("a change of the clock's without what it changed")
        }
        writer.put(mark.standing)
        writer.out.put(mark.isTentative)
        writer.put(mark.deadline)
    }

    mutating func readMark(_ sequence: UInt64, _ reader: inout StateReader) throws {
        changes.note(
            TimeMark(
                sequence: sequence, standing: try reader.standing(), isTentative: try reader.input.flag(),
                deadline: try reader.dayIfAny()))
    }
}

extension StateWriter {
    fileprivate mutating func put(_ standing: Supervision.Standing) {
        out.put(byte: standing.light?.rawValue ?? 0)
        out.put(byte: standing.step?.rawValue ?? 0)
    }
}

extension StateReader {
    fileprivate mutating func standing() throws -> Supervision.Standing {
        let light = try codeIfAny(Supervision.Light.self, "a light")
        return Supervision.Standing(light: light, step: try codeIfAny(Supervision.Step.self, "a step"))
    }
}

extension WorkCalendar.Span {
    fileprivate var length: Int { max(0, Int(last.dayNumber) - Int(first.dayNumber) + 1) }
}

extension Supervision {
    fileprivate static let numberCount = 7

    /// In the order of the schema.
    var numbers: [Int32] {
        [yellowPercent, yellowDays, urgeDays, superviseDays, listedDays, redoLimit, handBackLimit]
    }

    fileprivate init(version: String, numbers: [Int32]) {
        self.init(
            version: version, yellowPercent: numbers[0], yellowDays: numbers[1], urgeDays: numbers[2],
            superviseDays: numbers[3], listedDays: numbers[4], redoLimit: numbers[5],
            handBackLimit: numbers[6])
    }
}

// MARK: The state's hash

extension State {
    /// What time says, at the end of the stream; nothing at all where it says nothing, so that the hash of an older state stays what it was.
    func digestTime(_ stream: inout CanonicalStream<some StateHasher>) {
        guard keepsTime || requests.contains(where: \.timing.isUsed) else { return }
        stream.put("time")
        stream.put(calendar.years.count)
        for year in calendar.years { digest(year, &stream) }
        stream.put(supervision != nil)
        if let supervision {
            stream.put(supervision.version)
            stream.put(version(of: RosterTarget.supervision))
            for number in supervision.numbers { stream.put(number) }
        }
        for request in requests { digest(request.timing, &stream) }
        stream.put(changes.marks.count)
        for mark in changes.marks {
            stream.put(mark.sequence)
            digest(mark.standing, &stream)
            stream.put(mark.isTentative)
            stream.put(mark.deadline)
        }
    }

    private func digest(_ year: WorkCalendar.Year, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(year.year)
        stream.put(year.version)
        stream.put(year.source)
        stream.put(version(of: RosterTarget.calendar(year.year)))
        stream.put(year.spans.count)
        for span in year.spans {
            stream.put(span.first)
            stream.put(span.last)
            stream.put(span.works)
            stream.put(span.name)
        }
    }

    private func digest(_ timing: RequestTiming, _ stream: inout CanonicalStream<some StateHasher>) {
        digest(timing.standing, &stream)
        stream.put(timing.isTentative)
        stream.put(timing.start)
        stream.put(timing.workingDays)
        stream.put(timing.computed)
        stream.put(timing.handedIn)
    }

    private func digest(
        _ standing: Supervision.Standing, _ stream: inout CanonicalStream<some StateHasher>
    ) {
        stream.put(standing.light?.rawValue ?? 0)
        stream.put(standing.step?.rawValue ?? 0)
    }
}
