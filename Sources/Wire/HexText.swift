/// Bytes as lower-case hexadecimal digits, two a byte, ASCII: for those who import no Crypto, whose `Hex` writes and reads the same.
package func hexDigits(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let digits = [UInt8]("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}

/// The same as a text.
package func hexText(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: hexDigits(bytes), as: UTF8.self)
}
