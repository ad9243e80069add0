import BureauTestSupport
import Crypto
import Journal
import Synchronization
import Testing
import Wire

@testable import Bureau

/// A disk that notes of each file how much was written at once, and how much lay in the cache when it was synced.
private final class WatchedStorage: Storage {
    struct Seen: Sendable {
        var largestWrite = 0
        var unsent = 0
        var largestUnsent = 0
        var bytes = 0
    }
    private struct State {
        var names: [StorageFile: String] = [:]
        var seen: [String: Seen] = [:]
    }

    private let below: any Storage
    private let state = Mutex(State())

    init(_ below: any Storage) { self.below = below }

    func seen(_ prefix: String) -> Seen? {
        state.withLock { state in state.seen.first { $0.key.hasPrefix(prefix) }?.value }
    }

    private func note(_ file: StorageFile, _ change: (inout Seen) -> Void) {
        state.withLock { state in
            guard let name = state.names[file] else { return }
            change(&state.seen[name, default: Seen()])
        }
    }

    var path: String { below.path }
    func list() throws(StorageError) -> [String] { try below.list() }
    func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> StorageFile {
        let file = try below.open(name, mode)
        state.withLock { $0.names[file] = name }
        return file
    }
    func close(_ file: StorageFile) { below.close(file) }
    func size(_ file: StorageFile) throws(StorageError) -> Int { try below.size(file) }
    func read(_ file: StorageFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    { try below.read(file, into: buffer, at: offset) }
    func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError)
        -> Int
    {
        let count = try below.write(file, bytes, at: offset)
        note(file) { seen in
            seen.largestWrite = max(seen.largestWrite, bytes.count)
            seen.bytes += count
            seen.unsent += count
            seen.largestUnsent = max(seen.largestUnsent, seen.unsent)
        }
        return count
    }
    func pushOut(_ file: StorageFile, at offset: Int, count: Int) { note(file) { $0.unsent -= count } }
    func sync(_ file: StorageFile) throws(StorageError) {
        try below.sync(file)
        note(file) { $0.unsent = 0 }
    }
    func truncate(_ file: StorageFile, to size: Int) throws(StorageError) {
        try below.truncate(file, to: size)
    }
    func rename(_ from: String, to: String) throws(StorageError) { try below.rename(from, to: to) }
    func unlink(_ name: String) throws(StorageError) { try below.unlink(name) }
    func syncDirectory() throws(StorageError) { try below.syncDirectory() }
    func lock(_ name: String) throws(StorageError) -> StorageFile { try below.lock(name) }
    func spaceLeft() throws(StorageError) -> Int { try below.spaceLeft() }
    func subdirectory(_ name: String) throws(StorageError) -> any Storage { try below.subdirectory(name) }
}

@Suite("Files that grow beside casework go out in pieces: no sync of the journal waits for megabytes")
struct PieceTests {
    private let disk = WatchedStorage(SimulatedDisk(seed: 1).root)

    private func expectPieces(_ prefix: String, atLeast bytes: Int) throws {
        let seen = try #require(disk.seen(prefix), "\(prefix)")
        #expect(seen.bytes >= bytes, "\(prefix): too little for this test to mean anything")
        #expect(seen.largestWrite <= JournalLimits.writtenAtOnce, "\(prefix)")
        #expect(
            seen.largestUnsent <= JournalLimits.pushedOut,
            "\(prefix): use Storage.writeOut for what grows beside casework")
        #expect(seen.unsent == 0, "\(prefix)")
    }

    @Test(
        "to the byte, at a piece and beside it",
        arguments: [
            0, 1, JournalLimits.writtenAtOnce, JournalLimits.writtenAtOnce + 1, JournalLimits.pushedOut,
            JournalLimits.pushedOut + 1, 3 * JournalLimits.pushedOut - 1,
        ])
    func bytes(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try disk.open("a", .create)
        try disk.writeOut(file, [7, 7, 7], at: 0)
        try disk.writeOut(file, bytes, at: 3)
        #expect(try disk.readAll(file, count: count + 10, at: 0) == [7, 7, 7] + bytes)
        try expectPieces("a", atLeast: count + 3)
    }

    @Test("a spare segment")
    func spare() throws {
        let file = try disk.open("spare", .create)
        try disk.fillWithZeros(file, from: 4096, to: 1 << 20)
        try expectPieces("spare", atLeast: (1 << 20) - 4096)
    }

    @Test("the file of rows of a batch, and a chunk")
    func batch() throws {
        let keys = try FileKeyRing(
            try disk.subdirectory("keys"), storeID: ID128(high: 1, low: 2), entropy: World(seed: 3).entropy)
        let writer = try RowFileWriter(disk, batch: ID128(high: 3, low: 4))
        let key = try keys.keyOrNew(ID128(high: 5, low: 6))
        for number in 1...200 {
            try writer.add(
                [UInt8](repeating: 1, count: 4_000), number: UInt32(number), print: ID128(high: 7, low: 8),
                subject: ID128(high: 5, low: 6), content: 9, key: key, nonce: try keys.nonce())
        }
        _ = try writer.finish()
        try expectPieces(RowFileWriter.prefix, atLeast: 800_000)

        let shelf = try ChunkShelf(disk, keys)
        _ = try shelf.put(
            ID128(high: 10, low: 11), party: "bureau", [UInt8](repeating: 2, count: 256 << 10),
            isManifest: false, day: 1)
        try shelf.settle()
        try expectPieces("put-", atLeast: 256 << 10)
    }
}
