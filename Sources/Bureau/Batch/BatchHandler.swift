internal import Exchange
internal import Journal
internal import Schema
internal import Synchronization
package import Wire

/// `twolists.v1.Batches` (BATCH.md). The loop decodes, the engine says whether the officer may, the batches' thread does it.
package final class BatchHandler: ServiceHandler {
    package let name = BatchesService.name
    private let engine: EngineHandle
    private let desk: BatchDesk

    init(engine: EngineHandle, desk: BatchDesk) {
        self.engine = engine
        self.desk = desk
    }

    package func shape(of method: String) -> MethodShape? { BatchesService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = BatchesService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let stream = BatchCall(reply, desk)
            var asked = Asked(name, method.rawValue, from: call.peer.address)
            let aside = BatchAside(reply, desk, engine, actor)
            let work = try aside.work(method, request, stream, key: &asked.key)
            aside.asked = asked
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline, reply: aside.question, work: work)
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
            return method.shape == .serverStream ? stream : nil
        } catch {
            reply.finish(error, payload: [])
            return nil
        }
    }
}

/// One call: what the engine is asked, and what happens then.
private final class BatchAside {
    private let reply: any CallReply
    private let desk: BatchDesk
    private let engine: EngineHandle
    private let actor: ActorIdentity
    private let job = JobBox()
    /// Reads of whole rows are on record before anything of them is sent.
    private var isNoticed = false
    var asked = Asked("", "", from: "")

    init(_ reply: any CallReply, _ desk: BatchDesk, _ engine: EngineHandle, _ actor: ActorIdentity) {
        self.reply = reply
        self.desk = desk
        self.engine = engine
        self.actor = actor
    }

    /// Takes the engine's answer: a job for the thread, or the reply itself.
    var question: any CallReply {
        let (job, desk, reply) = (job, desk, reply)
        let go: @Sendable (Status, [UInt8]) -> Void = { status, payload in
            guard status.isOK else { return reply.finish(status, payload: []) }
            switch job.take() {
            case .none: reply.finish(.ok, payload: payload)
            case .answer(let answer): reply.finish(answer)
            case .job(let job):
                if !desk.post(job) { reply.finish(EngineHandle.overloaded, payload: []) }
            }
        }
        guard isNoticed else { return RightQuestion(reply, go) }
        let begin = RightQuestion(reply, go)
        let (engine, used) = (engine, NoticedCall(actor: actor, asked: asked, status: .ok, reply: begin))
        return RightQuestion(reply) { status, _ in
            guard status.isOK else { return reply.finish(status, payload: []) }
            if !engine.post(.notice(used)) { reply.finish(EngineHandle.overloaded, payload: []) }
        }
    }

    func work(
        _ method: BatchesService.Method, _ request: [UInt8], _ stream: BatchCall, key: inout String
    ) throws(Status) -> QueryWork {
        switch method {
        case .listKinds: return kinds()
        case .getStored: return try stored(request)
        case .putChunk: return try put(request)
        case .listBatches: return try list(request)
        case .getBatch:
            let query = try decode(GetBatchQuery.self, request)
            key = query.key
            return get(query)
        case .getAnswer: return try answer(request)
        case .getReport:
            let query = try decode(BatchReportQuery.self, request)
            return at(query.batch) { [job] (_, slot, _) in
                job.put(.report(slot: slot, after: query.after, stream))
            }
        case .fetchRows: return try fetch(request, stream)
        case .findPerson: return try find(request)
        case .getFigures: return try figures(request)
        case .compare: return try compare(request)
        }
    }

    /// Asks nothing of the batches' thread: kinds are wanted before everything else, also beside a long check.
    private func kinds() -> QueryWork {
        let (job, desk) = (job, desk)
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            var list = BatchKindList()
            for loaded in state.book.kinds
            where state.book.kind(loaded.kind.code) == loaded {
                list.kinds.append(LoadBatchKind(kind: loaded.kind.code, text: loaded.text))
            }
            list.names = state.book.names.map { LoadBatchNames(list: $0.names.name, text: $0.text) }
            list.rows = desk.rows(list.kinds.map(\.kind))
            job.put(KindsAnswer(list))
            return []
        }
    }

    private static func admit(_ state: State, _ viewer: Viewer) throws(Status) {
        guard state.worksWithBatches(viewer) else { throw Status.caseworkOnly }
    }

    private func stored(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(StoredQuery.self, request)
        guard query.sha256.count <= BatchWorkLimits.asked else {
            throw Status.tooLarge("sha256", query.sha256.count, BatchWorkLimits.asked)
        }
        let (job, reply) = (job, reply)
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            job.put(.stored(query, party: state.party(viewer.party).key, reply: reply))
            return []
        }
    }

    private func put(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(PutChunkQuery.self, request)
        guard query.data.count <= BatchLimits.chunkBytes else {
            throw Status.tooLarge("data", query.data.count, BatchLimits.chunkBytes)
        }
        guard !query.data.isEmpty else { throw Status.malformed("data is empty", "data") }
        let (job, reply) = (job, reply)
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            let party = try Self.sender(query.party, state, viewer)
            job.put(.put(query, party: party, reply: reply))
            return []
        }
    }

    /// Whose chunk it is: the officer's own party's, or at the bureau that of the party whose disc it came on.
    private static func sender(_ party: String, _ state: State, _ viewer: Viewer) throws(Status) -> String {
        if party.isEmpty { return state.party(viewer.party).key }
        guard viewer.sendsPackages else { throw Status.packagesNotPermitted }
        guard state.reader(of: party) != nil else { throw Status.notFound("party") }
        return party
    }

    private func list(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(ListBatchesQuery.self, request)
        let most = query.limit == 0 ? EngineLimits.pageDefault : min(Int(query.limit), EngineLimits.pageMost)
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            return state.batchPage(query, for: viewer, looks: EngineLimits.scanStep, most: most).encoded()
        }
    }

    private func get(_ query: GetBatchQuery) -> QueryWork {
        let desk = desk
        return .once { (state, viewer) throws(Status) in
            guard let slot = state.findBatch(query.key, party: query.party, for: viewer) else {
                throw Status.notFound("batch")
            }
            var view = state.batchView(slot)
            view.checkedRows = desk.checkedRows(state.book.batches[slot].id) ?? 0
            view.heldUp = desk.isHeldUp(state.book.batches[slot].id)
            return view.encoded()
        }
    }

    /// A look at one batch that the officer may see.
    private func at(
        _ id: [UInt8], _ body: @escaping @Sendable (State, Int, Viewer) throws(Status) -> Void
    ) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard let id = EntityID(id), let slot = state.batchSlot(id), state.maySeeBatch(slot, viewer)
            else {
                throw Status.notFound("batch")
            }
            try body(state, slot, viewer)
            return []
        }
    }

    private func answer(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(BatchAnswerQuery.self, request)
        let (job, reply) = (job, reply)
        return at(query.batch) { (state, slot, _) throws(Status) in
            let step = state.batchView(slot).steps.first { $0.stage == query.stage }
            guard let step else { throw Status.notFound("answer") }
            job.put(.answer(sequence: step.sequence, query.stage, reply: reply))
        }
    }

    private func fetch(_ request: [UInt8], _ stream: BatchCall) throws(Status) -> QueryWork {
        let query = try decode(FetchRowsQuery.self, request)
        isNoticed = true
        let job = job
        if !query.batch.isEmpty {
            return at(query.batch) { (_, slot, _) in job.put(.fetch(FetchOrder(slot: slot), stream)) }
        }
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            guard state.book.kind(query.kind) != nil else { throw Status.notFound("kind of batch") }
            let own = state.party(viewer.party).key
            let party = viewer.isOfBureau ? query.party : own
            job.put(.fetch(FetchOrder(kind: query.kind, since: query.since, party: party), stream))
            return []
        }
    }

    private func find(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(FindPersonQuery.self, request)
        isNoticed = true
        let (job, reply) = (job, reply)
        return .once { (state, viewer) throws(Status) in
            guard viewer.isOfBureau, viewer.roles.contains(.approver) else {
                throw Status.personNotPermitted
            }
            job.put(.find(query, reply: reply))
            return []
        }
    }

    private func figures(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(RegisterFiguresQuery.self, request)
        let (job, reply) = (job, reply)
        return .once { (state, viewer) throws(Status) in
            guard viewer.isOfBureau, viewer.doesCasework else { throw Status.caseworkOnly }
            job.put(.figures(query, reply: reply))
            return []
        }
    }

    private func compare(_ request: [UInt8]) throws(Status) -> QueryWork {
        let query = try decode(CompareQuery.self, request)
        isNoticed = query.withRows
        let (job, reply) = (job, reply)
        return .once { (state, viewer) throws(Status) in
            try Self.admit(state, viewer)
            let party = viewer.isOfBureau ? query.party : state.party(viewer.party).key
            guard let kind = state.book.kind(query.kind)?.kind else { throw Status.notFound("kind of batch") }
            guard kind.takesPeriod(query.period) else {
                throw Status.malformed("period is none of those \(kind.code) asks batches for", "period")
            }
            job.put(.compare(query, party: party, reply: reply))
            return []
        }
    }
}

/// All kinds and names, which are some hundred kilobytes: written on the caller's loop, not on the engine's thread.
private final class KindsAnswer: CallAnswer {
    private let list: BatchKindList

    init(_ list: BatchKindList) { self.list = list }

    func encodedAnswer() -> [UInt8] { list.encoded() }
}

/// Takes what is to be done from the engine's thread to whoever goes on with it.
final class JobBox: Sendable {
    enum Next: Sendable {
        /// The engine's own answer is all.
        case none
        case answer(any CallAnswer)
        case job(BatchJob)
    }
    private let next = Mutex<Next>(.none)

    func put(_ job: BatchJob) { next.withLock { $0 = .job(job) } }
    func put(_ answer: any CallAnswer) { next.withLock { $0 = .answer(answer) } }

    func take() -> Next {
        next.withLock { held in
            defer { held = .none }
            return held
        }
    }
}
