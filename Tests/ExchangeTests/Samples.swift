import Exchange
import Schema

/// Commands as clerks would fill them in. Names and texts are made up.
enum Samples {
    static let text = RequestText(
        title: "营区门前道路修缮", content: "营区门前 300 米道路破损，雨季车辆难行，恳请协调修缮。", category: "road",
        wishedBy: CivilDate(year: 2026, month: 7, day: 1), contact: Contact(name: "李联络", phone: "13800001111")
    )
    static let submitUnit = SubmitRequest(direction: .unitToLocal, year: 2026, wave: .collective, text: text)
    static let submitLocal = SubmitRequest(
        direction: .localToUnit, year: 2026, wave: .anytime,
        text: RequestText(title: "义务植树", content: "三月植树节请驻军官兵 30 人参加植树。", category: "planting"),
        addressedTo: "unit/LU-02")
    static func assign(to party: String, assisting: [String] = []) -> AssignRequest {
        AssignRequest(
            responsible: party, content: "完成道路修缮并验收", deadline: CivilDate(year: 2026, month: 6, day: 30),
            qualityStandard: "通过验收，雨天通行", firstPost: "局长", secondPost: "股长", assisting: assisting)
    }
    static let included = DecideRequest(decision: .included, note: "会商同意")
    static let declined = DecideRequest(decision: .declined, policyBasis: "双清单办法第五条", note: "不属清单范围")
    static let progress = ReportProgress(percent: 40, note: "已完成招标")
    static let result = ReportResult(grade: .solved, summary: "道路已修缮并通车")
    static let satisfied = ConfirmRequest(satisfaction: .satisfied)
    static let dissatisfied = ConfirmRequest(satisfaction: .dissatisfied, note: "路肩仍有塌陷")
    static let service = ServiceSide(
        rankBand: "officer-middle", yearsBand: "12-16", merit: "third-merit", hardship: "none",
        approvalOrgan: "division")
    static let family = FamilySide(
        name: "王小芳", idNumber: "11010519491231002X", householdPlace: "湖北省随州市", schooling: "bachelor",
        profession: "institution", contact: Contact(name: "王小芳", phone: "13900002222"))
    static let fileCase = FileCase(
        subcategory: "spouse-employment", service: service, family: family, wish: "希望在市区中学任教",
        materials: [
            Material(kind: "marriage", sha256: [UInt8](repeating: 1, count: 32)),
            Material(kind: "service-merit", sha256: [UInt8](repeating: 2, count: 32)),
        ])
    static let amendCase = AmendCase(service: service, family: family, wish: "希望在市区小学任教")
    static let review = ReviewCase(handler: "department/421300-HR", note: "材料齐全")
    static let placed = ConcludeCase(
        placed: true, channel: "matching-institution", employer: "随州市某中学", post: "教师",
        starts: CivilDate(year: 2026, month: 9, day: 1))
    static let notPlaced = ConcludeCase(placed: false, reason: "本年度无对口编制")

    /// One well-filled command of each kind about a request.
    static let requestCommands: [CommandKind: Command.OneOf_Body] = [
        .submitRequest: .submitRequest(submitUnit), .amendRequest: .amendRequest(AmendRequest(text: text)),
        .withdrawRequest: .withdrawRequest(WithdrawRequest(reason: "已自行解决")),
        .acceptRequest: .acceptRequest(AcceptRequest()),
        .returnRequest: .returnRequest(ReturnRequest(reason: "请补充照片")),
        .decideRequest: .decideRequest(included), .assignRequest: .assignRequest(assign(to: "county/421321")),
        .acknowledgeRequest: .acknowledgeRequest(AcknowledgeRequest()),
        .handOnRequest: .handOnRequest(HandOnRequest(township: Desk.township.key, note: "由镇组织施工")),
        .handBackRequest: .handBackRequest(HandBackRequest(reason: "不在本县辖区")),
        .reportProgress: .reportProgress(progress), .reportResult: .reportResult(result),
        .confirmRequest: .confirmRequest(satisfied),
        .eraseRequest: .eraseRequest(EraseRequest(basis: "申请〔2026〕7号")),
        .scheduleRequest: .scheduleRequest(
            ScheduleRequest(conference: CivilDate(year: 2026, month: 3, day: 20), note: "第一次会商")),
        .askExtension: .askExtension(
            AskExtension(deadline: CivilDate(year: 2026, month: 8, day: 30), reason: "雨季无法施工")),
        .decideExtension: .decideExtension(DecideExtension(approved: true)),
        .askSuspension: .askSuspension(AskSuspension(code: "season", reason: "汛期停工")),
        .decideSuspension: .decideSuspension(DecideSuspension(approved: true)),
        .resumeRequest: .resumeRequest(
            ResumeRequest(deadline: CivilDate(year: 2026, month: 9, day: 30), note: "汛期已过")),
        .carryOverRequest: .carryOverRequest(CarryOverRequest(year: 2027, note: "年内不能完工")),
        .voidRequest: .voidRequest(VoidRequest(duplicateOf: original.bytes, reason: "与在先事项重复")),
    ]

    /// The request that others are duplicates of: `Desk.fileOriginal`.
    static let original = EntityID(high: 0x0195_0000_0000_7000, low: 0x8000_0000_0000_0001)

    /// The same about a case.
    static let caseCommands: [CommandKind: Command.OneOf_Body] = [
        .fileCase: .fileCase(fileCase), .amendCase: .amendCase(amendCase),
        .withdrawCase: .withdrawCase(WithdrawCase(reason: "家属已自行就业")),
        .returnCase: .returnCase(ReturnCase(reason: "请补充户口簿")), .reviewCase: .reviewCase(review),
        .concludeCase: .concludeCase(placed),
        .confirmCase: .confirmCase(ConfirmCase(satisfaction: .satisfied)),
        .eraseCase: .eraseCase(EraseCase(basis: "申请〔2026〕8号")),
        .revealCaseField: .revealCaseField(
            RevealCaseField(field: "family.id_number", reason: "核对就业登记")),
    ].merging(moreCaseCommands) { a, _ in a }

    /// The officer who gives each of them in these tests: a request of unit LU-07, assigned to 随县; a case of
    /// LU-07 with HR.
    static let officers: [CommandKind: String] = [
        .submitRequest: "u7l1", .amendRequest: "u7l1", .withdrawRequest: "u7l1", .acceptRequest: "b1a1",
        .returnRequest: "b1a1", .decideRequest: "b1s2", .assignRequest: "b1s2", .acknowledgeRequest: "k7f2",
        .handBackRequest: "k7f2", .handOnRequest: "k7f2", .reportProgress: "k7f2", .reportResult: "k7f2",
        .confirmRequest: "u7l1",
        .fileCase: "u7l1", .amendCase: "u7l1", .withdrawCase: "u7l1", .returnCase: "b1a1",
        .reviewCase: "b1s2",
        .concludeCase: "d5h2", .confirmCase: "u7l1", .revealCaseField: "d5h2",
        .eraseRequest: "b1s2", .eraseCase: "b1s2", .scheduleRequest: "b1a1", .askExtension: "k7f2",
        .decideExtension: "b1s2", .askSuspension: "k7f2", .decideSuspension: "b1s2", .resumeRequest: "b1s2",
        .carryOverRequest: "b1s2", .voidRequest: "b1s2",
    ].merging(moreCaseOfficers) { a, _ in a }

    /// The commands that bring a new request to each state, shortest way.
    static let ways: [SupportRequest.State: [CommandKind]] = [
        .submitted: [], .returned: [.returnRequest], .accepted: [.acceptRequest],
        .decided: [.acceptRequest, .decideRequest],
        .assigned: [.acceptRequest, .decideRequest, .assignRequest],
        .acknowledged: [.acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest],
        .inProgress: [.acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest, .reportProgress],
        .reported: [
            .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest, .reportProgress,
            .reportResult,
        ],
        .closed: [
            .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest, .reportProgress,
            .reportResult,
            .confirmRequest,
        ],
        .withdrawn: [.withdrawRequest], .void: [.voidRequest],
        .declined: [.acceptRequest, .decideRequest], .routine: [.acceptRequest, .decideRequest],
        .referred: [.acceptRequest, .decideRequest],
        .suspended: [
            .acceptRequest, .decideRequest, .assignRequest, .acknowledgeRequest, .reportProgress,
            .askSuspension, .decideSuspension,
        ],
    ]

    /// The decision that leads to a state.
    static func decision(to state: SupportRequest.State) -> DecideRequest {
        switch state {
        case .declined: declined
        case .routine: DecideRequest(decision: .routine, note: "按常规程序办理")
        case .referred: DecideRequest(decision: .referred, note: "报省厅")
        default: included
        }
    }
    static let caseWays: [PlacementCase.State: [CommandKind]] = [
        .filed: [], .returned: [.returnCase], .reviewed: [.reviewCase],
        .placed: [.reviewCase, .concludeCase],
        .closed: [.reviewCase, .concludeCase, .confirmCase], .withdrawn: [.withdrawCase],
    ]
}

extension Desk {
    mutating func give(_ kind: CommandKind, on target: EntityID) throws {
        let body = Samples.requestCommands[kind] ?? Samples.caseCommands[kind]
        guard let body, let officer = Samples.officers[kind] else { return }
        if kind == .voidRequest || kind == .handOnRequest { try fileOriginal() }
        try run(body, by: officer, on: target)
    }

    /// What samples refer to, once: the request that others are duplicates of, and 随县's township.
    mutating func fileOriginal() throws {
        if state.party(Self.township.key) == nil { try add(Self.township) }
        if state.version(of: Samples.original) == 0 { try give(.submitRequest, on: Samples.original) }
    }

    /// What a command waits for beside the state: a question to decide, another request to stand for this one.
    mutating func prepare(_ kind: CommandKind, on target: EntityID) throws {
        switch kind {
        case .decideExtension: try give(.askExtension, on: target)
        case .decideSuspension: try give(.askSuspension, on: target)
        case .voidRequest, .handOnRequest: try fileOriginal()
        default: break
        }
    }

    /// A new request of LU-07 in `state`.
    mutating func request(in state: SupportRequest.State) throws -> EntityID {
        let target = newID()
        try give(.submitRequest, on: target)
        for kind in Samples.ways[state] ?? [] {
            if kind == .decideRequest {
                try run(.decideRequest(Samples.decision(to: state)), by: "b1s2", on: target)
            } else {
                try give(kind, on: target)
            }
        }
        return target
    }

    /// A new case of LU-07 in `state`.
    mutating func placementCase(in state: PlacementCase.State) throws -> EntityID {
        let target = newID()
        try give(.fileCase, on: target)
        if state == .notPlaced {
            try give(.reviewCase, on: target)
            try run(.concludeCase(Samples.notPlaced), by: "d5h2", on: target)
        }
        for kind in Samples.caseWays[state] ?? [] { try give(kind, on: target) }
        return target
    }

    /// The request a target names, as the bureau's clerk sees it.
    func request(_ target: EntityID) -> SupportRequest? {
        guard let viewer = viewer("b1a1"), let matter = state.matter(target, for: viewer), !matter.isCase
        else { return nil }
        return state.requests[matter.slot]
    }

    func held(_ target: EntityID) -> PlacementCase? {
        guard let viewer = viewer("b1a1"), let matter = state.matter(target, for: viewer), matter.isCase
        else { return nil }
        return state.cases[matter.slot]
    }
}
