/// The result of a call: a canonical code, a text for people and typed details. PROTOCOL.md "Status".
///
/// The numbers are gRPC's canonical codes, so that every harness and dashboard of the field understands them.
public enum StatusCode: UInt32, Sendable, Hashable, CaseIterable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The name as gRPC spells it, for logs and `--json`.
    public var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}

/// One typed detail of a status: `google.protobuf.Any` as bytes. The standard ones are google.rpc's ErrorInfo,
/// BadRequest, RetryInfo and LocalizedMessage.
public struct StatusDetail: Sendable, Hashable {
    public var typeURL: String
    public var value: [UInt8]
    public init(typeURL: String, value: [UInt8]) {
        self.typeURL = typeURL
        self.value = value
    }
}

/// `google.rpc.Status`, and whether the call was processed at all.
public struct Status: Error, Sendable, Hashable {
    /// The code as received. Codes from the future are kept; `code` maps them to `.unknown`.
    public var rawCode: UInt32
    public var message: String
    public var details: [StatusDetail]
    /// True when the server vouches that no handler ever saw the call: a retry with the same bytes is always safe.
    public var notProcessed: Bool

    public var code: StatusCode { StatusCode(rawValue: rawCode) ?? .unknown }
    public var isOK: Bool { rawCode == 0 }

    public init(
        _ code: StatusCode, _ message: String = "", details: [StatusDetail] = [], notProcessed: Bool = false
    ) {
        self.rawCode = code.rawValue
        self.message = message
        self.details = details
        self.notProcessed = notProcessed
    }

    public static let ok = Status(.ok)
}
