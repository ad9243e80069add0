import Exchange
import Schema

/// The rules of cases and their sub-tasks once more, written from DOMAIN.md 1, 3 and 6 and as simply as can be: strings, arrays, one judgement after
/// the other, no table of the core's. It shares nothing with the core but the forms of the commands.
struct CaseModel {
    struct Kind {
        var worry: String
        var materials: [String] = []
        var chain: [String] = []
        var months = 0
        var isSchool = false
        var needs: [String] = []
        var isPaidFor = false
        /// party, mandatory, days
        var tasks: [(party: String, isMandatory: Bool, days: Int)] = []
    }

    struct Task {
        var party: String
        var isMandatory: Bool
        var state = "assigned"
    }

    struct Held {
        var kind: String
        var unit: String
        var state = "filed"
        var version: UInt64 = 1
        var passed = 0
        var documents: [(kind: String, byte: UInt8)] = []
        var demanded: [String] = []
        var handler = ""
        var number = ""
        var due = ""
        var hasReceiver = false
        var tasks: [Task] = []
        var aid: Int64 = 0
        var isErased = false
        var profession = ""
        var organ = ""
        var years = ""
        var schoolYear = 0
    }

    /// The seeds' kinds of which this tries one of each sort.
    static let kinds: [String: Kind] = [
        "spouse-employment": Kind(worry: "后院", needs: ["channel", "employer", "post"]),
        "spouse-allowance": Kind(
            worry: "后院", materials: ["follow-approval", "marriage", "bank-account"], months: 2),
        "retirement-handover": Kind(
            worry: "后路", materials: ["service-retirement-approval", "identity"],
            chain: ["department/421300-JD"], months: 3, needs: ["employer"]),
        "hardship-aid": Kind(
            worry: "后院", materials: ["identity", "income-certificate"], months: 1, isPaidFor: true),
        "school-entry": Kind(
            worry: "后代", materials: ["household", "birth-certificate"], isSchool: true, needs: ["employer"]),
        "veteran-return": Kind(
            worry: "后路", materials: ["service-transfer-order", "identity"], months: 2,
            tasks: [
                ("department/421300-PSB", true, 15), ("department/421300-HR", true, 30),
                ("department/421300-HEALTH", true, 30), ("department/421300-PSB", false, 30),
                ("department/421300-HOUSING", false, 60),
            ]),
    ]

    static let people: [(officer: String, party: String, roles: Set<String>)] = [
        ("b1a1", "bureau/421300", ["clerk"]), ("b1s2", "bureau/421300", ["approver"]),
        ("b1y3", "bureau/421300", []), ("b1q4", "bureau/421300", []), ("b1u5", "bureau/421300", []),
        ("k7f2", "county/421321", ["clerk", "approver"]), ("k3z8", "county/421303", ["clerk", "approver"]),
        ("u7l1", "unit/LU-07", ["clerk", "approver"]), ("u2l4", "unit/LU-02", ["clerk", "approver"]),
        ("d5e1", "department/421300-EDU", ["clerk", "approver"]),
        ("d5h2", "department/421300-HR", ["clerk", "approver"]),
        ("d5p3", "department/421300-PSB", ["clerk", "approver"]),
        ("d5m4", "department/421300-HEALTH", ["clerk", "approver"]),
        ("d5j6", "department/421300-JD", ["clerk", "approver"]),
    ]

    /// What each command needs: a role, a part, and the states in which it may be given.
    static let law: [CommandKind: (roles: Set<String>, parts: Set<String>, states: Set<String>)] = [
        .amendCase: (["clerk"], ["unit"], ["returned"]),
        .withdrawCase: (["clerk"], ["unit"], ["filed", "returned", "reviewed"]),
        .returnCase: (["clerk", "approver"], ["bureau"], ["filed"]),
        .endorseCase: (["approver"], ["chain"], ["filed"]),
        .reviewCase: (["approver"], ["bureau"], ["filed"]),
        .demandMaterials: (["clerk", "approver"], ["bureau", "handler"], ["filed", "reviewed"]),
        .handInMaterials: (["clerk"], ["unit"], ["filed", "returned", "reviewed"]),
        .fixReceiver: (["clerk"], ["handler"], ["reviewed"]),
        .acknowledgeTask: (["clerk"], ["task"], ["reviewed", "placed"]),
        .finishTask: (["clerk"], ["task"], ["reviewed", "placed"]),
        .refuseTask: (["clerk"], ["task"], ["reviewed", "placed"]),
        .reassignTask: (["approver"], ["bureau"], ["reviewed"]),
        .payAid: (["approver"], ["bureau"], ["reviewed", "placed"]),
        .concludeCase: (["clerk"], ["handler"], ["reviewed"]),
        .confirmCase: (["approver"], ["unit"], ["placed", "not_placed"]),
        .followUpCase: (["clerk", "approver"], ["bureau"], ["closed"]),
        .revealCaseField: (
            ["clerk", "approver"], ["handler", "task"], ["reviewed", "placed", "not_placed"]
        ),
        .eraseCase: (["approver"], ["bureau"], ["closed", "withdrawn"]),
    ]

    var cases: [EntityID: Held] = [:]
    var fund: Int64 = 0
    /// Numbers given, by year and worry.
    var numbers: [String: Int] = [:]

    // MARK: Who sees, who may

    func parts(_ party: String, _ held: Held) -> Set<String> {
        var parts: Set<String> = party == "bureau/421300" ? ["bureau"] : []
        if held.unit == party { parts.insert("unit") }
        if held.handler == party { parts.insert("handler") }
        if held.tasks.contains(where: { $0.party == party }) { parts.insert("task") }
        for (place, one) in (Self.kinds[held.kind]?.chain ?? []).enumerated()
        where one == party && place <= held.passed {
            parts.insert("chain")
        }
        return parts
    }

    func sees(_ officer: String, _ held: Held) -> Bool {
        guard let person = Self.people.first(where: { $0.officer == officer }), !person.roles.isEmpty else {
            return false
        }
        return !parts(person.party, held).isEmpty
    }

    /// The unit's name, rank and merit are for the unit, the bureau and the chain.
    func seesUnit(_ officer: String, _ held: Held) -> Bool {
        guard let person = Self.people.first(where: { $0.officer == officer }) else { return false }
        return !parts(person.party, held).isDisjoint(with: ["unit", "bureau", "chain"])
    }

    // MARK: Judging

    /// Empty: done. Else the core's refusal is one of these: the order among several wrong fields is no rule of the domain.
    func judge(
        _ kind: CommandKind, _ body: Command.OneOf_Body, by officer: String, on target: EntityID,
        expecting: UInt64, today: Day
    ) -> Set<Refusal> {
        guard let person = Self.people.first(where: { $0.officer == officer }) else { return [.notPermitted] }
        if kind == .fileCase {
            guard person.roles.contains("clerk") else { return [.notPermitted] }
            guard cases[target] == nil else { return [.alreadyExists] }
            guard expecting == 0 else { return [.versionConflict] }
            return faults(body, nil, person.party, today)
        }
        guard let law = Self.law[kind], !law.roles.isDisjoint(with: person.roles) else {
            return [.notPermitted]
        }
        guard let held = cases[target], sees(officer, held) else { return [.notFound] }
        guard !law.parts.isDisjoint(with: parts(person.party, held)) else { return [.notPermitted] }
        guard held.version == expecting else { return [.versionConflict] }
        guard law.states.contains(held.state) else { return [.wrongState] }
        return faults(body, held, person.party, today)
    }

    private func faults(_ body: Command.OneOf_Body, _ held: Held?, _ party: String, _ today: Day)
        -> Set<Refusal>
    {
        var found: Set<Refusal> = []
        func need(_ text: String) { if text.isEmpty { found.insert(.fieldMissing) } }
        let kind = held.flatMap { Self.kinds[$0.kind] }
        switch body {
        case .fileCase(let form):
            if !party.hasPrefix("unit/") { found.insert(.wrongParty) }
            need(form.wish)
            guard let kind = Self.kinds[form.subcategory] else { return found.union([.unknownCode]) }
            return found.union(childFaults(form.child, kind, today))
        case .amendCase(let form): need(form.wish)
        case .withdrawCase(let form): need(form.reason)
        case .returnCase(let form): need(form.reason)
        case .endorseCase(let form):
            guard let held, let kind, held.passed < kind.chain.count, kind.chain[held.passed] == party else {
                return [.notYourTurn]
            }
            if !form.passed { need(form.note) }
        case .reviewCase(let form):
            guard let held, let kind else { return found }
            need(form.handler)
            if form.handler.hasPrefix("unit/") { found.insert(.wrongParty) }
            if held.passed < kind.chain.count { found.insert(.chainOpen) }
            if !isEligible(held) { found.insert(.notEligible) }
            let there = held.documents.map(\.kind)
            if (kind.materials + held.demanded).contains(where: { !there.contains($0) }) {
                found.insert(.materialsMissing)
            }
        case .demandMaterials(let form):
            guard let held, let kind else { return found }
            let known = held.documents.map(\.kind) + held.demanded + kind.materials
            if form.kinds.contains(where: { known.contains($0) }) { found.insert(.fieldInvalid) }
        case .handInMaterials(let form):
            guard let held else { return found }
            if form.materials.contains(where: { new in
                held.documents.contains { $0.kind == new.kind && $0.byte == new.sha256[0] }
            }) {
                found.insert(.fieldInvalid)
            }
            if held.documents.count + form.materials.count > 40 { found.insert(.fieldInvalid) }
        case .fixReceiver(let form):
            need(form.employer)
            if held?.hasReceiver == true { found.insert(.fieldInvalid) }
        case .acknowledgeTask(let form): found = taskFaults(form.task, held, party, ["assigned"])
        case .finishTask(let form):
            found = taskFaults(form.task, held, party, ["assigned", "acknowledged"])
            need(form.result)
        case .refuseTask(let form):
            found = taskFaults(form.task, held, party, ["assigned", "acknowledged"])
            need(form.reason)
        case .reassignTask(let form):
            found = taskFaults(form.task, held, nil, ["assigned", "acknowledged", "done", "refused"])
            if form.party.hasPrefix("unit/") { found.insert(.wrongParty) }
            if let day = form.deadline, Day(day) < today { found.insert(.fieldInvalid) }
        case .payAid(let form):
            if kind?.isPaidFor != true || form.fen <= 0 { found.insert(.fieldInvalid) }
            if form.fen > fund { found.insert(.fundShort) }
            need(form.purpose)
        case .concludeCase(let form):
            guard form.placed else {
                need(form.reason)
                return found
            }
            if held?.tasks.contains(where: { $0.isMandatory && $0.state != "done" }) == true {
                found.insert(.tasksOpen)
            }
            for (field, text) in [
                ("channel", form.channel), ("employer", form.employer), ("post", form.post),
            ]
            where kind?.needs.contains(field) == true { need(text) }
        case .confirmCase(let form): if form.satisfaction == .dissatisfied { need(form.note) }
        case .followUpCase(let form):
            need(form.note)
            if held?.isErased == true { found.insert(.fieldInvalid) }
        case .revealCaseField(let form):
            need(form.reason)
            guard let held else { return found }
            let mine = parts(party, held)
            var fields: Set<String> = ["family.id_number"]
            if kind?.isSchool == true { fields.insert("child.id_number") }
            if !mine.contains("handler"), mine.isDisjoint(with: ["unit", "bureau"]) {
                fields.insert("family.household_place")
            }
            if !fields.contains(form.field) { found.insert(.fieldInvalid) }
        case .eraseCase(let form):
            need(form.basis)
            if held?.isErased == true { found.insert(.fieldInvalid) }
        default: found.insert(.fieldMissing)
        }
        return found
    }

    private func childFaults(_ child: ChildSide?, _ kind: Kind, _ today: Day) -> Set<Refusal> {
        guard kind.isSchool else { return child == nil ? [] : [.fieldInvalid] }
        guard let child else { return [.fieldMissing] }
        let year = Int(child.schoolYear)
        if abs(year - today.year) > 1 { return [.fieldInvalid] }
        guard [2021, 2022, 2026, 2027].contains(year) else { return [.noRuleTable] }
        return today > Day(year: year, month: 6, day: 30) ? [.fieldInvalid] : []
    }

    /// A task that is there, the party's own, and in one of these states.
    private func taskFaults(_ number: Int32, _ held: Held?, _ party: String?, _ states: Set<String>)
        -> Set<Refusal>
    {
        guard let held, number >= 1, number <= held.tasks.count else { return [.fieldInvalid] }
        let task = held.tasks[Int(number) - 1]
        if let party, task.party != party { return [.fieldInvalid] }
        return states.contains(task.state) ? [] : [.wrongState]
    }

    private func isEligible(_ held: Held) -> Bool {
        switch held.kind {
        case "spouse-employment": held.organ != "below-brigade"
        case "spouse-allowance": held.organ != "below-brigade" && held.profession == "unemployed"
        case "retirement-handover": ["16-20", "20-plus"].contains(held.years)
        default: true
        }
    }

    // MARK: Doing

    mutating func apply(_ body: Command.OneOf_Body, by party: String, on target: EntityID, today: Day) {
        if case .fileCase(let form) = body {
            var held = Held(kind: form.subcategory, unit: party)
            held.profession = form.family?.profession ?? ""
            held.organ = form.service?.approvalOrgan ?? ""
            held.years = form.service?.yearsBand ?? ""
            held.documents = form.materials.map { ($0.kind, $0.sha256[0]) }
            held.schoolYear = Int(form.child?.schoolYear ?? 0)
            cases[target] = held
            return
        }
        guard var held = cases[target], let kind = Self.kinds[held.kind] else { return }
        held.version += 1
        switch body {
        case .amendCase(let form):
            held.state = "filed"
            held.documents = form.materials.map { ($0.kind, $0.sha256[0]) }
            held.profession = form.family?.profession ?? ""
            held.organ = form.service?.approvalOrgan ?? ""
            held.years = form.service?.yearsBand ?? ""
        case .withdrawCase: held.state = "withdrawn"
        case .returnCase: held.state = "returned"
        case .endorseCase(let form):
            if form.passed { held.passed += 1 } else { held.state = "returned" }
        case .reviewCase(let form):
            held.state = "reviewed"
            held.handler = form.handler
            let series = "\(today.year)-\(kind.worry)"
            numbers[series, default: 0] += 1
            let serial = String(numbers[series] ?? 0)
            held.number = "随双\(series)-" + String(repeating: "0", count: max(0, 4 - serial.count)) + serial
            if kind.months > 0 { held.due = today.later(months: kind.months).text }
            if kind.isSchool { held.due = "\(held.schoolYear)-08-31" }
            held.tasks = kind.tasks.map { Task(party: $0.party, isMandatory: $0.isMandatory) }
        case .demandMaterials(let form): held.demanded += form.kinds
        case .handInMaterials(let form): held.documents += form.materials.map { ($0.kind, $0.sha256[0]) }
        case .fixReceiver:
            held.hasReceiver = true
            if held.kind == "spouse-employment", held.profession == "civil-servant" {
                held.due = today.later(months: 6).text
            }
        case .acknowledgeTask(let form): held.tasks[Int(form.task) - 1].state = "acknowledged"
        case .finishTask(let form):
            held.tasks[Int(form.task) - 1].state = "done"
            if !held.tasks.contains(where: { $0.isMandatory && $0.state != "done" }) { held.state = "placed" }
        case .refuseTask(let form): held.tasks[Int(form.task) - 1].state = "refused"
        case .reassignTask(let form):
            held.tasks[Int(form.task) - 1].state = "assigned"
            held.tasks[Int(form.task) - 1].party = form.party
        case .payAid(let form):
            held.aid += form.fen
            fund -= form.fen
        case .concludeCase(let form): held.state = form.placed ? "placed" : "not_placed"
        case .confirmCase(let form):
            held.state = form.satisfaction == .dissatisfied ? "reviewed" : "closed"
        case .eraseCase: held.isErased = true
        default: break
        }
        cases[target] = held
    }
}

/// A day, counted the simple way.
struct Day: Comparable {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(_ date: CivilDate) { self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day)) }

    /// Of a time in UTC+8, walking from 2026-01-01 on.
    init(nanoseconds: Int64) {
        var left = (nanoseconds / 1_000_000_000 + 8 * 3600) / 86_400 - 20_454  // 2026-01-01
        self.init(year: 2026, month: 1, day: 1)
        while left >= Int64(Self.days(year, month)) {
            left -= Int64(Self.days(year, month))
            self = later(months: 1)
        }
        day += Int(left)
    }

    static func days(_ year: Int, _ month: Int) -> Int {
        if month == 2 { return year % 4 == 0 && year % 100 != 0 || year % 400 == 0 ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    func later(months: Int) -> Day {
        var next = self
        for _ in 0..<months {
            next.month += 1
            if next.month == 13 { (next.year, next.month) = (next.year + 1, 1) }
        }
        next.day = min(day, Self.days(next.year, next.month))
        return next
    }

    var text: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))"
    }

    static func < (a: Day, b: Day) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }
}
