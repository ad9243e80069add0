/// A decimal number as typed, digit by digit: no binary fraction comes between what was written and what is counted.
struct DecimalText: Hashable {
    private(set) var isNegative = false
    /// Significant digits, 0–9, without leading zeros; empty for zero.
    private(set) var digits: [UInt8] = []
    /// The value is 0.d₁d₂… × 10^point.
    private(set) var point = 0

    /// Digits kept: more are no number anybody counts.
    private static let mostDigits = 40
    /// Precision of a spreadsheet's binary numbers.
    private static let spreadsheetDigits = 15

    /// `1,234.50`, `-3`, `4.21303E+17`, `.5`; nil for anything else. A comma parts groups of three digits or is none.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
            isNegative = rest.removeFirst() == UInt8(ascii: "-")
        }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }) {
            guard let value = Self.exponent(rest[(mark + 1)...]) else { return nil }
            exponent = value
            rest = rest[..<mark]
        }
        guard let parts = Self.wholeAndFraction(rest) else { return nil }
        let all = parts.whole + parts.fraction
        guard !all.isEmpty, all.count <= Self.mostDigits else { return nil }
        let zeros = all.prefix { $0 == 0 }.count
        digits = Array(all.dropFirst(zeros))
        point = parts.whole.count - zeros + exponent
        dropTrailingZeros()
    }

    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        var isNegative = false
        if let first = rest.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            isNegative = rest.removeFirst() == UInt8(ascii: "-")
        }
        guard (1...3).contains(rest.count), rest.allSatisfy(isDigit) else { return nil }
        let value = rest.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return isNegative ? -value : value
    }

    private static func wholeAndFraction(_ text: ArraySlice<UInt8>) -> (whole: [UInt8], fraction: [UInt8])? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : []
        guard fraction.allSatisfy(isDigit) else { return nil }
        let groups = parts[0].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard groups.allSatisfy({ $0.allSatisfy(isDigit) }) else { return nil }
        if groups.count > 1 {
            guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 }) else {
                return nil
            }
        }
        return (groups.flatMap { $0.map { $0 - 0x30 } }, fraction.map { $0 - 0x30 })
    }

    private mutating func dropTrailingZeros() {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { (point, isNegative) = (0, false) }
    }

    /// Rounded to what a spreadsheet's number is precise to: `0.30000000000000004` → `0.3`.
    var roundedLikeSpreadsheets: DecimalText {
        guard digits.count > Self.spreadsheetDigits else { return self }
        var rounded = self
        let isUp = digits[Self.spreadsheetDigits] >= 5
        rounded.digits = Array(digits[..<Self.spreadsheetDigits])
        var index = Self.spreadsheetDigits - 1
        var carry = isUp
        while carry, index >= 0 {
            carry = rounded.digits[index] == 9
            rounded.digits[index] = carry ? 0 : rounded.digits[index] + 1
            index -= 1
        }
        if carry {
            rounded.digits.insert(1, at: 0)
            rounded.point += 1
        }
        rounded.dropTrailingZeros()
        return rounded
    }

    /// Places behind the point.
    var places: Int { max(0, digits.count - point) }

    /// The value × 10^`power` as a whole number; nil when that is none, or does not fit.
    func scaled(by power: Int) -> Int64? {
        let length = point + power
        guard digits.count <= max(0, length), length <= 19 || digits.isEmpty else {
            return digits.isEmpty ? 0 : nil
        }
        var value: Int64 = 0
        for index in 0..<max(0, length) {
            let digit = index < digits.count ? Int64(digits[index]) : 0
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }
}
