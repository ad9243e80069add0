/// City, parties, officers, lists, rules and counters in a snapshot.
extension State {
    func writeRoster(_ writer: inout StateWriter) throws {
        writer.out.put(city != nil)
        if let city { for text in [city.code, city.name, city.numberPrefix] { writer.out.put(text) } }
        writer.out.put(parties.count)
        for party in parties {
            writer.out.put(party.key)
            writer.out.put(byte: party.kind.rawValue)
            writer.out.put(party.code)
            writer.out.put(party.name)
            writer.out.put(signed: Int64(party.order))
            writer.put(number: party.parent.map { UInt32($0.raw) })
            writer.out.put(party.isSuspended)
        }
        writer.out.put(officers.count)
        for officer in officers {
            writer.out.put(officer.id)
            writer.out.put(UInt64(officer.party.raw))
            // Before the name: whether it may be opened follows from it.
            writer.out.put(signed: officer.erasureCompletes)
            try writer.put(officer.name)
            writer.out.put(officer.post)
            writer.out.put(byte: officer.roles.rawValue)
            writer.out.put(officer.isSuspended)
            try writer.out.rowEnds()
        }
        writer.out.put(rosterTargets.count)
        for (target, version) in zip(rosterTargets, rosterVersions) {
            writer.out.put(target)
            writer.out.put(version)
        }
    }

    mutating func readRoster(_ reader: inout StateReader) throws {
        if try reader.input.flag() {
            city = City(
                code: try reader.input.text(), name: try reader.input.text(),
                numberPrefix: try reader.input.text())
        }
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of parties")) {
            try readParty(&reader)
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of officers")) {
            try readOfficer(&reader)
        }
        for number in 0..<(try reader.input.number(UInt32.self, "the number of roster items")) {
            let target = try reader.input.id()
            guard targets.insert(.roster(number), for: target) else {
                throw SnapshotFault.wrong("a roster item twice")
            }
            rosterTargets.append(target)
            rosterVersions.append(try reader.input.number())
        }
    }

    private mutating func readParty(_ reader: inout StateReader) throws {
        let key = try reader.input.text()
        guard partyKeys.insert(key) == parties.count else { throw SnapshotFault.wrong("a party twice") }
        let kind = try reader.code(Party.Kind.self, "a kind of party")
        parties.append(
            Party(
                key: key, kind: kind, code: try reader.input.text(), name: try reader.input.text(),
                order: try reader.input.signed(Int32.self, "a party's place"),
                parent: try reader.numberIfAny(below: parties.count, "a county that is not there").map {
                    PartyIndex(Int($0))
                }, isSuspended: try reader.input.flag()))
    }

    private mutating func readOfficer(_ reader: inout StateReader) throws {
        let id = try reader.input.text()
        guard officerIDs.insert(id) == officers.count else { throw SnapshotFault.wrong("an officer twice") }
        let party = try readParty(of: &reader)
        let completes = try reader.input.signed()
        reader.isErased = completes != 0
        let name = try reader.personal(of: RosterTarget.officer(id))
        reader.isErased = false
        officers.append(
            Officer(
                id: id, party: party, name: name,
                post: try reader.input.text(), roles: RoleSet(rawValue: try reader.input.byte()),
                isSuspended: try reader.input.flag(), erasureCompletes: completes))
    }

    func readParty(of reader: inout StateReader) throws -> PartyIndex {
        PartyIndex(try reader.input.index(below: parties.count, "a party that is not there"))
    }

    // MARK: tables

    func writeTables(_ writer: inout StateWriter) throws {
        writer.out.put(codeLists.count)
        for list in codeLists {
            writer.out.put(list.name)
            writer.out.put(list.version)
            writer.out.put(list.entries.count)
            for entry in list.entries {
                writer.out.put(entry.code)
                writer.out.put(entry.name)
            }
            try writer.out.rowEnds()
        }
        writer.out.put(ruleTables.count)
        for table in ruleTables {
            writer.out.put(table.name)
            writer.out.put(table.version)
            writer.out.put(table.rules.count)
            for rule in table.rules { write(rule, &writer) }
            try writer.out.rowEnds()
        }
        writer.out.put(counters.count)
        for (key, serial) in counters.sorted(by: { $0.key < $1.key }) {
            writer.out.put(signed: Int64(key.year))
            writer.out.put(byte: key.series.rawValue)
            writer.out.put(UInt64(serial))
        }
    }

    private func write(_ rule: PlacementRule, _ writer: inout StateWriter) {
        writer.out.put(signed: Int64(rule.tier))
        writer.out.put(rule.clause)
        writer.out.put(rule.name)
        writer.out.put(rule.refuses)
        writer.out.put(rule.conditions.count)
        for condition in rule.conditions { write(condition, &writer) }
    }

    func write(_ condition: PlacementCondition, _ writer: inout StateWriter) {
        writer.out.put(condition.field.rawValue)
        writer.out.put(condition.values.count)
        for value in condition.values { writer.out.put(value) }
    }

    mutating func readTables(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of code lists")) {
            let (name, version) = (try reader.input.text(), try reader.input.text())
            var entries: [(code: String, name: String)] = []
            for _ in 0..<(try reader.input.number(UInt32.self, "the number of codes")) {
                entries.append((try reader.input.text(), try reader.input.text()))
            }
            codeLists.append(CodeList(name: name, version: version, entries: entries))
        }
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of rule tables")) {
            let (name, version) = (try reader.input.text(), try reader.input.text())
            var rules: [PlacementRule] = []
            for _ in 0..<(try reader.input.number(UInt16.self, "the number of rules")) {
                rules.append(try readRule(&reader))
            }
            ruleTables.append(RuleTable(name: name, version: version, rules: rules))
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of counters")) {
            let year = try reader.input.signed(Int32.self, "a year")
            let key = CounterKey(year: year, series: try reader.code(NumberSeries.self, "a series"))
            counters[key] = try reader.input.number(UInt32.self, "a counter")
        }
    }

    private func readRule(_ reader: inout StateReader) throws -> PlacementRule {
        let tier = try reader.input.signed(Int32.self, "a tier")
        let (clause, name) = (try reader.input.text(), try reader.input.text())
        let refuses = try reader.input.flag()
        var conditions: [PlacementCondition] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of conditions")) {
            conditions.append(try readCondition(&reader))
        }
        return PlacementRule(
            tier: tier, clause: clause, name: name, conditions: conditions, refuses: refuses)
    }

    func readCondition(_ reader: inout StateReader) throws -> PlacementCondition {
        guard let field = PlacementField(rawValue: try reader.input.text()) else {
            throw SnapshotFault.wrong("a rule about an unknown field")
        }
        var values: [String] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of values")) {
            values.append(try reader.input.text())
        }
        return PlacementCondition(field: field, values: values)
    }
}
