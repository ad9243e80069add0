import Schema
import Testing

@testable import Office

private func item(
    _ number: Int, _ light: Light = .green, title: String = "道路修缮", due: Int32 = 30,
    state: RequestState = .inProgress, step: SupervisionStep = .unspecified, tentative: Bool = false
) -> RequestSummary {
    var summary = RequestSummary(
        target: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 16),
        number: "随双2026-军提-\(String(number + 10_000).dropFirst())", direction: .unitToLocal, year: 2026,
        title: title, state: state, requesterName: "驻随某部07", responsibleName: "曾都区",
        deadline: CivilDate(year: 2026, month: 6, day: due), submittedAt: Int64(number))
    (summary.light, summary.step, summary.tentative) = (light, step, tentative)
    return summary
}

private func change(_ number: Int) -> Change {
    Change(
        target: item(number).target, number: item(number).number,
        entry: HistoryEntry(at: 1_772_413_200_000_000_000, kind: "report_progress", state: "in_progress"),
        title: "道路")
}

@Suite("The live board, as a transcript")
struct BoardTests {
    private func board(_ items: [RequestSummary], columns: Int = 80, rows: Int = 24) -> Board {
        var board = Board(columns: columns, rows: rows)
        _ = board.take(.loaded(items, more: false))
        return board
    }

    private func frame(_ board: Board, _ language: Language = .zh) -> [String] {
        BoardText(Screen(language: language), title: "随州市退役军人事务局").frame(board)
    }

    @Test("red first, then yellow, green, blue; the earliest due first")
    func order() {
        let board = board([
            item(1, .green, due: 1), item(2, .blue), item(3, .yellow, due: 9), item(4, .red, due: 20),
            item(5, .yellow, due: 2), item(6, .unspecified),
        ])
        #expect(board.shown.map { $0.submittedAt } == [4, 5, 3, 1, 2, 6])
        #expect(board.count(.yellow) == 2 && board.count(.red) == 1)
    }

    @Test("a change fetches its item once; one that comes meanwhile fetches it again; what is over leaves")
    func changes() {
        var board = board([item(1), item(2)])
        #expect(board.take(.changed(change(1))) == [.draw, .fetch(item(1).target)])
        #expect(board.take(.changed(change(1))) == [.draw])
        #expect(board.take(.fetched(item(1).target, item(1, .red))) == [.draw, .fetch(item(1).target)])
        #expect(board.count(.red) == 1)
        #expect(board.take(.fetched(item(1).target, item(1, state: .closed))) == [.draw])
        #expect(board.total == 1)
        _ = board.take(.changed(change(2)))
        #expect(board.take(.fetched(item(2).target, nil)) == [.draw])
        #expect(board.total == 0, "it may not be seen any more")
        #expect(board.changes.count == 3)
    }

    @Test("a case shows among the changes and fetches nothing")
    func ofCase() {
        var board = board([])
        var one = change(1)
        one.isCase = true
        #expect(board.take(.changed(one)) == [.draw] && board.changes.count == 1)
    }

    @Test("a lost line is told and what stands stays; when it is back everything is read again")
    func reconnect() {
        var board = board([item(1)])
        #expect(board.take(.back) == [], "nothing was lost")
        #expect(board.take(.news("连接中断", isLost: true)) == [.draw])
        #expect(board.isLost && board.total == 1)
        #expect(frame(board)[1].contains("连接中断"))
        #expect(board.take(.back) == [.load, .draw])
        #expect(!board.isLost && board.news.isEmpty)
    }

    @Test(
        "typing filters by every word, backspace and Esc take it back; number, party, light and title are looked in"
    )
    func filter() {
        var board = board([item(1, .red, title: "供电改造"), item(2), item(13, .yellow, title: "供电线路")])
        for text in ["供", "电"] { _ = board.take(.key(.text(text))) }
        #expect(board.shown.count == 2)
        for text in [" ", "红"] { _ = board.take(.key(.text(text))) }
        #expect(board.shown.map(\.title) == ["供电改造"])
        _ = board.take(.key(.backspace))
        #expect(board.shown.count == 2)
        _ = board.take(.key(.escape))
        #expect(board.shown.count == 3 && board.filter.isEmpty)
        _ = board.take(.key(.text("军提-0013")))
        #expect(board.shown.count == 1)
        _ = board.take(.key(.text("没有")))
        #expect(frame(board).contains { $0.contains("没有符合筛选的事项") })
    }

    @Test("limits: the filter, the changes and the items kept, each at its limit and one beyond")
    func limits() {
        var board = board([])
        for _ in 0...Board.longestFilter { _ = board.take(.key(.text("字"))) }
        #expect(board.filter.count == Board.longestFilter)
        for _ in 0...Board.mostChanges { _ = board.take(.changed(change(1))) }
        #expect(board.changes.count == Board.mostChanges)
        let many = (0...Board.mostItems).map { number in
            var one = item(number % 256)
            one.target = withUnsafeBytes(of: UInt64(number)) { Array($0) + Array($0) }
            return one
        }
        _ = board.take(.loaded(Array(many.dropLast()), more: false))
        #expect(board.total == Board.mostItems && !board.isCut)
        _ = board.take(.loaded(many, more: false))
        #expect(board.total == Board.mostItems && board.isCut)
    }

    @Test("scrolling stays within the list, also when it shrinks or the window grows")
    func scrolling() {
        var board = board((1...40).map { item($0) })
        for key in [Board.Key.up, .home, .pageUp] { _ = board.take(.key(key)) }
        #expect(board.offset == 0)
        _ = board.take(.key(.end))
        #expect(board.offset == 40 - board.listRows)
        _ = board.take(.key(.pageDown))
        #expect(board.offset == 40 - board.listRows)
        #expect(board.take(.resized(columns: 80, rows: 60)) == [.redraw])
        #expect(board.offset == max(0, 40 - board.listRows))
        _ = board.take(.loaded([item(1)], more: false))
        #expect(board.offset == 0)
    }

    @Test(
        "every frame has as many lines as the screen and none wider, in both languages, with wide characters and long titles",
        arguments: [(80, 24), (60, 12), (100, 30), (200, 60), (59, 24), (80, 11), (0, 0), (1, 1)])
    func fits(_ columns: Int, _ rows: Int) {
        let long = String(repeating: "营区东门外道路𠮷", count: 12)
        let steps: [SupervisionStep] = [.unspecified, .remind, .urge, .supervise, .listed]
        let items = (1...30).map { number in
            item(
                number, [Light.red, .yellow, .green, .blue, .unspecified][number % 5], title: long,
                state: RequestState.allCases[number % RequestState.allCases.count], step: steps[number % 5],
                tentative: true)
        }
        for language in Language.allCases {
            for count in [0, 1, 30] {
                var board = board(Array(items.prefix(count)), columns: columns, rows: rows)
                _ = board.take(.changed(change(1)))
                _ = board.take(.news(long, isLost: true))
                _ = board.take(.key(.text("营")))
                let frame = frame(board, language)
                #expect(frame.count == rows, "\(columns)x\(rows) \(count)")
                for line in frame { #expect(DisplayWidth.of(line) <= columns, "\(line)") }
            }
        }
    }

    @Test("the notice stands on every frame, and what an office typed cannot paint the screen")
    func clean() {
        let board = board([item(1, title: "\u{1B}[2J\u{202E}坏")])
        let text = frame(board).joined(separator: "\n")
        #expect(text.contains(classifiedNotice) && !text.contains("\u{1B}[2J") && !text.contains("\u{202E}"))
    }
}

@Suite("Keys of a terminal")
struct KeyReaderTests {
    @Test("keys whole, in pieces, and mixed")
    func keys() {
        var reader = KeyReader()
        #expect(reader.take([0x61, 0x1B, 0x5B, 0x41]) == [.text("a"), .up])
        #expect(reader.take([0xE7, 0xBA]) == [] && reader.take([0xA2]) == [.text("红")])
        #expect(
            reader.take([0x1B]) == [] && reader.take([0x5B]) == []
                && reader.take([0x36, 0x7E]) == [.pageDown])
        #expect(reader.take([0x7F, 0x03, 0x0C]) == [.backspace, .quit, .redraw])
        #expect(reader.take([0x1B]) == [] && reader.idle() == [.escape] && reader.idle() == [])
        #expect(reader.take([0x1B, 0x61]) == [.escape, .text("a")])
        #expect(reader.take([0xF0, 0xA0, 0xAE, 0xB7]) == [.text("𠮷")])
    }

    @Test("what is no key is dropped, whatever it is, and the next key is read")
    func garbage() {
        var reader = KeyReader()
        for byte in UInt8.min...UInt8.max { _ = reader.take([byte, 0x80, 0xFF]) }
        _ = reader.take([0x1B, 0x5B] + [UInt8](repeating: 0x30, count: 1_000))
        _ = reader.idle()
        #expect(reader.take([0x62]) == [.text("b")])
        #expect(reader.take([0xC0, 0x41]) == [] && reader.take([0x63]) == [.text("c")])
    }
}

@Suite("Frames to a terminal")
struct FramePainterTests {
    @Test("only what changed is sent; everything when asked")
    func painting() {
        // Erased first: behind a full line, erasing would take its last character.
        let erased = "\u{1B}[0m\u{1B}[K"
        var painter = FramePainter()
        let first = painter.paint(["a", "b"], whole: true)
        #expect(
            first.hasPrefix("\u{1B}[H\u{1B}[2J") && first.contains("\(erased)a")
                && first.contains("\(erased)b"))
        #expect(painter.paint(["a", "b"], whole: false) == "")
        let next = painter.paint(["a", "c"], whole: false)
        #expect(!next.contains("1;1H") && next.hasPrefix("\u{1B}[2;1H\(erased)c") && !next.hasSuffix("[K"))
    }
}
