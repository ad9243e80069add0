/// A telephone number as typed: spaces, brackets, hyphens and +86 are passed over, `转` and `-` in front of up to five digits are an extension.
struct PhoneText {
    /// `13800000000`, `0722-3223456`, `3223456`, `0722-3223456-801`.
    let canonical: [UInt8]

    static func isPlainMobile(_ bytes: [UInt8]) -> Bool {
        bytes.count == 11 && bytes[0] == UInt8(ascii: "1") && bytes[1] >= UInt8(ascii: "3")
            && bytes.allSatisfy(isDigit)
    }

    /// Nil for what is no one number: two numbers in one cell are none.
    init?(_ folded: [UInt8]) {
        var bytes = folded.filter { $0 != 0x20 && $0 != UInt8(ascii: "(") }
        for prefix in ["+86-", "+86", "0086"] where bytes.starts(with: prefix.utf8) {
            bytes.removeFirst(prefix.utf8.count)
            break
        }
        var groups = Self.groups(bytes)
        guard !groups.isEmpty, groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            return nil
        }
        let all = groups.joined()
        if all.count == 11, all.first == UInt8(ascii: "1") {
            canonical = Array(all)
            guard canonical[1] >= UInt8(ascii: "3") else { return nil }
            return
        }
        let area = Self.takeArea(&groups)
        guard let number = groups.first, (7...8).contains(number.count), number.first != UInt8(ascii: "0"),
            groups.count <= 2
        else { return nil }
        let `extension` = groups.count == 2 ? groups[1] : []
        guard `extension`.count <= 5 else { return nil }
        canonical = Array(
            [area, number, `extension`].filter { !$0.isEmpty }.joined(separator: [UInt8(ascii: "-")]))
    }

    private static func groups(_ bytes: [UInt8]) -> [[UInt8]] {
        var groups: [[UInt8]] = [[]]
        var index = 0
        let turn = Array("转".utf8)
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: ")") {
                groups.append([])
                index += 1
            } else if bytes[index...].starts(with: turn) {
                groups.append([])
                index += turn.count
            } else {
                groups[groups.count - 1].append(bytes[index])
                index += 1
            }
        }
        return groups
    }

    /// The area code: a group of its own, or in front of the number: 010 and 02x have three digits, others four.
    private static func takeArea(_ groups: inout [[UInt8]]) -> [UInt8] {
        guard let first = groups.first, first.first == UInt8(ascii: "0") else { return [] }
        if first.count <= 4 { return first.count >= 3 ? groups.removeFirst() : [] }
        let length = first[1] == UInt8(ascii: "1") || first[1] == UInt8(ascii: "2") ? 3 : 4
        groups[0] = Array(first[length...])
        return Array(first[..<length])
    }
}
