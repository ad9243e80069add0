import COpenSSL

/// Unpredictable bytes from libcrypto's generator, which the kernel seeds.
package enum RandomBytes {
    /// `count` fresh bytes.
    package static func make(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard co_random(&bytes, count) == 1 else {
            throw .library(operation: "random bytes", reason: "the generator is not seeded")
        }
        return bytes
    }
}

/// Comparison whose time depends on the length only, for codes and tags.
package func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && co_equal(a, b, a.count) == 1
}
