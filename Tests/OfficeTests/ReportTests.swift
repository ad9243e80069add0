import Exchange
import Schema
import Testing

@testable import Office

@Suite("Reports: one content, three renderings")
struct ReportTests {
    private static let view = FiguresView(
        from: CivilDate(year: 2022, month: 1, day: 1), to: CivilDate(year: 2022, month: 12, day: 31),
        asOf: 77,
        requests: [
            RequestFigures(
                direction: .unitToLocal, party: "county/421321", partyName: "随县", category: "road",
                year: 2022,
                counts: [
                    FigureCount(figure: .filed, count: 12), FigureCount(figure: .due, count: 10),
                    FigureCount(figure: .dueClosed, count: 9), FigureCount(figure: .dueOnTime, count: 8),
                    FigureCount(figure: .closed, count: 9), FigureCount(figure: .solved, count: 7),
                    FigureCount(figure: .satisfied, count: 6),
                    FigureCount(figure: .mostlySatisfied, count: 3),
                    FigureCount(figure: .dissatisfied, count: 1),
                ], stages: [StageFigure(state: "in_progress", stays: 4, milliseconds: 4 * 10 * 86_400_000)]),
            RequestFigures(
                direction: .localToUnit, party: "county/421303", partyName: "曾都区", category: "planting",
                year: 2022, counts: [FigureCount(figure: .filed, count: 3)]),
        ],
        cases: [
            CaseFigures(
                subcategory: "soldier-placement", handler: "department/421300-HR", handlerName: "市人社局",
                counts: [
                    FigureCount(figure: .casesFiled, count: 12), FigureCount(figure: .casesClosed, count: 11),
                    FigureCount(figure: .casesSolved, count: 10),
                ], worry: .wayOut, counted: .person),
            CaseFigures(
                subcategory: "housing", handler: "department/421300-HR", handlerName: "市人社局",
                counts: [
                    FigureCount(figure: .casesFiled, count: 8), FigureCount(figure: .casesClosed, count: 9),
                    FigureCount(figure: .casesSolved, count: 8),
                ], worry: .home, counted: .item),
            CaseFigures(
                subcategory: "hardship-aid", handler: "department/421300-CIVIL", handlerName: "市民政局",
                counts: [
                    FigureCount(figure: .casesFiled, count: 4), FigureCount(figure: .casesClosed, count: 4),
                    FigureCount(figure: .casesSolved, count: 4),
                ], worry: .home, counted: .time),
            CaseFigures(
                subcategory: "school-entry", handler: "department/421300-EDU", handlerName: "市教育局",
                counts: [
                    FigureCount(figure: .casesFiled, count: 16), FigureCount(figure: .casesClosed, count: 14),
                    FigureCount(figure: .casesSolved, count: 14),
                ], worry: .children, counted: .person),
        ],
        rounds: [
            RoundFigures(
                key: "2022-1", title: "转业军官选岗", peopleKind: .officer,
                publishedOn: CivilDate(year: 2022, month: 6, day: 1), people: 13, placed: 12,
                destinations: [
                    DestinationFigure(destination: "civil", persons: 9),
                    DestinationFigure(destination: "institution", persons: 3),
                ]),
            RoundFigures(
                key: "2022-2", title: "退役士兵选岗", peopleKind: .soldier,
                publishedOn: CivilDate(year: 2022, month: 9, day: 1), people: 110, placed: 107,
                destinations: [
                    DestinationFigure(destination: "institution", persons: 20),
                    DestinationFigure(destination: "state-enterprise", persons: 86),
                    DestinationFigure(destination: "enterprise", persons: 1),
                ]),
        ],
        careFund: CareFundFigures(
            heldBeforeFen: 100_00, incomeFen: 5_000_50, outgoFen: 600_05, heldFen: 4_500_45,
            income: [
                FundFigure(code: "donation", times: 2, fen: 5_000_00),
                FundFigure(code: "interest", times: 1, fen: 50),
            ], outgo: [FundFigure(code: "hardship-aid", times: 3, fen: 600_05)]))

    private func document(_ language: Language = .zh) -> ReportDocument {
        FigureReport(Self.view, codes: CodeNames(), language: language)
            .document(title: "2022年度双清单办理情况", of: "随州市退役军人事务局")
    }

    private func section(_ heading: String) throws -> ReportDocument.Section {
        try #require(document().sections.first { $0.heading == heading })
    }

    @Test("sums are over all rows; a rate is the rate of the sums and states its denominator")
    func sums() throws {
        let overview = try section("总体情况")
        #expect(overview.rows.first == ["提报", "15", "件", "流量"])
        #expect(overview.rows.contains(["评价不满意(重办)", "1", "次", "流量"]))
        let rates = try section("主要比率")
        #expect(rates.rows[0] == ["办结率", "90.0%", "9/10", "到期应办结件中已销号的"])
        #expect(rates.rows[2] == ["满意率", "90.0%", "9/10", "全部评价次数中满意、基本满意的"])
        #expect(rates.rows[3].prefix(3) == ["重办率", "—", "0/0"])
        #expect(rates.bars.first == ReportDocument.Bar("办结率", permille: 900, "90.0%  9/10"))
    }

    @Test(
        "by direction and party, each with its own rates; days per stage; the three worries with their total")
    func tables() throws {
        #expect(try section("按方向").rows.map(\.[0]) == ["部队提→地方办", "地方提→部队办"])
        let parties = try section("按地方单位")
        #expect(parties.rows[0] == ["随县", "12", "0", "9", "7", "0", "0", "90.0%", "80.0%", "90.0%", "—"])
        #expect(parties.rows[1].suffix(4) == ["—", "—", "—", "—"])
        #expect(try section("各环节平均用时").rows == [["办理中", "10.0", "4"]])
    }

    @Test(
        "the three worries: persons, items and times apart, their sum never without its parts, period and denominator said"
    )
    func worries() throws {
        let solved = try section("“三后”解决情况")
        #expect(
            solved.rows == [
                ["后路", "10", "10", "0", "0", "11", "90.9% 10/11"],
                ["后院", "12", "0", "8", "4", "13", "92.3% 12/13"],
                ["后代", "14", "14", "0", "0", "14", "100.0% 14/14"],
                ["合计", "36", "24", "8", "4", "38", "94.7% 36/38"],
            ])
        #expect(
            solved.remarks.prefix(2) == [
                "三后 解决 36 人件(次)（人 24，件 8，次 4），统计期间 2022-01-01 至 2022-12-31。",
                "同期办结 38 人件(次)（人 25，件 9，次 4），解决率 94.7% 36/38。",
            ])
        #expect(solved.remarks.last?.contains("流量") == true && solved.remarks.last?.contains("分母") == true)
        let kinds = try section("“三后”个案，按类别")
        #expect(
            kinds.rows.map { $0.prefix(4).joined(separator: " ") } == [
                "后路 soldier-placement 人 12", "后院 housing 件 8", "后院 hardship-aid 次 4", "后代 school-entry 人 16",
                "合计  人件(次) 40",
            ])
    }

    @Test("a server that does not say the unit counted persons")
    func olderServer() {
        let row = CaseFigures(
            subcategory: "spouse-employment", counts: [FigureCount(figure: .casesSolved, count: 3)])
        #expect(MixedCount(.casesSolved, of: [row]).text(.zh) == "3 人件(次)（人 3，件 0，次 0）")
        #expect(MixedCount(.casesSolved, of: [row]).text(.en) == "3 (persons 3, items 0, times 0)")
    }

    @Test(
        "placement in the open: by round, by who was placed, with the sum, the classes and the denominators")
    func placements() throws {
        let rounds = try section("阳光安置，按轮次")
        #expect(
            rounds.columns.map(\.title).suffix(6) == [
                "参加(人)", "安置(人)", "civil", "institution", "state-enterprise", "enterprise",
            ])
        #expect(
            rounds.rows[0] == [
                "2022-1", "转业军官选岗", "转业军官", "2022-06-01", "13", "12", "9", "3", "0", "0",
            ])
        #expect(rounds.rows.last?.suffix(6) == ["123", "119", "9", "23", "86", "1"])
        let kinds = try section("阳光安置，按对象")
        #expect(
            kinds.rows.map { $0.prefix(4).joined(separator: " ") } == [
                "转业军官 1 13 12", "退役士兵 1 110 107", "合计 2 123 119",
            ])
        #expect(
            kinds.remarks.prefix(2) == [
                "安置 转业军官 12 + 退役士兵 107 = 119 人，占参加 123 人的 96.7%，统计期间 2022-01-01 至 2022-12-31。",
                "其中到civil、institution、state-enterprise：118 人（118/119，99.2%）。",
            ])
        #expect(kinds.remarks.last?.contains("流量") == true && kinds.bars.count == 4)
    }

    @Test("the care fund: what it held, what came, what was paid, what it holds; 分 inside, 元 on paper")
    func fund() throws {
        let fund = try section("关爱基金收支")
        #expect(
            fund.rows == [
                ["期初结存", "", "100.00", "存量"], ["收入", "3", "5000.50", "流量"],
                ["　其中：donation", "2", "5000.00", "流量"], ["　其中：interest", "1", "0.50", "流量"],
                ["支出", "3", "600.05", "流量"], ["　其中：hardship-aid", "3", "600.05", "流量"],
                ["期末结存", "", "4500.45", "存量"],
            ])
        var view = Self.view
        (view.careFund, view.rounds, view.cases) = (nil, [], [])
        let headings = FigureReport(view, codes: CodeNames(), language: .zh).document(title: "t", of: "p")
            .sections.map(\.heading)
        #expect(!headings.contains { $0.contains("基金") || $0.contains("安置") || $0.contains("三后") })
    }

    @Test("every figure and every rate has its words, in both languages")
    func names() {
        for figure in RequestFigure.all.map(\.figure) + CaseFigure.all.map(\.figure) {
            for language in Language.allCases { #expect(!figure.name(language).isEmpty, "\(figure)") }
        }
        #expect(Set(Rate.allCases.map(\.text)).count == Rate.allCases.count)
        #expect(Set(Rate.allCases.map(\.basis)).count == Rate.allCases.count)
        for figure in CaseFigure.all.map(\.figure) { #expect(figure.isOfCases && figure.unit.zh == "人件(次)") }
        for figure in RequestFigure.all.map(\.figure) {
            #expect(!figure.isOfCases && ["件", "人", "次"].contains(figure.unit.zh))
        }
        for kind in PeopleKind.allCases + [.unspecified] { #expect(!kind.name(.zh).isEmpty) }
        for worry in Worry.allCases + [.unspecified] { #expect(!worry.name(.en).isEmpty) }
    }

    @Test(
        "the terminal shows what the print shows, and no line is wider than its screen where it can be helped"
    )
    func terminal() {
        let lines = document().lines(on: Screen(columns: 120))
        #expect(lines.contains { $0.contains("办结率") && $0.contains("9/10") })
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 120 })
    }

    @Test("a table for spreadsheets: BOM, CR LF, quotes; GB18030 for whoever wants it, rare characters too")
    func csv() throws {
        var document = ReportDocument("标题, \"引号\"")
        var section = ReportDocument.Section("表", [ReportDocument.Column("甲"), .init("乙", figure: true)])
        section.rows = [["一\n二", "-3"], ["𠮷野", "—"]]
        document.sections = [section]
        let csv = ReportCSV(document)
        #expect(
            csv.text
                == "\"标题, \"\"引号\"\"\"\r\n\r\n表\r\n甲,乙\r\n\"一\n二\",-3\r\n𠮷野,—\r\n\r\n本系统不得传输、存储涉密信息\r\n")
        #expect(try csv.bytes(.utf8).prefix(3) == [0xEF, 0xBB, 0xBF])
        let gb = try csv.bytes(.gb18030)
        #expect(gb.starts(with: [0x22, 0xB1, 0xEA, 0xCC, 0xE2]))
        #expect(gb.contains([0x95, 0x34, 0xB2, 0x35]), "U+20BB7 has four bytes there")
    }

    @Test(
        "what an office typed does not become a formula on the reader's machine",
        arguments: ["=1+1", "+cmd", "@SUM(A1)", "-2+3"])
    func formulas(_ text: String) {
        #expect(ReportCSV.cell(text) == "'" + text)
    }

    @Test("a number stays one", arguments: ["-3", "12", "9/10", "95.2%", "—"])
    func numbers(_ text: String) {
        #expect(ReportCSV.cell(text) == text)
    }

    @Test("a page that needs nothing else: no script, no address, markup in texts shown as text")
    func page() {
        var document = document()
        document.sections[0].rows.append(["<script>alert('x')</script>&\u{202E}\u{7}", "1", "件", "流量"])
        let text = ReportHTML(document).text
        #expect(text.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\u{25A1}\u{25A1}"))
        #expect(!text.contains("<script") && !text.contains("http") && !text.contains("src="))
        #expect(
            text.contains("@page { size: A4 portrait") && text.contains("<svg")
                && text.contains(classifiedNotice))
        let rows = text.split(separator: "<rect", omittingEmptySubsequences: false).count - 1
        #expect(rows == 2 * document.sections.reduce(0) { $0 + $1.bars.count })
    }

    @Test("the ledger: one line an item, by direction, printed across the page")
    func ledger() {
        let report = LedgerReport(codes: CodeNames(), language: .zh)
        let one = RequestSummary(
            reference: "7K3F-Q2MX-C", number: "随双2022-军提-0001", direction: .unitToLocal, year: 2022,
            category: "road", title: "道路", state: .closed, requesterName: "驻随某部07", responsibleName: "随县",
            grade: .solved, submittedAt: 1_641_373_200_000_000_000, redoCount: 1)
        let document = report.document([one], title: "台账", of: "随州市退役军人事务局")
        #expect(document.isWide && document.sections.map(\.heading) == ["部队提→地方办(1件)"])
        #expect(
            document.sections[0].rows == [
                [
                    "1", "随双2022-军提-0001", "2022", "", "road", "道路", "驻随某部07", "随县", "2022-01-05", "", "已销号",
                    "A 已解决", "1",
                ]
            ])
        #expect(ReportHTML(document).text.contains("A4 landscape"))
    }

    @Test(
        "the days of a report",
        arguments: [
            (["report", "annual", "--year", "2022"], "2022-01-01 2022-12-30"),
            (["report", "annual", "--year", "2022", "--from", "2021-11-01"], "2021-11-01 2022-12-30"),
            (["report", "half-year", "--year", "2022", "--half", "1"], "2022-01-01 2022-06-30"),
            (["report", "half-year", "--year", "2022", "--half", "2"], "2022-07-01 2022-12-30"),
            (["report", "annual", "--year", "2022", "--to", "2021-01-01"], "none"),
            (["report", "annual", "--year", "2023"], "none"),
            (["report", "annual", "--year", "2021"], "2021-01-01 2021-12-31"),
        ])
    func days(_ words: [String], _ expected: String) throws {
        let today = try #require(CivilDay(year: 2022, month: 12, day: 30))
        let period = ReportForms.period(try CommandLineParser.parse(words), today: today)
        #expect(period.map { "\($0.from.text) \($0.to.text)" } ?? "none" == expected)
    }
}
