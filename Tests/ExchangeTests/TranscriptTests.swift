import Exchange
import Schema
import Testing
import Wire

@Suite("DOMAIN.md 2 and 3: the story, step by step, without I/O")
struct TranscriptTests {
    @Test func unitToLocalFromFilingToClosing() throws {
        var desk = try Desk.seeded()
        let target = desk.newID()
        try desk.run(.submitRequest(Samples.submitUnit), by: "u7l1", on: target)
        try desk.run(.returnRequest(ReturnRequest(reason: "请补充照片")), by: "b1a1", on: target)
        try desk.run(.amendRequest(AmendRequest(text: Samples.text)), by: "u7l1", on: target)
        try desk.run(.acceptRequest(AcceptRequest()), by: "b1a1", on: target)
        try desk.run(.decideRequest(Samples.included), by: "b1s2", on: target)
        try desk.run(.assignRequest(Samples.assign(to: "county/421303")), by: "b1s2", on: target)
        try desk.run(.handBackRequest(HandBackRequest(reason: "不在本区辖区")), by: "k3z8", on: target)
        try desk.run(
            .assignRequest(Samples.assign(to: "county/421321", assisting: ["department/421300-TRANSPORT"])),
            by: "b1s2", on: target)
        try desk.run(.acknowledgeRequest(AcknowledgeRequest()), by: "k7f2", on: target)
        try desk.run(.reportProgress(Samples.progress), by: "k7f2", on: target)
        try desk.run(.reportResult(Samples.result), by: "k7f2", on: target)
        try desk.run(.confirmRequest(Samples.dissatisfied), by: "u7l1", on: target)
        try desk.run(.reportProgress(ReportProgress(percent: 90, note: "")), by: "k7f2", on: target)
        try desk.run(.reportResult(Samples.result), by: "k7f2", on: target)
        try desk.run(.confirmRequest(Samples.satisfied), by: "u7l1", on: target)

        let viewer = try #require(desk.viewer("u7l1"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let view = try #require(desk.state.requestView(matter, for: viewer))
        let summary = try #require(view.summary)
        #expect(summary.number == "随双2026-军提-0001")
        #expect(summary.state == .closed)
        #expect(summary.version == 15)
        #expect(summary.redoCount == 1)
        #expect(view.handBackCount == 1)
        #expect(summary.responsible == "county/421321")
        #expect(summary.responsibleName == "随县")
        #expect(summary.grade == .solved)
        #expect(view.satisfaction == .satisfied)
        #expect(view.decision == .included)
        #expect(view.obligation?.assisting == ["department/421300-TRANSPORT"])
        #expect(view.text == Samples.text)
        #expect(view.next.isEmpty)
        let history = desk.state.history(of: matter, for: viewer)
        #expect(history.map(\.version) == Array(1...15))
        #expect(
            history.map(\.state) == [
                "submitted", "returned", "submitted", "accepted", "decided", "assigned", "decided",
                "assigned",
                "acknowledged", "in_progress", "reported", "in_progress", "in_progress", "reported", "closed",
            ])
        #expect(history[11].note == "路肩仍有塌陷")
        #expect(
            history[3].actor
                == ActorView(party: "bureau/421300", partyName: "随州市退役军人事务局", officer: "b1a1", post: "双拥办经办"))
        #expect(
            desk.state.history(of: matter, after: 13, for: viewer).map(\.kind) == [
                "report_result", "confirm_request",
            ])
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test func localToUnitTheOtherWayRound() throws {
        var desk = try Desk.seeded()
        let target = desk.newID()
        try desk.run(.submitRequest(Samples.submitLocal), by: "k7f2", on: target)
        try desk.run(.acceptRequest(AcceptRequest()), by: "b1a1", on: target)
        try desk.run(.decideRequest(Samples.included), by: "b1s2", on: target)
        try desk.run(.assignRequest(Samples.assign(to: "unit/LU-02")), by: "b1s2", on: target)
        try desk.run(.acknowledgeRequest(AcknowledgeRequest()), by: "u2l4", on: target)
        try desk.run(.reportProgress(Samples.progress), by: "u2l4", on: target)
        try desk.run(.reportResult(Samples.result), by: "u2l4", on: target)
        try desk.run(.confirmRequest(ConfirmRequest(satisfaction: .mostly)), by: "k7f2", on: target)
        #expect(desk.request(target)?.state == .closed)
        #expect(desk.request(target)?.number == "随双2026-地提-0001")
        #expect(desk.state.versionAndNumber(of: target).number == "随双2026-地提-0001")
    }

    @Test func countersRunApartByYearAndDirection() throws {
        var desk = try Desk.seeded()
        var numbers: [String] = []
        for (year, officer, direction) in [
            (2026, "u7l1", Direction.unitToLocal), (2026, "u2l4", .unitToLocal), (2027, "u7l1", .unitToLocal),
            (2026, "k7f2", .localToUnit), (2026, "d5e1", .localToUnit),
        ] {
            let target = desk.newID()
            let body = SubmitRequest(
                direction: direction, year: Int32(year), wave: .special, text: Samples.text)
            try desk.run(.submitRequest(body), by: officer, on: target)
            try desk.run(.acceptRequest(AcceptRequest()), by: "b1s2", on: target)
            numbers.append(desk.state.versionAndNumber(of: target).number)
        }
        #expect(
            numbers == [
                "随双2026-军提-0001", "随双2026-军提-0002", "随双2027-军提-0001", "随双2026-地提-0001", "随双2026-地提-0002",
            ])
    }

    @Test func aSpouseIsPlacedAndTheUnitToldBack() throws {
        var desk = try Desk.seeded()
        let target = desk.newID()
        try desk.run(.fileCase(Samples.fileCase), by: "u7l1", on: target)
        try desk.run(.returnCase(ReturnCase(reason: "请补充户口簿")), by: "b1a1", on: target)
        try desk.run(.amendCase(Samples.amendCase), by: "u7l1", on: target)
        try desk.run(.reviewCase(Samples.review), by: "b1s2", on: target)
        try desk.run(.concludeCase(Samples.notPlaced), by: "d5h2", on: target)
        try desk.run(
            .confirmCase(ConfirmCase(satisfaction: .dissatisfied, note: "仍有空编")), by: "u7l1", on: target)
        try desk.run(.concludeCase(Samples.placed), by: "d5h2", on: target)
        try desk.run(.confirmCase(ConfirmCase(satisfaction: .satisfied)), by: "u7l1", on: target)

        let viewer = try #require(desk.viewer("u7l1"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let view = try #require(desk.state.caseView(matter, for: viewer))
        let summary = try #require(view.summary)
        #expect(summary.number == "随双2026-后院-0001")
        #expect(summary.state == .closed)
        #expect(summary.tier == 4)
        #expect(summary.clause.contains("第三条第四项"))
        #expect(view.ruleVersion == "2026.1")
        #expect(view.conclusion?.placed == true)
        #expect(view.family?.idNumber == "110*************2X")
        #expect(view.service == Samples.service)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test func rulesDecideTierAndRefuseByClause() throws {
        var desk = try Desk.seeded()
        func tier(_ change: (inout FileCase) -> Void) throws -> Int32? {
            var body = Samples.fileCase
            change(&body)
            let target = desk.newID()
            try desk.run(.fileCase(body), by: "u7l1", on: target)
            try desk.run(.reviewCase(Samples.review), by: "b1s2", on: target)
            return desk.held(target)?.review?.tier
        }
        #expect(try tier { $0.service?.martyrFamily = true } == 1)
        #expect(try tier { $0.service?.merit = "second-battle" } == 1)
        #expect(try tier { $0.service?.hardship = "plateau" } == 2)
        #expect(try tier { $0.family?.profession = "civil-servant" } == 3)
        #expect(try tier { _ in } == 4)
        #expect(try tier { $0.family?.profession = "vertical" } == 5)
        #expect(try tier { $0.family?.profession = "unemployed" } == 6)
        let refused = #expect(throws: Rejection.self) {
            try tier {
                $0.service?.approvalOrgan = "below-brigade"
                $0.service?.martyrFamily = true
            }
        }
        #expect(refused?.refusal == .notEligible)
        #expect(refused?["clause"]?.contains("第二条") == true)
    }

    @Test func withoutARuleTableNothingIsReviewed() throws {
        var desk = Desk()
        for seed in try seedCommands(ProjectFiles.seeds().filter { !$0.path.hasPrefix("rules/") }) {
            try desk.run(seed.command, .seed, seed.target, expecting: 0)
        }
        let target = try desk.placementCase(in: .filed)
        let refusal = desk.refusal(.reviewCase(Samples.review), by: "b1s2", on: target)
        #expect(refusal == Rejection(.noRuleTable, ["table": "spouse-priority"]))
    }

    /// An erased field: its key is gone, replay brings only the sealed bytes. The hash stays, the screens say
    /// so.
    @Test func erasureKeepsTheHashAndSaysSo() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .reported)
        let before = TestHasher.digest(desk.state)
        var erased = State()
        for entry in desk.log {
            var event = entry.event
            event.forEachPersonal(under: .root) { (field, _) in field.clear = nil }
            erased.apply(event, at: entry.at)
        }
        #expect(TestHasher.digest(erased) == before)
        let viewer = try #require(erased.viewer(officer: "u7l1", party: "unit/LU-07"))
        let matter = try #require(erased.matter(target, for: viewer))
        let view = try #require(erased.requestView(matter, for: viewer))
        #expect(view.summary?.title == "已删除")
        #expect(view.text?.contact?.phone == "已删除")
        #expect(view.summary?.number == "随双2026-军提-0001")
    }

    /// The stream holds no clear text of a personal field.
    @Test func theDigestNeverSeesClearText() throws {
        var desk = try Desk.seeded()
        _ = try desk.request(in: .reported)
        _ = try desk.placementCase(in: .placed)
        struct Collector: StateHasher {
            var bytes: [UInt8] = []
            mutating func absorb(_ buffer: UnsafeRawBufferPointer) { bytes.append(contentsOf: buffer) }
        }
        var collector = Collector()
        desk.state.digest(into: &collector)
        let stream = collector.bytes
        for secret in ["王小芳", "11010519491231002X", "13800001111", "李联络", "营区门前道路修缮", "测试甲"] {
            #expect(!stream.contains(Array(secret.utf8)), "\(secret)")
        }
        #expect(stream.contains(Array("随双2026-军提-0001".utf8)))
    }
}

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool {
        guard count >= part.count else { return false }
        return (0...(count - part.count)).contains {
            self[$0] == part[0] && self[$0..<($0 + part.count)].elementsEqual(part)
        }
    }
}
