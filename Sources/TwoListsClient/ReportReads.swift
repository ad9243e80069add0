public import Schema

/// Figures of a period, over what the caller's officer may see. See `Protocol/twolists/v1/report.proto`.
extension TwoListsClient {
    /// Counts as they stood at the end of the period's last day. Rates are made of sums: never of the rates of single rows.
    public func figures(
        from: CivilDate, to: CivilDate, timeout: Duration? = nil
    ) async throws(ClientError) -> FiguresView {
        let query = FiguresQuery(from: from, to: to)
        return try await unary(ReportService.name, ReportService.Method.figures.rawValue, query, timeout)
    }
}
