import Exchange
import Schema
import Testing

@testable import Office

@Suite("REGISTRY.md 5: what a load of tables would change")
struct RegistryPlanTests {
    private static let security = WhoAmIView(officer: "b1q4", roles: [.securityAdmin])
    private static let system = WhoAmIView(officer: "b1y3", roles: [.systemAdmin])
    private static let county = PartyView(
        key: "county/421321", kind: .county, code: "421321", name: "随县", order: 2, version: 3)
    private static let officers = [
        OfficerView(
            officer: "k7f2", party: "county/421321", partyName: "随县", post: "股长", roles: [.clerk],
            name: "测试己",
            version: 4),
        OfficerView(
            officer: "b1q4", party: "bureau/421300", post: "安全保密管理员", roles: [.securityAdmin], name: "测试丁"),
        OfficerView(officer: "k0x0", party: "county/421321", post: "股长", name: "已删除", erased: true),
    ]

    private func plan(
        _ files: [(path: String, text: String)], by asker: WhoAmIView = security,
        tables: [TableView] = []
    ) throws -> RegistryPlan {
        RegistryPlan(
            try seedCommands(files.map { SeedFile(path: $0.path, text: $0.text) }),
            RegistryPlan.Known(
                parties: [Self.county], officers: Self.officers, tables: tables, asker: asker))
    }

    private func parties(_ rows: String..., by asker: WhoAmIView = system) throws -> RegistryPlan {
        let text = "kind,code,name,order,parent\n" + rows.map { $0 + "\n" }.joined()
        return try plan([("parties.csv", text)], by: asker)
    }

    private func officers(_ rows: String..., by asker: WhoAmIView = security) throws -> RegistryPlan {
        let text = "officer,party,roles,name,post\n" + rows.map { $0 + "\n" }.joined()
        return try plan([("officers.csv", text)], by: asker)
    }

    @Test("a new party is registered, another name or place changed, the same left alone, each with its line")
    func partyRows() throws {
        let plan = try parties(
            "county,421321,随县,2,", "county,421303,曾都区,1,", "township,421321-LS,厉山镇,1,421321")
        #expect(plan.rows.map(\.change) == [.same, .new, .new] && plan.rows.map(\.line) == [2, 3, 4])
        let steps = plan.steps(for: Self.system)
        #expect(steps.map(\.step.version) == [0, 0] && plan.steps(for: Self.security).isEmpty)
        guard case .registerParty(let town)? = steps.last?.step.body else { throw Unexpected() }
        #expect(town.parent == "county/421321" && town.key == "township/421321-LS")
        #expect(steps.last?.step.target == RosterTarget.party(town.key).bytes)

        let changed = try parties("county,421321,随县新名,2,")
        #expect(
            changed.steps(for: Self.system).map(\.step) == [
                RegistryPlan.Step(
                    body: .changeParty(ChangeParty(key: "county/421321", name: "随县新名", order: 2)),
                    target: RosterTarget.party("county/421321").bytes, version: 3)
            ])
        #expect(ViewsText(Screen()).plan(changed).contains { $0.contains("“随县”(2) → “随县新名”(2)") })
        #expect(try parties("county,421321,随县,2,421303").blocked.count == 1)
    }

    @Test("officers: roles change; name, post and party never; nobody grants to the own account")
    func officersRows() throws {
        let plan = try officers("k7f2,county/421321,clerk,测试己,股长", "n1n1,county/421321,clerk approver,测试新,股长")
        #expect(plan.rows.map(\.change) == [.same, .new])
        let changed = try officers("k7f2,county/421321,clerk approver,测试己,股长")
        #expect(
            changed.steps(for: Self.security).map(\.step) == [
                RegistryPlan.Step(
                    body: .setOfficerRoles(SetOfficerRoles(officer: "k7f2", roles: [.clerk, .approver])),
                    target: RosterTarget.officer("k7f2").bytes, version: 4)
            ])
        for row in [
            "k7f2,county/421321,clerk,测试改,股长", "k7f2,county/421321,clerk,测试己,局长",
            "k7f2,county/421303,clerk,测试己,股长", "k0x0,county/421321,clerk,测试新,股长",
            "b1q4,bureau/421300,approver,测试丁,安全保密管理员",
        ] {
            let plan = try officers(row)
            #expect(plan.blocked.count == 1 && plan.steps(for: Self.security).isEmpty, "\(row)")
        }
        #expect(try officers("b1q4,bureau/421300,security_admin,测试丁,安全保密管理员").rows.map(\.change) == [.same])
        let own = try officers("b1q4,bureau/421300,approver,测试丁,安全保密管理员")
        #expect(ViewsText(Screen()).plan(own).contains { $0.contains("不能给自己的账号授权") })
    }

    @Test("what is another administrator's to load is said, and not done")
    func others() throws {
        let plan = try officers("n1n1,county/421321,clerk,测试新,股长", by: Self.system)
        #expect(plan.rows.map(\.change) == [.unseen] && plan.steps(for: Self.system).isEmpty)
        #expect(plan.others(than: Self.system).count == 1)
        let other = try parties("county,421303,曾都区,1,", by: Self.security)
        #expect(other.steps(for: Self.security).isEmpty && other.others(than: Self.security).count == 1)
    }

    @Test("a row twice is told, not sent twice")
    func twice() throws {
        let plan = try parties("county,421303,曾都区,1,", "county,421303,曾都区,1,")
        #expect(plan.blocked.map(\.line) == [3] && plan.steps(for: Self.system).count == 1)
    }

    @Test("a table of the version that is loaded is passed over, another is loaded at its revision")
    func tables() throws {
        let file = ("codes/merit.csv", "version,2026.1\ncode,name\nnone,无\n")
        func steps(_ loaded: [TableView]) throws -> [RegistryPlan.Step] {
            try plan([file], by: Self.system, tables: loaded).steps(for: Self.system).map(\.step)
        }
        #expect(try steps([]).map(\.version) == [0])
        #expect(
            try steps([TableView(path: "codes/merit", version: "2025.1", revision: 2)]).map(\.version) == [2])
        #expect(try steps([TableView(path: "codes/merit", version: "2026.1", revision: 2)]).isEmpty)
        let kinds = (
            "rules/case-kinds.csv",
            """
            version,2026.1
            subcategory,worry,rules,child,materials,chain,due,due_months,due_when,due_clause,result,fund
            other,home,spouse-priority,no,,,none,,,,,no

            """
        )
        let loaded = try plan([kinds], by: Self.system)
        #expect(loaded.rows.map(\.subject) == ["rules/case-kinds"])
    }

    @Test("what was exported is the same when it is loaded again")
    func roundTrip() throws {
        var quoted = Self.county
        quoted.name = "随县,\"新\""
        let text = RegistryTables.parties([quoted])
        let commands = try seedCommands([SeedFile(path: "parties.csv", text: text)])
        let known = RegistryPlan.Known(
            parties: [quoted], officers: Self.officers, tables: [], asker: Self.security)
        #expect(RegistryPlan(commands, known).rows.map(\.change) == [.same])
        let officers = RegistryTables.officers(Self.officers)
        #expect(!officers.contains("k0x0"))
        let again = try seedCommands([SeedFile(path: "officers.csv", text: officers)])
        #expect(RegistryPlan(again, known).rows.map(\.change) == [.same, .same])
    }

    @Test("files are known by their names and folders; kinds and sub-tasks of cases come together")
    func paths() {
        #expect(RegistryTables.path(of: "/a/parties.csv") == "parties.csv")
        #expect(RegistryTables.path(of: "/a/codes/merit.csv") == "codes/merit.csv")
        for other in ["/a/city.csv", "/a/merit.csv", "/a/codes/merit.txt", "", "codes"] {
            #expect(RegistryTables.path(of: other) == nil, "\(other)")
        }
        #expect(RegistryTables.companions(of: "rules/case-tasks.csv").count == 2)
        #expect(RegistryTables.companions(of: "codes/merit.csv") == ["codes/merit.csv"])
    }

    @Test(
        "tables are read as offices save them: UTF-8 with and without its mark, GB18030, UTF-16; anything else is told"
    )
    func encodings() {
        let table = "kind,code,name,order\ncounty,421321,随县,2\n"
        #expect(TableEncoding.text(Array(table.utf8)) == table)
        #expect(TableEncoding.text([0xEF, 0xBB, 0xBF] + table.utf8)?.hasSuffix(table) == true)
        // 随县 in GBK, and 㐂 (no GBK has it) in four bytes of GB18030.
        #expect(TableEncoding.text([0x2C, 0xCB, 0xE6, 0xCF, 0xD8]) == ",随县")
        #expect(TableEncoding.text([0x81, 0x39, 0xEF, 0x31]) == "㐂")
        #expect(TableEncoding.text([0xFF, 0xFE, 0x8F, 0x96, 0xBF, 0x53]) == "随县")
        #expect(TableEncoding.text([0xFE, 0xFF, 0x96, 0x8F, 0x53, 0xBF]) == "随县")
        #expect(TableEncoding.text([]) == "" && TableEncoding.text([0xFF, 0xFE]) == "")
        for broken: [UInt8] in [[0xFF], [0x2C, 0xCB], [0xFF, 0xFE, 0x0F], [0xFF, 0xFE, 0x00, 0xD8]] {
            #expect(TableEncoding.text(broken) == nil, "\(broken)")
        }
    }

    @Test("what is wrong in a table is told in Chinese with row and column")
    func problems() throws {
        func told(_ path: String, _ text: String) throws -> String {
            do {
                _ = try seedCommands([SeedFile(path: path, text: text)])
                return ""
            } catch { return error.screenText(of: "t/" + path).zh }
        }
        let header = "kind,code,name,order\n"
        #expect(
            try told("parties.csv", header + "countyy,421321,随县,2\n")
                == "文件 t/parties.csv 第2行“kind”列有误：“countyy”不在可选项中，应为：bureau, county, unit, department, township"
        )
        #expect(try told("parties.csv", header + "county,421321,随县,二\n").hasSuffix("“order”列有误：“二”不是整数"))
        #expect(try told("parties.csv", header + "county,,随县,2\n").hasSuffix("“code”列有误：不能为空"))
        #expect(try told("parties.csv", header + "county,421321,随县\n").hasSuffix("第2行有误：栏数与表头不符"))
        #expect(try told("parties.csv", "kind,code,name\n").hasSuffix("表头缺少这一列"))
        #expect(try told("parties.csv", header + "county,\"421321,随县,2\n").hasSuffix("引号没有成对"))
        #expect(try told("codes/merit.csv", "code,name\n").contains("第一行应为版本号"))
        #expect(try told("codes/merit.csv", "version,1\ncode,name\na,甲\na,乙\n").hasSuffix("“a”重复"))
        #expect(try told("unknown.csv", "x\n").contains("不是可以载入的表"))
        #expect(
            try told("officers.csv", "officer,party,roles,name,post\nk1,county/1,clerc,甲,乙\n")
                .contains("“clerc”不在可选项中，应为：clerk, approver"))
    }

    private struct Unexpected: Error {}
}
