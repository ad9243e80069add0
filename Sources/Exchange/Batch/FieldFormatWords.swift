extension FieldFormat {
    /// From the columns `format` and `values` of a kind's file.
    init(_ row: SeedRow) throws(SeedError) {
        let (word, argument) = try Self.parts(row)
        let values = row["values"]
        switch (word, argument) {
        case ("text", let max?), ("name", let max?):
            guard let max = Int(max), (1...BatchLimits.textCharacters).contains(max) else {
                throw row.error("format", "a text has 1 to \(BatchLimits.textCharacters) characters")
            }
            self = word == "text" ? .text(max: max) : .name(max: max)
        case ("choice", nil): self = .choice(try Self.choices(row))
        case ("code", let list?) where isToken(list): self = .listed(list)
        case ("county", nil), ("party", nil): self = .listed(word)
        case ("date", nil): self = .date
        case ("month", nil): self = .month
        case ("year", nil):
            let years = Int64(CivilDay.years.lowerBound)...Int64(CivilDay.years.upperBound)
            self = .year(try Self.range(row, places: 0, within: years))
        case ("id-number", nil): self = .identity
        case ("credit-code", nil): self = .creditCode
        case ("money", nil):
            self = .money(
                try Self.range(row, places: 2, within: -Limits.fen...Limits.fen, standard: 0...Limits.fen))
        case ("integer", nil):
            self = .integer(try Self.range(row, places: 0, within: Self.numbers, standard: 0...Self.most))
        case ("decimal", let places?):
            guard let places = Int(places), (1...4).contains(places) else {
                throw row.error("format", "a decimal has 1 to 4 places")
            }
            self = .decimal(
                places: places,
                try Self.range(row, places: places, within: Self.numbers, standard: 0...Self.most))
        case ("phone", nil): self = .phone
        case ("yes-no", nil): self = .yesNo
        default:
            throw row.error(
                "format",
                "\"\(row["format"])\" is none of text(N), name(N), choice, code(LIST), county, party, date, month, year, id-number, credit-code, "
                    + "money, integer, decimal(N), phone, yes-no")
        }
        guard values.isEmpty || takesValues else { throw row.error("values", "this format takes none") }
    }

    private var takesValues: Bool {
        switch self {
        case .choice, .year, .money, .integer, .decimal: true
        default: false
        }
    }

    /// Units of the last place a number may have: a million rows of it cannot overflow a sum.
    static let most: Int64 = 1_000_000_000_000
    static let numbers = -most...most

    /// `text(40)` → text, 40.
    private static func parts(_ row: SeedRow) throws(SeedError) -> (String, String?) {
        let format = try row.required("format")
        guard let open = format.firstIndex(of: "(") else { return (format, nil) }
        guard format.last == ")" else { throw row.error("format", "a bracket is not closed") }
        return (String(format[..<open]), String(format[format.index(after: open)...].dropLast()))
    }

    /// `serving=在职/在岗|retired=退休`.
    private static func choices(_ row: SeedRow) throws(SeedError) -> [Choice] {
        var choices: [Choice] = []
        var names: [[UInt8]] = []
        for value in row.list("values") {
            let sides = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, isToken(String(sides[0])) else {
                throw row.error("values", "\"\(value)\" is not CODE=NAME/NAME")
            }
            let choice = Choice(
                code: String(sides[0]),
                names: sides[1].split(separator: "/").map { String(trimmed(String($0))) })
            for name in [choice.code] + choice.names {
                let key = NameList.key(name)
                guard !name.isEmpty, !names.contains(key) else {
                    throw row.error("values", "\"\(name)\" stands twice")
                }
                names.append(key)
            }
            guard !choice.names.isEmpty else { throw row.error("values", "\"\(value)\" has no name") }
            choices.append(choice)
        }
        guard (1...BatchLimits.choices).contains(choices.count) else {
            throw row.error("values", "1 to \(BatchLimits.choices) values are expected")
        }
        return choices
    }

    /// `0..100` in the unit the number is typed in; empty: `standard`.
    private static func range(
        _ row: SeedRow, places: Int, within: ClosedRange<Int64>, standard: ClosedRange<Int64>? = nil
    ) throws(SeedError) -> ClosedRange<Int64> {
        let text = row["values"]
        guard !text.isEmpty else { return standard ?? within }
        guard let dots = text.firstRange(of: ".."),
            let low = DecimalText(Array(text[..<dots.lowerBound].utf8))?.scaled(by: places),
            let high = DecimalText(Array(text[dots.upperBound...].utf8))?.scaled(by: places),
            low <= high, within.contains(low), within.contains(high)
        else { throw row.error("values", "\"\(text)\" is no range such as 0..100 that fits the format") }
        return low...high
    }
}
