package import Exchange
package import Schema

/// Parties and officers as the tables of seeds/, so that what was exported can be loaded again.
package enum RegistryTables {
    package static func parties(_ parties: [PartyView]) -> String {
        csv(
            ["kind", "code", "name", "order", "parent"],
            parties.map { [$0.kind.code, $0.code, $0.name, "\($0.order)", $0.parent] })
    }

    /// Without those who hold no duty any more or whose names were removed: they cannot be registered anew.
    package static func officers(_ officers: [OfficerView]) -> String {
        csv(
            ["officer", "party", "roles", "name", "post"],
            officers.filter { !$0.erased && !$0.roles.isEmpty }.map { officer in
                [
                    officer.officer, officer.party, officer.roles.map(\.code).joined(separator: " "),
                    officer.name, officer.post,
                ]
            })
    }

    private static func csv(_ header: [String], _ rows: [[String]]) -> String {
        ([header] + rows).map { $0.map(ReportCSV.cell).joined(separator: ",") + "\n" }.joined()
    }

    // MARK: Reading

    /// Files in one load, at most: a city has some forty tables.
    package static let mostFiles = 200

    /// The path in seeds/ that a single file stands for, by its name and its folder's; nil: it is none of them.
    package static func path(of file: String) -> String? {
        let parts = file.split(separator: "/").map(String.init)
        guard let name = parts.last, name.hasSuffix(".csv") else { return nil }
        if ["parties.csv", "officers.csv", "supervision.csv"].contains(name) { return name }
        guard parts.count > 1, folders.contains(parts[parts.count - 2]) else { return nil }
        return "\(parts[parts.count - 2])/\(name)"
    }

    /// The folders below seeds/ that hold tables.
    package static let folders = ["calendar", "codes", "rules"]

    /// A kind of case without its sub-tasks would be another kind: one file brings the other along.
    package static func companions(of path: String) -> [String] {
        let together = ["rules/case-kinds.csv", "rules/case-tasks.csv"]
        return together.contains(path) ? together : [path]
    }
}

/// What is wrong with a table, in the reader's language.
extension SeedError {
    package func screenText(of path: String) -> Text {
        let place = column.map { "“\($0)”列" } ?? ""
        return Text("文件 \(path) 第\(line)行\(place)有误：\(chinese)", text(of: path))
    }

    /// The loader speaks English, with what was typed in quotes in front; its sentences are few.
    private var chinese: String {
        let typed =
            what.hasPrefix("\"") ? what.dropFirst().split(separator: "\"").first.map(String.init) : nil
        for (ending, text) in Self.sentences where what.contains(ending) {
            let rest = what.split(separator: ending, maxSplits: 1).last.map(String.init) ?? ""
            return (typed.map { "“\($0)”" } ?? "") + text + (ending.hasSuffix("of ") ? rest : "")
        }
        return what
    }

    private static let sentences: [(ending: String, text: String)] = [
        ("is no whole number", "不是整数"), ("is none of ", "不在可选项中，应为："), ("stands twice", "重复"),
        ("the header does not name this column", "表头缺少这一列"),
        ("fields where the header has", "栏数与表头不符"), ("a quote is not closed", "引号没有成对"),
        ("the header naming the columns is missing", "缺少表头"),
        ("the file begins with a line such as", "第一行应为版本号，如 version,2026.1"),
        ("the second line names the source", "第二行应写明来源，如 source,文件名(文号)"),
        ("neither yes nor no", "应为 yes 或 no"), ("is no day such as", "不是日期，应写成 2026-05-31"),
        ("is not of the year", "不属于该年度"), ("its version is not that of", "两个文件的版本号不一致"),
        ("tasks without", "缺少 case-kinds.csv"), ("no such table", "不是可以载入的表"), ("empty", "不能为空"),
    ]
}
