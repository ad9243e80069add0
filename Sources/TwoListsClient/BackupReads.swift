import Crypto
public import Schema
import Wire

/// A copy of the server's store over the line, for system administrators of the bureau; others are answered PERMISSION_DENIED. See
/// `Protocol/twolists/v1/backup.proto`.
extension TwoListsClient {
    public enum BackupPart: Sendable {
        /// Everything but the keys; personal fields are sealed in it.
        case data
        /// The key file, whose copies are kept apart and expire.
        case keys
    }

    /// Opens the copy; its pieces are read one after the other, as fast as they are taken.
    ///
    /// - Parameter had: whole files from an attempt before, which are not sent again where they would be the same.
    public func backup(
        _ part: BackupPart, had: [BackupFile] = []
    ) async throws(ClientError) -> RemoteCall<BackupQuery, BackupPiece> {
        let method: BackupService.Method = part == .data ? .copyData : .copyKeys
        return try await open(
            RemoteMethod<BackupQuery, BackupPiece>(BackupService.name, method.rawValue, .serverStream),
            BackupQuery(had: had))
    }

    /// The checkpoint that a copy of the data came with: its signature is checked by the connection's CA file, and the page must name its
    /// records and root. From now on it is part of the history seen.
    public func vouched(_ end: BackupEnd) throws(ReceiptFailure) -> ReceiptCheckpoint {
        guard let statement = end.checkpoint else { throw ReceiptFailure(.form, "no checkpoint") }
        let verifier: ReceiptVerifier
        do throws(ClientError) {
            verifier = try ReceiptVerifier(authorityPath: configuration.authorityPath)
        } catch {
            throw ReceiptFailure(.certificate, "\(error)")
        }
        let checkpoint = try verifier.verify(statement)
        let lines = end.page.split(separator: "\n")
        guard lines.contains("sequence \(checkpoint.treeSize)"),
            lines.contains("root \(Hex.encode(checkpoint.rootBytes))"),
            lines.contains("store \(Hex.encode(checkpoint.storeID))")
        else { throw ReceiptFailure(.form, "the page says something else than the checkpoint") }
        history.saw(statement, checkpoint, inHello: false)
        return checkpoint
    }
}
