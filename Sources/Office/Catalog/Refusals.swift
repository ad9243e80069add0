package import Schema

/// What a refusal means and how to mend it. Every code has both (a test holds that none is missing).
package struct RefusalText: Sendable, Hashable {
    package var wrong: Text
    package var mend: Text

    /// `不能受理：……。请……。`
    package func line(_ language: Language) -> String {
        language == .zh ? "\(wrong.zh)。\(mend.zh)。" : "\(wrong.en). \(mend.en)."
    }
}

extension Outcome {
    package var isDone: Bool { refusal == .unspecified }

    /// An argument by name, cleaned for a screen; empty when it was not given.
    package func argument(_ name: String) -> String {
        Screen.clean(arguments.first { $0.name == name }?.value ?? "")
    }

    /// The text of the refusal with its arguments; nil when the command was done.
    ///
    /// - Parameter command: the field name of the command that was refused, `submit_batch`: it says what some fields mean.
    package func explanation(of command: String = "") -> RefusalText? {
        guard let text = RefusalTexts.of(self, command) else { return nil }
        let unrecorded = argument("unrecorded")
        guard !unrecorded.isEmpty else { return text }
        return RefusalText(
            wrong: Text(
                text.wrong.zh + "（此前另有 \(unrecorded) 次同类申请被拒，未逐次登记）",
                text.wrong.en + " (\(unrecorded) more were refused before and not recorded one by one)"),
            mend: text.mend)
    }
}

/// The table of texts. One function a code, so that each shows its arguments in the order its language wants.
package enum RefusalTexts {
    package static func of(_ outcome: Outcome, _ command: String = "") -> RefusalText? {
        switch outcome.refusal {
        case .unspecified: nil
        case .notPermitted: notPermitted(outcome)
        case .notFound where RegistryTexts.isAbout(outcome): RegistryTexts.notFound(outcome)
        case .notFound:
            RefusalText(
                wrong: Text("没有找到这一事项，或不属于本单位可见范围", "there is no such item, or it is not yours to see"),
                mend: Text(
                    "请核对编号或查询码，可用 request list / case list 查看", "check the key; see request list or case list"
                ))
        case .alreadyExists where outcome.argument("command") == "register_officer":
            RefusalText(
                wrong: Text("该人员已经登记", "this officer is registered already"),
                mend: Text("改角色请用 officer roles", "to change the roles use officer roles"))
        case .alreadyExists where RegistryTexts.isAbout(outcome): RegistryTexts.alreadyExists
        case .alreadyExists:
            RefusalText(
                wrong: Text("该事项已经存在", "this item exists already"),
                mend: Text("请用 show 查看现有事项，不必重复提报", "look at it with show; there is no need to file it again")
            )
        case .versionConflict: versionConflict(outcome)
        case .wrongState: wrongState(outcome)
        case .fieldMissing: fieldMissing(outcome, command)
        case .fieldInvalid: fieldInvalid(outcome, command)
        case .classifiedText: classified(outcome, command)
        case .unknownCode: unknownCode(outcome, command)
        case .basisRequired:
            RefusalText(
                wrong: Text("不予纳入必须写明政策依据", "declining needs its policy basis"),
                mend: Text("请用 --basis 写明文件名称和条款", "give the document and clause with --basis"))
        case .wrongParty: wrongParty(outcome)
        case .notEligible: notEligible(outcome)
        case .rolesIncompatible: rolesIncompatible(outcome)
        case .ownAccount:
            RefusalText(
                wrong: Text("不能给自己的账号授权", "nobody grants to the own account"),
                mend: Text("请由另一位安全管理员办理", "let another security administrator do it"))
        case .noRuleTable: noRuleTable(outcome)
        case .workHasBegun:
            RefusalText(
                wrong: Text("已经开始办理，不能再申请退回", "work has begun: it can no longer be handed back"),
                mend: Text(
                    "如确有困难，请用 request report 如实反馈结果(C 类)",
                    "report the result as it is (grade C) with request report"))
        case .alreadyAsked:
            RefusalText(
                wrong: Text(
                    "已有延期或挂起申请，市局尚未审批", "an extension or suspension is asked for already and not decided"),
                mend: Text("请等市局审批；可用 request show 查看", "wait for the bureau; see request show"))
        case .notAsked:
            RefusalText(
                wrong: Text("没有待审批的此类申请", "nobody asks for what would be decided"),
                mend: Text("请用 request show 查看“可办操作”一栏", "look at “possible now” in request show"))
        case .deadlinePassed: deadlinePassed(outcome)
        case .partySuspended: RegistryTexts.partySuspended(outcome)
        case .accountActive: RegistryTexts.accountActive
        case .noDemonstration, .clockBack, .clockTooFar: ClockRefusals.of(outcome)
        case .batchNumberUsed, .batchKindVersion, .batchPeriod: BatchRefusals.of(outcome)
        case .packageGap, .packageFork, .packageKnown, .packageOpen: PackageRefusals.of(outcome)
        case .chainOpen, .notYourTurn, .materialsMissing, .tasksOpen, .fundShort: CaseRefusals.of(outcome)
        case .roundCounts, .roundUnready, .secretMismatch, .notTheirTurn, .postTaken:
            RoundTexts.refusal(outcome)
        case .unrecognized(let number):
            RefusalText(
                wrong: Text(
                    "服务器未予办理，原因代码 \(number) 本程序不认识",
                    "refused for reason \(number), which this program does not know"),
                mend: Text("请升级客户端程序，或致电市局", "update this program, or call the bureau"))
        }
    }

    private static func notPermitted(_ outcome: Outcome) -> RefusalText {
        let command = outcome.argument("command")
        let what = CommandNames.of(command, .zh)
        return RefusalText(
            wrong: Text(
                "您没有权限\(command.isEmpty ? "进行此操作" : "办理“\(what)”")",
                "you may not \(command.isEmpty ? "do this" : CommandNames.of(command, .en))"),
            mend: whoMay(outcome))
    }

    /// Who could do it: by standing (`reason`), by part (`of`) or by role (`role`).
    private static func whoMay(_ outcome: Outcome) -> Text {
        switch outcome.argument("reason") {
        case "suspended":
            return Text("您的账号已停用，请联系市局安全管理员", "your account is suspended: ask the security administrator")
        case "unknown-officer":
            return Text(
                "您的证书有效，但尚未登记为工作人员，请联系市局安全管理员",
                "your certificate is good but you are not registered: ask the security administrator")
        default: break
        }
        let codes = outcome.argument("role").split(separator: "|").map { $0.lowercased() }
        let roles = Role.allCases.filter { codes.contains($0.code) }.compactMap(\.text)
        switch outcome.argument("of") {
        case "requester": return only(Text("提报单位", "the party that filed it"), roles)
        case "responsible": return only(Text("责任单位", "the responsible party"), roles)
        case "bureau": return only(Text("市局", "the bureau"), roles)
        case let several: if let parties = CaseRefusals.parties(several) { return only(parties, roles) }
        }
        guard !roles.isEmpty else {
            return Text("如需办理，请联系本单位有权限的人员或市局", "ask an officer who may, or the bureau")
        }
        return Text(
            "需要“\(roles.map(\.zh).joined(separator: "”或“"))”角色，请联系本单位有权限的人员或市局安全管理员",
            "the role \(roles.map(\.en).joined(separator: " or ")) is needed: ask an officer who has it, or the security administrator"
        )
    }

    /// The party alone would be the wrong mend for one of the party who lacks the role.
    private static func only(_ party: Text, _ roles: [Text]) -> Text {
        guard !roles.isEmpty else { return Text("只有\(party.zh)可以办理", "only \(party.en) may") }
        return Text(
            "只有\(party.zh)的“\(roles.map(\.zh).joined(separator: "”或“"))”可以办理",
            "only \(party.en) may, the \(roles.map(\.en).joined(separator: " or "))")
    }

    private static func versionConflict(_ outcome: Outcome) -> RefusalText {
        let expected = outcome.argument("expected")
        let current = outcome.argument("current")
        return RefusalText(
            wrong: Text(
                "您看到的是第\(expected)版，现在已是第\(current)版：期间有人办理过",
                "you saw version \(expected), now it is version \(current): somebody has been at work"),
            mend: Text("请看下列变化，确认后再办理一次", "see the changes below, then do it again if it still fits"))
    }

    private static func wrongState(_ outcome: Outcome) -> RefusalText {
        let command = outcome.argument("command")
        let state = outcome.argument("state")
        let name = CommandNames.state(state, after: command, isCase: command.hasSuffix("_case"))
        return RefusalText(
            wrong: Text(
                "当前状态“\(name.zh)”下不能“\(CommandNames.of(command, .zh))”",
                "“\(CommandNames.of(command, .en))” is not possible in state “\(name.en)”"),
            mend: Text("请用 show 查看“可办操作”一栏", "look at “possible now” in show"))
    }

    private static func fieldName(_ outcome: Outcome, _ command: String) -> Text {
        let field = outcome.argument("field")
        return Text(FieldNames.of(field, .zh, in: command), FieldNames.of(field, .en, in: command))
    }

    private static func fieldMissing(_ outcome: Outcome, _ command: String) -> RefusalText {
        let name = fieldName(outcome, command)
        return RefusalText(
            wrong: Text("缺少“\(name.zh)”", "“\(name.en)” is missing"),
            mend: Text("请补填后再提交", "fill it in and send again"))
    }

    private static func fieldInvalid(_ outcome: Outcome, _ command: String) -> RefusalText {
        let name = fieldName(outcome, command)
        let why = outcome.argument("why")
        let reason = FieldProblems.of(why, max: outcome.argument("max"))
        return RefusalText(
            wrong: Text(
                "“\(name.zh)”填写有误\(why.isEmpty ? "" : "：\(reason.zh)")",
                "“\(name.en)” is not right\(why.isEmpty ? "" : ": \(reason.en)")"),
            mend: Text("请改正后再提交", "correct it and send again"))
    }

    private static func classified(_ outcome: Outcome, _ command: String) -> RefusalText {
        let name = fieldName(outcome, command)
        let rule = GuardRules.of(outcome.argument("rule"))
        return RefusalText(
            wrong: Text(
                "“\(name.zh)”中疑有不宜在本系统出现的内容(\(rule.zh))。\(classifiedNotice)",
                "“\(name.en)” seems to hold matter that must not be in this system (\(rule.en))"
            ),
            mend: Text(
                "请改用联络代号(如 LU-07)和一般表述，涉密事项走机要渠道",
                "use the liaison code (such as LU-07) and neutral words; classified matter takes its own channel"
            ))
    }

    private static func unknownCode(_ outcome: Outcome, _ command: String) -> RefusalText {
        let name = fieldName(outcome, command)
        let code = outcome.argument("code")
        return RefusalText(
            wrong: Text(
                "“\(name.zh)”的代码“\(code)”不在代码表中",
                "“\(code)” is no code of “\(name.en)”"),
            mend: Text("可用 codes 命令查看可选代码", "see the codes with the command codes"))
    }

    private static func wrongParty(_ outcome: Outcome) -> RefusalText {
        let party = outcome.argument("party")
        return RefusalText(
            wrong: Text("单位“\(party)”不能承担这一环节", "the party “\(party)” cannot take this part"),
            mend: Text(
                "请核对方向和单位，可用 parties 命令查看单位", "check direction and party; see them with the command parties"))
    }

    private static func deadlinePassed(_ outcome: Outcome) -> RefusalText {
        let deadline = outcome.argument("deadline")
        return RefusalText(
            wrong: Text(
                "完成时限\(deadline.isEmpty ? "" : "(\(deadline))")已过，不能再申请延期",
                "the deadline\(deadline.isEmpty ? "" : " (\(deadline))") has passed: no extension can be asked for"
            ),
            mend: Text(
                "请继续办理并如实报告进展，必要时与市局联系", "go on and report progress as it is; call the bureau if need be"))
    }

    private static func notEligible(_ outcome: Outcome) -> RefusalText {
        let clause = outcome.argument("clause")
        return RefusalText(
            wrong: Text(
                "不符合条件\(clause.isEmpty ? "" : "，依据：\(clause)")",
                "not eligible\(clause.isEmpty ? "" : " under \(clause)")"),
            mend: Text(
                "请核对军人及家属情况；有异议请附材料与市局联系",
                "check both sides of the case; if you disagree, send the bureau the materials"))
    }

    private static func rolesIncompatible(_ outcome: Outcome) -> RefusalText {
        let names = outcome.arguments.map { argument in
            let code = Screen.clean(argument.value)
            return Role.allCases.first { $0.code == code.lowercased() }?.text ?? Text(code, code)
        }
        return RefusalText(
            wrong: Text(
                "三员分立：\(names.map(\.zh).joined(separator: "与"))不能由同一人担任",
                "\(names.map(\.en).joined(separator: " and ")) must not be one person"),
            mend: Text("请分别授予不同人员", "give the roles to different people"))
    }

    private static func noRuleTable(_ outcome: Outcome) -> RefusalText {
        let table = outcome.argument("table")
        return RefusalText(
            wrong: Text(
                "规则表“\(table)”尚未载入，无法判定",
                "the rule table “\(table)” is not loaded: nothing can be judged by it"),
            mend: Text("请联系市局管理员载入规则表", "ask the bureau's administrator to load it"))
    }
}
