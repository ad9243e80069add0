import Exchange
import Testing

@testable import Office

@Suite("BATCH.md 4: repeats in tables of any size, found before anything is sent")
struct ManyKeysTests {
    private static let kindText = """
        # 测试表样
        version,1
        kind,listed,名册
        form,flow
        period,field,paid
        key,code
        field,heading,aliases,format,required,values,unit,personal,carry
        code,编号,,text(20),yes,,,,
        paid,发放日期,,date,yes,,,,

        """

    private func faults(_ codes: [Int], held: Int) throws -> [String] {
        let text = "编号,发放日期\r\n" + codes.map { "N\($0),2022-03-01\r\n" }.joined()
        let kind = try BatchKindFile.kind(path: "batches/listed.csv", text: Self.kindText)
        let table = try TextTable(MemorySource(Array(text.utf8), piece: 4_096))
        var check = try TableCheck(table, kind: kind, lists: [], keysHeld: held)
        let report = check.run()
        #expect(report.stop == nil && report.notes.isEmpty)
        return report.faults.map { "\($0.row) \($0.fault.code.rawValue) \($0.fault.arguments)" }
    }

    @Test("at what memory holds and one beyond, every repeat is told with the row that had its key first")
    func limit() throws {
        // Row 1 is the headings.
        #expect(try faults(Array(1...50) + [3], held: 50) == ["52 repeated [\"4\"]"])
        #expect(
            try faults(Array(1...51) + [3, 51, 50], held: 50) == [
                "53 repeated [\"4\"]", "54 repeated [\"52\"]", "55 repeated [\"51\"]",
            ])
    }

    @Test("many times what memory holds: the same as a table of all keys")
    func many() throws {
        let codes = (0..<3_000).map { $0 * 7_919 % 2_600 }
        var (first, expected) = ([Int: Int](), [String]())
        for (index, code) in codes.enumerated() {
            if let row = first[code] { expected.append("\(index + 2) repeated [\"\(row)\"]") }
            first[code] = first[code] ?? index + 2
        }
        #expect(expected.count == 400)
        #expect(try faults(codes, held: 64) == expected)
    }
}
