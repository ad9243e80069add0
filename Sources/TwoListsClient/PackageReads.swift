public import Schema
public import Wire

/// What the bureau's officers need for packages on discs. See `Protocol/twolists/v1/package.proto`.
extension TwoListsClient {
    /// Of every party that discs have gone to or come from.
    public func packageLedgers(timeout: Duration? = nil) async throws(ClientError) -> PackageLedgerList {
        try await look(.listLedgers, ListPackageLedgersQuery(), timeout)
    }

    public func packageLedger(
        _ query: PackageLedgerQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> PackageLedgerView {
        try await look(.getLedger, query, timeout)
    }

    /// A read of the Ledger service, answered as to an officer of that party.
    public func read<Query: Message, View: Message>(
        as party: String, _ method: String, _ query: Query, timeout: Duration? = nil
    ) async throws(ClientError) -> View {
        let asked = ReadAsQuery(party: party, method: method, request: query.encoded())
        let answer: ReadAsAnswer = try await look(.readAs, asked, timeout)
        do { return try View(decoding: answer.answer) } catch {
            throw ClientError(.server, .call, .badAnswer, detail: "\(method): \(error)")
        }
    }

    private func look<Query: Message, View: Message>(
        _ method: PackagesService.Method, _ query: Query, _ timeout: Duration?
    ) async throws(ClientError) -> View {
        try await unary(PackagesService.name, method.rawValue, query, timeout)
    }
}
