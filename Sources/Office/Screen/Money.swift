/// Amounts: typed and shown in 元 with two decimals, kept in integer 分.
package enum Money {
    /// `1250.5` → 125050. Nil for anything that is no amount: signs, more than two decimals, more than fits.
    package static func fen(_ typed: String) -> Int64? {
        let parts = typed.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let yuan = digits(parts[0]) else { return nil }
        var cents: Int64 = 0
        if parts.count == 2 {
            guard (1...2).contains(parts[1].utf8.count), let value = digits(parts[1]) else { return nil }
            cents = parts[1].utf8.count == 1 ? value * 10 : value
        }
        let (product, overflow) = yuan.multipliedReportingOverflow(by: 100)
        let (sum, carry) = product.addingReportingOverflow(cents)
        return overflow || carry ? nil : sum
    }

    /// `-1,250.50` is written `-1250.50`: it can be typed again as it is shown.
    package static func text(_ fen: Int64) -> String {
        let (yuan, cents) = fen.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(fen < 0 ? "-" : "")\(yuan).\(cents < 10 ? "0" : "")\(cents)"
    }

    private static func digits(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}
