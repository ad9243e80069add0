import Foundation
import TestSupport
import Testing

@testable import Office

/// Deflate streams written by hand, lowest bit first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    mutating func put(_ value: Int, _ bits: Int) {
        for bit in 0..<bits {
            if count & 7 == 0 { bytes.append(0) }
            if value >> bit & 1 == 1 { bytes[bytes.count - 1] |= 1 << UInt8(count & 7) }
            count += 1
        }
    }

    /// A code's word goes highest bit first.
    mutating func code(_ word: Int, _ bits: Int) {
        for bit in (0..<bits).reversed() { put(word >> bit & 1, 1) }
    }
}

/// Read from the file in pieces of every kind: the same bytes, or the same fault at the same place.
func inflate(_ bytes: [UInt8]) throws(SpreadsheetFault) -> [UInt8] {
    let whole = inflated(bytes, piece: max(8, bytes.count))
    for piece in [8, 9, 61, 4_096] where piece < bytes.count {
        #expect(inflated(bytes, piece: piece) == whole, "by \(piece) bytes")
    }
    return try whole.get()
}

private func inflated(_ bytes: [UInt8], piece: Int) -> Result<[UInt8], SpreadsheetFault> {
    // Behind other bytes, as a member of an archive is.
    let source = PackedBytes([1, 2, 3] + bytes + [4, 5], piece: piece)
    var (inflater, made) = (Inflater(source, 3..<3 + bytes.count), [UInt8]())
    do throws(SpreadsheetFault) {
        while true {
            let piece = try inflater.next()
            if piece.isEmpty { return .success(made) }
            made.append(contentsOf: inflater.output[piece])
        }
    } catch { return .failure(error) }
}

func deflate(_ bytes: [UInt8], piece: Int = 1_000) -> [UInt8] {
    var deflater = Deflater()
    for start in stride(from: 0, to: bytes.count, by: piece) {
        deflater.add(Array(bytes[start..<min(start + piece, bytes.count)]))
    }
    deflater.finish()
    return deflater.packed
}

@Suite("RFC 1951 inflate")
struct InflaterTests {
    private func problem(_ write: (inout BitWriter) -> Void) -> SpreadsheetFault.Deflate? {
        var bits = BitWriter()
        write(&bits)
        do throws(SpreadsheetFault) {
            _ = try inflate(bits.bytes)
            return nil
        } catch {
            guard case .deflate(let problem) = error.problem else { return nil }
            return problem
        }
    }

    @Test("3.2.4 stored blocks, an empty one too")
    func stored() throws {
        #expect(try inflate([0, 0, 0, 0xFF, 0xFF, 1, 3, 0, 0xFC, 0xFF, 7, 8, 9]) == [7, 8, 9])
        #expect(
            problem {
                $0.put(1, 8)
                $0.put(3, 16)
                $0.put(3, 16)
            } == .storedLength)
    }

    @Test("3.2.6 fixed codes: a literal, a copy that overlaps itself, the end")
    func fixed() throws {
        var bits = BitWriter()
        bits.put(0b011, 3)
        bits.code(0x30 + 0x61, 8)
        // Length 10 (code 264), distance 1 (code 0).
        bits.code(264 - 256, 7)
        bits.code(0, 5)
        bits.code(0, 7)
        #expect(try inflate(bits.bytes) == [UInt8](repeating: 0x61, count: 11))
    }

    @Test("each way a stream can be wrong has its name")
    func faults() {
        #expect(problem { $0.put(0b111, 3) } == .blockType)
        #expect(problem { _ in } == .truncated)
        #expect(problem { $0.put(0b011, 3) } == .truncated)
        #expect(
            problem {
                $0.put(0b101, 3)
                $0.put(30, 5)
                $0.put(0, 40)
            } == .tooManyCodes)
        #expect(
            problem {
                $0.put(0b101, 3)
                $0.put(0, 5)
                $0.put(0, 5)
                $0.put(0, 4)
                $0.put(0, 12)
                $0.put(0, 40)
            } == .codeLengths)
        #expect(
            problem {
                $0.put(0b011, 3)
                $0.code(264 - 256, 7)
                $0.code(0, 5)
                $0.put(0, 64)
            } == .distanceTooFar)
        #expect(
            problem {
                $0.put(0b011, 3)
                $0.code(0xC6, 8)
                $0.put(0, 64)
            } == .invalidCode)
        #expect(
            problem {
                $0.put(0b011, 3)
                $0.code(0, 7)
                $0.put(0, 16)
            } == .trailingBytes)
    }

    /// A dynamic block whose length code has the words: 0 of one bit for `first`, 1 of one bit for `second`.
    private func dynamic(_ bits: inout BitWriter, _ first: Int, _ second: Int) {
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        bits.put(0b101, 3)
        bits.put(0, 5)
        bits.put(0, 5)
        bits.put(15, 4)
        for symbol in order { bits.put(symbol == first || symbol == second ? 1 : 0, 3) }
    }

    @Test("3.2.7 dynamic codes: lengths that repeat nothing, overrun, or leave the end out")
    func dynamicFaults() {
        #expect(
            problem {
                dynamic(&$0, 1, 16)
                $0.put(1, 1)
                $0.put(0, 64)
            } == .repeatsNothing)
        #expect(
            problem {
                dynamic(&$0, 1, 18)
                for _ in 0..<2 {
                    $0.put(1, 1)
                    $0.put(127, 7)
                }
                $0.put(0, 64)
            } == .lengthsOverrun)
        #expect(
            problem {
                dynamic(&$0, 0, 1)
                for at in 0..<258 { $0.put(at < 2 ? 1 : 0, 1) }
                $0.put(0, 64)
            } == .noEndOfBlock)
    }

    @Test("what our own deflater makes inflates to what went in, however it came")
    func roundTrips() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        for size in [0, 1, 3, 4, 257, 258, 259, 32_768, 65_536, 65_537, 200_000] {
            let alphabet = UInt64.random(in: 1...255, using: &random)
            let bytes = (0..<size).map { _ in UInt8(random.next() % alphabet) }
            for piece in [1 + Int(random.next() % 70_000), 65_536] {
                #expect(try inflate(deflate(bytes, piece: piece)) == bytes, "\(size) bytes by \(piece)")
            }
        }
    }

    @Test("a copy reaches back 32,768 bytes, across pieces")
    func history() throws {
        var random = SplitMix64(seed: 7)
        let block = random.bytes(32_768)
        let packed = deflate(block + block + block + block)
        #expect(packed.count < 36_000 + 4_000)
        #expect(try inflate(packed) == block + block + block + block)
    }

    @Test("a file that has become shorter is truncated data, wherever it ends")
    func shorter() throws {
        var random = SplitMix64(seed: 9)
        let bytes = random.bytes(300) + [UInt8](repeating: 7, count: 3_000)
        let packed = deflate(bytes)
        for count in 0..<packed.count {
            for piece in [8, 64] {
                let source = PackedBytes([UInt8](packed[..<count]), piece: piece)
                var inflater = Inflater(source, 0..<packed.count)
                #expect(throws: SpreadsheetFault.self) { while try !inflater.next().isEmpty {} }
            }
        }
    }

    @Test("inflating again after a fault is a fault again, never a trap")
    func afterFault() {
        var inflater = Inflater(PackedBytes([0b011]), 0..<1)
        for _ in 0..<4 { #expect(throws: SpreadsheetFault.self) { try inflater.next() } }
    }

    @Test("a sheet shrinks to a fifth at least")
    func ratio() {
        var text = ""
        for row in 1...2_000 {
            text +=
                "<row r=\"\(row)\"><c r=\"A\(row)\" s=\"1\" t=\"inlineStr\"><is><t>\(row * 7_919)</t></is></c></row>"
        }
        #expect(deflate(Array(text.utf8)).count * 5 < text.utf8.count)
    }
}

/// Every verdict against zlib's, through Python: the same bytes, or a refusal by both.
@Suite("RFC 1951 inflate against zlib")
struct InflaterDifferentialTests {
    private static let script = """
        import sys, zlib, struct
        data = sys.stdin.buffer.read()
        at = 0
        while at < len(data):
            (size,) = struct.unpack_from("<I", data, at)
            one = data[at + 4:at + 4 + size]
            at += 4 + size
            d = zlib.decompressobj(-15)
            try:
                made = d.decompress(one)
                ok = d.eof and not d.unused_data
            except zlib.error:
                ok = False
            print(zlib.crc32(made) if ok else "no")
        """
    private static let packScript = """
        import sys, zlib, struct, random
        r = random.Random(int(sys.argv[1]))
        for _ in range(int(sys.argv[2])):
            size = r.choice([0, 1, 5, 40, 300, 3000, 70000])
            alphabet = r.randrange(1, 256)
            raw = bytes(r.randrange(alphabet) for _ in range(size)) if r.random() < .7 else bytes(r.choice([b"<c r=", b"</c>", b"12", b"A"])[0:1][0] for _ in range(size))
            c = zlib.compressobj(r.randrange(10), 8, -15, r.randrange(1, 10), r.choice([0, 1, 2, 3, 4]))
            packed = c.compress(raw) + c.flush()
            sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
        """

    @Test("streams by zlib at every level and strategy, and the same with bits turned")
    func verdicts() throws {
        let python = try requireTool("python3")
        let seed = UInt64.random(in: 0...1_000_000)
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let packed = try runProcess(python, ["-c", Self.packScript, "\(seed)", "120"])
        try #require(packed.status == 0, "\(packed.errorText)")
        var streams = split(packed.output)
        for stream in streams where !stream.isEmpty && stream.count < 5_000 {
            for _ in 0..<30 {
                var turned = stream
                turned[Int(random.next() % UInt64(turned.count))] ^= 1 << UInt8(random.next() & 7)
                streams.append(turned)
            }
        }
        let input = streams.flatMap { length($0.count) + $0 }
        let verdicts = try runProcess(python, ["-c", Self.script], input: input).outputText.split(
            separator: "\n")
        try #require(verdicts.count == streams.count)
        var accepted = 0
        for (stream, verdict) in zip(streams, verdicts) {
            let ours = (try? inflate(stream)).map { String(CRC32.of($0)) } ?? "no"
            #expect(ours == verdict, "\(stream.count) bytes: \(Hex.text(stream.prefix(200)))")
            if ours != "no" { accepted += 1 }
        }
        print("\(streams.count) streams, \(accepted) accepted")
        #expect(accepted > 120 && accepted < streams.count)
    }

    private func length(_ count: Int) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: count >> $0) }
    }

    private func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var (streams, at) = ([[UInt8]](), 0)
        while at + 4 <= bytes.count {
            let size = Int(bytes.word32(at))
            streams.append(Array(bytes[at + 4..<at + 4 + size]))
            at += 4 + size
        }
        return streams
    }
}

private enum Hex {
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
