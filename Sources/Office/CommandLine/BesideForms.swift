import Schema

/// The commands beside a request's chain: agenda, extension, suspension, carry-over, void.
enum BesideForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestSchedule:
            CommandSpec(
                name, Text("列入会商议程(市局)", "put on a conference's agenda (bureau)"), operands: [.key],
                options: [day("conference", Text("会商日期", "conference")), note])
        case .requestCarryOver:
            CommandSpec(
                name, Text("跨年结转，编号不变(市局)", "carry over into the next year, under its number (bureau)"),
                operands: [.key],
                options: [
                    OptionSpec("year", Text("转入年度", "year"), .integer(2000...2100), required: true), note,
                ])
        case .requestVoid:
            CommandSpec(
                name, Text("作为重复件作废，与另一件互相关联(市局)", "make void as a duplicate of another (bureau)"),
                operands: [.key],
                options: [
                    OptionSpec(
                        "duplicate-of", Text("与之重复的事项", "duplicate of"), .text, required: true,
                        help: Text("继续办理的那一件的编号或查询码", "number or reference of the one that goes on")),
                    CommandTable.reason,
                ])
        default: questionSpec(name)
        }
    }

    private static func questionSpec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestAskExtension:
            CommandSpec(
                name,
                Text("申请延期(时限届满前，责任单位)", "ask for an extension, before the deadline (responsible party)"),
                operands: [.key],
                options: [day("deadline", Text("申请延至", "new deadline")), CommandTable.reason])
        case .requestDecideExtension:
            CommandSpec(
                name, Text("审批延期申请(市局)", "decide an extension that is asked for (bureau)"), operands: [.key],
                options: [
                    approved,
                    OptionSpec(
                        "deadline", Text("新时限", "new deadline"), .date,
                        help: Text("默认按申请的日期", "the day asked for by default")), refusalReason,
                ])
        case .requestAskSuspension:
            CommandSpec(
                name, Text("申请挂起(责任单位)", "ask for suspension (responsible party)"), operands: [.key],
                options: [
                    OptionSpec(
                        "code", Text("挂起原因", "code"), .code(list: "suspension-reason"), required: true),
                    CommandTable.reason,
                ])
        case .requestDecideSuspension:
            CommandSpec(
                name, Text("审批挂起申请(市局)", "decide a suspension that is asked for (bureau)"), operands: [.key],
                options: [approved, refusalReason])
        default:
            CommandSpec(
                name, Text("恢复办理并定新时限(市局)", "resume with a new deadline (bureau)"), operands: [.key],
                options: [day("deadline", Text("新时限", "new deadline")), note])
        }
    }

    private static let approved = OptionSpec(
        "approved", Text("是否同意", "approved"), .choice(Choice.yesNo), required: true)
    private static let refusalReason = OptionSpec(
        "reason", Text("理由", "reason"), .text,
        requiredIf: OptionSpec.Condition(option: "approved", choice: 0),
        help: Text("不同意时必填", "required when refused"))
    private static let note = CommandTable.note("可不填", "optional")

    private static func day(_ name: String, _ label: Text) -> OptionSpec {
        OptionSpec(name, label, .date, required: true)
    }

    /// Nil for the other commands.
    static func command(_ line: Invocation, _ setting: Forms.Setting) -> Command.OneOf_Body? {
        let note = line.text("note") ?? ""
        let reason = line.text("reason") ?? ""
        let deadline = line.date("deadline")
        return switch line.name {
        case .requestSchedule:
            .scheduleRequest(ScheduleRequest(conference: line.date("conference"), note: note))
        case .requestAskExtension: .askExtension(AskExtension(deadline: deadline, reason: reason))
        case .requestDecideExtension:
            .decideExtension(
                DecideExtension(approved: line.yes("approved") ?? false, deadline: deadline, reason: reason))
        case .requestAskSuspension:
            .askSuspension(AskSuspension(code: line.text("code") ?? "", reason: reason))
        case .requestDecideSuspension:
            .decideSuspension(DecideSuspension(approved: line.yes("approved") ?? false, reason: reason))
        case .requestResume: .resumeRequest(ResumeRequest(deadline: deadline, note: note))
        case .requestCarryOver:
            .carryOverRequest(
                CarryOverRequest(year: Int32(clamping: line.integer("year") ?? 0), note: note))
        case .requestVoid: .voidRequest(VoidRequest(duplicateOf: setting.linked, reason: reason))
        default: nil
        }
    }
}
