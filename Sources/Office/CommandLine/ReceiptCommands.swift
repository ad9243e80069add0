extension CommandTable {
    private static let one = OperandSpec(
        Text("回执", "RECEIPT"),
        Text(
            "回执文件、命令编号(或其开头几位)、电话查询码",
            "a receipt's file, a command's id or its first digits, or a phone reference"))

    static let authority = OptionSpec(
        "ca", Text("本市证书机构文件", "CA file"), .file, help: Text("默认用配置文件里的 ca", "the profile's by default"))
    static let lists = OptionSpec(
        "crl", Text("吊销列表", "revocation list"), .file, repeated: true,
        help: Text("当时已吊销的证书不算数", "a certificate revoked by then does not count"))

    static let second = OptionSpec(
        "sm2", Text("国密签名", "SM2 signature"), .flag,
        help: Text(
            "必须另有SM2签名；有则一律核验", "the second signature must be there; one that is there is always checked"))

    /// Receipts: kept for every judged command, checked without the server. RECEIPT.md.
    static func receiptCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .receiptShow:
            CommandSpec(
                name, Text("查看一份存证回执的内容(不核验)", "show what a receipt says, unchecked"), operands: [one])
        case .receiptVerify:
            CommandSpec(
                name, Text("核验一份存证回执，不需要联网", "check a receipt, without the server"), operands: [one],
                options: [
                    OptionSpec(
                        "envelope", Text("命令文件", "envelope"), .file,
                        help: Text(
                            "命令文件或其原始内容；默认用本机随回执保存的",
                            "the command file, or the envelope's bytes; by default the one kept with the receipt"
                        )),
                    authority, lists, second,
                ])
        case .receiptCompare:
            CommandSpec(
                name, Text("核验两份存证回执属于同一部历史", "check that two receipts are of one history"),
                operands: [one, one],
                options: [
                    OptionSpec(
                        "proof", Text("一致性证明", "proof"), .file,
                        help: Text("默认向服务器索取", "asked of the server by default")),
                    OptionSpec(
                        "save-proof", Text("保存证明", "save the proof"), .file,
                        help: Text("存为文件，以后离线核验", "to a file, for later checks without the server")),
                    authority, lists, second,
                ])
        case .receiptFetch:
            CommandSpec(
                name, Text("向服务器重新索取一份存证回执", "fetch a receipt again from the server"), operands: [one])
        default:
            CommandSpec(name, Text("列出本机保存的存证回执", "list the receipts kept on this machine"))
        }
    }
}
