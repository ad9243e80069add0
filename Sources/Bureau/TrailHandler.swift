internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
package import Wire

/// `twolists.v1.Trail`: what was judged, for the auditor alone.
///
/// Three threads: the loop decodes; the engine says whether the officer is an auditor now, and finds the target of a number; the trail's own
/// thread reads the journal's files, so that neither of the others waits for a disk.
package final class TrailHandler: ServiceHandler {
    package let name = TrailService.name
    private let engine: EngineHandle
    private let worker: TrailWorker
    private let source: TrailSource

    init(engine: EngineHandle, worker: TrailWorker, source: TrailSource) {
        self.engine = engine
        self.worker = worker
        self.source = source
    }

    package func shape(of method: String) -> MethodShape? { TrailService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = TrailService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let (target, job) = try work(method, request)
            let question = RightQuestion(reply) { [worker, source] status, target in
                guard status.isOK else { return reply.finish(status, payload: []) }
                let waits = worker.post(TrailJob(work: job, target: target, reply: reply, source: source))
                if !waits { reply.finish(EngineHandle.overloaded, payload: []) }
            }
            let query = Query(
                actor: actor, asked: Asked(name, method.rawValue, from: call.peer.address),
                deadline: call.deadline, reply: question, work: TrailHandler.right(target))
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
        } catch {
            reply.finish(error, payload: [])
        }
        return nil
    }

    /// The key of a target that the engine must find, and what the trail's thread then does.
    private func work(
        _ method: TrailService.Method, _ request: [UInt8]
    ) throws(Status) -> (target: String, TrailJob.Work) {
        switch method {
        case .list:
            let query = try decode(TrailQuery.self, request)
            return (query.target, .list(try TrailFilter(query)))
        case .head: return ("", .head(try decode(TrailHeadQuery.self, request)))
        case .records: return ("", .records(try decode(TrailRecordsQuery.self, request)))
        }
    }

    /// Answers with the bytes of the target's id, none when no target was named.
    private static func right(_ target: String) -> QueryWork {
        .once { (state, viewer) throws(Status) in
            guard viewer.roles.contains(.auditor) else { throw Status.auditorOnly }
            if target.isEmpty { return [] }
            guard let id = EntityID(hex: target) ?? state.target(numbered: target) else {
                throw Status.notFound("target")
            }
            return id.bytes
        }
    }
}
