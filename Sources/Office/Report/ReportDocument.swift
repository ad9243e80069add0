/// A report as content: titles, tables, bars, remarks. The terminal, the spreadsheet and the print are three renderings of it, so none can say what the
/// others do not.
package struct ReportDocument: Sendable, Hashable {
    /// A column of a table; figures stand to the right.
    package struct Column: Sendable, Hashable {
        package var title: String
        package var isFigure: Bool

        package init(_ title: String, figure: Bool = false) { (self.title, isFigure) = (title, figure) }
    }

    /// One bar of a chart: 0 to 1000 per mille of the chart's width, with what stands beside it.
    package struct Bar: Sendable, Hashable {
        package var label: String
        package var permille: UInt64
        package var text: String

        package init(_ label: String, permille: UInt64, _ text: String) {
            (self.label, self.permille, self.text) = (label, min(permille, 1000), text)
        }
    }

    package struct Section: Sendable, Hashable {
        package var heading: String
        package var columns: [Column]
        package var rows: [[String]] = []
        /// What the bars show; empty where there are none.
        package var chart = ""
        package var bars: [Bar] = []
        /// What must be known to read the figures.
        package var remarks: [String] = []

        package init(_ heading: String, _ columns: [Column]) {
            (self.heading, self.columns) = (heading, columns)
        }
    }

    package var title: String
    package var subtitles: [String]
    package var sections: [Section] = []
    /// Printed across the page: a table of many columns.
    package var isWide = false

    package init(_ title: String, _ subtitles: [String] = []) {
        (self.title, self.subtitles) = (title, subtitles)
    }
}

extension ReportDocument {
    /// For the terminal.
    package func lines(on screen: Screen) -> [String] {
        var lines = [screen.paint(Screen.clean(title), .bold)] + subtitles.map { Screen.clean($0) }
        for section in sections {
            lines += ["", screen.paint("■ " + Screen.clean(section.heading), .bold)]
            var table = Table(
                section.columns.map { Table.Column($0.title, right: $0.isFigure, flexible: !$0.isFigure) })
            for row in section.rows { table.add(row.map { Table.Cell($0) }) }
            lines += table.lines(on: screen)
            for remark in section.remarks {
                lines += DisplayWidth.wrap(Screen.clean(remark), to: screen.columns - 2).map { "  " + $0 }
            }
        }
        return lines
    }

    package var json: JSON {
        .object([
            "title": .string(title), "subtitles": .array(subtitles.map { .string($0) }),
            "sections": .array(
                sections.map { section in
                    .object([
                        "heading": .string(section.heading),
                        "columns": .array(section.columns.map { .string($0.title) }),
                        "rows": .array(section.rows.map { .array($0.map { .string($0) }) }),
                        "remarks": .array(section.remarks.map { .string($0) }),
                    ])
                }),
        ])
    }
}
