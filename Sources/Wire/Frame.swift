/// The frame header of both profiles: ten bytes, big endian, as in ttrpc 1.2. PROTOCOL.md 3 "Frames".
///
///      0               1               2               3
///     +---------------+---------------+---------------+---------------+
///     |  Data Length (32): bytes after the header; first byte always 0 |
///     +---------------+---------------+---------------+---------------+
///     |  Stream ID (32): odd: opened by the client, 0: the connection  |
///     +---------------+---------------+-------------------------------+
///     |   Type (8)    |   Flags (8)   |  Data ...
///     +---------------+---------------+
///
/// A valid length is below 16 MiB by a wide margin, so the first byte of a frame is zero. A stray TLS, HTTP or SSH
/// client is therefore recognized at its first byte instead of as a length of a gigabyte.
package struct FrameHeader: Sendable, Hashable {
    /// Bytes of the data that follow the header.
    package var length: UInt32
    package var stream: UInt32
    package var type: FrameType
    package var flags: FrameFlags

    /// Bytes of a header on the wire.
    package static let size = 10

    @inlinable
    package init(length: UInt32, stream: UInt32, type: FrameType, flags: FrameFlags = FrameFlags()) {
        self.length = length
        self.stream = stream
        self.type = type
        self.flags = flags
    }

    /// Reads the `size` bytes at `bytes`; the caller has checked that they are there. Every bit pattern is a header.
    @inlinable
    package init(at bytes: UnsafeRawPointer) {
        length = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        stream = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        type = FrameType(rawValue: bytes.load(fromByteOffset: 8, as: UInt8.self))
        flags = FrameFlags(rawValue: bytes.load(fromByteOffset: 9, as: UInt8.self))
    }

    /// Writes `size` bytes at `bytes`.
    @inlinable
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: length.bigEndian, as: UInt32.self)
        bytes.storeBytes(of: stream.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: type.rawValue, toByteOffset: 8, as: UInt8.self)
        bytes.storeBytes(of: flags.rawValue, toByteOffset: 9, as: UInt8.self)
    }
}

/// What a frame is. 1–3 are ttrpc's, from 0x10 the extended profile's. PROTOCOL.md 3.2.
package struct FrameType: Sendable, Hashable, RawRepresentable {
    package var rawValue: UInt8
    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Spelt out: the default of RawRepresentable is generic, and this is asked for every frame.
    @inlinable
    package static func == (one: FrameType, other: FrameType) -> Bool { one.rawValue == other.rawValue }

    package static let request = FrameType(rawValue: 0x01)
    package static let response = FrameType(rawValue: 0x02)
    package static let data = FrameType(rawValue: 0x03)
    package static let hello = FrameType(rawValue: 0x10)
    package static let cancel = FrameType(rawValue: 0x11)
    package static let credit = FrameType(rawValue: 0x12)
    package static let ping = FrameType(rawValue: 0x13)
    package static let goAway = FrameType(rawValue: 0x14)

    /// Types from here on may be ignored by a peer that does not know them (extended profile).
    package static let firstIgnorable: UInt8 = 0x80

    /// The name as PROTOCOL.md writes it, for error texts.
    package var name: String {
        switch self {
        case .request: "Request"
        case .response: "Response"
        case .data: "Data"
        case .hello: "HELLO"
        case .cancel: "CANCEL"
        case .credit: "CREDIT"
        case .ping: "PING"
        case .goAway: "GOAWAY"
        default: "type \(rawValue)"
        }
    }
}

/// Flags of a frame; their meaning depends on the type. PROTOCOL.md 3.3.
package struct FrameFlags: Sendable, Hashable, OptionSet {
    package var rawValue: UInt8
    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No flags. Spelt out, as `[]` is a generic call.
    @inlinable
    package init() { rawValue = 0 }

    /// Spelt out: the default of RawRepresentable is generic, and this is asked for every frame.
    @inlinable
    package static func == (one: FrameFlags, other: FrameFlags) -> Bool { one.rawValue == other.rawValue }

    /// Request, Data: the sender sends no more messages on this stream.
    package static let remoteClosed = FrameFlags(rawValue: 0x01)
    /// Request: the sender will send messages as Data.
    package static let remoteOpen = FrameFlags(rawValue: 0x02)
    /// Data: the frame carries no message (not even an empty one).
    package static let noData = FrameFlags(rawValue: 0x04)
    /// Response, extended profile: no handler ever saw the call.
    package static let notProcessed = FrameFlags(rawValue: 0x08)
    /// How a Request may open its stream: both of these together say nothing. A constant, as an array literal of an
    /// option set of another module is a generic call on every frame.
    package static let opening = FrameFlags(rawValue: 0x03)
    /// Data that only ends its direction.
    package static let lastWithoutData = FrameFlags(rawValue: 0x05)
    /// PING: the answer to a PING.
    package static let ack = FrameFlags(rawValue: 0x01)
}

/// Why a GOAWAY was sent. PROTOCOL.md 8.
package enum GoAwayCode: UInt32, Sendable, Hashable, CaseIterable {
    /// An ordinary end: drain, age, idle, or a client that is done.
    case none = 0
    /// A frame that the rules do not allow here.
    case protocolError = 1
    /// Data without credit, or credit above its limit.
    case flowControl = 2
    /// A length above the limit told in HELLO.
    case frameTooLarge = 3
    /// Too many control frames, or too many cancelled calls.
    case tooMany = 4
    /// No common protocol version.
    case version = 5
    /// HELLO, a begun frame or an answer to PING did not arrive in time.
    case timeout = 6
    /// Stream ids are used up; connect again.
    case idsExhausted = 7
    /// A limit of memory was reached.
    case resources = 8
    /// The peer may not go on: its certificate or its place in the roster has ended.
    case notAllowed = 9
}
