import Schema
import Testing

@testable import Office

@Suite("DOMAIN.md 4 sheets that travel: number, check code, the line of every print")
struct SheetTests {
    private static func view(version: UInt64 = 7, grade: ResultGrade = .solved) -> Schema.RequestView {
        Schema.RequestView(
            summary: RequestSummary(
                target: [UInt8](repeating: 9, count: 16), number: "随双2022-军提-0001", direction: .unitToLocal,
                year: 2022, wave: .collective, category: "road", title: "营区道路", state: .reported,
                requesterName: "驻随某部07", responsible: "county/421321", responsibleName: "随县", grade: grade,
                version: version, redoCount: 1),
            obligation: AssignRequest(
                responsible: "county/421321", content: "完成修缮",
                deadline: CivilDate(year: 2022, month: 6, day: 30), qualityStandard: "通车", firstPost: "局长",
                secondPost: "股长", assisting: ["department/421300-TRANSPORT"]),
            percent: 60, resultSummary: "已通车", satisfaction: .mostly, persons: 120)
    }

    private func sheet(
        _ kind: RequestSheet.Kind, _ view: Schema.RequestView = SheetTests.view(), _ language: Language = .zh
    ) throws -> RequestSheet {
        try RequestSheet(
            kind, view, city: "随州市退役军人事务局", codes: CodeNames(),
            parties: ["department/421300-TRANSPORT": "市交通运输局"], language: language)
    }

    /// A sheet's page, for tests about what every print carries.
    static func drawn(_ language: Language) throws -> String {
        let sheet = try SheetTests().sheet(.assignment, view(), language)
        return SheetHTML([sheet.paper], printed: "2022-05-01", language: language).text
    }

    private func value(_ label: String, _ sheet: RequestSheet) -> String? {
        sheet.lines.first { $0.label == label }?.value
    }

    @Test(
        "the four clears and both posts stand on an assignment; progress on what urges; the result on a receipt"
    )
    func content() throws {
        let assignment = try sheet(.assignment)
        for (label, expected) in [
            ("编号", "随双2022-军提-0001"), ("责任单位", "随县"), ("协办单位", "市交通运输局"), ("办理内容", "完成修缮"),
            ("完成时限", "2022-06-30"), ("质量标准", "通车"), ("第一责任人", "局长"), ("具体责任人", "股长"),
        ] { #expect(value(label, assignment) == expected) }
        #expect(value("进度", assignment) == nil && value("办理结果", assignment) == nil)
        for kind in [RequestSheet.Kind.urging, .supervision] {
            let sheet = try sheet(kind)
            #expect(value("进度", sheet) == "60%" && value("重办次数", sheet) == "1")
        }
        let receipt = try sheet(.receipt)
        #expect(value("办理结果", receipt) == "A 已解决" && value("满意度", receipt) == "基本满意")
        #expect(value("惠及人数", receipt) == "120" && value("服务次数", receipt) == nil)
    }

    @Test("the code is of kind, version and every line; it can be typed in any way it is read aloud")
    func code() throws {
        let sheet = try sheet(.assignment)
        #expect(
            sheet.fits(sheet.checkCode) && sheet.fits(sheet.checkCode.lowercased().replacing("-", with: " ")))
        var codes: Set<String> = []
        for kind in RequestSheet.Kind.allCases { codes.insert(try self.sheet(kind).checkCode) }
        codes.insert(try self.sheet(.assignment, Self.view(version: 8)).checkCode)
        var changed = Self.view()
        changed.obligation?.qualityStandard = "通车。"
        codes.insert(try self.sheet(.assignment, changed).checkCode)
        #expect(codes.count == 6)
        #expect(!sheet.fits("") && !sheet.fits("7K3F-Q2MX-C"))
        #expect(try self.sheet(.assignment).checkCode == sheet.checkCode)
    }

    @Test("no sheet before there is something to print")
    func faults() throws {
        var view = Self.view()
        view.obligation = nil
        #expect(throws: RequestSheet.Fault.notAssigned) { try sheet(.assignment, view) }
        #expect(throws: RequestSheet.Fault.notReported) {
            try sheet(.receipt, Self.view(grade: .unspecified))
        }
        for fault in [RequestSheet.Fault.notAssigned, .notReported] { #expect(!fault.text.zh.isEmpty) }
    }

    @Test(
        "the page: heading, number, code, places to sign, the notice; texts are never markup",
        arguments: Language.allCases)
    func page(_ language: Language) throws {
        var view = Self.view()
        view.obligation?.content = "<b>甲</b>"
        for kind in RequestSheet.Kind.allCases {
            let sheet = try sheet(kind, view, language)
            let text = SheetHTML([sheet.paper], printed: "2022-05-01", language: language).text
            for part in [sheet.heading, sheet.checkCode, "随双2022-军提-0001", "2022-05-01", classifiedNotice] {
                #expect(text.contains(part), "\(kind) \(part)")
            }
            #expect(!text.contains("<b>甲") && text.contains("&lt;b&gt;甲") && !text.contains("http"))
            #expect(text.split(separator: "class=\"day\"", omittingEmptySubsequences: false).count == 3)
        }
    }
}
