import Exchange
import Schema
import Testing
import TwoListsClient

@testable import Office

@Suite("REGISTRY.md: the registry from the command line")
struct RegistryFormTests {
    private func form(_ words: [String], party: PartyView? = nil) throws -> Command.OneOf_Body? {
        var setting = Forms.Setting(
            officer: .init(city: "421300", party: "bureau/421300", officer: "b1q4"), thisYear: 2026)
        setting.party = party
        return try Forms.command(try CommandLineParser.parse(words), setting)
    }

    @Test("parties are added, changed from what stands, suspended and let act again")
    func parties() throws {
        let words = ["party", "add", "421321-LS", "--kind", "乡镇(街道)", "--name", "厉山镇", "--order", "1"]
        #expect(
            try form(words + ["--parent", "county/421321"])
                == .registerParty(
                    RegisterParty(
                        key: "township/421321-LS", kind: .township, code: "421321-LS", name: "厉山镇", order: 1,
                        parent: "county/421321")))
        let line = try CommandLineParser.parse(words)
        #expect(RegistryForms.addedKey(line) == "township/421321-LS")
        #expect(
            Prompter.missingRequired(line, CommandTable.spec(.partyAdd))?.problem.zh
                == "缺少必填项：--parent(上级县(市、区))")
        let party = PartyView(key: "county/421321", kind: .county, name: "随县", order: 2, version: 3)
        #expect(
            try form(["party", "change", "421321", "--order", "5"], party: party)
                == .changeParty(ChangeParty(key: "county/421321", name: "随县", order: 5)))
        for (word, suspended) in [("suspend", true), ("resume", false)] {
            #expect(
                try form(["party", word, "421321"], party: party)
                    == .suspendParty(SuspendParty(key: "county/421321", suspended: suspended)))
        }
    }

    @Test("a duty is handed over by two ids; a name is removed on a basis")
    func officers() throws {
        let words = ["officer", "hand-over", "--from", "k7f2", "--to", "k9n1"]
        #expect(try form(words) == .handOverOfficer(HandOverOfficer(officer: "k7f2", successor: "k9n1")))
        let line = try CommandLineParser.parse(words)
        #expect(OfficerForms.target(line) == RosterTarget.officer("k7f2").bytes)
        #expect(OfficerForms.firstVersion(line.name) == 1)
        let erase = ["officer", "erase", "k7f2", "--basis", "七号"]
        #expect(try form(erase) == .eraseOfficer(EraseOfficer(officer: "k7f2", basis: "七号")))
        #expect(OfficerForms.target(try CommandLineParser.parse(erase)) == RosterTarget.officer("k7f2").bytes)
    }

    @Test("classified text in a party's name is told here and never sent")
    func classified() throws {
        let party = PartyView(key: "unit/LU-07", kind: .unit, name: "驻随某部07", order: 2)
        let body = try #require(
            try form(["party", "change", "LU-07", "--name", "31638部队"], party: party))
        #expect(LocalCheck.refusal(of: body)?.refusal == .classifiedText)
    }

    @Test("refusals of the registry say what to do")
    func texts() {
        func line(_ refusal: Refusal, _ arguments: [(String, String)]) -> String {
            let outcome = Outcome(
                refusal: refusal, arguments: arguments.map { Argument(name: $0.0, value: $0.1) })
            return outcome.explanation()?.line(.zh) ?? ""
        }
        #expect(line(.accountActive, [("command", "erase_officer")]).contains("officer suspend"))
        #expect(line(.partySuspended, [("party", "county/421321")]).contains("county/421321”已停用"))
        #expect(line(.notFound, [("command", "hand_over_officer")]).contains("没有登记这一人员"))
        #expect(line(.notFound, [("command", "change_party")]).contains("没有登记这一单位"))
        #expect(line(.alreadyExists, [("command", "register_party")]).contains("party change"))
        #expect(
            line(.fieldInvalid, [("field", "successor"), ("why", "other-party")])
                == "“接任人员”填写有误：不是同一单位的人员。请改正后再提交。")
    }
}
