import Office
import Schema
import TwoListsClient

/// The auditor's commands.
extension Session {
    /// Pages until there are as many entries as were asked for. A page may be short: a filter that finds little.
    func listTrail() async throws(Stop) -> ExitCode {
        var query = AuditForms.query(line)
        var found: [TrailEntry] = []
        while true {
            query.pageSize = pageSize(found.count)
            let page = try await call { () async throws(ClientError) in
                try await client.trail(query, timeout: timeout)
            }
            found += page.entries
            query.cursor = page.nextCursor
            guard wantsMore(found.count), !page.nextCursor.isEmpty else { break }
        }
        let json = JSON.object(["entries": .array(found.map(\.json)), "next_cursor": .hex(query.cursor)])
        return show(json, ViewsText(screen).trail(found, more: query.cursor))
    }

    func exportTrail() async throws(Stop) -> ExitCode {
        let path = line.text("out") ?? ""
        let (from, to) = (
            UInt64(clamping: line.integer("from") ?? 0), UInt64(clamping: line.integer("to") ?? 0)
        )
        let head = try await call { () async throws(ClientError) in
            try await client.trailHead(first: from, last: to, timeout: timeout)
        }
        let writer: TrailFileWriter
        do throws(FileError) { writer = try TrailFileWriter(path, head) } catch { throw .file(error) }
        var next = head.first
        while next <= head.last {
            let first = next
            let records = try await call { () async throws(ClientError) in
                try await client.trailRecords(first: first, last: head.last, timeout: timeout)
            }
            guard let last = records.last?.sequence, last >= next, last <= head.last else {
                throw .client(
                    ClientError(
                        .server, .call, .badAnswer, detail: "records \(next) and on are not what was asked"))
            }
            do throws(FileError) { try writer.add(records) } catch { throw .file(error) }
            next = last + 1
        }
        do throws(FileError) { try writer.finish() } catch { throw .file(error) }
        let count = head.last - head.first + 1
        let text = Text(
            "已导出 \(count) 条记录(\(head.first)–\(head.last))到 \(path)",
            "exported \(count) records (\(head.first)–\(head.last)) to \(path)")
        let json = JSON.object(["file": .string(path), "first": .uint(head.first), "last": .uint(head.last)])
        return show(json, [text[language]])
    }
}

/// What needs no server.
extension ReceiptDesk {
    func verifyTrail() throws -> ExitCode {
        let verified = try TrailVerifier(try verifier()).verify(file: key)
        show(verified.json, views.verified(verified))
        return .done
    }

    /// Told on standard error, with the reason for logs; in JSON on standard output.
    func failed(_ failure: TrailFailure) -> ExitCode {
        if wantsJSON { Output.out(failure.json.pretty) }
        for line in views.verdict(failure) { Output.complain(line) }
        Output.complain("  (\(Screen.clean(failure.detail)))")
        return .notProven
    }
}
