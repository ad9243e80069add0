package import Crypto

/// A throw-away certificate authority of city 421300 with everything a TLS or authorization test needs, in a temporary
/// directory that goes with it: good certificates, and one for each way a certificate can be wrong.
///
///     let ca = try TestCA()
///     let server = try ca.server()                 // server.certificatePath, server.keyPath; ca.caPath, ca.crlPath
///     let clerk = try ca.officer()                 // twolists://421300/county/421321/officer/k7f2
///     let late = try ca.flawed(.expired)
package final class TestCA: Sendable {
    /// A certificate with its key, both as values and as files.
    package struct Holder: Sendable {
        package let certificate: Certificate
        package let key: PrivateKey
        /// PEM files; the key's mode is 0600.
        package let certificatePath: String
        package let keyPath: String
    }

    /// The ways to be wrong.
    package enum Flaw: String, Sendable, CaseIterable {
        case expired
        case notYetValid
        /// Signed by another authority of the same name.
        case wrongAuthority
        /// A server's certificate shown by an officer, or the other way round.
        case wrongUsage
        case noUsage
        case twoURIs
        case noURI
        /// One URI, of another scheme.
        case foreignURI
        /// Good in itself, and in the revocation list.
        case revoked
        case selfSigned
    }

    package static let officerURI = "twolists://421300/county/421321/officer/k7f2"
    package static let serverURI = "twolists://421300/server"

    package let directory: TemporaryDirectory
    package let authority: CertificateAuthority
    /// The wall clock when the authority was made, seconds since 1970: TLS libraries judge by the real clock.
    package let now: Int64

    package init(city: String = "421300") throws {
        directory = try TemporaryDirectory("ca")
        now = UTCTime.now()
        authority = try CertificateAuthority.create(at: directory.file("ca"), city: city, now: now)
    }

    package var caPath: String { authority.directory + "/ca.crt" }
    /// Holds an empty list until something is revoked; replaced then.
    package var crlPath: String { authority.directory + "/ca.crl" }

    /// What a client or server trusts, read anew.
    package func trust() throws -> TrustStore { try TrustStore.load(caPath: caPath, crlPath: crlPath) }

    package func server(hosts: [String] = ["localhost", "127.0.0.1", "::1"]) throws -> Holder {
        try holder(TestCA.serverURI, hosts: hosts)
    }

    package func officer(_ uri: String = TestCA.officerURI) throws -> Holder { try holder(uri) }

    package func journal(_ algorithm: SignatureAlgorithm = .ecdsaP256SHA256) throws -> Holder {
        try holder("twolists://421300/journal", algorithm: algorithm)
    }

    /// Any identity of the city, by the authority's own rules.
    package func holder(
        _ uri: String, hosts: [String] = [], days: Int = 90, algorithm: SignatureAlgorithm = .ecdsaP256SHA256
    )
        throws -> Holder
    {
        let key = try PrivateKey.generate(algorithm)
        let request = try CertificateRequest(identity: try IdentityURI(uri), key: key)
        return try store(try authority.issue(request, days: days, hosts: hosts, now: now), key)
    }

    package func revoke(_ holder: Holder, reason: RevocationReason = .keyCompromise) throws {
        try authority.revoke(serial: Hex.encode(holder.certificate.serial), reason: reason, now: now)
    }

    /// A certificate wrong in one way only; an officer's, or a server's.
    package func flawed(_ flaw: Flaw, server: Bool = false) throws -> Holder {
        if flaw == .revoked {
            let good = server ? try self.server() : try officer()
            try revoke(good)
            return good
        }
        let key = try PrivateKey.generate()
        let signing =
            switch flaw {
            case .selfSigned: (nil as Certificate?, key)
            case .wrongAuthority: try otherAuthority()
            default: (authority.certificate, try PrivateKey.load(path: authority.directory + "/ca.key"))
            }
        let draft = try draft(flaw, server: server)
        return try store(try draft.sign(for: key.publicKey, authority: signing.0, key: signing.1), key)
    }

    private func draft(_ flaw: Flaw, server: Bool) throws -> CertificateDraft {
        let day: Int64 = 86_400
        var draft = CertificateDraft(
            organization: "421300", commonName: server ? "server" : "k7f2",
            serial: try CertificateDraft.randomSerial(), notBefore: now - 600, notAfter: now + day)
        let uri = server ? TestCA.serverURI : TestCA.officerURI
        draft.uris = [[UInt8](uri.utf8)]
        draft.hosts = server ? ["localhost", "127.0.0.1"] : []
        draft.usages = server ? .serverAuth : .clientAuth
        switch flaw {
        case .expired: (draft.notBefore, draft.notAfter) = (now - 500, now - 60)
        case .notYetValid: draft.notBefore = now + day / 2
        case .wrongUsage: draft.usages = server ? .clientAuth : .serverAuth
        case .noUsage: draft.usages = []
        case .twoURIs: draft.uris.append([UInt8]("twolists://421300/bureau/421300/officer/b1s2".utf8))
        case .noURI: draft.uris = []
        case .foreignURI: draft.uris = [[UInt8]("spiffe://421300/county/421321/officer/k7f2".utf8)]
        case .wrongAuthority, .selfSigned, .revoked: break
        }
        return draft
    }

    private func otherAuthority() throws -> (Certificate?, PrivateKey) {
        let path = directory.file("other-\(Hex.encode(try RandomBytes.make(4)))")
        let other = try CertificateAuthority.create(at: path, city: authority.city, now: now)
        return (other.certificate, try PrivateKey.load(path: path + "/ca.key"))
    }

    private func store(_ certificate: Certificate, _ key: PrivateKey) throws -> Holder {
        let name = Hex.encode(certificate.serial)
        let paths = (directory.file(name + ".crt"), directory.file(name + ".key"))
        try DurableFile.create(paths.0, try certificate.pem(), mode: 0o644)
        try DurableFile.create(paths.1, try key.pem(), mode: 0o600)
        return Holder(certificate: certificate, key: key, certificatePath: paths.0, keyPath: paths.1)
    }
}
