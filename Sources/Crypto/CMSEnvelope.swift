import COpenSSL

/// A short secret for the holders of certain certificates, as CMS EnvelopedData (RFC 5652): ECDH on P-256 (RFC 5753), AES-256.
package enum CMSEnvelope {
    /// Certificates one secret is for: the officers of one party who may open its discs.
    package static let recipientLimit = 64
    /// Bytes of an envelope: about 400 a recipient, of names of any length.
    package static let lengthLimit = 64 << 10

    package static func seal(
        _ secret: SealKey, for recipients: [Certificate]
    ) throws(CryptoError) -> [UInt8] {
        guard (1...recipientLimit).contains(recipients.count) else {
            throw .tooLong(what: "recipients", limit: recipientLimit, found: recipients.count)
        }
        guard let envelope = co_enveloped_new() else {
            throw .library(operation: "CMS envelope", reason: Libcrypto.errorText())
        }
        defer { co_enveloped_free(envelope) }
        for recipient in recipients {
            guard try recipient.publicKey().algorithm == .ecdsaP256SHA256 else {
                throw .malformed(what: "recipient's certificate", reason: "its key is not on P-256")
            }
            let added = try recipient.withHandle { handle throws(CryptoError) in
                co_enveloped_add(envelope, handle)
            }
            try Libcrypto.require(added, "CMS recipient")
        }
        let sealed = try secret.withBytes { co_enveloped_seal(envelope, $0, SealKey.length) }
        return try Libcrypto.take(sealed, "CMS envelope")
    }

    /// Throws `tampered` when it is not for this key, or does not hold a key of ours.
    package static func open(
        _ der: [UInt8], certificate: Certificate, key: PrivateKey
    ) throws(CryptoError) -> SealKey {
        guard der.count <= lengthLimit else {
            throw .tooLong(what: "CMS envelope", limit: lengthLimit, found: der.count)
        }
        let opened = try certificate.withHandle { handle throws(CryptoError) in
            try key.withHandle { secret throws(CryptoError) in
                co_enveloped_open(der, der.count, handle, secret)
            }
        }
        defer { co_bytes_free(opened) }
        guard let data = opened.data, opened.length == SealKey.length else { throw .tampered }
        var bytes = [UInt8](UnsafeBufferPointer(start: data, count: opened.length))
        defer { co_cleanse(&bytes, bytes.count) }
        return try SealKey(bytes: bytes)
    }
}
