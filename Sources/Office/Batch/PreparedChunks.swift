package import Schema
internal import Wire

/// The chunks of a prepared batch by their places: those that are held, or of the file read again, which must be what it was.
struct PreparedChunks {
    private let manifest: BatchManifest
    private let held: [RowChunk]?
    private let file: (any ChunkSource)?
    private var place = 0

    init(
        _ prepared: PreparedBatch, _ again: () throws(FileError) -> any ChunkSource
    ) throws(BatchSender.Failure) {
        manifest = prepared.manifest
        held = prepared.held
        guard held == nil else {
            file = nil
            return
        }
        do throws(FileError) { file = try again() } catch { throw .file(error) }
    }

    mutating func next() throws(ChunkFault) -> (Int, RowChunk)? {
        guard let chunk = try nextChunk() else { return nil }
        defer { place += 1 }
        return (place, chunk)
    }

    private func nextChunk() throws(ChunkFault) -> RowChunk? {
        guard let held else { return try fromFile() }
        return place < held.count ? held[place] : nil
    }

    private func fromFile() throws(ChunkFault) -> RowChunk? {
        guard let file else { return nil }
        let chunk = try file.next()
        let expected = place < manifest.chunks.count ? manifest.chunks[place].sha256 : nil
        guard chunk?.sha256 == expected else { throw .changed }
        return chunk
    }
}

extension BatchSender {
    /// Puts a batch into the outbox, whole: what waits there is sent by itself when there is a line, and what the server has of it is not sent again.
    ///
    /// - Returns: the command, which is in the outbox now.
    package func queue(
        _ prepared: PreparedBatch, as batch: BatchUnderWay, in outbox: Outbox,
        again: () throws(FileError) -> any ChunkSource
    ) throws(Failure) -> SignedEnvelope {
        var chunks = try PreparedChunks(prepared, again)
        let command = try sealed(prepared, batch)
        do {
            var writer = try outbox.newBatch(id: batch.id)
            while let (_, chunk) = try chunks.next() { try writer.add(chunk.bytes, rows: Int(chunk.rows)) }
            _ = try writer.finish()
            try outbox.save(command, id: try Envelope(decoding: command.envelope).id)
            return command
        } catch let error as FileError {
            throw .file(error)
        } catch let fault as ChunkFault {
            throw .chunks(fault)
        } catch {
            throw .file(
                FileError(batch.fileName, Text("命令读不出：\(error)", "its command cannot be read: \(error)")))
        }
    }
}
