import Metrics
import TestSupport
import Testing

@Suite("Operating: histograms in fixed buckets")
struct HistogramTests {
    @Test("a value at a bound counts below it, one more above it")
    func bounds() {
        for scale in [Scale.latency, .sync, .groupRecords] {
            for (index, bound) in scale.bounds.enumerated() {
                var histogram = Histogram(scale)
                histogram.add(Int64(bound))
                #expect(histogram.counts[index] == 1, "\(bound)")
                histogram.add(Int64(bound) + 1)
                #expect(histogram.counts[index + 1] == 1, "\(bound)")
                #expect(histogram.count == 2 && histogram.sum == 2 * bound + 1)
            }
            #expect(zip(scale.bounds, scale.bounds.dropFirst()).allSatisfy { $0 < $1 && $1 <= 5 * $0 })
        }
        #expect(Scale.latency.bounds.first == 50_000 && Scale.latency.bounds.last == 10_000_000_000)
        #expect(Scale.groupRecords.bounds.last == 4096)
    }

    @Test("whatever is observed, no bucket is missed and nothing traps")
    func extremes() {
        var histogram = Histogram(.latency)
        for value in [Int64.min, -1, 0, 1, .max] { histogram.add(value) }
        #expect(histogram.count == 5 && histogram.counts.first == 4 && histogram.counts.last == 1)
        histogram.add(.max)
        histogram.add(.max)
        #expect(histogram.count == 7)
    }

    @Test("two owners' counts add up to what one would have counted; another scale is not taken")
    func adding() {
        var numbers = SplitMix64(seed: 21)
        var (one, two, both) = (Histogram(.sync), Histogram(.sync), Histogram(.sync))
        for turn in 0..<1_000 {
            let value = Int64(numbers.next() % 20_000_000_000)
            if turn % 3 == 0 { one.add(value) } else { two.add(value) }
            both.add(value)
        }
        one.add(two)
        #expect(one == both)
        one.add(Histogram(.latency))
        #expect(one == both)
    }
}
