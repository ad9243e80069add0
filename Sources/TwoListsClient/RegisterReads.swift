public import Schema

/// What is counted and compared of the registers of batches. See `Protocol/twolists/v1/batch.proto`.
extension TwoListsClient {
    /// The figures of a year, from the rows of all registers. For officers of the bureau who do casework.
    public func registerFigures(
        year: Int32, timeout: Duration? = nil
    ) async throws(ClientError) -> RegisterFigures {
        try await unary(
            BatchesService.name, BatchesService.Method.getFigures.rawValue, RegisterFiguresQuery(year: year),
            timeout)
    }

    /// Nodes of a register's tree of digests (BATCH.md 8), in the order of the prefixes asked for.
    public func compare(
        _ query: CompareQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> CompareNodes {
        try await unary(BatchesService.name, BatchesService.Method.compare.rawValue, query, timeout)
    }
}
