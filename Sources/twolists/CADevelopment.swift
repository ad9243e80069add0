import Crypto
import Exchange

/// `twolists ca dev DIR`: everything a developer's machine needs, in a folder that git ignores.
///
///     DIR/ca/                       the authority (CertificateAuthority.swift)
///     DIR/server/server.crt .key    DIR/journal/journal.crt .key
///     DIR/journal/journal-sm2.crt .key   with `--sm2 yes`: for the second signature
///     DIR/officers/ID.crt .key .profile      one of each for every officer of the list, and ca.crt
///
/// With `--demonstration-from DAY` everything is made as on that day and holds two years from then, for a server with a demonstration clock
/// (CASEWORK.md 5). The authority says in its certificate that it is of development (`DevelopmentAuthority`).
///
/// Called again it keeps what is still good for a week and makes the rest anew, with a fresh revocation list. It is the one place where
/// an authority holds officers' keys; nothing but development may use it.
extension CACommand {
    /// Certificates that end sooner than this many seconds are made anew.
    private static let renewBefore: Int64 = 7 * 86_400

    mutating func development(_ words: CAWords) throws {
        let directory = try words.operands()[0]
        let isDemonstration = try beginDemonstration(words)
        let list = words["list"] ?? "Certs/profiles/dev.txt"
        let identities = try CACommand.identities(try DurableFile.read(list, limit: 1 << 20), list)
        guard let city = identities.first?.city else {
            throw CryptoError.malformed(what: list, reason: "names nobody")
        }
        try DurableFile.makeDirectory(directory)
        for part in ["server", "journal", "officers"] {
            try DurableFile.makeDirectory("\(directory)/\(part)")
        }
        let authority = try authority(directory + "/ca", city)
        let days = isDemonstration ? CertificateAuthority.demonstrationDays : nil
        if isDemonstration { try checkDemonstration(authority) }
        try authority.renewList(now: now, days: days ?? CertificateAuthority.listDays)
        var made = 0
        for identity in identities {
            let files = path(identity, directory)
            if try renew(identity, authority, path: files, .ecdsaP256SHA256, days) { made += 1 }
        }
        if words["sm2"] == "yes", let journal = identities.first(where: { $0.holder == .journal }) {
            let path = directory + "/journal/journal-sm2"
            if try renew(journal, authority, path: path, .sm2SM3, days) { made += 1 }
        }
        let certificate = try authority.certificate.pem()
        for part in ["server", "officers"] {
            try DurableFile.replace("\(directory)/\(part)/ca.crt", certificate, mode: 0o644)
        }
        try writeProfiles(identities, directory, server: words["server"] ?? "127.0.0.1:7443")
        say(
            "开发证书在 \(directory)：共 \(identities.count) 个，本次新签 \(made) 个。仅供开发，不得用于正式环境。",
            "development certificates in \(directory): \(identities.count), \(made) of them new. For development only."
        )
    }

    /// Everything is made as of the day that `--demonstration-from` names, where it names one.
    private mutating func beginDemonstration(_ words: CAWords) throws -> Bool {
        guard let day = words["demonstration-from"] else { return false }
        guard let from = TypedMoment.nanoseconds(day) else {
            throw CAUsageError(
                zh: "--demonstration-from 应为日期，如 2021-10-01",
                en: "--demonstration-from must be a day, such as 2021-10-01")
        }
        now = from / 1_000_000_000
        return true
    }

    /// An authority of an earlier `ca dev` may not say what it is, or be younger than the demonstration.
    private func checkDemonstration(_ authority: CertificateAuthority) throws {
        guard authority.certificate.isDevelopmentAuthority, authority.certificate.notBefore <= now else {
            throw CryptoError.malformed(
                what: authority.directory,
                reason:
                    "holds an authority that is not of development or begins later than the demonstration: give another folder"
            )
        }
    }

    private func authority(_ directory: String, _ city: String) throws -> CertificateAuthority {
        guard DurableFile.exists(directory + "/ca.crt") else {
            return try CertificateAuthority.create(
                at: directory, city: city, now: now, forDevelopment: true)
        }
        let authority = try CertificateAuthority(directory: directory)
        guard authority.city == city else {
            throw CryptoError.malformed(
                what: directory, reason: "is the authority of \(authority.city), not \(city)")
        }
        return authority
    }

    /// The first word of each line that is not empty and no remark.
    private static func identities(_ text: [UInt8], _ path: String) throws -> [IdentityURI] {
        var identities: [IdentityURI] = []
        for (number, line) in text.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let word = line.drop { $0 == 32 || $0 == 9 }.prefix { $0 != 32 && $0 != 9 && $0 != 13 }
            if word.isEmpty || word.first == UInt8(ascii: "#") { continue }
            do throws(CryptoError) {
                identities.append(try IdentityURI(bytes: Array(word)))
            } catch {
                guard case .malformed(_, let reason) = error else { throw error }
                throw CryptoError.malformed(what: "\(path) line \(number + 1)", reason: reason)
            }
        }
        return identities
    }

    private func path(_ identity: IdentityURI, _ directory: String) -> String {
        switch identity.holder {
        case .server: directory + "/server/server"
        case .journal: directory + "/journal/journal"
        case .officer(_, _, let id): directory + "/officers/" + id
        }
    }

    /// True when a new key and certificate were made.
    private func renew(
        _ identity: IdentityURI, _ authority: CertificateAuthority, path: String,
        _ algorithm: SignatureAlgorithm, _ days: Int?
    ) throws -> Bool {
        if isGood(path, identity, authority) { return false }
        let key = try PrivateKey.generate(algorithm)
        let request = try CertificateRequest(identity: identity, key: key)
        let hosts = identity.holder == .server ? ["localhost", "127.0.0.1", "::1"] : []
        let certificate = try authority.issue(
            request, days: days ?? CertificateAuthority.endEntityDays, hosts: hosts, now: now)
        try DurableFile.replace(path + ".key", try key.pem(), mode: 0o600)
        try DurableFile.replace(path + ".crt", try certificate.pem(), mode: 0o644)
        return true
    }

    private func isGood(_ path: String, _ identity: IdentityURI, _ authority: CertificateAuthority) -> Bool {
        let (crl, ca) = (authority.directory + "/ca.crl", authority.directory + "/ca.crt")
        guard let certificate = try? Certificate.load(path: path + ".crt"),
            let key = try? PrivateKey.load(path: path + ".key"), certificate.matches(key),
            certificate.notAfter > now + CACommand.renewBefore,
            let trust = try? TrustStore.load(caPath: ca, crlPath: crl)
        else { return false }
        return (try? trust.verify(certificate, purpose: identity.purpose, at: now)) == identity
    }

    /// One profile an officer, in the form Office/Profile reads.
    private func writeProfiles(_ identities: [IdentityURI], _ directory: String, server: String) throws {
        for identity in identities {
            guard case .officer(_, _, let id) = identity.holder else { continue }
            let text = """
                # \(identity)
                server      = \(server)
                city        = \(identity.city)
                certificate = \(id).crt
                key         = \(id).key
                ca          = ca.crt

                """
            try DurableFile.replace("\(directory)/officers/\(id).profile", [UInt8](text.utf8), mode: 0o644)
        }
    }
}
