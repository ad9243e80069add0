import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// Reads of rounds of placement, and loading them from tables.
extension Session {
    private var text: ViewsText { ViewsText(screen) }

    func listRounds() async throws(Stop) -> ExitCode {
        let list = try await call { () async throws(ClientError) in
            try await client.rounds(timeout: timeout)
        }
        return show(.object(["rounds": .array(list.rounds.map(\.json))]), text.rounds(list.rounds))
    }

    func showRound() async throws(Stop) -> ExitCode {
        let view = try await seenRound()
        return show(view.json, text.round(view))
    }

    private func seenRound() async throws(Stop) -> RoundView {
        try await call { () async throws(ClientError) in try await client.round(key, timeout: timeout) }
    }

    func roundHistory() async throws(Stop) -> ExitCode {
        let page = try await call { () async throws(ClientError) in
            try await client.roundHistory(key, timeout: timeout)
        }
        let json = JSON.object(["entries": .array(page.entries.map(\.json))])
        return show(json, text.history(page.entries, isCase: false))
    }

    // MARK: Rows

    private func rows(_ have: Int) -> RoundRowsQuery {
        RoundRowsQuery(
            key: key, from: UInt32(clamping: (line.integer("from") ?? 0) + have), pageSize: pageSize(have))
    }

    func listRoundPosts() async throws(Stop) -> ExitCode {
        var all = RoundPostPage()
        while true {
            let query = rows(all.posts.count)
            let page = try await call { () async throws(ClientError) in
                try await client.roundPosts(query, timeout: timeout)
            }
            all.posts += page.posts
            all.total = page.total
            guard wantsMore(all.posts.count), !page.posts.isEmpty else { break }
        }
        let json = JSON.object([
            "posts": .array(all.posts.map(\.json)), "total": .uint(UInt64(all.total)),
        ])
        return show(json, text.roundPosts(all))
    }

    func listRanking() async throws(Stop) -> ExitCode {
        var all = RankingPage()
        while true {
            let query = rows(all.rows.count)
            let page = try await call { () async throws(ClientError) in
                try await client.ranking(query, timeout: timeout)
            }
            all.rows += page.rows
            all.total = page.total
            guard wantsMore(all.rows.count), !page.rows.isEmpty else { break }
        }
        let json = JSON.object(["rows": .array(all.rows.map(\.json)), "total": .uint(UInt64(all.total))])
        return show(json, text.ranking(all))
    }

    func listRoundPeople() async throws(Stop) -> ExitCode {
        var all = RoundMemberPage()
        while true {
            let query = rows(all.people.count)
            let page = try await call { () async throws(ClientError) in
                try await client.roundPeople(query, timeout: timeout)
            }
            all.people += page.people
            all.total = page.total
            guard wantsMore(all.people.count), !page.people.isEmpty else { break }
        }
        let json = JSON.object([
            "people": .array(all.people.map(\.json)), "total": .uint(UInt64(all.total)),
        ])
        return show(json, text.roundPeople(all))
    }

    func fetchRoundFile() async throws(Stop) -> ExitCode {
        let bytes = try await call { () async throws(ClientError) in
            try await client.roundFile(key, timeout: timeout)
        }
        return try save(roundFile: bytes)
    }

    func save(roundFile bytes: [UInt8]) throws(Stop) -> ExitCode {
        let path = line.text("out") ?? ""
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw .file(FileError(path, Text("不能写入(文件已存在？)", "cannot be written (does it exist already?)")))
        }
        let saved = Text(
            "已存为 \(path)；用 twolists round verify \(path) 核验",
            "saved as \(path): see twolists round verify \(path)")
        return show(
            .object(["file": .string(path), "bytes": .uint(UInt64(bytes.count))]), [saved[language]])
    }

    // MARK: Loading

    /// Rows in one command: of the longest allowed, they stay far below an envelope's 256 KiB.
    private static let rowsInPart = 40

    /// Sends the table in parts, each a command of its own. Broken off and run again it does no harm: a key loaded again is replaced.
    func loadRound() async throws(Stop) -> ExitCode {
        let bodies = try roundParts()
        let kind = line.name == .roundLoadPosts ? "load_round_posts" : "load_round_people"
        // Before anything is sent: classified text never leaves this machine.
        for body in bodies {
            guard let refusal = LocalCheck.refusal(of: body) else { continue }
            return show(CommandAnswer(outcome: refusal), kind: kind, reference: "")
        }
        let summary = try await seenRound().summary ?? RoundSummary()
        var version = summary.version
        var last = CommandAnswer()
        for body in bodies {
            let expected = version
            let signed = try await call { () async throws(ClientError) in
                try client.sealed(body, target: summary.target, expectedVersion: expected)
            }
            last = try await judged(signed, reference: summary.reference)
            guard last.outcome?.isDone ?? true else { break }
            version = last.version
        }
        return show(last, kind: kind, reference: summary.reference)
    }

    private func roundParts() throws(Stop) -> [Command.OneOf_Body] {
        let path = line.text("file") ?? ""
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .file(FileError(path, Text("读不到，或不是 UTF-8 文本", "it cannot be read, or is not UTF-8 text")))
        }
        do throws(SeedError) {
            let file = SeedFile(path: path, text: text)
            guard line.name == .roundLoadPosts else {
                return try Self.parts(roundPeople(file)) { .loadRoundPeople(LoadRoundPeople(people: $0)) }
            }
            return try Self.parts(roundPosts(file)) { .loadRoundPosts(LoadRoundPosts(posts: $0)) }
        } catch {
            let column = error.column.map { Text("“\($0)”列", ", column \($0)") } ?? Text("", "")
            throw .file(
                FileError(
                    path,
                    Text(
                        "第\(error.line)行\(column.zh)：\(error.what)",
                        "line \(error.line)\(column.en): \(error.what)"))
            )
        }
    }

    private static func parts<Row>(
        _ rows: [Row], _ body: ([Row]) -> Command.OneOf_Body
    ) -> [Command.OneOf_Body] {
        stride(from: 0, to: rows.count, by: rowsInPart).map {
            body(Array(rows[$0..<min($0 + rowsInPart, rows.count)]))
        }
    }
}
