package import Crypto
package import Schema
import Wire

/// Opens a verified package with an officer's key and gives its items, one after the other, in constant memory. An item is a `PackageItem`
/// behind its length (u32, little endian); items run on from chunk to chunk.
package struct PackageContent<Source: PackageSource> {
    private let source: Source
    private let verified: VerifiedPackage
    private let cipher: PackageCipher
    private var next = 0
    /// Plain bytes not yet taken, from `taken` on.
    private var plain: [UInt8] = []
    private var taken = 0
    /// The most content bytes that were held at once.
    private(set) var mostHeld = 0

    /// - Parameter party: of the officer who opens it.
    package init(
        _ verified: VerifiedPackage, in source: Source, party: String, certificate: Certificate,
        key: PrivateKey
    ) throws(PackageFault) {
        guard ManifestForm.same(verified.manifest.receiver, party) else {
            throw .notForUs(receiver: verified.manifest.receiver)
        }
        guard verified.manifest.readers.contains(certificate.fingerprint.bytes),
            let keys = verified.layout.keys
        else { throw .noKeyOfOurs }
        let envelope = try source.read(keys.size, at: keys.content)
        do throws(CryptoError) {
            cipher = PackageCipher(
                key: try CMSEnvelope.open(envelope, certificate: certificate, key: key),
                id: verified.manifest.id)
        } catch { throw .noKeyOfOurs }
        self.source = source
        self.verified = verified
    }

    /// Nil: the last was given.
    package mutating func item() throws(PackageFault) -> PackageItem? {
        guard try fill(4) else {
            guard plain.count == taken else { throw .content("length") }
            return nil
        }
        let length = plain[taken..<taken + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard (1...PackageLimits.itemBytes).contains(length) else { throw .content("length") }
        guard try fill(4 + length) else { throw .content("length") }
        let bytes = [UInt8](plain[taken + 4..<taken + 4 + length])
        taken += 4 + length
        guard let item = try? PackageItem(decoding: bytes), item.body != nil else {
            throw .content("PackageItem")
        }
        return item
    }

    /// Every item, for whoever acts on none before all are known to be readable; the first is the head, and the only one.
    package mutating func examine(_ body: (PackageItem) throws(PackageFault) -> Void) throws(PackageFault) {
        var isFirst = true
        while let item = try item() {
            var isHead = false
            if case .head = item.body { isHead = true }
            guard isHead == isFirst else { throw .content("PackageHead") }
            isFirst = false
            try body(item)
        }
        if isFirst { throw .content("PackageHead") }
    }

    /// Whether so many plain bytes are there, reading on for them.
    private mutating func fill(_ count: Int) throws(PackageFault) -> Bool {
        while plain.count - taken < count {
            let chunks = verified.layout.chunks
            guard next < chunks.count else { return false }
            let member = chunks[chunks.startIndex + next]
            let sealed = try source.read(member.size, at: member.content)
            plain.removeFirst(taken)
            taken = 0
            plain += try cipher.open(sealed, number: next, isLast: next == chunks.count - 1)
            next += 1
            mostHeld = max(mostHeld, plain.count)
        }
        return true
    }
}
