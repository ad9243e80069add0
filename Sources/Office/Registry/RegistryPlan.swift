package import Exchange
package import Schema

/// What a folder of tables would change in the registry: one row each, with the command that does it. Pure; made from the tables and from what
/// the server says is there. Applied twice it changes nothing the second time.
package struct RegistryPlan: Sendable, Hashable {
    package enum Change: Sendable, Hashable {
        case new
        case changed(Text)
        case same
        /// It cannot be done; why, and how to mend it.
        case blocked(Text)
        /// What is there now is not the asker's to see.
        case unseen
    }

    /// The command of a row, at the version the server has told.
    package struct Step: Sendable, Hashable {
        package var body: Command.OneOf_Body
        package var target: [UInt8]
        package var version: UInt64
    }

    package struct Row: Sendable, Hashable {
        package var path: String
        package var line: Int
        /// What it is about: `county/421321`, `k7f2`, `codes/merit`.
        package var subject: String
        package var change: Change
        /// Who may do it.
        package var role: Role
        /// Nil where nothing is to be done, or nothing can be.
        package var step: Step?
    }

    /// What the server has, as far as the asker may see it.
    package struct Known: Sendable {
        package var parties: [String: PartyView]
        package var officers: [String: OfficerView]
        package var tables: [String: TableView]
        package var asker: WhoAmIView

        package init(
            parties: [PartyView], officers: [OfficerView], tables: [TableView], asker: WhoAmIView
        ) {
            self.parties = Dictionary(parties.map { ($0.key, $0) }) { first, _ in first }
            self.officers = Dictionary(officers.map { ($0.officer, $0) }) { first, _ in first }
            self.tables = Dictionary(tables.map { ($0.path, $0) }) { first, _ in first }
            self.asker = asker
        }

        func has(_ role: Role) -> Bool { asker.roles.contains(role) }
    }

    package private(set) var rows: [Row] = []

    package init(_ seeds: [SeedCommand], _ known: Known) {
        var seen: Set<EntityID> = []
        for seed in seeds {
            guard var row = Self.row(seed, known) else { continue }
            if !seen.insert(seed.target).inserted {
                row.change = .blocked(Text("表中重复", "it stands twice"))
                row.step = nil
            }
            rows.append(row)
        }
    }

    package var blocked: [Row] { rows.filter { if case .blocked = $0.change { true } else { false } } }
    /// What the asker could do now, in the order it must be done.
    package func steps(for asker: WhoAmIView) -> [(row: Row, step: Step)] {
        rows.compactMap { row in
            guard let step = row.step, asker.roles.contains(row.role) else { return nil }
            return (row, step)
        }
    }
    /// What waits for somebody else.
    package func others(than asker: WhoAmIView) -> [Row] {
        rows.filter { !asker.roles.contains($0.role) && ($0.step != nil || $0.change == .unseen) }
    }

    // MARK: Rows

    private static func row(_ seed: SeedCommand, _ known: Known) -> Row? {
        switch seed.command.body {
        case .configureCity, nil: nil  // a store's city is fixed when it is made
        case .registerParty(let body): party(seed, body, known.parties[body.key])
        case .registerOfficer(let body): officer(seed, body, known)
        case .some(let body): table(seed, body, known)
        }
    }

    private static func party(_ seed: SeedCommand, _ body: RegisterParty, _ there: PartyView?) -> Row {
        var row = Row(
            path: seed.path, line: seed.line, subject: body.key, change: .same, role: .systemAdmin)
        guard let there else {
            row.change = .new
            row.step = Step(body: .registerParty(body), target: seed.target.bytes, version: 0)
            return row
        }
        guard there.parent == body.parent else {
            row.change = .blocked(
                Text("上级单位不能改，现为“\(there.parent)”", "what it stands below cannot change; now \(there.parent)")
            )
            return row
        }
        guard there.name != body.name || there.order != body.order else { return row }
        row.change = .changed(
            Text(
                "“\(there.name)”(\(there.order)) → “\(body.name)”(\(body.order))",
                "“\(there.name)” (\(there.order)) → “\(body.name)” (\(body.order))"))
        row.step = Step(
            body: .changeParty(ChangeParty(key: body.key, name: body.name, order: body.order)),
            target: seed.target.bytes, version: there.version)
        return row
    }

    private static func officer(_ seed: SeedCommand, _ body: RegisterOfficer, _ known: Known) -> Row {
        var row = Row(
            path: seed.path, line: seed.line, subject: body.officer, change: .unseen, role: .securityAdmin)
        guard known.has(.securityAdmin) else { return row }
        guard let there = known.officers[body.officer] else {
            row.change = .new
            row.step = Step(body: .registerOfficer(body), target: seed.target.bytes, version: 0)
            return row
        }
        if let why = obstacle(body, there) {
            row.change = .blocked(why)
        } else if Set(there.roles) == Set(body.roles) {
            row.change = .same
        } else if there.officer == known.asker.officer {
            row.change = .blocked(
                Text("不能给自己的账号授权，请由另一位安全管理员办理", "nobody grants to the own account: let another do it"))
        } else {
            row.change = .changed(Text(words(there, body, .zh), words(there, body, .en)))
            row.step = Step(
                body: .setOfficerRoles(SetOfficerRoles(officer: body.officer, roles: body.roles)),
                target: seed.target.bytes, version: there.version)
        }
        return row
    }

    /// What of an officer never changes.
    private static func obstacle(_ body: RegisterOfficer, _ there: OfficerView) -> Text? {
        if there.erased {
            return Text(
                "姓名已删除，该编号不能再用，请用新编号登记", "the name was removed and the account is closed: register a new id")
        }
        if there.party != body.party {
            return Text(
                "已登记在 \(there.party)，人员不能改换单位，请用新编号登记",
                "registered with \(there.party); an officer never changes party: register a new id")
        }
        if there.name != body.name || there.post != body.post {
            return Text(
                "姓名和职务登记后不能改；换人请登记接任人员并办理交接(officer hand-over)",
                "name and post never change: register the successor and hand over (officer hand-over)")
        }
        return nil
    }

    private static func words(_ there: OfficerView, _ body: RegisterOfficer, _ language: Language) -> String {
        func list(_ roles: [Role]) -> String {
            roles.isEmpty
                ? "—" : roles.map { $0.name(language) }.joined(separator: language == .zh ? "、" : ", ")
        }
        return "\(list(there.roles)) → \(list(body.roles))"
    }

    private static func table(_ seed: SeedCommand, _ body: Command.OneOf_Body, _ known: Known) -> Row {
        let path = seed.path.hasSuffix(".csv") ? String(seed.path.dropLast(4)) : seed.path
        var row = Row(path: seed.path, line: seed.line, subject: path, change: .same, role: .systemAdmin)
        let there = known.tables[path]
        let loading = version(of: body)
        guard there?.version != loading else { return row }
        row.change =
            there.map {
                .changed(Text("版本 \($0.version) → \(loading)", "version \($0.version) → \(loading)"))
            }
            ?? .new
        row.step = Step(body: body, target: seed.target.bytes, version: there?.revision ?? 0)
        return row
    }

    private static func version(of body: Command.OneOf_Body) -> String {
        switch body {
        case .loadCodeList(let table): table.version
        case .loadRuleTable(let table): table.version
        case .loadCaseKinds(let table): table.version
        case .loadSchoolDates(let table): table.version
        case .loadPointsTable(let table): table.version
        case .loadCalendar(let table): table.version
        case .loadSupervision(let table): table.version
        default: ""
        }
    }
}
