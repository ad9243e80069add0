package import Exchange
package import Schema

/// The registers' part of the annual report: what was counted from rows of batches, what must add up to what, who sent it, and how it compares with what the city
/// published. Every number is the server's count; the table of figures gives names, units and relations alone.
package struct RegisterReport: Sendable {
    typealias Column = ReportDocument.Column
    typealias Section = ReportDocument.Section

    private let table: RegisterFigureTable
    private let counted: [String: RegisterFigure]
    private let erased: UInt64
    private let year: Int
    private let parties: [String: String]
    private let language: Language

    /// Nil where no table of figures is loaded.
    /// - Parameter parties: names by key, in official order.
    package init?(
        _ figures: RegisterFigures, year: Int, parties: [(key: String, name: String)], language: Language
    ) {
        guard let table = try? RegisterFigureTable(text: figures.text) else { return nil }
        self.table = table
        counted = Dictionary(figures.figures.map { ($0.figure, $0) }, uniquingKeysWith: { first, _ in first })
        erased = figures.erased
        self.year = year
        order = parties.map(\.key)
        self.parties = Dictionary(
            parties.map { ($0.key, $0.name) }, uniquingKeysWith: { first, _ in first })
        self.language = language
    }

    private let order: [String]

    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    package var sections: [ReportDocument.Section] {
        [figures(.flow), figures(.stock), sums, published, bySender].filter { !$0.rows.isEmpty }
    }

    private func value(_ code: String) -> Int64? { counted[code]?.value }

    private func shown(_ entry: RegisterFigureTable.Entry, _ value: Int64) -> String {
        switch entry.unit {
        case .fen: Money.text(value)
        case .tenthsOfHours: "\(value / 10).\((value % 10).magnitude)"
        default: String(value)
        }
    }

    /// Whatever a server says, no sum ends the program.
    private static func added(_ values: [Int64]) -> Int64 { values.reduce(0, &+) }

    // MARK: Figures

    /// Each behind the one it is a share of.
    private func inOrder(_ form: BatchKind.Form) -> [RegisterFigureTable.Entry] {
        let all = table.entries.filter { $0.form == form && counted[$0.code] != nil }
        func followers(_ entry: RegisterFigureTable.Entry) -> [RegisterFigureTable.Entry] {
            all.filter { $0.of == entry.code }
        }
        let first = all.filter { entry in !all.contains { $0.code == entry.of } }
        // A share of a share is no second step: the table's shares are of whole figures.
        return first.flatMap { [$0] + followers($0) }
    }

    private func figures(_ form: BatchKind.Form) -> Section {
        let isFlow = form == .flow
        var section = Section(
            isFlow
                ? t("登记册数字：流量(\(year)年)", "From the registers: flows of \(year)")
                : t("登记册数字：存量(\(year)年末)", "From the registers: stocks at the end of \(year)"),
            [
                Column(t("指标", "figure")), Column(t("数量", "count"), figure: true),
                Column(t("单位", "unit")),
                // As a figure: its two characters are not parted between two lines.
                Column(t("口径", "kind"), figure: true), Column(t("占比", "share"), figure: true),
                Column(t("分母", "of")),
            ])
        section.rows = inOrder(form).compactMap(row)
        section.remarks =
            isFlow
            ? [
                t(
                    "流量：日期在\(year)-01-01 至 \(year)-12-31 (含当日)的行。人数按身份证号去重；占比写明分母，没有分母的为绝对数。",
                    "A flow: rows dated \(year)-01-01 to \(year)-12-31 inclusive. Persons are different ID numbers; a share names its denominator, the others are absolute."
                )
            ]
            : [
                t(
                    "存量：截至\(year)-12-31 的名册，以报送时注明的所属期为准。",
                    "A stock: the lists as of \(year)-12-31, by the period stated with the batch.")
            ]
        if erased > 0 {
            section.remarks.append(
                t("另有\(erased)行因个人信息已删除，不再计入。", "\(erased) more rows were erased and count no longer."))
        }
        return section
    }

    private func row(_ entry: RegisterFigureTable.Entry) -> [String]? {
        guard let value = value(entry.code) else { return nil }
        let whole = entry.of.flatMap { code in self.value(code).map { (code, $0) } }
        let lead = whole == nil ? "" : t("　其中：", "  of which ")
        return [
            lead + entry.name, shown(entry, value), entry.unit.text[language],
            entry.form == .flow ? t("流量", "flow") : t("存量", "stock"),
            whole.map { Ratio(UInt64(max(0, value)), of: UInt64(max(0, $0.1))).text } ?? "—",
            whole.map { "\($0.1) " + (table[$0.0]?.name ?? $0.0) } ?? t("绝对数", "absolute"),
        ]
    }

    // MARK: What must add up

    private var sums: Section {
        var section = Section(
            t("勾稽关系", "What must add up"),
            [
                Column(t("指标", "figure")), Column(t("数量", "count"), figure: true),
                Column(t("各部分", "parts")), Column(t("结果", "result")),
            ])
        for entry in table.entries where !entry.parts.isEmpty {
            let parts = entry.parts.compactMap(value)
            guard let whole = value(entry.code), parts.count == entry.parts.count else { continue }
            let sum = Self.added(parts)
            section.rows.append([
                entry.name, shown(entry, whole),
                parts.map { shown(entry, $0) }.joined(separator: " + ") + " = " + shown(entry, sum),
                verdict(whole == sum),
            ])
        }
        return section
    }

    private func verdict(_ fits: Bool) -> String { fits ? t("相符", "fits") : t("不符", "DIFFERS") }

    // MARK: What was published

    private var published: Section {
        var section = Section(
            t("与公布数核对(\(year)年)", "Against what was published for \(year)"),
            [
                Column(t("指标", "figure")), Column(t("计算", "computed"), figure: true),
                Column(t("公布", "published"), figure: true), Column(t("单位", "unit")),
                Column(t("结果", "result")),
            ])
        guard year == table.publishedYear else { return section }
        for entry in table.entries {
            guard let value = value(entry.code) else { continue }
            let said = entry.published
            section.rows.append([
                entry.name, shown(entry, value),
                said.map { shown(entry, $0.value) + ($0.isFloor ? "+" : "") } ?? "—",
                entry.unit.text[language], said.map { verdict($0.holds(value)) } ?? t("示例", "example"),
            ])
        }
        section.remarks = [
            t(
                "“+”表示多于；示例：没有公布数。“计算”一律由登记册的行算出，公布数只用来核对。",
                "“+” means more than; example: nothing was published. What is computed comes from rows; what was published is only compared."
            )
        ]
        return section
    }

    // MARK: Who sent it

    private var bySender: Section {
        let known = order.filter { $0.hasPrefix("county/") && senders.contains($0) }
        var section = Section(
            t("按报送单位", "By who sent the rows"),
            [Column(t("指标", "figure")), Column(t("全市", "city"), figure: true)]
                + known.map { Column(parties[$0] ?? $0, figure: true) }
                + [Column(t("市直", "city level"), figure: true)])
        var differing: [String] = []
        for entry in table.entries {
            guard let figure = counted[entry.code] else { continue }
            let others = figure.parties.filter { !known.contains($0.party) }
            let parts =
                known.map { key in figure.parties.first { $0.party == key }?.value ?? 0 }
                + [Self.added(others.map(\.value))]
            section.rows.append([entry.name] + ([figure.value] + parts).map { shown(entry, $0) })
            let sum = Self.added(parts)
            if sum != figure.value { differing.append("\(entry.name)(\(shown(entry, sum)))") }
        }
        section.remarks = [
            differing.isEmpty
                ? t("各报送单位之和都等于全市数。", "The senders' numbers add up to the city's.")
                : t(
                    "各报送单位之和大于全市数的：\(differing.joined(separator: "、"))；同一人由几个单位报送，全市只计一次。",
                    "Where the senders' numbers make more than the city's: \(differing.joined(separator: ", ")); whoever was sent by several counts once."
                )
        ]
        return section
    }

    private var senders: Set<String> {
        Set(counted.values.flatMap(\.parties).map(\.party))
    }
}

extension FigureUnit {
    package var text: Text {
        switch self {
        case .items: Text("件", "items")
        case .persons: Text("人", "persons")
        case .times: Text("次", "times")
        case .personTimes: Text("人次", "person-times")
        case .mixed: Text("人件(次)", "persons, items, times")
        case .fen: Text("元", "yuan")
        case .tenthsOfHours: Text("小时", "hours")
        case .cards: Text("张", "cards")
        case .records: Text("条", "records")
        case .sites: Text("处", "sites")
        case .events: Text("场", "events")
        case .teams: Text("支", "teams")
        case .companies: Text("家", "companies")
        case .pieces: Text("个", "pieces")
        }
    }
}
