import Schema
import Testing

@testable import Office

@Suite("PACKAGE.md 5 what package status says of a sequence, and what to do")
struct PackageStatusTests {
    private func line(_ ledger: PackageLedgerView, _ language: Language = .zh) -> String {
        let screen = Screen(language: language, columns: 160)
        return PackageStatusText(screen, isOfBureau: false, names: [:]).lines([ledger]).last ?? ""
    }

    @Test(
        "sent: none confirmed, all but one, all but some, all",
        arguments: [
            (UInt64(0), "对方尚未确认收到", "none is confirmed yet"), (1, "未确认：第2至3包", "not confirmed: 2 to 3"),
            (2, "未确认：第3包", "not confirmed: 3"), (3, "对方均已收到", "all have arrived"),
        ])
    func sent(_ confirmed: UInt64, _ zh: String, _ en: String) {
        let ledger = PackageLedgerView(party: "unit/LU-07", direction: .out, number: 3, confirmed: confirmed)
        #expect(line(ledger).contains(zh) && line(ledger, .en).contains(en))
    }

    @Test("received: the next one; one that was set aside is to be told of; one that is unfinished")
    func received() {
        var ledger = PackageLedgerView(party: "bureau/421300", direction: .in, number: 3)
        #expect(line(ledger).contains("下一包应为第4包") && !line(ledger).contains("未读"))
        ledger.unread = 3
        #expect(line(ledger).contains("第3包未读；请制作一包送市局") && line(ledger).contains("下一包应为第4包"))
        ledger.open = true
        #expect(line(ledger).contains("请再次打开"))
    }
}
