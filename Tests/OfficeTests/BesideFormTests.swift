import Schema
import Testing
import TwoListsClient

@testable import Office

@Suite("CASEWORK.md 2: the commands beside the chain, as typed and as shown")
struct BesideFormTests {
    private let bureau = Officer(city: "421300", party: "bureau/421300", officer: "b1s2")

    private func form(_ words: String, linked: [UInt8] = []) throws -> Command.OneOf_Body? {
        var setting = Forms.Setting(officer: bureau, thisYear: 2026)
        setting.linked = linked
        let line = try CommandLineParser.parse(words.split(separator: " ").map(String.init))
        return try Forms.command(line, setting)
    }

    private let august = CivilDate(year: 2026, month: 8, day: 1)

    @Test("each is parsed into its command")
    func forms() throws {
        let other = [UInt8](repeating: 7, count: 16)
        let expected: [(String, Command.OneOf_Body)] = [
            (
                "request schedule K --conference 2026-08-01 --note 第一次",
                .scheduleRequest(ScheduleRequest(conference: august, note: "第一次"))
            ),
            (
                "request ask-extension K --deadline 2026.8.1 --reason 雨季",
                .askExtension(AskExtension(deadline: august, reason: "雨季"))
            ),
            (
                "request decide-extension K --approved 是",
                .decideExtension(DecideExtension(approved: true))
            ),
            (
                "request decide-extension K --approved yes --deadline 2026-08-01",
                .decideExtension(DecideExtension(approved: true, deadline: august))
            ),
            (
                "request decide-extension K --approved no --reason 工期充足",
                .decideExtension(DecideExtension(approved: false, reason: "工期充足"))
            ),
            (
                "request ask-suspension K --code season --reason 汛期",
                .askSuspension(AskSuspension(code: "season", reason: "汛期"))
            ),
            ("request decide-suspension K --approved 是", .decideSuspension(DecideSuspension(approved: true))),
            ("request resume K --deadline 2026-08-01", .resumeRequest(ResumeRequest(deadline: august))),
            ("request carry-over K --year 2027", .carryOverRequest(CarryOverRequest(year: 2027))),
            (
                "request void K --duplicate-of L --reason 重复",
                .voidRequest(VoidRequest(duplicateOf: other, reason: "重复"))
            ),
            (
                "request progress K --percent 30 --stage work",
                .reportProgress(ReportProgress(percent: 30, stage: "work"))
            ),
        ]
        for (words, body) in expected { #expect(try form(words, linked: other) == body, "\(words)") }
    }

    @Test("what is missing is asked for: a refusal needs its reason, an approval none")
    func required() throws {
        func missing(_ words: String) throws -> Bool {
            let line = try CommandLineParser.parse(words.split(separator: " ").map(String.init))
            return Prompter.missingRequired(line, CommandTable.spec(line.name)) != nil
        }
        #expect(try missing("request decide-extension K --approved no"))
        #expect(try !missing("request decide-extension K --approved yes"))
        #expect(try missing("request decide-suspension K --approved 否"))
        #expect(try missing("request ask-extension K --reason 雨季"))
        #expect(try missing("request ask-suspension K --code season"))
        #expect(try missing("request resume K"))
        #expect(try missing("request void K --reason 重复"))
        #expect(try missing("request carry-over K"))
    }

    @Test("classified text is told before it is sent")
    func guarded() throws {
        for words in [
            "request schedule K --conference 2026-08-01 --note 绝密文件",
            "request ask-extension K --deadline 2026-08-01 --reason 绝密文件",
            "request decide-extension K --approved yes --reason 绝密文件",
            "request ask-suspension K --code season --reason 绝密文件",
            "request decide-suspension K --approved no --reason 绝密文件",
            "request resume K --deadline 2026-08-01 --note 绝密文件",
            "request carry-over K --year 2027 --note 绝密文件", "request void K --duplicate-of L --reason 绝密文件",
        ] {
            let body = try #require(try form(words))
            #expect(LocalCheck.refusal(of: body)?.refusal == .classifiedText, "\(words)")
        }
    }

    @Test("views are asked for by their names")
    func views() throws {
        for (word, view) in [
            ("to-do", SavedView.toDo), ("待办", .toDo), ("waiting", .waiting), ("等我答复", .waiting),
            ("逾期", .late),
        ] {
            let line = try CommandLineParser.parse(["request", "list", "--view", word, "--wave", "集中"])
            #expect(line.choice("view", SavedView.self) == view)
            #expect(line.choices("wave", Wave.self) == [.collective])
        }
    }

    private func shown(_ view: Schema.RequestView, _ language: Language) -> String {
        ViewsText(Screen(language: language)).request(view).joined(separator: "\n")
    }

    @Test("the sheet says what is asked, suspended, carried over and linked")
    func sheet() {
        let view = Schema.RequestView(
            summary: RequestSummary(
                year: 2026, wave: .collective, state: .suspended, carriedInto: [2027, 2028]),
            obligation: AssignRequest(responsible: "county/421303"), conference: august, stage: "work",
            askedExtension: AskExtension(deadline: august, reason: "雨季"), suspension: "season",
            firstReceiver: "county/421321", firstReceiverName: "随县", extensionCount: 2,
            duplicates: [RequestLink(reference: "7K3F-Q2MX-C"), RequestLink(number: "随双2026-军提-0003")])
        let text = shown(view, .zh)
        for words in [
            "已挂起", "2026 集中，结转至2027、2028", "至 2026-08-01：雨季", "season", "随县(county/421321)",
            "7K3F-Q2MX-C、随双2026-军提-0003", "work",
        ] { #expect(text.contains(words), "\(words) is not in \(text)") }
        #expect(shown(view, .en).contains("carried into 2027, 2028"))
        // The first receiver is news only when another leads now.
        var same = view
        same.firstReceiver = "county/421303"
        #expect(!shown(same, .zh).contains("首接"))
        #expect(view.json.compact.contains(#""asked_extension":{"deadline":"2026-08-01","reason":"雨季"}"#))
        #expect(view.json.compact.contains(#""carried_into":[2027,2028]"#))
    }

    @Test("a list shows what waits for the bureau's word")
    func list() {
        let views = ViewsText(Screen(language: .zh))
        for (question, words) in [
            (OpenQuestion.extension, "办理中·申请延期"), (.suspension, "办理中·申请挂起"), (.unspecified, "办理中 "),
        ] {
            let one = RequestSummary(reference: "7K3F-Q2MX-C", state: .inProgress, question: question)
            let text = views.requests([one], more: []).joined(separator: "\n")
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test("a history tells the deadline that was asked for, and the one that was set")
    func history() {
        let day = CivilDate(year: 2026, month: 8, day: 1)
        let entries = [
            HistoryEntry(kind: "ask_extension", note: "雨季", askedDeadline: day),
            HistoryEntry(kind: "decide_extension", note: "", deadline: day),
            HistoryEntry(kind: "decide_extension", note: "工期充足"),
        ]
        let text = ViewsText(Screen(language: .zh)).history(entries, isCase: false).joined(separator: "\n")
        for words in ["申请延至 2026-08-01，雨季", "完成时限改为 2026-08-01", "工期充足"] {
            #expect(text.contains(words), "\(text)")
        }
        #expect(entries[0].json.compact.contains(#""asked_deadline":"2026-08-01""#))
    }

    @Test("likely duplicates are shown as a hint, nothing where there are none")
    func similar() {
        let views = ViewsText(Screen(language: .zh))
        #expect(views.similar([]).isEmpty)
        let found = RequestSummary(number: "随双2026-军提-0003", title: "道路\u{1B}[31m", state: .accepted)
        let text = views.similar([found]).joined(separator: "\n")
        #expect(text.contains("随双2026-军提-0003") && text.contains("照常提报") && !text.contains("\u{1B}"))
    }
}
