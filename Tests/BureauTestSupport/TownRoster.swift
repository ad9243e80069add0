package import Bureau
package import Exchange
internal import Schema

/// A small town: the fewest parties, officers and tables with which both lists and a case can be played. Fixed here, because
/// a kept journal holds it; nothing of it follows the files in seeds/.
package enum TownRoster {
    package static let city = "421300"

    package static let files: [SeedFile] = [
        SeedFile(path: "city.csv", text: "city,name,number_prefix\n421300,随州市,随双\n"),
        SeedFile(
            path: "parties.csv",
            text: """
                kind,code,name,order
                bureau,421300,随州市退役军人事务局,1
                county,421303,曾都区,1
                county,421321,随县,2
                department,421300-HR,市人力资源和社会保障局,2
                unit,LU-02,驻随某部02,1
                unit,LU-07,驻随某部07,2

                """),
        SeedFile(
            path: "officers.csv",
            text: """
                officer,party,roles,name,post
                b1a1,bureau/421300,clerk,测试甲,双拥办经办
                b1s2,bureau/421300,approver,测试乙,双拥办主任
                b1q4,bureau/421300,security_admin,测试丁,安全保密管理员
                k7f2,county/421321,clerk approver,测试己,随县拥军优抚股股长
                k3z8,county/421303,clerk approver,测试庚,曾都区拥军优抚股股长
                u7l1,unit/LU-07,clerk approver,测试壬,部队联络员
                u2l4,unit/LU-02,clerk approver,测试癸,部队联络员
                d5h2,department/421300-HR,clerk approver,测试丑,人社局安置联络员

                """),
        codes("request-category", ["road,道路修缮", "planting,植树造林"]),
        codes("progress-stage", ["plan,制定方案", "work,组织实施"]),
        codes("suspension-reason", ["season,季节或天气原因"]),
        codes("case-subcategory", ["spouse-employment,随军家属就业安置"]),
        codes("rank-band", ["officer-middle,营职军官"]),
        codes("years-band", ["12-16,12至16年"]),
        codes("merit", ["none,无", "third-merit,三等功"]),
        codes("hardship", ["none,无"]),
        codes("approval-organ", ["below-brigade,旅以下", "division,师级政治机关"]),
        codes("schooling", ["bachelor,本科"]),
        codes("profession", ["institution,事业单位工作人员", "other,其他"]),
        codes("placement-channel", ["matching-institution,对口安置（事业编）"]),
        codes("material", ["marriage,结婚证"]),
        SeedFile(
            path: "rules/spouse-priority.csv",
            text: """
                version,2026.1
                tier,refuse,clause,name,when
                0,yes,规则第二条,不符合安置条件,service.approval_organ=below-brigade
                4,no,规则第三条第四项,对口安置（事业单位）,family.profession=institution
                6,no,规则第三条第六项,多渠道安置,

                """),
    ]

    private static func codes(_ list: String, _ rows: [String]) -> SeedFile {
        SeedFile(
            path: "codes/\(list).csv",
            text: "version,2026.1\ncode,name\n" + rows.joined(separator: "\n") + "\n")
    }

    /// Officer id → party key. `x9x9` is not on the register.
    package static let officers: [(officer: String, party: String)] = [
        ("b1a1", "bureau/421300"), ("b1s2", "bureau/421300"), ("b1q4", "bureau/421300"),
        ("k7f2", "county/421321"), ("k3z8", "county/421303"), ("u7l1", "unit/LU-07"),
        ("u2l4", "unit/LU-02"), ("d5h2", "department/421300-HR"), ("x9x9", "county/421321"),
    ]

    /// The officer as a certificate would name them.
    package static func actor(_ officer: String) -> ActorIdentity {
        let party = officers.first { $0.officer == officer }?.party ?? "county/421321"
        return ActorIdentity(city: city, party: party, officer: officer, serial: [0x5A] + officer.utf8)
    }
}
