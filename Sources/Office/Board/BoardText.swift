import Schema

/// The board drawn: as many lines as the screen has, none wider than it.
package struct BoardText: Sendable {
    private let screen: Screen
    private let title: String

    /// - Parameter title: whose board it is.
    package init(_ screen: Screen, title: String) { (self.screen, self.title) = (screen, title) }

    private var language: Language { screen.language }
    private func t(_ zh: String, _ en: String) -> String { Text(zh, en)[language] }

    package func frame(_ board: Board) -> [String] {
        guard board.columns >= Board.leastColumns, board.rows >= Board.leastRows else {
            return tooSmall(board)
        }
        var on = screen
        on.columns = board.columns
        let lines =
            [head(board), state(board)] + list(board, on)
            + [rule(t("最近变化", "latest changes"), board.columns)] + changes(board, on) + [keys(board)]
        return lines
    }

    private func tooSmall(_ board: Board) -> [String] {
        let text = t(
            "窗口太小，请放大到 \(Board.leastColumns)×\(Board.leastRows) 以上",
            "too small: \(Board.leastColumns)x\(Board.leastRows) at least")
        var lines = [DisplayWidth.truncate(text, to: max(0, board.columns))]
        while lines.count < board.rows { lines.append("") }
        return Array(lines.prefix(max(0, board.rows)))
    }

    // MARK: Head

    private func head(_ board: Board) -> String {
        let left = t("双清单看板", "The two lists") + "  " + Screen.clean(title)
        let right = ScreenNotice.line
        let room = board.columns - DisplayWidth.of(right) - 2
        return screen.paint(fill(left, room), .bold) + "  " + screen.paint(right, .dim)
    }

    private func state(_ board: Board) -> String {
        let lights: [(Light, Colour)] = [(.red, .red), (.yellow, .yellow), (.green, .green), (.blue, .blue)]
        let counts = lights.map { light, colour in
            ("● \(light.name(language)) \(board.count(light))", colour)
        }
        let shown = board.shown.count
        var words = t("在办 \(board.total)", "open \(board.total)")
        if shown != board.total { words += t("，筛出 \(shown)", ", \(shown) match") }
        if board.isCut { words += t("，另有未列出的", ", and more") }
        let width = counts.reduce(0) { $0 + DisplayWidth.of($1.0) + 2 }
        let rest = board.columns - width
        let line = connection(board)
        let text = DisplayWidth.truncate(words + (line.isEmpty ? "" : "  " + line), to: max(0, rest))
        return counts.map { screen.paint($0.0, $0.1) }.joined(separator: "  ") + "  "
            + (board.isLost ? screen.paint(text, .red) : text)
    }

    private func connection(_ board: Board) -> String {
        if !board.news.isEmpty { return Screen.clean(board.news) }
        return board.isLoaded ? "" : t("正在读取……", "loading …")
    }

    // MARK: List

    private func list(_ board: Board, _ screen: Screen) -> [String] {
        let items = board.shown
        // Below 80 columns what stands in the item itself gives way.
        let isNarrow = board.columns < 80
        var table = Table(
            [
                Table.Column(t("灯", "light")), Table.Column(t("编号/查询码", "number/reference")),
                Table.Column(t("时限", "due")), Table.Column(t("事项", "title"), flexible: true),
            ]
                + (isNarrow
                    ? []
                    : [
                        Table.Column(t("责任单位", "responsible"), flexible: true),
                        Table.Column(t("状态", "state")),
                    ]))
        for item in items.dropFirst(board.offset).prefix(board.listRows) { table.add(cells(item)) }
        var lines = Array(table.lines(on: screen).prefix(board.listRows + 2))
        if items.isEmpty {
            lines = [board.isLoaded ? t("没有在办的事项。", "Nothing is open.") : ""]
            if !board.filter.isEmpty { lines = [t("没有符合筛选的事项。", "Nothing matches.")] }
        }
        while lines.count < board.listRows + 2 { lines.append("") }
        return lines
    }

    private func cells(_ item: RequestSummary) -> [Table.Cell] {
        // A step says more than the light it stands in; both would not leave room for the title at 80 columns.
        let word = item.step == .unspecified ? item.light.name(language) : item.step.name(language)
        let due = item.deadline.text + (item.tentative ? t("暂", "?") : "")
        return [
            Table.Cell(word.isEmpty ? "" : "● " + word, item.light.colour),
            Table.Cell(item.number.isEmpty ? item.reference : item.number), Table.Cell(due),
            Table.Cell(item.title), Table.Cell(item.responsibleName),
            Table.Cell("● " + item.state.name(language), item.state.light),
        ]
    }

    /// What a filter looks in: everything the line shows.
    static func words(of item: RequestSummary) -> String {
        [
            item.light.name(.zh), item.step.name(.zh), item.number, item.reference, item.title,
            item.requesterName,
            item.responsibleName, item.deadline.text, item.state.name(.zh), item.light.name(.en),
        ].joined(separator: " ")
    }

    // MARK: Changes and keys

    private func changes(_ board: Board, _ screen: Screen) -> [String] {
        let plain = ViewsText(Screen(language: language, columns: board.columns))
        var lines = board.changes.prefix(board.changeRows).map {
            DisplayWidth.truncate(plain.change($0), to: board.columns)
        }
        while lines.count < board.changeRows { lines.append("") }
        return lines
    }

    private func rule(_ text: String, _ columns: Int) -> String {
        let head = "── " + text + " "
        return screen.paint(
            head + String(repeating: "─", count: max(0, columns - DisplayWidth.of(head))), .dim)
    }

    private func keys(_ board: Board) -> String {
        let filter = t("筛选：", "filter: ") + Screen.clean(board.filter) + "▏"
        let help = t("直接输入即筛选 Esc清除 ↑↓翻动 Ctrl-C退出", "type to filter, Esc clears, ↑↓ scroll, Ctrl-C ends")
        let room = board.columns - DisplayWidth.of(help) - 2
        guard room > 12 else { return fill(filter, board.columns) }
        return fill(filter, room) + "  " + screen.paint(help, .dim)
    }

    /// Cut or filled to exactly so many cells.
    private func fill(_ text: String, _ cells: Int) -> String {
        DisplayWidth.pad(DisplayWidth.truncate(text, to: max(0, cells)), to: max(0, cells))
    }
}
