internal import Exchange
internal import Schema
package import Wire

/// `twolists.v1.Rounds`: reads of rounds of placement, answered like the Ledger's: by the engine, from one state that is durable. What has to be worked
/// out of a whole round is worked out by the rounds' thread, once the engine has said that the officer may see it.
package final class RoundsHandler: ServiceHandler {
    package let name = RoundsService.name
    private let engine: EngineHandle
    private let worker: RoundWorker

    init(engine: EngineHandle, worker: RoundWorker) {
        self.engine = engine
        self.worker = worker
    }

    package func shape(of method: String) -> MethodShape? { RoundsService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = RoundsService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            var asked = Asked(name, method.rawValue, from: call.peer.address)
            let aside = RoundAside(reply, worker)
            let work = try RoundLook.work(method, request, aside, key: &asked.key)
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline, reply: aside.reply, work: work)
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }
}

/// Where a call's answer comes from: the engine, or (`look`) the rounds' thread with a round that the engine hands over.
private final class RoundAside {
    private(set) var reply: any CallReply
    private let worker: RoundWorker

    init(_ reply: any CallReply, _ worker: RoundWorker) {
        self.reply = reply
        self.worker = worker
    }

    /// - Parameter allowed: runs on the engine's thread and says whose round it is, or throws.
    func look(
        _ work: RoundJob.Work, _ allowed: @escaping @Sendable (State, Viewer) throws(Status) -> Int
    ) -> QueryWork {
        let (box, worker, reply) = (RoundBox(), worker, reply)
        self.reply = RightQuestion(reply) { status, _ in
            guard status.isOK, let round = box.take() else { return reply.finish(status, payload: []) }
            guard worker.post(RoundJob(work: work, round: round, reply: reply)) else {
                return reply.finish(EngineHandle.overloaded, payload: [])
            }
        }
        return .once { (state, viewer) throws(Status) in
            box.put(state.rounds[try allowed(state, viewer)])
            return []
        }
    }
}

/// What the engine's thread does for each method.
private enum RoundLook {
    /// - Parameter key: set to what the request names of a round.
    static func work(
        _ method: RoundsService.Method, _ request: [UInt8], _ aside: RoundAside, key: inout String
    ) throws(Status) -> QueryWork {
        switch method {
        case .getRound, .history: key = try decode(GetRoundQuery.self, request).key
        case .listPosts, .ranking, .listPeople: key = try decode(RoundRowsQuery.self, request).key
        case .getFile: key = try decode(RoundFileQuery.self, request).key
        case .listRounds: break
        }
        return switch method {
        case .getRound:
            one(key) { (state, slot, viewer) in state.roundView(slot, for: viewer).encoded() }
        case .history:
            one(key) { (state, slot, viewer) in
                HistoryPage(entries: state.roundHistory(slot, for: viewer)).encoded()
            }
        case .listRounds: .once { (state, viewer) in state.roundList(for: viewer).encoded() }
        case .listPosts: try posts(request)
        case .ranking: try ranking(request, aside)
        case .listPeople: try people(request)
        case .getFile: file(try decode(RoundFileQuery.self, request), aside)
        }
    }

    private static func one(
        _ key: String, _ body: @escaping @Sendable (State, Int, Viewer) -> [UInt8]
    ) -> QueryWork {
        .once { (state, viewer) throws(Status) in body(state, try found(key, state, viewer), viewer) }
    }

    private static func posts(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(RoundRowsQuery.self, request)
        return .once { (state, viewer) throws(Status) in
            let slot = try found(query.key, state, viewer)
            do throws(QueryFault) { return try state.roundPosts(slot, query).encoded() } catch {
                throw Status.badPage(error)
            }
        }
    }

    private static func ranking(_ request: [UInt8], _ aside: RoundAside) throws(Status) -> QueryWork {
        let query = try decode(RoundRowsQuery.self, request)
        return aside.look(.ranking(query)) { (state, viewer) throws(Status) in
            let slot = try found(query.key, state, viewer)
            guard state.showsRanking(slot, to: viewer) else { throw Status.notFound("posted ranking") }
            return slot
        }
    }

    private static func people(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(RoundRowsQuery.self, request)
        return .once { (state, viewer) throws(Status) in
            let slot = try found(query.key, state, viewer)
            do throws(QueryFault) {
                return try state.roundPeople(slot, query, for: viewer).encoded()
            } catch {
                throw Status.badPage(error)
            }
        }
    }

    /// The same words for what is not there and for what is not the asker's to see.
    private static func found(_ key: String, _ state: State, _ viewer: Viewer) throws(Status) -> Int {
        guard let slot = state.findRound(key, for: viewer) else { throw Status.notFound("round") }
        return slot
    }

    private static func file(_ query: RoundFileQuery, _ aside: RoundAside) -> QueryWork {
        aside.look(.file(query.offset)) { (state, viewer) throws(Status) in
            guard let slot = state.findRound(query.key, for: viewer), state.rounds[slot].state == .closed
            else { throw Status.notFound("published round") }
            return slot
        }
    }
}
