import Crypto
import Schema
import Wire

/// Chunks of a batch or an attachment: what the server has, and one more for it.
extension TwoListsClient {
    /// For each digest whether the server has that chunk on disc.
    public func storedChunks(
        of batch: [UInt8], _ digests: [[UInt8]], timeout: Duration? = nil
    ) async throws(ClientError) -> [Bool] {
        let answer: StoredChunks = try await unary(
            BatchesService.name, BatchesService.Method.getStored.rawValue,
            StoredQuery(batch: batch, sha256: digests), timeout)
        return digests.indices.map { number in
            guard number / 8 < answer.stored.count else { return false }
            return answer.stored[number / 8] >> UInt8(number % 8) & 1 == 1
        }
    }

    /// Puts a chunk, or the manifest behind all chunks, on the server's disc; it is there when this returns.
    /// - Parameter party: on whose behalf an officer of the bureau puts what came on a disc; empty: the caller's own.
    public func putChunk(
        _ data: [UInt8], of batch: [UInt8], isManifest: Bool = false, party: String = "",
        timeout: Duration? = nil
    ) async throws(ClientError) {
        let stored: ChunkStored = try await unary(
            BatchesService.name, BatchesService.Method.putChunk.rawValue,
            PutChunkQuery(batch: batch, data: data, isManifest: isManifest, party: party), timeout)
        guard stored.sha256 == Digest(of: data).bytes else {
            throw ClientError(
                .server, .call, .badAnswer, server: configuration.address,
                detail: "another chunk was stored than was sent")
        }
    }
}
