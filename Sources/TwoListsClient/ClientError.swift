public import Wire

/// Why a call did not succeed: which side, in which phase, and what was said. Texts for people are made from these parts, in the
/// reader's language; `detail` is technical, in English, for logs.
public struct ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Who found fault.
    public enum Side: String, Sendable, Hashable {
        /// This machine: files, configuration, this program's own checks.
        case client
        /// The line between.
        case network
        case server
    }

    /// How far it had come.
    public enum Phase: String, Sendable, Hashable {
        case configuration
        case resolve
        case tcp
        case tls
        case hello
        case call
        case stream
    }

    public enum Reason: Sendable, Hashable {
        /// A file or setting of this client cannot be used.
        case configuration
        /// The host's name is not known.
        case nameNotResolved
        /// Nothing listens there.
        case connectionRefused
        case unreachable
        /// No connection in time.
        case connectTimeout
        /// The server refused our certificate; the TLS alert's name.
        case certificateRefused(alert: String)
        /// We refuse the server's certificate; the reason of the verification.
        case serverCertificateRefused(why: String)
        /// TLS failed otherwise.
        case tlsFailed
        /// What answers there is no server of this protocol, or of another version.
        case notThisProtocol
        /// The connection ended before the answer. `mayHaveRun` is false when no byte of the call had left.
        case connectionLost(mayHaveRun: Bool)
        /// The server answered with a status that is not OK.
        case status(Status)
        case deadlineExceeded
        case cancelled
        /// The client was closed.
        case closed
        /// The answer cannot be understood.
        case badAnswer
        /// The command cannot be built or signed.
        case badCommand
        /// A receipt, or what is known of the server's history, cannot be written on this machine. The command was judged; sent again, it
        /// gets the same answer.
        case notKept
    }

    public var side: Side
    public var phase: Phase
    public var reason: Reason
    /// `host:port` where it matters.
    public var server: String
    public var detail: String

    public init(_ side: Side, _ phase: Phase, _ reason: Reason, server: String = "", detail: String = "") {
        self.side = side
        self.phase = phase
        self.reason = reason
        self.server = server
        self.detail = detail
    }

    /// Trying again cannot help before somebody has changed something.
    public var isPermanent: Bool {
        switch reason {
        case .configuration, .certificateRefused, .serverCertificateRefused, .notThisProtocol, .closed,
            .cancelled,
            .badAnswer, .badCommand, .notKept:
            true
        case .nameNotResolved, .connectionRefused, .unreachable, .connectTimeout, .tlsFailed, .connectionLost,
            .deadlineExceeded, .status:
            false
        }
    }

    /// The server's status, when it gave one.
    public var status: Status? {
        if case .status(let status) = reason { status } else { nil }
    }

    public var description: String {
        let place = server.isEmpty ? "" : " \(server)"
        return "\(side.rawValue), \(phase.rawValue)\(place): \(reason)"
            + (detail.isEmpty ? "" : " (\(detail))")
    }
}
