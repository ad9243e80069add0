import Crypto

/// The side file `HEAD`: how far the journal was acknowledged, so that a loss at its end is noticed. JOURNAL.md 6.
///
/// Two copies of 4 KiB. A copy is written after each acknowledgement and synced at most once a second; only after a sync does
/// writing move to the other copy, so that one of them is always on disc whole. The higher counter wins.
///
///     off  size  field (little endian)
///      0    8    magic "TLJ1HED" 0
///      8    4    CRC-32C of bytes 16..127
///     12    4    zero
///     16   16    store id
///     32    8    counter, + 1 a write
///     40    8    group acknowledged
///     48    8    sequence acknowledged
///     56    8    time, ns UTC
///     64   32    root of the tree at that sequence
///     96   32    zero
///      …         zeros to 4096
struct HeadRecord: Equatable {
    static let magic: UInt64 = 0x0044_4548_314A_4C54  // "TLJ1HED\0"
    static let used = 128

    var storeID: ID128
    var counter: UInt64
    var group: UInt64
    var sequence: UInt64
    var time: Int64
    var root: Digest

    var page: [UInt8] {
        var out = [UInt8](repeating: 0, count: JournalLimits.page)
        out.withUnsafeMutableBytes { raw in
            raw.put(HeadRecord.magic, 0)
            raw.put(storeID, 16)
            raw.put(counter, 32)
            raw.put(group, 40)
            raw.put(sequence, 48)
            raw.put(time, 56)
            raw.put(root, 64)
            raw.put(raw.crc32c(16, HeadRecord.used), 8)
        }
        return out
    }

    init?(_ raw: UnsafeRawBufferPointer) {
        guard raw.count >= HeadRecord.used, raw.u64(0) == HeadRecord.magic,
            raw.u32(8) == raw.crc32c(16, HeadRecord.used)
        else { return nil }
        self.init(
            storeID: raw.id(16), counter: raw.u64(32), group: raw.u64(40), sequence: raw.u64(48),
            time: raw.i64(56),
            root: raw.digest(64))
    }

    init(storeID: ID128, counter: UInt64, group: UInt64, sequence: UInt64, time: Int64, root: Digest) {
        self.storeID = storeID
        self.counter = counter
        self.group = group
        self.sequence = sequence
        self.time = time
        self.root = root
    }
}

/// Reads and writes `HEAD`.
struct HeadFile: Sendable {
    static let name = "HEAD"

    private let storage: any Storage
    private let file: StorageFile
    private var counter: UInt64
    /// 0 or 1: the copy being written.
    private var copy: Int
    private var dirty = false

    /// What HEAD says. Nil: the file is missing.
    static func read(_ storage: any Storage, storeID: ID128) throws(JournalError) -> HeadRecord? {
        do {
            let bytes = try storage.contents(name)
            let copies = bytes.withUnsafeBytes { raw in
                [0, JournalLimits.page].compactMap { at in
                    at + JournalLimits.page <= raw.count
                        ? HeadRecord(raw.window(at, at + JournalLimits.page)) : nil
                }
            }
            guard let newest = copies.max(by: { $0.counter < $1.counter }) else {
                throw JournalError.headDamaged(path: storage.path)
            }
            guard newest.storeID == storeID else {
                throw JournalError.foreignFile(file: "\(storage.path)/\(name)")
            }
            return newest
        } catch let error as StorageError {
            if error.operation == .open && error.isNoFile { return nil }
            throw .storage(error, task: "reading HEAD")
        } catch let error as JournalError {
            throw error
        } catch {
            throw .misuse("\(error)")
        }
    }

    /// Makes the file with both copies saying `record`, synced. The caller syncs the directory.
    static func make(_ storage: any Storage, _ record: HeadRecord) throws(StorageError) {
        let file = try storage.open(name, .create)
        defer { storage.close(file) }
        try storage.writeAll(file, record.page + record.page, at: 0)
        try storage.sync(file)
    }

    /// Opens for writing after `record` was read: the first write goes to the copy that is older.
    init(_ storage: any Storage, after record: HeadRecord) throws(StorageError) {
        self.storage = storage
        file = try storage.open(HeadFile.name, .readWrite)
        // What was read may never have been synced; the other copy is about to be written.
        try storage.sync(file)
        counter = record.counter
        let first = try storage.readAll(file, count: JournalLimits.page, at: 0)
        copy = first.withUnsafeBytes { HeadRecord($0)?.counter == record.counter } ? 1 : 0
    }

    /// Writes what was acknowledged; not synced.
    mutating func note(_ record: HeadRecord) throws(StorageError) {
        counter &+= 1
        var record = record
        record.counter = counter
        try storage.writeAll(file, record.page, at: copy * JournalLimits.page)
        dirty = true
    }

    /// Syncs, then turns to the other copy.
    mutating func sync() throws(StorageError) {
        guard dirty else { return }
        try storage.sync(file)
        copy = 1 - copy
        dirty = false
    }

    func close() { storage.close(file) }
}
