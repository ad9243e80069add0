package import Schema

/// When lights change and how the ladder is climbed (DOMAIN.md 2, "Supervision"): the city's thresholds, and what follows from them. Pure:
/// how an item stands is a function of its clock, its term, its counts, the day, the calendar and these thresholds.
package struct Supervision: Sendable, Hashable {
    package enum Light: UInt8, ClosedCode {
        /// On time.
        case green = 1
        /// Little time is left.
        case yellow = 2
        /// Overdue.
        case red = 3
        /// Suspended: no time runs.
        case blue = 4
        package typealias Open = Schema.Light
    }

    package enum Step: UInt8, ClosedCode, Comparable {
        /// 提醒
        case remind = 1
        /// 催办
        case urge = 2
        /// 督办单
        case supervise = 3
        /// 挂牌督办
        case listed = 4
        package typealias Open = SupervisionStep
        package static func < (a: Step, b: Step) -> Bool { a.rawValue < b.rawValue }
    }

    package let version: String
    /// Yellow when so many percent of the working days are left, or fewer …
    package let yellowPercent: Int32
    /// … or so many working days.
    package let yellowDays: Int32
    /// Working days overdue from which an item is urged, gets a supervision order, is listed; ascending.
    package let urgeDays: Int32
    package let superviseDays: Int32
    package let listedDays: Int32
    /// Redos and hand-backs that bring a supervision order; with twice as many it is listed.
    package let redoLimit: Int32
    package let handBackLimit: Int32
}

extension Supervision {
    /// What an item's clock does.
    package enum Clock: Sendable, Hashable {
        /// Nobody has a due date yet.
        case idle
        case running
        /// The work was handed in that day; it stands as it stood then.
        case stopped(CivilDay)
        case suspended
        /// The item has ended.
        case over
    }

    /// All that decides how an item stands, but the day.
    package struct Item: Sendable, Hashable {
        package var clock: Clock
        /// The day of assignment: the first day that counts is the next.
        package var start: CivilDay
        package var due: CivilDay
        package var redos: Int32
        package var handBacks: Int32

        package init(clock: Clock, start: CivilDay, due: CivilDay, redos: Int32 = 0, handBacks: Int32 = 0) {
            self.clock = clock
            self.start = start
            self.due = due
            self.redos = redos
            self.handBacks = handBacks
        }
    }

    /// How an item stands.
    package struct Standing: Sendable, Hashable {
        package var light: Light?
        package var step: Step?

        package init(light: Light? = nil, step: Step? = nil) {
            self.light = light
            self.step = step
        }
    }

    /// How it stands on a day.
    package func standing(of item: Item, on day: CivilDay, _ calendar: WorkCalendar) -> Standing {
        let pressed = escalation(item)
        switch item.clock {
        case .over: return Standing()
        case .suspended: return Standing(light: .blue)
        case .idle: return Standing(step: pressed)
        case .running: return standing(milestones(item, calendar), pressed, on: day)
        case .stopped(let then): return standing(milestones(item, calendar), pressed, on: then)
        }
    }

    /// The first day after `day` on which it stands otherwise, if nothing else happens; nil: it stays as it is.
    package func nextChange(of item: Item, after day: CivilDay, _ calendar: WorkCalendar) -> CivilDay? {
        guard item.clock == .running else { return nil }
        let (milestones, pressed) = (milestones(item, calendar), escalation(item))
        let now = standing(milestones, pressed, on: day)
        return milestones.all.first { $0 > day && standing(milestones, pressed, on: $0) != now }
    }

    /// The days on which a running item's light or step changes, in order.
    private struct Milestones {
        let yellow: CivilDay
        let red: CivilDay
        let urge: CivilDay
        let supervise: CivilDay
        let listed: CivilDay
        var all: [CivilDay] { [yellow, red, urge, supervise, listed] }
    }

    private func milestones(_ item: Item, _ calendar: WorkCalendar) -> Milestones {
        let due = item.due
        let start = min(item.start, due)
        let term = calendar.workdays(after: start, through: due)
        let left = max(Int(yellowDays), term * Int(yellowPercent) / 100)
        let red = due.adding(days: 1)
        func overdue(_ days: Int32) -> CivilDay { max(red, calendar.day(Int(days), workdaysAfter: due)) }
        return Milestones(
            yellow: calendar.day(from: start, withAtMost: left, workdaysUntil: due), red: red,
            urge: overdue(urgeDays), supervise: overdue(superviseDays), listed: overdue(listedDays))
    }

    private func standing(_ days: Milestones, _ pressed: Step?, on day: CivilDay) -> Standing {
        let light: Light = day >= days.red ? .red : day >= days.yellow ? .yellow : .green
        var step: Step? = light == .green ? nil : .remind
        if day >= days.listed {
            step = .listed
        } else if day >= days.supervise {
            step = .supervise
        } else if day >= days.urge {
            step = .urge
        }
        return Standing(light: light, step: [step, pressed].compactMap { $0 }.max())
    }

    /// The step that redos and hand-backs alone have brought it to.
    private func escalation(_ item: Item) -> Step? {
        switch max(rounds(item.redos, redoLimit), rounds(item.handBacks, handBackLimit)) {
        case 0: nil
        case 1: .supervise
        default: .listed
        }
    }

    private func rounds(_ count: Int32, _ limit: Int32) -> Int32 { limit > 0 ? max(count, 0) / limit : 0 }
}
