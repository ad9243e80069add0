public import Schema

/// What whoever runs the server sees of it. For system administrators of the bureau.
extension TwoListsClient {
    /// A page of the connections open at this moment.
    public func serverConnections(
        _ query: ListConnectionsQuery = ListConnectionsQuery(), timeout: Duration? = nil
    ) async throws(ClientError) -> ConnectionsPage {
        try await unary(AdminService.name, AdminService.Method.listConnections.rawValue, query, timeout)
    }

    /// A page of the calls open at this moment.
    public func serverStreams(
        _ query: ListStreamsQuery = ListStreamsQuery(), timeout: Duration? = nil
    ) async throws(ClientError) -> StreamsPage {
        try await unary(AdminService.name, AdminService.Method.listStreams.rawValue, query, timeout)
    }

    /// Every limit of the server that has a name, with its reason.
    public func serverLimits(timeout: Duration? = nil) async throws(ClientError) -> LimitsView {
        try await unary(
            AdminService.name, AdminService.Method.listLimits.rawValue, ListLimitsQuery(), timeout)
    }
}
