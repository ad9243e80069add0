/// What changed, in the order of the journal: one row an event on a request or case. It is at once the feed
/// of `watch` and, by the links from row to row, each matter's history; so an apply costs one append.
package struct ChangeLog: Sendable {
    package private(set) var rows = ChunkedArray<ChangeRow>()
    /// What the clock wrote, beside its rows, ascending by sequence: most rows are not the clock's and need not carry it.
    private(set) var marks = ChunkedArray<TimeMark>()

    /// The days that deadlines were moved to, or asked to be, beside their rows, ascending by sequence.
    private(set) var days = ChunkedArray<ChangeDay>()

    /// Appends a row and returns its number.
    mutating func append(_ row: ChangeRow) -> UInt32 {
        rows.append(row)
        return UInt32(truncatingIfNeeded: rows.count - 1)
    }

    mutating func note(_ mark: TimeMark) { marks.append(mark) }

    /// What the clock wrote in the record of that sequence.
    func mark(_ sequence: UInt64) -> TimeMark? {
        var (low, high) = (0, marks.count)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < marks.count && marks[low].sequence == sequence ? marks[low] : nil
    }

    mutating func note(_ day: ChangeDay) { days.append(day) }

    /// The day that the change of that sequence set or asked for.
    func day(_ sequence: UInt64) -> CivilDay? {
        var (low, high) = (0, days.count)
        while low < high {
            let middle = (low + high) / 2
            if days[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < days.count && days[low].sequence == sequence ? days[low].day : nil
    }

    /// Number of the first row whose sequence is above `sequence`.
    package func firstRow(after sequence: UInt64) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The remarks of a matter's rows read 已删除 from now on.
    mutating func eraseNotes(from newest: UInt32) {
        for number in history(from: newest) { rows[Int(number)].note.clear = nil }
    }

    /// Row numbers of a matter, newest first, from its newest row on.
    func history(from newest: UInt32) -> [UInt32] {
        var numbers: [UInt32] = []
        var number = newest
        while number != ChangeRow.noRow, Int(number) < rows.count {
            numbers.append(number)
            number = rows[Int(number)].previous
        }
        return numbers
    }
}

/// How a request stood from a record of the clock's on.
struct TimeMark: Sendable, Hashable {
    let sequence: UInt64
    let standing: Supervision.Standing
    let isTentative: Bool
    /// The due date, where it moved.
    let deadline: CivilDay?
}

/// A deadline as an extension asked for or set it, or a resumption.
struct ChangeDay: Sendable, Hashable {
    let sequence: UInt64
    let day: CivilDay
}

/// One change, about 80 bytes.
package struct ChangeRow: Sendable, Hashable {
    package let sequence: UInt64
    package let time: Int64
    package let version: UInt64
    package let matter: Matter
    /// The matter's row before this one.
    let previous: UInt32
    let actor: OfficerIndex
    package let kind: CommandKind
    /// State after it: a raw value of SupportRequest.State or PlacementCase.State.
    let state: UInt8
    var note: PersonalText

    static let noRow = UInt32.max
}
