internal import Crypto
package import Exchange
package import Schema
internal import Wire

/// The limits of sending.
package enum BatchSendLimits {
    /// Bytes of chunks that are held from checking on, so that a file of usual size is read once: twice the year's largest table. A larger one is
    /// read again, chunk by chunk, and takes no more memory.
    package static let heldBytes = 16 << 20
    /// Chunks put and not yet answered: enough to fill a line of 100 Mbit/s at 50 ms.
    package static let inFlight = 4
    /// Digests asked after at once; the schema allows twice as many.
    package static let digestsAsked = 4_096
    /// ns between two looks at how far a batch is, at most.
    package static let longestWait = 2_000_000_000
}

/// A file that was checked whole and is ready to be sent: nothing is sent before every row was looked at.
package struct PreparedBatch: Sendable {
    package let kind: BatchKind
    package let report: TableReport
    package let manifest: BatchManifest
    package let manifestBytes: [UInt8]
    package let manifestDigest: [UInt8]
    /// All of them, when they are few enough to be held.
    package let held: [RowChunk]?

    package var bytes: Int { manifest.chunks.reduce(0) { $0 + Int($1.bytes) } }

    /// Reads to the end.
    ///
    /// - Parameters:
    ///   - hold: bytes of chunks to hold at most, as `BatchFile.heldBytes` says.
    ///   - tell: called with the number of rows looked at, now and then.
    package init(
        _ chunks: any ChunkSource, hold: Int, tell: (Int) -> Void = { _ in }
    ) throws(ChunkFault) {
        var (manifest, held, size) = (BatchManifest(), [RowChunk](), 0)
        while let chunk = try chunks.next() {
            guard manifest.chunks.count < BatchLimits.chunks else { throw .tooManyChunks }
            manifest.chunks.append(
                BatchChunk(sha256: chunk.sha256, bytes: UInt32(clamping: chunk.bytes.count), rows: chunk.rows)
            )
            size += chunk.bytes.count
            if size <= hold { held.append(chunk) } else { held = [] }
            tell(chunks.report.rows)
        }
        report = chunks.report
        guard report.totals.rows <= UInt64(BatchLimits.batchRows) else { throw .tooManyRows }
        kind = report.kind
        self.manifest = manifest
        self.held = size <= hold ? held : nil
        manifestBytes = manifest.encoded()
        manifestDigest = Digest(of: manifestBytes).bytes
    }

    /// The command that says all of it is stored.
    func command(_ underWay: BatchUnderWay) -> SubmitBatch {
        SubmitBatch(
            kind: kind.code, version: kind.version, mode: underWay.mode, number: underWay.number,
            period: underWay.period, manifest: manifestDigest, rows: report.totals.rows,
            bytes: report.totals.bytes,
            sums: zip(kind.sums, report.totals.sums).map { ControlSum(field: kind.fields[$0].code, sum: $1) },
            fileName: underWay.fileName)
    }
}
