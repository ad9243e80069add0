internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
package import Wire

/// `twolists.v1.Attachments` (ATTACHMENT.md 4). The loop decodes, the engine says whether the officer may, the batches' thread reads the file.
package final class AttachmentHandler: ServiceHandler {
    package let name = AttachmentsService.name
    private let engine: EngineHandle
    private let desk: BatchDesk

    init(engine: EngineHandle, desk: BatchDesk) {
        self.engine = engine
        self.desk = desk
    }

    package func shape(of method: String) -> MethodShape? {
        AttachmentsService.Method(rawValue: method)?.shape
    }

    package func open(_ call: CallInfo, request: [UInt8], reply: any CallReply) -> (any CallHandler)? {
        do throws(Status) {
            let actor = try ActorIdentity(call.peer)
            guard let method = AttachmentsService.Method(rawValue: call.method) else {
                throw Status.methodUnknown(call.method)
            }
            let wanted = try decode(FetchAttachmentQuery.self, request)
            guard let target = EntityID(wanted.target), let attachment = EntityID(wanted.attachment) else {
                throw Status.malformed("target and attachment must be 16 bytes", "attachment")
            }
            let stream = BatchCall(reply, desk)
            let box = JobBox()
            var asked = Asked(name, method.rawValue, from: call.peer.address)
            asked.key = Hex.encode(wanted.target)
            let work = QueryWork.once { (state, viewer) throws(Status) in
                guard let found = state.fetchable(attachment, on: target, for: viewer),
                    let manifest = found.held.manifest.clear.flatMap(Hex.decode)
                else { throw Status.notFound("attachment") }
                let order = AttachmentOrder(
                    view: found.view, id: attachment, party: state.party(found.held.party).key,
                    manifest: manifest, isOfCase: found.isOfCase)
                box.put(.attachment(order, stream))
                return []
            }
            let query = Query(
                actor: actor, asked: asked, deadline: call.deadline,
                reply: question(box, reply, actor, asked), work: work)
            guard engine.post(.query(query)) else { throw EngineHandle.overloaded }
            return stream
        } catch {
            reply.finish(error, payload: [])
            return nil
        }
    }

    /// Takes the engine's answer: a job for the thread, after it is on record where it must be.
    private func question(
        _ box: JobBox, _ reply: any CallReply, _ actor: ActorIdentity, _ asked: Asked
    ) -> any CallReply {
        let (engine, desk) = (engine, desk)
        return RightQuestion(reply) { status, _ in
            guard status.isOK, case .job(let job) = box.take() else {
                return reply.finish(status, payload: [])
            }
            guard case .attachment(let order, _) = job, order.isOfCase else {
                if !desk.post(job) { reply.finish(EngineHandle.overloaded, payload: []) }
                return
            }
            let begin = RightQuestion(reply) { status, _ in
                guard status.isOK else { return reply.finish(status, payload: []) }
                if !desk.post(job) { reply.finish(EngineHandle.overloaded, payload: []) }
            }
            let used = NoticedCall(actor: actor, asked: asked, status: .ok, reply: begin)
            if !engine.post(.notice(used)) { reply.finish(EngineHandle.overloaded, payload: []) }
        }
    }
}
