import Wire

/// The seam between the client's logic and its transport: one live connection, and how to make one. RPC stands behind it in
/// the product; a scripted double stands behind it in the tests of retry and resume.

/// Makes connections.
protocol Connector: Sendable {
    /// Begins one attempt: TCP, TLS, HELLO. `done` is called once, on any thread; `ended` at most once after a success, when the
    /// connection takes no more calls (drained, lost, closed).
    func connect(
        _ done: @escaping @Sendable (Result<any Link, ClientError>) -> Void,
        ended: @escaping @Sendable (ClientError) -> Void)
    /// No more attempts; what it owns is released.
    func shutdown()
}

/// One live connection. All methods may be called from any thread.
protocol Link: AnyObject, Sendable {
    /// The server's wall clock when it said HELLO, nanoseconds since 1970 UTC; 0: not told.
    var serverTime: Int64 { get }
    /// `serverTime` is what a demonstration clock shows.
    var isDemonstration: Bool { get }
    /// When the server's certificate ends, seconds since 1970; 0: not known.
    var serverCertificateEnds: Int64 { get }
    /// The server's newest checkpoint when it said HELLO, an encoded `CheckpointStatement`; empty: not told.
    var serverCheckpoint: [UInt8] { get }
    /// Starts a call. `events` hears `message` and `ready` (streams only), then exactly one `finished` or `lost`.
    func start(_ call: LinkRequest, events: @escaping @Sendable (LinkEvent) -> Void) -> any LinkCall
    func close()
}

extension Link {
    var serverCheckpoint: [UInt8] { [] }
    var isDemonstration: Bool { false }
}

protocol LinkCall: AnyObject, Sendable {
    /// The caller has gone away; `finished` or `lost` still comes.
    func cancel()
    /// A message of the stream has been taken: the server may send more.
    func consumed()
    /// A further message of the caller; `ready` follows when there is room for the next.
    func send(_ message: [UInt8])
    /// The caller has sent its last.
    func halfClose()
}

struct LinkRequest: Sendable, Hashable {
    var service: String
    var method: String
    var shape: MethodShape
    var payload: [UInt8]
    /// Milliseconds from now; nil: no deadline.
    var timeout: Int64?
    var metadata: [MetadataEntry] = []
    /// A stream without an end of its own, that its reader opens anew elsewhere: given up when the server asks to go, because the
    /// drain would wait for it until its patience ends.
    var isResumed = false
}

enum LinkEvent: Sendable, Hashable {
    case message([UInt8])
    /// Behind each `LinkCall.send`, when the next may follow.
    case ready
    /// `payload` is the reply of a unary call.
    case finished(Status, payload: [UInt8])
    /// The connection ended first. `sent`: bytes of the call may have left.
    case lost(ClientError, sent: Bool)
}
