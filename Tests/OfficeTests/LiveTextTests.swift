import Schema
import Testing

@testable import Office

@Suite("Operating: what is live, on a screen")
struct LiveTextTests {
    private static let second: Int64 = 1_000_000_000
    private static let now: Int64 = 1_800_000_000 * second

    private static let connections = [
        ConnectionLine(
            number: 7, address: "10.1.2.3:40022", identity: "twolists://421300/county/421321/officer/k7f2",
            phase: "open", profile: "twolists/1", since: now - 7_300 * second, lastActivity: now - 3 * second,
            bytesIn: 10_239, bytesOut: 20 << 20, openStreams: 1, calls: 12, bytesQueued: 0),
        ConnectionLine(number: 8, address: "10.1.2.4:1", phase: "tls", since: now, lastActivity: now),
    ]

    private func text(_ language: Language) -> ViewsText {
        ViewsText(Screen(language: language, columns: 200))
    }

    @Test("connections: who, from where, how long, how much; the officer first")
    func connections() {
        let zh = text(.zh).connections(Self.connections, total: 2, more: [], now: Self.now)
        #expect(zh[0] == "当前连接 2 条" && zh.count == 5)
        for word in [
            "7", "k7f2 county/421321", "10.1.2.3:40022", "twolists/1", "2时", "3秒", "10239 B/20 MiB", "1/12",
            "0 B",
        ] {
            #expect(zh[3].contains(word), "\(word): \(zh[3])")
        }
        #expect(zh[4].contains("(握手中)") && !zh[4].contains("twolists"))
        let en = text(.en).connections(Self.connections, total: 2, more: [1, 2], now: Self.now)
        #expect(
            en[0] == "2 connections open" && en[3].contains("2 h")
                && en.last == "more: go on with --cursor 0102, or --all")
    }

    @Test("calls: method, age, what is left of the deadline, credit below zero; one that ends is marked")
    func streams() {
        let lines = [
            StreamLine(
                connection: 7, stream: 3, identity: "twolists://421300/county/421321/officer/k7f2",
                service: "twolists.v1.Ledger", method: "Watch", since: Self.now - 200 * Self.second,
                sendCredit: -20_480,
                receiveCredit: 262_144, bytesQueued: 5),
            StreamLine(
                connection: 8, stream: 1, service: "a.B", method: "C", since: Self.now,
                deadline: Self.now + 30 * Self.second,
                ended: true),
        ]
        let zh = text(.zh).streams(lines, total: 2, more: [], now: Self.now)
        for word in ["Ledger/Watch", "3分", "不限", "-20 KiB/256 KiB", "5 B"] {
            #expect(zh[3].contains(word), "\(word): \(zh[3])")
        }
        #expect(
            !zh[3].contains("twolists.v1") && zh[4].contains("a.B/C(收尾)") && zh[4].contains("30秒"), "\(zh[4])"
        )
        #expect(lines[1].json.pretty.contains("\"ended\": true"))
    }

    @Test("limits: reasons in the reader's language, times in the unit they are whole in, JSON as they are")
    func limits() {
        func line(_ value: Int64, _ unit: String) -> LimitLine {
            LimitLine(part: "p", name: "n", value: value, unit: unit, reason: "why", reasonZh: "为何")
        }
        let view = LimitsView(limits: [
            line(30_000_000_000, "ns"), line(1_500_000, "ns"), line(7, "ns"), line(0, "ns"), line(5, "bytes"),
        ])
        let zh = text(.zh).limits(view)
        #expect(zh.dropFirst(2).allSatisfy { $0.hasSuffix("为何") })
        let words = zh.dropFirst(2).map {
            $0.split(separator: " ").dropFirst(2).prefix(2).joined(separator: " ")
        }
        #expect(words == ["30 s", "1500 µs", "7 ns", "0 ns", "5 bytes"])
        #expect(text(.en).limits(view).dropFirst(2).allSatisfy { $0.hasSuffix("why") })
        #expect(view.json.pretty.contains("30000000000"))
    }
}
