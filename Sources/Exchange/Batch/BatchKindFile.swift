/// A kind of batch as a file: `seeds/batches/CODE.csv`.
///
///     version,2026.1
///     kind,pension,抚恤补助发放
///     form,flow                      flow or stock
///     period,field,month             a field of the row; or: period,batch,year (half-year, quarter, month, day)
///     key,id_number|month|item       what names a row; all of them required fields
///     person,id_number               optional: whose key seals the row
///     sum,amount                     optional: control totals, parted by |
///     rule,at-most,begun,ended       any number of them (`RowRule`)
///     field,heading,aliases,format,required,values,unit,personal,carry
///     id_number,身份证号,公民身份号码|身份证,id-number,yes,,,yes,
///
/// `required` is yes, no, or `other=value|value`. `values` is `code=name/name|…` of a choice or `0..100` of a number, in the unit it is typed in.
/// Other lines are as in every seed table (SeedTable); spreadsheets may pad them with empty fields.
package enum BatchKindFile {
    static let columns = [
        "field", "heading", "aliases", "format", "required", "values", "unit", "personal", "carry",
    ]
    /// Fields that may hold what a person's card is called by: both cards are bank cards, their numbers are never taken.
    private static let cards = ["优待证", "保障卡", "银行卡", "社保卡"]
    private static let numberWords = ["号", "编码", "账户", "帐户"]

    package static func kind(path: String, text: String) throws(SeedError) -> BatchKind {
        var head = Head(path: path)
        let lines = try SeedTable.lines(path, text)
        guard let start = lines.firstIndex(where: { $0.fields.first == "field" }) else {
            throw SeedError(
                path, 1, nil, "the header naming the columns is missing: it begins with field,heading")
        }
        for line in lines[..<start] { try head.take(line.line, line.fields) }
        let table = try SeedTable(path: path, lines: lines[start...], columns: columns)
        guard (1...BatchLimits.fields).contains(table.rows.count) else {
            throw SeedError(path, lines[start].line, nil, "1 to \(BatchLimits.fields) fields are expected")
        }
        let fields = try fields(table.rows)
        return try head.kind(fields)
    }

    /// All kinds of a folder.
    /// - Throws: also for two files of one kind, and for more than `BatchLimits.kinds`.
    package static func kinds(_ files: [SeedFile]) throws(SeedError) -> [BatchKind] {
        var kinds: [BatchKind] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            let kind = try kind(path: file.path, text: file.text)
            guard kinds.count < BatchLimits.kinds else {
                throw SeedError(file.path, 1, nil, "more than \(BatchLimits.kinds) kinds")
            }
            guard !kinds.contains(where: { haveSameBytes($0.code, kind.code) }) else {
                throw SeedError(file.path, 1, "kind", "\"\(kind.code)\" has a file already")
            }
            kinds.append(kind)
        }
        return kinds
    }

    private static func fields(_ rows: [SeedRow]) throws(SeedError) -> [BatchField] {
        var codes: [String] = []
        var headings: [[UInt8]] = []
        for row in rows {
            let code = try row.required("field")
            guard isToken(code), !codes.contains(where: { haveSameBytes($0, code) }) else {
                throw row.error("field", "\"\(code)\" is no code such as id_number, or stands twice")
            }
            codes.append(code)
            for name in [try row.required("heading")] + row.list("aliases") {
                let key = NameList.key(name)
                guard !headings.contains(key) else {
                    throw row.error("heading", "\"\(name)\" is the heading of another field, too")
                }
                headings.append(key)
            }
        }
        var fields: [BatchField] = []
        for row in rows { fields.append(try field(row, codes)) }
        for (row, field) in zip(rows, fields) { try check(row, field, among: fields) }
        return fields
    }

    private static func field(_ row: SeedRow, _ codes: [String]) throws(SeedError) -> BatchField {
        let aliases = row.list("aliases")
        guard aliases.count <= BatchLimits.aliases else {
            throw row.error("aliases", "more than \(BatchLimits.aliases)")
        }
        for name in [row["heading"]] + aliases where isCardNumber(name) {
            throw row.error(
                "heading", "\"\(name)\": numbers of 优待证 and 军人保障卡 are bank cards' and are never taken")
        }
        let format = try FieldFormat(row)
        return BatchField(
            code: row["field"], heading: row["heading"], aliases: aliases, format: format,
            requirement: try requirement(row, codes), unit: row["unit"],
            isPersonal: try row.mark("personal") || format.isAlwaysPersonal,
            carriesDown: try row.mark("carry"))
    }

    private static func isCardNumber(_ heading: String) -> Bool {
        cards.contains { heading.contains($0) } && numberWords.contains { heading.contains($0) }
    }

    private static func requirement(_ row: SeedRow, _ codes: [String]) throws(SeedError)
        -> BatchField.Requirement
    {
        switch row["required"] {
        case "yes": return .always
        case "no": return .never
        default:
            let sides = row["required"].split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2,
                let other = codes.firstIndex(where: { haveSameBytes($0, String(sides[0])) })
            else { throw row.error("required", "neither yes nor no nor FIELD=VALUE|VALUE") }
            return .when(field: other, values: sides[1].split(separator: "|").map { String($0) })
        }
    }

    /// What can only be judged when all fields are known: the values of a condition are values of that field.
    private static func check(_ row: SeedRow, _ field: BatchField, among fields: [BatchField])
        throws(SeedError)
    {
        guard case .when(let other, let values) = field.requirement else { return }
        for value in values where !fields[other].allows(value) {
            throw row.error("required", "\"\(value)\" is no value of \(fields[other].code)")
        }
    }
}

extension BatchField {
    /// Whether a condition may ask for this value: choices know theirs, lists theirs elsewhere.
    func allows(_ value: String) -> Bool {
        switch format {
        case .choice(let choices): choices.contains { haveSameBytes($0.code, value) }
        case .yesNo: value == "yes" || value == "no"
        case .listed: isToken(value)
        default: false
        }
    }
}

extension SeedRow {
    /// yes, or anything empty for no.
    fileprivate func mark(_ column: String) throws(SeedError) -> Bool {
        guard ["yes", "no", ""].contains(self[column]) else { throw error(column, "neither yes nor no") }
        return self[column] == "yes"
    }
}
