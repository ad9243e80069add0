package import Crypto
import Foundation
package import Schema
import Wire

/// What a package says of itself besides its content.
package struct PackageDraft: Sendable {
    package var id: [UInt8]
    package var city: String
    package var sender: String
    package var receiver: String
    package var number: UInt64
    /// Of the manifest before; nil for number 1.
    package var previous: Digest?
    /// Nanoseconds since 1970 UTC.
    package var created: Int64
    package var expires: Int64

    package init(
        id: [UInt8], city: String, sender: String, receiver: String, number: UInt64, previous: Digest?,
        created: Int64, expires: Int64
    ) {
        self.id = id
        self.city = city
        self.sender = sender
        self.receiver = receiver
        self.number = number
        self.previous = previous
        self.created = created
        self.expires = expires
    }
}

/// A key that signs a manifest, with the certificate that goes along.
package struct PackageSigner: Sendable {
    package var key: PrivateKey
    package var certificate: Certificate

    package init(key: PrivateKey, certificate: Certificate) {
        self.key = key
        self.certificate = certificate
    }
}

/// Makes a package of any size in constant memory: sealed chunks go to a file beside the package as they fill; the manifest, which
/// must come first, is written when all their digests are known, and the chunks behind it.
package final class PackageWriter {
    private let path: String
    private let draft: PackageDraft
    private let cipher: PackageCipher
    private let chunks: WrittenFile
    private var members: [PackageMember] = []
    private var plain: [UInt8] = []
    /// The most content bytes that were held at once.
    private(set) var mostHeld = 0

    /// - Parameter path: of the package; nothing stands there before it is whole.
    package init(_ path: String, _ draft: PackageDraft) throws(PackageFault) {
        self.path = path
        self.draft = draft
        do throws(CryptoError) {
            cipher = PackageCipher(key: try SealKey.generate(), id: draft.id)
        } catch { throw .content("\(error)") }
        chunks = try WrittenFile(path + ".chunks")
    }

    deinit { unlink(path + ".chunks") }

    package func add(_ item: PackageItem) throws(PackageFault) {
        let bytes = item.encoded()
        guard bytes.count <= PackageLimits.itemBytes else { throw .content("PackageItem: \(bytes.count)") }
        plain += withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { [UInt8]($0) }
        plain += bytes
        mostHeld = max(mostHeld, plain.count)
        while plain.count > PackageLimits.chunkBytes {
            try seal(Array(plain.prefix(PackageLimits.chunkBytes)), isLast: false)
            plain.removeFirst(PackageLimits.chunkBytes)
        }
    }

    private func seal(_ bytes: [UInt8], isLast: Bool) throws(PackageFault) {
        guard members.count < PackageLimits.chunks else {
            throw .content("over \(PackageLimits.chunks) chunks")
        }
        let sealed = try cipher.seal(bytes, number: members.count, isLast: isLast)
        members.append(PackageMember(bytes: UInt64(sealed.count), sha256: Digest(of: sealed).bytes))
        try chunks.write(sealed)
    }

    /// The package is whole and on disc when this returns. Gives its digest.
    /// - Parameters:
    ///   - readers: whose keys open it.
    ///   - signers: the first on P-256; a second one with an SM2 key.
    package func finish(
        readers: [Certificate], signers: [PackageSigner]
    ) throws(PackageFault) -> Digest {
        try seal(plain, isLast: true)
        plain = []
        let keys: [UInt8]
        do throws(CryptoError) { keys = try CMSEnvelope.seal(cipher.key, for: readers) } catch {
            throw .content("\(error)")
        }
        let manifest = manifest(readers, keys, signers)
        let bytes = ManifestForm.encode(manifest)
        _ = try ManifestForm.decode(bytes)
        let signatures = try signed(bytes, signers)
        try assemble(manifest, bytes, signatures, keys)
        return Digest(of: bytes)
    }

    private func manifest(
        _ readers: [Certificate], _ keys: [UInt8], _ signers: [PackageSigner]
    ) -> PackageManifest {
        PackageManifest(
            id: draft.id, city: draft.city, sender: draft.sender, receiver: draft.receiver,
            number: draft.number, previous: draft.previous?.bytes ?? [], created: draft.created,
            expires: draft.expires, classification: ManifestForm.classification, digest: ManifestForm.digest,
            cipher: ManifestForm.cipher, signatures: signers.map(\.key.algorithm.name),
            readers: readers.map(\.fingerprint.bytes),
            keys: PackageMember(bytes: UInt64(keys.count), sha256: Digest(of: keys).bytes), chunks: members)
    }

    private func signed(
        _ manifest: [UInt8], _ signers: [PackageSigner]
    ) throws(PackageFault) -> [[UInt8]] {
        var signatures: [[UInt8]] = []
        for signer in signers {
            do throws(CryptoError) {
                signatures.append(
                    try CMSSignature.sign(manifest, key: signer.key, certificate: signer.certificate).der)
            } catch { throw .content("\(error)") }
        }
        return signatures
    }

    private func assemble(
        _ manifest: PackageManifest, _ bytes: [UInt8], _ signatures: [[UInt8]], _ keys: [UInt8]
    ) throws(PackageFault) {
        let layout = PackageLayout(
            manifestBytes: bytes.count, signatures: signatures.map(\.count), manifest)
        let sealed = try chunks.reopened()
        let file = try WrittenFile(path + ".part")
        let small = [bytes] + signatures + [keys]
        var offset = 0
        for (index, member) in layout.members.enumerated() {
            let seconds = draft.created / 1_000_000_000
            try file.write(UstarHeader.bytes(name: member.name, size: member.size, seconds: seconds))
            if small.indices.contains(index) {
                try file.write(small[index])
            } else {
                try file.write(try sealed.read(member.size, at: offset))
                offset += member.size
            }
            try file.write([UInt8](repeating: 0, count: UstarHeader.padding(member.size)))
        }
        try file.write(UstarHeader.end)
        try file.rename(to: path)
    }
}

/// A file being written, of which nothing is seen under its last name before it is whole and synced.
private final class WrittenFile {
    private let path: String
    private let handle: FileHandle

    init(_ path: String) throws(PackageFault) {
        self.path = path
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw .file(path, reason: String(cString: strerror(errno))) }
        self.handle = handle
    }

    func write(_ bytes: [UInt8]) throws(PackageFault) {
        do { try handle.write(contentsOf: Data(bytes)) } catch {
            throw .file(path, reason: "\(error.localizedDescription)")
        }
    }

    func reopened() throws(PackageFault) -> PackageFile { try PackageFile(path) }

    func rename(to target: String) throws(PackageFault) {
        let folder = (target as NSString).deletingLastPathComponent
        guard fsync(handle.fileDescriptor) == 0, Glibc.rename(path, target) == 0 else {
            throw .file(target, reason: String(cString: strerror(errno)))
        }
        let directory = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        guard directory >= 0, fsync(directory) == 0 else {
            throw .file(target, reason: String(cString: strerror(errno)))
        }
    }
}
