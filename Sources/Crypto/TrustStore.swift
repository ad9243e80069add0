import COpenSSL

/// Why a certificate is not trusted. Each case has words a network administrator understands.
package enum TrustError: Error, Sendable, Hashable {
    /// `at`, `notBefore`, `notAfter`: seconds since 1970.
    case notYetValid(at: Int64, notBefore: Int64)
    case expired(at: Int64, notAfter: Int64)
    /// Issued by an authority that is not in the CA file.
    case unknownAuthority(issuer: String)
    /// `time`: seconds since 1970 at which it was revoked.
    case revoked(time: Int64, reason: Int32)
    /// There is no revocation list of its authority, or none that holds at the time asked about.
    case revocationUnknown(String)
    /// Not made for this purpose (TLS server, TLS client, signing).
    case wrongPurpose(expected: Purpose)
    /// Not exactly one URI name, or not one of ours.
    case noIdentity(String)
    /// Anything else libcrypto finds wrong: its number and words.
    case invalid(Int32, String)
}

/// What a certificate is used for; its extended key usage must say so.
package enum Purpose: String, Sendable, Hashable {
    case server
    case officer
    case journal

    var usage: Certificate.Usages {
        switch self {
        case .server: .serverAuth
        case .officer: .clientAuth
        case .journal: .codeSigning
        }
    }

    func admits(_ holder: IdentityURI.Holder) -> Bool {
        switch (self, holder) {
        case (.server, .server), (.journal, .journal), (.officer, .officer): true
        default: false
        }
    }
}

/// How revocation is judged.
package enum RevocationPolicy: Sendable, Hashable {
    /// For connections: a list that holds at the time asked about is required, and the certificate must not be in it.
    case current
    /// For receipts and old signatures, judged at their own time: whatever lists there are, a revocation at or before
    /// that time counts; a later one, or no list, does not.
    case recorded
}

/// The authorities one trusts and their revocation lists: a value, made anew when the files change.
package struct TrustStore: Sendable {
    package let authorities: [Certificate]
    package let lists: [RevocationList]
    /// Every entry of every list, by issuer's name and serial number; of two for one certificate the earlier.
    private let revoked: [[UInt8]: [[UInt8]: RevocationList.Entry]]

    /// Throws when a certificate is no authority, or a list is signed by none of them.
    package init(authorities: [Certificate], lists: [RevocationList] = []) throws(CryptoError) {
        for authority in authorities where !authority.isAuthority {
            throw .malformed(
                what: "CA file", reason: "\(authority.subject) is not an authority's certificate")
        }
        var revoked: [[UInt8]: [[UInt8]: RevocationList.Entry]] = [:]
        for list in lists {
            guard let issuer = authorities.first(where: { list.isSigned(by: $0) }) else {
                throw .malformed(what: "revocation list", reason: "not signed by an authority of the CA file")
            }
            revoked[issuer.subjectDER, default: [:]].merge(list.entries) { $0.time <= $1.time ? $0 : $1 }
        }
        self.authorities = authorities
        self.lists = lists
        self.revoked = revoked
    }

    /// From a CA file (one or several certificates, PEM) and, if given, a file of revocation lists.
    package static func load(caPath: String, crlPath: String?) throws(CryptoError) -> TrustStore {
        try load(caPath: caPath, crlPaths: crlPath.map { [$0] } ?? [])
    }

    /// The same with any number of files of revocation lists: each authority of the CA file has its own.
    package static func load(caPath: String, crlPaths: [String]) throws(CryptoError) -> TrustStore {
        let file = try DurableFile.read(caPath, limit: Certificate.fileLimit)
        let authorities = try authorities(contents: file, what: caPath)
        var lists: [RevocationList] = []
        for path in crlPaths {
            lists += try RevocationList.all(contents: try DurableFile.read(path), what: path)
        }
        return try TrustStore(authorities: authorities, lists: lists)
    }

    /// Every certificate of a CA file's content, PEM; throws when it holds none.
    static func authorities(contents: [UInt8], what: String) throws(CryptoError) -> [Certificate] {
        var authorities: [Certificate] = []
        for block in PEM.decode(contents) where block.name == "CERTIFICATE" {
            authorities.append(try Certificate(der: block.der, what: what))
        }
        guard !authorities.isEmpty else { throw .malformed(what: what, reason: "holds no certificate") }
        return authorities
    }

    /// Whether `certificate` is to be trusted at `time` (seconds since 1970) for `purpose`: signed by one of the authorities, valid
    /// then, not revoked, made for the purpose, with exactly one identity URI that fits it. Gives the identity.
    @discardableResult
    package func verify(
        _ certificate: Certificate, purpose: Purpose, at time: Int64, revocation: RevocationPolicy = .current
    ) throws(TrustError) -> IdentityURI {
        try verifyChain(certificate, at: time, checkLists: revocation == .current)
        if revocation == .recorded, let entry = recordedRevocation(of: certificate), entry.time <= time {
            throw .revoked(time: entry.time, reason: entry.reason)
        }
        return try Self.identify(certificate, as: purpose)
    }

    /// The one identity of a certificate that was made for the purpose. Who issued it, and when it holds, is not looked at.
    @discardableResult
    static func identify(_ certificate: Certificate, as purpose: Purpose) throws(TrustError) -> IdentityURI {
        guard let usages = certificate.usages, usages.contains(purpose.usage), !certificate.isAuthority else {
            throw .wrongPurpose(expected: purpose)
        }
        let identity: IdentityURI
        do { identity = try certificate.identity() } catch { throw .noIdentity(error.description) }
        guard purpose.admits(identity.holder) else { throw .wrongPurpose(expected: purpose) }
        return identity
    }

    /// The entry of `certificate` in the lists of its own authority, however old they are. For re-checking live connections.
    package func recordedRevocation(of certificate: Certificate) -> RevocationList.Entry? {
        revoked[certificate.issuerDER]?[certificate.serial]
    }

    private func verifyChain(
        _ certificate: Certificate, at time: Int64, checkLists: Bool
    ) throws(TrustError) {
        guard let store = co_store_new() else { throw .invalid(-1, "out of memory") }
        defer { co_store_free(store) }
        for authority in authorities { _ = co_store_add_authority(store, authority.der, authority.der.count) }
        for list in lists where checkLists { _ = co_store_add_crl(store, list.der, list.der.count) }
        let handle = co_x509_parse(certificate.der, certificate.der.count)
        guard let handle else { throw .invalid(-1, "not a certificate") }
        defer { co_x509_free(handle) }
        let error = co_store_verify(store, handle, time, checkLists ? 1 : 0)
        if error != 0 { throw trustError(error, certificate, time) }
    }

    private func trustError(_ error: Int32, _ certificate: Certificate, _ time: Int64) -> TrustError {
        switch error {
        case co_v_err_not_yet_valid: .notYetValid(at: time, notBefore: certificate.notBefore)
        case co_v_err_expired: .expired(at: time, notAfter: certificate.notAfter)
        case co_v_err_no_issuer, co_v_err_self_signed, co_v_err_self_signed_chain:
            .unknownAuthority(issuer: certificate.issuer)
        case co_v_err_revoked:
            .revoked(
                time: recordedRevocation(of: certificate)?.time ?? time,
                reason: recordedRevocation(of: certificate)?.reason ?? 0)
        case co_v_err_crl_missing: .revocationUnknown("there is no revocation list of its authority")
        case co_v_err_crl_expired: .revocationUnknown("the revocation list is out of date")
        case co_v_err_crl_not_yet_valid: .revocationUnknown("the revocation list is from the future")
        default: .invalid(error, co_verify_text(error).map { String(cString: $0) } ?? "")
        }
    }
}

extension TrustError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notYetValid(let at, let from):
            "the certificate is valid from \(UTCTime.text(from)) on; it is \(UTCTime.text(at)): is a clock wrong?"
        case .expired(let at, let to):
            "the certificate ended at \(UTCTime.text(to)); it is \(UTCTime.text(at))"
        case .unknownAuthority(let issuer):
            "the certificate was issued by \(issuer), which is not in the CA file"
        case .revoked(let time, _): "the certificate was revoked at \(UTCTime.text(time))"
        case .revocationUnknown(let why): "whether the certificate is revoked cannot be told: \(why)"
        case .wrongPurpose(let expected): "the certificate was not made for the purpose \(expected.rawValue)"
        case .noIdentity(let why): "the certificate names nobody: \(why)"
        case .invalid(let number, let text): "the certificate is not valid: \(text) (\(number))"
        }
    }
}

extension TrustError {
    /// For a clerk: why the certificate does not count, in Chinese.
    package var chinese: String {
        switch self {
        case .notYetValid(let at, let from): "证书自 \(UTCTime.text(from)) 起有效，而现在是 \(UTCTime.text(at))，时间可能不对"
        case .expired(_, let to): "证书已于 \(UTCTime.text(to)) 到期"
        case .unknownAuthority: "证书不是由受信任的机构签发"
        case .revoked(let time, _): "证书已于 \(UTCTime.text(time)) 吊销"
        case .revocationUnknown: "无法确认证书是否已吊销：吊销列表缺失或过期"
        case .wrongPurpose: "证书的用途不对"
        case .noIdentity: "证书上没有有效的身份"
        case .invalid(let number, _): "证书无效(\(number))"
        }
    }
}
