package import TwoListsClient
package import Wire

/// What a failed call means for the person at the keyboard: what happened, on which side and how far it had come, what to check, and the
/// exit code. reference: the commonest complaint about such services is "connection closed" without a reason.
package struct FailureText: Sendable, Hashable {
    package var happened: Text
    package var check: Text
    package var exit: ExitCode
    /// English words that came from below and have no Chinese: not for the clerk, but for whoever is asked on the telephone. The English
    /// sentence holds them already.
    package var technical = ""

    package func lines(_ language: Language) -> [String] {
        guard language == .zh else { return ["\(happened.en).", "To check: \(check.en)."] }
        let lines = ["\(happened.zh)。", "请检查：\(check.zh)。"]
        return technical.isEmpty ? lines : lines + ["技术信息(供系统管理员)：\(technical)"]
    }
}

extension ClientError {
    /// Side and phase in words: `本机·配置`, `网络·TCP连接`, `服务器·证书`.
    package var place: Text {
        let side =
            switch self.side {
            case .client: Text("本机", "this machine")
            case .network: Text("网络", "network")
            case .server: Text("服务器", "server")
            }
        let phase =
            switch self.phase {
            case .configuration: Text("配置", "configuration")
            case .resolve: Text("解析主机名", "name resolution")
            case .tcp: Text("TCP连接", "TCP")
            case .tls: Text("TLS握手", "TLS")
            case .hello: Text("协议握手(HELLO)", "HELLO")
            case .call: Text("调用", "call")
            case .stream: Text("数据流", "stream")
            }
        return Text("\(side.zh)·\(phase.zh)", "\(side.en), \(phase.en)")
    }

    package var failureText: FailureText {
        switch reason {
        case .configuration, .badCommand, .badAnswer, .closed, .cancelled, .notKept: localText
        case .nameNotResolved, .connectionRefused, .unreachable, .connectTimeout, .connectionLost,
            .deadlineExceeded:
            networkText
        case .certificateRefused, .serverCertificateRefused, .tlsFailed, .notThisProtocol: securityText
        case .status(let status): StatusTexts.of(status)
        }
    }

    private var cleanDetail: String { Screen.clean(detail) }

    private var localText: FailureText {
        switch reason {
        case .configuration:
            FailureText(
                happened: Text(
                    "本机的证书、私钥或设置不能使用", "certificate, key or a setting cannot be used: \(cleanDetail)"),
                check: Text("配置文件里的 certificate、key、ca 三项", "certificate, key and ca in the profile"),
                exit: .localFile, technical: cleanDetail)
        case .badCommand:
            FailureText(
                happened: Text("命令无法生成", "the command cannot be built: \(cleanDetail)"),
                check: Text("内容是否过长、证书与私钥是否配套", "its size, and that certificate and key belong together"),
                exit: .localFile, technical: cleanDetail)
        case .notKept:
            FailureText(
                happened: Text(
                    "存证回执读不出或保存不了", "a receipt cannot be read or written: \(cleanDetail)"),
                check: Text(
                    "配置文件旁的 receipts 目录：权限、磁盘空间、文件是否损坏；改好后用 outbox send 重发，不会重复办理",
                    "the receipts folder beside the profile: permissions, room on the disk, damage; then send again with outbox send, nothing is done twice"
                ),
                exit: .localFile, technical: cleanDetail)
        case .cancelled:
            FailureText(
                happened: Text("操作已中断", "interrupted"), check: Text("是否需要重新执行", "whether to run it again"),
                exit: .interrupted)
        default:
            FailureText(
                happened: Text("答复无法理解", "the answer cannot be understood: \(cleanDetail)"),
                check: Text("客户端与服务器版本是否一致", "that client and server are of one version"), exit: .internal,
                technical: cleanDetail)
        }
    }

    private var networkText: FailureText {
        switch reason {
        case .nameNotResolved:
            FailureText(
                happened: Text("找不到主机 \(server)", "there is no host \(server)"),
                check: Text(
                    "配置文件里的 server 是否写对、本机 DNS 是否正常", "server in the profile, and this machine's DNS"),
                exit: .serverUnreachable)
        case .connectionRefused:
            FailureText(
                happened: Text(
                    "服务器 \(server) 拒绝连接：该端口没有服务", "\(server) refused the connection: nothing listens there"),
                check: Text(
                    "市局服务是否已启动、端口是否正确(默认7443)",
                    "that the bureau's server runs, and the port (7443 by default)"),
                exit: .serverUnreachable)
        case .unreachable:
            FailureText(
                happened: Text("网络不通，到不了 \(server)", "\(server) cannot be reached over the network"),
                check: Text("网线、专网或 VPN 是否接通", "cable, private network or VPN"), exit: .serverUnreachable)
        case .connectTimeout:
            FailureText(
                happened: Text("连接 \(server) 超时", "connecting to \(server) took too long"),
                check: Text("网络是否通畅、防火墙是否放行该端口", "the network, and that the firewall lets the port through"),
                exit: .serverUnreachable)
        case .connectionLost(let mayHaveRun):
            FailureText(
                happened: mayHaveRun
                    ? Text(
                        "等待答复时与 \(server) 的连接断开，不知服务器是否已办理",
                        "the connection to \(server) ended before the answer: it may have been done")
                    : Text(
                        "与 \(server) 的连接断开，命令未送出",
                        "the connection to \(server) ended before anything was sent"),
                check: Text(
                    "网络恢复后用 outbox send 重发：编号不变，不会重复办理",
                    "send again with outbox send: the id stays the same, nothing is done twice"),
                exit: .serverUnreachable)
        default:
            FailureText(
                happened: Text("规定时间内没有得到答复", "no answer within the time given"),
                check: Text(
                    "网络是否缓慢；可用 --timeout 延长等待", "whether the network is slow; --timeout waits longer"),
                exit: .deadlineExceeded)
        }
    }

    private var securityText: FailureText {
        switch reason {
        case .certificateRefused(let alert):
            FailureText(
                happened: Text(
                    "服务器拒绝了您的证书：\(AlertTexts.of(alert).zh)",
                    "the server refused your certificate: \(AlertTexts.of(alert).en)"),
                check: AlertTexts.isAboutTheRoster(alert)
                    ? Text("请联系安全管理员", "ask the security administrator")
                    : Text(
                        "证书是否过期、是否被吊销、是否由市局签发(twolists ca show 查看)；需要时请市局重新签发",
                        "that it has not ended, is not revoked, and is the bureau's (see twolists ca show); have it issued anew if need be"
                    ),
                exit: .tlsRefused)
        case .serverCertificateRefused(let why):
            FailureText(
                happened: Text(
                    "服务器 \(server) 的证书不可信",
                    "the certificate of \(server) is not to be trusted: \(Screen.clean(why))"),
                check: Text(
                    "连的是不是市局的服务器、配置里的 ca 文件是否为市局所发、本机时间是否正确",
                    "that this is the bureau's server, that ca in the profile is the bureau's, and this machine's clock"
                ),
                exit: .tlsRefused, technical: Screen.clean(why))
        case .notThisProtocol:
            FailureText(
                happened: Text(
                    "\(server) 上的服务不是双清单服务器，或版本不符",
                    "what answers at \(server) is no TwoLists server, or of another version: \(cleanDetail)"),
                check: Text("端口是否写对、客户端是否需要升级", "the port, and whether this program needs an update"),
                exit: .tlsRefused, technical: cleanDetail)
        default:
            FailureText(
                happened: Text(
                    "与 \(server) 的加密连接失败",
                    "the encrypted connection to \(server) failed: \(cleanDetail)"),
                check: Text("网络中是否有代理或防火墙改动流量、双方时间是否正确", "proxies or firewalls on the way, and both clocks"),
                exit: .tlsRefused, technical: cleanDetail)
        }
    }
}

/// TLS alerts in words. Names as in RFC 8446 with blanks or underscores.
enum AlertTexts {
    static func of(_ alert: String) -> Text {
        let name = Screen.clean(alert)
        switch alert.lowercased().replacing("_", with: " ").replacing("-", with: " ") {
        case let text where text.contains("certificate expired"):
            return Text("证书已过期(\(name))", "it has ended (\(name))")
        case let text where text.contains("certificate revoked"):
            return Text("证书已吊销(\(name))", "it is revoked (\(name))")
        case let text where text.contains("unknown ca"):
            return Text("签发机构不被认可(\(name))", "its issuer is not known (\(name))")
        case let text where text.contains("certificate required"):
            return Text("没有出示证书(\(name))", "none was shown (\(name))")
        case let text where text.contains("unsupported certificate"):
            return Text("证书类型不对(\(name))", "of the wrong kind (\(name))")
        case let text where text.contains("bad certificate"):
            return Text("证书有问题(\(name))", "something is wrong with it (\(name))")
        case let text where text.contains("access denied"):
            return Text("身份不被允许：\(roster(alert) ?? "服务器没有说明")", "this identity is not allowed (\(name))")
        default: return Text(name.isEmpty ? "未说明原因" : name, name.isEmpty ? "no reason given" : name)
        }
    }

    static func isAboutTheRoster(_ alert: String) -> Bool { roster(alert) != nil }

    /// A refused connection brings text only, so the server begins it with its reason.
    private static func roster(_ alert: String) -> String? {
        if alert.contains("OFFICER_SUSPENDED") { return "您的账号已停用" }
        return alert.contains("OFFICER_NOT_REGISTERED") ? "名册上没有您" : nil
    }
}

/// RPC statuses in words.
package enum StatusTexts {
    package static func of(_ status: Status) -> FailureText {
        // NOT_FOUND says no more than its code.
        let isNotFound = status.code == .notFound
        let chinese = isNotFound ? "" : Screen.clean(status.localized ?? "")
        let english = isNotFound ? "" : Screen.clean(status.message)
        func text(_ zh: String, _ en: String, _ check: Text, _ exit: ExitCode) -> FailureText {
            FailureText(
                happened: Text(
                    chinese.isEmpty ? zh : "\(zh)：\(chinese)", english.isEmpty ? en : "\(en): \(english)"),
                check: check, exit: exit, technical: chinese.isEmpty ? english : "")
        }
        switch status.code {
        case .failedPrecondition where status.isOutsideWindow:
            return text(
                "这条命令不能再发送", "this command can no longer be sent",
                Text("本机的日期和时间；校准后重新填写", "this machine's date and time; then fill it in anew"), .localFile)
        case .failedPrecondition where status.errorReason == "RELOAD_REFUSED":
            return text(
                "没有重新加载", "not reloaded",
                Text("改好文件后再执行 twolists admin reload", "mend the files, then twolists admin reload again"),
                .refusedByRule)
        case .unauthenticated:
            return text(
                "服务器不认可您的身份", "the server does not accept who you are",
                Text("证书是否过期或被吊销，人员是否已登记", "that the certificate is valid and you are registered"),
                .notPermitted)
        case .permissionDenied:
            return text(
                "没有权限", "not permitted", Text("本人角色(twolists whoami)", "your roles (twolists whoami)"),
                .notPermitted)
        case .notFound:
            return text(
                "没有找到，或不属于本单位可见范围", "not found, or not yours to see", Text("编号或查询码是否写对", "the key"), .notFound
            )
        case .invalidArgument, .outOfRange:
            return text(
                "服务器认为请求内容有误", "the server finds the request malformed",
                Text("输入内容；客户端是否需要升级", "what was typed, and this program's version"), .usage)
        case .resourceExhausted where status.isLastingLimit:
            return text(
                "内容超过上限", "it is over a limit",
                Text("内容是否过长；重发也不会成功", "its size; sending it again will not help"), .usage)
        case .resourceExhausted:
            return text(
                "服务器繁忙或请求过大", "the server is busy, or the request too large",
                Text("稍后再试；内容是否过长", "try again later; its size"), .overloaded)
        case .unavailable:
            return text(
                "服务器暂不可用", "the server is not available now",
                Text("稍后再试；市局服务器是否正在维护", "try again later; maintenance at the bureau"), .overloaded)
        case .failedPrecondition:
            return text(
                "服务器目前不能办理(可能为只读)", "the server cannot do this now (it may be read-only)",
                Text("请致电市局系统管理员", "call the bureau's system administrator"), .overloaded)
        case .deadlineExceeded:
            return text(
                "超时", "deadline exceeded", Text("可用 --timeout 延长等待", "--timeout waits longer"),
                .deadlineExceeded)
        case .unimplemented:
            return text(
                "服务器没有这项功能", "the server does not offer this", Text("服务器与客户端版本是否一致", "the versions of both"),
                .internal)
        case .cancelled:
            return text("调用被取消", "cancelled", Text("是否需要重新执行", "whether to run it again"), .interrupted)
        case .alreadyExists, .aborted:
            return text(
                "与其他操作冲突", "it collides with something else",
                Text("用 show 查看当前情况后再试", "look with show, then try again"), .conflict)
        case .ok, .unknown, .internal, .dataLoss:
            return text(
                "服务器内部错误", "internal error of the server",
                Text("请记下时间并致电市局系统管理员", "note the time and call the bureau's system administrator"), .internal
            )
        }
    }
}

extension Status {
    /// google.rpc.LocalizedMessage in Chinese, when the server sent one.
    var localized: String? {
        details.lazy.filter { $0.typeURL.hasSuffix("google.rpc.LocalizedMessage") }
            .compactMap { try? GoogleRPC.LocalizedMessage(decoding: $0.value) }
            .first { $0.locale.hasPrefix("zh") }?.message
    }

    /// The id's date will never be let in: what was typed is to be filled in anew.
    var isOutsideWindow: Bool { errorReason == "ID_OUTSIDE_WINDOW" }
}

extension ClientError {
    /// True when the same command may well be taken later: the line, the server's load or its disk was the trouble, not the command.
    package var isWorthRetrying: Bool {
        if let status, status.isOutsideWindow || status.isLastingLimit { return false }
        return switch status?.code {
        case nil: true
        case .unavailable, .resourceExhausted, .deadlineExceeded, .aborted, .cancelled, .failedPrecondition,
            .internal,
            .unknown:
            true
        default: false
        }
    }

    /// What becomes of the command that waits in the outbox, under this id, after the failure.
    package func outboxText(id: String, reference: String) -> Text {
        if isWorthRetrying {
            // What is about an officer has no reference.
            let known =
                reference.isEmpty ? Text("", "") : Text("(查询码 \(reference))", " (reference \(reference))")
            return Text(
                "您填写的内容已保存在本机待发箱\(known.zh)：联网后执行任一命令时自动发送(也可用 twolists outbox send)，不会重复办理。",
                "What you typed is kept on this machine\(known.en): it goes out with the next command that finds a connection (or twolists outbox send), and once."
            )
        }
        if status?.isOutsideWindow ?? false {
            return Text(
                "您填写的内容仍保存在本机待发箱，但不能再发送：请重新填写，再删除旧的一条：twolists outbox drop \(id)。",
                "What you typed is still in the outbox but can no longer be sent: fill it in anew, then twolists outbox drop \(id)."
            )
        }
        return Text(
            "您填写的内容仍保存在本机待发箱；如不再需要：twolists outbox drop \(id)。",
            "What you typed is still in the outbox; if it is of no more use: twolists outbox drop \(id).")
    }

    /// A failed call for `--json`.
    package func json(_ language: Language) -> JSON {
        let text = failureText
        return .object([
            "error": .object([
                "exit": .int(Int64(text.exit.rawValue)), "side": .string(side.rawValue),
                "phase": .string(phase.rawValue),
                "status": status.map { .string($0.code.name) } ?? .null,
                "message": .string(text.happened[language]),
                "check": .string(text.check[language]), "detail": .string(detail),
            ])
        ])
    }
}
