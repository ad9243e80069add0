import Office
import Schema
import TwoListsClient

/// The chunks of a waiting batch or attachment go before its command.
extension Session {
    /// Asked of the server at a time: a query of 32 KiB.
    private static let askedAtOnce = 1000

    func upload(_ envelope: Envelope) async throws(ClientError) {
        guard let id = envelope.chunksOf else { return }
        let batch: OutboxBatch?
        do throws(FileError) { batch = try outbox.batch(id: id) } catch {
            throw .notReadable(error, language)
        }
        // Without its chunks the command is sent all the same: the server may have them.
        guard let batch else { return }
        try await upload(batch)
    }

    private func upload(_ batch: OutboxBatch) async throws(ClientError) {
        var missing: [Int] = []
        for first in stride(from: 0, to: batch.count, by: Self.askedAtOnce) {
            let numbers = first..<min(first + Self.askedAtOnce, batch.count)
            let stored = try await client.storedChunks(
                of: batch.id, numbers.map { batch.manifest.chunks[$0].sha256 }, timeout: timeout)
            missing += zip(numbers, stored).filter { !$1 }.map(\.0)
            try? batch.acknowledge(zip(numbers, stored).filter(\.1).map(\.0))
        }
        for number in missing {
            let chunk: [UInt8]
            do throws(FileError) { chunk = try batch.chunk(number) } catch {
                throw .notReadable(error, language)
            }
            try await client.putChunk(chunk, of: batch.id, timeout: timeout)
            try? batch.acknowledge([number])
        }
        try await client.putChunk(batch.manifestBytes, of: batch.id, isManifest: true, timeout: timeout)
    }
}

extension ClientError {
    fileprivate static func notReadable(_ error: FileError, _ language: Language) -> ClientError {
        ClientError(.client, .call, .badCommand, detail: error.text(language))
    }
}
