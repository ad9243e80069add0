import Crypto
import Exchange
package import Schema

extension CommandAnswer {
    /// What a script should know of the answer.
    package var exitCode: ExitCode {
        switch outcome?.refusal ?? .unspecified {
        case .unspecified: .done
        case .notPermitted: .notPermitted
        case .notFound: .notFound
        case .versionConflict: .conflict
        default: .refusedByRule
        }
    }
}

extension ViewsText {
    /// What a clerk is told after a command: done or refused, what it is called now, the proof's place in the journal.
    ///
    /// - Parameters:
    ///   - kind: the command's field name, `submit_request`.
    ///   - reference: what can be quoted on the phone; empty when it is not known here.
    package func answer(_ answer: CommandAnswer, kind: String, reference: String) -> [String] {
        let outcome = answer.outcome ?? Outcome()
        guard let refusal = outcome.explanation else { return done(answer, kind, reference) }
        var lines = [screen.paint(t("✗ 未办理：", "✗ Not done: "), .red) + refusal.wrong[language] + t("。", ".")]
        lines.append("  " + refusal.mend[language] + t("。", "."))
        if !answer.changes.isEmpty {
            lines.append(t("期间的变化：", "What happened meanwhile:"))
            lines += history(answer.changes, isCase: kind.hasSuffix("_case"))
        }
        return lines
    }

    private func done(_ answer: CommandAnswer, _ kind: String, _ reference: String) -> [String] {
        let again =
            answer.repeated
            ? t("(此前已办理，这是当时的答复)", " (it was done before; this is the answer given then)") : ""
        var lines = [
            screen.paint("✓ ", .green) + CommandNames.of(kind, language) + t("：已办成", ": done") + again
        ]
        var sheet = Sheet()
        sheet.add(t("完整内容", "in full"), Screen.clean(answer.revealed))
        if answer.completesAt != 0 {
            sheet.add(t("彻底删除日期", "complete on"), ShanghaiTime.screen(answer.completesAt))
        }
        sheet.add(t("编号", "number"), answer.number)
        sheet.add(t("电话查询码", "reference"), reference)
        sheet.add(t("版本", "version"), "\(answer.version)")
        sheet.add(t("登记时间", "recorded"), ShanghaiTime.screen(answer.recordedAt))
        sheet.add(t("存证序号", "journal record"), "\(answer.sequence)")
        lines += sheet.lines(on: screen).map { "  " + $0 }
        return lines
    }

    /// The waiting commands of an outbox at `now` (nanoseconds since 1970 UTC), those too old to be sent marked.
    package func outbox(_ content: Outbox.Content, now: Int64) -> [String] {
        var lines: [String] = []
        if content.entries.isEmpty {
            lines.append(t("没有待发命令。", "No command is waiting."))
        } else {
            lines += waiting(content.entries, now: now) + outboxMends(content.entries, now: now)
        }
        return lines + content.damaged.map { screen.paint($0.text(language), .red) }
    }

    /// The column of marks is there only where one is: the list is wide as it is.
    private func waiting(_ entries: [Outbox.Entry], now: Int64) -> [String] {
        let isMarked = entries.contains { $0.hasExpired(now: now) }
        let mark = isMarked ? [Table.Column(t("状态", "state"))] : []
        var table = Table(
            [Table.Column(t("命令编号", "id")), Table.Column(t("生成时间", "made"))] + mark + [
                Table.Column(t("操作", "what")), Table.Column(t("事项", "target")),
                Table.Column(t("内容", "about"), flexible: true),
            ])
        for entry in entries { table.add(row(entry, isMarked ? [waitingState(entry, now: now)] : [])) }
        return table.lines(on: screen)
    }

    private func row(_ entry: Outbox.Entry, _ mark: [Table.Cell]) -> [Table.Cell] {
        let envelope = entry.envelope
        return [Table.Cell(Hex.encode(entry.id)), Table.Cell(ShanghaiTime.screen(envelope.issuedAt))] + mark
            + [
                Table.Cell(CommandNames.of(envelope.kind, language)),
                Table.Cell(PhoneReference.of(envelope.target)), Table.Cell(envelope.title),
            ]
    }

    private func waitingState(_ entry: Outbox.Entry, now: Int64) -> Table.Cell {
        entry.hasExpired(now: now)
            ? Table.Cell(t("已过期", "expired"), .red) : Table.Cell(t("待发", "waiting"))
    }

    /// What to do with what waits: send again what can be, fill in anew what cannot.
    private func outboxMends(_ entries: [Outbox.Entry], now: Int64) -> [String] {
        let expired = entries.filter { $0.hasExpired(now: now) }.count
        var lines: [String] = []
        if expired < entries.count {
            lines.append(t("用 twolists outbox retry 重新发送。", "Send them again with twolists outbox retry."))
        }
        if expired > 0 {
            lines.append(
                t(
                    "已过期的 \(expired) 条超过\(Limits.commandPastDays)天，服务器不再受理：请先核对本机日期，再重新填写，旧的用 twolists outbox discard 命令编号 删除。",
                    "\(expired) expired: made over \(Limits.commandPastDays) days ago, the server takes them no more. Check this machine's "
                        + "date, fill them in anew, then remove the old ones with twolists outbox discard ID."
                ))
        }
        return lines
    }
}

extension Envelope {
    /// The command's field name, `submit_request`; empty for one this version does not know.
    package var kind: String {
        command.flatMap { CommandKind($0) }?.name ?? ""
    }

    /// What the command is about, for a list: the title or the family member's name where there is one.
    var title: String {
        switch command?.body {
        case .submitRequest(let form): form.text?.title ?? ""
        case .amendRequest(let form): form.text?.title ?? ""
        case .fileCase(let form): form.family.map { masked($0.name) } ?? ""
        default: ""
        }
    }
}
