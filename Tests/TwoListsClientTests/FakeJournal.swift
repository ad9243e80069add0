import BureauTestSupport
import Crypto
import Synchronization
import TestSupport

@testable import TwoListsClient

extension FakeJournal {
    func verifier() throws -> ReceiptVerifier { try ReceiptVerifier(authorityPath: ca.caPath) }
}

/// Everything a client said.
final class HeardEvents: Sendable {
    private let events = Mutex<[ClientEvent]>([])
    var all: [ClientEvent] { events.withLock { $0 } }
    func hear(_ event: ClientEvent) { events.withLock { $0.append(event) } }

    var alarms: [HistoryAlarm] {
        all.compactMap { if case .historyAlarm(let alarm) = $0 { alarm } else { nil } }
    }
    var wrong: [ReceiptFailure.Check] {
        all.compactMap { if case .receiptWrong(_, let failure) = $0 { failure.check } else { nil } }
    }
    var incomplete: Int {
        all.filter { if case .receiptIncomplete = $0 { true } else { false } }.count
    }
}
