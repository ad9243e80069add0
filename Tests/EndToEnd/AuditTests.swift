import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// The auditor's view of what others did, with the real programs.
    @Suite("DOMAIN.md 6 the trail and the full value")
    struct AuditTests {
        private static let idNumber = "11010519491231002X"

        private static func file(_ city: City) throws -> String {
            let words = [
                "case", "file", "--rank-band", "officer-middle", "--years-band", "8-12", "--merit",
                "third-battle",
                "--hardship", "border", "--approval-organ", "brigade", "--name", "示例家属", "--id-number",
                idNumber,
                "--schooling", "bachelor", "--profession", "civil-servant", "--wish", "希望在市区对口安置",
            ]
            let target = try #require(try city.json("u7l1", words)["target"] as? String)
            try city.run("b1s2", ["case", "review", target, "--handler", "department/421300-HR"])
            return target
        }

        @Test(
            "the handling office sees the number once it says why; the auditor sees that it did, from where, and who was refused"
        )
        func story() throws {
            let city = try City()
            try city.start()
            let target = try Self.file(city)
            #expect(!(try city.run("d5h2", ["case", "show", target])).contains(Self.idNumber))
            let reveal = ["case", "reveal", target, "--reason", "核对就业登记"]
            expect(try city.attempt("u7l1", reveal), exits: 4, saying: "没有权限")
            expect(try city.attempt("d5h2", reveal), exits: 0, saying: "完整内容", Self.idNumber)
            #expect(try city.run("u7l1", ["case", "history", target]).contains("查看遮盖内容"))

            let trail = try city.json("b1u5", ["audit", "list", "--command", "reveal_case_field"])
            let entries = try #require(trail["entries"] as? [[String: Any]])
            #expect(entries.map { $0["officer"] as? String } == ["u7l1", "d5h2"])
            #expect(entries.allSatisfy { ($0["address"] as? String)?.hasPrefix("127.0.0.1:") == true })
            let done = entries.map { ($0["outcome"] as? [String: Any])?["done"] as? Bool }
            #expect(done == [false, true])
            let screen = try city.run("b1u5", ["audit", "list", "--target", target])
            #expect(screen.contains("查看遮盖内容") && screen.contains("拒绝：") && !screen.contains(Self.idNumber))
            expect(try city.attempt("b1s2", ["audit", "list"]), exits: 4, saying: "只有审计员")
            expect(try city.attempt("u2l4", ["case", "show", target]), exits: 5, saying: "没有找到")
            let refused = try city.run("b1u5", ["audit", "list", "--refused"])
            for word in ["b1s2", "查看审计记录", "u2l4", "查看安置事项", "127.0.0.1:"] {
                #expect(refused.contains(word), "\(word) in \(refused)")
            }
        }

        @Test("an export is one whole file, written over nothing, with nothing personal in it")
        func export() throws {
            let city = try City()
            try city.start()
            _ = try Self.file(city)
            let path = city.folder.file("all.trail")
            expect(try city.attempt("b1u5", ["audit", "export", "--out", path]), exits: 0, saying: "已导出")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.starts(with: Data("twolists-trail/1\n".utf8)) && bytes.count > 10_000)
            for text in [Self.idNumber, "示例家属", "希望在市区对口安置"] {
                #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text)")
            }
            expect(
                try city.attempt("b1u5", ["audit", "export", "--out", path]), exits: 11, saying: "文件已存在，不覆盖")
            expect(try city.attempt("b1a1", ["audit", "export", "--out", path + "2"]), exits: 4)
            try Self.check(city, path)
            #expect(!FileManager.default.fileExists(atPath: path + "2.part"))
        }

        /// Of the export: it holds without the server; changed by a byte it does not, and says which record.
        private static func check(_ city: City, _ path: String) throws {
            _ = city.stop()
            expect(try city.attempt("b1u5", ["audit", "verify", path]), exits: 0, saying: "核验通过")
            let english = ["audit", "verify", path, "--lang", "en"]
            expect(try city.attempt("b1a1", english), exits: 0, saying: "it holds")
            expect(try city.attempt("b1a1", ["audit", "verify", path + "3"]), exits: 11, saying: "不能读取")
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // A byte in the middle of a record's body: an event's, or its sealed origin's.
            bytes[bytes.count - 60] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path + "4"))
            expect(
                try city.attempt("b1a1", ["audit", "verify", path + "4"]), exits: 12, saying: "内容被改动",
                "RECORD")
            let json = try city.attempt("b1a1", ["audit", "verify", path + "4", "--json"])
            expect(json, exits: 12, saying: "\"verdict\": \"RECORD\"", "\"CHANGED\"")
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path + "5"))
            expect(try city.attempt("b1a1", ["audit", "verify", path + "5"]), exits: 12, saying: "FORM")
        }
    }
}
