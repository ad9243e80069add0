package import Schema

/// What one officer is shown. Every function asks `maySee` first and answers nil for what is not there and
/// for what is not his alike.
extension State {
    // MARK: Finding

    /// A request by official number, reference code or target id in hex; nil when there is none this officer
    /// may see.
    package func findRequest(_ key: String, for viewer: Viewer) -> Matter? {
        find(key, .request, for: viewer)
    }

    /// A case, likewise.
    package func findCase(_ key: String, for viewer: Viewer) -> Matter? {
        find(key, .placementCase, for: viewer)
    }

    /// The request or case a target id names, if this officer may see it.
    package func matter(_ target: EntityID, for viewer: Viewer) -> Matter? {
        guard case .matter(let matter) = targets[target], maySee(viewer, matter) else { return nil }
        return matter
    }

    func find(_ key: String, _ aggregate: CommandKind.Aggregate, for viewer: Viewer) -> Matter? {
        let folded = foldedFullWidth(String(trimmed(key)))
        let visible = candidates(folded).filter { $0.aggregate == aggregate && maySee(viewer, $0) }
        // Two of one reference: saying either would be a guess.
        return visible.count == 1 ? visible[0] : nil
    }

    /// The id behind an official number, whoever asks: for the auditor, who sees what was done and not what was said.
    package func target(numbered number: String) -> EntityID? {
        matter(numbered: foldedFullWidth(String(trimmed(number)))).map(id(of:))
    }

    /// The request or case that a key of any kind names, whoever may see it: for the trail, never for an answer.
    package func target(keyed key: String) -> EntityID? {
        let found = candidates(foldedFullWidth(String(trimmed(key))))
        guard found.count == 1 else { return nil }
        return id(of: found[0])
    }

    private func candidates(_ key: String) -> [Matter] {
        if let matter = matter(numbered: key) { return [matter] }
        if let code = ReferenceCode(key) { return references.find(code.value) }
        if let target = EntityID(hex: key), case .matter(let matter) = targets[target] { return [matter] }
        return []
    }

    // MARK: Requests

    /// Nil unless the matter is a request this officer may see.
    package func requestView(_ matter: Matter, for viewer: Viewer) -> RequestView? {
        guard matter.aggregate == .request, maySee(viewer, matter) else { return nil }
        let request = requests[matter.slot]
        var view = RequestView(
            summary: summary(of: request), text: text(of: request), decision: decision(of: request),
            policyBasis: request.policyBasis.shown,
            obligation: request.obligation.map { self.view($0, workingDays: request.workingDays ?? 0) },
            percent: request.percent, resultSummary: request.resultSummary.shown,
            satisfaction: request.satisfaction?.open ?? .unspecified,
            addressedTo: request.addressedTo.map { party($0).key } ?? "",
            next: nextCommands(for: viewer, matter), handBackCount: request.handBackCount,
            persons: request.persons, times: request.times, attachments: attachments(of: request))
        showBeside(request, in: &view, for: viewer)
        return view
    }

    func summary(of request: SupportRequest) -> RequestSummary {
        let responsible = request.obligation.map { party($0.responsible) }
        return RequestSummary(
            target: request.id.bytes, reference: ReferenceCode(request.id).text, number: request.number,
            direction: request.direction.open, year: request.year, wave: request.wave.open,
            category: categories[Int(request.text.category)], title: request.text.title.shown,
            state: request.state.open, requester: party(request.requester).key,
            requesterName: party(request.requester).name, responsible: responsible?.key ?? "",
            responsibleName: responsible?.name ?? "", deadline: request.obligation?.deadline.open,
            grade: request.grade?.open ?? .unspecified, version: request.version,
            submittedAt: request.submittedAt,
            changedAt: request.changedAt, redoCount: request.redoCount, carriedInto: request.carriedInto,
            question: request.question?.open ?? .unspecified,
            light: request.timing.standing.light?.open ?? .unspecified,
            step: request.timing.standing.step?.open ?? .unspecified,
            tentative: request.obligation != nil && request.timing.isTentative)
    }

    private func text(of request: SupportRequest) -> RequestText {
        let text = request.text
        return RequestText(
            title: text.title.shown, content: text.content.shown, category: categories[Int(text.category)],
            wishedBy: text.wishedBy?.open, contact: contact(text.contactName, text.contactPhone))
    }

    private func decision(of request: SupportRequest) -> Decision {
        guard !request.isIncluded else { return .included }
        return switch request.state {
        case .declined: .declined
        case .routine: .routine
        case .referred: .referred
        default: .unspecified
        }
    }

    private func view(_ obligation: SupportRequest.Obligation, workingDays: Int32) -> AssignRequest {
        AssignRequest(
            responsible: party(obligation.responsible).key, content: obligation.content.shown,
            deadline: obligation.deadline.open, qualityStandard: obligation.qualityStandard.shown,
            firstPost: obligation.firstPost.shown, secondPost: obligation.secondPost.shown,
            assisting: obligation.assisting.map { party($0).key }, workingDays: workingDays)
    }

    private func contact(_ name: PersonalText, _ phone: PersonalText) -> Contact? {
        guard name != .empty || phone != .empty else { return nil }
        return Contact(name: name.shown, phone: phone.shown)
    }

    // MARK: History and changes

    /// What happened to a matter after `version`, oldest first; empty when it is not this officer's to see. Of a
    /// case as far as its table says (CaseSight.swift).
    package func history(of matter: Matter, after version: UInt64 = 0, for viewer: Viewer) -> [HistoryEntry] {
        guard maySee(viewer, matter) else { return [] }
        return changes.history(from: newestRow(of: matter)).reversed()
            .map { changes.rows[Int($0)] }
            .filter { $0.version > version && isShown($0, to: viewer) }
            .map { entry($0, for: viewer) }
    }

    /// Sequence of a matter's newest change.
    func lastChange(of matter: Matter) -> UInt64 {
        let row = newestRow(of: matter)
        return Int(row) < changes.rows.count ? changes.rows[Int(row)].sequence : 0
    }

    /// Whether a row of the change log is this officer's to see.
    func isShown(_ row: ChangeRow, to viewer: Viewer) -> Bool {
        guard maySee(viewer, row.matter) else { return false }
        return row.matter.isCase ? isShown(row, ofCase: row.matter.slot, to: viewer) : true
    }

    func entry(_ row: ChangeRow, for viewer: Viewer) -> HistoryEntry {
        var entry = HistoryEntry(
            sequence: row.sequence, at: row.time, version: row.version, actor: actor(of: row, for: viewer),
            kind: row.kind.name, state: stateWord(row),
            note: showsNote(row, to: viewer) && showsRemark(row, to: viewer) ? row.note.shown : "")
        tell(row, in: &entry)
        tellDay(row, in: &entry)
        return entry
    }

    /// A remark on a round is the bureau's and its writer's party's: everybody else sees that it was made.
    private func showsRemark(_ row: ChangeRow, to viewer: Viewer) -> Bool {
        guard row.matter.isRound, !viewer.isOfBureau else { return true }
        return Int(row.actor.raw) < officers.count && officers[Int(row.actor.raw)].party == viewer.party
    }

    /// Nobody (an empty actor) where telling the officer would tell the unit.
    private func actor(of row: ChangeRow, for viewer: Viewer) -> ActorView {
        guard Int(row.actor.raw) < officers.count else { return ActorView() }
        let officer = officers[Int(row.actor.raw)]
        let party = party(officer.party)
        guard party.kind != .unit || !hidesUnit(row.matter, from: viewer) else { return ActorView() }
        return ActorView(party: party.key, partyName: party.name, officer: officer.id, post: officer.post)
    }

    private func stateWord(_ row: ChangeRow) -> String {
        if row.matter.isRound { return PlacementRound.State(rawValue: row.state)?.word ?? "" }
        return row.matter.isCase
            ? PlacementCase.State(rawValue: row.state)?.word ?? ""
            : SupportRequest.State(rawValue: row.state)?.word ?? ""
    }

    /// One change as `watch` tells it. A case goes by its family's masked name: a passing notice is not the
    /// case's own page.
    func change(_ row: ChangeRow, cursor: [UInt8], for viewer: Viewer) -> Change {
        if row.matter.isRound { return roundChange(row, cursor: cursor, for: viewer) }
        let isCase = row.matter.isCase
        let slot = row.matter.slot
        let id = isCase ? cases[slot].id : requests[slot].id
        return Change(
            cursor: cursor, target: id.bytes, reference: ReferenceCode(id).text,
            number: isCase ? cases[slot].number : requests[slot].number, entry: entry(row, for: viewer),
            isCase: isCase,
            title: isCase ? cases[slot].family.name.shownMasked : requests[slot].text.title.shown)
    }

    // MARK: Roster and tables

    /// `certificateEnds`: seconds since 1970, from the connection. `now`: what the server's clock shows, ns UTC.
    package func whoAmI(_ viewer: Viewer, certificateEnds: Int64, now: Int64 = 0) -> WhoAmIView {
        let officer = officers[Int(viewer.officer.raw)]
        let party = party(viewer.party)
        return WhoAmIView(
            city: city?.code ?? "", cityName: city?.name ?? "", party: party.key, partyName: party.name,
            officer: officer.id, post: officer.post, roles: officer.roles.open,
            certificateEnds: certificateEnds, clock: demonstrationView(now: now))
    }

    /// Nil when no such list is loaded.
    package func codePage(_ name: String) -> CodePage? {
        codeList(name).map { list in
            CodePage(
                version: list.version, entries: list.entries.map { CodeEntry(code: $0.code, name: $0.name) })
        }
    }
}
