internal import CLinux
internal import Crypto
internal import Journal

/// The file in which the rows lie that a batch brought (BATCH.md 5): named by the SHA-256 of its bytes, which stands in the journal.
///
///     head, off  size  field (little endian)
///            0    8    magic "TLROWS1" 0
///            8   16    batch id
///     row,  off  size
///            0    4    bytes of the sealed row
///            4    4    number of the row in the batch, from 1
///            8   16    print of its key
///           24   16    subject: whose key seals it
///           40    8    print of its content: equal rows are told without opening them
///           48    n    sealed row
///
/// The sealed row is bound to batch and head (associated data), so that rows cannot change places. Whoever has no keys can count rows and see which ones have
/// the same key, and no more.
enum RowFile {
    static let magic: UInt64 = 0x0031_5357_4F52_4C54  // "TLROWS1\0"
    static let headBytes = 24
    static let rowHeadBytes = 48

    static func name(_ digest: [UInt8]) -> String { "rows-\(Hex.encode(digest))" }

    struct Head {
        var sealedBytes: Int
        var number: UInt32
        var key: ID128
        var subject: ID128
        var content: UInt64

        var bytes: [UInt8] {
            var out: [UInt8] = []
            out.reserveCapacity(RowFile.rowHeadBytes)
            append(UInt32(truncatingIfNeeded: sealedBytes), &out)
            append(number, &out)
            out += key.bytes
            out += subject.bytes
            append(content, &out)
            return out
        }

        private func append<N: FixedWidthInteger>(_ number: N, _ out: inout [UInt8]) {
            withUnsafeBytes(of: number.littleEndian) { out.append(contentsOf: $0) }
        }

        init(sealedBytes: Int, number: UInt32, key: ID128, subject: ID128, content: UInt64) {
            self.sealedBytes = sealedBytes
            self.number = number
            self.key = key
            self.subject = subject
            self.content = content
        }

        /// Nil: the bytes end before the head does.
        init?(_ bytes: [UInt8], at: Int) {
            guard at >= 0, at + RowFile.rowHeadBytes <= bytes.count,
                let key = ID128(bytes[(at + 8)..<(at + 24)]),
                let subject = ID128(bytes[(at + 24)..<(at + 40)])
            else { return nil }
            sealedBytes = Int(Self.number(bytes, at, 4))
            number = UInt32(truncatingIfNeeded: Self.number(bytes, at + 4, 4))
            self.key = key
            self.subject = subject
            content = Self.number(bytes, at + 40, 8)
        }

        private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
        }
    }
}

/// Writes a file of rows piece by piece, and gives its digest.
final class RowFileWriter {
    private let storage: any Storage
    private let file: StorageFile
    private let temporary: String
    private let batch: [UInt8]
    private let digest: IncrementalDigest
    private var buffer: [UInt8] = []
    private var offset = 0
    private(set) var rows = 0

    static let prefix = "checking-"

    init(_ storage: any Storage, batch: ID128) throws {
        self.storage = storage
        self.batch = batch.bytes
        temporary = Self.prefix + Hex.encode(batch.bytes)
        file = try storage.open(temporary, .create)
        digest = try IncrementalDigest()
        withUnsafeBytes(of: RowFile.magic.littleEndian) { buffer.append(contentsOf: $0) }
        buffer += self.batch
    }

    func add(
        _ row: [UInt8], number: UInt32, print: ID128, subject: ID128, content: UInt64, key: SealKey,
        nonce: [UInt8]
    ) throws {
        let head = RowFile.Head(
            sealedBytes: row.count + Sealed.overhead, number: number, key: print, subject: subject,
            content: content
        ).bytes
        buffer += head
        buffer += try key.seal(row, nonce: nonce, aad: batch + head)
        rows += 1
        if buffer.count >= BatchWorkLimits.pieceBytes { try flush() }
    }

    private func flush() throws {
        digest.update(buffer)
        try storage.writeOut(file, buffer, at: offset)
        offset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// On disc under its own name when it returns; the digest is the name.
    func finish() throws -> [UInt8] {
        try flush()
        try storage.sync(file)
        storage.close(file)
        let name = digest.finish().bytes
        try storage.rename(temporary, to: RowFile.name(name))
        try storage.syncDirectory()
        return name
    }

    func abandon() {
        storage.close(file)
        try? storage.unlink(temporary)
    }
}

/// Reads a file of rows in order, in the memory of a piece.
final class RowFileReader {
    private let storage: any Storage
    private let file: StorageFile
    private let size: Int
    private var buffer: [UInt8] = []
    private var at = 0
    /// Of `buffer`'s first byte.
    private var base = 0

    struct Damaged: Error { let name: String }
    private let name: String

    init(_ storage: any Storage, digest: [UInt8]) throws {
        self.storage = storage
        name = RowFile.name(digest)
        file = try storage.open(name, .read)
        size = try storage.size(file)
        try fill(RowFile.headBytes)
        at = RowFile.headBytes
    }

    deinit { storage.close(file) }

    /// The next row's head and where its sealed bytes begin; nil at the end.
    func next() throws -> (head: RowFile.Head, offset: Int)? {
        clinux_give_way()
        guard base + at < size else { return nil }
        try fill(RowFile.rowHeadBytes)
        guard let head = RowFile.Head(buffer, at: at), head.sealedBytes >= Sealed.overhead,
            head.sealedBytes <= size - base - at - RowFile.rowHeadBytes
        else { throw Damaged(name: name) }
        let offset = base + at + RowFile.rowHeadBytes
        at += RowFile.rowHeadBytes
        skipped = head.sealedBytes
        defer { at += head.sealedBytes }
        return (head, offset)
    }

    private var skipped = 0

    /// The sealed bytes of the row `next` gave last.
    func sealed() throws -> [UInt8] {
        at -= skipped
        try fill(skipped)
        defer { at += skipped }
        return Array(buffer[at..<(at + skipped)])
    }

    /// Makes `count` bytes from `at` on lie in the buffer.
    private func fill(_ count: Int) throws {
        guard at + count > buffer.count else { return }
        base += at
        buffer = try storage.readAll(file, count: max(count, BatchWorkLimits.pieceBytes), at: base)
        at = 0
        guard buffer.count >= count else { throw Damaged(name: name) }
    }

    /// One row anywhere in the file.
    static func sealed(_ storage: any Storage, _ file: StorageFile, _ offset: Int) throws -> (
        RowFile.Head, [UInt8]
    ) {
        let head = try storage.readAll(file, count: RowFile.rowHeadBytes, at: offset - RowFile.rowHeadBytes)
        guard let read = RowFile.Head(head, at: 0), read.sealedBytes <= 2 << 20 else {
            throw Damaged(name: "a file of rows")
        }
        let sealed = try storage.readAll(file, count: read.sealedBytes, at: offset)
        guard sealed.count == read.sealedBytes else { throw Damaged(name: "a file of rows") }
        return (read, sealed)
    }
}
