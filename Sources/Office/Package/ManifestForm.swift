import Crypto
package import Schema
import Wire

/// A manifest as the member MANIFEST: the line `twolists-package/1` and a newline, then the message, in the one spelling that its
/// values have. What a package is called everywhere is the digest of these bytes.
package enum ManifestForm {
    package static let firstLine = [UInt8]("twolists-package/1\n".utf8)
    static let classification = classifiedNotice
    static let digest = "sha-256"
    static let cipher = "aes-256-gcm"

    package static func encode(_ manifest: PackageManifest) -> [UInt8] { firstLine + manifest.encoded() }

    /// The manifest of these bytes, every field judged as far as it can be judged by itself.
    package static func decode(_ bytes: [UInt8]) throws(PackageFault) -> PackageManifest {
        guard bytes.count <= PackageLimits.manifestBytes, bytes.starts(with: firstLine) else {
            throw .form(at: "MANIFEST")
        }
        guard
            let manifest = try? PackageManifest(
                decoding: [UInt8](bytes[firstLine.count...]), unknownFields: .refuse),
            encode(manifest) == bytes
        else { throw .form(at: "MANIFEST") }
        for (field, isGood) in fields(manifest) where !isGood { throw .form(at: field) }
        return manifest
    }

    private static func fields(_ manifest: PackageManifest) -> [(String, Bool)] {
        let span = manifest.expires.subtractingReportingOverflow(manifest.created)
        return [
            ("id", manifest.id.count == 16),
            ("city", isCity(manifest.city)),
            ("sender", isParty(manifest.sender, of: manifest.city)),
            (
                "receiver",
                isParty(manifest.receiver, of: manifest.city) && !same(manifest.receiver, manifest.sender)
            ),
            ("number", manifest.number >= 1),
            ("previous", manifest.previous.count == (manifest.number == 1 ? 0 : Digest.length)),
            ("created", manifest.created > 0),
            (
                "expires",
                !span.overflow && span.partialValue > 0
                    && span.partialValue <= PackageLimits.validDays * dayNanoseconds
            ),
            ("classification", same(manifest.classification, classification)),
            ("digest", same(manifest.digest, digest)),
            ("cipher", same(manifest.cipher, cipher)),
            ("signatures", signatures(manifest).map { manifest.signatures == $0.map(\.name) } ?? false),
            ("readers", areReaders(manifest.readers)),
            ("keys", isMember(manifest.keys, atMost: CMSEnvelope.lengthLimit)),
            ("chunks", areChunks(manifest.chunks)),
        ]
    }

    static let dayNanoseconds: Int64 = 86_400_000_000_000

    /// The algorithms that must have signed, by how many names there are.
    static func signatures(_ manifest: PackageManifest) -> [SignatureAlgorithm]? {
        switch manifest.signatures.count {
        case 1: [.ecdsaP256SHA256]
        case 2: [.ecdsaP256SHA256, .sm2SM3]
        default: nil
        }
    }

    private static func isCity(_ city: String) -> Bool {
        city.utf8.count == 6 && city.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// By the rules that certificates name parties by.
    private static func isParty(_ key: String, of city: String) -> Bool {
        (try? IdentityURI("twolists://\(city)/\(key)/officer/a")) != nil
    }

    private static func areReaders(_ readers: [[UInt8]]) -> Bool {
        (1...CMSEnvelope.recipientLimit).contains(readers.count)
            && readers.allSatisfy { $0.count == Digest.length } && Set(readers).count == readers.count
    }

    private static func isMember(_ member: PackageMember?, atMost limit: Int) -> Bool {
        guard let member else { return false }
        return member.bytes >= 1 && member.bytes <= UInt64(limit) && member.sha256.count == Digest.length
    }

    /// All but the last are full, so that one content has one division.
    private static func areChunks(_ chunks: [PackageMember]) -> Bool {
        let full = PackageLimits.chunkBytes + Sealed.tagLength
        guard (1...PackageLimits.chunks).contains(chunks.count), let last = chunks.last else { return false }
        return chunks.dropLast().allSatisfy { $0.bytes == UInt64(full) && $0.sha256.count == Digest.length }
            && isMember(last, atMost: full) && last.bytes > UInt64(Sealed.tagLength)
    }

    /// As bytes: Swift's strings are equal when they only look alike.
    static func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
}
