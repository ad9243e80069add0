import Exchange
import Schema

/// Cases of the kinds that have what a spouse's case has not: a review chain, sub-tasks, the care fund, a child.
extension Samples {
    static func document(_ kind: String, _ byte: UInt8) -> Material {
        Material(kind: kind, sha256: [UInt8](repeating: byte, count: 32))
    }

    /// 军休移交: 军地协调办公室 endorses it first.
    static let retirement: FileCase = {
        var form = fileCase
        form.subcategory = "retirement-handover"
        form.service?.yearsBand = "20-plus"
        form.materials = [document("service-retirement-approval", 3), document("identity", 4)]
        return form
    }()

    /// 军人退役一件事: tasks 1 公安, 2 人社, 3 卫健 are mandatory; 4 公安, 5 住建 are not.
    static let veteran: FileCase = {
        var form = fileCase
        form.subcategory = "veteran-return"
        form.materials = [document("service-transfer-order", 5), document("identity", 6)]
        return form
    }()

    static let hardship: FileCase = {
        var form = fileCase
        form.subcategory = "hardship-aid"
        form.materials = [document("identity", 7), document("income-certificate", 8)]
        return form
    }()

    static let child = ChildSide(
        name: "陈小明", idNumber: "421321201503070018", school: "某小学", stage: "junior", schoolYear: 2026,
        county: "county/421321")

    static let schooling: FileCase = {
        var form = fileCase
        form.subcategory = "school-entry"
        form.materials = [document("household", 9), document("birth-certificate", 10)]
        form.child = child
        return form
    }()

    /// The case on which a command can be tried.
    static func form(for kind: CommandKind) -> FileCase {
        switch kind {
        case .endorseCase: retirement
        case .acknowledgeTask, .finishTask, .refuseTask, .reassignTask: veteran
        case .payAid: hardship
        default: fileCase
        }
    }

    static let moreCaseCommands: [CommandKind: Command.OneOf_Body] = [
        .endorseCase: .endorseCase(EndorseCase(passed: true, note: "情况属实")),
        .demandMaterials: .demandMaterials(DemandMaterials(kinds: ["diploma"])),
        .handInMaterials: .handInMaterials(HandInMaterials(materials: [document("resume", 11)])),
        .fixReceiver: .fixReceiver(FixReceiver(employer: "某区税务局")),
        .followUpCase: .followUpCase(FollowUpCase(satisfaction: .satisfied, note: "已上岗")),
        .acknowledgeTask: .acknowledgeTask(AcknowledgeTask(task: 4)),
        .finishTask: .finishTask(FinishTask(task: 4, result: "已办理")),
        .refuseTask: .refuseTask(RefuseTask(task: 4, reason: "本人未到场")),
        .reassignTask: .reassignTask(
            ReassignTask(
                task: 4, party: "department/421300-HR", deadline: CivilDate(year: 2026, month: 12, day: 1))),
        .payAid: .payAid(PayAid(fen: 300_00, purpose: "临时生活补助")),
    ]

    static let moreCaseOfficers: [CommandKind: String] = [
        .endorseCase: "d5j6", .demandMaterials: "b1a1", .handInMaterials: "u7l1", .fixReceiver: "d5h2",
        .followUpCase: "b1a1", .acknowledgeTask: "d5p3", .finishTask: "d5p3", .refuseTask: "d5p3",
        .reassignTask: "b1s2", .payAid: "b1s2",
    ]

    /// The mandatory sub-tasks of `veteran` and an officer of each one's party.
    static let mandatoryTasks: [(Int32, String)] = [(2, "d5h2"), (3, "d5m4"), (1, "d5p3")]
}

extension CommandKind {
    var isOfTask: Bool { [.acknowledgeTask, .finishTask, .refuseTask].contains(self) }
}

extension Rights.Relation {
    /// Of the party whose task the samples are about.
    static let ofSampleTask = Rights.Relation(rawValue: 128)
}

extension Desk {
    /// 1,000,000.00 in the care fund.
    mutating func fillFund() throws {
        guard state.fund.held == 0 else { return }
        try run(
            .receiveFund(ReceiveFund(fen: 1_000_000_00, source: "finance", basis: "凭证1号")), by: "b1s2",
            on: RosterTarget.careFund)
    }

    /// A new case of LU-07 in `state`, of a kind on which `kind` can be tried.
    ///
    /// - Parameter butOneTask: all mandatory sub-tasks but the first are done.
    mutating func placementCase(
        in state: PlacementCase.State, for kind: CommandKind, butOneTask: Bool = false
    ) throws -> EntityID {
        if kind == .payAid { try fillFund() }
        let target = newID()
        try run(.fileCase(Samples.form(for: kind)), by: "u7l1", on: target)
        for step in Samples.caseWays[state] ?? [.reviewCase, .concludeCase] {
            if step == .reviewCase, held(target)?.nextOfChain != nil { try give(.endorseCase, on: target) }
            if step == .concludeCase, state == .notPlaced {
                try run(.concludeCase(Samples.notPlaced), by: "d5h2", on: target)
            } else if step == .concludeCase, held(target)?.tasks.isEmpty == false {
                for (task, officer) in Samples.mandatoryTasks {
                    try run(.finishTask(FinishTask(task: task, result: "已办结")), by: officer, on: target)
                }
            } else {
                try give(step, on: target)
            }
        }
        if butOneTask {
            for (task, officer) in Samples.mandatoryTasks where task != 1 {
                try run(.finishTask(FinishTask(task: task, result: "已办结")), by: officer, on: target)
            }
        }
        return target
    }

    /// What part officers have in a sample case besides unit, bureau and handler.
    func also(_ target: EntityID) -> [String: Rights.Relation] {
        switch held(target)?.subcategory {
        case "retirement-handover": ["d5j6": .reviewer]
        case "veteran-return" where held(target)?.review != nil:
            ["d5p3": [.tasked, .ofSampleTask], "d5h2": .tasked, "d5m4": .tasked]
        default: [:]
        }
    }
}
