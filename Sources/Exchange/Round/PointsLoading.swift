import Schema

/// Points tables (积分表) loaded into the state: by name, the newest version alone; a round keeps the one it was announced with.
extension State {
    func load(_ command: LoadPointsTable) throws(Rejection) -> EventBody {
        try checkToken(command.table, "table")
        try checkToken(command.version, "version")
        guard !command.groups.isEmpty else { throw .missing("groups") }
        guard !command.items.isEmpty else { throw .missing("items") }
        for row in command.groups where PointsTable.Rule(row.rule) == nil {
            throw .invalid("groups.rule", "unspecified")
        }
        let texts =
            command.groups.flatMap { [$0.clause, $0.name] } + command.items.flatMap { [$0.clause, $0.name] }
        for text in texts { try check(text, "clause", max: Limits.clauseCharacters, lines: false) }
        do throws(RoundFault) {
            _ = try PointsTable(
                name: command.table, version: command.version,
                groups: command.groups.compactMap(PointsTable.Group.init),
                items: command.items.map(PointsTable.Item.init))
        } catch {
            throw .invalid(
                error.key.isEmpty ? error.record : "\(error.record).\(error.key)", error.kind.rawValue)
        }
        return .pointsTableLoaded(
            EventV1.PointsTableLoaded(
                table: command.table, version: command.version,
                groups: command.groups.map(EventV1.PointsGroup.init),
                items: command.items.map(EventV1.PointsItem.init)))
    }

    mutating func apply(_ event: EventV1.PointsTableLoaded, _ context: EventContext) {
        guard
            let table = try? PointsTable(
                name: event.table, version: event.version,
                groups: event.groups.compactMap(PointsTable.Group.init),
                items: event.items.map(PointsTable.Item.init))
        else { corruption("a points table that is none") }
        if let index = pointsTables.firstIndex(where: { haveSameBytes($0.name, table.name) }) {
            pointsTables[index] = table
        } else {
            pointsTables.append(table)
        }
        version(context)
    }
}

extension PointsTable.Rule {
    /// Nil for "unspecified" and for numbers of a later schema.
    init?(_ open: PointsRule) {
        switch open {
        case .sum: self = .sum
        case .highest: self = .highest
        default: return nil
        }
    }
}

extension PointsTable.Group {
    init?(_ row: PointsGroupRow) {
        guard let rule = PointsTable.Rule(row.rule) else { return nil }
        self.init(
            code: row.code, rule: rule, most: row.bounded ? Int(row.most) : nil, clause: row.clause,
            name: row.name)
    }

    init?(_ row: EventV1.PointsGroup) {
        guard let rule = PointsTable.Rule(row.rule) else { return nil }
        self.init(
            code: row.code, rule: rule, most: row.bounded ? Int(row.most) : nil, clause: row.clause,
            name: row.name)
    }
}

extension PointsTable.Item {
    init(_ row: PointsItemRow) {
        self.init(
            code: row.code, group: row.group, points: Int(row.points),
            most: row.bounded ? Int(row.most) : nil,
            clause: row.clause, name: row.name)
    }

    init(_ row: EventV1.PointsItem) {
        self.init(
            code: row.code, group: row.group, points: Int(row.points),
            most: row.bounded ? Int(row.most) : nil,
            clause: row.clause, name: row.name)
    }
}

extension EventV1.PointsGroup {
    init(_ row: PointsGroupRow) {
        self.init(
            code: row.code, rule: row.rule, bounded: row.bounded, most: row.bounded ? row.most : 0,
            clause: row.clause, name: row.name)
    }
}

extension EventV1.PointsItem {
    init(_ row: PointsItemRow) {
        self.init(
            code: row.code, group: row.group, points: row.points, bounded: row.bounded,
            most: row.bounded ? row.most : 0, clause: row.clause, name: row.name)
    }
}
