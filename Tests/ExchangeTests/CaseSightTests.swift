import Exchange
import Schema
import Testing
import Wire

@Suite("DOMAIN.md 3 and 6: least knowledge, field by field")
struct CaseSightTests {
    /// The table again, written down independently from DOMAIN.md: unit, bureau, reviewer, handler, party with a sub-task, and the most a list
    /// shows. w whole, m masked, o own, - nothing.
    static let law = """
        course                 w w w w w w
        unit                   w w w - - w
        service                w w w - - -
        family.name            w w w w w w
        family.id_number       m m m m m -
        family.household_place w w - w m -
        family.facts           w w w w - -
        family.contact.name    w w - w w -
        family.contact.phone   w w - w m -
        child.name             w w w w w -
        child.id_number        m m m m m -
        child.school           w w w w - -
        wish                   w w w w - -
        tier                   w w w w - w
        handler                w w w w w w
        materials.service      w w w - - -
        materials              w w w w w -
        attachments.name       w w w w m -
        chain                  w w w - - -
        receiver               w w - w - -
        conclusion             w w - w - -
        satisfaction           w w - w - -
        tasks                  w w - w o -
        aid                    w w - - - -
        follow_up              w w - w - -
        notes                  w w o w o w
        """

    static let officers: [(officer: String, relation: Rights.Relation)] = [
        ("u7l1", .requester), ("b1a1", .bureau), ("d5j6", .reviewer), ("d5h2", .responsible),
        ("d5p3", .tasked),
    ]

    /// The columns of a field's row.
    static func row(_ field: CaseField) -> [Character] {
        let line = law.split(separator: "\n").first { $0.split(separator: " ").first == field.rawValue[...] }
        return (line ?? "").split(separator: " ").dropFirst().compactMap(\.first)
    }

    @Test func theTableIsAsWrittenDown() {
        let letters: [CaseSight: Character] = [.whole: "w", .masked: "m", .own: "o", .hidden: "-"]
        for field in CaseField.allCases {
            let row = Self.row(field)
            #expect(row.count == 6, "\(field.rawValue)")
            for (column, one) in Self.officers.enumerated() {
                let sight = CaseSight.of(field, one.relation)
                #expect(letters[sight] == row[column], "\(field.rawValue) for \(one.relation.word)")
            }
        }
        #expect(CaseSight.table.count == CaseField.allCases.count)
        #expect(CaseField.allCases.allSatisfy { CaseSight.of($0, []) == .hidden })
        #expect(CaseField.allCases.allSatisfy { CaseSight.of($0, .assisting) == .hidden })
    }

    /// A kind of case that has everything: a child, a chain, a task, money.
    static let kind = CaseKind(
        subcategory: "school-aid", worry: .children, rules: "school-priority", child: true,
        chain: ["department/421300-JD"], due: .reviewed, dueMonths: 2, dueClause: "资助办法第三条", fund: true,
        tasks: [
            TaskKind(code: "account", name: "开户核实", party: "department/421300-PSB", mandatory: true, days: 9),
            TaskKind(code: "paper", name: "学籍核实", party: "department/421300-EDU", days: 9),
        ])

    /// One case with every field filled, closed and called about; each value is nowhere else.
    static func filled() throws -> (Desk, EntityID) {
        var desk = try Desk.seeded()
        try desk.fillFund()
        try desk.run(
            .loadCaseKinds(LoadCaseKinds(version: "9", kinds: [kind])), by: "b1y3",
            on: RosterTarget.caseKinds)
        var form = Samples.schooling
        form.subcategory = "school-aid"
        form.family?.contact = Contact(name: "赵联系", phone: "13712345678")
        form.materials = [Samples.document("service-merit", 21), Samples.document("household", 22)]
        let target = desk.newID()
        try desk.run(.fileCase(form), by: "u7l1", on: target)
        for (number, kind) in [(UInt8(31), "household"), (32, "service-merit")] {
            try desk.run(Samples.attach(number, "证件扫描\(number).pdf", kind: kind), by: "u7l1", on: target)
        }
        try desk.run(.endorseCase(EndorseCase(passed: true, note: "协调办意见")), by: "d5j6", on: target)
        try desk.run(
            .reviewCase(ReviewCase(handler: "department/421300-HR", note: "审核说明")), by: "b1s2", on: target)
        try desk.run(.fixReceiver(FixReceiver(employer: "接收学校甲")), by: "d5h2", on: target)
        try desk.run(.payAid(PayAid(fen: 777_01, purpose: "资助用途")), by: "b1s2", on: target)
        try desk.run(.refuseTask(RefuseTask(task: 2, reason: "学籍不在本市")), by: "d5e1", on: target)
        try desk.run(.finishTask(FinishTask(task: 1, result: "账户属实")), by: "d5p3", on: target)
        try desk.run(
            .confirmCase(ConfirmCase(satisfaction: .dissatisfied, note: "结果有异议")), by: "u7l1", on: target)
        try desk.run(
            .concludeCase(ConcludeCase(placed: true, employer: "结果学校乙", reason: "结果说明")), by: "d5h2",
            on: target)
        try desk.run(
            .confirmCase(ConfirmCase(satisfaction: .mostly, note: "尚可")), by: "u7l1", on: target)
        try desk.run(
            .followUpCase(FollowUpCase(satisfaction: .satisfied, note: "回访说明")), by: "b1a1", on: target)
        return (desk, target)
    }

    /// Field by field: what it is when whole, what it is masked (by hand, from Masking.swift's rule), and where it stands in a view.
    static let fields:
        [(field: CaseField, whole: String, masked: String, of: @Sendable (CaseView) -> String)] = [
            (.course, "school-aid", "", { $0.summary?.subcategory ?? "" }),
            (.unit, "unit/LU-07 驻随某部07", "", { "\($0.summary?.unit ?? "") \($0.summary?.unitName ?? "")" }),
            (.service, "third-merit", "", { $0.service?.merit ?? "" }),
            (.familyName, "王小芳", "王**", { $0.family?.name ?? "" }),
            (.familyID, "11010519491231002X", "110*************2X", { $0.family?.idNumber ?? "" }),
            (.familyPlace, "湖北省随州市", "湖*****", { $0.family?.householdPlace ?? "" }),
            (.familyFacts, "bachelor", "", { $0.family?.schooling ?? "" }),
            (.familyFacts, "institution", "", { $0.family?.profession ?? "" }),
            (.familyContact, "赵联系", "赵**", { $0.family?.contact?.name ?? "" }),
            (.familyPhone, "13712345678", "137******78", { $0.family?.contact?.phone ?? "" }),
            (.childName, "陈小明", "陈**", { $0.child?.name ?? "" }),
            (.childID, "421321201503070018", "421*************18", { $0.child?.idNumber ?? "" }),
            (
                .childSchool, "某小学 junior 2026 county/421321", "",
                { view in
                    guard let child = view.child, !child.school.isEmpty || !child.stage.isEmpty else {
                        return ""
                    }
                    return "\(child.school) \(child.stage) \(child.schoolYear) \(child.county)"
                }
            ),
            (.wish, "希望在市区中学任教", "", { $0.wish }),
            (
                .tier, "3 就近入学 2026.1", "",
                { $0.summary?.tier == 0 ? "" : "\($0.summary?.tier ?? 0) \($0.tierName) \($0.ruleVersion)" }
            ),
            (.handler, "department/421300-HR", "", { $0.summary?.handler ?? "" }),
            (
                .serviceDocuments, "service-merit", "",
                { view in view.materials.map(\.kind).first { $0 == "service-merit" } ?? "" }
            ),
            (
                .documents, "household", "",
                { view in view.materials.map(\.kind).first { $0 == "household" } ?? "" }
            ),
            (.attachmentName, "证件扫描31.pdf", "证*********", { $0.attachments.first?.name ?? "" }),
            (.serviceDocuments, "service-merit", "", { $0.attachments.dropFirst().first?.kind ?? "" }),
            (.chain, "department/421300-JD", "", { $0.chain.first?.party ?? "" }),
            (.receiver, "接收学校甲", "", { $0.receiver }),
            (.conclusion, "结果学校乙", "", { $0.conclusion?.employer ?? "" }),
            (.satisfaction, "mostly", "", { $0.satisfaction == .mostly ? "mostly" : "" }),
            (.aid, "77701", "", { $0.aidFen == 0 ? "" : String($0.aidFen) }),
            (.followUp, "回访说明", "", { $0.followUpNote }),
        ]

    @Test func eachPartyIsShownWhatTheTableSays() throws {
        let (desk, target) = try Self.filled()
        #expect(Set(Self.fields.map(\.field)).union([.tasks, .notes]) == Set(CaseField.allCases))
        for (column, one) in Self.officers.enumerated() {
            let viewer = try #require(desk.viewer(one.officer))
            let matter = try #require(desk.state.matter(target, for: viewer))
            let view = try #require(desk.state.caseView(matter, for: viewer))
            let bytes = view.encoded()
            for field in Self.fields {
                let expected =
                    switch Self.row(field.field)[column] {
                    case "w": field.whole
                    case "m": field.masked
                    default: ""
                    }
                #expect(
                    field.of(view).trimmingSpaces == expected, "\(field.field.rawValue) for \(one.officer)")
                if expected != field.whole, field.field != .satisfaction {
                    for part in field.whole.split(separator: " ") where part.utf8.count > 4 {
                        #expect(!bytes.contains(Array(part.utf8)), "\(part) for \(one.officer)")
                    }
                }
            }
            let tasks = view.tasks.map(\.code)
            switch Self.row(.tasks)[column] {
            case "w": #expect(tasks == ["account", "paper"])
            case "o": #expect(tasks == ["account"])
            default: #expect(tasks.isEmpty)
            }
        }
    }

    private func notes(_ desk: Desk, _ target: EntityID, _ officer: String) throws -> Set<String> {
        let viewer = try #require(desk.viewer(officer))
        let matter = try #require(desk.state.matter(target, for: viewer))
        return Set(desk.state.history(of: matter, for: viewer).map(\.note)).subtracting([""])
    }

    /// Remarks: of a history's rows, and of rows that are not the party's to see at all.
    @Test func historyKeepsToTheTable() throws {
        let (desk, target) = try Self.filled()
        let all: Set = ["协调办意见", "审核说明", "资助用途", "结果有异议", "结果说明", "尚可", "回访说明"]
        #expect(try notes(desk, target, "u7l1") == all)
        #expect(try notes(desk, target, "b1a1") == all)
        #expect(try notes(desk, target, "d5h2") == all.subtracting(["协调办意见", "资助用途"]))
        #expect(try notes(desk, target, "d5j6") == ["协调办意见"])
        #expect(try notes(desk, target, "d5p3").isEmpty)
        let viewer = try #require(desk.viewer("d5p3"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let rows = desk.state.history(of: matter, for: viewer)
        #expect(rows.map(\.kind).first == "review_case")
        #expect(
            !rows.contains { $0.kind == "refuse_task" || $0.kind == "pay_aid" || $0.kind == "endorse_case" })
        #expect(rows.allSatisfy { $0.actor?.party != "unit/LU-07" })
    }

    /// No list, and no notice of `watch`, has an ID number, whole or masked, or a unit for those who must not know it.
    @Test func listsNeverShowAnIDNumber() throws {
        let (desk, target) = try Self.filled()
        for one in Self.officers {
            let viewer = try #require(desk.viewer(one.officer))
            var listing = try CaseListing(ListCasesQuery(), for: viewer, in: desk.state)
            while !listing.step(desk.state, budget: 3) {}
            let page = listing.page(desk.state)
            #expect(page.cases.map(\.target) == [target.bytes])
            var bytes = page.encoded()
            let start = try WatchFeed(WatchQuery(), for: viewer, in: try State.empty(like: desk.state)).cursor
            var feed = try WatchFeed(WatchQuery(cursor: start), for: viewer, in: desk.state)
            guard case .changes(let told, _) = feed.step(desk.state, upTo: .max, limit: 99, budget: 99) else {
                Issue.record("no changes")
                return
            }
            #expect(!told.isEmpty)
            for change in told { bytes += change.encoded() }
            for secret in ["11010519491231002X", "110***", "421321201503070018", "421***", "13712345678"] {
                #expect(!bytes.contains(Array(secret.utf8)), "\(secret) for \(one.officer)")
            }
            let seesUnit = ["u7l1", "b1a1", "d5j6"].contains(one.officer)
            #expect(bytes.contains(Array("LU-07".utf8)) == seesUnit, "\(one.officer)")
        }
    }

    /// Erased, nothing of it can be read any more, in whatever part it stood.
    @Test func anErasureForgetsEveryText() throws {
        var (desk, target) = try Self.filled()
        let before = try #require(desk.held(target))
        #expect(clearTexts(before).count == 15)
        try desk.give(.eraseCase, on: target)
        let after = try #require(desk.held(target))
        #expect(clearTexts(after).isEmpty)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
        for one in Self.officers {
            let viewer = try #require(desk.viewer(one.officer))
            let matter = try #require(desk.state.matter(target, for: viewer))
            let view = try #require(desk.state.caseView(matter, for: viewer))
            let bytes = view.encoded() + desk.state.history(of: matter, for: viewer).flatMap { $0.encoded() }
            for text in ["王小芳", "陈小明", "账户属实", "学籍不在本市", "接收学校甲", "结果学校乙", "回访说明", "资助用途"] {
                #expect(!bytes.contains(Array(text.utf8)), "\(text) for \(one.officer)")
            }
        }
        let refusal = desk.refusal(
            .followUpCase(FollowUpCase(satisfaction: .satisfied, note: "再访")), by: "b1a1", on: target)
        #expect(refusal == Rejection(.fieldInvalid, ["field": "target", "why": "erased"]))
    }

    private func clearTexts(_ value: Any) -> [String] {
        if let text = value as? PersonalText { return text.clear.map { [$0] } ?? [] }
        return Mirror(reflecting: value).children.flatMap { clearTexts($0.value) }
    }

    /// What is shown masked, and only that, may be shown whole: by the parties the right names.
    @Test func whatIsMaskedMayBeRevealed() throws {
        var (desk, _) = try Self.filled()
        var form = Samples.schooling
        form.subcategory = "school-aid"
        let target = desk.newID()
        try desk.run(.fileCase(form), by: "u7l1", on: target)
        try desk.run(.endorseCase(EndorseCase(passed: true)), by: "d5j6", on: target)
        try desk.run(.reviewCase(ReviewCase(handler: "department/421300-HR")), by: "b1s2", on: target)
        let expected: [String: Set<String>] = [
            "d5h2": ["family.id_number", "child.id_number"],
            "d5p3": [
                "family.id_number", "child.id_number", "family.household_place", "family.contact.phone",
            ],
            "u7l1": [], "b1a1": [], "d5j6": [], "k7f2": [],
        ]
        for (officer, fields) in expected {
            for field in CaseField.allCases.map(\.rawValue) + ["", "family", "unit/LU-07"] {
                let command = RevealCaseField(field: field, reason: "核对")
                let refusal = desk.refusal(.revealCaseField(command), by: officer, on: target)
                #expect((refusal == nil) == fields.contains(field), "\(officer) \(field)")
                let viewer = try #require(desk.viewer(officer))
                #expect(
                    (desk.state.revealed(command, target, for: viewer) != nil) == fields.contains(field))
                if let matter = desk.state.matter(target, for: viewer) {
                    let view = try #require(desk.state.caseView(matter, for: viewer))
                    #expect(Set(view.revealable) == fields)
                }
            }
        }
        let handler = try #require(desk.viewer("d5h2"))
        let command = RevealCaseField(field: "child.id_number", reason: "核对学籍")
        #expect(desk.state.revealed(command, target, for: handler) == "421321201503070018")
    }
}

extension String {
    /// Without the space that parts two empty halves.
    fileprivate var trimmingSpaces: String { self == " " ? "" : self }
}
