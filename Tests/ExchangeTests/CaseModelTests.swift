import Exchange
import Foundation
import Schema
import TestSupport
import Testing
import Wire

/// Random commands of all roles at random cases, each judged by the core and by the model.
struct CaseWorld {
    let seed: UInt64
    var random: SplitMix64
    var desk: Desk
    var model = CaseModel()
    var targets: [EntityID] = []
    /// So many were done, and refused with what.
    var tally: [Refusal: Int] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        random = SplitMix64(seed: seed)
        desk = try Desk.seeded()
    }

    mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    mutating func one(in count: Int) -> Bool { below(count) == 0 }
    mutating func any<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    static let commands: [CommandKind] = [
        .amendCase, .withdrawCase, .returnCase, .endorseCase, .reviewCase, .reviewCase, .demandMaterials,
        .handInMaterials, .handInMaterials, .fixReceiver, .acknowledgeTask, .finishTask, .finishTask,
        .refuseTask, .reassignTask, .payAid, .concludeCase, .confirmCase, .followUpCase, .revealCaseField,
        .eraseCase,
    ]

    // MARK: Forms, mostly good

    mutating func text() -> String { one(in: 16) ? "" : "说明文字" }
    mutating func task() -> Int32 { Int32(any([1, 2, 3, 4, 5, 1, 2, 3, 0, 6, -1])) }

    mutating func form() -> FileCase {
        var form = Samples.fileCase
        form.subcategory = one(in: 24) ? "nonsense" : any(CaseModel.kinds.keys.sorted())
        form.service?.approvalOrgan = one(in: 6) ? "below-brigade" : "division"
        form.service?.yearsBand = any(["5-8", "20-plus", "16-20"])
        form.family?.profession = any(["civil-servant", "institution", "unemployed"])
        form.wish = text()
        let kind = CaseModel.kinds[form.subcategory]
        let kinds = one(in: 4) ? ["marriage"] : kind?.materials ?? []
        form.materials = kinds.enumerated().map { Samples.document($0.element, UInt8($0.offset + 1)) }
        if kind?.isSchool == true ? !one(in: 12) : one(in: 16) {
            form.child = Samples.child
            form.child?.schoolYear = Int32(any([2026, 2027, 2026, 2027, 2025, 2030]))
        }
        return form
    }

    mutating func body(_ kind: CommandKind, _ target: EntityID) -> Command.OneOf_Body {
        switch kind {
        case .amendCase: .amendCase(amended(target))
        case .withdrawCase: .withdrawCase(WithdrawCase(reason: text()))
        case .returnCase: .returnCase(ReturnCase(reason: text()))
        case .endorseCase: .endorseCase(EndorseCase(passed: !one(in: 4), note: text()))
        case .reviewCase:
            .reviewCase(
                ReviewCase(
                    handler: any([
                        "department/421300-HR", "department/421300-EDU", "county/421321", "unit/LU-02", "",
                    ])))
        case .demandMaterials: .demandMaterials(DemandMaterials(kinds: [any(Self.papers)]))
        case .handInMaterials:
            .handInMaterials(
                HandInMaterials(materials: [Samples.document(any(Self.papers), UInt8(1 + below(80)))]))
        case .fixReceiver: .fixReceiver(FixReceiver(employer: text()))
        case .acknowledgeTask: .acknowledgeTask(AcknowledgeTask(task: task()))
        case .finishTask: .finishTask(FinishTask(task: task(), result: text()))
        case .refuseTask: .refuseTask(RefuseTask(task: task(), reason: text()))
        case .reassignTask:
            .reassignTask(
                ReassignTask(
                    task: task(),
                    party: any([
                        "department/421300-HR", "department/421300-PSB", "county/421303", "unit/LU-07",
                    ]),
                    deadline: CivilDate(year: any([2026, 2040, 2040]), month: 5, day: 9)))
        case .payAid: .payAid(PayAid(fen: Int64(any([0, 1, 10_000, 2_000_000])), purpose: text()))
        case .concludeCase:
            .concludeCase(
                one(in: 3)
                    ? ConcludeCase(placed: false, reason: text())
                    : ConcludeCase(
                        placed: true, channel: one(in: 8) ? "" : "vertical", employer: text(), post: text()))
        case .confirmCase:
            .confirmCase(ConfirmCase(satisfaction: any([.satisfied, .mostly, .dissatisfied]), note: text()))
        case .followUpCase: .followUpCase(FollowUpCase(satisfaction: .satisfied, note: text()))
        case .revealCaseField:
            .revealCaseField(
                RevealCaseField(
                    field: any([
                        "family.id_number", "child.id_number", "family.household_place", "unit", "wish",
                    ]),
                    reason: text()))
        default: .eraseCase(EraseCase(basis: text()))
        }
    }

    static let papers = [
        "marriage", "identity", "household", "birth-certificate", "income-certificate", "bank-account",
        "follow-approval", "service-transfer-order", "service-retirement-approval",
    ]

    /// The same child, or none, as was filed; the kind cannot be changed.
    mutating func amended(_ target: EntityID) -> AmendCase {
        let held = model.cases[target]
        var form = Samples.fileCase
        form.service?.yearsBand = any(["5-8", "20-plus"])
        form.family?.profession = any(["civil-servant", "unemployed"])
        let kinds = CaseModel.kinds[held?.kind ?? ""]?.materials ?? []
        var child: ChildSide?
        if let year = held?.schoolYear, year > 0 {
            child = Samples.child
            child?.schoolYear = Int32(year)
        }
        return AmendCase(
            service: form.service, family: form.family, wish: text(),
            materials: kinds.enumerated().map { Samples.document($0.element, UInt8($0.offset + 1)) },
            child: child)
    }

    // MARK: One step

    mutating func step() throws {
        let files = targets.isEmpty || one(in: 16)
        let target = files && !one(in: 20) || targets.isEmpty ? desk.newID() : any(Array(targets.suffix(24)))
        let kind = files ? .fileCase : command(target)
        let body = files ? .fileCase(form()) : self.body(kind, target)
        let officer = whoever(kind, target)
        let current = model.cases[target]?.version ?? 0
        let expecting = one(in: 32) ? current &+ 1 : current
        let today = Day(nanoseconds: desk.now)
        if one(in: 8) { try strangerSeesNothing(kind, body, target, expecting) }
        let verdict = model.judge(kind, body, by: officer, on: target, expecting: expecting, today: today)
        let before = desk.log.count
        var refusal: Rejection?
        do {
            try desk.run(Command(body: body), desk.actor(officer), target, expecting: expecting)
        } catch { refusal = error }
        tally[refusal?.refusal ?? .unspecified, default: 0] += 1
        guard let refusal else {
            try #require(
                verdict.isEmpty,
                "seed \(seed), \(before): the core did \(kind.name) by \(officer), the model refuses: \(verdict)"
            )
            model.apply(body, by: desk.actor(officer).party, on: target, today: today)
            if files { targets.append(target) }
            try compare(target)
            if one(in: 16) { desk.now += Int64(below(6)) * 3_600_000_000_000 }
            return
        }
        try #require(
            verdict.contains(refusal.refusal),
            "seed \(seed), \(before): \(kind.name) by \(officer) was refused \(refusal); the model says \(verdict)"
        )
        #expect(desk.log.count == before)
    }

    /// Mostly one that the case's state allows, and few that end its story; else any.
    private mutating func command(_ target: EntityID) -> CommandKind {
        let state = model.cases[target]?.state ?? ""
        let fitting = Self.commands.filter { CaseModel.law[$0]?.states.contains(state) == true }
        let kind = fitting.isEmpty || one(in: 4) ? any(Self.commands) : any(fitting)
        return kind == .withdrawCase && !one(in: 8) ? .handInMaterials : kind
    }

    /// Mostly one who may, else anybody.
    private mutating func whoever(_ kind: CommandKind, _ target: EntityID) -> String {
        if one(in: 5) { return any(CaseModel.people).officer }
        let parts = CaseModel.law[kind]?.parts ?? ["unit"]
        let held = model.cases[target]
        let able = CaseModel.people.filter { person in
            guard let held else { return person.party.hasPrefix("unit/") }
            let roles = CaseModel.law[kind]?.roles ?? ["clerk"]
            return !model.parts(person.party, held).isDisjoint(with: parts)
                && !person.roles.isDisjoint(with: roles)
        }
        return able.isEmpty ? any(CaseModel.people).officer : any(able).officer
    }

    /// Where the model says that somebody may not see a case, the core answers as for one that is not there, shows nothing, and does nothing.
    private mutating func strangerSeesNothing(
        _ kind: CommandKind, _ body: Command.OneOf_Body, _ target: EntityID, _ expecting: UInt64
    ) throws {
        let officer = any(CaseModel.people).officer
        guard let held = model.cases[target], let viewer = desk.viewer(officer),
            let bureau = desk.viewer("b1a1"), let matter = desk.state.matter(target, for: bureau)
        else { return }
        let sees = model.sees(officer, held)
        #expect((desk.state.matter(target, for: viewer) != nil) == sees, "seed \(seed) \(officer)")
        let view = desk.state.caseView(matter, for: viewer)
        #expect((view != nil) == sees)
        guard sees, let view else {
            #expect(desk.state.history(of: matter, for: viewer).isEmpty)
            #expect(desk.state.nextCommands(for: viewer, matter).isEmpty)
            if kind != .fileCase {
                let nowhere = EntityID(high: 0x0195_0000_0000_7000, low: 0x8000_0000_0000_0000)
                let refusal = desk.refusal(body, by: officer, on: target, expecting: expecting)
                #expect(refusal == desk.refusal(body, by: officer, on: nowhere, expecting: expecting))
                #expect(refusal != nil, "seed \(seed) \(officer) \(kind.name)")
            }
            return
        }
        let bytes = view.encoded()
        #expect(
            bytes.contains(Array(held.unit.utf8)) == model.seesUnit(officer, held), "seed \(seed) \(officer)")
        for secret in ["11010519491231002X", "421321201503070018"] {
            #expect(!bytes.contains(Array(secret.utf8)), "seed \(seed) \(officer)")
        }
    }

    /// The core's case is the model's.
    func compare(_ target: EntityID) throws {
        let held = try #require(model.cases[target])
        let real = try #require(desk.held(target))
        let (mine, its) = (
            [
                held.state, "\(held.version)", held.number, held.due, "\(held.passed)", "\(held.aid)",
                held.documents.map { "\($0.kind)\($0.byte)" }.joined(separator: " "),
                held.demanded.joined(separator: " "),
                held.tasks.map { "\($0.party) \($0.state)" }.joined(separator: " "), "\(model.fund)",
            ],
            [
                real.state.word, "\(real.version)", real.number, real.due?.day.text ?? "", "\(real.passed)",
                "\(real.aid)", real.materials.map { "\($0.kind)\($0.sha256[0])" }.joined(separator: " "),
                real.demanded.joined(separator: " "),
                real.tasks.map { "\(desk.state.party($0.party).key) \($0.state.word)" }.joined(
                    separator: " "),
                "\(desk.state.fund.held)",
            ]
        )
        try #require(mine == its, "seed \(seed), after \(desk.log.count) events")
    }
}

@Suite("DOMAIN.md 3: the core agrees with a simple model of cases and sub-tasks")
struct CaseModelTests {
    static let isSoak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    /// 100,000 commands, or 1,000,000.
    static let seeds: ClosedRange<UInt64> = 1...(isSoak ? 100 : 10)

    @Test(arguments: seeds)
    func theCoreDoesWhatTheModelDoes(_ seed: UInt64) throws {
        var world = try CaseWorld(seed: seed)
        try world.desk.fillFund()
        world.model.fund = world.desk.state.fund.held
        for _ in 0..<10_000 { try world.step() }
        for target in world.targets { try world.compare(target) }
        #expect(TestHasher.digest(world.desk.state) == TestHasher.digest(world.desk.rebuilt()))
        // Every rule was met, and the cases went their ways.
        let met: [Refusal] = [
            .unspecified, .notPermitted, .notFound, .versionConflict, .wrongState, .fieldMissing,
            .fieldInvalid, .chainOpen, .notYourTurn, .materialsMissing, .notEligible, .tasksOpen,
        ]
        for refusal in met { #expect((world.tally[refusal] ?? 0) > 0, "seed \(seed): \(refusal)") }
        #expect((world.tally[.unspecified] ?? 0) > 1000, "seed \(seed)")
        let states = Set(world.model.cases.values.map(\.state))
        #expect(
            states.isSuperset(of: ["reviewed", "placed", "closed", "withdrawn"]), "seed \(seed): \(states)")
        print(
            "case model: seed \(seed), \(world.desk.log.count) events, \(world.tally[.unspecified] ?? 0) done"
        )
    }
}
