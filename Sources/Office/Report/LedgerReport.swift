internal import Exchange
package import Schema

/// The ledger (台账): one line an item, as the lists show it.
package struct LedgerReport: Sendable {
    private let codes: CodeNames
    private let language: Language

    package init(codes: CodeNames, language: Language) { (self.codes, self.language) = (codes, language) }

    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    /// - Parameter requests: oldest first.
    package func document(_ requests: [RequestSummary], title: String, of party: String) -> ReportDocument {
        var document = ReportDocument(title, [party, t("共 \(requests.count) 件", "\(requests.count) items")])
        document.isWide = true
        document.sections = [Direction.unitToLocal, .localToUnit].compactMap { direction in
            let rows = requests.filter { $0.direction == direction }
            return rows.isEmpty ? nil : section(direction, rows)
        }
        return document
    }

    private func section(_ direction: Direction, _ rows: [RequestSummary]) -> ReportDocument.Section {
        typealias Column = ReportDocument.Column
        var section = ReportDocument.Section(
            direction.name(language) + t("(\(rows.count)件)", " (\(rows.count))"),
            [
                Column(t("序号", "no."), figure: true), Column(t("编号/查询码", "number/reference")),
                Column(t("年度", "year"), figure: true), Column(t("批次", "wave")),
                Column(t("类别", "category")), Column(t("标题", "title")),
                Column(t("提报单位", "requester")), Column(t("责任单位", "responsible")),
                Column(t("提报日期", "filed")), Column(t("办理时限", "due")),
                Column(t("状态", "state")), Column(t("结果", "result")), Column(t("重办", "redo"), figure: true),
            ])
        section.rows = rows.enumerated().map { index, one in cells(index + 1, one) }
        return section
    }

    private func cells(_ number: Int, _ one: RequestSummary) -> [String] {
        [
            String(number), one.number.isEmpty ? one.reference : one.number, String(one.year),
            one.wave.name(language), codes.name(one.category, list: CodeListName.requestCategory), one.title,
            one.requesterName, one.responsibleName, CivilDay(nanoseconds: one.submittedAt).text,
            one.deadline.text, one.state.name(language),
            one.grade == .unspecified ? "" : one.grade.name(language),
            one.redoCount == 0 ? "" : String(one.redoCount),
        ]
    }
}
