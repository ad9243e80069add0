package import Schema

/// What a request's sheet says of things beside its chain.
extension ViewsText {
    /// `2026 集中，结转至2027`
    func years(_ summary: RequestSummary) -> String {
        let carried = summary.carriedInto.map { "\($0)" }.joined(separator: t("、", ", "))
        return "\(summary.year) \(summary.wave.name(language))"
            + (carried.isEmpty ? "" : t("，结转至\(carried)", ", carried into \(carried)"))
    }

    func addBeside(_ view: Schema.RequestView, to sheet: inout Sheet) {
        sheet.add(t("会商日期", "conference"), view.conference.text)
        sheet.add(t("办理阶段", "stage"), codes.name(view.stage, list: "progress-stage"))
        add(view.attachments, to: &sheet)
        addQuestion(view, to: &sheet)
        if view.extensionCount > 0 { sheet.add(t("延期次数", "extended"), "\(view.extensionCount)", .yellow) }
        sheet.add(t("挂起原因", "suspended for"), codes.name(view.suspension, list: "suspension-reason"))
        if view.firstReceiver != view.obligation?.responsible ?? "" {
            sheet.add(t("首接单位", "first receiver"), party(view.firstReceiverName, view.firstReceiver))
        }
        sheet.add(t("并入", "duplicate of"), view.duplicateOf.map(link) ?? "")
        sheet.add(t("重复件", "duplicates"), view.duplicates.map(link).joined(separator: t("、", ", ")))
    }

    private func addQuestion(_ view: Schema.RequestView, to sheet: inout Sheet) {
        if let asked = view.askedExtension {
            let day = asked.deadline.text
            sheet.add(
                t("申请延期", "extension asked"), t("至 \(day)：\(asked.reason)", "to \(day): \(asked.reason)"),
                .yellow)
        }
        if let asked = view.askedSuspension {
            let code = codes.name(asked.code, list: "suspension-reason")
            sheet.add(
                t("申请挂起", "suspension asked"), t("\(code)：\(asked.reason)", "\(code): \(asked.reason)"),
                .yellow)
        }
    }

    /// The state's light, and what waits for the bureau's word.
    func state(of one: RequestSummary) -> Table.Cell {
        switch one.question {
        case .extension: Table.Cell(light(one.state).text + t("·申请延期", ", extension asked"), .yellow)
        case .suspension: Table.Cell(light(one.state).text + t("·申请挂起", ", suspension asked"), .yellow)
        case .unspecified, .unrecognized: light(one.state)
        }
    }

    private func link(_ link: RequestLink) -> String { link.number.isEmpty ? link.reference : link.number }

    /// A note with the deadline that was asked for or set.
    func dated(_ entry: HistoryEntry) -> String {
        let asked = entry.askedDeadline.text
        let moved = entry.deadline.text
        let parts = [
            asked.isEmpty ? "" : t("申请延至 \(asked)", "to \(asked)"),
            moved.isEmpty ? "" : t("完成时限改为 \(moved)", "due \(moved) now"), entry.note,
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: t("，", ", "))
    }

    /// What is said before a request is filed whose title is much like those of others; nothing when there are none.
    package func similar(_ found: [RequestSummary]) -> [String] {
        guard !found.isEmpty else { return [] }
        let rows = found.map { one in
            "  \(one.number.isEmpty ? one.reference : one.number)  \(one.state.name(language))  \(one.title)"
        }
        return [
            t(
                "本单位已有相近的需求(仅提示，照常提报)：",
                "Your party has similar requests (a hint; this one is filed all the same):")
        ]
            + rows.map { Screen.clean($0) }
            + [
                t(
                    "如属重复，请用 request withdraw 撤回其中一件。",
                    "If it is the same, withdraw one of them with request withdraw.")
            ]
    }
}
