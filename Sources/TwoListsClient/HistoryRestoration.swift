import Crypto
public import Schema

/// A restore of the server from a backup that left out acknowledged records, and said so in a record of its journal. RECEIPT.md 9.
public struct HistoryRestoration: Sendable, Hashable {
    /// 16 bytes.
    public let storeID: [UInt8]
    /// Records kept, and the time of the last one (nanoseconds since 1970 UTC).
    public let keptRecords: UInt64
    public let keptTime: Int64
    /// Records that the history had which was cut, and the time of its last one.
    public let cutRecords: UInt64
    public let cutTime: Int64
    /// When it was restored, by the journal.
    public let restoredAt: Int64
    /// The operator's words.
    public let reason: String
    /// When the security administrator confirmed it; 0: not yet, and until then nobody is told more than that.
    public let confirmedAt: Int64

    public var isConfirmed: Bool { confirmedAt != 0 }
    /// Records that are gone.
    public var lostRecords: UInt64 { cutRecords - keptRecords }

    let keptRoot: Digest
    let cutRoot: Digest

    static let recordType: UInt16 = 6
    private static let fixedSize = 104

    /// What the record says; that it stands in the journal is proven to whoever needs it, not here. Nil when record and leaf are not a RESTORED
    /// record's (JOURNAL.md 3.3).
    public init?(_ proof: RestorationProof) {
        let bytes = proof.record
        guard let leaf = ReceiptLeaf(proof.leaf), leaf.recordType == Self.recordType,
            bytes.count >= Self.fixedSize,
            Digest(of: bytes, algorithm: leaf.algorithm).bytes == Array(proof.leaf[96..<128]),
            let keptRoot = Digest(bytes: bytes[16..<48]), let cutRoot = Digest(bytes: bytes[64..<96]),
            let reason = String(validating: bytes[Self.fixedSize...], as: UTF8.self)
        else { return nil }
        let read = LittleEndian(bytes)
        storeID = leaf.storeID
        keptRecords = read.number(0..<8)
        keptTime = Int64(bitPattern: read.number(8..<16))
        self.keptRoot = keptRoot
        cutRecords = read.number(48..<56)
        cutTime = Int64(bitPattern: read.number(56..<64))
        self.cutRoot = cutRoot
        restoredAt = leaf.time
        self.reason = reason
        confirmedAt = proof.confirmedAt
        guard keptRecords < cutRecords, cutRecords <= UInt64(Int64.max),
            read.number(100..<102) == UInt64(bytes.count - Self.fixedSize)
        else { return nil }
    }

    /// Whether a record with this leaf was cut: it stands behind those kept, and was written before the restore. What took its place is
    /// of a later time.
    public func hasCut(_ leaf: ReceiptLeaf) -> Bool {
        leaf.storeID == storeID && leaf.sequence > keptRecords && leaf.sequence <= cutRecords
            && leaf.time <= cutTime
    }
}

extension ReceiptVerifier {
    /// The restore of `page` that has declared the history of `held` as cut; nil: none has, and the alarm stands. Checks everything of RECEIPT.md 9.
    func restoration(
        of held: ReceiptCheckpoint, in page: RestorationsPage
    ) -> (HistoryRestoration, RestorationProof)? {
        guard let statement = page.checkpoint, let shown = try? verify(statement),
            shown.storeID == held.storeID, shown.city == held.city, shown.algorithm == held.algorithm
        else { return nil }
        for proof in page.restorations.reversed() {
            guard let found = HistoryRestoration(proof), Self.declares(found, proof, held, shown) else {
                continue
            }
            return (found, proof)
        }
        return nil
    }

    private static func declares(
        _ found: HistoryRestoration, _ proof: RestorationProof, _ held: ReceiptCheckpoint,
        _ shown: ReceiptCheckpoint
    ) -> Bool {
        guard let leaf = ReceiptLeaf(proof.leaf), leaf.storeID == shown.storeID,
            leaf.algorithm == shown.algorithm, leaf.sequence > found.keptRecords,
            leaf.sequence <= shown.treeSize, found.restoredAt <= shown.time, held.time <= found.restoredAt,
            held.treeSize > found.keptRecords, held.treeSize <= found.cutRecords
        else { return false }
        let hasher = MerkleHasher(shown.algorithm)
        func goesOn(_ older: UInt64, _ root: Digest, _ newer: UInt64, _ newRoot: Digest, _ path: [UInt8])
            -> Bool
        {
            path.count % Digest.length == 0
                && MerkleProof.isConsistent(
                    older: older, olderRoot: root, newer: newer, newerRoot: newRoot, path: hashes(path),
                    hasher: hasher)
        }
        return proof.path.count % Digest.length == 0
            && MerkleProof.includes(
                leafHash: hasher.leaf(proof.leaf), index: leaf.sequence - 1, size: shown.treeSize,
                path: hashes(proof.path), root: shown.root, hasher: hasher)
            && goesOn(found.keptRecords, found.keptRoot, shown.treeSize, shown.root, proof.keptPath)
            && goesOn(found.keptRecords, found.keptRoot, found.cutRecords, found.cutRoot, proof.cutPath)
            && goesOn(held.treeSize, held.root, found.cutRecords, found.cutRoot, proof.heldPath)
    }
}

extension SeenHistory {
    /// Checkpoints that stand behind what was kept: each must be of the history that was cut.
    func behind(_ kept: UInt64) -> [SeenCheckpoint] {
        ((provenCheckpoint.map { [$0] } ?? []) + waiting).filter { $0.checkpoint.treeSize > kept }
    }

    /// Takes the history that a declared and confirmed restore put in the place of the one held.
    mutating func restore(_ seen: SeenRestoration, kept: UInt64) {
        if !restored.contains(seen) { restored.append(seen) }
        pending = waiting.filter { $0.checkpoint.treeSize <= kept }.map(\.statement)
        guard (provenCheckpoint?.checkpoint.treeSize ?? .max) > kept else { return }
        proven = seen.shown
    }

    /// The restores that were told of, oldest first.
    var restorations: [HistoryRestoration] {
        restored.compactMap { $0.proof.flatMap(HistoryRestoration.init) }
    }
}
