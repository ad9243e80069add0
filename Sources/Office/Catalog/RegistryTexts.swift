import Schema

/// Texts of the refusals about parties and officers of the registry.
enum RegistryTexts {
    private static let parties: Set<String> = ["register_party", "change_party", "suspend_party"]
    private static let officers: Set<String> = [
        "register_officer", "set_officer_roles", "suspend_officer", "hand_over_officer", "erase_officer",
    ]

    /// Whether the refused command was about a party or officer.
    static func isAbout(_ outcome: Outcome) -> Bool {
        let command = outcome.argument("command")
        return parties.contains(command) || officers.contains(command)
    }

    static func notFound(_ outcome: Outcome) -> RefusalText {
        parties.contains(outcome.argument("command"))
            ? RefusalText(
                wrong: Text("没有登记这一单位", "no such party is registered"),
                mend: Text("请核对代码，可用 party list 查看", "check the code; see party list"))
            : RefusalText(
                wrong: Text("没有登记这一人员", "no such officer is registered"),
                mend: Text("请核对人员编号，可用 officer list 查看", "check the id; see officer list"))
    }

    /// Of a party; an officer's text stands with the other refusals.
    static let alreadyExists = RefusalText(
        wrong: Text("该单位已经登记", "this party is registered already"),
        mend: Text("改名称或排序请用 party change", "to change name or order use party change"))

    static func partySuspended(_ outcome: Outcome) -> RefusalText {
        RefusalText(
            wrong: Text(
                "单位“\(outcome.argument("party"))”已停用", "the party “\(outcome.argument("party"))” is suspended"
            ),
            mend: Text(
                "请改选其他单位，或请市局安全管理员恢复(party resume)",
                "choose another, or ask the security administrator to let it act again (party resume)"))
    }

    static let accountActive = RefusalText(
        wrong: Text("该人员仍可办理业务，不能删除姓名", "this officer may still act: the name cannot be removed"),
        mend: Text(
            "请先停用(officer suspend)或办理交接(officer hand-over)",
            "suspend the account (officer suspend) or hand the duty over (officer hand-over) first"))
}
