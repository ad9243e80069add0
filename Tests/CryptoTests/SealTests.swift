import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 8 sealed bytes: AES-256-GCM")
struct SealTests {
    private let nonce = [UInt8](repeating: 7, count: 12)

    @Test("NIST GCM test case 16 (AES-256, additional data)")
    func vector() throws {
        let key = try SealKey(
            bytes: try #require(
                Hex.decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")))
        let plain = try #require(
            Hex.decode(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                    + "b16aedf5aa0de657ba637b39"))
        let nonce = try #require(Hex.decode("cafebabefacedbaddecaf888"))
        let aad = try #require(Hex.decode("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let sealed = try key.seal(plain, nonce: nonce, aad: aad)
        #expect(
            Hex.encode(sealed)
                == "cafebabefacedbaddecaf888"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(try key.open(sealed, aad: aad) == plain)
    }

    @Test("opens what it sealed, at lengths 0 to 100 and with and without additional data")
    func roundTrip() throws {
        let key = try SealKey.generate()
        var random = SplitMix64(seed: 3)
        for length in 0...100 {
            let (plain, aad) = (random.bytes(length), random.bytes(length % 5))
            let sealed = try key.seal(plain, nonce: random.bytes(12), aad: aad)
            #expect(sealed.count == length + Sealed.overhead)
            #expect(try key.open(sealed, aad: aad) == plain)
        }
    }

    @Test("every flipped bit, every cut, other additional data and another key are tampering")
    func tampering() throws {
        let key = try SealKey.generate()
        let sealed = try key.seal([1, 2, 3], nonce: nonce, aad: [9])
        for bit in 0..<(sealed.count * 8) {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CryptoError.tampered) { try key.open(changed, aad: [9]) }
        }
        for count in 0..<sealed.count {
            #expect(throws: CryptoError.tampered) { try key.open(Array(sealed.prefix(count)), aad: [9]) }
        }
        #expect(throws: CryptoError.tampered) { try key.open(sealed, aad: []) }
        let other = try SealKey.generate()
        #expect(throws: CryptoError.tampered) { try other.open(sealed, aad: [9]) }
    }

    @Test("key of 31 or 33 bytes, nonce of 11 or 13, plaintext above the limit: named errors")
    func lengths() throws {
        for count in [0, 31, 33] {
            #expect(throws: CryptoError.wrongLength(what: "seal key", expected: 32, found: count)) {
                try SealKey(bytes: [UInt8](repeating: 0, count: count))
            }
        }
        let key = try SealKey.generate()
        for count in [11, 13] {
            #expect(throws: CryptoError.wrongLength(what: "nonce", expected: 12, found: count)) {
                try key.seal([], nonce: [UInt8](repeating: 0, count: count), aad: [])
            }
        }
        let limit = Sealed.plaintextLimit
        let most = try key.seal([UInt8](repeating: 1, count: limit), nonce: nonce, aad: [])
        #expect(most.count == limit + Sealed.overhead)
        #expect(throws: CryptoError.tooLong(what: "plaintext", limit: limit, found: limit + 1)) {
            try key.seal([UInt8](repeating: 1, count: limit + 1), nonce: nonce, aad: [])
        }
    }

    @Test("a destroyed key seals and opens nothing")
    func destroyed() throws {
        let key = try SealKey.generate()
        let sealed = try key.seal([1], nonce: nonce, aad: [])
        key.destroy()
        #expect(throws: CryptoError.keyDestroyed) { try key.open(sealed, aad: []) }
        #expect(throws: CryptoError.keyDestroyed) { try key.seal([1], nonce: nonce, aad: []) }
        #expect("\(key)" == "SealKey(…)")
    }

    @Test("a wrapped key opens what the key sealed; wrapped for another subject it does not unwrap")
    func wrapping() throws {
        let (master, key) = (try SealKey.generate(), try SealKey.generate())
        let wrapped = try master.wrap(key, nonce: nonce, aad: [1])
        let sealed = try key.seal([5, 6], nonce: nonce, aad: [])
        #expect(try master.unwrap(wrapped, aad: [1]).open(sealed, aad: []) == [5, 6])
        #expect(throws: CryptoError.tampered) { try master.unwrap(wrapped, aad: [2]) }
    }

    /// `sealing` keeps its context from one key to the next on a thread: each set-up must take the key it was given.
    @Test("several seals under one set-up are what single ones are, whatever key the thread had before")
    func sealing() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let keys = try (0..<3).map { _ in try SealKey(bytes: random.bytes(SealKey.length)) }
        for round in 0..<12 {
            let key = keys[round % 3 == 2 ? Int(random.next() % 3) : round % 3]
            let parts = (0..<3).map { _ in (random.bytes(Int(random.next() % 50)), random.bytes(12)) }
            let aad = random.bytes(Int(random.next() % 30))
            _ = try key.sealing { sealing in
                for (plain, nonce) in parts {
                    #expect(
                        seal(plain, sealing, aad, nonce) == (try? key.seal(plain, nonce: nonce, aad: aad)),
                        "seed \(seed), round \(round)")
                }
                return []
            }
        }
    }

    private func seal(
        _ plain: [UInt8], _ sealing: borrowing Sealing, _ aad: [UInt8], _ nonce: [UInt8]
    ) -> [UInt8]? {
        let value = nonce.withUnsafeBytes {
            Nonce(
                head: $0.loadUnaligned(as: UInt64.self),
                tail: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        }
        return plain.withUnsafeBytes { plain in
            aad.withUnsafeBytes { sealing.seal(plain, aad: $0, nonce: value) }
        }
    }

    @Test("one set-up at a time on a thread, and none of a destroyed key")
    func oneSealing() throws {
        let (key, other) = (try SealKey.generate(), try SealKey.generate())
        let answer = try key.sealing { (_) throws(CryptoError) in
            #expect(throws: CryptoError.self) { try other.sealing { _ in [] } }
            return [1]
        }
        #expect(answer == [1])
        #expect(try other.sealing { _ in [2] } == [2])
        other.destroy()
        #expect(throws: CryptoError.keyDestroyed) { try other.sealing { _ in [] } }
    }

    @Test("random bytes differ")
    func random() throws {
        #expect(try RandomBytes.make(16) != RandomBytes.make(16))
        #expect(try RandomBytes.make(0) == [])
    }
}
