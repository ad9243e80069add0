import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// A year of play, told by the real programs.
    @Suite("CASEWORK.md 5: a demonstration clock with the real programs")
    struct DemonstrationTests {
        private static let seeds = Programs.root + "/seeds"

        private func assigned(_ city: City) throws -> String {
            let target = try city.request()
            try city.run("b1a1", ["request", "accept", target])
            try city.run("b1s2", ["request", "decide", target, "--decision", "included"])
            try city.run(
                "b1s2",
                [
                    "request", "assign", target, "--responsible", "county/421321", "--content", "修缮",
                    "--standard", "验收合格", "--first-post", "局长", "--second-post", "股长", "--deadline",
                    "2021-12-31",
                ])
            return target
        }

        private func steps(_ city: City, _ target: String) throws -> [String] {
            let history = try city.json("b1a1", ["request", "history", target])
            let entries = try #require(history["entries"] as? [[String: Any]])
            return entries.filter { $0["kind"] as? String == "mark_time" }.compactMap {
                ($0["at"] as? String).map { String($0.prefix(10)) }
            }
        }

        @Test(
            "a store of 2021, moved on through the winter: the ladder day by day, restarts, the audit of it all"
        )
        func story() throws {
            let city = try City(demonstration: "2021-11-01T09:00")
            try city.start()
            #expect(city.log.contains("演示时钟 2021-11-01 09:00"))
            let target = try assigned(city)
            #expect(try city.run("u7l1", ["request", "show", target]).contains("2021-11-01"))
            for officer in ["b1a1", "b1s2", "b1q4", "k7f2"] {
                expect(
                    try city.attempt(officer, ["admin", "clock", "advance", "2022-02-01"]), exits: 4,
                    saying: "系统管理员")
            }
            expect(
                try city.attempt("b1y3", ["admin", "clock", "advance", "2021-10-31"]), exits: 3,
                saying: "只能向前")
            expect(
                try city.attempt("b1y3", ["admin", "clock", "advance", "2023-11-01"]), exits: 3, saying: "最晚到"
            )
            expect(try city.attempt("b1y3", ["admin", "clock", "advance", "soon"]), exits: 2, saying: "不是时间")
            expect(
                try city.attempt("b1y3", ["admin", "clock", "advance", "2022-03-01"]), exits: 0,
                saying: "演示时钟 2022-03-01 09:00", "前拨演示时钟：已办成")
            #expect(try city.run("b1a1", ["whoami"]).contains("演示时钟 2022-03-01 09:0"))
            let steps = try steps(city, target)
            #expect(steps.count >= 3 && Set(steps).count == steps.count, "\(steps)")
            #expect(steps.allSatisfy { $0 >= "2021-11-02" && $0 < "2022-03-01" } && steps == steps.sorted())
            // Off and on, and cut off: it stands where it stood.
            #expect(city.stop() == 0)
            try city.start()
            #expect(city.log.contains("演示时钟 2022-03-01 09:0"))
            city.kill()
            try city.start()
            let second = try city.json("u7l1", City.submission(title: "第二件"))
            #expect((second["demonstration_clock"] as? String)?.hasPrefix("2022-03-01T09:") == true)
            #expect(try self.steps(city, target) == steps)
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0, saying: "演示时钟", "verified: nothing is wrong")
            let dump = try City.run("twolists-server", ["dump", "--data", city.data])
            #expect(dump.contains("begin_demonstration") && dump.contains("演示时钟 2021-11-01T09:00"))
            #expect(dump.contains("advance_clock") && dump.contains("演示时钟 2022-03-01T09:00"))
        }

        @Test("every screen and every print says 演示时钟")
        func screens() throws {
            let city = try City(demonstration: "2021-11-01T09:00")
            try city.start()
            let target = try assigned(city)
            let (page, table) = (city.folder.file("page.html"), city.folder.file("table.csv"))
            for words in [
                ["whoami"], ["health"], ["parties"], ["codes", "request-category"], ["calendar", "show"],
                ["request", "list"], ["request", "show", target], ["request", "history", target],
                ["request", "sheet", target, "--kind", "assignment"], ["case", "list"], ["round", "list"],
                ["report", "annual", "--year", "2021"], ["report", "ledger"], ["outbox", "list"],
                ["request", "list", "--lang", "en"],
            ] {
                let shown = try city.run("b1a1", words)
                #expect(shown.hasPrefix("◆ 演示时钟 2021-11-01 09:0"), "\(words): \(shown.prefix(200))")
                #expect(shown.contains("本系统不得传输、存储涉密信息"), "\(words)")
            }
            try city.run("b1a1", ["report", "annual", "--year", "2021", "--html", page, "--csv", table])
            for path in [page, table] {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                #expect(text.contains("演示时钟 2021-11-01 09:0"), "\(path)")
            }
            try city.run("b1a1", ["request", "sheet", target, "--kind", "assignment", "--html", page])
            let sheet = try String(contentsOfFile: page, encoding: .utf8)
            #expect(sheet.contains("演示时钟 2021-11-01 09:0") && sheet.contains("2021-11-01"))
            // Without the server, by what the CA file says.
            #expect(city.stop() == 0)
            #expect(try city.run("b1a1", ["receipt", "list"]).hasPrefix("◆ 演示时钟"))
            let receipts = try city.json("b1a1", ["receipt", "list"])["receipts"] as? [[String: Any]]
            let id = try #require(receipts?.first?["command"] as? String)
            #expect(try city.run("b1a1", ["receipt", "verify", id]).hasPrefix("◆ 演示时钟"))
            try city.start()
            #expect(city.stop() == 0)
        }

        @Test("only with the authority of development, and only into a new store")
        func refusals() throws {
            let folder = try TemporaryDirectory("demonstration")
            let clock = ["--demonstration-clock", "2021-11-01"]
            let store = ["init", "--data", folder.file("data"), "--seeds", Self.seeds]
            expect(
                try City.attempt("twolists-server", store + clock), exits: 2, saying: "--ca is missing")
            try City.run("twolists", ["ca", "init", folder.file("real"), "--city", "421300"])
            expect(
                try City.attempt("twolists-server", store + clock + ["--ca", folder.file("real/ca.crt")]),
                exits: 1,
                saying: "not of development")
            #expect(!FileManager.default.fileExists(atPath: folder.file("data")), "nothing is left behind")
            let list = Programs.root + "/Certs/profiles/dev.txt"
            try City.run(
                "twolists",
                ["ca", "dev", folder.file("dev"), "--list", list, "--demonstration-from", "2021-10-01"])
            let good = ["--ca", folder.file("dev/ca/ca.crt")]
            // Both authorities in one file.
            let both = try folder.write(
                "both.crt",
                try DurableFile.read(folder.file("real/ca.crt"))
                    + DurableFile.read(folder.file("dev/ca/ca.crt")))
            expect(
                try City.attempt("twolists-server", store + clock + ["--ca", both]), exits: 1,
                saying: "not of development")
            for wrong in ["soon", "1999-12-31", "2100-01-01"] {
                let result = try City.attempt(
                    "twolists-server", store + good + ["--demonstration-clock", wrong])
                #expect(result.status != 0, "\(wrong)")
                #expect(!FileManager.default.fileExists(atPath: folder.file("data/HEAD")), "\(wrong)")
            }
            try City.run("twolists-server", store)
            let existing = try City.attempt("twolists-server", store + clock + good)
            #expect(existing.status == 1, "\(existing.everything)")
            let dump = try City.run("twolists-server", ["dump", "--data", folder.file("data")])
            #expect(!dump.contains("demonstration"))
        }

        @Test("the store is served only under the authority of development; a reload keeps to it")
        func served() async throws {
            let city = try City(demonstration: "2021-11-01T09:00")
            let real = city.folder.file("real")
            try City.run("twolists", ["ca", "init", real, "--city", "421300"])
            let before = try DurableFile.read(city.access.authority)
            try DurableFile.replace(
                city.access.authority, before + DurableFile.read(real + "/ca.crt"), mode: 0o644)
            expect(try city.refusedStart(["--no-crl"]), exits: 1, saying: "not of development")
            try DurableFile.replace(city.access.authority, before, mode: 0o644)
            try city.start(["--no-crl"])
            try DurableFile.replace(
                city.access.authority, before + DurableFile.read(real + "/ca.crt"), mode: 0o644)
            try await city.hangUp(refused: true)
            #expect(city.log.contains("not of development") || city.complaints.contains("not of development"))
            try DurableFile.replace(city.access.authority, before, mode: 0o644)
            #expect(try city.run("b1a1", ["health"]).contains("演示时钟"))
            #expect(city.stop() == 0)
        }

        @Test("an ordinary store with certificates of development refuses it, and no screen says 演示时钟")
        func ordinary() throws {
            let city = try City()
            try city.start()
            expect(
                try city.attempt("b1y3", ["admin", "clock", "advance", "2099-01-01"]), exits: 3,
                saying: "没有演示时钟")
            let shown = try city.run("b1a1", ["whoami"])
            #expect(!shown.contains("演示时钟") && !city.log.contains("演示时钟"))
            #expect(city.stop() == 0)
            #expect(try !city.verify().everything.contains("演示时钟"))
        }

        @Test(
            "certificates end by its clock: moved on beyond them, nobody is let in, and the server says why")
        func certificatesEnd() throws {
            let city = try City(demonstration: "2021-11-01T09:00")
            try city.start()
            try city.run("b1y3", ["admin", "clock", "advance", "2022-11-01"])
            try city.run("b1y3", ["admin", "clock", "advance", "2023-10-30"])
            #expect(try city.run("b1a1", ["health"]).contains("到期"))
            // Beyond the certificate of whoever moves it, too, who then gets no answer.
            _ = try city.attempt("b1y3", ["admin", "clock", "advance", "2023-11-03", "--timeout", "3"])
            let refused = try city.attempt("b1a1", ["whoami", "--timeout", "3"])
            #expect(
                refused.status != 0 && ["expired", "过期", "到期"].contains { refused.everything.contains($0) },
                "\(refused.everything)")
            city.kill()
        }
    }
}
