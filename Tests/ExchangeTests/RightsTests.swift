import Exchange
import Schema
import Testing

@Suite("DESIGN.md 6: rights, deny by default")
struct RightsTests {
    /// The table again, written down independently: command, roles, whose.
    static let law: [(CommandKind, RoleSet, Rights.Relation)] = [
        (.submitRequest, [.clerk], .requester), (.amendRequest, [.clerk], .requester),
        (.withdrawRequest, [.clerk], .requester), (.acceptRequest, [.clerk, .approver], .bureau),
        (.returnRequest, [.clerk, .approver], .bureau), (.decideRequest, [.approver], .bureau),
        (.assignRequest, [.approver], .bureau), (.acknowledgeRequest, [.clerk], .responsible),
        (.handBackRequest, [.clerk], .responsible), (.reportProgress, [.clerk], [.responsible, .township]),
        (.reportResult, [.clerk], .responsible), (.confirmRequest, [.approver], .requester),
        (.fileCase, [.clerk], .requester), (.amendCase, [.clerk], .requester),
        (.withdrawCase, [.clerk], .requester),
        (.returnCase, [.clerk, .approver], .bureau), (.reviewCase, [.approver], .bureau),
        (.concludeCase, [.clerk], .responsible), (.confirmCase, [.approver], .requester),
        (.scheduleRequest, [.clerk, .approver], .bureau), (.askExtension, [.clerk], .responsible),
        (.decideExtension, [.approver], .bureau), (.askSuspension, [.clerk], .responsible),
        (.decideSuspension, [.approver], .bureau), (.resumeRequest, [.approver], .bureau),
        (.carryOverRequest, [.approver], .bureau), (.voidRequest, [.approver], .bureau),
        (.revealCaseField, [.clerk, .approver], [.responsible, .tasked]),
        (.endorseCase, [.approver], .reviewer),
        (.demandMaterials, [.clerk, .approver], [.bureau, .responsible]),
        (.handInMaterials, [.clerk], .requester), (.fixReceiver, [.clerk], .responsible),
        (.followUpCase, [.clerk, .approver], .bureau), (.acknowledgeTask, [.clerk], .tasked),
        (.finishTask, [.clerk], .tasked), (.refuseTask, [.clerk], .tasked),
        (.reassignTask, [.approver], .bureau), (.payAid, [.approver], .bureau),
        (.loadCaseKinds, [.systemAdmin], .bureau), (.loadSchoolDates, [.systemAdmin], .bureau),
        (.receiveFund, [.approver], .bureau),
        (.eraseRequest, [.approver], .bureau), (.eraseCase, [.approver], .bureau),
        (.configureCity, [.systemAdmin], .bureau), (.registerParty, [.systemAdmin], .bureau),
        (.registerOfficer, [.securityAdmin], .bureau), (.setOfficerRoles, [.securityAdmin], .bureau),
        (.suspendOfficer, [.securityAdmin], .bureau), (.loadCodeList, [.systemAdmin], .bureau),
        (.loadRuleTable, [.systemAdmin], .bureau), (.confirmRestoration, [.securityAdmin], .bureau),
        (.loadCalendar, [.systemAdmin], .bureau), (.loadSupervision, [.systemAdmin], .bureau),
        (.handOnRequest, [.clerk], .responsible),
        (.changeParty, [.systemAdmin], .bureau), (.suspendParty, [.securityAdmin], .bureau),
        (.handOverOfficer, [.securityAdmin], .bureau), (.eraseOfficer, [.securityAdmin], .bureau),
        (.markTime, [], []), (.advanceClock, [.systemAdmin], .bureau), (.beginDemonstration, [], []),
        (.loadPointsTable, [.systemAdmin], .bureau), (.announceRound, [.approver], .bureau),
        (.loadRoundPosts, [.clerk, .approver], .bureau), (.loadRoundPeople, [.clerk, .approver], .bureau),
        (.withdrawFromRound, [.clerk, .approver], .bureau), (.freezeRound, [.approver], .bureau),
        (.reopenRound, [.approver], .bureau), (.confirmScore, [.clerk, .approver], .requester),
        (.postRanking, [.approver], .bureau), (.objectToRanking, [.clerk, .approver], .requester),
        (.settleObjection, [.approver], .bureau), (.openDraw, [.approver], .bureau),
        (.filePreferences, [.clerk, .approver], .requester), (.pickPost, [.clerk, .approver], .bureau),
        (.passTurn, [.clerk, .approver], .bureau), (.closeRound, [.approver], .bureau),
        (.loadBatchKind, [.systemAdmin], .bureau), (.loadBatchNames, [.systemAdmin], .bureau),
        (.loadRegisterFigures, [.systemAdmin], .bureau), (.submitBatch, [.clerk], .requester),
        (.erasePerson, [.approver], .bureau), (.checkBatch, [], []), (.finishBatch, [], []),
        (.takePackage, [.clerk, .approver], .bureau), (.finishPackage, [.clerk, .approver], .bureau),
        (.attachEvidence, [.clerk, .approver], [.requester, .responsible, .bureau, .reviewer, .tasked]),
    ]

    @Test func everyCommandByEveryRoleInEveryRelation() {
        #expect(Set(Self.law.map(\.0)) == Set(CommandKind.allCases))
        for (command, roles, relation) in Self.law {
            for (role, _, word) in RoleSet.all {
                for one in Rights.Relation.all {
                    let allowed = roles.contains(role) && relation.contains(one)
                    #expect(
                        Rights.mayDo(command, role, one) == allowed, "\(command.name) \(word) \(one.word)")
                }
            }
            #expect(!Rights.mayDo(command, [], [.requester, .responsible, .bureau]))
            #expect(!Rights.mayDo(command, .auditor, [.requester, .responsible, .bureau]))
        }
    }

    /// Every officer of the seeds tries every command on a matter in a state where it is allowed.
    @Test func everyOfficerTriesEverything() throws {
        for row in SupportRequest.transitions.rows {
            guard let from = row.from else { continue }
            var desk = try Desk.seeded()
            let target = try desk.request(in: from)
            try desk.prepare(row.command, on: target)
            let body = try #require(Samples.requestCommands[row.command])
            for officer in desk.state.officers.map(\.id) {
                let refusal = desk.refusal(body, by: officer, on: target)?.refusal
                #expect(
                    refusal
                        == expected(
                            officer, row.command, isPartOf: ["u7l1"],
                            handler: desk.request(target)?.obligation != nil ? "k7f2" : ""))
            }
        }
    }

    /// The same on a case, whose handler is HR once it was reviewed.
    @Test func everyOfficerTriesEverythingOnACase() throws {
        for row in PlacementCase.transitions.rows {
            guard let from = row.from else { continue }
            var desk = try Desk.seeded()
            let target = try desk.placementCase(in: from, for: row.command)
            let body = try #require(Samples.caseCommands[row.command])
            for officer in desk.state.officers.map(\.id) {
                let handler = desk.held(target)?.review != nil ? "d5h2" : ""
                #expect(
                    desk.refusal(body, by: officer, on: target)?.refusal
                        == expected(
                            officer, row.command, isPartOf: ["u7l1"], handler: handler,
                            also: desk.also(target)),
                    "\(officer) \(row.command.name) in \(from.word)")
            }
        }
    }

    /// What begins a matter has no part in it to ask for: the role alone decides.
    @Test func nobodyBeginsAMatterWithoutTheRole() throws {
        var desk = try Desk.seeded()
        for body: Command.OneOf_Body in [
            .submitRequest(Samples.submitUnit), .fileCase(Samples.fileCase),
        ] {
            let target = desk.newID()
            for officer in ["b1y3", "b1q4", "b1u5", "b1s2"] {
                #expect(desk.refusal(body, by: officer, on: target)?.refusal == .notPermitted, "\(officer)")
            }
            #expect(desk.refusal(body, by: "u7l1", on: target) == nil)
        }
    }

    private func expected(
        _ officer: String, _ command: CommandKind, isPartOf requesters: [String], handler: String,
        also: [String: Rights.Relation] = [:]
    ) -> Refusal? {
        let admins = ["b1y3", "b1q4", "b1u5"]
        if admins.contains(officer) { return .notPermitted }
        guard let law = Self.law.first(where: { $0.0 == command }) else { return .notPermitted }
        let roles: RoleSet = officer == "b1a1" ? .clerk : officer == "b1s2" ? .approver : .casework
        if law.1.isDisjoint(with: roles) { return .notPermitted }
        let isBureau = officer.hasPrefix("b1")
        var relations: Rights.Relation = isBureau ? .bureau : []
        if requesters.contains(officer) { relations.insert(.requester) }
        if officer == handler { relations.insert(.responsible) }
        relations.formUnion(also[officer] ?? [])
        guard !relations.isEmpty else { return .notFound }
        guard !law.2.isDisjoint(with: relations) else { return .notPermitted }
        // A party that has some task gets no farther with another party's: that one is "unknown" to it.
        let isOther = command.isOfTask && law.2 == .tasked && !relations.contains(.ofSampleTask)
        return isOther ? .fieldInvalid : nil
    }

    @Test func nextIsWhatWouldBeDone() throws {
        var desk = try Desk.seeded()
        try desk.fileOriginal()
        let questions: [CommandKind?] = [nil, .askExtension, .askSuspension]
        for (state, question) in SupportRequest.State.allCases.flatMap({ state in
            questions.filter { $0 == nil || state.isWork }.map { (state, $0) }
        }) {
            let target = try desk.request(in: state)
            if let question { try desk.give(question, on: target) }
            for officer in ["u7l1", "b1a1", "b1s2", "k7f2", "k3z8", "b1y3"] {
                let viewer = try #require(desk.viewer(officer))
                guard let matter = desk.state.matter(target, for: viewer) else { continue }
                let done =
                    Samples.requestCommands.keys
                    .filter { kind in
                        guard kind != .submitRequest, let body = Samples.requestCommands[kind] else {
                            return false
                        }
                        return desk.refusal(body, by: officer, on: target) == nil
                    }
                    .map(\.name)
                    + (desk.refusal(Samples.attach(), by: officer, on: target) == nil
                        ? ["attach_evidence"] : [])
                #expect(Set(desk.state.nextCommands(for: viewer, matter)) == Set(done), "\(state) \(officer)")
            }
        }
    }

    @Test func suspendedOfficersAreDenied() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        let account = RosterTarget.officer("b1a1")
        try desk.run(
            .suspendOfficer(SuspendOfficer(officer: "b1a1", suspended: true)), by: "b1q4", on: account)
        let refusal = desk.refusal(.acceptRequest(AcceptRequest()), by: "b1a1", on: target)
        #expect(refusal == Rejection(.notPermitted, ["command": "accept_request", "reason": "suspended"]))
        #expect(desk.viewer("b1a1") == nil)
        try desk.run(
            .suspendOfficer(SuspendOfficer(officer: "b1a1", suspended: false)), by: "b1q4", on: account)
        #expect(desk.refusal(.acceptRequest(AcceptRequest()), by: "b1a1", on: target) == nil)
    }

    @Test func anotherPartysCoatIsNoCoat() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        for actor in [
            ActorContext(party: "bureau/421300", officer: "k7f2", path: .line),
            ActorContext(party: "", officer: "b1a1", path: .line),
            ActorContext(party: "bureau/421300", officer: "", path: .line),
            ActorContext(party: "bureau/421300", officer: "nobody", path: .file),
            ActorContext(party: "county/421321", officer: "b1a1", path: .line),
        ] {
            #expect(
                throws: Rejection(.notPermitted, ["command": "accept_request", "reason": "unknown-officer"])
            ) {
                try desk.judge(Command(body: .acceptRequest(AcceptRequest())), actor, target, expecting: 1)
            }
        }
    }

    /// The operator's seeds give no right but to roster and tables.
    @Test func seedsTouchNoMatter() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        for (kind, body) in Samples.requestCommands.merging(
            Samples.caseCommands, uniquingKeysWith: { a, _ in a })
        {
            let error = #expect(throws: Rejection.self) {
                try desk.judge(
                    Command(body: body), .seed, kind.creates ? EntityID(high: 9, low: 9) : target,
                    expecting: 1)
            }
            #expect(error?.refusal == .notPermitted)
        }
    }
}

@Suite("DOMAIN.md 1: three administrators kept apart")
struct RosterTests {
    private func register(_ roles: [Role], party: String = "bureau/421300") -> Command.OneOf_Body {
        .registerOfficer(RegisterOfficer(officer: "b9x9", party: party, roles: roles, name: "测试", post: "岗位"))
    }

    @Test func incompatibleRolesAreRefused() throws {
        let desk = try Desk.seeded()
        let target = RosterTarget.officer("b9x9")
        let roles: [Role] = [.clerk, .approver, .systemAdmin, .securityAdmin, .auditor]
        for one in roles {
            for other in roles where other != one {
                let refusal = desk.refusal(register([one, other]), by: "b1q4", on: target)
                let isCasework = [one, other].allSatisfy { $0 == .clerk || $0 == .approver }
                #expect(refusal?.refusal == (isCasework ? nil : .rolesIncompatible))
            }
            #expect(desk.refusal(register([one]), by: "b1q4", on: target) == nil)
        }
        #expect(
            desk.refusal(register([.systemAdmin], party: "county/421321"), by: "b1q4", on: target)?.refusal
                == .wrongParty)
        #expect(desk.refusal(register([.unspecified]), by: "b1q4", on: target)?.refusal == .fieldInvalid)
        #expect(desk.refusal(register([.unrecognized(77)]), by: "b1q4", on: target)?.refusal == .fieldInvalid)
        #expect(desk.refusal(register([]), by: "b1q4", on: target)?.refusal == .fieldMissing)
        #expect(
            desk.refusal(register([.clerk], party: "county/999999"), by: "b1q4", on: target)?.refusal
                == .wrongParty)
    }

    @Test func nobodyGrantsToTheOwnAccount() throws {
        let desk = try Desk.seeded()
        let own = RosterTarget.officer("b1q4")
        let roles = desk.refusal(
            .setOfficerRoles(SetOfficerRoles(officer: "b1q4", roles: [.auditor])), by: "b1q4", on: own)
        #expect(roles == Rejection(.ownAccount, ["command": "set_officer_roles"]))
        let suspend = desk.refusal(
            .suspendOfficer(SuspendOfficer(officer: "b1q4", suspended: true)), by: "b1q4", on: own)
        #expect(suspend?.refusal == .ownAccount)
    }

    @Test func rolesTakeEffectAtOnce() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .accepted)
        #expect(
            desk.refusal(.decideRequest(Samples.included), by: "b1a1", on: target)?.refusal == .notPermitted)
        let account = RosterTarget.officer("b1a1")
        try desk.run(
            .setOfficerRoles(SetOfficerRoles(officer: "b1a1", roles: [.clerk, .approver])), by: "b1q4",
            on: account)
        #expect(desk.refusal(.decideRequest(Samples.included), by: "b1a1", on: target) == nil)
        try desk.run(.setOfficerRoles(SetOfficerRoles(officer: "b1a1", roles: [])), by: "b1q4", on: account)
        #expect(
            desk.refusal(.acceptRequest(AcceptRequest()), by: "b1a1", on: target)?.refusal == .notPermitted)
        #expect(desk.state.version(of: account) == 3)
    }

    @Test func targetsFollowFromKeys() throws {
        let desk = try Desk.seeded()
        let wrong = desk.refusal(
            .suspendOfficer(SuspendOfficer(officer: "b1a1", suspended: true)), by: "b1q4",
            on: RosterTarget.officer("b1s2"))
        #expect(wrong == Rejection(.fieldInvalid, ["field": "target", "why": "mismatch"]))
        let unknown = desk.refusal(
            .suspendOfficer(SuspendOfficer(officer: "zz", suspended: true)), by: "b1q4",
            on: RosterTarget.officer("zz"))
        #expect(unknown?.refusal == .notFound)
        let again = desk.refusal(
            .registerParty(RegisterParty(key: "unit/LU-07", kind: .unit, code: "LU-07", name: "驻随某部07")),
            by: "b1y3",
            on: RosterTarget.party("unit/LU-07"))
        #expect(again?.refusal == .alreadyExists)
    }

    @Test func tablesAreReplacedByVersion() throws {
        var desk = try Desk.seeded()
        let target = RosterTarget.codeList("merit")
        let list = LoadCodeList(
            list: "merit", version: "2027.1", entries: [CodeEntry(code: "none", name: "无")])
        #expect(
            desk.refusal(.loadCodeList(list), by: "b1y3", on: target, expecting: 0)?.refusal
                == .versionConflict)
        try desk.run(.loadCodeList(list), by: "b1y3", on: target)
        #expect(desk.state.codePage("merit")?.version == "2027.1")
        #expect(desk.state.version(of: target) == 2)
        let refusal = desk.refusal(.fileCase(Samples.fileCase), by: "u7l1", on: EntityID(high: 7, low: 7))
        #expect(
            refusal
                == Rejection(
                    .unknownCode, ["field": "service.merit", "code": "third-merit", "list": "merit"]))
    }

    @Test func ruleTablesAreTotalAndSpelled() throws {
        let desk = try Desk.seeded()
        let target = RosterTarget.ruleTable("spouse-priority")
        func refusal(_ rules: [Rule]) -> Rejection? {
            desk.refusal(
                .loadRuleTable(LoadRuleTable(table: "spouse-priority", version: "2", rules: rules)),
                by: "b1y3", on: target)
        }
        let all = Rule(tier: 6, clause: "其他", name: "其他")
        func rule(_ field: String, _ values: [String]) -> Rule {
            Rule(tier: 1, clause: "第一条", name: "一", conditions: [RuleCondition(field: field, values: values)])
        }
        #expect(refusal([all]) == nil)
        #expect(refusal([rule("service.merit", ["first-battle"]), all]) == nil)
        #expect(refusal([rule("service.merit", ["first-batle"]), all])?.refusal == .unknownCode)
        #expect(refusal([rule("service.merits", ["first-battle"]), all])?.refusal == .fieldInvalid)
        #expect(refusal([rule("service.martyr_family", ["yes"]), all])?.refusal == .fieldInvalid)
        #expect(refusal([rule("service.merit", [])])?.refusal == .fieldMissing)
        #expect(refusal([rule("service.merit", ["first-battle"])])?["why"] == "no-catch-all")
        #expect(refusal([])?.refusal == .fieldMissing)
    }

    @Test func unitsHaveNeutralNames() throws {
        let desk = try Desk.seeded()
        let body = RegisterParty(key: "unit/LU-08", kind: .unit, code: "LU-08", name: "31638部队")
        #expect(
            desk.refusal(.registerParty(body), by: "b1y3", on: RosterTarget.party("unit/LU-08"))?.refusal
                == .classifiedText)
        let mismatch = RegisterParty(key: "unit/LU-09", kind: .county, code: "LU-09", name: "驻随某部09")
        #expect(
            desk.refusal(.registerParty(mismatch), by: "b1y3", on: RosterTarget.party("unit/LU-09"))?["why"]
                == "mismatch")
    }
}
