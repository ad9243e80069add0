import Exchange
import Schema
import Testing
import Wire

/// For lists that do not ask what is late.
let noDay = CivilDay(dayNumber: 0)

@Suite("DESIGN.md 6: a party sees only its own")
struct VisibilityTests {
    /// Everything each officer is shown, by every way there is, while two matters run their whole way.
    @Test func strangersSeeNothingAtAnyTime() throws {
        var desk = try Desk.seeded()
        let request = desk.newID()
        let placement = desk.newID()
        let requestSteps: [CommandKind] = [
            .submitRequest, .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest,
            .reportProgress,
            .reportResult, .confirmRequest,
        ]
        let caseSteps: [CommandKind] = [.fileCase, .reviewCase, .concludeCase, .confirmCase]
        for kind in requestSteps + caseSteps {
            try desk.give(kind, on: kind.aggregate == .request ? request : placement)
            let assigned = desk.request(request)?.obligation != nil
            let reviewed = desk.held(placement)?.review != nil
            for officer in desk.state.officers.map(\.id) {
                let seesRequest = ["b1a1", "b1s2", "u7l1"].contains(officer) || assigned && officer == "k7f2"
                let seesCase = ["b1a1", "b1s2", "u7l1"].contains(officer) || reviewed && officer == "d5h2"
                try expect(desk, officer, request, seesRequest, isCase: false)
                if desk.state.version(of: placement) > 0 {
                    try expect(desk, officer, placement, seesCase, isCase: true)
                }
            }
        }
    }

    private func expect(_ desk: Desk, _ officer: String, _ target: EntityID, _ sees: Bool, isCase: Bool)
        throws
    {
        let viewer = try #require(desk.viewer(officer))
        let state = desk.state
        #expect((state.matter(target, for: viewer) != nil) == sees)
        let keys = [target.hex, ReferenceCode(target).text, state.versionAndNumber(of: target).number].filter
        { !$0.isEmpty }
        for key in keys {
            let found = isCase ? state.findCase(key, for: viewer) : state.findRequest(key, for: viewer)
            #expect((found != nil) == sees, "\(officer) \(key)")
            #expect((isCase ? state.findRequest(key, for: viewer) : state.findCase(key, for: viewer)) == nil)
        }
        #expect(try listed(state, viewer, isCase: isCase).contains(target.bytes) == sees)
        let told = try watched(state, viewer).filter { $0.target == target.bytes }
        #expect(told.isEmpty == !sees)
        // The matter itself, by whatever means it was got hold of.
        let bureau = try #require(desk.viewer("b1a1"))
        let matter = try #require(state.matter(target, for: bureau))
        #expect((state.requestView(matter, for: viewer) != nil) == (sees && !isCase))
        #expect((state.caseView(matter, for: viewer) != nil) == (sees && isCase))
        #expect(state.history(of: matter, for: viewer).isEmpty == !sees)
        #expect(sees || state.nextCommands(for: viewer, matter).isEmpty)
    }

    private func listed(_ state: State, _ viewer: Viewer, isCase: Bool) throws -> [[UInt8]] {
        if isCase {
            var listing = try CaseListing(ListCasesQuery(), for: viewer, in: state)
            while !listing.step(state, budget: 3) {}
            return listing.page(state).cases.map(\.target)
        }
        var listing = try RequestListing(ListRequestsQuery(), for: viewer, in: state, today: noDay)
        while !listing.step(state, budget: 3) {}
        return listing.page(state).requests.map(\.target)
    }

    private func watched(_ state: State, _ viewer: Viewer) throws -> [Change] {
        // From the beginning: the cursor of a feed that began before anything happened.
        let start = try WatchFeed(WatchQuery(), for: viewer, in: State.empty(like: state)).cursor
        var feed = try WatchFeed(WatchQuery(cursor: start), for: viewer, in: state)
        var all: [Change] = []
        while case .changes(let changes, let isBehind) = feed.step(state, upTo: .max, limit: 2, budget: 3) {
            all += changes
            if !isBehind { break }
        }
        return all
    }

    @Test func handedBackIsNotSeenAnyMore() throws {
        var desk = try Desk.seeded()
        let target = desk.newID()
        for kind in [CommandKind.submitRequest, .acceptRequest, .decideRequest] {
            try desk.give(kind, on: target)
        }
        let body = Samples.assign(to: "county/421321", assisting: ["county/421303"])
        try desk.run(.assignRequest(body), by: "b1s2", on: target)
        let assisting = try #require(desk.viewer("k3z8"))
        let matter = try #require(desk.state.matter(target, for: assisting))
        #expect(desk.state.nextCommands(for: assisting, matter).isEmpty)
        #expect(desk.state.requestView(matter, for: assisting) != nil)
        try desk.give(.handBackRequest, on: target)
        for officer in ["k7f2", "k3z8"] {
            let viewer = try #require(desk.viewer(officer))
            #expect(desk.state.matter(target, for: viewer) == nil)
            #expect(try listed(desk.state, viewer, isCase: false).isEmpty)
        }
    }

    /// A list is made in steps, and commands go between them: the page shows what may be seen when it is told.
    @Test func whatWasHandedBackBetweenTheStepsIsNotShown() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .assigned)
        let viewer = try #require(desk.viewer("k7f2"))
        var listing = try RequestListing(ListRequestsQuery(), for: viewer, in: desk.state, today: noDay)
        while !listing.step(desk.state, budget: 1) {}
        #expect(listing.page(desk.state).requests.map(\.target) == [target.bytes])
        try desk.give(.handBackRequest, on: target)
        #expect(listing.page(desk.state).requests.isEmpty)
    }

    /// DOMAIN.md 3: the military part stays with unit and hub.
    @Test func theHandlerNeverLearnsUnitOrServiceSide() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .placed)
        try desk.run(
            .confirmCase(ConfirmCase(satisfaction: .dissatisfied, note: "岗位不符")), by: "u7l1", on: target)
        let handler = try #require(desk.viewer("d5h2"))
        let matter = try #require(desk.state.matter(target, for: handler))
        let view = try #require(desk.state.caseView(matter, for: handler))
        #expect(view.service == nil)
        #expect(view.summary?.unit == "")
        #expect(view.summary?.unitName == "")
        #expect(view.summary?.tier == 4)
        #expect(view.family?.name == "王小芳")
        #expect(view.family?.idNumber == "110*************2X")
        #expect(view.materials.map(\.kind) == ["marriage"])
        let history = desk.state.history(of: matter, for: handler)
        #expect(history.map(\.kind) == ["review_case", "conclude_case", "confirm_case"])
        #expect(history.last?.actor == ActorView())
        let everything =
            [view.encoded(), CasePage(cases: [try #require(view.summary)]).encoded()]
            + history.map { $0.encoded() } + (try watched(desk.state, handler)).map { $0.encoded() }
        for bytes in everything {
            for secret in ["LU-07", "驻随某部", "third-merit", "officer-middle", "u7l1", "11010519491231002X"] {
                #expect(!bytes.contains(Array(secret.utf8)), "\(secret)")
            }
        }
        let unit = try #require(desk.viewer("u7l1"))
        #expect(desk.state.caseView(matter, for: unit)?.materials.count == 2)
        #expect(try watched(desk.state, unit).allSatisfy { $0.title == "王**" })
    }

    @Test func whoAmIAndPages() throws {
        let desk = try Desk.seeded()
        let viewer = try #require(desk.viewer("k7f2"))
        let me = desk.state.whoAmI(viewer, certificateEnds: 99)
        #expect(
            me.city == "421300" && me.cityName == "随州市" && me.partyName == "随县" && me.certificateEnds == 99)
        #expect(me.roles == [.clerk, .approver])
        let parties = desk.state.partyPage().parties
        #expect(
            parties.prefix(6).map(\.code) == [
                "421300", "421303", "421321", "421381", "421300-GX", "421300-DHS",
            ])
        #expect(parties.last?.key == "unit/LU-07")
        #expect(desk.state.codePage("placement-channel")?.entries.count == 11)
        #expect(desk.state.codePage("nonsense") == nil)
        #expect(desk.state.viewer(officer: "k7f2", party: "county/421303") == nil)
    }
}

extension State {
    /// The same roster, nothing done: to get a cursor that lies before everything.
    static func empty(like state: State) throws -> State {
        var desk = try Desk.seeded()
        desk.log = []
        return desk.state
    }
}

@Suite("Lists in resumable steps, with opaque cursors")
struct ListingTests {
    private func filled(_ count: Int) throws -> (Desk, [EntityID]) {
        var desk = try Desk.seeded()
        var targets: [EntityID] = []
        for index in 0..<count {
            let target = desk.newID()
            let officer = index % 2 == 0 ? "u7l1" : "u2l4"
            var body = Samples.submitUnit
            body.year = index % 3 == 0 ? 2025 : 2026
            try desk.run(.submitRequest(body), by: officer, on: target)
            if index % 4 == 0 { try desk.give(.acceptRequest, on: target) }
            targets.append(target)
        }
        return (desk, targets)
    }

    private func pages(_ query: ListRequestsQuery, _ viewer: Viewer, _ state: State, budget: Int = 5) throws
        -> [RequestPage]
    {
        var query = query
        var pages: [RequestPage] = []
        repeat {
            var listing = try RequestListing(query, for: viewer, in: state, today: noDay)
            while !listing.step(state, budget: budget) {}
            pages.append(listing.page(state))
            query.cursor = pages[pages.count - 1].nextCursor
        } while !query.cursor.isEmpty
        return pages
    }

    @Test func pagesCoverEverythingOnceNewestFirst() throws {
        let (desk, targets) = try filled(23)
        let bureau = try #require(desk.viewer("b1a1"))
        for size in [1, 5, 22, 23, 24] {
            let pages = try pages(ListRequestsQuery(pageSize: Int32(size)), bureau, desk.state)
            #expect(pages.flatMap(\.requests).map(\.target) == targets.reversed().map(\.bytes))
            #expect(pages.count == (23 + size - 1) / size)
            #expect(pages.allSatisfy { $0.asOf == desk.state.lastSequence })
        }
        let unit = try #require(desk.viewer("u2l4"))
        let own = try pages(ListRequestsQuery(pageSize: 4), unit, desk.state, budget: 1).flatMap(\.requests)
        #expect(own.count == 11)
        #expect(own.allSatisfy { $0.requester == "unit/LU-02" })
    }

    @Test func filters() throws {
        var (desk, targets) = try filled(24)
        try desk.run(.decideRequest(Samples.included), by: "b1s2", on: targets[0])
        try desk.run(.assignRequest(Samples.assign(to: "county/421321")), by: "b1s2", on: targets[0])
        let bureau = try #require(desk.viewer("b1s2"))
        func count(_ query: ListRequestsQuery) throws -> Int {
            try pages(query, bureau, desk.state).flatMap(\.requests).count
        }
        #expect(try count(ListRequestsQuery(direction: .unitToLocal)) == 24)
        #expect(try count(ListRequestsQuery(direction: .localToUnit)) == 0)
        #expect(try count(ListRequestsQuery(year: 2025)) == 8)
        #expect(try count(ListRequestsQuery(states: [.accepted])) == 5)
        #expect(try count(ListRequestsQuery(states: [.accepted, .assigned])) == 6)
        #expect(try count(ListRequestsQuery(states: [.unrecognized(99)])) == 0)
        #expect(try count(ListRequestsQuery(responsible: "county/421321")) == 1)
        #expect(try count(ListRequestsQuery(responsible: "county/421303")) == 0)
        #expect(try count(ListRequestsQuery(requester: "unit/LU-07")) == 12)
        #expect(try count(ListRequestsQuery(requester: "unit/none")) == 0)
        // A party cannot widen its view by a filter.
        let unit = try #require(desk.viewer("u2l4"))
        #expect(
            try pages(ListRequestsQuery(requester: "unit/LU-07"), unit, desk.state).flatMap(\.requests)
                .isEmpty)
    }

    @Test func whatIsFiledMeanwhileDoesNotDisturb() throws {
        var (desk, targets) = try filled(10)
        let bureau = try #require(desk.viewer("b1a1"))
        var listing = try RequestListing(
            ListRequestsQuery(pageSize: 4), for: bureau, in: desk.state, today: noDay)
        _ = listing.step(desk.state, budget: 2)
        _ = try desk.request(in: .submitted)
        while !listing.step(desk.state, budget: 2) {}
        let first = listing.page(desk.state)
        _ = try desk.request(in: .submitted)
        let rest = try pages(ListRequestsQuery(pageSize: 4, cursor: first.nextCursor), bureau, desk.state)
        #expect((first.requests + rest.flatMap(\.requests)).map(\.target) == targets.reversed().map(\.bytes))
    }

    @Test func badQueriesAreNamed() throws {
        let (desk, _) = try filled(4)
        let bureau = try #require(desk.viewer("b1a1"))
        let unit = try #require(desk.viewer("u7l1"))
        #expect(throws: Never.self) {
            try RequestListing(ListRequestsQuery(pageSize: 200), for: bureau, in: desk.state, today: noDay)
        }
        #expect(throws: QueryFault.pageSize(201)) {
            try RequestListing(ListRequestsQuery(pageSize: 201), for: bureau, in: desk.state, today: noDay)
        }
        #expect(throws: QueryFault.pageSize(-1)) {
            try CaseListing(ListCasesQuery(pageSize: -1), for: bureau, in: desk.state)
        }
        let cursor = try #require(try pages(ListRequestsQuery(pageSize: 1), bureau, desk.state).first)
            .nextCursor
        for query in [
            ListRequestsQuery(direction: .unitToLocal, cursor: cursor),
            ListRequestsQuery(year: 2026, cursor: cursor),
            ListRequestsQuery(states: [.accepted], cursor: cursor),
            ListRequestsQuery(responsible: "county/421321", cursor: cursor),
        ] {
            #expect(throws: QueryFault.cursor(.ofAnotherList)) {
                try RequestListing(query, for: bureau, in: desk.state, today: noDay)
            }
        }
        #expect(throws: QueryFault.cursor(.ofAnotherList)) {
            try RequestListing(ListRequestsQuery(cursor: cursor), for: unit, in: desk.state, today: noDay)
        }
        #expect(throws: QueryFault.cursor(.ofAnotherList)) {
            try WatchFeed(WatchQuery(cursor: cursor), for: bureau, in: desk.state)
        }
        #expect(throws: QueryFault.cursor(.malformed)) {
            try RequestListing(ListRequestsQuery(cursor: [1, 2]), for: bureau, in: desk.state, today: noDay)
        }
    }

    /// The changes of a step that came to the end of what it may tell.
    private func told(_ step: WatchFeed.Step) throws -> [Change] {
        guard case .changes(let changes, isBehind: false) = step else {
            Issue.record("behind, or ended")
            return []
        }
        return changes
    }

    @Test func watchGoesOnWhereItWas() throws {
        var desk = try Desk.seeded()
        let bureau = try #require(desk.viewer("b1a1"))
        var feed = try WatchFeed(WatchQuery(), for: bureau, in: desk.state)
        let beginning = feed.cursor
        let target = try desk.request(in: .closed)
        guard
            case .changes(let first, let isBehind) = feed.step(desk.state, upTo: .max, limit: 3, budget: 100)
        else {
            Issue.record("ended")
            return
        }
        #expect(isBehind)
        #expect(first.map { $0.entry?.kind ?? "" } == ["submit_request", "accept_request", "decide_request"])
        let last = try #require(first.last)
        var resumed = try WatchFeed(WatchQuery(cursor: last.cursor), for: bureau, in: desk.state)
        let second = try told(resumed.step(desk.state, upTo: .max, limit: 100, budget: 100))
        #expect(second.count == 5)
        #expect(second.allSatisfy { $0.target == target.bytes && $0.reference == ReferenceCode(target).text })
        #expect(second.last?.entry?.state == "closed")
        var again = try WatchFeed(WatchQuery(cursor: beginning), for: bureau, in: desk.state)
        let all = try told(again.step(desk.state, upTo: .max, limit: 100, budget: 100))
        #expect(all == first + second)
        // From now on: nothing of before.
        var fresh = try WatchFeed(WatchQuery(), for: bureau, in: desk.state)
        let none = try told(fresh.step(desk.state, upTo: .max, limit: 100, budget: 100))
        #expect(none.isEmpty)
        // Nothing that is not durable yet: the last change waits, and with it all of its matter.
        var careful = try WatchFeed(WatchQuery(cursor: beginning), for: bureau, in: desk.state)
        let durable = desk.state.lastSequence - 1
        let early = try told(careful.step(desk.state, upTo: durable, limit: 100, budget: 100))
        #expect(early.isEmpty)
        let other = try desk.request(in: .accepted)
        let before = try told(careful.step(desk.state, upTo: durable + 1, limit: 100, budget: 100))
        #expect(before == all)
        let after = try told(careful.step(desk.state, upTo: .max, limit: 100, budget: 100))
        #expect(after.map(\.target) == [other.bytes, other.bytes])
        // A suspended officer's watch ends.
        try desk.run(
            .suspendOfficer(SuspendOfficer(officer: "b1a1", suspended: true)), by: "b1q4",
            on: RosterTarget.officer("b1a1"))
        guard case .ended = fresh.step(desk.state, upTo: .max, limit: 100, budget: 100) else {
            Issue.record("a suspended officer watches")
            return
        }
    }
}
