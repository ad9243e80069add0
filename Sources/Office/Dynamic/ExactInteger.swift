/// An integer as it was typed, without the roundings of floating point.
struct ExactInteger {
    private let isNegative: Bool
    /// Nil: beyond every type.
    private let magnitude: UInt64?

    /// Digits of the largest 64-bit integer: more are out of range.
    private static let mostDigits = 20

    /// Digits with or without a minus, no leading zero: how integers are written in quotes.
    init?(digits text: String) {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard text.utf8.count - digits.count <= 1, !digits.isEmpty, digits.allSatisfy(Self.isDigit),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        self.init(text)
    }

    /// A number of JSON, e.g. `1`, `1.0`, `12e2`; nil when it is no integer.
    init?(_ text: String) {
        isNegative = text.hasPrefix("-")
        let parts = text.lowercased().split(separator: "e", maxSplits: 1)
        let mantissa = (parts.first ?? "").drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = Array(((mantissa.first ?? "") + fraction).utf8).drop { $0 == UInt8(ascii: "0") }
        if all.isEmpty {
            magnitude = 0
            return
        }
        // An exponent beyond Int is far outside on one side or the other.
        let typed = parts.count > 1 ? Int(parts[1]) ?? (parts[1].hasPrefix("-") ? -1_000_000 : 1_000_000) : 0
        let exponent = max(-1_000_000, min(1_000_000, typed)) - fraction.utf8.count
        guard let digits = Self.shifted(Array(all), by: exponent) else { return nil }
        magnitude = digits.count > Self.mostDigits ? nil : UInt64(String(decoding: digits, as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Digits times ten to the power; nil when something is left behind the point.
    private static func shifted(_ digits: [UInt8], by power: Int) -> [UInt8]? {
        if power >= 0 {
            return digits + [UInt8](repeating: UInt8(ascii: "0"), count: min(power, mostDigits + 1))
        }
        let cut = min(-power, digits.count)
        guard -power < digits.count, digits.suffix(cut).allSatisfy({ $0 == UInt8(ascii: "0") }) else {
            return nil
        }
        return digits.dropLast(cut)
    }

    func value<Number: FixedWidthInteger>(as type: Number.Type) -> Number? {
        guard let magnitude else { return nil }
        if !isNegative { return Number(exactly: magnitude) }
        if magnitude == 0 { return 0 }
        let (value, overflow) = Int64(0).subtractingReportingOverflow(Int64(truncatingIfNeeded: magnitude))
        if magnitude == 1 << 63 { return Number(exactly: Int64.min) }
        return overflow || magnitude > 1 << 63 ? nil : Number(exactly: value)
    }
}
