import Exchange
import Schema
import Testing

import struct BureauTestSupport.RoundSample
import func BureauTestSupport.sha256

/// A round as a bureau runs it: two people of LU-07, one of LU-02, one of 随县; three posts.
enum RoundSamples {
    static let secret = [UInt8](repeating: 0x2A, count: 32)
    static let announce = AnnounceRound(
        key: "2026-1", title: "2026年第一轮阳光安置选岗", commitment: RoundDraw.commitment(secret, sha256),
        publicOn: CivilDate(year: 2026, month: 3, day: 20), publicName: "某彩票第26031期开奖号码",
        ties: ["merit", "service"], table: "points-placement")
    static let posts = LoadRoundPosts(posts: [
        OfferedPost(key: "G1", destination: "civil", seats: 1, employer: "市示例局", title: "科员"),
        OfferedPost(key: "G2", destination: "institution", seats: 1, employer: "市示例中心", title: "管理岗"),
        OfferedPost(key: "G3", destination: "enterprise", seats: 2, employer: "示例公司", title: "职员"),
    ])
    static func member(_ key: String, _ party: String, _ facts: [RecordedFact]) -> RoundMember {
        RoundMember(key: key, party: party, name: "欧阳示例\(key.dropFirst())", facts: facts)
    }
    static let years = RecordedFact(item: "service-year", count: 8, record: "a1")
    /// P1 leads by a merit; P2 and P3 are equal to the draw; P4 has what the file does not record.
    static let people = LoadRoundPeople(people: [
        member("P1", "unit/LU-07", [years, RecordedFact(item: "third-merit", count: 1, record: "b1")]),
        member("P2", "unit/LU-07", [years]), member("P3", "unit/LU-02", [years]),
        member(
            "P4", "county/421321",
            [
                RecordedFact(item: "service-year", count: 2, record: "a1"),
                RecordedFact(item: "second-merit", count: 1, record: ""),
            ]),
    ])
    static let draw = OpenDraw(secret: secret, value: "01 02 03")
    /// Whose officer speaks for whom.
    static let homes = ["P1": "u7l1", "P2": "u7l1", "P3": "u2l4", "P4": "k7f2"]

    /// One well-filled command of each kind, each possible in the first state of the table that allows it.
    static let commands: [CommandKind: Command.OneOf_Body] = [
        .announceRound: .announceRound(announce), .loadRoundPosts: .loadRoundPosts(posts),
        .loadRoundPeople: .loadRoundPeople(people),
        .withdrawFromRound: .withdrawFromRound(WithdrawFromRound(person: "P4", reason: "自主就业")),
        .freezeRound: .freezeRound(FreezeRound(people: 4, posts: 3)),
        .reopenRound: .reopenRound(ReopenRound(reason: "更正档案材料")),
        .confirmScore: .confirmScore(ConfirmScore(person: "P1")), .postRanking: .postRanking(PostRanking()),
        .objectToRanking: .objectToRanking(ObjectToRanking(person: "P3", text: "P3 的服役年限有误")),
        .settleObjection: .settleObjection(SettleObjection(number: 1, upheld: false, answer: "经查无误")),
        .openDraw: .openDraw(draw),
        .filePreferences: .filePreferences(FilePreferences(person: "P2", posts: ["G1", "G3"])),
        .pickPost: .pickPost(PickPost(person: "P1", post: "G2")),
        .passTurn: .passTurn(PassTurn(person: "P1")),
        .closeRound: .closeRound(CloseRound()),
    ]
    static let officers: [CommandKind: String] = [
        .announceRound: "b1s2", .loadRoundPosts: "b1a1", .loadRoundPeople: "b1a1",
        .withdrawFromRound: "b1a1", .freezeRound: "b1s2", .reopenRound: "b1s2", .confirmScore: "u7l1",
        .postRanking: "b1s2", .objectToRanking: "u7l1", .settleObjection: "b1s2", .openDraw: "b1s2",
        .filePreferences: "u7l1", .pickPost: "b1a1", .passTurn: "b1a1", .closeRound: "b1s2",
    ]
}

extension Desk {
    /// 2026-03-20 09:00 in UTC+8: the day of the public value.
    static let drawDay = morning + 18 * 86_400_000_000_000

    func round(_ target: EntityID) -> PlacementRound? { state.rounds.first { $0.id == target } }

    mutating func giveRound(_ kind: CommandKind, on target: EntityID) throws {
        guard let body = RoundSamples.commands[kind], let officer = RoundSamples.officers[kind] else {
            return
        }
        try run(body, by: officer, on: target)
    }

    /// A new round in `state`; posted and later with one open objection only where `objecting`.
    mutating func round(
        in wanted: PlacementRound.State, objecting: Bool = false, done: Bool = false
    ) throws -> EntityID {
        now = Self.morning
        let target = newID()
        var announce = RoundSamples.announce
        announce.key = "2026-\(state.rounds.count + 1)"
        try run(.announceRound(announce), by: "b1s2", on: target)
        try giveRound(.loadRoundPosts, on: target)
        try giveRound(.loadRoundPeople, on: target)
        guard wanted != .open else { return target }
        try giveRound(.freezeRound, on: target)
        guard wanted != .frozen else { return target }
        for (person, officer) in RoundSamples.homes.sorted(by: { $0.key < $1.key }) {
            try run(.confirmScore(ConfirmScore(person: person)), by: officer, on: target)
        }
        try giveRound(.postRanking, on: target)
        if objecting { try giveRound(.objectToRanking, on: target) }
        guard wanted != .posted else { return target }
        now = Self.drawDay
        try giveRound(.openDraw, on: target)
        guard wanted != .picking || done else { return target }
        while let turn = round(target)?.turn, let person = round(target)?.members[turn].key {
            try run(.passTurn(PassTurn(person: person)), by: "b1a1", on: target)
        }
        guard wanted != .picking else { return target }
        try giveRound(.closeRound, on: target)
        return target
    }
}

@Suite("DOMAIN.md 3: placement in the open")
struct PlacementRoundTests {
    /// The table once more, written down by hand: from, command, to.
    static let law = """
        - announce_round open
        open load_round_posts open
        open load_round_people open
        open withdraw_from_round open
        open freeze_round frozen
        frozen confirm_score frozen
        frozen withdraw_from_round frozen
        frozen reopen_round open
        frozen post_ranking posted
        posted object_to_ranking posted
        posted settle_objection posted
        posted file_preferences posted
        posted withdraw_from_round posted
        posted reopen_round open
        posted open_draw picking
        picking pick_post picking
        picking pass_turn picking
        picking file_preferences picking
        picking withdraw_from_round picking
        picking close_round closed
        """

    @Test func tableIsAsWrittenDown() {
        let rows = PlacementRound.transitions.rows.map {
            "\($0.from?.word ?? "-") \($0.command.name) \($0.to.word)"
        }
        #expect(rows.sorted() == Self.law.split(separator: "\n").map(String.init).sorted())
        #expect(
            Set(RoundSamples.commands.keys) == Set(CommandKind.allCases.filter { $0.aggregate == .round }))
    }

    /// A round where the row's sample command may be given.
    private func prepared(_ desk: inout Desk, _ kind: CommandKind, _ state: PlacementRound.State) throws
        -> EntityID
    {
        switch kind {
        case .postRanking:
            let target = try desk.round(in: .frozen)
            for (person, officer) in RoundSamples.homes {
                try desk.run(.confirmScore(ConfirmScore(person: person)), by: officer, on: target)
            }
            return target
        case .settleObjection: return try desk.round(in: state, objecting: state == .posted)
        case .closeRound: return try desk.round(in: state, done: true)
        case .openDraw:
            let target = try desk.round(in: state)
            desk.now = Desk.drawDay
            return target
        default: return try desk.round(in: state)
        }
    }

    @Test(arguments: PlacementRound.State.allCases)
    func tableIsLawAndRefusesAllElse(_ state: PlacementRound.State) throws {
        for (kind, body) in RoundSamples.commands where kind != .announceRound {
            var desk = try Desk.seeded()
            let target = try prepared(&desk, kind, state)
            let officer = try #require(RoundSamples.officers[kind])
            let refusal = desk.refusal(body, by: officer, on: target)
            if PlacementRound.transitions.allows(kind, from: state) {
                #expect(refusal == nil, "\(kind.name) in \(state.word)")
                try desk.run(body, by: officer, on: target)
                let after = try #require(desk.round(target)?.state)
                #expect(PlacementRound.transitions.leads(kind, from: state, to: after))
            } else if kind == .postRanking {
                continue  // `prepared` makes it possible; the next test refuses it
            } else {
                #expect(refusal?.refusal == .wrongState, "\(kind.name) in \(state.word)")
                #expect(refusal?["state"] == state.word)
            }
        }
    }

    @Test("from announcement to publication; a restart gives the same state, and the file verifies")
    func wholeRound() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .posted)
        let approver = try #require(desk.viewer("b1s2"))
        let slot = try #require(desk.state.findRound("2026-1", for: approver))
        try desk.run(
            .filePreferences(FilePreferences(person: "P2", posts: ["G1", "G2"])), by: "u7l1", on: target)
        try desk.run(
            .filePreferences(FilePreferences(person: "P3", posts: ["G1", "G2", "G3"])), by: "u2l4", on: target
        )
        desk.now = Desk.drawDay
        try desk.giveRound(.openDraw, on: target)
        // P1 has no list: picks live. The lists behind follow by themselves, and P4 is asked.
        #expect(desk.round(target)?.turn == 0)
        try desk.run(.pickPost(PickPost(person: "P1", post: "G1")), by: "b1a1", on: target)
        let first = try #require(desk.round(target)).picking.turns.prefix(2).map(\.how)
        #expect(first == [.live, .list])
        let behind = try #require(desk.round(target)?.turn)
        let key = try #require(desk.round(target)?.members[behind].key)
        if key == "P2" {
            // P3 was drawn first and took G2: nothing is left of the list of P2, who picks live.
            try desk.run(.pickPost(PickPost(person: "P2", post: "G3")), by: "b1a1", on: target)
        }
        try desk.run(.passTurn(PassTurn(person: "P4")), by: "b1a1", on: target)
        try desk.giveRound(.closeRound, on: target)
        let bytes = try #require(desk.state.roundFile(slot, sha256))
        #expect(desk.round(target)?.fileDigest == sha256(bytes))
        let verified = try RoundVerification(bytes, sha256)
        #expect(verified.outcome.draw.inputsDigest == desk.round(target)?.inputsDigest)
        #expect(verified.outcome.draw.seed == desk.round(target)?.drawn?.seed)
        #expect(verified.outcome.picking.turns == desk.round(target)?.picking.turns)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("欧阳示例"))
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
        #expect(desk.rebuilt().roundFile(slot, sha256) == bytes)
    }

    @Test("live and from lists a round of the exchange ends alike")
    func liveAndListed() throws {
        let wishes = ["P1": ["G3"], "P2": ["G1", "G2"], "P3": ["G1", "G2", "G3"], "P4": ["G3", "G2"]]
        func taken(_ listed: Set<String>) throws -> [String?] {
            var desk = try Desk.seeded()
            let target = try desk.round(in: .posted)
            for (person, posts) in wishes where listed.contains(person) {
                let body = FilePreferences(person: person, posts: posts)
                try desk.run(
                    .filePreferences(body), by: try #require(RoundSamples.homes[person]), on: target)
            }
            desk.now = Desk.drawDay
            try desk.giveRound(.openDraw, on: target)
            while let turn = desk.round(target)?.turn, let round = desk.round(target) {
                let person = round.members[turn].key
                let free = try #require(wishes[person]).first { key in
                    round.posts.firstIndex { $0.key == key }.map { round.picking.free[$0] > 0 } ?? false
                }
                let post = try #require(free)
                try desk.run(.pickPost(PickPost(person: person, post: post)), by: "b1a1", on: target)
            }
            let round = try #require(desk.round(target))
            return round.picking.turns.map { turn in turn.post.map { round.posts[$0].key } }
        }
        let live = try taken([])
        #expect(live.count == 4 && live.allSatisfy { $0 != nil })
        #expect(try taken(["P1", "P2", "P3", "P4"]) == live)
        #expect(try taken(["P2", "P4"]) == live)
    }

    private func refusal(
        _ desk: Desk, _ kind: CommandKind, on target: EntityID, _ body: Command.OneOf_Body? = nil
    ) throws -> Rejection? {
        desk.refusal(
            try #require(body ?? RoundSamples.commands[kind]), by: try #require(RoundSamples.officers[kind]),
            on: target)
    }

    @Test(
        "what must come first: true counts, every confirmation, every answer, the day, the secret committed to"
    )
    func order() throws {
        var desk = try Desk.seeded()
        let open = try desk.round(in: .open)
        let half = try refusal(desk, .freezeRound, on: open, .freezeRound(FreezeRound(people: 3, posts: 3)))
        #expect(half == Rejection(.roundCounts, ["people": "4", "posts": "3"]))
        desk.now = Desk.drawDay
        #expect(try refusal(desk, .freezeRound, on: open)?["why"] == "public-value-known")
        let frozen = try desk.round(in: .frozen)
        let early = try refusal(desk, .postRanking, on: frozen)
        #expect(early == Rejection(.roundUnready, ["why": "unconfirmed", "count": "4"]))
        try desk.run(
            .confirmScore(ConfirmScore(person: "P1", disputed: true, note: "少算一次三等功")), by: "u7l1", on: frozen
        )
        for (person, officer) in RoundSamples.homes where person != "P1" {
            try desk.run(.confirmScore(ConfirmScore(person: person)), by: officer, on: frozen)
        }
        #expect(try refusal(desk, .postRanking, on: frozen)?["count"] == "1")
        let posted = try desk.round(in: .posted, objecting: true)
        desk.now = Desk.drawDay
        #expect(try refusal(desk, .openDraw, on: posted)?["why"] == "objections")
        #expect(try refusal(desk, .reopenRound, on: posted)?["why"] == "public-value-known")
        try desk.run(
            .settleObjection(SettleObjection(number: 1, upheld: true, answer: "应予更正")), by: "b1s2", on: posted
        )
        #expect(try refusal(desk, .openDraw, on: posted)?["why"] == "upheld")
        let ready = try desk.round(in: .posted)
        #expect(try refusal(desk, .openDraw, on: ready)?["why"] == "public-value-not-yet-known")
        desk.now = Desk.drawDay
        var wrong = RoundSamples.draw
        wrong.secret[31] ^= 1
        #expect(try refusal(desk, .openDraw, on: ready, .openDraw(wrong))?.refusal == .secretMismatch)
        #expect(try refusal(desk, .openDraw, on: ready) == nil)
    }

    @Test("reopening clears digest, confirmations and lists; the mended inputs have another digest")
    func reopened() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .posted, objecting: true)
        let before = try #require(desk.round(target)?.inputsDigest)
        try desk.run(
            .settleObjection(SettleObjection(number: 1, upheld: true, answer: "应予更正")), by: "b1s2", on: target
        )
        try desk.giveRound(.reopenRound, on: target)
        let open = try #require(desk.round(target))
        #expect(open.state == .open && open.inputsDigest.isEmpty && open.frozenOn == nil)
        #expect(open.members.allSatisfy { $0.confirmation == .none && $0.wishes.isEmpty })
        let mended = RoundSamples.member(
            "P3", "unit/LU-02", [RecordedFact(item: "service-year", count: 9, record: "a1")])
        try desk.run(.loadRoundPeople(LoadRoundPeople(people: [mended])), by: "b1a1", on: target)
        try desk.giveRound(.freezeRound, on: target)
        #expect(desk.round(target)?.inputsDigest != before)
    }

    @Test("turns: only the one whose turn it is, only a free post; who has left is passed over")
    func turns() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .picking)
        func pick(_ person: String, _ post: String) throws -> Rejection? {
            try refusal(desk, .pickPost, on: target, .pickPost(PickPost(person: person, post: post)))
        }
        #expect(try pick("P4", "G1") == Rejection(.notTheirTurn, ["person": "P1"]))
        #expect(try pick("P9", "G1")?.refusal == .unknownCode)
        #expect(try pick("P1", "G9")?.refusal == .unknownCode)
        #expect(try refusal(desk, .closeRound, on: target)?["why"] == "turns")
        try desk.run(.pickPost(PickPost(person: "P1", post: "G2")), by: "b1a1", on: target)
        let second = try #require(desk.round(target)?.turn)
        let key = try #require(desk.round(target)?.members[second].key)
        #expect(try pick(key, "G2") == Rejection(.postTaken, ["post": "G2"]))
        #expect(try pick("P1", "G1") == Rejection(.notTheirTurn, ["person": key]))
        let late = WithdrawFromRound(person: "P1", reason: "反悔")
        #expect(
            try refusal(desk, .withdrawFromRound, on: target, .withdrawFromRound(late))?.refusal
                == .notTheirTurn)
        try desk.giveRound(.withdrawFromRound, on: target)
        for _ in 0..<2 {
            let turn = try #require(desk.round(target)?.turn)
            let person = try #require(desk.round(target)?.members[turn].key)
            try desk.run(.passTurn(PassTurn(person: person)), by: "b1a1", on: target)
        }
        #expect(desk.round(target)?.turn == nil)
        #expect(desk.round(target)?.picking.turns.last?.how == .withdrawn)
    }

    @Test(
        "each party speaks for its own people, and sees their lines alone; the ranking, once posted, is everybody's"
    )
    func leastKnowledge() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .frozen)
        #expect(
            desk.refusal(.confirmScore(ConfirmScore(person: "P3")), by: "u7l1", on: target)
                == Rejection(.unknownCode, ["field": "person", "code": "P3", "list": "people"]))
        #expect(
            desk.refusal(.confirmScore(ConfirmScore(person: "P1")), by: "k3z8", on: target)?.refusal
                == .notFound)
        #expect(
            desk.refusal(.confirmScore(ConfirmScore(person: "P1")), by: "b1a1", on: target)?.refusal
                == .notPermitted)
        let query = RoundRowsQuery(key: "2026-1")
        let (unit, bureau) = (try #require(desk.viewer("u7l1")), try #require(desk.viewer("b1a1")))
        let other = try #require(desk.viewer("k3z8"))
        let slot = try #require(desk.state.findRound("2026-1", for: unit))
        #expect(desk.state.findRound("2026-1", for: other) == nil)
        #expect(desk.state.roundList(for: other).rounds.isEmpty)
        #expect(try desk.state.roundPeople(slot, query, for: unit).people.map(\.person) == ["P1", "P2"])
        #expect(try desk.state.roundPeople(slot, query, for: bureau).total == 4)
        #expect(try desk.state.ranking(slot, query, for: unit) == nil)
        #expect(try desk.state.ranking(slot, query, for: bureau) != nil)
        try desk.run(
            .confirmScore(ConfirmScore(person: "P1", note: "已当面确认")), by: "u7l1", on: target)
        for (person, officer) in RoundSamples.homes where person != "P1" {
            try desk.run(.confirmScore(ConfirmScore(person: person)), by: officer, on: target)
        }
        try desk.giveRound(.postRanking, on: target)
        try desk.giveRound(.objectToRanking, on: target)
        #expect(desk.state.findRound("2026-1", for: other) == slot)
        let posted = try desk.state.ranking(slot, query, for: other)
        let page = try #require(posted)
        #expect(page.rows.map(\.place) == [1, 2, 2, 4])
        #expect(page.rows.allSatisfy { $0.maskedName.hasPrefix("欧*") && !$0.maskedName.contains("示") })
        #expect(page.rows.map(\.tenths) == [170, 120, 120, 30])
        #expect(try desk.state.roundPeople(slot, query, for: other).total == 0)
        #expect(desk.state.roundView(slot, for: other).objections.isEmpty)
        #expect(desk.state.roundView(slot, for: unit).objections.count == 1)
        let notes = desk.state.roundHistory(slot, for: other).map(\.note)
        #expect(notes.allSatisfy { $0.isEmpty }, "\(notes)")
        #expect(desk.state.roundHistory(slot, for: unit).contains { $0.note == "已当面确认" })
        let administrator = try #require(desk.viewer("b1y3"))
        #expect(desk.state.findRound("2026-1", for: administrator) == nil)
    }

    @Test("every officer tries every command: only those of the table of rights succeed")
    func everyOfficer() throws {
        for row in PlacementRound.transitions.rows {
            guard let from = row.from else { continue }
            var desk = try Desk.seeded()
            let target = try prepared(&desk, row.command, from)
            let body = try #require(RoundSamples.commands[row.command])
            let right = try #require(Rights.row(row.command))
            // About P1 and P2 only their own unit speaks; an objection is anybody's who has people in the round.
            let speaks = row.command == .objectToRanking ? ["u7l1", "u2l4", "k7f2"] : ["u7l1"]
            for officer in desk.state.officers {
                let isBureau = officer.id.hasPrefix("b1")
                let mayDo =
                    !right.roles.isDisjoint(with: officer.roles)
                    && (right.relation == .bureau ? isBureau : speaks.contains(officer.id))
                let refusal = desk.refusal(body, by: officer.id, on: target)
                #expect((refusal == nil) == mayDo, "\(officer.id) \(row.command.name) in \(from.word)")
            }
        }
        let desk = try Desk.seeded()
        let fresh = EntityID(high: 77, low: 77)
        for officer in desk.state.officers {
            let refusal = desk.refusal(.announceRound(RoundSamples.announce), by: officer.id, on: fresh)
            #expect((refusal == nil) == (officer.id == "b1s2"), "\(officer.id)")
        }
    }

    @Test("a list and the objections of a round: at their limit, and one beyond")
    func limits() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .posted)
        func list(_ count: Int) -> Rejection? {
            let keys = (0..<count).map { "N\($0)" }
            return desk.refusal(
                .filePreferences(FilePreferences(person: "P1", posts: keys)), by: "u7l1", on: target)
        }
        #expect(list(RoundLimits.listed)?.refusal == .unknownCode)
        #expect(list(RoundLimits.listed + 1)?["why"] == "too-many")
        for _ in 0..<RoundLimits.objections { try desk.giveRound(.objectToRanking, on: target) }
        #expect(desk.round(target)?.objections.count == RoundLimits.objections)
        let more = try #require(RoundSamples.commands[.objectToRanking])
        #expect(desk.refusal(more, by: "u7l1", on: target)?["why"] == "too-many")
    }

    @Test("what a round may hold is refused field by field")
    func fields() throws {
        var desk = try Desk.seeded()
        let fresh = desk.newID()
        func announce(_ change: (inout AnnounceRound) -> Void) -> Rejection? {
            var body = RoundSamples.announce
            change(&body)
            return desk.refusal(.announceRound(body), by: "b1s2", on: fresh)
        }
        #expect(announce { _ in } == nil)
        #expect(announce { $0.table = "none" }?.refusal == .noRuleTable)
        #expect(announce { $0.ties = ["luck"] }?["why"] == "unknown")
        #expect(announce { $0.commitment.removeLast() }?.refusal == .fieldInvalid)
        #expect(announce { $0.key = "第一轮" }?.refusal == .fieldInvalid)
        #expect(announce { $0.publicOn = nil }?.refusal == .fieldMissing)
        #expect(announce { $0.title = "31638部队选岗" }?.refusal == .classifiedText)
        let target = try desk.round(in: .open)
        #expect(announce { $0.key = "2026-1" }?["why"] == "repeated")
        func people(_ change: (inout RoundMember) -> Void) -> Rejection? {
            var body = RoundSamples.member("P7", "unit/LU-07", [RoundSamples.years])
            change(&body)
            return desk.refusal(
                .loadRoundPeople(LoadRoundPeople(people: [body])), by: "b1a1", on: target)
        }
        #expect(people { _ in } == nil)
        #expect(people { $0.party = "unit/LU-99" }?.refusal == .wrongParty)
        #expect(people { $0.name = "" }?.refusal == .fieldMissing)
        #expect(people { $0.key = "11010519491231002X" }?.refusal == .fieldInvalid)
        #expect(people { $0.facts[0].item = "fame" }?["why"] == "unknown")
        #expect(people { $0.facts[0].count = 1_001 }?["why"] == "out-of-range")
        let twice = LoadRoundPeople(people: [RoundSamples.people.people[0], RoundSamples.people.people[0]])
        #expect(desk.refusal(.loadRoundPeople(twice), by: "b1a1", on: target)?["why"] == "repeated")
        let gone = LoadRoundPosts(removed: ["G9"])
        #expect(desk.refusal(.loadRoundPosts(gone), by: "b1a1", on: target)?.refusal == .unknownCode)
        try desk.run(.loadRoundPosts(LoadRoundPosts(removed: ["G3"])), by: "b1a1", on: target)
        let left = try #require(desk.round(target)).posts.map(\.key)
        #expect(left == ["G1", "G2"])
    }
}

@Suite("seeds/: points tables")
struct PointsSeedTests {
    private func error(_ rows: String) -> String? {
        let text = "version,1\nkind,code,group,rule,points,most,clause,name\n\(rows)"
        do {
            _ = try seedCommands([SeedFile(path: "rules/points-x.csv", text: text)])
            return nil
        } catch { return error.description }
    }

    @Test("points are whole tenths; what is wrong is named with row and column")
    func rows() throws {
        #expect(error("group,g,,sum,,25.5,第一条,名\nitem,i,g,,-1.5,,第一条,名\n") == nil)
        #expect(
            error("group,g,,total,,,第一条,名\n")
                == "seeds/rules/points-x.csv, line 3, column \"rule\": \"total\" is neither sum nor highest")
        #expect(
            error("group,g,,sum,,,第一条,名\nitem,i,g,,1.55,,第一条,名\n")?.contains("line 4, column \"points\"")
                == true)
        #expect(
            error("group,g,,sum,,,第一条,名\nitem,i,h,,1,,第一条,名\n")?.contains("line 4, column \"group\"") == true)
        #expect(error("group,g,,sum,,-1,第一条,名\n")?.contains("column \"most\"") == true)
        #expect(error("row,g,,sum,,,第一条,名\n")?.contains("column \"kind\"") == true)
        #expect(
            error("group,g,,sum,,,第一条,名\ngroup,g,,sum,,,第一条,名\n")?.contains("stands twice") == true)
        let desk = try Desk.seeded()
        let table = try #require(desk.state.pointsTable("points-placement"))
        #expect(table.items.first { $0.code == "warning" }?.points == -30)
        #expect(table.items.first { $0.code == "service-year" }?.points == 15)
        #expect(table.groups.first { $0.code == "merit" }?.most == 300)
    }

    @Test("a round keeps the table it was announced with")
    func pinned() throws {
        var desk = try Desk.seeded()
        let target = try desk.round(in: .open)
        let row = PointsGroupRow(code: "merit", rule: .sum, clause: "第一条", name: "立功")
        let service = PointsGroupRow(code: "service", rule: .sum, clause: "第一条", name: "服役")
        let item = PointsItemRow(code: "other", group: "merit", points: 1, clause: "第一条", name: "其他")
        let load = LoadPointsTable(
            table: "points-placement", version: "2027.1", groups: [row, service], items: [item])
        try desk.run(.loadPointsTable(load), by: "b1y3", on: RosterTarget.pointsTable("points-placement"))
        #expect(desk.state.pointsTable("points-placement")?.version == "2027.1")
        #expect(desk.round(target)?.table.version == "2026.1")
        try desk.giveRound(.freezeRound, on: target)
        #expect(
            desk.refusal(
                .loadPointsTable(load), by: "b1s2", on: RosterTarget.pointsTable("points-placement"))?
                .refusal == .notPermitted)
        var wrong = load
        wrong.items[0].group = "none"
        #expect(
            desk.refusal(
                .loadPointsTable(wrong), by: "b1y3", on: RosterTarget.pointsTable("points-placement"))?[
                    "why"] == "unknown")
    }
}
