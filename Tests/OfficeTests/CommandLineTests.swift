import Foundation
import Schema
import Testing
import TwoListsClient

@testable import Office

@Suite("The command line")
struct CommandLineTests {
    private func parse(_ line: String) throws -> Invocation {
        try CommandLineParser.parse(line.split(separator: " ").map(String.init))
    }
    private func problem(_ line: String) -> String {
        do {
            _ = try parse(line)
            return ""
        } catch let error as UsageError {
            return error.text(.zh)
        } catch {
            return "\(error)"
        }
    }

    @Test("operands, options in both forms, global options anywhere")
    func forms() throws {
        let line = try parse(
            "--json request --lang=en decide 随双2026-军提-0001 --decision 纳入 --note=好 --timeout 5")
        #expect(line.name == .requestDecide)
        #expect(line.operands == ["随双2026-军提-0001"])
        #expect(line.choice("decision", Decision.self) == .included)
        #expect(line.text("note") == "好")
        #expect(line.has("json") && line.integer("timeout") == 5)
        #expect(
            try parse("request list --state submitted --state 退回补正").choices("state", RequestState.self) == [
                .submitted, .returned,
            ])
        #expect(try parse("request accept -- --key").operands == ["--key"])
        #expect(try parse("send -").operands == ["-"])
        #expect(try parse("ca init --odd x").operands == ["init", "--odd", "x"])
        #expect(try parse("").name == .help)
        let call = try parse("call a.B/C -d {} -H k:v --header=l:w --trace --schema built-in")
        #expect(
            call.operands == ["a.B/C"] && call.text("data") == "{}" && call.texts("header") == ["k:v", "l:w"])
        #expect(call.has("trace") && call.values["schema"] == [.choice(1)])
        #expect(try parse("call a.B/C -d -").text("data") == "-" && (try parse("call -h")).has("help"))
        #expect(problem("call a.B/C -d") == "--data(请求内容)后面缺少内容。")
        #expect(try parse("--help").name == .help)
        #expect(try parse("request accept -h").has("help"))
        #expect(try parse("request progress K --percent=40").integer("percent") == 40)
        #expect(
            try parse("case file --material 结婚证=a.pdf --material x=b=c").materials("material").map(\.path)
                == ["a.pdf", "b=c"])
        #expect(try parse("watch --since 00ff").bytes("since") == [0, 255])
    }

    @Test("choices by code, Chinese name and letter")
    func choices() throws {
        for word in ["A", "a", "已解决", "solved"] {
            #expect(
                try parse("request report K --grade \(word) --summary x").choice("grade", ResultGrade.self)
                    == .solved)
        }
        for word in ["unit-to-local", "部队提→地方办", "部队提", "UNIT-TO-LOCAL"] {
            #expect(
                try parse("request list --direction \(word)").choice("direction", Direction.self)
                    == .unitToLocal)
        }
    }

    @Test("what is wrong is said, and what would be right")
    func problems() {
        #expect(problem("reqest list") == "没有“reqest”这个命令。是不是要用 request？")
        #expect(problem("request lst") == "没有“request lst”这个命令。是不是要用 request list？")
        #expect(problem("request").contains("submit, amend"))
        #expect(problem("request list --stat x") == "“request list”没有选项 --stat。是不是 --state？")
        #expect(problem("request list --state 完成").contains("只能是：已提报(submitted)"))
        #expect(problem("request accept") == "缺少“编号”。正式编号、电话查询码或事项编号(32位十六进制)。")
        #expect(problem("request accept a b").contains("多出的内容“b”"))
        #expect(problem("request list --json=1").contains("不带内容"))
        #expect(problem("request list --year").contains("缺少内容"))
        #expect(problem("request list --year 2026 --year 2025").contains("写了两次"))
        #expect(problem("request submit --wished-by 2026-02-30").contains("不是日期"))
        #expect(problem("watch --since xyz").contains("十六进制"))
        #expect(problem("case file --material x").contains("种类=文件"))
    }

    @Test("numbers at their limits and one beyond")
    func numbers() throws {
        for (option, command, low, high) in [
            ("percent", "request progress K", 0, 100), ("timeout", "health", 1, 3600),
            ("limit", "request list", 1, 100_000),
        ] {
            #expect(try parse("\(command) --\(option) \(low)").integer(option) == low)
            #expect(try parse("\(command) --\(option) \(high)").integer(option) == high)
            #expect(problem("\(command) --\(option) \(low - 1)").contains("整数"))
            #expect(problem("\(command) --\(option) \(high + 1)").contains("整数"))
        }
        #expect(problem("request list --year 99999999999999999999").contains("整数"))
    }

    @Test("the longest value is taken, one byte more is not; so with the number of arguments")
    func lengths() throws {
        let longest = String(repeating: "x", count: CommandLineParser.longestValueBytes)
        #expect(
            try CommandLineParser.parse(["request", "return", "K", "--reason", longest]).text("reason")
                == longest)
        #expect(throws: UsageError.self) {
            try CommandLineParser.parse(["request", "return", "K", "--reason", longest + "x"])
        }
        let many =
            ["request", "list"]
            + Array(repeating: "--state=submitted", count: CommandLineParser.mostArguments - 2)
        #expect(
            try CommandLineParser.parse(many).values["state"]?.count == CommandLineParser.mostArguments - 2)
        #expect(throws: UsageError.self) { try CommandLineParser.parse(many + ["--json"]) }
    }

    @Test("every command has a summary in both languages, its options distinct names, and help")
    func table() {
        #expect(CommandTable.all.count == CommandName.allCases.count)
        for spec in CommandTable.all {
            #expect(!spec.summary.zh.isEmpty && !spec.summary.en.isEmpty, "\(spec.name)")
            let names = (spec.options + OptionSpec.global).map(\.name)
            #expect(Set(names).count == names.count, "\(spec.name)")
            for language in Language.allCases {
                let help = HelpText(language).command(spec).joined(separator: "\n")
                for option in spec.options { #expect(help.contains("--\(option.name)")) }
            }
        }
        #expect(HelpText(.zh).overview().joined().contains("request submit"))
        let group = HelpText(.zh).group("round")?.joined() ?? ""
        #expect(group.contains("round announce") && !group.contains("request submit"))
        #expect(HelpText(.zh).group("nothing") == nil)
        for field in ["submit_request", "confirm_case", "report_result", "hand_back_request"] {
            #expect(CommandName(commandField: field) != nil)
        }
    }

    @Test("what is required, and what only under a condition")
    func required() throws {
        let declined = try parse("request decide K --decision declined")
        let missing = Prompter.missingRequired(declined, CommandTable.spec(.requestDecide))
        #expect(missing?.problem.zh == "缺少必填项：--basis(政策依据)")
        let included = try parse("request decide K --decision included")
        #expect(Prompter.missingRequired(included, CommandTable.spec(.requestDecide)) == nil)
        // What a result says besides differs by kind, and the server has that table: the command line asked a spouse's post of all.
        let placed = try parse("case conclude K --placed yes")
        #expect(Prompter.missingRequired(placed, CommandTable.spec(.caseConclude)) == nil)
        let not = try parse("case conclude K --placed 否")
        #expect(
            Prompter.missingRequired(not, CommandTable.spec(.caseConclude))?.problem.en == "missing: --reason"
        )
    }

    @Test("a command begun and not finished is told what may follow, not that there is none")
    func unfinished() throws {
        let error = #expect(throws: UsageError.self) { try CommandLineParser.parse(["round"]) }
        #expect(
            error?.text(.en).hasPrefix("a word is missing after “round”. one of these follows: announce")
                == true)
        let help = try CommandLineParser.parse(["round", "--help"])
        #expect(help.name == .help && help.operands == ["round"])
    }

    @Test("a dialogue asks for what is missing, explains what is wrong, and asks again")
    func dialogue() throws {
        var answers = ["", "4", "纳入么", "3", "  鄂政发〔2020〕3号第五条 "]
        var shown = ""
        let prompter = Prompter(
            language: .zh, readLine: { answers.isEmpty ? nil : answers.removeFirst() }, write: { shown += $0 }
        )
        var line = try prompter.complete(try parse("request decide K"), CommandTable.spec(.requestDecide))
        #expect(line.choice("decision", Decision.self) == .referred)
        #expect(answers.count == 3)
        line = try prompter.complete(
            try parse("request decide K --decision declined"), CommandTable.spec(.requestDecide))
        #expect(line.text("basis") == "纳入么")
        #expect(shown.contains("  1) 纳入\n") && shown.contains("此项必填") && shown.contains("政策依据（不予纳入时必填）："))
        let end = Prompter(language: .zh, readLine: { nil }, write: { _ in })
        #expect(throws: UsageError.self) {
            try end.complete(try self.parse("request decide K"), CommandTable.spec(.requestDecide))
        }
    }

    @Test("a code list is offered by number")
    func codeDialogue() throws {
        var spec = CommandTable.spec(.requestSubmit)
        spec.options = spec.options.filter { $0.name == "category" }
        let prompter = Prompter(
            language: .zh,
            codes: { _ in [CodeEntry(code: "road", name: "道路"), CodeEntry(code: "power", name: "供电")] },
            readLine: { "2" }, write: { _ in })
        #expect(try prompter.complete(Invocation(.requestSubmit), spec).text("category") == "power")
        for (typed, code) in [("road", "road"), ("供", "power"), ("道路", "road")] {
            var answers = ["99", "电话", typed]
            var shown = ""
            let prompter = Prompter(
                language: .zh,
                codes: { _ in [CodeEntry(code: "road", name: "道路"), CodeEntry(code: "power", name: "供电")] },
                readLine: { answers.removeFirst() }, write: { shown += $0 })
            #expect(try prompter.complete(Invocation(.requestSubmit), spec).text("category") == code)
            #expect(shown.components(separatedBy: "没有这一项").count == 3)
        }
    }
}

@Suite("Names typed short")
struct NamingTests {
    @Test("exact first, then the only one that contains it, never a guess")
    func match() {
        let names = ["随县", "随州高新区", "曾都区", "曾都"]
        func find(_ typed: String) -> String? { Naming.match(typed, in: names) { $0 } }
        #expect(find("曾都") == "曾都")
        #expect(find("高新") == "随州高新区")
        #expect(find("随") == nil && find("") == nil && find("广水") == nil)
    }
}

@Suite("From the command line to the command")
struct FormTests {
    private let unit = Officer(city: "421300", party: "unit/LU-07", officer: "k7f2")

    private func form(_ line: [String], _ setting: Forms.Setting? = nil) throws -> Command.OneOf_Body? {
        try Forms.command(
            try CommandLineParser.parse(line), setting ?? Forms.Setting(officer: unit, thisYear: 2026))
    }

    @Test("an officer is registered, given roles, suspended and let act again")
    func officers() throws {
        let words = [
            "officer", "register", "z9z9", "--party", "county/421321", "--role", "clerk", "--role", "审批",
            "--name",
            "测试", "--post", "股长",
        ]
        guard case .registerOfficer(let registered)? = try form(words) else { throw Unexpected() }
        #expect(
            registered
                == RegisterOfficer(
                    officer: "z9z9", party: "county/421321", roles: [.clerk, .approver], name: "测试",
                    post: "股长"))
        guard
            case .setOfficerRoles(let roles)? = try form([
                "officer", "roles", "z9z9", "--role", "security-admin",
            ])
        else { throw Unexpected() }
        #expect(roles == SetOfficerRoles(officer: "z9z9", roles: [.securityAdmin]))
        for (word, suspended) in [("suspend", true), ("resume", false)] {
            guard case .suspendOfficer(let body)? = try form(["officer", word, "z9z9"]) else {
                throw Unexpected()
            }
            #expect(body == SuspendOfficer(officer: "z9z9", suspended: suspended))
        }
        let line = try CommandLineParser.parse(words)
        #expect(OfficerForms.target(line)?.count == 16 && OfficerForms.firstVersion(line.name) == 0)
        #expect(OfficerForms.target(try CommandLineParser.parse(["request", "show", "z9z9"])) == nil)
        #expect(Prompter.missingRequired(Invocation(.officerRoles), CommandTable.spec(.officerRoles)) != nil)
    }

    private struct Unexpected: Error {}

    @Test("submit: direction from the party, year and wave by default")
    func submit() throws {
        let line = [
            "request", "submit", "--title", "t", "--content", "c", "--category", "road", "--contact-name",
            "n", "--contact-phone", "1",
        ]
        let expected = SubmitRequest(
            direction: .unitToLocal, year: 2026, wave: .anytime,
            text: RequestText(
                title: "t", content: "c", category: "road", contact: Contact(name: "n", phone: "1")))
        #expect(try form(line) == .submitRequest(expected))
        let county = Officer(city: "421300", party: "county/421321", officer: "x")
        guard case .submitRequest(let other)? = try form(line, Forms.Setting(officer: county, thisYear: 2026))
        else {
            Issue.record("no command")
            return
        }
        #expect(other.direction == .localToUnit)
    }

    @Test("amend keeps what is not given, but never a masked text")
    func amend() throws {
        let old = RequestText(
            title: "旧", content: "内容", category: "road", contact: Contact(name: "张三", phone: "138******00"))
        let setting = Forms.Setting(officer: unit, thisYear: 2026, request: RequestView(text: old))
        let masked = #expect(throws: UsageError.self) {
            try self.form(["request", "amend", "K", "--title", "新"], setting)
        }
        #expect(masked?.problem.zh.contains("contact-phone") == true)
        var expected = old
        expected.title = "新"
        expected.contact?.phone = "13800000000"
        #expect(
            try form(["request", "amend", "K", "--title", "新", "--contact-phone", "13800000000"], setting)
                == .amendRequest(AmendRequest(text: expected)))
    }

    @Test("every mutating command has a form")
    func complete() throws {
        var setting = Forms.Setting(officer: unit, thisYear: 2026)
        // What attaches is made of a file and what became of it on the server (AttachmentForms).
        for name in CommandName.allCases where !name.attaches {
            var line = Invocation(name)
            if TimeForms.readsFile(name) {
                line.operands = ["tables/2027.csv"]
                setting.table = name == .calendarLoad ? Self.calendar : Self.rules
            }
            #expect((try Forms.command(line, setting) != nil) == name.isMutating, "\(name)")
        }
    }

    private static let calendar = "version,1\nsource,通知\nfrom,to,kind,name\n2027-01-01,2027-01-03,off,元旦\n"
    private static let rules = """
        version,2027.1
        setting,value
        yellow_percent,20
        yellow_days,3
        urge_days,1
        supervise_days,5
        listed_days,15
        redo_limit,3
        hand_back_limit,3

        """

    @Test("tables of time come from files, and what is wrong in them is told with its place")
    func tables() throws {
        func loaded(_ words: [String], _ text: String) throws -> Command.OneOf_Body? {
            try form(words, Forms.Setting(officer: unit, thisYear: 2026, table: text))
        }
        let day = CivilDate(year: 2027, month: 1, day: 1)
        #expect(
            try loaded(["calendar", "load", "/a/2027.csv"], Self.calendar)
                == .loadCalendar(
                    LoadCalendar(
                        year: 2027, version: "1", source: "通知",
                        spans: [
                            CalendarSpan(
                                first: day, last: CivilDate(year: 2027, month: 1, day: 3), name: "元旦")
                        ])))
        #expect(
            try loaded(["supervision", "load", "s.csv"], Self.rules)
                == .loadSupervision(
                    LoadSupervision(
                        version: "2027.1", yellowPercent: 20, yellowDays: 3, urgeDays: 1, superviseDays: 5,
                        listedDays: 15, redoLimit: 3, handBackLimit: 3)))
        let wrong = #expect(throws: UsageError.self) {
            try loaded(["calendar", "load", "/a/2028.csv"], Self.calendar)
        }
        #expect(wrong?.problem.zh.hasPrefix("文件 /a/2028.csv 第4行“from”列有误") == true)
        #expect(wrong?.problem.en.hasPrefix("/a/2028.csv, line 4, column \"from\"") == true)
        #expect(
            TimeForms.target(try parsed("calendar load 2027.csv"))
                != TimeForms.target(try parsed("supervision load x")))
        #expect(TimeForms.target(try parsed("calendar load next.csv")) == nil)
    }

    private func parsed(_ line: String) throws -> Invocation {
        try CommandLineParser.parse(line.split(separator: " ").map(String.init))
    }

    @Test("an assignment has a date or a number of working days")
    func terms() throws {
        let words = [
            "request", "assign", "K", "--responsible", "county/421321", "--content", "x", "--standard", "x",
            "--first-post", "x", "--second-post", "x",
        ]
        guard
            case .assignRequest(let body)? = try form(
                words + ["--working-days", "10"], Forms.Setting(officer: unit, thisYear: 2026))
        else {
            Issue.record("no assignment")
            return
        }
        #expect(body.workingDays == 10 && body.deadline == nil)
        let spec = CommandTable.spec(.requestAssign)
        #expect(
            Prompter.missingRequired(try CommandLineParser.parse(words + ["--working-days", "10"]), spec)
                == nil)
        #expect(Prompter.missingRequired(try CommandLineParser.parse(words), spec) != nil)
        #expect(
            try parsed("request list --light yellow --light 红灯").choices("light", Light.self) == [
                .yellow, .red,
            ])
    }
}

@Suite("The server's checks, run before sending")
struct LocalCheckTests {
    private func submit(title: String = "道路维修", content: String = "内容", name: String = "张三")
        -> Command.OneOf_Body
    {
        .submitRequest(
            SubmitRequest(
                text: RequestText(
                    title: title, content: content, category: "road", contact: Contact(name: name, phone: "1")
                )))
    }

    @Test("good ones pass")
    func good() {
        #expect(LocalCheck.refusal(of: submit()) == nil)
        #expect(LocalCheck.refusal(of: .acceptRequest(AcceptRequest())) == nil)
    }

    @Test("limits: at the limit passes, one character more is told")
    func limits() {
        #expect(LocalCheck.refusal(of: submit(title: String(repeating: "字", count: 80))) == nil)
        let long = LocalCheck.refusal(of: submit(title: String(repeating: "字", count: 81)))
        #expect(
            long?.refusal == .fieldInvalid && long?.argument("field") == "text.title"
                && long?.argument("max") == "80")
        #expect(LocalCheck.refusal(of: submit(content: " \n "))?.refusal == .fieldMissing)
    }

    @Test("classified text is told first, by its rule, never repeated")
    func classified() {
        let found = LocalCheck.refusal(of: submit(title: "", content: "坐标北纬31.6912度东经113.3821度"))
        #expect(found?.refusal == .classifiedText)
        #expect(found?.argument("rule") == "coordinates")
        #expect(found?.arguments.contains { $0.value.contains("31.69") } == false)
    }

    @Test("an identity number with a wrong check character")
    func identity() {
        func file(_ number: String) -> Outcome? {
            LocalCheck.refusal(
                of: .fileCase(FileCase(family: FamilySide(name: "李四", idNumber: number), wish: "愿在本地就业")))
        }
        #expect(file("11010519491231002X") == nil)
        #expect(file("110105194912310021")?.argument("why") == "check-character")
        #expect(file("")?.refusal == .fieldMissing)
    }
}
