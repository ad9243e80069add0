import Crypto
import Foundation
import Schema
import Synchronization
import TestSupport
import Testing
import TwoListsClient
import Wire

extension RealPrograms {
    /// Certificates and lists change while everybody works.
    @Suite("DESIGN.md 6 certificates and lists reload without restart")
    struct ReloadTests {
        private static let server = "twolists://421300/server"

        @Test("100 times under load: no call fails, and who comes after a reload sees its certificate")
        func underLoad() async throws {
            let city = try City()
            try city.start()
            let pairs = [try city.issue(Self.server), try city.issue(Self.server)]
            let callers = Callers(city.access, timeout: .seconds(60))
            var seen: Set<[UInt8]> = []
            async let load: Void = callers.run()
            for round in 0..<100 {
                let pair = pairs[round % 2]
                try city.place(pair, at: "server/server")
                try await city.hangUp()
                let serial = try await Peek.serial(city.access, as: "b1a1")
                #expect(serial == pair.certificate.serial, "round \(round)")
                seen.insert(serial ?? [])
            }
            callers.stop()
            try await load
            let tally = callers.now
            #expect(tally.failures.isEmpty, "\(tally.failures.prefix(5))")
            #expect(seen == Set(pairs.map(\.certificate.serial)))
            #expect(tally.filed.count > 100 && tally.reads > 200, "too little to mean anything")
            #expect(
                tally.filed.allSatisfy { !$0.answer.repeated && $0.answer.outcome?.refusal == .unspecified })
            print("100 reloads: \(tally.filed.count) filed, \(tally.reads) read, none failed")
            #expect(city.stop() == 0)
            expect(try city.verify(), exits: 0, saying: "verified: nothing is wrong")
        }

        @Test(
            "a revoked peer that is connected is dropped by the reload, and with it the signature; the others stay"
        )
        func revoked() async throws {
            let city = try City()
            try city.start()
            let connections = Mutex(0)
            let stays = try Callers.client("u7l1", city.access) { event in
                if event == .connected { connections.withLock { $0 += 1 } }
            }
            let goes = try Callers.client("k7f2", city.access)
            _ = try await (stays.whoAmI(), goes.whoAmI())
            let watch = try await city.watch("k7f2")
            let files = ["one.cmd", "two.cmd"].map(city.folder.file)
            for file in files {
                expect(try city.attempt("k7f2", City.submission() + ["--save", file]), exits: 0)
            }

            try city.revoke(city.access.certificate("k7f2"))
            // The list lies there and is not read yet.
            _ = try await goes.whoAmI()
            expect(try city.attempt("b1a1", ["import", files[0]]), exits: 0, saying: "已办成")
            let told = try city.attempt("b1y3", ["admin", "reload"])
            expect(told, exits: 0, saying: "已重新加载", "twolists://421300/server", "吊销列表")

            #expect(watch.wait(City.patience) == 8, "\(watch.errorText)")
            #expect(watch.errorText.contains("吊销"), "\(watch.errorText)")
            let error = await #expect(throws: ClientError.self) { try await goes.whoAmI() }
            if case .certificateRefused? = error?.reason {
            } else {
                Issue.record("\(String(describing: error))")
            }
            expect(try city.attempt("b1a1", ["import", files[1]]), exits: 2, saying: "吊销")
            _ = try await stays.whoAmI()
            #expect(connections.withLock { $0 } == 1, "the others were touched")
            #expect(city.log.contains("is revoked"), "\(city.log)")
            stays.close()
            goes.close()
        }

        @Test(
            "files that do not fit are refused with file and mend; the old stay, on the line and for new connections"
        )
        func refused() async throws {
            let city = try City()
            try city.start()
            let client = try Callers.client("u7l1", city.access)
            _ = try await client.whoAmI()
            let old = try await Peek.serial(city.access, as: "b1a1")
            let fresh = try city.issue(Self.server)
            // Half done: the key is there, its certificate is not yet.
            try DurableFile.replace(
                city.folder.file("certs/server/server.key"), try fresh.key.pem(), mode: 0o600)
            try await city.hangUp(refused: true)
            #expect(city.log.contains("server.key does not belong to the certificate in"), "\(city.log)")
            expect(
                try city.attempt("b1y3", ["admin", "reload"]), exits: 3, saying: "没有重新加载",
                "server.key：私钥与证书server.crt不是一对，请放上一同生成的那一对文件")
            expect(
                try city.attempt("b1y3", ["admin", "reload", "--lang", "en"]), exits: 3,
                saying: "not reloaded", "server.key does not belong to the certificate in")
            #expect(try await Peek.serial(city.access, as: "b1a1") == old)
            _ = try await client.whoAmI()
            try city.place(fresh, at: "server/server")
            // Ended: a list is refused, not believed.
            _ = try city.authority().renewList(now: UTCTime.now() - 40 * 86_400)
            try await city.hangUp(refused: true)
            #expect(city.log.contains("ca.crl: the revocation list ended at"), "\(city.log)")
            #expect(try await Peek.serial(city.access, as: "b1a1") == old)
            _ = try city.authority().renewList(now: UTCTime.now())
            try await city.hangUp()
            #expect(try await Peek.serial(city.access, as: "b1a1") == fresh.certificate.serial)
            _ = try await client.whoAmI()
            client.close()
        }

        @Test("what was given up at the start stays given up: no lists, no signatures")
        func givenUp() async throws {
            let city = try City()
            try city.start(["--no-crl", "--unsigned"])
            let fresh = try city.issue(Self.server)
            try city.place(fresh, at: "server/server")
            try await city.hangUp()
            #expect(try await Peek.serial(city.access, as: "b1a1") == fresh.certificate.serial)
            expect(try city.attempt("u7l1", City.submission()), exits: 0, saying: "已办成")
            let told = try city.attempt("b1y3", ["admin", "certificates"])
            expect(told, exits: 0, saying: "服务器证书")
            #expect(!told.outputText.contains("吊销列表") && !told.outputText.contains("存证签名证书"))
        }

        @Test(
            "the system administrator alone: not the other administrators, not casework, not another office")
        func roles() throws {
            let city = try City()
            try city.start()
            for officer in ["b1q4", "b1u5", "b1a1", "b1s2", "k7f2"] {
                for command in ["reload", "certificates"] {
                    expect(
                        try city.attempt(officer, ["admin", command]), exits: 4, saying: "只有市局的系统管理员可以管理服务器")
                }
            }
            #expect(!city.log.contains("reload ("), "\(city.log)")
            #expect(city.log.contains("admin Reload refused: twolists://421300/bureau/421300/officer/b1q4"))
            expect(
                try city.attempt("b1y3", ["admin", "certificates"]), exits: 0, saying: "服务器证书", "存证签名证书",
                "签发机构",
                "吊销列表", "twolists://421300/journal")
            let lines = try #require(
                try city.json("b1y3", ["admin", "certificates"])["certificates"] as? [Any])
            #expect(lines.count == 4)
        }

        @Test("the journal is signed with the new key from the next group on; both certificates verify it")
        func journal() async throws {
            let city = try City()
            try city.start()
            _ = try city.request()
            let old = try DurableFile.read(city.folder.file("certs/journal/journal.crt"))
            try DurableFile.create(city.folder.file("old.crt"), old, mode: 0o644)
            let fresh = try city.issue("twolists://421300/journal")
            try city.place(fresh, at: "journal/journal")
            try await city.hangUp()
            #expect(city.log.contains("is signed with certificate \(fresh.certificate.fingerprint.hex)"))
            _ = try city.request()
            let kept = try city.json("u7l1", ["receipt", "list"])["receipts"] as? [[String: Any]] ?? []
            #expect(kept.count == 2)
            for receipt in kept {
                let id = try #require(receipt["command"] as? String)
                expect(try city.attempt("u7l1", ["receipt", "verify", id]), exits: 0, saying: "核验通过")
            }
            #expect(city.stop() == 0)
            expect(
                try city.verify(["certs/journal/journal.crt", "old.crt"]), exits: 0,
                saying: "verified: nothing is wrong")
            for one in ["certs/journal/journal.crt", "old.crt"] {
                expect(try city.verify([one]), exits: 3, saying: "NOT VERIFIED: ", "which was not given")
            }
        }

        @Test("a journal's certificate that ended, or that is revoked, stops the start, with file and mend")
        func badJournal() throws {
            let city = try City()
            let now = UTCTime.now()
            let key = try PrivateKey.generate()
            let request = try CertificateRequest(
                identity: try IdentityURI("twolists://421300/journal"), key: key)
            // An authority that was there before it.
            let path = city.folder.file("old-ca")
            let authority = try CertificateAuthority.create(at: path, city: "421300", now: now - 10 * 86_400)
            let ended = try authority.issue(request, days: 1, now: now - 5 * 86_400)
            try city.place(City.Pair(certificate: ended, key: key), at: "journal/ended")
            let files = [
                "--journal-certificate", city.folder.file("certs/journal/ended.crt"), "--journal-key",
                city.folder.file("certs/journal/ended.key"),
            ]
            let both = try city.folder.write(
                "both.crt",
                try city.folder.read("certs/ca/ca.crt") + (try city.folder.read("old-ca/ca.crt")))
            try authority.renewList(now: now)
            expect(
                try city.refusedStart(files + ["--ca", both, "--crl", path + "/ca.crl"]), exits: 1,
                saying: "ended.crt: the certificate ended at", "make a new key and certificate")
            expect(
                try City.attempt(
                    "twolists-server",
                    ["init", "--data", city.folder.file("new"), "--seeds", Programs.root + "/seeds"] + files),
                exits: 1, saying: "ended.crt: the certificate ended at")
            try city.revoke(city.folder.file("certs/journal/journal.crt"))
            expect(
                try city.refusedStart(), exits: 1, saying: "journal.crt: the certificate was revoked at",
                "make a new key and certificate")
            expect(
                try City.attempt(
                    "twolists-server",
                    ["init", "--data", city.folder.file("new"), "--seeds", Programs.root + "/seeds"]
                        + city.signing + ["--ca", city.access.authority, "--crl"]
                        + [city.folder.file("certs/ca/ca.crl")]),
                exits: 1, saying: "journal.crt: the certificate was revoked at")
        }

        @Test("what ends soon is told in the log at start and reload, and at the client, once, with the mend")
        func expiry() async throws {
            let city = try City()
            try city.start()
            #expect(city.log.contains("info the server's certificate \(Self.server), serial "), "\(city.log)")
            #expect(city.log.contains("info the revocation list of "), "\(city.log)")
            let quiet = try city.attempt("k7f2", ["whoami"])
            #expect(quiet.errorText.isEmpty, "\(quiet.everything)")
            try city.place(try city.issue(Self.server, days: 6), at: "server/server")
            try await city.hangUp()
            #expect(
                city.log.contains("warning the server's certificate \(Self.server), serial "), "\(city.log)")
            #expect(city.log.contains(" days left: renew it with `twolists ca request`"), "\(city.log)")
            let uri = "twolists://421300/county/421321/officer/k7f2"
            try city.place(try city.issue(uri, days: 3), at: "officers/k7f2")
            let told = try city.attempt("k7f2", ["whoami"])
            expect(told, exits: 0, saying: "您的证书还有 ", "twolists ca request \(uri)", "服务器的证书还有 ")
            #expect(told.errorText.split(separator: "\n").count == 2, "\(told.everything)")
            expect(try city.attempt("k7f2", ["health"]), exits: 0, saying: "服务器证书还有 ")
            expect(
                try city.attempt("k7f2", ["whoami", "--lang", "en"]), exits: 0,
                saying: "your certificate ends in ")
        }
    }
}
