import CLinux
package import Wire

/// Where a server listens and what it bears. Every limit is finite by default.
package struct ServerConfiguration: Sendable {
    /// Numeric IPv4 or IPv6 address; 0.0.0.0 or :: for all.
    package var address = "127.0.0.1"
    /// 0: any free port, told by `Server.port`.
    package var port: UInt16 = 7443
    /// Event loops, one thread each. One keeps up with more calls than one engine can decide.
    package var loops = 1
    /// The processor that the loops leave to the engine (`Bureau.start`, `engineProcessor`): for a machine that serves nothing else.
    package var engineProcessor: Int32?
    /// Accept stock ttrpc clients (ALPN `ttrpc`) besides `twolists/1`.
    package var allowsBaseProfile = false
    /// Connections at once, in any state; told in HELLO, as are the next three. 2000 idle ones cost about 60 MB; a province
    /// has fewer offices.
    package var maxConnections = 2000
    /// Connections that have not yet said HELLO, all and from one address. More of them wait in the backlog of the socket
    /// (all) or are closed (one address). An office behind one NAT address has some dozens of screens.
    package var maxHandshakes = 256
    package var maxHandshakesPerAddress = 64
    /// From accept to HELLO. A mutual handshake takes four round trips and 2 ms of processors.
    package var handshakeTimeout: Int64 = 10 * .second
    /// Connections the kernel keeps for us until they are accepted.
    package var backlog: Int32 = 1024
    /// Bytes held for all peers together: begun frames, waiting messages, answers. 256 MiB.
    package var memoryBudgetBytes = 256 << 20
    /// Bytes the kernel may buffer for one connection each way; 0: the kernel's own tuning.
    package var socketBufferBytes = 0
    /// What holds for each connection; what a peer must know of it is told in HELLO.
    package var limits = ConnectionLimits()
    /// Told in HELLO: software, schema fingerprint. The limits are filled in.
    package var hello = Hello()
    /// The time of day, ns UTC: told in HELLO, and what certificates end by.
    package var wall: @Sendable () -> Int64 = { clinux_wall_ns() }
    /// `wall` is a demonstration clock, which HELLO says.
    package var isDemonstration = false
    /// HELLO's checkpoint, asked for at each connection; called on the loop.
    package var checkpoint: (@Sendable () -> [UInt8])?
    /// Judges the checkpoint of a peer's HELLO, when there is one: what is to be logged of it. Called on the loop.
    package var judgeCheckpoint: (@Sendable ([UInt8]) -> (LogLevel, String)?)?

    package init() {}
}

/// What an event is worth in the log.
package enum LogLevel: Sendable { case info, warning, error }

/// Takes one event for the log; called on any thread, must not block for long.
package typealias LogSink = @Sendable (LogLevel, LogEvent) -> Void

/// Judges an identity that the handshake has proven: nil to let it in, or the status whose text it is told. Called on
/// the loop at the handshake, and again by `Server.recheck`.
package typealias Admission = @Sendable (PeerIdentity) -> Status?
