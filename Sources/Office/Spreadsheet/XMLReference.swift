/// What a reference in XML stands for (XML 1.0, 4.1): one of the five entities, or a character by its number.
enum XMLReference {
    /// `&#x0010FFFF;`
    static let longest = 12

    /// What `&name;` stands for; nil: there is no such reference.
    static func expansion(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        switch String(decoding: name, as: UTF8.self) {
        case "lt": "<"
        case "gt": ">"
        case "amp": "&"
        case "quot": "\""
        case "apos": "'"
        default: scalar(name)
        }
    }

    /// `#65` or `#x41`: a character that XML allows (1.0, 2.2).
    private static func scalar(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard name.first == UInt8(ascii: "#") else { return nil }
        let isHex = name.dropFirst().first == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHex ? 2 : 1), as: UTF8.self)
        guard let first = digits.first, first != "+", first != "-",
            let value = UInt32(digits, radix: isHex ? 16 : 10), value >= 0x20 || [9, 10, 13].contains(value),
            value & 0xFFFE != 0xFFFE || value > 0xFFFF
        else { return nil }
        return Unicode.Scalar(value)
    }
}
