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

    @Test("a certificate that ends soon: whose, how long, how to renew it; once a run")
    func certificate() throws {
        let (uri, ends) = ("twolists://421300/county/421321/officer/k7f2", Int64(1_798_761_600))
        func line(
            _ holder: ClientEvent.CertificateHolder, _ left: Int64, _ language: Language
        ) throws -> String {
            let news = ConnectionNews(language, tellsOfLosses: false)
            let event = ClientEvent.certificateEnds(holder, identity: uri, ends: ends, secondsLeft: left)
            let line = try #require(news.line(event))
            #expect(news.line(event) == nil)
            return line
        }
        let own = try line(.client, 5 * 86_400 + 7_200, .zh)
        #expect(own.contains("您的证书还有 5 天 2 小时到期（2027-01-01 08:00）"), "\(own)")
        #expect(own.contains("twolists ca request \(uri)") && own.contains("交市局签发"), "\(own)")
        #expect(englishSentence(in: own) == nil)
        #expect(try line(.client, -1, .zh).contains("已于 2027-01-01 08:00 到期"))
        #expect(try line(.server, 3_600, .zh).contains("服务器的证书还有 1 小时 0 分钟到期"))
        #expect(try line(.server, 3_600, .zh).contains("请告知市局系统管理员"))
        let english = try line(.client, 86_400, .en) + (try line(.server, 86_400, .en))
        #expect(english.contains("ends in 1 d 0 h") && english.contains("twolists ca request"), "\(english)")
        #expect(english.unicodeScalars.allSatisfy { $0.value < 0x4E00 }, "\(english)")
        let both = ConnectionNews(.zh, tellsOfLosses: false)
        for holder in [ClientEvent.CertificateHolder.client, .server] {
            #expect(
                both.line(.certificateEnds(holder, identity: uri, ends: ends, secondsLeft: 1)) != nil)
        }
    }

    @Test("a lost line is told only to somebody who looks on, a wrong clock to scripts, too")
    func losses() {
        #expect(ConnectionNews(.zh, tellsOfLosses: true).line(Self.lost)?.contains("约 2 秒后再试") == true)
        let quiet = ConnectionNews(.zh, tellsOfLosses: false)
        #expect(quiet.line(Self.lost) == nil && quiet.line(.clockDiffers(seconds: 400)) != nil)
    }
}
