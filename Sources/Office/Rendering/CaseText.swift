package import Schema

/// What a case's page shows beside its two sides: child, time, documents, chain, sub-tasks, fund, call.
extension ViewsText {
    func add(_ child: ChildSide, to sheet: inout Sheet) {
        sheet.add(t("子女姓名", "child"), child.name)
        sheet.add(t("子女身份证号", "child's ID number"), child.idNumber)
        sheet.add(t("现就读学校", "present school"), child.school)
        sheet.add(t("学段", "stage"), codes.name(child.stage, list: "school-stage"))
        if child.schoolYear > 0 { sheet.add(t("入学年度", "school year"), "\(child.schoolYear)") }
        sheet.add(t("就读县(市、区)", "county"), child.county)
    }

    func addCourse(_ view: CaseView, to sheet: inout Sheet) {
        if let due = view.summary?.due {
            let basis = view.dueBasis.name(language)
            sheet.add(t("办结时限", "due"), "\(due.text) (\(basis))")
            sheet.add(t("时限依据", "by clause"), view.dueClause)
        }
        sheet.add(t("接收单位已确定", "receiver fixed"), receiver(view))
        sheet.add(
            t("待补材料", "documents missing"),
            view.missingMaterials.map { codes.name($0, list: "material") }.joined(separator: t("、", ", ")),
            .yellow)
        sheet.add(t("审核环节", "review chain"), view.chain.map(endorsement).joined(separator: " → "))
        for task in view.tasks {
            sheet.add(
                t("分项\(task.number)", "task \(task.number)"), text(of: task), colour(of: task.state))
        }
        if view.aidFen > 0 {
            sheet.add(t("关爱基金支付", "paid by the fund"), Money.text(view.aidFen) + t("元", " yuan"))
        }
        guard view.followedUpAt != 0 else { return }
        sheet.add(
            t("回访", "follow-up"),
            [
                ShanghaiTime.screen(view.followedUpAt), view.followUp.name(language), view.followUpNote,
            ].joined(separator: " "))
    }

    private func receiver(_ view: CaseView) -> String {
        view.receiver.isEmpty ? "" : "\(view.receiver) \(view.receiverFixedOn.text)"
    }

    private func endorsement(_ one: EndorsementView) -> String {
        "\(one.partyName)\(one.passed ? t("(已签署)", " (passed)") : t("(待签署)", " (to pass)"))"
    }

    /// `恢复户口登记 市公安局 必办 2026-04-01前 已签收：…`
    private func text(of task: TaskView) -> String {
        let answer = task.answer.isEmpty ? "" : t("：", ": ") + task.answer
        return [
            task.name, task.partyName, task.mandatory ? t("必办", "mandatory") : t("可选", "optional"),
            t("\(task.deadline.text)前", "by \(task.deadline.text)"), task.state.name(language) + answer,
        ].joined(separator: " ")
    }

    private func colour(of state: TaskState) -> Colour? {
        switch state {
        case .done: .green
        case .refused: .red
        case .assigned, .acknowledged: .yellow
        case .unspecified, .unrecognized: nil
        }
    }

    package func careFund(_ view: CareFundView) -> [String] {
        var sheet = Sheet()
        sheet.add(t("余额(元)", "held (yuan)"), Money.text(view.heldFen))
        sheet.add(t("历年收入(元)", "income of all time"), Money.text(view.incomeFen))
        sheet.add(t("历年支出(元)", "paid of all time"), Money.text(view.outgoFen))
        var table = Table([
            Table.Column(t("时间", "when")), Table.Column(t("金额(元)", "yuan"), right: true),
            Table.Column(t("来源/用于", "source/for"), flexible: true), Table.Column(t("凭证号", "voucher")),
        ])
        for entry in view.entries {
            table.add([
                Table.Cell(ShanghaiTime.screen(entry.at)), Table.Cell(Money.text(entry.fen)),
                Table.Cell(
                    entry.source.isEmpty ? entry.number : codes.name(entry.source, list: "fund-source")),
                Table.Cell(entry.basis),
            ])
        }
        return sheet.lines(on: screen) + (view.entries.isEmpty ? [] : table.lines(on: screen))
    }
}
