package import Schema
package import TwoListsClient
internal import Wire

/// The server as sending a batch sees it: the client library, or a test's.
package protocol BatchLine: Sendable {
    /// For each digest whether that chunk is stored.
    func stored(_ digests: [[UInt8]], of batch: [UInt8]) async throws(ClientError) -> [Bool]
    /// The chunk is on the server's disc when this returns.
    func put(_ chunk: [UInt8], of batch: [UInt8], isManifest: Bool) async throws(ClientError)
    func seal(_ command: SubmitBatch, batch: [UInt8]) throws(ClientError) -> SignedEnvelope
    func submit(_ envelope: SignedEnvelope) async throws(ClientError) -> CommandAnswer
}

/// Sends what was checked, and goes on where an earlier attempt ended.
///
///     a command was sealed before  →  it is sent again: the server repeats its first answer
///     else                         →  which chunks are stored? put the others, then the manifest, then seal, keep and send the command
package struct BatchSender: Sendable {
    package enum News: Sendable, Hashable {
        /// Before the first chunk of this attempt.
        case begun(stored: Int, of: Int, bytes: Int, ofBytes: Int)
        case put(chunks: Int, bytes: Int)
        case submitting
        /// All of it was sent before: nothing is sent again but the command, whose first answer the server repeats.
        case repeated
    }

    package enum Failure: Error, Sendable {
        case line(ClientError)
        case file(FileError)
        case chunks(ChunkFault)
    }

    private let line: any BatchLine
    private let memory: any BatchMemory
    private let news: @Sendable (News) -> Void

    package init(
        _ line: any BatchLine, _ memory: any BatchMemory, news: @escaping @Sendable (News) -> Void = { _ in }
    ) {
        self.line = line
        self.memory = memory
        self.news = news
    }

    /// - Parameter again: reads the file once more, for one that is too large to be held.
    /// - Returns: the judged answer of the command.
    package func send(
        _ prepared: PreparedBatch, as batch: BatchUnderWay, again: () throws(FileError) -> any ChunkSource
    ) async throws(Failure) -> CommandAnswer {
        if let command = try kept({ () throws(FileError) in try memory.command(of: batch) }),
            let answer = try await repeated(command)
        {
            return answer
        }
        let missing = try await missing(prepared, batch)
        try await put(prepared, batch, missing, again)
        if missing.manifest { try await put(prepared.manifestBytes, batch, isManifest: true) }
        news(.submitting)
        let command = try sealed(prepared, batch)
        return try await called { () async throws(ClientError) in try await line.submit(command) }
    }

    /// The one command of the batch: the first that was sealed stays it.
    func sealed(_ prepared: PreparedBatch, _ batch: BatchUnderWay) throws(Failure) -> SignedEnvelope {
        let fresh: SignedEnvelope
        do throws(ClientError) { fresh = try line.seal(prepared.command(batch), batch: batch.id) } catch {
            throw .line(error)
        }
        return try kept { () throws(FileError) in try memory.keep(fresh, of: batch) }
    }

    /// The first answer again; nil: the server does not have all of the batch any more, so it is sent anew.
    private func repeated(_ command: SignedEnvelope) async throws(Failure) -> CommandAnswer? {
        do throws(ClientError) {
            let answer = try await line.submit(command)
            news(.repeated)
            return answer
        } catch {
            guard case .status(let status) = error.reason, status.code == .failedPrecondition else {
                throw .line(error)
            }
            return nil
        }
    }

    // MARK: Chunks

    private struct Missing {
        var chunks: Set<Int> = []
        var manifest = true
    }

    private func missing(_ prepared: PreparedBatch, _ batch: BatchUnderWay) async throws(Failure) -> Missing {
        let digests = prepared.manifest.chunks.map(\.sha256) + [prepared.manifestDigest]
        var missing = Missing()
        for first in stride(from: 0, to: digests.count, by: BatchSendLimits.digestsAsked) {
            let asked = Array(digests[first..<min(first + BatchSendLimits.digestsAsked, digests.count)])
            let told = try await called { () async throws(ClientError) in
                try await line.stored(asked, of: batch.id)
            }
            for (place, isStored) in zip(first..., told) where !isStored && place < digests.count - 1 {
                missing.chunks.insert(place)
            }
            if first + asked.count == digests.count { missing.manifest = told.last != true }
        }
        let left = missing.chunks.reduce(0) { $0 + Int(prepared.manifest.chunks[$1].bytes) }
        news(
            .begun(
                stored: prepared.manifest.chunks.count - missing.chunks.count,
                of: prepared.manifest.chunks.count, bytes: prepared.bytes - left, ofBytes: prepared.bytes))
        return missing
    }

    /// Up to `inFlight` at once; the next is read while they are on their way.
    private func put(
        _ prepared: PreparedBatch, _ batch: BatchUnderWay, _ missing: Missing,
        _ again: () throws(FileError) -> any ChunkSource
    ) async throws(Failure) {
        guard !missing.chunks.isEmpty else { return }
        var source = try PreparedChunks(prepared, again)
        do {
            try await withThrowingTaskGroup(of: Int.self) { group in
                var (open, done, sent) = (0, 0, 0)
                while let (index, chunk) = try source.next() {
                    guard missing.chunks.contains(index) else { continue }
                    if open == BatchSendLimits.inFlight, let bytes = try await group.next() {
                        (open, done, sent) = (open - 1, done + 1, sent + bytes)
                        news(.put(chunks: done, bytes: sent))
                    }
                    group.addTask { try await putOne(chunk, batch) }
                    open += 1
                }
                while let bytes = try await group.next() {
                    (done, sent) = (done + 1, sent + bytes)
                    news(.put(chunks: done, bytes: sent))
                }
            }
        } catch let failure as Failure {
            throw failure
        } catch let fault as ChunkFault {
            throw .chunks(fault)
        } catch {
            throw .line(ClientError(.client, .call, .cancelled, detail: "\(error)"))
        }
    }

    private func putOne(_ chunk: RowChunk, _ batch: BatchUnderWay) async throws(Failure) -> Int {
        try await put(chunk.bytes, batch, isManifest: false)
        return chunk.bytes.count
    }

    private func put(_ bytes: [UInt8], _ batch: BatchUnderWay, isManifest: Bool) async throws(Failure) {
        try await called { () async throws(ClientError) in
            try await line.put(bytes, of: batch.id, isManifest: isManifest)
        }
    }

    // MARK: Errors

    private func called<Value>(
        _ body: () async throws(ClientError) -> Value
    ) async throws(Failure) -> Value {
        do throws(ClientError) { return try await body() } catch { throw .line(error) }
    }

    private func kept<Value>(_ body: () throws(FileError) -> Value) throws(Failure) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
