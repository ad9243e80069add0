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

/// Which keys of a batch were there before, and in which row: sixteen bytes a key, whatever its length, and never more than `capacity` of them.
package struct SeenKeys: Sendable {
    /// Keys remembered: nearly twice the largest register of practice, in four megabytes. Later repeats are found where the rows become a register.
    package static let capacity = 131_072
    private var hashes: [UInt64]
    private var rows: [Int]
    private var count = 0
    private let most: Int

    package init(capacity: Int = SeenKeys.capacity) {
        most = max(1, capacity)
        hashes = Array(repeating: 0, count: 16)
        rows = Array(repeating: 0, count: 16)
    }

    /// The row that had the key before; nil: none, and the key is remembered while there is room.
    package mutating func row(of key: [UInt8], at row: Int) -> Int? {
        var print = Fingerprint()
        for byte in key { print.absorb(byte) }
        let hash = max(1, print.mixed)
        let slot = slot(of: hash)
        if hashes[slot] == hash { return rows[slot] }
        guard count < most else { return nil }
        (hashes[slot], rows[slot]) = (hash, row)
        count += 1
        if count * 2 > hashes.count { grow() }
        return nil
    }

    private func slot(of hash: UInt64) -> Int {
        let mask = UInt64(hashes.count - 1)
        var slot = hash & mask
        while hashes[Int(slot)] != 0, hashes[Int(slot)] != hash { slot = (slot + 1) & mask }
        return Int(slot)
    }

    private mutating func grow() {
        let (old, oldRows) = (hashes, rows)
        hashes = Array(repeating: 0, count: old.count * 2)
        rows = Array(repeating: 0, count: old.count * 2)
        for (index, hash) in old.enumerated() where hash != 0 {
            let slot = slot(of: hash)
            (hashes[slot], rows[slot]) = (hash, oldRows[index])
        }
    }
}
