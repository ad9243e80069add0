/// Which running requests the clock must look at on which day: a list a day, linked through the requests themselves, so that entering,
/// leaving and moving one costs the same with ten of them and with a million.
///
/// An index, no part of what the state says: `apply` keeps it, and the sweep after a start or after a table was loaded builds it anew.
package struct Agenda: Sendable {
    /// A request's place in it.
    struct Place: Sendable, Hashable {
        /// Nil: it is on no day's list.
        var day: CivilDay?
        var next = Self.none
        var previous = Self.none
        static let none = UInt32.max
    }

    /// The first slot of each day's list.
    private var heads: [CivilDay: UInt32] = [:]
    /// No list is earlier; nil: there is none.
    private var earliest: CivilDay?

    /// A slot that is due by `day`; nil: none.
    func first(by day: CivilDay) -> Int? {
        guard let earliest, earliest <= day, let slot = heads[earliest] else { return nil }
        return Int(slot)
    }

    fileprivate func head(_ day: CivilDay) -> UInt32 { heads[day] ?? Place.none }

    fileprivate mutating func setHead(_ slot: UInt32, _ day: CivilDay) {
        if slot != Place.none {
            heads[day] = slot
            earliest = earliest.map { min($0, day) } ?? day
        } else {
            heads[day] = nil
            // Days are few, and this happens once a day.
            if earliest == day { earliest = heads.keys.min() }
        }
    }
}

extension State {
    /// Puts a request on a day's list, or (nil) on none, wherever it was.
    mutating func plan(_ slot: Int, for day: CivilDay?) {
        guard requests[slot].timing.place.day != day else { return }
        leaveAgenda(slot)
        guard let day else { return }
        let head = agenda.head(day)
        requests[slot].timing.place = Agenda.Place(day: day, next: head)
        if head != Agenda.Place.none {
            requests[Int(head)].timing.place.previous = UInt32(truncatingIfNeeded: slot)
        }
        agenda.setHead(UInt32(truncatingIfNeeded: slot), day)
    }

    private mutating func leaveAgenda(_ slot: Int) {
        let place = requests[slot].timing.place
        guard let day = place.day else { return }
        if place.next != Agenda.Place.none {
            requests[Int(place.next)].timing.place.previous = place.previous
        }
        if place.previous != Agenda.Place.none {
            requests[Int(place.previous)].timing.place.next = place.next
        } else {
            agenda.setHead(place.next, day)
        }
        requests[slot].timing.place = Agenda.Place()
    }
}
