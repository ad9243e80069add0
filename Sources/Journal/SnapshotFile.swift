package import Crypto

/// A snapshot file, `snapshot-<16 hex digits of its sequence>.tls1`: what the application built from every record up to a sequence, and what
/// the journal itself needs to go on from there. Protocol/SNAPSHOT.md 3. The application's bytes are opaque here.
///
/// A header, then blocks, little endian:
///
///     header, off  size  field
///               0    8    magic "TLJ1SNP" 0
///               8    2    format version, 1
///              10    2    header length, 160
///              12    4    CRC-32C of bytes 16..159
///              16   16    store id
///              32   16    city code, ASCII, zero padded
///              48    1    digest algorithm          49  3  zero
///              52    4    writer epoch of the group
///              56    8    group
///              64    8    sequence = tree size
///              72    8    time of the last leaf
///              80    8    time of the COMMIT
///              88    8    next key slot
///              96   32    root
///             128   32    zero
///
///     block, off  size  field
///              0    4    CRC-32C of bytes 4..15 and the payload
///              4    4    payload length n, ≤ 1 MiB
///              8    4    kind: 1 leaf hashes, 2 key slots, 3 the application's, 0 the end
///             12    4    number of the block, 0, 1, 2 …
///             16    n    payload
package enum SnapshotFile {
    static let magic: UInt64 = 0x0050_4E53_314A_4C54  // "TLJ1SNP\0"
    static let version: UInt16 = 1
    static let headerSize = 160
    static let blockHeader = 16
    /// Name while it is written. One is made at a time.
    package static let unfinished = "snapshot.tmp"

    package enum Kind: UInt32, Sendable {
        case end = 0
        case leaves = 1
        case keySlots = 2
        case application = 3
    }

    package static func name(_ sequence: UInt64) -> String {
        let hex = String(sequence, radix: 16)
        return "snapshot-" + String(repeating: "0", count: 16 - hex.count) + hex + ".tls1"
    }

    /// Nil when it is not the name of a snapshot.
    package static func sequence(name: String) -> UInt64? {
        guard name.utf8.count == 30, name.hasPrefix("snapshot-"), name.hasSuffix(".tls1") else { return nil }
        return UInt64(name.dropFirst(9).dropLast(5), radix: 16)
    }

    /// The snapshots of a directory, newest first.
    package static func names(_ storage: any Storage) throws(JournalError) -> [String] {
        do throws(StorageError) {
            return try storage.list().filter { sequence(name: $0) != nil }.sorted(by: >)
        } catch { throw .storage(error, task: "listing the snapshots") }
    }

    /// Gives a finished file its name and removes those that are too many. The file was synced by `SnapshotWriter.finish`.
    package static func publish(_ storage: any Storage, sequence: UInt64) throws(JournalError) {
        do throws(StorageError) {
            try storage.rename(unfinished, to: name(sequence))
            try storage.syncDirectory()
        } catch { throw .storage(error, task: "naming a snapshot") }
        let names = try names(storage)
        do throws(StorageError) {
            for old in names.dropFirst(JournalLimits.snapshotsKept) { try storage.unlink(old) }
        } catch { throw .storage(error, task: "removing an old snapshot") }
    }
}

/// Where in its journal a snapshot stands: after a group with leaves, which was acknowledged.
package struct SnapshotPoint: Sendable, Hashable {
    package var storeID: ID128
    package var city: String
    package var algorithm: DigestAlgorithm
    package var epoch: UInt32
    package var group: UInt64
    /// Sequence of the last leaf = tree size.
    package var sequence: UInt64
    /// Of the last leaf, ns UTC.
    package var time: Int64
    package var commitTime: Int64
    package var nextKeySlot: UInt64
    package var root: Digest

    var header: [UInt8] {
        var out = [UInt8](repeating: 0, count: SnapshotFile.headerSize)
        out.withUnsafeMutableBytes { raw in
            raw.put(SnapshotFile.magic, 0)
            raw.put(SnapshotFile.version, 8)
            raw.put(UInt16(SnapshotFile.headerSize), 10)
            raw.put(storeID, 16)
            raw.put(Array(city.utf8.prefix(JournalLimits.city)), 32)
            raw[48] = algorithm.rawValue
            raw.put(epoch, 52)
            raw.put(group, 56)
            raw.put(sequence, 64)
            raw.put(time, 72)
            raw.put(commitTime, 80)
            raw.put(nextKeySlot, 88)
            raw.put(root, 96)
            raw.put(raw.crc32c(16, SnapshotFile.headerSize), 12)
        }
        return out
    }

    init(header raw: UnsafeRawBufferPointer) throws(SnapshotDamage) {
        guard raw.count == SnapshotFile.headerSize, raw.u64(0) == SnapshotFile.magic else {
            throw SnapshotDamage("no snapshot")
        }
        guard raw.u16(8) == SnapshotFile.version else {
            throw SnapshotDamage("format version \(raw.u16(8)), which this program does not know")
        }
        guard raw.u32(12) == raw.crc32c(16, raw.count), let algorithm = DigestAlgorithm(rawValue: raw[48])
        else { throw SnapshotDamage("the header is damaged") }
        self.init(
            storeID: raw.id(16),
            city: String(decoding: raw.window(32, 48).prefix { $0 != 0 }, as: UTF8.self),
            algorithm: algorithm, epoch: raw.u32(52), group: raw.u64(56), sequence: raw.u64(64),
            time: raw.i64(72), commitTime: raw.i64(80), nextKeySlot: raw.u64(88), root: raw.digest(96))
    }

    init(
        storeID: ID128, city: String, algorithm: DigestAlgorithm, epoch: UInt32, group: UInt64,
        sequence: UInt64, time: Int64, commitTime: Int64, nextKeySlot: UInt64, root: Digest
    ) {
        self.storeID = storeID
        self.city = city
        self.algorithm = algorithm
        self.epoch = epoch
        self.group = group
        self.sequence = sequence
        self.time = time
        self.commitTime = commitTime
        self.nextKeySlot = nextKeySlot
        self.root = root
    }
}

/// Why a snapshot is passed over.
package struct SnapshotDamage: Error, Sendable, CustomStringConvertible {
    package var description: String
    init(_ what: String) { description = what }
}

/// Slots of the key file that one group's COMMIT names.
package struct KeyRange: Sendable, Hashable {
    package var first: UInt64
    package var count: UInt32
}

/// Where reading a journal begins that is not read from its beginning: a snapshot's place, its leaves, and its keys.
package struct JournalStart: Sendable {
    package var point: SnapshotPoint
    let tree: LeafTree
    package var keys: [KeyRange]
}

/// Writes `snapshot.tmp`, a block at a time.
package struct SnapshotWriter {
    private let storage: any Storage
    private let file: StorageFile
    private var offset = 0
    private var block: UInt32 = 0

    /// Begins the file with what the journal needs.
    package init(_ storage: any Storage, _ start: JournalStart) throws(StorageError) {
        self.storage = storage
        file = try storage.open(SnapshotFile.unfinished, .create)
        do throws(StorageError) {
            try append(raw: start.point.header)
            try appendLeaves(start)
            try appendKeys(start)
        } catch {
            storage.close(file)
            throw error
        }
    }

    /// Bytes of the application, cut into blocks.
    package mutating func append(_ bytes: [UInt8]) throws(StorageError) {
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + JournalLimits.snapshotBlock)
            try append(.application, bytes[at..<end])
            at = end
        }
    }

    /// Ends the file and makes it durable; it has no name yet.
    package mutating func finish() throws(StorageError) {
        defer { storage.close(file) }
        try append(.end, [])
        try storage.sync(file)
    }

    /// Lets go of an unfinished file.
    package func abandon() {
        storage.close(file)
        try? storage.unlink(SnapshotFile.unfinished)
    }

    private mutating func appendLeaves(_ start: JournalStart) throws(StorageError) {
        var payload: [UInt8] = []
        for index in 0..<start.point.sequence {
            guard let hash = start.tree.leaf(index) else { break }
            payload += hash.bytes
            if payload.count >= JournalLimits.snapshotBlock {
                try append(.leaves, payload[...])
                payload.removeAll(keepingCapacity: true)
            }
        }
        if !payload.isEmpty { try append(.leaves, payload[...]) }
    }

    private mutating func appendKeys(_ start: JournalStart) throws(StorageError) {
        var payload: [UInt8] = []
        for range in start.keys {
            payload += withUnsafeBytes(of: (range.first.littleEndian)) { Array($0) }
            payload += withUnsafeBytes(of: (UInt64(range.count).littleEndian)) { Array($0) }
            if payload.count >= JournalLimits.snapshotBlock {
                try append(.keySlots, payload[...])
                payload.removeAll(keepingCapacity: true)
            }
        }
        if !payload.isEmpty { try append(.keySlots, payload[...]) }
    }

    private mutating func append(_ kind: SnapshotFile.Kind, _ payload: ArraySlice<UInt8>) throws(StorageError)
    {
        var out = [UInt8](repeating: 0, count: SnapshotFile.blockHeader)
        out += payload
        out.withUnsafeMutableBytes { raw in
            raw.put(UInt32(truncatingIfNeeded: payload.count), 4)
            raw.put(kind.rawValue, 8)
            raw.put(block, 12)
            raw.put(raw.crc32c(4, raw.count), 0)
        }
        block &+= 1
        try append(raw: out)
    }

    private mutating func append(raw bytes: [UInt8]) throws(StorageError) {
        try storage.writeOut(file, bytes, at: offset)
        offset += bytes.count
    }
}

/// Reads a snapshot file, a block at a time. Everything in it is checked before it is believed.
package struct SnapshotReader {
    package let point: SnapshotPoint
    private let storage: any Storage
    private let file: StorageFile
    private var offset = SnapshotFile.headerSize
    private var block: UInt32 = 0
    private var ended = false
    private let size: Int
    /// The first of the application's pieces, read while looking for the end of the journal's part.
    private var held: [UInt8]?

    /// Throws `SnapshotDamage`, or a storage error.
    package init(_ storage: any Storage, _ name: String) throws {
        self.storage = storage
        file = try storage.open(name, .read)
        do {
            size = try storage.size(file)
            let header = try storage.readAll(file, count: min(size, SnapshotFile.headerSize), at: 0)
            point = try header.withUnsafeBytes { (raw) throws(SnapshotDamage) in
                try SnapshotPoint(header: raw)
            }
        } catch {
            storage.close(file)
            throw error
        }
    }

    package func close() { storage.close(file) }

    /// The journal's part: leaves whose tree has the snapshot's root, and key slots. Once, before the application's.
    package mutating func start() throws -> JournalStart {
        let tree = LeafTree(MerkleHasher(point.algorithm))
        var (keys, leaves): ([KeyRange], UInt64) = ([], 0)
        reading: while true {
            guard let (kind, payload) = try next() else { break }
            switch kind {
            case .leaves:
                leaves += UInt64(payload.count / Digest.length)
                guard payload.count % Digest.length == 0, leaves <= point.sequence else {
                    throw SnapshotDamage("more leaves than the tree has")
                }
                _ = tree.append(
                    payload.withUnsafeBytes { raw in
                        stride(from: 0, to: raw.count, by: Digest.length).map { raw.digest($0) }
                    })
            case .keySlots: keys += try ranges(payload, after: keys.last)
            case .application:
                held = payload
                break reading
            case .end: break reading
            }
        }
        guard leaves == point.sequence, tree.root(size: point.sequence) == point.root else {
            throw SnapshotDamage("its leaves do not have its root")
        }
        return JournalStart(point: point, tree: tree, keys: keys)
    }

    private func ranges(_ payload: [UInt8], after last: KeyRange?) throws(SnapshotDamage) -> [KeyRange] {
        guard payload.count % 16 == 0 else { throw SnapshotDamage("half a range of key slots") }
        var free = last.map { $0.first + UInt64($0.count) } ?? 0
        var found: [KeyRange] = []
        for at in stride(from: 0, to: payload.count, by: 16) {
            let (first, count) = payload.withUnsafeBytes { ($0.u64(at), $0.u64(at + 8)) }
            guard first >= free, count > 0, count <= UInt64(JournalLimits.groupKeys),
                first <= point.nextKeySlot,
                first + count <= point.nextKeySlot
            else { throw SnapshotDamage("a range of key slots out of place") }
            free = first + count
            found.append(KeyRange(first: first, count: UInt32(count)))
        }
        return found
    }

    /// The application's next piece; nil at the end, which must stand there.
    package mutating func piece() throws -> [UInt8]? {
        if let first = held {
            held = nil
            return first
        }
        guard let (kind, payload) = try next() else { return nil }
        guard kind == .application else { throw SnapshotDamage("a block out of place") }
        return payload
    }

    /// The next block; nil after the end, behind which the file must end.
    private mutating func next() throws -> (SnapshotFile.Kind, [UInt8])? {
        if ended { return nil }
        let header = try read(SnapshotFile.blockHeader)
        let (length, number) = header.withUnsafeBytes { (Int($0.u32(4)), $0.u32(12)) }
        guard length <= JournalLimits.snapshotBlock, number == block,
            let kind = SnapshotFile.Kind(rawValue: header.withUnsafeBytes { $0.u32(8) })
        else { throw SnapshotDamage("offset \(offset): no block") }
        let whole = try read(SnapshotFile.blockHeader + length)
        guard whole.withUnsafeBytes({ $0.u32(0) == $0.crc32c(4, $0.count) }) else {
            throw SnapshotDamage("offset \(offset): the checksum of block \(block)")
        }
        offset += whole.count
        block &+= 1
        guard kind == .end else { return (kind, Array(whole.dropFirst(SnapshotFile.blockHeader))) }
        guard length == 0, offset == size else { throw SnapshotDamage("bytes after its end") }
        ended = true
        return nil
    }

    private func read(_ count: Int) throws -> [UInt8] {
        let bytes = try storage.readAll(file, count: count, at: offset)
        guard bytes.count == count else { throw SnapshotDamage("it ends too early") }
        return bytes
    }
}
