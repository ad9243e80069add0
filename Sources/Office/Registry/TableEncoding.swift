internal import CLinux

/// Tables come as offices save them: UTF-8, GB18030 (which holds GBK and GB2312), or UTF-16 with a byte order mark.
package enum TableEncoding {
    /// The text; nil when it is none of these. UTF-8 is tried first: no Chinese text of GB18030 happens to be valid UTF-8 throughout, but for a
    /// few single words.
    package static func text(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE]) { return converted(Array(bytes.dropFirst(2)), from: "UTF-16LE") }
        if bytes.starts(with: [0xFE, 0xFF]) { return converted(Array(bytes.dropFirst(2)), from: "UTF-16BE") }
        return String(validating: bytes, as: UTF8.self) ?? converted(bytes, from: "GB18030")
    }

    private static func converted(_ bytes: [UInt8], from set: String) -> String? {
        guard !bytes.isEmpty else { return "" }
        // One byte there is at most four here.
        let room = bytes.count * 4
        var length = 0
        let utf8 = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            bytes.withUnsafeBytes { from in
                length = clinux_convert("UTF-8", set, from.baseAddress, from.count, buffer.baseAddress, room)
            }
            count = max(0, min(length, room))
        }
        return length < 0 ? nil : String(validating: utf8, as: UTF8.self)
    }
}
