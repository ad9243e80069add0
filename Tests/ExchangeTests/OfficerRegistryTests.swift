import Schema
import TestSupport
import Testing

@testable import Exchange

@Suite("REGISTRY.md 2 and 3: hand-over of a duty, removal of a name")
struct OfficerRegistryTests {
    private func refusal(_ desk: Desk, _ from: String, _ to: String, by officer: String = "b1q4")
        -> Rejection?
    {
        desk.refusal(
            .handOverOfficer(HandOverOfficer(officer: from, successor: to)), by: officer,
            on: RosterTarget.officer(from))
    }

    @Test func theSuccessorSeesEverythingAndThePostStaysOnWhatWasDone() throws {
        var desk = try Desk.seeded()
        try desk.add("k9n1", "county/421321", [.clerk])
        let open = try desk.request(in: .inProgress)
        let own = desk.newID()
        try desk.run(.submitRequest(Samples.submitLocal), by: "k7f2", on: own)
        let before = desk.viewer("k7f2").map { viewer in
            [open, own].map { target in
                desk.state.matter(target, for: viewer).map { desk.state.history(of: $0, for: viewer) }
            }
        }
        let given = desk.state.version(of: RosterTarget.officer("k7f2"))
        let taken = desk.state.version(of: RosterTarget.officer("k9n1"))
        try desk.handOver("k7f2", to: "k9n1")
        #expect(desk.state.version(of: RosterTarget.officer("k7f2")) == given + 1)
        #expect(desk.state.version(of: RosterTarget.officer("k9n1")) == taken + 1)
        #expect(desk.viewer("k7f2") == nil)
        #expect(desk.state.officer("k9n1")?.roles == [.clerk, .approver])
        let viewer = try #require(desk.viewer("k9n1"))
        let after = [open, own].map { target in
            desk.state.matter(target, for: viewer).map { desk.state.history(of: $0, for: viewer) }
        }
        #expect(after == before && after.allSatisfy { $0?.isEmpty == false })
        let matter = try #require(desk.state.matter(open, for: viewer))
        let did = desk.state.history(of: matter, for: viewer).filter { $0.actor?.officer == "k7f2" }
        #expect(!did.isEmpty && did.allSatisfy { $0.actor?.post == "随县拥军优抚股股长" })
        // Open work goes on, and a request that was filed can be withdrawn.
        try desk.run(.reportResult(Samples.result), by: "k9n1", on: open)
        try desk.run(.withdrawRequest(WithdrawRequest(reason: "已解决")), by: "k9n1", on: own)
        #expect(
            desk.refusal(.reportProgress(Samples.progress), by: "k7f2", on: open)
                == Rejection(.notPermitted, ["command": "report_progress", "reason": "suspended"]))
        // Resumed, who handed over has no role until one is given.
        try desk.suspend("k7f2", false)
        #expect(
            desk.refusal(.submitRequest(Samples.submitLocal), by: "k7f2", on: desk.newID())?.refusal
                == .notPermitted)
        #expect(refusal(desk, "k7f2", "k9n1") == .invalid("officer", "no-roles"))
        #expect(TestHasher.digest(desk.rebuilt()) == TestHasher.digest(desk.state))
    }

    @Test func whoMayNotBeSuccessor() throws {
        var desk = try Desk.seeded()
        try desk.add("k9n1", "county/421321", [.clerk])
        #expect(refusal(desk, "k7f2", "k9n1") == nil)
        #expect(refusal(desk, "k7f2", "") == .missing("successor"))
        #expect(
            refusal(desk, "", "k9n1") == .missing("officer")
                || refusal(desk, "", "k9n1")?.refusal == .notFound)
        #expect(refusal(desk, "zz", "k9n1")?.refusal == .notFound)
        #expect(refusal(desk, "k7f2", "zz") == .invalid("successor", "unknown"))
        #expect(refusal(desk, "k7f2", "k7f2") == .invalid("successor", "itself"))
        #expect(refusal(desk, "k7f2", "k3z8") == .invalid("successor", "other-party"))
        for officer in ["b1y3", "b1s2", "b1a1", "b1u5", "k7f2"] {
            #expect(refusal(desk, "k7f2", "k9n1", by: officer)?.refusal == .notPermitted, "\(officer)")
        }
        try desk.suspend("k9n1")
        #expect(refusal(desk, "k7f2", "k9n1") == .invalid("successor", "suspended"))
        // 三员分立 holds for what the two have together.
        #expect(
            refusal(desk, "b1y3", "b1a1")
                == Rejection(.rolesIncompatible, ["role": "clerk", "role": "system_admin"]))
        #expect(refusal(desk, "b1a1", "b1s2") == nil)
        // Somebody who was suspended before can still be followed by a successor.
        try desk.suspend("b1a1")
        #expect(refusal(desk, "b1a1", "b1s2") == nil)
    }

    @Test func aNameIsRemovedForGoodAndIdAndPostStay() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .acknowledged)
        func erase(_ officer: String, _ basis: String = "七号", by: String = "b1q4") -> Rejection? {
            desk.refusal(
                .eraseOfficer(EraseOfficer(officer: officer, basis: basis)), by: by,
                on: RosterTarget.officer(officer))
        }
        #expect(erase("k7f2") == Rejection(.accountActive, ["command": "erase_officer"]))
        #expect(erase("zz")?.refusal == .notFound && erase("b1q4")?.refusal == .ownAccount)
        try desk.suspend("k7f2")
        for officer in ["b1y3", "b1s2", "b1u5"] {
            #expect(erase("k7f2", by: officer)?.refusal == .notPermitted)
        }
        #expect(erase("k7f2", " ") == .missing("basis"))
        #expect(erase("k7f2", String(repeating: "号", count: Limits.basisCharacters)) == nil)
        #expect(
            erase("k7f2", String(repeating: "号", count: Limits.basisCharacters + 1))?["why"] == "too-long")
        try desk.eraseName("k7f2")
        let officer = try #require(desk.state.officer("k7f2"))
        #expect(officer.name.clear == nil && officer.name.shown == "已删除" && officer.roles.isEmpty)
        #expect(
            desk.state.erasureCompletes(RosterTarget.officer("k7f2"))
                == desk.log.last.map {
                    $0.at.time - 1_000_000_000 + Limits.keyBackupDays * 86_400_000_000_000
                })
        #expect(desk.state.erased.contains(RosterTarget.officer("k7f2")))
        let bureau = try #require(desk.viewer("b1a1"))
        let matter = try #require(desk.state.matter(target, for: bureau))
        let did = desk.state.history(of: matter, for: bureau).first { $0.actor?.officer == "k7f2" }
        #expect(did?.actor?.post == "随县拥军优抚股股长")
        // Closed for good: every command about it is refused.
        try desk.add("k9n1", "county/421321")
        let account = RosterTarget.officer("k7f2")
        for body: Command.OneOf_Body in [
            .suspendOfficer(SuspendOfficer(officer: "k7f2", suspended: false)),
            .setOfficerRoles(SetOfficerRoles(officer: "k7f2", roles: [.clerk])),
            .handOverOfficer(HandOverOfficer(officer: "k7f2", successor: "k9n1")),
            .eraseOfficer(EraseOfficer(officer: "k7f2", basis: "八号")),
        ] { #expect(desk.refusal(body, by: "b1q4", on: account) == .invalid("officer", "erased")) }
        #expect(refusal(desk, "k9n1", "k7f2") == .invalid("successor", "suspended"))
        #expect(TestHasher.digest(desk.rebuilt()) == TestHasher.digest(desk.state))
    }

    @Test func theSecurityAdministratorSeesNamesOthersTheirOwnPartysMasked() throws {
        var desk = try Desk.seeded()
        try desk.add("k9n1", "county/421321", name: "测试新同志")
        func page(_ officer: String, _ query: ListOfficersQuery = ListOfficersQuery()) throws -> OfficerPage {
            guard let viewer = desk.viewer(officer) else { return OfficerPage() }
            return try desk.state.officerPage(query, for: viewer)
        }
        let all = try page("b1q4")
        #expect(all.officers.count == desk.state.officers.count && all.next == 0)
        #expect(all.officers.first { $0.officer == "k7f2" }?.name == "测试己")
        for officer in ["k7f2", "b1a1", "b1y3", "b1u5", "u7l1", "d5h2"] {
            let party = desk.actor(officer).party
            let seen = try page(officer).officers
            #expect(!seen.isEmpty && seen.allSatisfy { $0.party == party }, "\(officer)")
            #expect(seen.allSatisfy { $0.name.hasPrefix("测*") }, "\(officer)")
            let asked = try page(officer, ListOfficersQuery(party: "county/421303"))
            #expect(asked.officers.isEmpty)
        }
        #expect(
            try page("b1q4", ListOfficersQuery(party: "county/421321")).officers.map(\.officer) == [
                "k7f2", "k9n1",
            ])
        #expect(try page("b1q4", ListOfficersQuery(party: "nowhere")).officers.isEmpty)
        // In pages: each once, and the last says so.
        var (found, query): ([String], ListOfficersQuery) = ([], ListOfficersQuery(pageSize: 4))
        repeat {
            let some = try page("b1q4", query)
            #expect(some.officers.count <= 4)
            found += some.officers.map(\.officer)
            query.from = some.next
        } while query.from != 0
        #expect(found == desk.state.officers.map(\.id))
        query = ListOfficersQuery(from: .max)
        #expect(try page("b1q4", query).officers.isEmpty)
        let viewer = try #require(desk.viewer("b1q4"))
        for size in [Int32(-1), Int32(Limits.pageSize) + 1] {
            #expect(throws: QueryFault.pageSize(size)) {
                try desk.state.officerPage(ListOfficersQuery(pageSize: size), for: viewer)
            }
        }
        try desk.suspend("k9n1")
        try desk.eraseName("k9n1")
        let erased = try #require(try page("b1q4").officers.first { $0.officer == "k9n1" })
        #expect(erased.erased && erased.suspended && erased.name == "已删除" && erased.version == 3)
        #expect(try page("k7f2").officers.first { $0.officer == "k9n1" }?.name == "已删除")
    }

    @Test func aCityHasNoMoreOfficersThanItsLimit() throws {
        var desk = try Desk.seeded()
        for number in desk.state.officers.count..<Limits.officers - 1 {
            let id = "x\(number)"
            desk.state.officers.append(
                Officer(
                    id: id, party: PartyIndex(0), name: .empty, post: "岗", roles: .clerk, isSuspended: false))
        }
        try desk.add("k9n1", "county/421321")
        #expect(desk.state.officers.count == Limits.officers)
        let next = RegisterOfficer(
            officer: "k9n2", party: "county/421321", roles: [.clerk], name: "测", post: "岗")
        #expect(
            desk.refusal(.registerOfficer(next), by: "b1q4", on: RosterTarget.officer("k9n2"))
                == .tooMuch("officer", "too-many", max: Limits.officers))
    }
}

@Suite("REGISTRY.md 4: nobody grants to the own account")
struct OwnAccountTests {
    /// As an attacker: the security administrator tries to be more than that, by every command about an officer, in either place.
    @Test func noCommandChangesTheOwnAccount() throws {
        var desk = try Desk.seeded()
        try desk.add("b2q5", "bureau/421300", [.securityAdmin])
        let own = RosterTarget.officer("b1q4")
        let attempts: [(Command.OneOf_Body, EntityID, Refusal)] = [
            (.setOfficerRoles(SetOfficerRoles(officer: "b1q4", roles: [.approver])), own, .ownAccount),
            (.setOfficerRoles(SetOfficerRoles(officer: "b1q4", roles: [])), own, .ownAccount),
            (.suspendOfficer(SuspendOfficer(officer: "b1q4", suspended: false)), own, .ownAccount),
            (.handOverOfficer(HandOverOfficer(officer: "b1q4", successor: "b2q5")), own, .ownAccount),
            (
                .handOverOfficer(HandOverOfficer(officer: "b1s2", successor: "b1q4")),
                RosterTarget.officer("b1s2"), .ownAccount
            ),
            (
                .handOverOfficer(HandOverOfficer(officer: "b2q5", successor: "b1q4")),
                RosterTarget.officer("b2q5"), .ownAccount
            ),
            (.eraseOfficer(EraseOfficer(officer: "b1q4", basis: "七号")), own, .ownAccount),
            // A second registration of the own id, with more roles or in another party: a bulk load sends just these.
            (
                .registerOfficer(
                    RegisterOfficer(
                        officer: "b1q4", party: "bureau/421300", roles: [.approver], name: "测", post: "岗")),
                own, .alreadyExists
            ),
            (
                .registerOfficer(
                    RegisterOfficer(
                        officer: "b1q4", party: "county/421321", roles: [.approver], name: "测", post: "岗")),
                own, .alreadyExists
            ),
            // Under another's target.
            (
                .setOfficerRoles(SetOfficerRoles(officer: "b1q4", roles: [.approver])),
                RosterTarget.officer("b1s2"), .fieldInvalid
            ),
            // By the party: a bureau cannot be suspended, and no party can be put below another or made another's.
            (
                .suspendParty(SuspendParty(key: "bureau/421300", suspended: true)),
                RosterTarget.party("bureau/421300"), .wrongParty
            ),
            (
                .registerParty(RegisterParty(key: "bureau/421300", kind: .bureau, code: "421300", name: "局")),
                RosterTarget.party("bureau/421300"), .notPermitted
            ),
        ]
        for (body, target, refusal) in attempts {
            #expect(desk.refusal(body, by: "b1q4", on: target)?.refusal == refusal, "\(body)")
        }
        // Somebody else may: another security administrator.
        let roles = SetOfficerRoles(officer: "b1q4", roles: [])
        try desk.run(.setOfficerRoles(roles), by: "b2q5", on: own)
        #expect(desk.state.officer("b1q4")?.roles == [])
    }

    /// Whatever anybody does in the registry at random: nobody's own account is ever changed by the own command, and only the security
    /// administrator changes what others may do.
    @Test func atRandom() throws {
        for seed in UInt64(1)...4 {
            print("registry at random: seed \(seed)")
            var desk = try Desk.seeded()
            try desk.add(Desk.township)
            try desk.add("b2q5", "bureau/421300", [.securityAdmin])
            var random = SplitMix64(seed: seed)
            var done = 0
            for step in 0..<600 {
                let officers = desk.state.officers.map(\.id)
                func any() -> String { officers[Int(random.next() % UInt64(officers.count))] }
                // Mostly by somebody who may: the others are refused.
                let keepers = desk.state.officers.filter { $0.roles.contains(.securityAdmin) }.map(\.id)
                let actor =
                    random.next() % 3 == 0 || keepers.isEmpty
                    ? any() : keepers[Int(random.next() % UInt64(keepers.count))]
                let (one, other) = (any(), any())
                let (body, target) = command(&random, one, other, step, desk)
                let before = desk.state.officers
                let could = desk.state.officer(actor)?.roles ?? []
                do throws(Rejection) { try desk.run(body, by: actor, on: target) } catch { continue }
                done += 1
                for (was, now) in zip(before, desk.state.officers) where was != now {
                    #expect(was.id != actor, "seed \(seed) step \(step): \(actor) changed the own account")
                    #expect(could.contains(.securityAdmin), "seed \(seed) step \(step): \(actor) \(body)")
                }
                #expect(desk.state.officers.allSatisfy { $0.roles.incompatiblePair == nil })
            }
            #expect(done > 100, "seed \(seed): \(done) done")
            #expect(TestHasher.digest(desk.rebuilt()) == TestHasher.digest(desk.state), "seed \(seed)")
        }
    }

    private func command(
        _ random: inout SplitMix64, _ one: String, _ other: String, _ step: Int, _ desk: Desk
    ) -> (Command.OneOf_Body, EntityID) {
        let roles: [[Role]] = [
            [.clerk], [.approver], [.clerk, .approver], [.securityAdmin], [.systemAdmin], [],
        ]
        let some = roles[Int(random.next() % 6)]
        let party = desk.state.parties[Int(random.next() % UInt64(desk.state.parties.count))].key
        let suspended = random.next() % 3 == 0
        let target = RosterTarget.officer(one)
        switch random.next() % 8 {
        case 0, 1: return (.setOfficerRoles(SetOfficerRoles(officer: one, roles: some)), target)
        case 2: return (.suspendOfficer(SuspendOfficer(officer: one, suspended: suspended)), target)
        case 3, 4: return (.handOverOfficer(HandOverOfficer(officer: one, successor: other)), target)
        case 5 where step % 8 == 0: return (.eraseOfficer(EraseOfficer(officer: one, basis: "号")), target)
        case 6:
            return (.suspendParty(SuspendParty(key: party, suspended: suspended)), RosterTarget.party(party))
        default:
            let new = "n\(step)"
            return (
                .registerOfficer(
                    RegisterOfficer(officer: new, party: party, roles: some, name: "测", post: "岗")),
                RosterTarget.officer(new)
            )
        }
    }
}
