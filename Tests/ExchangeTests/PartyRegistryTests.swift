import Schema
import Testing

@testable import Exchange

extension Desk {
    /// By the system administrator.
    mutating func add(_ party: RegisterParty) throws(Rejection) {
        try run(.registerParty(party), by: "b1y3", on: RosterTarget.party(party.key))
    }

    /// By the security administrator.
    mutating func add(
        _ officer: String, _ party: String, _ roles: [Role] = [.clerk, .approver], name: String = "测试新"
    ) throws(Rejection) {
        let body = RegisterOfficer(officer: officer, party: party, roles: roles, name: name, post: "股长")
        try run(.registerOfficer(body), by: "b1q4", on: RosterTarget.officer(officer))
    }

    mutating func suspend(_ officer: String, _ suspended: Bool = true) throws(Rejection) {
        let body = SuspendOfficer(officer: officer, suspended: suspended)
        try run(.suspendOfficer(body), by: "b1q4", on: RosterTarget.officer(officer))
    }

    mutating func suspendParty(_ key: String, _ suspended: Bool = true) throws(Rejection) {
        let body = SuspendParty(key: key, suspended: suspended)
        try run(.suspendParty(body), by: "b1q4", on: RosterTarget.party(key))
    }

    mutating func handOver(_ from: String, to: String) throws(Rejection) {
        let body = HandOverOfficer(officer: from, successor: to)
        try run(.handOverOfficer(body), by: "b1q4", on: RosterTarget.officer(from))
    }

    mutating func eraseName(_ officer: String) throws(Rejection) {
        let body = EraseOfficer(officer: officer, basis: "申请〔2026〕9号")
        try run(.eraseOfficer(body), by: "b1q4", on: RosterTarget.officer(officer))
    }

    static let township = RegisterParty(
        key: "township/421321-LS", kind: .township, code: "421321-LS", name: "厉山镇", order: 1,
        parent: "county/421321")
}

@Suite("REGISTRY.md 1: parties")
struct PartyRegistryTests {
    private func refusal(_ desk: Desk, _ body: RegisterParty, by officer: String = "b1y3") -> Rejection? {
        desk.refusal(.registerParty(body), by: officer, on: RosterTarget.party(body.key))
    }

    private func change(
        _ desk: Desk, _ body: ChangeParty, by officer: String = "b1y3"
    ) -> Rejection? {
        desk.refusal(.changeParty(body), by: officer, on: RosterTarget.party(body.key))
    }

    @Test func aTownshipStandsBelowAnActiveCounty() throws {
        var desk = try Desk.seeded()
        #expect(refusal(desk, Desk.township) == nil)
        var body = Desk.township
        body.parent = ""
        #expect(refusal(desk, body) == .missing("parent"))
        for parent in ["department/421300-HR", "bureau/421300", "county/999999", "unit/LU-07"] {
            body.parent = parent
            #expect(refusal(desk, body) == .wrongParty("parent", parent))
        }
        let county = RegisterParty(
            key: "county/421399", kind: .county, code: "421399", name: "新区", parent: "county/421321")
        #expect(refusal(desk, county) == .wrongParty("parent", "county/421321"))
        try desk.suspendParty("county/421321")
        #expect(refusal(desk, Desk.township)?.refusal == .partySuspended)
        try desk.suspendParty("county/421321", false)
        try desk.add(Desk.township)
        // A township is no county.
        body = Desk.township
        (body.key, body.code, body.parent) = ("township/421321-XX", "421321-XX", Desk.township.key)
        #expect(refusal(desk, body)?.refusal == .wrongParty)
        #expect(desk.state.party(Desk.township.key)?.parent == desk.state.partyIndex("county/421321"))
    }

    @Test func townshipsFollowTheirCountyInOfficialOrder() throws {
        var desk = try Desk.seeded()
        for (code, order) in [("B", 2), ("A", 1)] {
            var body = Desk.township
            (body.key, body.code, body.order) = ("township/421321-\(code)", "421321-\(code)", Int32(order))
            try desk.add(body)
        }
        let keys = desk.state.partyPage().parties.map(\.key)
        #expect(
            Array(keys.prefix(7)) == [
                "bureau/421300", "county/421303", "county/421321", "township/421321-A",
                "township/421321-B", "county/421381", "county/421300-GX",
            ])
        #expect(keys.count == desk.state.parties.count)
        let view = try #require(desk.state.partyPage().parties.first { $0.key == "township/421321-A" })
        #expect(view.parent == "county/421321" && !view.suspended && view.version == 1)
    }

    @Test func nameAndOrderChangeAndTheKeyStays() throws {
        var desk = try Desk.seeded()
        let target = RosterTarget.party("county/421381")
        let body = ChangeParty(key: "county/421381", name: "广水市（新）", order: 9)
        for officer in ["b1q4", "b1s2", "b1u5", "k8g5"] {
            #expect(change(desk, body, by: officer)?.refusal == .notPermitted, "\(officer)")
        }
        try desk.run(.changeParty(body), by: "b1y3", on: target)
        let party = try #require(desk.state.party("county/421381"))
        #expect(party.name == "广水市（新）" && party.order == 9 && desk.state.version(of: target) == 2)
        #expect(desk.state.partyPage().parties.filter { $0.kind == .county }.last?.key == "county/421381")
        #expect(
            desk.refusal(.changeParty(body), by: "b1y3", on: target, expecting: 1)?.refusal
                == .versionConflict)
        // At the limits and one beyond.
        var most = body
        most.name = String(repeating: "县", count: Limits.displayNameCharacters)
        most.order = Int32(Limits.partyOrder)
        #expect(change(desk, most) == nil)
        most.order += 1
        #expect(change(desk, most) == .invalid("order", "out-of-range"))
        most.order = -1
        #expect(change(desk, most) == .invalid("order", "out-of-range"))
        most = ChangeParty(
            key: body.key, name: String(repeating: "县", count: Limits.displayNameCharacters + 1))
        #expect(change(desk, most)?["why"] == "too-long")
        #expect(change(desk, ChangeParty(key: body.key, name: " ")) == .missing("name"))
        #expect(change(desk, ChangeParty(key: body.key, name: "31638部队"))?.refusal == .classifiedText)
        #expect(change(desk, ChangeParty(key: "county/421399", name: "无"))?.refusal == .notFound)
    }

    @Test func aSuspendedPartysOfficersMayNeitherAskNorAct() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .acknowledged)
        for officer in ["b1y3", "b1s2", "b1u5", "k3z8"] {
            #expect(
                desk.refusal(
                    .suspendParty(SuspendParty(key: "county/421321", suspended: true)), by: officer,
                    on: RosterTarget.party("county/421321"))?.refusal == .notPermitted, "\(officer)")
        }
        try desk.suspendParty("county/421321")
        #expect(desk.viewer("k7f2") == nil && desk.viewer("k3z8") != nil)
        let progress = Command.OneOf_Body.reportProgress(Samples.progress)
        #expect(
            desk.refusal(progress, by: "k7f2", on: target)
                == Rejection(.notPermitted, ["command": "report_progress", "reason": "suspended"]))
        // The officer's own standing is untouched: resuming the party is enough.
        #expect(desk.state.officer("k7f2")?.isSuspended == false)
        try desk.suspendParty("county/421321", false)
        #expect(desk.refusal(progress, by: "k7f2", on: target) == nil)
    }

    @Test func nothingNewIsGivenToASuspendedParty() throws {
        var desk = try Desk.seeded()
        let decided = try desk.request(in: .decided)
        let filed = try desk.placementCase(in: .filed)
        let reviewed = try desk.placementCase(in: .reviewed, for: .refuseTask)
        let loads = try #require(
            try seedCommands(ProjectFiles.seeds()).first { $0.target == RosterTarget.caseKinds })
        for key in ["county/421321", "department/421300-HR", "unit/LU-02"] { try desk.suspendParty(key) }
        func refusal(_ body: Command.OneOf_Body, by officer: String, on target: EntityID) -> Rejection? {
            desk.refusal(body, by: officer, on: target)
        }
        func suspended(_ field: String, _ party: String) -> Rejection {
            Rejection(.partySuspended, ["field": field, "party": party])
        }
        #expect(
            refusal(.assignRequest(Samples.assign(to: "county/421321")), by: "b1s2", on: decided)
                == suspended("responsible", "county/421321"))
        let helped = Samples.assign(to: "county/421303", assisting: ["county/421321"])
        #expect(
            refusal(.assignRequest(helped), by: "b1s2", on: decided)
                == suspended("assisting", "county/421321"))
        #expect(
            refusal(.submitRequest(Samples.submitLocal), by: "k3z8", on: EntityID(high: 7, low: 7))
                == suspended("addressed_to", "unit/LU-02"))
        #expect(
            refusal(.reviewCase(Samples.review), by: "b1s2", on: filed)
                == suspended("handler", "department/421300-HR"))
        #expect(
            refusal(
                .reassignTask(
                    ReassignTask(
                        task: 1, party: "department/421300-HR",
                        deadline: CivilDate(year: 2026, month: 9, day: 1))),
                by: "b1s2", on: reviewed)?.refusal == .partySuspended)
        #expect(
            desk.refusal(loads.command.body ?? .acceptRequest(AcceptRequest()), by: "b1y3", on: loads.target)?
                .refusal == .partySuspended)
    }

    @Test func theBureauIsNeverSuspended() throws {
        let desk = try Desk.seeded()
        #expect(
            desk.refusal(
                .suspendParty(SuspendParty(key: "bureau/421300", suspended: true)), by: "b1q4",
                on: RosterTarget.party("bureau/421300")) == .wrongParty("key", "bureau/421300"))
    }

    @Test func aCountyHasItsTownshipWorkOnWhatItLeads() throws {
        var desk = try Desk.seeded()
        try desk.add(Desk.township)
        try desk.add("t1a1", Desk.township.key)
        var elsewhere = Desk.township
        (elsewhere.key, elsewhere.code, elsewhere.parent) = ("township/421303-X", "421303-X", "county/421303")
        try desk.add(elsewhere)
        let target = try desk.request(in: .acknowledged)
        func refusal(_ township: String, by officer: String = "k7f2") -> Rejection? {
            desk.refusal(.handOnRequest(HandOnRequest(township: township)), by: officer, on: target)
        }
        for party in [
            elsewhere.key, "county/421303", "county/421321", "department/421300-HR", "township/none",
        ] {
            #expect(refusal(party) == .wrongParty("township", party))
        }
        #expect(refusal("") == .missing("township"))
        for officer in ["b1s2", "u7l1"] {
            #expect(refusal(Desk.township.key, by: officer)?.refusal == .notPermitted)
        }
        #expect(refusal(Desk.township.key, by: "k3z8")?.refusal == .notFound)
        try desk.suspendParty(Desk.township.key)
        #expect(refusal(Desk.township.key)?.refusal == .partySuspended)
        try desk.suspendParty(Desk.township.key, false)
        let viewer = try #require(desk.viewer("t1a1"))
        #expect(desk.state.matter(target, for: viewer) == nil)
        try desk.give(.handOnRequest, on: target)
        #expect(refusal(Desk.township.key) == .invalid("township", "repeated"))
        let county = try #require(desk.viewer("k7f2"))
        #expect(
            desk.state.matter(target, for: county).map { desk.state.nextCommands(for: county, $0) }?
                .contains("hand_on_request") == false)
        let matter = try #require(desk.state.matter(target, for: viewer))
        #expect(desk.state.nextCommands(for: viewer, matter) == ["report_progress"])
        try desk.run(.reportProgress(Samples.progress), by: "t1a1", on: target)
        for kind in [CommandKind.reportResult, .askExtension, .handOnRequest] {
            let body = try #require(Samples.requestCommands[kind])
            #expect(desk.refusal(body, by: "t1a1", on: target)?.refusal == .notPermitted)
        }
        try desk.give(.reportResult, on: target)
        #expect(TestHasher.digest(desk.rebuilt()) == TestHasher.digest(desk.state))
        // Named as a helper of another county, a township sees and gives no command; handed back, it sees no more.
        let other = try desk.request(in: .decided)
        try desk.run(
            .assignRequest(Samples.assign(to: "county/421303", assisting: [Desk.township.key])), by: "b1s2",
            on: other)
        try desk.run(.acknowledgeRequest(AcknowledgeRequest()), by: "k3z8", on: other)
        #expect(
            desk.refusal(.reportProgress(Samples.progress), by: "t1a1", on: other)?.refusal == .notPermitted)
        let back = try desk.request(in: .acknowledged)
        try desk.give(.handOnRequest, on: back)
        try desk.give(.handBackRequest, on: back)
        #expect(desk.state.matter(back, for: viewer) == nil)
    }

    @Test func noMorePartiesHelpThanTheLimit() throws {
        var desk = try Desk.seeded()
        try desk.add(Desk.township)
        var keys: [String] = []
        for number in 0..<Limits.assistingParties {
            var body = Desk.township
            (body.key, body.code) = ("township/421321-\(number)", "421321-\(number)")
            try desk.add(body)
            keys.append(body.key)
        }
        let target = try desk.request(in: .acknowledged)
        for key in keys { try desk.run(.handOnRequest(HandOnRequest(township: key)), by: "k7f2", on: target) }
        #expect(
            desk.refusal(.handOnRequest(HandOnRequest(township: Desk.township.key)), by: "k7f2", on: target)
                == .tooMuch("township", "too-many", max: Limits.assistingParties))
    }

    /// What a township may do: it files for itself, handles what it was given, helps where it was named, and sees nothing else.
    @Test func aTownshipHandlesWhatItWasGivenAndSeesOnlyThat() throws {
        var desk = try Desk.seeded()
        try desk.add(Desk.township)
        try desk.add("t1a1", Desk.township.key)
        let other = try desk.request(in: .acknowledged)
        let own = try desk.request(in: .decided)
        try desk.run(.assignRequest(Samples.assign(to: Desk.township.key)), by: "b1s2", on: own)
        let helped = try desk.request(in: .decided)
        try desk.run(
            .assignRequest(Samples.assign(to: "county/421321", assisting: [Desk.township.key])), by: "b1s2",
            on: helped)
        let viewer = try #require(desk.viewer("t1a1"))
        #expect(desk.state.matter(other, for: viewer) == nil)
        #expect(desk.state.matter(own, for: viewer) != nil && desk.state.matter(helped, for: viewer) != nil)
        for kind in [CommandKind.acknowledgeRequest, .reportProgress, .reportResult] {
            let body = try #require(Samples.requestCommands[kind])
            let isWork = kind == .reportProgress  // for its own county
            #expect(
                desk.refusal(body, by: "t1a1", on: helped)?.refusal == (isWork ? .wrongState : .notPermitted))
            try desk.run(body, by: "t1a1", on: own)
        }
        try desk.run(.submitRequest(Samples.submitLocal), by: "t1a1", on: desk.newID())
        #expect(
            desk.refusal(.submitRequest(Samples.submitUnit), by: "t1a1", on: desk.newID())?.refusal
                == .wrongParty)
        // Not a party of families' cases, and no office of administrators.
        let filed = try desk.placementCase(in: .filed)
        #expect(
            desk.refusal(.reviewCase(ReviewCase(handler: Desk.township.key)), by: "b1s2", on: filed)
                == .wrongParty("handler", Desk.township.key))
        #expect(
            desk.refusal(
                .registerOfficer(
                    RegisterOfficer(
                        officer: "t2a2", party: Desk.township.key, roles: [.auditor], name: "测试", post: "站长")),
                by: "b1q4", on: RosterTarget.officer("t2a2"))?.refusal == .wrongParty)
    }
}
