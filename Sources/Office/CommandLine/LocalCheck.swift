import Exchange
package import Schema

/// The server's own checks, run here before anything is sent: what it would refuse is told at once, and classified text never leaves this
/// machine. Guard, limits and identity numbers are Exchange's; what needs the server's state (codes, parties, versions) is left to it.
///
/// The answer is a refusal in the server's own terms, so that it is shown the same way; nil: nothing found.
package struct LocalCheck {
    private var found: Outcome?

    package static func refusal(of command: Command.OneOf_Body) -> Outcome? {
        var check = LocalCheck()
        check.visit(command)
        return check.found
    }

    private mutating func visit(_ command: Command.OneOf_Body) {
        switch command {
        case .submitRequest(let form): request(form.text)
        case .amendRequest(let form): request(form.text)
        case .withdrawRequest(let form): reason(form.reason)
        case .returnRequest(let form): reason(form.reason)
        case .decideRequest(let form):
            text(form.policyBasis, "policy_basis", Limits.basisCharacters, required: false)
            if form.decision == .declined, isBlank(form.policyBasis) {
                refuse(.basisRequired, ["field": "policy_basis"])
            }
            text(form.note, "note", Limits.noteCharacters, required: false)
        case .assignRequest(let form): assign(form)
        case .handBackRequest(let form): reason(form.reason)
        case .reportProgress(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .reportResult(let form): text(form.summary, "summary", Limits.summaryCharacters)
        case .eraseRequest(let form): text(form.basis, "basis", Limits.basisCharacters)
        case .confirmRequest(let form):
            text(form.note, "note", Limits.noteCharacters, required: form.satisfaction == .dissatisfied)
        default: visitBeside(command)
        }
    }

    private mutating func visitBeside(_ command: Command.OneOf_Body) {
        switch command {
        case .scheduleRequest(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .askExtension(let form): reason(form.reason)
        case .decideExtension(let form):
            text(form.reason, "reason", Limits.reasonCharacters, required: !form.approved)
        case .askSuspension(let form): reason(form.reason)
        case .decideSuspension(let form):
            text(form.reason, "reason", Limits.reasonCharacters, required: !form.approved)
        case .resumeRequest(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .carryOverRequest(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .voidRequest(let form): reason(form.reason)
        case .attachEvidence(let form): text(form.fileName, "file_name", AttachmentLimits.nameCharacters)
        default: visitCase(command)
        }
    }

    private mutating func visitCase(_ command: Command.OneOf_Body) {
        switch command {
        case .fileCase(let form):
            family(form.family, wish: form.wish)
            child(form.child)
        case .amendCase(let form):
            family(form.family, wish: form.wish)
            child(form.child)
        case .withdrawCase(let form): reason(form.reason)
        case .returnCase(let form): reason(form.reason)
        case .reviewCase(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .concludeCase(let form):
            // What the result must say differs by kind; the server has the table.
            text(form.employer, "employer", Limits.employerCharacters, required: false)
            text(form.post, "post", Limits.postCharacters, required: false)
            text(form.reason, "reason", Limits.reasonCharacters, required: !form.placed)
        case .revealCaseField(let form): reason(form.reason)
        case .eraseCase(let form): text(form.basis, "basis", Limits.basisCharacters)
        case .confirmCase(let form):
            text(form.note, "note", Limits.noteCharacters, required: form.satisfaction == .dissatisfied)
        default: visitCourse(command)
        }
    }

    private mutating func visitCourse(_ command: Command.OneOf_Body) {
        switch command {
        case .endorseCase(let form): text(form.note, "note", Limits.noteCharacters, required: !form.passed)
        case .fixReceiver(let form): text(form.employer, "employer", Limits.employerCharacters)
        case .followUpCase(let form): text(form.note, "note", Limits.noteCharacters)
        case .finishTask(let form): text(form.result, "result", Limits.summaryCharacters)
        case .refuseTask(let form): reason(form.reason)
        case .reassignTask(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .payAid(let form): text(form.purpose, "purpose", Limits.reasonCharacters)
        case .receiveFund(let form): text(form.basis, "basis", Limits.basisCharacters)
        default: visitRound(command)
        }
    }

    private mutating func visitRound(_ command: Command.OneOf_Body) {
        switch command {
        case .announceRound(let form):
            text(form.title, "title", Limits.titleCharacters)
            text(form.publicName, "public_name", Limits.basisCharacters)
        case .loadRoundPosts(let form):
            for post in form.posts {
                text(post.employer, "posts.employer", Limits.employerCharacters)
                text(post.title, "posts.title", Limits.postCharacters)
            }
        case .loadRoundPeople(let form):
            for person in form.people { text(person.name, "people.name", Limits.personNameCharacters) }
        case .withdrawFromRound(let form): reason(form.reason)
        case .reopenRound(let form): reason(form.reason)
        case .confirmScore(let form):
            text(form.note, "note", Limits.noteCharacters, required: form.disputed)
        case .objectToRanking(let form): text(form.text, "text", Limits.contentCharacters)
        case .settleObjection(let form): text(form.answer, "answer", Limits.contentCharacters)
        default: visitRegistry(command)
        }
    }

    private mutating func visitRegistry(_ command: Command.OneOf_Body) {
        switch command {
        case .handOnRequest(let form): text(form.note, "note", Limits.noteCharacters, required: false)
        case .registerParty(let form): text(form.name, "name", Limits.displayNameCharacters)
        case .changeParty(let form): text(form.name, "name", Limits.displayNameCharacters)
        case .registerOfficer(let form):
            text(form.name, "name", Limits.personNameCharacters)
            text(form.post, "post", Limits.postCharacters)
        case .eraseOfficer(let form): text(form.basis, "basis", Limits.basisCharacters)
        case .erasePerson(let form): text(form.basis, "basis", Limits.basisCharacters)
        default: break
        }
    }

    private mutating func request(_ form: RequestText?) {
        let form = form ?? RequestText()
        text(form.title, "text.title", Limits.titleCharacters)
        text(form.content, "text.content", Limits.contentCharacters)
        contact(form.contact, "text.contact")
    }

    private mutating func contact(_ form: Contact?, _ path: String) {
        guard let form else { return }
        text(form.name, "\(path).name", Limits.personNameCharacters, required: false)
        text(form.phone, "\(path).phone", Limits.phoneCharacters, required: false)
    }

    private mutating func assign(_ form: AssignRequest) {
        text(form.content, "content", Limits.contentCharacters)
        text(form.qualityStandard, "quality_standard", Limits.qualityCharacters)
        text(form.firstPost, "first_post", Limits.postCharacters)
        text(form.secondPost, "second_post", Limits.postCharacters)
    }

    private mutating func family(_ form: FamilySide?, wish: String) {
        let form = form ?? FamilySide()
        text(form.name, "family.name", Limits.personNameCharacters)
        identity(form.idNumber, "family.id_number")
        text(form.householdPlace, "family.household_place", Limits.placeCharacters, required: false)
        contact(form.contact, "family.contact")
        text(wish, "wish", Limits.wishCharacters)
    }

    private mutating func child(_ form: ChildSide?) {
        guard let form else { return }
        text(form.name, "child.name", Limits.personNameCharacters)
        identity(form.idNumber, "child.id_number")
        text(form.school, "child.school", Limits.employerCharacters, required: false)
    }

    private mutating func identity(_ number: String, _ field: String) {
        do {
            _ = try IdentityNumber(number)
        } catch {
            if number.isEmpty {
                refuse(.fieldMissing, ["field": field])
            } else {
                refuse(.fieldInvalid, ["field": field, "why": error.word])
            }
        }
    }

    private mutating func reason(_ reason: String) {
        text(reason, "reason", Limits.reasonCharacters)
    }

    private mutating func text(_ text: String, _ field: String, _ limit: Int, required: Bool = true) {
        if required, isBlank(text) { return refuse(.fieldMissing, ["field": field]) }
        if text.unicodeScalars.count > limit {
            return refuse(.fieldInvalid, ["field": field, "why": "too-long", "max": "\(limit)"])
        }
        if let rule = ClassifiedGuard.matchedRule(in: text) {
            refuse(.classifiedText, ["field": field, "rule": rule])
        }
    }

    private func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }

    /// Classified text outweighs everything: it must be told even when something else is wrong as well. Else the first finding stands.
    private mutating func refuse(_ refusal: Refusal, _ arguments: KeyValuePairs<String, String>) {
        guard found == nil || (refusal == .classifiedText && found?.refusal != .classifiedText) else {
            return
        }
        found = Outcome(
            refusal: refusal, arguments: arguments.map { Argument(name: $0.key, value: $0.value) })
    }
}
