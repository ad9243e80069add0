import Foundation
import TestSupport
import Testing

@testable import Office

/// Whatever the bytes, reading ends in cells or in a typed fault. A trap would end the test's process.
@Suite("Broken workbooks never trap")
struct SpreadsheetFuzzTests {
    private static let soak = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    private static let seed =
        ProcessInfo.processInfo.environment["TWOLISTS_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0...UInt64.max)

    /// Something of every part and every kind of cell.
    private static func whole() throws -> HandmadeWorkbook {
        var book = HandmadeWorkbook(
            sheetData: """
                <row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="str"><f>A1</f><v>算_x000D_</v></c>\
                <c r="C1" t="inlineStr"><is><r><t>内</t></r><rPh><t>x</t></rPh></is></c><c r="D1" t="b"><v>1</v></c>\
                <c r="E1" t="e"><v>#N/A</v></c><c r="F1"><v>1.5E+3</v></c><c r="H1" t="d"><v>2023-03-10T08:30:59Z</v></c></row>\
                <row r="7" hidden="1"><c s="1"><v>44995.3</v></c><c r="ZZ7" s="2"><v>0.5</v></c><c/></row>
                """, behind: "<mergeCells><mergeCell ref='A1:C1'/></mergeCells><!-- c --><?p q?>",
            sharedStrings: "<si><t/></si><si><r><t>&#x4E00;&amp;</t></r><t><![CDATA[<>]]></t></si>",
            styles:
                "<numFmts><numFmt numFmtId='164' formatCode='[$-804]yyyy&quot;年&quot;\\-[h]'/></numFmts><cellXfs><xf/><xf numFmtId='164'/><xf numFmtId='20'/></cellXfs>"
        )
        book.workbookProperties = "<workbookPr date1904='1'/>"
        return book
    }

    /// Reads everything there is, and says every fault in words.
    @discardableResult
    private func read(_ bytes: [UInt8]) -> Bool {
        do throws(SpreadsheetFault) {
            // Pieces and what is held as small as they get: what is damaged is damaged wherever it is read from.
            var limits = SpreadsheetLimits()
            limits.heldStringBytes = bytes.count % 64
            let workbook = try Workbook(PackedBytes(bytes, piece: 8 + bytes.count % 128), limits: limits)
            for sheet in workbook.sheets {
                var rows = try workbook.rows(of: sheet)
                while let row = try rows.next() {
                    for cell in row.cells { if case .number(let number) = cell.value { _ = number.plain } }
                }
            }
            return true
        } catch {
            let text = SpreadsheetTexts.sentence(error)
            return text.zh.isEmpty
        }
    }

    @Test("cut at every length")
    func cuts() throws {
        let bytes = try Self.whole().bytes
        #expect(read(bytes))
        for length in 0..<bytes.count { #expect(!read(Array(bytes[..<length])), "\(length) bytes") }
    }

    @Test("one bit turned, anywhere: nothing is read that the checksums do not bear out")
    func bits() throws {
        var random = SplitMix64(seed: Self.seed)
        print("seed \(Self.seed)")
        let bytes = try Self.whole().bytes
        let right = try HandmadeWorkbook.cells(bytes)
        var readable = 0
        for _ in 0..<(Self.soak ? 100_000 : 3_000) {
            var turned = bytes
            turned[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() & 7)
            read(turned)
            if let cells = try? HandmadeWorkbook.cells(turned) {
                // What was turned is read by nobody: a time, a version, a size in a local header, padding.
                #expect(cells == right, "seed \(Self.seed)")
                readable += 1
            }
        }
        print("\(readable) still readable")
        #expect(readable > 0)
    }

    @Test("the parts' text with bytes changed, in archives that are whole")
    func parts() throws {
        var random = SplitMix64(seed: Self.seed &+ 1)
        print("seed \(Self.seed)")
        let parts = try Self.whole().parts
        let words = [
            "<", ">", "/>", "&", "\"", "'", "]]>", "<!--", "<![CDATA[", "&#x", "_x00", "99999999999", "-1",
            "\u{0}", "=", "r", "s=\"9\"", "<c>", "</row>",
        ]
        for _ in 0..<(Self.soak ? 50_000 : 2_000) {
            var archive = ZIPWriter()
            let place = Int(random.next() % UInt64(parts.count))
            for (at, part) in parts.enumerated() {
                var text = Array(part.text.utf8)
                for _ in 0..<(at == place ? 1 + random.next() % 3 : 0) where !text.isEmpty {
                    let spot = Int(random.next() % UInt64(text.count))
                    switch random.next() % 4 {
                    case 0: text[spot] = UInt8(truncatingIfNeeded: random.next())
                    case 1: text.removeSubrange(spot..<min(text.count, spot + 1 + Int(random.next() % 9)))
                    case 2:
                        text.insert(
                            contentsOf: words[Int(random.next() % UInt64(words.count))].utf8, at: spot)
                    default: text.insert(contentsOf: text[spot..<min(text.count, spot + 30)], at: spot)
                    }
                }
                var member = ZIPWriter.Member(part.name)
                member.add(text)
                try archive.add(member)
            }
            read(archive.finish())
        }
    }

    @Test("any bytes as deflate data, and good data with bytes changed")
    func streams() {
        var random = SplitMix64(seed: Self.seed &+ 2)
        print("seed \(Self.seed)")
        let good = deflate(Array("<row><c r=\"A1\"><v>1</v></c></row>".utf8) + random.bytes(500))
        for _ in 0..<(Self.soak ? 200_000 : 5_000) {
            var bytes = random.next() % 2 == 0 ? random.bytes(Int(random.next() % 300)) : good
            if !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let source = PackedBytes(bytes, piece: 8 + Int(random.next() % 64))
            var inflater = Inflater(source, 0..<bytes.count)
            var made = 0
            // 300 bytes can make 300,000; whoever calls bounds it.
            while made < 1 << 20, let piece = try? inflater.next(), !piece.isEmpty { made += piece.count }
        }
    }

    @Test("any bytes as XML")
    func markup() {
        var random = SplitMix64(seed: Self.seed &+ 3)
        print("seed \(Self.seed)")
        let words = [
            "<", ">", "/", "a", " ", "=", "'", "\"", "&", ";", "lt", "!", "--", "[CDATA[", "]]>", "?", "xml",
            "\r", "\n", "一", "#x", "<a>", "</a>",
        ]
        for _ in 0..<(Self.soak ? 200_000 : 5_000) {
            let text =
                "<a>"
                + (0..<random.next() % 20).map { _ in words[Int(random.next() % UInt64(words.count))] }
                .joined() + "</a>"
            _ = try? XMLReaderTests.transcript(text)
            _ = try? XMLReaderTests.transcript(random.bytes(Int(random.next() % 40)))
        }
    }

    @Test("any bytes as a compound file, a page, a number format or a place")
    func small() {
        var random = SplitMix64(seed: Self.seed &+ 4)
        print("seed \(Self.seed)")
        for _ in 0..<5_000 {
            let bytes = random.bytes(Int(random.next() % 300))
            _ = ForeignFile([0xD0, 0xCF, 0x11, 0xE0] + bytes)
            _ = ForeignFile(bytes)
            _ = NumberFormat(String(decoding: bytes, as: UTF8.self))
            _ = CellReference(bytes.prefix(8))
            _ = MergedRange(bytes.prefix(12))
            _ = SerialDate.iso(String(decoding: bytes.prefix(20), as: UTF8.self))
            _ =
                CellNumber(
                    String(decoding: bytes.prefix(8).map { "0123456789.eE+-"[Int($0) % 15] }, as: UTF8.self))?
                .plain
        }
    }
}

extension String {
    fileprivate subscript(place: Int) -> UInt8 { Array(utf8)[place] }
}
