/// Reads JSON (RFC 8259) that people and programs type: strict, with the line and column of the first fault. Numbers keep
/// their text, so that no 64-bit integer loses a digit; an object with a key twice is refused, since nobody can tell which
/// was meant.
package struct JSONParser {
    /// Levels of arrays and objects: twice the levels of messages that protobuf allows, since a repeated message takes two.
    package static let maxDepth = 200

    private let text: [UInt8]
    private var at = 0
    private var depth = 0

    package init(_ text: [UInt8]) { self.text = text }

    /// What is wrong, and where; both counted from 1, the column in bytes.
    package struct Fault: Error, Sendable, Hashable {
        package var line: Int
        package var column: Int
        package var problem: Text
    }

    /// The one value of a text.
    package static func value(of text: String) throws(Fault) -> JSON { try value(of: Array(text.utf8)) }

    package static func value(of text: [UInt8]) throws(Fault) -> JSON {
        var parser = JSONParser(text)
        guard let value = try parser.next() else { throw parser.fault("没有内容", "there is no value") }
        guard try parser.isAtEnd() else {
            throw parser.fault("值后面还有内容", "there is something behind the value")
        }
        return value
    }

    /// The next of a sequence of values with blanks or line ends between; nil at the end.
    package mutating func next() throws(Fault) -> JSON? {
        guard try !isAtEnd() else { return nil }
        return try value()
    }

    private mutating func isAtEnd() throws(Fault) -> Bool {
        skipBlanks()
        return at == text.count
    }

    // MARK: Values

    private mutating func value() throws(Fault) -> JSON {
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: break
        }
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("null") { return .null }
        throw fault("这里应当是一个 JSON 值", "a JSON value is expected here")
    }

    private mutating func object() throws(Fault) -> JSON {
        try enter()
        var members: [JSON.Member] = []
        // Bytes, not String: two keys may look alike to Swift and be different.
        var seen: Set<[UInt8]> = []
        while try !leaves(UInt8(ascii: "}"), first: members.isEmpty) {
            let start = at
            guard peek == UInt8(ascii: "\"") else {
                throw fault("这里应当是带引号的键", "a key in quotes is expected here")
            }
            let key = try string()
            guard seen.insert(Array(key.utf8)).inserted else {
                at = start
                throw fault("键“\(Screen.clean(key))”出现两次", "the key “\(Screen.clean(key))” is given twice")
            }
            skipBlanks()
            guard take(":") else { throw fault("键后面应当是冒号", "a colon is expected behind the key") }
            skipBlanks()
            members.append(JSON.Member(key, try value()))
        }
        return .object(members)
    }

    private mutating func array() throws(Fault) -> JSON {
        try enter()
        var values: [JSON] = []
        while try !leaves(UInt8(ascii: "]"), first: values.isEmpty) { values.append(try value()) }
        return .array(values)
    }

    private mutating func enter() throws(Fault) {
        guard depth < Self.maxDepth else {
            throw fault("嵌套超过 \(Self.maxDepth) 层", "nested deeper than \(Self.maxDepth) levels")
        }
        depth += 1
        at += 1
    }

    /// True when `close` has been taken; otherwise the comma before the next item has.
    private mutating func leaves(_ close: UInt8, first: Bool) throws(Fault) -> Bool {
        skipBlanks()
        if peek == close {
            at += 1
            depth -= 1
            return true
        }
        if first { return false }
        guard take(",") else {
            throw fault("这里应当是逗号或结束括号", "a comma or the closing bracket is expected here")
        }
        skipBlanks()
        return false
    }

    // MARK: Numbers

    /// The number's text as it stands: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
    private mutating func number() throws(Fault) -> String {
        let start = at
        if peek == UInt8(ascii: "-") { at += 1 }
        if peek == UInt8(ascii: "0") { at += 1 } else { try digits() }
        if peek == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            at += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        return String(decoding: text[start..<at], as: UTF8.self)
    }

    private mutating func digits() throws(Fault) {
        let start = at
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        if at == start { throw fault("数字写法不对", "this is no number") }
    }

    // MARK: Strings

    private mutating func string() throws(Fault) -> String {
        let start = at
        at += 1
        var bytes: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                guard let value = String(validating: bytes, as: UTF8.self) else {
                    at = start
                    throw fault("字符串不是合法的 UTF-8", "the string is no valid UTF-8")
                }
                return value
            case UInt8(ascii: "\\"): try escape(&bytes)
            case 0..<0x20:
                throw fault("字符串里的控制字符要写成 \\u00XX", "a control character in a string is written \\u00XX")
            default:
                bytes.append(byte)
                at += 1
            }
        }
        at = start
        throw fault("字符串没有结束引号", "the string has no closing quote")
    }

    private mutating func escape(_ bytes: inout [UInt8]) throws(Fault) {
        at += 1
        let short: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 8,
            UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        if let byte = peek, let plain = short[byte] {
            bytes.append(plain)
            at += 1
            return
        }
        let first = try unit()
        guard (0xd800...0xdfff).contains(first) else { return append(first, &bytes) }
        guard first < 0xdc00, take("\\"), case let second = try unit(), (0xdc00...0xdfff).contains(second)
        else {
            throw fault("\\u 转义的代理对不完整", "half of a surrogate pair")
        }
        append(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00), &bytes)
    }

    private func append(_ scalar: UInt32, _ bytes: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        bytes += Array(String(Character(scalar)).utf8)
    }

    /// `u` and four hexadecimal digits behind a backslash.
    private mutating func unit() throws(Fault) -> UInt32 {
        guard take("u"), text.count - at >= 4,
            let value = UInt32(String(decoding: text[at..<at + 4], as: UTF8.self), radix: 16),
            text[at] != UInt8(ascii: "+"), text[at] != UInt8(ascii: "-")
        else { throw fault("反斜杠后面写法不对", "there is no such escape") }
        at += 4
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { at < text.count ? text[at] : nil }

    private mutating func take(_ word: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text[at...].starts(with: bytes) else { return false }
        at += bytes.count
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
    }

    private func fault(_ zh: String, _ en: String) -> Fault {
        let before = text[..<at]
        let line = before.reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
        let column = at - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
        return Fault(line: line, column: column, problem: Text(zh, en))
    }
}
