import TestSupport
import Testing
import TwoListsClient

@testable import Office

@Suite("What is said of the connection")
struct ConnectionNewsTests {
    private static let lost = ClientEvent.disconnected(
        ClientError(.network, .tcp, .connectionRefused, server: "a:1"), retryInMilliseconds: 1500)

    private func line(_ seconds: Int64, _ language: Language) -> String? {
        ConnectionNews(language, tellsOfLosses: false).line(.clockDiffers(seconds: seconds))
    }

    @Test("a wrong clock: which way, by how much, what to do")
    func clock() throws {
        for (seconds, zh, en) in [
            (301, "本机时间比服务器慢约 5 分钟", "about 5 min behind"), (-301, "快约 5 分钟", "about 5 min ahead of"),
            (7_500, "慢约 2 小时 5 分钟", "2 h 5 min behind"), (-90_000, "快约 1 天 1 小时", "1 d 1 h ahead of"),
            (.max, "慢约 ", "behind"), (.min, "快约 ", "ahead of"),
        ] as [(Int64, String, String)] {
            let chinese = try #require(line(seconds, .zh))
            #expect(chinese.contains(zh) && chinese.contains("请校准本机的日期和时间"), "\(chinese)")
            #expect(englishSentence(in: chinese) == nil, "\(chinese)")
            let english = try #require(line(seconds, .en))
            #expect(
                english.contains(en) && english.contains("Set this machine's date and time"), "\(english)")
            #expect(english.unicodeScalars.allSatisfy { $0.value < 0x4E00 }, "\(english)")
        }
    }

    @Test("once a run, however often the line is made again")
    func once() {
        let news = ConnectionNews(.zh, tellsOfLosses: true)
        let lines = [.connected, .clockDiffers(seconds: 400), Self.lost, .clockDiffers(seconds: 401)].map(
            news.line)
        #expect(lines.map { $0 != nil } == [false, true, true, false], "\(lines)")
    }

    @Test("a lost line is told only to somebody who looks on, a wrong clock to scripts, too")
    func losses() {
        #expect(ConnectionNews(.zh, tellsOfLosses: true).line(Self.lost)?.contains("约 2 秒后再试") == true)
        let quiet = ConnectionNews(.zh, tellsOfLosses: false)
        #expect(quiet.line(Self.lost) == nil && quiet.line(.clockDiffers(seconds: 400)) != nil)
    }
}
