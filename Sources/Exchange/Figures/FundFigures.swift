internal import Schema

/// The care fund in a period: what it held before, what came in and from where, what was paid and for which kind of case, in integer 分. Two stocks
/// and two flows that fit together: held before + income − outgo = held.
struct FundTally: Sendable {
    /// Entries looked at in one step: about the cost of one request's history.
    static let entriesAtOnce = 64

    private struct Sum: Sendable {
        var times: UInt64 = 0
        var fen: Int64 = 0

        mutating func add(_ fen: Int64) {
            times += 1
            self.fen += fen
        }
    }

    private let period: Period
    /// Entries when the count began: what comes meanwhile is left out, as it is of requests and cases.
    private let bound: Int
    private var next = 0
    private var before: Int64 = 0
    private var income: [String: Sum] = [:]
    private var outgo: [String: Sum] = [:]

    init(_ period: Period, in state: State) {
        self.period = period
        bound = state.fund.entries.count
    }

    /// The next slice. False: there was nothing left.
    mutating func step(_ state: State) -> Bool {
        guard next < bound else { return false }
        let end = min(next + Self.entriesAtOnce, bound)
        for entry in state.fund.entries[next..<end] { count(entry, state) }
        next = end
        return true
    }

    /// No sum here passes the fund's own (`Limits.fundFen`).
    private mutating func count(_ entry: CareFund.Entry, _ state: State) {
        if period.isBefore(entry.time) { before += entry.fen }
        guard period.contains(entry.time) else { return }
        if entry.fen > 0 {
            income[entry.source, default: Sum()].add(entry.fen)
        } else {
            let kind = entry.matter.map { state.cases[$0.slot].subcategory } ?? ""
            outgo[kind, default: Sum()].add(-entry.fen)
        }
    }

    func figures() -> CareFundFigures {
        let (came, paid) = (income.values.reduce(0) { $0 + $1.fen }, outgo.values.reduce(0) { $0 + $1.fen })
        return CareFundFigures(
            heldBeforeFen: before, incomeFen: came, outgoFen: paid, heldFen: before + came - paid,
            income: Self.rows(income), outgo: Self.rows(outgo))
    }

    private static func rows(_ sums: [String: Sum]) -> [FundFigure] {
        sums.sorted { $0.key < $1.key }.map {
            FundFigure(code: $0.key, times: $0.value.times, fen: $0.value.fen)
        }
    }
}
