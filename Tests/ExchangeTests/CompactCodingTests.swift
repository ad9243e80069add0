import Testing

@testable import Exchange

@Suite("SNAPSHOT.md 4: the compact coding")
struct CompactCodingTests {
    private final class Sink {
        var pieces: [[UInt8]] = []
    }

    private func written(_ write: (inout CompactWriter) throws -> Void) throws -> [UInt8] {
        let sink = Sink()
        var writer = CompactWriter { sink.pieces.append($0) }
        try write(&writer)
        try writer.flush()
        return sink.pieces.flatMap { $0 }
    }

    /// In pieces of `size` bytes.
    private func reader(_ bytes: [UInt8], size: Int = 3) -> CompactReader {
        var rest = bytes[...]
        return CompactReader {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }

    @Test func everyValueComesBackHoweverItIsCut() throws {
        let numbers: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, UInt64(Int64.max), .max - 1, .max]
        let signed: [Int64] = [0, -1, 1, 63, -64, 64, .min, .max]
        let bytes = try written { writer in
            for number in numbers { writer.put(number) }
            for number in signed { writer.put(signed: number) }
            writer.put("双拥")
            writer.put(true)
        }
        for size in [1, 2, 7, 1_000] {
            var input = reader(bytes, size: size)
            for number in numbers { #expect(try input.number() == number) }
            for number in signed { #expect(try input.signed() == number) }
            #expect(try input.text() == "双拥")
            #expect(try input.flag())
            try input.end()
        }
    }

    @Test func whatCannotBeIsRefused() throws {
        func refused(_ bytes: [UInt8], _ read: (inout CompactReader) throws -> Void) {
            var input = reader(bytes)
            #expect(throws: SnapshotFault.self, "\(bytes)") { try read(&input) }
        }
        refused([]) { _ = try $0.byte() }
        refused([0x80]) { _ = try $0.number() }
        refused([UInt8](repeating: 0xFF, count: 9) + [2]) { _ = try $0.number() }  // 2^64
        refused([UInt8](repeating: 0x80, count: 10) + [0]) { _ = try $0.number() }  // eleven bytes
        refused([0x80, 0x02]) { _ = try $0.number(UInt8.self, "a byte") }  // 256
        refused([3]) { _ = try $0.index(below: 3, "an index") }
        refused([2]) { _ = try $0.flag() }
        refused([2, 0xC3, 0x28]) { _ = try $0.text() }
        refused([5, 1, 2]) { _ = try $0.bytes() }
        refused([UInt8](repeating: 0, count: 16)) { _ = try $0.id() }
        refused([0]) { try $0.end() }
        var last = reader([UInt8](repeating: 0xFF, count: 9) + [1])
        #expect(try last.number() == .max)
    }

    /// A length over the limit is refused before anything is allocated for it.
    @Test func aFieldHasALimit() throws {
        let limit = CompactReader.fieldBytes
        let bytes = try written { $0.put([UInt8](repeating: 7, count: limit)) }
        var input = reader(bytes, size: 1 << 18)
        #expect(try input.bytes().count == limit)
        let over = try written { $0.put(limit + 1) }
        var beyond = reader(over)
        #expect(throws: SnapshotFault.wrong("a field over its limit")) { try beyond.bytes() }
        let claimed = try written { $0.put(UInt64.max) }
        var absurd = reader(claimed)
        #expect(throws: SnapshotFault.wrong("a field over its limit")) { try absurd.bytes() }
    }
}
