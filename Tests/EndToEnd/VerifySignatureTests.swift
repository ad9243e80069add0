import Bureau
import Crypto
import Exchange
import Foundation
import Journal
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

        @Test(
            "what was signed before its certificate began or after it ended is told with certificate and times",
            arguments: [(-5, "which ended at "), (5, "which is valid only from ")])
        func outsideValidity(days: Int64, words: String) throws {
            let folder = try TemporaryDirectory("lapsed")
            let certificate = try Self.journalCertificate(in: folder, issuedIn: days)
            let (data, authority) = (folder.file("data"), folder.file("ca/ca.crt"))
            let given = ["--journal-certificate", folder.file("journal.crt")]
            // The program would not sign with it, so the store is made without the program.
            expect(
                try City.attempt(
                    "twolists-server",
                    ["init", "--data", data, "--seeds", Programs.root + "/seeds", "--journal-key"]
                        + [folder.file("journal.key")] + given), exits: 1,
                saying: "journal.crt: the certificate")
            try Self.store(in: data, signedWith: certificate, folder.file("journal.key"))
            for trusted in [[], ["--ca", authority]] {
                let found = try City.attempt("twolists-server", ["verify", "--data", data] + given + trusted)
                expect(
                    found, exits: 3, saying: "NOT VERIFIED: ", words, certificate.fingerprint.hex,
                    UTCTime.text(days < 0 ? certificate.notAfter : certificate.notBefore))
                #expect(!found.everything.contains("DAMAGED"), "\(found.everything)")
                #expect(!found.everything.contains("verified: nothing is wrong"), "\(found.everything)")
            }
        }

        private static func store(
            in data: String, signedWith certificate: Certificate, _ key: String
        ) throws {
            try DurableFile.makeDirectory(data)
            try DurableFile.makeDirectory(data + "/keys")
            let (storage, keys) = (try FileStorage(path: data), try FileStorage(path: data + "/keys"))
            var options = JournalOptions(city: "421300")
            options.signer = try CheckpointSigning.signer(
                key: try PrivateKey.load(path: key), certificate: certificate)
            try Journal.format(storage, keys: keys, options)
            let text = try String(contentsOfFile: Programs.root + "/seeds/city.csv", encoding: .utf8)
            let seeds = try seedCommands([SeedFile(path: "city.csv", text: text)])
            #expect(try SeedLoader.fill(storage, keys: keys, options: options, commands: seeds) == 1)
        }

        /// A journal's certificate of one day that begins so many days from now, with its key and its authority's files.
        private static func journalCertificate(
            in folder: TemporaryDirectory, issuedIn days: Int64
        ) throws -> Certificate {
            let (now, day) = (UTCTime.now(), Int64(86_400))
            let authority = try CertificateAuthority.create(
                at: folder.file("ca"), city: "421300", now: now - 10 * day)
            let key = try PrivateKey.generate()
            let request = try CertificateRequest(
                identity: try IdentityURI("twolists://421300/journal"), key: key)
            let certificate = try authority.issue(request, days: 1, now: now + days * day)
            try DurableFile.create(folder.file("journal.crt"), try certificate.pem(), mode: 0o644)
            try DurableFile.create(folder.file("journal.key"), try key.pem(), mode: 0o600)
            return certificate
        }

        @Test("what was signed after its certificate was revoked is told where the list is given, not before")
        func revoked() throws {
            let city = try City()
            let (path, list) = (
                city.folder.file("certs/journal/journal.crt"), city.folder.file("certs/ca/ca.crl")
            )
            let certificate = try Certificate.load(path: path)
            let words = ["verify", "--data", city.data, "--journal-certificate", path]
            let withList = words + ["--ca", city.access.authority, "--crl", list]
            // A revocation counts in whole seconds: the seeds' signatures must be of an earlier one.
            usleep(1_100_000)
            try City.run(
                "twolists",
                [
                    "ca", "revoke", city.folder.file("certs/ca"), Hex.encode(certificate.serial), "--reason",
                    "superseded",
                ])
            expect(
                try City.attempt("twolists-server", withList), exits: 0, saying: "verified: nothing is wrong")
            // With the list the server does not start; without it, it cannot know.
            expect(try city.refusedStart(), exits: 1, saying: "journal.crt: the certificate was revoked at")
            try city.start(["--no-crl"])
            _ = try city.request()
            #expect(city.stop() == 0)
            let found = try City.attempt("twolists-server", withList)
            expect(
                found, exits: 3, saying: "NOT VERIFIED: ", "which was revoked at ",
                certificate.fingerprint.hex)
            #expect(!found.everything.contains("DAMAGED"), "\(found.everything)")
            expect(try city.verify(), exits: 0, saying: "verified: nothing is wrong")
            // A list says nothing without its authority.
            expect(
                try City.attempt("twolists-server", words + ["--crl", list]), exits: 2,
                saying: "--crl needs --ca")
        }
    }
}
