import Testing
import Wire

@Suite("reference 5: the codec round-trips its own values")
struct ProtoRoundTripTests {
    @Test("one of each feature")
    func everything() throws {
        var value = TestV1.Everything()
        value.int32 = -1
        value.double = -0.0
        value.string = "双拥"
        value.colour = .unrecognized(77)
        value.everything = TestV1.Everything(bool: true)
        value.repeatedInt32 = [1, -1, 300]
        value.unpackedBool = [false, true]
        value.mapStringNested = ["b": .init(a: -3), "a": .init(values: [1])]
        value.choice = .choiceUint32(0)
        value.scattered = .scatteredLate(0)
        value.init_ = 5
        let bytes = value.encoded()
        #expect(try TestV1.Everything(decoding: bytes) == value)
        #expect(value.encodedSize() == bytes.count)
        #expect(Array(value.encoded(leaving: 10).dropFirst(10)) == bytes)
    }

    @Test("a message larger than the writer's scratch, nested ninety deep")
    func deepAndLarge() throws {
        var value = TestV1.Everything(bytes: [UInt8](repeating: 7, count: 3000))
        for _ in 0..<90 { value = TestV1.Everything(string: "level", everything: value) }
        #expect(try TestV1.Everything(decoding: value.encoded()) == value)
    }
}
