internal import Exchange
internal import Schema

/// The three worries (三后) in a report: what was solved, persons, items and times apart, by worry; then every figure by sub-category.
extension FigureReport {
    private static let figures: [Figure] = [
        .casesFiled, .casesReviewed, .casesPlaced, .casesNotPlaced, .casesClosed, .casesSolved, .casesOpen,
    ]

    private var worries: [(key: String, rows: [CaseFigures])] {
        let rows = view.cases.sorted { Self.rank($0.worry) < Self.rank($1.worry) }
        return grouped(rows) { $0.worry.name(language) }
    }

    /// 后路, 后院, 后代; what is of none comes last.
    private static func rank(_ worry: Worry) -> Int32 { worry == .unspecified ? .max : worry.rawValue }

    var solvedWorries: Section {
        var section = Section(
            t("“三后”解决情况", "The three worries: solved"),
            [
                Column(t("三后", "worry")), Column(t("解决 人件(次)", "solved"), figure: true),
                Column(t("人", "persons"), figure: true), Column(t("件", "items"), figure: true),
                Column(t("次", "times"), figure: true), Column(t("办结 人件(次)", "closed"), figure: true),
                Column(t("解决率", "solved of closed"), figure: true),
            ])
        section.rows = worries.map { cells($0.key, $0.rows) }
        guard !section.rows.isEmpty else { return section }
        section.rows.append(cells(t("合计", "total"), view.cases))
        section.remarks = solvedSentences
        return section
    }

    private func cells(_ name: String, _ rows: [CaseFigures]) -> [String] {
        let (solved, closed) = (MixedCount(.casesSolved, of: rows), MixedCount(.casesClosed, of: rows))
        let numbers = [solved.total, solved.persons, solved.items, solved.times, closed.total]
        return [name] + numbers.map { String($0) } + [rate(solved, closed)]
    }

    private func rate(_ solved: MixedCount, _ closed: MixedCount) -> String {
        let ratio = Ratio(solved.total, of: closed.total)
        return "\(ratio.text) \(ratio.part)/\(ratio.whole)"
    }

    private var solvedSentences: [String] {
        let (solved, closed) = (
            MixedCount(.casesSolved, of: view.cases), MixedCount(.casesClosed, of: view.cases)
        )
        return [
            t(
                "三后 解决 \(solved.text(.zh))，统计期间 \(period)。",
                "Three worries: solved \(solved.text(.en)), period \(period)."),
            t(
                "同期办结 \(closed.text(.zh))，解决率 \(rate(solved, closed))。",
                "Closed in the period: \(closed.text(.en)); solved of closed \(rate(solved, closed))."),
            t(
                "流量。解决：期间内由部队确认已办成而办结的；分母是期间内全部办结的。每件个案按类别计作一人、一件或一次。",
                "A flow. Solved: closed with a placement that the unit confirmed; of all closed in the period. A case counts one person, item or time, as its kind says."
            ),
        ]
    }

    var cases: Section {
        var section = Section(
            t("“三后”个案，按类别", "Families' cases by kind"),
            [
                Column(t("三后", "worry")), Column(t("类别", "kind")), Column(t("单位", "unit")),
            ] + Self.figures.map { Column($0.name(language), figure: true) })
        for worry in worries {
            for group in grouped(worry.rows, { "\($0.subcategory) \($0.counted.rawValue)" }) {
                guard let one = group.rows.first else { continue }
                let unit = one.counted == .unspecified ? CountUnit.person : one.counted
                section.rows.append(
                    [
                        worry.key, codes.name(one.subcategory, list: CodeListName.caseSubcategory),
                        unit.name(language),
                    ] + numbers(group.rows))
            }
        }
        guard !section.rows.isEmpty else { return section }
        section.rows.append(
            [t("合计", "total"), "", t("人件(次)", "persons, items, times")] + numbers(view.cases))
        section.remarks = [
            t(
                "“在办”是期末存量，其余是期间内的流量。", "“Open” is a stock at the end of the period, all else is a flow.")
        ]
        return section
    }

    private func numbers(_ rows: [CaseFigures]) -> [String] {
        Self.figures.map { String(MixedCount($0, of: rows).total) }
    }

    var caseStages: Section {
        stages(t("个案各环节平均用时", "Mean days per stage of cases"), view.cases.flatMap(\.stages)) { word in
            CaseState.allCases.first { $0.code == word }?.name(language) ?? word
        }
    }
}
