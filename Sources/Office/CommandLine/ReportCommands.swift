package import Exchange
internal import Schema

/// The commands that print reports.
package enum ReportForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .reportLedger: ledger
        case .requestSheet: sheet
        case .reportHalfYear: halfYear
        default: annual
        }
    }

    private static let sheet = CommandSpec(
        .requestSheet,
        Text("打印交办单、催办单、督办单、回执，或核对纸上的校验码", "print an item's sheet, or check the code on a printed one"),
        operands: [.key],
        options: [
            OptionSpec("kind", Text("单据", "sheet"), .choice(sheets), required: true),
            OptionSpec(
                "html", Text("网页文件", "HTML file"), .file,
                help: Text("存为可打印的网页(A4)", "write a page that prints on A4")),
            OptionSpec(
                "check", Text("校验码", "check code"), .text,
                help: Text("纸上的校验码；与现在的内容核对", "the code on the paper, compared with what stands now")),
        ],
        notes: [
            Text(
                "校验码由单据种类、事项、版本和所印内容算出；事项有了新进展，校验码就不同。",
                "The code is of the kind, the item, its version and what is printed; it changes when the item goes on."
            )
        ])

    private static let sheets = [
        Choice(
            ["assignment", "交办单", "交办"], Text("交办单", "assignment"), RequestSheet.Kind.assignment.rawValue),
        Choice(["urging", "催办单", "催办"], Text("催办单", "urging"), RequestSheet.Kind.urging.rawValue),
        Choice(
            ["supervision", "督办单", "督办"], Text("督办单", "supervision"), RequestSheet.Kind.supervision.rawValue),
        Choice(["receipt", "回执"], Text("回执", "receipt"), RequestSheet.Kind.receipt.rawValue),
    ]

    package static func sheetKind(_ line: Invocation) -> RequestSheet.Kind {
        guard case .choice(let number)? = line.values["kind"]?.last else { return .assignment }
        return RequestSheet.Kind(rawValue: number) ?? .assignment
    }

    private static let annual = CommandSpec(
        .reportAnnual,
        Text(
            "年度报告：件数、比率、各环节用时、“三后”个案、阳光安置、关爱基金、登记册年度数字",
            "the annual report: counts, rates, days per stage, families' cases, placements, the care fund, figures from the registers"
        ),
        options: [year] + period + files, notes: [visible, rates, registers])

    private static let registers = Text(
        "登记册年度数字由各单位报送的行算出，只对市局经办、审批人员显示；另定统计期间时不显示。",
        "Figures from the registers are counted from the rows that parties sent; the bureau's officers see them, in reports of a whole year."
    )

    private static let halfYear = CommandSpec(
        .reportHalfYear, Text("半年报告，内容与年度报告相同", "the half-year report, with the same content"),
        options: [
            year,
            OptionSpec(
                "half", Text("半年", "half"), .integer(1...2), required: true,
                help: Text("1 上半年，2 下半年", "1 January to June, 2 July to December")),
        ] + files, notes: [visible, rates])

    private static let ledger = CommandSpec(
        .reportLedger, Text("台账：一件一行", "the ledger: one line an item"),
        options: [
            OptionSpec(
                "year", Text("年度", "year"), .integer(2000...2100),
                help: Text("默认全部年度", "all years by default")),
            OptionSpec(
                "direction", Text("方向", "direction"), .choice(Choice.directions),
                help: Text("默认双向", "both by default")),
        ] + files, notes: [visible])

    private static let year = OptionSpec(
        "year", Text("年度", "year"), .integer(2000...2100), required: true,
        help: Text("公历年度", "calendar year"))

    private static let period: [OptionSpec] = [
        OptionSpec(
            "from", Text("起始日期", "from"), .date,
            help: Text("默认当年1月1日", "1 January of the year by default")),
        OptionSpec(
            "to", Text("截止日期", "to"), .date,
            help: Text("含当日，默认当年12月31日", "that day included; 31 December by default")),
    ]

    private static let files: [OptionSpec] = [
        OptionSpec(
            "html", Text("网页文件", "HTML file"), .file,
            help: Text("存为可打印的网页(A4)", "write a page that prints on A4")),
        OptionSpec(
            "csv", Text("表格文件", "CSV file"), .file,
            help: Text("存为表格文件", "write a file for a spreadsheet program")),
        OptionSpec(
            "encoding", Text("编码", "encoding"), .choice(encodings),
            help: Text(
                "表格文件的编码：utf-8(默认，带BOM)或gb18030", "of the CSV file: utf-8 (default, with BOM) or gb18030")),
    ]

    private static let encodings = [
        Choice(["utf-8", "utf8"], Text("UTF-8", "UTF-8"), ReportCSV.Encoding.utf8.rawValue),
        Choice(["gb18030", "gbk"], Text("GB18030", "GB18030"), ReportCSV.Encoding.gb18030.rawValue),
    ]

    private static let visible = Text(
        "只统计本单位可见的事项。", "Counts what your party may see, and nothing else.")
    private static let rates = Text(
        "每个比率都写明分母；没有分母时显示“—”。", "Every rate states its denominator; without one a dash is shown.")

    /// The days a report is about; nil when they are none. `year` is required, so it is there. A period that is not over ends today: what is due
    /// tomorrow is not due yet.
    package static func period(_ line: Invocation, today: CivilDay) -> Period? {
        let year = line.integer("year") ?? 0
        let half = line.integer("half")
        let from = CivilDay(year: year, month: half == 2 ? 7 : 1, day: 1)
        let to =
            half == 1 ? CivilDay(year: year, month: 6, day: 30) : CivilDay(year: year, month: 12, day: 31)
        guard let first = CivilDay(line.date("from")) ?? from, let last = CivilDay(line.date("to")) ?? to
        else { return nil }
        return Period(from: first, to: min(last, today))
    }

    package static func title(_ line: Invocation) -> Text {
        let year = line.integer("year") ?? 0
        switch (line.name, line.integer("half")) {
        case (.reportLedger, _):
            return year == 0
                ? Text("双清单台账", "Ledger of the two lists")
                : Text("\(year)年度双清单台账", "Ledger of the two lists, \(year)")
        case (_, 1?): return Text("\(year)年上半年双清单办理情况", "The two lists, first half of \(year)")
        case (_, 2?): return Text("\(year)年下半年双清单办理情况", "The two lists, second half of \(year)")
        default: return Text("\(year)年度双清单办理情况", "The two lists in \(year)")
        }
    }

    package static func encoding(_ line: Invocation) -> ReportCSV.Encoding {
        guard case .choice(let number)? = line.values["encoding"]?.last else { return .utf8 }
        return ReportCSV.Encoding(rawValue: number) ?? .utf8
    }
}
