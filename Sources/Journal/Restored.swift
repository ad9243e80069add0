package import Crypto

/// Body of a RESTORED record: the records after `keptSize` were acknowledged once and are cut. Whoever holds a checkpoint of what was cut
/// learns by it that this was declared, and by whom: the record is a leaf under the journal's signature. JOURNAL.md 3.3.
///
///     off  size  field (little endian)
///      0    8    records kept = tree size before the cut    8  8  time of the last one kept, ns UTC, 0: none
///     16   32    root of the kept tree
///     48    8    records of the history that was cut       56  8  time of its last one
///     64   32    its root
///     96    4    its last writer epoch
///    100    2    length of the reason, ≤ 512             102  2  zero
///    104    …    reason, UTF-8
package struct Restored: Sendable, Hashable {
    static let fixedSize = 104

    package var keptSize: UInt64
    package var keptTime: Int64
    package var keptRoot: Digest
    package var cutSize: UInt64
    package var cutTime: Int64
    package var cutRoot: Digest
    package var cutEpoch: UInt32
    /// Why, in the operator's words: for everybody to read.
    package var reason: String

    package init(kept: SnapshotPoint, cut: SnapshotPoint, reason: String) {
        keptSize = kept.sequence
        keptTime = kept.time
        keptRoot = kept.root
        cutSize = cut.sequence
        cutTime = cut.time
        cutRoot = cut.root
        cutEpoch = cut.epoch
        self.reason = reason
    }

    /// Nil when the bytes are no such body.
    package init?(_ raw: UnsafeRawBufferPointer) {
        guard raw.count >= Self.fixedSize, raw.u16(102) == 0,
            raw.count == Self.fixedSize + Int(raw.u16(100)),
            Int(raw.u16(100)) <= JournalLimits.restoredReason,
            let reason = String(validating: raw.window(Self.fixedSize, raw.count), as: UTF8.self)
        else { return nil }
        keptSize = raw.u64(0)
        keptTime = raw.i64(8)
        keptRoot = raw.digest(16)
        cutSize = raw.u64(48)
        cutTime = raw.i64(56)
        cutRoot = raw.digest(64)
        cutEpoch = raw.u32(96)
        self.reason = reason
        guard keptSize < cutSize else { return nil }
    }

    package init?(_ bytes: [UInt8]) {
        guard let found = bytes.withUnsafeBytes({ Restored($0) }) else { return nil }
        self = found
    }

    package var body: [UInt8] {
        let words = Array(reason.utf8)
        var out = [UInt8](repeating: 0, count: Self.fixedSize + words.count)
        out.withUnsafeMutableBytes { raw in
            raw.put(keptSize, 0)
            raw.put(keptTime, 8)
            raw.put(keptRoot, 16)
            raw.put(cutSize, 48)
            raw.put(cutTime, 56)
            raw.put(cutRoot, 64)
            raw.put(cutEpoch, 96)
            raw.put(UInt16(truncatingIfNeeded: words.count), 100)
            raw.put(words, Self.fixedSize)
        }
        return out
    }

    /// For `dump`.
    package var words: String {
        "RESTORED: kept \(keptSize) records, root \(keptRoot.hex); cut \(cutSize - keptSize) of \(cutSize), root \(cutRoot.hex), epoch "
            + "\(cutEpoch): \(reason)"
    }

    /// The leaf of the record, which holds nothing but its body.
    package func leaf(
        algorithm: DigestAlgorithm, storeID: ID128, sequence: UInt64, time: Int64
    ) -> LeafStatement {
        LeafStatement(
            algorithm: algorithm, type: .restored, storeID: storeID, sequence: sequence, time: time,
            commandID: .zero, outcome: 0, envelopeDigest: .zero,
            bodyDigest: Digest(of: body, algorithm: algorithm))
    }
}
