import TestSupport
import Testing
import Wire

@Suite("RFC 4648 base64")
struct Base64Tests {
    @Test("the RFC's vectors, both ways")
    func vectors() {
        for (plain, text) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
            #expect(Base64.decode(text.filter { $0 != "=" }) == Array(plain.utf8))
        }
        #expect(Base64.decode("-_-_") == Base64.decode("+/+/") && Base64.decode("-_-_") != nil)
    }

    @Test(
        "what is no base64 is refused: foreign characters, a lone symbol, bits left over, padding that is too much or elsewhere"
    )
    func refused() {
        for text in [
            "Zg=", "Z", "Zh==", "Zm9=", "Zg===", "Z===", "=", "====", "Zg==Zg==", "Zm9v\n", "Zm 9v", "军",
            "Zm9v=",
        ] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    @Test("random bytes come back")
    func random() {
        var random = SplitMix64(seed: 7)
        for count in 0..<200 {
            let bytes = random.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}
