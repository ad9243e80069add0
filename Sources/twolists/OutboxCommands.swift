import Crypto
import Foundation
import Office
import Schema
import TwoListsClient
import Wire

/// What waits on this machine: shown, sent in order, dropped; and commands in files.
extension Session {
    func listOutbox() -> ExitCode {
        let content = outbox.content()
        let text = OutboxText(screen, now: client.now)
        return show(text.json(content), text.list(content))
    }

    func showOutboxEntry() throws(Stop) -> ExitCode {
        let content = outbox.content()
        let entry = try single(content)
        let chunks = entry.envelope.chunksOf.flatMap { try? outbox.batch(id: $0) }
        let text = OutboxText(screen, now: client.now)
        return show(text.json(entry, content), text.entry(entry, content, chunks: chunks))
    }

    func dropFromOutbox() throws(Stop) -> ExitCode {
        let entry = try single(outbox.content())
        do throws(FileError) { try outbox.remove(id: entry.id) } catch { throw .file(error) }
        return show(.object(["dropped": .hex(entry.id)]), [Text("已删除。", "Dropped.")[language]])
    }

    private func single(_ content: Outbox.Content) throws(Stop) -> Outbox.Entry {
        let found = content.entries.filter { Hex.encode($0.id).hasPrefix(key.lowercased()) }
        if found.count == 1, let entry = found.first { return entry }
        throw .usage(
            UsageError(
                problem: Text(
                    "没有唯一的待发命令以“\(Screen.clean(key))”开头",
                    "no single waiting command begins with \(Screen.clean(key))"),
                hint: Text("twolists outbox list 列出待发命令", "twolists outbox list shows them"),
                command: line.name))
    }

    // MARK: Sending

    /// Sends what waits, or one command and what must go before it, under the ids they have. Goes on after a refusal, with other matters,
    /// and stops when the line is down.
    func sendOutbox() async throws(Stop) -> ExitCode {
        guard let lock = try await lockOutbox() else { return busy() }
        defer { lock.release() }
        let content = outbox.content()
        if content.entries.isEmpty { return listOutbox() }
        var course = OutboxCourse(content.entries)
        if !key.isEmpty { course = OutboxCourse(content.entries, upTo: try single(content)) }
        var worst = ExitCode.done
        var sent = 0
        while let entry = course.next() {
            let (code, end) = try await sendAgain(entry)
            if code != .done { worst = code }
            course.ended(entry, end)
            sent += 1
        }
        return sent == 0 ? listOutbox() : worst
    }

    private func sendAgain(_ entry: Outbox.Entry) async throws(Stop) -> (ExitCode, OutboxCourse.End) {
        do throws(Stop) {
            let answer = try await answered(entry, isAside: false)
            _ = show(answer, kind: entry.envelope.kind, reference: PhoneReference.of(entry.matter))
            return (answer.exitCode, answer.exitCode == .done ? .done : .failed)
        } catch {
            guard case .exit(let code) = error else { throw error }
            let isDown = [.serverUnreachable, .tlsRefused, .deadlineExceeded, .overloaded].contains(code)
            return (code, isDown ? .lineDown : .failed)
        }
    }

    /// Sends one under its id. What is done leaves the outbox; what is refused stays there, set apart, until the clerk drops it.
    private func answered(_ entry: Outbox.Entry, isAside: Bool) async throws(Stop) -> CommandAnswer {
        let answer: CommandAnswer
        do throws(ClientError) {
            try await upload(entry.envelope)
            answer = try await client.execute(entry.signed, timeout: timeout)
        } catch {
            outbox.note(error.outboxReason, on: entry.id, at: client.now)
            throw afterFailure(error, entry.envelope, PhoneReference.of(entry.matter), isAside: isAside)
        }
        if answer.exitCode == .done {
            do throws(FileError) { try outbox.remove(id: entry.id) } catch { throw .file(error) }
            remember([(answer.target, answer.version, answer.number)])
        } else {
            outbox.note(.refused(answer), on: entry.id, at: client.now)
        }
        return answer
    }

    /// Before a command: sends what waits, in order. False: the line is down, or is not to be used, or another process is sending, and the
    /// command goes into the outbox behind the others.
    func clearsOutbox(_ lock: OutboxLock?, _ line: Invocation) async throws(Stop) -> Bool {
        if isOffline { return false }
        guard lock != nil else {
            _ = busy()
            return false
        }
        return try await sendFirst()
    }

    /// Before a read. Whether it worked is no concern of the read's, which tells of the line itself.
    func sendBeforeReading() async throws(Stop) {
        guard !profile.isOffline, !outbox.isEmpty, let lock = try? await outbox.lock(within: .zero) else {
            return
        }
        defer { lock.release() }
        _ = try await sendFirst()
    }

    private func sendFirst() async throws(Stop) -> Bool {
        var course = OutboxCourse(outbox.isEmpty ? [] : outbox.content().entries)
        let text = OutboxText(screen, now: client.now)
        while let entry = course.next() {
            do throws(Stop) {
                let answer = try await answered(entry, isAside: true)
                for line in text.sent(entry, answer) { Output.complain(line) }
                course.ended(entry, answer.exitCode == .done ? .done : .failed)
            } catch {
                guard case .exit(let code) = error else { throw error }
                guard code != .serverUnreachable, code != .deadlineExceeded else { return false }
                course.ended(entry, .failed)
            }
        }
        return true
    }

    /// Held by whoever sends from the outbox, or puts something into it on top of what is there.
    func lockOutbox() async throws(Stop) -> OutboxLock? {
        do throws(FileError) { return try await outbox.lock(within: timeout) } catch { throw .file(error) }
    }

    private func busy() -> ExitCode {
        Output.complain(
            Text(
                "另一个 twolists 正在用同一配置发送，尚未结束。",
                "Another twolists of this profile is sending and has not finished.")[language])
        return .overloaded
    }

    // MARK: Queuing

    /// Puts a command behind what waits already.
    func queue(_ body: Command.OneOf_Body, _ target: TargetView) async throws(Stop) -> ExitCode {
        let signed = try await call { () async throws(ClientError) in
            try client.sealed(body, target: target.id, expectedVersion: target.version)
        }
        guard let envelope = try? Envelope(decoding: signed.envelope) else { throw .exit(.internal) }
        do throws(FileError) { try outbox.save(signed, id: envelope.id) } catch { throw .file(error) }
        if !isOffline { outbox.note(.unreachable, on: envelope.id, at: client.now) }
        let content = outbox.content()
        let text = OutboxText(screen, now: client.now)
        _ = show(
            text.json(queued: envelope, content), text.queued(envelope, content, byDisc: !profile.hasLine))
        return isOffline ? .done : .serverUnreachable
    }

    /// A matter as what waits will leave it, or else as it was seen last.
    func queuedTarget(_ line: Invocation, or failure: ClientError?) throws(Stop) -> TargetView {
        guard ["request", "case", "round"].contains(line.name.words.first) else { throw unknown("", failure) }
        var target = try queuedTarget(line.operands.first ?? "", or: failure)
        if let expected = line.integer("expect") { target.version = UInt64(expected) }
        let needsTexts =
            line.name == .requestAmend && target.request == nil
            || line.name == .caseAmend && target.familyCase == nil
        if needsTexts { throw unknown(line.operands.first ?? "", failure) }
        return target
    }

    func queuedTarget(_ key: String, or failure: ClientError?) throws(Stop) -> TargetView {
        let content = outbox.content()
        let seen = SeenMatters(folder: outbox.folder).find(key)
        guard let queued = content.matter(named: key) ?? seen.flatMap({ content.matter($0.target) }) else {
            if let mirrored = seenInMirror(key) { return mirrored }
            guard let seen else { throw unknown(key, failure) }
            return TargetView(
                id: seen.target, version: seen.version, reference: PhoneReference.of(seen.target))
        }
        try refuseBehind(queued.target, isOnline: false)
        return TargetView(
            id: queued.target, version: queued.version, reference: PhoneReference.of(queued.target),
            request: queued.request, familyCase: queued.familyCase)
    }

    private func unknown(_ key: String, _ failure: ClientError?) -> Stop {
        if let failure { return .client(failure) }
        return .usage(
            UsageError(
                problem: Text(
                    "不联网时不知道“\(Screen.clean(key))”现在的情况",
                    "without a connection nothing is known of \(Screen.clean(key))"),
                hint: Text(
                    "请联网后再办，或先联网查看一次(request list)",
                    "do it when connected, or look at it once first (request list)"),
                command: line.name))
    }

    /// Nothing is put on top of what was refused: it was typed for another state of the matter.
    /// Online it is typed for what the server has now, so it goes, unless something still waits behind the refused one.
    func refuseBehind(_ target: [UInt8], isOnline: Bool) throws(Stop) {
        let waiting = outbox.content().entries.filter { $0.matter == target }
        guard let refused = waiting.first(where: \.isRefused) else { return }
        if isOnline, waiting.allSatisfy(\.isRefused) { return }
        let id = OutboxText.short(refused.id)
        throw .usage(
            UsageError(
                problem: Text(
                    "本事项有一条命令已被退回，还留在待发箱(\(id))",
                    "a command on this matter was refused and is still in the outbox (\(id))"),
                hint: Text(
                    "twolists outbox show \(id) 查看原因，outbox drop \(id) 删除后再办",
                    "see why with twolists outbox show \(id), drop it with outbox drop \(id), then go on"),
                command: line.name))
    }

    // MARK: What was seen

    /// Notes versions for what is typed later without a connection.
    func remember(_ seen: [(target: [UInt8], version: UInt64, number: String)]) {
        SeenMatters(folder: outbox.folder).note(
            seen.filter { !$0.target.isEmpty }.map {
                SeenMatters.Matter(target: $0.target, version: $0.version, number: $0.number)
            })
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
