import Crypto
import Synchronization
import Testing

@testable import Bureau

@Suite("DESIGN.md 8: nonces, keys and salts come from outside, each byte once")
struct EntropyPoolTests {
    /// A source that counts: every byte it gives can be told from the others.
    private final class Counting: Sendable {
        private let next = Mutex<UInt8>(1)

        func bytes(_ count: Int) -> [UInt8] {
            next.withLock { next in
                (0..<count).map { _ in
                    defer { next = next == 255 ? 1 : next + 1 }
                    return next
                }
            }
        }
    }

    private func pool(page: Int) -> EntropyPool {
        let source = Counting()
        return EntropyPool(Entropy { source.bytes($0) }, page: page)
    }

    @Test func everyByteIsHandedOutOnce() throws {
        let pool = pool(page: 40)
        let first = try pool.bytes(16)
        let nonce = try pool.nonce()
        let last = try pool.bytes(12)
        #expect(first == [UInt8](1...16))
        let middle =
            withUnsafeBytes(of: nonce.head) { [UInt8]($0) } + withUnsafeBytes(of: nonce.tail) { [UInt8]($0) }
        #expect(middle == [UInt8](17...28))
        #expect(last == [UInt8](29...40))
        // The page is used up: the next comes from a new one.
        #expect(try pool.bytes(2) == [41, 42])
    }

    /// What is left of a page is too little: it is dropped, never joined with the next.
    @Test func aPieceComesFromOnePage() throws {
        let pool = pool(page: 20)
        #expect(try pool.bytes(16) == [UInt8](1...16))
        #expect(try pool.bytes(16) == [UInt8](21...36))
        #expect(try pool.bytes(30) == [UInt8](41...70), "more than a page is drawn at once")
    }

    @Test func whatWasHandedOutIsWiped() throws {
        let pool = pool(page: 32)
        _ = try pool.bytes(16)
        _ = try pool.nonce()
        #expect(pool.held == [UInt8](repeating: 0, count: 28) + [29, 30, 31, 32])
    }

    @Test func aSourceThatGivesTooLittleIsAnError() {
        let pool = EntropyPool(Entropy { [UInt8](repeating: 1, count: $0 - 1) }, page: 64)
        #expect(throws: CryptoError.self) { try pool.bytes(16) }
        #expect(throws: CryptoError.self) { try pool.nonce() }
    }
}
