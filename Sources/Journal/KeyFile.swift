import Crypto

/// The key file `subjects.tlk`: the keys under which personal fields are sealed, apart from the journal so that its backups
/// can expire and a key can be destroyed. JOURNAL.md 7.
///
/// A header page, then slots of 64 bytes, then zeros to the end (grown ahead of need). A group's keys stand in neighbouring
/// slots starting at a multiple of 8: a sector that holds durable keys is never written again, except to destroy one.
///
///     header, off  size  field (little endian)
///              0    8    magic "TLJ1KEY" 0
///              8    4    CRC-32C of bytes 16..63
///             16   16    store id
///             32    2    version, 1
///
///     slot,   off  size  field (little endian)
///              0    4    CRC-32C of bytes 4..63
///              4    2    state: 1 live, 2 destroyed (key is 32 zeros); the whole slot zero: unused
///              6    2    zero
///              8    8    slot number: a slot in a wrong place is noticed
///             16   16    subject id
///             32   32    key
enum KeySlot {
    static let size = 64
    static let perSector = 8
    static let live: UInt16 = 1
    static let destroyed: UInt16 = 2

    static func offset(_ slot: UInt64) -> Int { JournalLimits.page + Int(slot) * size }

    static func bytes(_ slot: UInt64, _ entry: KeyEntry) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: size)
        out.withUnsafeMutableBytes { store(slot, entry, in: $0, at: 0) }
        return out
    }

    /// Writes the slot to zeroed bytes.
    static func store(_ slot: UInt64, _ entry: KeyEntry, in raw: UnsafeMutableRawBufferPointer, at: Int) {
        raw.put(entry.isDestroyed ? destroyed : live, at + 4)
        raw.put(slot, at + 8)
        raw.put(entry.subject, at + 16)
        if !entry.isDestroyed { raw.put(entry.key, at + 32) }
        raw.put(raw.crc32c(at + 4, at + size), at)
    }

    /// The entry at `slot` of the file's bytes; nil: unused, damaged, misplaced or beyond the end.
    static func read(_ raw: UnsafeRawBufferPointer, _ slot: UInt64) -> KeyEntry? {
        guard slot <= UInt64(raw.count / size) else { return nil }
        let at = offset(slot)
        guard at + size <= raw.count, raw.u32(at) == raw.crc32c(at + 4, at + size), raw.u64(at + 8) == slot
        else {
            return nil
        }
        let state = raw.u16(at + 4)
        guard state == live || state == destroyed, raw.u16(at + 6) == 0 else { return nil }
        return KeyEntry(
            subject: raw.id(at + 16), key: Array(raw.window(at + 32, at + 64)),
            isDestroyed: state == destroyed)
    }

    /// Whether slot `slot`, which stands at `at`, is this subject's.
    static func holds(
        _ raw: UnsafeRawBufferPointer, at: Int, _ slot: UInt64, _ subject: ID128
    ) -> Bool {
        raw.id(at + 16) == subject && raw.u64(at + 8) == slot && raw.u16(at + 4) != 0
            && raw.u32(at) == raw.crc32c(at + 4, at + size)
    }

    /// The first slot at or after `next` where a group's keys may start.
    static func start(_ next: UInt64) -> UInt64 { (next &+ UInt64(perSector - 1)) & ~UInt64(perSector - 1) }
}

/// Reads and writes the key file.
struct KeyFile: Sendable {
    static let name = "subjects.tlk"
    static let magic: UInt64 = 0x0059_454B_314A_4C54  // "TLJ1KEY\0"

    let storage: any Storage
    let file: StorageFile
    /// Slots there is zero-filled room for.
    private(set) var slots: UInt64
    private let chunk: Int
    private let storeID: ID128

    static func header(_ storeID: ID128) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: JournalLimits.page)
        out.withUnsafeMutableBytes { raw in
            raw.put(magic, 0)
            raw.put(storeID, 16)
            raw.put(UInt16(1), 32)
            raw.put(raw.crc32c(16, 64), 8)
        }
        return out
    }

    static func make(_ storage: any Storage, storeID: ID128) throws(StorageError) {
        let file = try storage.open(name, .create)
        defer { storage.close(file) }
        try storage.writeAll(file, header(storeID), at: 0)
        try storage.sync(file)
        try storage.syncDirectory()
    }

    /// Whose keys the file's bytes are; nil: the header is damaged.
    static func storeID(_ bytes: [UInt8]) -> ID128? {
        bytes.withUnsafeBytes { raw in
            guard raw.count >= JournalLimits.page, raw.u64(0) == magic, raw.u32(8) == raw.crc32c(16, 64),
                raw.u16(32) == 1
            else { return nil }
            return raw.id(16)
        }
    }

    /// The whole file, its header checked, and with what an interrupted erasure leaves undone.
    static func read(_ storage: any Storage, storeID: ID128) throws(JournalError) -> [UInt8] {
        let path = "\(storage.path)/\(name)"
        var bytes: [UInt8]
        let redo: SectorRedo?
        do throws(StorageError) {
            bytes = try storage.contents(name)
            redo = try SectorRedo.read(storage)
        } catch {
            if error.isNoFile { throw .keyFileDamaged(path: path, what: "the key file is missing") }
            throw .storage(error, task: "reading the key file")
        }
        guard let found = KeyFile.storeID(bytes) else {
            throw .keyFileDamaged(path: path, what: "the header of the key file is damaged")
        }
        guard found == storeID else { throw .foreignFile(file: path) }
        if let redo, redo.storeID == storeID { redo.patch(&bytes) }
        return bytes
    }

    /// `chunk`: bytes it grows by.
    init(_ storage: any Storage, chunk: Int) throws(StorageError) {
        self.storage = storage
        self.chunk = chunk
        file = try storage.open(KeyFile.name, .readWrite)
        slots = KeyFile.slots(bytes: try storage.size(file))
        // Recovery has read the header before; a damaged one carries nothing through.
        storeID = KeyFile.storeID(try storage.readAll(file, count: JournalLimits.page, at: 0)) ?? .zero
        // An erasure that the power interrupted is carried through before anything else is written.
        if let redo = try SectorRedo.read(storage), redo.storeID == storeID {
            try redo.carryOut(storage, in: file)
        }
    }

    private static func slots(bytes: Int) -> UInt64 {
        UInt64(max(0, bytes - JournalLimits.page) / KeySlot.size) / UInt64(KeySlot.perSector)
            * UInt64(KeySlot.perSector)
    }

    /// Makes sure of room beyond `next` for at least one chunk, zero-filled and synced.
    mutating func grow(beyond next: UInt64) throws(StorageError) {
        let wanted = KeySlot.offset(next) + chunk
        let size = KeySlot.offset(slots)
        guard size < wanted else { return }
        let target = aligned(wanted, to: JournalLimits.page) + chunk
        try storage.fillWithZeros(file, from: size, to: target)
        try storage.sync(file)
        slots = KeyFile.slots(bytes: target)
    }

    /// Writes a group's keys from `first` on, whole sectors; not synced.
    func write(_ keys: [KeyEntry], at first: UInt64) throws(StorageError) {
        let count = aligned(keys.count * KeySlot.size, to: KeySlot.size * KeySlot.perSector)
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { raw in
            for (index, key) in keys.enumerated() {
                KeySlot.store(first &+ UInt64(index), key, in: raw, at: index * KeySlot.size)
            }
        }
        try storage.writeAll(file, bytes, at: KeySlot.offset(first))
    }

    /// The slots of a subject, live or destroyed, among those below `end`. Reads the file through: erasing is
    /// rare, and an index kept for it would cost every filing.
    func slots(of subject: ID128, below end: UInt64) throws(StorageError) -> [UInt64] {
        var found: [UInt64] = []
        var first: UInt64 = 0
        while first < end {
            let count = Int(min(end - first, KeyFile.slotsLookedAt))
            let bytes = try storage.readAll(
                file, count: count * KeySlot.size, at: KeySlot.offset(first))
            bytes.withUnsafeBytes { raw in
                for index in 0..<(raw.count / KeySlot.size) {
                    let slot = first &+ UInt64(index)
                    if KeySlot.holds(raw, at: index * KeySlot.size, slot, subject) { found.append(slot) }
                }
            }
            first &+= UInt64(count)
        }
        return found
    }

    /// Slots read in one piece, a mebibyte.
    private static let slotsLookedAt: UInt64 = 1 << 14

    func sync() throws(StorageError) { try storage.sync(file) }

    /// Overwrites the key of `slot` with zeros and syncs: what it sealed is erased here, and for good once the key
    /// backups that hold it have expired.
    func destroy(_ slot: UInt64, subject: ID128) throws(StorageError) {
        let entry = KeyEntry(subject: subject, key: [], isDestroyed: true)
        let first = slot & ~UInt64(KeySlot.perSector - 1)
        var sector = try storage.readAll(file, count: SectorRedo.sectorSize, at: KeySlot.offset(first))
        sector += [UInt8](repeating: 0, count: SectorRedo.sectorSize - sector.count)
        let at = Int(slot - first) * KeySlot.size
        sector.replaceSubrange(at..<(at + KeySlot.size), with: KeySlot.bytes(slot, entry))
        try SectorRedo(storeID: storeID, first: first, sector: sector).carryOut(storage, in: file)
    }

    /// After recovery: writes the slots of [from, next) again, since their sync was not seen, and syncs. Slots after them
    /// belong to groups that were never acknowledged, or to a journal newer than the one restored: they are left alone.
    func settle(_ bytes: [UInt8], from: UInt64, next: UInt64) throws(StorageError) {
        guard from < next else { return }
        let low = KeySlot.offset(from)
        let end = min(KeySlot.offset(next), bytes.count)
        guard low < end else { return }
        try storage.writeAll(file, Array(bytes[low..<end]), at: low)
        try storage.sync(file)
    }

    /// The first slot after everything ever written.
    static func firstFree(_ bytes: [UInt8]) -> UInt64 {
        var end = bytes.count
        while end > JournalLimits.page && bytes[end - 1] == 0 { end -= 1 }
        return KeySlot.start(
            UInt64(max(0, end - JournalLimits.page) + KeySlot.size - 1) / UInt64(KeySlot.size))
    }

    func close() { storage.close(file) }
}
