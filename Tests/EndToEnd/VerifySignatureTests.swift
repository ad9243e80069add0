import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// What `verify` says of signatures: checked, missing, by whom.
    @Suite("JOURNAL.md 9 verify: the signatures of a whole store")
    struct VerifySignatureTests {
        @Test("after the rotation of the journal's certificate both are given, in any order")
        func rotation() throws {
            let city = try City()
            let files = city.folder.file("second")
            try City.run("twolists", ["ca", "request", "twolists://421300/journal", "--out", files])
            try City.run("twolists", ["ca", "issue", city.access.certificates + "/ca", files + ".csr"])
            try city.start(["--journal-certificate", files + ".crt", "--journal-key", files + ".key"])
            _ = try city.request()
            #expect(city.stop() == 0)
            let (first, second) = ("certs/journal/journal.crt", "second.crt")
            for given in [[first, second], [second, first]] {
                expect(try city.verify(given), exits: 0, saying: "verified: nothing is wrong")
            }
            let fingerprint = try Certificate.load(path: files + ".crt").fingerprint.hex
            let lacking = try city.verify([first])
            expect(lacking, exits: 3, saying: fingerprint, "was not given", "--journal-certificate as well")
            #expect(!lacking.everything.contains("DAMAGED"), "\(lacking.everything)")
        }

        @Test("without a certificate of the journal it says that no signature was checked")
        func notGiven() throws {
            let city = try City()
            for authority in [[], ["--ca", city.access.authority]] {
                expect(
                    try City.attempt("twolists-server", ["verify", "--data", city.data] + authority),
                    exits: 0,
                    saying: "signatures not checked: give --journal-certificate",
                    "verified: nothing is wrong (signatures not checked)")
            }
            let checked = try city.verify()
            expect(checked, exits: 0)
            #expect(!checked.everything.contains("not checked"), "\(checked.everything)")
        }

        @Test("a group without signature behind a signed one is named, and so is a store without any")
        func stripped() throws {
            let city = try City()
            try city.start(["--unsigned"])
            #expect(city.log.contains("notice: checkpoints are not signed (--unsigned)"), "\(city.log)")
            _ = try city.request()
            #expect(city.stop() == 0)
            let found = try city.verify()
            expect(
                found, exits: 3, saying: "journal-0000000000000001.tlj, offset ",
                "is not signed, although group ")
            let bare = try City(signed: false)
            expect(try bare.verify(), exits: 3, saying: "no group of this store is signed")
        }

        @Test("unsigned seeds are a notice once a signature covers them")
        func late() throws {
            let city = try City(signed: false)
            try city.start()
            _ = try city.request()
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0, saying: "notice: the groups up to ", "covers their records")
        }

        @Test("a journal's certificate of another authority is refused, with its file")
        func stranger() throws {
            let city = try City()
            let other = city.folder.file("other")
            try City.run("twolists", ["ca", "init", other, "--city", "421300"])
            let files = city.folder.file("foreign")
            try City.run("twolists", ["ca", "request", "twolists://421300/journal", "--out", files])
            try City.run("twolists", ["ca", "issue", other, files + ".csr"])
            expect(
                try city.verify(["certs/journal/journal.crt", "foreign.crt"]), exits: 1,
                saying: "foreign.crt",
                "not in the CA file")
        }
    }
}
