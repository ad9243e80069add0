/// The fixed buckets of a histogram. Fixed, so that figures of two servers, or of a year ago, can be added and compared.
package struct Scale: Sendable, Hashable {
    /// Upper bounds, inclusive, growing; in the unit that is observed.
    package let bounds: [UInt64]
    /// How many observed units make one of the unit that is told: 10⁹ where nanoseconds are told as seconds.
    package let unit: UInt64

    package init(_ bounds: [UInt64], unit: UInt64) {
        self.bounds = bounds
        self.unit = unit
    }

    /// Nanoseconds of a call, 50 µs to 10 s in steps of about two: below lies nothing that touches a disk, above nobody waits.
    package static let latency = Scale(
        Array(decades(10_000, 6).dropFirst(2)) + [10_000_000_000], unit: 1_000_000_000)
    /// Nanoseconds of a sync, 10 µs to 10 s: a good disk syncs in 50 µs, one that is dying in seconds.
    package static let sync = Scale(decades(10_000, 6) + [10_000_000_000], unit: 1_000_000_000)
    /// Records of a commit group, 1 to 4096, which is the most a group holds.
    package static let groupRecords = Scale((0...12).map { 1 << UInt64($0) }, unit: 1)

    /// 1, 2 and 5 times each power of ten, from `first` on.
    private static func decades(_ first: UInt64, _ count: Int) -> [UInt64] {
        var (bounds, power): ([UInt64], UInt64) = ([], first)
        for _ in 0..<count {
            bounds += [power, 2 * power, 5 * power]
            power *= 10
        }
        return bounds
    }
}

/// Observations in fixed buckets. A plain value: the thread that owns it adds without a lock, and a copy of it crosses.
package struct Histogram: Sendable, Hashable {
    package let scale: Scale
    /// Observations of each bucket alone, the last one above every bound.
    package private(set) var counts: [UInt64]
    /// Of everything observed, in its unit; wraps around after 584 years of nanoseconds.
    package private(set) var sum: UInt64 = 0

    package init(_ scale: Scale) {
        self.scale = scale
        counts = Array(repeating: 0, count: scale.bounds.count + 1)
    }

    /// All observations.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// One more. What is below zero (a clock asked twice) counts as zero.
    package mutating func add(_ value: Int64) {
        let value = UInt64(max(value, 0))
        var bucket = 0
        // A dozen bounds, and most calls stop at the third: cheaper than halving.
        while bucket < scale.bounds.count, value > scale.bounds[bucket] { bucket += 1 }
        counts[bucket] &+= 1
        sum &+= value
    }

    /// Adds what another owner has counted. Both must have one scale; of another nothing is taken.
    package mutating func add(_ other: Histogram) {
        guard other.scale == scale else { return }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sum &+= other.sum
    }
}
