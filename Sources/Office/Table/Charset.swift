internal import CLinux

/// The C library's conversion between encodings, all at once.
package enum Charset {
    /// Bytes that are no text of the one encoding, or none the other can say; the system's number.
    package struct Failure: Error, Hashable { package let code: Int }

    /// - Parameter growth: bytes there that one byte here becomes, at most.
    static func convert(_ bytes: [UInt8], from: String, to: String, growth: Int) throws(Failure) -> [UInt8] {
        let room = bytes.count * growth + 16
        var length = 0
        let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            bytes.withUnsafeBytes {
                length = clinux_convert(to, from, $0.baseAddress, $0.count, buffer.baseAddress, room)
            }
            count = max(0, min(length, room))
        }
        guard length >= 0 else { throw Failure(code: -length) }
        return output
    }
}
