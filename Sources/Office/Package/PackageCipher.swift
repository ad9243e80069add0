import Crypto

/// Content, a chunk at a time, under the package's own key: AES-256-GCM, the number of the chunk as nonce, and as what is bound to it
/// the package, the number and whether it is the last. A chunk moved, left out or cut off behind does not open.
///
///     nonce    four zero bytes, number (u64, big endian), from 0
///     bound    "twolists-package/1" and a newline, the package's id (16), number (u64, little endian), 1 for the last or 0
///     member   ciphertext, tag (16)
struct PackageCipher {
    let key: SealKey
    let id: [UInt8]

    func seal(_ plain: [UInt8], number: Int, isLast: Bool) throws(PackageFault) -> [UInt8] {
        do throws(CryptoError) {
            let sealed = try key.seal(
                plain, nonce: nonce(number), aad: bound(number, isLast))
            return [UInt8](sealed.dropFirst(Sealed.nonceLength))
        } catch { throw .content("\(error)") }
    }

    func open(_ member: [UInt8], number: Int, isLast: Bool) throws(PackageFault) -> [UInt8] {
        do throws(CryptoError) {
            return try key.open(nonce(number) + member, aad: bound(number, isLast))
        } catch { throw .content(PackageLayout.chunk(number)) }
    }

    private func nonce(_ number: Int) -> [UInt8] {
        [0, 0, 0, 0] + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    private func bound(_ number: Int, _ isLast: Bool) -> [UInt8] {
        ManifestForm.firstLine + id + withUnsafeBytes(of: UInt64(number).littleEndian) { [UInt8]($0) }
            + [isLast ? 1 : 0]
    }
}
