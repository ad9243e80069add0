import Crypto
import Schema
import TestSupport
import Testing

@testable import Office

/// Every truncation, every flipped bit, members swapped, dropped, repeated. A tenth in `make test`, by a seeded choice; all of it in
/// `make soak`.
@Suite("PACKAGE.md 3 conditions: a package damaged anywhere is refused before its content is opened")
struct PackageDamageTests {
    private let sample: PackageSample
    private let bytes: [UInt8]
    private let trust: PackageTrust

    init() throws {
        sample = try PackageSample()
        bytes = try sample.make(sample.items([30 << 10, 36 << 10])).bytes
        trust = try sample.trust()
        print(
            "seed \(PackageSample.seed), \(bytes.count) bytes (TWOLISTS_SEED, TWOLISTS_SOAK=1 for every byte)"
        )
    }

    private func isRefused(_ damaged: [UInt8]) -> Bool {
        (try? VerifiedPackage.verify(damaged, trust)) == nil
    }

    private func chosen(_ count: Int) -> [Int] {
        var random = SplitMix64(seed: PackageSample.seed)
        return (0..<count).filter { _ in PackageSample.isSoak || random.next() % 10 == 0 }
    }

    @Test("the package itself is good, and at least 64 KiB")
    func whole() {
        #expect(!isRefused(bytes))
        #expect(bytes.count >= 64 << 10)
    }

    @Test("truncated at every byte, and longer by some")
    func truncated() {
        for length in chosen(bytes.count) where !isRefused([UInt8](bytes.prefix(length))) {
            Issue.record("\(length) bytes of \(bytes.count) are taken")
        }
        for more in [1, 511, 512, 513, 1024, 10_240] {
            #expect(isRefused(bytes + [UInt8](repeating: 0, count: more)))
            #expect(isRefused([UInt8](repeating: 0, count: more) + bytes))
        }
    }

    @Test("one bit flipped in every byte, all eight in manifest and signature")
    func flipped() {
        var random = SplitMix64(seed: PackageSample.seed)
        let both = members(of: bytes).prefix(2).joined().count
        var damaged = bytes
        for place in chosen(bytes.count) {
            let bits = place < both ? Array(0..<8) : [Int(random.next() % 8)]
            for bit in bits {
                damaged[place] ^= 1 << bit
                if !isRefused(damaged) { Issue.record("bit \(bit) of byte \(place) may be flipped") }
                damaged[place] = bytes[place]
            }
        }
    }

    @Test("any two members swapped, one dropped, one repeated")
    func rearranged() throws {
        let large = try sample.make(sample.items([700 << 10])).bytes
        for package in [bytes, large] {
            let blocks = members(of: package)
            #expect(blocks.joined().count + UstarHeader.end.count == package.count)
            func join(_ blocks: [[UInt8]]) -> [UInt8] { Array(blocks.joined()) + UstarHeader.end }
            #expect(!isRefused(join(blocks)))
            for i in blocks.indices {
                var dropped = blocks
                dropped.remove(at: i)
                #expect(isRefused(join(dropped)), "without member \(i)")
                for j in blocks.indices {
                    var repeated = blocks
                    repeated.insert(blocks[i], at: j)
                    #expect(isRefused(join(repeated)), "member \(i) again at \(j)")
                    guard i < j else { continue }
                    var swapped = blocks
                    swapped.swapAt(i, j)
                    #expect(isRefused(join(swapped)), "members \(i) and \(j) swapped")
                }
            }
        }
    }

    /// Of one sender, so every member is good by itself.
    @Test("members of two packages do not mix")
    func mixed() throws {
        let other = try sample.make(
            sample.items([30 << 10, 36 << 10]), sample.draft(number: 2, previous: .zero)
        ).bytes
        let (mine, theirs) = (members(of: bytes), members(of: other))
        for index in mine.indices {
            var blocks = mine
            blocks[index] = theirs[index]
            #expect(isRefused(Array(blocks.joined()) + UstarHeader.end), "member \(index)")
        }
    }
}
