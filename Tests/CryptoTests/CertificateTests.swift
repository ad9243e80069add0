import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 6 certificates: who is trusted for what, when")
struct CertificateTests {
    @Test("good certificates of each kind say what they should")
    func good() throws {
        let ca = try TestCA()
        let (trust, server, officer, journal) = (
            try ca.trust(), try ca.server(), try ca.officer(), try ca.journal()
        )
        #expect(try trust.verify(server.certificate, purpose: .server, at: ca.now).holder == .server)
        #expect(
            try trust.verify(officer.certificate, purpose: .officer, at: ca.now).description
                == TestCA.officerURI)
        #expect(try trust.verify(journal.certificate, purpose: .journal, at: ca.now).holder == .journal)
        #expect(server.certificate.usages == .serverAuth)
        #expect(officer.certificate.usages == .clientAuth)
        #expect(journal.certificate.usages == .codeSigning)
        #expect(officer.certificate.serial.count == 16)
        #expect(officer.certificate.notAfter == ca.now + 90 * 86_400)
        #expect(officer.certificate.issuer == "CN=TwoLists CA 421300,O=421300")
        #expect(!officer.certificate.isAuthority && ca.authority.certificate.isAuthority)
        #expect(try officer.certificate.publicKey() == officer.key.publicKey)
        #expect(officer.certificate.matches(officer.key) && !officer.certificate.matches(server.key))
        #expect(try Certificate.load(path: officer.certificatePath) == officer.certificate)
        #expect(officer.certificate.fingerprint == Digest(of: officer.certificate.der))
    }

    @Test("a certificate serves one purpose only", arguments: [Purpose.server, .officer, .journal])
    func purposes(purpose: Purpose) throws {
        let ca = try TestCA()
        let holders: [(Purpose, TestCA.Holder)] = [
            (.server, try ca.server()), (.officer, try ca.officer()), (.journal, try ca.journal()),
        ]
        for (made, holder) in holders where made != purpose {
            #expect(throws: TrustError.wrongPurpose(expected: purpose)) {
                try ca.trust().verify(holder.certificate, purpose: purpose, at: ca.now)
            }
        }
        #expect(throws: TrustError.wrongPurpose(expected: purpose)) {
            try ca.trust().verify(ca.authority.certificate, purpose: purpose, at: ca.now)
        }
    }

    @Test(
        "the name must fit the purpose too: an officer with a server's usage is no server, and the other way round"
    )
    func holders() throws {
        let ca = try TestCA()
        let trust = try ca.trust()
        let officer = try ca.flawed(.wrongUsage).certificate
        #expect(throws: TrustError.wrongPurpose(expected: .server)) {
            try trust.verify(officer, purpose: .server, at: ca.now)
        }
        let server = try ca.flawed(.wrongUsage, server: true).certificate
        #expect(throws: TrustError.wrongPurpose(expected: .officer)) {
            try trust.verify(server, purpose: .officer, at: ca.now)
        }
    }

    @Test("each flaw has its own refusal", arguments: TestCA.Flaw.allCases, [false, true])
    func flaws(flaw: TestCA.Flaw, server: Bool) throws {
        let ca = try TestCA()
        let certificate = try ca.flawed(flaw, server: server).certificate
        let purpose: Purpose = server ? .server : .officer
        let trust = try ca.trust()
        let error = #expect(throws: TrustError.self) {
            try trust.verify(certificate, purpose: purpose, at: ca.now)
        }
        switch (flaw, try #require(error)) {
        case (.expired, .expired), (.notYetValid, .notYetValid), (.wrongUsage, .wrongPurpose),
            (.noUsage, .wrongPurpose), (.twoURIs, .noIdentity), (.noURI, .noIdentity),
            (.foreignURI, .noIdentity),
            (.revoked, .revoked), (.selfSigned, .unknownAuthority):
            break
        case (.wrongAuthority, .unknownAuthority), (.wrongAuthority, .invalid): break
        case (_, let other): Issue.record("\(flaw): \(other)")
        }
    }

    @Test("first and last second of validity")
    func edges() throws {
        let ca = try TestCA()
        let certificate = try ca.officer().certificate
        let trust = try ca.trust()
        let verify = { (time: Int64) throws in
            try trust.verify(certificate, purpose: .officer, at: time, revocation: .recorded)
        }
        #expect(throws: Never.self) { try verify(certificate.notBefore) }
        #expect(throws: Never.self) { try verify(certificate.notAfter - 1) }
        #expect(throws: TrustError.self) { try verify(certificate.notBefore - 1) }
        #expect(throws: TrustError.self) { try verify(certificate.notAfter + 1) }
    }

    @Test("revocation lists: missing, out of date and foreign ones; recorded judgement at its own time")
    func lists() throws {
        let ca = try TestCA()
        let officer = try ca.officer()
        let certificate = officer.certificate
        let without = try TrustStore.load(caPath: ca.caPath, crlPath: nil)
        #expect(throws: TrustError.self) { try without.verify(certificate, purpose: .officer, at: ca.now) }
        #expect(throws: Never.self) {
            try without.verify(certificate, purpose: .officer, at: ca.now, revocation: .recorded)
        }
        let late = ca.now + 31 * 86_400
        #expect(throws: TrustError.revocationUnknown("the revocation list is out of date")) {
            try ca.trust().verify(certificate, purpose: .officer, at: late)
        }
        try ca.authority.revoke(
            serial: Hex.encode(certificate.serial), reason: .superseded, now: ca.now + 100)
        let trust = try ca.trust()
        let recorded = { (time: Int64) throws in
            try trust.verify(certificate, purpose: .officer, at: time, revocation: .recorded)
        }
        #expect(throws: Never.self, "signed before it was revoked") { try recorded(ca.now + 99) }
        #expect(throws: TrustError.revoked(time: ca.now + 100, reason: 4)) { try recorded(ca.now + 100) }
        #expect(throws: TrustError.revoked(time: ca.now + 100, reason: 4)) {
            try trust.verify(certificate, purpose: .officer, at: ca.now + 200)
        }
        #expect(trust.recordedRevocation(of: certificate)?.reason == 4)
        #expect(trust.recordedRevocation(of: try ca.server().certificate) == nil)
        let other = try TestCA()
        #expect(throws: CryptoError.self) { try TrustStore.load(caPath: ca.caPath, crlPath: other.crlPath) }
        #expect(throws: CryptoError.self) {
            try TrustStore.load(caPath: officer.certificatePath, crlPath: nil)
        }
    }

    @Test("damaged and cut certificates, requests and lists give errors, never a trap; seed 17")
    func damaged() throws {
        let ca = try TestCA()
        let officer = try ca.officer()
        let request = try CertificateRequest(identity: try IdentityURI(TestCA.officerURI), key: officer.key)
        let list = try #require(
            try RevocationList.all(contents: try DurableFile.read(ca.crlPath), what: "list").first)
        let trust = try ca.trust()
        var random = SplitMix64(seed: 17)
        for _ in 0..<1500 {
            let certificate = mutate(officer.certificate.der, &random)
            if let read = try? Certificate(der: certificate), read.der != officer.certificate.der {
                #expect(throws: TrustError.self) { try trust.verify(read, purpose: .officer, at: ca.now) }
            }
            let changed = mutate(request.der, &random)
            if changed != request.der {
                #expect(throws: CryptoError.self) { try CertificateRequest(der: changed) }
            }
            let changedList = mutate(list.der, &random)
            if changedList != list.der, let read = try? RevocationList(der: changedList) {
                #expect(!read.isSigned(by: ca.authority.certificate))
            }
        }
    }

    private func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        if Int.random(in: 0..<4, using: &random) == 0 {
            return Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        }
        for _ in 0...Int.random(in: 0..<3, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }

    @Test("bytes after a certificate, and too many of them, are refused")
    func lengths() throws {
        let der = try TestCA().authority.certificate.der
        #expect(throws: CryptoError.self) { try Certificate(der: der + [0]) }
        let limit = Certificate.lengthLimit
        let most = [UInt8](repeating: 0x30, count: limit)
        #expect(throws: CryptoError.tooLong(what: "certificate", limit: limit, found: limit + 1)) {
            try Certificate(der: most + [0])
        }
        #expect(throws: CryptoError.self) { try Certificate(der: most) }
    }
}
