import COpenSSL

/// A PKCS#10 request: an officer's public key and the identity asked for, signed by the officer's key on the officer's machine.
package struct CertificateRequest: Sendable {
    /// Bytes of a request: ours take about 400.
    package static let lengthLimit = 16 << 10

    package let der: [UInt8]
    package let identity: IdentityURI
    package let publicKey: PublicKey

    /// Makes one.
    package init(identity: IdentityURI, key: PrivateKey) throws(CryptoError) {
        let uri = identity.bytes
        let der = try key.withHandle { handle throws(CryptoError) in
            try Libcrypto.take(
                co_request_create(handle, identity.city, identity.commonName, uri, uri.count), "make request")
        }
        try self.init(der: der)
    }

    /// Reads one and checks that the key in it signed it and that it asks for exactly one identity.
    package init(der: [UInt8], what: String = "certificate request") throws(CryptoError) {
        guard der.count <= CertificateRequest.lengthLimit else {
            throw .tooLong(what: what, limit: CertificateRequest.lengthLimit, found: der.count)
        }
        guard let handle = co_request_parse(der, der.count) else {
            throw .malformed(what: what, reason: "not a certificate request (\(Libcrypto.errorText()))")
        }
        defer { co_request_free(handle) }
        guard co_request_verify(handle) == 1 else {
            throw .malformed(what: what, reason: "not signed by the key it asks a certificate for")
        }
        let uris = try Certificate.uris(what) { co_request_uri(handle, $0, &$1) }
        guard uris.count == 1, let uri = uris.first else {
            throw .malformed(what: what, reason: "\(uris.count) URI names; exactly one is required")
        }
        self.der = der
        identity = try IdentityURI(bytes: uri)
        publicKey = try PublicKey(
            der: try Libcrypto.take(co_request_public_key(handle), "public key"), what: what)
        // The journal's certificate is none of TLS, and an officer may have a second one: for second signatures (RECEIPT.md 1,
        // PACKAGE.md 2). A line refuses such a key by itself.
        guard publicKey.algorithm == .ecdsaP256SHA256 || identity.holder != .server else {
            throw .malformed(
                what: what, reason: "its key is for \(publicKey.algorithm.name); TLS needs P-256")
        }
    }

    /// From a PEM file's content, or the content as DER.
    package init(contents: [UInt8], what: String = "certificate request") throws(CryptoError) {
        let blocks = PEM.decode(contents)
        if blocks.isEmpty {
            try self.init(der: contents, what: what)
        } else if let block = blocks.first(where: { $0.name.hasSuffix("CERTIFICATE REQUEST") }) {
            try self.init(der: block.der, what: what)
        } else {
            throw .malformed(what: what, reason: "holds no certificate request")
        }
    }

    package static func load(path: String) throws(CryptoError) -> CertificateRequest {
        try CertificateRequest(contents: try DurableFile.read(path, limit: lengthLimit * 2), what: path)
    }

    package func pem() throws(CryptoError) -> [UInt8] { try PEM.encode("CERTIFICATE REQUEST", der) }
}

extension IdentityURI {
    /// The common name, for people who look at a certificate; nothing decides by it.
    var commonName: String {
        switch holder {
        case .server: "server"
        case .journal: "journal"
        case .officer(_, _, let id): id
        }
    }

    /// The purpose a certificate for this identity has.
    package var purpose: Purpose {
        switch holder {
        case .server: .server
        case .journal: .journal
        case .officer: .officer
        }
    }
}
