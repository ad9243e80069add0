import Exchange
import Schema

/// The table of commands: what each is for, what it takes. `spec(_:)` is exhaustive, so no command lacks an entry.
package enum CommandTable {
    package static let all: [CommandSpec] = CommandName.allCases.map(spec)

    package static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestSubmit, .requestAmend, .requestWithdraw, .requestConfirm: requesterCommand(name)
        case .requestList, .requestShow, .requestHistory: requestRead(name)
        case .requestAccept, .requestReturn, .requestDecide, .requestAssign: bureauCommand(name)
        case .requestAcknowledge, .requestHandBack, .requestProgress, .requestReport: responsibleCommand(name)
        case .caseFile, .caseAmend, .caseWithdraw, .caseConfirm: caseUnitCommand(name)
        case .caseReturn, .caseReview, .caseConclude, .caseReveal: caseOfficeCommand(name)
        case .caseList, .caseShow, .caseHistory: caseRead(name)
        case .caseEndorse, .caseDemand, .caseHandIn, .caseReceiver, .caseFollowUp, .caseAcknowledge,
            .caseFinish, .caseRefuse, .caseReassign, .caseAid, .fundIncome, .fundShow:
            caseworkCommand(name)
        case .officerRegister, .officerRoles, .officerSuspend, .officerResume: officerCommand(name)
        case .calendarShow, .calendarLoad, .supervisionLoad: TimeForms.spec(name)
        case .requestErase, .caseErase: erasure(name)
        case .requestSchedule, .requestAskExtension, .requestDecideExtension, .requestAskSuspension,
            .requestDecideSuspension, .requestResume, .requestCarryOver, .requestVoid:
            BesideForms.spec(name)
        case .auditList, .auditExport, .auditVerify: AuditForms.spec(name)
        case .reportLedger, .reportHalfYear, .reportAnnual, .requestSheet: ReportForms.spec(name)
        case .roundAnnounce, .roundLoadPosts, .roundLoadPeople, .roundList, .roundShow, .roundPosts,
            .roundPeople,
            .roundRanking, .roundHistory, .roundFreeze, .roundReopen, .roundConfirm, .roundPost, .roundObject,
            .roundSettle, .roundDraw, .roundPrefer, .roundPick, .roundPass, .roundWithdraw, .roundClose,
            .roundFile, .roundSecret, .roundVerify:
            RoundForms.spec(name)
        case .list, .describe, .call: discoveryCommand(name)
        case .receiptLost, .receiptRefile, .adminConfirmRestore: RestorationForms.spec(name)
        case .adminBackup, .adminBackupKeys: BackupForms.spec(name)
        case .receiptList, .receiptShow, .receiptVerify, .receiptCompare, .receiptFetch: receiptCommand(name)
        default: toolCommand(name)
        }
    }

    // MARK: Requests

    private static func requesterCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestAmend:
            CommandSpec(
                name, Text("按退回意见补正需求", "amend a request that was returned"), operands: [.key],
                options: requestText(required: false),
                notes: [Text("没有写的项保持原样。", "What is not given stays as it is.")])
        case .requestWithdraw:
            CommandSpec(
                name, Text("撤回自己提报的需求", "withdraw an own request"), operands: [.key], options: [reason])
        case .requestConfirm:
            CommandSpec(
                name,
                Text(
                    "确认办理结果：满意即销号，不满意则重办",
                    "confirm the result: satisfied closes, dissatisfied sends back to work"),
                operands: [.key], options: [satisfaction, dissatisfiedNote])
        default:
            CommandSpec(
                name, Text("提报一项需求", "file a request"),
                options: [
                    OptionSpec(
                        "direction", Text("方向", "direction"), .choice(Choice.directions),
                        help: Text("默认按本单位性质：部队提或地方提", "by default from your party's kind")),
                    OptionSpec(
                        "year", Text("年度", "year"), .integer(2000...2100),
                        help: Text("默认今年", "this year by default")),
                    OptionSpec(
                        "wave", Text("批次类别", "wave"), .choice(Choice.waves),
                        help: Text("默认随机", "any time by default")),
                ] + requestText(required: true) + [
                    OptionSpec(
                        "addressed-to", Text("希望承办单位", "addressed to"), .party,
                        help: Text("可不填，由市局交办", "optional: the bureau assigns"))
                ],
                notes: [
                    Text(
                        "提报后显示电话查询码，未编号前可凭此查询。",
                        "Prints a reference that can be quoted on the phone before a number exists."),
                    Text(
                        "在终端上缺少的必填项会逐项询问；用 @文件 从文件读入长文本。",
                        "On a terminal, what is missing is asked for; @file reads long text from a file."),
                ])
        }
    }

    private static func requestText(required: Bool) -> [OptionSpec] {
        [
            OptionSpec(
                "title", Text("标题", "title"), .text, required: required,
                help: Text("不超过80字", "at most 80 characters")),
            OptionSpec(
                "content", Text("内容", "content"), .text, required: required,
                help: Text("不超过4000字", "at most 4000 characters")),
            OptionSpec(
                "category", Text("类别", "category"), .code(list: "request-category"), required: required),
            OptionSpec("wished-by", Text("希望完成日期", "wished by"), .date),
            OptionSpec("contact-name", Text("联系人", "contact name"), .text, required: required),
            OptionSpec("contact-phone", Text("联系电话", "contact phone"), .text, required: required),
        ]
    }

    private static func requestRead(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestShow:
            CommandSpec(name, Text("查看一项需求", "show a request"), operands: [.key])
        case .requestHistory:
            CommandSpec(name, Text("查看一项需求的办理过程", "show what was done to a request"), operands: [.key])
        default:
            CommandSpec(
                name, Text("列出需求清单", "list requests"),
                options: [
                    OptionSpec("direction", Text("方向", "direction"), .choice(Choice.directions)),
                    OptionSpec("year", Text("年度", "year"), .integer(2000...2100)),
                    OptionSpec("state", Text("状态", "state"), .choice(Choice.requestStates), repeated: true),
                    OptionSpec("light", Text("灯", "light"), .choice(Choice.lights), repeated: true),
                    OptionSpec("responsible", Text("责任单位", "responsible"), .party),
                    OptionSpec("requester", Text("提报单位", "requester"), .party),
                    OptionSpec(
                        "view", Text("视图", "view"), .choice(Choice.savedViews),
                        help: Text(
                            "待办：轮到我办；等我答复：别人在等我；逾期",
                            "to-do: mine to do; waiting: others wait for me; late")),
                    OptionSpec("wave", Text("批次类别", "wave"), .choice(Choice.waves), repeated: true),
                    OptionSpec(
                        "conference", Text("会商日期", "conference"), .date,
                        help: Text("该日会商议程上的事项", "what is on that day's agenda")),
                    OptionSpec(
                        "search", Text("查询词", "search"), .text,
                        help: Text(
                            "标题或内容中都出现的词，用空格分开", "words that all stand in title or content")),
                ] + paging)
        }
    }

    private static func bureauCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestAccept:
            CommandSpec(name, Text("受理并编号(市局)", "accept and number (bureau)"), operands: [.key])
        case .requestReturn:
            CommandSpec(
                name, Text("退回补正(市局)", "return to be amended (bureau)"), operands: [.key], options: [reason])
        case .requestDecide:
            CommandSpec(
                name, Text("登记会商意见(市局)", "record the decision (bureau)"), operands: [.key],
                options: [
                    OptionSpec(
                        "decision", Text("会商意见", "decision"), .choice(Choice.decisions), required: true),
                    OptionSpec(
                        "basis", Text("政策依据", "policy basis"), .text,
                        requiredIf: OptionSpec.Condition(
                            option: "decision", choice: Decision.declined.rawValue),
                        help: Text("不予纳入时必填", "required for declined")),
                    note("可不填", "optional"),
                ])
        default:
            CommandSpec(
                name,
                Text(
                    "交办：明确责任单位、内容、时限、质量标准(市局)",
                    "assign: responsible party, content, deadline, standard (bureau)"),
                operands: [.key],
                options: [
                    OptionSpec("responsible", Text("责任单位", "responsible"), .party, required: true),
                    OptionSpec("content", Text("交办内容", "content"), .text, required: true),
                    OptionSpec(
                        "deadline", Text("完成时限", "deadline"), .date, required: true,
                        requiredUnless: "working-days",
                        help: Text("与 --working-days 二选一", "or --working-days")),
                    OptionSpec(
                        "working-days", Text("工作日数", "working days"), .integer(1...Limits.workingDays),
                        help: Text("自次日起算多少个工作日", "so many working days, from the next day on")),
                    OptionSpec("standard", Text("质量标准", "quality standard"), .text, required: true),
                    OptionSpec(
                        "first-post", Text("第一责任人(职务)", "first accountable post"), .text, required: true),
                    OptionSpec(
                        "second-post", Text("具体责任人(职务)", "second accountable post"), .text, required: true),
                    OptionSpec("assisting", Text("协办单位", "assisting party"), .party, repeated: true),
                ],
                notes: [Text("责任人写职务，不写姓名。", "Posts, not personal names.")])
        }
    }

    private static func responsibleCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestAcknowledge:
            CommandSpec(name, Text("签收交办事项", "acknowledge an assigned item"), operands: [.key])
        case .requestHandBack:
            CommandSpec(
                name, Text("申请退回/改派(开始办理前)", "hand back (before work begins)"), operands: [.key],
                options: [reason])
        case .requestProgress:
            CommandSpec(
                name, Text("报告办理进展", "report progress"), operands: [.key],
                options: [
                    OptionSpec("percent", Text("进度(%)", "percent"), .integer(0...100), required: true),
                    OptionSpec(
                        "stage", Text("办理阶段", "stage"), .code(list: "progress-stage"),
                        help: Text("可不填，沿用上次的阶段", "optional: the stage stays")),
                    note("可不填", "optional"),
                ])
        default:
            CommandSpec(
                name, Text("反馈办理结果", "report the result"), operands: [.key],
                options: [
                    OptionSpec("grade", Text("办理结果", "grade"), .choice(Choice.grades), required: true),
                    OptionSpec("summary", Text("办理情况", "summary"), .text, required: true),
                ])
        }
    }

    // MARK: Cases

    private static func caseUnitCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .caseAmend:
            CommandSpec(
                name, Text("按退回意见补正个案", "amend a case that was returned"), operands: [.key],
                options: caseFields(required: false),
                notes: [
                    Text(
                        "没有写的项保持原样；已遮盖的个人信息(如身份证号)须重新填写。",
                        "What is not given stays; masked personal fields must be given again.")
                ])
        case .caseWithdraw:
            CommandSpec(name, Text("撤回个案", "withdraw a case"), operands: [.key], options: [reason])
        case .caseConfirm:
            CommandSpec(
                name, Text("确认办理结果", "confirm the result"), operands: [.key],
                options: [satisfaction, dissatisfiedNote])
        default:
            CommandSpec(
                name, Text("提报一件个案(后路、后院、后代)", "file a case of one of the three worries"),
                options: [
                    OptionSpec(
                        "subcategory", Text("个案类别", "sub-category"), .code(list: "case-subcategory"),
                        help: Text("默认随军家属就业安置", "spouse's employment by default"))
                ] + caseFields(required: true))
        }
    }

    private static func caseFields(required: Bool) -> [OptionSpec] {
        [
            OptionSpec("rank-band", Text("职级档", "rank band"), .code(list: "rank-band"), required: required),
            OptionSpec(
                "years-band", Text("服役年限档", "years band"), .code(list: "years-band"), required: required),
            OptionSpec("merit", Text("立功情况", "merit"), .code(list: "merit")),
            OptionSpec("hardship", Text("艰苦边远", "hardship"), .code(list: "hardship")),
            OptionSpec("martyr-family", Text("烈士家属", "martyr's family"), .choice(Choice.yesNo)),
            OptionSpec(
                "approval-organ", Text("随军批准机关", "approval organ"), .code(list: "approval-organ"),
                required: required),
            OptionSpec("name", Text("家属姓名", "family member's name"), .text, required: required),
            OptionSpec("id-number", Text("身份证号", "ID number"), .text, required: required),
            OptionSpec("household-place", Text("户籍地", "household place"), .text),
            OptionSpec("schooling", Text("学历", "schooling"), .code(list: "schooling"), required: required),
            OptionSpec(
                "profession", Text("原职业", "profession"), .code(list: "profession"), required: required),
            OptionSpec("contact-name", Text("联系人", "contact name"), .text),
            OptionSpec("contact-phone", Text("联系电话", "contact phone"), .text),
            OptionSpec("wish", Text("安置意愿", "wish"), .text, required: required),
            OptionSpec(
                "material", Text("材料", "material"), .material, repeated: true,
                help: Text("种类=文件，登记其摘要", "kind=file: its digest is recorded")),
        ] + CaseworkForms.childOptions
    }

    private static func caseOfficeCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .caseReturn:
            CommandSpec(
                name, Text("退回补正个案(市局)", "return a case (bureau)"), operands: [.key], options: [reason])
        case .caseReview:
            CommandSpec(
                name, Text("审核通过并确定承办单位(市局)", "pass review and name the handling party (bureau)"),
                operands: [.key],
                options: [
                    OptionSpec("handler", Text("承办单位", "handling party"), .party, required: true),
                    note("可不填", "optional"),
                ],
                notes: [Text("优先等次和条款由规则表判定，不用填写。", "Tier and clause follow from the rule table.")])
        case .caseReveal:
            CommandSpec(
                name,
                Text(
                    "查看遮盖的完整内容，如身份证号(承办单位，逐次登记)",
                    "see a masked field whole, such as the ID number (handling party; recorded)"),
                operands: [.key],
                options: [
                    OptionSpec(
                        "field", Text("项目", "field"), .text,
                        help: Text(
                            "默认 family.id_number(家属身份证号)；子女为 child.id_number",
                            "family.id_number by default; child.id_number for the child")),
                    reason,
                ],
                notes: [
                    Text(
                        "查看人、时间和理由记入该个案的办理历史和审计记录，提报单位可见。",
                        "Who looked, when and why goes into the case's history and the audit trail; the unit sees it."
                    )
                ])
        default:
            CommandSpec(
                name, Text("登记办理结果(承办单位)", "record the result (handling party)"), operands: [.key],
                options: [
                    OptionSpec("placed", Text("是否办成", "placed"), .choice(Choice.yesNo), required: true),
                    OptionSpec(
                        "channel", Text("安置渠道", "channel"), .code(list: "placement-channel"),
                        help: asKindWants),
                    OptionSpec("employer", Text("接收单位", "employer"), .text, help: asKindWants),
                    OptionSpec("post", Text("岗位", "post"), .text, help: asKindWants),
                    OptionSpec("starts", Text("到岗日期", "starts"), .date),
                    OptionSpec(
                        "reason", Text("未办成原因", "reason"), .text,
                        requiredIf: OptionSpec.Condition(option: "placed", choice: 0),
                        help: Text("未办成时必填", "required when not placed")),
                ])
        }
    }

    private static func caseRead(_ name: CommandName) -> CommandSpec {
        switch name {
        case .caseShow: CommandSpec(name, Text("查看一件个案", "show a case"), operands: [.key])
        case .caseHistory:
            CommandSpec(name, Text("查看一件个案的办理过程", "show what was done to a case"), operands: [.key])
        default:
            CommandSpec(
                name, Text("列出个案", "list cases"),
                options: [
                    OptionSpec("state", Text("状态", "state"), .choice(Choice.caseStates), repeated: true)
                ] + paging)
        }
    }

    // MARK: Tools

    private static func toolCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .watch:
            CommandSpec(
                name, Text("持续显示变化，断线后自动续上", "show changes as they happen, resumed after a lost connection"),
                options: [
                    OptionSpec(
                        "since", Text("从此之后", "since"), .hex,
                        help: Text(
                            "上次的位置(JSON 输出中的 cursor)", "where to go on: the cursor of an earlier change")),
                    OptionSpec(
                        "count", Text("条数", "count"), .integer(1...1_000_000),
                        help: Text("显示若干条后结束", "end after so many changes")),
                ])
        case .board:
            CommandSpec(
                name,
                Text(
                    "看板：整屏显示在办事项的灯、时限和最近变化",
                    "the live board: lights, what is due, what changes, on a whole screen"),
                notes: [
                    Text(
                        "直接输入文字即筛选，Esc 清除，↑↓ 翻动，Ctrl-C 退出；断线后自动续上。",
                        "Type to filter, Esc clears, arrows scroll, Ctrl-C ends. Goes on by itself after a lost connection."
                    )
                ])
        case .codes:
            CommandSpec(
                name, Text("列出代码表", "list the codes of a list"),
                operands: [
                    OperandSpec(Text("代码表", "LIST"), Text("如 request-category", "e.g. request-category"))
                ])
        case .adminConns, .adminStreams: CommandSpec(name, plainSummary(name), options: paging)
        case .outboxRetry, .outboxDiscard: outboxCommand(name)
        case .send:
            CommandSpec(name, Text("发送已保存的命令文件", "send a saved command file"), operands: [file])
        case .import:
            CommandSpec(
                name, Text("导入光盘等带来的已签名命令文件(市局)", "hand in a signed command file that travelled (bureau)"),
                operands: [file])
        case .help:
            CommandSpec(
                name, Text("显示帮助", "show help"),
                operands: [
                    OperandSpec(
                        Text("命令", "COMMAND"), required: false,
                        Text("如 request submit", "e.g. request submit"))
                ],
                options: [
                    OptionSpec(
                        "as", Text("格式", "form"), .choice(Choice.helpForms),
                        help: Text("全部命令的手册页或 bash 补全脚本", "all commands as a manual page or bash completion"))
                ])
        default: CommandSpec(name, plainSummary(name))
        }
    }

    private static func outboxCommand(_ name: CommandName) -> CommandSpec {
        let id = OperandSpec(
            Text("命令编号", "ID"), required: name == .outboxDiscard,
            Text("编号或其开头几位", "an id or its first digits"))
        return name == .outboxRetry
            ? CommandSpec(
                name, Text("重新发送待发命令(编号不变，不会重复办理)", "send waiting commands again, under the same id"),
                operands: [id])
            : CommandSpec(name, Text("删除一条待发命令", "delete a waiting command"), operands: [id])
    }

    private static func plainSummary(_ name: CommandName) -> Text {
        switch name {
        case .adminReload:
            Text(
                "让服务器重新读取证书、私钥和吊销列表(系统管理员)",
                "make the server read certificates, keys and revocation lists again (system administrator)")
        case .adminConns:
            Text("列出服务器当前的连接(系统管理员)", "list the server's open connections (system administrator)")
        case .adminStreams:
            Text("列出服务器当前的调用(系统管理员)", "list the calls the server has open (system administrator)")
        case .adminLimits:
            Text(
                "列出服务器的各项上限及理由(系统管理员)",
                "list the server's limits and their reasons (system administrator)")
        case .adminCertificates:
            Text(
                "列出服务器的证书和吊销列表何时到期(系统管理员)",
                "list when the server's certificates and lists end (system administrator)")
        case .health: Text("检查服务器是否正常、证书何时到期", "check the server, and when certificates end")
        case .whoami: Text("显示本人身份、单位和角色", "show who you are and what you may do")
        case .parties: Text("列出各单位", "list the parties")
        case .outboxList: Text("列出尚未得到答复的命令", "list commands without an answer yet")
        case .ca:
            Text(
                "证书管理：init、request、issue、revoke、crl、show",
                "certificates: init, request, issue, revoke, crl, show")
        case .version: Text("显示版本", "show the version")
        default: Text("", "")
        }
    }

    private static func erasure(_ name: CommandName) -> CommandSpec {
        CommandSpec(
            name,
            Text("删除已办结事项中的个人信息，不可恢复(市局)", "erase what is personal of an ended item, for good (bureau)"),
            operands: [.key],
            options: [
                OptionSpec(
                    "basis", Text("依据", "basis"), .text, required: true,
                    help: Text("申请书或批准文件的编号，不写姓名", "number of the application or order, no name"))
            ],
            notes: [
                Text(
                    "删除后各处显示“已删除”；谁在何时办了什么仍然保留。密钥备份全部过期后才彻底完成，答复中写明日期。",
                    "It reads 已删除 from then on; who did what and when stays. Complete when the last key backup has expired: the answer says the date."
                )
            ])
    }

    // MARK: Shared options

    static let reason = OptionSpec("reason", Text("理由", "reason"), .text, required: true)
    private static let satisfaction = OptionSpec(
        "satisfaction", Text("满意度", "satisfaction"), .choice(Choice.satisfactions), required: true)
    /// The table of kinds stands on the server; what is missing there its refusal names.
    private static let asKindWants = Text("视个案类别而定", "some kinds of cases ask for it")
    private static let dissatisfiedNote = OptionSpec(
        "note", Text("说明", "note"), .text,
        requiredIf: OptionSpec.Condition(option: "satisfaction", choice: Satisfaction.dissatisfied.rawValue),
        help: Text("不满意时必填", "required when dissatisfied"))
    private static let file = OperandSpec(Text("文件", "FILE"), Text("命令文件", "a command file"))

    static func note(_ zh: String, _ en: String) -> OptionSpec {
        OptionSpec("note", Text("说明", "note"), .text, help: Text(zh, en))
    }

    static let paging: [OptionSpec] = [
        OptionSpec(
            "limit", Text("最多条数", "limit"), .integer(1...100_000), help: Text("默认 50", "50 by default")),
        OptionSpec("all", Text("全部", "all"), .flag, help: Text("列出全部", "all of them")),
        OptionSpec(
            "cursor", Text("从此页起", "cursor"), .hex, help: Text("上一页给出的位置", "from the page before")),
    ]
}
