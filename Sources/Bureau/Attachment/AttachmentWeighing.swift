internal import Crypto
internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// Reads a stored file through before its command is judged, a chunk a step: size, digest and type are what the command says, so that whoever fetches it gets what was attached.
final class AttachmentWeighing {
    let submission: Submission
    private let evidence: AttachEvidence
    private let engine: EngineHandle
    private let upload: ID128
    private let digest: IncrementalDigest
    /// Digests of the chunks; nil: the manifest was not read yet.
    private var rest: ArraySlice<BatchChunk>?
    private var bytes: UInt64 = 0
    private var isOfType = false

    init(_ submission: Submission, _ evidence: AttachEvidence, _ engine: EngineHandle, _ prints: FilePrints)
        throws
    {
        self.submission = submission
        self.evidence = evidence
        self.engine = engine
        // An id that is none finds nothing, and the engine says what is wrong with it.
        upload = EntityID(evidence.attachment).map { prints.upload(submission.actor.party, $0) } ?? .zero
        digest = try IncrementalDigest()
    }

    /// False: the engine has it.
    func step(_ memory: borrowing BatchMemory) throws -> Bool {
        guard var rest else { return try begin(memory) }
        guard let chunk = rest.popFirst() else { return end() }
        self.rest = rest
        guard let data = try memory.shelf.read(upload, chunk.sha256) else { return end(.attachmentNotStored) }
        if bytes == 0 { isOfType = AttachmentForm.byContent(data) == evidence.type }
        bytes += UInt64(data.count)
        digest.update(data)
        return true
    }

    private func begin(_ memory: borrowing BatchMemory) throws -> Bool {
        guard evidence.bytes <= AttachmentLimits.bytes else { return end(nil) }
        guard let data = try memory.shelf.read(upload, evidence.manifest, isManifest: true) else {
            return end(.attachmentNotStored)
        }
        rest = try BatchManifest(decoding: data).chunks[...]
        return true
    }

    private func end() -> Bool {
        guard bytes == evidence.bytes, isOfType, digest.finish().bytes == evidence.sha256 else {
            return end(.attachmentDiffers)
        }
        return end(nil)
    }

    /// The engine judges all of them: it may have done so before, whatever is stored now.
    private func end(_ obstacle: Status?) -> Bool {
        if let obstacle { submission.hinder(obstacle) }
        if !engine.post(.command(submission)) {
            submission.reply.finish(EngineHandle.overloaded, payload: [])
        }
        return false
    }
}

extension BatchThread {
    mutating func weigh(_ submission: Submission, _ evidence: AttachEvidence, _ engine: EngineHandle) {
        do {
            weighings.append(try AttachmentWeighing(submission, evidence, engine, memory.keys.prints))
        } catch { submission.reply.finish(.batchesUnavailable("\(error)"), payload: []) }
    }

    /// A chunk of each that is weighed, a message of each that is fetched.
    mutating func stepAttachments() {
        weighings = weighings.filter { weighing in
            stepped(weighing.submission.reply) { () throws in try weighing.step(memory) }
        }
        attachments = attachments.filter { fetch in
            stepped(fetch.call.reply) { () throws in try fetch.step(memory, now: clock.steady()) }
        }
    }

    private func stepped(_ reply: any CallReply, _ step: () throws -> Bool) -> Bool {
        do { return try step() } catch let status as Status {
            reply.finish(status, payload: [])
        } catch {
            notice("attachments: \(error)")
            reply.finish(.batchesUnavailable("\(error)"), payload: [])
        }
        return false
    }
}
