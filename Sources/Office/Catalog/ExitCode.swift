/// What the `twolists` command tells the shell. The numbers are promises: scripts rely on them.
package enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
    case done = 0
    case usage = 2
    case refusedByRule = 3
    case notPermitted = 4
    case notFound = 5
    case conflict = 6
    case serverUnreachable = 7
    case tlsRefused = 8
    case deadlineExceeded = 9
    case overloaded = 10
    case localFile = 11
    case notProven = 12
    case `internal` = 70
    case interrupted = 130

    package var meaning: Text {
        switch self {
        case .done: Text("办成", "done")
        case .usage: Text("命令写法不对", "the command line is wrong")
        case .refusedByRule: Text("按规则不予办理", "refused by a rule")
        case .notPermitted: Text("没有权限", "not permitted")
        case .notFound: Text("没有找到", "not found")
        case .conflict: Text("期间有人办理过(版本冲突)", "somebody was at work meanwhile (version conflict)")
        case .serverUnreachable: Text("连不上服务器", "the server cannot be reached")
        case .tlsRefused: Text("证书或加密连接被拒绝", "certificate or encrypted connection refused")
        case .deadlineExceeded: Text("超时", "deadline exceeded")
        case .overloaded: Text("服务器繁忙或只读", "the server is busy or read-only")
        case .localFile: Text("本机文件或配置有问题", "a file or profile on this machine is wrong")
        case .notProven:
            Text(
                "存证回执、审计记录、选岗文件或交换包未通过核验，或对账不一致",
                "a receipt, an exported trail, a round or a package does not hold, or what was reconciled differs"
            )
        case .internal: Text("程序内部错误", "internal error")
        case .interrupted: Text("被用户中断", "interrupted by the user")
        }
    }
}
