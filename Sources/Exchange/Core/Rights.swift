/// Who may do what: one table, deny by default. A command is allowed to an officer who has one of its roles
/// and stands for the party it belongs to. Used by `decide`, by `next` in views, and by the exhaustive test.
package enum Rights {
    /// Which party of a matter an officer acts for.
    package struct Relation: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The party that asks: a request's requester, a case's unit. For a new one: the officer's own party.
        package static let requester = Relation(rawValue: 1)
        /// The party that does it: a request's responsible party, a case's handler.
        package static let responsible = Relation(rawValue: 2)
        /// A party that helps: it sees, and gives no commands.
        package static let assisting = Relation(rawValue: 4)
        /// The hub.
        package static let bureau = Relation(rawValue: 8)
        /// A party of a case's review chain, from its turn on.
        package static let reviewer = Relation(rawValue: 32)
        /// A party that has a sub-task of a case.
        package static let tasked = Relation(rawValue: 64)
        /// A township that helps its own county, which is responsible: it may report progress.
        package static let township = Relation(rawValue: 128)

        /// Each single one.
        package static let all: [Relation] = [
            .requester, .responsible, .assisting, .bureau, .reviewer, .tasked, .township,
        ]

        package var word: String {
            switch self {
            case .requester: "requester"
            case .responsible: "responsible"
            case .assisting: "assisting"
            case .bureau: "bureau"
            case .reviewer: "reviewer"
            case .tasked: "tasked"
            case .township: "township"
            default: Self.all.filter(contains).map(\.word).joined(separator: "|")
            }
        }
    }

    package struct Row: Sendable {
        package let command: CommandKind
        package let roles: RoleSet
        /// One of these suffices.
        package let relation: Relation
    }

    package static let table: [Row] = [
        Row(command: .submitRequest, roles: .clerk, relation: .requester),
        Row(command: .amendRequest, roles: .clerk, relation: .requester),
        Row(command: .withdrawRequest, roles: .clerk, relation: .requester),
        Row(command: .acceptRequest, roles: .casework, relation: .bureau),
        Row(command: .returnRequest, roles: .casework, relation: .bureau),
        Row(command: .decideRequest, roles: .approver, relation: .bureau),
        Row(command: .assignRequest, roles: .approver, relation: .bureau),
        Row(command: .acknowledgeRequest, roles: .clerk, relation: .responsible),
        Row(command: .handBackRequest, roles: .clerk, relation: .responsible),
        Row(command: .reportProgress, roles: .clerk, relation: [.responsible, .township]),
        Row(command: .reportResult, roles: .clerk, relation: .responsible),
        Row(command: .confirmRequest, roles: .approver, relation: .requester),
        Row(command: .eraseRequest, roles: .approver, relation: .bureau),
        Row(command: .scheduleRequest, roles: .casework, relation: .bureau),
        Row(command: .handOnRequest, roles: .clerk, relation: .responsible),
        Row(command: .askExtension, roles: .clerk, relation: .responsible),
        Row(command: .decideExtension, roles: .approver, relation: .bureau),
        Row(command: .askSuspension, roles: .clerk, relation: .responsible),
        Row(command: .decideSuspension, roles: .approver, relation: .bureau),
        Row(command: .resumeRequest, roles: .approver, relation: .bureau),
        Row(command: .carryOverRequest, roles: .approver, relation: .bureau),
        Row(command: .voidRequest, roles: .approver, relation: .bureau),
        Row(command: .fileCase, roles: .clerk, relation: .requester),
        Row(command: .amendCase, roles: .clerk, relation: .requester),
        Row(command: .withdrawCase, roles: .clerk, relation: .requester),
        Row(command: .returnCase, roles: .casework, relation: .bureau),
        Row(command: .reviewCase, roles: .approver, relation: .bureau),
        Row(command: .concludeCase, roles: .clerk, relation: .responsible),
        Row(command: .confirmCase, roles: .approver, relation: .requester),
        Row(command: .revealCaseField, roles: .casework, relation: [.responsible, .tasked]),
        Row(command: .eraseCase, roles: .approver, relation: .bureau),
        Row(command: .endorseCase, roles: .approver, relation: .reviewer),
        Row(command: .demandMaterials, roles: .casework, relation: [.bureau, .responsible]),
        Row(command: .handInMaterials, roles: .clerk, relation: .requester),
        Row(command: .fixReceiver, roles: .clerk, relation: .responsible),
        Row(command: .followUpCase, roles: .casework, relation: .bureau),
        Row(command: .acknowledgeTask, roles: .clerk, relation: .tasked),
        Row(command: .finishTask, roles: .clerk, relation: .tasked),
        Row(command: .refuseTask, roles: .clerk, relation: .tasked),
        Row(command: .reassignTask, roles: .approver, relation: .bureau),
        Row(command: .payAid, roles: .approver, relation: .bureau),
        Row(command: .configureCity, roles: .systemAdmin, relation: .bureau),
        Row(command: .registerParty, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadCodeList, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadRuleTable, roles: .systemAdmin, relation: .bureau),
        Row(command: .registerOfficer, roles: .securityAdmin, relation: .bureau),
        Row(command: .setOfficerRoles, roles: .securityAdmin, relation: .bureau),
        Row(command: .suspendOfficer, roles: .securityAdmin, relation: .bureau),
        Row(command: .confirmRestoration, roles: .securityAdmin, relation: .bureau),
        Row(command: .loadCalendar, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadSupervision, roles: .systemAdmin, relation: .bureau),
        // No row for `markTime` and `beginDemonstration`: the clock and the operator who makes the store ask nobody, and nobody else may.
        Row(command: .advanceClock, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadCaseKinds, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadSchoolDates, roles: .systemAdmin, relation: .bureau),
        Row(command: .receiveFund, roles: .approver, relation: .bureau),
        Row(command: .changeParty, roles: .systemAdmin, relation: .bureau),
        // Suspending and resuming takes and gives rights, so it is a grant.
        Row(command: .suspendParty, roles: .securityAdmin, relation: .bureau),
        Row(command: .handOverOfficer, roles: .securityAdmin, relation: .bureau),
        Row(command: .eraseOfficer, roles: .securityAdmin, relation: .bureau),
        Row(command: .loadPointsTable, roles: .systemAdmin, relation: .bureau),
        Row(command: .announceRound, roles: .approver, relation: .bureau),
        Row(command: .loadRoundPosts, roles: .casework, relation: .bureau),
        Row(command: .loadRoundPeople, roles: .casework, relation: .bureau),
        Row(command: .withdrawFromRound, roles: .casework, relation: .bureau),
        Row(command: .freezeRound, roles: .approver, relation: .bureau),
        Row(command: .reopenRound, roles: .approver, relation: .bureau),
        Row(command: .confirmScore, roles: .casework, relation: .requester),
        Row(command: .postRanking, roles: .approver, relation: .bureau),
        Row(command: .objectToRanking, roles: .casework, relation: .requester),
        Row(command: .settleObjection, roles: .approver, relation: .bureau),
        Row(command: .openDraw, roles: .approver, relation: .bureau),
        Row(command: .filePreferences, roles: .casework, relation: .requester),
        Row(command: .pickPost, roles: .casework, relation: .bureau),
        Row(command: .passTurn, roles: .casework, relation: .bureau),
        Row(command: .closeRound, roles: .approver, relation: .bureau),
        Row(command: .takePackage, roles: .casework, relation: .bureau),
        Row(command: .finishPackage, roles: .casework, relation: .bureau),
        // No rows for `checkBatch` and `finishBatch`: the server's own checking asks nobody.
        Row(command: .loadBatchKind, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadBatchNames, roles: .systemAdmin, relation: .bureau),
        Row(command: .loadRegisterFigures, roles: .systemAdmin, relation: .bureau),
        Row(command: .submitBatch, roles: .clerk, relation: .requester),
        Row(command: .erasePerson, roles: .approver, relation: .bureau),
        // Whoever works on a matter may show what it rests on.
        Row(
            command: .attachEvidence, roles: .casework,
            relation: [.requester, .responsible, .bureau, .reviewer, .tasked]),
    ]

    /// The row of a command; nil, which denies, when the table has none.
    package static func row(_ command: CommandKind) -> Row? { byNumber[Int(command.rawValue)] }

    /// Whether roles and relation suffice for a command.
    package static func mayDo(_ command: CommandKind, _ roles: RoleSet, _ relations: Relation) -> Bool {
        guard let row = row(command) else { return false }
        return !row.roles.isDisjoint(with: roles) && !row.relation.isDisjoint(with: relations)
    }

    /// Whether roles and relation suffice to see a request or case: casework, and a part in the matter.
    package static func maySee(_ roles: RoleSet, _ relations: Relation) -> Bool {
        !roles.isDisjoint(with: .casework) && !relations.isEmpty
    }

    private static let byNumber: [Row?] = {
        var rows = [Row?](repeating: nil, count: CommandKind.largest + 1)
        for row in table { rows[Int(row.command.rawValue)] = row }
        return rows
    }()
}

/// An officer on the register who may ask now: registered in that party, neither of them suspended. All reads take one.
package struct Viewer: Sendable, Hashable {
    package let officer: OfficerIndex
    package let party: PartyIndex
    package let isOfBureau: Bool
    package let roles: RoleSet

    package var doesCasework: Bool { !roles.isDisjoint(with: .casework) }
    /// May read for the discs that go to a party.
    package var sendsPackages: Bool { isOfBureau && doesCasework }
}

extension State {
    /// The officer as a viewer; nil when unknown, of another party, or suspended.
    package func viewer(officer id: String, party key: String) -> Viewer? {
        guard let index = officerIDs.find(id), let party = partyIndex(key) else { return nil }
        return officers[index].party == party ? viewer(OfficerIndex(index)) : nil
    }

    /// The same viewer as the register has him now; nil when he may not ask any more.
    package func refreshed(_ viewer: Viewer) -> Viewer? { self.viewer(viewer.officer) }

    func viewer(_ index: OfficerIndex) -> Viewer? {
        let slot = Int(index.raw)
        guard slot < officers.count, !officers[slot].isSuspended,
            !parties[Int(officers[slot].party.raw)].isSuspended
        else { return nil }
        return Viewer(
            officer: index, party: officers[slot].party, isOfBureau: seesAll(officers[slot].party),
            roles: officers[slot].roles)
    }

    /// What part a party has in a matter.
    func relations(of viewer: Viewer, to matter: Matter) -> Rights.Relation {
        var relations: Rights.Relation = viewer.isOfBureau ? .bureau : []
        if matter.isRound {
            let round = rounds[matter.slot]
            if round.members.contains(where: { $0.party == viewer.party }) { relations.insert(.requester) }
            // What is posted is everybody's to see.
            if round.state.isPublic { relations.insert(.assisting) }
            return relations
        }
        if matter.isCase {
            return relations.union(cases[matter.slot].relations(of: viewer.party))
        }
        if requests[matter.slot].requester == viewer.party { relations.insert(.requester) }
        guard let obligation = requests[matter.slot].obligation else { return relations }
        if obligation.responsible == viewer.party { relations.insert(.responsible) }
        if obligation.assisting.contains(viewer.party) {
            relations.insert(.assisting)
            if parties[Int(viewer.party.raw)].parent == obligation.responsible { relations.insert(.township) }
        }
        return relations
    }

    package func maySee(_ viewer: Viewer, _ matter: Matter) -> Bool {
        Rights.maySee(viewer.roles, relations(of: viewer, to: matter))
    }

    package func mayDo(_ command: CommandKind, _ viewer: Viewer, _ matter: Matter) -> Bool {
        maySee(viewer, matter) && Rights.mayDo(command, viewer.roles, relations(of: viewer, to: matter))
    }

    func isAllowed(_ command: CommandKind, in matter: Matter) -> Bool {
        if command == .attachEvidence { return takesEvidence(matter) }
        if matter.isRound {
            return PlacementRound.transitions.allows(command, from: rounds[matter.slot].state)
        }
        return matter.isCase
            ? PlacementCase.transitions.allows(command, from: cases[matter.slot].state)
            : SupportRequest.transitions.allows(command, from: requests[matter.slot].state)
                && requests[matter.slot].obstacle(to: command) == nil
    }

    /// The commands this officer could give now, by field name, in the schema's order.
    package func nextCommands(for viewer: Viewer, _ matter: Matter) -> [String] {
        CommandKind.allCases
            .filter {
                isAbout($0, matter) && isAllowed($0, in: matter) && mayDo($0, viewer, matter)
            }
            .filter { !matter.isCase || isOffered($0, viewer, matter.slot) }
            .filter { $0 != .handOnRequest || couldHandOn(matter.slot) }
            .map(\.name)
    }
}
