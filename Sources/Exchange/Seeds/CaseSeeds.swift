import Schema

/// The tables that say what each kind of case is and when schools take in:
///
///     rules/case-kinds.csv    version line; subcategory, worry (way-out home children), rules, child (yes no), materials (a|b), chain (party|party),
///                             due (none receiver-fixed reviewed school), due_months, due_when (as `when` of a rule), due_clause,
///                             result (of channel|employer|post), fund (yes no); where there is such a column, counted (item person time,
///                             or 件 人 次; empty: item)
///     rules/case-tasks.csv    version line; subcategory, task, name, party, mandatory (yes no), days
///     rules/school-dates.csv  version line; county, year, stage, intake_until, allocated_by, told_by (2026-05-31), clause
///
/// Kinds and tasks are one command: a kind without its tasks would be another kind.
enum CaseSeeds {
    static let kinds = "rules/case-kinds.csv"
    static let tasks = "rules/case-tasks.csv"
    static let dates = "rules/school-dates.csv"
    static let paths = [kinds, tasks, dates]

    /// - Parameter files: those of `paths` that are there.
    static func commands(_ files: [SeedFile]) throws(SeedError) -> [SeedCommand] {
        var commands: [SeedCommand] = []
        let taskFile = files.first { $0.path == tasks }
        if let file = files.first(where: { $0.path == kinds }) {
            let command = try kindCommand(file, try taskFile.map(taskTable))
            commands.append(SeedCommand(.loadCaseKinds(command), RosterTarget.caseKinds).from(kinds))
        } else if let taskFile {
            throw SeedError(taskFile.path, 1, nil, "tasks without \(kinds)")
        }
        if let file = files.first(where: { $0.path == dates }) {
            let command = try dateCommand(file)
            commands.append(SeedCommand(.loadSchoolDates(command), RosterTarget.schoolDates).from(dates))
        }
        return commands
    }

    private static func taskTable(_ file: SeedFile) throws(SeedError) -> SeedTable {
        try SeedTable(
            path: file.path, text: file.text,
            columns: ["subcategory", "task", "name", "party", "mandatory", "days"], hasVersion: true)
    }

    private static func kindCommand(_ file: SeedFile, _ tasks: SeedTable?) throws(SeedError) -> LoadCaseKinds
    {
        let table = try SeedTable(
            path: file.path, text: file.text,
            columns: [
                "subcategory", "worry", "rules", "child", "materials", "chain", "due", "due_months",
                "due_when", "due_clause", "result", "fund",
            ], hasVersion: true)
        if let tasks, tasks.version != table.version {
            throw SeedError(tasks.path, 1, nil, "its version is not that of \(file.path), \(table.version)")
        }
        var kinds: [CaseKind] = []
        for row in table.rows {
            let code = try row.required("subcategory")
            guard !kinds.contains(where: { $0.subcategory == code }) else {
                throw row.error("subcategory", "\"\(code)\" stands twice")
            }
            kinds.append(try kind(row, code))
        }
        for row in tasks?.rows ?? [] { try add(row, to: &kinds) }
        return LoadCaseKinds(version: table.version, kinds: kinds)
    }

    private static func kind(_ row: SeedRow, _ code: String) throws(SeedError) -> CaseKind {
        let worries: [(String, Worry)] = [("way-out", .wayOut), ("home", .home), ("children", .children)]
        guard let worry = worries.first(where: { $0.0 == row["worry"] })?.1 else {
            throw row.error("worry", "\"\(row["worry"])\" is none of way-out, home, children")
        }
        let result = row.list("result")
        for field in result where KindOfCase.ResultField(rawValue: field) == nil {
            throw row.error("result", "\"\(field)\" is none of channel, employer, post")
        }
        let due = try dueBasis(row)
        return CaseKind(
            subcategory: code, worry: worry, rules: try row.required("rules"), child: try row.flag("child"),
            materials: row.list("materials"), chain: row.list("chain"), due: due,
            dueMonths: due == .unspecified || due == .school ? 0 : try row.number("due_months"),
            dueWhen: try row.conditions("due_when"),
            dueClause: due == .unspecified ? "" : try row.required("due_clause"), result: result,
            fund: try row.flag("fund"), counted: try counted(row))
    }

    /// Tables of before have no such column: their cases are counted as items.
    private static func counted(_ row: SeedRow) throws(SeedError) -> CountUnit {
        let said = row["counted"]
        let words: [(CountedIn, String)] = [(.items, "件"), (.persons, "人"), (.times, "次")]
        guard let found = words.first(where: { said == $0.0.word || said == $0.1 })?.0 else {
            guard said.isEmpty else {
                throw row.error("counted", "\"\(said)\" is none of item, person, time (件, 人, 次)")
            }
            return .item
        }
        return found.open
    }

    private static func dueBasis(_ row: SeedRow) throws(SeedError) -> DueBasis {
        guard row["due"] != "none" else { return .unspecified }
        guard let from = DueFrom.allCases.first(where: { $0.word == row["due"] }) else {
            throw row.error("due", "\"\(row["due"])\" is none of none, receiver-fixed, reviewed, school")
        }
        return from.open
    }

    private static func add(_ row: SeedRow, to kinds: inout [CaseKind]) throws(SeedError) {
        guard let index = kinds.firstIndex(where: { $0.subcategory == row["subcategory"] }) else {
            throw row.error("subcategory", "\"\(row["subcategory"])\" is no kind of \(self.kinds)")
        }
        let code = try row.required("task")
        guard !kinds[index].tasks.contains(where: { $0.code == code }) else {
            throw row.error("task", "\"\(code)\" stands twice")
        }
        kinds[index].tasks.append(
            TaskKind(
                code: code, name: try row.required("name"), party: try row.required("party"),
                mandatory: try row.flag("mandatory"), days: try row.number("days")))
    }

    private static func dateCommand(_ file: SeedFile) throws(SeedError) -> LoadSchoolDates {
        let table = try SeedTable(
            path: file.path, text: file.text,
            columns: ["county", "year", "stage", "intake_until", "allocated_by", "told_by", "clause"],
            hasVersion: true)
        var dates: [SchoolDates] = []
        for row in table.rows {
            dates.append(
                SchoolDates(
                    county: try row.required("county"), year: try row.number("year"),
                    stage: try row.required("stage"), intakeUntil: try row.day("intake_until"),
                    allocatedBy: try row.day("allocated_by"), toldBy: try row.day("told_by"),
                    clause: try row.required("clause")))
        }
        return LoadSchoolDates(version: table.version, dates: dates)
    }
}

extension SeedRow {
    /// `a|b`; empty: none.
    func list(_ column: String) -> [String] {
        self[column].split(separator: "|").map { String(trimmed(String($0))) }
    }

    func flag(_ column: String) throws(SeedError) -> Bool {
        guard ["yes", "no"].contains(self[column]) else { throw error(column, "neither yes nor no") }
        return self[column] == "yes"
    }

    /// `2026-05-31`.
    func day(_ column: String) throws(SeedError) -> CivilDate {
        let parts = self[column].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            let found = CivilDay(year: year, month: month, day: day), found.text == self[column]
        else { throw error(column, "\"\(self[column])\" is no day such as 2026-05-31") }
        return found.open
    }

    /// `field=value|value;field=value`; empty: none, which always holds.
    func conditions(_ column: String) throws(SeedError) -> [RuleCondition] {
        var conditions: [RuleCondition] = []
        for condition in self[column].split(separator: ";") {
            let sides = condition.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, PlacementField(rawValue: String(trimmed(String(sides[0])))) != nil else {
                let known = PlacementField.allCases.map(\.rawValue).joined(separator: ", ")
                throw error(column, "\"\(condition)\" is not FIELD=VALUE|VALUE with a field of \(known)")
            }
            let values = sides[1].split(separator: "|").map { String(trimmed(String($0))) }
            conditions.append(RuleCondition(field: String(trimmed(String(sides[0]))), values: values))
        }
        return conditions
    }
}
