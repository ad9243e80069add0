import Schema
import Testing

@testable import Exchange

@Suite("CASEWORK.md 3: saved views, search, hints")
struct SearchTests {
    /// Each state's item is in the list of just those who could move it on.
    @Test func mineToDoAndWaitingForMe() throws {
        var desk = try Desk.seeded()
        var targets: [String: EntityID] = [:]
        for state in SupportRequest.State.allCases { targets[state.word] = try desk.request(in: state) }
        let asked = try desk.request(in: .inProgress)
        try desk.give(.askExtension, on: asked)
        targets["asked"] = asked
        let scheduled = try desk.request(in: .accepted)
        try desk.give(.scheduleRequest, on: scheduled)
        targets["scheduled"] = scheduled
        let original = try #require(desk.request(Samples.original)).id  // void's other
        targets["original"] = original
        let toDo: [String: Set<String>] = [
            "b1a1": ["submitted", "original", "accepted"],
            "b1s2": ["submitted", "original", "accepted", "scheduled", "decided", "suspended", "asked"],
            "u7l1": ["returned", "reported"], "k7f2": ["assigned", "acknowledged", "in_progress", "asked"],
            "u2l4": [], "k3z8": [], "b1y3": [], "b1u5": [],
        ]
        let work: Set = ["acknowledged", "in_progress", "suspended"]
        for (officer, expected) in toDo {
            let mine = Set(try listed(desk, ListRequestsQuery(pageSize: 200, view: .toDo), officer))
            #expect(mine == Set(expected.compactMap { targets[$0] }), "\(officer)")
            let waiting = Set(try listed(desk, ListRequestsQuery(pageSize: 200, view: .waiting), officer))
            let awaited = expected.filter { !work.contains($0) && !($0 == "asked" && officer == "k7f2") }
            #expect(waiting == Set(awaited.compactMap { targets[$0] }), "\(officer)")
        }
        #expect(try listed(desk, ListRequestsQuery(view: .unrecognized(77)), "b1s2").isEmpty)
    }

    /// What is called a move is a command that would be done: never a promise the rules do not keep.
    @Test func everyMoveIsPossible() throws {
        var desk = try Desk.seeded()
        for state in SupportRequest.State.allCases {
            let target = try desk.request(in: state)
            for move in try #require(desk.request(target)).moves {
                let body = try #require(Samples.requestCommands[move.command])
                let officer = try #require(Samples.officers[move.command])
                #expect(desk.refusal(body, by: officer, on: target) == nil, "\(move.command) in \(state)")
            }
        }
    }

    @Test func lateIsWhatIsWorkedOnPastItsDeadline() throws {
        var desk = try Desk.seeded()
        var targets: [SupportRequest.State: EntityID] = [:]
        for state in SupportRequest.State.allCases { targets[state] = try desk.request(in: state) }
        let lastDay = try #require(CivilDay(year: 2026, month: 6, day: 30))
        desk.now = try #require(lastDay.adding(days: 1).startNanoseconds) - 1
        #expect(try listed(desk, ListRequestsQuery(view: .late), "b1a1").isEmpty)
        desk.now += 1
        let late = Set(
            [SupportRequest.State.assigned, .acknowledged, .inProgress].compactMap { targets[$0] })
        for officer in ["b1a1", "u7l1", "k7f2"] {
            #expect(Set(try listed(desk, ListRequestsQuery(view: .late), officer)) == late, "\(officer)")
        }
        #expect(try listed(desk, ListRequestsQuery(view: .late), "u2l4").isEmpty)
    }

    @Test func byWaves() throws {
        var desk = try Desk.seeded()
        var targets: [Wave: EntityID] = [:]
        for wave in [Wave.collective, .anytime, .special, .immediate] {
            var form = Samples.submitUnit
            form.wave = wave
            let target = desk.newID()
            try desk.run(.submitRequest(form), by: "u7l1", on: target)
            targets[wave] = target
        }
        for (wave, target) in targets {
            #expect(try listed(desk, ListRequestsQuery(waves: [wave]), "b1a1") == [target])
        }
        #expect(try listed(desk, ListRequestsQuery(waves: [.special, .immediate]), "b1a1").count == 2)
        #expect(try listed(desk, ListRequestsQuery(waves: [.unrecognized(9)]), "b1a1").isEmpty)
    }

    private func filed(_ titles: [(String, String)], by officer: String = "u7l1") throws -> (Desk, [EntityID])
    {
        var desk = try Desk.seeded()
        var targets: [EntityID] = []
        for (title, content) in titles {
            var form = Samples.submitUnit
            form.text?.title = title
            form.text?.content = content
            let target = desk.newID()
            try desk.run(.submitRequest(form), by: officer, on: target)
            targets.append(target)
        }
        return (desk, targets)
    }

    @Test func everyWordOccursInTitleOrContent() throws {
        let (desk, targets) = try filed([
            ("营区东门道路修缮", "雨天积水，请协调ＷｉＦｉ同步改造"), ("子女入学", "请协调市区小学"), ("WIFI 覆盖", "营房网络；Страна"),
        ])
        let cases: [(String, [Int])] = [
            ("道路", [0]), ("积水 道路", [0]), ("道路　积水", [0]), ("道路 小学", []), ("wifi", [2, 0]),
            ("ＷＩＦＩ", [2, 0]), ("请协调", [1, 0]), ("СТРАНА", [2]), ("  ", [2, 1, 0]), ("没有的词", []),
        ]
        for (search, found) in cases {
            #expect(
                try listed(desk, ListRequestsQuery(search: search), "u7l1") == found.map { targets[$0] },
                "\(search)")
            // Whoever may not see them finds nothing, whatever they search for.
            #expect(try listed(desk, ListRequestsQuery(search: search), "u2l4").isEmpty)
            #expect(try listed(desk, ListRequestsQuery(search: search), "b1y3").isEmpty)
        }
    }

    @Test func searchesAreBounded() throws {
        let (desk, _) = try filed([("道路", "道路")])
        let viewer = try #require(desk.viewer("b1a1"))
        func fault(_ query: ListRequestsQuery) -> QueryFault? {
            do {
                _ = try RequestListing(query, for: viewer, in: desk.state, today: CivilDay(dayNumber: 0))
                return nil
            } catch { return error }
        }
        #expect(fault(ListRequestsQuery(search: String(repeating: "字", count: 80))) == nil)
        #expect(fault(ListRequestsQuery(search: String(repeating: "字", count: 81))) == .search)
        #expect(fault(ListRequestsQuery(search: "一 二 三 四 五 六 七 八")) == nil)
        #expect(fault(ListRequestsQuery(search: "一 二 三 四 五 六 七 八 九")) == .search)
        #expect(fault(ListRequestsQuery(similarTo: String(repeating: "字", count: 80))) == nil)
        #expect(fault(ListRequestsQuery(similarTo: String(repeating: "字", count: 81))) == .search)
    }

    /// Texts cost of the step's budget, so that a turn stays short; the list is the same.
    @Test func longTextsTakeMoreSteps() throws {
        let long = String(repeating: "积水", count: 1999)
        let (desk, targets) = try filed((0..<20).map { ("道路\($0)", long) })
        let viewer = try #require(desk.viewer("b1a1"))
        func steps(_ query: ListRequestsQuery) throws -> (count: Int, found: Int) {
            var listing = try RequestListing(
                query, for: viewer, in: desk.state, today: CivilDay(dayNumber: 0))
            var count = 1
            while !listing.step(desk.state, budget: 400) { count += 1 }
            return (count, listing.page(desk.state).requests.count)
        }
        #expect(try steps(ListRequestsQuery()) == (1, targets.count))
        let searched = try steps(ListRequestsQuery(search: "积水 道路"))
        #expect(searched.found == targets.count)
        #expect(searched.count >= targets.count * 4000 * 3 / 32 / 400)
    }

    @Test func pagesOfASearchGoOnAndAreTheirOwn() throws {
        let (desk, targets) = try filed((0..<7).map { ("道路\($0)", "积水") })
        let viewer = try #require(desk.viewer("u7l1"))
        var query = ListRequestsQuery(pageSize: 2, search: "积水")
        var found: [[UInt8]] = []
        repeat {
            var listing = try RequestListing(
                query, for: viewer, in: desk.state, today: CivilDay(dayNumber: 0))
            while !listing.step(desk.state, budget: 1) {}
            let page = listing.page(desk.state)
            found += page.requests.map(\.target)
            query.cursor = page.nextCursor
            if !query.cursor.isEmpty {
                var other = query
                other.search = "道路"
                #expect(throws: QueryFault.cursor(.ofAnotherList)) {
                    try RequestListing(other, for: viewer, in: desk.state, today: CivilDay(dayNumber: 0))
                }
            }
        } while !query.cursor.isEmpty
        #expect(found == targets.reversed().map(\.bytes))
    }

    @Test func likeTitlesAreHintedAt() throws {
        var (desk, targets) = try filed([
            ("营区东门道路修缮", "一"), ("营区东门道路维修", "二"), ("子女入学协调", "三"), ("营区东门道路修缮！", "四"),
        ])
        var other = Samples.submitUnit
        other.text?.title = "营区东门道路修缮"
        try desk.run(.submitRequest(other), by: "u2l4", on: desk.newID())
        func like(_ title: String) throws -> [EntityID] {
            try listed(desk, ListRequestsQuery(requester: "unit/LU-07", similarTo: title), "u7l1")
        }
        #expect(try like("营区东门 道路修缮") == [targets[3], targets[1], targets[0]])
        #expect(try like("子女入学") == [targets[2]])
        #expect(try like("供电增容").isEmpty)
        try desk.run(.withdrawRequest(WithdrawRequest(reason: "重复")), by: "u7l1", on: targets[0])
        #expect(try like("营区东门道路修缮") == [targets[3], targets[1]])
        // A hint, never a refusal.
        let again = desk.newID()
        #expect(desk.refusal(.submitRequest(Samples.submitUnit), by: "u7l1", on: again) == nil)
    }

    @Test func likenessIsAShareOfPairs() throws {
        func percent(_ a: String, _ b: String) throws -> Int {
            try TitleLikeness(to: a)?.percent(b) ?? -1
        }
        #expect(try percent("道路修缮", "道路修缮") == 100)
        #expect(try percent("道路修缮", "道路 修缮。") == 100)
        #expect(try percent("ABC", "ａｂｃ") == 100)
        #expect(try percent("道路修缮", "道路维修") == 33)
        #expect(try percent("路", "路") == 100)
        #expect(try percent("道路", "") == 0)
        #expect(try percent("，。", "道路") == -1)
        for (a, b) in [("营区东门道路修缮", "营区东门道路维修"), ("子女入学", "子女入学协调")] {
            #expect(try percent(a, b) == percent(b, a))
        }
    }
}
