public import Schema
internal import Wire

/// Batches between agencies: what is put before a batch is submitted, and what is read of it. See `Protocol/twolists/v1/batch.proto`.
extension TwoListsClient {
    /// The kinds of batches that are loaded, and the lists of names they refer to.
    public func batchKinds(timeout: Duration? = nil) async throws(ClientError) -> BatchKindList {
        try await exchange(.listKinds, ListBatchKindsQuery(), timeout)
    }

    /// One page, the newest first; give its `cursor` back in the query for the next. A page may be short and have a next one.
    public func batches(
        _ query: ListBatchesQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> BatchPage {
        try await exchange(.listBatches, query, timeout)
    }

    /// A batch by number or id in hex.
    ///
    /// - Parameter party: whose number it is; empty: the own party's, or the only one there is.
    public func batch(
        _ key: String, party: String = "", timeout: Duration? = nil
    ) async throws(ClientError) -> BatchView {
        try await exchange(.getBatch, GetBatchQuery(key: key, party: party), timeout)
    }

    /// What the server answered to a batch at that stage, with its proof; NOT_FOUND before it has.
    public func batchAnswer(
        _ batch: [UInt8], _ stage: BatchStage, timeout: Duration? = nil
    ) async throws(ClientError) -> BatchAnswer {
        try await exchange(.getAnswer, BatchAnswerQuery(batch: batch, stage: stage), timeout)
    }

    /// The faults of a batch's rows, in their order.
    public func batchReport(
        _ batch: [UInt8]
    ) async throws(ClientError) -> RemoteCall<BatchReportQuery, BatchFaults> {
        try await open(
            RemoteMethod<BatchReportQuery, BatchFaults>(
                BatchesService.name, BatchesService.Method.getReport.rawValue, .serverStream),
            BatchReportQuery(batch: batch))
    }

    /// Rows of a batch as it was taken, or of a register as it stands.
    public func batchRows(
        _ query: FetchRowsQuery
    ) async throws(ClientError) -> RemoteCall<FetchRowsQuery, FetchedRows> {
        try await open(
            RemoteMethod<FetchRowsQuery, FetchedRows>(
                BatchesService.name, BatchesService.Method.fetchRows.rawValue, .serverStream), query)
    }

    /// Whether the registers hold rows about whom this ID number names, and the target of `erase_person`. Only the bureau's approvers may ask, and it is noticed.
    public func person(
        _ idNumber: String, timeout: Duration? = nil
    ) async throws(ClientError) -> PersonFound {
        try await exchange(.findPerson, FindPersonQuery(idNumber: idNumber), timeout)
    }

    private func exchange<Query: Message, View: Message>(
        _ method: BatchesService.Method, _ query: Query, _ timeout: Duration?
    ) async throws(ClientError) -> View {
        try await unary(BatchesService.name, method.rawValue, query, timeout)
    }
}
