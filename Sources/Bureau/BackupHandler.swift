internal import Journal
internal import Schema
internal import Synchronization
package import Wire

/// `twolists.v1.Backup`: a copy of the store over the line, for system administrators of the bureau. The loop decodes, the engine says whether the
/// officer may, and a thread of its own reads the files: nobody else waits for a disk, and the writer for nothing.
package final class BackupHandler: ServiceHandler {
    package let name = BackupService.name
    private let engine: EngineHandle
    private let worker: BackupWorker

    init(engine: EngineHandle, worker: BackupWorker) {
        self.engine = engine
        self.worker = worker
    }

    package func shape(of method: String) -> MethodShape? { BackupService.Method(rawValue: method)?.shape }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = BackupService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let had = try decode(BackupQuery.self, request).had
            guard had.count <= BackupLimits.had else {
                throw Status.tooLarge("had", had.count, BackupLimits.had)
            }
            let backup = BackupCall(reply, worker)
            let who = String(decoding: call.peer.uri, as: UTF8.self)
            let job = BackupJob(ofKeys: method == .copyKeys, had: had, who: who, call: backup)
            let asked = Asked(name, method.rawValue, from: call.peer.address)
            let begin = RightQuestion(reply) { [worker] status, _ in
                guard status.isOK else { return reply.finish(status, payload: []) }
                if !worker.post(job) { reply.finish(.serverBusy, payload: []) }
            }
            let question = RightQuestion(reply) { [worker, engine] status, _ in
                guard status.isOK else {
                    worker.notice(
                        "backup (\(method.rawValue)) refused: \(who) is no system administrator of the bureau"
                    )
                    return reply.finish(status, payload: [])
                }
                // Who takes a copy away is on record before they have any of it.
                let used = NoticedCall(actor: actor, asked: asked, status: .ok, reply: begin)
                if !engine.post(.notice(used)) { reply.finish(EngineHandle.overloaded, payload: []) }
            }
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline, reply: question,
                work: .once(mayAdminister))
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
            return backup
        } catch {
            reply.finish(error, payload: [])
            return nil
        }
    }
}

/// One copy under way, as its event loop sees it.
final class BackupCall: CallHandler, Sendable {
    let reply: any CallReply
    private let worker: BackupWorker
    private let over = Atomic<Bool>(false)

    init(_ reply: any CallReply, _ worker: BackupWorker) {
        self.reply = reply
        self.worker = worker
    }

    var isOver: Bool { over.load(ordering: .acquiring) }

    func receive(_ message: [UInt8]) {}
    func requestsEnded() {}
    func ready() { worker.wake() }
    func cancelled(_ reason: CancelReason) {
        over.store(true, ordering: .releasing)
        worker.wake()
    }
}
