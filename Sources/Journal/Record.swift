package import Crypto

/// TLJ1 record. Little endian; starts at a multiple of 8. JOURNAL.md 3.
///
///     off  size  field
///      0    4    magic "TLJR"
///      4    4    CRC-32C of bytes 8..71: the length below may be believed
///      8    4    body length, ≤ 1 MiB
///     12    2    type        14  2  flags (bit 0: LEAF, the leaf part is there; others 0)
///     16    8    sequence    LEAF: the previous leaf's + 1. COMMIT: the sequence of the last leaf
///     24    8    group       the number of the commit group, + 1 each
///     32    8    time, ns UTC. LEAF: greater than the previous leaf's. COMMIT: not less than the last leaf's
///     40    4    CRC-32C of leaf part and body
///     44    4    writer epoch, + 1 at every start of a server
///     48    4    ordinal within the group, 0, 1, 2 …
///     52    4    zero
///     56   16    nonce of the segment: bytes of another segment, or an image of a record inside a body, never parse
///     72   56    LEAF only: command id 16, outcome 4, zero 4, envelope digest 32
///      …    n    body, then zeros to a multiple of 8
///
/// There is no hash chain from record to record: COMMIT carries the root of one RFC 9162 tree over all leaves.

/// What a record is. Numbers are for ever.
package enum RecordType: UInt16, Sendable, Hashable {
    /// A judged command: the application's bytes.
    case command = 1
    /// Ends a group; the only type that is not a leaf.
    case commit = 2
    /// A server opened the journal for writing.
    case epoch = 3
    /// Recovery cut an unfinished tail.
    case recovered = 4
    /// The wall clock jumped.
    case clockJump = 5
    /// A restore cut acknowledged records, and says so.
    case restored = 6
    /// What happened outside a command, in the application's bytes; it changes no state.
    case notice = 7
    /// The running server was changed by whoever runs it: the application's bytes, as with a command.
    case administration = 8
}

/// Why bytes at a place are no record.
enum RecordFault: Error {
    /// Not a whole record of this segment: torn, damaged, stale or never written. The tail rule decides which.
    case broken(String)
    /// A whole record by its checksums that this program must not read: damage or tampering, never a tear.
    case wrong(String)
}

/// The fixed part of a record.
struct RecordHeader {
    static let magic: UInt32 = 0x524A_4C54  // "TLJR" as it lies on disc
    static let size = 72
    static let leafPart = 56
    static let leafFlag: UInt16 = 1

    var type: RecordType
    var bodyLength: Int
    var sequence: UInt64
    var group: UInt64
    var time: Int64
    var bodyCRC: UInt32 = 0
    var epoch: UInt32
    var ordinal: UInt32
    var nonce: ID128

    var isLeaf: Bool { type != .commit }
    /// Bytes before the body.
    var prefix: Int { RecordHeader.size + (isLeaf ? RecordHeader.leafPart : 0) }
    /// Bytes with padding.
    var total: Int { aligned(prefix + bodyLength, to: 8) }

    static func total(leafBody: Int) -> Int { aligned(size + leafPart + leafBody, to: 8) }

    /// True when a header with this nonce and a right checksum stands at `at`.
    static func stands(_ raw: UnsafeRawBufferPointer, at: Int, nonce: ID128) -> Bool {
        at + size <= raw.count && raw.u32(at) == magic && raw.id(at + 56) == nonce
            && raw.u32(at + 4) == raw.crc32c(at + 8, at + size)
    }

    /// Reads the header at `at` and checks everything that the record alone can tell, body included.
    static func parse(_ raw: UnsafeRawBufferPointer, at: Int, nonce: ID128) throws(RecordFault)
        -> RecordHeader
    {
        guard stands(raw, at: at, nonce: nonce) else { throw .broken("no record header") }
        guard let type = RecordType(rawValue: raw.u16(at + 12)) else {
            throw .wrong("record type \(raw.u16(at + 12)) is unknown: written by a newer version?")
        }
        let header = RecordHeader(
            type: type, bodyLength: Int(raw.u32(at + 8)), sequence: raw.u64(at + 16), group: raw.u64(at + 24),
            time: raw.i64(at + 32), bodyCRC: raw.u32(at + 40), epoch: raw.u32(at + 44),
            ordinal: raw.u32(at + 48),
            nonce: nonce)
        guard raw.u16(at + 14) == (header.isLeaf ? leafFlag : 0), raw.u32(at + 52) == 0 else {
            throw .wrong("record flags")
        }
        guard header.bodyLength <= JournalLimits.body else { throw .wrong("record longer than the limit") }
        // A file cut short from outside: the tail rule, and HEAD, judge it.
        guard at + header.total <= raw.count else { throw .broken("record runs over the end of the file") }
        try header.checkBody(raw, at: at)
        return header
    }

    private func checkBody(_ raw: UnsafeRawBufferPointer, at: Int) throws(RecordFault) {
        let end = at + prefix + bodyLength
        guard raw.crc32c(at + RecordHeader.size, end) == bodyCRC else {
            throw .broken("record body checksum")
        }
        guard raw.isZero(end, at + total) else { throw .broken("bytes in the padding of a record") }
        if isLeaf && raw.u32(at + 92) != 0 { throw .wrong("record leaf part") }
    }

    /// Writes the header at `at`; leaf part and body must stand there already.
    func store(_ raw: UnsafeMutableRawBufferPointer, at: Int) {
        raw.put(RecordHeader.magic, at)
        raw.put(UInt32(truncatingIfNeeded: bodyLength), at + 8)
        raw.put(type.rawValue, at + 12)
        raw.put(isLeaf ? RecordHeader.leafFlag : 0, at + 14)
        raw.put(sequence, at + 16)
        raw.put(group, at + 24)
        raw.put(time, at + 32)
        raw.put(raw.crc32c(at + RecordHeader.size, at + prefix + bodyLength), at + 40)
        raw.put(epoch, at + 44)
        raw.put(ordinal, at + 48)
        raw.put(UInt32(0), at + 52)
        raw.put(nonce, at + 56)
        raw.put(raw.crc32c(at + 8, at + RecordHeader.size), at + 4)
    }
}

/// A record of the journal as replay shows it. The bytes belong to the reader and are valid during the call only.
package struct RecordView {
    package var type: RecordType
    /// Place in the one order, from 1; the leaf's index in the tree is one less.
    package var sequence: UInt64
    package var group: UInt64
    /// Nanoseconds UTC, greater than every earlier record's.
    package var time: Int64
    /// Which start of the server wrote it.
    package var epoch: UInt32
    package var body: UnsafeRawBufferPointer
    /// Command id 16, outcome 4, zero 4, envelope digest 32.
    let leafPart: UnsafeRawBufferPointer

    /// The record at `at`, which `RecordHeader.parse` has checked.
    init(_ raw: UnsafeRawBufferPointer, at: Int) {
        let start = at + RecordHeader.size + RecordHeader.leafPart
        type = RecordType(rawValue: raw.u16(at + 12)) ?? .command
        sequence = raw.u64(at + 16)
        group = raw.u64(at + 24)
        time = raw.i64(at + 32)
        epoch = raw.u32(at + 44)
        body = raw.window(start, start + Int(raw.u32(at + 8)))
        leafPart = raw.window(at + RecordHeader.size, start)
    }

    /// Zero for the journal's own records.
    package var commandID: ID128 { leafPart.id(0) }
    package var outcome: UInt32 { leafPart.u32(16) }
    package var envelopeDigest: Digest { leafPart.digest(24) }
}

/// The journal's own records, by their bodies. All integers little endian. JOURNAL.md 3.3.
package enum SystemRecord: Sendable, Hashable {
    /// 0 u32 epoch, 4 zero, 8 i64 wall clock at the start.
    case epoch(UInt32, clock: Int64)
    /// 0 u64 first sequence of the segment, 8 u64 offset of the cut, 16 u64 bytes cut, 24 u64 group cut.
    case recovered(segment: UInt64, offset: UInt64, bytes: UInt64, group: UInt64)
    /// 0 i64 time expected by the steady clock (or of the last record), 8 i64 time the wall clock shows.
    case clockJump(expected: Int64, found: Int64)
    /// See `Restored`.
    case restored(Restored)
    /// The application's; at most `JournalLimits.body` bytes.
    case notice([UInt8])
    /// What the application says of it, at most `JournalLimits.body` bytes.
    case administration([UInt8])

    package var type: RecordType {
        switch self {
        case .epoch: .epoch
        case .recovered: .recovered
        case .clockJump: .clockJump
        case .restored: .restored
        case .notice: .notice
        case .administration: .administration
        }
    }

    package var body: [UInt8] {
        switch self {
        case .epoch(let epoch, let clock): words([UInt64(epoch), UInt64(bitPattern: clock)])
        case .recovered(let segment, let offset, let bytes, let group):
            words([segment, offset, bytes, group])
        case .clockJump(let expected, let found):
            words([UInt64(bitPattern: expected), UInt64(bitPattern: found)])
        case .restored(let restored): restored.body
        case .notice(let bytes): bytes
        case .administration(let bytes): bytes
        }
    }

    /// Nil for a COMMAND, and for a body of another length.
    package init?(_ record: RecordView) {
        let raw = record.body
        switch (record.type, raw.count) {
        case (.epoch, 16): self = .epoch(raw.u32(0), clock: raw.i64(8))
        case (.recovered, 32):
            self = .recovered(segment: raw.u64(0), offset: raw.u64(8), bytes: raw.u64(16), group: raw.u64(24))
        case (.administration, _): self = .administration([UInt8](raw))
        case (.clockJump, 16): self = .clockJump(expected: raw.i64(0), found: raw.i64(8))
        case (.restored, _):
            guard let restored = Restored(raw) else { return nil }
            self = .restored(restored)
        case (.notice, _): self = .notice([UInt8](raw))
        default: return nil
        }
    }

    private func words(_ values: [UInt64]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }
}
