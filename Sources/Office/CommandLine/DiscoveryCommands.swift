/// Commands for programmers and operators: what a server offers, and any call of it.
extension CommandTable {
    static func discoveryCommand(_ name: CommandName) -> CommandSpec {
        switch name {
        case .list:
            CommandSpec(
                name, Text("列出服务器提供的服务，或某服务的方法", "list the services of the server, or the methods of one"),
                operands: [
                    OperandSpec(
                        Text("服务", "SERVICE"), required: false,
                        Text("如 twolists.v1.Ledger", "e.g. twolists.v1.Ledger"))
                ],
                options: [schema, trace])
        case .describe:
            CommandSpec(
                name, Text("显示服务、方法、消息或枚举的定义", "show the definition of a service, method, message or enum"),
                operands: [
                    OperandSpec(
                        Text("名称", "SYMBOL"),
                        Text("全名，如 twolists.v1.RequestView", "a full name, e.g. twolists.v1.RequestView"))
                ],
                options: [schema, trace])
        default:
            CommandSpec(
                name, Text("调用任一方法：JSON 进，JSON 出", "call any method: JSON in, JSON out"),
                operands: [
                    OperandSpec(
                        Text("服务/方法", "SERVICE/METHOD"),
                        Text("如 twolists.v1.Ledger/WhoAmI", "e.g. twolists.v1.Ledger/WhoAmI"))
                ],
                options: [
                    OptionSpec(
                        "data", Text("请求内容", "request"), .text,
                        help: Text(
                            "JSON；@文件 从文件读，- 从标准输入读；默认 {}",
                            "JSON; @FILE reads a file, - standard input; {} by default"), short: "d"),
                    OptionSpec(
                        "header", Text("元数据 键:值", "metadata key:value"), .text, repeated: true,
                        help: Text("可写多次", "may be given more than once"), short: "H"),
                    schema, trace,
                ],
                notes: [
                    Text(
                        "流式请求：一个接一个写多个 JSON 值；从标准输入读时每行一个，读到即发。流式答复每行一个 JSON。",
                        "A stream of requests: several JSON values one after the other; from standard input one a line, sent as it comes. A stream of answers: one JSON a line."
                    ),
                    Text(
                        "字段可写 lowerCamelCase 或原名；64 位整数写成字符串，bytes 写 base64，枚举写名称或数字。不认识的字段是错误。",
                        "Fields under their lowerCamelCase or original names; 64-bit integers as strings, bytes as base64, enums by name or number. An unknown field is an error."
                    ),
                    Text(
                        "只连接一次，不重试：显示的就是发生的。退出码与其他命令相同；请求内容有误为 2，没有这个服务或方法为 5。",
                        "It connects once and repeats nothing: what is shown is what happened. Exit codes as for every command; 2 when the request is wrong, 5 when there is no such service or method."
                    ),
                ])
        }
    }

    private static let schema = OptionSpec(
        "schema", Text("定义来源", "schema"),
        .choice([
            Choice(["reflection", "服务器"], Text("服务器", "from the server"), 0),
            Choice(["built-in", "内置"], Text("内置", "built in"), 1),
        ]),
        help: Text("默认向服务器查询(grpc.reflection.v1)", "asked of the server by default (grpc.reflection.v1)"))

    private static let trace = OptionSpec(
        "trace", Text("显示帧", "trace"), .flag,
        help: Text("在标准错误上显示收发的每一帧", "show every frame, in and out, on standard error"))
}
