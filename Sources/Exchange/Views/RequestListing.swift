package import Schema

/// One page of requests in the making (see Listings.swift).
package struct RequestListing: Sendable {
    private let viewer: Viewer
    private let limit: Int
    private let scope: UInt64
    private let filter: RequestFilter
    private var walk: SlotWalk
    private var found: [UInt32] = []
    /// What the last step cost above its budget: the next one has as much less.
    private var debt = 0

    /// - Parameter today: the day by which something is late.
    package init(_ query: ListRequestsQuery, for viewer: Viewer, in state: State, today: CivilDay)
        throws(QueryFault)
    {
        self.viewer = viewer
        limit = try pageRows(query.pageSize)
        scope = Self.scope(query, viewer, state)
        filter = try RequestFilter(query, in: state, today: today)
        let bound = try pageStart(query.cursor, .requests, scope)
        walk = SlotWalk(
            isCase: false, party: viewer.isOfBureau ? filter.responsible ?? filter.requester : viewer.party,
            bound: bound)
    }

    /// Looks at up to `budget` slots, at fewer where their texts are searched. True: the page is done.
    package mutating func step(_ state: State, budget: Int) -> Bool {
        guard !filter.isHopeless, viewer.doesCasework else { return true }
        var left = max(budget, 1) - debt
        while left > 0 {
            guard found.count <= limit, let slot = walk.next(state) else { return true }
            left -= 1
            if matches(slot, state, cost: &left) { found.append(UInt32(truncatingIfNeeded: slot)) }
        }
        debt = -left
        return false
    }

    /// The page. One more than the page holds has been looked for, so that the last page says that it is the
    /// last.
    package func page(_ state: State) -> RequestPage {
        let shown = found.prefix(limit)
        var cursor: [UInt8] = []
        if found.count > limit, let last = shown.last {
            cursor = Cursor(kind: .requests, position: UInt64(last), scope: scope).bytes
        }
        return RequestPage(
            requests: shown.filter { state.maySee(viewer, .request(Int($0))) }  // a step may lie between
                .map { state.summary(of: state.requests[Int($0)]) },
            nextCursor: cursor, asOf: state.lastSequence)
    }

    private func matches(_ slot: Int, _ state: State, cost left: inout Int) -> Bool {
        guard state.maySee(viewer, .request(slot)), filter.passes(state.requests[slot]) else { return false }
        guard filter.passesView(slot, viewer, state) else { return false }
        return filter.passesText(state.requests[slot].text, cost: &left)
    }

    private static func scope(_ query: ListRequestsQuery, _ viewer: Viewer, _ state: State) -> UInt64 {
        var scope = Fingerprint()
        for text in [
            state.city?.code ?? "", state.party(viewer.party).key, query.responsible, query.requester,
        ] {
            scope.absorb(text)
        }
        scope.absorb(UInt64(truncatingIfNeeded: query.direction.rawValue))
        scope.absorb(UInt64(truncatingIfNeeded: query.year))
        for state in Set(query.states.map(\.rawValue)).sorted() {
            scope.absorb(UInt64(truncatingIfNeeded: state))
        }
        absorbRest(query, &scope)
        return scope.value
    }

    /// The filters that release 2 did not know; what they add is parted from the states before.
    private static func absorbRest(_ query: ListRequestsQuery, _ scope: inout Fingerprint) {
        scope.absorb("waves")
        for wave in Set(query.waves.map(\.rawValue)).sorted() {
            scope.absorb(UInt64(truncatingIfNeeded: wave))
        }
        scope.absorb("lights")
        for light in Set(query.lights.map(\.rawValue)).sorted() {
            scope.absorb(UInt64(truncatingIfNeeded: light))
        }
        scope.absorb(query.search)
        scope.absorb(query.similarTo)
        scope.absorb(UInt64(truncatingIfNeeded: query.view.rawValue))
        scope.absorb(UInt64(truncatingIfNeeded: CivilDay(query.conference)?.dayNumber ?? 0))
    }
}

/// Which requests a list is about, rights apart.
private struct RequestFilter: Sendable {
    let requester: PartyIndex?
    let responsible: PartyIndex?
    /// A filter names a party or a day that does not exist: nothing matches.
    let isHopeless: Bool
    private let direction: SupportRequest.Direction?
    private let year: Int32
    private let states: UInt32
    private let waves: UInt32
    private let lights: UInt32
    private let conference: CivilDay?
    private let view: SavedView
    private let search: TextSearch?
    private let likeness: TitleLikeness?
    private let today: CivilDay

    init(_ query: ListRequestsQuery, in state: State, today: CivilDay) throws(QueryFault) {
        self.today = today
        direction = SupportRequest.Direction(query.direction)
        year = query.year
        states = query.states.reduce(0) {
            $0 | 1 << UInt32(SupportRequest.State($1)?.rawValue ?? unknownState)
        }
        waves = query.waves.reduce(0) {
            $0 | 1 << UInt32(SupportRequest.Wave($1)?.rawValue ?? unknownState)
        }
        lights = query.lights.reduce(0) {
            $0 | 1 << UInt32(Supervision.Light($1)?.rawValue ?? unknownState)
        }
        requester = state.partyIndex(query.requester)
        responsible = state.partyIndex(query.responsible)
        conference = CivilDay(query.conference)
        view = query.view
        search = try TextSearch(query.search)
        likeness = try TitleLikeness(to: query.similarTo)
        isHopeless =
            requester == nil && !query.requester.isEmpty || responsible == nil && !query.responsible.isEmpty
            || conference == nil && query.conference != nil
    }

    func passes(_ request: SupportRequest) -> Bool {
        if let direction, request.direction != direction { return false }
        if year != 0, !request.belongs(to: year) { return false }
        if states != 0, states & 1 << UInt32(request.state.rawValue) == 0 { return false }
        if waves != 0, waves & 1 << UInt32(request.wave.rawValue) == 0 { return false }
        if lights != 0, lights & 1 << UInt32(request.timing.standing.light?.rawValue ?? 0) == 0 {
            return false
        }
        if let requester, request.requester != requester { return false }
        if let responsible, request.obligation?.responsible != responsible { return false }
        if let conference, request.conference != conference { return false }
        // What was given up is nobody's duplicate.
        if likeness != nil, request.state == .withdrawn || request.state == .void { return false }
        return true
    }

    func passesView(_ slot: Int, _ viewer: Viewer, _ state: State) -> Bool {
        switch view {
        case .unspecified: true
        case .toDo: state.isMove(slot, of: viewer, awaitedOnly: false)
        case .waiting: state.isMove(slot, of: viewer, awaitedOnly: true)
        case .late: state.requests[slot].isLate(on: today)
        case .unrecognized: false
        }
    }

    /// Texts cost by their bytes: what is done with one of them stands in `bytesPerSlot` and `likeBytesPerSlot`.
    func passesText(_ text: SupportRequest.Text, cost left: inout Int) -> Bool {
        guard search != nil || likeness != nil else { return true }
        let (title, content) = (text.title.clear ?? "", text.content.clear ?? "")
        if likeness != nil { left -= title.utf8.count / Self.likeBytesPerSlot }
        if search != nil { left -= (title.utf8.count + content.utf8.count) / Self.bytesPerSlot }
        if let likeness, !likeness.isLike(title) { return false }
        return search?.matches(title, content) ?? true
    }

    /// Bytes folded and compared in the time that a slot is looked at.
    private static let bytesPerSlot = 32
    /// Bytes of a title cut into pairs and sorted in that time.
    private static let likeBytesPerSlot = 8
}

extension SupportRequest {
    /// Being worked on past its deadline. A result that is there, a suspension and an end stop the clock.
    func isLate(on today: CivilDay) -> Bool {
        guard state.isWork || state == .assigned, let obligation else { return false }
        return obligation.deadline < today
    }
}

extension State {
    /// Whether this officer could make a move that the request waits for.
    func isMove(_ slot: Int, of viewer: Viewer, awaitedOnly: Bool) -> Bool {
        let relations = relations(of: viewer, to: .request(slot))
        return requests[slot].moves.contains { move in
            (move.isAwaited || !awaitedOnly) && Rights.mayDo(move.command, viewer.roles, relations)
        }
    }
}
