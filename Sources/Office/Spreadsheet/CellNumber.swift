/// A number in a cell, by its decimal text: nothing here goes through a binary fraction.
package struct CellNumber: Sendable, Hashable {
    /// As the file has it: `-?[0-9]*(\.[0-9]*)?([eE][+-]?[0-9]+)?`, at least one digit, at most `longest` bytes.
    package let written: String
    private let isNegative: Bool
    /// Digits without zeros before or behind; empty: zero.
    private let digits: [UInt8]
    /// How many of `digits` lie before the point; may be negative or beyond their count.
    private let point: Int

    /// A Double takes 24, a 64-bit integer 20; other programs write more digits than they know.
    static let longest = 64
    /// The digits that Excel keeps, and shows.
    private static let kept = 15

    /// Nil: no number. Exponents beyond ±400 are none either (a Double ends at 308).
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        self.init(bytes: Array(text.utf8), text)
    }

    private init?(bytes: [UInt8], _ text: String) {
        var (at, digits, point, hasPoint) = (0, [UInt8](), 0, false)
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { at = 1 }
        let start = at
        while at < bytes.count {
            if (0x30...0x39).contains(bytes[at]) {
                digits.append(bytes[at] - 0x30)
                if !hasPoint { point += 1 }
            } else if bytes[at] == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            at += 1
        }
        guard !digits.isEmpty, at > start, let exponent = Self.exponent(bytes[at...]) else { return nil }
        point += exponent
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        point -= zeros
        while digits.last == 0 { digits.removeLast() }
        written = text
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.point = digits.isEmpty ? 0 : point
    }

    /// Empty: 0; nil: malformed or too large.
    private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let mark = bytes.first else { return 0 }
        guard mark | 0x20 == UInt8(ascii: "e") else { return nil }
        var rest = bytes.dropFirst()
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.count <= 6, rest.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let value = rest.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        return value <= 400 ? (isNegative ? -value : value) : nil
    }

    /// True when the number has more digits before the point than Excel keeps: what was typed there as 18 digits has lost its last three.
    package var mayHaveLostDigits: Bool { point > Self.kept }

    /// Decimal text without an exponent. A fraction beyond Excel's fifteen digits is rounded to them (half away from zero), as Excel
    /// shows it: 1.1 is written as 1.1000000000000001 there, and 0.1+0.2 as 0.30000000000000004.
    package var plain: String {
        let (digits, point) = rounded
        guard !digits.isEmpty else { return "0" }
        var text = isNegative ? "-" : ""
        if point <= 0 {
            text += "0." + String(repeating: "0", count: -point)
        }
        for (place, digit) in digits.enumerated() {
            if place == point, place > 0 { text += "." }
            text += String(digit)
        }
        if point > digits.count { text += String(repeating: "0", count: point - digits.count) }
        return text
    }

    private var rounded: (digits: [UInt8], point: Int) {
        guard digits.count > max(Self.kept, point) else { return (digits, point) }
        let count = max(Self.kept, point)
        var (kept, point) = (Array(digits[..<count]), point)
        if digits[count] >= 5 {
            var at = count - 1
            while at >= 0, kept[at] == 9 {
                kept[at] = 0
                at -= 1
            }
            if at >= 0 {
                kept[at] += 1
            } else {
                kept.insert(1, at: 0)
                point += 1
            }
        }
        while kept.last == 0 { kept.removeLast() }
        return (kept, point)
    }

    /// The number as whole seconds when it counts days (rounded); nil beyond ±10,000,000 days.
    var daysAsSeconds: Int? {
        guard let days = Double(written), days.magnitude < 10_000_000 else { return nil }
        return Int((days * 86_400).rounded())
    }
}
