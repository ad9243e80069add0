/// Rounds of placement in the open (阳光安置).
enum RoundForms {
    static func spec(_ name: CommandName) -> CommandSpec { verify }

    private static let verify = CommandSpec(
        .roundVerify,
        Text("把公布的一轮选岗重新计算一遍，不需要联网", "work a published round out again, without the server"),
        operands: [OperandSpec(Text("文件", "FILE"), Text("公布的文件", "the published file"))],
        options: [
            OptionSpec(
                "inputs", Text("封存摘要", "inputs digest"), .hex,
                help: Text("封存时公布的，一并核对", "as posted when the inputs were frozen: it must be this one")),
            OptionSpec(
                "commitment", Text("密数承诺", "commitment"), .hex,
                help: Text("公告中的，一并核对", "as announced: it must be this one")),
        ],
        notes: [
            Text(
                "每一行都重新计算；不符时指出第一处，退出码为 12。算法见 Protocol/ROUND.md。",
                "Every line is worked out again; the first that differs is named, exit code 12. ROUND.md says how."
            ),
            Text(
                "公开数本身请与公告所指的来源核对。",
                "Hold the public value itself against the source the announcement names."),
        ])
}
