internal import Crypto
internal import Exchange
internal import Journal
internal import Wire

/// Why a call was not judged, for programs: google.rpc.ErrorInfo's reason. The names are promises; PROTOCOL.md 9.3.
package enum StatusReason: String, Sendable, Hashable, CaseIterable {
    case deadlinePassed = "DEADLINE_PASSED"
    case journalBehind = "JOURNAL_BEHIND"
    case overloaded = "OVERLOADED"
    case stopping = "STOPPING"
    case readOnlyDiskFull = "READ_ONLY_DISK_FULL"
    case sealingFailed = "SEALING_FAILED"
    case idOutsideWindow = "ID_OUTSIDE_WINDOW"
    case idReused = "ID_REUSED"
    case refusalsLimited = "REFUSALS_LIMITED"
    case officerSuspended = "OFFICER_SUSPENDED"
    case officerNotRegistered = "OFFICER_NOT_REGISTERED"
    case officerNotActive = "OFFICER_NOT_ACTIVE"
    case rightsChanged = "RIGHTS_CHANGED"
    case noOfficer = "NO_OFFICER"
    case importNotPermitted = "IMPORT_NOT_PERMITTED"
    case wrongCity = "WRONG_CITY"
    case signedByAnother = "SIGNED_BY_ANOTHER"
    case signatureRequired = "SIGNATURE_REQUIRED"
    case signatureInvalid = "SIGNATURE_INVALID"
    case tooLarge = "TOO_LARGE"
    case malformed = "MALFORMED"
    case methodUnknown = "METHOD_UNKNOWN"
    case notFound = "NOT_FOUND"
    case badPage = "BAD_PAGE"
    case auditorOnly = "AUDITOR_ONLY"
    case trailUnreadable = "TRAIL_UNREADABLE"
    case copyFailed = "COPY_FAILED"
    case watchersFull = "WATCHERS_FULL"
    case watchesLimited = "WATCHES_LIMITED"
    case adminNotPermitted = "ADMIN_NOT_PERMITTED"
    case reloadRefused = "RELOAD_REFUSED"
    case historyShorter = "HISTORY_SHORTER"
    case badPeriod = "BAD_PERIOD"
    case reportTooLarge = "REPORT_TOO_LARGE"
    case caseworkOnly = "CASEWORK_ONLY"
    case batchNotStored = "BATCH_NOT_STORED"
    case batchPendingLimit = "BATCH_PENDING_LIMIT"
    case batchesUnavailable = "BATCHES_UNAVAILABLE"
    case packagesNotPermitted = "PACKAGES_NOT_PERMITTED"
    case attachmentNotStored = "ATTACHMENT_NOT_STORED"
    case attachmentDiffers = "ATTACHMENT_DIFFERS"
    case uploadClosed = "UPLOAD_CLOSED"
    case personNotPermitted = "PERSON_NOT_PERMITTED"
}

// MARK: - The details

extension Status {
    /// A status an officer may meet, with its details. The parameters are those of `Status(_:reason:english:chinese:)`.
    static func told(
        _ code: StatusCode, _ reason: StatusReason, _ english: String, _ chinese: String,
        metadata: [(String, String)] = [], field: String? = nil, retryAfter: Int64? = nil,
        notProcessed: Bool = false
    ) -> Status {
        Status(
            code, reason: reason.rawValue, english: english, chinese: chinese, metadata: metadata,
            field: field, retryAfter: retryAfter, notProcessed: notProcessed)
    }
}

// MARK: - The statuses: load, disk and deadlines

extension Status {
    /// Milliseconds a client waits before it comes again: a backlog is gone in a tenth of a second, a disk or a restart takes longer.
    private static let soon: Int64 = 100
    private static let later: Int64 = 1_000

    static let commandTooLate = told(
        .deadlineExceeded, .deadlinePassed, "the deadline passed before the command was judged",
        "超过了规定的等待时间，命令还没有办理；请用 --timeout 延长等待后重发，不会重复办理", notProcessed: true)

    static let readTooLate = told(
        .deadlineExceeded, .deadlinePassed, "the deadline passed before the read began",
        "超过了规定的等待时间，还没有开始查询；请用 --timeout 延长等待后再试")

    static let journalBehind = told(
        .resourceExhausted, .journalBehind, "the journal's disk is behind; try again",
        "服务器写盘跟不上，命令还没有办理；请稍后重发，不会重复办理", retryAfter: soon, notProcessed: true)

    static let serverBusy = told(
        .resourceExhausted, .overloaded, "the server has more waiting than it can answer in time; try again",
        "服务器繁忙，还没有办理；请稍后再试", retryAfter: soon, notProcessed: true)

    static let serverStopping = told(
        .unavailable, .stopping, "the server is stopping", "服务器正在停止，还没有办理；请稍后再试", retryAfter: later,
        notProcessed: true)

    /// The reason stands in both texts: whoever runs the server is asked about it by telephone. The directory is the operator's to know,
    /// so only the English names it.
    static func readOnlyDiskFull(_ why: ReadOnlyReason) -> Status {
        told(
            .unavailable, .readOnlyDiskFull,
            "READ_ONLY_DISK_FULL: \(words(why)): make room and filing goes on by itself; reading goes on, nothing was lost",
            "服务器磁盘已满，目前只能查询(READ_ONLY_DISK_FULL)，已办理的没有丢失；请告知市局系统管理员，腾出空间后自动恢复", retryAfter: later,
            notProcessed: true)
    }

    /// In words, by hand: what Swift prints of a value is nobody's language.
    private static func words(_ why: ReadOnlyReason) -> String {
        switch why {
        case .diskFull(let path): "no room on the disk" + (path.isEmpty ? "" : " of \(path)")
        }
    }

    static func sealingFailed(_ error: any Error) -> Status {
        told(
            .internal, .sealingFailed, "sealing failed: \(error)",
            "服务器加密保存时出错，命令没有办理；请记下时间并致电市局系统管理员", notProcessed: true)
    }

    static let watchersFull = told(
        .resourceExhausted, .watchersFull, "too many watchers (\(EngineLimits.watchers))",
        "同时查看变化的人太多；请稍后再试", retryAfter: 5 * later, notProcessed: true)

    static let tooManyWatches = told(
        .resourceExhausted, .watchesLimited,
        "too many watches of one officer (\(EngineLimits.watchersPerOfficer)): end one first",
        "您同时查看变化的窗口太多，最多\(EngineLimits.watchersPerOfficer)个；请先关闭一个", retryAfter: 5 * later,
        notProcessed: true)

    static let tooManyRefusals = told(
        .resourceExhausted, .refusalsLimited,
        "too many refused commands of this officer; one in "
            + "\(EngineLimits.refusalInterval / 1_000_000_000) s is taken, wait before trying again",
        "您被拒绝的命令太多，每\(EngineLimits.refusalInterval / 1_000_000_000)秒只受理一条；请先核对自己的权限，稍后再试",
        retryAfter: EngineLimits.refusalInterval / 1_000_000)
}

// MARK: - The trail

extension Status {
    static let auditorOnly = told(
        .permissionDenied, .auditorOnly, "only an auditor may read the trail",
        "只有审计员可以查看审计记录；请由本市审计员办理")

    static func badTrailPage(_ field: String) -> Status {
        told(
            .invalidArgument, .badPage, "\(field) is none that this server gave or takes",
            "查询条件不对：\(field)；请重新查询", field: field)
    }

    /// What is wrong with a file is for the operator: the text names the place.
    static func trailUnreadable(_ error: any Error) -> Status {
        told(
            .internal, .trailUnreadable, "the journal could not be read: \(error)",
            "审计记录读取失败；请告知市局系统管理员检查磁盘，并用 twolists-server verify 核对")
    }
}

// MARK: - The command's id

extension Status {
    /// Not to be tried again: the id will never be let in, so the command is filled in anew.
    static let idOutsideWindow = told(
        .failedPrecondition, .idOutsideWindow,
        "the command's id is dated outside the last \(JudgedWindow.pastDays) days: make it anew",
        "命令的生成时间不在最近\(JudgedWindow.pastDays)天之内：本机时间可能不对，请校准后重新填写",
        metadata: [
            ("past_days", "\(JudgedWindow.pastDays)"), ("future_hours", "\(JudgedWindow.futureHours)"),
        ],
        notProcessed: true)

    static let idReused = told(
        .alreadyExists, .idReused, "ID_REUSED: this command id was judged with other content; make a new id",
        "这个命令编号已用于另一份内容；请重新填写，会得到新的编号")
}

// MARK: - Who is asking

extension Status {
    /// The reason begins the text: only the text reaches a client whose connection is refused.
    static func suspended(_ name: String) -> Status {
        told(
            .permissionDenied, .officerSuspended,
            "OFFICER_SUSPENDED: officer \(name) is suspended: ask the security administrator",
            "您的账号已停用；请联系安全管理员", metadata: [("officer", name)])
    }

    static func notRegistered(_ name: String) -> Status {
        told(
            .permissionDenied, .officerNotRegistered,
            "OFFICER_NOT_REGISTERED: \(name) is not in the roster: the security administrator registers officers",
            "名册上没有您；请联系安全管理员登记", metadata: [("officer", name)])
    }

    static func notActive(_ actor: ActorIdentity) -> Status {
        told(
            .permissionDenied, .officerNotActive,
            "\(actor.party)/\(actor.officer) is not an active officer of the register",
            "名册上没有您，或您的账号已停用；请联系安全管理员",
            metadata: [("party", actor.party), ("officer", actor.officer)])
    }

    static let rightsChanged = told(
        .permissionDenied, .rightsChanged, "your rights have changed; sign in again", "您的权限有变化；请重新运行这个命令")

    static func noOfficer(_ uri: [UInt8]) -> Status {
        let name = String(decoding: uri, as: UTF8.self)
        return told(
            .permissionDenied, .noOfficer, "the certificate names no officer: \(name)",
            "证书上写的不是人员身份；请使用市局发给本人的证书", metadata: [("uri", name)])
    }

    static let importNotPermitted = told(
        .permissionDenied, .importNotPermitted, "only officers of the bureau hand in commands from files",
        "只有市局人员可以导入文件里的命令；请把文件交给市局", notProcessed: true)

    static let packagesNotPermitted = told(
        .permissionDenied, .packagesNotPermitted, "only officers of casework of the bureau read for packages",
        "只有市局的经办、审批人员可以为光盘交换读取数据；请由他们制作", notProcessed: true)

    static func officerOfOtherCity(_ city: String) -> Status {
        told(
            .permissionDenied, .wrongCity, "this server keeps city \(city), the officer is of another",
            "这台服务器属于城市\(city)，您的证书属于别的城市；请核对配置文件里的 server 和 certificate", metadata: [("city", city)])
    }

    static func envelopeOfOtherCity(_ city: String) -> Status {
        told(
            .invalidArgument, .wrongCity, "this server keeps city \(city), the envelope is for another",
            "这台服务器属于城市\(city)，命令属于别的城市；请核对是否发错了服务器", metadata: [("city", city)],
            field: "envelope.city")
    }
}

// MARK: - Running the server

extension Status {
    static let adminNotPermitted = told(
        .permissionDenied, .adminNotPermitted,
        "only a system administrator of the bureau may run the server", "只有市局的系统管理员可以管理服务器；请交系统管理员办理")

    static func copyFailed(_ error: any Error) -> Status {
        told(
            .internal, .copyFailed, cut("the copy could not be made: \(error)", faultBytes),
            "备份没有完成，已传的部分不是完整的备份；请查看服务器日志后重做")
    }

    /// Bytes of all faults in the English text: a status and its details have 1 KiB together. The log has them all.
    private static let faultBytes = 480

    /// The old files stay in use. The first fault stands whole in the Chinese text, the others are counted.
    static func reloadRefused(_ faults: CredentialFaults) -> Status {
        var english = "nothing was reloaded, the old files stay in use"
        for fault in faults.faults { english += "; " + fault.english }
        let more = faults.faults.count - 1
        return told(
            .failedPrecondition, .reloadRefused, cut(english, faultBytes),
            "服务器继续使用原来的证书和列表。\(faults.faults.first?.chinese ?? "")"
                + (more > 0 ? "（另有\(more)处问题，见服务器日志）" : ""),
            metadata: [("faults", "\(faults.faults.count)")])
    }

    /// At a character's edge.
    private static func cut(_ text: String, _ bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var kept = ""
        var room = bytes - 3
        for character in text {
            room -= character.utf8.count
            if room < 0 { break }
            kept.append(character)
        }
        return kept + "..."
    }
}

// MARK: - Signatures

extension Status {
    static let signedByAnother = told(
        .invalidArgument, .signedByAnother,
        "the envelope is signed by another officer than this connection's",
        "命令由别人签名，与当前身份不符；请由签名人本人发送，或交市局导入", field: "certificate")

    static let signatureRequired = told(
        .invalidArgument, .signatureRequired,
        "a command from a file needs its officer's signature and certificate",
        "文件里的命令没有签名或证书；请由本人用 --save 重新生成", field: "signature")

    static let signatureDoesNotFit = told(
        .invalidArgument, .signatureInvalid,
        "the envelope's signature does not fit its bytes and certificate",
        "签名与内容不符：文件可能被改动或损坏；请由本人重新生成", field: "signature")

    static func signatureInvalid(_ error: any Error) -> Status {
        let why =
            (error as? TrustError)?.chinese ?? (error as? CryptoError)?.chinese ?? "签名或证书无法识别"
        return told(
            .invalidArgument, .signatureInvalid, "the envelope's signature: \(error)",
            "命令的签名不能采信：\(why)；请由本人换用有效证书重新生成", field: "certificate")
    }
}

// MARK: - What was sent

extension Status {
    static func tooLarge(_ what: String, _ count: Int, _ limit: Int) -> Status {
        told(
            .invalidArgument, .tooLarge, "\(what) of \(count) bytes is over the limit of \(limit)",
            "内容过大(\(what))，最多\(limit)字节；请精简后重新填写",
            metadata: [("what", what), ("bytes", "\(count)"), ("limit", "\(limit)")], field: what)
    }

    /// Made by programs, not typed: what helps is another program.
    static func malformed(_ english: String, _ field: String) -> Status {
        told(
            .invalidArgument, .malformed, english, "请求内容无法识别(\(field))；请核对客户端与服务器的版本，必要时升级客户端",
            field: field)
    }

    static func malformed<M: Message>(_ type: M.Type, _ error: WireError, as name: String? = nil) -> Status {
        let path = error.fieldPath(in: type)
        let field = path.isEmpty ? (name ?? M.protoName) : path
        return malformed("\(name ?? M.protoName): \(error)", field)
    }

    static func methodUnknown(_ method: String) -> Status {
        told(
            .unimplemented, .methodUnknown, "no method \(method)", "服务器没有这项功能；请核对客户端与服务器的版本",
            metadata: [("method", method)], notProcessed: true)
    }

    /// The same words for what is not there and for what is not the asker's to see.
    static func notFound(_ what: String) -> Status {
        told(
            .notFound, .notFound, "no \(what) of that number, reference or id that you may see",
            "没有找到，或不属于本单位可见范围；请核对编号或查询码")
    }

    /// A proof was asked about sizes this journal does not have: the asker is wrong, or this server's history was cut.
    static func historyShorter(_ size: UInt64) -> Status {
        told(
            .notFound, .historyShorter,
            "the journal has \(size) records, fewer than asked about, or the sizes are in the wrong order",
            "服务器的存证记录只有\(size)条，少于所问的数目；如您持有更晚的存证，请立即报告安全管理员",
            metadata: [("size", String(size))])
    }

    static let codeListUnknown = told(
        .notFound, .notFound, "no code list of that name", "没有这个代码表；请核对名称")

    static func badPage(_ fault: QueryFault) -> Status {
        switch fault {
        case .pageSize(let size):
            told(
                .invalidArgument, .badPage,
                "page_size \(size) is not one of 1 to \(Limits.pageSize), or 0 for the standard one",
                "每页条数应在1到\(Limits.pageSize)之间", field: "page_size")
        case .search:
            told(
                .invalidArgument, .badPage,
                "a search has at most \(Limits.searchCharacters) characters and \(Limits.searchWords) words",
                "查询词最多\(Limits.searchCharacters)字、\(Limits.searchWords)个词；请缩短后重新查询", field: "search")
        case .cursor(.malformed):
            told(
                .invalidArgument, .badPage, "the cursor is not one this server gave", "翻页位置无效；请从第一页重新查询",
                field: "cursor")
        case .cursor(.ofAnotherList):
            told(
                .invalidArgument, .badPage, "the cursor is of another list or another officer",
                "翻页位置属于另一份清单；请从第一页重新查询", field: "cursor")
        }
    }
}

// MARK: - Reports

extension Status {
    static func badPeriod(_ field: String) -> Status {
        told(
            .invalidArgument, .badPeriod,
            "\(field) is no day, or the period ends before it begins", "统计期间不对：起始日期应不晚于截止日期", field: field)
    }

    static let reportTooLarge = told(
        .invalidArgument, .reportTooLarge,
        "the report has more than \(Limits.figureGroups) rows; ask for a shorter period",
        "统计行数超过\(Limits.figureGroups)行；请缩短统计期间", field: "from")

    static let caseworkOnly = told(
        .permissionDenied, .caseworkOnly, "figures are shown to officers who do casework",
        "统计数字只对经办、审批人员开放")
}

// MARK: - Batches

extension Status {
    static let personNotPermitted = told(
        .permissionDenied, .personNotPermitted,
        "persons are looked for in the registers by the bureau's approvers alone",
        "只有市局的审批人员可以在登记册中按身份证号查找、删除个人数据")

    static let tooMuchPending = told(
        .resourceExhausted, .batchPendingLimit,
        "more than \(BatchWorkLimits.pendingBytes) bytes of this party are stored and not submitted",
        "本单位已传未报的数据太多(上限\(BatchWorkLimits.pendingBytes >> 30)GiB)；请先完成或放弃已开始的批次", retryAfter: later)

    static let noRoomForBatches = told(
        .unavailable, .readOnlyDiskFull,
        "READ_ONLY_DISK_FULL: what is left of the disk is kept for the journal; batches go on when there is room",
        "服务器磁盘余量不足，暂停接收批次(READ_ONLY_DISK_FULL)，已接收的没有丢失；请告知市局系统管理员，腾出空间后可续传", retryAfter: later)

    static let tooSlow = told(
        .deadlineExceeded, .deadlinePassed, "nothing was taken for a minute, so the stream was ended",
        "一分钟内没有接收数据，传输已中止；请重新下载")

    static let batchNotStored = told(
        .failedPrecondition, .batchNotStored,
        "not every chunk of this batch is stored: send what is missing first",
        "这一批数据还没有传完；请重新执行 batch send，程序只补传缺少的部分", notProcessed: true)

    static let attachmentNotStored = told(
        .failedPrecondition, .attachmentNotStored,
        "not every chunk of this attachment is stored: send what is missing first",
        "附件还没有传完；请重新发送(outbox send)，程序只补传缺少的部分", notProcessed: true)

    static let attachmentDiffers = told(
        .invalidArgument, .attachmentDiffers,
        "what is stored is not the file that the command says: size, SHA-256 or type differ",
        "已传内容与附件的大小、摘要或类型不符，没有附上；请重新附上该文件", notProcessed: true)

    static let uploadClosed = told(
        .failedPrecondition, .uploadClosed,
        "what goes by this id was handed over already and takes no more chunks: make a new id",
        "该编号的数据已提交，不再接收；请用新的编号重新发送", notProcessed: true)

    static func batchesUnavailable(_ why: String) -> Status {
        told(
            .unavailable, .batchesUnavailable, "batches are not to be had now: \(why)",
            "批次服务暂不可用，其他业务不受影响；请稍后再试，或致电市局系统管理员", retryAfter: later)
    }
}
