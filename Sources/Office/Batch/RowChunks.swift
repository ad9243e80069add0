internal import Crypto
internal import Exchange

/// Whole canonical rows packed together, each behind its length (u32, little endian): what is digested, sent and kept in one piece.
package struct RowChunk: Sendable, Hashable {
    package let bytes: [UInt8]
    package let rows: UInt32
    package let sha256: [UInt8]

    init(_ bytes: [UInt8], rows: Int) {
        self.bytes = bytes
        self.rows = UInt32(clamping: rows)
        sha256 = Digest(of: bytes).bytes
    }
}

/// Why rows cannot be packed, or not as they were before.
package enum ChunkFault: Error, Sendable, Hashable {
    /// A row that no chunk holds.
    case rowTooLong(row: Int)
    case tooManyRows
    case tooManyChunks
    /// The file says something else than when it was checked.
    case changed
}

/// Fills a chunk until the next row would not fit. So the same rows make the same chunks, whoever packs them, and what was sent before a break is
/// known by its digests.
struct ChunkPacker {
    private var open: [UInt8] = []
    private var rows = 0

    /// Takes a row; gives the chunk that it did not fit into any more.
    mutating func add(_ row: [UInt8], number: Int) throws(ChunkFault) -> RowChunk? {
        guard row.count + 4 <= BatchLimits.chunkBytes else { throw .rowTooLong(row: number) }
        let full = open.count + row.count + 4 > BatchLimits.chunkBytes ? finish() : nil
        let count = UInt32(truncatingIfNeeded: row.count)
        for shift in [0, 8, 16, 24] as [UInt32] { open.append(UInt8(truncatingIfNeeded: count >> shift)) }
        open.append(contentsOf: row)
        rows += 1
        return full
    }

    /// The rest; nil: there is none.
    mutating func finish() -> RowChunk? {
        guard rows > 0 else { return nil }
        defer {
            open = []
            open.reserveCapacity(BatchLimits.chunkBytes)
            rows = 0
        }
        return RowChunk(open, rows: rows)
    }
}

/// The good rows of a file, chunk by chunk, as they are asked for: what is held is a row and a chunk.
package protocol ChunkSource: AnyObject {
    /// Nil behind the last.
    func next() throws(ChunkFault) -> RowChunk?
    /// Of what was read so far; whole behind the last chunk.
    var report: TableReport { get }
}

/// A class, because it is asked from between waits, and what it reads may be uncopyable.
final class CheckedChunks<Source: TableSource>: ChunkSource {
    private var check: TableCheck<Source>
    private var packer = ChunkPacker()

    init(_ check: TableCheck<Source>) { self.check = check }

    var report: TableReport { check.report }

    func next() throws(ChunkFault) -> RowChunk? {
        while check.nextGood() {
            if let chunk = try packer.add(check.checker.canonical, number: check.number) { return chunk }
        }
        return packer.finish()
    }
}
