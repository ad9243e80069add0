internal import Exchange
internal import Schema
package import Wire

/// `twolists.v1.Ledger`: reads. Each is decoded on the event loop, answered by the engine from one state, and waits until
/// that state is durable.
package final class LedgerHandler: ServiceHandler {
    package let name = LedgerService.name
    private let engine: EngineHandle
    private let receipts: ReceiptMaker
    private let restorations: RestorationReads?
    private let clock: EngineClock

    package init(
        engine: EngineHandle, receipts: ReceiptMaker, cuts: CutHistories? = nil, clock: EngineClock = .system
    ) {
        self.engine = engine
        self.clock = clock
        restorations = cuts.map { RestorationReads(receipts: receipts, cuts: $0) }
        self.receipts = receipts
    }

    package func shape(of method: String) -> MethodShape? { LedgerService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = LedgerService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            var asked = Asked(name, method.rawValue, from: call.peer.address)
            if method == .watch { return try watch(request, actor, reply, asked) }
            let work = try Look.work(
                method, request, call.peer, receipts, restorations, clock.wall(),
                key: &asked.key)
            let query = Query(actor: actor, asked: asked, deadline: call.deadline, reply: reply, work: work)
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }

    private func watch(
        _ request: [UInt8], _ actor: ActorIdentity, _ reply: any CallReply, _ asked: Asked
    ) throws(Status) -> (any CallHandler)? {
        let start = WatchStart(
            id: WatchID.next(), actor: actor, query: try decode(WatchQuery.self, request), reply: reply,
            asked: asked)
        guard engine.post(.watch(start)) else { throw EngineHandle.overloaded }
        return WatchHandler(start.id, engine: engine)
    }
}

/// What the engine's thread does for each read method.
struct LedgerReads {
    let receipts: ReceiptMaker
    let restorations: RestorationReads?
    let clock: EngineClock

    func work(
        _ method: LedgerService.Method, _ request: [UInt8], _ peer: PeerIdentity
    ) throws(Status) -> QueryWork {
        var key = ""
        return try Look.work(method, request, peer, receipts, restorations, clock.wall(), key: &key)
    }
}

private enum Look {
    /// - Parameter key: set to what the request names of a matter.
    static func work(
        _ method: LedgerService.Method, _ request: [UInt8], _ peer: PeerIdentity, _ receipts: ReceiptMaker,
        _ restorations: RestorationReads?, _ now: Int64, key: inout String
    ) throws(Status) -> QueryWork {
        switch method {
        case .getRequest: key = try decode(GetRequestQuery.self, request).key
        case .getCase: key = try decode(GetCaseQuery.self, request).key
        case .requestHistory, .caseHistory: key = try decode(HistoryQuery.self, request).key
        default: break
        }
        return switch method {
        case .whoAmI: whoAmI(peer.notAfter, now)
        case .getRequest: getRequest(key)
        case .listRequests:
            .steps(
                RequestScan(try decode(ListRequestsQuery.self, request), CivilDay(nanoseconds: now)))
        case .requestHistory: history(key, ofCase: false)
        case .getCase: getCase(key)
        case .listCases: .steps(CaseScan(try decode(ListCasesQuery.self, request)))
        case .caseHistory: history(key, ofCase: true)
        case .getCareFund: getCareFund()
        case .listParties: .once { (state, _) in state.partyPage().encoded() }
        case .listOfficers: listOfficers(try decode(ListOfficersQuery.self, request))
        case .listTables: .once { (state, _) in state.tablePage().encoded() }
        case .listCalendars: .once { (state, _) in state.calendarPage().encoded() }
        case .listCodes: listCodes(try decode(ListCodesQuery.self, request).list)
        case .watch: throw Status(.internal, "watch is a stream")
        case .getReceipt: receipt(try decode(ReceiptQuery.self, request), receipts)
        case .getConsistency: consistency(try decode(ConsistencyQuery.self, request), receipts)
        case .getRestorations: told(try decode(RestorationsQuery.self, request), restorations)
        }
    }

    /// These two need no state; through the engine they ask, as every read, whether the officer is active.
    private static func receipt(_ query: ReceiptQuery, _ receipts: ReceiptMaker) -> QueryWork {
        .once { (_, _) throws(Status) in try receipts.receipt(query).encoded() }
    }

    /// The checkpoint is looked at on the engine's thread, with the state: a confirmation told is in it.
    private static func told(_ query: RestorationsQuery, _ reads: RestorationReads?) -> QueryWork {
        .once { (state, _) in (reads?.page(query, state) ?? RestorationsPage()).encoded() }
    }

    private static func consistency(_ query: ConsistencyQuery, _ receipts: ReceiptMaker) -> QueryWork {
        .once { (_, _) throws(Status) in try receipts.consistency(query).encoded() }
    }

    private static func whoAmI(_ certificateEnds: Int64, _ now: Int64) -> QueryWork {
        .once { (state, viewer) in state.whoAmI(viewer, certificateEnds: certificateEnds, now: now).encoded()
        }
    }

    private static func getRequest(_ key: String) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard let matter = state.findRequest(key, for: viewer),
                let view = state.requestView(matter, for: viewer)
            else { throw notFound("request") }
            return view.encoded()
        }
    }

    private static func getCase(_ key: String) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard let matter = state.findCase(key, for: viewer),
                let view = state.caseView(matter, for: viewer)
            else { throw notFound("case") }
            return view.encoded()
        }
    }

    private static func getCareFund() -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard let view = state.careFundView(for: viewer) else { throw notFound("fund") }
            return view.encoded()
        }
    }

    private static func history(_ key: String, ofCase: Bool) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            let matter = ofCase ? state.findCase(key, for: viewer) : state.findRequest(key, for: viewer)
            guard let matter else { throw notFound(ofCase ? "case" : "request") }
            return HistoryPage(entries: state.history(of: matter, for: viewer)).encoded()
        }
    }

    private static func listOfficers(_ query: ListOfficersQuery) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            do throws(QueryFault) {
                return try state.officerPage(query, for: viewer).encoded()
            } catch { throw Status.badPage(error) }
        }
    }

    private static func listCodes(_ list: String) -> QueryWork {
        .once { (state, _) throws(Status) in
            guard let page = state.codePage(list) else {
                throw Status.codeListUnknown
            }
            return page.encoded()
        }
    }

    /// The same words for what is not there and for what is not the asker's to see.
    private static func notFound(_ what: String) -> Status {
        Status.notFound(what)
    }
}

/// A page of requests, found in steps.
private struct RequestScan: ScanJob {
    private let query: ListRequestsQuery
    /// By which something is late.
    private let today: CivilDay
    private var listing: RequestListing?

    init(_ query: ListRequestsQuery, _ today: CivilDay) {
        self.query = query
        self.today = today
    }

    mutating func step(_ state: State, viewer: Viewer) throws(Status) -> [UInt8]? {
        var running = try begun(state, viewer)
        defer { listing = running }
        guard running.step(state, budget: EngineLimits.scanStep) else { return nil }
        return running.page(state).encoded()
    }

    private func begun(_ state: State, _ viewer: Viewer) throws(Status) -> RequestListing {
        if let listing { return listing }
        do throws(QueryFault) {
            return try RequestListing(query, for: viewer, in: state, today: today)
        } catch {
            throw Status.badPage(error)
        }
    }
}

/// A page of cases, found in steps.
private struct CaseScan: ScanJob {
    private let query: ListCasesQuery
    private var listing: CaseListing?

    init(_ query: ListCasesQuery) { self.query = query }

    mutating func step(_ state: State, viewer: Viewer) throws(Status) -> [UInt8]? {
        var running = try begun(state, viewer)
        defer { listing = running }
        guard running.step(state, budget: EngineLimits.scanStep) else { return nil }
        return running.page(state).encoded()
    }

    private func begun(_ state: State, _ viewer: Viewer) throws(Status) -> CaseListing {
        if let listing { return listing }
        do throws(QueryFault) {
            return try CaseListing(query, for: viewer, in: state)
        } catch {
            throw Status.badPage(error)
        }
    }
}
