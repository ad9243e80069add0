import Crypto
public import Schema
import Wire

/// A client of the two-lists exchange: connects when first needed, reconnects by itself, repeats what may be repeated, under the same id, until
/// the caller's time is up. One client serves any number of tasks over one connection.
///
///     let client = try TwoListsClient(configuration)
///     let me = try await client.whoAmI()
///     let answer = try await client.execute(.submitRequest(form), target: UUIDv7.make(), expectedVersion: 0)
public final class TwoListsClient: Sendable {
    public typealias Configuration = ClientConfiguration

    public let configuration: ClientConfiguration
    let keeper: LinkKeeper
    let history: HistoryKeeper
    private let receipts: ReceiptKeeper
    private let signer: CommandSigner?
    private let clock: ClientClock
    /// Every authority of the CA file is of development, so the server may run on a demonstration clock.
    private let mayBeDemonstration: Bool

    /// Reads certificate, key and authorities; connects when the first call wants it.
    ///
    /// - Throws: `.configuration` naming the file that cannot be used.
    public convenience init(_ configuration: ClientConfiguration) throws(ClientError) {
        let signer = try CommandSigner(configuration)
        let identity = configuration.serverIdentity ?? "twolists://\(signer.officer.city)/server"
        let verifier = try ReceiptVerifier(authorityPath: configuration.authorityPath)
        let folder = configuration.receiptsPath
        if let folder { try ReceiptFolder(path: folder).make() }
        let history = try HistoryKeeper(
            path: folder.map { $0 + "/history" }, verifier: verifier, onEvent: configuration.onEvent)
        let connector = try RPCConnector(configuration, serverIdentity: identity, quoted: { history.quoted })
        self.init(
            configuration, connector: connector, signer: signer, history: history, verifier: verifier,
            mayBeDemonstration: connector.mayBeDemonstration)
    }

    /// A client over any transport: the seam the tests use.
    convenience init(_ configuration: ClientConfiguration, connector: any Connector, signer: CommandSigner?) {
        self.init(
            configuration, connector: connector, signer: signer,
            history: HistoryKeeper(verifier: nil, onEvent: configuration.onEvent), verifier: nil)
    }

    init(
        _ configuration: ClientConfiguration, connector: any Connector, signer: CommandSigner?,
        history: HistoryKeeper, verifier: ReceiptVerifier?, mayBeDemonstration: Bool = false
    ) {
        let clock = ClientClock()
        self.clock = clock
        self.mayBeDemonstration = mayBeDemonstration
        self.configuration = configuration
        self.signer = signer
        self.history = history
        receipts = ReceiptKeeper(
            folder: configuration.receiptsPath.map { ReceiptFolder(path: $0) }, verifier: verifier,
            history: history, onEvent: configuration.onEvent)
        let own = signer.map { (identity: $0.officer.uri, ends: $0.certificateEnds) }
        keeper = LinkKeeper(
            connector, certificates: CertificatesInUse(own: own), clock: clock, onEvent: configuration.onEvent
        ) { link in
            history.greeted(link.serverCheckpoint)
        }
        history.asking { [weak self] query throws(ClientError) in
            guard let self else { throw ClientError(.client, .call, .closed) }
            return try await self.consistency(from: query.older, to: query.newer)
        }
        history.askingRestorations { [weak self] query throws(ClientError) in
            guard let self else { throw ClientError(.client, .call, .closed) }
            return try await self.restorations(held: query.heldRecords)
        }
    }

    deinit { keeper.close() }

    /// For who has no line and is given answers on discs: nothing they show makes this client ask the server for more.
    package func hasNoLine() { history.askingNobody() }

    /// Ends the connection. Calls under way and later ones fail with `.closed` or `.connectionLost`.
    public func close() {
        keeper.close()
    }

    /// Ends the connection and waits until it has ended in order, at most so long. For programs that exit next.
    public func close(within limit: Duration) async {
        await keeper.close(within: limit.milliseconds)
    }

    // MARK: Time

    /// What the server's demonstration clock shows, ns UTC; nil: it keeps the real time, or no connection has told yet. Everything under such a clock
    /// is play, and is to be shown as that (演示时钟).
    public var demonstrationTime: Int64? { clock.demonstration }

    /// The time as the server has it, ns UTC: of its demonstration clock where it is known to have one, of this machine otherwise.
    package var now: Int64 { clock.now }

    /// The demonstration clock was moved on by this client: it shows `time`, ns UTC, before the next connection tells it.
    package func clockShows(_ time: Int64) { clock.noteMoved(to: time) }

    /// An id for a new request, case or round, made at the server's time.
    public func makeID() throws(ClientError) -> [UInt8] { try UUIDv7.make(at: clock.now) }

    /// Before anything is dated: connects, where the server may run on a demonstration clock and none has told yet; waits at most so long. What cannot
    /// be reached is told by the call that follows.
    public func learnTime(within limit: Duration) async {
        guard mayBeDemonstration, clock.demonstration == nil else { return }
        _ = await keeper.link(deadline: MonotonicClock.milliseconds() + limit.milliseconds)
    }

    // MARK: Commands

    /// Who signs and acts, as the certificate says; nil for a client made without one.
    public var officer: Officer? { signer?.officer }

    /// Builds, signs when configured, and sends a command. A judged answer, done or refused by a rule, is returned; look at `outcome`.
    ///
    /// - Parameters:
    ///   - command: what to do.
    ///   - target: 16 bytes made by the client (`UUIDv7.make`): the request or case it is about.
    ///   - expectedVersion: the version of the target that was seen; 0 when it must not exist yet.
    ///   - timeout: longest wait, reconnecting included; nil: the configuration's.
    public func execute(
        _ command: Command.OneOf_Body, target: [UInt8], expectedVersion: UInt64, timeout: Duration? = nil
    ) async throws(ClientError) -> CommandAnswer {
        let (limit, began) = (timeout ?? configuration.timeout, ContinuousClock.now)
        // Half of the wait for learning the time, so that something is left in which the call says what is wrong.
        await learnTime(within: limit / 2)
        let envelope = try sealed(command, target: target, expectedVersion: expectedVersion)
        return try await execute(envelope, timeout: limit - began.duration(to: .now))
    }

    /// Sends an envelope built before. Sending the same one again, now or after a crash, is harmless: the server repeats its first judgement.
    public func execute(
        _ envelope: SignedEnvelope, timeout: Duration? = nil
    ) async throws(ClientError) -> CommandAnswer {
        try await judged(.execute, envelope, timeout)
    }

    /// Hands in a signed command that travelled in a file, as an officer of the bureau.
    public func importCommand(
        _ envelope: SignedEnvelope, timeout: Duration? = nil
    ) async throws(ClientError) -> CommandAnswer {
        try await judged(.import, envelope, timeout)
    }

    /// An answer with its whole receipt in `receipt`, kept where the configuration names a folder.
    private func judged(
        _ method: ExchangeService.Method, _ envelope: SignedEnvelope, _ timeout: Duration?
    ) async throws(ClientError) -> CommandAnswer {
        var answer: CommandAnswer = try await unary(
            ExchangeService.name, method.rawValue, envelope, timeout)
        try await receipts.keep(&answer, of: envelope) { query throws(ClientError) in
            try await self.read(.getReceipt, query, timeout)
        }
        return answer
    }

    // MARK: Receipts

    /// The receipt of a leaf again, under a newer checkpoint; without the salt, which only its holder has.
    public func receipt(of leaf: [UInt8], timeout: Duration? = nil) async throws(ClientError) -> Receipt {
        try await read(.getReceipt, ReceiptQuery(leaf: leaf), timeout)
    }

    /// That the tree of `older` records is the beginning of the tree of `newer` (0: of the newest).
    public func consistency(
        from older: UInt64, to newer: UInt64, timeout: Duration? = nil
    ) async throws(ClientError) -> ConsistencyProof {
        try await read(.getConsistency, ConsistencyQuery(older: older, newer: newer), timeout)
    }

    /// The declared restores of the server's journal, as it tells them. They are proven to a client that needs them, not here.
    ///
    /// - Parameter held: records of a checkpoint that is to be shown to be of a history that was cut; 0: of none.
    public func restorations(
        held: UInt64 = 0, timeout: Duration? = nil
    ) async throws(ClientError) -> RestorationsPage {
        try await read(.getRestorations, RestorationsQuery(heldRecords: held), timeout)
    }

    /// The restores that cut what this client held a checkpoint of, proven and confirmed, oldest first; kept beside the receipts.
    public var restorationsSeen: [HistoryRestoration] { history.restorations }

    /// Waits until what was shown of the server's history is proven or in dispute, at most so long. For programs that exit next.
    public func settleHistory(within limit: Duration) async {
        let end = MonotonicClock.milliseconds() + limit.milliseconds
        while history.isBusy, MonotonicClock.milliseconds() < end {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Seconds since 1970 at which the officer's certificate ends; nil for a client made without one.
    public var certificateEnds: Int64? { signer?.certificateEnds }

    /// Seconds since 1970 at which the certificate of the server that was connected last ends; nil before the first connection.
    public var serverCertificateEnds: Int64? { keeper.serverCertificateEnds }

    /// Builds an envelope without sending it: for an outbox, or a file that travels. Dated by `now`: see `learnTime`.
    ///
    /// - Parameter signed: nil: as configured.
    public func sealed(
        _ command: Command.OneOf_Body, target: [UInt8], expectedVersion: UInt64, signed: Bool? = nil
    ) throws(ClientError) -> SignedEnvelope {
        guard let signer else {
            throw ClientError(
                .client, .configuration, .badCommand, detail: "this client has no officer's certificate")
        }
        return try signer.seal(
            Command(body: command), id: makeID(), target: target, expectedVersion: expectedVersion,
            issuedAt: clock.now, signed: signed ?? configuration.signsCommands)
    }

    /// The officer's signature on an envelope that was built unsigned: it is to travel.
    package func signed(_ envelope: [UInt8]) throws(ClientError) -> SignedEnvelope {
        guard let signer else {
            throw ClientError(
                .client, .configuration, .badCommand, detail: "this client has no officer's certificate")
        }
        return try signer.signed(envelope)
    }

    // MARK: Reads

    public func whoAmI(timeout: Duration? = nil) async throws(ClientError) -> WhoAmIView {
        try await read(.whoAmI, WhoAmIQuery(), timeout)
    }

    /// A request by number, reference or target id in hex.
    public func request(_ key: String, timeout: Duration? = nil) async throws(ClientError)
        -> Schema.RequestView
    {
        try await read(.getRequest, GetRequestQuery(key: key), timeout)
    }

    /// One page; give its `nextCursor` back in the query for the next.
    public func requests(
        _ query: ListRequestsQuery, timeout: Duration? = nil
    ) async throws(ClientError) -> RequestPage {
        try await read(.listRequests, query, timeout)
    }

    public func requestHistory(_ key: String, timeout: Duration? = nil) async throws(ClientError)
        -> HistoryPage
    {
        try await read(.requestHistory, HistoryQuery(key: key), timeout)
    }

    /// A case by number, reference or target id in hex.
    public func familyCase(_ key: String, timeout: Duration? = nil) async throws(ClientError) -> CaseView {
        try await read(.getCase, GetCaseQuery(key: key), timeout)
    }

    public func cases(_ query: ListCasesQuery, timeout: Duration? = nil) async throws(ClientError) -> CasePage
    {
        try await read(.listCases, query, timeout)
    }

    public func caseHistory(_ key: String, timeout: Duration? = nil) async throws(ClientError) -> HistoryPage
    {
        try await read(.caseHistory, HistoryQuery(key: key), timeout)
    }

    /// The care fund's state and newest entries; for the bureau.
    public func careFund(timeout: Duration? = nil) async throws(ClientError) -> CareFundView {
        try await read(.getCareFund, CareFundQuery(), timeout)
    }

    public func parties(timeout: Duration? = nil) async throws(ClientError) -> PartyPage {
        try await read(.listParties, ListPartiesQuery(), timeout)
    }

    /// A page of the registry: all for the security administrator, else the own party's officers with masked names. Give `next` back as
    /// `from` until it is 0.
    public func officers(
        _ query: ListOfficersQuery = ListOfficersQuery(), timeout: Duration? = nil
    ) async throws(ClientError) -> OfficerPage {
        try await read(.listOfficers, query, timeout)
    }

    /// The versions of the tables that are loaded.
    public func tables(timeout: Duration? = nil) async throws(ClientError) -> TablePage {
        try await read(.listTables, ListTablesQuery(), timeout)
    }

    public func codes(_ list: String, timeout: Duration? = nil) async throws(ClientError) -> CodePage {
        try await read(.listCodes, ListCodesQuery(list: list), timeout)
    }

    /// The working-day calendar and the rules of supervision.
    public func calendars(timeout: Duration? = nil) async throws(ClientError) -> CalendarPage {
        try await read(.listCalendars, ListCalendarsQuery(), timeout)
    }

    /// The server's own word on its health (grpc.health.v1): true when it serves.
    ///
    /// - Parameter service: empty: the server as a whole.
    public func isServing(_ service: String = "", timeout: Duration? = nil) async throws(ClientError) -> Bool
    {
        let reply: GRPCHealthV1.HealthCheckResponse = try await unary(
            "grpc.health.v1.Health", "Check", GRPCHealthV1.HealthCheckRequest(service: service), timeout)
        return reply.status == .serving
    }

    /// Changes the officer may see, from behind `cursor` on (empty: from now on). Resumed behind the last change after a lost connection;
    /// ends only by cancellation or an error that trying again cannot mend.
    public func watch(from cursor: [UInt8] = []) -> WatchSequence {
        WatchSequence(client: self, cursor: cursor)
    }

    // MARK: Running the server

    /// Makes the server read its certificates, keys, authorities and revocation lists again; what is in use then. For system administrators
    /// of the bureau; FAILED_PRECONDITION says what is wrong with the files, and that the old ones stay.
    public func reload(timeout: Duration? = nil) async throws(ClientError) -> CertificatesView {
        try await unary(AdminService.name, AdminService.Method.reload.rawValue, ReloadQuery(), timeout)
    }

    /// What the server works with, and until when. For system administrators of the bureau.
    public func serverCertificates(timeout: Duration? = nil) async throws(ClientError) -> CertificatesView {
        try await unary(
            AdminService.name, AdminService.Method.listCertificates.rawValue, ListCertificatesQuery(),
            timeout)
    }

    private func read<Query: Message, View: Message>(
        _ method: LedgerService.Method, _ query: Query, _ timeout: Duration?
    ) async throws(ClientError) -> View {
        try await unary(LedgerService.name, method.rawValue, query, timeout)
    }

    // MARK: One call

    func unary<Request: Message, Reply: Message>(
        _ service: String, _ method: String, _ request: Request, _ timeout: Duration?
    ) async throws(ClientError) -> Reply {
        let call = LinkRequest(
            service: service, method: method, shape: .unary, payload: request.encoded(), timeout: nil)
        let payload = try await perform(call, idempotent: true, timeout)
        do {
            return try Reply(decoding: payload)
        } catch {
            throw ClientError(.server, .call, .badAnswer, server: configuration.address, detail: "\(error)")
        }
    }

    /// Drives `CallRetry` for a unary call. Every call of the exchange is idempotent: commands by their id, reads by nature.
    func perform(
        _ request: LinkRequest, idempotent: Bool, _ timeout: Duration?
    ) async throws(ClientError) -> [UInt8] {
        let deadline = MonotonicClock.milliseconds() + (timeout ?? configuration.timeout).milliseconds
        var retry = CallRetry(idempotent: idempotent, deadline: deadline, seed: .random(in: .min ... .max))
        var output = retry.start(now: MonotonicClock.milliseconds())
        var attempt = Attempt(deadline: deadline, server: configuration.address)
        while true {
            switch output {
            case .finish: return try attempt.result()
            case .fail(let failure): throw attempt.error(failure)
            default:
                let input = await attempt.carryOut(output, request, keeper)
                output = retry.next(input, now: MonotonicClock.milliseconds())
            }
        }
    }
}

/// Carries out what `CallRetry` asks for, and remembers what was last heard.
private struct Attempt {
    let deadline: Int64
    let server: String
    private var link: (any Link)?
    private var lastError: ClientError?
    private var answer: (status: Status, payload: [UInt8])?

    init(deadline: Int64, server: String) {
        self.deadline = deadline
        self.server = server
    }

    mutating func carryOut(
        _ output: CallRetry.Output, _ request: LinkRequest, _ keeper: LinkKeeper
    ) async -> CallRetry.Input {
        if Task.isCancelled { return .cancelled }
        switch output {
        case .connect: return await connect(keeper)
        case .send: return await send(request, keeper)
        case .wait(let delay):
            do {
                try await Task.sleep(for: .milliseconds(delay))
                return .waited
            } catch {
                return .cancelled
            }
        case .finish, .fail: return .cancelled
        }
    }

    private mutating func connect(_ keeper: LinkKeeper) async -> CallRetry.Input {
        switch await keeper.link(deadline: deadline) {
        case .link(let live):
            link = live
            return .connected
        case .failed(let error, let permanent):
            if case .cancelled = error.reason { return .cancelled }
            lastError = error
            return .connectFailed(permanent: permanent)
        }
    }

    private mutating func send(_ request: LinkRequest, _ keeper: LinkKeeper) async -> CallRetry.Input {
        var request = request
        request.timeout = max(1, deadline - MonotonicClock.milliseconds())
        guard let link else { return .lost(sent: false) }
        switch await link.unary(request) {
        case .lost(let error, let sent):
            lastError = error
            return error.isPermanent ? .connectFailed(permanent: true) : .lost(sent: sent)
        case .finished(let status, let payload):
            keeper.proved()
            answer = (status, payload)
            if Task.isCancelled, status.code == .cancelled { return .cancelled }
            return .answered(CallRetry.Answer(status))
        }
    }

    func result() throws(ClientError) -> [UInt8] {
        guard let answer else { throw ClientError(.client, .call, .badAnswer, server: server) }
        guard answer.status.isOK else { throw ClientError(answer.status, server: server) }
        return answer.payload
    }

    func error(_ failure: CallRetry.Failure) -> ClientError {
        switch failure {
        case .cancelled: ClientError(.client, .call, .cancelled, server: server)
        case .deadline: lastError ?? ClientError(.network, .call, .deadlineExceeded, server: server)
        case .lastError:
            answer.map { ClientError($0.status, server: server) } ?? lastError
                ?? ClientError(.network, .call, .deadlineExceeded, server: server)
        }
    }

}

extension ClientError {
    /// What a call ended with that is not OK.
    init(_ status: Status, server: String, phase: Phase = .call) {
        let isLate = status.code == .deadlineExceeded
        self.init(
            .server, phase, isLate ? .deadlineExceeded : .status(status), server: server,
            detail: status.message)
    }
}

extension CallRetry.Answer {
    init(_ status: Status) {
        let after = status.retryAfterMilliseconds
        if status.isLastingLimit {
            self = .final
        } else if status.notProcessed, !status.isOK, status.code != .deadlineExceeded {
            self = Self.mendsItself(status.code) ? .notProcessed(retryAfter: after) : .final
        } else if status.code == .unavailable || status.code == .resourceExhausted {
            self = .busy(retryAfter: after)
        } else {
            self = .final
        }
    }

    /// A call may be not processed because it never can be (unknown method, too large): trying again would be in vain.
    private static func mendsItself(_ code: StatusCode) -> Bool {
        switch code {
        case .unavailable, .resourceExhausted, .aborted, .cancelled: true
        default: false
        }
    }
}

extension Status {
    /// google.rpc.RetryInfo of the details, in milliseconds.
    var retryAfterMilliseconds: Int64? {
        guard let delay = detail(GoogleRPC.RetryInfo.self)?.retryDelay else { return nil }
        let seconds = min(max(0, delay.seconds), 86_400)
        return seconds * 1_000 + Int64(min(max(0, delay.nanos), 999_999_999)) / 1_000_000
    }
}
