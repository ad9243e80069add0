public import Schema
import Wire

/// Scanned evidence, fetched by whoever may see it.
extension TwoListsClient {
    /// Opens the file; its pieces come one after the other, as fast as they are taken. The first says what it is.
    public func attachment(
        _ attachment: [UInt8], of target: [UInt8]
    ) async throws(ClientError) -> RemoteCall<FetchAttachmentQuery, AttachmentPiece> {
        try await open(
            RemoteMethod<FetchAttachmentQuery, AttachmentPiece>(
                AttachmentsService.name, AttachmentsService.Method.fetch.rawValue, .serverStream),
            FetchAttachmentQuery(target: target, attachment: attachment))
    }
}
