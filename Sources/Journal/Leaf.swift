package import Crypto

/// The leaf: a short canonical statement of one record, 128 bytes, little endian. It holds no personal data, so a receipt
/// carries it whole and stays valid after an erasure. JOURNAL.md 4.
///
///     off  size  field
///      0    4    magic "TLL1"
///      4    1    digest algorithm (1 SHA-256, 2 SM3)
///      5    1    zero
///      6    2    record type
///      8   16    store id
///     24    8    sequence
///     32    8    time, ns UTC
///     40   16    command id (zero: a record of the journal itself)
///     56    4    outcome code
///     60    4    zero
///     64   32    salted digest of the envelope as received
///     96   32    digest of the stored record body
///
/// The leaf hash is RFC 9162's: H(0x00 ‖ statement). The type is in it, or a command could be passed off as a system record.
package struct LeafStatement: Sendable, Hashable {
    package static let size = 128
    static let magic: UInt32 = 0x314C_4C54  // "TLL1"

    package var algorithm: DigestAlgorithm
    package var type: RecordType
    package var storeID: ID128
    package var sequence: UInt64
    package var time: Int64
    package var commandID: ID128
    package var outcome: UInt32
    package var envelopeDigest: Digest
    package var bodyDigest: Digest

    /// The 128 bytes.
    package var bytes: [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: LeafStatement.size, alignment: 16) { raw in
            raw.initializeMemory(as: UInt8.self, repeating: 0)
            LeafStatement.storeHead(raw, algorithm, type, storeID, sequence, time)
            raw.put(commandID, 40)
            raw.put(outcome, 56)
            raw.put(envelopeDigest, 64)
            raw.put(bodyDigest, 96)
            return [UInt8](UnsafeRawBufferPointer(raw))
        }
    }

    /// Nil when the bytes are not a statement this version knows.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == LeafStatement.size else { return nil }
        let parsed = bytes.withUnsafeBytes { raw -> LeafStatement? in
            guard raw.u32(0) == LeafStatement.magic, let algorithm = DigestAlgorithm(rawValue: raw[4]),
                raw[5] == 0,
                let type = RecordType(rawValue: raw.u16(6)), raw.u32(60) == 0
            else { return nil }
            return LeafStatement(
                algorithm: algorithm, type: type, storeID: raw.id(8), sequence: raw.u64(24),
                time: raw.i64(32),
                commandID: raw.id(40), outcome: raw.u32(56), envelopeDigest: raw.digest(64),
                bodyDigest: raw.digest(96))
        }
        guard let parsed else { return nil }
        self = parsed
    }

    package init(
        algorithm: DigestAlgorithm, type: RecordType, storeID: ID128, sequence: UInt64, time: Int64,
        commandID: ID128, outcome: UInt32, envelopeDigest: Digest, bodyDigest: Digest
    ) {
        self.algorithm = algorithm
        self.type = type
        self.storeID = storeID
        self.sequence = sequence
        self.time = time
        self.commandID = commandID
        self.outcome = outcome
        self.envelopeDigest = envelopeDigest
        self.bodyDigest = bodyDigest
    }

    private static func storeHead(
        _ raw: UnsafeMutableRawBufferPointer, _ algorithm: DigestAlgorithm, _ type: RecordType,
        _ storeID: ID128,
        _ sequence: UInt64, _ time: Int64
    ) {
        raw.put(magic, 0)
        raw[4] = algorithm.rawValue
        raw.put(type.rawValue, 6)
        raw.put(storeID, 8)
        raw.put(sequence, 24)
        raw.put(time, 32)
    }

    /// The leaf hash of the record `header` that stands at `at`, without building the value: bytes 40..95 of the
    /// statement are the record's leaf part as it lies on disc.
    static func hash(
        _ header: RecordHeader, _ raw: UnsafeRawBufferPointer, at: Int, storeID: ID128, hasher: MerkleHasher,
        bodyDigest known: Digest? = nil
    ) -> Digest {
        let body = raw.window(at + header.prefix, at + header.prefix + header.bodyLength)
        let bodyDigest = known ?? Digest(of: body, algorithm: hasher.algorithm)
        assert(bodyDigest == Digest(of: body, algorithm: hasher.algorithm), "a record with another's digest")
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { out in
            out.initializeMemory(as: UInt8.self, repeating: 0)
            storeHead(out, hasher.algorithm, header.type, storeID, header.sequence, header.time)
            UnsafeMutableRawBufferPointer(rebasing: out[40..<96])
                .copyMemory(from: raw.window(at + RecordHeader.size, at + header.prefix))
            out.put(bodyDigest, 96)
            return hasher.leaf(UnsafeRawBufferPointer(out))
        }
    }
}
