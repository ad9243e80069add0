import Exchange
import Schema

/// The registry from the command line: parties, hand-over of duties, names, and whole tables at once. Protocol/REGISTRY.md.
package enum RegistryForms {
    /// The command of a line of this file; nil for the others, and for reads.
    static func command(_ line: Invocation, _ setting: Forms.Setting) -> Command.OneOf_Body? {
        let party = setting.party
        return switch line.name {
        case .partyAdd: .registerParty(added(line))
        case .partyChange:
            .changeParty(
                ChangeParty(
                    key: party?.key ?? "", name: line.text("name") ?? party?.name ?? "",
                    order: place(line) ?? party?.order ?? 0))
        case .partySuspend: .suspendParty(SuspendParty(key: party?.key ?? "", suspended: true))
        case .partyResume: .suspendParty(SuspendParty(key: party?.key ?? "", suspended: false))
        case .requestHandOn:
            .handOnRequest(
                HandOnRequest(township: line.text("to") ?? "", note: line.text("note") ?? ""))
        case .officerHandOver:
            .handOverOfficer(
                HandOverOfficer(officer: line.text("from") ?? "", successor: line.text("to") ?? ""))
        case .officerErase:
            .eraseOfficer(
                EraseOfficer(officer: line.operands.first ?? "", basis: line.text("basis") ?? ""))
        default: nil
        }
    }

    private static func added(_ line: Invocation) -> RegisterParty {
        let kind = line.choice("kind", PartyKind.self) ?? .unspecified
        let code = line.operands.first ?? ""
        return RegisterParty(
            key: "\(kind.code)/\(code)", kind: kind, code: code, name: line.text("name") ?? "",
            order: place(line) ?? 0, parent: line.text("parent") ?? "")
    }

    private static func place(_ line: Invocation) -> Int32? {
        line.integer("order").map { Int32(clamping: $0) }
    }

    /// What a party's target id is, known from its key alone.
    package static func target(ofParty key: String) -> [UInt8] { RosterTarget.party(key).bytes }

    /// The key that `party add` registers.
    package static func addedKey(_ line: Invocation) -> String { added(line).key }

    // MARK: The table of commands

    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .officerHandOver, .officerErase, .officerList: officerSpec(name)
        case .registryLoad, .registryExport, .registryTables: tableSpec(name)
        case .requestHandOn:
            CommandSpec(
                name, Text("转交所属乡镇(街道)办理(责任县)", "have one of the county's townships work on it"),
                operands: [.key],
                options: [
                    OptionSpec("to", Text("乡镇(街道)", "township"), .party, required: true),
                    CommandTable.note("可不填", "optional"),
                ],
                notes: [
                    Text(
                        "乡镇看得到该事项并可报告进展；结果仍由责任县反馈。",
                        "The township sees the item and may report progress; the county reports the result.")
                ])
        default: partySpec(name)
        }
    }

    private static let party = OperandSpec(
        Text("单位", "PARTY"), Text("单位键、代码或名称，如 county/421321、421321、随县", "a party's key, code or name"))
    private static let order = OptionSpec(
        "order", Text("排序", "order"), .integer(0...Limits.partyOrder),
        help: Text("公文排序", "place in official lists"))

    private static func partySpec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .partyAdd:
            CommandSpec(
                name, Text("登记单位(系统管理员)", "register a party (system administrator)"),
                operands: [
                    OperandSpec(Text("代码", "CODE"), Text("如 421321、LU-07", "e.g. 421321, LU-07"))
                ],
                options: [
                    OptionSpec(
                        "kind", Text("性质", "kind"), .choice(Choice.all(of: PartyKind.self)), required: true),
                    OptionSpec("name", Text("名称", "name"), .text, required: true), order,
                    OptionSpec(
                        "parent", Text("上级县(市、区)", "county above"), .party,
                        requiredIf: OptionSpec.Condition(
                            option: "kind", choice: PartyKind.township.rawValue),
                        help: Text("乡镇(街道)必填", "for a township")),
                ],
                notes: [
                    Text(
                        "部队只用联络代号和中性名称。登记后代码不能改。",
                        "Units only by liaison code and a neutral name. A code never changes afterwards.")
                ])
        case .partyChange:
            CommandSpec(
                name, Text("变更单位的名称或排序(系统管理员)", "change a party's name or place (system administrator)"),
                operands: [party], options: [OptionSpec("name", Text("名称", "name"), .text), order],
                notes: [Text("没有写的项保持原样。", "What is not given stays as it is.")])
        case .partySuspend:
            CommandSpec(
                name,
                Text(
                    "停用单位，其人员立即不能办理(安全管理员)",
                    "suspend a party and its officers, at once (security administrator)"),
                operands: [party],
                notes: [Text("在办事项保留；不能再向其交办。", "What it has stays; nothing new is given to it.")])
        case .partyResume:
            CommandSpec(
                name, Text("恢复已停用的单位(安全管理员)", "let a suspended party act again (security administrator)"),
                operands: [party])
        case .partyShow:
            CommandSpec(name, Text("查看一个单位及其人员", "show a party and its officers"), operands: [party])
        default: CommandSpec(name, Text("按公文排序列出各单位", "list the parties in official order"))
        }
    }

    private static func officerSpec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .officerHandOver:
            CommandSpec(
                name, Text("办理岗位交接(安全管理员)", "hand a duty over to a successor (security administrator)"),
                options: [
                    OptionSpec("from", Text("移交人员", "who hands over"), .text, required: true),
                    OptionSpec("to", Text("接任人员", "successor"), .text, required: true),
                ],
                notes: [
                    Text(
                        "接任人员须先登记在同一单位。交接后接任人员有双方的角色，看得到该单位的全部在办和历史；移交人员随即停用，其编号和职务留在所办事项上。",
                        "The successor is registered in the same party before, and has both officers' roles and sees all of the party's "
                            + "matters and histories from then on. Who hands over is suspended; id and post stay on what was done."
                    )
                ])
        case .officerErase:
            CommandSpec(
                name,
                Text(
                    "从名册删除已停用人员的姓名，不可恢复(安全管理员)",
                    "remove a suspended officer's name, for good (security administrator)"),
                operands: [
                    OperandSpec(Text("人员", "OFFICER"), Text("人员编号，如 k7f2", "the officer's id, e.g. k7f2"))
                ],
                options: [
                    OptionSpec(
                        "basis", Text("依据", "basis"), .text, required: true,
                        help: Text("申请书或批准文件的编号，不写姓名", "number of the application or order, no name"))
                ],
                notes: [
                    Text(
                        "姓名处显示“已删除”；编号和职务留在所办事项上。该编号不能再启用。",
                        "The name reads 已删除; id and post stay on what was done. The account stays closed.")
                ])
        default:
            CommandSpec(
                name, Text("列出名册上的人员", "list the officers of the registry"),
                options: [OptionSpec("party", Text("单位", "party"), .party)] + CommandTable.paging.prefix(2),
                notes: [
                    Text(
                        "安全管理员看全部；其他人看本单位人员，姓名遮盖。",
                        "The security administrator sees all; others their own party's, with masked names.")
                ])
        }
    }

    private static func tableSpec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .registryLoad:
            CommandSpec(
                name,
                Text(
                    "从 CSV 批量载入单位、人员和各种表(管理员)", "load parties, officers and tables from CSV (administrators)"),
                operands: [
                    OperandSpec(
                        Text("目录或文件", "PATH"),
                        Text("与 seeds 同样布置的目录，或其中一个文件", "a folder laid out like seeds/, or one of its files"))
                ],
                options: [
                    OptionSpec(
                        "apply", Text("执行", "apply"), .flag,
                        help: Text("不写则只预览，不作更改", "without it: only what would change is shown"))
                ],
                notes: [
                    Text(
                        "单位和各种表由系统管理员载入，人员由安全管理员载入。一行一条命令，重复载入不会重复登记。版本号相同的表不再载入：改了内容请改版本号。没有列出的单位和人员不受影响。",
                        "Parties and tables are loaded by the system administrator, officers by the security administrator. A command a row; "
                            + "loading again does no harm. A table of the version that is loaded is passed over: change the version with the "
                            + "content. Who is not listed is not touched.")
                ])
        case .registryExport:
            CommandSpec(
                name, Text("把单位和人员名册存为 CSV", "write parties and officers as CSV"),
                options: [
                    OptionSpec(
                        "out", Text("目录", "folder"), .file, required: true,
                        help: Text(
                            "已有的目录；其中的同名文件不覆盖", "a folder that is there; no file in it is written over"))
                ],
                notes: [
                    Text(
                        "officers.csv 有姓名，只有安全管理员能导出，请妥善保管。",
                        "officers.csv holds names: only the security administrator can export it. Keep it.")
                ])
        default:
            CommandSpec(
                name,
                Text(
                    "列出已载入的代码表、规则表等及其版本",
                    "list the loaded code lists, rule tables and others with their versions"))
        }
    }
}
