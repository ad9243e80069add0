import Exchange
import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("Text files: encodings are recognized, and nothing is lost (issue 5)")
struct EncodingTests {
    private func decode(_ bytes: [UInt8], piece: Int = 65_536) throws -> (EncodingGuess, String) {
        var source = MemorySource(bytes, piece: piece)
        var decoder = try TextDecoder(try EncodingGuess(Array(bytes.prefix(TableLimits.probeBytes))))
        var text: [UInt8] = []
        while true {
            var part: [UInt8] = []
            source.read(into: &part)
            try decoder.decode(part, isLast: part.isEmpty, into: &text)
            if part.isEmpty { break }
        }
        return (decoder.guess, String(decoding: text, as: UTF8.self))
    }

    private static let text = "姓名,身份证号\r\n示例甲,421303199001011234\r\n𠮷㐂䶮·é,1\r\n"

    @Test("each with the reason it was taken for", arguments: TextEncoding.allCases)
    func guesses(_ encoding: TextEncoding) throws {
        let encoder = TextEncoder(encoding: encoding)
        let bytes = try encoder.encode(Array(Self.text.utf8))
        let (bare, text) = try decode(bytes)
        #expect(bare.encoding == encoding && text == Self.text)
        #expect(bare.reason == [.utf8: .wellFormed, .gb18030: .pairs][encoding] ?? .zeroBytes)
        guard !encoder.mark.isEmpty else { return }
        let (marked, same) = try decode(encoder.mark + bytes)
        #expect(marked.encoding == encoding && marked.reason == .byteOrderMark && same == Self.text)
    }

    @Test("a few words of GBK that look like UTF-8 are GBK")
    func lookalike() throws {
        #expect(try decode([0xD2, 0xBB, 0xD0, 0xA9]).1 == "一些")
        #expect(try decode([0xC1, 0xAA, 0xCD, 0xA8]).1 == "联通")
    }

    @Test("a file that begins with nothing but ASCII is decided later")
    func lateDecision() throws {
        let ascii = Array(String(repeating: "a,b,c\r\n", count: 20_000).utf8)
        let (guess, text) = try decode(ascii + [0xCA, 0xBE, 0xC0, 0xFD], piece: 4096)
        #expect(guess.encoding == .gb18030 && text.hasSuffix("示例"))
        let (utf8, same) = try decode(ascii + Array("示例".utf8), piece: 4096)
        #expect(utf8.encoding == .utf8 && same.hasSuffix("示例"))
        #expect(try decode(ascii).0.reason == .ascii)
    }

    @Test("what is no text is said to be what it is")
    func noText() {
        #expect(throws: EncodingGuess.Fault.archive) { try EncodingGuess([0x50, 0x4B, 3, 4, 0]) }
        #expect(throws: EncodingGuess.Fault.compoundFile) { try EncodingGuess([0xD0, 0xCF, 0x11, 0xE0]) }
        #expect(throws: EncodingGuess.Fault.binary) { try EncodingGuess([1, 0, 0, 2, 0, 0, 3, 0]) }
        #expect(throws: EncodingGuess.Fault.binary) { try EncodingGuess([0xFF, 0xFE, 0, 0]) }
    }

    private func library(_ bytes: [UInt8]) -> String? {
        GB18030Table.convert(bytes).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("GB18030: every pair is what the machine's library says")
    func pairs() throws {
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x40)...0xFE where trail != 0x7F {
                let bytes = [lead, trail]
                let expected =
                    library(bytes) ?? (trail < 0x80 ? "\u{FFFD}" + String(UnicodeScalar(trail)) : "\u{FFFD}")
                var decoder = try TextDecoder(EncodingGuess(.gb18030, .pairs, 0))
                var text: [UInt8] = []
                try decoder.decode(bytes, isLast: true, into: &text)
                #expect(Array(expected.utf8) == text, "\(bytes)")
            }
        }
    }

    @Test("GB18030: four-byte characters, below and above U+10000")
    func quads() throws {
        var random = SplitMix64(seed: 20260701)
        for _ in 0..<20_000 {
            let bytes = [
                UInt8(0x81 + random.next() % 0x64), UInt8(0x30 + random.next() % 10),
                UInt8(0x81 + random.next() % 126),
                UInt8(0x30 + random.next() % 10),
            ]
            guard let expected = library(bytes) else { continue }
            var decoder = try TextDecoder(EncodingGuess(.gb18030, .pairs, 0))
            var text: [UInt8] = []
            try decoder.decode(bytes, isLast: true, into: &text)
            #expect(Array(expected.utf8) == text, "\(bytes)")
        }
    }

    @Test("ill-formed bytes become U+FFFD, and what follows is read", arguments: TextEncoding.allCases)
    func damaged(_ encoding: TextEncoding) throws {
        let bytes: [UInt8]
        switch encoding {
        case .utf8: bytes = Array("示".utf8) + [0xE4, 0xB8, 0x2C] + Array("例".utf8) + [0xE4]
        case .gb18030: bytes = [0xCA, 0xBE, 0xFF, 0x2C, 0xC0, 0xFD, 0x81]
        case .utf16LittleEndian: bytes = [0x3A, 0x79, 0x00, 0xD8, 0x2C, 0x00, 0x8B, 0x4F, 0x2C]
        case .utf16BigEndian: bytes = [0x79, 0x3A, 0xD8, 0x00, 0x00, 0x2C, 0x4F, 0x8B, 0x2C]
        }
        for piece in 1...bytes.count {
            var source = MemorySource(bytes, piece: piece)
            var decoder = try TextDecoder(EncodingGuess(encoding, .pairs, 0))
            var text: [UInt8] = []
            while true {
                var part: [UInt8] = []
                source.read(into: &part)
                try decoder.decode(part, isLast: part.isEmpty, into: &text)
                if part.isEmpty { break }
            }
            #expect(String(decoding: text, as: UTF8.self) == "示\u{FFFD},例\u{FFFD}", "pieces of \(piece)")
        }
    }

    @Test("pieces of any size give the same rows", arguments: TextEncoding.allCases)
    func pieces(_ encoding: TextEncoding) throws {
        let encoder = TextEncoder(encoding: encoding)
        let bytes = encoder.mark + (try encoder.encode(CleanSheets.village.csv()))
        let whole = try Kinds.rows(bytes, "village-committee")
        for piece in 1...64 { #expect(try Kinds.rows(bytes, "village-committee", piece: piece) == whole) }
    }

    @Test("a file is read in pieces; one that is not there says so")
    func file() throws {
        let bytes = (0..<200).flatMap { _ in CleanSheets.fund.csv() } + CleanSheets.fund.csv()
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("table-\(UUID()).csv")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        var (file, memory) = (try TextTable(FileSource(path: url.path)), try TextTable(MemorySource(bytes)))
        var (a, b) = (CellRow(), CellRow())
        while try memory.next(&b) {
            let isThere = try file.next(&a)
            #expect(isThere && a.bytes == b.bytes && a.number == b.number)
        }
        #expect(throws: (any Error).self) { try FileSource(path: url.path + ".gone") }
    }

    @Test("any bytes at all end in a report")
    func anyBytes() throws {
        let seed: UInt64 = 5_2026
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let clean = CleanSheets.pension.csv()
        for round in 0..<600 {
            var bytes =
                round % 3 == 0 ? (0..<400).map { _ in UInt8(truncatingIfNeeded: random.next()) } : clean
            for _ in 0..<Int(random.next() % 8) where !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 5 == 0 { bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1)))) }
            guard let table = try? TextTable(MemorySource(bytes, piece: 1 + Int(random.next() % 99))) else {
                continue
            }
            var check = try TableCheck(table, kind: try Kinds.kind("pension"), lists: try Kinds.lists())
            let report = check.run()
            for fault in report.faults { _ = FaultTexts.line(fault) }
            _ = try FaultList(report).csv(.gb18030)
        }
    }
}
