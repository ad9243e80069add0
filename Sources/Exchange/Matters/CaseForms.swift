import Schema

/// The sides of a case: how what was typed is checked, and how an event's become the state's. The case's course is in PlacementCase.swift.
extension State {
    func checkedService(_ service: ServiceSide?) throws(Rejection) -> EventV1.ServiceSide {
        guard let service else { throw .missing("service") }
        try checkCode(service.rankBand, "service.rank_band", list: CodeListName.rankBand)
        try checkCode(service.yearsBand, "service.years_band", list: CodeListName.yearsBand)
        try checkCode(service.merit, "service.merit", list: CodeListName.merit)
        try checkCode(service.hardship, "service.hardship", list: CodeListName.hardship)
        try checkCode(service.approvalOrgan, "service.approval_organ", list: CodeListName.approvalOrgan)
        return EventV1.ServiceSide(
            rankBand: service.rankBand, yearsBand: service.yearsBand, merit: service.merit,
            hardship: service.hardship,
            martyrFamily: service.martyrFamily, approvalOrgan: service.approvalOrgan)
    }

    func checkedFamily(_ family: FamilySide?) throws(Rejection) -> EventV1.FamilySide {
        guard let family else { throw .missing("family") }
        try check(family.name, "family.name", max: Limits.personNameCharacters, lines: false)
        let idNumber = try checkedIdentity(family.idNumber, "family.id_number")
        try checkOptional(
            family.householdPlace, "family.household_place", max: Limits.placeCharacters, lines: false)
        try checkCode(family.schooling, "family.schooling", list: CodeListName.schooling)
        try checkCode(family.profession, "family.profession", list: CodeListName.profession)
        return EventV1.FamilySide(
            name: personal(family.name), idNumber: personal(idNumber),
            householdPlace: personal(family.householdPlace),
            schooling: family.schooling, profession: family.profession,
            contact: try checkedContact(family.contact, "family.contact"))
    }

    /// The number levelled: full-width folded, capital X.
    func checkedIdentity(_ text: String, _ field: String) throws(Rejection) -> String {
        do {
            return try IdentityNumber(text).text
        } catch {
            guard error != .empty else { throw .missing(field) }
            throw .invalid(field, error.word)
        }
    }

    func checkedMaterials(_ materials: [Material]) throws(Rejection) -> [EventV1.Material] {
        guard materials.count <= Limits.materials else {
            throw .tooMuch("materials", "too-many", max: Limits.materials)
        }
        var checked: [EventV1.Material] = []
        for material in materials {
            try checkCode(material.kind, "materials.kind", list: CodeListName.material)
            guard material.sha256.count == Limits.digestBytes else {
                throw .invalid("materials.sha256", "malformed")
            }
            checked.append(EventV1.Material(kind: material.kind, sha256: material.sha256))
        }
        return checked
    }

    /// Nil where the kind has no child's side; then none may be given.
    ///
    /// - Parameter filed: the day that the county's intake must not have ended on.
    func checkedChild(_ child: ChildSide?, _ kind: KindOfCase, filed: CivilDay) throws(Rejection)
        -> EventV1.ChildSide?
    {
        guard kind.hasChild else {
            guard child == nil else { throw .invalid("child", "mismatch") }
            return nil
        }
        guard let child else { throw .missing("child") }
        try check(child.name, "child.name", max: Limits.personNameCharacters, lines: false)
        let idNumber = try checkedIdentity(child.idNumber, "child.id_number")
        try checkOptional(child.school, "child.school", max: Limits.employerCharacters, lines: false)
        try checkCode(child.stage, "child.stage", list: CodeListName.schoolStage)
        guard let county = partyIndex(child.county), party(county).kind == .county else {
            throw child.county.isEmpty ? .missing("child.county") : .wrongParty("child.county", child.county)
        }
        guard abs(Int(child.schoolYear) - filed.year) <= Limits.yearsAround else {
            throw .invalid("child.school_year", "out-of-range")
        }
        if kind.due?.from == .school {
            let term = try schoolTermOrRefuse(county, child.schoolYear, child.stage)
            guard filed <= term.intakeUntil else { throw .invalid("child.school_year", "past") }
        }
        return EventV1.ChildSide(
            name: personal(child.name), idNumber: personal(idNumber), school: personal(child.school),
            stage: child.stage, schoolYear: child.schoolYear, county: child.county)
    }

    func schoolTermOrRefuse(_ county: PartyIndex, _ year: Int32, _ stage: String) throws(Rejection)
        -> SchoolTerm
    {
        guard let term = schoolTerm(county, year, stage) else {
            throw Rejection(
                .noRuleTable,
                [
                    "table": "school-dates", "county": party(county).key, "year": String(year),
                    "stage": stage,
                ])
        }
        return term
    }
}

extension ServiceFacts {
    init(_ side: EventV1.ServiceSide) {
        self.init(
            rankBand: side.rankBand, yearsBand: side.yearsBand, merit: side.merit, hardship: side.hardship,
            isMartyrFamily: side.martyrFamily, approvalOrgan: side.approvalOrgan)
    }
}

extension PlacementCase.Family {
    init(_ side: EventV1.FamilySide) {
        self.init(
            name: PersonalText(side.name), idNumber: PersonalText(side.idNumber),
            householdPlace: PersonalText(side.householdPlace),
            facts: FamilyFacts(schooling: side.schooling, profession: side.profession),
            contactName: PersonalText(side.contact?.name), contactPhone: PersonalText(side.contact?.phone))
    }
}

extension PlacementCase.Document {
    init(_ material: EventV1.Material) { self.init(kind: material.kind, sha256: material.sha256) }
}

extension State {
    func child(_ side: EventV1.ChildSide?) -> PlacementCase.Child? {
        side.map { side in
            PlacementCase.Child(
                name: PersonalText(side.name), idNumber: PersonalText(side.idNumber),
                school: PersonalText(side.school), stage: side.stage, schoolYear: side.schoolYear,
                county: knownParty(side.county))
        }
    }
}
