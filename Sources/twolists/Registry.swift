import Crypto
import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// The registry: who and what is in it, and loading whole tables.
extension Session {
    private var views: ViewsText { ViewsText(screen) }

    // MARK: Reads

    func showParty() async throws(Stop) -> ExitCode {
        let party = try await registeredParty(key)
        let officers = try await officers(of: party.key, atMost: .max)
        let json = JSON.object(["party": party.json, "officers": .array(officers.map(\.json))])
        return show(json, views.party(party, officers))
    }

    func listOfficers() async throws(Stop) -> ExitCode {
        let limit = line.has("all") ? Int.max : line.integer("limit") ?? Self.standardOfficers
        let found = try await officers(of: try await party("party"), atMost: limit.addingOne)
        let shown = Array(found.prefix(limit))
        return show(
            .object(["officers": .array(shown.map(\.json))]),
            views.officers(shown, hasMore: found.count > shown.count))
    }

    private static let standardOfficers = 50

    /// Page by page, until there are so many or no more.
    private func officers(of party: String, atMost limit: Int) async throws(Stop) -> [OfficerView] {
        var found: [OfficerView] = []
        var query = ListOfficersQuery(party: party, pageSize: Self.largestOfficerPage)
        repeat {
            let asked = query
            let page = try await call { () async throws(ClientError) in
                try await client.officers(asked, timeout: timeout)
            }
            found += page.officers
            query.from = page.next
        } while query.from != 0 && found.count < limit
        return found
    }

    private static let largestOfficerPage: Int32 = 200

    func listTables() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in try await client.tables() }
        return show(.object(["tables": .array(page.tables.map(\.json))]), views.tables(page.tables))
    }

    // MARK: The target of a party's command

    /// A new one by its key alone; one that is there as the server tells it now.
    func partyTarget(_ line: Invocation) async throws(Stop) -> TargetView {
        let expected = line.integer("expect").map { UInt64($0) }
        guard line.name != .partyAdd else {
            let id = RegistryForms.target(ofParty: RegistryForms.addedKey(line))
            return TargetView(id: id, version: expected ?? 0, reference: "")
        }
        let party = try await registeredParty(line.operands.first ?? "")
        return TargetView(
            id: RegistryForms.target(ofParty: party.key), version: expected ?? party.version, reference: "",
            party: party)
    }

    /// By key, code or name.
    private func registeredParty(_ typed: String) async throws(Stop) -> PartyView {
        let page = try await call { () async throws(ClientError) in try await client.parties() }
        let exact = page.parties.first { $0.key == typed || $0.code == typed }
        guard let party = exact ?? Naming.match(typed, in: page.parties, name: \.name) else {
            throw .usage(
                UsageError(
                    problem: Text("没有单位“\(Screen.clean(typed))”", "there is no party \(Screen.clean(typed))"),
                    hint: Text("twolists party list 列出各单位", "twolists party list lists them"),
                    command: line.name))
        }
        return party
    }

    // MARK: Exporting

    func exportRegistry() async throws(Stop) -> ExitCode {
        let folder = line.text("out") ?? ""
        let asker = try await call { () async throws(ClientError) in try await client.whoAmI() }
        let page = try await call { () async throws(ClientError) in try await client.parties() }
        var files = [("parties.csv", RegistryTables.parties(page.parties))]
        if asker.roles.contains(.securityAdmin) {
            files.append(("officers.csv", RegistryTables.officers(try await officers(of: "", atMost: .max))))
        }
        var written: [String] = []
        for (name, text) in files {
            try write(Array(text.utf8), folder + "/" + name)
            written.append(folder + "/" + name)
        }
        let text = Text(
            "已存为 \(written.joined(separator: "、"))", "written: \(written.joined(separator: ", "))")
        return show(.object(["files": .array(written.map { .string($0) })]), [text[language]])
    }

    /// Names are in it: nobody else may read it.
    private func write(_ bytes: [UInt8], _ path: String) throws(Stop) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw .file(FileError(path, Text("已经存在，不覆盖", "it is there already and is not written over")))
        }
        do { try DurableFile.replace(path, bytes, mode: 0o600) } catch {
            throw .file(FileError(path, Text("不能写入", "it cannot be written")))
        }
    }

    // MARK: Loading

    func loadRegistry() async throws(Stop) -> ExitCode {
        let seeds = try TableFiles.seeds(key)
        let asker = try await call { () async throws(ClientError) in try await client.whoAmI() }
        let plan = RegistryPlan(seeds, try await known(asker))
        var lines = views.plan(plan)
        guard plan.blocked.isEmpty else {
            lines.append(t("有不能载入的行，请改正后再载入；未作更改。", "Mend these rows first; nothing was changed."))
            _ = show(json(plan, done: 0), lines)
            return .usage
        }
        guard line.has("apply") else {
            lines.append(t("以上为预览，未作更改；加 --apply 执行。", "Nothing was changed: do it with --apply."))
            return show(json(plan, done: 0), lines)
        }
        for (row, step) in plan.steps(for: asker) {
            if let refusal = LocalCheck.refusal(of: step.body) {
                return refused(row, CommandAnswer(outcome: refusal), step)
            }
        }
        return try await apply(plan, asker, lines)
    }

    /// One command a row, in order, until one is refused: what was done stays, and loading again goes on from there.
    private func apply(
        _ plan: RegistryPlan, _ asker: WhoAmIView, _ lines: [String]
    ) async throws(Stop) -> ExitCode {
        var done = 0
        for (row, step) in plan.steps(for: asker) {
            let signed = try await call { () async throws(ClientError) in
                try client.sealed(step.body, target: step.target, expectedVersion: step.version)
            }
            let answer = try await judged(signed, reference: "")
            guard answer.outcome?.isDone ?? true else {
                Output.complain(t("此前已办成 \(done) 项，仍然有效。", "\(done) were done before and stay."))
                return refused(row, answer, step)
            }
            done += 1
        }
        let others = plan.others(than: asker).count
        var told = lines + [t("已办成 \(done) 项。", "\(done) done.")]
        if others > 0 {
            told.append(t("另有 \(others) 项须由其他管理员载入。", "\(others) more are for another administrator."))
        }
        return show(json(plan, done: done), told)
    }

    private func refused(
        _ row: RegistryPlan.Row, _ answer: CommandAnswer, _ step: RegistryPlan.Step
    ) -> ExitCode {
        Output.complain(
            t("\(row.path) 第\(row.line)行“\(row.subject)”：", "\(row.path), line \(row.line), \(row.subject):"))
        return show(answer, kind: Envelope(command: Command(body: step.body)).kind, reference: "")
    }

    private func json(_ plan: RegistryPlan, done: Int) -> JSON {
        .object(["rows": .array(plan.rows.map(\.json)), "done": .int(Int64(done))])
    }

    private func t(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    private func known(_ asker: WhoAmIView) async throws(Stop) -> RegistryPlan.Known {
        let parties = try await call { () async throws(ClientError) in try await client.parties() }
        let tables = try await call { () async throws(ClientError) in try await client.tables() }
        let seesAll = asker.roles.contains(.securityAdmin)
        return RegistryPlan.Known(
            parties: parties.parties, officers: seesAll ? try await officers(of: "", atMost: .max) : [],
            tables: tables.tables, asker: asker)
    }
}

extension Int {
    fileprivate var addingOne: Int { self == .max ? self : self + 1 }
}

/// The tables of a folder or a file on this machine.
private enum TableFiles {
    /// Bytes of one table, at most: an envelope holds 256 KiB, and a table of persons far less.
    static let largestFile = 4 << 20

    static func seeds(_ path: String) throws(Session.Stop) -> [SeedCommand] {
        let (root, names) = try found(path)
        guard !names.isEmpty else {
            throw .file(FileError(path, Text("其中没有可以载入的表", "there is no table in it that can be loaded")))
        }
        guard names.count <= RegistryTables.mostFiles else {
            throw .file(
                FileError(
                    path,
                    Text(
                        "表太多(最多\(RegistryTables.mostFiles)个)",
                        "there are more than \(RegistryTables.mostFiles) tables")))
        }
        var files: [SeedFile] = []
        for name in names { files.append(SeedFile(path: name, text: try text(root + "/" + name))) }
        do throws(SeedError) { return try seedCommands(files) } catch {
            let text = error.screenText(of: root + "/" + error.path)
            throw .usage(UsageError(problem: text, command: .registryLoad))
        }
    }

    /// The folder that stands for seeds/, and the paths in it.
    private static func found(_ path: String) throws(Session.Stop) -> (root: String, names: [String]) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .file(FileError(path, Text("没有这个文件或目录", "there is no such file or folder")))
        }
        if isFolder.boolValue { return (path, tables(in: path)) }
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        guard let name = RegistryTables.path(of: absolute) else {
            throw .file(
                FileError(
                    path,
                    Text(
                        "不是可以载入的表：应名为 parties.csv、officers.csv、supervision.csv，或在 codes、rules、calendar 目录下",
                        "not a table that can be loaded: parties.csv, officers.csv, supervision.csv, or one below codes, rules or calendar"
                    )))
        }
        let root = String(absolute.dropLast(name.count + 1))
        let names = RegistryTables.companions(of: name).filter {
            $0 == name || FileManager.default.fileExists(atPath: root + "/" + $0)
        }
        return (root, names)
    }

    /// As init finds them; the city's own file is not loaded again.
    private static func tables(in root: String) -> [String] {
        func names(_ folder: String) -> [String] {
            let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return found.filter { $0.hasSuffix(".csv") }.sorted()
        }
        let below = RegistryTables.folders.flatMap { folder in
            names(root + "/" + folder).map { folder + "/" + $0 }
        }
        return names(root).filter { $0 != "city.csv" } + below
    }

    private static func text(_ path: String) throws(Session.Stop) -> String {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: largestFile + 1)
        else { throw .file(FileError(path, Text("无法读取", "cannot be read"))) }
        guard data.count <= largestFile else {
            throw .file(FileError(path, Text("超过 4 MiB", "has more than 4 MiB")))
        }
        guard let text = TableEncoding.text([UInt8](data)) else {
            throw .file(
                FileError(
                    path,
                    Text(
                        "不是 UTF-8、GB18030 或 UTF-16 文本，请另存为 UTF-8",
                        "is no UTF-8, GB18030 or UTF-16 text: save it as UTF-8")))
        }
        return text
    }
}
