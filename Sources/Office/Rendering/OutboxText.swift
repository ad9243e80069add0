import Crypto
import Exchange
package import Schema

/// The outbox on a screen: what waits, about which matter, since when, and why it is still there.
package struct OutboxText: Sendable {
    private let screen: Screen
    /// Nanoseconds since 1970 UTC.
    private let now: Int64
    private var language: Language { screen.language }

    package init(_ screen: Screen, now: Int64) {
        self.screen = screen
        self.now = now
    }

    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    /// Enough of an id to name it: a time to the millisecond and some more.
    package static func short(_ id: [UInt8]) -> String { String(Hex.encode(id).prefix(14)) }

    // MARK: All of it

    package func list(_ content: Outbox.Content) -> [String] {
        var lines: [String] = []
        if content.entries.isEmpty {
            lines.append(t("没有待发命令。", "No command is waiting."))
        } else {
            lines += table(content) + mends(content)
        }
        return lines + content.damaged.map { screen.paint($0.text(language), .red) }
    }

    private func table(_ content: Outbox.Content) -> [String] {
        var table = Table([
            Table.Column(t("命令编号", "id")), Table.Column(t("填写时间", "made")),
            Table.Column(t("操作", "what")), Table.Column(t("事项", "matter")),
            Table.Column(t("原因", "why it waits")), Table.Column(t("内容", "about"), flexible: true),
        ])
        for entry in content.entries {
            let (why, color) = why(entry, content)
            table.add([
                Table.Cell(Self.short(entry.id)), Table.Cell(ShanghaiTime.screen(entry.envelope.issuedAt)),
                Table.Cell(CommandNames.of(entry.envelope.kind, language)),
                Table.Cell(PhoneReference.of(entry.matter)), Table.Cell(why, color),
                Table.Cell(entry.envelope.title),
            ])
        }
        return table.lines(on: screen)
    }

    /// In a word or two.
    private func why(_ entry: Outbox.Entry, _ content: Outbox.Content) -> (String, Colour?) {
        if entry.isRefused { return (t("被退回", "refused"), .red) }
        if entry.hasExpired(now: now) { return (t("已过期", "expired"), .red) }
        if content.obstacle(to: entry) != nil { return (t("等前一条", "held back"), .yellow) }
        return switch entry.note?.reason {
        case .notTaken: (t("服务器不受理", "not taken"), .red)
        case .unreachable: (t("没连上，待发", "no connection"), nil)
        default: (t("待发", "waiting"), nil)
        }
    }

    /// What to do with what waits: nothing for what goes by itself, fill in anew what cannot go.
    private func mends(_ content: Outbox.Content) -> [String] {
        let expired = content.entries.filter { $0.hasExpired(now: now) && !$0.isRefused }.count
        let refused = content.entries.filter(\.isRefused).count
        var lines: [String] = []
        if expired + refused < content.entries.count {
            lines.append(
                t(
                    "联网后执行任一命令时自动按顺序发送；也可用 twolists outbox send 现在发送。",
                    "Sent in order with the next command that finds a connection, or now with twolists outbox send."
                ))
        }
        if refused > 0 {
            lines.append(
                t(
                    "被退回的 \(refused) 条：twolists outbox show 命令编号 查看理由，改正后重新填写，旧的用 outbox drop 删除。",
                    "\(refused) refused: see why with twolists outbox show ID, fill them in anew, remove the old ones with outbox drop."
                ))
        }
        if expired > 0 { lines.append(expiry(expired)) }
        return lines
    }

    private func expiry(_ count: Int) -> String {
        t(
            "已过期的 \(count) 条超过\(Limits.commandPastDays)天，服务器不再受理：请先核对本机日期，再重新填写，旧的用 twolists outbox drop 命令编号 删除。",
            "\(count) expired: made over \(Limits.commandPastDays) days ago, the server takes them no more. Check this machine's "
                + "date, fill them in anew, then remove the old ones with twolists outbox drop ID.")
    }

    // MARK: One

    package func entry(_ entry: Outbox.Entry, _ content: Outbox.Content, chunks: OutboxBatch?) -> [String] {
        var sheet = Sheet()
        sheet.add(t("命令编号", "id"), Hex.encode(entry.id))
        sheet.add(t("操作", "what"), CommandNames.of(entry.envelope.kind, language))
        sheet.add(t("事项", "matter"), PhoneReference.of(entry.matter))
        sheet.add(t("事项编号", "target"), Hex.encode(entry.matter))
        sheet.add(t("基于版本", "on top of version"), "\(entry.envelope.expectedVersion)")
        sheet.add(t("填写时间", "made"), ShanghaiTime.screen(entry.envelope.issuedAt))
        sheet.add(t("内容", "about"), entry.envelope.title)
        if let chunks {
            sheet.add(
                t("数据块", "chunks"),
                t(
                    "共 \(chunks.count) 块，\(chunks.bytes) 字节，已送达 \(chunks.acknowledged.count) 块",
                    "\(chunks.count), \(chunks.bytes) bytes, \(chunks.acknowledged.count) on the server"))
        }
        sheet.add(t("原因", "why it waits"), why(entry, content).0)
        sheet.add(
            t("排在其后", "behind"), content.obstacle(to: entry).map { Self.short($0.id) } ?? "")
        if let note = entry.note { sheet.add(t("最近一次发送", "last sent"), ShanghaiTime.screen(note.time)) }
        return sheet.lines(on: screen) + reason(entry)
    }

    private func reason(_ entry: Outbox.Entry) -> [String] {
        switch entry.note?.reason {
        case .refused(let answer):
            ViewsText(screen).answer(answer, kind: entry.envelope.kind, reference: "")
        case .notTaken(let text): [screen.paint(text[language], .red)]
        default: []
        }
    }

    // MARK: On the way

    /// What is told of a command that was sent before the one that was typed.
    package func sent(_ entry: Outbox.Entry, _ answer: CommandAnswer) -> [String] {
        let what = CommandNames.of(entry.envelope.kind, language)
        let called = answer.number.isEmpty ? PhoneReference.of(entry.matter) : answer.number
        if answer.exitCode == .done {
            return [
                screen.paint("✓ ", .green)
                    + t("待发箱已补发：\(what) \(called)", "sent from the outbox: \(what) \(called)")
            ]
        }
        return ViewsText(screen).answer(answer, kind: entry.envelope.kind, reference: "") + [
            t(
                "以上是待发箱中的“\(what) \(called)”，已留存并与其他事项分开：twolists outbox show \(Self.short(entry.id))。",
                "That was \(what) \(called) of the outbox; it is kept apart: twolists outbox show \(Self.short(entry.id))."
            )
        ]
    }

    /// What is told of a command that was put into the outbox instead of being sent.
    /// - Parameter byDisc: there is no line.
    package func queued(_ envelope: Envelope, _ content: Outbox.Content, byDisc: Bool = false) -> [String] {
        let ahead = content.entries.prefix { $0.id != envelope.id }.count
        var sheet = Sheet()
        sheet.add(t("电话查询码", "reference"), PhoneReference.of(envelope.target))
        sheet.add(t("命令编号", "id"), Self.short(envelope.id))
        if ahead > 0 { sheet.add(t("排在前面", "ahead of it"), t("\(ahead) 条", "\(ahead)")) }
        return [
            screen.paint("… ", .yellow)
                + t(
                    "\(CommandNames.of(envelope.kind, language))：已存入待发箱，尚未送达",
                    "\(CommandNames.of(envelope.kind, language)): in the outbox, not sent yet")
        ] + sheet.lines(on: screen).map { "  " + $0 } + [
            byDisc
                ? t(
                    "  随下一个交换包送出(twolists package make)；在此之前对方看不到。",
                    "  It goes out with the next package (twolists package make); nobody sees it before.")
                : t(
                    "  联网后执行任一命令时自动按顺序发送，不会重复办理；在此之前对方看不到。",
                    "  It goes out, in order and once, with the next command that finds a connection; nobody sees it before."
                )
        ]
    }

    // MARK: JSON

    package func json(_ content: Outbox.Content) -> JSON {
        .object([
            "entries": .array(content.entries.map { json($0, content) }),
            "damaged": .array(content.damaged.map { .string($0.file) }),
        ])
    }

    package func json(_ entry: Outbox.Entry, _ content: Outbox.Content) -> JSON {
        .object([
            "id": .hex(entry.id), "kind": .string(entry.envelope.kind), "target": .hex(entry.matter),
            "reference": .string(PhoneReference.of(entry.matter)),
            "expected_version": .uint(entry.envelope.expectedVersion),
            "issued_at": .time(entry.envelope.issuedAt), "expired": .bool(entry.hasExpired(now: now)),
            "why": .string(code(entry, content)), "last_sent": .time(entry.note?.time ?? 0),
            "behind": content.obstacle(to: entry).map { .hex($0.id) } ?? .null,
        ])
    }

    private func code(_ entry: Outbox.Entry, _ content: Outbox.Content) -> String {
        if entry.isRefused { return "refused" }
        if content.obstacle(to: entry) != nil { return "behind" }
        return switch entry.note?.reason {
        case .notTaken: "not-taken"
        case .unreachable: "unreachable"
        default: "waiting"
        }
    }

    package func json(queued envelope: Envelope, _ content: Outbox.Content) -> JSON {
        .object([
            "queued": .hex(envelope.id), "target": .hex(envelope.target),
            "reference": .string(PhoneReference.of(envelope.target)),
            "waiting": .int(Int64(content.entries.count)),
        ])
    }
}
