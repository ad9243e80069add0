/// Whole tables as offices save them, small enough to be held: UTF-8, GB18030 (which holds GBK and GB2312), UTF-16.
package enum TableEncoding {
    /// The text; nil when it is none of these.
    package static func text(_ bytes: [UInt8]) -> String? {
        guard let guess = try? EncodingGuess(bytes) else { return nil }
        let body = Array(bytes.dropFirst(guess.markBytes))
        return switch guess.encoding {
        case .utf8: String(validating: body, as: UTF8.self)
        case .gb18030: converted(body, from: "GB18030")
        case .utf16LittleEndian: converted(body, from: "UTF-16LE")
        case .utf16BigEndian: converted(body, from: "UTF-16BE")
        }
    }

    private static func converted(_ bytes: [UInt8], from set: String) -> String? {
        // Two bytes there are three here at most; four of GB18030, four.
        guard let utf8 = try? Charset.convert(bytes, from: set, to: "UTF-8", growth: 2) else { return nil }
        return String(validating: utf8, as: UTF8.self)
    }
}
