import Office
import Schema
import Testing
import TwoListsClient

@Suite("Cases of all kinds at the screen")
struct CaseworkTests {
    @Test func amountsAreYuanAndFen() {
        let good: [(String, Int64)] = [
            ("0", 0), ("3000", 300_000), ("1250.5", 125_050), ("1250.50", 125_050), ("0.01", 1),
            ("92233720368547758.07", .max),
        ]
        for (typed, fen) in good { #expect(Money.fen(typed) == fen, "\(typed)") }
        for typed in [
            "", ".", "1.", ".5", "1.234", "-1", "+1", "1,000", "１", "1e3", "1.2.3", "92233720368547758.08",
            "99999999999999999999", "元",
        ] {
            #expect(Money.fen(typed) == nil, "\(typed)")
        }
        #expect(Money.text(125_050) == "1250.50")
        #expect(Money.text(-1) == "-0.01")
        #expect(Money.text(.min) == "-92233720368547758.08")
    }

    private func command(_ words: String) throws -> Command.OneOf_Body? {
        let line = try CommandLineParser.parse(words.split(separator: " ").map(String.init))
        let officer = Officer(city: "421300", party: "bureau/421300", officer: "b1s2")
        return try Forms.command(line, Forms.Setting(officer: officer, thisYear: 2026))
    }

    @Test func whatIsTypedIsWhatIsMeant() throws {
        #expect(
            try command("case endorse X --passed no --note 缺件")
                == .endorseCase(EndorseCase(passed: false, note: "缺件")))
        #expect(
            try command("case finish X --task 3 --result 办结")
                == .finishTask(FinishTask(task: 3, result: "办结")))
        #expect(
            try command("case aid X --amount 300.05 --purpose 补助")
                == .payAid(PayAid(fen: 30_005, purpose: "补助")))
        #expect(
            try command("fund income --amount 100 --source donation --basis 凭证1")
                == .receiveFund(ReceiveFund(fen: 10_000, source: "donation", basis: "凭证1")))
        #expect(
            try command("case reveal X --reason 核对 --field child.id_number")
                == .revealCaseField(RevealCaseField(field: "child.id_number", reason: "核对")))
        #expect(throws: UsageError.self) { try command("case aid X --amount 3,000 --purpose 补助") }
    }

    @Test func aPageShowsWhatACaseHas() {
        var view = CaseView(
            summary: CaseSummary(subcategory: "veteran-return", due: CivilDate(year: 2026, month: 5, day: 2)))
        view.dueBasis = .reviewed
        view.dueClause = "第三条"
        view.missingMaterials = ["identity"]
        view.chain = [EndorsementView(party: "department/1", partyName: "协调办", passed: true)]
        view.tasks = [
            TaskView(
                number: 1, name: "恢复户口登记", partyName: "市公安局", mandatory: true,
                deadline: CivilDate(year: 2026, month: 3, day: 17), state: .refused, answer: "不在本市")
        ]
        view.aidFen = 30_000
        view.followUp = .satisfied
        view.followUpNote = "已上岗"
        view.followedUpAt = 1_772_413_200_000_000_000
        let text = ViewsText(Screen(language: .zh, columns: 200)).familyCase(view).joined(separator: "\n")
        for part in [
            "2026-05-02 (自审核之日起)", "第三条", "identity", "协调办(已签署)",
            "恢复户口登记 市公安局 必办 2026-03-17前 不能办理：不在本市", "300.00元", "满意 已上岗",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let json = view.json.compact
        for part in [
            "\"aid_fen\":30000", "\"due_basis\":\"reviewed\"", "\"state\":\"refused\"",
            "\"due\":\"2026-05-02\"",
        ] {
            #expect(json.contains(part), "\(part)")
        }
    }
}
