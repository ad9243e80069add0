import Schema
import TestSupport
import Testing
import TwoListsClient

@testable import Office

@Suite("BATCH.md 5: what is typed to erase a person")
struct PersonFormTests {
    private static let number = "11010519491231002X"

    private func line(_ words: [String]) throws -> Invocation {
        try CommandLineParser.parse(["person", "erase"] + words)
    }

    @Test("the number is read as typed and checked here; a fault never repeats it, in neither language")
    func numbers() throws {
        for typed in [Self.number, " 11010519491231002x ", "１１０１０５１９４９１２３１００２Ｘ"] {
            #expect(try PersonForms.number(line(["--id-number", typed])) == Self.number)
        }
        for (typed, why) in [
            ("110105194912310021", "校验位不符"), ("110105491231002", "15位旧号"), ("1101", "位数不对"), ("", "内容为空"),
            ("11010519491331002X", "出生日期不存在"),
        ] {
            let invocation = try line(["--id-number", typed])
            do throws(UsageError) {
                _ = try PersonForms.number(invocation)
                Issue.record("\(typed) was taken")
            } catch {
                #expect(error.text(.zh).contains("身份证号填写有误") && error.text(.zh).contains(why))
                #expect(error.text(.en).hasPrefix("the ID number is not right: "))
                #expect(typed.isEmpty || !(error.text(.zh) + error.text(.en)).contains(typed))
            }
        }
    }

    @Test("nothing but the word confirms, in either language; it says what will be unreadable")
    func confirmed() throws {
        for word in ["不再可读", "unreadable"] { try PersonForms.checkConfirmed(line(["--confirm", word])) }
        for word in ["", "是", "yes", "y", "不再可读。", "可读"] {
            #expect(throws: UsageError.self, "\(word)") {
                try PersonForms.checkConfirmed(line(["--confirm", word]))
            }
        }
        #expect(PersonForms.consequence.zh.contains(PersonForms.confirmation.zh))
        #expect(PersonForms.consequence.en.contains(PersonForms.confirmation.en))
    }

    @Test(
        "on a terminal the number and the basis are asked for first, the confirmation when it is known whose rows they are"
    )
    func asked() throws {
        let spec = CommandTable.spec(.personErase)
        var typed = [Self.number, "七号", "不再可读"]
        var shown = ""
        let prompter = Prompter(
            language: .zh, readLine: { typed.isEmpty ? nil : typed.removeFirst() }, write: { shown += $0 })
        var invocation = try prompter.complete(line([]), PersonForms.unconfirmed(spec))
        #expect(typed == ["不再可读"] && !shown.contains("确认"))
        #expect(try PersonForms.number(invocation) == Self.number)
        invocation = try prompter.complete(invocation, spec)
        try PersonForms.checkConfirmed(invocation)
        #expect(shown.contains("身份证号（18位") && shown.contains("依据（") && shown.contains("确认（写“不再可读”）："))
        #expect(PersonForms.command(invocation) == .erasePerson(ErasePerson(basis: "七号")))
    }

    @Test("the basis is held to the server's own rules before anything is sent")
    func basis() throws {
        for (basis, refusal) in [
            ("", Refusal.fieldMissing), (String(repeating: "七", count: 2_001), .fieldInvalid),
        ] {
            let body = PersonForms.command(try line(["--basis", basis]))
            #expect(LocalCheck.refusal(of: body)?.refusal == refusal)
        }
        #expect(LocalCheck.refusal(of: PersonForms.command(try line(["--basis", "申请书七号"]))) == nil)
    }
}
