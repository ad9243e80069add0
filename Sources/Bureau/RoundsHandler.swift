internal import Crypto
internal import Exchange
internal import Schema
package import Wire

/// `twolists.v1.Rounds`: reads of rounds of placement, answered like the Ledger's: by the engine, from one state that is durable.
package final class RoundsHandler: ServiceHandler {
    package let name = RoundsService.name
    private let engine: EngineHandle

    package init(engine: EngineHandle) { self.engine = engine }

    package func shape(of method: String) -> MethodShape? { RoundsService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = RoundsService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            var asked = Asked(name, method.rawValue, from: call.peer.address)
            let work = try RoundLook.work(method, request, key: &asked.key)
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline, reply: reply,
                work: work)
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }
}

/// What the engine's thread does for each method.
private enum RoundLook {
    /// - Parameter key: set to what the request names of a round.
    static func work(
        _ method: RoundsService.Method, _ request: [UInt8], key: inout String
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
        case .ranking: try ranking(request)
        case .listPeople: try people(request)
        case .getFile: file(try decode(RoundFileQuery.self, request))
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

    private static func ranking(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(RoundRowsQuery.self, request)
        return .once { (state, viewer) throws(Status) in
            let slot = try found(query.key, state, viewer)
            let page: RankingPage?
            do throws(QueryFault) { page = try state.ranking(slot, query, for: viewer) } catch {
                throw Status.badPage(error)
            }
            guard let page else { throw Status.notFound("posted ranking") }
            return page.encoded()
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

    /// The file is made anew for each part: it is asked for seldom, and kept nowhere.
    private static func file(_ query: RoundFileQuery) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard let slot = state.findRound(query.key, for: viewer),
                let bytes = state.roundFile(slot, { Digest(of: $0).bytes })
            else { throw Status.notFound("published round") }
            let first = Int(clamping: min(query.offset, UInt64(bytes.count)))
            let part = bytes[first..<min(first + EngineLimits.roundFilePart, bytes.count)]
            return RoundFilePart(bytes: Array(part), total: UInt64(bytes.count)).encoded()
        }
    }
}
