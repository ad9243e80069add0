import Crypto
import Foundation
import Office
import Schema
import TwoListsClient
import Wire

/// Commands that change something: what was typed → checked here → an envelope in the outbox → sent → the judged answer.
extension Session {
    func mutate() async throws(Stop) -> ExitCode {
        let spec = CommandTable.spec(line.name)
        let complete = try await completed(try resolvedTexts(), spec)
        let lock = try await lockOutbox()
        defer { lock?.release() }
        var isOnline = try await clearsOutbox(lock, complete)
        let target = try await aim(complete, &isOnline)
        var setting = Forms.Setting(
            officer: try officer(), thisYear: ShanghaiTime.year(client.now),
            request: target.request,
            familyCase: target.familyCase, digests: try digests(complete), table: try table(complete))
        setting.linked = try await linked(complete, isOnline)
        setting.party = target.party
        setting.attachment = try staged(complete, target)
        let body: Command.OneOf_Body?
        do throws(UsageError) { body = try Forms.command(complete, setting) } catch { throw .usage(error) }
        guard let body else { throw .exit(.internal) }
        if let refusal = LocalCheck.refusal(of: body) {
            if let staged = setting.attachment { try? outbox.removeBatch(id: staged.id) }
            return answer(CommandAnswer(outcome: refusal, target: target.id), body, before: true)
        }
        if case .submitRequest(let form) = body, isOnline, !complete.has("save") {
            await hintAtSimilar(form, setting.officer)
        }
        if !isOnline, !complete.has("save") { return try await queue(body, target) }
        return try await sealAndSend(body, target, complete)
    }

    /// What the command is about: as the server has it, or, when the line is down, as it will be when what waits has been done.
    private func aim(_ line: Invocation, _ isOnline: inout Bool) async throws(Stop) -> TargetView {
        if let fresh = try unseen(line) { return fresh }
        guard isOnline else { return try queuedTarget(line, or: nil) }
        do throws(Stop) {
            let seen = try await seen(line)
            try refuseBehind(seen.id, isOnline: true)
            return seen
        } catch {
            guard case .client(let failure) = error, failure.isOfLine else { throw error }
            let target = try queuedTarget(line, or: failure)
            for line in failure.failureText.lines(language).prefix(1) { Output.complain(line) }
            isOnline = false
            return target
        }
    }

    /// The request that `--duplicate-of` names: by number or reference as the officer sees it, by id without looking.
    private func linked(_ line: Invocation, _ isOnline: Bool) async throws(Stop) -> [UInt8] {
        guard let key = line.text("duplicate-of") else { return [] }
        if let id = Hex.decode(key), id.count == UUIDv7.byteCount { return id }
        if !isOnline { return try queuedTarget(key, or: nil).id }
        let view = try await call { () async throws(ClientError) in try await client.request(key) }
        return view.summary?.target ?? []
    }

    /// Own requests with a title much like the new one's: a hint, which keeps nobody from filing. Nothing is said when the server is away.
    private func hintAtSimilar(_ form: SubmitRequest, _ officer: Officer) async {
        let query = ListRequestsQuery(
            requester: officer.party, pageSize: Self.similarShown, similarTo: form.text?.title ?? "")
        guard let page = try? await client.requests(query, timeout: Self.listPatience) else { return }
        for line in ViewsText(screen).similar(page.requests) { Output.complain(line) }
    }

    private static let similarShown: Int32 = 5

    private func officer() throws(Stop) -> Officer {
        guard let officer = client.officer else { throw .exit(.localFile) }
        return officer
    }

    // MARK: What was typed

    /// `@file`, `@-` and `@@text` of text options.
    func resolvedTexts() throws(Stop) -> Invocation {
        var resolved = line
        for option in CommandTable.spec(line.name).options {
            guard case .text = option.kind, let values = line.values[option.name] else { continue }
            var texts: [OptionValue] = []
            for value in values {
                guard case .text(let text) = value else { continue }
                texts.append(.text(try TypedText.resolve(text)))
            }
            resolved.values[option.name] = texts
        }
        return resolved
    }

    /// Somebody sits there who can be asked.
    var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks for what is missing on a terminal, else names it; then parties and codes as the server knows them.
    func completed(_ line: Invocation, _ spec: CommandSpec) async throws(Stop) -> Invocation {
        var line = line
        if let missing = Prompter.missingRequired(line, spec) {
            guard canAsk else { throw .usage(missing) }
            let lists = await fetchedLists(spec, line)
            let prompter = Prompter(
                language: language, codes: { lists[$0] ?? [] }, readLine: { readLine() },
                write: { Output.prompt($0) })
            do throws(UsageError) { line = try prompter.complete(line, spec) } catch { throw .usage(error) }
        }
        for option in spec.options where line.has(option.name) {
            var keys: [OptionValue] = []
            for typed in line.texts(option.name) {
                switch option.kind {
                case .party: keys.append(.text(try await partyKey(typed, option.name)))
                case .code(let list): keys.append(.text(try await code(typed, list, option.name)))
                default: keys.append(.text(typed))
                }
            }
            if !keys.isEmpty { line.values[option.name] = keys }
        }
        return line
    }

    /// A code as typed, or the code of a name: clerks know 道路修缮, not `road`.
    private func code(_ typed: String, _ list: String, _ option: String) async throws(Stop) -> String {
        if typed.utf8.allSatisfy({ $0 < 0x80 }) { return typed }
        let page = try await codePage(list)
        if let entry = Naming.match(typed, in: page.entries, name: \.name) { return entry.code }
        throw .usage(
            UsageError(
                problem: Text(
                    "--\(option)：没有“\(Screen.clean(typed))”这一项",
                    "--\(option): there is no \(Screen.clean(typed))"),
                hint: Text("twolists codes \(list) 列出可选项", "twolists codes \(list) lists them"),
                command: line.name))
    }

    /// A prompt must not keep the clerk waiting for a server that is away: names of codes are a help, not a need.
    private static let listPatience = Duration.seconds(3)

    /// The lists whose codes will be asked for, as far as the server gives them at once.
    private func fetchedLists(_ spec: CommandSpec, _ line: Invocation) async -> [String: [CodeEntry]] {
        var lists: [String: [CodeEntry]] = [:]
        for option in spec.options where !line.has(option.name) && option.isRequired(in: line) {
            guard case .code(let list) = option.kind else { continue }
            let known = profile.hasLine ? nil : mirror.codes(list)
            guard
                let page =
                    if let known { known } else { try? await client.codes(list, timeout: Self.listPatience) }
            else { break }
            lists[list] = page.entries
        }
        return lists
    }

    /// The documents' digests; the documents themselves stay where they are.
    private func digests(_ line: Invocation) throws(Stop) -> [[UInt8]] {
        var digests: [[UInt8]] = []
        for material in line.materials("material") {
            do {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: material.path), options: .mappedIfSafe)
                digests.append(Digest(of: [UInt8](bytes)).bytes)
            } catch {
                throw .file(FileError(material.path, Text("无法读取", "cannot be read")))
            }
        }
        return digests
    }

    /// The file of a table that is loaded; empty for other commands.
    private func table(_ line: Invocation) throws(Stop) -> String {
        guard TimeForms.readsFile(line.name) else { return "" }
        return try TypedText.resolve("@" + (line.operands.first ?? ""))
    }

    // MARK: The target

    /// What the command is about: a fresh id, or a request or case as the officer sees it now.
    struct TargetView {
        var id: [UInt8]
        var version: UInt64 = 0
        var reference: String
        var number = ""
        var request: Schema.RequestView?
        var familyCase: CaseView?
        var party: PartyView?
        /// Its version could not be read before: a conflict that tells it is no reason to bother anybody, since the command says what shall be,
        /// whatever was.
        var mayCatchUp = false
    }

    /// The targets that need no reading: new ones, and those whose id follows from what was typed.
    private func unseen(_ line: Invocation) throws(Stop) -> TargetView? {
        if line.name == .requestSubmit || line.name == .caseFile || line.name == .roundAnnounce {
            let id: [UInt8]
            do throws(ClientError) { id = try client.makeID() } catch { throw .client(error) }
            return TargetView(id: id, reference: PhoneReference.of(id))
        }
        if let id = OfficerForms.target(line) {
            let expected = line.integer("expect").map { UInt64($0) }
            return TargetView(
                id: id, version: expected ?? OfficerForms.firstVersion(line.name), reference: "",
                mayCatchUp: expected == nil && line.name != .officerRegister)
        }
        if TimeForms.readsFile(line.name) { return try tableTarget(line) }
        return unread(line)
    }

    private func seen(_ line: Invocation) async throws(Stop) -> TargetView {
        if line.name == .fundIncome {
            let view = try await call { () async throws(ClientError) in try await client.careFund() }
            return TargetView(
                id: CaseworkForms.fundTarget,
                version: line.integer("expect").map { UInt64($0) } ?? view.version,
                reference: "")
        }
        if line.name.words.first == "party" { return try await partyTarget(line) }
        var seen = try await seen(line.operands.first ?? "")
        remember([(seen.id, seen.version, seen.number)])
        if let expected = line.integer("expect") { seen.version = UInt64(expected) }
        return seen
    }

    /// Mostly the first of its kind; whoever loads it again is told the version by the conflict.
    private func tableTarget(_ line: Invocation) throws(Stop) -> TargetView {
        let expected = line.integer("expect").map { UInt64($0) }
        guard let id = TimeForms.target(line) else {
            throw .usage(
                UsageError(
                    problem: Text("文件名应为年度，如 2027.csv", "the file's name must be a year, such as 2027.csv"),
                    command: line.name))
        }
        return TargetView(id: id, version: expected ?? 0, reference: "", mayCatchUp: expected == nil)
    }

    /// A target given by its id together with `--expect` needs no reading, so that a command file can be made without a network. An
    /// amendment starts from what stands, so it does.
    private func unread(_ line: Invocation) -> TargetView? {
        guard let expected = line.integer("expect"), line.name != .requestAmend, line.name != .caseAmend,
            let key = line.operands.first, let id = Hex.decode(key), id.count == UUIDv7.byteCount
        else { return nil }
        return TargetView(id: id, version: UInt64(expected), reference: PhoneReference.of(id))
    }

    private func seen(_ key: String) async throws(Stop) -> TargetView {
        if line.name.words.first == "case" {
            let view = try await call { () async throws(ClientError) in try await client.familyCase(key) }
            let summary = view.summary ?? CaseSummary()
            return TargetView(
                id: summary.target, version: summary.version, reference: summary.reference,
                number: summary.number, familyCase: view)
        }
        if line.name.words.first == "round" {
            let view = try await call { () async throws(ClientError) in try await client.round(key) }
            let summary = view.summary ?? RoundSummary()
            return TargetView(id: summary.target, version: summary.version, reference: summary.reference)
        }
        let view = try await call { () async throws(ClientError) in try await client.request(key) }
        let summary = view.summary ?? RequestSummary()
        return TargetView(
            id: summary.target, version: summary.version, reference: summary.reference,
            number: summary.number, request: view)
    }

    // MARK: Sending

    private func sealAndSend(
        _ body: Command.OneOf_Body, _ target: TargetView, _ line: Invocation
    ) async throws(Stop) -> ExitCode {
        let path = line.text("save")
        let signed = try await call { () async throws(ClientError) in
            try client.sealed(
                body, target: target.id, expectedVersion: target.version, signed: path == nil ? nil : true)
        }
        if let path { return try save(signed, path, target) }
        var answer = try await judged(signed, reference: target.reference)
        if target.mayCatchUp, let version = answer.currentVersion {
            let again = try await call { () async throws(ClientError) in
                try client.sealed(body, target: target.id, expectedVersion: version)
            }
            answer = try await judged(again, reference: target.reference)
        }
        return show(answer, kind: kind(body), reference: target.reference)
    }

    private func save(_ signed: SignedEnvelope, _ path: String, _ target: TargetView) throws(Stop) -> ExitCode
    {
        do {
            try Data(CommandFile.encode(signed)).write(
                to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw .file(FileError(path, Text("不能写入(文件已存在？)", "cannot be written (does it exist already?)")))
        }
        let isUnnamed = target.reference.isEmpty
        let text = Text(
            "已签名存为 \(path)" + (isUnnamed ? "" : "，查询码 \(target.reference)"),
            "signed and saved as \(path)" + (isUnnamed ? "" : ", reference \(target.reference)"))
        return show(.object(["file": .string(path), "target": .hex(target.id)]), [text[language]])
    }

    func send(_ signed: SignedEnvelope, kind: String, reference: String) async throws(Stop) -> ExitCode {
        show(try await judged(signed, reference: reference), kind: kind, reference: reference)
    }

    /// Outbox first, then the line; out of the outbox once the answer is judged. What could not be sent stays.
    func judged(_ signed: SignedEnvelope, reference: String) async throws(Stop) -> CommandAnswer {
        guard let envelope = try? Envelope(decoding: signed.envelope) else { throw .exit(.internal) }
        do throws(FileError) { try outbox.save(signed, id: envelope.id) } catch { throw .file(error) }
        let answer: CommandAnswer
        do throws(ClientError) {
            try await upload(envelope)
            answer = try await client.execute(signed, timeout: timeout)
        } catch {
            outbox.note(error.outboxReason, on: envelope.id, at: client.now)
            throw afterFailure(error, envelope, reference)
        }
        do throws(FileError) { try outbox.remove(id: envelope.id) } catch { throw .file(error) }
        if answer.outcome?.refusal ?? .unspecified == .unspecified {
            remember([(answer.target, answer.version, answer.number)])
        }
        return answer
    }

    /// What was typed stays in the outbox whatever went wrong: only a judged answer takes it out, or the clerk does.
    ///
    /// - Parameter isAside: it was sent before another command, whose output is not to be mixed with this.
    func afterFailure(
        _ error: ClientError, _ envelope: Envelope, _ reference: String, isAside: Bool = false
    ) -> Stop {
        let code = isAside ? Output.failure(error, language: language) : failure(error)
        let id = OutboxText.short(envelope.id)
        Output.complain(error.outboxText(id: id, reference: reference)[language])
        return .exit(code)
    }

    private func kind(_ body: Command.OneOf_Body) -> String { Envelope(command: Command(body: body)).kind }

    private func answer(_ answer: CommandAnswer, _ body: Command.OneOf_Body, before: Bool) -> ExitCode {
        if before, !wantsJSON {
            Output.complain(Text("本机检查未通过，没有发送：", "Checked on this machine and not sent:")[language])
        }
        return show(answer, kind: kind(body), reference: "")
    }

    func show(_ answer: CommandAnswer, kind: String, reference: String) -> ExitCode {
        _ = show(answer.json, ViewsText(screen).answer(answer, kind: kind, reference: reference))
        return answer.exitCode
    }
}

/// The text an option stands for.
enum TypedText {
    /// Bytes of a text file, at most: no field is longer than 4,000 characters.
    static let largestFile = 64 << 10

    static func resolve(_ typed: String) throws(Session.Stop) -> String {
        if typed.hasPrefix("@@") { return String(typed.dropFirst()) }
        guard typed.hasPrefix("@") else { return typed }
        let path = String(typed.dropFirst())
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let data = try? handle?.read(upToCount: largestFile + 1) else {
            throw .file(FileError(path, Text("无法读取", "cannot be read")))
        }
        guard data.count <= largestFile else {
            throw .file(FileError(path, Text("超过 64 KiB", "has more than 64 KiB")))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .file(
                FileError(path, Text("不是 UTF-8 文本，请另存为 UTF-8", "is not UTF-8 text: save it as UTF-8")))
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
