import Metrics
import Synchronization
import TestSupport
import Testing
import Wire

@testable import RPC

/// What a running server tells of itself: counted on each loop, added up when somebody asks.
@Suite("Operating: what a running server tells of itself")
struct ServerViewTests {
    private func server(loops: Int = 3) throws -> TestServer { try TestServer { $0.loops = loops } }

    /// Asks and waits for the answer.
    private func answer<Value: Sendable>(_ ask: (@escaping @Sendable (Value) -> Void) -> Void) throws -> Value
    {
        let got = Recorder<Value>()
        ask { got.add($0) }
        got.wait { !$0.isEmpty }
        #expect(got.values.count == 1)
        return try #require(got.values.first)
    }

    private func page(_ server: Server) throws -> [String] {
        var page = MetricPage()
        try answer { server.figures($0) }.tell(&page)
        return String(decoding: page.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("calls on every loop add up, and connections by how they ended")
    func figures() throws {
        let house = try server()
        let clients = try (0..<6).map { _ in try TestClient(port: house.server.port) }
        for client in clients {
            #expect(client.isReady)
            for _ in 0..<5 { _ = try client.unary("Echo", [1]) }
            _ = try client.unary("Fail")
            _ = try client.unary("Nowhere")
        }
        let lines = try page(house.server)
        for line in [
            "twolists_connections_opened_total 6", "twolists_connections_open 6", "twolists_streams_open 0",
            "twolists_tls_handshakes_total{result=\"ok\"} 6",
            "twolists_calls_total{service=\"test.v1.Test\",method=\"Echo\",code=\"OK\"} 30",
            "twolists_calls_total{service=\"test.v1.Test\",method=\"Fail\",code=\"FAILED_PRECONDITION\"} 6",
            "twolists_calls_total{service=\"unknown\",method=\"unknown\",code=\"UNIMPLEMENTED\"} 6",
            "twolists_call_seconds_count{service=\"test.v1.Test\",method=\"Echo\"} 30",
            "twolists_connections_ended_total{reason=\"closed_by_peer\"} 0",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.count { $0.hasPrefix("twolists_loop_waiting{") } == 3)
        for client in clients { client.stop() }
        #expect(house.reports.wait { $0.count == 6 })
        let after = try page(house.server)
        #expect(after.contains("twolists_connections_open 0"))
        let ended = after.filter { $0.hasPrefix("twolists_connections_ended_total{") && !$0.hasSuffix(" 0") }
        #expect(ended.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) } == 6, "\(ended)")
        let bytes = after.filter { $0.hasPrefix("twolists_bytes_total") }.compactMap {
            Int($0.split(separator: " ").last ?? "")
        }
        let reported = house.reports.values
        #expect(
            bytes == [
                Int(reported.reduce(0) { $0 + $1.bytesRead }),
                Int(reported.reduce(0) { $0 + $1.bytesWritten }),
            ])
        house.stop()
        // Stopped loops are left out, and nobody waits for them.
        #expect(try answer { house.server.figures($0) }.loops.isEmpty)
    }

    @Test("a handshake that fails is counted by the alert it ended with")
    func handshakes() throws {
        let house = try server(loops: 1)
        let client = try TestClient(
            port: house.server.port, context: TestCertificates.context(.client, "expired"))
        _ = try client.end()
        let raw = try RawClient(port: house.server.port)
        raw.write([0x16, 0x03, 0x01])
        #expect(house.reports.wait { $0.count >= 1 })
        let lines = try page(house.server)
        #expect(lines.contains("twolists_tls_handshakes_total{result=\"certificate_expired\"} 1"), "\(lines)")
        #expect(lines.contains("twolists_connections_ended_total{reason=\"handshake_failed\"} 1"))
        client.stop()
        house.stop()
    }

    @Test("live connections page by page: each once, in order, with who and how much")
    func connections() throws {
        let house = try server()
        let clients = try (0..<7).map { _ in try TestClient(port: house.server.port) }
        for client in clients {
            #expect(client.isReady)
            _ = try client.unary("Echo", [1])
        }
        var (place, seen): (LivePlace, [LiveConnection]) = (LivePlace(), [])
        while true {
            let page: LivePage<LiveConnection> = try answer {
                house.server.connections(after: place, limit: 3, $0)
            }
            #expect(page.total == 7 && page.items.count <= 3)
            seen += page.items
            guard page.hasMore, let last = page.items.last else { break }
            place = LivePlace(connection: last.number)
        }
        #expect(
            seen.map(\.number) == seen.map(\.number).sorted() && Set(seen.map(\.number)).count == 7
                && seen.count == 7)
        for one in seen {
            #expect(
                one.phase == "open" && one.profile == "twolists/1" && one.calls == 1 && one.openStreams == 0)
            #expect(one.identity.hasPrefix("twolists://") && one.address.hasPrefix("127.0.0.1:"))
            #expect(one.bytesRead > 0 && one.bytesWritten > 0 && one.since <= one.lastActivity)
        }
        for client in clients { client.stop() }
        house.stop()
    }

    @Test("live calls page by page: method, deadline, credit; those of several connections in one order")
    func streams() throws {
        let house = try server()
        let clients = try (0..<3).map { _ in try TestClient(port: house.server.port) }
        for client in clients {
            #expect(client.isReady)
            for _ in 0..<3 { _ = client.begin("Never", timeout: 100 * .second) }
            _ = client.begin("Never", timeout: nil)
        }
        #expect(house.service.opened.wait { $0.count == 12 })
        var (place, seen): (LivePlace, [LiveStream]) = (LivePlace(), [])
        while true {
            let page: LivePage<LiveStream> = try answer { house.server.streams(after: place, limit: 5, $0) }
            #expect(page.total == 12 && page.items.count <= 5)
            seen += page.items
            guard page.hasMore, let last = page.items.last else { break }
            place = last.place
        }
        #expect(
            seen.map(\.place) == seen.map(\.place).sorted() && Set(seen.map(\.place)).count == 12
                && seen.count == 12)
        #expect(seen.allSatisfy { $0.service == "test.v1.Test" && $0.method == "Never" && !$0.isOver })
        #expect(seen.count { $0.deadline == 0 } == 3)
        #expect(seen.allSatisfy { $0.deadline == 0 || $0.deadline > $0.since + 99 * .second })
        #expect(seen.allSatisfy { $0.receiveCredit == Int64(ConnectionLimits().initialCreditBytes) })
        for client in clients { client.stop() }
        house.stop()
    }

    @Test("every limit of a server's configuration is listed once, with its value and its reason")
    func limits() throws {
        var configuration = ServerConfiguration()
        configuration.maxConnections = 77
        configuration.limits.maxStreams = 7
        let all = configuration.named
        for (part, type, path) in [
            ("server", "ServerConfiguration", "Sources/RPC/ServerConfiguration.swift"),
            ("connection", "ConnectionLimits", "Sources/Wire/Limits.swift"),
            ("metrics", "MetricsLimits", "Sources/Metrics/ScrapeRequest.swift"),
        ] {
            // Where it listens is no limit.
            let defined = try limitNames(type, in: path).subtracting([
                "address", "port", "allows_base_profile", "limits", "hello", "wall", "is_demonstration",
            ])
            let told = all.filter { $0.part == part }.map(\.name)
            #expect(
                !defined.isEmpty && Set(told).isSuperset(of: defined), "\(part): \(defined.subtracting(told))"
            )
            #expect(Set(told).count == told.count, "\(part)")
        }
        #expect(all.first { $0.name == "max_connections" }?.value == 77)
        #expect(all.first { $0.name == "max_streams" }?.value == 7)
        #expect(all.allSatisfy { !$0.reason.isEmpty && !$0.reasonChinese.isEmpty })
    }
}
