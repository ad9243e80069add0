/// The commands on a case along its chain (`CaseworkCommands` has the others), and what reads it.
extension CommandTable {
    static func caseUnitCommand(_ name: CommandName) -> CommandSpec {
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

    static func caseOfficeCommand(_ name: CommandName) -> CommandSpec {
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

    static func caseRead(_ name: CommandName) -> CommandSpec {
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

    /// The table of kinds stands on the server; what is missing there its refusal names.
    private static let asKindWants = Text("视个案类别而定", "some kinds of cases ask for it")
}
