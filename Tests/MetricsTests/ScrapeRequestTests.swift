import Metrics
import TestSupport
import Testing

@Suite("Operating: the head of a request for figures")
struct ScrapeRequestTests {
    typealias Verdict = ScrapeRequest.Verdict

    /// Fed whole, or in pieces of `step` bytes.
    private func judge(_ bytes: [UInt8], step: Int = .max) -> Verdict {
        var request = ScrapeRequest()
        var rest = bytes[...]
        var verdict = Verdict.more
        while verdict == .more, !rest.isEmpty {
            verdict = rest.prefix(step).withUnsafeBytes { request.take($0) }
            rest = rest.dropFirst(step)
        }
        return verdict
    }

    private static let lines: [(String, Verdict)] = [
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .metrics),
        ("GET /metrics HTTP/1.0\r\n\r\n", .metrics),
        ("GET /metrics?collect%5B%5D=x HTTP/1.1\r\n\r\n", .metrics),
        ("GET /metrics HTTP/1.1\r\n\r\nGET /more", .metrics),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n", .more),
        ("GET /metrics HTTP/1.1\nHost: a\n\n", .more),
        ("GET / HTTP/1.1\r\n\r\n", .refuse(.noSuchPage)),
        ("GET /metrics/ HTTP/1.1\r\n\r\n", .refuse(.noSuchPage)),
        ("GET /metricsx HTTP/1.1\r\n\r\n", .refuse(.noSuchPage)),
        ("POST /metrics HTTP/1.1\r\n\r\n", .refuse(.onlyGet)),
        ("HEAD /metrics HTTP/1.1\r\n\r\n", .refuse(.onlyGet)),
        ("GET /metrics HTTP/2.0\r\n\r\n", .refuse(.version)),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .refuse(.version)),
        ("GET /metrics\r\n\r\n", .refuse(.malformed)),
        ("GET  /metrics HTTP/1.1\r\n\r\n", .refuse(.malformed)),
        ("GET /metrics HTTP/1.1 \r\n\r\n", .refuse(.malformed)),
        ("GET /met\u{0}rics HTTP/1.1\r\n\r\n", .refuse(.malformed)),
        ("get /metrics HTTP/1.1\r\n\r\n", .refuse(.malformed)),
        ("\u{16}\u{3}\u{1}", .refuse(.malformed)),
        ("\r\n\r\n", .refuse(.malformed)),
    ]

    @Test("each line, whole and byte by byte")
    func verdicts() {
        for (text, verdict) in Self.lines {
            #expect(judge(Array(text.utf8)) == verdict, "\(text)")
            #expect(judge(Array(text.utf8), step: 1) == verdict, "\(text)")
        }
    }

    @Test("a head of the limit is served, one byte more is refused, and no more is kept")
    func limit() {
        let (begin, end) = ("GET /metrics HTTP/1.1\r\nX: ", "\r\n\r\n")
        func head(_ size: Int) -> [UInt8] {
            Array(
                (begin + String(repeating: "x", count: size - begin.utf8.count - end.utf8.count) + end).utf8)
        }
        #expect(judge(head(MetricsLimits.requestBytes)) == .metrics)
        #expect(judge(head(MetricsLimits.requestBytes + 1)) == .refuse(.tooLarge))
        #expect(judge(Array(repeating: 0x41, count: MetricsLimits.requestBytes - 1)) == .more)
        #expect(judge(Array(repeating: 0x41, count: MetricsLimits.requestBytes)) == .refuse(.tooLarge))
    }

    @Test("bytes of chance have a verdict and nothing traps")
    func chance() {
        var numbers = SplitMix64(seed: 22)
        let parts = [
            "GET", " ", "/metrics", " HTTP/1.1", "\r\n", "\r", "\n", "\r\n\r\n", "?", "\u{0}", "ü", "HTTP/",
            "Z",
        ]
        for _ in 0..<5_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(numbers.next() % 12) {
                let pick = Int(numbers.next() % UInt64(parts.count + 1))
                bytes +=
                    pick < parts.count ? Array(parts[pick].utf8) : [UInt8(truncatingIfNeeded: numbers.next())]
            }
            #expect(judge(bytes) == judge(bytes, step: 1), "\(bytes)")
        }
    }

    @Test("answers are whole: length, type, the end of the connection, and what is allowed")
    func answers() {
        let page = String(decoding: ScrapeRequest.answer(page: [0x61, 0x0A]), as: UTF8.self)
        #expect(
            page
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: 2\r\nConnection: close\r\n\r\na\n"
        )
        for refusal in ScrapeRequest.Refusal.allCases {
            let text = String(decoding: ScrapeRequest.answer(refusal), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(refusal.rawValue) \(refusal.words)\r\n"))
            #expect(text.contains("Allow: GET\r\n") == (refusal == .onlyGet))
        }
    }
}

@Suite("Operating: figures are told on the loopback alone")
struct LoopbackAddressTests {
    @Test("addresses of this machine's loopback, and no other")
    func addresses() throws {
        for (text, host, port) in [
            ("127.0.0.1:9464", "127.0.0.1", 9464), ("127.3.2.1:0", "127.3.2.1", 0),
            ("[::1]:65535", "::1", 65535),
            ("127.255.255.255:1", "127.255.255.255", 1),
        ] as [(String, String, UInt16)] {
            let address = try LoopbackAddress(text)
            #expect(address.host == host && address.port == port, "\(text)")
        }
        for text in [
            "0.0.0.0:9464", "[::]:9464", "10.1.2.3:9464", "128.0.0.1:1", "localhost:9464",
            "126.255.255.255:1", "::1:80x",
            "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", ":9464", "",
            "127.0.0:1", "127.0.0.256:1",
            "127.0.0.1.evil.example:1", "127.0.0.1/8:1", "[127.0.0.1:1", "1270.0.0.1:1", "127.0..1:1",
        ] {
            #expect(throws: LoopbackAddress.Wrong.self, "\(text)") { try LoopbackAddress(text) }
        }
        let wrong = #expect(throws: LoopbackAddress.Wrong.self) { try LoopbackAddress("0.0.0.0:9464") }
        #expect(wrong?.description.contains("127.0.0.1:9464 or [::1]:9464") == true)
    }
}
