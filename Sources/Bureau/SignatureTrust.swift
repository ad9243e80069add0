package import Crypto
package import Journal
internal import Synchronization
package import Wire

/// Officers' signatures against the city's CA and revocations, which may be replaced while event loops ask.
package final class SignatureTrust: SignatureChecker {
    private let trust: Mutex<TrustStore>
    private let revocation: RevocationPolicy
    private let clock: EngineClock

    /// - Parameter revocation: as the line judges certificates, or a command would be refused on its signature's account whose
    ///   officer the line admits.
    package init(
        _ trust: TrustStore, revocation: RevocationPolicy = .current, clock: EngineClock = .system
    ) {
        self.trust = Mutex(trust)
        self.revocation = revocation
        self.clock = clock
    }

    /// From the next signature on: other authorities and lists.
    package func replace(_ trust: TrustStore) { self.trust.withLock { $0 = trust } }

    package func signer(
        of message: [UInt8], algorithm: String, signature: [UInt8], certificate der: [UInt8]
    ) throws(Status) -> ActorIdentity {
        do throws(any Error) {
            let certificate = try Certificate(der: der, what: "the signer's certificate")
            // Taken out of the lock: a verification takes a tenth of a millisecond.
            let trust = trust.withLock { $0 }
            _ = try trust.verify(
                certificate, purpose: .officer, at: clock.wall() / 1_000_000_000, revocation: revocation)
            let signature = Signature(algorithm: try SignatureAlgorithm(name: algorithm), bytes: signature)
            let key = try certificate.publicKey()
            guard key.verify(signature, over: message) else {
                throw Status.signatureDoesNotFit
            }
            return try ActorIdentity(
                uri: try certificate.identity().bytes, serial: certificate.serial)
        } catch let status as Status {
            throw status
        } catch {
            throw Status.signatureInvalid(error)
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

/// The journal's signer, whose key can be changed between two groups: each signature names the certificate of the key that made it.
package final class RotatingSigner: Sendable {
    private struct Held {
        var signer: Signer
        var fingerprint: Digest
    }
    private let held: Mutex<Held>

    package init(key: PrivateKey, certificate: Certificate) throws(CryptoError) {
        held = Mutex(Held(signer: try Signer(key), fingerprint: certificate.fingerprint))
    }

    /// From the next group on: another key with its certificate. Nothing has changed when it throws.
    package func rotate(key: PrivateKey, certificate: Certificate) throws {
        try held.withLock {
            $0 = Held(signer: try Signer(key), fingerprint: certificate.fingerprint)
        }
    }

    /// Of the certificate in use.
    package var fingerprint: Digest { held.withLock { $0.fingerprint } }

    /// For the log's thread.
    package var signer: CheckpointSigner {
        { statement in
            let (signature, fingerprint) = try self.held.withLock {
                (try $0.signer.sign(statement), $0.fingerprint)
            }
            return CheckpointSignature(
                algorithm: signature.algorithm.name, certificateFingerprint: fingerprint,
                signature: signature.bytes)
        }
    }
}

/// The certificates that may have signed a store's checkpoints: a journal outlives them, so there is more than one in time. Looked up by
/// the fingerprint that each signature names.
package struct CheckpointCertificates: Sendable {
    /// What is wrong with a signature.
    package enum Fault: Sendable, Hashable {
        /// No certificate of this fingerprint was given: nothing is known of the signature.
        case unknownCertificate(Digest)
        case unknownAlgorithm(String)
        /// By the algorithm's name.
        case doesNotFit(String)
    }

    private var keys: [Digest: PublicKey] = [:]

    /// - Parameter certificates: already trusted, or not to be judged.
    package init(_ certificates: [Certificate]) throws(CryptoError) {
        for certificate in certificates { keys[certificate.fingerprint] = try certificate.publicKey() }
    }

    /// Nil: each signature is good, or there is none.
    package func fault(in signed: SignedCheckpoint) -> Fault? {
        for signature in signed.signatures {
            if let fault = fault(in: signature, of: signed.checkpoint) { return fault }
        }
        return nil
    }

    private func fault(in signature: CheckpointSignature, of checkpoint: Checkpoint) -> Fault? {
        guard let key = keys[signature.certificateFingerprint] else {
            return .unknownCertificate(signature.certificateFingerprint)
        }
        guard let algorithm = try? SignatureAlgorithm(name: signature.algorithm) else {
            return .unknownAlgorithm(signature.algorithm)
        }
        let made = Signature(algorithm: algorithm, bytes: signature.signature)
        return key.verify(made, over: checkpoint.statement) ? nil : .doesNotFit(signature.algorithm)
    }
}
