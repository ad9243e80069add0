import Exchange
import Schema
import Testing

@Suite("seeds/: everything that differs by city or year")
struct SeedTests {
    @Test func theProjectsSeedsLoadWhole() throws {
        let desk = try Desk.seeded()
        #expect(desk.state.city?.numberPrefix == "随双")
        #expect(desk.state.parties.count == 16)
        #expect(desk.state.officers.count == 18)
        let lists = try ProjectFiles.seeds().filter { $0.path.hasPrefix("codes/") }
        #expect(lists.count >= 13 && desk.state.codeLists.count == lists.count)
        #expect(desk.state.ruleTable("spouse-priority")?.rules.count == 8)
        #expect(desk.state.calendar.years.map(\.year) == Array(2021...2026))
        #expect(desk.state.calendar.years.allSatisfy { $0.source.contains("国办发明电〔\($0.year - 1)〕") })
        #expect(desk.state.supervision?.listedDays == 15)
        #expect(desk.state.officer("k7f2")?.roles == [.clerk, .approver])
        #expect(desk.state.officer("b1u5")?.roles == .auditor)
    }

    @Test func orderDoesNotDependOnHowFilesWereFound() throws {
        let files = try ProjectFiles.seeds()
        #expect(try seedCommands(files) == seedCommands(files.reversed()))
        let kinds = try seedCommands(files).compactMap { CommandKind($0.command) }
        #expect(kinds.first == .configureCity)
        #expect(kinds.last == .loadBatchKind)
    }

    private func error(_ path: String, _ text: String) -> String? {
        do {
            _ = try seedCommands([SeedFile(path: path, text: text)])
            return nil
        } catch { return error.description }
    }

    @Test func errorsNameFileLineAndColumn() {
        let header = "kind,code,name,order\n"
        #expect(error("parties.csv", header + "county,421321,随县,2\n") == nil)
        #expect(error("parties.csv", "\u{FEFF}\(header)\r\n# x\r\ncounty,421321,\"随,县\",2\r\n") == nil)
        #expect(
            error("parties.csv", header + "\ncountyy,421321,随县,2\n")
                == "seeds/parties.csv, line 3, column \"kind\": \"countyy\" is none of bureau, county, unit, department, township"
        )
        #expect(
            error("parties.csv", header + "county,421321,随县,zwei\n")?.hasSuffix(
                "line 2, column \"order\": \"zwei\" is no whole number") == true)
        #expect(error("parties.csv", header + "county,,随县,2\n")?.contains("column \"code\": empty") == true)
        #expect(
            error("parties.csv", header + "county,421321,随县\n")?.contains(
                "line 2: 3 fields where the header has 4") == true)
        #expect(
            error("parties.csv", header + "county,\"421321,随县,2\n")?.contains("a quote is not closed") == true
        )
        #expect(
            error("parties.csv", "kind,code,name\n")?.contains("column \"order\": the header does not name")
                == true)
        #expect(error("parties.csv", "")?.contains("header") == true)
        #expect(error("codes/merit.csv", "code,name\nnone,无\n")?.contains("version,") == true)
        #expect(
            error("codes/merit.csv", "version,1\ncode,name\nnone,无\nnone,无\n")?.contains(
                "line 4, column \"code\": \"none\" stands twice") == true)
        #expect(
            error("officers.csv", "officer,party,roles,name,post\nk1,county/1,clerc,甲,乙\n")?.contains(
                "\"clerc\" is none of clerk") == true)
        #expect(
            error("rules/spouse-priority.csv", "version,1\ntier,refuse,clause,name,when\n1,maybe,a,b,\n")?
                .contains("neither yes nor no") == true)
        #expect(
            error(
                "rules/spouse-priority.csv", "version,1\ntier,refuse,clause,name,when\n1,no,a,b,service.x=1\n"
            )?.contains("column \"when\"") == true)
        #expect(error("city.csv", "city,name,number_prefix\n")?.contains("one row is expected") == true)
        #expect(error("unknown.csv", "")?.contains("no such table") == true)
        #expect(error("codes/../x.csv", "") != nil)
    }

    @Test func quotesAreUnfolded() throws {
        let text = "version,1\ncode,name\na,\"甲,\"\"乙\"\"\"\nb,\"\"\"\"\n"
        let command = try #require(try seedCommands([SeedFile(path: "codes/x.csv", text: text)]).first)
            .command
        guard case .loadCodeList(let list) = command.body else {
            Issue.record("no code list")
            return
        }
        #expect(list.entries == [CodeEntry(code: "a", name: "甲,\"乙\""), CodeEntry(code: "b", name: "\"")])
    }
}
