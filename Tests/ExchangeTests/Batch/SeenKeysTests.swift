import TestSupport
import Testing

@testable import Exchange

@Suite("BATCH.md 4: a key that an earlier row of the batch has, in batches of any size")
struct SeenKeysTests {
    /// A file in memory that counts what it is asked.
    private final class Pages: KeyRunFile {
        var bytes: [UInt8] = []
        var reads = 0
        var refuses = false

        func append(_ more: [UInt8], at offset: Int) throws(KeyRunsFailed) {
            guard !refuses else { throw KeyRunsFailed("full") }
            #expect(offset == bytes.count)
            bytes += more
        }

        func read(_ count: Int, at offset: Int) throws(KeyRunsFailed) -> [UInt8] {
            reads += 1
            return Array(bytes[offset..<min(offset + count, bytes.count)])
        }
    }

    private func print(_ number: Int) -> UInt64 { KeyPrinter(secret: 7).print(Array("\(number)".utf8)) }

    @Test(
        "held in memory up to the limit; one more, and all of them lie in the file; each repeat is told its first row"
    )
    func limit() throws {
        let pages = Pages()
        var seen = SeenKeys(pages, held: 100)
        for row in 1...100 { #expect(try seen.row(of: print(row), at: row) == nil) }
        #expect(pages.bytes.isEmpty)
        #expect(try seen.row(of: print(101), at: 101) == nil)
        #expect(pages.bytes.count == 100 * 12)
        for row in 1...101 { #expect(try seen.row(of: print(row), at: 500 + row) == row) }
        // A key that repeats is not another one.
        #expect(pages.bytes.count == 100 * 12)
    }

    @Test("at the limit of the server and one beyond, at the same rows as a table of all keys")
    func realLimit() throws {
        let pages = Pages()
        var seen = SeenKeys(pages)
        for row in 1...BatchLimits.keysHeld { _ = try seen.row(of: print(row), at: row) }
        #expect(pages.bytes.isEmpty)
        #expect(try seen.row(of: print(5), at: 131_073) == 5)
        #expect(pages.bytes.isEmpty)
        _ = try seen.row(of: print(-1), at: 131_074)
        #expect(pages.bytes.count == BatchLimits.keysHeld * 12)
        #expect(try seen.row(of: print(5), at: 131_075) == 5)
        #expect(try seen.row(of: print(131_072), at: 131_076) == 131_072)
        #expect(try seen.row(of: print(-1), at: 131_077) == 131_074)
    }

    @Test("any order, many runs: what a dictionary would say", arguments: [1, 2, 3] as [UInt64])
    func model(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pages = Pages()
        var seen = SeenKeys(pages, held: 700)
        var model: [Int: Int] = [:]
        for row in 1...20_000 {
            let key = Int(random.next() % 12_000)
            #expect(try seen.row(of: print(key), at: row) == model[key], "seed \(seed) row \(row)")
            if model[key] == nil { model[key] = row }
        }
        #expect(pages.bytes.count / 12 / 700 >= 10)
    }

    @Test("a key that was never there costs a read of the file once in many times only")
    func reads() throws {
        let pages = Pages()
        var seen = SeenKeys(pages, held: 1_000)
        for row in 1...1_001 { _ = try seen.row(of: print(row), at: row) }
        pages.reads = 0
        for row in 2_000..<2_900 { _ = try seen.row(of: print(row), at: row) }
        #expect(pages.reads < 100)
    }

    @Test("a file that cannot be written, or ends early, is an error and no answer")
    func failing() throws {
        let pages = Pages()
        var seen = SeenKeys(pages, held: 10)
        for row in 1...10 { _ = try seen.row(of: print(row), at: row) }
        pages.refuses = true
        #expect(throws: KeyRunsFailed.self) { try seen.row(of: print(11), at: 11) }
        pages.refuses = false
        #expect(try seen.row(of: print(11), at: 11) == nil)
        pages.bytes.removeLast(60)
        #expect(throws: KeyRunsFailed.self) {
            for row in 1...10 { _ = try seen.row(of: print(row), at: 20) }
        }
    }

    @Test("prints of one check tell nothing about those of another")
    func printers() {
        let key = Array("421321198501011234".utf8)
        #expect(KeyPrinter(secret: 1).print(key) == KeyPrinter(secret: 1).print(key))
        #expect(KeyPrinter(secret: 1).print(key) != KeyPrinter(secret: 2).print(key))
    }
}
