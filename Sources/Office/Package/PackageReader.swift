package import Crypto
package import Schema

/// Who may open and what is believed.
package struct PackageTrust: Sendable {
    package var city: String
    package var store: TrustStore
    /// Nanoseconds since 1970 UTC.
    package var now: Int64
    /// Whoever opens it has asked the sender by other means: a package behind its last day is taken, since without it none that follows can be.
    package var takesExpired = false

    package init(city: String, store: TrustStore, now: Int64, takesExpired: Bool = false) {
        self.city = city
        self.store = store
        self.now = now
        self.takesExpired = takesExpired
    }
}

/// A package of which everything that can be known without its key is proven: PACKAGE.md 3, FORM to TIME.
package struct VerifiedPackage: Sendable {
    package let manifest: PackageManifest
    /// SHA-256 of the member MANIFEST: what this package is called.
    package let digest: Digest
    package let signer: Certificate
    /// `k7f2`
    package let officer: String
    let layout: PackageLayout

    /// Reads the file through once, in constant memory; throws at the first condition that does not hold.
    package static func verify(
        _ source: some PackageSource, _ trust: PackageTrust
    ) throws(PackageFault) -> VerifiedPackage {
        let reading = PackageReading(source)
        let (manifestBytes, manifest) = try reading.manifest()
        let (signatures, layout) = try reading.signatures(manifestBytes, manifest)
        let signer = try ManifestJudge(manifest, trust).judge(signatures, over: manifestBytes)
        try reading.members(layout, manifest)
        try time(manifest, trust)
        return VerifiedPackage(
            manifest: manifest, digest: Digest(of: manifestBytes), signer: signer.certificate,
            officer: signer.officer, layout: layout)
    }

    private static func time(_ manifest: PackageManifest, _ trust: PackageTrust) throws(PackageFault) {
        let now = trust.now
        let ahead = PackageLimits.aheadMinutes * 60_000_000_000
        guard manifest.created <= now.addingReportingOverflow(ahead).partialValue else {
            throw .fromTheFuture(manifest.created)
        }
        guard now < manifest.expires || trust.takesExpired else { throw .expired(manifest.expires) }
    }
}

/// The file, member by member.
private struct PackageReading<Source: PackageSource> {
    let source: Source

    init(_ source: Source) { self.source = source }

    private func bytes(_ count: Int, at offset: Int) throws(PackageFault) -> [UInt8] {
        guard offset <= source.size, count <= source.size - offset else {
            throw .size(expected: offset + count, found: source.size)
        }
        return try source.read(count, at: offset)
    }

    func manifest() throws(PackageFault) -> ([UInt8], PackageManifest) {
        let header = try bytes(UstarHeader.length, at: 0)
        guard let size = UstarHeader.size(in: header), size <= PackageLimits.manifestBytes else {
            throw .form(at: PackageLayout.manifest)
        }
        let content = try bytes(size, at: UstarHeader.length)
        return (content, try ManifestForm.decode(content))
    }

    /// And with them where everything lies; the file is of exactly that size.
    func signatures(
        _ manifestBytes: [UInt8], _ manifest: PackageManifest
    ) throws(PackageFault) -> ([[UInt8]], PackageLayout) {
        var found: [[UInt8]] = []
        var offset = UstarHeader.length + manifestBytes.count + UstarHeader.padding(manifestBytes.count)
        for (name, _) in zip([PackageLayout.signature, PackageLayout.second], manifest.signatures) {
            let header = try bytes(UstarHeader.length, at: offset)
            guard let size = UstarHeader.size(in: header), size <= CMSSignature.lengthLimit else {
                throw .form(at: name)
            }
            found.append(try bytes(size, at: offset + UstarHeader.length))
            offset += UstarHeader.length + size + UstarHeader.padding(size)
        }
        let layout = PackageLayout(
            manifestBytes: manifestBytes.count, signatures: found.map(\.count), manifest)
        guard layout.fileSize == source.size else {
            throw .size(expected: layout.fileSize, found: source.size)
        }
        return (found, layout)
    }

    /// Every header and every byte between members as they must be, every digest as the manifest says.
    func members(_ layout: PackageLayout, _ manifest: PackageManifest) throws(PackageFault) {
        let seconds = manifest.created / 1_000_000_000
        let expected = [manifest.keys ?? PackageMember()] + manifest.chunks
        for (index, member) in layout.members.enumerated() {
            let header = UstarHeader.bytes(name: member.name, size: member.size, seconds: seconds)
            guard try bytes(UstarHeader.length, at: member.offset) == header else {
                throw .form(at: member.name)
            }
            let whole = try bytes(member.end - member.content, at: member.content)
            guard whole[member.size...].allSatisfy({ $0 == 0 }) else { throw .form(at: member.name) }
            // The manifest and its signatures are proven by each other.
            guard index > layout.signatures else { continue }
            guard Digest(of: whole[..<member.size]).bytes == expected[index - 1 - layout.signatures].sha256
            else {
                throw .member(member.name)
            }
        }
        guard try bytes(UstarHeader.end.count, at: source.size - UstarHeader.end.count) == UstarHeader.end
        else { throw .form(at: "end") }
    }
}

/// Signatures over a manifest, and who made them.
private struct ManifestJudge {
    let manifest: PackageManifest
    let trust: PackageTrust

    init(_ manifest: PackageManifest, _ trust: PackageTrust) {
        self.manifest = manifest
        self.trust = trust
    }

    func judge(
        _ signatures: [[UInt8]], over content: [UInt8]
    ) throws(PackageFault) -> (certificate: Certificate, officer: String) {
        guard ManifestForm.same(manifest.city, trust.city) else { throw .form(at: "city") }
        var first: (certificate: Certificate, officer: String)?
        for (algorithm, der) in zip(ManifestForm.signatures(manifest) ?? [], signatures) {
            guard let signature = try? CMSSignature(der: der),
                signature.signature.algorithm == algorithm, signature.holds(over: content)
            else { throw .signature(algorithm.name) }
            let officer = try officer(of: signature.certificate)
            if let first, !ManifestForm.same(first.officer, officer) {
                throw .signer(signature.certificate.subject)
            }
            first = first ?? (signature.certificate, officer)
        }
        guard let first else { throw .signature(SignatureAlgorithm.ecdsaP256SHA256.name) }
        return first
    }

    /// At the package's own time, as receipts are judged at theirs. A key known to be in wrong hands dates its packages as it likes:
    /// that revocation counts whenever it was.
    private func officer(of certificate: Certificate) throws(PackageFault) -> String {
        let identity: IdentityURI
        do throws(TrustError) {
            identity = try trust.store.verify(
                certificate, purpose: .officer, at: manifest.created / 1_000_000_000, revocation: .recorded)
            if let entry = trust.store.recordedRevocation(of: certificate),
                entry.reason == RevocationReason.keyCompromise.rawValue
            {
                throw .revoked(time: entry.time, reason: entry.reason)
            }
        } catch { throw .certificate(error) }
        guard ManifestForm.same(identity.city, manifest.city),
            case .officer(let kind, let party, let id) = identity.holder,
            ManifestForm.same("\(kind.rawValue)/\(party)", manifest.sender)
        else { throw .signer(identity.description) }
        return id
    }
}
