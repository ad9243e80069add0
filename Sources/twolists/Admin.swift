import Office
import Schema
import TwoListsClient

/// What a system administrator asks of the server itself.
extension Session {
    /// The server reads its certificates, keys, authorities and lists again; what is in use then.
    func reloadServer() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.reload() }
        let done = Text(
            "已重新加载：新连接使用新的证书和列表，已有连接也已按新列表核对。",
            "Reloaded: new connections use what was read, and those open are judged by it.")
        return show(
            view.json, [screen.paint("✓ ", .green) + done[language]] + ViewsText(screen).certificates(view))
    }

    func serverCertificates() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.serverCertificates() }
        return show(view.json, ViewsText(screen).certificates(view))
    }
}

extension Session {
    /// Moves the demonstration clock on, from the version that it has now.
    func advanceClock() async throws(Stop) -> ExitCode {
        guard let (body, target) = ClockForms.advance(line), case .advanceClock(let command) = body else {
            throw .usage(ClockForms.noMoment(line))
        }
        let me = try await call { () async throws(ClientError) in try await client.whoAmI(timeout: timeout) }
        let signed = try await call { () async throws(ClientError) in
            try client.sealed(body, target: target, expectedVersion: me.clock?.version ?? 0)
        }
        let answer = try await judged(signed, reference: "")
        if answer.outcome?.refusal == .unspecified { client.clockShows(command.to) }
        return show(answer, kind: "advance_clock", reference: "")
    }
}

// What is live, page by page, and what bounds it.
extension Session {
    func serverConnections() async throws(Stop) -> ExitCode {
        var query = ListConnectionsQuery(cursor: line.bytes("cursor") ?? [])
        var (found, total): ([ConnectionLine], UInt64) = ([], 0)
        repeat {
            query.pageSize = pageSize(found.count)
            let page = try await call { () async throws(ClientError) in
                try await client.serverConnections(query)
            }
            found += page.connections
            (total, query.cursor) = (page.total, page.nextCursor)
        } while wantsMore(found.count) && !query.cursor.isEmpty
        let json = JSON.object([
            "connections": .array(found.map(\.json)), "total": .uint(total),
            "next_cursor": .hex(query.cursor),
        ])
        return show(
            json,
            ViewsText(screen).connections(found, total: total, more: query.cursor, now: client.now))
    }

    func serverStreams() async throws(Stop) -> ExitCode {
        var query = ListStreamsQuery(cursor: line.bytes("cursor") ?? [])
        var (found, total): ([StreamLine], UInt64) = ([], 0)
        repeat {
            query.pageSize = pageSize(found.count)
            let page = try await call { () async throws(ClientError) in try await client.serverStreams(query)
            }
            found += page.streams
            (total, query.cursor) = (page.total, page.nextCursor)
        } while wantsMore(found.count) && !query.cursor.isEmpty
        let json = JSON.object([
            "streams": .array(found.map(\.json)), "total": .uint(total), "next_cursor": .hex(query.cursor),
        ])
        return show(
            json, ViewsText(screen).streams(found, total: total, more: query.cursor, now: client.now))
    }

    func serverLimits() async throws(Stop) -> ExitCode {
        var view = try await call { () async throws(ClientError) in try await client.serverLimits() }
        view.limits += OfficeLimits.lines
        return show(view.json, ViewsText(screen).limits(view))
    }
}
