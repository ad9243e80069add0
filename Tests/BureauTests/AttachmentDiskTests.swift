import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("ATTACHMENT.md 2, 5: the server's disk is full while a file is sent")
struct AttachmentDiskTests {
    private let file = SentFile(3, bytes: 2_500)

    private var digests: [[UInt8]] { file.chunks.map { Digest(of: $0).bytes } }

    /// Which chunks the server says it has.
    private func stored(_ town: BatchTown) throws -> Set<Int> {
        let reply = town.call(.getStored, StoredQuery(batch: file.id, sha256: digests), by: "u7l1")
        let bits = try StoredChunks(decoding: try #require(reply.payload)).stored
        return Set(digests.indices.filter { bits[$0 / 8] >> UInt8($0 % 8) & 1 == 1 })
    }

    /// Sends as a client does, a chunk again until it is acknowledged; how many puts were refused.
    private func send(_ town: BatchTown) throws -> Int {
        var refused = 0
        var acknowledged: Set<Int> = []
        for (place, data) in (file.chunks + [file.manifest]).enumerated() {
            let isManifest = place == file.chunks.count
            while true {
                let status = try #require(town.put(data, manifest: isManifest, of: file.id, by: "u7l1"))
                if status.isOK { break }
                #expect(status.code == .unavailable, "\(status)")
                refused += 1
                // What was acknowledged stays; what was refused is not said to be there.
                #expect(try stored(town) == acknowledged)
            }
            if !isManifest { acknowledged.insert(place) }
        }
        return refused
    }

    private func arrives(_ town: BatchTown, _ target: [UInt8], _ what: String) throws {
        #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified, "\(what)")
        for _ in 0..<2 {
            #expect(try town.fetch(file.id, of: target, by: "b1a1").file().bytes == file.bytes, "\(what)")
            #expect(
                try town.disk.root.subdirectory("chunks").list().count == file.chunks.count + 1, "\(what)")
            try town.crash()
            town.settle()
        }
    }

    @Test("no room at any operation: that chunk alone is refused, the others stay, and the file arrives")
    func everyOperation() throws {
        var (operation, total, struck) = (0, Int.max, 0)
        while operation < total {
            let town = try BatchTown(seed: 731)
            town.settle()
            let target = try town.request()
            let first = town.disk.operations
            town.disk.fail(first + operation, .noSpace)
            struck += try send(town)
            if total == .max { total = town.disk.operations - first }
            try arrives(town, target, "operation \(operation)")
            operation += 1
        }
        #expect(total > 12 && struck > 6, "\(total) operations, \(struck) refused")
    }

    @Test(
        "room is kept for the journal: at the reserve a chunk is taken, a byte below it none, and casework goes on"
    )
    func reserve() throws {
        let town = try BatchTown(seed: 732)
        town.settle()
        let target = try town.request()
        town.disk.setCapacity(16 << 30)
        let used = try (16 << 30) - town.disk.root.spaceLeft()
        let needed = used + file.chunks[0].count + BatchWorkLimits.reserveBytes
        town.disk.setCapacity(needed - 1)
        let refused = try #require(town.put(file.chunks[0], of: file.id, by: "u7l1"))
        #expect(refused.code == .unavailable && refused == .noRoomForBatches)
        #expect(try stored(town).isEmpty)
        #expect(try town.request() != target)
        town.disk.setCapacity(needed)
        // The request just filed took room of its own.
        let more = try (needed - town.disk.root.spaceLeft()) - used
        town.disk.setCapacity(needed + more)
        #expect(town.put(file.chunks[0], of: file.id, by: "u7l1")?.isOK == true)
        town.disk.setCapacity(16 << 30)
        #expect(try send(town) == 0)
        try arrives(town, target, "with room")
    }
}
