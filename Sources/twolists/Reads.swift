import Foundation
import Office
import Schema
import TwoListsClient

/// Commands that only read.
extension Session {
    private var views: ViewsText { ViewsText(screen) }

    /// Views with the names of the codes they show.
    func views(naming lists: [String]) async -> ViewsText {
        var names = CodeNames()
        for list in lists where !wantsJSON {
            if let page = try? await client.codes(list, timeout: timeout) { names.add(page, list: list) }
        }
        return ViewsText(screen, codes: names)
    }

    static let requestLists = ["request-category", "progress-stage", "suspension-reason"]
    static let caseLists = [
        "rank-band", "years-band", "merit", "hardship", "approval-organ", "schooling", "profession",
        "placement-channel", "case-subcategory", "material", "school-stage",
    ]

    // MARK: Lists

    func listRequests() async throws(Stop) -> ExitCode {
        var query = ListRequestsQuery(
            direction: line.choice("direction", Direction.self) ?? .unspecified,
            year: Int32(clamping: line.integer("year") ?? 0),
            states: line.choices("state", RequestState.self),
            responsible: try await party("responsible"), requester: try await party("requester"),
            pageSize: pageSize(nil), cursor: line.bytes("cursor") ?? [],
            waves: line.choices("wave", Wave.self), view: line.choice("view", SavedView.self) ?? .unspecified,
            conference: line.date("conference"), search: line.text("search") ?? "",
            lights: line.choices("light", Light.self))
        var found: [RequestSummary] = []
        while true {
            let page = try await call { () async throws(ClientError) in try await client.requests(query) }
            found += page.requests
            query.cursor = page.nextCursor
            guard wantsMore(found.count), !page.nextCursor.isEmpty else { break }
            query.pageSize = pageSize(found.count)
        }
        remember(found.map { ($0.target, $0.version, $0.number) })
        let json = JSON.object([
            "requests": .array(found.map(\.json)), "next_cursor": .hex(query.cursor),
        ])
        return show(json, views.requests(found, more: query.cursor))
    }

    func listCases() async throws(Stop) -> ExitCode {
        var query = ListCasesQuery(
            states: line.choices("state", CaseState.self), pageSize: pageSize(nil),
            cursor: line.bytes("cursor") ?? [])
        var found: [CaseSummary] = []
        while true {
            let page = try await call { () async throws(ClientError) in try await client.cases(query) }
            found += page.cases
            query.cursor = page.nextCursor
            guard wantsMore(found.count), !page.nextCursor.isEmpty else { break }
            query.pageSize = pageSize(found.count)
        }
        remember(found.map { ($0.target, $0.version, $0.number) })
        let json = JSON.object(["cases": .array(found.map(\.json)), "next_cursor": .hex(query.cursor)])
        return show(json, views.cases(found, more: query.cursor))
    }

    /// Rows of one page the server gives at most.
    private static let largestPage = 200
    private static let standardLimit = 50

    private var limit: Int { line.has("all") ? .max : line.integer("limit") ?? Self.standardLimit }

    func pageSize(_ have: Int?) -> Int32 {
        Int32(clamping: min(Self.largestPage, max(1, limit - (have ?? 0))))
    }

    func wantsMore(_ have: Int) -> Bool { have < limit }

    // MARK: One matter

    func showRequest() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.request(key) }
        if let seen = view.summary { remember([(seen.target, seen.version, seen.number)]) }
        return show(view.json, await views(naming: Self.requestLists).request(view))
    }

    func showCase() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.familyCase(key) }
        if let seen = view.summary { remember([(seen.target, seen.version, seen.number)]) }
        return show(view.json, await views(naming: Self.caseLists).familyCase(view))
    }

    func showFund() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.careFund() }
        return show(view.json, await views(naming: ["fund-source"]).careFund(view))
    }

    func history(ofCase: Bool) async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in
            ofCase ? try await client.caseHistory(key) : try await client.requestHistory(key)
        }
        let json = JSON.object(["entries": .array(page.entries.map(\.json))])
        return show(json, views.history(page.entries, isCase: ofCase))
    }

    // MARK: Who and what

    func whoAmI() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.whoAmI() }
        return show(view.json, views.whoAmI(view))
    }

    func parties() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in try await client.parties() }
        return show(.object(["parties": .array(page.parties.map(\.json))]), views.parties(page))
    }

    func codes() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in try await client.codes(key) }
        return show(page.json, views.codes(page, list: key))
    }

    func calendars() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in try await client.calendars() }
        return show(page.json, views.calendars(page))
    }

    func health() async throws(Stop) -> ExitCode {
        let serving = try await call { () async throws(ClientError) in try await client.isServing() }
        let days = client.certificateEnds.map(daysLeft)
        let serverDays = client.serverCertificateEnds.map(daysLeft)
        let json = JSON.object([
            "serving": .bool(serving), "server": .string(client.configuration.address),
            "certificate_days": days.map { .int($0) } ?? .null,
            "server_certificate_days": serverDays.map { .int($0) } ?? .null,
        ])
        _ = show(json, healthLines(serving, days, serverDays))
        return serving ? .done : .overloaded
    }

    private func daysLeft(_ ends: Int64) -> Int64 { (ends - client.now / 1_000_000_000) / 86_400 }

    private static let renewalDays = ClientEvent.certificateNotice / 86_400

    private func healthLines(_ serving: Bool, _ days: Int64?, _ serverDays: Int64?) -> [String] {
        let address = client.configuration.address
        let state = serving ? Text("服务正常", "serving") : Text("暂不提供服务", "not serving")
        var lines = [screen.paint("● ", serving ? .green : .red) + "\(address)  \(state[language])"]
        if let days {
            let text = Text("本人证书还有 \(days) 天到期", "your certificate ends in \(days) days")
            lines.append(screen.paint(text[language], days < Self.renewalDays ? .yellow : nil))
        }
        if let serverDays {
            let text = Text(
                "服务器证书还有 \(serverDays) 天到期", "the server's certificate ends in \(serverDays) days")
            lines.append(screen.paint(text[language], serverDays < Self.renewalDays ? .yellow : nil))
        }
        return lines
    }

    // MARK: Watch

    /// Changes as they happen, one line (or one line of JSON) each, until interrupted or `--count` are shown.
    func watch() async throws(Stop) -> ExitCode {
        var left = line.integer("count") ?? .max
        if !wantsJSON { Output.out(screen.paint(ScreenNotice.line, .dim)) }
        var changes = client.watch(from: line.bytes("since") ?? []).makeAsyncIterator()
        while left > 0 {
            let change: Change?
            do throws(ClientError) { change = try await changes.next() } catch { throw .client(error) }
            guard let change else { break }
            Output.out(wantsJSON ? change.json.compact : views.change(change))
            left -= 1
        }
        return .done
    }

    // MARK: Parties

    /// A party option as its key: typed as a key, a code, or a registered name.
    func party(_ option: String) async throws(Stop) -> String {
        guard let typed = line.text(option) else { return "" }
        return try await partyKey(typed, option)
    }

    func partyKey(_ typed: String, _ option: String) async throws(Stop) -> String {
        if typed.contains("/") { return typed }
        let page = try await partyPage()
        let coded = page.parties.first { $0.code == typed }
        guard let party = coded ?? Naming.match(typed, in: page.parties, name: \.name) else {
            throw .usage(
                UsageError(
                    problem: Text(
                        "--\(option)：没有单位“\(Screen.clean(typed))”",
                        "--\(option): no party \(Screen.clean(typed))"),
                    hint: Text("twolists parties 列出各单位", "twolists parties lists them"), command: line.name))
        }
        return party.key
    }
}
