import COpenSSL

/// An X.509 certificate, read once into plain values. Parsing proves nothing: `TrustStore` verifies.
package struct Certificate: Sendable, Hashable {
    /// Bytes of one certificate: ours take about 700; a peer's chain is bounded before it gets here.
    package static let lengthLimit = 64 << 10
    /// Bytes of a serial number, as RFC 5280 4.1.2.2 bounds it.
    package static let serialLimit = 20

    /// What the extended key usage extension allows.
    package struct Usages: OptionSet, Sendable, Hashable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        /// TLS server.
        package static let serverAuth = Usages(rawValue: CO_EKU_SERVER)
        /// TLS client.
        package static let clientAuth = Usages(rawValue: CO_EKU_CLIENT)
        /// Signatures over data: the journal's checkpoints.
        package static let codeSigning = Usages(rawValue: CO_EKU_CODE_SIGNING)
        /// Something this program does not know.
        package static let other = Usages(rawValue: CO_EKU_OTHER)
    }

    package let der: [UInt8]
    /// RFC 2253 text, for screens only: the identity is the URI.
    package let subject: String
    package let issuer: String
    let subjectDER: [UInt8]
    let issuerDER: [UInt8]
    /// Big endian, no leading zeros, at most 20 bytes.
    package let serial: [UInt8]
    /// First and last second of validity, seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64
    /// Nil when the certificate has no extended key usage extension.
    package let usages: Usages?
    package let isAuthority: Bool
    /// Every URI among the subject alternative names, in order. One that counts as an identity has exactly one.
    package let uris: [[UInt8]]
    /// SubjectPublicKeyInfo, DER.
    package let publicKeyDER: [UInt8]

    /// From DER; bytes after the certificate are refused.
    package init(der: [UInt8], what: String = "certificate") throws(CryptoError) {
        guard der.count <= Certificate.lengthLimit else {
            throw .tooLong(what: what, limit: Certificate.lengthLimit, found: der.count)
        }
        guard let handle = co_x509_parse(der, der.count) else {
            throw .malformed(what: what, reason: "not a certificate (\(Libcrypto.errorText()))")
        }
        defer { co_x509_free(handle) }
        self.der = der
        subject = String(decoding: (try? Libcrypto.take(co_x509_name(handle, 0), "")) ?? [], as: UTF8.self)
        issuer = String(decoding: (try? Libcrypto.take(co_x509_name(handle, 1), "")) ?? [], as: UTF8.self)
        subjectDER = try Libcrypto.take(co_x509_name_der(handle, 0), "subject")
        issuerDER = try Libcrypto.take(co_x509_name_der(handle, 1), "issuer")
        serial = try Certificate.serial(handle, what)
        (notBefore, notAfter) = try Certificate.times(handle, what)
        let usages = co_x509_extended_key_usage(handle)
        self.usages = usages < 0 ? nil : Usages(rawValue: usages)
        isAuthority = co_x509_is_ca(handle) == 1
        uris = try Certificate.uris(what) { co_x509_uri(handle, $0, &$1) }
        publicKeyDER = try Libcrypto.take(co_x509_public_key(handle), "public key")
    }

    /// The first certificate of a PEM file's content, or the content as DER.
    package init(contents: [UInt8], what: String = "certificate") throws(CryptoError) {
        let blocks = PEM.decode(contents)
        if blocks.isEmpty {
            try self.init(der: contents, what: what)
        } else if let block = blocks.first(where: { $0.name == "CERTIFICATE" }) {
            try self.init(der: block.der, what: what)
        } else {
            let names = blocks.map(\.name).joined(separator: ", ")
            throw .malformed(what: what, reason: "holds \(names), no certificate")
        }
    }

    /// From a PEM or DER file.
    package static func load(path: String) throws(CryptoError) -> Certificate {
        try Certificate(contents: try DurableFile.read(path, limit: fileLimit), what: path)
    }

    /// Bytes of a certificate file, which may hold a chain.
    package static let fileLimit = 1 << 20

    /// The one identity: exactly one URI SAN, of the form `IdentityURI` reads; never the CN. Throws `malformed`.
    package func identity() throws(CryptoError) -> IdentityURI {
        guard uris.count == 1, let uri = uris.first else {
            throw .malformed(what: "certificate", reason: "\(uris.count) URI names; exactly one is required")
        }
        return try IdentityURI(bytes: uri)
    }

    /// The key in it; throws when it is neither P-256 nor SM2.
    package func publicKey() throws(CryptoError) -> PublicKey { try PublicKey(der: publicKeyDER) }

    /// SHA-256 of the DER.
    package var fingerprint: Digest { Digest(of: der) }

    package func pem() throws(CryptoError) -> [UInt8] { try PEM.encode("CERTIFICATE", der) }

    /// Whether `key` is the private half of the key in it.
    package func matches(_ key: PrivateKey) -> Bool { key.publicKey.der == publicKeyDER }

    func withHandle<R>(_ body: (OpaquePointer) throws(CryptoError) -> R) throws(CryptoError) -> R {
        guard let handle = co_x509_parse(der, der.count) else {
            throw .library(operation: "read certificate", reason: Libcrypto.errorText())
        }
        defer { co_x509_free(handle) }
        return try body(handle)
    }

    private static func serial(_ handle: OpaquePointer, _ what: String) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: serialLimit)
        var length = 0
        guard co_x509_serial(handle, &bytes, bytes.count, &length) == 1 else {
            throw .malformed(
                what: what, reason: "the serial number is negative or longer than \(serialLimit) bytes")
        }
        return Array(bytes.prefix(length))
    }

    private static func times(_ handle: OpaquePointer, _ what: String) throws(CryptoError) -> (Int64, Int64) {
        var (from, to) = (Int64(0), Int64(0))
        guard co_x509_times(handle, &from, &to) == 1 else {
            throw .malformed(what: what, reason: "its times cannot be read")
        }
        return (from, to)
    }

    /// URIs read beyond this are not collected: two are already too many.
    private static let uriLimit = 8

    static func uris(
        _ what: String, _ next: (Int32, inout co_bytes) -> Int32
    ) throws(CryptoError) -> [[UInt8]] {
        var uris: [[UInt8]] = []
        while uris.count < uriLimit {
            var uri = co_bytes()
            let found = next(Int32(uris.count), &uri)
            if found == 0 { break }
            guard found == 1 else {
                throw .malformed(what: what, reason: "its subject alternative names are damaged")
            }
            uris.append(try Libcrypto.take(uri, "URI"))
        }
        return uris
    }
}
