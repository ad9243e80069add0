import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What whoever runs the server sees of it, with the real programs.
    @Suite("Operating: figures, log and a look inside")
    struct OperatingTests {
        /// GET from the loopback: status line and body.
        private static func get(_ port: Int, _ path: String = "/metrics") throws -> (
            status: String, body: [UInt8]
        ) {
            let socket = try RawLine.connected(UInt16(port))
            defer { close(socket) }
            let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            try #require(send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
            var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
            while case let count = recv(socket, &part, part.count, 0), count > 0 { bytes += part[..<count] }
            let end = Array("\r\n\r\n".utf8)
            let split = try #require(
                (0..<max(0, bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(end) })
            let head = String(decoding: bytes[..<split], as: UTF8.self)
            return (head.components(separatedBy: "\r\n").first ?? "", Array(bytes[(split + 4)...]))
        }

        /// The page as Prometheus' own parser reads it: series to value. It refuses what it cannot read.
        private static func series(_ body: [UInt8]) throws -> [String: Double] {
            let script = """
                import sys, json
                from prometheus_client.parser import text_string_to_metric_families as families
                text = sys.stdin.buffer.read().decode("utf-8")
                told, seen, out = set(), set(), {}
                for line in text.splitlines():
                    if line.startswith("# "):
                        word, kind, name = line.split(" ")[:3]
                        assert (kind, name) not in told, "told twice: " + line
                        assert kind == "HELP" or ("HELP", name) in told, "TYPE before HELP: " + line
                        told.add((kind, name))
                for family in families(text):
                    assert family.documentation and family.type in ("counter", "gauge", "histogram"), family.name
                    for s in family.samples:
                        key = s.name + "{" + ",".join("%s=%s" % pair for pair in sorted(s.labels.items())) + "}"
                        assert key not in seen, "twice: " + key
                        seen.add(key)
                        out[key] = s.value
                json.dump(out, sys.stdout)
                """
            let result = try runProcess(try requirePrometheusClient(), ["-c", script], input: body)
            try #require(result.status == 0, "\(result.errorText)")
            let value = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: NSNumber]
            return try #require(value).mapValues(\.doubleValue)
        }

        /// The port that the log names.
        private static func metricsPort(_ city: City) throws -> Int {
            let lines = city.log.split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("figures for Prometheus: ") })
            let digits = line.split(separator: ":").last?.prefix { $0.isNumber }
            return try #require(digits.flatMap { Int($0) })
        }

        @Test(
            "calls before and after: the figures grow by exactly what was done, and Prometheus' parser reads every line"
        )
        func figures() throws {
            let city = try City()
            try city.start(["--metrics", "127.0.0.1:0", "--loops", "2"])
            let port = try Self.metricsPort(city)
            let first = try Self.get(port)
            #expect(first.status == "HTTP/1.1 200 OK")
            let before = try Self.series(first.body)
            for _ in 0..<3 { _ = try city.request() }
            expect(try city.attempt("k7f2", ["admin", "limits"]), exits: 4, saying: "系统管理员")
            let after = try Self.series(try Self.get(port).body)

            func grew(_ key: String) -> Double { (after[key] ?? 0) - (before[key] ?? 0) }
            let execute = "method=Execute,service=twolists.v1.Exchange"
            #expect(grew("twolists_calls_total{code=OK,\(execute)}") == 3)
            #expect(grew("twolists_call_seconds_count{\(execute)}") == 3)
            #expect(grew("twolists_call_seconds_bucket{le=+Inf,\(execute)}") == 3)
            #expect(
                grew(
                    "twolists_calls_total{code=PERMISSION_DENIED,method=ListLimits,service=twolists.v1.Admin}"
                ) == 1)
            // The three filings, and the refusal, which is noted.
            #expect(grew("twolists_journal_records_total{}") == 4)
            #expect(grew("twolists_journal_group_records_sum{}") == 4)
            #expect(grew("twolists_journal_groups_total{}") == grew("twolists_journal_sync_seconds_count{}"))
            #expect(grew("twolists_journal_durable_sequence{}") == 4)
            #expect(grew("twolists_connections_opened_total{}") == 4)
            #expect(grew("twolists_tls_handshakes_total{result=ok}") == 4)
            #expect(
                grew("twolists_bytes_total{direction=in}") > 3_000
                    && grew("twolists_bytes_total{direction=out}") > 3_000)
            #expect((after["twolists_journal_sync_seconds_sum{}"] ?? 0) > 0)
            let opened = after["twolists_connections_opened_total{}"] ?? 0
            let ended = after.filter { $0.key.hasPrefix("twolists_connections_ended_total{") }.values.reduce(
                0, +)
            #expect(opened == ended + (after["twolists_connections_open{}"] ?? -1))
            for key in [
                "twolists_engine_waiting{}", "twolists_journal_pending_bytes{}",
                "twolists_loop_waiting{loop=0}",
                "twolists_loop_waiting{loop=1}", "twolists_disk_free_bytes{directory=data}",
                "twolists_disk_free_bytes{directory=keys}",
                "twolists_certificate_days_left{name=twolists://421300/server,use=server}",
                "twolists_certificate_days_left{name=twolists://421300/journal,use=journal}",
                "twolists_snapshots{}",
                "process_resident_memory_bytes{}", "process_open_fds{}", "process_max_fds{}",
                "process_cpu_seconds_total{}",
            ] { #expect(after[key] != nil, "\(key)") }
            #expect(
                after.keys.contains { $0.contains("use=revocation_list") }
                    && after.keys.contains { $0.contains("use=authority") })
            #expect(after["twolists_journal_writable{}"] == 1)
            #expect(try Self.get(port, "/").status == "HTTP/1.1 404 Not Found")
            #expect(city.stop() == 0)
        }

        @Test("names that peers invent make no series, however many there are")
        func cardinality() throws {
            let city = try City()
            try city.start(["--metrics", "127.0.0.1:0"])
            let port = try Self.metricsPort(city)
            for number in 0..<5 {
                _ = try city.attempt(
                    "k7f2", ["call", "no.such.Service\(number)/Method", "--schema", "built-in"])
                _ = try city.attempt("k7f2", ["call", "twolists.v1.Ledger/NoSuch\(number)"])
            }
            let series = try Self.series(try Self.get(port).body)
            #expect(!series.keys.contains { $0.contains("no.such") || $0.contains("NoSuch") })
        }

        @Test(
            "another address than the loopback's is refused, with the way to mend it; so are formats there are none of"
        )
        func refused() throws {
            let city = try City()
            for address in ["0.0.0.0:9464", "10.1.2.3:9464", "[::]:9464", "localhost:9464"] {
                expect(
                    try city.refusedStart(["--metrics", address]), exits: 2, saying: "--metrics \(address): ",
                    "only on this machine's loopback")
            }
            expect(try city.refusedStart(["--metrics", "9464"]), exits: 2, saying: "must be ADDRESS:PORT")
            expect(try city.refusedStart(["--log-format", "xml"]), exits: 2, saying: "must be text or json")
        }

        @Test(
            "the log as JSON: every line one object with time, level, event, message; nothing of what was filed is in it"
        )
        func log() async throws {
            let city = try City()
            try city.start(["--metrics", "127.0.0.1:0"])
            _ = try city.request()
            #expect(city.stop() == 0)
            let text = city.log
            try city.startJSON()
            _ = try city.request(title: "示例标题不入日志")
            try await city.hangUp()
            #expect(city.stop() == 0)
            let objects = try city.log.split(separator: "\n").map { line in
                try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            }
            for object in objects {
                for key in ["time", "level", "event", "message"] {
                    #expect(object[key] is String, "\(object)")
                }
            }
            let events = Set(objects.compactMap { $0["event"] as? String })
            #expect(
                events.isSuperset(of: [
                    "protection", "expiry", "ready", "connection_ended", "reload_done", "stopping", "stopped",
                ]), "\(events)")
            let ready = try #require(objects.first { $0["event"] as? String == "ready" })
            #expect(ready["city"] as? String == "421300" && ready["port"] as? Int == city.port)
            let ended = try #require(objects.first { $0["event"] as? String == "connection_ended" })
            #expect(
                ended["identity"] as? String == "twolists://421300/unit/LU-07/officer/u7l1"
                    && ended["calls"] is Int)
            // The same events in both forms.
            for words in [
                "checkpoints are signed: ", "ready: city 421300",
                "stopped; everything acknowledged is on disc",
            ] {
                #expect(text.contains(words))
                #expect(objects.contains { ($0["message"] as? String)?.contains(words) == true })
            }
            for personal in ["示例标题不入日志", "示例联系人甲", "0722-0000001", "东门道路", "营区"] {
                #expect(!city.log.contains(personal) && !text.contains(personal), "\(personal)")
            }
        }

        @Test(
            "the system administrator sees connections, calls and limits, in both languages and as JSON; nobody else does"
        )
        func inside() async throws {
            let city = try City()
            try city.start()
            let watch = try await city.watch("k7f2")
            let connections = try city.json("b1y3", ["admin", "conns"])
            let lines = try #require(connections["connections"] as? [[String: Any]])
            #expect(lines.count == 2 && connections["total"] as? Int == 2)
            let watching = try #require(
                lines.first { ($0["identity"] as? String)?.hasSuffix("officer/k7f2") == true })
            #expect(watching["open_streams"] as? Int == 1 && watching["profile"] as? String == "twolists/1")
            #expect(
                (watching["address"] as? String)?.hasPrefix("127.0.0.1:") == true
                    && (watching["bytes_in"] as? Int ?? 0) > 0)
            let screen = try city.run("b1y3", ["admin", "conns"])
            #expect(screen.contains("当前连接 2 条") && screen.contains("k7f2"), "\(screen)")
            let first = try city.json("b1y3", ["admin", "conns", "--limit", "1"])
            let cursor = try #require(first["next_cursor"] as? String)
            let second = try city.json("b1y3", ["admin", "conns", "--limit", "1", "--cursor", cursor])
            let numbers = [first, second].compactMap {
                ($0["connections"] as? [[String: Any]])?.first?["number"] as? Int
            }
            #expect(numbers.count == 2 && numbers[0] < numbers[1])

            let streams = try #require(
                try city.json("b1y3", ["admin", "streams"])["streams"] as? [[String: Any]])
            #expect(
                Set(streams.compactMap { $0["method"] as? String }) == ["Watch", "ListStreams"], "\(streams)")
            #expect(try city.run("b1y3", ["admin", "streams", "--lang", "en"]).contains("2 calls open"))

            let limits = try #require(
                try city.json("b1y3", ["admin", "limits"])["limits"] as? [[String: Any]])
            #expect(limits.count > 100)
            #expect(
                limits.allSatisfy {
                    !($0["reason"] as? String ?? "").isEmpty && !($0["reason_zh"] as? String ?? "").isEmpty
                })
            #expect(try city.run("b1y3", ["admin", "limits"]).contains("max_connections"))
            for words in [["admin", "conns"], ["admin", "streams"], ["admin", "limits"]] {
                for officer in ["b1q4", "b1u5", "b1a1", "k7f2"] {
                    expect(try city.attempt(officer, words), exits: 4, saying: "只有市局的系统管理员可以管理服务器")
                }
            }
            watch.slay()
        }

        @Test(
            "every reload stands in the auditor's trail: by call, refused, for lack of right, by signal; and the store verifies"
        )
        func trail() async throws {
            let city = try City()
            try city.start()
            expect(try city.attempt("b1y3", ["admin", "reload"]), exits: 0)
            expect(try city.attempt("k7f2", ["admin", "reload"]), exits: 4)
            let fresh = try city.issue("twolists://421300/server")
            let key = city.folder.file("certs/server/server.key")
            let old = try Data(contentsOf: URL(fileURLWithPath: key))
            try Data(fresh.key.pem()).write(to: URL(fileURLWithPath: key))
            expect(try city.attempt("b1y3", ["admin", "reload"]), exits: 3)
            try old.write(to: URL(fileURLWithPath: key))
            try await city.hangUp()
            func entries() throws -> [[String: Any]] {
                try #require(
                    try city.json("b1u5", ["audit", "list", "--command", "admin reload"])["entries"]
                        as? [[String: Any]])
            }
            var found = try entries()
            for _ in 0..<100 where found.count < 3 {
                usleep(50_000)
                found = try entries()
            }
            #expect(found.map { $0["officer"] as? String } == ["b1y3", "b1y3", ""])
            #expect(
                found.map { ($0["admin"] as? [String: Any])?["done"] as? Bool } == [true, false, true])
            #expect(found.map { $0["path"] as? String } == ["line", "line", "signal"])
            #expect(
                found.prefix(2).allSatisfy { ($0["address"] as? String)?.hasPrefix("127.0.0.1:") == true })
            let refused = try city.json("b1u5", ["audit", "list", "--officer", "k7f2", "--refused"])
            #expect(
                (refused["entries"] as? [[String: Any]])?.map { $0["call"] as? String } == [
                    "twolists.v1.Admin/Reload"
                ])
            let screen = try city.run("b1u5", ["audit", "list", "--command", "admin reload"])
            #expect(
                screen.contains("重新加载证书") && screen.contains("本机信号") && screen.contains("未办："), "\(screen)")
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0, saying: "verified: nothing is wrong")
            let dump = try City.run("twolists-server", ["dump", "--data", city.data])
            #expect(
                dump.contains("administration actor:{party:\"bureau/421300\" officer:\"b1y3\""),
                "\(dump.suffix(600))")
            // The store opens again with such records in it.
            try city.start()
            _ = try city.request()
        }
    }
}

extension City {
    /// The server with its log as JSON; ready when it says so.
    fileprivate func startJSON() throws { try start(["--log-format", "json"]) }
}
