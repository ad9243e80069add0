/// A table whose columns line up in a terminal, Chinese included.
///
/// Columns are as wide as their widest cell. When the table is wider than the screen, flexible columns give way, the widest
/// first, down to `Table.narrowestColumn`; their cells are cut with `…`.
package struct Table: Sendable {
    /// A flexible column is not made narrower than this: three Chinese characters still say something.
    package static let narrowestColumn = 7
    private static let gap = 2

    package struct Column: Sendable {
        package var title: String
        package var right: Bool
        package var flexible: Bool

        /// Width that a flexible column keeps, even where the table is then wider than the screen.
        package var least: Int

        package init(
            _ title: String, right: Bool = false, flexible: Bool = false, least: Int = Table.narrowestColumn
        ) {
            self.title = title
            self.right = right
            self.flexible = flexible
            self.least = least
        }
    }

    package struct Cell: Sendable, ExpressibleByStringLiteral {
        package var text: String
        package var colour: Colour?

        package init(_ text: String, _ colour: Colour? = nil) {
            self.text = Screen.clean(text)
            self.colour = colour
        }
        package init(stringLiteral text: String) {
            self.init(text)
        }
    }

    package var columns: [Column]
    package var rows: [[Cell]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row. Missing cells are empty; surplus cells are dropped.
    package mutating func add(_ cells: [Cell]) {
        var row = Array(cells.prefix(columns.count))
        while row.count < columns.count { row.append("") }
        rows.append(row)
    }

    /// The lines of the table: titles, a rule, rows. No line ends in a space.
    package func lines(on screen: Screen) -> [String] {
        let widths = widths(within: screen.columns)
        let titles = line(columns.map { Cell($0.title, .bold) }, widths, screen)
        let rule = String(
            repeating: "─", count: widths.reduce(0, +) + Table.gap * max(0, widths.count - 1))
        return [titles, screen.paint(rule, .dim)] + rows.map { line($0, widths, screen) }
    }

    private func widths(within limit: Int) -> [Int] {
        var widths = columns.map { DisplayWidth.of($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], DisplayWidth.of(cell.text))
            }
        }
        var excess = widths.reduce(0, +) + Table.gap * max(0, widths.count - 1) - limit
        while excess > 0, let widest = widestFlexible(widths) {
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func widestFlexible(_ widths: [Int]) -> Int? {
        columns.indices
            .filter { columns[$0].flexible && widths[$0] > columns[$0].least }
            .max { widths[$0] < widths[$1] }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ screen: Screen) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let cut = DisplayWidth.truncate(cell.text, to: widths[index])
            let spaces = String(repeating: " ", count: widths[index] - DisplayWidth.of(cut))
            let painted = screen.paint(cut, cell.colour)
            let last = index == cells.count - 1
            if columns[index].right {
                text += spaces + painted
            } else {
                text += painted + (last ? "" : spaces)
            }
            if !last { text += String(repeating: " ", count: Table.gap) }
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}

/// Label and value pairs, labels lined up, long values wrapped under their own column.
package struct Sheet: Sendable {
    private var rows: [(label: String, value: String, colour: Colour?)] = []

    package init() {}

    /// Adds a pair; an empty value is left out.
    package mutating func add(_ label: String, _ value: String, _ colour: Colour? = nil) {
        guard !value.isEmpty else { return }
        rows.append((Screen.clean(label), Screen.clean(value, lines: true), colour))
    }

    package func lines(on screen: Screen) -> [String] {
        let labelWidth = rows.map { DisplayWidth.of($0.label) }.max() ?? 0
        let indent = String(repeating: " ", count: labelWidth + 2)
        return rows.flatMap { row in
            DisplayWidth.wrap(row.value, to: max(20, screen.columns - labelWidth - 2))
                .enumerated().map { index, part in
                    let lead =
                        index == 0
                        ? screen.paint(DisplayWidth.pad(row.label, to: labelWidth), .dim) + "  " : indent
                    return lead + screen.paint(part, row.colour)
                }
        }
    }
}
