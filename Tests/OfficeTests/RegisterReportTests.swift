import Exchange
import Schema
import Testing

@testable import Office

@Suite("The registers' part of the annual report")
struct RegisterReportTests {
    private static let counties = [
        (key: "county/421303", name: "曾都区"), (key: "county/421321", name: "随县"),
        (key: "county/421381", name: "广水市"),
    ]

    /// The published numbers as the server would count them, some of them by sender.
    private func answer(_ changes: [String: Int64] = [:]) throws -> RegisterFigures {
        let text = try #require(Kinds.files.first { $0.path == RegisterFigureTable.path }).text
        let table = try RegisterFigureTable(text: text)
        let made: [String: Int64] = [
            "activities": 1_963, "visit-events": 87, "other-events": 40, "placed-party": 9,
            "placed-institution": 41, "placed-enterprise": 69, "worries-persons": 24, "worries-items": 8,
            "worries-times": 4, "working-age": 48_630, "education-events": 1_236, "cards-applied": 69_920,
        ]
        let answers = table.entries.map { entry in
            let value = changes[entry.code] ?? made[entry.code] ?? entry.published?.value ?? 1
            return RegisterFigure(
                figure: entry.code, value: value, rows: 3,
                parties: [
                    PartyFigure(party: "county/421321", value: value - 1, rows: 2),
                    PartyFigure(party: "department/421300-HR", value: 1, rows: 1),
                ])
        }
        return RegisterFigures(text: text, figures: answers)
    }

    private func sections(
        _ figures: RegisterFigures, year: Int = 2022, _ language: Language = .zh
    ) -> [ReportDocument.Section] {
        RegisterReport(figures, year: year, parties: Self.counties, language: language)?.sections ?? []
    }

    private func row(_ section: ReportDocument.Section?, _ name: String) -> [String] {
        section?.rows.first { $0[0].hasSuffix(name) } ?? []
    }

    @Test("each figure says flow or stock, its unit, and what it is a share of; the period stands above")
    func figures() throws {
        let sections = sections(try answer())
        #expect(sections.map(\.heading).prefix(2) == ["登记册数字：流量(2022年)", "登记册数字：存量(2022年末)"])
        #expect(row(sections[0], "抚恤补助发放金额") == ["抚恤补助发放金额", "149000000.00", "元", "流量", "—", "绝对数"])
        #expect(row(sections[0], "应急救援服务时长")[1...2] == ["3000.0", "小时"])
        #expect(row(sections[0], "优待证发放") == ["　其中：优待证发放", "68000", "张", "流量", "97.3%", "69920 优待证申领"])
        #expect(
            row(sections[1], "兵支书") == ["　其中：兵支书", "268", "人", "存量", "35.5%", "755 村(社区)两委退役军人"])
        let names = sections[1].rows.map { $0[0] }
        #expect(names.firstIndex(of: "　其中：兵支书") == (names.firstIndex(of: "村(社区)两委退役军人") ?? 0) + 1)
        let table = try RegisterFigureTable(text: try answer().text)
        #expect(sections[0].rows.count + sections[1].rows.count == table.entries.count)
    }

    @Test("what must add up is added up: 12 + 107 = 119; a number that does not is told")
    func sums() throws {
        let sound = sections(try answer())[2]
        #expect(row(sound, "政府安排工作") == ["政府安排工作", "119", "12 + 107 = 119", "相符"])
        #expect(row(sound, "“三后”问题解决") == ["“三后”问题解决", "36", "24 + 8 + 4 = 36", "相符"])
        let wrong = sections(try answer(["placed-officers": 13]))[2]
        #expect(row(wrong, "政府安排工作")[2...] == ["13 + 107 = 120", "不符"])
    }

    @Test("published numbers are compared and never take a computed one's place; floors are floors")
    func published() throws {
        let section = sections(try answer(["cards-issued": 68_412, "recruits": 19]))[3]
        #expect(row(section, "优待证发放") == ["优待证发放", "68412", "68000+", "张", "相符"])
        #expect(row(section, "稳边固疆招录") == ["稳边固疆招录", "19", "20", "人", "不符"])
        #expect(row(section, "走访慰问") == ["走访慰问", "87", "—", "场", "示例"])
        #expect(!sections(try answer(), year: 2023).map(\.heading).contains { $0.hasPrefix("与公布数核对") })
    }

    @Test("by sender: counties in official order, the rest together; persons sent twice are explained")
    func senders() throws {
        let section = try #require(sections(try answer()).last)
        #expect(section.columns.map(\.title) == ["指标", "全市", "随县", "市直"])
        #expect(row(section, "优待证发放") == ["优待证发放", "68000", "67999", "1"])
        #expect(section.remarks == ["各报送单位之和都等于全市数。"])
        var twice = try answer()
        for index in twice.figures.indices where twice.figures[index].figure == "owners" {
            twice.figures[index].parties.append(PartyFigure(party: "county/421303", value: 4, rows: 4))
        }
        let remark = sections(twice).last?.remarks.first ?? ""
        #expect(remark.hasPrefix("各报送单位之和大于全市数的：兵老板(242)；"))
    }

    @Test("rows that were erased are told; a figure that was not counted is left out; no table, no part")
    func beside() throws {
        var figures = try answer()
        figures.erased = 7
        figures.figures.removeAll { $0.figure == "owners" }
        let sections = sections(figures)
        #expect(sections[0].remarks.last == "另有7行因个人信息已删除，不再计入。")
        #expect(row(sections[1], "兵老板") == [])
        #expect(RegisterReport(RegisterFigures(), year: 2022, parties: [], language: .zh) == nil)
    }

    @Test("eighty columns hold every line, and no number is cut", arguments: [Language.zh, .en])
    func width(_ language: Language) throws {
        var document = ReportDocument("2022年度报告")
        document.sections = sections(try answer(), language)
        let screen = Screen(language: language, columns: 80)
        let lines = document.lines(on: screen)
        #expect(lines.filter { DisplayWidth.of($0) > 80 } == [])
        for number in ["149000000.00", "68000", "45000", "12 + 107 = 119"] {
            #expect(lines.contains { $0.contains(number) }, "\(number)")
        }
    }
}
