package import Schema

/// Lists are resumable steps (DESIGN.md 9): each step looks at no more slots than its budget, then the engine
/// does something else. Between steps and pages the state may grow; the order, newest submission first,
/// stays, because a slot never moves. What is filed after the first page was shown is above its cursor and
/// does not come up again.

/// Why a list or watch cannot begin. Not judged, not journaled: the caller answers INVALID_ARGUMENT.
package enum QueryFault: Error, Sendable, Hashable {
    /// Page sizes go from 1 to `Limits.pageSize`; 0 asks for the standard one.
    case pageSize(Int32)
    case cursor(Cursor.Fault)
    /// A search or title longer than `Limits.searchCharacters`, or of more than `Limits.searchWords` words.
    case search
}

/// Walks the slots an officer may see, newest first.
struct SlotWalk: Sendable {
    let isCase: Bool
    /// The party whose index is walked; nil: all slots (the bureau).
    let party: PartyIndex?
    /// Slots below this one are still to come.
    private(set) var bound: UInt32

    init(isCase: Bool, party: PartyIndex?, bound: UInt64) {
        self.isCase = isCase
        self.party = party
        self.bound = UInt32(clamping: bound)
    }

    mutating func next(_ state: State) -> Int? {
        guard let slot = below(bound, state) else { return nil }
        bound = slot
        return Int(slot)
    }

    private func below(_ bound: UInt32, _ state: State) -> UInt32? {
        guard let party else {
            let count = UInt32(truncatingIfNeeded: isCase ? state.cases.count : state.requests.count)
            return min(bound, count) == 0 ? nil : min(bound, count) - 1
        }
        let slots = isCase ? state.casesOfParty[Int(party.raw)] : state.requestsOfParty[Int(party.raw)]
        let position = lowerBound(slots, bound)
        return position == 0 ? nil : slots[position - 1]
    }
}

/// The bit of a filter for states and waves of a later schema: nothing here has it.
let unknownState: UInt8 = 31

func pageRows(_ size: Int32) throws(QueryFault) -> Int {
    guard size >= 0, Int(size) <= Limits.pageSize else { throw .pageSize(size) }
    return size == 0 ? Limits.standardPageSize : Int(size)
}

func pageStart(_ bytes: [UInt8], _ kind: Cursor.Kind, _ scope: UInt64) throws(QueryFault) -> UInt64 {
    guard !bytes.isEmpty else { return .max }
    do { return try Cursor(bytes, kind: kind, scope: scope).position } catch { throw .cursor(error) }
}

/// One page of cases in the making.
package struct CaseListing: Sendable {
    private let viewer: Viewer
    private let limit: Int
    private let scope: UInt64
    private let states: UInt32
    private var walk: SlotWalk
    private var found: [UInt32] = []

    package init(_ query: ListCasesQuery, for viewer: Viewer, in state: State) throws(QueryFault) {
        self.viewer = viewer
        limit = try pageRows(query.pageSize)
        scope = Self.scope(query, viewer, state)
        states = query.states.reduce(0) {
            $0 | 1 << UInt32(PlacementCase.State($1)?.rawValue ?? unknownState)
        }
        let bound = try pageStart(query.cursor, .cases, scope)
        walk = SlotWalk(isCase: true, party: viewer.isOfBureau ? nil : viewer.party, bound: bound)
    }

    /// Looks at up to `budget` slots. True: the page is done.
    package mutating func step(_ state: State, budget: Int) -> Bool {
        guard viewer.doesCasework else { return true }
        for _ in 0..<max(budget, 1) {
            guard found.count <= limit, let slot = walk.next(state) else { return true }
            if matches(slot, state) { found.append(UInt32(truncatingIfNeeded: slot)) }
        }
        return false
    }

    package func page(_ state: State) -> CasePage {
        let shown = found.prefix(limit)
        var cursor: [UInt8] = []
        if found.count > limit, let last = shown.last {
            cursor = Cursor(kind: .cases, position: UInt64(last), scope: scope).bytes
        }
        return CasePage(
            cases: shown.filter { state.maySee(viewer, .placementCase(Int($0))) }  // a step may lie between
                .map { slot in
                    state.summary(
                        of: state.cases[Int(slot)], state.eyes(viewer, Int(slot), inList: true))
                }, nextCursor: cursor, asOf: state.lastSequence)
    }

    private func matches(_ slot: Int, _ state: State) -> Bool {
        guard state.maySee(viewer, .placementCase(slot)) else { return false }
        return states == 0 || states & 1 << UInt32(state.cases[slot].state.rawValue) != 0
    }

    private static func scope(_ query: ListCasesQuery, _ viewer: Viewer, _ state: State) -> UInt64 {
        var scope = Fingerprint()
        for text in [state.city?.code ?? "", state.party(viewer.party).key] { scope.absorb(text) }
        for state in Set(query.states.map(\.rawValue)).sorted() {
            scope.absorb(UInt64(truncatingIfNeeded: state))
        }
        return scope.value
    }
}

/// The changes an officer may see, in journal order, from a cursor on. It never ends by itself: `step` is
/// called again when the state has grown. Rights are taken from the register anew at each step.
package struct WatchFeed: Sendable {
    private let viewer: Viewer
    private let scope: UInt64
    private var nextRow: Int
    private var passedSequence: UInt64

    /// What a step brought.
    package enum Step: Sendable {
        /// Changes, perhaps none; `isBehind`: the budget ended before the log did.
        case changes([Change], isBehind: Bool)
        /// The officer may not watch any more.
        case ended
    }

    /// An empty cursor: from now on, or from the first change.
    package init(
        _ query: WatchQuery, for viewer: Viewer, in state: State, emptyIsStart: Bool = false
    ) throws(QueryFault) {
        self.viewer = viewer
        var scope = Fingerprint()
        for text in [state.city?.code ?? "", state.party(viewer.party).key] { scope.absorb(text) }
        self.scope = scope.value
        let isStart = emptyIsStart && query.cursor.isEmpty
        let position = isStart ? 0 : try pageStart(query.cursor, .watch, scope.value)
        passedSequence = min(position, state.lastSequence)
        nextRow = state.changes.firstRow(after: position)
    }

    /// Where the feed stands: everything up to here was told or is not this officer's. Good for resuming even
    /// if nothing was told.
    package var cursor: [UInt8] { Cursor(kind: .watch, position: passedSequence, scope: scope).bytes }

    /// Looks at up to `budget` rows and tells at most `limit` changes. None after the record `last` is told:
    /// what is not durable yet may still be unsaid. A change is told with its matter's number and title as
    /// they stand, so it waits while a later change of the same matter is not durable.
    package mutating func step(_ state: State, upTo last: UInt64, limit: Int, budget: Int) -> Step {
        guard let current = state.refreshed(viewer), current.doesCasework else { return .ended }
        var told: [Change] = []
        var looked = 0
        let end = state.changes.firstRow(after: last)
        while nextRow < end, looked < max(budget, 1), told.count < max(limit, 1) {
            let row = state.changes.rows[nextRow]
            guard state.lastChange(of: row.matter) <= last else { return .changes(told, isBehind: false) }
            nextRow += 1
            looked += 1
            passedSequence = row.sequence
            if state.isShown(row, to: current) {
                told.append(state.change(row, cursor: cursor, for: current))
            }
        }
        return .changes(told, isBehind: nextRow < end)
    }
}
