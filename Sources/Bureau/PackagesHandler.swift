internal import Exchange
internal import Schema
package import Wire

/// `twolists.v1.Packages`: what the bureau's officers need to send a disc to a party. `ReadAs` tells what an officer of that party would be
/// told, never more than the asker may see: to whom it went stands in the journal with `take_package`.
package final class PackagesHandler: ServiceHandler {
    package let name = PackagesService.name
    private let engine: EngineHandle
    private let reads: LedgerReads

    init(engine: EngineHandle, reads: LedgerReads) {
        self.engine = engine
        self.reads = reads
    }

    package func shape(of method: String) -> MethodShape? { PackagesService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = PackagesService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let asked = Asked(name, method.rawValue, from: call.peer.address)
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline, reply: reply,
                work: try work(method, request, call.peer))
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }

    private func work(
        _ method: PackagesService.Method, _ request: [UInt8], _ peer: PeerIdentity
    ) throws(Status) -> QueryWork {
        switch method {
        case .listLedgers:
            return .once { (state, viewer) throws(Status) in
                guard viewer.sendsPackages else { throw Status.packagesNotPermitted }
                return state.packageLedgers().encoded()
            }
        case .getLedger:
            let query = try decode(PackageLedgerQuery.self, request)
            return .once { (state, viewer) throws(Status) in
                guard viewer.sendsPackages else { throw Status.packagesNotPermitted }
                guard let view = state.packageLedger(query) else { throw Status.notFound("party") }
                return view.encoded()
            }
        case .readAs: return try readAs(try decode(ReadAsQuery.self, request), peer)
        }
    }

    private func readAs(_ query: ReadAsQuery, _ peer: PeerIdentity) throws(Status) -> QueryWork {
        let look = try look(query, peer)
        return .once { (state, viewer) throws(Status) in
            guard viewer.sendsPackages else { throw Status.packagesNotPermitted }
            guard let reader = state.reader(of: query.party) else { throw Status.notFound("party") }
            return ReadAsAnswer(answer: try look(state, reader)).encoded()
        }
    }

    private func look(
        _ query: ReadAsQuery, _ peer: PeerIdentity
    ) throws(Status) -> @Sendable (State, Viewer) throws(Status) -> [UInt8] {
        switch LedgerService.Method(rawValue: query.method) {
        case .watch?: return changes(try decode(WatchQuery.self, query.request))
        case .getRequest?, .requestHistory?, .getCase?, .caseHistory?, .listOfficers?:
            break
        default: throw Status.methodUnknown(query.method)
        }
        guard let method = LedgerService.Method(rawValue: query.method),
            case .once(let look) = try reads.work(method, query.request, peer)
        else { throw Status.methodUnknown(query.method) }
        return look
    }

    /// A slice of a watch from the beginning or behind a cursor; the answer waits until what it tells is durable, like every read.
    private func changes(
        _ query: WatchQuery
    ) -> @Sendable (State, Viewer) throws(Status) -> [UInt8] {
        { (state, reader) throws(Status) in
            var feed: WatchFeed
            do throws(QueryFault) {
                feed = try WatchFeed(query, for: reader, in: state, emptyIsStart: true)
            } catch { throw Status.badPage(error) }
            let step = feed.step(
                state, upTo: state.lastSequence, limit: EngineLimits.watchStep,
                budget: EngineLimits.scanStep)
            guard case .changes(let changes, let more) = step else { throw Status.rightsChanged }
            return ChangePage(changes: changes, cursor: feed.cursor, more: more).encoded()
        }
    }
}
