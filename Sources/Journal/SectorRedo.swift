import Crypto

/// The sector of the key file that an erasure is overwriting, written beside it first: eight subjects' keys share a sector, and power that is lost
/// while it is written may leave it as garbage, with the seven others' keys. JOURNAL.md 7.
///
/// `erasing.tlk`, little endian; the key that goes is zero in it already:
///
///     off  size  field
///       0    4   CRC-32C of bytes 4 to 544
///       4    4   magic "TLE1"
///       8   16   store id
///      24    8   first slot of the sector
///      32  512   the sector
///
/// Valid: the CRC, the magic, this store, a slot that begins a sector. Then the sector stands so in the key file, whatever is read there.
/// It is zeroed once the key file is synced, so that it holds no key of somebody who is erased later.
struct SectorRedo {
    static let name = "erasing.tlk"
    static let size = 32 + sectorSize
    static let sectorSize = KeySlot.size * KeySlot.perSector
    private static let magic: UInt32 = 0x3145_4C54

    let storeID: ID128
    let first: UInt64
    let sector: [UInt8]

    private var bytes: [UInt8] {
        var out = [UInt8](repeating: 0, count: Self.size)
        out.withUnsafeMutableBytes { raw in
            raw.put(Self.magic, 4)
            raw.put(storeID, 8)
            raw.put(first, 24)
            raw.put(sector, 32)
            raw.put(raw.crc32c(4, Self.size), 0)
        }
        return out
    }

    /// Nil: nothing was under way.
    static func read(_ storage: any Storage) throws(StorageError) -> SectorRedo? {
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try storage.contents(name) } catch {
            if error.isNoFile { return nil }
            throw error
        }
        return bytes.withUnsafeBytes { raw in
            guard raw.count == size, raw.u32(0) == raw.crc32c(4, size), raw.u32(4) == magic,
                raw.u64(24) % UInt64(KeySlot.perSector) == 0, raw.u64(24) < UInt64(Int32.max)
            else { return nil }
            return SectorRedo(storeID: raw.id(8), first: raw.u64(24), sector: Array(raw.window(32, size)))
        }
    }

    /// Puts the sector where it belongs in the key file's bytes, as far as they reach.
    func patch(_ keys: inout [UInt8]) {
        let at = KeySlot.offset(first)
        guard at + Self.sectorSize <= keys.count else { return }
        keys.replaceSubrange(at..<(at + Self.sectorSize), with: sector)
    }

    /// Puts the sector into the key file that lies in `storage`, when that is this store's and reaches so far.
    func apply(to storage: any Storage) throws(StorageError) {
        let keys = try storage.contents(KeyFile.name)
        guard KeyFile.storeID(keys) == storeID else { return }
        let at = KeySlot.offset(first)
        guard at + Self.sectorSize <= keys.count else { return }
        let file = try storage.open(KeyFile.name, .readWrite)
        defer { storage.close(file) }
        try storage.writeAll(file, sector, at: at)
        try storage.sync(file)
    }

    /// Overwrites the sector in `file`, safely whenever the power goes; ends with all of it on disc.
    func carryOut(_ storage: any Storage, in file: StorageFile) throws(StorageError) {
        let isNew = !(try storage.list().contains(Self.name))
        let beside = try storage.open(Self.name, isNew ? .create : .readWrite)
        defer { storage.close(beside) }
        try storage.writeAll(beside, bytes, at: 0)
        try storage.sync(beside)
        if isNew { try storage.syncDirectory() }
        try storage.writeAll(file, sector, at: KeySlot.offset(first))
        try storage.sync(file)
        try storage.writeAll(beside, [UInt8](repeating: 0, count: Self.size), at: 0)
        try storage.sync(beside)
    }
}
