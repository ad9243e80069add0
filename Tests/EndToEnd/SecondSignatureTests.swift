import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// The real server signing twice.
    @Suite("RECEIPT.md 1 the real programs with a second signature")
    struct SecondSignatureTests {
        @Test(
            "a server that is given an SM2 pair signs twice; receipts and verify check both; what lacks one is told"
        )
        func twice() throws {
            let city = try City()
            let certificates = city.folder.file("certs")
            try City.run(
                "twolists",
                [
                    "ca", "dev", certificates, "--list", Programs.root + "/Certs/profiles/dev.txt", "--sm2",
                    "yes",
                ])
            let pair = city.folder.file("certs/journal/journal-sm2")
            let second = ["--journal-sm2-certificate", pair + ".crt", "--journal-sm2-key", pair + ".key"]
            try city.start(second)
            #expect(city.log.contains("signed a second time, with SM2"))
            _ = try city.request()
            let listed = try city.json("u7l1", ["receipt", "list"])
            let receipts = try #require(listed["receipts"] as? [[String: Any]])
            let id = try #require(receipts.last?["command"] as? String)
            #expect(city.stop() == 0)
            expect(try city.attempt("u7l1", ["receipt", "verify", id, "--sm2"]), exits: 0, saying: "核验通过")
            let both = ["certs/journal/journal.crt", "certs/journal/journal-sm2.crt"]
            expect(try city.verify(both), exits: 0, saying: "nothing is wrong")
            expect(try city.verify([both[0]]), exits: 3, saying: "was not given")

            // Without it: receipts lack it, and verify says so.
            try city.start()
            _ = try city.request()
            let later = try city.json("u7l1", ["receipt", "list"])
            let newest = try #require((later["receipts"] as? [[String: Any]])?.last?["command"] as? String)
            #expect(city.stop() == 0)
            expect(try city.attempt("u7l1", ["receipt", "verify", newest]), exits: 0)
            expect(
                try city.attempt("u7l1", ["receipt", "verify", newest, "--sm2"]), exits: 12,
                saying: "UNSIGNED", "sm2-sm3")
            expect(try city.verify(both), exits: 3, saying: "lack the signature by sm2-sm3")
        }

        @Test("a pair that is not SM2, or given without the first, is refused at the start")
        func refused() throws {
            let city = try City()
            let pair = city.folder.file("certs/journal/journal")
            let second = ["--journal-sm2-certificate", pair + ".crt", "--journal-sm2-key", pair + ".key"]
            let wrong = try city.refusedStart(second)
            #expect(wrong.status != 0 && wrong.everything.contains("not an SM2 key"), "\(wrong.everything)")
            let alone = try city.refusedStart(["--unsigned"] + second)
            #expect(alone.status != 0 && alone.everything.contains("--journal-key is missing"))
        }
    }
}
