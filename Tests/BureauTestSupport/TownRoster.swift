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

    /// The tables of time, which the kept journals' town does not have: the year in which the tests play, and not the next.
    package static let time: [SeedFile] = [
        SeedFile(
            path: "calendar/2026.csv",
            text: """
                version,2026.1
                source,国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）
                from,to,kind,name
                2026-01-01,2026-01-03,off,元旦
                2026-01-04,2026-01-04,work,元旦
                2026-02-14,2026-02-14,work,春节
                2026-02-15,2026-02-23,off,春节
                2026-02-28,2026-02-28,work,春节
                2026-04-04,2026-04-06,off,清明节
                2026-05-01,2026-05-05,off,劳动节
                2026-05-09,2026-05-09,work,劳动节
                2026-06-19,2026-06-21,off,端午节
                2026-09-20,2026-09-20,work,国庆节
                2026-09-25,2026-09-27,off,中秋节
                2026-10-01,2026-10-07,off,国庆节
                2026-10-10,2026-10-10,work,国庆节

                """),
        SeedFile(
            path: "supervision.csv",
            text: """
                version,2026.1
                setting,value
                yellow_percent,20
                yellow_days,3
                urge_days,1
                supervise_days,5
                listed_days,15
                redo_limit,3
                hand_back_limit,3

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
