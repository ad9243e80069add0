/// The commands that are about no matter: watching, the server, the outbox, saved files, help.
extension CommandTable {
    static func toolCommand(_ name: CommandName) -> CommandSpec {
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
        case .outboxShow, .outboxSend, .outboxDrop: outboxCommand(name)
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
            Text("命令编号", "ID"), required: name != .outboxSend,
            Text("编号或其开头几位", "an id or its first digits"))
        return switch name {
        case .outboxShow:
            CommandSpec(
                name, Text("查看一条待发命令：内容、排队原因", "show a waiting command: what it says, why it waits"),
                operands: [id])
        case .outboxSend:
            CommandSpec(
                name, Text("发送待发命令(编号不变，不会重复办理)", "send waiting commands, under the same id"),
                operands: [id],
                notes: [
                    Text(
                        "按填写顺序发送。被退回的留在待发箱，排在它后面的同一事项的命令不再发送，其他事项照常。",
                        "In the order they were typed. A refused one is kept and holds back those of the same matter behind it; others go on."
                    )
                ])
        default: CommandSpec(name, Text("删除一条待发命令", "delete a waiting command"), operands: [id])
        }
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

    private static let file = OperandSpec(Text("文件", "FILE"), Text("命令文件", "a command file"))
}
