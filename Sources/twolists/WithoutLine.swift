import Crypto
import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// A profile without a line (`line = none`): what is shown is what the bureau's packages said last, and commands wait for the next disc.
extension Session {
    var mirror: Mirror { Mirror(PackageFolder(path: profile.packagesPath)) }

    func codePage(_ list: String) async throws(Stop) -> CodePage {
        guard !profile.hasLine else {
            return try await call { () async throws(ClientError) in try await client.codes(list) }
        }
        guard let page = mirror.codes(list) else { throw nothingYet }
        return page
    }

    func partyPage() async throws(Stop) -> PartyPage {
        guard !profile.hasLine else {
            return try await call { () async throws(ClientError) in try await client.parties() }
        }
        guard let page = mirror.parties() else { throw nothingYet }
        return page
    }

    private var nothingYet: Stop {
        .file(
            FileError(
                profile.packagesPath,
                Text(
                    "还没有打开过市局的交换包，名称和代码未知；请直接写代码",
                    "no package of the bureau was opened yet, so names are unknown: type codes and keys")))
    }

    /// Nil: not something that is shown.
    func showMirror() throws(Stop) -> ExitCode? {
        switch line.name {
        case .requestList: listMirrored()
        case .requestShow: try showMirrored(request(key))
        case .requestHistory: try historyMirrored(mirror.request(key)?.history, isCase: false)
        case .caseList: listMirroredCases()
        case .caseShow: try showMirrored(familyCase(key))
        case .caseHistory: try historyMirrored(mirror.familyCase(key)?.history, isCase: true)
        case .requestFetch, .caseFetch: try fetchMirrored()
        case .batchList: listMirroredBatches()
        case .batchShow: try showMirroredBatch()
        case .batchReport: try reportMirrored()
        case .roundFile: try mirroredRoundFile()
        default: nil
        }
    }

    /// `离线，截至 2026-11-27 22:10`, at the head of whatever comes from the mirror.
    private var head: String {
        guard let time = mirror.asOf else {
            return Text("离线，还没有打开过市局的交换包", "Off line: no package of the bureau was opened yet")[language]
        }
        return Text("离线，截至 ", "Off line, as of ")[language] + ShanghaiTime.screen(time)
    }

    private func mirrored(_ members: [JSON.Member], _ lines: [String]) -> ExitCode {
        show(
            .object(members + [JSON.Member("as_of", .time(mirror.asOf ?? 0))]),
            [screen.paint(head, .yellow)] + lines)
    }

    private var views: ViewsText {
        var names = CodeNames()
        for list in Self.requestLists + Self.caseLists {
            if let page = mirror.codes(list) { names.add(page, list: list) }
        }
        return ViewsText(screen, codes: names)
    }

    private func listMirrored() -> ExitCode {
        let states = line.choices("state", RequestState.self)
        let direction = line.choice("direction", Direction.self) ?? .unspecified
        let year = line.integer("year").map { Int32(clamping: $0) }
        let found = mirror.requests().compactMap { $0.view?.summary }.filter {
            (states.isEmpty || states.contains($0.state))
                && (direction == .unspecified || $0.direction == direction) && (year ?? $0.year) == $0.year
        }
        let rows = Array(found.sorted { $0.submittedAt > $1.submittedAt })
        return mirrored(
            [JSON.Member("requests", .array(rows.map(\.json)))], views.requests(rows, more: []))
    }

    private func listMirroredCases() -> ExitCode {
        let states = line.choices("state", CaseState.self)
        let rows = mirror.cases().compactMap { $0.view?.summary }.filter {
            states.isEmpty || states.contains($0.state)
        }
        return mirrored([JSON.Member("cases", .array(rows.map(\.json)))], views.cases(rows, more: []))
    }

    private func request(_ key: String) -> (JSON, [String])? {
        mirror.request(key)?.view.map { ($0.json, views.request($0)) }
    }

    private func familyCase(_ key: String) -> (JSON, [String])? {
        mirror.familyCase(key)?.view.map { ($0.json, views.familyCase($0)) }
    }

    private func showMirrored(_ found: (JSON, [String])?) throws(Stop) -> ExitCode {
        guard let (json, lines) = found else { throw notMirrored }
        guard case .object(let members) = json else { return .internal }
        return mirrored(members, lines)
    }

    private func historyMirrored(_ page: HistoryPage?, isCase: Bool) throws(Stop) -> ExitCode {
        guard let page else { throw notMirrored }
        return mirrored(
            [JSON.Member("entries", .array(page.entries.map(\.json)))],
            views.history(page.entries, isCase: isCase))
    }

    // MARK: Batches

    /// As the bureau told them; a machine that was told none can still read what it knows of the batch.
    private var kindsHere: BatchKinds {
        KindShelf(folder: profile.batchesPath).kept().map { BatchKinds($0) }
            ?? BatchKinds(kinds: [], lists: [])
    }

    private func listMirroredBatches() -> ExitCode {
        let stage = line.choice("stage", BatchStage.self) ?? .unspecified
        let kind = line.text("kind").map { kindsHere.kind($0)?.code ?? $0 }
        let found = mirror.batches().filter {
            (stage == .unspecified || stage == $0.stage) && (kind ?? $0.kind) == $0.kind
        }
        return mirrored(
            [JSON.Member("batches", .array(found.map(\.json)))],
            BatchText(screen, kindsHere).lines(found, hasMore: false))
    }

    private func mirroredBatch() throws(Stop) -> BatchView {
        if let view = mirror.batch(key) { return view }
        let waits = outbox.content().entries.contains { entry in
            guard case .submitBatch(let command) = entry.envelope.command?.body else { return false }
            return command.number == key || Hex.encode(entry.envelope.target) == key.lowercased()
        }
        guard waits else { throw notMirrored }
        Output.complain(
            Text(
                "“\(Screen.clean(key))”在待发箱，还没有收到市局的答复；\(head)。",
                "\(Screen.clean(key)) is in the outbox; no answer of the bureau has come yet. \(head).")[
                    language])
        throw .exit(.notFound)
    }

    private func showMirroredBatch() throws(Stop) -> ExitCode {
        let view = try mirroredBatch()
        guard case .object(let members) = view.json else { return .internal }
        return mirrored(members, BatchText(screen, kindsHere).lines(view))
    }

    private func reportMirrored() throws(Stop) -> ExitCode {
        let view = try mirroredBatch()
        let (faults, hasMore) = mirror.faults(of: view.id)
        return try report(faults, hasMore: hasMore, of: view, kindsHere, head: [screen.paint(head, .yellow)])
    }

    // MARK: Files

    private func fetchMirrored() throws(Stop) -> ExitCode {
        let held =
            line.name == .caseFetch
            ? mirror.familyCase(key)?.view?.attachments : mirror.request(key)?.view?.attachments
        guard let held else { throw notMirrored }
        let (view, path) = try wantedAttachment(of: held)
        guard let source = mirror.attachment(view.attachment) else {
            Output.complain(
                Text(
                    "这个附件不在本机：还没有随交换包送来，或已删除。",
                    "It is not on this machine: no package has brought it, or it was erased.")[
                        language])
            throw .exit(.notFound)
        }
        do throws(FileError) { try copy(source, to: path, view) } catch { throw .file(error) }
        return told(fetched: view, path)
    }

    /// Checked once more: it may have lain here for months.
    private func copy(_ source: String, to path: String, _ view: AttachmentView) throws(FileError) {
        var file = try FetchedFile(path)
        guard let handle = FileHandle(forReadingAtPath: source) else {
            throw FileError(source, Text("读不到这个文件", "it cannot be read"))
        }
        defer { try? handle.close() }
        while let piece = try? handle.read(upToCount: BatchLimits.chunkBytes), !piece.isEmpty {
            try file.add([UInt8](piece))
        }
        try file.finish(sha256: view.sha256, bytes: view.bytes)
    }

    private func mirroredRoundFile() throws(Stop) -> ExitCode {
        guard let round = mirror.round(key) else { throw notMirrored }
        return try save(roundFile: round.file)
    }

    private var notMirrored: Stop {
        Output.complain(
            Text(
                "没有找到“\(Screen.clean(key))”；\(head)。",
                "Nothing named \(Screen.clean(key)) is known here. \(head).")[language])
        return .exit(.notFound)
    }

    /// What a command is about, as the last package showed it.
    func seenInMirror(_ key: String) -> TargetView? {
        guard !profile.hasLine else { return nil }
        if line.name.words.first == "case" {
            guard let view = mirror.familyCase(key)?.view, let summary = view.summary else { return nil }
            return TargetView(
                id: summary.target, version: summary.version, reference: summary.reference, familyCase: view)
        }
        guard let view = mirror.request(key)?.view, let summary = view.summary else { return nil }
        return TargetView(
            id: summary.target, version: summary.version, reference: summary.reference, request: view)
    }
}
