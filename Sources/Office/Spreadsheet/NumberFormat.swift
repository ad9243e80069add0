/// What a number format shows (ECMA-376 part 1, 18.8.30 and 18.8.31), as far as it tells a date from a number.
enum NumberFormat: Sendable, Hashable {
    case number
    case date
    case time
    /// Hours, minutes or seconds that go on beyond a day.
    case elapsed

    /// Formats that have a number and no text in the file. 27–36 and 50–58 are the Chinese ones: 31 is 2023年3月10日, 57 is 2023年3月.
    static func builtIn(_ id: Int) -> NumberFormat {
        switch id {
        case 14...17, 22, 27...31, 36, 50...54, 57, 58: .date
        case 18...21, 32...35, 45, 47, 55, 56: .time
        case 46: .elapsed
        default: .number
        }
    }

    /// Reads a format's text. Only its first section counts: the others are for negative numbers, zero and text.
    init(_ code: String) {
        var scanner = Scanner(code)
        self = scanner.kind()
    }

    private struct Scanner {
        private let code: [UInt8]
        private var at = 0
        private var hasDay = false
        private var hasTime = false
        private var hasMonth = false
        private var isElapsed = false

        init(_ code: String) { self.code = Array(code.lowercased().utf8) }

        mutating func kind() -> NumberFormat {
            while at < code.count, code[at] != UInt8(ascii: ";") { step() }
            // An m beside hours or seconds means minutes.
            if isElapsed { return .elapsed }
            if hasDay || hasMonth && !hasTime { return .date }
            return hasTime ? .time : .number
        }

        private mutating func step() {
            if skip("general") || skip("am/pm") || skip("a/p") { return }
            switch code[at] {
            case UInt8(ascii: "\""): skipTo(UInt8(ascii: "\""))
            case UInt8(ascii: "["): bracket()
            case UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*"): at += 2
            case UInt8(ascii: "e"):
                // 0.00E+00 is scientific, e alone a year.
                let next = at + 1 < code.count ? code[at + 1] : 0
                if next != UInt8(ascii: "+"), next != UInt8(ascii: "-") { hasDay = true }
                at += 1
            case UInt8(ascii: "y"), UInt8(ascii: "d"), UInt8(ascii: "g"):
                hasDay = true
                at += 1
            case UInt8(ascii: "m"):
                hasMonth = true
                at += 1
            case UInt8(ascii: "h"), UInt8(ascii: "s"):
                hasTime = true
                at += 1
            default: at += 1
            }
        }

        private mutating func skip(_ word: String) -> Bool {
            guard code[at...].starts(with: word.utf8) else { return false }
            at += word.utf8.count
            return true
        }

        private mutating func skipTo(_ mark: UInt8) {
            at += 1
            while at < code.count, code[at] != mark { at += 1 }
            at += 1
        }

        /// A colour, a condition, a language; or `[h]`, `[mm]`, `[ss]`: hours and the like that go on beyond a day.
        private mutating func bracket() {
            let start = at + 1
            skipTo(UInt8(ascii: "]"))
            let inner = code[min(start, code.count)..<max(min(at - 1, code.count), min(start, code.count))]
            if let first = inner.first, "hms".utf8.contains(first), inner.allSatisfy({ $0 == first }) {
                isElapsed = true
            }
        }
    }
}
