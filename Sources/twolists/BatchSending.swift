import Crypto
import Exchange
import Foundation
import Office
import Schema
import Synchronization
import TwoListsClient
import Wire

/// `batch send`: check, go on where an earlier attempt ended, wait for the three answers.
extension Session {
    func sendBatch() async throws(Stop) -> ExitCode {
        let kinds = try await knownKinds().kinds
        let sending: BatchSending
        do throws(FileError) {
            let (file, kind) = try desk(kinds).chosen(key)
            sending = BatchSending(
                session: self, kinds: kinds, file: file, kind: kind,
                progress: SendProgress(screen: errorScreen))
        } catch { throw .file(error) }
        return try await sending.run()
    }

    /// Standard error: where progress is shown, so that what is printed can be piped.
    private var errorScreen: Screen {
        var shown = screen
        shown.columns = min(screen.columns, 80)
        return shown
    }
}

/// Sending one file.
private struct BatchSending {
    let session: Session
    let kinds: BatchKinds
    let file: BatchFile
    let kind: BatchKind
    let progress: SendProgress

    private var line: Invocation { session.line }
    private var language: Language { session.language }
    private var memory: BatchFolder { BatchFolder(folder: session.profile.batchesPath) }

    func run() async throws(Session.Stop) -> ExitCode {
        guard isPeriodGiven else { return .usage }
        let prepared = try prepare()
        guard try mayBeSent(prepared.report) else { return .localFile }
        let batch = try begin(prepared)
        let sender = BatchSender(
            ClientLine(client: session.client, timeout: session.timeout), memory,
            news: { [progress] in progress.tell($0) })
        if session.isOffline || session.profile.isOffline { return try queue(prepared, batch, sender) }
        let answer: CommandAnswer
        do throws(BatchSender.Failure) {
            answer = try await sender.send(prepared, as: batch) { () throws(FileError) in try chunks() }
        } catch {
            progress.end()
            throw try stopped(error, prepared, batch, sender)
        }
        progress.end()
        return try await judged(answer, batch)
    }

    /// Without a line the batch waits in the outbox, from where it goes by itself.
    private func queue(
        _ prepared: PreparedBatch, _ batch: BatchUnderWay, _ sender: BatchSender
    ) throws(Session.Stop) -> ExitCode {
        do throws(BatchSender.Failure) {
            _ = try sender.queue(prepared, as: batch, in: session.outbox) { () throws(FileError) in
                try chunks()
            }
        } catch {
            throw local(error)
        }
        let count = prepared.manifest.chunks.count
        let text =
            session.profile.hasLine
            ? Text(
                "已存入待发箱，联网后自动报送：批次号 \(batch.number)，\(count)块",
                "it waits in the outbox and goes by itself when there is a line: \(batch.number), \(count) chunks"
            )
            : Text(
                "已存入待发箱，随下一个交换包送出：批次号 \(batch.number)，\(count)块",
                "it waits in the outbox for the next package: \(batch.number), \(count) chunks")
        return session.show(
            .object(["batch": .hex(batch.id), "number": .string(batch.number), "queued": .bool(true)]),
            [text[language]])
    }

    /// Asked for before anything is read or sent. As the server judges it.
    private var isPeriodGiven: Bool {
        let typed = line.text("period") ?? ""
        var outcome: Outcome?
        switch kind.period {
        case .field where !typed.isEmpty:
            outcome = Outcome(refusal: .batchPeriod, arguments: [Argument(name: "period", value: "none")])
        case .batch(let word) where !BatchPeriod.isWellFormed(typed, word):
            outcome = Outcome(refusal: .batchPeriod, arguments: [Argument(name: "period", value: word)])
        default: return true
        }
        if let text = outcome.flatMap({ RefusalTexts.of($0) }) {
            Output.complain("✗ " + text.wrong[language])
            Output.complain("  " + text.mend[language])
        }
        return false
    }

    private func local(_ failure: BatchSender.Failure) -> Session.Stop {
        switch failure {
        case .file(let error): .file(error)
        case .chunks(let fault): .file(FileError(session.key, ChunkTexts.text(fault)))
        case .line(let error): .client(error)
        }
    }

    private func chunks() throws(FileError) -> any ChunkSource {
        do {
            return try file.chunks(kind, lists: kinds.lists, sheet: line.text("sheet"))
        } catch let stop as TableStop {
            throw FileError(session.key, StopTexts.text(stop))
        } catch {
            throw FileError(
                kind.code,
                Text("表样引用的名称表不在：\(error)", "a list that the kind refers to is not there: \(error)"))
        }
    }

    private func prepare() throws(Session.Stop) -> PreparedBatch {
        let source: any ChunkSource
        do throws(FileError) { source = try chunks() } catch { throw .file(error) }
        defer { progress.end() }
        do throws(ChunkFault) {
            return try PreparedBatch(source, hold: file.heldBytes) { progress.checked($0) }
        } catch {
            throw .file(FileError(session.key, ChunkTexts.text(error)))
        }
    }

    /// What is wrong is told; in whole mode any fault keeps the file here, in the other a file without a good row.
    private func mayBeSent(_ report: TableReport) throws(Session.Stop) -> Bool {
        let isWhole = BatchForms.mode(line) == .whole
        if report.isSound, report.totals.rows > 0 {
            for warning in CheckText(report, file, language: language).warnings { Output.complain(warning) }
            return true
        }
        let text = CheckText(report, file, language: language)
        let canGo = !isWhole && report.stop == nil && report.totals.rows > 0
        if canGo {
            for fault in text.lines { Output.complain(fault) }
            let left = Text("以上\(report.faultyRows)行不报送。", "These \(report.faultyRows) rows are left out.")
            Output.complain(left[language])
            return true
        }
        session.desk(kinds).tell(text.json, text.lines + [text.notSent(isWhole: isWhole)])
        return false
    }

    private func begin(_ prepared: PreparedBatch) throws(Session.Stop) -> BatchUnderWay {
        let now = session.client.now
        let id: [UInt8]
        do throws(ClientError) { id = try session.client.makeID() } catch { throw .client(error) }
        let typed = line.text("number")
        let fresh = BatchUnderWay(
            id: id, number: typed ?? BatchUnderWay.number(kind.code, id: id, now: now), kind: kind.code,
            version: kind.version, mode: BatchForms.mode(line), period: line.text("period") ?? "",
            manifest: prepared.manifestDigest,
            fileName: String(file.name.prefix(BatchLimits.fileNameCharacters)),
            begun: now)
        do throws(FileError) { return try memory.begin(fresh, isNumberTyped: typed != nil) } catch {
            throw .file(error)
        }
    }

    private func stopped(
        _ failure: BatchSender.Failure, _ prepared: PreparedBatch, _ batch: BatchUnderWay,
        _ sender: BatchSender
    ) throws(Session.Stop) -> Session.Stop {
        guard case .line(let error) = failure else { return local(failure) }
        let code = session.failure(error)
        if [.serverUnreachable, .deadlineExceeded, .overloaded].contains(code) {
            _ = try queue(prepared, batch, sender)
        } else {
            let again = Text(
                "已传的块服务器都留着：再次执行同一条命令即续传。",
                "Chunks that were taken stay: run the same command again to go on.")
            Output.complain(again[language])
        }
        return .exit(code)
    }

    // MARK: Answers

    private func judged(_ answer: CommandAnswer, _ batch: BatchUnderWay) async throws(Session.Stop)
        -> ExitCode
    {
        var id = batch.id
        try leaveOutbox(batch)
        let refusal = answer.outcome?.refusal ?? .unspecified
        if refusal == .batchNumberUsed, answer.outcome?.argument("same") == "yes",
            let first = answer.outcome.flatMap({ Hex.decode($0.argument("batch")) })
        {
            // The same rows under the same number, sent from elsewhere: their answers are these.
            id = first
        } else if refusal != .unspecified {
            do throws(FileError) { try memory.forget(batch) } catch { throw .file(error) }
            return session.show(answer, kind: "submit_batch", reference: "")
        }
        let waiting = BatchWaiting(session: session, kinds: kinds, progress: progress)
        return try await waiting.run(id, isDetached: line.has("detach"))
    }
}

extension BatchSending {
    /// It may have waited there since an attempt without a line.
    private func leaveOutbox(_ batch: BatchUnderWay) throws(Session.Stop) {
        guard !session.outbox.isEmpty else { return }
        do throws(FileError) {
            guard let command = try memory.command(of: batch),
                let id = (try? Envelope(decoding: command.envelope))?.id
            else { return }
            try session.outbox.remove(id: id)
        } catch {
            throw .file(error)
        }
    }
}

/// The line to the server, with the time that the command line allows for one call.
struct ClientLine: BatchLine {
    let client: TwoListsClient
    let timeout: Duration

    func stored(_ digests: [[UInt8]], of batch: [UInt8]) async throws(ClientError) -> [Bool] {
        try await client.storedChunks(of: batch, digests, timeout: timeout)
    }

    func put(_ chunk: [UInt8], of batch: [UInt8], isManifest: Bool) async throws(ClientError) {
        try await client.putChunk(chunk, of: batch, isManifest: isManifest, timeout: timeout)
    }

    func seal(_ command: SubmitBatch, batch: [UInt8]) throws(ClientError) -> SignedEnvelope {
        try client.sealed(.submitBatch(command), target: batch, expectedVersion: 0)
    }

    func submit(_ envelope: SignedEnvelope) async throws(ClientError) -> CommandAnswer {
        try await client.execute(envelope, timeout: timeout)
    }
}

/// Waits for CHECKED and DONE, fetches the answers, proves and keeps them, and tells all three.
struct BatchWaiting {
    let session: Session
    let kinds: BatchKinds
    let progress: SendProgress

    private var language: Language { session.language }

    func run(_ id: [UInt8], isDetached: Bool) async throws(Session.Stop) -> ExitCode {
        let view = try await isDetached ? look(id) : waited(id)
        progress.end()
        var proven: [BatchStage: Bool] = [:]
        for step in view.steps where step.stage != .stored {
            proven[step.stage] = try await keepAnswer(view, step.stage)
        }
        let text = BatchText(session.screen, kinds)
        var lines = [text.headline(view)] + text.lines(view).map { "  " + $0 }
        if isDetached, view.stage != .done {
            lines.append(
                Text(
                    "没有等待；之后用 twolists batch show \(view.number) 查看。",
                    "Not waited for: twolists batch show \(view.number) tells.")[
                        language])
        }
        if view.faultyRows > 0 {
            lines.append(
                Text(
                    "问题见 twolists batch report \(view.number)",
                    "its faults: twolists batch report \(view.number)")[language])
        }
        if !proven.isEmpty, proven.values.allSatisfy({ $0 }) {
            lines.append(
                Text(
                    "答复的存证已核验，保存在 \(session.profile.receiptsPath)",
                    "the answers are proven and kept in \(session.profile.receiptsPath)")[
                        language])
        }
        _ = session.show(view.json, lines)
        if proven.values.contains(false) { return .notProven }
        return view.verdict == .none ? .refusedByRule : .done
    }

    private func look(_ id: [UInt8]) async throws(Session.Stop) -> BatchView {
        try await session.call { () async throws(ClientError) in
            try await session.client.batch(Hex.encode(id), timeout: session.timeout)
        }
    }

    /// Looks often at first, then every two seconds.
    private func waited(_ id: [UInt8]) async throws(Session.Stop) -> BatchView {
        var pause: Int64 = 20_000_000
        while true {
            let view = try await look(id)
            // What was refused as a whole ends with CHECKED.
            if view.isThrough { return view }
            if view.heldUp {
                Output.complain(
                    Text(
                        "市局服务器暂时不能核验这一批(数据已收到，没有丢失)；请致电市局系统管理员，处理后用 batch show 查看结果，不必重发",
                        "the server cannot check this batch now; what was sent is kept. Call the bureau's system administrator and look at batch show later: there is no need to send it again"
                    )[language])
                throw .exit(.overloaded)
            }
            progress.waiting(view)
            do { try await Task.sleep(for: .nanoseconds(pause)) } catch { throw .exit(.interrupted) }
            pause = min(pause * 3 / 2, Int64(BatchSendLimits.longestWait))
        }
    }

    /// Kept before it is checked: a wrong proof is evidence.
    private func keepAnswer(_ view: BatchView, _ stage: BatchStage) async throws(Session.Stop) -> Bool {
        let (shelf, id) = (AnswerShelf(folder: session.profile.receiptsPath), view.id)
        let answer: BatchAnswer
        if let kept = shelf.kept(id, stage) {
            answer = kept
        } else {
            answer = try await session.call { () async throws(ClientError) in
                try await session.client.batchAnswer(id, stage, timeout: session.timeout)
            }
            try keep(answer, of: id, in: shelf)
        }
        let word = BatchText.word(stage)[language]
        do throws(ReceiptFailure) {
            let whole = try session.client.verified(answer)
            try? keep(whole, of: id, in: shelf)
            if AnswerCheck.fits(whole, view) { return true }
            Output.complain(
                Text(
                    "“\(word)”的存证不是屏幕上的内容，请保留 \(session.profile.receiptsPath) 并告知市局",
                    "what is proven of “\(word)” is not what was told: keep \(session.profile.receiptsPath) and tell the bureau"
                )[language])
            return false
        } catch {
            Output.complain(
                Text(
                    "“\(word)”的存证没有通过核验：\(ReceiptTexts.check(error.check).zh)",
                    "the proof of “\(word)” does not hold: \(ReceiptTexts.check(error.check).en) (\(error.detail))"
                )[language])
            return false
        }
    }

    private func keep(_ answer: BatchAnswer, of id: [UInt8], in shelf: AnswerShelf) throws(Session.Stop) {
        do throws(FileError) { try shelf.keep(answer, of: id) } catch { throw .file(error) }
    }
}

/// The line on standard error that shows how far it is: drawn over itself on a terminal, a line for every tenth elsewhere.
final class SendProgress: Sendable {
    private struct State {
        var text: ProgressText?
        var began = ContinuousClock.now
        var lastTenth = -1
        var isDrawn = false
        var lastDrawn = ContinuousClock.now
    }

    private let screen: Screen
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(screen: Screen) { self.screen = screen }

    private func t(_ zh: String, _ en: String) -> String { screen.language == .zh ? zh : en }

    func checked(_ rows: Int) {
        draw(t("核对 \(rows) 行", "checked \(rows) rows"))
    }

    func waiting(_ view: BatchView) {
        let rows = view.checkedRows > 0 ? " \(view.checkedRows)/\(view.rows)" : ""
        draw(
            view.stage == .stored
                ? t("已接收，核验中", "stored, being checked") + rows : t("已核验，入库中", "checked, being taken"))
    }

    func tell(_ news: BatchSender.News) {
        switch news {
        case .begun(let stored, let of, let bytes, let ofBytes):
            let text = ProgressText(screen, chunks: of, bytes: ofBytes, hadChunks: stored, hadBytes: bytes)
            state.withLock { ($0.text, $0.began) = (text, .now) }
            guard stored > 0 else { return }
            end()
            Output.complain(t("续传：已有 \(stored)/\(of) 块", "going on: \(stored)/\(of) chunks are there"))
        case .put(let chunks, let bytes): put(chunks, bytes)
        case .repeated:
            Output.complain(
                t(
                    "这批数据已经报送过，没有重发；以下是原来的答复。",
                    "These rows were sent before and are not sent again; here are the first answers."))
        case .submitting: break
        }
    }

    private func put(_ chunks: Int, _ bytes: Int) {
        let (text, seconds) = state.withLock { ($0.text, Self.seconds($0.began.duration(to: .now))) }
        guard let line = text?.line(put: (chunks, bytes), seconds: seconds) else { return }
        if isTerminal { return draw(line, always: true) }
        let tenth = text?.tenth(put: bytes) ?? 0
        let isNew = state.withLock { state in
            defer { state.lastTenth = max(state.lastTenth, tenth) }
            return tenth > state.lastTenth
        }
        if isNew { Output.complain(line) }
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// At most ten times a second, on a terminal.
    private func draw(_ line: String, always: Bool = false) {
        guard isTerminal else { return }
        let isDue = state.withLock { state in
            guard always || !state.isDrawn || state.lastDrawn.duration(to: .now) > .milliseconds(100) else {
                return false
            }
            (state.isDrawn, state.lastDrawn) = (true, .now)
            return true
        }
        if isDue { Output.prompt("\r\u{1B}[K" + line) }
    }

    /// Leaves a clean line.
    func end() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn { Output.prompt("\r\u{1B}[K") }
    }
}
