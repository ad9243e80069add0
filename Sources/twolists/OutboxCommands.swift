import Foundation
import Office
import Schema
import TwoListsClient

/// Commands that wait on this machine, and commands in files.
extension Session {
    func listOutbox() -> ExitCode {
        let content = outbox.content()
        let now = client.now
        let entries = content.entries.map { entry in
            JSON.object([
                "id": .hex(entry.id), "kind": .string(entry.envelope.kind),
                "target": .hex(entry.envelope.target),
                "issued_at": .time(entry.envelope.issuedAt), "expired": .bool(entry.hasExpired(now: now)),
            ])
        }
        return show(.object(["entries": .array(entries)]), ViewsText(screen).outbox(content, now: now))
    }

    /// Sends what waits again, oldest first, under the same ids. Goes on after a refusal, or what the server will not take, and stops when
    /// the line is down.
    func retryOutbox() async throws(Stop) -> ExitCode {
        let entries = outbox.entries(matching: line.operands.first)
        if entries.isEmpty { return listOutbox() }
        var worst = ExitCode.done
        for entry in entries {
            let code = try await sendAgain(entry)
            if code != .done { worst = code }
            if [.serverUnreachable, .tlsRefused, .deadlineExceeded].contains(code) { break }
        }
        return worst
    }

    private func sendAgain(_ entry: Outbox.Entry) async throws(Stop) -> ExitCode {
        do throws(Stop) {
            return try await send(
                entry.signed, kind: entry.envelope.kind, reference: PhoneReference.of(entry.envelope.target))
        } catch {
            guard case .exit(let code) = error else { throw error }
            return code
        }
    }

    func discardFromOutbox() throws(Stop) -> ExitCode {
        let entries = outbox.entries(matching: key)
        guard entries.count == 1, let entry = entries.first else {
            throw .usage(
                UsageError(
                    problem: Text(
                        "没有唯一的待发命令以“\(Screen.clean(key))”开头",
                        "no single waiting command begins with \(Screen.clean(key))"),
                    hint: Text("twolists outbox list 列出待发命令", "twolists outbox list shows them"),
                    command: line.name))
        }
        do throws(FileError) { try outbox.remove(id: entry.id) } catch { throw .file(error) }
        return show(.object(["discarded": .hex(entry.id)]), [Text("已删除。", "Discarded.")[language]])
    }

    /// `send FILE` as its own officer, `import FILE` as an officer of the bureau for the one who signed it.
    func sendFile(asImport: Bool) async throws(Stop) -> ExitCode {
        let signed: SignedEnvelope
        let envelope: Envelope
        do throws(FileError) { (signed, envelope) = try CommandFile.read(key) } catch { throw .file(error) }
        let reference = PhoneReference.of(envelope.target)
        if !asImport { return try await send(signed, kind: envelope.kind, reference: reference) }
        let answer = try await call { () async throws(ClientError) in
            try await client.importCommand(signed, timeout: timeout)
        }
        return show(answer, kind: envelope.kind, reference: reference)
    }
}
