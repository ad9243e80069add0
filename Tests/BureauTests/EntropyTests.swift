import Crypto
import Synchronization
import TestSupport
import Testing

@testable import Bureau

/// Keys, salts and nonces come out of one pool: a byte given twice is a nonce used twice.
@Suite("DESIGN.md 8: every random byte is used once")
struct EntropyTests {
    /// A source that keeps what it gave.
    private final class Spring: Sendable {
        private let state: Mutex<(random: SplitMix64, pages: [[UInt8]])>

        init(seed: UInt64) { state = Mutex((SplitMix64(seed: seed), [])) }

        var pages: [[UInt8]] { state.withLock { $0.pages } }
        func draw(_ count: Int) -> [UInt8] {
            state.withLock { state in
                let page = state.random.bytes(count)
                state.pages.append(page)
                return page
            }
        }
    }

    private static let page = 256

    /// Drawn in mixed sizes, the pieces follow one another on their page; a piece that does not fit begins the next.
    @Test func piecesFollowOneAnother() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let spring = Spring(seed: seed)
        var pool = EntropyPool(Entropy { spring.draw($0) }, page: Self.page)
        var next = Self.page
        for draw in 0..<300 {
            let sizes = [Sealed.nonceLength, 16, SealKey.length]
            // Now and then one larger than a page.
            let count = draw % 50 == 7 ? Self.page + 1 : sizes[Int(random.next() % 3)]
            let piece = count == Sealed.nonceLength ? bytes(try pool.nonce()) : try pool.bytes(count)
            let held = spring.pages.last?.count ?? 0
            if next + count > Self.page || held > Self.page { next = 0 }
            let page = try #require(spring.pages.last)
            #expect(piece == Array(page[next..<(next + count)]), "seed \(seed), draw \(draw)")
            next += count
        }
    }

    private func bytes(_ nonce: Nonce) -> [UInt8] {
        withUnsafeBytes(of: nonce.head) { Array($0) } + withUnsafeBytes(of: nonce.tail) { Array($0) }
    }

    /// A key must not lie about in memory because its page does. The pool shows its page to nobody, so the test looks inside.
    @Test func whatWasGivenIsWiped() throws {
        let spring = Spring(seed: 5)
        var pool = EntropyPool(Entropy { spring.draw($0) }, page: Self.page)
        var given = 0
        for count in [SealKey.length, Sealed.nonceLength, 16] {
            _ = count == Sealed.nonceLength ? bytes(try pool.nonce()) : try pool.bytes(count)
            given += count
            let held: [UInt8] = pool.bytes
            #expect(held.prefix(given).allSatisfy { $0 == 0 })
            #expect(Array(held.dropFirst(given)) == Array(spring.pages[0].dropFirst(given)))
        }
    }

    @Test func aDrySourceIsAnError() throws {
        var pool = EntropyPool(Entropy { _ in nil }, page: Self.page)
        #expect(throws: CryptoError.self) { try pool.bytes(1) }
        var short = EntropyPool(Entropy { [UInt8](repeating: 1, count: $0 - 1) }, page: Self.page)
        #expect(throws: CryptoError.self) { try short.nonce() }
    }
}
