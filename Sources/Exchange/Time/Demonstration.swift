package import Schema

/// The clock of a store that is for demonstrations (CASEWORK.md 5): where it began, and how far it was told to go on. What it shows now is the
/// server's to say; journal time follows it. A store has one from its first record on, or never.
package struct Demonstration: Sendable, Hashable {
    /// From when it runs, ns UTC.
    package let from: Int64
    /// The last time that it was told to go on to, ns UTC; `from` before the first.
    package internal(set) var to: Int64
}

extension State {
    /// No officer ever comes here: there is no row of rights. The store must be empty, so that nothing stands in it under a real date.
    func begin(_ command: BeginDemonstration, _ context: Context) throws(Rejection) -> EventBody {
        guard context.actor.path == .seed, city == nil, lastSequence == 0 else {
            throw Rejection(
                .notPermitted, ["command": CommandKind.beginDemonstration.name, "role": "none"])
        }
        guard Limits.demonstrationYears.contains(CivilDay(nanoseconds: command.from).year) else {
            throw .invalid("from", "out-of-range")
        }
        return .demonstrationBegun(EventV1.DemonstrationBegun(from: command.from))
    }

    func advance(_ command: AdvanceClock, _ context: Context) throws(Rejection) -> EventBody {
        guard demonstration != nil else {
            throw Rejection(.noDemonstration, ["command": CommandKind.advanceClock.name])
        }
        guard command.to > context.now else {
            throw Rejection(.clockBack, ["now": String(context.now)])
        }
        let latest = Self.latest(after: context.now)
        guard command.to <= latest else { throw Rejection(.clockTooFar, ["latest": String(latest)]) }
        return .clockAdvanced(EventV1.ClockAdvanced(to: command.to))
    }

    /// How far a clock that shows `now` may go on at once, and no further than the years of `Limits.demonstrationYears`.
    private static func latest(after now: Int64) -> Int64 {
        let (sum, overflow) = now.addingReportingOverflow(
            Limits.clockAdvanceDays * 86_400_000_000_000)
        let end = CivilDay(year: Limits.demonstrationYears.upperBound + 1, month: 1, day: 1)
        let last = (end?.startNanoseconds ?? .max) - 1
        return overflow ? last : min(sum, last)
    }

    /// For whoever asks who they are; nil where the real time is kept. `now`: what the server's clock shows.
    package func demonstrationView(now: Int64) -> DemonstrationClock? {
        guard demonstration != nil else { return nil }
        return DemonstrationClock(time: now, version: version(of: RosterTarget.clock))
    }

    // MARK: Applying

    mutating func apply(_ event: EventV1.DemonstrationBegun, _ context: EventContext) {
        demonstration = Demonstration(from: event.from, to: event.from)
        version(context)
    }

    mutating func apply(_ event: EventV1.ClockAdvanced, _ context: EventContext) {
        guard demonstration != nil else { corruption("a demonstration clock in a store without one") }
        demonstration?.to = event.to
        version(context)
    }

    /// Nothing where there is none: the hash of a store that keeps the real time is what it always was.
    func digestDemonstration(_ stream: inout CanonicalStream<some StateHasher>) {
        guard let demonstration else { return }
        stream.put("demonstration")
        stream.put(demonstration.from)
        stream.put(demonstration.to)
        stream.put(version(of: RosterTarget.clock))
    }

    // MARK: snapshot

    func writeDemonstration(_ writer: inout StateWriter) {
        writer.out.put(demonstration != nil)
        guard let demonstration else { return }
        writer.out.put(signed: demonstration.from)
        writer.out.put(signed: demonstration.to)
    }

    mutating func readDemonstration(_ reader: inout StateReader) throws {
        guard try reader.input.flag() else { return }
        demonstration = Demonstration(from: try reader.input.signed(), to: try reader.input.signed())
    }
}

/// A moment as it is typed for a demonstration clock, in +08:00: `2021-11-01`, `2021-11-01T09:30`, `2021-11-01T09:30:00`, `+08:00` behind it or
/// not, a space for the T. A day alone is the beginning of office hours.
package enum TypedMoment {
    /// 09:00: nobody files at midnight.
    package static let officeHour = "09:00"

    /// Nanoseconds UTC; nil when it is no moment of the years that a day may be written in.
    package static func nanoseconds(_ typed: String) -> Int64? {
        var text = Array(typed.utf8)
        if text.count > 10, text.suffix(6).elementsEqual("+08:00".utf8) { text.removeLast(6) }
        if text.count == 10 { text += Array(" \(officeHour)".utf8) }
        if text.count == 16 { text += Array(":00".utf8) }
        guard text.count == 19, [0x54, 0x20].contains(text[10]) else { return nil }
        for (at, mark) in [(4, 0x2D), (7, 0x2D), (13, 0x3A), (16, 0x3A)] where text[at] != mark { return nil }
        guard let year = number(text[0..<4]), let month = number(text[5..<7]), let day = number(text[8..<10]),
            let hour = number(text[11..<13]), let minute = number(text[14..<16]),
            let second = number(text[17..<19]), hour < 24, minute < 60, second < 60,
            let start = CivilDay(year: year, month: month, day: day)?.startNanoseconds
        else { return nil }
        return start + Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// `2021-11-01 09:30`, in +08:00.
    package static func text(_ nanoseconds: Int64) -> String {
        let day = CivilDay(nanoseconds: nanoseconds)
        let minutes = Int((nanoseconds &- (day.startNanoseconds ?? 0)) / 60_000_000_000)
        return
            "\(day.text) \(paddedDecimal(minutes / 60, width: 2)):\(paddedDecimal(minutes % 60, width: 2))"
    }
}
