import Exchange
import Schema
import Testing

@testable import Office

@Suite("CASEWORK.md 5: 演示时钟 stands on every screen and print")
struct ScreenNoticeTests {
    /// 2022-03-01 09:30 in UTC+8.
    private static let time: Int64 = 1_646_098_200_000_000_000
    private static let mark = "演示时钟 2022-03-01 09:30"

    private func demonstrating<R>(_ body: () throws -> R) rethrows -> R {
        try ScreenNotice.$demonstration.withValue(ScreenNotice.Clock { Self.time }, operation: body)
    }

    /// Every kind of screen and print there is, drawn.
    private func drawn(_ language: Language) throws -> [(name: String, text: String)] {
        var page = Page()
        page.add("甲")
        var document = ReportDocument("报告")
        document.sections = [ReportDocument.Section("一", [ReportDocument.Column("列")])]
        let board = Board(columns: Board.leastColumns, rows: Board.leastRows)
        let screen = Screen(language: language, columns: 80)
        return [
            ("page", page.text(on: screen)),
            ("report", ReportHTML(document, language: language).text),
            ("table", ReportCSV(document).text),
            ("sheet", try SheetTests.drawn(language)),
            ("board", BoardText(screen, title: "市局").frame(board).joined(separator: "\n")),
        ]
    }

    @Test("with a demonstration clock everything says so, with its time", arguments: Language.allCases)
    func shown(_ language: Language) throws {
        for (name, text) in try demonstrating({ try drawn(language) }) {
            #expect(text.contains(Self.mark) && text.contains(classifiedNotice), "\(name): \(text)")
        }
    }

    @Test("without one nothing does", arguments: Language.allCases)
    func hidden(_ language: Language) throws {
        let unknown = try ScreenNotice.$demonstration.withValue(
            ScreenNotice.Clock { nil }, operation: { try drawn(language) })
        for (name, text) in try drawn(language) + unknown {
            #expect(!text.contains("演示时钟") && text.contains(classifiedNotice), "\(name)")
        }
    }

    @Test("a report that is printed says it above its title, and a table in its first line")
    func first() throws {
        let texts = Dictionary(
            uniqueKeysWithValues: try demonstrating { try drawn(.zh).map { ($0.name, $0.text) } })
        for name in ["report", "sheet"] {
            let parts = try #require(texts[name]).split(separator: "<h1>", maxSplits: 1)
            #expect(parts[0].contains(Self.mark), "\(name)")
        }
        #expect(
            texts["table"]?.hasPrefix(Self.mark) == true && texts["page"]?.hasPrefix("◆ " + Self.mark) == true
        )
    }

    @Test("JSON says it first, where it is an object")
    func json() {
        let json = JSON.object(["a": .int(1)])
        #expect(json.shown == json)
        #expect(
            demonstrating { json.shown.compact }
                == #"{"demonstration_clock":"2022-03-01T09:30:00.000+08:00","a":1}"#)
        #expect(demonstrating { JSON.array([]).shown } == .array([]))
    }

    @Test("every line of a narrow board still fits", arguments: Language.allCases)
    func narrow(_ language: Language) {
        let board = Board(columns: Board.leastColumns, rows: Board.leastRows)
        let lines = demonstrating {
            BoardText(Screen(language: language), title: "随州市退役军人事务局").frame(board)
        }
        for line in lines { #expect(DisplayWidth.of(line) <= board.columns, "\(line)") }
    }
}
