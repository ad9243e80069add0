/// The limits of one connection. PROTOCOL.md 5 "Limits" is this table; the ones marked there are told in HELLO.
/// All have finite defaults: a limit nobody set is a limit an attacker sets.
package struct ConnectionLimits: Sendable, Hashable {
    /// Bytes of one frame's data, hence of one message. 1 MiB: a command is at most 256 KiB, a page of a list
    /// below 1 MiB; larger things go in chunks. Never above `ceilingMessageBytes`.
    package var maxMessageBytes = 1 << 20
    /// Calls open at once on a connection, the cancelled ones whose handlers still run included. 128: a batch client with
    /// 64 in flight has room, and streams × message bounds what a peer can make us hold.
    package var maxStreams = 128
    /// Data payload bytes a peer may send on a stream before it is granted more. 256 KiB keeps a 100 Mbit/s line of 20 ms busy.
    package var initialCreditBytes = 256 << 10
    /// Metadata pairs of a call, and bytes of their keys and values together. What gRPC allows for headers by default is 8–16 KiB.
    package var maxMetadataEntries = 64
    package var maxMetadataBytes = 16 << 10
    /// Bytes of one stream's messages waiting for credit or for the socket; beyond, the call ends RESOURCE_EXHAUSTED.
    package var maxStreamQueueBytes = 1 << 20
    /// Above this many bytes in the write queue, streams wait and a server stops reading. Four TLS bursts of 64 KiB.
    package var writeHighWaterBytes = 256 << 10
    /// Below this the waiting ones go on. Half, so that they do not flutter.
    package var writeLowWaterBytes = 128 << 10
    /// Base profile, which has no credit: queued bytes of the whole connection beyond which it ends RESOURCE_EXHAUSTED.
    package var maxWriteQueueBytes = 8 << 20
    /// Control frames a peer may send at once, and how many more each second. A client needs a few a minute.
    package var controlBurst = 1000
    package var controlPerSecond = 100
    /// CANCEL frames in one `cancelWindow`; more is a rapid reset attack, or a client better told to stop.
    package var maxCancelsPerWindow = 1000
    package var cancelWindow: Int64 = 10 * .second
    /// From the machine's start (TLS is done) to the peer's HELLO.
    package var helloTimeout: Int64 = 10 * .second
    /// From the first byte of a frame to its last. 1 MiB in 60 s is 17 KiB/s: slower lines need smaller messages.
    package var frameTimeout: Int64 = 60 * .second
    /// Queued bytes of which not one left in this time: the peer does not read.
    package var writeStallTimeout: Int64 = 30 * .second
    /// Extended profile: silence before a PING, and silence after it before the connection is given up. The server's count.
    /// 30 s keeps the state of ordinary firewalls and NAT boxes (60 s and more) alive.
    package var keepaliveInterval: Int64 = 30 * .second
    package var keepaliveTimeout: Int64 = 10 * .second
    /// No call open for this long: the connection ends (0: never). Officers leave a window open for a day; a socket costs 24 KiB.
    package var idleTimeout: Int64 = 1800 * .second
    /// Age at which a server drains a connection so that load and certificates move on (0: never). The driver adds jitter.
    package var maxAge: Int64 = 86400 * .second
    /// Between the two steps of a drain: a round trip on a bad line.
    package var drainGrace: Int64 = 1 * .second
    /// What a drain waits for calls in flight before they are cancelled.
    package var drainTimeout: Int64 = 30 * .second

    package init() {}

    /// ttrpc's own maximum of a message; no configuration goes beyond it.
    package static let ceilingMessageBytes = 4 << 20
    /// Bytes of a HELLO and of an ignorable control frame. A HELLO has a dozen fields and one signed checkpoint.
    package static let maxControlBytes = 16 << 10
    /// Bytes of a GOAWAY's text.
    package static let maxGoAwayTextBytes = 512
    /// Credit a sender may hold on one stream. Keeps the sum of CREDIT frames in proportion to the data they are for.
    package static let maxCreditBytes = 16 << 20
    /// CREDIT frames granting at least this much cost no control token: they are paid for by data.
    package static let freeCreditBytes = 4 << 10
    /// Frames for closed streams are a race, not an error, as long as the id is among the last this many.
    package static let closedIDWindow: UInt32 = 1 << 16
    /// First stream id that no connection uses.
    package static let streamIDLimit: UInt32 = 1 << 31
    /// Bytes of a service or method name. gRPC names are well below.
    package static let maxNameBytes = 255
    /// Frames larger than this reserve the process-wide budget before memory is taken for them.
    package static let budgetFloorBytes = 16 << 10
}

extension Int64 {
    /// Nanoseconds of a second, the unit of every duration and of the monotonic clock here.
    package static let second: Int64 = 1_000_000_000
    /// Nanoseconds of a millisecond.
    package static let millisecond: Int64 = 1_000_000
}
