import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 7 digests: SHA-256 and SM3 by name")
struct DigestTests {
    @Test("FIPS 180-4 and GB/T 32905 vectors")
    func vectors() {
        let abc = [UInt8]("abc".utf8)
        #expect(
            Digest(of: abc).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Digest(of: abc, algorithm: .sm3).hex
                == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            Digest(of: million).hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("one-shot, prefixed and incremental agree at every length around the joined buffer")
    func agree() throws {
        var random = SplitMix64(seed: 11)
        for algorithm in DigestAlgorithm.allCases {
            let incremental = try IncrementalDigest(algorithm)
            for length in Array(0...70) + Array(250...260) + [1000, 5000] {
                let bytes = random.bytes(length)
                incremental.update(bytes.prefix(length / 3))
                incremental.update(bytes.dropFirst(length / 3))
                #expect(incremental.finish() == Digest(of: bytes, algorithm: algorithm))
                let leaf = MerkleHasher(algorithm).leaf(bytes)
                #expect(leaf == Digest(of: [0] + bytes, algorithm: algorithm))
            }
        }
    }

    @Test("a node is H(1, left, right)")
    func node() {
        let (a, b) = (Digest(of: [1]), Digest(of: [2]))
        #expect(MerkleHasher().node(a, b) == Digest(of: [1] + a.bytes + b.bytes))
    }

    @Test("bytes in and out; 31 and 33 bytes are none")
    func lengths() throws {
        let bytes = [UInt8](0..<32)
        #expect(try #require(Digest(bytes: bytes)).bytes == bytes)
        #expect(Digest(bytes: bytes.dropLast()) == nil)
        #expect(Digest(bytes: bytes + [0]) == nil)
        #expect(Hex.decode(try #require(Digest(bytes: bytes)).hex) == bytes)
        #expect(Hex.decode("abc") == nil)
        #expect(Hex.decode("0g") == nil)
    }

    @Test("HMAC-SHA-256, RFC 4231 case 2")
    func hmac() {
        let code = HMACSHA256.code([UInt8]("what do ya want for nothing?".utf8), key: [UInt8]("Jefe".utf8))
        #expect(code.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
