import Exchange
package import Schema

/// A case's course between filing and its end: review chain, documents, receiving unit, sub-tasks, care fund, follow-up call.
package enum CaseworkForms {
    /// The command of a line of this file; nil for the others.
    package static func command(_ line: Invocation, _ setting: Forms.Setting) throws(UsageError) -> Command
        .OneOf_Body?
    {
        let task = Int32(clamping: line.integer("task") ?? 0)
        return switch line.name {
        case .caseEndorse:
            .endorseCase(EndorseCase(passed: line.yes("passed") ?? false, note: line.text("note") ?? ""))
        case .caseDemand: .demandMaterials(DemandMaterials(kinds: line.texts("kind")))
        case .caseHandIn: .handInMaterials(HandInMaterials(materials: Forms.materials(line, setting)))
        case .caseReceiver: .fixReceiver(FixReceiver(employer: line.text("employer") ?? ""))
        case .caseFollowUp:
            .followUpCase(
                FollowUpCase(
                    satisfaction: line.choice("satisfaction", Satisfaction.self) ?? .unspecified,
                    note: line.text("note") ?? ""))
        case .caseAcknowledge: .acknowledgeTask(AcknowledgeTask(task: task))
        case .caseFinish: .finishTask(FinishTask(task: task, result: line.text("result") ?? ""))
        case .caseRefuse: .refuseTask(RefuseTask(task: task, reason: line.text("reason") ?? ""))
        case .caseReassign:
            .reassignTask(
                ReassignTask(
                    task: task, party: line.text("to") ?? "", deadline: line.date("deadline"),
                    note: line.text("note") ?? ""))
        case .caseAid:
            .payAid(PayAid(fen: try fen(line), purpose: line.text("purpose") ?? ""))
        case .fundIncome:
            .receiveFund(
                ReceiveFund(
                    fen: try fen(line), source: line.text("source") ?? "", basis: line.text("basis") ?? ""))
        default: nil
        }
    }

    /// What an income is about: there is one fund.
    package static var fundTarget: [UInt8] { RosterTarget.careFund.bytes }

    private static func fen(_ line: Invocation) throws(UsageError) -> Int64 {
        guard let typed = line.text("amount") else { return 0 }  // asked for before, where it is missing
        guard let fen = Money.fen(typed) else {
            throw UsageError(
                problem: Text(
                    "--amount：“\(Screen.clean(typed))”不是金额",
                    "--amount: \(Screen.clean(typed)) is no amount"),
                hint: Text(
                    "以元为单位，最多两位小数，如 3000 或 1250.50",
                    "in yuan with at most two decimals, such as 3000 or 1250.50"),
                command: line.name)
        }
        return fen
    }

    /// The child's side as typed; nil when nothing of it was.
    static func child(_ line: Invocation) -> ChildSide? {
        guard childOptions.contains(where: { line.has($0.name) }) else { return nil }
        return ChildSide(
            name: line.text("child-name") ?? "", idNumber: line.text("child-id-number") ?? "",
            school: line.text("child-school") ?? "", stage: line.text("stage") ?? "",
            schoolYear: Int32(clamping: line.integer("school-year") ?? 0), county: line.text("county") ?? "")
    }

    static let childOptions: [OptionSpec] = [
        OptionSpec(
            "child-name", Text("子女姓名", "child's name"), .text,
            help: Text("教育类个案必填", "for cases about schooling")),
        OptionSpec("child-id-number", Text("子女身份证号", "child's ID number"), .text),
        OptionSpec("child-school", Text("现就读学校", "present school"), .text),
        OptionSpec("stage", Text("学段", "stage"), .code(list: "school-stage")),
        OptionSpec("school-year", Text("入学年度", "school year"), .integer(2000...2100)),
        OptionSpec("county", Text("就读县(市、区)", "county"), .party),
    ]
}

extension CommandTable {
    private static let task = OptionSpec(
        "task", Text("分项序号", "task"), .integer(1...20), required: true,
        help: Text("case show 列出的序号", "its number as case show lists it"))

    static func caseworkCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .caseEndorse:
            CommandSpec(
                name, Text("签署审核意见(审核环节单位)", "endorse a case or object (party of the review chain)"),
                operands: [.key],
                options: [
                    OptionSpec("passed", Text("是否同意", "passed"), .choice(Choice.yesNo), required: true),
                    OptionSpec(
                        "note", Text("意见", "note"), .text,
                        requiredIf: OptionSpec.Condition(option: "passed", choice: 0),
                        help: Text("不同意时必填，退回提报单位补正", "required when objecting: it goes back to the unit")),
                ])
        case .caseDemand:
            CommandSpec(
                name, Text("要求补交材料(市局、承办单位)", "demand documents (bureau, handling party)"),
                operands: [.key],
                options: [
                    OptionSpec(
                        "kind", Text("材料种类", "kind"), .code(list: "material"), required: true,
                        repeated: true)
                ],
                notes: [
                    Text("已交或已要求过的材料不能再要求。", "What is there or was demanded before cannot be demanded again.")
                ])
        case .caseHandIn:
            CommandSpec(
                name, Text("补交材料(提报单位)", "hand in documents (the unit)"), operands: [.key],
                options: [
                    OptionSpec(
                        "material", Text("材料", "material"), .material, required: true, repeated: true,
                        help: Text("种类=文件，登记其摘要", "kind=file: its digest is recorded"))
                ])
        case .caseReceiver:
            CommandSpec(
                name, Text("登记接收单位已确定，自当日起计时(承办单位)", "the receiving unit is fixed; time counts from today"),
                operands: [.key],
                options: [
                    OptionSpec("employer", Text("接收单位", "employer"), .text, required: true)
                ])
        case .caseFollowUp:
            CommandSpec(
                name, Text("登记回访(市局)", "record the follow-up call (bureau)"), operands: [.key],
                options: [
                    OptionSpec(
                        "satisfaction", Text("满意度", "satisfaction"), .choice(Choice.satisfactions),
                        required: true),
                    OptionSpec("note", Text("回访情况", "note"), .text, required: true),
                ])
        default: moreCasework(name)
        }
    }

    private static func moreCasework(_ name: CommandName) -> CommandSpec {
        switch name {
        case .caseAcknowledge:
            CommandSpec(
                name, Text("签收一个分项(分项单位)", "acknowledge a sub-task (its party)"), operands: [.key],
                options: [task])
        case .caseFinish:
            CommandSpec(
                name, Text("办结一个分项并回执(分项单位)", "finish a sub-task and answer (its party)"),
                operands: [.key],
                options: [task, OptionSpec("result", Text("办理结果", "result"), .text, required: true)],
                notes: [Text("必办分项全部办结，整件即办成。", "When all mandatory ones are done the case is.")])
        case .caseRefuse:
            CommandSpec(
                name, Text("说明理由、不能办理一个分项(分项单位)", "refuse a sub-task with a reason (its party)"),
                operands: [.key],
                options: [task, OptionSpec("reason", Text("理由", "reason"), .text, required: true)],
                notes: [Text("其他分项照常办理；市局可改派。", "The others go on; the bureau may reassign it.")])
        case .caseReassign:
            CommandSpec(
                name, Text("改派一个分项(市局)", "give a sub-task to another party (bureau)"),
                operands: [.key],
                options: [
                    task, OptionSpec("to", Text("承办单位", "party"), .party, required: true),
                    OptionSpec("deadline", Text("完成时限", "deadline"), .date, required: true),
                    OptionSpec("note", Text("说明", "note"), .text),
                ])
        case .caseAid:
            CommandSpec(
                name, Text("从关爱基金支付(市局)", "pay from the care fund (bureau)"), operands: [.key],
                options: [
                    amount, OptionSpec("purpose", Text("用途", "purpose"), .text, required: true),
                ], notes: [Text("不能超过基金余额。", "Never more than the fund holds.")])
        case .fundIncome:
            CommandSpec(
                name, Text("登记关爱基金收入(市局)", "record income of the care fund (bureau)"),
                options: [
                    amount,
                    OptionSpec("source", Text("来源", "source"), .code(list: "fund-source"), required: true),
                    OptionSpec(
                        "basis", Text("凭证号", "voucher"), .text, required: true,
                        help: Text("凭证或文件编号，不写姓名", "number of the voucher or document, no name")),
                ])
        default:
            CommandSpec(
                name, Text("查看关爱基金余额和收支(市局)", "show the care fund (bureau)"))
        }
    }

    private static let amount = OptionSpec(
        "amount", Text("金额(元)", "amount (yuan)"), .text, required: true,
        help: Text("最多两位小数，如 1250.50", "at most two decimals, such as 1250.50"))
}
