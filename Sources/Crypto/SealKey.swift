import COpenSSL
import Synchronization

/// Sealed bytes, as they stand in records and files:
///
///     nonce (12) || ciphertext (as long as the plaintext) || tag (16)
///
/// AES-256-GCM. The nonce comes from outside (the core has no randomness of its own) and must never be used twice
/// with one key. What the bytes belong to (record, field, subject) goes into `aad`, so that sealed bytes moved
/// elsewhere do not open.
package enum Sealed {
    /// Bytes of a nonce.
    package static let nonceLength = 12
    /// Bytes of a tag.
    package static let tagLength = 16
    /// How much longer sealed bytes are than plain ones.
    package static let overhead = nonceLength + tagLength
    /// Bytes of one plaintext: far above the largest command and attachment chunk, far below what GCM allows.
    package static let plaintextLimit = 64 << 20
}

/// A 256-bit key under which fields, envelopes and other keys are sealed. The bytes are wiped when the key is
/// destroyed and when the last reference goes; `description` never shows them.
package final class SealKey: Sendable {
    /// Bytes of a key.
    package static let length = 32

    private struct Material {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var destroyed = false

        mutating func wipe() {
            withUnsafeMutableBytes(of: &words) { co_cleanse($0.baseAddress, $0.count) }
            destroyed = true
        }
    }

    private let material: Mutex<Material>

    /// Throws `wrongLength` unless there are exactly 32 bytes. The caller wipes its own copy.
    package init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == SealKey.length else {
            throw .wrongLength(what: "seal key", expected: SealKey.length, found: bytes.count)
        }
        var fresh = Material()
        withUnsafeMutableBytes(of: &fresh.words) { $0.copyBytes(from: bytes) }
        material = Mutex(fresh)
    }

    /// A fresh random key.
    package static func generate() throws(CryptoError) -> SealKey {
        var bytes = try RandomBytes.make(length)
        defer { co_cleanse(&bytes, bytes.count) }
        return try SealKey(bytes: bytes)
    }

    deinit { material.withLock { $0.wipe() } }

    /// Wipes the key. Everything later throws `keyDestroyed`. The calling thread forgets the last key it sealed with, too.
    package func destroy() {
        material.withLock { $0.wipe() }
        co_seal_forget()
    }

    /// Runs `body` with the 32 bytes; they must not escape it.
    package func withBytes<R>(_ body: (UnsafePointer<UInt8>) -> R) throws(CryptoError) -> R {
        // A copy on the stack, so that two threads sealing under one key do not wait for each other.
        guard var copy = material.withLock({ $0.destroyed ? nil : $0 }) else { throw .keyDestroyed }
        defer { copy.wipe() }
        return withUnsafeMutableBytes(of: &copy.words) { raw in
            raw.withMemoryRebound(to: UInt8.self) { bytes in
                guard let base = UnsafePointer(bytes.baseAddress) else {
                    preconditionFailure("empty key")  // programmer error: words have an address
                }
                return body(base)
            }
        }
    }

    /// `nonce || ciphertext || tag`. `nonce`: 12 bytes, never used before with this key.
    package func seal(_ plaintext: [UInt8], nonce: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard nonce.count == Sealed.nonceLength else {
            throw .wrongLength(what: "nonce", expected: Sealed.nonceLength, found: nonce.count)
        }
        guard plaintext.count <= Sealed.plaintextLimit else {
            throw .tooLong(what: "plaintext", limit: Sealed.plaintextLimit, found: plaintext.count)
        }
        var sealed = [UInt8](repeating: 0, count: plaintext.count + Sealed.overhead)
        sealed.replaceSubrange(0..<Sealed.nonceLength, with: nonce)
        let done = try withBytes { key in
            sealed.withUnsafeMutableBufferPointer { out -> Int32 in
                guard let base = out.baseAddress else { return 0 }
                let cipher = base + Sealed.nonceLength
                return co_aes256gcm_seal(
                    key, nonce, aad, aad.count, plaintext, plaintext.count, cipher, cipher + plaintext.count)
            }
        }
        guard done == 1 else { throw .library(operation: "seal", reason: "AES-256-GCM failed") }
        return sealed
    }

    /// Several seals for the price of one key set-up. One at a time on a thread: a second one inside `body` throws.
    package func sealing(
        _ body: (borrowing Sealing) throws(CryptoError) -> [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard let context = try withBytes({ co_seal_begin($0) }) else {
            throw .library(operation: "seal", reason: "AES-256-GCM cannot be set up")
        }
        let sealing = Sealing(context: context)
        return try body(sealing)
    }

    /// The plaintext of `nonce || ciphertext || tag`; `tampered` when a bit of it, the key or `aad` differs.
    package func open(_ sealed: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= Sealed.overhead else { throw .tampered }
        let count = sealed.count - Sealed.overhead
        guard count <= Sealed.plaintextLimit else {
            throw .tooLong(what: "sealed bytes", limit: Sealed.plaintextLimit, found: count)
        }
        var plaintext = [UInt8](repeating: 0, count: count)
        let done = try withBytes { key in
            sealed.withUnsafeBufferPointer { input -> Int32 in
                guard let nonce = input.baseAddress else { return -1 }
                let cipher = nonce + Sealed.nonceLength
                return plaintext.withUnsafeMutableBufferPointer { out in
                    // An empty array may have no address; libcrypto wants one even for no bytes.
                    var nothing: UInt8 = 0
                    return withUnsafeMutablePointer(to: &nothing) { spare in
                        co_aes256gcm_open(
                            key, nonce, aad, aad.count, cipher, count, cipher + count,
                            out.baseAddress ?? spare)
                    }
                }
            }
        }
        guard done != 0 else { throw .tampered }
        guard done == 1 else { throw .library(operation: "open", reason: "AES-256-GCM failed") }
        return plaintext
    }

    /// Another key sealed under this one. `aad` names whose key it is.
    package func wrap(_ key: SealKey, nonce: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        var bytes = try key.withBytes { [UInt8](UnsafeBufferPointer(start: $0, count: SealKey.length)) }
        defer { co_cleanse(&bytes, bytes.count) }
        return try seal(bytes, nonce: nonce, aad: aad)
    }

    /// Reverses `wrap`.
    package func unwrap(_ wrapped: [UInt8], aad: [UInt8]) throws(CryptoError) -> SealKey {
        var bytes = try open(wrapped, aad: aad)
        defer { co_cleanse(&bytes, bytes.count) }
        return try SealKey(bytes: bytes)
    }
}

/// A key set up for sealing, on the thread that asked for it: see `SealKey.sealing`.
package struct Sealing: ~Copyable {
    private let context: OpaquePointer

    fileprivate init(context: OpaquePointer) { self.context = context }

    deinit { co_seal_end(context) }

    /// `nonce || ciphertext || tag`; nil when libcrypto fails or the plaintext is over `Sealed.plaintextLimit`.
    /// `nonce` must never have been used before with this key.
    package borrowing func seal(
        _ plaintext: UnsafeRawBufferPointer, aad: UnsafeRawBufferPointer, nonce: Nonce
    ) -> [UInt8]? {
        guard plaintext.count <= Sealed.plaintextLimit else { return nil }
        return withUnsafeTemporaryAllocation(
            byteCount: plaintext.count + Sealed.overhead, alignment: 16
        ) { out -> [UInt8]? in
            guard let base = out.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
            out.storeBytes(of: nonce.head, as: UInt64.self)
            out.storeBytes(of: nonce.tail, toByteOffset: 8, as: UInt32.self)
            let cipher = base + Sealed.nonceLength
            let done = co_seal_next(
                context, base, aad.baseAddress, aad.count, plaintext.baseAddress, plaintext.count, cipher,
                cipher + plaintext.count)
            return done == 1 ? [UInt8](UnsafeRawBufferPointer(out)) : nil
        }
    }
}

/// The 12 bytes that make a seal unlike any other under its key, in memory order.
package struct Nonce: Sendable {
    package var head: UInt64
    package var tail: UInt32

    package init(head: UInt64, tail: UInt32) {
        self.head = head
        self.tail = tail
    }
}

extension SealKey: CustomStringConvertible {
    package var description: String { "SealKey(…)" }
}
