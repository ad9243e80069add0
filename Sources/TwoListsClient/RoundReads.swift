public import Schema
internal import Wire

/// Rounds of placement in the open. See `Protocol/twolists/v1/round.proto`.
extension TwoListsClient {
    /// A round by key, reference or target id in hex.
    public func round(_ key: String, timeout: Duration? = nil) async throws(ClientError) -> RoundView {
        try await look(.getRound, GetRoundQuery(key: key), timeout)
    }

    /// Those the officer may see, the newest first.
    public func rounds(timeout: Duration? = nil) async throws(ClientError) -> RoundList {
        try await look(.listRounds, ListRoundsQuery(), timeout)
    }

    /// A page of the posts; give the number of rows had so far as `from` for the next.
    public func roundPosts(
        _ query: RoundRowsQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> RoundPostPage {
        try await look(.listPosts, query, timeout)
    }

    /// A page of the ranking, likewise; NOT_FOUND before it is posted.
    public func ranking(
        _ query: RoundRowsQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> RankingPage {
        try await look(.ranking, query, timeout)
    }

    /// A page of the own people with their scores, likewise; the bureau sees all.
    public func roundPeople(
        _ query: RoundRowsQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> RoundMemberPage {
        try await look(.listPeople, query, timeout)
    }

    public func roundHistory(_ key: String, timeout: Duration? = nil) async throws(ClientError) -> HistoryPage
    {
        try await look(.history, GetRoundQuery(key: key), timeout)
    }

    /// The published file of a closed round, whole.
    public func roundFile(_ key: String, timeout: Duration? = nil) async throws(ClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let query = RoundFileQuery(key: key, offset: UInt64(bytes.count))
            let part: RoundFilePart = try await look(.getFile, query, timeout)
            bytes += part.bytes
            guard UInt64(bytes.count) < part.total, !part.bytes.isEmpty else { return bytes }
        }
    }

    private func look<Query: Message, View: Message>(
        _ method: RoundsService.Method, _ query: Query, _ timeout: Duration?
    ) async throws(ClientError) -> View {
        try await unary(RoundsService.name, method.rawValue, query, timeout)
    }
}
