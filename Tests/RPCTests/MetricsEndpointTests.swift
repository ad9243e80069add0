import Foundation
import Metrics
import Synchronization
import Testing
import Wire

@testable import RPC

@Suite("Operating: figures over HTTP on the loopback")
struct MetricsEndpointTests {
    private func endpoint(
        patience: Int64 = 20 * .second,
        gather: @escaping MetricsEndpoint.Gather = { $0(ServerFigures()) },
        page: [UInt8] = Array("figures 1\n".utf8)
    ) throws -> MetricsEndpoint {
        try MetricsEndpoint(try LoopbackAddress("127.0.0.1:0"), patience: patience, gather: gather) { _ in
            page
        }
    }

    private func ask(_ endpoint: MetricsEndpoint, _ text: String = "GET /metrics HTTP/1.1\r\n\r\n") throws
        -> String
    {
        let client = try RawClient(port: endpoint.port)
        client.write(Array(text.utf8))
        return String(decoding: try #require(client.readToEnd()), as: UTF8.self)
    }

    @Test("a page is whole however long it is, and the connection ends with it")
    func page() throws {
        let page = [UInt8](repeating: 0x61, count: 3 << 20) + [0x0A]
        let endpoint = try endpoint(page: page)
        for _ in 0..<3 { #expect(try ask(endpoint).utf8.suffix(page.count).elementsEqual(page)) }
        endpoint.stop()
    }

    @Test("what is no GET /metrics is told so, and what is too long")
    func refused() throws {
        let endpoint = try endpoint()
        #expect(try ask(endpoint, "GET / HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
        #expect(try ask(endpoint, "POST /metrics HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
        #expect(try ask(endpoint, "\u{16}\u{3}\u{1}").hasPrefix("HTTP/1.1 400 "))
        let long = "GET /metrics HTTP/1.1\r\nX: " + String(repeating: "x", count: MetricsLimits.requestBytes)
        #expect(try ask(endpoint, long).hasPrefix("HTTP/1.1 431 "))
        #expect(try ask(endpoint).hasPrefix("HTTP/1.1 200 OK\r\n"))
        endpoint.stop()
    }

    @Test(
        "as many connections as the limit are served; one more is closed at the door; then there is room again"
    )
    func crowd() throws {
        let held = Mutex<[@Sendable (ServerFigures) -> Void]>([])
        let endpoint = try endpoint(gather: { done in held.withLock { $0.append(done) } })
        let clients = try (0..<MetricsLimits.connections).map { _ in try RawClient(port: endpoint.port) }
        for client in clients { client.write(Array("GET /metrics HTTP/1.1\r\n\r\n".utf8)) }
        while held.withLock({ $0.count }) < clients.count { usleep(1_000) }
        #expect(try ask(endpoint, "").isEmpty)
        for done in held.withLock({ $0 }) { done(ServerFigures()) }
        for client in clients {
            #expect(
                String(decoding: try #require(client.readToEnd()), as: UTF8.self).hasSuffix("figures 1\n"))
        }
        // The ends of the eight are on their way, though their clients keep them open.
        let end = MonotonicTime.now() + 20 * .second
        var answer = ""
        while answer.isEmpty, MonotonicTime.now() < end {
            usleep(20_000)
            answer = try ask(endpoint, "GET / HTTP/1.1\r\n\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 404"))
        withExtendedLifetime(clients) {}
        endpoint.stop()
    }

    @Test("a request that is never finished, and figures that never come, end with the time")
    func patience() throws {
        let silent = try endpoint(patience: 50 * .millisecond, gather: { _ in })
        let client = try RawClient(port: silent.port)
        client.write(Array("GET /met".utf8))
        #expect(client.readToEnd() == [])
        #expect(try ask(silent).isEmpty)
        silent.stop()
    }

    @Test("the port of another is named")
    func taken() throws {
        let endpoint = try endpoint()
        let error = #expect(throws: NetworkError.self) {
            try MetricsEndpoint(
                try LoopbackAddress("127.0.0.1:\(endpoint.port)"), gather: { _ in }, render: { _ in [] })
        }
        #expect(error?.description.contains("127.0.0.1 port \(endpoint.port) is taken") == true)
        endpoint.stop()
    }
}

@Suite("Operating: the log as JSON")
struct LogEventTests {
    @Test("one object on one line whatever a peer sent, in the order time, level, event, message, fields")
    func json() throws {
        let nasty = "a\"b\\c\nd\u{0}\u{1b}[31m\u{7f}\u{85}\u{2028}随\u{1F600}"
        let event = LogEvent(
            "some_event", nasty, [("address", .text("1.2.3.4:5")), ("calls", .integer(.min))])
        let line = event.json(.warning, at: "2026-11-27T12:00:00.000+08:00")
        #expect(
            line.hasPrefix(
                #"{"time":"2026-11-27T12:00:00.000+08:00","level":"warning","event":"some_event","message":"a\"b\\c\u000ad\u0000\u001b[31m\u007f\u0085\u2028随"#
            ))
        #expect(
            line.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0.value != 0x2028
            })
        let value = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(value["message"] as? String == nasty && value["calls"] as? Int == .min)
        #expect(Set(value.keys) == ["time", "level", "event", "message", "address", "calls"])
    }

    @Test("the end of a connection: the same event in both forms, each fact in a field of its own")
    func connection() throws {
        let report = ConnectionReport(
            number: 7, address: "10.1.2.3:40022", identity: "twolists://421300/county/421321/officer/k7f2",
            profile: .extended, phase: .open, words: "idle", reason: .idle, alertSent: nil,
            alertReceived: nil,
            duration: 1_500_000_000, calls: 3, bytesRead: 10, bytesWritten: 20, isTrouble: false)
        #expect(report.event.text == report.line)
        let value = try #require(
            try JSONSerialization.jsonObject(with: Data(report.event.json(.info, at: "t").utf8))
                as? [String: Any])
        #expect(value["event"] as? String == "connection_ended" && value["reason"] as? String == "idle")
        #expect(
            value["duration_ms"] as? Int == 1500 && value["bytes_in"] as? Int == 10
                && value["connection"] as? Int == 7)
        #expect(value["alert_sent"] == nil)
    }
}
