import COpenSSL

/// What a certificate is to say. The authority fills it in from a profile; tests fill it in wrongly on purpose.
package struct CertificateDraft: Sendable {
    package var organization: String
    package var commonName: String
    package var serial: [UInt8]
    package var notBefore: Int64
    package var notAfter: Int64
    package var uris: [[UInt8]] = []
    /// Host names and addresses (textual IPv4 or IPv6) of a server, for clients that check them.
    package var hosts: [String] = []
    package var usages: Certificate.Usages = []
    package var isAuthority = false

    package init(
        organization: String, commonName: String, serial: [UInt8], notBefore: Int64, notAfter: Int64
    ) {
        self.organization = organization
        self.commonName = commonName
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// A random positive serial number of 128 bits: unique without a counter, and not to be guessed (CA/Browser Forum asks for 64).
    package static func randomSerial() throws(CryptoError) -> [UInt8] {
        var serial = try RandomBytes.make(16)
        // Never zero-led and below 0x80, so that its 16 bytes are its shortest form and it is positive.
        serial[0] = serial[0] & 0x7F | 0x40
        return serial
    }

    /// The certificate for `publicKey`, signed by `key`, whose certificate is `authority`; nil: self-signed.
    package func sign(
        for publicKey: PublicKey, authority: Certificate?, key: PrivateKey
    ) throws(CryptoError) -> Certificate {
        guard let builder = co_certificate_new() else {
            throw .library(operation: "make certificate", reason: Libcrypto.errorText())
        }
        defer { co_certificate_free(builder) }
        try Libcrypto.require(co_certificate_subject(builder, organization, commonName), "subject")
        try Libcrypto.require(co_certificate_serial(builder, serial, serial.count), "serial number")
        try Libcrypto.require(co_certificate_times(builder, notBefore, notAfter), "times")
        for uri in uris { try Libcrypto.require(co_certificate_add_uri(builder, uri, uri.count), "URI") }
        for host in hosts { try add(host, builder) }
        let der = try key.withHandle { secret throws(CryptoError) in
            try publicKey.withHandle { subjectKey throws(CryptoError) in
                try CertificateDraft.withOptional(authority) { issuer throws(CryptoError) in
                    let bytes = co_certificate_sign(
                        builder, subjectKey, issuer, secret, isAuthority ? 1 : 0, usages.rawValue)
                    return try Libcrypto.take(bytes, "sign certificate")
                }
            }
        }
        return try Certificate(der: der)
    }

    private func add(_ host: String, _ builder: OpaquePointer) throws(CryptoError) {
        var address = [UInt8](repeating: 0, count: 16)
        let length = co_parse_address(host, &address)
        let isAddress = length > 0
        let done = address.withUnsafeBufferPointer {
            co_certificate_add_host(
                builder, host, isAddress ? $0.baseAddress : nil, isAddress ? Int(length) : 0)
        }
        try Libcrypto.require(done, "host name")
    }

    private static func withOptional<R>(
        _ certificate: Certificate?, _ body: (OpaquePointer?) throws(CryptoError) -> R
    ) throws(CryptoError) -> R {
        guard let certificate else { return try body(nil) }
        return try certificate.withHandle { handle throws(CryptoError) in try body(handle) }
    }
}
