import Crypto
import Exchange
import Foundation
import Schema
import TestSupport
import Testing

@testable import Office

@Suite("Rows packed into chunks, and back into tables")
struct RowChunkTests {
    @Test("whole rows, each behind its length; full when the next would not fit")
    func packing() throws {
        var packer = ChunkPacker()
        let half = [UInt8](repeating: 1, count: BatchLimits.chunkBytes / 2 - 4)
        #expect(try packer.add(half, number: 1) == nil && packer.add(half, number: 2) == nil)
        let made = try packer.add([7], number: 3)
        let full = try #require(made)
        #expect(full.bytes.count == BatchLimits.chunkBytes && full.rows == 2)
        #expect(full.sha256 == Digest(of: full.bytes).bytes)
        #expect(Array(full.bytes[0..<4]) == [0xFC, 0xFF, 1, 0])
        let last = packer.finish()
        let rest = try #require(last)
        #expect(rest.bytes == [1, 0, 0, 0, 7] && rest.rows == 1 && packer.finish() == nil)
    }

    @Test("a row as long as a chunk holds, and one byte longer")
    func longest() throws {
        var packer = ChunkPacker()
        let row = [UInt8](repeating: 2, count: BatchLimits.chunkBytes - 4)
        #expect(try packer.add(row, number: 1) == nil)
        #expect(packer.finish()?.bytes.count == BatchLimits.chunkBytes)
        #expect(throws: ChunkFault.rowTooLong(row: 9)) { try packer.add(row + [2], number: 9) }
    }

    private func chunks(_ bytes: [UInt8], _ code: String) throws -> [RowChunk] {
        let source = try BatchFile(bytes, piece: 999).chunks(try Kinds.kind(code), lists: try Kinds.lists())
        var chunks: [RowChunk] = []
        while let chunk = try source.next() { chunks.append(chunk) }
        return chunks
    }

    @Test("the same rows make the same chunks, whatever file they came in")
    func deterministic() throws {
        for (code, sheet) in CleanSheets.all {
            let gbk = try TextEncoder(encoding: .gb18030).encode(sheet.csv(.tab))
            let expected = try chunks(sheet.csv(), code)
            #expect(try !expected.isEmpty && chunks(gbk, code) == expected)
            #expect(try chunks(try sheet.workbook(), code) == expected)
        }
    }

    @Test("a batch is prepared with its totals; more chunks than there may be are refused")
    func prepared() throws {
        let file = try BatchFile(CleanSheets.pension.csv())
        let batch = try PreparedBatch(
            try file.chunks(try Kinds.kind("pension"), lists: try Kinds.lists()), hold: file.heldBytes)
        #expect(batch.report.totals.rows == 4 && batch.report.totals.sums == [2_495_050])
        #expect(batch.manifest.chunks.map(\.rows) == [4] && batch.held?.count == 1)
        #expect(
            try PreparedBatch(try FakeChunks(BatchLimits.chunks), hold: 0).manifestBytes.count
                <= BatchLimits.chunkBytes)
        #expect(throws: ChunkFault.tooManyChunks) {
            try PreparedBatch(try FakeChunks(BatchLimits.chunks + 1), hold: 0)
        }
    }

    @Test(
        "the chunks of a file larger than they may be are not held at all: a large one takes no more memory")
    func heldBytes() throws {
        let folder = try TemporaryDirectory("held-bytes")
        let path = folder.path + "/pension.csv"
        try Data(CleanSheets.pension.csv()).write(to: URL(fileURLWithPath: path))
        let file = try BatchFile.open(path)
        for (size, held) in [
            (BatchSendLimits.heldBytes, BatchSendLimits.heldBytes), (BatchSendLimits.heldBytes + 1, 0),
        ] {
            #expect(truncate(path, size) == 0)
            #expect(file.heldBytes == held)
        }
    }

    @Test("rows as a table, read again, are the same rows", arguments: CleanSheets.all.keys.sorted())
    func table(_ code: String) throws {
        let sheet = try #require(CleanSheets.all[code])
        let (kind, lists) = (try Kinds.kind(code), try Kinds.lists())
        let rows = try Kinds.rows(sheet.csv(), code)
        for format in RowTableFormat.allCases {
            for encoding in [TextEncoding.utf8, .gb18030] {
                var table = RowTable(kind, lists: lists, format: format, encoding: encoding, more: ["报送单位"])
                var bytes: [UInt8] = []
                for row in rows {
                    try table.add(row, more: ["county/421321"])
                    bytes += try table.take()
                }
                bytes += try table.finish()
                #expect(table.rows == UInt64(rows.count) && table.unreadable == 0)
                #expect(try Kinds.rows(bytes, code) == rows, "\(format) \(encoding)")
                #expect((try BatchFile(bytes)).isWorkbook == (format == .xlsx))
            }
        }
    }

    @Test(
        "what a spreadsheet would take for a formula is none; counties have their names; a foreign row is left out"
    )
    func harmless() throws {
        var sheet = CleanSheets.activity
        sheet["B2"] = "=HYPERLINK(示例)"
        let (kind, lists) = (try Kinds.kind("activity"), try Kinds.lists())
        var table = RowTable(kind, lists: lists, format: .csv)
        for row in try Kinds.rows(sheet.csv(), "activity") { try table.add(row) }
        try table.add([9, 9])
        let text = String(decoding: try table.finish(), as: UTF8.self)
        #expect(text.contains(",'=HYPERLINK(示例),") || text.contains("'=HYPERLINK(示例),曾都区"))
        #expect(text.contains("曾都区") && text.hasPrefix("\u{FEFF}") && table.unreadable == 1)
        #expect(text.contains("慰问金额(元)") && text.contains("20000.00"))
    }

    @Test("a format by the file's ending")
    func formats() {
        #expect(RowTableFormat(path: "a/导出.XLSX") == .xlsx && RowTableFormat(path: "x.tsv") == .tsv)
        #expect(RowTableFormat(path: "x.csv") == .csv && RowTableFormat(path: "没有后缀") == .csv)
    }

    @Test("a file that is there is never written over, and nothing half written stays")
    func newFile() throws {
        let folder = try TemporaryDirectory("new-file")
        let path = folder.path + "/导出.csv"
        try NewFile.write(path) { try $0([1, 2]) }
        #expect(throws: FileError.self) { try NewFile.write(path) { try $0([3]) } }
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == [1, 2])
        struct Broken: Error {}
        #expect(throws: FileError.self) {
            try NewFile.write(folder.path + "/b.csv") {
                try $0([3])
                throw Broken()
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["导出.csv"])
    }
}
