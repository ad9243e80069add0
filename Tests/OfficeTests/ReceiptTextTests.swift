import Foundation
import Office
import TestSupport
import Testing

@testable import TwoListsClient

@Suite("RECEIPT.md 4, 7: what clerks are told of receipts")
struct ReceiptTextTests {
    private func checkpoint(_ size: UInt8) throws -> ReceiptCheckpoint {
        var bytes = Array("TLC1".utf8) + [1, 0, 0, 0] + Array("421300".utf8)
        bytes += [UInt8](repeating: 0, count: 10) + [UInt8](repeating: 7, count: 16)
        bytes +=
            [size, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 1, count: 32)
        return try #require(ReceiptCheckpoint(bytes))
    }

    @Test(
        "an alarm says what was found, what this machine holds, where the evidence is and whom to tell, in both languages"
    )
    func alarm() throws {
        for kind in [HistoryAlarm.Kind.shorter, .different, .otherStore] {
            for shown in [nil, try checkpoint(12)] {
                var alarm = HistoryAlarm(kind, held: try checkpoint(20), shown: shown)
                alarm.evidence = "/tmp/history.evidence-1"
                let text = ReceiptTexts.alarm(alarm)
                for words in ["警报", "20", "history.evidence-1", "安全管理员"] {
                    #expect(text.zh.contains(words), "\(text.zh)")
                }
                #expect(englishSentence(in: text.zh) == nil, "\(text.zh)")
                #expect(text.en.hasPrefix("ALARM") && text.en.contains("history.evidence-1"), "\(text.en)")
                alarm.evidence = nil
                #expect(!ReceiptTexts.alarm(alarm).zh.contains("证据"))
            }
        }
    }

    @Test("each check that can fail has its own words")
    func checks() {
        let texts = ReceiptFailure.Check.allCases.map { ReceiptTexts.check($0) }
        #expect(Set(texts.map(\.zh)).count == texts.count && Set(texts.map(\.en)).count == texts.count)
    }

    @Test("a wrong or unfinished receipt, and a history that cannot be written, are told with what to do")
    func news() {
        let news = ConnectionNews(.zh, tellsOfLosses: false)
        let id = [UInt8](repeating: 0xAB, count: 16)
        let error = ClientError(.client, .configuration, .notKept, detail: "no room")
        let lines = [
            news.line(.receiptWrong(command: id, ReceiptFailure(.signature, "does not fit"))),
            news.line(.receiptIncomplete(command: id, error)), news.line(.historyNotKept(error)),
        ]
        #expect(lines[0]?.contains("abababab") == true && lines[0]?.contains("签名不符") == true)
        #expect(lines[1]?.contains("receipt fetch") == true)
        #expect(lines[2]?.contains("磁盘空间") == true)
    }
}
