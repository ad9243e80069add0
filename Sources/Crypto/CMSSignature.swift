/// A detached signature as CMS SignedData (RFC 5652) with its certificate in it, in one spelling only:
///
///     ContentInfo { signedData, SignedData {
///       version 1, { digest }, { data }, [0] { certificate },
///       { SignerInfo { version 1, issuer and serial number, digest, signature algorithm, signature } } } }
///
/// No signed attributes: the signature is over the content itself, and what it says of its time stands there. Written by hand,
/// because libcrypto 3.0 makes none for SM2; read by being written again and compared, so that no bit of it is without meaning.
package struct CMSSignature: Sendable {
    package let signature: Signature
    package let certificate: Certificate

    /// Bytes of one: a certificate of ours takes about 700, and a peer's has a limit of its own.
    package static let lengthLimit = Certificate.lengthLimit + 1024

    package init(_ signature: Signature, by certificate: Certificate) {
        self.signature = signature
        self.certificate = certificate
    }

    package static func sign(
        _ content: [UInt8], key: PrivateKey, certificate: Certificate
    ) throws(CryptoError) -> CMSSignature {
        guard certificate.matches(key) else {
            throw .malformed(what: "private key", reason: "not the key of the certificate")
        }
        return CMSSignature(try key.sign(content), by: certificate)
    }

    /// Throws `malformed` unless these are exactly the bytes of `der` for what they hold.
    package init(der: [UInt8], what: String = "CMS signature") throws(CryptoError) {
        guard der.count <= CMSSignature.lengthLimit else {
            throw .tooLong(what: what, limit: CMSSignature.lengthLimit, found: der.count)
        }
        guard let parts = CMSSignature.parts(of: der) else {
            throw .malformed(what: what, reason: "not a detached signature with one certificate")
        }
        let certificate = try Certificate(der: parts.certificate, what: what)
        let algorithm = try certificate.publicKey().algorithm
        self.init(Signature(algorithm: algorithm, bytes: parts.signature), by: certificate)
        guard self.der == der else {
            throw .malformed(what: what, reason: "not written in its one form")
        }
    }

    package func holds(over content: [UInt8]) -> Bool {
        (try? certificate.publicKey().verify(signature, over: content)) ?? false
    }

    package var der: [UInt8] {
        let names = AlgorithmNames(signature.algorithm)
        let signer = DER.sequence([
            DER.integer([1]), DER.sequence([certificate.issuerDER, DER.integer(certificate.serial)]),
            names.digest, names.signature, DER.element(0x04, signature.bytes),
        ])
        let signed = DER.sequence([
            DER.integer([1]), DER.element(0x31, names.digest), DER.sequence([CMSSignature.data]),
            DER.element(0xA0, certificate.der), DER.element(0x31, signer),
        ])
        return DER.sequence([CMSSignature.signedData, DER.element(0xA0, signed)])
    }

    // 1.2.840.113549.1.7.1 and .2
    private static let data: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01,
    ]
    private static let signedData: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02,
    ]

    /// Certificate and signature where they must stand; what is around them is judged by writing it again.
    private static func parts(of der: [UInt8]) -> (certificate: [UInt8], signature: [UInt8])? {
        guard let outer = DER.children(of: der[...])?.first,
            let content = DER.children(of: outer.content), content.count == 2,
            let wrapped = DER.children(of: content[1].content)?.first,
            let signed = DER.children(of: wrapped.content), signed.count == 5,
            let signer = DER.children(of: signed[4].content)?.first,
            let fields = DER.children(of: signer.content), fields.count == 5
        else { return nil }
        return ([UInt8](signed[3].content), [UInt8](fields[4].content))
    }
}

/// The algorithm identifiers of a signature.
private struct AlgorithmNames {
    let digest: [UInt8]
    let signature: [UInt8]

    init(_ algorithm: SignatureAlgorithm) {
        switch algorithm {
        case .ecdsaP256SHA256:
            // 2.16.840.1.101.3.4.2.1, 1.2.840.10045.4.3.2
            digest = DER.sequence([[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]])
            signature = DER.sequence([[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]])
        case .sm2SM3:
            // 1.2.156.10197.1.401, 1.2.156.10197.1.501
            digest = DER.sequence([[0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x11]])
            signature = DER.sequence([[0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75]])
        }
    }
}

/// As much of DER as one detached signature needs.
private enum DER {
    struct Element {
        var content: ArraySlice<UInt8>
    }

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag] + length(content.count) + content
    }

    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { element(0x30, Array(parts.joined())) }

    /// From big endian bytes without sign.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let bytes = bytes.isEmpty ? [0] : bytes
        return element(0x02, (bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes)
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 0x80 { return [UInt8(count)] }
        let bytes = withUnsafeBytes(of: UInt64(count).bigEndian) { [UInt8]($0) }.drop { $0 == 0 }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    /// The elements that fill `bytes`; nil when they do not, or a length is not spelled as lengths of ours are.
    static func children(of bytes: ArraySlice<UInt8>) -> [Element]? {
        var rest = bytes
        var found: [Element] = []
        while let tag = rest.popFirst() {
            guard tag & 0x1F != 0x1F, let count = takeLength(&rest), count <= rest.count else { return nil }
            found.append(Element(content: rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return found
    }

    private static func takeLength(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        if first < 0x80 { return Int(first) }
        let digits = Int(first & 0x7F)
        guard (1...3).contains(digits), rest.count >= digits else { return nil }
        defer { rest = rest.dropFirst(digits) }
        return rest.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
    }
}
