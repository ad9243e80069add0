internal import Exchange
internal import Schema

/// The care fund (关爱基金) in a report: integer 分 inside, 元 on paper.
extension FigureReport {
    var careFund: Section {
        var section = Section(
            t("关爱基金收支", "The care fund"),
            [
                Column(t("项目", "what")), Column(t("笔数(次)", "times"), figure: true),
                Column(t("金额(元)", "yuan"), figure: true), Column(t("口径", "kind")),
            ])
        guard let fund = view.careFund, fund != CareFundFigures() else { return section }
        section.rows = [
            stock(t("期初结存", "held before"), fund.heldBeforeFen),
            flow(t("收入", "income"), fund.income, fund.incomeFen),
        ]
        section.rows += lines(fund.income, CodeListName.fundSource)
        section.rows.append(flow(t("支出", "outgo"), fund.outgo, fund.outgoFen))
        section.rows += lines(fund.outgo, CodeListName.caseSubcategory)
        section.rows.append(stock(t("期末结存", "held at the end"), fund.heldFen))
        section.remarks = [
            t(
                "\(period)：期初结存 + 收入 − 支出 = 期末结存；收入按来源、支出按个案类别分列。",
                "\(period): held before + income − outgo = held at the end; income by source, outgo by kind of case."
            )
        ]
        return section
    }

    private func stock(_ name: String, _ fen: Int64) -> [String] {
        [name, "", Money.text(fen), t("存量", "stock")]
    }

    private func flow(_ name: String, _ rows: [FundFigure], _ fen: Int64) -> [String] {
        [name, String(rows.reduce(0) { $0 &+ $1.times }), Money.text(fen), t("流量", "flow")]
    }

    private func lines(_ rows: [FundFigure], _ list: String) -> [[String]] {
        rows.map {
            [
                t("　其中：", "  of which ") + codes.name($0.code, list: list), String($0.times),
                Money.text($0.fen), t("流量", "flow"),
            ]
        }
    }
}
