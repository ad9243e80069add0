package import Schema

/// One file below seeds/.
package struct SeedFile: Sendable, Hashable {
    /// Relative to seeds/, with `/`: `codes/merit.csv`.
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

/// One command of the seeds. Its expected version is 0: the store is new.
package struct SeedCommand: Sendable, Hashable {
    package let command: Command
    package let target: EntityID
    /// The file and its line it came from; the first line where the whole file is one command.
    package var path = ""
    package var line = 1
}

/// Turns the files of seeds/ into commands, in an order that does not depend on how the files were found:
/// city, code lists, parties, officers, kinds of case, rule tables; within a kind by path, within a file by line. The
/// commands then go through `decide` like any others.
///
///     city.csv         city, name, number_prefix
///     parties.csv      kind (bureau county unit department township), code, name, order; parent, a township's county
///     officers.csv     officer, party, roles (clerk approver system_admin security_admin auditor, parted by spaces), name, post
///     codes/LIST.csv   version line; code, name
///     rules/TABLE.csv  version line; tier, refuse (yes no), clause, name, when; three of these are tables of their own (CaseSeeds.swift)
///     calendar/YEAR.csv, supervision.csv   as in `TimeTables`
///     rules/points-NAME.csv  a points table: `pointsTable`
///     batches/KIND.csv, batches/names/LIST.csv, batches/figures.csv   as in `BatchSeeds`
///
/// `when` is conditions parted by `;`, each `field=value|value`; empty: always. The first row that matches
/// decides.
package func seedCommands(_ files: [SeedFile]) throws(SeedError) -> [SeedCommand] {
    // What lies in demo/ is played through a server, as officers would: none of it is a seed.
    let sorted = files.filter { !$0.path.hasPrefix("demo/") }
        .sorted { $0.path < $1.path }
    for file in sorted where SeedKind(file.path) == nil {
        throw SeedError(
            file.path, 1, nil,
            "no such table; known are city, parties, officers, codes/…, rules/…, calendar/…, supervision and batches/…"
        )
    }
    var commands: [SeedCommand] = []
    for kind in SeedKind.allCases {
        let files = sorted.filter { SeedKind($0.path) == kind }
        if kind == .cases { commands += try CaseSeeds.commands(files) }
        for file in files {
            commands += try kind.commands(file).map { $0.from(file.path) }
        }
    }
    return commands
}

/// The kinds of seed files, in the order in which they are loaded.
private enum SeedKind: CaseIterable {
    case city
    case codes
    case parties
    case officers
    case cases
    case rules
    case calendar
    case supervision
    case batches

    init?(_ path: String) {
        switch path {
        case "city.csv": self = .city
        case "parties.csv": self = .parties
        case "officers.csv": self = .officers
        case "supervision.csv": self = .supervision
        case _ where SeedKind.stem(path, "codes/") != nil: self = .codes
        case _ where CaseSeeds.paths.contains(path): self = .cases
        case _ where SeedKind.stem(path, "rules/") != nil: self = .rules
        case _ where SeedKind.stem(path, "calendar/") != nil: self = .calendar
        case _ where BatchSeeds.isOne(path): self = .batches
        default: return nil
        }
    }

    func commands(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        switch self {
        case .city: try city(file)
        case .codes: try codes(file)
        case .parties: try parties(file)
        case .officers: try officers(file)
        case .cases: []  // together, not one by one
        case .rules: try rules(file)
        case .calendar: try calendar(file)
        case .supervision: try supervision(file)
        case .batches: [try BatchSeeds.command(file)]
        }
    }

    private func calendar(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let year = Self.stem(file.path, "calendar/") ?? ""
        let body = try TimeTables.calendar(year: year, path: file.path, text: file.text)
        return [SeedCommand(.loadCalendar(body), RosterTarget.calendar(body.year))]
    }

    private func supervision(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let body = try TimeTables.supervision(path: file.path, text: file.text)
        return [SeedCommand(.loadSupervision(body), RosterTarget.supervision)]
    }

    /// `merit` of `codes/merit.csv`.
    private static func stem(_ path: String, _ folder: String) -> String? {
        guard path.hasPrefix(folder), path.hasSuffix(".csv") else { return nil }
        let stem = path.dropFirst(folder.count).dropLast(4)
        return stem.isEmpty || stem.contains("/") ? nil : String(stem)
    }

    private func city(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let table = try SeedTable(
            path: file.path, text: file.text, columns: ["city", "name", "number_prefix"])
        guard table.rows.count == 1, let row = table.rows.first else {
            throw SeedError(file.path, 1, nil, "one row is expected, there are \(table.rows.count)")
        }
        let body = ConfigureCity(
            city: try row.required("city"), name: try row.required("name"),
            numberPrefix: try row.required("number_prefix"))
        return [SeedCommand(.configureCity(body), RosterTarget.city(body.city))]
    }

    private func codes(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let table = try SeedTable(
            path: file.path, text: file.text, columns: ["code", "name"], hasVersion: true)
        var entries: [CodeEntry] = []
        for row in table.rows {
            let code = try row.required("code")
            guard !entries.contains(where: { $0.code == code }) else {
                throw row.error("code", "\"\(code)\" stands twice")
            }
            entries.append(CodeEntry(code: code, name: try row.required("name")))
        }
        let list = Self.stem(file.path, "codes/") ?? ""
        let body = LoadCodeList(list: list, version: table.version, entries: entries)
        return [SeedCommand(.loadCodeList(body), RosterTarget.codeList(list))]
    }

    private func parties(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let table = try SeedTable(
            path: file.path, text: file.text, columns: ["kind", "code", "name", "order"])
        var commands: [SeedCommand] = []
        for row in table.rows {
            guard let kind = Party.Kind.allCases.first(where: { $0.word == row["kind"] }) else {
                throw row.error(
                    "kind", "\"\(row["kind"])\" is none of bureau, county, unit, department, township")
            }
            let code = try row.required("code")
            let key = "\(kind.word)/\(code)"
            let body = RegisterParty(
                key: key, kind: kind.open, code: code, name: try row.required("name"),
                order: try row.number("order"), parent: parent(row))
            commands.append(
                SeedCommand(.registerParty(body), RosterTarget.party(key), line: row.line))
        }
        return commands
    }

    /// A township's county by its key or its code alone; empty where there is no such column.
    private func parent(_ row: SeedRow) -> String {
        let typed = row["parent"]
        return typed.isEmpty || typed.contains("/") ? typed : "county/\(typed)"
    }

    private func officers(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let table = try SeedTable(
            path: file.path, text: file.text, columns: ["officer", "party", "roles", "name", "post"])
        var commands: [SeedCommand] = []
        for row in table.rows {
            let body = RegisterOfficer(
                officer: try row.required("officer"), party: try row.required("party"), roles: try roles(row),
                name: try row.required("name"), post: try row.required("post"))
            commands.append(
                SeedCommand(.registerOfficer(body), RosterTarget.officer(body.officer), line: row.line))
        }
        return commands
    }

    private func roles(_ row: SeedRow) throws(SeedError) -> [Role] {
        var roles: [Role] = []
        for word in try row.required("roles").split(separator: " ") {
            guard let role = RoleSet.all.first(where: { $0.word == word }) else {
                let known = RoleSet.all.map(\.word).joined(separator: ", ")
                throw row.error("roles", "\"\(word)\" is none of \(known)")
            }
            roles.append(role.open)
        }
        return roles
    }

    private func rules(_ file: SeedFile) throws(SeedError) -> [SeedCommand] {
        let stem = Self.stem(file.path, "rules/") ?? ""
        if stem.utf8.starts(with: "points-".utf8) {
            let body = try pointsTable(file, name: stem)
            return [SeedCommand(.loadPointsTable(body), RosterTarget.pointsTable(body.table))]
        }
        let table = try SeedTable(
            path: file.path, text: file.text, columns: ["tier", "refuse", "clause", "name", "when"],
            hasVersion: true)
        var rules: [Rule] = []
        for row in table.rows {
            guard ["yes", "no"].contains(row["refuse"]) else {
                throw row.error("refuse", "neither yes nor no")
            }
            rules.append(
                Rule(
                    tier: try row.number("tier"), clause: try row.required("clause"),
                    name: try row.required("name"),
                    conditions: try row.conditions("when"), refuse: row["refuse"] == "yes"))
        }
        let name = Self.stem(file.path, "rules/") ?? ""
        let body = LoadRuleTable(table: name, version: table.version, rules: rules)
        return [SeedCommand(.loadRuleTable(body), RosterTarget.ruleTable(name))]
    }
}

extension SeedCommand {
    init(_ body: Command.OneOf_Body, _ target: EntityID, line: Int = 1) {
        self.init(command: Command(body: body), target: target, line: line)
    }

    func from(_ path: String) -> SeedCommand {
        var seed = self
        seed.path = path
        return seed
    }

    /// The first command of a store for demonstrations. `from`: ns UTC.
    package static func demonstration(from: Int64) -> SeedCommand {
        SeedCommand(.beginDemonstration(BeginDemonstration(from: from)), RosterTarget.clock)
    }
}
