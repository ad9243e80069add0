/// What is counted from the registers of batches in a year, as a file: `seeds/batches/figures.csv`.
///
///     version,2026.1
///     published,2022                 optional: the year that the last column is about
///     figure,name,kind,form,measure,filter,period,unit,of,parts,published
///     cards-issued,优待证发放,card,flow,rows,issued=yes,month,张,cards-applied,,68000+
///
/// `measure`: `rows`, `distinct(FIELD)` or `sum(FIELD)`. `filter`: `field=value|value`, several joined by `&`; empty: every row. `of`: the figure this one
/// is a share of. `parts`: figures that must add up to this one. `published`: what the city published, in the figure's unit, with `+` where it is a floor;
/// empty: nothing was published (示例).
///
/// `period` says when a row counts:
///
///     flow    FIELD       the field's date, month or year lies in the year
///             batch       the period the batch states lies in the year
///     stock   FIELD       it lies in the year or before
///             batch       the period the batch states ends with the year
///             FROM..TO    it began in the year or before, and ends with the year's last day, later, or not at all
///
/// A stock may join two of them by `&`. Whether the fields are there is known only beside the kinds (`faults`).
package struct RegisterFigureTable: Sendable, Hashable {
    /// Figures of one table: practice has some fifty.
    package static let most = 200
    /// Conditions joined in one filter.
    package static let mostConditions = 8

    package let version: String
    /// 0: nothing was published.
    package let publishedYear: Int
    package let entries: [Entry]
    /// The file whole, as it was loaded.
    package let text: String

    package struct Entry: Sendable, Hashable {
        package let code: String
        package let name: String
        package let kind: String
        package let form: BatchKind.Form
        package let measure: Measure
        package let filter: [Condition]
        package let period: [Rule]
        package let unit: FigureUnit
        package let of: String?
        package let parts: [String]
        package let published: Published?
        /// As it stands in the file, for whoever reads the report.
        package let filterText: String
        let line: Int
    }

    package enum Measure: Sendable, Hashable {
        case rows
        /// Different values of a field, empty ones not counted: persons by their ID number.
        case distinct(String)
        case sum(String)
    }

    package struct Condition: Sendable, Hashable {
        let field: String
        /// Canonical values, one of which it must have.
        let values: [String]
    }

    package enum Rule: Sendable, Hashable {
        case batch
        case field(String)
        case span(from: String, to: String)
    }

    package struct Published: Sendable, Hashable {
        package let value: Int64
        /// “68,000+”: more than so many.
        package let isFloor: Bool

        package func holds(_ computed: Int64) -> Bool { isFloor ? computed >= value : computed == value }
    }

    package subscript(code: String) -> Entry? { entries.first { haveSameBytes($0.code, code) } }
}

/// What a figure counts in. A closed set, because units are never added to one another.
package enum FigureUnit: String, Sendable, Hashable, CaseIterable {
    case items = "件"
    case persons = "人"
    case times = "次"
    case personTimes = "人次"
    /// Shown with its parts beside it and never alone.
    case mixed = "人件(次)"
    case fen = "分"
    case tenthsOfHours = "0.1小时"
    case cards = "张"
    case records = "条"
    case sites = "处"
    case events = "场"
    case teams = "支"
    case companies = "家"
    case pieces = "个"
}

extension RegisterFigureTable {
    private static let columns = [
        "figure", "name", "kind", "form", "measure", "filter", "period", "unit", "of", "parts", "published",
    ]

    package init(path: String = RegisterFigureTable.path, text: String) throws(SeedError) {
        self.text = text
        let lines = try SeedTable.lines(path, text)
        guard let start = lines.firstIndex(where: { $0.fields.first == "figure" }) else {
            throw SeedError(
                path, 1, nil, "the header naming the columns is missing: it begins with figure,name")
        }
        (version, publishedYear) = try Self.head(path, lines[..<start])
        let table = try SeedTable(path: path, lines: lines[start...], columns: Self.columns)
        guard (1...Self.most).contains(table.rows.count) else {
            throw SeedError(path, lines[start].line, nil, "1 to \(Self.most) figures are expected")
        }
        var entries: [Entry] = []
        for row in table.rows { entries.append(try Entry(row)) }
        self.entries = entries
        for (row, entry) in zip(table.rows, entries) { try check(entry, row) }
    }

    private static func head(_ path: String, _ lines: ArraySlice<(line: Int, fields: [String])>)
        throws(SeedError) -> (String, Int)
    {
        var (version, year) = ("", 0)
        for line in lines {
            let value = line.fields.count > 1 ? line.fields[1] : ""
            switch line.fields.first {
            case "version" where version.isEmpty && isToken(value): version = value
            case "published" where year == 0 && CivilDay.years.contains(Int(value) ?? 0):
                year = Int(value) ?? 0
            default:
                throw SeedError(path, line.line, nil, "version,2026.1 and published,2022 are expected, once")
            }
        }
        guard !version.isEmpty else { throw SeedError(path, 1, "version", "the line version,… is missing") }
        return (version, year)
    }

    /// What can only be judged when all figures are known.
    private func check(_ entry: Entry, _ row: SeedRow) throws(SeedError) {
        guard entries.count(where: { haveSameBytes($0.code, entry.code) }) == 1 else {
            throw row.error("figure", "\"\(entry.code)\" stands twice")
        }
        for (column, code) in entry.parts.map({ ("parts", $0) })
            + [entry.of].compactMap({ $0 }).map({ ("of", $0) })
        {
            guard let other = self[code], !haveSameBytes(code, entry.code) else {
                throw row.error(column, "\"\(code)\" is no other figure of this table")
            }
            guard entry.unit == .mixed || other.unit == entry.unit, other.form == entry.form else {
                throw row.error(column, "\"\(code)\" counts in another unit, or another form")
            }
        }
        guard entry.published == nil || publishedYear != 0 else {
            throw row.error("published", "the line published,YEAR is missing")
        }
    }
}

extension RegisterFigureTable.Entry {
    fileprivate init(_ row: SeedRow) throws(SeedError) {
        code = try row.required("figure")
        name = try row.required("name")
        kind = try row.required("kind")
        for (column, token) in [("figure", code), ("kind", kind)] where !isToken(token) {
            throw row.error(column, "\"\(token)\" is no code such as cards-issued")
        }
        guard let form = BatchKind.Form(rawValue: row["form"]) else {
            throw row.error("form", "neither flow nor stock")
        }
        guard let unit = FigureUnit(rawValue: row["unit"]) else {
            let known = FigureUnit.allCases.map(\.rawValue).joined(separator: ", ")
            throw row.error("unit", "\"\(row["unit"])\" is none of \(known)")
        }
        (self.form, self.unit) = (form, unit)
        measure = try Self.measure(row)
        filterText = row["filter"]
        filter = try Self.filter(row)
        period = try Self.period(row, form)
        of = row["of"].isEmpty ? nil : row["of"]
        parts = row.list("parts")
        published = try Self.published(row)
        line = row.line
    }

    private static func measure(_ row: SeedRow) throws(SeedError) -> RegisterFigureTable.Measure {
        let text = try row.required("measure")
        if text == "rows" { return .rows }
        for (word, make) in [
            ("distinct(", RegisterFigureTable.Measure.distinct), ("sum(", RegisterFigureTable.Measure.sum),
        ] where text.hasPrefix(word) && text.hasSuffix(")") {
            let field = String(text.dropFirst(word.count).dropLast())
            if isToken(field) { return make(field) }
        }
        throw row.error("measure", "\"\(text)\" is none of rows, distinct(FIELD), sum(FIELD)")
    }

    private static func filter(_ row: SeedRow) throws(SeedError) -> [RegisterFigureTable.Condition] {
        guard !row["filter"].isEmpty else { return [] }
        let pieces = row["filter"].split(separator: "&", omittingEmptySubsequences: false)
        guard pieces.count <= RegisterFigureTable.mostConditions else {
            throw row.error("filter", "more than \(RegisterFigureTable.mostConditions) conditions")
        }
        var filter: [RegisterFigureTable.Condition] = []
        for piece in pieces {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let values =
                sides.last?.split(separator: "|", omittingEmptySubsequences: false).map(String.init) ?? []
            guard sides.count == 2, isToken(String(sides[0])), !values.contains("") else {
                throw row.error("filter", "\"\(piece)\" is not FIELD=VALUE|VALUE")
            }
            filter.append(RegisterFigureTable.Condition(field: String(sides[0]), values: values))
        }
        return filter
    }

    private static func period(_ row: SeedRow, _ form: BatchKind.Form) throws(SeedError)
        -> [RegisterFigureTable.Rule]
    {
        let pieces = try row.required("period").split(separator: "&", omittingEmptySubsequences: false)
        var rules: [RegisterFigureTable.Rule] = []
        for piece in pieces {
            let ends = piece.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            switch ends.count {
            case 1 where piece == "batch": rules.append(.batch)
            case 1 where isToken(ends[0]): rules.append(.field(ends[0]))
            case 3 where ends[1].isEmpty && isToken(ends[0]) && isToken(ends[2]) && form == .stock:
                rules.append(.span(from: ends[0], to: ends[2]))
            default: throw row.error("period", "\"\(piece)\" is none of batch, FIELD, FROM..TO (of a stock)")
            }
        }
        guard rules.count <= (form == .flow ? 1 : 2) else {
            throw row.error("period", "a flow has one period, a stock two at most")
        }
        return rules
    }

    private static func published(_ row: SeedRow) throws(SeedError) -> RegisterFigureTable.Published? {
        var text = row["published"][...]
        guard !text.isEmpty else { return nil }
        let isFloor = text.last == "+"
        if isFloor { text = text.dropLast() }
        guard text.utf8.allSatisfy(isDigit), let value = Int64(text) else {
            throw row.error("published", "\"\(row["published"])\" is no number such as 119 or 68000+")
        }
        return RegisterFigureTable.Published(value: value, isFloor: isFloor)
    }
}
