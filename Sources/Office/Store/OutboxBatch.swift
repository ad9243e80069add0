import Crypto
package import Schema
import Wire

/// Chunks that wait in the outbox beside the command that hands them over: of a batch, or of an attachment.
///
///     ID.chunks/      0700; ID: 32 hex digits, of the batch or the attachment
///         000000 …    the chunks in their order, 0600, each exactly as it goes over the line
///         manifest    the encoded BatchManifest
///         stored      numbers of the chunks that were acknowledged, u32 little endian each, in any order
///
/// Written as `.ID.chunks.tmp` and renamed when whole; the command is saved after that, so it never stands without its chunks. `stored` is a
/// word for whoever looks at the outbox without a connection, and is not synced: what the server has, it says itself (`Batches/GetStored`).
package struct OutboxBatch: Sendable {
    package let id: [UInt8]
    package let folder: String
    package let manifest: BatchManifest
    /// The bytes that the command has the digest of.
    package let manifestBytes: [UInt8]
    private let storage: any OutboxStorage

    static let manifestName = "manifest"
    static let storedName = "stored"
    private static let numberBytes = 4

    init(id: [UInt8], folder: String, storage: any OutboxStorage) throws(FileError) {
        self.id = id
        self.folder = folder
        self.storage = storage
        let path = folder + "/" + Self.manifestName
        manifestBytes = try storage.read(path)
        do { manifest = try BatchManifest(decoding: manifestBytes) } catch {
            throw FileError(path, Text("文件已损坏(\(error))", "it is damaged (\(error))"))
        }
    }

    static func chunkName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    package var count: Int { manifest.chunks.count }
    package var bytes: UInt64 { manifest.chunks.reduce(0) { $0 + UInt64($1.bytes) } }
    package var manifestDigest: [UInt8] { Digest(of: manifestBytes).bytes }

    /// A chunk by its place, from 0. One that is not what the manifest says is never handed out.
    package func chunk(_ number: Int) throws(FileError) -> [UInt8] {
        let path = folder + "/" + Self.chunkName(number)
        guard manifest.chunks.indices.contains(number) else {
            throw FileError(path, Text("没有这一块", "there is no such chunk"))
        }
        let bytes = try storage.read(path)
        guard Digest(of: bytes).bytes == manifest.chunks[number].sha256 else {
            throw FileError(path, Text("文件已损坏，与清单不符", "it is damaged: not what the manifest says"))
        }
        return bytes
    }

    /// What is known here to be on the server's disc.
    package var acknowledged: Set<Int> {
        let bytes = (try? storage.read(folder + "/" + Self.storedName)) ?? []
        var numbers: Set<Int> = []
        for start in stride(from: 0, to: bytes.count - Self.numberBytes + 1, by: Self.numberBytes) {
            let number = bytes[start..<start + Self.numberBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
            if number < count { numbers.insert(number) }
        }
        return numbers
    }

    /// Notes that the server answered for chunks.
    package func acknowledge(_ numbers: some Sequence<Int>) throws(FileError) {
        var bytes: [UInt8] = []
        for number in numbers {
            for shift in 0..<Self.numberBytes {
                bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift)))
            }
        }
        try storage.append(bytes, to: folder + "/" + Self.storedName)
    }
}

/// Writes the chunks of one batch one after the other, so that a file of any size needs the memory of a chunk.
///
///     var writer = try outbox.newBatch(id: batch)
///     for each chunk { try writer.add(chunk, rows: n) }
///     let waiting = try writer.finish()          // waiting.manifestDigest goes into the command
///     try outbox.save(signed, id: commandID)     // from here on it waits
package struct OutboxBatchWriter: Sendable {
    private let id: [UInt8]
    private let outbox: Outbox
    private let storage: any OutboxStorage
    private var manifest = BatchManifest()

    init(id: [UInt8], outbox: Outbox, storage: any OutboxStorage) throws(FileError) {
        self.id = id
        self.outbox = outbox
        self.storage = storage
        try storage.makeFolder(outbox.folder)
        try storage.removeFolder(temporary)
        try storage.makeFolder(temporary)
    }

    private var temporary: String { outbox.folder + "/" + Outbox.temporaryChunks(of: id) }

    package mutating func add(_ chunk: [UInt8], rows: Int = 0) throws(FileError) {
        try storage.write(chunk, to: temporary + "/" + OutboxBatch.chunkName(manifest.chunks.count))
        manifest.chunks.append(
            BatchChunk(
                sha256: Digest(of: chunk).bytes, bytes: UInt32(clamping: chunk.count),
                rows: UInt32(clamping: rows)))
    }

    /// The folder is whole and safe on disc when this returns. What lay there under the same id is replaced.
    package func finish() throws(FileError) -> OutboxBatch {
        let final = outbox.folder + "/" + Outbox.chunks(of: id)
        try storage.write(manifest.encoded(), to: temporary + "/" + OutboxBatch.manifestName)
        try storage.syncFolder(temporary)
        try storage.removeFolder(final)
        try storage.rename(temporary, final)
        try storage.syncFolder(outbox.folder)
        return try OutboxBatch(id: id, folder: final, storage: storage)
    }

    /// Takes away what was written, when it is not to be queued after all.
    package func abandon() throws(FileError) { try storage.removeFolder(temporary) }
}
