import Crypto
import Foundation
import Schema
import TestSupport
import Testing
import Wire

@testable import Office

@Suite("Chunks wait in the outbox whole or not at all")
struct OutboxBatchTests {
    private let id = [UInt8](repeating: 7, count: 16)
    private let chunks: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 262_144)]

    private func written(in outbox: Outbox) throws -> OutboxBatch {
        var writer = try outbox.newBatch(id: id)
        for (number, chunk) in chunks.enumerated() { try writer.add(chunk, rows: number) }
        return try writer.finish()
    }

    /// A submit_batch whose chunks are the folder's.
    private func command() -> (SignedEnvelope, [UInt8]) {
        let commandID = [UInt8](repeating: 8, count: 16)
        let envelope = Envelope(
            id: commandID, target: id, command: Command(body: .submitBatch(SubmitBatch(kind: "training"))))
        return (SignedEnvelope(envelope: envelope.encoded()), commandID)
    }

    @Test("written, found again, read by number, removed with its command")
    func roundTrip() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path + "/a.outbox")
        #expect(try outbox.batch(id: id) == nil)
        let batch = try written(in: outbox)
        #expect(batch.count == 3 && batch.bytes == 262_147)
        #expect(batch.manifest.chunks.map(\.rows) == [0, 1, 2])
        #expect(batch.manifestDigest == Digest(of: batch.manifest.encoded()).bytes)
        let (signed, commandID) = command()
        try outbox.save(signed, id: commandID)
        let again = try #require(try outbox.batch(id: id))
        for (number, chunk) in chunks.enumerated() { #expect(try again.chunk(number) == chunk) }
        #expect(throws: FileError.self) { try again.chunk(3) }
        #expect(throws: FileError.self) { try again.chunk(-1) }
        #expect(outbox.content().entries.map(\.envelope.chunksOf) == [id])
        try outbox.remove(id: commandID)
        #expect(try FileManager.default.contentsOfDirectory(atPath: outbox.folder).isEmpty)
    }

    @Test("what was acknowledged is known again, half a note of it is passed over")
    func acknowledged() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path)
        let batch = try written(in: outbox)
        #expect(batch.acknowledged.isEmpty)
        try batch.acknowledge([2])
        try batch.acknowledge([0, 77])
        #expect(try outbox.batch(id: id)?.acknowledged == [0, 2])
        let path = batch.folder + "/" + OutboxBatch.storedName
        try FileOutboxStorage().append([1, 0], to: path)
        #expect(try outbox.batch(id: id)?.acknowledged == [0, 2])
    }

    @Test("a chunk that was changed is not handed out, nor is a manifest that cannot be read")
    func damaged() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path)
        let batch = try written(in: outbox)
        try FileOutboxStorage().write([1, 2, 4], to: batch.folder + "/000000")
        #expect(throws: FileError.self) { try batch.chunk(0) }
        #expect(try batch.chunk(1) == [])
        try FileOutboxStorage().write([0xff], to: batch.folder + "/manifest")
        #expect(throws: FileError.self) { try outbox.batch(id: id) }
    }

    @Test("cut short at any step there is the whole folder or none, and beginning again gives it")
    func crash() throws {
        var steps = 0
        var wasWhole = false
        while !wasWhole {
            let folder = try TemporaryDirectory("outbox")
            let crashing = Outbox(folder: folder.path, storage: CrashingStorage(steps: steps))
            wasWhole = (try? written(in: crashing)) != nil
            let outbox = Outbox(folder: folder.path)
            if let batch = try outbox.batch(id: id) {
                for (number, chunk) in chunks.enumerated() { #expect(try batch.chunk(number) == chunk) }
            }
            #expect(try written(in: outbox).count == 3)
            steps += 1
        }
        #expect(steps > 8)
    }

    @Test("an abandoned folder goes once it is a day old, one whose command waits does not")
    func abandoned() throws {
        let folder = try TemporaryDirectory("outbox")
        let outbox = Outbox(folder: folder.path)
        _ = try written(in: outbox)
        let (signed, commandID) = command()
        try outbox.save(signed, id: commandID)
        var other = try outbox.newBatch(id: [UInt8](repeating: 6, count: 16))
        try other.add([1])
        _ = try other.finish()
        _ = try outbox.newBatch(id: [UInt8](repeating: 5, count: 16))
        // An id whose time is far behind those above.
        let late: [UInt8] = [UInt8](repeating: 0x70, count: 16)
        let withdrawal = Command(body: .withdrawRequest(WithdrawRequest(reason: "r")))
        let last = Envelope(id: late, command: withdrawal)
        try outbox.save(SignedEnvelope(envelope: last.encoded()), id: late)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == [Outbox.chunks(of: id), Outbox.name(of: commandID), Outbox.name(of: late)])
    }
}
