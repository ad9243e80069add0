import TestSupport
import Testing

@testable import Crypto

@Suite("CertificateAuthority.swift: a city's authority in a directory")
struct AuthorityTests {
    private func request(_ uri: String) throws -> CertificateRequest {
        try CertificateRequest(identity: try IdentityURI(uri), key: try PrivateKey.generate())
    }

    @Test("created once; the key is readable by its owner only")
    func create() throws {
        let ca = try TestCA()
        let (_, facts) = try DurableFile.readWithFacts(ca.authority.directory + "/ca.key")
        #expect(!facts.openToOthers)
        #expect(throws: CryptoError.self) {
            try CertificateAuthority.create(at: ca.authority.directory, city: "421300", now: ca.now)
        }
        #expect(throws: CryptoError.self) {
            try CertificateAuthority.create(at: ca.directory.file("x"), city: "4213", now: ca.now)
        }
        let again = try CertificateAuthority(directory: ca.authority.directory)
        #expect(again.certificate == ca.authority.certificate)
        #expect(again.certificate.notAfter == ca.now + 3650 * 86_400)
    }

    @Test(
        "what is not issued: another city, hosts for an officer, days out of bounds, beyond the authority's end"
    )
    func refused() throws {
        let ca = try TestCA()
        let officer = try request(TestCA.officerURI)
        let foreign = CryptoError.malformed(
            what: "identity", reason: "twolists://420000/server is not of city 421300")
        #expect(throws: foreign) {
            try ca.authority.issue(try request("twolists://420000/server"), now: ca.now)
        }
        #expect(throws: CryptoError.self) { try ca.authority.issue(officer, hosts: ["a"], now: ca.now) }
        for days in [0, -1, CertificateAuthority.endEntityDaysLimit + 1] {
            #expect(throws: CryptoError.self) { try ca.authority.issue(officer, days: days, now: ca.now) }
        }
        #expect(throws: Never.self) {
            try ca.authority.issue(officer, days: CertificateAuthority.endEntityDaysLimit, now: ca.now)
        }
        #expect(throws: CryptoError.self) {
            try ca.authority.issue(officer, now: ca.authority.certificate.notAfter - 86_400)
        }
        #expect(try ca.authority.index().issued.count == 1)
    }

    @Test("an SM2 key is refused for a server, a request signed by another key too")
    func badRequests() throws {
        let identity = try IdentityURI(TestCA.officerURI)
        #expect(throws: CryptoError.self) {
            let server = try IdentityURI(TestCA.serverURI)
            return try CertificateRequest(identity: server, key: try PrivateKey.generate(.sm2SM3))
        }
        // Second signatures, of the journal and under packages, are none of TLS.
        for holder in [try IdentityURI("twolists://421300/journal"), identity] {
            let second = try CertificateRequest(identity: holder, key: try PrivateKey.generate(.sm2SM3))
            #expect(second.publicKey.algorithm == .sm2SM3)
        }
        let second = try CertificateRequest(identity: identity, key: try PrivateKey.generate(.sm2SM3))
        var bent = second.der
        bent[bent.count - 1] ^= 1
        #expect(throws: CryptoError.self) { try CertificateRequest(der: bent) }
        var der = try CertificateRequest(identity: identity, key: try PrivateKey.generate()).der
        der[der.count - 1] ^= 1
        #expect(
            throws: CryptoError.malformed(
                what: "certificate request", reason: "not signed by the key it asks a certificate for")
        ) { try CertificateRequest(der: der) }
    }

    @Test("index: issue, revoke, state, list numbers; unknown and repeated revocations are refused")
    func index() throws {
        let ca = try TestCA()
        let (a, b) = (try ca.officer(), try ca.server())
        let serial = Hex.encode(a.certificate.serial)
        try ca.revoke(a, reason: .affiliationChanged)
        #expect(throws: CryptoError.self) { try ca.revoke(a) }
        #expect(throws: CryptoError.self) {
            try ca.authority.revoke(serial: "00ff", reason: .unspecified, now: ca.now)
        }
        let index = try ca.authority.index()
        #expect(index.listNumber == 2)
        #expect(index.issued.map(\.serial) == [serial, Hex.encode(b.certificate.serial)])
        #expect(index.state(of: index.issued[0], at: ca.now) == .revoked(try #require(index.revoked[serial])))
        #expect(index.revoked[serial]?.reason == .affiliationChanged)
        #expect(index.state(of: index.issued[1], at: ca.now) == .valid)
        #expect(index.state(of: index.issued[1], at: ca.now + 91 * 86_400) == .expired)
        let list = try #require(
            try RevocationList.all(contents: DurableFile.read(ca.crlPath), what: "").first)
        #expect(list.number == 2)
        #expect(list.entries == [a.certificate.serial: RevocationList.Entry(time: ca.now, reason: 3)])
        let kept = try Certificate.load(path: "\(ca.authority.directory)/issued/\(serial).crt")
        #expect(kept == a.certificate)
    }

    @Test("an index that was cut or edited wrongly stops with the line's number")
    func damagedIndex() throws {
        let ca = try TestCA()
        _ = try ca.officer()
        let path = ca.authority.directory + "/index.txt"
        let text = try DurableFile.read(path)
        let words = { (text: [UInt8]) -> String in
            do throws(CryptoError) { _ = try AuthorityIndex(text: text, path: "index") } catch {
                return error.description
            }
            return "no error"
        }
        #expect(words(text) == "no error")
        #expect(words(text.dropLast()) == "index: the last line is cut off")
        #expect(words([]) == "index: line 1: not an index of this version")
        #expect(
            words(text + [UInt8]("revoked\tabcd\t2026-01-01T00:00:00Z\tsuperseded\n".utf8)).contains("line 4")
        )
        #expect(
            words(text + [UInt8]("crl\t1\t2026-01-01T00:00:00Z\t2026-02-01T00:00:00Z\n".utf8)).contains(
                "line 4"))
        #expect(words(text + [UInt8]("\n".utf8)).contains("line 4"))
        #expect(words(text + [0xFF, 0x0A]).contains("line 4"))
    }

    @Test("serial numbers are positive, 16 bytes, and differ")
    func serials() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<200 {
            let serial = try CertificateDraft.randomSerial()
            #expect(serial.count == 16 && (0x40...0x7F).contains(serial[0]))
            seen.insert(serial)
        }
        #expect(seen.count == 200)
    }

    @Test("openssl verifies what we issue, refuses what we revoked, and reads list and request")
    func openssl() throws {
        let openssl = try requireTool("openssl")
        let ca = try TestCA()
        let (server, officer, revoked) = (try ca.server(), try ca.officer(), try ca.flawed(.revoked))
        let run = { (arguments: [String]) throws -> String in
            let result = try runProcess(openssl, arguments)
            return "\(result.status) " + result.outputText + result.errorText
        }
        let verify = ["verify", "-x509_strict", "-crl_check", "-CAfile", ca.caPath, "-CRLfile", ca.crlPath]
        #expect(try run(verify + ["-purpose", "sslserver", server.certificatePath]).hasPrefix("0 "))
        #expect(try run(verify + ["-purpose", "sslclient", officer.certificatePath]).hasPrefix("0 "))
        #expect(try run(verify + ["-verify_hostname", "localhost", server.certificatePath]).hasPrefix("0 "))
        #expect(try run(verify + ["-verify_ip", "127.0.0.1", server.certificatePath]).hasPrefix("0 "))
        #expect(try run(verify + ["-purpose", "sslserver", officer.certificatePath]).hasPrefix("2 "))
        #expect(try run(verify + [revoked.certificatePath]).contains("certificate revoked"))
        let list = try run(["crl", "-in", ca.crlPath, "-CAfile", ca.caPath, "-noout", "-text"])
        #expect(list.contains("verify OK") && list.contains("Key Compromise"))
        let text = try run(["x509", "-in", officer.certificatePath, "-noout", "-text"])
        for part in [
            "URI:\(TestCA.officerURI)", "TLS Web Client Authentication", "CA:FALSE", "Digital Signature",
            "prime256v1", "ecdsa-with-SHA256",
        ] { #expect(text.contains(part)) }
        let root = try run(["x509", "-in", ca.caPath, "-noout", "-text"])
        for part in ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign"] { #expect(root.contains(part)) }
        let pem = try ca.directory.write("request.pem", try request(TestCA.officerURI).pem())
        #expect(
            try run(["req", "-in", pem, "-verify", "-noout", "-text"]).contains("URI:\(TestCA.officerURI)"))
    }
}
