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
        guard let refusal = outcome.explanation(of: kind) else { return done(answer, kind, reference) }
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
