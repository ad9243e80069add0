import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// `request attach`, `request fetch` and the same of cases.
extension Session {
    /// The file of an attachment, read into the outbox; nil for other commands.
    func staged(_ line: Invocation, _ target: TargetView) throws(Stop) -> AttachmentFile.Staged? {
        guard line.name.attaches else { return nil }
        guard !line.has("save") else {
            throw .usage(
                UsageError(
                    problem: Text("附件不能存为单个命令文件", "an attachment does not fit into a command file"),
                    hint: Text("不联网时用 package make 制作光盘包", "without a line make a package (package make)"),
                    command: line.name))
        }
        let id: [UInt8]
        do throws(ClientError) { id = try client.makeID() } catch { throw .client(error) }
        let path = line.operands.last ?? ""
        do throws(FileError) {
            let staged = try AttachmentFile(path, name: line.text("name")).stage(as: id, in: outbox)
            if let fault = fault(staged, target.request?.attachments ?? target.familyCase?.attachments ?? [])
            {
                try? outbox.removeBatch(id: id)
                throw FileError(path, fault)
            }
            return staged
        } catch { throw .file(error) }
    }

    /// What the server would refuse is not sent first.
    private func fault(_ staged: AttachmentFile.Staged, _ held: [AttachmentView]) -> Text? {
        if let number = held.firstIndex(where: { $0.sha256 == staged.sha256 }) {
            return Text("已经附在本事项上(附件\(number + 1))", "it is attached already (attachment \(number + 1))")
        }
        guard held.count >= AttachmentLimits.ofMatter else { return nil }
        return Text(
            "本事项已有\(held.count)个附件，不能再附；请合并扫描",
            "the item has \(held.count) attachments, there can be no more: scan several into one")
    }

    func fetchAttachment() async throws(Stop) -> ExitCode {
        let (target, held) = try await attachments()
        let (view, path) = try wantedAttachment(of: held)
        let pieces = try await call { () async throws(ClientError) in
            try await client.attachment(view.attachment, of: target)
        }
        do throws(Stop) { try await write(pieces, to: path) } catch {
            pieces.cancel()
            throw error
        }
        return told(fetched: view, path)
    }

    /// The attachment that was typed, and where it goes.
    func wantedAttachment(of held: [AttachmentView]) throws(Stop) -> (AttachmentView, path: String) {
        guard let number = Int(line.operands.dropFirst().first ?? ""), held.indices.contains(number - 1)
        else {
            throw .usage(
                UsageError(
                    problem: Text("没有这个序号的附件", "there is no attachment of that number"),
                    hint: Text(
                        "\(line.name.words.first ?? "") show \(Screen.clean(key)) 列出附件",
                        "\(line.name.words.first ?? "") show \(Screen.clean(key)) lists them"),
                    command: line.name))
        }
        let view = held[number - 1]
        return (view, line.operands.count > 2 ? line.operands[2] : Self.fileName(view))
    }

    func told(fetched view: AttachmentView, _ path: String) -> ExitCode {
        let text = Text(
            "已取回并核对：\(path)，\(view.bytes) 字节", "fetched and checked: \(path), \(view.bytes) bytes")
        return show(
            .object(["file": .string(path), "bytes": .uint(view.bytes), "sha256": .hex(view.sha256)]),
            [screen.paint("✓ ", .green) + text[language]])
    }

    private func write(
        _ pieces: RemoteCall<FetchAttachmentQuery, AttachmentPiece>, to path: String
    ) async throws(Stop) {
        var file: FetchedFile
        do throws(FileError) { file = try FetchedFile(path) } catch { throw .file(error) }
        var head: AttachmentView?
        var iterator = pieces.makeAsyncIterator()
        while let piece = try await call({ () async throws(ClientError) in try await iterator.next() }) {
            head = piece.head ?? head
            do throws(FileError) { try file.add(piece.data) } catch { throw .file(error) }
        }
        do throws(FileError) {
            try file.finish(sha256: head?.sha256 ?? [], bytes: head?.bytes ?? 0)
        } catch { throw .file(error) }
    }

    private func attachments() async throws(Stop) -> ([UInt8], [AttachmentView]) {
        if line.name == .caseFetch {
            let view = try await call { () async throws(ClientError) in try await client.familyCase(key) }
            return (view.summary?.target ?? [], view.attachments)
        }
        let view = try await call { () async throws(ClientError) in try await client.request(key) }
        return (view.summary?.target ?? [], view.attachments)
    }

    /// What the sender called it, harmless as a file's name: no folder, no hidden file, no control character.
    private static func fileName(_ view: AttachmentView) -> String {
        let clean =
            Screen.clean(view.name).split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init)
            ?? ""
        let name = clean.drop { $0 == "." || $0 == "-" }
        let isUsable = AttachmentForm.byName(String(name)) == view.type && !name.contains("*")
        return isUsable ? String(name) : "attachment." + AttachmentForm.ending(view.type)
    }
}
