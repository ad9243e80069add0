import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// A restore that cuts, from the operator's command to the clerk who files again.
    @Suite("RECEIPT.md 9 and JOURNAL.md 10 with the real programs: a declared cut")
    struct RestoreTests {
        private func backup(_ city: City) throws -> [String] {
            let (data, keys) = (city.folder.file("backup"), city.folder.file("backup-keys"))
            try City.run(
                "twolists-server", ["backup", "--data", city.data, "--out", data, "--keys-out", keys])
            return ["restore", "--from", data, "--keys-from", keys]
        }

        private func sequence(_ city: City, _ officer: String, last: Bool = true) throws -> Int {
            let receipts = try #require(
                try city.json(officer, ["receipt", "list"])["receipts"] as? [[String: Any]])
            return try #require(receipts.compactMap { $0["sequence"] as? Int }.max())
        }

        @Test(
            "cut, awaited, confirmed, told, listed, filed again under the same id; the signed record verifies"
        )
        func whole() throws {
            let city = try City()
            try city.start()
            let kept = try city.request()
            let last = try sequence(city, "u7l1")
            let (lost, later) = (try city.request(), try city.request("u2l4"))
            _ = try city.run("b1a1", ["request", "accept", lost])
            let restore = try backup(city)
            #expect(city.stop() == 0)
            let data = city.folder.file("restored")
            let cut = restore + ["--data", data, "--to-sequence", "\(last)"]
            expect(try City.attempt("twolists-server", cut), exits: 2, saying: "--reason is missing")
            expect(
                try City.attempt("twolists-server", cut + ["--reason", "误导入"]), exits: 2,
                saying: "--unsigned: no client believes")
            expect(
                try City.attempt("twolists-server", cut + ["--reason", "误导入"] + city.signing), exits: 0,
                saying: "acknowledged records were cut", "the journal declares it", "admin confirm-restore")
            let verified = try City.attempt(
                "twolists-server",
                [
                    "verify", "--data", data, "--ca", city.access.authority, "--journal-certificate",
                    city.folder.file("certs/journal/journal.crt"),
                ])
            expect(verified, exits: 0, saying: "verified: nothing is wrong")
            #expect(!verified.outputText.contains("not checked"))
            expect(
                try City.attempt("twolists-server", ["dump", "--data", data]), exits: 0, saying: "RESTORED",
                "误导入")

            try city.start(["--data", data])
            for officer in ["u7l1", "b1a1"] {
                let told = try city.attempt(officer, ["whoami"])
                expect(told, exits: 0, saying: "等待安全管理员确认")
                #expect(!told.everything.contains("警报") && !told.everything.contains("系统已恢复到"))
            }
            expect(try city.attempt("u7l1", ["receipt", "lost"]), exits: 0, saying: "没有因系统恢复而失去")
            #expect(city.log.contains("has cut, as declared") && !city.log.contains("ALARM"), "\(city.log)")

            let found = try #require(
                try city.json("b1q4", ["admin", "confirm-restore"])["restorations"] as? [[String: Any]])
            let record = "\(try #require(found.first?["sequence"] as? Int))"
            #expect(found.first?["confirmed"] as? Bool == false)
            expect(try city.attempt("b1a1", ["admin", "confirm-restore", record]), exits: 4)
            expect(try city.attempt("b1q4", ["admin", "confirm-restore", record]), exits: 0)

            let told = try city.attempt("u7l1", ["whoami"])
            expect(told, exits: 0, saying: "系统已恢复到", "安全管理员已确认", "误导入", "receipt refile")
            #expect(!told.everything.contains("警报"))
            let again = try city.attempt("u7l1", ["whoami"])
            #expect(!again.everything.contains("系统已恢复到"), "told once")
            let list = try #require(try city.json("u7l1", ["receipt", "lost"])["lost"] as? [[String: Any]])
            #expect(list.count == 1)
            let command = try #require(list[0]["command"] as? String)
            #expect(try city.attempt("u7l1", ["request", "show", lost]).status != 0)
            expect(try city.attempt("u7l1", ["receipt", "refile"]), exits: 0, saying: "已办成")
            #expect(try city.run("u7l1", ["request", "show", lost]).contains("道路修缮"))
            #expect(try city.run("u7l1", ["request", "show", kept]).contains("道路修缮"))
            expect(try city.attempt("u7l1", ["receipt", "lost"]), exits: 0, saying: "没有因系统恢复而失去")
            expect(try city.attempt("u7l1", ["receipt", "verify", command]), exits: 0, saying: "核验通过")
            let old = city.folder.file("certs/officers/u7l1.receipts/\(command).refiled")
            expect(
                try City.attempt(
                    "twolists",
                    [
                        "receipt", "verify", old, "--ca", city.access.authority, "--envelope",
                        city.folder.file("certs/officers/u7l1.receipts/\(command).command"),
                    ]), exits: 0, saying: "核验通过")

            // The bureau's clerk: the request has moved on meanwhile, and the old command conflicts until it is given anew.
            expect(try city.attempt("b1a1", ["health"]), exits: 0)
            expect(try city.attempt("b1s2", ["request", "return", lost, "--reason", "请补充"]), exits: 0)
            expect(try city.attempt("u7l1", ["request", "amend", lost, "--content", "补充：两百米"]), exits: 0)
            for _ in 1...2 {
                expect(try city.attempt("b1a1", ["receipt", "refile"]), exits: 6, saying: "--as-new", "第1版")
            }
            expect(try city.attempt("b1a1", ["receipt", "refile", "--as-new"]), exits: 0, saying: "作为新命令")
            expect(try city.attempt("b1a1", ["receipt", "lost"]), exits: 0, saying: "没有因系统恢复而失去")
            #expect(try city.run("u7l1", ["request", "show", lost]).contains("随双"))
            // Who has not been there yet is told the same.
            expect(try city.attempt("u2l4", ["whoami"]), exits: 0, saying: "系统已恢复到")
            expect(try city.attempt("u2l4", ["receipt", "refile"]), exits: 0)
            #expect(try city.run("u2l4", ["request", "show", later]).contains("道路修缮"))
            #expect(city.stop() == 0)
        }

        @Test(
            "an undeclared cut alarms on both sides, as ever; so does one whose record was made without the journal's key"
        )
        func undeclared() throws {
            let city = try City()
            try city.start()
            _ = try city.request()
            let last = try sequence(city, "u7l1")
            let restore = try backup(city)
            let after = try city.request()
            #expect(!after.isEmpty)
            let later = try sequence(city, "u7l1")
            #expect(city.stop() == 0 && later > last)
            // Whole, but what came after the backup is gone.
            let undeclared = city.folder.file("undeclared")
            try City.run("twolists-server", restore + ["--data", undeclared])
            try city.start(["--data", undeclared])
            expect(try city.attempt("u7l1", ["whoami"]), exits: 0, saying: "警报")
            #expect(city.log.contains("ALARM"))
            #expect(city.stop() == 0)
            let unsigned = city.folder.file("unsigned")
            try City.run(
                "twolists-server",
                restore + ["--data", unsigned, "--to-sequence", "\(last - 1)", "--reason", "r", "--unsigned"])
            try city.start(["--data", unsigned])
            let told = try city.attempt("u7l1", ["whoami"])
            expect(told, exits: 0, saying: "警报")
            #expect(!told.everything.contains("系统已恢复到"))
            #expect(city.stop() == 0)
        }
    }
}
