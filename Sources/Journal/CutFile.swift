package import Crypto

/// The leaf hashes of what a declared restore cut, `cut-<16 hex digits of the records kept>.tlh`: with them the server shows that a
/// checkpoint somebody holds was of the history the RESTORED record names. It holds nothing of what the records said. JOURNAL.md 10.
///
///     off  size  field (little endian)
///      0    8    magic "TLJ1CUT" 0
///      8    4    CRC-32C of everything from 16 on         12  4  zero
///     16   16    store id
///     32    8    records kept
///     40    8    records of the history that was cut
///     48   16    zero
///     64  32 n   leaf hashes of the records cut, n = 40 less 32
package enum CutFile {
    static let magic: UInt64 = 0x0054_5543_314A_4C54  // "TLJ1CUT\0"
    static let headerSize = 64

    /// Why a file is not used; nothing but the proof for its holders is missing then.
    package struct Unusable: Error, CustomStringConvertible {
        package var description: String
    }

    package static func name(kept: UInt64) -> String {
        let hex = String(kept, radix: 16)
        return "cut-" + String(repeating: "0", count: 16 - hex.count) + hex + ".tlh"
    }

    /// Records kept, by a name; nil: not the name of such a file.
    package static func kept(name: String) -> UInt64? {
        guard name.utf8.count == 24, name.hasPrefix("cut-"), name.hasSuffix(".tlh") else { return nil }
        return UInt64(name.dropFirst(4).dropLast(4), radix: 16)
    }

    /// Writes the leaves after `restored.keptSize` of the history that `tree` holds whole; durable but for its name.
    static func write(
        _ storage: any Storage, _ restored: Restored, storeID: ID128, tree: LeafTree
    ) throws(StorageError) {
        let count = Int(clamping: restored.cutSize - restored.keptSize)
        var out = [UInt8](repeating: 0, count: headerSize + count * Digest.length)
        out.withUnsafeMutableBytes { raw in
            raw.put(magic, 0)
            raw.put(storeID, 16)
            raw.put(restored.keptSize, 32)
            raw.put(restored.cutSize, 40)
            for index in 0..<count {
                let hash = tree.leaf(restored.keptSize + UInt64(index)) ?? .zero
                raw.put(hash, headerSize + index * Digest.length)
            }
            raw.put(raw.crc32c(16, raw.count), 8)
        }
        let file = try storage.open(name(kept: restored.keptSize), .create)
        defer { storage.close(file) }
        try storage.writeAll(file, out, at: 0)
        try storage.sync(file)
    }

    /// The whole tree of the history that was cut: the leaves kept, from `leaf` (by sequence), and those of the file. It has the root that the
    /// record names, so the file need not be believed.
    package static func tree(
        _ storage: any Storage, _ restored: Restored, storeID: ID128, algorithm: DigestAlgorithm,
        leaf: (UInt64) -> Digest?
    ) throws -> MerkleTree {
        let name = name(kept: restored.keptSize)
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try storage.contents(name) } catch {
            throw Unusable(description: "\(storage.path)/\(name) cannot be read: \(error.reason)")
        }
        var tree = MerkleTree(MerkleHasher(algorithm))
        var sequence: UInt64 = 1
        while sequence <= restored.keptSize, let hash = leaf(sequence) {
            tree.append(hash)
            sequence += 1
        }
        let whole = bytes.withUnsafeBytes { raw -> Bool in
            guard isWhole(raw, restored, storeID) else { return false }
            for at in stride(from: headerSize, to: raw.count, by: Digest.length) {
                tree.append(raw.digest(at))
            }
            return true
        }
        guard whole, tree.size == restored.cutSize, tree.root == restored.cutRoot else {
            throw Unusable(
                description: "\(storage.path)/\(name) does not hold what the RESTORED record names")
        }
        return tree
    }

    private static func isWhole(_ raw: UnsafeRawBufferPointer, _ restored: Restored, _ storeID: ID128)
        -> Bool
    {
        guard raw.count >= headerSize, raw.u64(0) == magic, raw.u32(8) == raw.crc32c(16, raw.count),
            raw.id(16) == storeID, raw.u64(32) == restored.keptSize, raw.u64(40) == restored.cutSize
        else { return false }
        let (bytes, overflow) = (restored.cutSize - restored.keptSize).multipliedReportingOverflow(
            by: UInt64(Digest.length))
        return !overflow && UInt64(raw.count - headerSize) == bytes
    }
}
