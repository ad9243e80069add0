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
