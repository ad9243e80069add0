import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Receipts at the terminal: kept by themselves, checked with the server gone, compared; and a server whose data was set back.
    @Suite("RECEIPT.md, with the real programs")
    struct ReceiptTests {
        private func kept(_ city: City, _ officer: String) throws -> [[String: Any]] {
            try #require(try city.json(officer, ["receipt", "list"])["receipts"] as? [[String: Any]])
        }

        private func file(_ city: City, _ officer: String, _ command: Any?, _ kind: String) throws -> String {
            city.folder.file("certs/officers/\(officer).receipts/\(try #require(command as? String)).\(kind)")
        }

        @Test(
            "every judged command leaves its receipt, done or refused; it is checked with the server stopped, from three files alone"
        )
        func offline() throws {
            let city = try City()
            try city.start()
            let id = try city.request()
            expect(try city.attempt("b1a1", ["request", "accept", id, "--expect", "9"]), exits: 6)
            let (done, refused) = (try kept(city, "u7l1"), try kept(city, "b1a1"))
            #expect(done.map { $0["outcome"] as? Int } == [0] && refused.map { $0["outcome"] as? Int } == [4])
            city.stop()

            for officer in ["u7l1", "b1a1"] {
                expect(try city.attempt(officer, ["receipt", "show", id]), exits: 0, saying: "未核验")
                expect(try city.attempt(officer, ["receipt", "verify", id]), exits: 0, saying: "核验通过")
            }
            // Three files, no profile, nowhere near the others.
            let (receipt, command) = (city.folder.file("r"), city.folder.file("e"))
            let manager = FileManager.default
            try manager.copyItem(
                atPath: try file(city, "b1a1", refused[0]["command"], "receipt"), toPath: receipt)
            try manager.copyItem(
                atPath: try file(city, "b1a1", refused[0]["command"], "command"), toPath: command)
            let line = ["receipt", "verify", receipt, "--envelope", command, "--ca", city.access.authority]
            expect(try City.attempt("twolists", line), exits: 0, saying: "核验通过", "VERSION_CONFLICT")
            let other = try file(city, "u7l1", done[0]["command"], "command")
            let wrong = ["receipt", "verify", receipt, "--envelope", other, "--ca", city.access.authority]
            expect(try City.attempt("twolists", wrong), exits: 12, saying: "与这份命令内容不符", "ENVELOPE")
            var bytes = try Data(contentsOf: URL(filePath: receipt))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(filePath: receipt))
            expect(try City.attempt("twolists", line), exits: 12, saying: "未通过核验")
            expect(
                try City.attempt(
                    "twolists",
                    ["receipt", "verify", command, "--envelope", command, "--ca", city.access.authority]),
                exits: 11, saying: "twolists-receipt/1")
            expect(
                try city.attempt("u7l1", ["receipt", "show", "ffffffff"]), exits: 11, saying: "receipt list")
        }

        @Test("two receipts are of one history: with the server's proof, and later with the saved one")
        func compare() throws {
            let city = try City()
            try city.start()
            for _ in 0..<3 { _ = try city.request() }
            let list = try kept(city, "u7l1")
            let pair = try [0, 2].map { try #require(list[$0]["command"] as? String) }
            let proof = city.folder.file("proof")
            let compared = ["receipt", "compare"] + pair
            expect(
                try city.attempt("u7l1", compared + ["--save-proof", proof]), exits: 0, saying: "同一部历史")
            // The same receipt again, under a newer checkpoint.
            let before = try #require(list[0]["tree_size"] as? Int)
            let fetched = try city.json("u7l1", ["receipt", "fetch", pair[0]])
            #expect(try #require(fetched["tree_size"] as? Int) > before)
            expect(try city.attempt("u7l1", ["receipt", "verify", pair[0]]), exits: 0, saying: "核验通过")
            expect(try city.attempt("u7l1", ["receipt", "compare", pair[1], pair[1]]), exits: 0)
            // The proof is of the sizes the two had then; the first has been fetched anew since, so it is saved once more.
            expect(try city.attempt("u7l1", compared + ["--save-proof", proof]), exits: 0)
            city.stop()
            expect(try city.attempt("u7l1", compared + ["--proof", proof]), exits: 0, saying: "同一部历史")
            let second = try #require(list[1]["command"] as? String)
            expect(
                try city.attempt("u7l1", ["receipt", "compare", second, pair[1], "--proof", proof]),
                exits: 12,
                saying: "CONSISTENCY")
        }

        @Test(
            "a server set back to a copy of its data: the alarm on both sides, with evidence; and once it has grown past it, still"
        )
        func setBack() throws {
            let city = try City()
            try city.start()
            _ = try city.request()
            city.stop()
            let copy = city.folder.file("copy")
            try FileManager.default.copyItem(atPath: city.data, toPath: copy)
            try city.start()
            for _ in 0..<3 { _ = try city.request() }
            #expect(!city.log.contains("ALARM"))
            city.stop()

            try FileManager.default.removeItem(atPath: city.data)
            try FileManager.default.moveItem(atPath: copy, toPath: city.data)
            try city.start()
            for _ in 0..<2 {
                expect(try city.attempt("u7l1", ["whoami"]), exits: 0, saying: "警报", "记录变少了", "安全管理员")
            }
            let folder = city.folder.file("certs/officers/u7l1.receipts")
            let evidence = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
                $0.hasPrefix("history.evidence-")
            }
            #expect(!evidence.isEmpty)
            #expect(
                city.log.contains("error") && city.log.contains("ALARM")
                    && city.log.contains("acknowledged records are missing"))
            // Whoever has seen nothing of what was lost is told nothing.
            let stranger = try city.attempt("b1a1", ["whoami"])
            #expect(stranger.status == 0 && !stranger.everything.contains("警报"))

            for _ in 0..<6 { _ = try city.attempt("k7f2", City.submission()) }
            expect(
                try city.attempt("u7l1", ["whoami", "--lang", "en"]), exits: 0,
                saying: "ALARM", "other records stand in their place")
            #expect(city.log.contains("another root"))
        }

        @Test("restarts, and a history that only grows, raise no alarm")
        func growing() throws {
            let city = try City()
            for _ in 0..<3 {
                try city.start()
                _ = try city.request()
                let told = try city.attempt("u7l1", ["whoami"])
                #expect(told.status == 0 && !told.everything.contains("警报"), "\(told.everything)")
                #expect(!city.log.contains("ALARM") && !city.log.contains("proves nothing"), "\(city.log)")
                city.kill()
            }
        }
    }
}
