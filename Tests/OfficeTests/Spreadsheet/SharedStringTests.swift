import Foundation
import TestSupport
import Testing

@testable import Office

@Suite("ECMA-376 18.4.9 shared texts, in memory or in a temporary file")
struct SharedStringTests {
    /// A workbook with these texts, cells of column A naming them in this order.
    private func book(_ texts: [String], _ order: [Int]) -> HandmadeWorkbook {
        HandmadeWorkbook(
            sheetData: order.enumerated().map { row, place in
                "<row r='\(row + 1)'><c r='A\(row + 1)' t='s'><v>\(place)</v></c></row>"
            }.joined(), sharedStrings: texts.map { "<si><t>\($0)</t></si>" }.joined())
    }

    private func cells(
        _ book: HandmadeWorkbook, held: Int
    ) throws(SpreadsheetFault) -> [String: SpreadsheetValue] {
        var limits = SpreadsheetLimits()
        limits.heldStringBytes = held
        return try book.cells(limits)
    }

    /// Shorter and longer than a piece that is read, so that they begin and end anywhere in one.
    private func texts(_ count: Int, _ random: inout SplitMix64) -> [String] {
        (0..<count).map { place in
            let length = place % 40 == 7 ? Int(random.next() % 20_000) : Int(random.next() % 60)
            return "\(place)" + String(repeating: place % 3 == 0 ? "示" : "a", count: length)
        }
    }

    @Test(
        "whatever is held, each cell has its text: in their order, backwards, anyhow",
        arguments: [0, 1, 100_000, 8 << 20])
    func same(held: Int) throws {
        var random = SplitMix64(seed: 11)
        let texts = texts(600, &random)
        let anyhow = (0..<600).map { _ in Int(random.next() % 600) }
        for order in [Array(0..<600), (0..<600).reversed(), anyhow] {
            let cells = try cells(book(texts, order), held: held)
            for (row, place) in order.enumerated() { #expect(cells["A\(row + 1)"] == .text(texts[place])) }
        }
    }

    @Test("as many bytes as are held stay in memory; with one more they go to the file")
    func limit() throws {
        // Two texts of three bytes, each behind its length.
        let book = book(["一", "二"], [0, 1])
        for (held, isInFile) in [(14, false), (13, true), (7, true), (0, true)] {
            var limits = SpreadsheetLimits()
            limits.heldStringBytes = held
            let xml = "<sst>" + (book.sharedStrings ?? "") + "</sst>"
            let strings = try SharedStrings(
                XMLReader(MemberStream(plain: Array(xml.utf8), name: "s"), limits: limits), limits)
            #expect(strings.isInFile == isInFile, "\(held)")
            var reader = TextReader(strings)
            #expect(try reader.text(0) == "一" && reader.text(1) == "二")
            #expect(try reader.text(2) == nil && reader.text(-1) == nil)
        }
    }

    @Test("none at all, and empty ones")
    func empty() throws {
        for held in [0, 8] {
            #expect(try cells(book(["", "x", ""], [0, 1, 2]), held: held) == ["A2": .text("x")])
            let fault = book([], [0]).fault()
            #expect(fault?.problem == .content(.sharedString))
        }
    }

    @Test("no room for the file: what to do is said")
    func noRoom() {
        let fault = SpreadsheetFault(.temporaryFile("/tmp: No space left on device"))
        let text = SpreadsheetTexts.sentence(fault)
        #expect(text.zh.contains("临时文件") && text.zh.contains("剩余空间") && text.en.contains("room"))
    }
}
