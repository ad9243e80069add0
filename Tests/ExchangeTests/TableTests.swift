import TestSupport
import Testing

@testable import Exchange

/// The two tables everything else stands on, against the plain ones of the standard library.
@Suite("Tables that grow in small steps")
struct TableTests {
    private struct Key: ShardKey {
        var number: UInt64
        /// Few hashes, so that keys meet.
        var shardBits: (high: UInt64, low: UInt64) { (0, number & 3) }
    }

    /// Few keys and many steps: most of them meet a key that is there.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func aShardedTableIsADictionary(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = ShardedTable<Key, UInt64>()
        var model: [Key: UInt64] = [:]
        for step in 0..<UInt64(4_000) {
            let key = Key(number: random.next() % 40)
            #expect((0...1).contains(table.warm(key)))  // of no meaning, at any time and size
            switch random.next() % 4 {
            case 0:
                table[key] = step
                model[key] = step
            case 1:
                table[key] = nil
                model[key] = nil
            default:
                let isNew = model[key] == nil
                #expect(table.insert(step, for: key) == isNew, "seed \(seed), step \(step)")
                if isNew { model[key] = step }
            }
            #expect(table[key] == model[key], "seed \(seed), step \(step)")
            #expect(table.count == model.count, "seed \(seed), step \(step)")
        }
    }

    @Test func aChunkedArrayIsAnArray() {
        var chunked = ChunkedArray<Int>()
        let length = 3 * ChunkedArray<Int>.length
        for number in 0..<(length + 1) { chunked.append(number) }
        #expect(chunked.count == length + 1)
        #expect(chunked.elementsEqual(0...length))
        chunked[length / 2] = -1
        #expect(chunked[length / 2] == -1 && chunked[length / 2 + 1] == length / 2 + 1)
    }

    /// What lies at or behind the index stays; chunks wholly before it are given back, no more and no fewer.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func aChunkedArrayForgetsWhatWasReleased(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let length = ChunkedArray<Int>.length
        var array = ChunkedArray<Int>()
        var head = 0
        for _ in 0..<60 {
            for _ in 0..<(random.next() % 200) { array.append(array.count * 3) }
            head = min(array.count, head + Int(random.next() % 180))
            array.release(before: head)
            let given = array.chunks.prefix { $0.isEmpty }.count
            #expect(given == min(head / length, array.chunks.count), "seed \(seed), head \(head)")
            guard given * length <= head else { return }
            for index in head..<array.count { #expect(array[index] == index * 3, "seed \(seed)") }
        }
        #expect(head > 4 * length, "enough was released to mean anything")
    }
}
