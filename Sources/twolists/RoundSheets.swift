import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// `twolists round sheet`: prints confirmation sheets, or holds a code from paper against them.
struct SheetDesk {
    let line: Invocation
    let language: Language
    let screen: Screen

    /// ns UTC at which they are printed: the server's demonstration clock, where it runs on one.
    let now: Int64

    /// - Parameter names: as `ConfirmationSheets.papers`.
    func run(_ sheets: ConfirmationSheets, names: [String: String]?, city: String) throws(FileError)
        -> ExitCode
    {
        let person = line.text("person")
        if let typed = line.text("check") { return compare(sheets.sheet(fitting: typed, of: person)) }
        let papers: [PaperSheet]
        do throws(ConfirmationSheets.Fault) {
            papers = try sheets.papers(of: person, names: names, city: city)
        } catch {
            return Output.usage(UsageError(problem: error.text, command: line.name), language: language)
        }
        let json = JSON.object(["sheets": .array(papers.map(\.json))])
        guard let path = line.text("html") else {
            return tell(json, Array(papers.map { $0.shown(on: screen) }.joined(separator: [""])))
        }
        let today = CivilDay(nanoseconds: now).text
        let page = SheetHTML(papers, printed: today, language: language)
        do { try Data(page.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw FileError(
                path, Text("写不进去，请检查文件夹和磁盘空间", "it cannot be written; look at the folder and the disk"))
        }
        let text = Text("已存为 \(path)，共 \(papers.count) 张", "written: \(path), \(papers.count) sheets")
        return tell(json, [text[language]])
    }

    private func compare(_ found: RoundSheet?) -> ExitCode {
        let json = JSON.object([
            "fits": .bool(found != nil), "number": found.map { .int(Int64($0.number)) } ?? .null,
            "person": found.map { .string($0.person.key) } ?? .null,
            "post": found.map { .string($0.post.key) } ?? .null,
        ])
        guard let found else {
            let text = Text(
                "不符：校验码抄错，或不是本轮的确认表，或确认表被改过。请核对纸上各栏。",
                "It does not fit: mistyped, or of another round, or the sheet was changed. Compare the lines."
            )
            _ = tell(json, [text[language]])
            return .notProven
        }
        let post = [found.post.key, found.post.employer, found.post.title].joined(separator: " ")
        let text = Text(
            "相符：本轮第 \(found.number) 号，\(found.person.key) \(found.person.maskedName)，\(post)。",
            "It fits: number \(found.number) of this round, \(found.person.key) \(found.person.maskedName), \(post)."
        )
        return tell(json, [text[language]])
    }

    private func tell(_ json: JSON, _ lines: [String]) -> ExitCode {
        if line.has("json") {
            Output.out(json.shown.pretty)
        } else {
            var page = Page()
            page.add(lines)
            Output.out(page.text(on: screen))
        }
        return .done
    }
}

extension Session {
    /// The published file is worked out again before anything is printed of it. Whole names are of those whom the server shows to this office.
    func roundSheets() async throws(Stop) -> ExitCode {
        guard !key.isEmpty else {
            throw .usage(
                UsageError(
                    problem: Text("没有写明轮次", "no round is named"),
                    hint: Text(
                        "写明轮次，或用 --file 指定公布的文件", "name the round, or a published file with --file"),
                    command: line.name))
        }
        let bytes = try await call { () async throws(ClientError) in
            try await client.roundFile(key, timeout: timeout)
        }
        guard let round = RoundDesk(line: line, language: language, screen: screen).worked(bytes) else {
            return .notProven
        }
        let sheets = ConfirmationSheets(
            round, codes: await codeNames([CodeListName.placementDestination]), language: language)
        let parties = try await call { () async throws(ClientError) in try await client.parties() }
        let city = parties.parties.first { $0.kind == .bureau }?.name ?? ""
        let names = line.has("check") ? [:] : try await ownNames()
        do throws(FileError) {
            return try SheetDesk(line: line, language: language, screen: screen, now: client.now)
                .run(sheets, names: names, city: city)
        } catch {
            throw .file(error)
        }
    }

    private func ownNames() async throws(Stop) -> [String: String] {
        var names: [String: String] = [:]
        var have: UInt32 = 0
        while true {
            let query = RoundRowsQuery(key: key, from: have, pageSize: 200)
            let page = try await call { () async throws(ClientError) in
                try await client.roundPeople(query, timeout: timeout)
            }
            for row in page.people { names[row.person] = row.name }
            have += UInt32(clamping: page.people.count)
            guard have < page.total, !page.people.isEmpty else { return names }
        }
    }
}
