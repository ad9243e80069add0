/// What is compared by hand between a disc and its sheet: the first 50 bits of the package's digest as ten symbols of Crockford's base 32, and
/// one that checks them as `ReferenceCode` does. `7K3FQ-2MX8A-C`.
package struct PackageCode: Sendable, Hashable {
    package let text: String

    private static let symbols = 10

    /// - Parameter digest: of the manifest, 32 bytes.
    package init(_ digest: [UInt8]) {
        let bits = digest.prefix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 6
        let digits = (0..<Self.symbols).map { UInt8(truncatingIfNeeded: bits >> UInt64(45 - 5 * $0)) & 31 }
        let all = (digits + [ReferenceCode.check(digits[...])]).map {
            Character(Unicode.Scalar(ReferenceCode.alphabet[Int($0)]))
        }
        text = [all[..<5], all[5..<10], all[10...]].map { String($0) }.joined(separator: "-")
    }

    /// Whether this is what somebody read out or typed: either case, O for 0, I and L for 1, hyphens and spaces anywhere.
    package func isSpelled(_ typed: String) -> Bool {
        func folded(_ text: String) -> [UInt8?] {
            foldedFullWidth(text).utf8.filter { $0 != 0x2D && $0 != 0x20 }.map(ReferenceCode.digit)
        }
        let read = folded(typed)
        return read == folded(text) && !read.contains(nil)
    }
}
