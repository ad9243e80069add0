import COpenSSL
import Synchronization

/// What libcrypto hands over: bytes it made, objects it allocated, the text of its errors.
enum Libcrypto {
    /// Takes over bytes that libcrypto made; throws its error when there are none.
    static func take(_ bytes: co_bytes, _ operation: String) throws(CryptoError) -> [UInt8] {
        guard let data = bytes.data else { throw .library(operation: operation, reason: errorText()) }
        defer { co_bytes_free(bytes) }
        return [UInt8](UnsafeBufferPointer(start: data, count: bytes.length))
    }

    /// Throws libcrypto's error unless `done` is 1.
    static func require(_ done: Int32, _ operation: String) throws(CryptoError) {
        guard done == 1 else { throw .library(operation: operation, reason: errorText()) }
    }

    /// The newest error of this thread; the queue is empty afterwards.
    static func errorText() -> String {
        var text = [CChar](repeating: 0, count: 256)
        co_error_text(&text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Secret bytes, wiped when the last reference goes.
final class SecretBytes: Sendable {
    private let bytes: Mutex<[UInt8]>

    /// The only copy should be this one: what shares its storage is not wiped.
    init(_ bytes: consuming [UInt8]) { self.bytes = Mutex(bytes) }

    func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        // Alive until the borrowed storage is given back, or `deinit` would wipe a copy of it.
        withExtendedLifetime(self) { bytes.withLock { $0 }.withUnsafeBufferPointer(body) }
    }

    deinit {
        bytes.withLock { bytes in bytes.withUnsafeMutableBytes { co_cleanse($0.baseAddress, $0.count) } }
    }
}
