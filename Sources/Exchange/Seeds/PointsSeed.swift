import Schema

/// A points table as a file: `rules/points-NAME.csv`.
///
///     version,2026.1
///     kind,code,group,rule,points,most,clause,name
///     group,merit,,sum,,25.0,第五条,立功受奖
///     item,third-merit,merit,,5.0,,第五条第一项,三等功
///
/// A row is a group (`rule`: `sum` or `highest`) or an item of one (`points` for each). Points are whole, or have one digit behind the point;
/// `most` may be empty: no bound.
func pointsTable(_ file: SeedFile, name: String) throws(SeedError) -> LoadPointsTable {
    let table = try SeedTable(
        path: file.path, text: file.text,
        columns: ["kind", "code", "group", "rule", "points", "most", "clause", "name"], hasVersion: true)
    var load = LoadPointsTable(table: name, version: table.version)
    var codes: Set<String> = []
    for row in table.rows {
        let code = try row.required("code")
        guard codes.insert("\(row["kind"]) \(code)").inserted else {
            throw row.error("code", "\"\(code)\" stands twice")
        }
        switch row["kind"] {
        case "group": load.groups.append(try group(row, code))
        case "item": load.items.append(try item(row, code))
        default: throw row.error("kind", "\"\(row["kind"])\" is neither group nor item")
        }
    }
    let groups = Set(load.groups.map(\.code))
    for row in table.rows where row["kind"] == "item" && !groups.contains(row["group"]) {
        throw row.error("group", "\"\(row["group"])\" is no group of this table")
    }
    return load
}

private func group(_ row: SeedRow, _ code: String) throws(SeedError) -> PointsGroupRow {
    let rule: PointsRule
    switch row["rule"] {
    case "sum": rule = .sum
    case "highest": rule = .highest
    default: throw row.error("rule", "\"\(row["rule"])\" is neither sum nor highest")
    }
    return PointsGroupRow(
        code: code, rule: rule, bounded: !row["most"].isEmpty, most: try bound(row),
        clause: try row.required("clause"), name: try row.required("name"))
}

private func item(_ row: SeedRow, _ code: String) throws(SeedError) -> PointsItemRow {
    PointsItemRow(
        code: code, group: try row.required("group"), points: try tenths(row, "points"),
        bounded: !row["most"].isEmpty, most: try bound(row), clause: try row.required("clause"),
        name: try row.required("name"))
}

private func bound(_ row: SeedRow) throws(SeedError) -> Int32 {
    guard !row["most"].isEmpty else { return 0 }
    let most = try tenths(row, "most")
    guard most >= 0 else { throw row.error("most", "\"\(row["most"])\" is below nought") }
    return most
}

/// `1.5` is fifteen tenths.
private func tenths(_ row: SeedRow, _ column: String) throws(SeedError) -> Int32 {
    let text = row[column]
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNegative = text.hasPrefix("-")
    guard parts.count <= 2, let whole = Int32(parts.first ?? ""),
        abs(Int64(whole)) <= Int64(RoundLimits.tenths / 10),
        parts.count == 1 || parts[1].utf8.count == 1
    else { throw row.error(column, "\"\(text)\" is no number of points such as 5 or 1.5") }
    guard parts.count == 2 else { return whole * 10 }
    guard let tenth = Int32(parts[1]), (0...9).contains(tenth) else {
        throw row.error(column, "\"\(text)\" is no number of points such as 5 or 1.5")
    }
    return whole * 10 + (isNegative ? -tenth : tenth)
}
