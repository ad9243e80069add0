import Crypto
import Foundation
import TestSupport
import Testing

extension RealPrograms {
    /// Revocation and signing at `run`: given, or given up by name.
    @Suite("DESIGN.md 6 revocation and signing are not left out by forgetting")
    struct ProtectionTests {
        @Test("neither given nor given up, or both: the server does not start and says what to write")
        func forgotten() throws {
            let city = try City()
            let list = ["--crl", city.folder.file("certs/ca/ca.crl")]
            for (words, option, instead) in [
                (city.signing, "--crl is missing", "say --no-crl"),
                (list, "--journal-key is missing", "say --unsigned"),
                (list + city.signing + ["--no-crl"], "--crl and --no-crl", "exclude each other"),
                (list + city.signing + ["--unsigned"], "--journal-key and --unsigned", "exclude each other"),
                (list + city.signing.prefix(2) + ["--unsigned"], "--journal-key is missing", "signs nothing"),
            ] {
                expect(
                    try City.attempt("twolists-server", city.unprotected + words), exits: 2, saying: option,
                    instead)
            }
        }

        @Test("what is on stands beside the ready line")
        func announced() throws {
            let city = try City()
            try city.start()
            let certificate = try Certificate.load(path: city.folder.file("certs/journal/journal.crt"))
            #expect(city.log.contains("revocation is checked, lists: 1, good until "), "\(city.log)")
            #expect(city.log.contains("checkpoints are signed: certificate \(certificate.fingerprint.hex)"))
            #expect(!city.log.contains("notice"), "\(city.log)")
        }

        @Test("without lists the line and signed commands are judged alike")
        func noLists() throws {
            let city = try City()
            try city.start(["--no-crl"])
            #expect(city.log.contains("notice: revocation is not checked (--no-crl)"), "\(city.log)")
            expect(try city.attempt("u7l1", City.submission()), exits: 0, saying: "已办成")
        }

        @Test("every list counts for signed commands, not only the last one")
        func twoLists() throws {
            let city = try City()
            let other = city.folder.file("other")
            try City.run("twolists", ["ca", "init", other, "--city", "421300"])
            let both = try city.folder.write(
                "both.crt",
                try city.folder.read("certs/ca/ca.crt") + (try city.folder.read("other/ca.crt")))
            try city.start(["--ca", both, "--crl", other + "/ca.crl"])
            expect(try city.attempt("u7l1", City.submission()), exits: 0, saying: "已办成")
        }
    }
}
