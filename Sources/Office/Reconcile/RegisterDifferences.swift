package import Exchange
package import Schema

/// What a comparison of one's own rows with a register found (BATCH.md 8.3): row by row with the columns that differ, and by county what rows and sums are on either side, so that
/// whoever compares a total sees which rows make it.
package struct RegisterDifferences: Sendable {
    typealias Column = ReportDocument.Column
    typealias Section = ReportDocument.Section

    /// Rows told on a screen: more than that is another table, and a file holds them all.
    package static let mostShown = 500

    package enum Row: Sendable, Hashable {
        /// With the row's number in one's own file, and the row.
        case onlyHere(Int, [UInt8])
        case onlyThere(CompareLeaf)
        case different(Int, [UInt8], CompareLeaf)
    }

    package private(set) var rows: [Row] = []
    private let kind: BatchKind
    private let counties: NameList?
    /// The field that names the county; nil: the kind has none.
    private let county: Int?
    private var here: [String: Totals] = [:]
    private var there: [String: Totals] = [:]

    fileprivate struct Totals {
        var rows: Int64 = 0
        var sums: [Int64]

        mutating func add(_ other: [Int64], _ sign: Int64) {
            rows &+= sign
            for (index, value) in other.enumerated() where index < sums.count {
                sums[index] &+= sign &* value
            }
        }
    }

    package init(_ kind: BatchKind, counties: NameList?) {
        self.kind = kind
        self.counties = counties
        county = kind.fields.firstIndex { $0.format == .listed("county") }
    }

    package var isSame: Bool { rows.isEmpty }

    /// Every row of one's own, whether it differs or not: until a difference is told, the peer has the same one.
    package mutating func count(_ row: [UInt8]) {
        let (name, numbers) = measure(row)
        let empty = empty
        here[name, default: empty].add(numbers, 1)
        there[name, default: empty].add(numbers, 1)
    }

    package mutating func take(_ row: Row) {
        rows.append(row)
        switch row {
        case .onlyHere(_, let mine): remove(mine)
        case .onlyThere(let leaf): add(leaf.row)
        case .different(_, let mine, let leaf):
            remove(mine)
            add(leaf.row)
        }
    }

    private mutating func remove(_ mine: [UInt8]) {
        let (name, numbers) = measure(mine)
        let empty = empty
        there[name, default: empty].add(numbers, -1)
    }

    private mutating func add(_ theirs: [UInt8]) {
        let (name, numbers) = measure(theirs)
        let empty = empty
        there[name, default: empty].add(numbers, 1)
    }

    private var empty: Totals { Totals(sums: kind.sums.map { _ in 0 }) }

    /// The county's code, and what the row adds to each sum.
    private func measure(_ row: [UInt8]) -> (String, [Int64]) {
        guard let texts = texts(row) else { return ("", []) }
        return (county.map { texts[$0] } ?? "", kind.sums.map { CanonicalRow.units(texts[$0].utf8) })
    }

    private func texts(_ row: [UInt8]) -> [String]? {
        guard let places = try? CanonicalRow.fields(row, fields: kind.fields.count) else { return nil }
        return places.map { String(decoding: row[$0], as: UTF8.self) }
    }
}

// MARK: - What is shown

extension RegisterDifferences {
    /// - Parameter most: rows told one by one.
    package func document(
        _ language: Language, with peer: String, most: Int = RegisterDifferences.mostShown
    ) -> ReportDocument {
        func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }
        var document = ReportDocument(
            t("\(kind.title)对账", "\(kind.title), reconciled"),
            [
                isSame
                    ? t("与\(peer)逐行一致。", "Row by row the same as \(peer).")
                    : t("与\(peer)有\(rows.count)行不一致。", "\(rows.count) rows differ from \(peer).")
            ])
        document.sections = [totals(language), list(language, most)].filter { !$0.rows.isEmpty }
        return document
    }

    private func totals(_ language: Language) -> Section {
        func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }
        var section = Section(
            t("合计", "Totals"),
            [
                Column(t("县(市、区)", "county")), Column(t("项目", "what")),
                Column(t("本地", "here"), figure: true), Column(t("对方", "there"), figure: true),
                Column(t("差额", "difference"), figure: true),
            ])
        let measures = [t("行数", "rows")] + kind.sums.map { kind.fields[$0].heading }
        var whole = (here: empty, there: empty)
        for name in counties(in: Set(here.keys).union(there.keys)) {
            let (mine, theirs) = (here[name] ?? empty, there[name] ?? empty)
            whole.here.merge(mine)
            whole.there.merge(theirs)
            section.rows += lines(self.name(name), measures, mine, theirs)
        }
        if county != nil {
            section.rows += lines(t("合计", "all"), measures, whole.here, whole.there)
        }
        if !isSame, whole.here.sums == whole.there.sums, whole.here.rows == whole.there.rows {
            section.remarks = [
                t(
                    "合计相同而行有不同：差错可能互相抵消，以逐行对账为准。",
                    "The totals agree and rows do not: errors can cancel. The rows decide.")
            ]
        }
        return section
    }

    private func lines(_ name: String, _ measures: [String], _ mine: Totals, _ theirs: Totals) -> [[String]] {
        let (a, b) = ([mine.rows] + mine.sums, [theirs.rows] + theirs.sums)
        return measures.enumerated().map { index, measure in
            let shown: (Int64) -> String = { value in
                index == 0 ? "\(value)" : self.kind.fields[self.kind.sums[index - 1]].format.numberText(value)
            }
            return [
                index == 0 ? name : "", measure, shown(a[index]), shown(b[index]),
                shown(a[index] &- b[index]),
            ]
        }
    }

    /// In the list's order; unknown ones behind.
    private func counties(in codes: Set<String>) -> [String] {
        let known = (counties?.entries.map(\.code) ?? []).filter(codes.contains)
        return known + codes.subtracting(known).sorted()
    }

    private func name(_ code: String) -> String {
        counties?.entries.first { $0.code == code }?.name ?? (code.isEmpty ? "—" : code)
    }

    private func list(_ language: Language, _ most: Int) -> Section {
        func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }
        var section = Section(
            t("不一致的行", "Rows that differ"),
            [
                Column(t("本地行", "row here"), figure: true), Column(t("对方批次和行", "batch and row there")),
                Column(t("哪一行", "which")), Column(t("情况", "what")), Column(t("列", "column")),
                Column(t("本地", "here")), Column(t("对方", "there")),
            ])
        for row in rows.prefix(most) {
            switch row {
            case .onlyHere(let number, let mine):
                section.rows.append(["\(number)", "", which(mine), t("对方没有", "only here"), "", "", ""])
            case .onlyThere(let leaf):
                section.rows.append(["", place(leaf), which(leaf.row), t("本地没有", "only there"), "", "", ""])
            case .different(let number, let mine, let leaf):
                section.rows += differing(mine, leaf.row).map {
                    ["\(number)", place(leaf), which(mine), t("内容不同", "different")] + $0
                }
            }
        }
        if rows.count > most {
            section.remarks = [
                t(
                    "另有\(rows.count - most)行未列出，存为表格文件可看全部。",
                    "\(rows.count - most) more rows; a CSV file holds them all.")
            ]
        }
        return section
    }

    private func place(_ leaf: CompareLeaf) -> String { "\(leaf.batch) \(leaf.number)" }

    /// The key as people read it, personal parts masked.
    private func which(_ row: [UInt8]) -> String {
        guard let texts = texts(row) else { return "" }
        return kind.key.map { shown(texts[$0], $0) }.joined(separator: " ")
    }

    private func shown(_ text: String, _ field: Int) -> String {
        let text = kind.fields[field].format.shown(text)
        return kind.fields[field].isShownMasked ? masked(text) : text
    }

    /// Heading and both values of each column that differs.
    private func differing(_ mine: [UInt8], _ theirs: [UInt8]) -> [[String]] {
        guard let a = texts(mine), let b = texts(theirs) else { return [["", "", ""]] }
        return kind.fields.indices.filter { a[$0] != b[$0] }.map {
            [kind.fields[$0].heading, shown(a[$0], $0), shown(b[$0], $0)]
        }
    }
}

extension RegisterDifferences.Totals {
    fileprivate mutating func merge(_ other: Self) {
        rows &+= other.rows
        for index in sums.indices { sums[index] &+= other.sums[index] }
    }
}
