/// What sender and receiver compare of a batch: rows, bytes of the canonical rows, and the sum of each sum field.
package struct ControlTotals: Sendable, Hashable {
    package private(set) var rows: UInt64 = 0
    package private(set) var bytes: UInt64 = 0
    /// 分, or units of a number's last place.
    package private(set) var sums: [Int64]
    /// A sum has left what 64 bits hold; it takes nine million rows of the largest number, and the batch is refused.
    package private(set) var hasOverflowed = false

    package init(sums: Int) { self.sums = Array(repeating: 0, count: sums) }

    package mutating func add(rowBytes: Int, sums more: [Int64]) {
        rows &+= 1
        bytes &+= UInt64(clamping: rowBytes)
        for (index, value) in more.enumerated() where index < sums.count {
            let (sum, overflow) = sums[index].addingReportingOverflow(value)
            sums[index] = sum
            hasOverflowed = hasOverflowed || overflow
        }
    }
}
