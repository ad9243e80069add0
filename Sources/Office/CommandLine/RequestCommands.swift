import Exchange
import Schema

/// The commands on a request: of who files it, of the bureau, of the responsible party; and what reads it.
extension CommandTable {
    static func requesterCommand(_ name: CommandName) -> CommandSpec {
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

    static func requestRead(_ name: CommandName) -> CommandSpec {
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

    static func bureauCommand(_ name: CommandName) -> CommandSpec {
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

    static func responsibleCommand(_ name: CommandName) -> CommandSpec {
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
                    OptionSpec(
                        "persons", Text("惠及人数", "persons helped"), .integer(0...Limits.countedAtOnce),
                        help: Text("可不填；计入年报的“人”", "optional: counted as persons in reports")),
                    OptionSpec(
                        "times", Text("服务次数", "times"), .integer(0...Limits.countedAtOnce),
                        help: Text("可不填；计入年报的“次”", "optional: counted as times in reports")),
                ])
        }
    }
}
