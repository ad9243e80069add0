/// Packages that travel on a disc: what is typed.
enum PackageForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .packageMake: make
        case .packageOpen: open
        default:
            CommandSpec(
                name,
                Text(
                    "列出与各单位往来的交换包：做到第几包、对方收到第几包",
                    "list the packages to and from each party: the last made, the last that arrived"))
        }
    }

    private static let out = OptionSpec(
        "out", Text("存放位置", "where to"), .file,
        help: Text("文件名或目录，默认当前目录", "a file's name, or a folder; this folder by default"))
    private static let reader = OptionSpec(
        "reader", Text("对方证书", "reader's certificate"), .file, repeated: true,
        help: Text(
            "对方人员的证书文件，加密给他；用过一次即记住",
            "certificate of an officer of theirs, to seal it to; remembered from then on"))

    private static let make = CommandSpec(
        .packageMake,
        Text(
            "制作下一个交换包和交接单：不联网单位的待发命令，或市局给某单位的答复和进展",
            "make the next package and its sheet: what waits in the outbox, or the bureau's answers and news for a party"
        ),
        options: [
            OptionSpec(
                "to", Text("接收单位", "to"), .party,
                help: Text("市局必填；其他单位默认送市局", "for the bureau to say; others send to the bureau")),
            out, reader,
            OptionSpec(
                "days", Text("有效天数", "days"), .integer(1...Int(PackageLimits.validDays)),
                help: Text("默认 90", "90 by default")),
            OptionSpec(
                "again", Text("重制第几包", "again"), .integer(1...Int.max),
                help: Text("光盘丢失、损坏时原样再制一份", "a lost disc once more, byte for byte the same")),
        ],
        notes: [
            Text(
                "交换包加密给接收单位，编号连续，旁边存有交接单(.html)，打印后随光盘送达。格式见 Protocol/PACKAGE.md。",
                "It is sealed to the receiver and numbered without gaps; the sheet (.html) beside it is printed and travels along. PACKAGE.md says how."
            )
        ])

    private static let open = CommandSpec(
        .packageOpen,
        Text(
            "打开送来的交换包：先全部核验，再办理；重复打开不会重复办理",
            "open a package: everything is checked first, then done; opened twice, nothing is done twice"),
        operands: [OperandSpec(Text("文件", "FILE"), Text("交换包文件", "the package's file"))],
        options: [
            out,
            OptionSpec(
                "expired", Text("过期也打开", "though expired"), .flag,
                help: Text("已向制包单位核实的过期包", "of a package behind its last day, once its maker was asked")),
            OptionSpec(
                "set-aside", Text("记为未读", "set aside"), .flag,
                help: Text(
                    "谁也打不开的包：占住编号，不办理任何内容，对方下一包重送",
                    "of a package that nobody can open: takes its number and nothing of it; the next one tells it again"
                )),
        ],
        notes: [
            Text(
                "市局打开后自动制作回程交换包和交接单；缺包时提示缺第几批，先打开缺的。",
                "At the bureau the package that goes back is made at once, with its sheet. What is missing is named: open that first."
            ),
            Text(
                "随包送来的批次由服务器核验入库后(最多等两分钟)，三次答复一并送回；单位打开后用 batch show、batch report 查看。",
                "Batches that came are checked and taken before the package goes back (two minutes at most), so it brings all three answers: batch show and batch report tell them at the unit."
            ),
            Text(
                "单位打开时逐条核验答复的存证：不符的不予采信、不改动任何内容，退出码为 12，其余照常导入。",
                "At the unit each answer is proven first: what does not hold is not believed and changes nothing, exit code 12; the rest is taken."
            ),
            Text(
                "整包未通过核验的，退出码为 12，什么也不会导入。",
                "A package that does not hold is refused with exit code 12, and nothing of it is imported."),
        ])
}
