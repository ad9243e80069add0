import Crypto
import Schema

/// What a receipt's leaf says (RECEIPT.md 2): 128 bytes, little endian.
public struct ReceiptLeaf: Sendable, Hashable {
    static let size = 128

    let algorithm: DigestAlgorithm
    let recordType: UInt16
    /// 16 bytes.
    public let storeID: [UInt8]
    public let sequence: UInt64
    /// Nanoseconds since 1970 UTC.
    public let time: Int64
    /// 16 bytes.
    public let commandID: [UInt8]
    /// 0: done; otherwise the number of the rule that refused it, `Refusal`.
    public let outcome: UInt32
    let envelopeDigest: [UInt8]
    /// Of the record as it lies in the journal.
    let bodyDigest: [UInt8]

    /// Nil when the bytes are no leaf.
    public init?(_ bytes: [UInt8]) {
        let read = LittleEndian(bytes)
        guard bytes.count == Self.size, bytes.starts(with: Array("TLL1".utf8)), read.isZero(5..<6),
            read.isZero(60..<64), let algorithm = DigestAlgorithm(rawValue: bytes[4])
        else { return nil }
        self.algorithm = algorithm
        recordType = UInt16(truncatingIfNeeded: read.number(6..<8))
        storeID = Array(bytes[8..<24])
        sequence = read.number(24..<32)
        time = Int64(bitPattern: read.number(32..<40))
        commandID = Array(bytes[40..<56])
        outcome = UInt32(truncatingIfNeeded: read.number(56..<60))
        envelopeDigest = Array(bytes[64..<96])
        bodyDigest = Array(bytes[96..<128])
    }

    /// The 128 bytes of an exported record's leaf; nil when the record is none (TRAIL.md 3, `FORM`).
    static func bytes(of record: TrailRecord, in checkpoint: ReceiptCheckpoint) -> [UInt8]? {
        guard let type = UInt16(exactly: record.type), type != 0, type != 2, record.commandId.count == 16,
            record.envelopeDigest.count == Digest.length
        else { return nil }
        var out = Array("TLL1".utf8) + [checkpoint.algorithm.rawValue, 0]
        out.reserveCapacity(size)
        append(UInt64(type), 2, to: &out)
        out += checkpoint.storeID
        append(record.sequence, 8, to: &out)
        append(UInt64(bitPattern: record.time), 8, to: &out)
        out += record.commandId
        append(UInt64(record.outcome), 8, to: &out)
        out += record.envelopeDigest
        return out + Digest(of: record.body, algorithm: checkpoint.algorithm).bytes
    }

    private static func append(_ value: UInt64, _ count: Int, to out: inout [UInt8]) {
        for place in 0..<count { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
    }
}

/// What a checkpoint says (RECEIPT.md 2): 88 bytes, little endian.
public struct ReceiptCheckpoint: Sendable, Hashable {
    static let size = 88
    private static let cityBytes = 16

    let algorithm: DigestAlgorithm
    public let city: String
    /// 16 bytes.
    public let storeID: [UInt8]
    public let treeSize: UInt64
    /// Nanoseconds since 1970 UTC.
    public let time: Int64
    let root: Digest
    /// 32 bytes.
    public var rootBytes: [UInt8] { root.bytes }

    /// Nil when the bytes are no checkpoint.
    public init?(_ bytes: [UInt8]) {
        let read = LittleEndian(bytes)
        guard bytes.count == Self.size, bytes.starts(with: Array("TLC1".utf8)), read.isZero(5..<8),
            let algorithm = DigestAlgorithm(rawValue: bytes[4]), let root = Digest(bytes: bytes[56..<88])
        else { return nil }
        let city = bytes[8..<24].prefix { $0 != 0 }
        guard !city.isEmpty, city.allSatisfy({ (0x21...0x7E).contains($0) }),
            read.isZero((8 + city.count)..<(8 + Self.cityBytes))
        else { return nil }
        self.algorithm = algorithm
        self.root = root
        self.city = String(decoding: city, as: UTF8.self)
        storeID = Array(bytes[24..<40])
        treeSize = read.number(40..<48)
        time = Int64(bitPattern: read.number(48..<56))
    }

    /// The whole second it was made in: certificates are judged by seconds.
    var second: Int64 {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Numbers at places of a byte string; what lies beyond its end reads as nothing.
struct LittleEndian {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func part(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range.clamped(to: bytes.indices)] }

    func number(_ range: Range<Int>) -> UInt64 { part(range).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    func isZero(_ range: Range<Int>) -> Bool { part(range).allSatisfy { $0 == 0 } }
}
