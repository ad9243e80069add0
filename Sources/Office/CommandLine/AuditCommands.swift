package import Schema

/// The auditor's commands: what was judged, by whom, from where; all of it in a file that proves itself; and the check of such a file.
package enum AuditForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .auditExport: export
        case .auditVerify: verify
        default: list
        }
    }

    private static let verify = CommandSpec(
        .auditVerify,
        Text("核验导出的审计记录，不需要联网", "check an exported trail, without the server"),
        operands: [
            OperandSpec(Text("文件", "FILE"), Text("audit export 存的文件", "what audit export wrote"))
        ],
        options: [CommandTable.authority, CommandTable.lists, CommandTable.second],
        notes: [
            Text(
                "缺少、增加、重复、移位、改动的记录逐条列出；不符时退出码为 12。",
                "Records missing, added, repeated, moved or changed are named one by one; exit code 12 when it does not hold."
            )
        ])

    private static let list = CommandSpec(
        .auditList,
        Text(
            "查看审计记录：谁、何时、从何处、办了什么、结果(审计员)", "the audit trail: who, when, from where, what, outcome (auditor)"),
        options: [
            OptionSpec("since", Text("起始日期", "since"), .date, help: Text("含当日", "that day included")),
            OptionSpec("until", Text("截止日期", "until"), .date, help: Text("含当日", "that day included")),
            OptionSpec(
                "party", Text("单位", "party"), .text, help: Text("如 county/421321", "e.g. county/421321")),
            OptionSpec("officer", Text("人员", "officer"), .text, help: Text("人员编号", "the officer's id")),
            OptionSpec(
                "target", Text("事项", "target"), .text,
                help: Text("正式编号或事项编号", "an official number, or a target id in hex")),
            OptionSpec(
                "command", Text("操作", "command"), .text,
                help: Text("命令字段名，如 assign_request", "a command's field name, e.g. assign_request")),
            OptionSpec("refused", Text("只看被拒绝的", "refused only"), .flag),
        ] + CommandTable.paging)

    private static let export = CommandSpec(
        .auditExport, Text("导出审计记录及其证明，存为文件(审计员)", "export the trail with its proof to a file (auditor)"),
        options: [
            OptionSpec("out", Text("文件", "file"), .file, required: true),
            OptionSpec(
                "from", Text("起始序号", "from"), .integer(1...Int.max),
                help: Text("默认从头", "from the first by default")),
            OptionSpec(
                "to", Text("截止序号", "to"), .integer(1...Int.max),
                help: Text("默认到最新", "to the newest by default")),
        ],
        notes: [
            Text("个人信息在文件中仍是密封的。", "Personal fields stay sealed in the file."),
            Text(
                "同名文件已存在时不覆盖。", "A file of that name is not written over."),
        ])

    /// What `audit list` asks for, without paging.
    package static func query(_ line: Invocation) -> TrailQuery {
        TrailQuery(
            cursor: line.bytes("cursor") ?? [], since: line.date("since").map { $0.startOfDay } ?? 0,
            until: line.date("until").map { $0.startOfNextDay } ?? 0, party: line.text("party") ?? "",
            officer: line.text("officer") ?? "", target: line.text("target") ?? "",
            command: line.text("command") ?? "", refusedOnly: line.has("refused"))
    }
}
