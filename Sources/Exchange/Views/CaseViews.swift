package import Schema

/// Views of cases, each field by the table in CaseSight.swift.
struct CaseEyes {
    let relations: Rights.Relation
    let party: PartyIndex
    /// A list or a notice: less is shown there.
    var inList = false

    func sight(_ field: CaseField) -> CaseSight {
        inList ? CaseSight.inList(field, relations) : CaseSight.of(field, relations)
    }

    func sees(_ field: CaseField) -> Bool { sight(field) == .whole }

    func text(_ field: CaseField, _ text: PersonalText) -> String {
        switch sight(field) {
        case .whole: text.shown
        case .masked: text.shownMasked
        case .own, .hidden: ""
        }
    }
}

extension State {
    /// What part a party has in a case, the bureau's own included.
    func relations(of party: PartyIndex, toCase slot: Int) -> Rights.Relation {
        cases[slot].relations(of: party).union(seesAll(party) ? .bureau : [])
    }

    func eyes(_ viewer: Viewer, _ slot: Int, inList: Bool = false) -> CaseEyes {
        CaseEyes(
            relations: relations(of: viewer.party, toCase: slot), party: viewer.party, inList: inList)
    }

    /// Nil unless the matter is a case this officer may see.
    package func caseView(_ matter: Matter, for viewer: Viewer) -> CaseView? {
        guard matter.isCase, maySee(viewer, matter) else { return nil }
        let held = cases[matter.slot]
        let eyes = eyes(viewer, matter.slot)
        var view = CaseView(
            summary: summary(of: held, eyes), service: eyes.sees(.service) ? view(held.service) : nil,
            family: view(held.family, eyes), wish: eyes.text(.wish, held.wish),
            materials: documents(of: held, eyes), next: nextCommands(for: viewer, matter))
        if eyes.sees(.tier), let review = held.review {
            view.tierName = review.tierName
            view.ruleVersion = review.ruleVersion
        }
        if eyes.sees(.conclusion) { view.conclusion = held.conclusion.map(self.view) }
        if eyes.sees(.satisfaction) { view.satisfaction = held.satisfaction?.open ?? .unspecified }
        addCourse(of: held, eyes, to: &view)
        if mayDo(.revealCaseField, viewer, matter), isAllowed(.revealCaseField, in: matter) {
            view.revealable = maskedFields(matter.slot, from: viewer.party)
        }
        return view
    }

    private func addCourse(of held: PlacementCase, _ eyes: CaseEyes, to view: inout CaseView) {
        view.child = held.child.map { self.view($0, eyes) }
        view.dueBasis = held.due?.from.open ?? .unspecified
        view.dueClause = held.due?.clause ?? ""
        if let receiver = held.receiver, eyes.sees(.receiver) {
            view.receiver = receiver.employer.shown
            view.receiverFixedOn = receiver.fixedOn.open
        }
        if eyes.sees(.chain) { view.chain = chain(of: held) }
        view.missingMaterials = missingMaterials(of: held, caseKind(held.subcategory))
            .filter { eyes.sees(documentField($0)) }
        view.tasks = tasks(of: held, eyes)
        view.attachments = attachments(of: held, eyes)
        if eyes.sees(.aid) { view.aidFen = held.aid }
        if let call = held.followUp, eyes.sees(.followUp) {
            view.followUp = call.satisfaction.open
            view.followUpNote = call.note.shown
            view.followedUpAt = call.at
        }
    }

    /// - Parameter eyes: a page's or a list's.
    func summary(of held: PlacementCase, _ eyes: CaseEyes) -> CaseSummary {
        var summary = CaseSummary(
            target: held.id.bytes, reference: ReferenceCode(held.id).text, number: held.number,
            subcategory: held.subcategory, state: held.state.open,
            familyName: eyes.text(.familyName, held.family.name), version: held.version,
            filedAt: held.filedAt, changedAt: held.changedAt, due: held.due?.day.open)
        if eyes.sees(.unit) {
            summary.unit = party(held.unit).key
            summary.unitName = party(held.unit).name
        }
        guard let review = held.review else { return summary }
        if eyes.sees(.handler) {
            summary.handler = party(review.handler).key
            summary.handlerName = party(review.handler).name
        }
        if eyes.sees(.tier) {
            summary.tier = review.tier
            summary.clause = review.clause
        }
        return summary
    }

    /// Whether a case is shown to this officer without its unit.
    func hidesUnit(_ matter: Matter, from viewer: Viewer) -> Bool {
        matter.isCase && !eyes(viewer, matter.slot).sees(.unit)
    }

    /// Whether a row of a case's history is this officer's to see. Who sees the unit sees everything; a handler's history begins with the review that
    /// made it the handler; a party with a sub-task sees from there on what its own people did and what the bureau and the handler decided.
    func isShown(_ row: ChangeRow, ofCase slot: Int, to viewer: Viewer) -> Bool {
        let eyes = eyes(viewer, slot)
        if row.kind == .payAid, !eyes.sees(.aid) { return false }
        if eyes.sees(.unit) { return true }
        if eyes.relations.contains(.responsible) {
            return row.version >= (cases[slot].review?.version ?? .max)
        }
        guard row.version >= firstTask(slot, of: viewer.party) else { return false }
        return isOwn(row, viewer) || !Self.ofOneParty.contains(row.kind)
    }

    /// Commands that concern their party and the hub alone.
    private static let ofOneParty: Set<CommandKind> = [
        .acknowledgeTask, .finishTask, .refuseTask, .revealCaseField, .payAid,
    ]

    private func firstTask(_ slot: Int, of party: PartyIndex) -> UInt64 {
        cases[slot].tasks.filter { $0.party == party }.map(\.since).min() ?? .max
    }

    func isOwn(_ row: ChangeRow, _ viewer: Viewer) -> Bool {
        Int(row.actor.raw) < officers.count && officers[Int(row.actor.raw)].party == viewer.party
    }

    /// Whether the remark of a case's row may be shown.
    func showsNote(_ row: ChangeRow, to viewer: Viewer) -> Bool {
        guard row.matter.isCase else { return true }
        switch eyes(viewer, row.matter.slot).sight(.notes) {
        case .whole: return true
        case .own: return isOwn(row, viewer)
        case .masked, .hidden: return false
        }
    }

    /// Whether a command that state and rights allow could be done by what the case has: nobody is offered what is sure to be refused.
    func isOffered(_ kind: CommandKind, _ viewer: Viewer, _ slot: Int) -> Bool {
        let held = cases[slot]
        return switch kind {
        case .endorseCase: held.nextOfChain == viewer.party
        case .reviewCase: held.nextOfChain == nil
        case .fixReceiver: held.receiver == nil
        case .acknowledgeTask, .finishTask, .refuseTask: hasTask(slot, for: kind, of: viewer.party)
        case .reassignTask: hasTask(slot, for: kind, of: nil)
        case .payAid: caseKind(held.subcategory)?.isPaidFor == true && fund.held > 0
        case .revealCaseField: !maskedFields(slot, from: viewer.party).isEmpty
        case .eraseCase, .followUpCase: held.erasureCompletes == 0
        default: true
        }
    }

    // MARK: Parts

    /// Documents whose kind begins so belong to the service side.
    package static let serviceDocumentPrefix = "service-"

    func documentField(_ kind: String) -> CaseField {
        kind.utf8.starts(with: Self.serviceDocumentPrefix.utf8) ? .serviceDocuments : .documents
    }

    private func documents(of held: PlacementCase, _ eyes: CaseEyes) -> [Material] {
        held.materials.filter { eyes.sees(documentField($0.kind)) }
            .map { Material(kind: $0.kind, sha256: $0.sha256) }
    }

    private func view(_ service: ServiceFacts) -> ServiceSide {
        ServiceSide(
            rankBand: service.rankBand, yearsBand: service.yearsBand, merit: service.merit,
            hardship: service.hardship, martyrFamily: service.isMartyrFamily,
            approvalOrgan: service.approvalOrgan)
    }

    private func view(_ family: PlacementCase.Family, _ eyes: CaseEyes) -> FamilySide {
        FamilySide(
            name: eyes.text(.familyName, family.name), idNumber: eyes.text(.familyID, family.idNumber),
            householdPlace: eyes.text(.familyPlace, family.householdPlace),
            schooling: eyes.sees(.familyFacts) ? family.facts.schooling : "",
            profession: eyes.sees(.familyFacts) ? family.facts.profession : "",
            contact: contact(
                eyes.text(.familyContact, family.contactName), eyes.text(.familyPhone, family.contactPhone)))
    }

    private func contact(_ name: String, _ phone: String) -> Contact? {
        name.isEmpty && phone.isEmpty ? nil : Contact(name: name, phone: phone)
    }

    private func view(_ child: PlacementCase.Child, _ eyes: CaseEyes) -> ChildSide {
        var view = ChildSide(
            name: eyes.text(.childName, child.name), idNumber: eyes.text(.childID, child.idNumber))
        guard eyes.sees(.childSchool) else { return view }
        view.school = child.school.shown
        view.stage = child.stage
        view.schoolYear = child.schoolYear
        view.county = party(child.county).key
        return view
    }

    private func view(_ conclusion: PlacementCase.Conclusion) -> ConcludeCase {
        ConcludeCase(
            placed: conclusion.isPlaced, channel: conclusion.channel, employer: conclusion.employer.shown,
            post: conclusion.post.shown, starts: conclusion.starts?.open, reason: conclusion.reason.shown)
    }

    private func chain(of held: PlacementCase) -> [EndorsementView] {
        held.chain.enumerated().map { place, index in
            EndorsementView(
                party: party(index).key, partyName: party(index).name, passed: place < held.passed)
        }
    }

    private func tasks(of held: PlacementCase, _ eyes: CaseEyes) -> [TaskView] {
        let sight = eyes.sight(.tasks)
        return held.tasks.enumerated()
            .filter { sight == .whole || sight == .own && $0.element.party == eyes.party }
            .map { place, task in
                TaskView(
                    number: Int32(place + 1), code: task.code, name: task.name, party: party(task.party).key,
                    partyName: party(task.party).name, mandatory: task.isMandatory,
                    deadline: task.deadline.open, state: task.state.open, answer: task.answer.shown,
                    changedAt: task.changedAt)
            }
    }
}
