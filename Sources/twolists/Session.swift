import Foundation
import Manual
import Office
import Schema
import TwoListsClient

/// One run of the program: a command line, the profile it is given as, and the client.
struct Session {
    let line: Invocation
    let language: Language
    let screen: Screen
    let profile: Profile
    let client: TwoListsClient

    var wantsJSON: Bool { line.has("json") }
    var timeout: Duration { .seconds(line.integer("timeout") ?? 20) }
    var outbox: Outbox { Outbox(folder: profile.outboxPath) }
    /// What is typed is to be queued, and no connection made for it.
    var isOffline: Bool { line.has("offline") || profile.isOffline && line.name.isMutating }

    /// Why a command ended before it was done, in what its failure is told with.
    enum Stop: Error {
        case usage(UsageError)
        case client(ClientError)
        case file(FileError)
        /// Told already.
        case exit(ExitCode)
    }

    static func run(_ line: Invocation, language chosen: Language?) async -> ExitCode {
        let asked = chosen ?? .zh
        if line.name == .help || line.has("help") { return Help.show(line, asked) }
        if line.name == .version {
            Output.out("twolists \(Release.version)")
            return .done
        }
        let session: Session
        do {
            session = try open(line, chosen)
        } catch let error as ProfileError {
            Output.complain(error.text(asked))
            return .localFile
        } catch let error as ClientError {
            return Output.failure(error, language: asked)
        } catch {
            Output.complain("\(error)")
            return .internal
        }
        let client = session.client
        if !line.name.connectsByItself, !session.isOffline, session.profile.hasLine {
            await client.learnTime(within: timePatience)
        }
        let clock = ScreenNotice.Clock { client.demonstrationTime }
        let code = await ScreenNotice.$demonstration.withValue(clock) { await session.perform() }
        session.remindOfOutbox()
        await session.client.settleHistory(within: proofPatience)
        await session.client.close(within: farewell)
        return code
    }

    /// How long a server that may run on a demonstration clock may take to tell it, before anything is dated. Without it, the command's own call says
    /// what is wrong.
    private static let timePatience = Duration.seconds(3)

    /// How long the server may take to say goodbye.
    private static let farewell = Duration.milliseconds(500)

    /// How long the server may take to prove that its history goes on from the one seen before; what is left over is proven next time.
    private static let proofPatience = Duration.seconds(2)

    private static func open(_ line: Invocation, _ chosen: Language?) throws -> Session {
        let profile = try ProfileFinder().load(line.text("profile"))
        let language = chosen ?? profile.language ?? .zh
        if let warning = ProfileFinder.keyWarning(profile, language) { Output.complain(warning) }
        try ProfileFinder.checkContents(of: profile)
        let configuration = ClientConfiguration(
            host: profile.host, port: profile.port, serverIdentity: profile.serverIdentity,
            certificatePath: profile.certificatePath, keyPath: profile.keyPath, authorityPath: profile.caPath,
            timeout: .seconds(line.integer("timeout") ?? 20), receiptsPath: profile.receiptsPath,
            onEvent: Output.connectionNews(language, always: line.name == .watch))
        let client = try TwoListsClient(configuration)
        if !profile.hasLine { client.hasNoLine() }
        try profile.check(city: client.officer?.city ?? "")
        return Session(
            line: line, language: language, screen: .standardOutput(language: language), profile: profile,
            client: client)
    }

    private func perform() async -> ExitCode {
        do throws(Stop) {
            if !profile.hasLine, let code = try showMirror() { return code }
            if line.name.isMutating { return try await mutate() }
            if line.name.sendsOutboxFirst { try await sendBeforeReading() }
            return try await carryOut()
        } catch {
            switch error {
            case .usage(let error): return Output.usage(error, language: language)
            case .client(let error): return failure(error)
            case .file(let error):
                Output.complain(error.text(language))
                return .localFile
            case .exit(let code): return code
            }
        }
    }

    /// Tells a failed call: in words, and as JSON where JSON was asked for.
    func failure(_ error: ClientError) -> ExitCode {
        let code = Output.failure(error, language: language)
        if wantsJSON { Output.out(error.json(language).pretty) }
        return code
    }

    /// What waits unsent is not forgotten: a word of it after every command but those about the outbox itself.
    private func remindOfOutbox() {
        guard isatty(STDERR_FILENO) == 1, line.name.words.first != "outbox" else { return }
        let count = outbox.content().entries.count
        guard count > 0 else { return }
        let text = Text(
            "待发箱中还有 \(count) 条命令：twolists outbox list 查看原因。",
            "\(count) commands are still in the outbox: twolists outbox list says why."
        )
        Output.complain(text[language])
    }

    private func carryOut() async throws(Stop) -> ExitCode {
        switch line.name {
        case .requestList: try await listRequests()
        case .requestShow: try await showRequest()
        case .requestHistory: try await history(ofCase: false)
        case .caseList: try await listCases()
        case .caseShow: try await showCase()
        case .requestFetch, .caseFetch: try await fetchAttachment()
        case .fundShow: try await showFund()
        case .caseHistory: try await history(ofCase: true)
        case .requestSheet: try await printSheet()
        case .reportLedger: try await reportLedger()
        case .reportHalfYear, .reportAnnual: try await reportFigures()
        case .auditList: try await listTrail()
        case .auditExport: try await exportTrail()
        case .roundList: try await listRounds()
        case .roundShow: try await showRound()
        case .roundPosts: try await listRoundPosts()
        case .roundPeople: try await listRoundPeople()
        case .roundRanking: try await listRanking()
        case .roundHistory: try await roundHistory()
        case .roundFile: try await fetchRoundFile()
        case .roundSheet: try await roundSheets()
        case .roundLoadPosts, .roundLoadPeople: try await loadRound()
        case .batchCheck: try await checkBatch()
        case .batchKinds: try await listBatchKinds()
        case .batchSend: try await sendBatch()
        case .batchList: try await listBatches()
        case .batchShow: try await showBatch()
        case .batchReport: try await reportBatch()
        case .batchFetch: try await fetchBatch()
        case .batchExport: try await exportRegister()
        case .batchCompare: try await compareBatch()
        case .personFind: try await findPerson()
        case .personErase: try await erasePerson()
        case .adminReload: try await reloadServer()
        case .adminCertificates: try await serverCertificates()
        case .adminClockAdvance: try await advanceClock()
        case .adminConfirmRestore: try await confirmRestore()
        case .adminBackup: try await backUp(.data)
        case .adminBackupKeys: try await backUp(.keys)
        case .receiptLost: listLost()
        case .receiptRefile: try await refile()
        case .adminConns: try await serverConnections()
        case .adminStreams: try await serverStreams()
        case .adminLimits: try await serverLimits()
        case .watch: try await watch()
        case .board: try await board()
        case .health: try await health()
        case .whoami: try await whoAmI()
        case .parties, .partyList: try await parties()
        case .partyShow: try await showParty()
        case .officerList: try await listOfficers()
        case .registryLoad: try await loadRegistry()
        case .registryExport: try await exportRegistry()
        case .registryTables: try await listTables()
        case .codes: try await codes()
        case .calendarShow: try await calendars()
        case .outboxList: listOutbox()
        case .outboxShow: try showOutboxEntry()
        case .outboxSend: try await sendOutbox()
        case .outboxDrop: try dropFromOutbox()
        case .receiptCompare: try await compareReceipts()
        case .receiptFetch: try await fetchReceipt()
        case .packageMake, .packageOpen, .packageStatus: try await packages()
        case .send: try await sendFile(asImport: false)
        case .import: try await sendFile(asImport: true)
        case .list, .describe, .call: try await discover()
        default: Help.show(line, language)
        }
    }

    // MARK: Shared

    /// One call, its error turned into ours.
    func call<Value>(
        _ body: () async throws(ClientError) -> Value
    ) async throws(Stop) -> Value {
        do throws(ClientError) { return try await body() } catch { throw .client(error) }
    }

    /// Prints lines with the notice every screen carries, or JSON.
    func show(_ json: JSON, _ lines: [String]) -> ExitCode {
        if wantsJSON {
            Output.out(json.shown.pretty)
        } else {
            var page = Page()
            page.add(lines)
            Output.out(page.text(on: screen))
        }
        return .done
    }

    var key: String { line.operands.first ?? "" }
}

/// Help: from the command table alone.
enum Help {
    static func show(_ line: Invocation, _ language: Language) -> ExitCode {
        let text = HelpText(language)
        if case .choice(let number)? = line.values["as"]?.last {
            return show(Choice.HelpForm(rawValue: number), text.manual())
        }
        let wanted =
            line.name == .help ? CommandName(rawValue: line.operands.joined(separator: " ")) : line.name
        let lines =
            wanted.map { text.command(CommandTable.spec($0)) } ?? line.operands.first.flatMap(text.group)
            ?? text.overview()
        Output.out((lines + ["", classifiedNotice]).joined(separator: "\n"))
        return .done
    }

    /// For whoever packages: what is installed as manual page and completion comes from the program itself.
    private static func show(_ form: Choice.HelpForm?, _ manual: CommandLineManual) -> ExitCode {
        Output.raw(form == .completion ? BashCompletion.text(manual) : ManualPage.text(manual))
        return .done
    }
}
