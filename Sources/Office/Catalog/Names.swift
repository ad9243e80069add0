/// Names of states and codes as people say them. Chinese is the bureau's own wording (DOMAIN.md 2 and 3).
package import Schema
package import Wire

/// A value that has a name for people and a stable code for `--json` and options.
package protocol Named: ProtoEnum {
    /// The name for people; nil for a number this version does not know.
    var text: Text? { get }
}

extension Named {
    /// The name for people; a number from a later version is shown as it is.
    package func name(_ language: Language) -> String {
        text?[language] ?? Text("未知(\(rawValue))", "unknown (\(rawValue))")[language]
    }

    /// The schema's name without its prefix, lower case: `unit_to_local`. Stable: it goes into `--json`.
    package var code: String {
        guard let name else { return "unrecognized_\(rawValue)" }
        return String(name.dropFirst(Self.prefixLength)).lowercased()
    }

    /// What all names of the enum begin with: `REQUEST_STATE_` of `REQUEST_STATE_UNSPECIFIED`.
    private static var prefixLength: Int {
        let zero = Self(number: 0).name ?? ""
        return zero.hasSuffix("UNSPECIFIED") ? zero.count - "UNSPECIFIED".count : 0
    }
}

extension Direction: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("双向", "both directions")
        case .unitToLocal: Text("部队提→地方办", "unit → local")
        case .localToUnit: Text("地方提→部队办", "local → unit")
        case .unrecognized: nil
        }
    }
}

extension Wave: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .collective: Text("集中", "collective")
        case .anytime: Text("随机", "any time")
        case .special: Text("专项", "special")
        case .immediate: Text("即时", "immediate")
        case .unrecognized: nil
        }
    }
}

extension RequestState: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .submitted: Text("已提报", "submitted")
        case .returned: Text("退回补正", "returned")
        case .accepted: Text("已受理", "accepted")
        case .decided: Text("已会商", "decided")
        case .assigned: Text("已交办", "assigned")
        case .acknowledged: Text("已签收", "acknowledged")
        case .inProgress: Text("办理中", "in progress")
        case .reported: Text("已反馈", "reported")
        case .closed: Text("已销号", "closed")
        case .declined: Text("不予纳入", "declined")
        case .withdrawn: Text("已撤回", "withdrawn")
        case .routine: Text("转常规办理", "handled as routine")
        case .referred: Text("转上级", "referred upwards")
        case .suspended: Text("已挂起", "suspended")
        case .void: Text("已作废", "void")
        case .unrecognized: nil
        }
    }

    /// The light beside the state. Whose turn it is decides: yellow waits for somebody, green runs or is done, red
    /// needs the requester, blue rests, dim is over without result.
    package var light: Colour {
        switch self {
        case .submitted, .accepted, .decided, .assigned, .reported: .yellow
        case .acknowledged, .inProgress, .closed: .green
        case .returned: .red
        case .suspended: .blue
        case .unspecified, .declined, .withdrawn, .routine, .referred, .void, .unrecognized: .dim
        }
    }
}

extension CaseState: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .filed: Text("已提报", "filed")
        case .returned: Text("退回补正", "returned")
        case .reviewed: Text("已审核", "reviewed")
        case .placed: Text("已办成", "placed")
        case .notPlaced: Text("未能办成", "not placed")
        case .closed: Text("已办结", "closed")
        case .withdrawn: Text("已撤回", "withdrawn")
        case .unrecognized: nil
        }
    }

    package var light: Colour {
        switch self {
        case .filed, .reviewed: .yellow
        case .placed, .closed: .green
        case .returned, .notPlaced: .red
        case .unspecified, .withdrawn, .unrecognized: .dim
        }
    }
}

extension TaskState: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .assigned: Text("已派", "assigned")
        case .acknowledged: Text("已签收", "acknowledged")
        case .done: Text("已办结", "done")
        case .refused: Text("不能办理", "refused")
        case .unrecognized: nil
        }
    }
}

extension DueBasis: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .receiverFixed: Text("自接收单位确定之日起", "since the receiving unit was fixed")
        case .reviewed: Text("自审核之日起", "since the review")
        case .school: Text("当年入学日期", "the year's school dates")
        case .unrecognized: nil
        }
    }
}

extension Decision: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .included: Text("纳入", "included")
        case .routine: Text("转常规办理", "handled as routine")
        case .declined: Text("不予纳入", "declined")
        case .referred: Text("转上级", "referred upwards")
        case .unrecognized: nil
        }
    }
}

extension ResultGrade: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .solved: Text("A 已解决", "A solved")
        case .beingSolved: Text("B 正在解决或列入计划", "B being solved or planned")
        case .notPossible: Text("C 因条件限制暂不能解决", "C not possible now")
        case .kept: Text("D 留作参考", "D kept for reference")
        case .unrecognized: nil
        }
    }

    /// The letter people say; empty when there is no result yet.
    package var letter: String {
        switch self {
        case .solved: "A"
        case .beingSolved: "B"
        case .notPossible: "C"
        case .kept: "D"
        case .unspecified, .unrecognized: ""
        }
    }
}

extension Satisfaction: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .satisfied: Text("满意", "satisfied")
        case .mostly: Text("基本满意", "mostly satisfied")
        case .dissatisfied: Text("不满意", "dissatisfied")
        case .unrecognized: nil
        }
    }
}

extension SavedView: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .toDo: Text("待我办理", "mine to do")
        case .waiting: Text("等我答复", "waiting for me")
        case .late: Text("逾期", "late")
        case .unrecognized: nil
        }
    }
}

extension OpenQuestion: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .extension: Text("申请延期，待审批", "extension asked, to be decided")
        case .suspension: Text("申请挂起，待审批", "suspension asked, to be decided")
        case .unrecognized: nil
        }
    }
}

extension Role: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .clerk: Text("经办", "clerk")
        case .approver: Text("审批", "approver")
        case .systemAdmin: Text("系统管理员", "system administrator")
        case .securityAdmin: Text("安全管理员", "security administrator")
        case .auditor: Text("审计员", "auditor")
        case .unrecognized: nil
        }
    }
}

extension PartyKind: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .bureau: Text("市局", "bureau")
        case .county: Text("县(市、区)局", "county office")
        case .unit: Text("部队联络单位", "military unit")
        case .department: Text("职能部门", "department")
        case .township: Text("乡镇(街道)", "township")
        case .unrecognized: nil
        }
    }
}

extension RoundState: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .open: Text("登记中", "open")
        case .frozen: Text("已封存", "frozen")
        case .posted: Text("已公示", "posted")
        case .picking: Text("选岗中", "picking")
        case .closed: Text("已公布", "published")
        case .unrecognized: nil
        }
    }

    package var light: Colour {
        switch self {
        case .open, .frozen, .posted: .yellow
        case .picking, .closed: .green
        case .unspecified, .unrecognized: .dim
        }
    }
}

/// Names of commands and of lower-case state codes, as they come in histories and refusal arguments.
package enum CommandNames {
    private static let table: [String: Text] = [
        "submit_request": Text("提报需求", "submit request"),
        "amend_request": Text("补正需求", "amend request"),
        "withdraw_request": Text("撤回需求", "withdraw request"),
        "accept_request": Text("受理", "accept"),
        "return_request": Text("退回补正", "return"),
        "decide_request": Text("会商决定", "decide"),
        "assign_request": Text("交办", "assign"),
        "acknowledge_request": Text("签收", "acknowledge"),
        "hand_back_request": Text("申请退回/改派", "hand back"),
        "report_progress": Text("报告进展", "report progress"),
        "report_result": Text("反馈结果", "report result"),
        "confirm_request": Text("确认销号", "confirm"),
        "schedule_request": Text("列入会商议程", "put on the agenda"),
        "ask_extension": Text("申请延期", "ask for an extension"),
        "decide_extension": Text("审批延期", "decide the extension"),
        "ask_suspension": Text("申请挂起", "ask for suspension"),
        "decide_suspension": Text("审批挂起", "decide the suspension"),
        "resume_request": Text("恢复办理", "resume"),
        "carry_over_request": Text("跨年结转", "carry over"),
        "void_request": Text("作废(重复)", "void as duplicate"),
        "file_case": Text("提报个案", "file case"),
        "amend_case": Text("补正个案", "amend case"),
        "withdraw_case": Text("撤回个案", "withdraw case"),
        "return_case": Text("退回补正个案", "return case"),
        "review_case": Text("审核个案", "review case"),
        "conclude_case": Text("登记办理结果", "conclude case"),
        "confirm_case": Text("确认办结", "confirm case"),
        "erase_request": Text("删除个人信息", "erase personal data"),
        "erase_case": Text("删除个人信息", "erase personal data"),
        "reveal_case_field": Text("查看遮盖内容", "reveal a masked field"),
        "endorse_case": Text("签署审核意见", "endorse case"),
        "demand_materials": Text("要求补交材料", "demand documents"),
        "hand_in_materials": Text("补交材料", "hand in documents"),
        "fix_receiver": Text("确定接收单位", "fix the receiving unit"),
        "follow_up_case": Text("登记回访", "record the follow-up call"),
        "acknowledge_task": Text("签收分项", "acknowledge sub-task"),
        "finish_task": Text("办结分项", "finish sub-task"),
        "refuse_task": Text("不能办理分项", "refuse sub-task"),
        "reassign_task": Text("改派分项", "reassign sub-task"),
        "pay_aid": Text("关爱基金支付", "pay from the care fund"),
        "receive_fund": Text("登记关爱基金收入", "record income of the care fund"),
        "load_case_kinds": Text("载入个案种类表", "load the kinds of case"),
        "load_school_dates": Text("载入入学日期表", "load the school dates"),
        "configure_city": Text("设置市信息", "configure city"),
        "register_party": Text("登记单位", "register party"),
        "register_officer": Text("登记人员", "register officer"),
        "set_officer_roles": Text("调整角色", "set roles"),
        "suspend_officer": Text("停用/启用人员", "suspend officer"),
        "hand_on_request": Text("转交乡镇办理", "hand on to a township"),
        "change_party": Text("变更单位", "change party"),
        "suspend_party": Text("停用/启用单位", "suspend party"),
        "hand_over_officer": Text("办理交接", "hand over the duty"),
        "erase_officer": Text("删除姓名", "remove the name"),
        "load_code_list": Text("载入代码表", "load code list"),
        "load_rule_table": Text("载入规则表", "load rule table"),
        "confirm_restoration": Text("确认系统恢复", "confirm restoration"),
        "load_calendar": Text("载入工作日历", "load calendar"),
        "load_supervision": Text("载入督办规则", "load rules of supervision"),
        "mark_time": Text("系统督办", "the clock"),
        "advance_clock": Text("前拨演示时钟", "move the demonstration clock on"),
        "begin_demonstration": Text("设定演示时钟", "set the demonstration clock"),
        "load_points_table": Text("载入积分表", "load points table"),
        "announce_round": Text("发布选岗公告", "announce round"),
        "load_round_posts": Text("登记岗位", "load posts"),
        "load_round_people": Text("登记人员积分材料", "load people"),
        "withdraw_from_round": Text("退出选岗", "withdraw from round"),
        "freeze_round": Text("封存选岗材料", "freeze inputs"),
        "reopen_round": Text("启封更正", "reopen inputs"),
        "confirm_score": Text("确认得分", "confirm score"),
        "post_ranking": Text("公示排名", "post ranking"),
        "object_to_ranking": Text("提出异议", "object"),
        "settle_objection": Text("答复异议", "settle objection"),
        "open_draw": Text("开启抽签", "open draw"),
        "file_preferences": Text("填报志愿", "file preferences"),
        "pick_post": Text("选岗", "pick post"),
        "pass_turn": Text("放弃选岗", "pass turn"),
        "close_round": Text("公布选岗结果", "close round"),
        "load_batch_kind": Text("载入数据表样", "load a kind of batch"),
        "load_batch_names": Text("载入名称表", "load a list of names"),
        "load_register_figures": Text("载入统计指标表", "load the table of figures"),
        "submit_batch": Text("报送批次", "send a batch"),
        "erase_person": Text("删除个人数据", "erase a person"),
        "attach_evidence": Text("附上扫描件", "attach evidence"),
        "check_batch": Text("系统核验批次", "the check of a batch"),
        "finish_batch": Text("系统入库", "the taking of a batch"),
        "take_package": Text("登记交换包", "take a package"),
        "finish_package": Text("交换包办结", "finish a package"),
    ]

    /// The name of a command by its field name; an unknown one is shown as it came.
    package static func of(_ kind: String, _ language: Language) -> String {
        table[kind]?[language] ?? Screen.clean(kind)
    }

    /// The name of a state by its lower-case code; `isCase` tells which of the two chains it is from.
    package static func state(_ code: String, isCase: Bool, _ language: Language) -> String {
        let code = code.lowercased()
        if code.hasPrefix("task-") { return task(String(code.dropFirst(5)), language) }
        let request = RequestState.allCases.first { $0.code == code }?.text
        let family = CaseState.allCases.first { $0.code == code }?.text
        return (isCase ? family ?? request : request ?? family)?[language] ?? Screen.clean(code)
    }

    private static func task(_ code: String, _ language: Language) -> String {
        TaskState.allCases.first { $0.code == code }?.text?[language] ?? Screen.clean(code)
    }

    /// The same for the state in which, or after which, a command was given.
    package static func state(_ code: String, after kind: String, isCase: Bool) -> Text {
        if isOfRound(kind), let round = RoundState.allCases.first(where: { $0.code == code })?.text {
            return round
        }
        return Text(state(code, isCase: isCase, .zh), state(code, isCase: isCase, .en))
    }

    static func light(_ code: String, after kind: String, isCase: Bool) -> Colour? {
        guard isOfRound(kind) else { return light(code, isCase: isCase) }
        return RoundState.allCases.first { $0.code == code }?.light
    }

    private static func isOfRound(_ kind: String) -> Bool {
        ofRound.contains(kind)
    }

    private static let ofRound: Set<String> = [
        "announce_round", "load_round_posts", "load_round_people", "withdraw_from_round", "freeze_round",
        "reopen_round", "confirm_score", "post_ranking", "object_to_ranking", "settle_objection", "open_draw",
        "file_preferences", "pick_post", "pass_turn", "close_round",
    ]

    /// The light of a state by its code.
    package static func light(_ code: String, isCase: Bool) -> Colour? {
        isCase
            ? CaseState.allCases.first { $0.code == code.lowercased() }?.light
            : RequestState.allCases.first { $0.code == code.lowercased() }?.light
    }

    /// Every command the schema has, for the test that none lacks a name.
    package static var known: Set<String> { Set(table.keys) }
}
