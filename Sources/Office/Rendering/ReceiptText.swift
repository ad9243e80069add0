import Crypto
import Schema
package import TwoListsClient

// A receipt for people and for programs. RECEIPT.md.
extension ViewsText {
    /// What a receipt says; whether it holds is told apart.
    package func receipt(_ leaf: ReceiptLeaf, _ checkpoint: ReceiptCheckpoint) -> [String] {
        var sheet = Sheet()
        sheet.add(t("命令编号", "command"), Hex.encode(leaf.commandID))
        sheet.add(t("结果", "outcome"), outcome(leaf))
        sheet.add(t("存证序号", "journal record"), "\(leaf.sequence)")
        sheet.add(t("登记时间", "recorded"), ShanghaiTime.screen(leaf.time))
        sheet.add(t("城市", "city"), checkpoint.city)
        sheet.add(t("存证库", "store"), Hex.encode(leaf.storeID))
        sheet.add(t("签名时记录数", "records signed for"), "\(checkpoint.treeSize)")
        sheet.add(t("签名时间", "signed"), ShanghaiTime.screen(checkpoint.time))
        sheet.add(t("根摘要", "root"), Hex.encode(checkpoint.rootBytes))
        return sheet.lines(on: screen).map { "  " + $0 }
    }

    private func outcome(_ leaf: ReceiptLeaf) -> String {
        if leaf.outcome == 0 { return t("已办成", "done") }
        let refusal = Refusal(number: Int32(truncatingIfNeeded: leaf.outcome))
        return t("未办理：", "not done: ") + (refusal.name ?? "\(leaf.outcome)")
    }

    /// A verdict, good or bad, in one line.
    package func verdict(_ failure: ReceiptFailure?) -> String {
        guard let failure else {
            return screen.paint("✓ ", .green)
                + t("核验通过：签名、证书、内容、位置均相符", "it holds: signature, certificate, content and place")
        }
        return screen.paint("✗ ", .red) + t("未通过核验：", "it does not hold: ")
            + ReceiptTexts.check(failure.check)[language] + " (\(failure.check.rawValue))"
    }

    package func receiptList(_ entries: [ReceiptShelf.Entry], damaged: [FileError]) -> [String] {
        var table = Table([
            Table.Column(t("命令编号", "id")), Table.Column(t("序号", "record")),
            Table.Column(t("登记时间", "recorded")), Table.Column(t("操作", "what")),
            Table.Column(t("事项", "target")), Table.Column(t("结果", "outcome"), flexible: true),
        ])
        for entry in entries {
            guard let leaf = ReceiptLeaf(entry.receipt.leaf) else { continue }
            let cells = [
                entry.id, "\(leaf.sequence)", ShanghaiTime.screen(leaf.time),
                CommandNames.of(entry.envelope.kind, language), PhoneReference.of(entry.envelope.target),
                outcome(leaf),
            ]
            table.add(cells.map { Table.Cell($0) })
        }
        let none = [t("本机还没有存证回执。", "No receipt is kept on this machine yet.")]
        return (entries.isEmpty ? none : table.lines(on: screen))
            + damaged.map { screen.paint($0.text(language), .red) }
    }
}

extension ReceiptLeaf {
    /// The members that every JSON of a receipt begins with.
    package func json(_ checkpoint: ReceiptCheckpoint, verdict: String?) -> JSON {
        .object([
            "verdict": verdict.map { .string($0) } ?? .null, "command": .hex(commandID),
            "outcome": .uint(UInt64(outcome)), "sequence": .uint(sequence), "recorded_at": .time(time),
            "city": .string(checkpoint.city), "store": .hex(storeID), "tree_size": .uint(checkpoint.treeSize),
            "signed_at": .time(checkpoint.time), "root": .hex(checkpoint.rootBytes),
        ])
    }
}
