/// What a case has besides its two sides and its result, and the tables and the fund beside it, in a snapshot: Protocol/SNAPSHOT.md 5.
extension State {
    func writeCourse(_ held: PlacementCase, _ writer: inout StateWriter) throws {
        writer.out.put(held.child != nil)
        if let child = held.child {
            for text in [child.name, child.idNumber, child.school] { try writer.put(text) }
            writer.out.put(child.stage)
            writer.out.put(signed: Int64(child.schoolYear))
            writer.out.put(UInt64(child.county.raw))
        }
        writer.out.put(held.chain.count)
        for party in held.chain { writer.out.put(UInt64(party.raw)) }
        writer.out.put(held.passed)
        writer.out.put(held.demanded.count)
        for kind in held.demanded { writer.out.put(kind) }
        writer.out.put(byte: held.due?.from.rawValue ?? 0)
        if let due = held.due {
            writer.out.put(signed: Int64(due.day.dayNumber))
            writer.out.put(due.clause)
        }
        writer.out.put(held.receiver != nil)
        if let receiver = held.receiver {
            try writer.put(receiver.employer)
            writer.out.put(signed: Int64(receiver.fixedOn.dayNumber))
        }
        writer.out.put(held.tasks.count)
        for task in held.tasks { try write(task, &writer) }
        writer.out.put(signed: held.aid)
        writer.out.put(byte: held.followUp?.satisfaction.rawValue ?? 0)
        if let call = held.followUp {
            try writer.put(call.note)
            writer.out.put(signed: call.at)
        }
    }

    private func write(_ task: CaseTask, _ writer: inout StateWriter) throws {
        writer.out.put(task.code)
        writer.out.put(task.name)
        writer.out.put(task.isMandatory)
        writer.out.put(UInt64(task.party.raw))
        writer.out.put(signed: Int64(task.deadline.dayNumber))
        writer.out.put(byte: task.state.rawValue)
        try writer.put(task.answer)
        writer.out.put(signed: task.changedAt)
        writer.out.put(task.since)
    }

    func readCourse(_ held: inout PlacementCase, _ reader: inout StateReader) throws {
        if try reader.input.flag() { held.child = try readChild(&reader, held.id) }
        for _ in 0..<(try reader.input.number(UInt16.self, "the length of a chain")) {
            held.chain.append(try readParty(of: &reader))
        }
        held.passed = try reader.input.index(
            below: held.chain.count + 1, "more endorsements than a chain has")
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of demanded documents")) {
            held.demanded.append(try reader.input.text())
        }
        if let from = try reader.codeIfAny(DueFrom.self, "what a due date counts from") {
            held.due = PlacementCase.Due(
                day: try readDay(&reader), from: from, clause: try reader.input.text())
        }
        if try reader.input.flag() {
            held.receiver = PlacementCase.Receiver(
                employer: try reader.personal(of: held.id), fixedOn: try readDay(&reader))
        }
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of tasks")) {
            held.tasks.append(try readTask(&reader, held.id))
        }
        held.aid = try reader.input.signed()
        if let satisfaction = try reader.codeIfAny(Satisfied.self, "a satisfaction") {
            held.followUp = PlacementCase.FollowUp(
                satisfaction: satisfaction, note: try reader.personal(of: held.id),
                at: try reader.input.signed())
        }
    }

    private func readDay(_ reader: inout StateReader) throws -> CivilDay {
        CivilDay(dayNumber: try reader.input.signed(Int32.self, "a day"))
    }

    private func readChild(_ reader: inout StateReader, _ id: EntityID) throws -> PlacementCase.Child {
        let (name, idNumber) = (try reader.personal(of: id), try reader.personal(of: id))
        return PlacementCase.Child(
            name: name, idNumber: idNumber, school: try reader.personal(of: id),
            stage: try reader.input.text(), schoolYear: try reader.input.signed(Int32.self, "a year"),
            county: try readParty(of: &reader))
    }

    private func readTask(_ reader: inout StateReader, _ id: EntityID) throws -> CaseTask {
        let (code, name) = (try reader.input.text(), try reader.input.text())
        let isMandatory = try reader.input.flag()
        let party = try readParty(of: &reader)
        let deadline = try readDay(&reader)
        let state = try reader.code(CaseTask.State.self, "a task's state")
        return CaseTask(
            code: code, name: name, isMandatory: isMandatory, party: party, deadline: deadline, state: state,
            answer: try reader.personal(of: id), changedAt: try reader.input.signed(),
            since: try reader.input.number())
    }

    // MARK: tables and fund

    func writeCasework(_ writer: inout StateWriter) throws {
        writer.out.put(caseKinds != nil)
        if let caseKinds {
            writer.out.put(caseKinds.version)
            writer.out.put(caseKinds.rows.count)
            for kind in caseKinds.rows { write(kind, &writer) }
        }
        writer.out.put(schoolTerms != nil)
        if let schoolTerms {
            writer.out.put(schoolTerms.version)
            writer.out.put(schoolTerms.rows.count)
            for term in schoolTerms.rows { write(term, &writer) }
        }
        writer.out.put(fund.entries.count)
        for entry in fund.entries {
            writer.out.put(signed: entry.time)
            writer.out.put(signed: entry.fen)
            writer.out.put(entry.source)
            writer.out.put(entry.basis)
            writer.out.put(entry.matter.map { $0.slot + 1 } ?? 0)
            try writer.out.rowEnds()
        }
    }

    private func write(_ kind: KindOfCase, _ writer: inout StateWriter) {
        writer.out.put(kind.subcategory)
        writer.out.put(byte: kind.series.rawValue)
        writer.out.put(kind.rules)
        writer.out.put(kind.hasChild)
        writer.out.put(kind.materials.count)
        for code in kind.materials { writer.out.put(code) }
        writer.out.put(kind.chain.count)
        for party in kind.chain { writer.out.put(UInt64(party.raw)) }
        writer.out.put(byte: kind.due?.from.rawValue ?? 0)
        if let due = kind.due {
            writer.out.put(due.months)
            writer.out.put(due.conditions.count)
            for condition in due.conditions { write(condition, &writer) }
            writer.out.put(due.clause)
        }
        writer.out.put(kind.result.count)
        for field in kind.result { writer.out.put(field.rawValue) }
        writer.out.put(kind.isPaidFor)
        writer.out.put(kind.tasks.count)
        for task in kind.tasks {
            writer.out.put(task.code)
            writer.out.put(task.name)
            writer.out.put(UInt64(task.party.raw))
            writer.out.put(task.isMandatory)
            writer.out.put(task.days)
        }
        writer.out.put(byte: kind.counted.rawValue)
    }

    private func write(_ term: SchoolTerm, _ writer: inout StateWriter) {
        writer.out.put(UInt64(term.county.raw))
        writer.out.put(signed: Int64(term.year))
        writer.out.put(term.stage)
        for day in [term.intakeUntil, term.allocatedBy, term.toldBy] {
            writer.out.put(signed: Int64(day.dayNumber))
        }
        writer.out.put(term.clause)
    }

    mutating func readCasework(_ reader: inout StateReader) throws {
        if try reader.input.flag() {
            let version = try reader.input.text()
            var kinds: [KindOfCase] = []
            for _ in 0..<(try reader.input.number(UInt16.self, "the number of kinds of case")) {
                kinds.append(try readKind(&reader))
            }
            caseKinds = Versioned(version: version, rows: kinds)
        }
        if try reader.input.flag() {
            let version = try reader.input.text()
            var terms: [SchoolTerm] = []
            for _ in 0..<(try reader.input.number(UInt16.self, "the number of school dates")) {
                terms.append(try readTerm(&reader))
            }
            schoolTerms = Versioned(version: version, rows: terms)
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of entries of the fund")) {
            try readEntry(&reader)
        }
    }

    private mutating func readEntry(_ reader: inout StateReader) throws {
        let (time, fen) = (try reader.input.signed(), try reader.input.signed())
        let (source, basis) = (try reader.input.text(), try reader.input.text())
        let slot = try reader.input.index(below: cases.count + 1, "a case that is not there")
        guard (-Limits.fundFen...Limits.fundFen).contains(fen), fund.held + fen >= 0,
            fund.income + max(fen, 0) <= Limits.fundFen
        else { throw SnapshotFault.wrong("a fund that holds less than nothing") }
        fund.add(
            CareFund.Entry(
                time: time, fen: fen, source: source, basis: basis,
                matter: slot == 0 ? nil : .placementCase(slot - 1)))
    }

    private func readKind(_ reader: inout StateReader) throws -> KindOfCase {
        let subcategory = try reader.input.text()
        let series = try reader.code(NumberSeries.self, "a series")
        let rules = try reader.input.text()
        let hasChild = try reader.input.flag()
        let materials = try readTexts(&reader)
        var chain: [PartyIndex] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the length of a chain")) {
            chain.append(try readParty(of: &reader))
        }
        let due = try readDueRule(&reader)
        let result = try readTexts(&reader).map { word in
            guard let field = KindOfCase.ResultField(rawValue: word) else {
                throw SnapshotFault.wrong("an unknown field of a result")
            }
            return field
        }
        let isPaidFor = try reader.input.flag()
        var tasks: [KindOfCase.Task] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of tasks")) {
            tasks.append(
                KindOfCase.Task(
                    code: try reader.input.text(), name: try reader.input.text(),
                    party: try readParty(of: &reader), isMandatory: try reader.input.flag(),
                    days: Int(try reader.input.number(UInt16.self, "a number of days"))))
        }
        return KindOfCase(
            subcategory: subcategory, series: series, rules: rules, hasChild: hasChild, materials: materials,
            chain: chain, due: due, result: result, isPaidFor: isPaidFor, tasks: tasks,
            counted: try reader.code(CountedIn.self, "what a kind of case is counted in"))
    }

    private func readTexts(_ reader: inout StateReader) throws -> [String] {
        var texts: [String] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of texts")) {
            texts.append(try reader.input.text())
        }
        return texts
    }

    private func readDueRule(_ reader: inout StateReader) throws -> KindOfCase.Due? {
        guard let from = try reader.codeIfAny(DueFrom.self, "what a due date counts from") else { return nil }
        let months = Int(try reader.input.number(UInt16.self, "a number of months"))
        var conditions: [PlacementCondition] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of conditions")) {
            conditions.append(try readCondition(&reader))
        }
        return KindOfCase.Due(
            from: from, months: months, conditions: conditions, clause: try reader.input.text())
    }

    private func readTerm(_ reader: inout StateReader) throws -> SchoolTerm {
        let county = try readParty(of: &reader)
        let year = try reader.input.signed(Int32.self, "a year")
        let stage = try reader.input.text()
        let (until, allocated) = (try readDay(&reader), try readDay(&reader))
        return SchoolTerm(
            county: county, year: year, stage: stage, intakeUntil: until, allocatedBy: allocated,
            toldBy: try readDay(&reader), clause: try reader.input.text())
    }
}
