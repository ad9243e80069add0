import Crypto
import Office
import Schema
import TwoListsClient
import Wire

/// After a restore that cut acknowledged records: its confirmation by the security administrator, and filing again by everybody.
extension Session {
    func confirmRestore() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in
            try await client.restorations(timeout: timeout)
        }
        let all = RestorationForms.found(page)
        guard !key.isEmpty else {
            return show(
                .object(["restorations": .array(all.map(\.json))]), ViewsText(screen).restorations(all))
        }
        guard let one = all.first(where: { "\($0.sequence)" == key }) else {
            throw .usage(
                UsageError(
                    problem: Text(
                        "没有存证序号为“\(Screen.clean(key))”的恢复记录", "no restore has the record \(Screen.clean(key))"
                    ),
                    hint: Text(
                        "twolists admin confirm-restore 列出恢复记录", "twolists admin confirm-restore lists them"),
                    command: line.name))
        }
        let (body, target) = RestorationForms.confirmation(of: one)
        let signed = try await call { () async throws(ClientError) in
            try client.sealed(body, target: target, expectedVersion: 0)
        }
        return try await send(signed, kind: "confirm_restoration", reference: "")
    }

    private var shelf: ReceiptShelf { ReceiptShelf(folder: profile.receiptsPath) }

    func listLost() -> ExitCode {
        let lost = shelf.lost(by: client.restorationsSeen)
        let json = lost.compactMap { entry -> JSON? in
            guard let leaf = ReceiptLeaf(entry.receipt.leaf),
                let checkpoint = ReceiptCheckpoint(entry.receipt.checkpoint?.statement ?? [])
            else { return nil }
            return leaf.json(checkpoint, verdict: nil)
        }
        return show(
            .object(["lost": .array(json)]),
            lost.isEmpty ? [noneLost] : ViewsText(screen).receiptList(lost, damaged: []))
    }

    private var noneLost: String {
        Text(
            "没有因系统恢复而失去的命令。(确认后的恢复在下次连接服务器时得知)",
            "No command was lost by a restore. (A confirmed restore is learned at the next connection.)")[
                language]
    }

    /// Oldest first, each as it was; goes on after a refusal, and stops when the line is down.
    func refile() async throws(Stop) -> ExitCode {
        let lost = shelf.lost(by: client.restorationsSeen, beginning: key)
        if lost.isEmpty { return show(.object(["lost": .array([])]), [noneLost]) }
        var worst = ExitCode.done
        for entry in lost {
            do throws(Stop) {
                let code = try await refile(entry)
                if code != .done { worst = code }
            } catch {
                guard case .exit(let code) = error else { throw error }
                worst = code
                if [.serverUnreachable, .tlsRefused, .deadlineExceeded].contains(code) { break }
            }
        }
        return worst
    }

    private func refile(_ entry: ReceiptShelf.Entry) async throws(Stop) -> ExitCode {
        let signed: SignedEnvelope
        do throws(FileError) {
            signed = try CommandFile.read(entry.commandPath).0
            try shelf.setAside(entry)
        } catch { throw .file(error) }
        var answer: CommandAnswer?
        if !line.has("as-new") || !entry.hasExpired(now: client.now) {
            answer = try await judged(signed, reference: PhoneReference.of(entry.envelope.target))
        }
        if line.has("as-new"), answer == nil || answer?.currentVersion != nil {
            let version = answer?.currentVersion ?? entry.envelope.expectedVersion
            answer = try await filedAsNew(entry.envelope, version: version)
        }
        guard let answer else { throw .exit(.internal) }
        if answer.currentVersion == nil {
            do throws(FileError) { try shelf.noteRefiled(entry) } catch { throw .file(error) }
        } else {
            Output.complain(conflicting(entry.id)[language])
        }
        return show(
            answer, kind: entry.envelope.kind, reference: PhoneReference.of(entry.envelope.target))
    }

    private func conflicting(_ id: String) -> Text {
        Text(
            "命令 \(id) 与现状冲突；核对之后可用 twolists receipt refile \(id) --as-new 作为新命令提报。",
            "Command \(id) conflicts with what stands now; look at it, then file it as a new command with twolists receipt refile \(id) --as-new."
        )
    }

    /// How often a new command follows what others change meanwhile. The first answer may be an old one, repeated with the version of then.
    private static let newAttempts = 3

    /// Another command of the same content, under a new id and signature.
    private func filedAsNew(_ old: Envelope, version: UInt64) async throws(Stop) -> CommandAnswer {
        guard let body = old.command?.body else { throw .exit(.internal) }
        var version = version
        for attempt in 1... {
            let fresh = try await call { () async throws(ClientError) in
                try client.sealed(body, target: old.target, expectedVersion: version)
            }
            let id = (try? Envelope(decoding: fresh.envelope).id) ?? []
            Output.complain(
                Text(
                    "命令 \(Hex.encode(old.id)) 作为新命令 \(Hex.encode(id)) 提报。",
                    "Command \(Hex.encode(old.id)) is filed as a new one, \(Hex.encode(id)).")[language])
            let answer = try await judged(fresh, reference: PhoneReference.of(old.target))
            guard let current = answer.currentVersion, attempt < Self.newAttempts else { return answer }
            version = current
        }
        throw .exit(.internal)
    }
}
