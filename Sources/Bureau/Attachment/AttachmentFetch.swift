internal import Exchange
internal import Journal
internal import Schema
internal import Wire

/// An attachment that an officer may have.
struct AttachmentOrder: Sendable {
    let view: AttachmentView
    let id: EntityID
    /// Whose upload it was; not always told to who asks.
    let party: String
    let manifest: [UInt8]
    /// Whoever looks at a case's evidence is on record.
    let isOfCase: Bool
}

/// A file on its way out: a chunk a message, as long as the caller takes them.
final class AttachmentFetch {
    let call: BatchCall
    private let order: AttachmentOrder
    private let upload: ID128
    private var rest: ArraySlice<BatchChunk>?
    private var lastTaken: Int64

    init(_ order: AttachmentOrder, _ prints: FilePrints, _ call: BatchCall, now: Int64) {
        self.order = order
        self.call = call
        upload = prints.upload(order.party, order.id)
        lastTaken = now
    }

    /// False: it is over.
    func step(_ memory: borrowing BatchMemory, now: Int64) throws -> Bool {
        if call.isOver { return false }
        guard call.reply.isReady else {
            guard now - lastTaken < BatchWorkLimits.patience else { throw Status.tooSlow }
            return true
        }
        lastTaken = now
        guard var rest else { return try begin(memory) }
        guard let chunk = rest.popFirst() else {
            call.reply.finish(.ok, payload: [])
            return false
        }
        self.rest = rest
        // Erased meanwhile: there is no key.
        guard let data = try memory.shelf.read(upload, chunk.sha256) else {
            throw Status.notFound("attachment")
        }
        call.reply.send(AttachmentPiece(data: data).encoded())
        return true
    }

    private func begin(_ memory: borrowing BatchMemory) throws -> Bool {
        guard let data = try memory.shelf.read(upload, order.manifest, isManifest: true) else {
            throw Status.notFound("attachment")
        }
        rest = try BatchManifest(decoding: data).chunks[...]
        call.reply.send(AttachmentPiece(head: order.view).encoded())
        return true
    }
}
