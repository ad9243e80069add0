import Exchange
package import Schema

/// Scanned evidence on the page of its matter: numbered as `fetch` takes it.
extension ViewsText {
    func add(_ attachments: [AttachmentView], to sheet: inout Sheet) {
        for (index, one) in attachments.enumerated() {
            sheet.add(t("附件\(index + 1)", "attachment \(index + 1)"), text(of: one))
        }
    }

    /// `户口簿.pdf 1.4 MiB 户口簿 随县退役军人事务局 2026-03-02 10:11`
    private func text(of one: AttachmentView) -> String {
        [
            one.name, Self.size(one.bytes), codes.name(one.kind, list: "material"), one.partyName,
            ShanghaiTime.screen(one.attachedAt),
        ]
        .filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func size(_ bytes: UInt64) -> String {
        if bytes < 1 << 20 { return "\((bytes + 1023) >> 10) KiB" }
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MiB"
    }
}

extension AttachmentView {
    package var json: JSON {
        .object([
            "attachment": .hex(attachment), "name": .string(name),
            "type": .string(AttachmentForm.ending(type)),
            "bytes": .uint(bytes), "kind": .string(kind), "party": .string(party),
            "party_name": .string(partyName), "attached_at": .time(attachedAt), "sha256": .hex(sha256),
        ])
    }
}
