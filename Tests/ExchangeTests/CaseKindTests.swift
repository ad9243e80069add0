import Schema
import Testing

@testable import Exchange

@Suite("DOMAIN.md 3: every sub-category of the three worries, by table")
struct CaseKindTests {
    /// A form of each sub-category of the seeds, with the documents it must have.
    private func form(_ kind: KindOfCase) -> FileCase {
        var form = Samples.fileCase
        form.subcategory = kind.subcategory
        form.service?.yearsBand = kind.rules == "retirement-handover" ? "20-plus" : "12-16"
        if kind.rules == "spouse-allowance" { form.family?.profession = "unemployed" }
        form.materials = kind.materials.enumerated().map {
            Samples.document($0.element, UInt8($0.offset + 1))
        }
        if kind.hasChild {
            form.child = Samples.child
            if kind.subcategory == "exam-preference" { form.child?.stage = "senior" }
        }
        return form
    }

    /// Each of DOMAIN.md's sub-categories is filed, endorsed, reviewed, done and closed; its number is of its worry, its tier names a clause, its
    /// due date is what its table says.
    @Test func everySubcategoryRunsItsWay() throws {
        var desk = try Desk.seeded()
        let kinds = try #require(desk.state.caseKinds).rows
        let codes = try #require(desk.state.codeList("case-subcategory")).entries.map(\.code)
        #expect(Set(kinds.map(\.subcategory)) == Set(codes))
        #expect(kinds.count == 17)
        let names: [NumberSeries: String] = [.wayOut: "后路", .home: "后院", .children: "后代"]
        for kind in kinds {
            let target = desk.newID()
            try desk.run(.fileCase(form(kind)), by: "u7l1", on: target)
            for _ in kind.chain { try desk.give(.endorseCase, on: target) }
            try desk.give(.reviewCase, on: target)
            var held = try #require(desk.held(target))
            #expect(held.number.contains("-\(names[kind.series] ?? "?")-"), "\(kind.subcategory)")
            #expect(held.review?.clause.isEmpty == false)
            #expect(held.review?.ruleVersion == "2026.1")
            #expect(held.due?.day.text == due(kind.subcategory), "\(kind.subcategory)")
            if kind.tasks.isEmpty {
                try desk.run(.concludeCase(result(kind)), by: "d5h2", on: target)
            } else {
                for (task, officer) in Samples.mandatoryTasks {
                    try desk.run(.finishTask(FinishTask(task: task, result: "办结")), by: officer, on: target)
                }
            }
            try desk.give(.confirmCase, on: target)
            try desk.give(.followUpCase, on: target)
            held = try #require(desk.held(target))
            #expect(held.state == .closed && held.followUp?.satisfaction == .satisfied)
        }
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    /// By hand: reviewed on 2026-03-02.
    private func due(_ subcategory: String) -> String? {
        switch subcategory {
        case "officer-transfer", "soldier-placement": "2026-09-02"
        case "retirement-handover", "housing": "2026-06-02"
        case "veteran-return", "spouse-allowance", "rights", "school-aid": "2026-05-02"
        case "spouse-settlement", "medical-care", "hardship-aid", "school-transfer": "2026-04-02"
        case "kindergarten", "school-entry", "exam-preference": "2026-08-31"
        default: nil
        }
    }

    private func result(_ kind: KindOfCase) -> ConcludeCase {
        var result = ConcludeCase(placed: true)
        if kind.result.contains(.channel) { result.channel = "matching-institution" }
        if kind.result.contains(.employer) { result.employer = "某接收单位" }
        if kind.result.contains(.post) { result.post = "某岗位" }
        return result
    }

    @Test func aResultSaysWhatItsKindWants() throws {
        var desk = try Desk.seeded()
        let spouse = try desk.placementCase(in: .reviewed)
        for (field, change) in [
            ("channel", { (form: inout ConcludeCase) in form.channel = "" }),
            ("employer", { $0.employer = "" }), ("post", { $0.post = "" }),
        ] {
            var form = Samples.placed
            change(&form)
            #expect(desk.refusal(.concludeCase(form), by: "d5h2", on: spouse) == .missing(field))
        }
        let aid = try desk.placementCase(in: .reviewed, for: .payAid)
        #expect(desk.refusal(.concludeCase(ConcludeCase(placed: true)), by: "d5h2", on: aid) == nil)
        let odd = ConcludeCase(placed: true, channel: "nonsense")
        #expect(desk.refusal(.concludeCase(odd), by: "d5h2", on: aid)?.refusal == .unknownCode)
    }

    /// DOMAIN.md 3: a civil servant's reception, within six months of the receiving unit being fixed; nobody else's.
    @Test func receptionWithinSixMonthsOfTheReceiver() throws {
        var desk = try Desk.seeded()
        for (profession, day) in [("civil-servant", "2026-09-02"), ("institution", nil)]
            as [(String, String?)]
        {
            var form = Samples.fileCase
            form.family?.profession = profession
            let target = desk.newID()
            try desk.run(.fileCase(form), by: "u7l1", on: target)
            try desk.give(.reviewCase, on: target)
            #expect(desk.held(target)?.due == nil)
            try desk.give(.fixReceiver, on: target)
            #expect(desk.held(target)?.due?.day.text == day)
            #expect(desk.held(target)?.due?.clause.contains("六个月") == (day == nil ? nil : true))
            #expect(desk.held(target)?.receiver?.fixedOn.text == "2026-03-02")
            // Fixed once: the time does not begin anew.
            let again = desk.refusal(.fixReceiver(FixReceiver(employer: "另一局")), by: "d5h2", on: target)
            #expect(again == Rejection(.fieldInvalid, ["field": "employer", "why": "repeated"]))
        }
    }

    @Test func monthsEndWhereTheMonthDoes() throws {
        func day(_ year: Int, _ month: Int, _ day: Int) throws -> CivilDay {
            try #require(CivilDay(year: year, month: month, day: day))
        }
        #expect(try day(2026, 8, 31).adding(months: 6)?.text == "2027-02-28")
        #expect(try day(2027, 8, 31).adding(months: 6)?.text == "2028-02-29")
        #expect(try day(2026, 3, 2).adding(months: 6)?.text == "2026-09-02")
        #expect(try day(2026, 12, 31).adding(months: 1)?.text == "2027-01-31")
        #expect(try day(2026, 1, 31).adding(months: -2)?.text == "2025-11-30")
        #expect(try day(2100, 12, 1).adding(months: 1) == nil)
        #expect(try day(2026, 1, 1).adding(months: .max) == nil)
    }

    /// School dates are data, per county and year: past the intake it is too late, without a row it is refused and never guessed.
    @Test func schoolDatesPerCountyAndYear() throws {
        var desk = try Desk.seeded()
        func refusal(_ change: (inout FileCase) -> Void) -> Rejection? {
            var form = Samples.schooling
            change(&form)
            return desk.refusal(.fileCase(form), by: "u7l1", on: EntityID(high: 7, low: 8))
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.child = nil } == .missing("child"))
        #expect(refusal { $0.child?.schoolYear = 2025 }?["table"] == "school-dates")
        #expect(refusal { $0.child?.schoolYear = 2031 } == .invalid("child.school_year", "out-of-range"))
        #expect(refusal { $0.child?.county = "department/421300-EDU" }?.refusal == .wrongParty)
        #expect(refusal { $0.child?.stage = "nursery" }?.refusal == .unknownCode)
        #expect(refusal { $0.child?.idNumber = "421321201503070012" }?["why"] == "check-character")
        #expect(refusal { $0.subcategory = "housing" } == .invalid("child", "mismatch"))
        // 2026-06-30 is the last day of intake in the seeds.
        let end = try #require(CivilDay(year: 2026, month: 6, day: 30)?.startNanoseconds)
        desk.now = end + 86_399_000_000_000
        #expect(refusal { _ in } == nil)
        desk.now = end + 86_400_000_000_000
        #expect(refusal { _ in } == .invalid("child.school_year", "past"))
        #expect(refusal { $0.subcategory = "school-transfer" } == nil)  // at any time
        desk.now = Desk.morning
        // Another county may have other dates.
        let row = SchoolDates(
            county: "county/421303", year: 2026, stage: "junior",
            intakeUntil: CivilDate(year: 2026, month: 5, day: 10),
            allocatedBy: CivilDate(year: 2026, month: 8, day: 1),
            toldBy: CivilDate(year: 2026, month: 8, day: 20), clause: "县办法第一条")
        try desk.run(
            .loadSchoolDates(LoadSchoolDates(version: "2026.2", dates: [row])), by: "b1y3",
            on: RosterTarget.schoolDates)
        #expect(refusal { _ in }?["table"] == "school-dates")
        var form = Samples.schooling
        form.child?.county = "county/421303"
        let target = desk.newID()
        try desk.run(.fileCase(form), by: "u7l1", on: target)
        try desk.give(.reviewCase, on: target)
        let due = try #require(desk.held(target)?.due)
        #expect(due.day.text == "2026-08-20" && due.from == .school && due.clause == "县办法第一条")
    }

    @Test func eligibilityNamesItsClause() throws {
        var desk = try Desk.seeded()
        func review(_ form: FileCase) throws -> Rejection? {
            let target = desk.newID()
            try desk.run(.fileCase(form), by: "u7l1", on: target)
            if desk.held(target)?.nextOfChain != nil { try desk.give(.endorseCase, on: target) }
            return desk.refusal(.reviewCase(Samples.review), by: "b1s2", on: target)
        }
        var employed = form(try #require(desk.state.caseKind("spouse-allowance")))
        #expect(try review(employed) == nil)
        employed.family?.profession = "institution"
        #expect(try review(employed)?["clause"] == "未就业补贴办法（样例）第四条：已就业的不予补贴")
        var young = Samples.retirement
        young.service?.yearsBand = "5-8"
        #expect(try review(young)?.refusal == .notEligible)
    }

    // MARK: Chain and documents

    @Test func theChainIsGoneThroughInOrder() throws {
        var desk = try Desk.seeded()
        var kind = CaseSightTests.kind
        kind.tasks = []
        kind.chain = ["department/421300-JD", "department/421300-EDU"]
        try desk.run(
            .loadCaseKinds(LoadCaseKinds(version: "9", kinds: [kind])), by: "b1y3", on: RosterTarget.caseKinds
        )
        var form = Samples.schooling
        form.subcategory = "school-aid"
        let target = desk.newID()
        try desk.run(.fileCase(form), by: "u7l1", on: target)
        let pass = Command.OneOf_Body.endorseCase(EndorseCase(passed: true))
        // The second does not even see it before its turn.
        #expect(desk.refusal(pass, by: "d5e1", on: target)?.refusal == .notFound)
        #expect(
            desk.refusal(.reviewCase(Samples.review), by: "b1s2", on: target)
                == Rejection(.chainOpen, ["party": "department/421300-JD"]))
        try desk.run(pass, by: "d5j6", on: target)
        #expect(
            desk.refusal(pass, by: "d5j6", on: target)
                == Rejection(.notYourTurn, ["party": "department/421300-EDU"]))
        // An objection needs its reason, goes back to the unit, and the turn stays.
        let silent = Command.OneOf_Body.endorseCase(EndorseCase(passed: false))
        #expect(desk.refusal(silent, by: "d5e1", on: target) == .missing("note"))
        try desk.run(
            .endorseCase(EndorseCase(passed: false, note: "缺学籍")), by: "d5e1", on: target)
        #expect(desk.held(target)?.state == .returned)
        let amended = AmendCase(
            service: form.service, family: form.family, wish: form.wish, materials: form.materials,
            child: form.child)
        try desk.run(.amendCase(amended), by: "u7l1", on: target)
        #expect(desk.held(target)?.passed == 1)
        try desk.run(pass, by: "d5e1", on: target)
        #expect(desk.refusal(pass, by: "d5e1", on: target) == Rejection(.notYourTurn))
        try desk.run(.reviewCase(Samples.review), by: "b1s2", on: target)
    }

    @Test func documentsAreNeverDemandedTwice() throws {
        var desk = try Desk.seeded()
        var form = Samples.hardship
        form.materials = [Samples.document("identity", 1)]
        let target = desk.newID()
        try desk.run(.fileCase(form), by: "u7l1", on: target)
        #expect(
            desk.refusal(.reviewCase(Samples.review), by: "b1s2", on: target)
                == Rejection(.materialsMissing, ["kinds": "income-certificate"]))
        func demand(_ kinds: [String], _ officer: String = "b1a1") -> Rejection? {
            desk.refusal(.demandMaterials(DemandMaterials(kinds: kinds)), by: officer, on: target)
        }
        let repeated = Rejection(.fieldInvalid, ["field": "kinds", "why": "repeated"])
        #expect(demand(["identity"]) == repeated)  // is there
        #expect(demand(["income-certificate"]) == repeated)  // must be there anyway
        #expect(demand(["bank-account", "bank-account"]) == repeated)
        #expect(demand([]) == .missing("kinds"))
        #expect(demand(["nonsense"])?.refusal == .unknownCode)
        try desk.run(.demandMaterials(DemandMaterials(kinds: ["bank-account"])), by: "b1a1", on: target)
        #expect(demand(["bank-account"]) == repeated)  // is waited for
        func handIn(_ materials: [Material]) -> Rejection? {
            desk.refusal(.handInMaterials(HandInMaterials(materials: materials)), by: "u7l1", on: target)
        }
        #expect(handIn([Samples.document("identity", 1)])?["why"] == "repeated")  // the same document
        #expect(
            handIn([Samples.document("diploma", 5), Samples.document("diploma", 5)])?["why"] == "repeated")
        #expect(handIn([Samples.document("diploma", 5), Samples.document("resume", 5)]) == nil)
        #expect(handIn([]) == .missing("materials"))
        let many = (0..<39).map { Samples.document("resume", UInt8($0 + 50)) }
        #expect(handIn(many) == nil)
        #expect(handIn(many + [Samples.document("resume", 200)])?["why"] == "too-many")
        try desk.run(
            .handInMaterials(
                HandInMaterials(materials: [
                    Samples.document("income-certificate", 2), Samples.document("bank-account", 3),
                ])), by: "u7l1", on: target)
        #expect(desk.refusal(.reviewCase(Samples.review), by: "b1s2", on: target) == nil)
    }

    /// Stores of releases 1 and 2 have spouses' cases and no table of kinds: what was code stays good for them.
    @Test func aStoreWithoutATableOfKindsGoesOn() throws {
        var desk = Desk()
        for seed in try seedCommands(ProjectFiles.seeds().filter { !$0.path.hasPrefix("rules/case-") }) {
            try desk.run(seed.command, .seed, seed.target, expecting: 0)
        }
        #expect(desk.state.caseKinds == nil)
        let target = try desk.placementCase(in: .closed)
        #expect(desk.held(target)?.number == "随双2026-后院-0001")
        #expect(
            desk.refusal(.fileCase(Samples.hardship), by: "u7l1", on: EntityID(high: 7, low: 9))
                == .invalid("subcategory", "not-yet-offered"))
    }

    // MARK: The table itself

    @Test func badTablesAreRefused() throws {
        let desk = try Desk.seeded()
        func refusal(_ change: (inout CaseKind) -> Void) -> Rejection? {
            var kind = CaseSightTests.kind
            change(&kind)
            return desk.refusal(
                .loadCaseKinds(LoadCaseKinds(version: "2", kinds: [kind])), by: "b1y3",
                on: RosterTarget.caseKinds)
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.subcategory = "nonsense" }?.refusal == .unknownCode)
        #expect(refusal { $0.worry = .unspecified }?["field"] == "kinds.worry")
        #expect(refusal { $0.materials = ["nonsense"] }?.refusal == .unknownCode)
        #expect(refusal { $0.chain = ["unit/LU-07"] }?.refusal == .wrongParty)
        #expect(refusal { $0.chain += $0.chain }?["why"] == "repeated")
        #expect(refusal { $0.dueMonths = 60 } == nil)
        #expect(refusal { $0.dueMonths = 61 }?["why"] == "out-of-range")
        #expect(refusal { $0.dueMonths = 0 }?["why"] == "out-of-range")
        #expect(refusal { $0.dueClause = "" } == .missing("kinds.due_clause"))
        #expect(
            refusal {
                $0.due = .school
                $0.child = false
            }?["why"] == "mismatch")
        #expect(refusal { $0.result = ["salary"] }?["field"] == "kinds.result")
        #expect(refusal { $0.tasks[0].mandatory = false } == .missing("kinds.tasks.mandatory"))
        #expect(refusal { $0.tasks[1].code = "account" }?["why"] == "repeated")
        #expect(refusal { $0.tasks[1].days = 366 } == nil)
        #expect(refusal { $0.tasks[1].days = 367 }?["why"] == "out-of-range")
        #expect(refusal { $0.tasks[1].party = "unit/LU-02" }?.refusal == .wrongParty)
        func tasks(_ count: Int) -> [TaskKind] {
            (0..<count).map {
                TaskKind(
                    code: "t\($0)", name: "分项", party: "department/421300-PSB", mandatory: true, days: 3)
            }
        }
        #expect(refusal { $0.tasks = tasks(20) } == nil)
        #expect(refusal { $0.tasks = tasks(21) }?["why"] == "too-many")
        #expect(refusal { $0.dueWhen = [RuleCondition(field: "service.merits", values: ["x"])] } != nil)
        let twice = LoadCaseKinds(version: "2", kinds: [CaseSightTests.kind, CaseSightTests.kind])
        #expect(
            desk.refusal(.loadCaseKinds(twice), by: "b1y3", on: RosterTarget.caseKinds)?["why"] == "repeated")
    }

    private func error(_ files: [(String, String)]) -> String? {
        do {
            _ = try seedCommands(files.map { SeedFile(path: $0.0, text: $0.1) })
            return nil
        } catch { return error.description }
    }

    @Test func seedErrorsNameFileLineAndColumn() {
        let head =
            "version,1\nsubcategory,worry,rules,child,materials,chain,due,due_months,due_when,due_clause,result,fund\n"
        let good = "housing,home,care,no,,,none,,,,,no\n"
        func kinds(_ row: String) -> String? { error([("rules/case-kinds.csv", head + good + row)]) }
        #expect(kinds("") == nil)
        #expect(kinds("x,road,care,no,,,none,,,,,no\n")?.contains("line 4, column \"worry\"") == true)
        #expect(kinds("x,home,,no,,,none,,,,,no\n")?.contains("line 4, column \"rules\": empty") == true)
        #expect(kinds("x,home,care,maybe,,,none,,,,,no\n")?.contains("column \"child\"") == true)
        #expect(kinds("x,home,care,no,,,someday,,,,,no\n")?.contains("column \"due\"") == true)
        #expect(kinds("x,home,care,no,,,reviewed,two,,c,,no\n")?.contains("column \"due_months\"") == true)
        #expect(kinds("x,home,care,no,,,reviewed,2,service.x=1,c,,no\n")?.contains("\"due_when\"") == true)
        #expect(kinds("x,home,care,no,,,reviewed,2,,,,no\n")?.contains("column \"due_clause\"") == true)
        #expect(kinds("x,home,care,no,,,none,,,,pay,no\n")?.contains("column \"result\"") == true)
        #expect(kinds("x,home,care,no,,,none,,,,,perhaps\n")?.contains("column \"fund\"") == true)
        #expect(kinds(good)?.contains("line 4, column \"subcategory\": \"housing\" stands twice") == true)
        let taskHead = "version,1\nsubcategory,task,name,party,mandatory,days\n"
        func tasks(_ row: String, _ head: String = taskHead) -> String? {
            error([
                ("rules/case-kinds.csv", head.isEmpty ? "" : Self.kindHead + good),
                ("rules/case-tasks.csv", head + row),
            ])
        }
        #expect(tasks("housing,a,甲,department/1,yes,3\n") == nil)
        #expect(tasks("houses,a,甲,department/1,yes,3\n")?.contains("line 3, column \"subcategory\"") == true)
        #expect(tasks("housing,a,甲,department/1,si,3\n")?.contains("column \"mandatory\"") == true)
        #expect(tasks("housing,a,甲,department/1,yes,drei\n")?.contains("column \"days\"") == true)
        #expect(
            tasks("", taskHead.replacing("version,1", with: "version,2"))?.contains("its version") == true)
        #expect(error([("rules/case-tasks.csv", taskHead)])?.contains("tasks without") == true)
        let dates = "version,1\ncounty,year,stage,intake_until,allocated_by,told_by,clause\n"
        func date(_ row: String) -> String? { error([("rules/school-dates.csv", dates + row)]) }
        #expect(date("county/1,2026,junior,2026-06-30,2026-08-15,2026-08-31,c\n") == nil)
        #expect(
            date("county/1,2026,junior,2026-06-31,2026-08-15,2026-08-31,c\n")
                == "seeds/rules/school-dates.csv, line 3, column \"intake_until\": \"2026-06-31\" is no day such as 2026-05-31"
        )
        #expect(
            date("county/1,2026,junior,2026-06-30,2026-8-15,2026-08-31,c\n")?.contains("allocated_by") == true
        )
    }

    private static let kindHead =
        "version,1\nsubcategory,worry,rules,child,materials,chain,due,due_months,due_when,due_clause,result,fund\n"
}

@Suite("DOMAIN.md 3: one thing, once (军人退役一件事)")
struct CaseTaskTests {
    @Test func theParentIsDoneWhenAllMandatoryAreAndOneRefusedLosesNothing() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .reviewed, for: .finishTask)
        #expect(desk.held(target)?.tasks.map(\.isMandatory) == [true, true, true, false, false])
        #expect(desk.held(target)?.tasks.map(\.deadline.text).first == "2026-03-17")
        func finish(_ task: Int32, _ officer: String) throws {
            try desk.run(.finishTask(FinishTask(task: task, result: "办结\(task)")), by: officer, on: target)
        }
        try desk.run(.acknowledgeTask(AcknowledgeTask(task: 2)), by: "d5h2", on: target)
        try desk.run(.refuseTask(RefuseTask(task: 3, reason: "参保地不在本市")), by: "d5m4", on: target)
        try finish(1, "d5p3")
        try finish(2, "d5h2")
        var held = try #require(desk.held(target))
        #expect(held.state == .reviewed)
        #expect(held.tasks.map(\.state) == [.done, .done, .refused, .assigned, .assigned])
        #expect(held.tasks[2].answer.clear == "参保地不在本市")
        #expect(held.openMandatoryTasks == [3])
        #expect(
            desk.refusal(.concludeCase(ConcludeCase(placed: true)), by: "d5h2", on: target)
                == Rejection(.tasksOpen, ["tasks": "3"]))
        let again = ReassignTask(
            task: 3, party: "department/421300-HR", deadline: CivilDate(year: 2026, month: 4, day: 30),
            note: "转人社统一办理")
        try desk.run(.reassignTask(again), by: "b1s2", on: target)
        // Who had it and refused does not see the case any more.
        let former = try #require(desk.viewer("d5m4"))
        #expect(desk.state.matter(target, for: former) == nil)
        try finish(3, "d5h2")
        held = try #require(desk.held(target))
        #expect(held.state == .placed && held.conclusion?.isPlaced == true)
        // What is not mandatory goes on.
        try finish(4, "d5p3")
        #expect(desk.held(target)?.state == .placed)
        #expect(TestHasher.digest(desk.state) == TestHasher.digest(desk.rebuilt()))
    }

    @Test func eachTaskIsItsOwnPartys() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .reviewed, for: .finishTask)
        let unknown = Rejection(.fieldInvalid, ["field": "task", "why": "unknown"])
        for task in [-1, 0, 2, 3, 5, 6, 20, 21, .max, .min] as [Int32] {
            for body: Command.OneOf_Body in [
                .acknowledgeTask(AcknowledgeTask(task: task)),
                .finishTask(FinishTask(task: task, result: "x")),
                .refuseTask(RefuseTask(task: task, reason: "x")),
            ] {
                #expect(desk.refusal(body, by: "d5p3", on: target) == unknown, "\(task)")
            }
        }
        let late = ReassignTask(
            task: 1, party: "department/421300-HR", deadline: CivilDate(year: 2026, month: 3, day: 1))
        #expect(desk.refusal(.reassignTask(late), by: "b1s2", on: target) == .invalid("deadline", "past"))
        try desk.run(.finishTask(FinishTask(task: 1, result: "已落户")), by: "d5p3", on: target)
        #expect(
            desk.refusal(.refuseTask(RefuseTask(task: 1, reason: "x")), by: "d5p3", on: target)
                == Rejection(.wrongState, ["command": "refuse_task", "state": "task-done"]))
    }

    /// `next` offers what could be done, and what it does not offer could not.
    @Test func nextIsWhatWouldBeDone() throws {
        var desk = try Desk.seeded()
        for kind in [CommandKind.fileCase, .endorseCase, .finishTask, .payAid] {
            for state in PlacementCase.State.allCases {
                let target = try desk.placementCase(in: state, for: kind)
                for officer in desk.state.officers.map(\.id) {
                    let viewer = try #require(desk.viewer(officer))
                    guard let matter = desk.state.matter(target, for: viewer) else { continue }
                    var done: Set<String> = []
                    for (one, body) in Samples.caseCommands where one != .fileCase && !one.isOfTask {
                        if desk.refusal(body, by: officer, on: target) == nil { done.insert(one.name) }
                    }
                    for task in 1...5 as ClosedRange<Int32> {
                        for body in bodies(task) where desk.refusal(body, by: officer, on: target) == nil {
                            done.insert(CommandKind(Command(body: body))?.name ?? "")
                        }
                    }
                    if desk.refusal(Samples.attach(kind: "resume"), by: officer, on: target) == nil {
                        done.insert("attach_evidence")
                    }
                    var next = Set(desk.state.nextCommands(for: viewer, matter))
                    // Sub-tasks that are open keep a result from being recorded; that is told when it is tried.
                    if desk.held(target)?.tasks.isEmpty == false {
                        next.remove("conclude_case")
                        done.remove("conclude_case")
                    }
                    #expect(next == done, "\(kind.name) \(state.word) \(officer)")
                }
            }
        }
    }

    private func bodies(_ task: Int32) -> [Command.OneOf_Body] {
        [
            .acknowledgeTask(AcknowledgeTask(task: task)), .finishTask(FinishTask(task: task, result: "x")),
            .refuseTask(RefuseTask(task: task, reason: "x")),
        ]
    }
}

@Suite("DOMAIN.md 3: the care fund (关爱基金), in integer 分")
struct CareFundTests {
    @Test func itNeverPaysMoreThanItHolds() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .reviewed, for: .payAid)
        #expect(desk.state.fund.held == 1_000_000_00)
        func pay(_ fen: Int64) -> Rejection? {
            desk.refusal(.payAid(PayAid(fen: fen, purpose: "补助")), by: "b1s2", on: target)
        }
        #expect(pay(1_000_000_00) == nil)
        #expect(pay(1_000_000_01) == Rejection(.fundShort, ["held": "100000000"]))
        for odd in [0, -1, .min, .max, Limits.fen + 1] as [Int64] {
            #expect(pay(odd) == .invalid("fen", "out-of-range"))
        }
        try desk.run(.payAid(PayAid(fen: 999_999_99, purpose: "补助")), by: "b1s2", on: target)
        #expect(desk.state.fund.held == 1 && desk.state.fund.outgo == 999_999_99)
        #expect(pay(1) == nil)
        #expect(pay(2)?.refusal == .fundShort)
        #expect(desk.held(target)?.aid == 999_999_99)
        let other = try desk.placementCase(in: .reviewed)
        #expect(
            desk.refusal(.payAid(PayAid(fen: 1, purpose: "补助")), by: "b1s2", on: other)
                == .invalid("subcategory", "mismatch"))
    }

    @Test func incomeHasItsLimits() throws {
        var desk = try Desk.seeded()
        func receive(_ fen: Int64, _ source: String = "donation", _ basis: String = "凭证2号") -> Rejection? {
            desk.refusal(
                .receiveFund(ReceiveFund(fen: fen, source: source, basis: basis)), by: "b1s2",
                on: RosterTarget.careFund)
        }
        #expect(receive(Limits.fen) == nil)
        #expect(receive(Limits.fen + 1) == .invalid("fen", "out-of-range"))
        #expect(receive(0) == .invalid("fen", "out-of-range"))
        #expect(receive(1, "lottery")?.refusal == .unknownCode)
        #expect(receive(1, "donation", "") == .missing("basis"))
        #expect(
            desk.refusal(
                .receiveFund(ReceiveFund(fen: 1, source: "finance", basis: "x")), by: "k7f2",
                on: RosterTarget.careFund)?.refusal == .notPermitted)
        while desk.state.fund.income <= Limits.fundFen - Limits.fen {
            try desk.run(
                .receiveFund(ReceiveFund(fen: Limits.fen, source: "finance", basis: "x")), by: "b1s2",
                on: RosterTarget.careFund)
        }
        #expect(desk.state.fund.income == Limits.fundFen)
        #expect(receive(1) == .invalid("fen", "out-of-range"))
    }

    @Test func onlyTheBureauLooks() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .reviewed, for: .payAid)
        try desk.give(.payAid, on: target)
        for officer in desk.state.officers.map(\.id) {
            let viewer = try #require(desk.viewer(officer))
            let view = desk.state.careFundView(for: viewer)
            #expect((view != nil) == ["b1a1", "b1s2"].contains(officer), "\(officer)")
        }
        let bureau = try #require(desk.viewer("b1a1"))
        let view = try #require(desk.state.careFundView(for: bureau))
        #expect(view.heldFen == 999_700_00 && view.incomeFen == 1_000_000_00 && view.outgoFen == 300_00)
        #expect(view.entries.map(\.fen) == [-300_00, 1_000_000_00])
        #expect(view.entries.first?.number == desk.held(target)?.number)
        #expect(view.version == 1)
    }
}
