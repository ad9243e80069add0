import TestSupport
import Testing

@testable import Journal

@Suite("JOURNAL.md 8: a segment in memory is the file, and its zeros take none of it")
struct SegmentImageTests {
    private static let piece = SegmentImage.piece

    private func file(_ bytes: [UInt8]) throws -> any Storage {
        let storage = SimulatedDisk(seed: 1).root
        let file = try storage.open("segment", .create)
        defer { storage.close(file) }
        try storage.writeAll(file, bytes, at: 0)
        return storage
    }

    @Test(
        "whatever stands where: the first, the last, at the edges of pieces, in a piece that is not whole, nothing at all"
    )
    func same() throws {
        var random = SplitMix64(seed: 20_261_128)
        for count in [0, 1, Self.piece - 1, Self.piece, Self.piece + 1, 3 * Self.piece + 77] {
            for _ in 0..<8 {
                var bytes = [UInt8](repeating: 0, count: count)
                for at in [0, Self.piece - 1, Self.piece, count - 1]
                    + (0..<2).map({ _ in Int(random.next() % UInt64(max(1, count))) })
                where bytes.indices.contains(at) && random.next() % 2 == 0 {
                    bytes[at] = UInt8(1 + random.next() % 255)
                }
                let image = try SegmentImage(try file(bytes), "segment")
                #expect(image.count == count && image.bytes(0..<count) == bytes)
                let pieces = stride(from: 0, to: count, by: Self.piece).map {
                    bytes[$0..<min(count, $0 + Self.piece)]
                }
                #expect(image.held == pieces.filter { $0.contains { $0 != 0 } }.map(\.count).reduce(0, +))
            }
        }
    }

    @Test("no more than is asked for of a longer file; one that is not there is an error")
    func limits() throws {
        let storage = try file([UInt8](repeating: 1, count: 100))
        #expect(try SegmentImage(storage, "segment", most: 99).count == 99)
        #expect(try SegmentImage(storage, "segment", most: 101).count == 100)
        #expect(throws: StorageError.self) { try SegmentImage(storage, "other") }
    }

    @Test("a new journal is read in the memory of what stands in it, not of the segment's 64 MiB")
    func newJournal() throws {
        let disk = SimulatedDisk(seed: 2)
        let world = World(seed: 2)
        let options = world.options(segmentSize: 8 << 20)
        let keys = try disk.root.subdirectory("keys")
        try Journal.format(disk.root, keys: keys, options)
        let name = try #require(try disk.root.list().first { $0.hasSuffix(".tlj") })
        let image = try SegmentImage(disk.root, name)
        #expect(image.count == 8 << 20 && image.held <= 2 * Self.piece)
    }
}
