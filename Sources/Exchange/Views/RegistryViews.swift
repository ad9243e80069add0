package import Schema

/// What is shown of parties, officers and loaded tables.
extension State {
    /// Bureau, counties with their townships below them, departments, units; each in official order.
    package func partyPage() -> PartyPage {
        let places = parties.indices.map(officialPlace)
        let sorted = parties.indices.sorted { places[$0].lexicographicallyPrecedes(places[$1]) }
        return PartyPage(parties: sorted.map { view(parties[$0]) })
    }

    /// Kind, place, number; for a township its county's three and then its own.
    private func officialPlace(_ index: Int) -> [Int] {
        let party = parties[index]
        let own = [Self.officialKinds.firstIndex(of: party.kind) ?? 0, Int(party.order), index]
        guard let parent = party.parent else { return own }
        return officialPlace(Int(parent.raw)) + own
    }

    private static let officialKinds: [Party.Kind] = [.bureau, .county, .township, .department, .unit]

    private func view(_ party: Party) -> PartyView {
        PartyView(
            key: party.key, kind: party.kind.open, code: party.code, name: party.name, order: party.order,
            parent: party.parent.map { self.party($0).key } ?? "", suspended: party.isSuspended,
            version: version(of: RosterTarget.party(party.key)))
    }

    /// A page of officers, in the order of their registration. The security administrator sees all, by their names; everybody else those of
    /// the own party, by masked names.
    package func officerPage(
        _ query: ListOfficersQuery, for viewer: Viewer
    ) throws(QueryFault) -> OfficerPage {
        let rows = try pageRows(query.pageSize)
        let seesAll = viewer.isOfBureau && viewer.roles.contains(.securityAdmin)
        let asked = query.party.isEmpty ? nil : partyIndex(query.party)
        var page = OfficerPage()
        guard query.party.isEmpty || asked != nil else { return page }
        for index in officers.indices.dropFirst(Int(query.from)) {
            let party = officers[index].party
            guard seesAll || party == viewer.party, asked == nil || party == asked else { continue }
            guard page.officers.count < rows else {
                page.next = UInt32(clamping: index)
                break
            }
            page.officers.append(view(officers[index], whole: seesAll))
        }
        return page
    }

    private func view(_ officer: Officer, whole: Bool) -> OfficerView {
        let party = party(officer.party)
        return OfficerView(
            officer: officer.id, party: party.key, partyName: party.name, post: officer.post,
            roles: officer.roles.open, suspended: isSuspended(officer),
            name: whole ? officer.name.shown : officer.name.shownMasked,
            erased: officer.erasureCompletes != 0, version: version(of: RosterTarget.officer(officer.id)))
    }

    /// The tables that are loaded, by the paths of their files in seeds/.
    package func tablePage() -> TablePage {
        var rows: [(path: String, version: String, target: EntityID)] = []
        for list in codeLists {
            rows.append(("codes/\(list.name)", list.version, RosterTarget.codeList(list.name)))
        }
        for table in ruleTables {
            rows.append(("rules/\(table.name)", table.version, RosterTarget.ruleTable(table.name)))
        }
        for table in pointsTables {
            rows.append(("rules/\(table.name)", table.version, RosterTarget.pointsTable(table.name)))
        }
        if let caseKinds { rows.append(("rules/case-kinds", caseKinds.version, RosterTarget.caseKinds)) }
        if let schoolTerms {
            rows.append(("rules/school-dates", schoolTerms.version, RosterTarget.schoolDates))
        }
        for year in calendar.years {
            rows.append(("calendar/\(year.year)", year.version, RosterTarget.calendar(year.year)))
        }
        if let supervision { rows.append(("supervision", supervision.version, RosterTarget.supervision)) }
        return TablePage(
            tables: rows.map {
                TableView(path: $0.path, version: $0.version, revision: version(of: $0.target))
            })
    }
}
