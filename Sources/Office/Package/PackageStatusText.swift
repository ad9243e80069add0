package import Schema

/// `package status`: a line for each party and direction.
package struct PackageStatusText {
    private let screen: Screen
    private let isOfBureau: Bool
    private let names: [String: String]

    /// - Parameter names: of parties by key.
    package init(_ screen: Screen, isOfBureau: Bool, names: [String: String]) {
        (self.screen, self.isOfBureau, self.names) = (screen, isOfBureau, names)
    }

    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[screen.language] }

    package func lines(_ ledgers: [PackageLedgerView]) -> [String] {
        guard !ledgers.isEmpty else { return [t("还没有交换包。", "There are no packages yet.")] }
        var table = Table([
            Table.Column(t("单位", "party"), flexible: true), Table.Column(t("方向", "direction")),
            Table.Column(t("已到第几包", "last")), Table.Column(t("情况", "state"), flexible: true),
        ])
        for ledger in ledgers {
            table.add([
                Table.Cell(names[ledger.party] ?? ledger.party),
                Table.Cell(ledger.direction == .out ? t("发出", "sent") : t("收到", "received")),
                Table.Cell("\(ledger.number)"), Table.Cell(state(ledger)),
            ])
        }
        return table.lines(on: screen)
    }

    private func state(_ ledger: PackageLedgerView) -> String {
        if ledger.open {
            return t("第\(ledger.number)包没有导入完，请再次打开", "\(ledger.number) is unfinished: open it again")
        }
        guard ledger.direction == .out else {
            if ledger.unread > 0 {
                return t(
                    "第\(ledger.unread)包未读；请制作一包送市局，市局会全部重送。下一包应为第\(ledger.number + 1)包",
                    "\(ledger.unread) was set aside; make one for the bureau, which then tells it again. Next: \(ledger.number + 1)"
                )
            }
            return t("下一包应为第\(ledger.number + 1)包", "next: \(ledger.number + 1)")
        }
        if ledger.confirmed == 0 { return t("对方尚未确认收到", "none is confirmed yet") }
        if ledger.confirmed >= ledger.number { return t("对方均已收到", "all have arrived") }
        let first = ledger.confirmed + 1
        return first == ledger.number
            ? t(
                "对方确认到第\(ledger.confirmed)包；未确认：第\(first)包",
                "arrived up to \(ledger.confirmed); not confirmed: \(first)")
            : t(
                "对方确认到第\(ledger.confirmed)包；未确认：第\(first)至\(ledger.number)包",
                "arrived up to \(ledger.confirmed); not confirmed: \(first) to \(ledger.number)")
    }
}

extension PackageLedgerView {
    package var json: JSON {
        .object([
            "party": .string(party), "direction": .string(direction == .out ? "out" : "in"),
            "number": .int(Int64(clamping: number)), "digest": .hex(manifest), "open": .bool(open),
            "confirmed": .int(Int64(clamping: confirmed)), "unread": .int(Int64(clamping: unread)),
        ])
    }
}
