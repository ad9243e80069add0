/// A figure of a table beside its kind: fields are places now.
struct BoundFigure: Sendable {
    let entry: RegisterFigureTable.Entry
    private let measured: Int?
    private let conditions: [(field: Int, values: [[UInt8]])]
    private let rules: [BoundRule]

    private enum BoundRule: Sendable {
        case batch
        case field(Int)
        case span(from: Int, to: Int)
    }

    /// - Throws: where the kind lacks a field, or the field is no such thing.
    init(_ entry: RegisterFigureTable.Entry, _ kind: BatchKind, path: String) throws(SeedError) {
        self.entry = entry
        let finder = FieldFinder(kind: kind, path: path, line: entry.line)
        measured = try finder.measured(entry)
        var conditions: [(field: Int, values: [[UInt8]])] = []
        for condition in entry.filter { conditions.append(try finder.condition(condition)) }
        self.conditions = conditions
        var rules: [BoundRule] = []
        for rule in entry.period {
            switch rule {
            case .batch: rules.append(try finder.batch())
            case .field(let field): rules.append(.field(try finder.day(field)))
            case .span(let from, let to):
                rules.append(.span(from: try finder.day(from), to: try finder.day(to)))
            }
        }
        self.rules = rules
    }

    private struct FieldFinder {
        let kind: BatchKind
        let path: String
        let line: Int

        func wrong(_ column: String, _ what: String) -> SeedError { SeedError(path, line, column, what) }

        func field(_ code: String, _ column: String) throws(SeedError) -> Int {
            guard let index = kind.index(of: code) else {
                throw wrong(column, "\"\(code)\" is no field of \(kind.code)")
            }
            return index
        }

        func measured(_ entry: RegisterFigureTable.Entry) throws(SeedError) -> Int? {
            switch entry.measure {
            case .rows: return nil
            case .distinct(let code): return try field(code, "measure")
            case .sum(let code):
                let index = try field(code, "measure")
                guard entry.unit.fits(kind.fields[index].format) else {
                    throw wrong("unit", "\"\(code)\" is not counted in \(entry.unit.rawValue)")
                }
                return index
            }
        }

        func condition(_ condition: RegisterFigureTable.Condition) throws(SeedError)
            -> (field: Int, values: [[UInt8]])
        {
            let index = try field(condition.field, "filter")
            for value in condition.values where !kind.fields[index].mayHold(value) {
                throw wrong("filter", "\"\(value)\" is no value of \(condition.field)")
            }
            return (index, condition.values.map { Array($0.utf8) })
        }

        func batch() throws(SeedError) -> BoundRule {
            guard case .batch = kind.period else {
                throw wrong("period", "batches of \(kind.code) state no period")
            }
            return .batch
        }

        func day(_ code: String) throws(SeedError) -> Int {
            let index = try field(code, "period")
            switch kind.fields[index].format {
            case .date, .month, .year: break
            default: throw wrong("period", "\"\(code)\" is no date, month or year")
            }
            return index
        }
    }

    // MARK: One row

    /// What a row adds: nil, it does not count; for `distinct` the place of the value.
    enum Addition {
        case none
        case count
        case number(Int64)
        case value(Range<Int>)
    }

    /// - Parameters:
    ///   - row: canonical, its fields at `places`.
    ///   - period: what its batch stated, empty where the kind asks for nothing.
    func addition(of row: [UInt8], _ places: [Range<Int>], period: String, year: FigureYear) -> Addition {
        for condition in conditions
        where !condition.values.contains(where: { row[places[condition.field]].elementsEqual($0) }) {
            return .none
        }
        guard rules.allSatisfy({ holds($0, row, places, period, year) }) else { return .none }
        guard let measured else { return .count }
        let place = places[measured]
        if case .distinct = entry.measure { return place.isEmpty ? .none : .value(place) }
        return .number(CanonicalRow.units(row[place]))
    }

    private func holds(
        _ rule: BoundRule, _ row: [UInt8], _ places: [Range<Int>], _ period: String, _ year: FigureYear
    ) -> Bool {
        switch (rule, entry.form) {
        case (.batch, .flow): return year.contains(Array(period.utf8)[...])
        case (.batch, .stock): return year.ends(with: period)
        case (.field(let field), .flow): return year.contains(row[places[field]])
        case (.field(let field), .stock): return year.begins(by: row[places[field]])
        case (.span(let from, let to), _):
            return year.begins(by: row[places[from]]) && year.isOutlived(by: row[places[to]])
        }
    }

}

extension CanonicalRow {
    /// A canonical number in units of its last place; nothing counts as 0.
    package static func units(_ text: some Sequence<UInt8>) -> Int64 {
        let digits = text.filter { $0 != UInt8(ascii: ".") }
        return Int64(String(decoding: digits, as: UTF8.self)) ?? 0
    }
}

/// A year against canonical dates (`2022-03-10`), months (`2022-03`), years and periods (`2022-Q1`): all of them begin with the year.
struct FigureYear: Sendable {
    private let digits: [UInt8]
    private let last: [UInt8]

    init(_ year: Int) {
        digits = Array("\(year)".utf8)
        last = digits + "-12-31".utf8
    }

    func contains(_ text: ArraySlice<UInt8>) -> Bool { text.prefix(4).elementsEqual(digits) }

    /// In the year or before.
    func begins(by text: ArraySlice<UInt8>) -> Bool {
        !text.isEmpty && !digits.lexicographicallyPrecedes(text.prefix(4))
    }

    /// Ends with the year's last day, later, or not at all.
    func isOutlived(by text: ArraySlice<UInt8>) -> Bool {
        text.isEmpty || !text.lexicographicallyPrecedes(last.prefix(text.count))
    }

    /// A period whose last day is the year's.
    func ends(with period: String) -> Bool {
        guard contains(Array(period.utf8)[...]) else { return false }
        return ["", "-H2", "-Q4", "-12", "-12-31"].contains(String(period.dropFirst(4)))
    }
}

extension FigureUnit {
    /// Whether a sum of such a field counts in the unit.
    func fits(_ format: FieldFormat) -> Bool {
        switch (self, format) {
        case (.fen, .money): true
        case (.fen, _), (.tenthsOfHours, .integer), (.tenthsOfHours, .money): false
        case (.tenthsOfHours, .decimal(let places, _)): places == 1
        case (_, .integer): true
        default: false
        }
    }
}

extension BatchField {
    /// Whether a filter may ask for this canonical value.
    fileprivate func mayHold(_ value: String) -> Bool {
        switch format {
        case .choice, .yesNo, .listed: allows(value)
        case .text, .name, .year: true
        default: false
        }
    }
}
