public import Schema

/// The audit trail, for an auditor's certificate; others are answered PERMISSION_DENIED. See `Protocol/twolists/v1/trail.proto`.
extension TwoListsClient {
    /// One page; give its `nextCursor` back in the query for the next. A page may be empty and have a next one.
    public func trail(_ query: TrailQuery, timeout: Duration? = nil) async throws(ClientError) -> TrailPage {
        try await unary(TrailService.name, TrailService.Method.list.rawValue, query, timeout)
    }

    /// The checkpoint and the proof of an export of the records `first` to `last`; 0: from the first, to the newest.
    public func trailHead(
        first: UInt64 = 0, last: UInt64 = 0, timeout: Duration? = nil
    ) async throws(ClientError) -> TrailHead {
        let query = TrailHeadQuery(first: first, last: last)
        return try await unary(TrailService.name, TrailService.Method.head.rawValue, query, timeout)
    }

    /// Records of that export, as many as one answer holds and at least one; ask again from the one after.
    public func trailRecords(
        first: UInt64, last: UInt64, timeout: Duration? = nil
    ) async throws(ClientError) -> [TrailRecord] {
        let query = TrailRecordsQuery(first: first, last: last)
        let answer: TrailRecords = try await unary(
            TrailService.name, TrailService.Method.records.rawValue, query, timeout)
        return answer.records
    }
}
