/// The part of a state's canonical stream that came with the wider casework. Each piece begins with its name and is absent where there is
/// nothing, so that the hash of an older state stays what it was.
extension State {
    func digestCourse(_ held: PlacementCase, _ stream: inout CanonicalStream<some StateHasher>) {
        if let child = held.child {
            stream.put("child")
            for text in [child.name, child.idNumber, child.school] { stream.put(text) }
            stream.put(child.stage)
            stream.put(child.schoolYear)
            stream.put(child.county.raw)
        }
        if !held.chain.isEmpty {
            stream.put("chain")
            stream.put(held.chain.count)
            for party in held.chain { stream.put(party.raw) }
            stream.put(held.passed)
        }
        if !held.demanded.isEmpty {
            stream.put("demanded")
            stream.put(held.demanded.count)
            for kind in held.demanded { stream.put(kind) }
        }
        if let due = held.due {
            stream.put("due")
            stream.put(due.day)
            stream.put(due.from.rawValue)
            stream.put(due.clause)
        }
        if let receiver = held.receiver {
            stream.put("receiver")
            stream.put(receiver.employer)
            stream.put(receiver.fixedOn)
        }
        digestEnd(held, &stream)
    }

    private func digestEnd(_ held: PlacementCase, _ stream: inout CanonicalStream<some StateHasher>) {
        if !held.tasks.isEmpty {
            stream.put("tasks")
            stream.put(held.tasks.count)
            for task in held.tasks { digest(task, &stream) }
        }
        if held.aid != 0 {
            stream.put("aid")
            stream.put(held.aid)
        }
        if let call = held.followUp {
            stream.put("follow-up")
            stream.put(call.satisfaction.rawValue)
            stream.put(call.note)
            stream.put(call.at)
        }
    }

    private func digest(_ task: CaseTask, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(task.code)
        stream.put(task.name)
        stream.put(task.isMandatory)
        stream.put(task.party.raw)
        stream.put(task.deadline)
        stream.put(task.state.rawValue)
        stream.put(task.answer)
        stream.put(task.changedAt)
        stream.put(task.since)
    }

    func digestCasework(_ stream: inout CanonicalStream<some StateHasher>) {
        if let caseKinds {
            stream.put("case-kinds")
            stream.put(caseKinds.version)
            stream.put(version(of: RosterTarget.caseKinds))
            stream.put(caseKinds.rows.count)
            for kind in caseKinds.rows { digest(kind, &stream) }
        }
        if let schoolTerms {
            stream.put("school-dates")
            stream.put(schoolTerms.version)
            stream.put(version(of: RosterTarget.schoolDates))
            stream.put(schoolTerms.rows.count)
            for term in schoolTerms.rows { digest(term, &stream) }
        }
        guard !fund.entries.isEmpty else { return }
        stream.put("care-fund")
        stream.put(version(of: RosterTarget.careFund))
        stream.put(fund.entries.count)
        for entry in fund.entries {
            stream.put(entry.time)
            stream.put(entry.fen)
            stream.put(entry.source)
            stream.put(entry.basis)
            stream.put(entry.matter?.raw ?? .max)
        }
    }

    private func digest(_ kind: KindOfCase, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(kind.subcategory)
        stream.put(kind.series.rawValue)
        stream.put(kind.rules)
        stream.put(kind.hasChild)
        stream.put(kind.materials.count)
        for code in kind.materials { stream.put(code) }
        stream.put(kind.chain.count)
        for party in kind.chain { stream.put(party.raw) }
        stream.put(kind.due != nil)
        if let due = kind.due {
            stream.put(due.from.rawValue)
            stream.put(due.months)
            stream.put(due.conditions.count)
            for condition in due.conditions {
                stream.put(condition.field.rawValue)
                stream.put(condition.values.count)
                for value in condition.values { stream.put(value) }
            }
            stream.put(due.clause)
        }
        stream.put(kind.result.count)
        for field in kind.result { stream.put(field.rawValue) }
        stream.put(kind.isPaidFor)
        stream.put(kind.tasks.count)
        for task in kind.tasks {
            stream.put(task.code)
            stream.put(task.name)
            stream.put(task.party.raw)
            stream.put(task.isMandatory)
            stream.put(task.days)
        }
        guard kind.counted != .items else { return }
        stream.put("counted")
        stream.put(kind.counted.rawValue)
    }

    private func digest(_ term: SchoolTerm, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(term.county.raw)
        stream.put(term.year)
        stream.put(term.stage)
        for day in [term.intakeUntil, term.allocatedBy, term.toldBy] { stream.put(day) }
        stream.put(term.clause)
    }
}
