import Testing
import Wire

@Suite("reference 3.4: memory and depth are bounded before anything is allocated")
struct ProtoLimitTests {
    /// Empty sub-messages: two bytes each on the wire, a whole struct each in memory.
    private func emptyElements(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { _ -> [UInt8] in [0x82, 0x03, 0x00] }  // repeated_small = 48
    }

    @Test("decoded size: at the limit and one byte beyond")
    func decodedSize() throws {
        let needed = 5 * MemoryLayout<TestV1.Small>.stride + 32
        let bytes = emptyElements(5)
        #expect(
            try TestV1.Everything(decoding: bytes, limits: DecodingLimits(decodedSize: needed)).repeatedSmall
                .count
                == 5)
        let error = #expect(throws: WireError.self) {
            try TestV1.Everything(decoding: bytes, limits: DecodingLimits(decodedSize: needed - 1))
        }
        #expect(error?.kind == .decodedTooLarge)
        #expect(error?.path == [48])
    }

    @Test(
        "four mebibytes of empty sub-messages are refused by the standard limit, of one-byte varints accepted"
    )
    func bombs() throws {
        let error = #expect(throws: WireError.self) {
            try TestV1.Everything(decoding: emptyElements(4 << 20 / 3))
        }
        #expect(error?.kind == .decodedTooLarge)
        let ones = [UInt8](repeating: 1, count: (4 << 20) - 64)
        // The same bytes as repeated_int64 = 32, packed.
        let packed = [0x82, 0x02] + TestV1.Everything(bytes: ones).encoded().dropFirst(1)
        #expect(try TestV1.Everything(decoding: packed).repeatedInt64.count == ones.count)
    }

    private static let costs: [(name: String, bytes: [UInt8], cost: Int)] = [
        ("text", [0x72, 0x10] + [UInt8](repeating: 0x61, count: 16), 48),
        ("bytes", [0x7a, 0x01, 0x61], 33),
        ("packed varints", [0x82, 0x02, 0x03, 1, 1, 1], 56),
        ("packed fixed", [0xaa, 0x02, 0x04, 1, 1, 1, 1], 36),
        ("one unpacked", [0x80, 0x02, 0x01], 40),
        ("unknown field", [0xd0, 0x29, 0x01], 35),
        ("map entry", [0xea, 0x03, 0x00], 16),
        ("boxed message", [0xca, 0x07, 0x00], MemoryLayout<TestV1.Everything>.stride + 32),
    ]

    @Test("what takes memory is charged, whatever its form")
    func charges() throws {
        for (name, bytes, cost) in Self.costs {
            _ = try TestV1.Everything(decoding: bytes, limits: DecodingLimits(decodedSize: cost))
            #expect(throws: WireError.self, "\(name)") {
                try TestV1.Everything(decoding: bytes, limits: DecodingLimits(decodedSize: cost - 1))
            }
        }
    }

    @Test("depth: at a given limit and one beyond, for messages, maps and unknown groups alike")
    func depth() throws {
        let message: [UInt8] = [0xca, 0x07, 0x00]
        let map: [UInt8] = [0xea, 0x03, 0x00]
        let group: [UInt8] = [0xd3, 0x29, 0xd4, 0x29]
        for bytes in [message, map, group] {
            _ = try TestV1.Everything(decoding: bytes, limits: DecodingLimits(depth: 1))
            let error = #expect(throws: WireError.self) {
                try TestV1.Everything(decoding: bytes, limits: DecodingLimits(depth: 0))
            }
            #expect(error?.kind == .tooDeep)
        }
    }

    @Test("a million open groups are refused at the hundred and first, with no stack used")
    func openGroups() {
        let error = #expect(throws: WireError.self) {
            try TestV1.Everything(decoding: [UInt8](repeating: 0x7b, count: 1 << 20))
        }
        #expect(error?.kind == .tooDeep)
        #expect(error?.offset == 100)
    }

    @Test("merging many sub-messages and alternating unknown fields takes linear time and memory")
    func notQuadratic() throws {
        // A quadratic reader would copy 20 GiB here; no clock is read, the test would just never end.
        var bytes: [UInt8] = []
        let part = TestV1.Everything(everything: TestV1.Everything(repeatedInt32: [1, 2, 3])).encoded()
        let other = TestV1.Everything(choice: .choiceNested(.init(values: [4, 5]))).encoded()
        for _ in 0..<50_000 { bytes += part + [0xd0, 0x29, 0x01] + other + [0xd5, 0x29, 1, 2, 3, 4] }
        let value = try TestV1.Everything(decoding: bytes)
        #expect(value.everything?.repeatedInt32.count == 150_000)
        #expect(value.choice == .choiceNested(.init(values: (0..<50_000).flatMap { _ in [Int32(4), 5] })))
        #expect(value.unknownFields.count == 50_000 * 9)
    }
}

@Suite("WireError names kind, place and field")
struct WireErrorTests {
    @Test("path and offset of a fault three levels down")
    func path() throws {
        // everything.everything.small.text is not UTF-8
        var inner = TestV1.Everything(small: TestV1.Small(text: "x")).encoded()
        inner[inner.count - 1] = 0xff
        var outer = TestV1.Everything(int32: 1).encoded()
        for _ in 0..<2 { inner = [0xca, 0x07, UInt8(inner.count)] + inner }
        outer += inner
        let error = try #require(throws: WireError.self) { try TestV1.Everything(decoding: outer) }
        #expect(error.kind == .invalidUTF8)
        #expect(error.offset == outer.count - 1)
        #expect(error.path == [121, 121, 18, 2])
        #expect(error.fieldPath(in: TestV1.Everything.self) == "everything.everything.small.text")
        #expect(
            error.description
                == "invalidUTF8 at byte \(outer.count - 1), field 121.121.18.2 of twolists.test.v1.Everything"
        )
    }

    @Test("a slice is decoded in place, with offsets from its beginning")
    func slice() throws {
        let frame: [UInt8] = [9, 9, 9, 0x08, 0x05, 0x08, 0x80]
        #expect(try TestV1.Small(decoding: frame[3..<5]).number == 5)
        let error = try #require(throws: WireError.self) { try TestV1.Small(decoding: frame[3...]) }
        #expect(error.offset == 3)
        #expect(error.path == [1])
    }

    @Test("policies on unknown fields")
    func policies() throws {
        let bytes: [UInt8] = [0x08, 0x05, 0xd0, 0x29, 0x01]
        #expect(try TestV1.Small(decoding: bytes).encoded() == bytes)
        #expect(try TestV1.Small(decoding: bytes, unknownFields: .discard).encoded() == [0x08, 0x05])
        let error = try #require(throws: WireError.self) {
            try TestV1.Small(decoding: bytes, unknownFields: .refuse)
        }
        #expect(error.kind == .unknownField)
        #expect(error.offset == 2)
        // An event refuses them whatever it is told.
        #expect(throws: WireError.self) { try TestEventV1.Office(decoding: [0x40, 1], unknownFields: .keep) }
    }
}

@Suite("ProtoMap compares keys as bytes and shows them in order")
struct ProtoMapTests {
    @Test("canonically equal keys stay two")
    func bytes() throws {
        var map: ProtoMap<String, Int32> = [:]
        map["\u{e9}"] = 1
        map["e\u{301}"] = 2
        #expect(map.count == 2)
        #expect(map["\u{e9}"] == 1)
        #expect(map.keys.map { Array($0.utf8) } == [Array("e\u{301}".utf8), Array("\u{e9}".utf8)])
        map["\u{e9}"] = nil
        #expect(map.count == 1)
    }

    @Test("the same map gives the same bytes, however it was filled")
    func order() {
        var one = TestV1.Everything()
        var other = TestV1.Everything()
        for number in 0..<200 { one.mapStringString["key \(number)"] = "v" }
        for number in (0..<200).reversed() { other.mapStringString["key \(number)"] = "v" }
        #expect(one.encoded() == other.encoded())
        #expect(one == other)
    }
}

@Suite("DESIGN.md 8: personal fields leave only sealed")
struct PersonalTests {
    private var filed: TestEventV1.Filed {
        TestEventV1.Filed(
            spouse: .init(name: Personal(clear: "张三"), idNumber: Personal(clear: "421300199001011234")),
            children: [.init(contacts: [Personal(clear: "13800000000"), Personal(clear: "")])],
            previous: .init(detail: .note(Personal(clear: "before"))),
            detail: .guardian(.init(name: Personal(clear: "李四"))))
    }

    @Test("clear text is never encoded, sealed bytes are")
    func onlySealed() throws {
        var event = filed
        let bytes = event.encoded()
        for text in ["张三", "421300199001011234", "13800000000", "李四", "before"] {
            #expect(!bytes.contains(Array(text.utf8)))
        }
        event.forEachPersonal { personal, _ in personal.sealed = Array((personal.clear ?? "").utf8.reversed())
        }
        let read = try TestEventV1.Filed(decoding: event.encoded())
        #expect(read.spouse?.name == Personal(sealed: Array("张三".utf8.reversed())))
        #expect(read.spouse?.name.clear == nil)
    }

    @Test("each set field is visited once, each at a place of its own")
    func visits() {
        var event = filed
        var seen: [String] = []
        var places: Set<PersonalPath> = []
        event.forEachPersonal { personal, path in
            seen.append(personal.clear ?? "")
            places.insert(path)
        }
        #expect(seen == ["张三", "421300199001011234", "13800000000", "", "before", "李四"])
        #expect(places.count == 6)
    }

    @Test("the place of a field is the same in every version: it is bound into the seal")
    func stablePlaces() {
        #expect(PersonalPath.root.id == 0xcbf2_9ce4_8422_2325)
        #expect(PersonalPath.root.field(1).id == 0xe6bd_8644_3df8_ce07)
        #expect(PersonalPath.root.field(2).element(0).field(1).id == 0xd62b_1332_0d5d_f582)
        #expect(PersonalPath.root.field(1).element(0) != PersonalPath.root.element(0).field(1))
    }

    @Test("an error from the visitor ends the visit and loses nothing")
    func errors() {
        struct Stop: Error {}
        var event = filed
        #expect(throws: Stop.self) {
            try event.forEachPersonal { (personal, _) throws(Stop) in
                if personal.clear == "before" { throw Stop() }
            }
        }
        #expect(event == filed)
    }
}

extension [UInt8] {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard count >= part.count else { return false }
        return (0...(count - part.count)).contains { self[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
