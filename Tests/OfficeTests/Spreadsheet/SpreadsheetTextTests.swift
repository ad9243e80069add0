import TestSupport
import Testing

@testable import Office

@Suite("What is said of a file that is no workbook")
struct SpreadsheetTextTests {
    private static let problems: [SpreadsheetFault.Problem] =
        ForeignFile.allCases.map { .foreign($0) } + SpreadsheetFault.Archive.allCases.map { .archive($0) }
        + SpreadsheetFault.Deflate.allCases.map { .deflate($0) }
        + SpreadsheetFault.XML.allCases.map { .xml($0) }
        + SpreadsheetFault.Content.allCases.map { .content($0) }
        + SpreadsheetLimits.Name.allCases.map { .limit($0, 9) }
        + [.compression(12), .missing("xl/workbook.xml"), .temporaryFile("/tmp: 28")]

    @Test(
        "every problem has its own sentence in both languages, with a mend behind the comma, and no English in the Chinese one"
    )
    func all() {
        var seen: Set<String> = []
        for problem in Self.problems {
            let text = SpreadsheetTexts.sentence(SpreadsheetFault(problem))
            #expect(seen.insert(text.zh).inserted && seen.insert(text.en).inserted, "\(problem): \(text.zh)")
            #expect(englishSentence(in: text.zh) == nil && text.en.allSatisfy { $0.isASCII }, "\(text)")
            #expect(text.zh.contains("，请") || text.zh.contains("，文"), "no mend: \(text.zh)")
            #expect(text.en.contains(": "), "\(text.en)")
        }
    }

    @Test("the sentences that people will meet")
    func sentences() {
        func zh(_ fault: SpreadsheetFault) -> String { SpreadsheetTexts.sentence(fault).zh }
        #expect(
            zh(SpreadsheetFault(.foreign(.passwordProtected)))
                == "文件受密码保护，请在 WPS 或 Excel 中取消密码后另存为 .xlsx")
        #expect(
            zh(SpreadsheetFault(.foreign(.oldWorkbook)))
                == "文件是 .xls 或 .et 旧格式，请在 WPS 或 Excel 中打开，另存为 .xlsx 后重新提交")
        #expect(
            zh(SpreadsheetFault(.content(.number), part: "xl/worksheets/sheet1.xml", cell: "B7"))
                == "文件内的 xl/worksheets/sheet1.xml，B7单元格：数值写法不对，请在 WPS 或 Excel 中打开，另存为 .xlsx 后重新提交")
        #expect(
            SpreadsheetTexts.sentence(SpreadsheetFault(.xml(.doctype), part: "a\u{1B}[2J.xml", byte: 7)).en
                == "in a\u{FFFD}[2J.xml, at byte 7: it has a document type, which is not read: open it in WPS or Excel, save it as .xlsx and send that"
        )
    }

    /// A compound file whose directory, in its second sector, has these names.
    private func compound(_ names: [String]) -> [UInt8] {
        var bytes: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
        bytes += [UInt8](repeating: 0, count: 1_024 - 8)
        for name in names {
            var entry: [UInt8] = name.utf8.flatMap { [$0, 0] as [UInt8] }
            entry += [UInt8](repeating: 0, count: 128 - entry.count)
            entry[64] = UInt8((name.utf8.count + 1) * 2)
            bytes += entry
        }
        return bytes
    }

    @Test("a compound file is told by what is in it")
    func compounds() {
        #expect(ForeignFile(compound(["Root Entry", "Workbook"])) == .oldWorkbook)
        #expect(ForeignFile(compound(["Root Entry", "Book"])) == .oldWorkbook)
        #expect(
            ForeignFile(compound(["Root Entry", "EncryptionInfo", "EncryptedPackage"])) == .passwordProtected)
        #expect(ForeignFile(compound(["Root Entry", "WordDocument"])) == .oldDocument)
        #expect(ForeignFile(compound(["Root Entry", "Workbooks"])) == .compound)
    }

    @Test("other files by their first bytes")
    func firstBytes() {
        func of(_ text: String) -> ForeignFile? { ForeignFile(Array(text.utf8)) }
        #expect(
            of("") == .empty && of("%PDF-1.7") == .pdf && of("Rar!\u{1A}") == .packed
                && of("姓名,日期\n") == .unknown)
        #expect(of("\u{FEFF}\n<HTML><table>") == .webPage && of("<table>") == .webPage)
        #expect(
            of("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>")
                == .xmlTable)
        #expect(ForeignFile([0x50, 0x4B, 3, 4]) == nil)
    }

    private func inArchive(_ members: [(String, String)]) throws -> SpreadsheetFault.Problem? {
        var writer = ZIPWriter()
        for member in members { try writer.add(member.0, member.1) }
        let bytes = writer.finish()
        do throws(SpreadsheetFault) {
            _ = try Workbook(bytes)
            return nil
        } catch { return error.problem }
    }

    @Test("archives that are something else by what is in them")
    func archives() throws {
        func main(_ target: String) -> (String, String) {
            (
                "_rels/.rels",
                "<Relationships><Relationship Id='1' Type='x/officeDocument' Target='\(target)'/></Relationships>"
            )
        }
        #expect(try inArchive([main("word/document.xml")]) == .foreign(.document))
        #expect(try inArchive([main("ppt/presentation.xml")]) == .foreign(.presentation))
        #expect(
            try inArchive([main("xl/workbook.bin"), ("xl/workbook.bin", "x")]) == .foreign(.binaryWorkbook))
        #expect(
            try inArchive([("mimetype", "application/vnd.oasis.opendocument.spreadsheet")])
                == .foreign(.openDocument))
        #expect(try inArchive([("a.txt", "x")]) == .foreign(.archive))
    }
}
