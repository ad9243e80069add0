/// What a client needs to know: where the server is, who is calling, how long to wait.
public struct ClientConfiguration: Sendable {
    public static let defaultPort: UInt16 = 7443

    public var host: String
    public var port: UInt16
    /// The one URI expected in the server's certificate; nil: `twolists://CITY/server` with the city of our own certificate.
    public var serverIdentity: String?
    /// PEM files: the officer's certificate (chain), the officer's key, the authorities believed.
    public var certificatePath: String
    public var keyPath: String
    public var authorityPath: String
    /// How long a call waits when it names no limit of its own, reconnecting included.
    public var timeout: Duration
    /// How long one attempt to connect may take, from TCP to the server's HELLO.
    public var connectTimeout: Duration
    /// Sign every command with the officer's key, on the line too. On a disc the signature is required (DESIGN.md 6).
    public var signsCommands: Bool
    /// A folder for the receipts of judged commands (RECEIPT.md 8), made when needed, and for what is known of the server's history. Nil: the
    /// receipts are in the answers alone, and the history is known as long as the client lives.
    public var receiptsPath: String?
    /// Told of what happens to the connection; called on any thread, must return at once.
    public var onEvent: (@Sendable (ClientEvent) -> Void)?

    public init(
        host: String, port: UInt16 = defaultPort, serverIdentity: String? = nil, certificatePath: String,
        keyPath: String,
        authorityPath: String, timeout: Duration = .seconds(20), connectTimeout: Duration = .seconds(10),
        signsCommands: Bool = true, receiptsPath: String? = nil,
        onEvent: (@Sendable (ClientEvent) -> Void)? = nil
    ) {
        self.host = host
        self.port = port
        self.serverIdentity = serverIdentity
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.authorityPath = authorityPath
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.signsCommands = signsCommands
        self.receiptsPath = receiptsPath
        self.onEvent = onEvent
    }

    /// `host:port`, IPv6 in brackets.
    public var address: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// What happens to a client's connection.
public enum ClientEvent: Sendable, Hashable {
    case connecting
    case connected
    /// Told after `connected`: the server's clock is so many seconds before ours (behind it when negative), more than
    /// `clockTolerance`. One of the two is wrong: times in commands and the validity of certificates are read by it.
    case clockDiffers(seconds: Int64)
    /// Told after `connected`: a certificate in use ends within `certificateNotice`. `identity`: our own as it names us, empty for
    /// the server's; `ends` in seconds since 1970.
    case certificateEnds(CertificateHolder, identity: String, ends: Int64, secondsLeft: Int64)
    /// An attempt failed or the connection ended; the next attempt is made after so many milliseconds, when a call wants one.
    case disconnected(ClientError, retryInMilliseconds: Int64)
    /// The server's history is shorter than before, or another: nobody should go on as if nothing were. Told once a connection.
    case historyAlarm(HistoryAlarm)
    /// The server was restored from a backup and acknowledged records were cut, which its journal declares. Until the security administrator has
    /// confirmed it (`isConfirmed`), no more than that should be told. Afterwards told once, where `receiptsPath` keeps it.
    case historyRestored(HistoryRestoration)
    /// What is known of the server's history could not be written down.
    case historyNotKept(ClientError)
    /// The receipt of this command does not hold. The answer stands; that it happened is not proven.
    case receiptWrong(command: [UInt8], ReceiptFailure)
    /// A part of the receipt could not be fetched: to be made whole later with `receipt(of:)`.
    case receiptIncomplete(command: [UInt8], ClientError)

    /// Whose certificate it is.
    public enum CertificateHolder: Sendable, Hashable {
        case client
        case server
    }

    /// Seconds before the end of a certificate at which it is told of: 30 days, a third of its life, and time for a holiday.
    public static let certificateNotice: Int64 = 30 * 86_400

    /// Seconds that two clocks may be apart without a word: what unattended clocks drift, and a slow handshake.
    public static let clockTolerance: Int64 = 300

    /// What there is to say of the server's time, nil: nothing. Both in nanoseconds since 1970 UTC; 0: not told.
    static func comparing(serverTime: Int64, with ours: Int64) -> ClientEvent? {
        if serverTime == 0 { return nil }
        // Whole seconds, which no two times can overflow.
        let seconds = serverTime / 1_000_000_000 - ours / 1_000_000_000
        return seconds.magnitude > clockTolerance.magnitude ? .clockDiffers(seconds: seconds) : nil
    }
}

/// The certificates of a connection, as far as somebody has to renew them.
struct CertificatesInUse: Sendable {
    /// Ours; `ends` in seconds since 1970, 0: not known.
    var own: (identity: String, ends: Int64)?

    /// What there is to say once connected. 0: not known, and nothing to say.
    func endingSoon(serverEnds: Int64, now: Int64) -> [ClientEvent] {
        let server = ("", serverEnds)
        let all: [(ClientEvent.CertificateHolder, (String, Int64)?)] = [(.client, own), (.server, server)]
        return all.compactMap { holder, certificate in
            guard let (identity, ends) = certificate, ends != 0 else { return nil }
            let (left, overflow) = ends.subtractingReportingOverflow(now)
            guard !overflow, left <= ClientEvent.certificateNotice else { return nil }
            return .certificateEnds(holder, identity: identity, ends: ends, secondsLeft: left)
        }
    }
}
