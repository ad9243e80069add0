/// Time on screens: lights, steps, due dates that are 暂定, and the tables they follow from.
package import Schema

extension ViewsText {
    /// `● 黄灯 提醒`; empty without light and step.
    func standing(_ light: Light, _ step: SupervisionStep) -> Table.Cell {
        let words = [
            light == .unspecified ? "" : "● " + light.name(language),
            step == .unspecified ? "" : step.name(language),
        ]
        let text = words.filter { !$0.isEmpty }.joined(separator: " ")
        return Table.Cell(text, light == .unspecified && !text.isEmpty ? .yellow : light.colour)
    }

    /// `2027-02-26(暂定)`
    func deadline(_ day: CivilDate?, tentative: Bool) -> String {
        guard day != nil, tentative else { return day.text }
        return day.text + t("(暂定)", " (tentative)")
    }

    /// What the clock wrote, as the note of its line; other lines keep theirs.
    func note(_ entry: HistoryEntry) -> String {
        guard entry.kind == "mark_time" else { return dated(entry) }
        var parts = [standing(entry.light, entry.step).text]
        if entry.deadline != nil {
            let day = deadline(entry.deadline, tentative: entry.tentative)
            parts.append(t("完成时限改为 \(day)", "due \(day) now"))
        } else if entry.tentative {
            parts.append(t("完成时限暂定", "due date tentative"))
        }
        let told = parts.filter { !$0.isEmpty }
        return told.isEmpty ? t("完成时限已确定", "due date firm") : told.joined(separator: t("，", ", "))
    }

    /// The years that are loaded and the rules of supervision.
    package func calendars(_ page: CalendarPage) -> [String] {
        var table = Table([
            Table.Column(t("年度", "year")), Table.Column(t("版本", "version")),
            Table.Column(t("放假天数", "days off"), right: true),
            Table.Column(t("调休上班", "days made up"), right: true),
            Table.Column(t("依据", "source"), flexible: true),
        ])
        for year in page.years {
            table.add([
                Table.Cell("\(year.year)"), Table.Cell(year.version),
                Table.Cell("\(days(year.spans.filter { !$0.works }))"),
                Table.Cell("\(days(year.spans.filter(\.works)))"), Table.Cell(year.source),
            ])
        }
        let none = [t("尚未载入工作日历，各项时限均为暂定。", "No calendar is loaded: every due date is tentative.")]
        return (page.years.isEmpty ? none : table.lines(on: screen)) + rules(page.supervision)
    }

    private func days(_ spans: [CalendarSpan]) -> Int64 {
        spans.reduce(0) { sum, span in
            guard let first = span.first, let last = span.last else { return sum }
            return sum + (last.startOfNextDay - first.startOfDay) / 86_400_000_000_000
        }
    }

    private func rules(_ rules: LoadSupervision?) -> [String] {
        guard let rules else { return [t("尚未载入督办规则，不亮灯。", "No rules of supervision are loaded: no lights.")] }
        return [
            t(
                "督办规则 \(rules.version)：剩余不足\(rules.yellowPercent)%或\(rules.yellowDays)个工作日黄灯提醒；"
                    + "逾期红灯，满\(rules.urgeDays)个工作日催办，满\(rules.superviseDays)个发督办单，满\(rules.listedDays)个挂牌督办；"
                    + "重办满\(rules.redoLimit)次或退回满\(rules.handBackLimit)次发督办单，满两轮挂牌督办。",
                "rules of supervision \(rules.version): yellow and reminded with \(rules.yellowPercent) % or \(rules.yellowDays) working days left; "
                    + "red when overdue, urged after \(rules.urgeDays) working days, supervised after \(rules.superviseDays), listed after "
                    + "\(rules.listedDays); supervised after \(rules.redoLimit) redos or \(rules.handBackLimit) hand-backs, listed after twice as many"
            )
        ]
    }
}

extension CalendarPage {
    package var json: JSON {
        .object([
            "years": .array(
                years.map { year in
                    .object([
                        "year": .int(Int64(year.year)), "version": .string(year.version),
                        "source": .string(year.source),
                        "spans": .array(
                            year.spans.map { span in
                                .object([
                                    "first": .string(span.first.text), "last": .string(span.last.text),
                                    "works": .bool(span.works), "name": .string(span.name),
                                ])
                            }),
                    ])
                }), "supervision": supervision?.json ?? .null,
        ])
    }
}

extension LoadSupervision {
    fileprivate var json: JSON {
        .object([
            "version": .string(version), "yellow_percent": .int(Int64(yellowPercent)),
            "yellow_days": .int(Int64(yellowDays)), "urge_days": .int(Int64(urgeDays)),
            "supervise_days": .int(Int64(superviseDays)), "listed_days": .int(Int64(listedDays)),
            "redo_limit": .int(Int64(redoLimit)), "hand_back_limit": .int(Int64(handBackLimit)),
        ])
    }
}
