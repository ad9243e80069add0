import Exchange
import Schema

/// The rules of requests said once more, from DOMAIN.md 2 and nothing else: naive, slow, one sentence after the other. What the core does
/// is held against it, command by command. It has no tables, no indexes and no events.
struct RequestModel {
    struct Person {
        var party: String
        var roles: Set<String>
        var doesCasework: Bool { roles.contains("clerk") || roles.contains("approver") }
    }

    /// An item as a clerk's card index would have it.
    struct Card: Equatable {
        var state = "submitted"
        var direction: Direction
        var requester: String
        var year: Int
        var version: UInt64 = 1
        var serial = 0
        var isIncluded = false
        var conference: CivilDay?
        var responsible: String?
        var assisting: [String] = []
        var deadline: CivilDay?
        var firstReceiver: String?
        var percent: Int32 = 0
        var stage = ""
        var grade = ResultGrade.unspecified
        var satisfaction = Satisfaction.unspecified
        var redone = 0
        var handedBack = 0
        var prolonged = 0
        /// `extension`, or `suspension` with its code.
        var question = ""
        var hopedFor: CivilDay?
        var suspendedFor = ""
        var comesBackTo = ""
        var years: [Int] = []
        var duplicateOf: EntityID?
        var isErased = false
    }

    var cards: [EntityID: Card] = [:]
    var people: [String: Person] = [:]
    var kinds: [String: PartyKind] = [:]
    /// Of a township, its county.
    var parents: [String: String] = [:]
    private var serials: [String: Int] = [:]

    static let over: Set = ["closed", "declined", "withdrawn", "routine", "referred", "void"]

    // MARK: Who sees, who may

    func sees(_ officer: String, _ target: EntityID) -> Bool {
        guard let person = people[officer], person.doesCasework, let card = cards[target] else {
            return false
        }
        return !parts(of: person, in: card).isEmpty
    }

    private func parts(of person: Person, in card: Card) -> Set<String> {
        var parts: Set<String> = []
        if kinds[person.party] == .bureau { parts.insert("hub") }
        if card.requester == person.party { parts.insert("asks") }
        if card.responsible == person.party { parts.insert("leads") }
        if card.assisting.contains(person.party) {
            parts.insert("helps")
            if let county = parents[person.party], county == card.responsible { parts.insert("works") }
        }
        return parts
    }

    /// Part and roles a command is for.
    private func belongs(_ kind: CommandKind) -> (part: String, roles: Set<String>) {
        switch kind {
        case .submitRequest, .amendRequest, .withdrawRequest: ("asks", ["clerk"])
        case .confirmRequest: ("asks", ["approver"])
        case .acceptRequest, .returnRequest, .scheduleRequest: ("hub", ["clerk", "approver"])
        case .acknowledgeRequest, .handBackRequest, .reportProgress, .reportResult, .handOnRequest,
            .askExtension, .askSuspension:
            ("leads", ["clerk"])
        default: ("hub", ["approver"])
        }
    }

    /// The states a command is for.
    static func states(_ kind: CommandKind) -> Set<String> {
        switch kind {
        case .acceptRequest, .returnRequest: ["submitted"]
        case .amendRequest: ["returned"]
        case .withdrawRequest: ["submitted", "returned", "accepted", "decided", "assigned", "acknowledged"]
        case .scheduleRequest, .decideRequest: ["accepted"]
        case .assignRequest: ["decided"]
        case .acknowledgeRequest: ["assigned"]
        case .handBackRequest: ["assigned", "acknowledged"]
        case .reportProgress, .handOnRequest, .askExtension, .decideExtension, .askSuspension,
            .decideSuspension:
            ["acknowledged", "in_progress"]
        case .reportResult: ["in_progress"]
        case .confirmRequest: ["reported"]
        case .resumeRequest: ["suspended"]
        case .carryOverRequest:
            ["accepted", "decided", "assigned", "acknowledged", "in_progress", "suspended", "reported"]
        case .voidRequest:
            [
                "submitted", "returned", "accepted", "decided", "assigned", "acknowledged", "in_progress",
                "suspended",
            ]
        case .eraseRequest: over
        default: []
        }
    }

    // MARK: The verdict

    /// What a command must meet: nil is done.
    func verdict(
        _ body: Command.OneOf_Body, by officer: String, on target: EntityID, expecting version: UInt64,
        today: CivilDay
    ) -> Refusal? {
        guard let kind = CommandKind(Command(body: body)), let person = people[officer] else {
            return .notPermitted
        }
        let (part, roles) = belongs(kind)
        if roles.isDisjoint(with: person.roles) { return .notPermitted }
        if kind == .submitRequest {
            if cards[target] != nil { return .alreadyExists }
            if version != 0 { return .versionConflict }
            return fault(body, nil, person, target, today)
        }
        guard let card = cards[target], sees(officer, target) else { return .notFound }
        let has = parts(of: person, in: card)
        // A township works for its county, and says how far it is.
        if !has.contains(part), kind != .reportProgress || !has.contains("works") { return .notPermitted }
        if version != card.version { return .versionConflict }
        if !Self.states(kind).contains(card.state) {
            let hasBegun = kind == .handBackRequest && ["in_progress", "reported"].contains(card.state)
            return hasBegun ? .workHasBegun : .wrongState
        }
        if [.askExtension, .askSuspension].contains(kind), card.question != "" { return .alreadyAsked }
        if kind == .decideExtension, card.question != "extension" { return .notAsked }
        if kind == .decideSuspension, !card.question.hasPrefix("suspension") { return .notAsked }
        return fault(body, card, person, target, today)
    }

    /// The first fault of the form itself.
    private func fault(
        _ body: Command.OneOf_Body, _ card: Card?, _ person: Person, _ target: EntityID, _ today: CivilDay
    ) -> Refusal? {
        switch body {
        case .submitRequest(let form):
            if form.direction == .unspecified || form.wave == .unspecified { return .fieldInvalid }
            if (kinds[person.party] == .unit) != (form.direction == .unitToLocal) { return .wrongParty }
            if abs(Int(form.year) - today.year) > 1 { return .fieldInvalid }
            if form.addressedTo != "", !canAnswer(form.addressedTo, form.direction, person.party) {
                return .wrongParty
            }
            return form.text == nil ? .fieldMissing : nil
        case .amendRequest(let form): return form.text == nil ? .fieldMissing : nil
        case .withdrawRequest(let form): return missing(form.reason)
        case .returnRequest(let form): return missing(form.reason)
        case .handBackRequest(let form): return missing(form.reason)
        case .decideRequest(let form):
            if form.decision == .unspecified { return .fieldInvalid }
            return form.decision == .declined && form.policyBasis == "" ? .basisRequired : nil
        case .assignRequest(let form): return assignFault(form, card, today)
        case .reportProgress(let form):
            if form.percent < 0 || form.percent > 100 { return .fieldInvalid }
            return form.stage != "" && !["plan", "work"].contains(form.stage) ? .unknownCode : nil
        case .reportResult(let form):
            return form.grade == .unspecified ? .fieldInvalid : missing(form.summary)
        case .confirmRequest(let form):
            if form.satisfaction == .unspecified { return .fieldInvalid }
            return form.satisfaction == .dissatisfied ? missing(form.note) : nil
        case .eraseRequest(let form):
            return card?.isErased == true ? .fieldInvalid : missing(form.basis)
        default: return faultBeside(body, card, target, today)
        }
    }

    private func assignFault(_ form: AssignRequest, _ card: Card?, _ today: CivilDay) -> Refusal? {
        guard let card else { return .notFound }
        if form.responsible == "" { return .fieldMissing }
        if !canAnswer(form.responsible, card.direction, card.requester) { return .wrongParty }
        guard let day = form.deadline else { return .fieldMissing }
        if Self.day(day) < today { return .fieldInvalid }
        if form.qualityStandard == "" || form.firstPost == "" || form.secondPost == "" {
            return .fieldMissing
        }
        for helper in form.assisting {
            if kinds[helper] == nil || [card.requester, form.responsible].contains(helper) {
                return .wrongParty
            }
        }
        return Set(form.assisting).count < form.assisting.count ? .fieldInvalid : nil
    }

    private func faultBeside(
        _ body: Command.OneOf_Body, _ card: Card?, _ target: EntityID, _ today: CivilDay
    ) -> Refusal? {
        guard let card else { return nil }
        switch body {
        case .handOnRequest(let form):
            if form.township == "" { return .fieldMissing }
            if parents[form.township] == nil || parents[form.township] != card.responsible {
                return .wrongParty
            }
            return card.assisting.contains(form.township) || card.assisting.count >= 10 ? .fieldInvalid : nil
        case .scheduleRequest(let form): return comingFault(form.conference, today)
        case .resumeRequest(let form): return comingFault(form.deadline, today)
        case .askExtension(let form):
            guard let deadline = card.deadline else { return nil }
            if today > deadline { return .deadlinePassed }
            guard let hoped = form.deadline else { return .fieldMissing }
            return Self.day(hoped) > deadline ? missing(form.reason) : .fieldInvalid
        case .decideExtension(let form):
            if !form.approved { return missing(form.reason) }
            guard let deadline = card.deadline, let day = form.deadline.map(Self.day) ?? card.hopedFor
            else { return nil }
            return day > deadline && day >= today ? nil : .fieldInvalid
        case .askSuspension(let form):
            if form.code == "" { return .fieldMissing }
            return ["season", "funds"].contains(form.code) ? missing(form.reason) : .unknownCode
        case .decideSuspension(let form): return form.approved ? nil : missing(form.reason)
        case .carryOverRequest(let form):
            let last = card.years.last ?? card.year
            return Int(form.year) == last + 1 && Int(form.year) <= today.year + 1 ? nil : .fieldInvalid
        case .voidRequest(let form):
            if form.duplicateOf.isEmpty { return .fieldMissing }
            guard let id = EntityID(form.duplicateOf), let other = cards[id] else { return .fieldInvalid }
            if id == target || other.direction != card.direction { return .fieldInvalid }
            return ["void", "withdrawn"].contains(other.state) ? .fieldInvalid : missing(form.reason)
        default: return nil
        }
    }

    private func comingFault(_ date: CivilDate?, _ today: CivilDay) -> Refusal? {
        guard let date else { return .fieldMissing }
        return Self.day(date) < today ? .fieldInvalid : nil
    }

    private func missing(_ text: String) -> Refusal? { text == "" ? .fieldMissing : nil }

    /// A unit answers the locality, the locality a unit, and nobody their own request.
    private func canAnswer(_ party: String, _ direction: Direction, _ requester: String) -> Bool {
        guard let kind = kinds[party], party != requester else { return false }
        return (kind == .unit) == (direction == .localToUnit)
    }

    static func day(_ date: CivilDate) -> CivilDay {
        CivilDay(year: Int(date.year), month: Int(date.month), day: Int(date.day)) ?? CivilDay(dayNumber: 0)
    }

    // MARK: What it makes of the card

    /// A command that was not refused.
    mutating func carryOut(_ body: Command.OneOf_Body, by officer: String, on target: EntityID) {
        if case .submitRequest(let form) = body {
            cards[target] = Card(
                direction: form.direction, requester: people[officer]?.party ?? "", year: Int(form.year))
            return
        }
        guard var card = cards[target] else { return }
        card.version += 1
        change(&card, body)
        // A question is about work that goes on.
        if !["acknowledged", "in_progress"].contains(card.state) { card.question = "" }
        if card.question == "" { card.hopedFor = nil }
        if card.state != "suspended" { card.suspendedFor = "" }
        cards[target] = card
    }

    private mutating func change(_ card: inout Card, _ body: Command.OneOf_Body) {
        switch body {
        case .amendRequest: card.state = "submitted"
        case .withdrawRequest: card.state = "withdrawn"
        case .returnRequest: card.state = "returned"
        case .acceptRequest:
            card.state = "accepted"
            let book = "\(card.year) \(card.direction)"
            serials[book, default: 0] += 1
            card.serial = serials[book] ?? 0
        case .decideRequest(let form):
            card.isIncluded = form.decision == .included
            switch form.decision {
            case .included: card.state = "decided"
            case .declined: card.state = "declined"
            case .routine: card.state = "routine"
            default: card.state = "referred"
            }
        case .assignRequest(let form):
            card.state = "assigned"
            card.responsible = form.responsible
            card.assisting = form.assisting
            card.deadline = form.deadline.map(Self.day)
            if card.firstReceiver == nil { card.firstReceiver = form.responsible }
        case .acknowledgeRequest: card.state = "acknowledged"
        case .handBackRequest:
            card.state = "decided"
            (card.responsible, card.assisting, card.deadline) = (nil, [], nil)
            card.handedBack += 1
        case .reportProgress(let form):
            card.state = "in_progress"
            card.percent = form.percent
            if form.stage != "" { card.stage = form.stage }
        case .reportResult(let form):
            card.state = "reported"
            card.grade = form.grade
        case .confirmRequest(let form):
            card.satisfaction = form.satisfaction
            card.state = form.satisfaction == .dissatisfied ? "in_progress" : "closed"
            if form.satisfaction == .dissatisfied { card.redone += 1 }
        case .eraseRequest: card.isErased = true
        default: changeBeside(&card, body)
        }
    }

    private func changeBeside(_ card: inout Card, _ body: Command.OneOf_Body) {
        switch body {
        case .handOnRequest(let form): card.assisting.append(form.township)
        case .scheduleRequest(let form): card.conference = form.conference.map(Self.day)
        case .askExtension(let form):
            card.question = "extension"
            card.hopedFor = form.deadline.map(Self.day)
        case .decideExtension(let form):
            if form.approved {
                card.deadline = form.deadline.map(Self.day) ?? card.hopedFor
                card.prolonged += 1
            }
            card.question = ""
        case .askSuspension(let form): card.question = "suspension \(form.code)"
        case .decideSuspension(let form):
            if form.approved {
                card.comesBackTo = card.state
                card.suspendedFor = String(card.question.dropFirst("suspension ".count))
                card.state = "suspended"
            }
            card.question = ""
        case .resumeRequest(let form):
            card.state = card.comesBackTo
            card.deadline = form.deadline.map(Self.day)
        case .carryOverRequest(let form): card.years.append(Int(form.year))
        case .voidRequest(let form):
            card.state = "void"
            card.duplicateOf = EntityID(form.duplicateOf)
        default: break
        }
    }
}
