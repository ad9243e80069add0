/// The seam between transport and application: what RPC offers a service and what a service offers RPC.
/// Bureau implements services against this file and never imports RPC; RPC drives them and never imports Bureau.

/// Who is at the other end, as the TLS handshake proved it: one object a connection, shared by its calls. Comparisons are on
/// bytes, never on String equality.
package final class PeerIdentity: Sendable {
    /// The one URI SAN, e.g. `twolists://421300/county/421321/officer/k7f2`, ASCII.
    package let uri: [UInt8]
    /// Certificate serial number, big endian as in the certificate.
    package let serial: [UInt8]
    /// The peer's certificate, DER. Kept so that a signature made with the same key can be checked.
    package let certificate: [UInt8]
    /// Seconds since 1970 at which the certificate ends.
    package let notAfter: Int64
    /// `address:port` of the peer, for logs and the audit trail.
    package let address: String
    /// The officer the URI names, read once a connection; nil: it names none, or nobody has looked.
    package let officer: Officer?

    package struct Officer: Sendable, Hashable {
        package let city: String
        /// `county/421321`
        package let party: String
        package let id: String

        package init(city: String, party: String, id: String) {
            self.city = city
            self.party = party
            self.id = id
        }
    }

    package init(
        uri: [UInt8], serial: [UInt8], certificate: [UInt8], notAfter: Int64, address: String,
        officer: Officer? = nil
    ) {
        self.uri = uri
        self.serial = serial
        self.certificate = certificate
        self.notAfter = notAfter
        self.address = address
        self.officer = officer
    }
}

/// One metadata pair of a call. Keys are lower-case ASCII; values are UTF-8.
public struct MetadataEntry: Sendable, Hashable {
    public var key: String
    public var value: String
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Everything known of a call before its first message.
package struct CallInfo: Sendable {
    package var service: String
    package var method: String
    package var peer: PeerIdentity
    package var metadata: [MetadataEntry]
    /// Monotonic nanoseconds (CLOCK_MONOTONIC) at which the caller stops waiting; nil: no deadline given.
    package var deadline: Int64?
    package var connection: UInt64
    package var stream: UInt32

    package init(
        service: String, method: String, peer: PeerIdentity, metadata: [MetadataEntry], deadline: Int64?,
        connection: UInt64, stream: UInt32
    ) {
        self.service = service
        self.method = method
        self.peer = peer
        self.metadata = metadata
        self.deadline = deadline
        self.connection = connection
        self.stream = stream
    }
}

/// How messages flow in a method.
public enum MethodShape: Sendable, Hashable {
    case unary
    case serverStream
    case clientStream
    case bidirectional
}

/// Why a call ended before its handler finished it. After this the handler's replies are dropped.
package enum CancelReason: Sendable, Hashable {
    case cancelledByPeer
    case deadlineExceeded
    case connectionLost
    case serverStopping
}

/// What a handler answers with. Every method may be called from any thread; calls made by one handler keep
/// their order. After `finish` or cancellation everything is ignored.
package protocol CallReply: AnyObject, Sendable {
    /// One message of a server or bidirectional stream. It waits for the peer's credit; a handler that goes on
    /// while `isReady` is false is ended with RESOURCE_EXHAUSTED once the stream's queue limit is reached.
    func send(_ message: [UInt8])
    /// False while queued messages wait for credit or for the socket. `CallHandler.ready` is called when it turns true.
    var isReady: Bool { get }
    /// Ends the call, once. For unary and client-stream methods `payload` is the reply message.
    func finish(_ status: Status, payload: [UInt8])
    /// Ends the call with OK and the reply message that `answer` writes on the thread of the call's event loop.
    func finish(_ answer: any CallAnswer)
    /// A message of so many bytes, given to `CallHandler.receive` before, has been taken: the peer may send more. For handlers whose
    /// `takesAtOnce` is false, once for each message.
    func consumed(_ bytes: Int)
}

extension CallReply {
    package func consumed(_ bytes: Int) {}
    package func finish(_ answer: any CallAnswer) { finish(.ok, payload: answer.encodedAnswer()) }
}

/// An answer not yet written. What a loop allocated for a call it lets go itself, and it writes the reply: memory that is freed by
/// another thread than the one that took it makes both wait for one allocator lock.
package protocol CallAnswer: AnyObject, Sendable {
    func encodedAnswer() -> [UInt8]
}

/// The server's side of one call that outlives its first message: a state machine fed by its event loop.
/// All methods are called on the loop that owns the connection, and must return at once.
package protocol CallHandler: AnyObject {
    /// A further message of a client or bidirectional stream.
    func receive(_ message: [UInt8])
    /// True: a message counts as taken when `receive` returns. False: when the handler says so (`CallReply.consumed`); until then
    /// it costs the peer credit, so that what waits in a handler is bounded by the stream's credit.
    var takesAtOnce: Bool { get }
    /// The peer has sent its last message.
    func requestsEnded()
    /// `reply.isReady` has turned true again.
    func ready()
    /// The call is over without `finish`; release what it holds.
    func cancelled(_ reason: CancelReason)
}

extension CallHandler {
    package var takesAtOnce: Bool { true }
}

/// A service as the server sees it.
package protocol ServiceHandler: AnyObject, Sendable {
    /// Full protobuf name, e.g. `twolists.v1.Exchange`.
    var name: String { get }
    /// The shape of a method, nil when there is none of that name (answered UNIMPLEMENTED by RPC).
    func shape(of method: String) -> MethodShape?
    /// Starts a call, on the event loop that owns the connection; must not block. `request` is the first message (empty
    /// for client streams that carry none). Unary handlers that answer at once return nil.
    func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)?
}
