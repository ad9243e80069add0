/// The body of a HELLO frame: what a side is, what it allows, what it has seen. PROTOCOL.md 6, Protocol/wire/hello.proto.
///
/// A limit of 0, or absent, means the default of PROTOCOL.md 5. Unknown fields are skipped: HELLO grows by adding.
package struct Hello: Sendable, Hashable {
    /// Versions of the protocol this side speaks, lowest and highest.
    package var minVersion: UInt32 = 1
    package var maxVersion: UInt32 = 1
    /// Name and version of the program, for the log of the other side. At most 128 bytes.
    package var software = ""
    package var maxMessageBytes: UInt32 = 0
    package var maxStreams: UInt32 = 0
    package var initialCreditBytes: UInt32 = 0
    package var maxMetadataEntries: UInt32 = 0
    package var maxMetadataBytes: UInt32 = 0
    /// Milliseconds. The server's values hold for both sides.
    package var keepaliveIntervalMillis: UInt32 = 0
    package var keepaliveTimeoutMillis: UInt32 = 0
    package var idleTimeoutMillis: UInt32 = 0
    package var maxAgeMillis: UInt64 = 0
    package var frameTimeoutMillis: UInt32 = 0
    /// SHA-256 of the schema this side was built with; a difference is named in the log, it is no error.
    package var schemaFingerprint: [UInt8] = []
    /// Server: nanoseconds since 1970 UTC when it wrote this. For warnings of a wrong clock, never for deadlines.
    package var serverTime: Int64 = 0
    /// Client: the highest signed checkpoint it holds; server: its newest. Opaque here (DESIGN: receipts).
    package var checkpoint: [UInt8] = []

    package init() {}

    package static let maxSoftwareBytes = 128
    package static let maxFingerprintBytes = 64
    package static let maxCheckpointBytes = 4096

    /// - Throws: structural errors; `.badUTF8` for `software`; `.truncated` never means a short frame here, the length was known.
    package init(reading body: UnsafeRawBufferPointer) throws(FrameBodyError) {
        var fields = FieldCursor(body)
        while let field = try fields.next() {
            if field.wireType == .varint {
                setNumber(field.number, field.value)
            } else if field.wireType == .bytes {
                try setBytes(field.number, field.bytes)
            }
        }
    }

    private mutating func setNumber(_ number: UInt32, _ value: UInt64) {
        let small = UInt32(truncatingIfNeeded: value)
        switch number {
        case 1: minVersion = small
        case 2: maxVersion = small
        case 4: maxMessageBytes = small
        case 5: maxStreams = small
        case 6: initialCreditBytes = small
        case 7: maxMetadataEntries = small
        case 8: maxMetadataBytes = small
        case 9: keepaliveIntervalMillis = small
        case 10: keepaliveTimeoutMillis = small
        case 11: idleTimeoutMillis = small
        case 12: maxAgeMillis = value
        case 13: frameTimeoutMillis = small
        case 15: serverTime = Int64(truncatingIfNeeded: value)
        default: break
        }
    }

    private mutating func setBytes(_ number: UInt32, _ bytes: UnsafeRawBufferPointer) throws(FrameBodyError) {
        switch number {
        case 3:
            try Self.check(bytes, Self.maxSoftwareBytes, "software")
            software = try text(bytes, "software")
        case 14:
            try Self.check(bytes, Self.maxFingerprintBytes, "schema_fingerprint")
            schemaFingerprint = [UInt8](bytes)
        case 16:
            try Self.check(bytes, Self.maxCheckpointBytes, "checkpoint")
            checkpoint = [UInt8](bytes)
        default: break
        }
    }

    private static func check(
        _ bytes: UnsafeRawBufferPointer, _ limit: Int, _ field: String
    ) throws(FrameBodyError) {
        if bytes.count > limit { throw .fieldTooLong(field, bytes: bytes.count, limit: limit) }
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        number(1, UInt64(minVersion), &bytes)
        number(2, UInt64(maxVersion), &bytes)
        appendField(3, Array(software.utf8), to: &bytes)
        number(4, UInt64(maxMessageBytes), &bytes)
        number(5, UInt64(maxStreams), &bytes)
        number(6, UInt64(initialCreditBytes), &bytes)
        number(7, UInt64(maxMetadataEntries), &bytes)
        number(8, UInt64(maxMetadataBytes), &bytes)
        number(9, UInt64(keepaliveIntervalMillis), &bytes)
        number(10, UInt64(keepaliveTimeoutMillis), &bytes)
        number(11, UInt64(idleTimeoutMillis), &bytes)
        number(12, maxAgeMillis, &bytes)
        number(13, UInt64(frameTimeoutMillis), &bytes)
        appendField(14, schemaFingerprint, to: &bytes)
        number(15, UInt64(bitPattern: serverTime), &bytes)
        appendField(16, checkpoint, to: &bytes)
        return bytes
    }

    private func number(_ field: UInt64, _ value: UInt64, _ bytes: inout [UInt8]) {
        if value == 0 { return }
        appendVarint(field << 3, to: &bytes)
        appendVarint(value, to: &bytes)
    }
}
