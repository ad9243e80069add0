import COpenSSL

/// A signature algorithm, by the name that stands beside every signature.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// ECDSA on P-256 over SHA-256; the signature is DER of (r, s).
    case ecdsaP256SHA256 = "ecdsa-p256-sha256"
    /// SM2 over SM3 with the distinguishing id 1234567812345678 (GB/T 35276); the signature is DER of (r, s).
    case sm2SM3 = "sm2-sm3"

    /// By name; throws `unknownAlgorithm`.
    package init(name: String) throws(CryptoError) {
        guard let known = SignatureAlgorithm(rawValue: name) else { throw .unknownAlgorithm(name) }
        self = known
    }

    package var name: String { rawValue }

    var number: Int32 {
        switch self {
        case .ecdsaP256SHA256: CO_P256
        case .sm2SM3: CO_SM2
        }
    }

    static func numbered(_ number: Int32) -> SignatureAlgorithm? { allCases.first { $0.number == number } }
}

/// A signature and the algorithm that made it. ECDSA signatures are not unique (a second valid one can be computed from the
/// first), so never use one as an identity of what it signs.
package struct Signature: Sendable, Hashable {
    /// Bytes of a signature: DER of two 32-byte integers takes at most 72.
    package static let lengthLimit = Int(CO_SIGNATURE_MAX)

    package var algorithm: SignatureAlgorithm
    package var bytes: [UInt8]

    package init(algorithm: SignatureAlgorithm, bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }
}

/// A private key. The key bytes are wiped when the last copy goes; `description` never shows them.
package struct PrivateKey: Sendable {
    package let algorithm: SignatureAlgorithm
    package let publicKey: PublicKey
    /// PKCS#8, DER.
    private let secret: SecretBytes

    /// A fresh key.
    package static func generate(
        _ algorithm: SignatureAlgorithm = .ecdsaP256SHA256
    ) throws(CryptoError) -> PrivateKey {
        guard let handle = co_key_generate(algorithm.number) else {
            throw .library(operation: "generate key", reason: Libcrypto.errorText())
        }
        return try PrivateKey(owning: handle, what: "generated key")
    }

    /// From DER (PKCS#8 or SEC 1). `what` names the source in errors.
    package init(der: [UInt8], what: String = "private key") throws(CryptoError) {
        guard let handle = co_key_private(der, der.count) else {
            throw .malformed(what: what, reason: "not a private key (\(Libcrypto.errorText()))")
        }
        try self.init(owning: handle, what: what)
    }

    /// From a PEM or DER file's content.
    package init(contents: [UInt8], what: String = "private key") throws(CryptoError) {
        let blocks = PEM.decode(contents)
        guard !blocks.isEmpty else {
            try self.init(der: contents, what: what)
            return
        }
        guard !blocks.contains(where: { $0.name.contains("ENCRYPTED") }) else {
            throw .malformed(
                what: what, reason: "the key is encrypted with a passphrase; store it unencrypted, mode 0600")
        }
        guard let block = blocks.first(where: { $0.name.hasSuffix("PRIVATE KEY") }) else {
            let names = blocks.map(\.name).joined(separator: ", ")
            throw .malformed(what: what, reason: "holds \(names), no private key")
        }
        try self.init(der: block.der, what: what)
    }

    /// From a PEM or DER file. `warn` is called with a sentence when others than the owner may read the file.
    package static func load(
        path: String, warn: (String) -> Void = { _ in }
    ) throws(CryptoError) -> PrivateKey {
        let (bytes, facts) = try DurableFile.readWithFacts(path, limit: keyFileLimit)
        if facts.openToOthers {
            warn("\(path): others than the owner may read this private key; chmod 600 it")
        }
        return try PrivateKey(contents: bytes, what: path)
    }

    /// Bytes of a key file: a P-256 key in PEM takes 241.
    package static let keyFileLimit = 64 << 10

    private init(owning handle: OpaquePointer, what: String) throws(CryptoError) {
        defer { co_key_free(handle) }
        algorithm = try PublicKey.algorithm(of: handle, what: what)
        secret = SecretBytes(try Libcrypto.take(co_key_private_der(handle), "write private key"))
        publicKey = PublicKey(
            algorithm: algorithm, der: try Libcrypto.take(co_key_public_der(handle), "write public key"))
    }

    /// PKCS#8 PEM. To be written to a file of mode 0600 only.
    package func pem() throws(CryptoError) -> [UInt8] {
        let text = secret.withBytes { co_pem_write("PRIVATE KEY", $0.baseAddress, $0.count) }
        return try Libcrypto.take(text, "PEM")
    }

    /// A signature over `message`. For many, use a `Signer`.
    package func sign(_ message: [UInt8]) throws(CryptoError) -> Signature { try Signer(self).sign(message) }

    /// Runs `body` with libcrypto's object, which must not escape it.
    func withHandle<R>(_ body: (OpaquePointer) throws(CryptoError) -> R) throws(CryptoError) -> R {
        guard let handle = secret.withBytes({ co_key_private($0.baseAddress, $0.count) }) else {
            throw .library(operation: "read private key", reason: Libcrypto.errorText())
        }
        defer { co_key_free(handle) }
        return try body(handle)
    }
}

extension PrivateKey: CustomStringConvertible {
    package var description: String { "PrivateKey(\(algorithm.name))" }
}

/// A public key: SubjectPublicKeyInfo in DER.
package struct PublicKey: Sendable, Hashable {
    package let algorithm: SignatureAlgorithm
    package let der: [UInt8]

    /// From SubjectPublicKeyInfo; only P-256 and SM2 keys are taken.
    package init(der: [UInt8], what: String = "public key") throws(CryptoError) {
        guard let handle = co_key_public(der, der.count) else {
            throw .malformed(what: what, reason: "not a public key (\(Libcrypto.errorText()))")
        }
        defer { co_key_free(handle) }
        self.init(algorithm: try PublicKey.algorithm(of: handle, what: what), der: der)
    }

    init(algorithm: SignatureAlgorithm, der: [UInt8]) {
        self.algorithm = algorithm
        self.der = der
    }

    package func pem() throws(CryptoError) -> [UInt8] { try PEM.encode("PUBLIC KEY", der) }

    /// Whether `signature` is this key's over `message`. A signature by another algorithm does not hold. For many, use a
    /// `Verifier`.
    package func verify(_ signature: Signature, over message: [UInt8]) -> Bool {
        (try? Verifier(self))?.verify(signature, over: message) ?? false
    }

    static func algorithm(
        of handle: OpaquePointer, what: String
    ) throws(CryptoError) -> SignatureAlgorithm {
        var name = [CChar](repeating: 0, count: 64)
        guard let known = SignatureAlgorithm.numbered(co_key_algorithm(handle, &name, name.count)) else {
            let found = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw .malformed(what: what, reason: "a key of kind \(found); expected P-256 or SM2")
        }
        return known
    }

    func withHandle<R>(_ body: (OpaquePointer) throws(CryptoError) -> R) throws(CryptoError) -> R {
        guard let handle = co_key_public(der, der.count) else {
            throw .library(operation: "read public key", reason: Libcrypto.errorText())
        }
        defer { co_key_free(handle) }
        return try body(handle)
    }
}

/// A private key made ready to sign many messages. Confined to the thread that uses it.
package final class Signer {
    package let algorithm: SignatureAlgorithm
    private let context: OpaquePointer

    package init(_ key: PrivateKey) throws(CryptoError) {
        algorithm = key.algorithm
        let made = try key.withHandle { handle throws(CryptoError) in
            co_signature_new(handle, key.algorithm.number, 1)
        }
        guard let made else { throw .library(operation: "prepare to sign", reason: Libcrypto.errorText()) }
        context = made
    }

    deinit { co_signature_free(context) }

    package func sign(_ message: [UInt8]) throws(CryptoError) -> Signature {
        var bytes = [UInt8](repeating: 0, count: Signature.lengthLimit)
        var length = bytes.count
        try Libcrypto.require(co_sign(context, message, message.count, &bytes, &length), "sign")
        return Signature(algorithm: algorithm, bytes: Array(bytes.prefix(length)))
    }
}

/// A public key made ready to verify many signatures. Confined to the thread that uses it.
package final class Verifier {
    package let algorithm: SignatureAlgorithm
    private let context: OpaquePointer

    package init(_ key: PublicKey) throws(CryptoError) {
        algorithm = key.algorithm
        let made = try key.withHandle { handle throws(CryptoError) in
            co_signature_new(handle, key.algorithm.number, 0)
        }
        guard let made else { throw .library(operation: "prepare to verify", reason: Libcrypto.errorText()) }
        context = made
    }

    deinit { co_signature_free(context) }

    /// Whether `signature` is this key's over `message`.
    package func verify(_ signature: Signature, over message: [UInt8]) -> Bool {
        guard signature.algorithm == algorithm, signature.bytes.count <= Signature.lengthLimit else {
            return false
        }
        return co_verify(context, message, message.count, signature.bytes, signature.bytes.count) == 1
    }
}
