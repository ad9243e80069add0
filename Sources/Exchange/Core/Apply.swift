package import Schema

extension State {
    /// Takes in one event, live or from the journal alike. It never refuses: an event is a fact.
    package mutating func apply(_ event: EventV1.Event, at context: EventContext) {
        switch event.body {
        case .requestSubmitted(let body): applySubmitted(body, context)
        case .requestAmended(let body): applyAmended(body, context)
        case .requestWithdrawn(let body):
            noteRequest(requestSlot(context), .withdrawn, PersonalText(body.reason), context)
        case .requestAccepted(let body): applyAccepted(body, context)
        case .requestReturned(let body):
            noteRequest(requestSlot(context), .returned, PersonalText(body.reason), context)
        case .requestDecided(let body): applyDecided(body, context)
        case .requestAssigned(let body): applyAssigned(body, context)
        case .requestAcknowledged: noteRequest(requestSlot(context), .acknowledged, .empty, context)
        case .requestHandedBack(let body): applyHandedBack(body, context)
        case .requestProgressed(let body): applyProgressed(body, context)
        case .requestReported(let body): applyReported(body, context)
        case .requestConfirmed(let body): applyConfirmed(body, context)
        case .requestRedo(let body): applyRedo(body, context)
        case .requestErased(let body): applyErased(body, context)
        case .requestScheduled(let body): applyScheduled(body, context)
        case .requestExtensionAsked(let body): applyExtensionAsked(body, context)
        case .requestExtensionDecided(let body): applyExtensionDecided(body, context)
        case .requestSuspensionAsked(let body): applySuspensionAsked(body, context)
        case .requestSuspensionDecided(let body): applySuspensionDecided(body, context)
        case .requestResumed(let body): applyResumed(body, context)
        case .requestCarriedOver(let body): applyCarriedOver(body, context)
        case .requestVoided(let body): applyVoided(body, context)
        case .caseFiled(let body): applyFiled(body, context)
        case .caseAmended(let body): applyAmended(body, context)
        case .caseWithdrawn(let body):
            noteCase(caseSlot(context), .withdrawn, PersonalText(body.reason), context)
        case .caseReturned(let body):
            noteCase(caseSlot(context), .returned, PersonalText(body.reason), context)
        case .caseReviewed(let body): applyReviewed(body, context)
        case .caseConcluded(let body): applyConcluded(body, context)
        case .caseConfirmed(let body): applyConfirmed(body, context)
        case .caseFieldRevealed(let body): applyRevealed(body, context)
        case .caseErased(let body): applyErased(body, context)
        case .caseEndorsed(let body): applyEndorsed(body, context)
        case .caseMaterialsDemanded(let body): applyDemanded(body, context)
        case .caseMaterialsHandedIn(let body): applyHandedIn(body, context)
        case .caseReceiverFixed(let body): applyReceiverFixed(body, context)
        case .caseFollowedUp(let body): applyFollowedUp(body, context)
        case .caseTaskAcknowledged(let body): applyTaskAcknowledged(body, context)
        case .caseTaskFinished(let body): applyTaskFinished(body, context)
        case .caseTaskRefused(let body): applyTaskRefused(body, context)
        case .caseTaskReassigned(let body): applyTaskReassigned(body, context)
        case .caseAidPaid(let body): applyAidPaid(body, context)
        case .cityConfigured(let body): apply(body, context)
        case .partyRegistered(let body): apply(body, context)
        case .officerRegistered(let body): apply(body, context)
        case .officerRolesSet(let body): apply(body, context)
        case .officerSuspended(let body): apply(body, context)
        case .codeListLoaded(let body): apply(body, context)
        case .ruleTableLoaded(let body): apply(body, context)
        case .restorationConfirmed(let body): apply(body, context)
        case .calendarLoaded(let body): apply(body, context)
        case .supervisionLoaded(let body): apply(body, context)
        case .timeMarked(let body): apply(body, context)
        case .demonstrationBegun(let body): apply(body, context)
        case .clockAdvanced(let body): apply(body, context)
        case .caseKindsLoaded(let body): apply(body, context)
        case .schoolDatesLoaded(let body): apply(body, context)
        case .fundReceived(let body): apply(body, context)
        case .requestHandedOn(let body): applyHandedOn(body, context)
        case .partyChanged(let body): apply(body, context)
        case .partySuspended(let body): apply(body, context)
        case .officerHandedOver(let body): apply(body, context)
        case .officerErased(let body): apply(body, context)
        case .pointsTableLoaded(let body): apply(body, context)
        case .roundAnnounced(let body): apply(body, context)
        case .roundPostsLoaded(let body): apply(body, context)
        case .roundPeopleLoaded(let body): apply(body, context)
        case .roundPersonWithdrawn(let body): apply(body, context)
        case .roundFrozen(let body): apply(body, context)
        case .roundReopened(let body): apply(body, context)
        case .scoreConfirmed(let body): apply(body, context)
        case .rankingObjected(let body): apply(body, context)
        case .objectionSettled(let body): apply(body, context)
        case .drawOpened(let body): apply(body, context)
        case .preferencesFiled(let body): apply(body, context)
        case .postPicked(let body): apply(body, context)
        case .turnPassed(let body): apply(body, context)
        case .roundClosed(let body): apply(body, context)
        case .batchKindLoaded(let body): apply(body, context)
        case .batchNamesLoaded(let body): apply(body, context)
        case .registerFiguresLoaded(let body): apply(body, context)
        case .packageTaken(let body): apply(body, context)
        case .packageFinished(let body): apply(body, context)
        case .batchSubmitted(let body): apply(body, context)
        case .batchChecked(let body): apply(body, context)
        case .batchDone(let body): apply(body, context)
        case .personErased(let body): apply(body, context)
        case .evidenceAttached(let body): apply(body, context)
        case .rankingPosted: noteRound(roundSlot(context), .posted, .empty, context)
        case nil: corruption("an event without a body")
        }
        settleTime(context)
        lastSequence = context.sequence
    }

    /// Enters a new request or case under its target id and its reference.
    mutating func register(_ matter: Matter, _ target: EntityID) {
        guard targets.insert(.matter(matter), for: target) else { corruption("a target id twice") }
        references.insert(ReferenceCode(target).value, matter)
    }

    mutating func register(number: String, _ matter: Matter) {
        guard self.matter(numbered: number) == nil else { corruption("a number twice") }
        numbers.insert(Self.numberKey(number), matter)
    }

    mutating func count(_ serial: UInt32, _ year: Int32, _ series: NumberSeries) {
        counters[CounterKey(year: year, series: series)] = serial
    }

    func actorIndex(_ officer: String) -> OfficerIndex {
        officerIDs.find(officer).map { OfficerIndex($0) } ?? .none
    }
}
