import COpenSSL

/// The city's certificate authority: a directory.
///
///     ca.key          the authority's key, PKCS#8 PEM, 0600
///     ca.crt          its certificate
///     ca.crl         the newest revocation list
///     index.txt       what was issued, revoked and listed, in order (below)
///     issued/SERIAL.crt
///     lock            held while any of these changes
///
/// `index.txt` is tab-separated text, replaced whole (new file, sync, rename) with one line more each time:
///
///     twolists-ca  1        CITY
///     issued       SERIAL   NOT-BEFORE  NOT-AFTER  PURPOSE  URI
///     revoked      SERIAL   TIME        REASON
///     crl          NUMBER   THIS-UPDATE NEXT-UPDATE
///
/// SERIAL is hexadecimal, times are `2026-11-23T23:49:48Z`, REASON is a name of `RevocationReason`. A line that cannot be read
/// stops every operation with its number: an index is repaired by a person, not guessed at.
///
/// A certificate is recorded in the index before it leaves, so one that exists can always be revoked. Every time comes
/// from the caller as `now`, seconds since 1970.
package struct CertificateAuthority: Sendable {
    /// Validity of the authority's own certificate.
    package static let authorityDays = 3650
    /// Validity of an end entity's: as long as browsers allow today, short enough that a forgotten one ends by itself.
    package static let endEntityDays = 90
    /// Longest validity that may be asked for.
    package static let endEntityDaysLimit = 398
    /// Of an end entity of development: the year that a demonstration plays, and one more.
    package static let demonstrationDays = 731
    /// How long a revocation list holds. It is made anew daily and at every revocation; the rest is for holidays.
    package static let listDays = 30
    /// Certificates and lists begin this many seconds before `now`, for machines whose clock is behind.
    package static let backdate: Int64 = 600

    /// Without a slash at the end.
    package let directory: String
    package let city: String
    package let certificate: Certificate

    /// Makes a new authority in `directory` (made if missing; refused if there is one already), with an empty list. `forDevelopment`: its
    /// certificate says so, for good.
    package static func create(
        at directory: String, city: String, now: Int64, days: Int = authorityDays,
        forDevelopment: Bool = false
    ) throws(CryptoError) -> CertificateAuthority {
        // Checks the city by the one rule there is.
        let server = try IdentityURI(city: city, holder: .server)
        try DurableFile.makeDirectory(directory)
        try DurableFile.locked(directory + "/lock") { () throws(CryptoError) in
            guard !DurableFile.exists(directory + "/ca.key"), !DurableFile.exists(directory + "/ca.crt")
            else {
                throw .fileFailed(
                    path: directory, operation: "create authority", reason: "there is one already")
            }
            try DurableFile.makeDirectory(directory + "/issued", mode: 0o755)
            let key = try PrivateKey.generate()
            var draft = CertificateDraft(
                organization: server.city,
                commonName: "TwoLists \(forDevelopment ? "development " : "")CA \(server.city)",
                serial: try CertificateDraft.randomSerial(), notBefore: now - backdate,
                notAfter: now + seconds(days))
            draft.isAuthority = true
            if forDevelopment { draft.uris = [Array(DevelopmentAuthority.mark.utf8)] }
            let certificate = try draft.sign(for: key.publicKey, authority: nil, key: key)
            try DurableFile.create(directory + "/ca.key", try key.pem(), mode: 0o600)
            try DurableFile.replace(
                directory + "/index.txt", [UInt8]("twolists-ca\t1\t\(city)\n".utf8), mode: 0o644)
            // Last: a directory without ca.crt is no authority, and `create` may be tried again after removing it.
            try DurableFile.create(directory + "/ca.crt", try certificate.pem(), mode: 0o644)
        }
        let authority = try CertificateAuthority(directory: directory)
        try authority.renewList(now: now)
        return authority
    }

    /// Opens one.
    package init(directory: String) throws(CryptoError) {
        self.directory = directory
        certificate = try Certificate.load(path: directory + "/ca.crt")
        city = try AuthorityIndex.load(directory + "/index.txt").city
    }

    /// Signs `request`, whose signature was checked when it was read. The purpose follows from the identity asked for; `hosts` are a
    /// server's names and addresses, refused for others. The whole identity must be of this city.
    package func issue(
        _ request: CertificateRequest, days: Int = endEntityDays, hosts: [String] = [], now: Int64
    ) throws(CryptoError) -> Certificate {
        let identity = request.identity
        guard identity.city == city else {
            throw .malformed(what: "identity", reason: "\(identity) is not of city \(city)")
        }
        guard hosts.isEmpty || identity.holder == .server else {
            throw .malformed(what: "identity", reason: "\(identity) is no server and gets no host names")
        }
        let limit = longestValidity
        guard (1...limit).contains(days) else {
            throw .malformed(what: "days", reason: "\(days), not 1...\(limit)")
        }
        let end = now + CertificateAuthority.seconds(days)
        guard end <= certificate.notAfter else {
            throw .malformed(
                what: "days",
                reason:
                    "the authority itself ends at \(UTCTime.text(certificate.notAfter)): make a new one first"
            )
        }
        var draft = CertificateDraft(
            organization: city, commonName: identity.commonName, serial: try CertificateDraft.randomSerial(),
            notBefore: max(now - CertificateAuthority.backdate, certificate.notBefore), notAfter: end)
        draft.uris = [identity.bytes]
        draft.hosts = hosts
        draft.usages = identity.purpose.usage
        let issued = try draft.sign(for: request.publicKey, authority: certificate, key: try key())
        try record(issued, identity)
        return issued
    }

    /// Days an end entity's certificate may hold.
    private var longestValidity: Int {
        certificate.isDevelopmentAuthority
            ? CertificateAuthority.demonstrationDays : CertificateAuthority.endEntityDaysLimit
    }

    private func record(_ issued: Certificate, _ identity: IdentityURI) throws(CryptoError) {
        let serial = Hex.encode(issued.serial)
        let entry = AuthorityIndex.Line.issued(
            AuthorityIndex.Issued(
                serial: serial, notBefore: issued.notBefore, notAfter: issued.notAfter,
                purpose: identity.purpose,
                identity: identity))
        try locked { () throws(CryptoError) in
            try append(entry)
            try DurableFile.create("\(directory)/issued/\(serial).crt", try issued.pem(), mode: 0o644)
        }
    }

    /// Revokes the certificate with `serial` (hexadecimal) and makes a new list. Twice is refused, an unknown serial too.
    package func revoke(serial: String, reason: RevocationReason, now: Int64) throws(CryptoError) {
        let serial = serial.lowercased()
        try locked { () throws(CryptoError) in
            let index = try index()
            guard index.issued.contains(where: { $0.serial == serial }) else {
                throw .malformed(what: "serial", reason: "\(serial) was not issued by this authority")
            }
            guard index.revoked[serial] == nil else {
                throw .malformed(what: "serial", reason: "\(serial) is revoked already")
            }
            try append(.revoked(serial: serial, time: now, reason: reason))
        }
        try renewList(now: now)
    }

    /// Makes a new revocation list, with the next number, and writes ca.crl.
    @discardableResult
    package func renewList(
        now: Int64, days: Int = listDays
    ) throws(CryptoError) -> RevocationList {
        let key = try key()
        return try locked { () throws(CryptoError) in
            let index = try index()
            let number = index.listNumber + 1
            let (start, next) = (
                now - CertificateAuthority.backdate, now + CertificateAuthority.seconds(days)
            )
            let list = try RevocationList.sign(
                index.revoked, number: number, thisUpdate: start, nextUpdate: next, authority: certificate,
                key: key)
            try append(.list(number: number, thisUpdate: start, nextUpdate: next))
            try DurableFile.replace(directory + "/ca.crl", try list.pem(), mode: 0o644)
            return list
        }
    }

    /// Everything issued and revoked so far.
    package func index() throws(CryptoError) -> AuthorityIndex {
        try AuthorityIndex.load(directory + "/index.txt")
    }

    private func key() throws(CryptoError) -> PrivateKey {
        let key = try PrivateKey.load(path: directory + "/ca.key")
        guard certificate.matches(key) else {
            throw .malformed(what: directory + "/ca.key", reason: "does not belong to ca.crt")
        }
        return key
    }

    private func locked<R>(_ body: () throws(CryptoError) -> R) throws(CryptoError) -> R {
        try DurableFile.locked(directory + "/lock", body)
    }

    /// Under the lock: one line more, the file replaced whole.
    private func append(_ line: AuthorityIndex.Line) throws(CryptoError) {
        let path = directory + "/index.txt"
        let text = try DurableFile.read(path) + [UInt8]((line.text + "\n").utf8)
        _ = try AuthorityIndex(text: text, path: path)
        try DurableFile.replace(path, text, mode: 0o644)
    }

    private static func seconds(_ days: Int) -> Int64 { Int64(days) * 86_400 }
}

extension RevocationList {
    static func sign(
        _ revoked: [String: AuthorityIndex.Revocation], number: Int64, thisUpdate: Int64, nextUpdate: Int64,
        authority: Certificate, key: PrivateKey
    ) throws(CryptoError) -> RevocationList {
        guard let handle = co_crl_new() else {
            throw .library(operation: "make revocation list", reason: Libcrypto.errorText())
        }
        defer { co_crl_free(handle) }
        for (serial, entry) in revoked {
            let bytes = Hex.decode(serial) ?? []
            try Libcrypto.require(
                co_crl_add(handle, bytes, bytes.count, entry.time, entry.reason.rawValue), "revocation entry")
        }
        let der = try key.withHandle { secret throws(CryptoError) in
            try authority.withHandle { issuer throws(CryptoError) in
                try Libcrypto.take(
                    co_crl_sign(handle, issuer, secret, number, thisUpdate, nextUpdate),
                    "sign revocation list")
            }
        }
        return try RevocationList(der: der)
    }
}
