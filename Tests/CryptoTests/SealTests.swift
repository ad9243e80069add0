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

    @Test("random bytes differ")
    func random() throws {
        #expect(try RandomBytes.make(16) != RandomBytes.make(16))
        #expect(try RandomBytes.make(0) == [])
    }
}
