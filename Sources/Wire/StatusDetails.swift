// The standard details of a status, for whoever makes one or reads one. What the reasons are and what they say stands where they are
// made: RPC/TransportStatuses.swift and Bureau/StatusDetails.swift. PROTOCOL.md 9.3.

extension Status {
    /// The domain of every reason of this server.
    package static let errorDomain = "twolists"

    /// A status a person may meet, with the details of DESIGN.md 5: ErrorInfo for programs, LocalizedMessage for clerks, and where they
    /// help RetryInfo and BadRequest.
    /// - Parameters:
    ///   - reason: google.rpc.ErrorInfo's reason; the names are promises.
    ///   - english: what developers and `--lang en` read.
    ///   - chinese: what is wrong and how to mend it, one sentence without its full stop.
    ///   - field: path of the field at fault.
    ///   - retryAfter: milliseconds after which the same call may well be taken; nil: waiting does not help.
    package init(
        _ code: StatusCode, reason: String, english: String, chinese: String,
        metadata: [(String, String)] = [], field: String? = nil, retryAfter: Int64? = nil,
        notProcessed: Bool = false
    ) {
        let local = GoogleRPC.LocalizedMessage(locale: "zh-CN", message: chinese)
        var info = GoogleRPC.ErrorInfo(reason: reason, domain: Self.errorDomain)
        for (key, value) in metadata { info.metadata[key] = value }
        var details = [StatusDetail(packing: info), StatusDetail(packing: local)]
        if let field { details.append(Self.violation(field, reason, english, local)) }
        if let retryAfter { details.append(Self.retry(retryAfter)) }
        self.init(code, english, details: details, notProcessed: notProcessed)
    }

    private static func violation(
        _ field: String, _ reason: String, _ english: String, _ local: GoogleRPC.LocalizedMessage
    ) -> StatusDetail {
        let violation = GoogleRPC.BadRequest.FieldViolation(
            field: field, description: english, reason: reason, localizedMessage: local)
        return StatusDetail(packing: GoogleRPC.BadRequest(fieldViolations: [violation]))
    }

    private static func retry(_ milliseconds: Int64) -> StatusDetail {
        let delay = GoogleProtobuf.Duration(
            seconds: milliseconds / 1000,
            nanos: Int32(truncatingIfNeeded: milliseconds % 1000 * 1_000_000))
        return StatusDetail(packing: GoogleRPC.RetryInfo(retryDelay: delay))
    }
}

// MARK: - Reading them

extension Status {
    /// The first detail of a type that can be read; nil when there is none.
    package func detail<M: Message>(_ type: M.Type) -> M? {
        let url = StatusDetail.typePrefix + M.protoName
        return details.lazy.filter { $0.typeURL == url }.compactMap { try? M(decoding: $0.value) }.first
    }

    /// google.rpc.ErrorInfo's reason, of our own domain.
    package var errorReason: String? {
        guard let info = detail(GoogleRPC.ErrorInfo.self), info.domain == Self.errorDomain else { return nil }
        return info.reason
    }

    /// A limit that the same call will always meet, such as a size: our servers say RetryInfo with every other RESOURCE_EXHAUSTED.
    package var isLastingLimit: Bool {
        code == .resourceExhausted && errorReason != nil && detail(GoogleRPC.RetryInfo.self) == nil
    }
}

extension StatusDetail {
    /// What stands before a type's name in `google.protobuf.Any`.
    fileprivate static let typePrefix = "type.googleapis.com/"

    /// `google.protobuf.Any` of a standard detail.
    package init(packing message: some Message) {
        self.init(
            typeURL: Self.typePrefix + Swift.type(of: message).protoName, value: message.encoded())
    }
}
