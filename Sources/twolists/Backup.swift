import Crypto
import Office
import Schema
import TwoListsClient

/// `admin backup` and `admin backup-keys`: a copy of the running server's store.
extension Session {
    func backUp(_ part: TwoListsClient.BackupPart) async throws(Stop) -> ExitCode {
        var folder: BackupFolder
        let had: [BackupFile]
        do throws(FileError) {
            folder = try BackupFolder(key, part)
            had = try folder.had()
        } catch { throw .file(error) }
        let pieces = try await call { () async throws(ClientError) in
            try await client.backup(part, had: had)
        }
        var iterator = pieces.makeAsyncIterator()
        while let piece = try await call({ () async throws(ClientError) in try await iterator.next() }) {
            do throws(FileError) { try folder.take(piece) } catch {
                pieces.cancel()
                throw .file(error)
            }
        }
        let checkpoint = part == .data ? try vouched(folder.end) : nil
        do throws(FileError) { try folder.finish(page: checkpoint == nil ? nil : folder.end?.page) } catch {
            throw .file(error)
        }
        return told(folder, checkpoint)
    }

    /// The checkpoint that vouches for a copy of the data; told and refused where there is none.
    private func vouched(_ end: BackupEnd?) throws(Stop) -> ReceiptCheckpoint {
        do throws(ReceiptFailure) {
            return try client.vouched(end ?? BackupEnd())
        } catch {
            Output.complain(
                Text(
                    "备份没有可信的存证签名，不算完整：\(ReceiptTexts.check(error.check).zh)",
                    "the copy has no signature to be believed, it is no backup: \(ReceiptTexts.check(error.check).en) (\(error.detail))"
                )[language])
            throw .exit(.notProven)
        }
    }

    private func told(_ folder: BackupFolder, _ checkpoint: ReceiptCheckpoint?) -> ExitCode {
        var lines = [
            screen.paint("✓ ", .green)
                + Text(
                    "已备份到 \(key)：传送 \(folder.bytes) 字节，原有 \(folder.kept) 字节",
                    "copied to \(key): \(folder.bytes) bytes sent, \(folder.kept) there before")[language]
        ]
        if let checkpoint {
            let root = Hex.encode(checkpoint.rootBytes)
            lines.append(
                Text(
                    "\(checkpoint.treeSize) 条记录，根摘要 \(root)，签名有效；用 twolists-server verify 或 restore 核对内容",
                    "\(checkpoint.treeSize) records, root \(root), the signature holds; prove the content with twolists-server verify or restore"
                )[language])
        }
        let json = JSON.object([
            "folder": .string(key), "bytes": .uint(folder.bytes), "kept": .uint(folder.kept),
            "records": checkpoint.map { .uint($0.treeSize) } ?? .null,
            "root": checkpoint.map { .hex($0.rootBytes) } ?? .null,
        ])
        return show(json, lines)
    }
}
