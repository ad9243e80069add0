internal import Exchange
package import Schema

/// The half-year and annual reports, made of the figures the server counted and of nothing else.
package struct FigureReport: Sendable {
    typealias Column = ReportDocument.Column
    typealias Section = ReportDocument.Section

    let view: FiguresView
    let codes: CodeNames
    let language: Language

    package init(_ view: FiguresView, codes: CodeNames, language: Language) {
        (self.view, self.codes, self.language) = (view, codes, language)
    }

    func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    /// - Parameter title: such as `2022年度双清单办理情况报告`.
    package func document(title: String, of party: String) -> ReportDocument {
        var document = ReportDocument(
            title,
            [
                party,
                t(
                    "统计期间 \(period)(含当日)，数据截至第 \(view.asOf) 条记录",
                    "period \(period) inclusive, as of record \(view.asOf)"),
            ])
        document.sections = [
            overview, rates, directions, byParty, byCategory, requestStages, solvedWorries, cases, caseStages,
            placements, placementsByKind, careFund,
        ].filter { !$0.rows.isEmpty }
        return document
    }

    var period: String { t("\(view.from.text) 至 \(view.to.text)", "\(view.from.text) to \(view.to.text)") }

    // MARK: Sums

    private func sums(_ rows: [RequestFigures]) -> FigureSums {
        rows.reduce(into: FigureSums()) { $0.add($1.counts) }
    }

    /// Rows that agree in `key`, in the order in which the key first comes.
    func grouped<Row>(_ rows: [Row], _ key: (Row) -> String) -> [(key: String, rows: [Row])] {
        var order: [String] = []
        var groups: [String: [Row]] = [:]
        for row in rows {
            if groups[key(row)] == nil { order.append(key(row)) }
            groups[key(row), default: []].append(row)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    // MARK: Sections

    private var overview: Section {
        var section = Section(
            t("总体情况", "Overview"),
            [
                Column(t("指标", "figure")), Column(t("数量", "count"), figure: true),
                Column(t("单位", "unit")), Column(t("口径", "kind")),
            ])
        let sums = sums(view.requests)
        for figure in RequestFigure.all.map(\.figure) {
            section.rows.append([
                figure.name(language), String(sums[figure]), figure.unit[language], figure.kind[language],
            ])
        }
        section.remarks = [
            t(
                "流量为期间内发生的，存量为期末时点的；件、人、次分别计数，只在“人件(次)”中合计，并列出各自的数。",
                "A flow happened in the period, a stock stood at its end; items, persons and times are kept apart, and a sum of them is never said without its parts."
            ),
            t(
                "到期应办结：已交办、时限不晚于期末、期初尚未销号的事项；时限以现行时限(含已批准的延期)为准。",
                "Due: assigned, due by the end of the period, not closed when it began; by the due date as it stands, approved extensions included."
            ),
        ]
        return section
    }

    private var rates: Section {
        let sums = sums(view.requests)
        var section = Section(
            t("主要比率", "Rates"),
            [
                Column(t("比率", "rate")), Column(t("数值", "value"), figure: true),
                Column(t("分子/分母", "part/whole"), figure: true), Column(t("分母口径", "share of what")),
            ])
        for rate in Rate.allCases {
            let ratio = rate.value(sums)
            section.rows.append([
                rate.text[language], ratio.text, "\(ratio.part)/\(ratio.whole)", rate.basis[language],
            ])
        }
        section.chart = t("主要比率", "rates")
        section.bars = Rate.allCases.map { rate in
            let ratio = rate.value(sums)
            return ReportDocument.Bar(
                rate.text[language], permille: ratio.permille ?? 0,
                "\(ratio.text)  \(ratio.part)/\(ratio.whole)")
        }
        return section
    }

    private func counted(_ heading: String, _ first: [Column]) -> Section {
        Section(
            heading,
            first + [
                Column(t("提报", "filed"), figure: true), Column(t("交办", "assigned"), figure: true),
                Column(t("销号", "closed"), figure: true), Column(t("其中解决", "solved"), figure: true),
                Column(t("在办", "open"), figure: true), Column(t("超期", "overdue"), figure: true),
                Column(t("办结率", "completion"), figure: true),
                Column(t("按期办结率", "on time"), figure: true),
                Column(t("满意率", "satisfied"), figure: true), Column(t("重办率", "redo"), figure: true),
            ])
    }

    private func cells(_ sums: FigureSums) -> [String] {
        [Figure.filed, .assigned, .closed, .solved, .open, .overdue].map { String(sums[$0]) }
            + [Rate.completion, .onTime, .satisfaction, .redo].map { $0.value(sums).text }
    }

    private var directions: Section {
        var section = counted(t("按方向", "By direction"), [Column(t("方向", "direction"))])
        for group in grouped(view.requests, { $0.direction.name(language) }) {
            section.rows.append([group.key] + cells(sums(group.rows)))
        }
        return section
    }

    private var byParty: Section {
        var section = counted(
            t("按地方单位", "By party on the local side"), [Column(t("单位", "party"))])
        let groups = grouped(view.requests) { row in
            row.party.isEmpty ? t("(尚未明确)", "(nobody yet)") : row.partyName
        }
        for group in groups { section.rows.append([group.key] + cells(sums(group.rows))) }
        section.chart = t("各单位办结率(已销号/到期应办结)", "completion rate by party (closed/due)")
        section.bars = groups.map { group in
            let ratio = Rate.completion.value(sums(group.rows))
            return ReportDocument.Bar(
                group.key, permille: ratio.permille ?? 0, "\(ratio.text)  \(ratio.part)/\(ratio.whole)")
        }
        section.remarks = [
            t(
                "部队提、地方办的事项计入责任单位；地方提、部队办的事项计入提报单位。",
                "An item of a unit counts with who is responsible, an item of the locality with who asks.")
        ]
        return section
    }

    private var byCategory: Section {
        var section = counted(
            t("按年度、类别", "By year and category"),
            [Column(t("年度", "year"), figure: true), Column(t("类别", "category"))])
        let rows = view.requests.sorted { ($0.year, $0.category) < ($1.year, $1.category) }
        for group in grouped(rows, { "\($0.year) \($0.category)" }) {
            guard let one = group.rows.first else { continue }
            let name = codes.name(one.category, list: CodeListName.requestCategory)
            section.rows.append([String(one.year), name] + cells(sums(group.rows)))
        }
        return section
    }

    func stages(
        _ heading: String, _ stages: [StageFigure], _ name: (String) -> String
    ) -> Section {
        var section = Section(
            heading,
            [
                Column(t("环节", "stage")), Column(t("平均天数", "mean days"), figure: true),
                Column(t("次数", "stays"), figure: true),
            ])
        for group in grouped(stages, \.state) {
            let sum = group.rows.reduce(into: StageSums()) {
                $0.add(StageSums(stays: $1.stays, milliseconds: $1.milliseconds))
            }
            let days = sum.tenthsOfDays.map { "\($0 / 10).\($0 % 10)" } ?? "—"
            section.rows.append([name(group.key), days, String(sum.stays)])
        }
        section.remarks = [
            t("期间内结束的停留，按日历天数平均。", "Stays that ended in the period, in calendar days.")
        ]
        return section
    }

    private var requestStages: Section {
        stages(t("各环节平均用时", "Mean days per stage"), view.requests.flatMap(\.stages)) { word in
            RequestState.allCases.first { $0.code == word }?.name(language) ?? word
        }
    }
}
