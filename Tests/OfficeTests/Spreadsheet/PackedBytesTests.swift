import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("An archive's bytes, in memory or in a file")
struct PackedBytesTests {
    @Test("any range of either, and what lies behind the end is not there")
    func ranges() throws {
        let folder = try TemporaryDirectory("packed-bytes")
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try PackedBytes(path: try folder.write("a", bytes))
        let memory = PackedBytes(bytes)
        #expect(file.count == 1_000 && memory.count == 1_000)
        for range in [0..<0, 0..<1, 3..<700, 0..<1_000, 999..<1_000, 1_000..<1_000] {
            #expect(file.read(range) == [UInt8](bytes[range]) && memory.read(range) == file.read(range))
        }
        #expect(file.read(990..<2_000).count == 10 && memory.read(1_500..<2_000) == [])
        #expect(file.head(4) == [0, 7, 14, 21] && memory.head(2_000) == bytes)
    }

    @Test("a file that becomes shorter gives what is left; one that is not there says so")
    func missing() throws {
        let folder = try TemporaryDirectory("packed-bytes")
        let path = try folder.write("a", [UInt8](repeating: 1, count: 100))
        let file = try PackedBytes(path: path)
        #expect(truncate(path, 40) == 0)
        #expect(file.read(0..<100).count == 40 && file.read(50..<60) == [])
        try FileManager.default.removeItem(atPath: path)
        #expect(file.read(0..<10).count == 10, "it stays open")
        #expect { try PackedBytes(path: path) } throws: { "\($0)".contains(path) }
    }

    @Test("a workbook from its file: the rows it has in memory; cut off on the disk, a fault")
    func workbook() throws {
        let folder = try TemporaryDirectory("packed-bytes")
        let bytes = try HandmadeWorkbook(
            sheetData: "<row r='1'><c r='A1' t='s'><v>0</v></c></row>", sharedStrings: "<si><t>一</t></si>"
        ).bytes
        func firstCell(_ workbook: Workbook) throws -> SpreadsheetValue? {
            var rows = try workbook.rows(of: workbook.sheets[0])
            return try rows.next()?.cells.first?.value
        }
        let path = try folder.write("a.xlsx", bytes)
        let workbook = try Workbook(try PackedBytes(path: path))
        #expect(try firstCell(workbook) == .text("一"))
        #expect(truncate(path, 30) == 0)
        #expect(throws: SpreadsheetFault.self) { try firstCell(workbook) }
    }
}
