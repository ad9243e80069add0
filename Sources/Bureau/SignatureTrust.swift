package import Crypto
package import Journal
internal import Synchronization
package import Wire

/// Officers' signatures against the city's CA and revocations.
package struct SignatureTrust: SignatureChecker {
    private let trust: TrustStore
    private let revocation: RevocationPolicy
    private let clock: EngineClock

    /// - Parameter revocation: as the line judges certificates, or a command would be refused on its signature's account whose
    ///   officer the line admits.
    package init(
        _ trust: TrustStore, revocation: RevocationPolicy = .current, clock: EngineClock = .system
    ) {
        self.trust = trust
        self.revocation = revocation
        self.clock = clock
    }

    package func signer(
        of message: [UInt8], algorithm: String, signature: [UInt8], certificate der: [UInt8]
    ) throws(Status) -> ActorIdentity {
        do throws(any Error) {
            let certificate = try Certificate(der: der, what: "the signer's certificate")
            _ = try trust.verify(
                certificate, purpose: .officer, at: clock.wall() / 1_000_000_000, revocation: revocation)
            let signature = Signature(algorithm: try SignatureAlgorithm(name: algorithm), bytes: signature)
            let key = try certificate.publicKey()
            guard key.verify(signature, over: message) else {
                throw Status(
                    .invalidArgument, "the envelope's signature does not fit its bytes and certificate")
            }
            return try ActorIdentity(
                uri: try certificate.identity().bytes, serial: certificate.serial)
        } catch let status as Status {
            throw status
        } catch {
            throw Status(.invalidArgument, "the envelope's signature: \(error)")
        }
    }
}

/// The journal's own signature on checkpoints.
package enum CheckpointSigning {
    /// A signer for the log's thread, its context made once: 25 µs a signature instead of 400.
    package static func signer(key: PrivateKey, certificate: Certificate) throws(CryptoError)
        -> CheckpointSigner
    {
        try signer(key: key, fingerprint: certificate.fingerprint)
    }

    /// The same for a certificate known by its fingerprint alone.
    package static func signer(key: PrivateKey, fingerprint: Digest) throws(CryptoError) -> CheckpointSigner {
        let signer = Mutex(try Signer(key))
        return { statement in
            let signature = try signer.withLock { try $0.sign(statement) }
            return CheckpointSignature(
                algorithm: signature.algorithm.name, certificateFingerprint: fingerprint,
                signature: signature.bytes)
        }
    }
}

extension CheckpointSigning {
    /// What is wrong with a checkpoint's signature; nil: nothing.
    package static func fault(
        in signed: SignedCheckpoint, key: PublicKey, certificate: Certificate
    ) -> String? {
        guard let signature = signed.signature else { return nil }
        guard signature.certificateFingerprint == certificate.fingerprint else {
            return "signed with another certificate (\(signature.certificateFingerprint.hex))"
        }
        guard let algorithm = try? SignatureAlgorithm(name: signature.algorithm) else {
            return "signature algorithm \(signature.algorithm) is unknown"
        }
        let made = Signature(algorithm: algorithm, bytes: signature.signature)
        return key.verify(made, over: signed.checkpoint.statement)
            ? nil : "the signature does not fit the checkpoint"
    }
}
