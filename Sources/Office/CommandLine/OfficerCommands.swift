import Exchange
package import Schema

/// The security administrator's commands: who is in the roster, with which roles, suspended or not.
package enum OfficerForms {
    /// Whom a command is about; nil for commands that are not about an officer.
    private static func officer(_ line: Invocation) -> String? {
        guard line.name.words.first == "officer" else { return nil }
        return line.name == .officerHandOver ? line.text("from") ?? "" : line.operands.first ?? ""
    }

    /// What follows from the officer's id alone: nobody looks up a target. nil for commands that are not about an officer.
    package static func target(_ line: Invocation) -> [UInt8]? {
        officer(line).map { RosterTarget.officer($0).bytes }
    }

    /// The version to begin with where none is given: nothing is there before a registration, and most officers never changed since. The
    /// server offers no reading of the roster; whoever was changed is told by the conflict.
    package static func firstVersion(_ name: CommandName) -> UInt64 { name == .officerRegister ? 0 : 1 }

    package static func command(_ line: Invocation) -> Command.OneOf_Body? {
        guard let officer = officer(line) else { return nil }
        return switch line.name {
        case .officerRegister:
            .registerOfficer(
                RegisterOfficer(
                    officer: officer, party: line.text("party") ?? "",
                    roles: line.choices("role", Role.self), name: line.text("name") ?? "",
                    post: line.text("post") ?? ""))
        case .officerRoles:
            .setOfficerRoles(SetOfficerRoles(officer: officer, roles: line.choices("role", Role.self)))
        case .officerSuspend: .suspendOfficer(SuspendOfficer(officer: officer, suspended: true))
        case .officerResume: .suspendOfficer(SuspendOfficer(officer: officer, suspended: false))
        default: nil
        }
    }
}

extension CommandAnswer {
    /// The version that stands, when a conflict has told it.
    package var currentVersion: UInt64? {
        guard let outcome, outcome.refusal == .versionConflict else { return nil }
        return outcome.arguments.first { $0.name == "current" }.flatMap { UInt64($0.value) }
    }
}

extension CommandTable {
    private static let officer = OperandSpec(
        Text("人员", "OFFICER"), Text("人员编号，如 k7f2；不写姓名", "the officer's id, e.g. k7f2, never a name"))

    private static let role = OptionSpec(
        "role", Text("角色", "role"), .choice(Choice.roles), required: true, repeated: true,
        help: Text("可写多次", "may be given several times"))

    static func officerCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .officerRegister:
            CommandSpec(
                name, Text("登记人员(安全管理员)", "register an officer (security administrator)"),
                operands: [officer],
                options: [
                    OptionSpec("party", Text("单位", "party"), .party, required: true), role,
                    OptionSpec("name", Text("姓名", "name"), .text, required: true),
                    OptionSpec("post", Text("职务", "post"), .text, required: true),
                ],
                notes: [
                    Text(
                        "编号须与本人证书上的一致；证书另由 twolists ca 签发。",
                        "The id must be the one on the officer's certificate, which `twolists ca` issues.")
                ])
        case .officerRoles:
            CommandSpec(
                name, Text("重新确定人员的角色(安全管理员)", "set an officer's roles (security administrator)"),
                operands: [officer], options: [role],
                notes: [Text("所写角色取代原有的全部角色。", "The roles given take the place of all earlier ones.")])
        case .officerResume:
            CommandSpec(
                name, Text("恢复已停用的人员(安全管理员)", "let a suspended officer act again (security administrator)"),
                operands: [officer])
        default:
            CommandSpec(
                name, Text("停用人员，立即生效(安全管理员)", "suspend an officer, at once (security administrator)"),
                operands: [officer])
        }
    }
}
