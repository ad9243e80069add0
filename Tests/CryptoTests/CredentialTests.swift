import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 6 a server's files are judged as a whole before they are used")
struct CredentialTests {
    private static let day: Int64 = 86_400
    private let ca: TestCA
    private let server: TestCA.Holder
    private let journal: TestCA.Holder

    init() throws {
        ca = try TestCA()
        server = try ca.server()
        journal = try ca.journal()
    }

    private func files(
        server shown: TestCA.Holder? = nil, key: String? = nil, authorities: String? = nil,
        lists: [String]? = nil, journal signing: TestCA.Holder? = nil
    ) -> CredentialFiles {
        let (shown, signing) = (shown ?? server, signing ?? journal)
        return CredentialFiles(
            server: CredentialFiles.Pair(certificate: shown.certificatePath, key: key ?? shown.keyPath),
            authorities: authorities ?? ca.caPath, lists: lists ?? [ca.crlPath],
            journal: CredentialFiles.Pair(certificate: signing.certificatePath, key: signing.keyPath))
    }

    private func faults(_ files: CredentialFiles, at time: Int64? = nil) -> [CredentialFault] {
        do {
            _ = try Credentials.read(files, at: time ?? ca.now)
            return []
        } catch { return error.faults }
    }

    /// Exactly one fault, of that file, with these words and a mend in Chinese.
    private func expectOne(
        _ faults: [CredentialFault], _ path: String, _ words: String...,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(faults.map(\.path) == [path], sourceLocation: location)
        guard let fault = faults.first else { return }
        for word in words {
            #expect(fault.english.contains(word), "\(fault.english)", sourceLocation: location)
        }
        let name = String(path.split(separator: "/").last ?? "")
        #expect(
            fault.chinese.hasPrefix(name + "：") && fault.chinese.contains("，请"), "\(fault.chinese)",
            sourceLocation: location)
        #expect(
            !fault.chinese.contains(path), "no directory: \(fault.chinese)", sourceLocation: location)
    }

    @Test("good files: what was read is what is used, and when each ends is known")
    func good() throws {
        let read = try Credentials.read(files(), at: ca.now)
        #expect(read.server.certificate == server.certificate)
        #expect(read.server.certificateFile.bytes == (try DurableFile.read(server.certificatePath)))
        #expect(read.journal?.certificate == journal.certificate)
        #expect(read.expiries.map(\.use) == [.server, .journal, .authority, .revocationList])
        #expect(read.expiries.map(\.name).prefix(2) == [TestCA.serverURI, "twolists://421300/journal"])
        #expect(read.expiries[0].ends == server.certificate.notAfter)
        #expect(read.expiries[3].ends == ca.now + 30 * Self.day)
    }

    @Test("a file that is not there, and one that holds something else")
    func unusable() throws {
        expectOne(faults(files(key: "/no/such.key")), "/no/such.key", "/no/such.key: no such file")
        expectOne(faults(files(key: ca.caPath)), ca.caPath, "no private key")
        expectOne(
            faults(files(lists: [server.certificatePath])), server.certificatePath, "holds no X509 CRL")
        // Without authorities the certificates cannot be judged: one fault, not three.
        expectOne(faults(files(authorities: server.keyPath)), server.keyPath, "holds no certificate")
        expectOne(
            faults(files(authorities: server.certificatePath)), server.certificatePath,
            "not an authority's certificate")
    }

    @Test("a key of another certificate, as while files are being replaced")
    func mismatch() throws {
        expectOne(
            faults(files(key: journal.keyPath)), journal.keyPath, "does not belong to the certificate in",
            server.certificatePath, "made together")
    }

    @Test("certificates that ended, were revoked, are a stranger's or for something else")
    func certificates() throws {
        let old = try ca.flawed(.expired, server: true)
        expectOne(
            faults(files(server: old)), old.certificatePath, "the certificate ended at", "twolists ca request"
        )
        let early = try ca.flawed(.notYetValid, server: true)
        expectOne(faults(files(server: early)), early.certificatePath, "valid from", "compare the clocks")
        let strange = try ca.flawed(.wrongAuthority, server: true)
        expectOne(faults(files(server: strange)), strange.certificatePath, "CA file")
        let officer = try ca.officer()
        expectOne(
            faults(files(server: officer)), officer.certificatePath, "not made for the purpose server",
            "twolists://CITY/server")
        expectOne(
            faults(files(journal: server)), server.certificatePath, "not made for the purpose journal")
        try ca.revoke(journal)
        expectOne(faults(files()), journal.certificatePath, "was revoked at", "make a new key")
        // Given up by name, revocation is not asked about.
        #expect(faults(files(lists: [])).isEmpty)
    }

    @Test("the journal's certificate ends: its last second is good, the next is not")
    func journalEnds() throws {
        let ends = journal.certificate.notAfter
        try ca.authority.renewList(now: ends - Self.day)
        let long = try ca.holder(TestCA.serverURI, hosts: ["localhost"], days: 91)
        #expect(faults(files(server: long), at: ends - 1).isEmpty)
        expectOne(faults(files(server: long), at: ends), journal.certificatePath, "ended at")
    }

    @Test("revocation lists: ended, from the future, of a stranger, of one authority only")
    func lists() throws {
        let ends = ca.now + 30 * Self.day
        #expect(faults(files(), at: ends - 1).isEmpty)
        expectOne(faults(files(), at: ends), ca.crlPath, "the revocation list ended at", "twolists ca crl")
        let other = try CertificateAuthority.create(
            at: ca.directory.file("other"), city: "421300", now: ca.now)
        let foreign = other.directory + "/ca.crl"
        expectOne(faults(files(lists: [foreign])), foreign, "not signed by an authority of the CA file")
        let both = ca.directory.file("both.crt")
        try DurableFile.create(
            both, try ca.authority.certificate.pem() + (try other.certificate.pem()), mode: 0o644)
        expectOne(
            faults(files(authorities: both)), ca.crlPath, "no revocation list of", other.certificate.subject)
        #expect(faults(files(authorities: both, lists: [ca.crlPath, foreign])).isEmpty)
        try ca.authority.renewList(now: ca.now + 3 * Self.day)
        expectOne(faults(files()), ca.crlPath, "valid from", "compare the clocks")
    }

    @Test("an authority that has ended needs no list any more; that it ended is told")
    func oldAuthority() throws {
        let past = ca.now - 4_000 * Self.day
        let other = try CertificateAuthority.create(
            at: ca.directory.file("ended"), city: "421300", now: past)
        let both = ca.directory.file("both.crt")
        try DurableFile.create(
            both, try ca.authority.certificate.pem() + (try other.certificate.pem()), mode: 0o644)
        let read = try Credentials.read(files(authorities: both), at: ca.now)
        let ended = read.expiries.filter { $0.urgency(at: ca.now) == .ended }
        #expect(ended.map(\.ends) == [other.certificate.notAfter] && ended.first?.use == .authority)
    }

    @Test("all faults are told at once")
    func several() throws {
        let found = faults(files(key: "/no/such.key", lists: ["/no/such.crl"], journal: server))
        #expect(found.map(\.path) == ["/no/such.crl", "/no/such.key", server.certificatePath])
        #expect(CredentialFaults(found).description.split(separator: "\n").count == 3)
    }

    @Test(
        "the journal's pair alone, as for a new store: dates and purpose; who issued it where the CA is given"
    )
    func alone() throws {
        func read(_ holder: TestCA.Holder, ca: String? = nil, at time: Int64) throws {
            _ = try Credentials.readJournal(
                CredentialFiles.Pair(certificate: holder.certificatePath, key: holder.keyPath),
                authorities: ca, lists: ca == nil ? [] : [self.ca.crlPath], at: time)
        }
        try read(journal, at: ca.now)
        try read(journal, ca: ca.caPath, at: ca.now)
        let ends = journal.certificate.notAfter
        try read(journal, at: ends - 1)
        #expect(throws: CredentialFaults.self) { try read(journal, at: ends) }
        #expect(throws: CredentialFaults.self) { try read(journal, at: journal.certificate.notBefore - 1) }
        #expect(throws: CredentialFaults.self) { try read(server, at: ca.now) }
        try ca.revoke(journal)
        try read(journal, at: ca.now)
        #expect(throws: CredentialFaults.self) { try read(journal, ca: ca.caPath, at: ca.now) }
    }
}

@Suite("DESIGN.md 6 what ends is told in time")
struct ExpiryTests {
    private func expiry(_ use: Expiry.Use, _ left: Int64) -> Expiry {
        Expiry(use: use, name: "twolists://421300/server", serial: [0xA1], ends: 1_000_000 + left)
    }

    @Test("30 days for a certificate, 7 for a list; at the edge and one second beyond")
    func urgency() {
        let day: Int64 = 86_400
        for use in [Expiry.Use.server, .journal, .authority] {
            #expect(expiry(use, 30 * day).urgency(at: 1_000_000) == .fine)
            #expect(expiry(use, 30 * day - 1).urgency(at: 1_000_000) == .soon)
            #expect(expiry(use, 1).urgency(at: 1_000_000) == .soon)
            #expect(expiry(use, 0).urgency(at: 1_000_000) == .ended)
        }
        #expect(expiry(.revocationList, 7 * day).urgency(at: 1_000_000) == .fine)
        #expect(expiry(.revocationList, 7 * day - 1).urgency(at: 1_000_000) == .soon)
    }

    @Test("days are whole ones left, and below zero from the first second after the end on")
    func days() {
        for (left, days) in [
            (86_400, 1), (86_399, 0), (0, 0), (-1, -1), (-86_400, -1), (-86_401, -2), (.max - 1_000_000, nil),
        ] as [(Int64, Int64?)] {
            let found = expiry(.server, left).days(at: 1_000_000)
            #expect(days == nil || found == days, "\(left): \(found)")
        }
        #expect(Expiry(use: .server, name: "", serial: [], ends: .max).days(at: -1) == .max)
        #expect(Expiry(use: .server, name: "", serial: [], ends: .min).days(at: 2) == .min)
    }

    @Test("the line says whose, until when, and from when on what to do")
    func lines() {
        let fine = expiry(.server, 86_400 * 89).line(at: 1_000_000)
        #expect(fine.contains("twolists://421300/server, serial a1, is good until"), "\(fine)")
        #expect(fine.hasSuffix("89 days left"))
        let soon = expiry(.journal, 86_400 * 5).line(at: 1_000_000)
        #expect(soon.contains("5 days left: renew it with `twolists ca request`"), "\(soon)")
        let ended = expiry(.revocationList, -1).line(at: 1_000_000)
        #expect(ended.contains("ended at") && ended.contains("twolists ca crl"), "\(ended)")
    }
}
