import Crypto

/// Body of a COMMIT record, which ends a commit group. Little endian. JOURNAL.md 3.2.
///
///     off  size  field
///      0    4    leaves in the group
///      4    2    frontier hashes, n ≤ 64 (the bits set in the tree size)
///      6    2    zero
///      8    8    first sequence of the group (the next one to come, where the group is empty)
///     16    8    last sequence: first + leaves - 1
///     24    8    tree size, equal to the last sequence
///     32    8    first key slot of the group in the key file
///     40    4    keys of the group: slots first … first + keys - 1
///     44    4    length of the group's leaf records in bytes
///     48   32    root of the tree
///     80   32n   frontier, largest subtree first: appending can go on without reading the leaves
///      …    1    length a of the algorithm's name; 0: not signed, and the body ends after the next three bytes
///      …    1    zero
///      …    2    length s of the signature
///      …   32    SHA-256 of the signing certificate
///      …    a    name of the algorithm, ASCII
///      …    s    signature over the checkpoint (city, store id, tree size, root, the record's time)
///      …         where the body goes on: a second signature, by another algorithm, in the same form
struct Commit: Equatable {
    static let fixed = 80

    var leaves: UInt32
    var firstSequence: UInt64
    var treeSize: UInt64
    var firstKeySlot: UInt64
    var keys: UInt32
    var recordBytes: UInt32
    var root: Digest
    var frontier: [Digest]
    var signature: CheckpointSignature?
    /// Never without the first.
    var second: CheckpointSignature?

    var lastSequence: UInt64 { firstSequence &+ UInt64(leaves) &- 1 }

    var bytes: [UInt8] {
        var out = [UInt8](repeating: 0, count: Commit.fixed)
        out.withUnsafeMutableBytes { raw in
            raw.put(leaves, 0)
            raw.put(UInt16(truncatingIfNeeded: frontier.count), 4)
            raw.put(firstSequence, 8)
            raw.put(lastSequence, 16)
            raw.put(treeSize, 24)
            raw.put(firstKeySlot, 32)
            raw.put(keys, 40)
            raw.put(recordBytes, 44)
            raw.put(root, 48)
        }
        for hash in frontier { out += hash.bytes }
        guard let signature else { return out + [0, 0, 0, 0] }
        return out + Commit.bytes(of: signature) + (second.map(Commit.bytes) ?? [])
    }

    private static func bytes(of signature: CheckpointSignature) -> [UInt8] {
        let name = Array(signature.algorithm.utf8)
        let count = UInt16(truncatingIfNeeded: signature.signature.count).littleEndian
        return [UInt8(truncatingIfNeeded: name.count), 0] + withUnsafeBytes(of: count) { Array($0) }
            + signature.certificateFingerprint.bytes + name + signature.signature
    }

    /// Nil when the body is not exactly one COMMIT.
    init?(_ raw: UnsafeRawBufferPointer) {
        guard raw.count >= Commit.fixed + 4, raw.u16(6) == 0 else { return nil }
        let hashes = Int(raw.u16(4))
        let end = Commit.fixed + 32 * hashes
        guard hashes <= JournalLimits.frontier, raw.count >= end + 4 else { return nil }
        leaves = raw.u32(0)
        firstSequence = raw.u64(8)
        treeSize = raw.u64(24)
        firstKeySlot = raw.u64(32)
        keys = raw.u32(40)
        recordBytes = raw.u32(44)
        root = raw.digest(48)
        frontier = (0..<hashes).map { raw.digest(Commit.fixed + 32 * $0) }
        guard raw.u64(16) == lastSequence, treeSize == lastSequence, treeSize.nonzeroBitCount == hashes else {
            return nil
        }
        guard let signed = Commit.signature(raw, at: end) else { return nil }
        signature = signed.value
        if signed.end == raw.count { return }
        guard let more = Commit.signature(raw, at: signed.end), more.end == raw.count,
            let first = signed.value, let other = more.value,
            Array(first.algorithm.utf8) != Array(other.algorithm.utf8)
        else { return nil }
        second = other
    }

    private static func signature(_ raw: UnsafeRawBufferPointer, at: Int) -> (
        value: CheckpointSignature?, end: Int
    )? {
        guard raw.count >= at + 4 else { return nil }
        let name = Int(raw[at])
        let length = Int(raw.u16(at + 2))
        if name == 0 { return length == 0 && raw[at + 1] == 0 && raw.count == at + 4 ? (nil, at + 4) : nil }
        let nameAt = at + 36
        guard raw[at + 1] == 0, name <= JournalLimits.algorithmName, length <= JournalLimits.signature,
            raw.count >= nameAt + name + length
        else { return nil }
        let value = CheckpointSignature(
            algorithm: String(decoding: raw.window(nameAt, nameAt + name), as: UTF8.self),
            certificateFingerprint: raw.digest(at + 4),
            signature: Array(raw.window(nameAt + name, nameAt + name + length)))
        return (value, nameAt + name + length)
    }

    init(
        leaves: UInt32, firstSequence: UInt64, firstKeySlot: UInt64, keys: UInt32, recordBytes: UInt32,
        tree: MerkleFrontier, signature: CheckpointSignature?
    ) {
        self.leaves = leaves
        self.firstSequence = firstSequence
        self.treeSize = tree.size
        self.firstKeySlot = firstKeySlot
        self.keys = keys
        self.recordBytes = recordBytes
        self.root = tree.root
        self.frontier = tree.hashes
        self.signature = signature
    }
}
