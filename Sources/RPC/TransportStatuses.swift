// Every status that the transport makes, so that none goes out without its reason. PROTOCOL.md 9.3.

package import Wire

/// Why the transport ended a call, for programs: google.rpc.ErrorInfo's reason. The names are promises; those that Bureau's StatusReason
/// has too mean the same there.
package enum TransportReason: String, Sendable, Hashable, CaseIterable {
    case serviceUnknown = "SERVICE_UNKNOWN"
    case methodUnknown = "METHOD_UNKNOWN"
    case shapeMismatch = "SHAPE_MISMATCH"
    case malformed = "MALFORMED"
    case messageTooLarge = "MESSAGE_TOO_LARGE"
    case metadataTooLarge = "METADATA_TOO_LARGE"
    case nameTooLong = "NAME_TOO_LONG"
    case answerTooLarge = "ANSWER_TOO_LARGE"
    case streamsLimited = "STREAMS_LIMITED"
    case memoryShort = "MEMORY_SHORT"
    case readerTooSlow = "READER_TOO_SLOW"
    case deadlinePassed = "DEADLINE_PASSED"
    case stopping = "STOPPING"
    case callDropped = "CALL_DROPPED"
    case healthServiceUnknown = "HEALTH_SERVICE_UNKNOWN"
}

extension Status {
    /// Milliseconds a client waits before it comes again: a call of its own ends soon, memory and a restart take longer.
    private static let soon: Int64 = 100
    private static let later: Int64 = 1_000

    private static func told(
        _ code: StatusCode, _ reason: TransportReason, _ english: String, _ chinese: String,
        metadata: [(String, String)] = [], retryAfter: Int64? = nil, notProcessed: Bool = false
    ) -> Status {
        Status(
            code, reason: reason.rawValue, english: english, chinese: chinese, metadata: metadata,
            retryAfter: retryAfter, notProcessed: notProcessed)
    }
}

// MARK: - What was asked for

extension Status {
    static func serviceUnknown(_ service: String) -> Status {
        let name = printable(service)
        return told(
            .unimplemented, .serviceUnknown, "this server has no service \"\(name)\"",
            "服务器没有开通这项服务；请核对服务器地址和客户端的版本", metadata: [("service", name)], notProcessed: true)
    }

    static func methodUnknown(_ service: String, _ method: String) -> Status {
        let name = printable(method)
        return told(
            .unimplemented, .methodUnknown, "the service \(service) has no method \"\(name)\"",
            "服务里没有这个方法；请核对客户端与服务器的版本", metadata: [("method", name)], notProcessed: true)
    }

    /// - Parameter how: in which way the method is to be opened.
    static func shapeMismatch(_ how: String) -> Status {
        told(
            .invalidArgument, .shapeMismatch, "the method \(how)",
            "客户端的调用方式与服务器不符；请核对客户端与服务器的版本，必要时升级客户端")
    }

    /// A Request's frame that was refused for what is in it: broken, or beyond a limit.
    static func unreadable(_ error: FrameBodyError) -> Status {
        let english = "Request: \(error.description)"
        switch error {
        case .tooManyMetadata(let limit), .metadataTooLarge(let limit):
            return told(
                .resourceExhausted, .metadataTooLarge, english, "请求的附加信息过多；请升级客户端，或请市局系统管理员放宽上限",
                metadata: [("limit", "\(limit)")], notProcessed: true)
        case .fieldTooLong(let field, let bytes, let limit):
            return told(
                .resourceExhausted, .nameTooLong, english, "请求的服务名或方法名过长；请核对客户端的版本",
                metadata: [("field", "\(field)"), ("bytes", "\(bytes)"), ("limit", "\(limit)")],
                notProcessed: true)
        default: return malformed(english, notProcessed: true)
        }
    }

    /// Made by programs, not typed: what helps is another program.
    static func malformed(_ english: String, notProcessed: Bool = false) -> Status {
        told(
            .invalidArgument, .malformed, english, "请求内容无法识别；请核对客户端与服务器的版本，必要时升级客户端",
            notProcessed: notProcessed)
    }

    static let healthServiceUnknown = told(
        .notFound, .healthServiceUnknown, "this server has no such service", "服务器没有这项服务，无法查看其状态；请核对服务名称")
}

// MARK: - Limits

extension Status {
    /// Also what a client tells its caller instead of sending: the server would say the same.
    static func messageTooLarge(_ english: String, bytes: Int, limit: Int) -> Status {
        told(
            .resourceExhausted, .messageTooLarge, english, "发送的内容过大(\(bytes)字节)，最多\(limit)字节；请精简或分几次提交",
            metadata: [("bytes", "\(bytes)"), ("limit", "\(limit)")], notProcessed: true)
    }

    /// The call has run: only its answer, or one of its messages, cannot be told.
    static func answerTooLarge(_ english: String, bytes: Int, limit: Int) -> Status {
        told(
            .resourceExhausted, .answerTooLarge, english,
            "答复过大(\(bytes)字节)，客户端最多接收\(limit)字节；请缩小查询范围或减少每页条数",
            metadata: [("bytes", "\(bytes)"), ("limit", "\(limit)")])
    }

    static func streamsLimited(_ limit: Int) -> Status {
        told(
            .resourceExhausted, .streamsLimited,
            "too many calls on this connection, the limit is \(limit) (max_streams)",
            "同时进行的操作太多，最多\(limit)个，这一项还没有办理；请等其他操作完成后再试", metadata: [("limit", "\(limit)")],
            retryAfter: soon, notProcessed: true)
    }

    /// Said where memory is short: made once.
    static let memoryShort = told(
        .resourceExhausted, .memoryShort, "the server is short of memory; try again",
        "服务器内存紧张，还没有办理；请稍后再试", retryAfter: later, notProcessed: true)

    static let memoryShortForMessages = told(
        .resourceExhausted, .memoryShort, "out of memory for messages; try again later",
        "服务器内存紧张，没有收完发送的内容；请稍后再试", retryAfter: later)

    /// The call has run.
    static let memoryShortForAnswers = told(
        .resourceExhausted, .memoryShort, "out of memory for answers that wait",
        "服务器内存紧张，答复没有发出，可能已经办理；请稍后重发，不会重复办理", retryAfter: later)

    static let memoryShortForWaiting = told(
        .resourceExhausted, .memoryShort, "out of memory for messages that wait",
        "服务器内存紧张，后面的内容没有发出；请稍后重新查看", retryAfter: later)

    static func readerTooSlow(_ waiting: Int) -> Status {
        told(
            .resourceExhausted, .readerTooSlow, "\(waiting) bytes wait and the peer does not take them",
            "本机接收太慢，服务器已停止发送；请检查网络后重新查看", metadata: [("bytes", "\(waiting)")], retryAfter: later)
    }
}

// MARK: - Time and ends

extension Status {
    static let sentTooLate = told(
        .deadlineExceeded, .deadlinePassed, "the deadline had passed when sent",
        "发送时已超过规定的等待时间，还没有办理；请用 --timeout 延长等待后再试", notProcessed: true)

    static let deadlinePassed = told(
        .deadlineExceeded, .deadlinePassed, "the deadline passed at the server",
        "超过了规定的等待时间，可能已经办理；请用 --timeout 延长等待后重发，不会重复办理")

    /// New calls while the connection drains.
    static func notTaken(_ why: String) -> Status {
        told(
            .unavailable, .stopping, "the server is stopping: \(why)", "服务器正在停止或要求重新连接，还没有办理；请稍后再试",
            retryAfter: later, notProcessed: true)
    }

    /// Calls in flight when the patience of a drain is over.
    static func cutOff(_ why: String) -> Status {
        told(
            .unavailable, .stopping, "the server is stopping: \(why)", "服务器正在停止，可能已经办理；请稍后重发，不会重复办理",
            retryAfter: later)
    }

    static let callDropped = told(
        .internal, .callDropped, "the service dropped the call", "服务器内部错误，没有给出答复；请记下时间并致电市局系统管理员")
}

// MARK: - What a client tells its own caller

/// They cross no line, and Office has words for each code; so they carry no details.
extension Status {
    package static let cancelledByCaller = Status(.cancelled, "cancelled by the caller")
    static let cancelledUnsent = Status(.cancelled, "cancelled by the caller", notProcessed: true)
    static let noAnswerInTime = Status(.deadlineExceeded, "the deadline passed before the answer came")
    static let tooLateToSend = Status(
        .deadlineExceeded, "the deadline passed before the call was sent", notProcessed: true)
    static let noConnection = Status(
        .unavailable, "there is no connection to the server", notProcessed: true)
    static let noRoomForMessages = Status(.resourceExhausted, "out of memory for messages; try again later")

    static func callsWait(_ count: Int) -> Status {
        Status(.resourceExhausted, "\(count) calls wait already", notProcessed: true)
    }

    static func cannotBeMade(_ error: StreamError) -> Status {
        Status(.invalidArgument, "the call cannot be made: \(error)", notProcessed: true)
    }

    static func answerUnreadable(_ error: FrameBodyError) -> Status {
        Status(.internal, "the server's Response cannot be read: \(error.description)")
    }

    static func connectionEnded(_ why: String, notProcessed: Bool = false) -> Status {
        Status(.unavailable, why, notProcessed: notProcessed)
    }
}
